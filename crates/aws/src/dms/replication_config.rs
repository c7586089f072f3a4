//! Serverless replication configs, and the replications that run by them.

use std::collections::BTreeMap;

use aws_sdk_databasemigration::types::{ComputeConfig, MigrationTypeValue, Replication, ReplicationConfig};
use pipewright_engine::CallError;
use pipewright_model::kinds::{
    CdcStart, ComputeDeclared, ComputeObserved, MigrationType, ReplicationConfigDeclared,
    ReplicationConfigObserved,
};
use pipewright_model::tags::Tags;
use pipewright_model::{Kind, Live, LiveBody, Ref, ResourceId};
use pipewright_plan::StartType;
use serde_json::Value;

use super::task::{cdc_start, declared_text, document, point};
use super::{Dms, PAGE_SIZE, Page, filled, name_servers, pages, tags};
use crate::error::{Named, absent_is_fine};

/// Every config, with how its replication is.
pub(crate) async fn list(dms: &Dms) -> Result<BTreeMap<ResourceId, Live>, CallError> {
    let configs = pages(|marker| async move {
        let answer = dms
            .client()
            .await
            .describe_replication_configs()
            .max_records(PAGE_SIZE)
            .set_marker(marker)
            .send()
            .await
            .named("dms:DescribeReplicationConfigs")?;
        Ok(Page { items: answer.replication_configs, marker: answer.marker })
    })
    .await?;
    if configs.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut replications: BTreeMap<String, Replication> = replications(dms)
        .await?
        .into_iter()
        .filter_map(|replication| Some((replication.replication_config_arn.clone()?, replication)))
        .collect();
    Ok(configs
        .into_iter()
        .map(|config| {
            let name = config.replication_config_identifier().unwrap_or_default();
            let id = ResourceId::new(Kind::ReplicationConfig, name);
            let arn = config.replication_config_arn().unwrap_or_default().to_owned();
            let body = LiveBody::ReplicationConfig(observed(config, replications.remove(&arn)));
            (id, Live { arn, tags: Tags::new(), body })
        })
        .collect())
}

/// How the replications of all configs are.
async fn replications(dms: &Dms) -> Result<Vec<Replication>, CallError> {
    pages(|marker| async move {
        let answer = dms
            .client()
            .await
            .describe_replications()
            .max_records(PAGE_SIZE)
            .set_marker(marker)
            .send()
            .await
            .named("dms:DescribeReplications")?;
        Ok(Page { items: answer.replications, marker: answer.marker })
    })
    .await
}

/// A config with its replication. Where there is none, it has never run.
fn observed(config: ReplicationConfig, replication: Option<Replication>) -> ReplicationConfigObserved {
    let replication = replication.unwrap_or_else(|| Replication::builder().status("created").build());
    let stats = replication.replication_stats.as_ref();
    let has_run = replication.replication_last_stop_time.is_some()
        || replication.recovery_checkpoint.is_some()
        || stats.is_some_and(|stats| stats.fresh_start_date.is_some() || stats.stop_date.is_some());
    let stopped = stats.and_then(|stats| point(stats.stop_date));
    ReplicationConfigObserved {
        source_arn: config.source_endpoint_arn.unwrap_or_default(),
        target_arn: config.target_endpoint_arn.unwrap_or_default(),
        compute: config.compute_config.map(compute_observed).unwrap_or_default(),
        migration_type: config.replication_type.map(|word| word.as_str().to_owned()).unwrap_or_default(),
        table_mappings: document(config.table_mappings),
        settings: document(config.replication_settings),
        supplemental_settings: document(config.supplemental_settings),
        cdc_stop_position: filled(replication.cdc_stop_position),
        status: replication.status.unwrap_or_default(),
        stop_reason: replication.stop_reason.unwrap_or_default(),
        last_failure_message: replication.failure_messages.unwrap_or_default().join("; "),
        stopped_at: point(replication.replication_last_stop_time).max(stopped),
        recovery_checkpoint: filled(replication.recovery_checkpoint),
        full_load_progress: stats.map(|stats| stats.full_load_progress_percent),
        tables_in_error: stats.map_or(0, |stats| stats.tables_errored),
        has_run,
    }
}

fn compute_observed(compute: ComputeConfig) -> ComputeObserved {
    ComputeObserved {
        min_capacity_units: compute.min_capacity_units,
        max_capacity_units: compute.max_capacity_units,
        multi_az: compute.multi_az.unwrap_or_default(),
        availability_zone: filled(compute.availability_zone),
        dns_name_servers: name_servers(compute.dns_name_servers),
        kms_key_id: filled(compute.kms_key_id),
        preferred_maintenance_window: filled(compute.preferred_maintenance_window),
        subnet_group: filled(compute.replication_subnet_group_id).map(|group| group.to_lowercase()),
        vpc_security_group_ids: compute.vpc_security_group_ids.unwrap_or_default().into_iter().collect(),
    }
}

