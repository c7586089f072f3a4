//! Serverless replication configs.

use pipewright_model::kinds::{
    ComputeDeclared, ComputeObserved, Phase, ReplicationConfigDeclared, ReplicationConfigObserved,
};
use pipewright_model::{Observed, ResourceId, same_mappings};
use serde_json::{Value, json};

use super::migration::TaskTerms;
use super::{Difference, arn_of, name_of, settle_unreturned};
use crate::diff::{Fields, document, same_kms_key};
use crate::{Mutation, Step, Wait};

/// Compares a serverless replication config. The steps are those of one that is at rest; the planner
/// stops it first.
pub(crate) fn difference(
    id: &ResourceId,
    declared: &ReplicationConfigDeclared,
    live: &ReplicationConfigObserved,
    sent: bool,
    observed: &Observed,
) -> Difference {
    let ReplicationConfigDeclared {
        source,
        target,
        compute,
        migration_type,
        table_mappings,
        settings,
        supplemental_settings,
        cdc_start: _,
        cdc_stop_position,
        run: _,
        recovery: _,
        table_reloads: _,
        stop_to_change: _,
        start_gates: _,
    } = declared;

    let mut fields = Fields::default();
    let mut fixed = Fields::default();
    let [new_source, new_target] =
        [("source", source, &live.source_arn), ("target", target, &live.target_arn)].map(
            |(path, reference, arn)| {
                (arn_of(reference, observed) != Some(arn)).then(|| {
                    fixed.push(path, json!(name_of(arn, observed)), json!(reference.to_string()));
                    reference.clone()
                })
            },
        );
    compare_compute(compute, &live.compute, &mut fields, &mut fixed);
    let compute = (!fields.0.is_empty() || fixed.0.iter().any(|field| field.path.starts_with("compute.")))
        .then(|| Box::new(compute.clone()));

    let migration_type =
        (migration_type.as_str() != live.migration_type).then_some(*migration_type).inspect(|declared| {
            fields.push("migrationType", json!(live.migration_type), json!(declared));
        });
    let mappings = (!same_mappings(table_mappings, &live.table_mappings)).then(|| {
        fields.push("tableMappings", live.table_mappings.clone(), table_mappings.clone());
        table_mappings.clone()
    });
    let mut unreturned = Vec::new();
    let mut compare_document = |path: &str, declared: &Value, live: &Value| {
        let compared = document(path, declared, live, &TaskTerms);
        let differs = !compared.fields.is_empty() || !sent && !compared.unreturned.is_empty();
        fields.0.extend(compared.fields);
        unreturned.extend(compared.unreturned);
        differs.then(|| declared.clone())
    };
    let new_settings = compare_document("settings", settings, &live.settings);
    let new_supplemental = supplemental_settings.as_ref().and_then(|supplemental| {
        compare_document("supplementalSettings", supplemental, &live.supplemental_settings)
    });

    let mut steps = Vec::new();
    let unsent = !sent && !unreturned.is_empty();
    if unsent || !fields.0.is_empty() || !fixed.0.is_empty() {
        steps.push(Step::Call(Mutation::ModifyReplicationConfig {
            id: id.clone(),
            source: new_source,
            target: new_target,
            compute,
            migration_type,
            table_mappings: mappings,
            settings: new_settings,
            supplemental_settings: new_supplemental,
        }));
    }
    // Said at the start, so that one that runs is stopped and resumed for it, and any other is started
    // with it.
    if let Some(stop) = cdc_stop_position
        && live.migration().phase == Phase::Running
        && live.cdc_stop_position.as_ref() != Some(stop)
    {
        fields.push("cdc.stopPosition", json!(live.cdc_stop_position), json!(stop));
    }
    steps.push(Step::Wait(Wait::Settled(id.clone())));

    let mut all = fixed.0;
    all.extend(fields.0);
    let mut difference = Difference { fields: all, notes: Vec::new(), steps };
    settle_unreturned(unreturned, sent, &mut difference);
    difference
}

/// Compares capacity and place: what can always be changed goes to `fields`, the rest to `fixed`.
fn compare_compute(
    declared: &ComputeDeclared,
    live: &ComputeObserved,
    fields: &mut Fields,
    fixed: &mut Fields,
) {
    let ComputeDeclared {
        min_capacity_units,
        max_capacity_units,
        multi_az,
        availability_zone,
        dns_name_servers,
        kms_key_id,
        preferred_maintenance_window,
        subnet_group,
        vpc_security_group_ids,
    } = declared;
    fields.compare_optional(
        "compute.minCapacityUnits",
        min_capacity_units.as_ref(),
        live.min_capacity_units.as_ref(),
    );
    fields.compare_optional(
        "compute.maxCapacityUnits",
        Some(max_capacity_units),
        live.max_capacity_units.as_ref(),
    );
    fields.compare("compute.multiAz", multi_az.as_ref(), &live.multi_az);
    fields.compare("compute.dnsNameServers", dns_name_servers.as_ref(), &live.dns_name_servers);
    // Describe may spell the days in another case.
    let live_window = live.preferred_maintenance_window.as_ref();
    let window = preferred_maintenance_window
        .as_ref()
        .filter(|window| !live_window.is_some_and(|live| live.eq_ignore_ascii_case(window)));
    fields.compare_optional("compute.preferredMaintenanceWindow", window, live_window);
    fields.compare(
        "compute.vpcSecurityGroupIds",
        vpc_security_group_ids.as_ref(),
        &live.vpc_security_group_ids,
    );
    fixed.compare_optional(
        "compute.availabilityZone",
        availability_zone.as_ref(),
        live.availability_zone.as_ref(),
    );
    if let (Some(key), Some(live_key)) = (kms_key_id, &live.kms_key_id)
        && !same_kms_key(key, live_key)
    {
        fixed.push("compute.kmsKeyId", json!(live_key), json!(key));
    }
    let group = subnet_group.as_ref().map(|group| group.last_part().to_owned());
    fixed.compare_optional("compute.subnetGroup", group.as_ref(), live.subnet_group.as_ref());
}
