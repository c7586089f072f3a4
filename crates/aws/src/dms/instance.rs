//! Replication instances.

use std::collections::BTreeMap;

use aws_sdk_databasemigration::types::{ReplicationInstance, ReplicationPendingModifiedValues};
use pipewright_engine::CallError;
use pipewright_model::kinds::{InstanceDeclared, InstanceObserved};
use pipewright_model::tags::Tags;
use pipewright_model::{Kind, Live, LiveBody, Ref, ResourceId};
use serde_json::Value;

use super::{Dms, PAGE_SIZE, Page, name_servers, pages, tags};
use crate::error::{Named, absent_is_fine};

/// Every instance.
pub(crate) async fn list(dms: &Dms) -> Result<BTreeMap<ResourceId, Live>, CallError> {
    let instances = pages(|marker| async move {
        let answer = dms
            .client()
            .await
            .describe_replication_instances()
            .max_records(PAGE_SIZE)
            .set_marker(marker)
            .send()
            .await
            .named("dms:DescribeReplicationInstances")?;
        Ok(Page { items: answer.replication_instances, marker: answer.marker })
    })
    .await?;
    Ok(instances
        .into_iter()
        .map(|instance| {
            let name = instance.replication_instance_identifier().unwrap_or_default();
            let id = ResourceId::new(Kind::Instance, name);
            let live = Live {
                arn: instance.replication_instance_arn().unwrap_or_default().to_owned(),
                tags: Tags::new(),
                body: LiveBody::Instance(observed(instance)),
            };
            (id, live)
        })
        .collect())
}

fn observed(instance: ReplicationInstance) -> InstanceObserved {
    InstanceObserved {
        class: instance.replication_instance_class.unwrap_or_default(),
        allocated_storage: instance.allocated_storage,
        multi_az: instance.multi_az,
        engine_version: instance.engine_version.unwrap_or_default(),
        auto_minor_version_upgrade: instance.auto_minor_version_upgrade,
        publicly_accessible: instance.publicly_accessible,
        preferred_maintenance_window: instance.preferred_maintenance_window.unwrap_or_default(),
        availability_zone: instance.availability_zone.unwrap_or_default(),
        kms_key_id: instance.kms_key_id.unwrap_or_default(),
        network_type: instance.network_type.unwrap_or_default(),
        dns_name_servers: name_servers(instance.dns_name_servers),
        subnet_group: instance
            .replication_subnet_group
            .and_then(|group| group.replication_subnet_group_identifier)
            .unwrap_or_default(),
        vpc_security_group_ids: instance
            .vpc_security_groups
            .unwrap_or_default()
            .into_iter()
            .filter_map(|group| group.vpc_security_group_id)
            .collect(),
        status: instance.replication_instance_status.unwrap_or_default(),
        pending: instance.pending_modified_values.map(pending).unwrap_or_default(),
    }
}

fn pending(values: ReplicationPendingModifiedValues) -> BTreeMap<String, Value> {
    [
        ("ReplicationInstanceClass", values.replication_instance_class.map(Value::from)),
        ("AllocatedStorage", values.allocated_storage.map(Value::from)),
        ("MultiAZ", values.multi_az.map(Value::from)),
        ("EngineVersion", values.engine_version.map(Value::from)),
        ("NetworkType", values.network_type.map(Value::from)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
    .collect()
}

/// Makes an instance; its ARN.
pub(crate) async fn create(
    dms: &Dms,
    id: &ResourceId,
    declared: &InstanceDeclared,
    tags: &Tags,
) -> Result<Option<String>, CallError> {
    let subnet_group = declared.subnet_group.as_ref().map(Ref::last_part);
    let answer = dms
        .client()
        .await
        .create_replication_instance()
        .replication_instance_identifier(&id.name)
        .replication_instance_class(&declared.class)
        .set_allocated_storage(declared.allocated_storage)
        .set_multi_az(declared.multi_az)
        .set_engine_version(declared.engine_version.clone())
        .set_auto_minor_version_upgrade(declared.auto_minor_version_upgrade)
        .set_publicly_accessible(declared.publicly_accessible)
        .set_preferred_maintenance_window(declared.preferred_maintenance_window.clone())
        .set_availability_zone(declared.availability_zone.clone())
        .set_kms_key_id(declared.kms_key_id.clone())
        .set_network_type(declared.network_type.clone())
        .set_dns_name_servers(declared.dns_name_servers.as_ref().map(|servers| servers.join(",")))
        .set_replication_subnet_group_identifier(subnet_group.map(str::to_owned))
        .set_vpc_security_group_ids(security_groups(declared))
        .set_tags(tags::of(tags))
        .send()
        .await
        .named("dms:CreateReplicationInstance")?;
    Ok(answer.replication_instance.and_then(|instance| instance.replication_instance_arn))
}

/// Changes an instance, at once or in its maintenance window.
pub(crate) async fn modify(dms: &Dms, arn: &str, declared: &InstanceDeclared) -> Result<(), CallError> {
    dms.client()
        .await
        .modify_replication_instance()
        .replication_instance_arn(arn)
        .apply_immediately(declared.apply_immediately)
        .replication_instance_class(&declared.class)
        .set_allocated_storage(declared.allocated_storage)
        .set_multi_az(declared.multi_az)
        .set_engine_version(declared.engine_version.clone())
        // DMS refuses a new major version without it; which version is wanted the spec says.
        .set_allow_major_version_upgrade(declared.engine_version.as_ref().map(|_| true))
        .set_auto_minor_version_upgrade(declared.auto_minor_version_upgrade)
        .set_preferred_maintenance_window(declared.preferred_maintenance_window.clone())
        .set_network_type(declared.network_type.clone())
        .set_vpc_security_group_ids(security_groups(declared))
        .send()
        .await
        .named("dms:ModifyReplicationInstance")?;
    Ok(())
}

fn security_groups(declared: &InstanceDeclared) -> Option<Vec<String>> {
    let groups = declared.vpc_security_group_ids.as_ref()?;
    Some(groups.iter().cloned().collect())
}

/// Deletes an instance. That it is gone is as good.
pub(crate) async fn delete(dms: &Dms, arn: &str) -> Result<(), CallError> {
    let done = dms
        .client()
        .await
        .delete_replication_instance()
        .replication_instance_arn(arn)
        .send()
        .await
        .named("dms:DeleteReplicationInstance");
    absent_is_fine(done.map(drop))
}