fn compute_declared(declared: &ComputeDeclared) -> ComputeConfig {
    let subnet_group = declared.subnet_group.as_ref().map(Ref::last_part);
    let security_groups = declared.vpc_security_group_ids.as_ref();
    ComputeConfig::builder()
        .set_min_capacity_units(declared.min_capacity_units)
        .max_capacity_units(declared.max_capacity_units)
        .set_multi_az(declared.multi_az)
        .set_availability_zone(declared.availability_zone.clone())
        .set_dns_name_servers(declared.dns_name_servers.as_ref().map(|servers| servers.join(",")))
        .set_kms_key_id(declared.kms_key_id.clone())
        .set_preferred_maintenance_window(declared.preferred_maintenance_window.clone())
        .set_replication_subnet_group_id(subnet_group.map(str::to_owned))
        .set_vpc_security_group_ids(security_groups.map(|groups| groups.iter().cloned().collect()))
        .build()
}

/// Makes a config; its ARN.
pub(crate) async fn create(
    dms: &Dms,
    id: &ResourceId,
    declared: &ReplicationConfigDeclared,
    (source, target): (&str, &str),
    tags: &Tags,
) -> Result<Option<String>, CallError> {
    let answer = dms
        .client()
        .await
        .create_replication_config()
        .replication_config_identifier(&id.name)
        .source_endpoint_arn(source)
        .target_endpoint_arn(target)
        .compute_config(compute_declared(&declared.compute))
        .replication_type(MigrationTypeValue::from(declared.migration_type.as_str()))
        .table_mappings(declared.table_mappings.to_string())
        .set_replication_settings(declared_text(&declared.settings))
        .set_supplemental_settings(declared.supplemental_settings.as_ref().and_then(declared_text))
        .set_tags(tags::of(tags))
        .send()
        .await
        .named("dms:CreateReplicationConfig")?;
    Ok(answer.replication_config.and_then(|config| config.replication_config_arn))
}

/// What is changed about a config; what is `None` stays.
pub(crate) struct Changes<'a> {
    pub(crate) source: Option<&'a str>,
    pub(crate) target: Option<&'a str>,
    pub(crate) compute: Option<&'a ComputeDeclared>,
    pub(crate) migration_type: Option<MigrationType>,
    pub(crate) table_mappings: Option<&'a Value>,
    pub(crate) settings: Option<&'a Value>,
    pub(crate) supplemental_settings: Option<&'a Value>,
}

/// Changes a config.
pub(crate) async fn modify(dms: &Dms, arn: &str, changes: Changes<'_>) -> Result<(), CallError> {
    dms.client()
        .await
        .modify_replication_config()
        .replication_config_arn(arn)
        .set_source_endpoint_arn(changes.source.map(str::to_owned))
        .set_target_endpoint_arn(changes.target.map(str::to_owned))
        .set_compute_config(changes.compute.map(compute_declared))
        .set_replication_type(changes.migration_type.map(|kind| MigrationTypeValue::from(kind.as_str())))
        .set_table_mappings(changes.table_mappings.map(Value::to_string))
        .set_replication_settings(changes.settings.and_then(declared_text))
        .set_supplemental_settings(changes.supplemental_settings.and_then(declared_text))
        .send()
        .await
        .named("dms:ModifyReplicationConfig")?;
    Ok(())
}

/// Where a start begins and ends.
pub(crate) struct Start<'a> {
    pub(crate) kind: StartType,
    pub(crate) from: Option<&'a CdcStart>,
    pub(crate) until: Option<&'a str>,
}

/// Starts or resumes the replication of a config.
pub(crate) async fn start(dms: &Dms, arn: &str, start: Start<'_>) -> Result<(), CallError> {
    let (time, position) = cdc_start(start.from);
    // The API has plain text here (DMS API reference, StartReplication), with the words of tasks.
    let word = match start.kind {
        StartType::StartReplication => "start-replication",
        StartType::ResumeProcessing => "resume-processing",
    };
    dms.client()
        .await
        .start_replication()
        .replication_config_arn(arn)
        .start_replication_type(word)
        .set_cdc_start_time(time)
        .set_cdc_start_position(position)
        .set_cdc_stop_position(start.until.map(str::to_owned))
        .send()
        .await
        .named("dms:StartReplication")?;
    Ok(())
}

/// Stops the replication of a config.
pub(crate) async fn stop(dms: &Dms, arn: &str) -> Result<(), CallError> {
    dms.client()
        .await
        .stop_replication()
        .replication_config_arn(arn)
        .send()
        .await
        .named("dms:StopReplication")?;
    Ok(())
}

/// Deletes a config and its replication. That it is gone is as good.
pub(crate) async fn delete(dms: &Dms, arn: &str) -> Result<(), CallError> {
    let done = dms
        .client()
        .await
        .delete_replication_config()
        .replication_config_arn(arn)
        .send()
        .await
        .named("dms:DeleteReplicationConfig");
    absent_is_fine(done.map(drop))
}
