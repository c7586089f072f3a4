//! Replication instances.

use pipewright_model::kinds::{InstanceDeclared, InstanceObserved};
use pipewright_model::{Ref, ResourceId};
use serde::Serialize;
use serde_json::{Value, json};

use super::Difference;
use crate::diff::{Fields, is_newer, same_kms_key};
use crate::{Disruption, Mutation, Step, Wait};

/// Compares an instance. What waits for the maintenance window is taken as changed already.
pub(crate) fn difference(id: &ResourceId, declared: &InstanceDeclared, live: &InstanceObserved) -> Difference {
    let InstanceDeclared {
        class,
        allocated_storage,
        multi_az,
        engine_version,
        auto_minor_version_upgrade,
        publicly_accessible,
        preferred_maintenance_window,
        availability_zone,
        kms_key_id,
        network_type,
        subnet_group,
        vpc_security_group_ids,
    } = declared;

    // What is left in here after comparing is what the modify call says.
    let mut change = declared.clone();
    let mut fields = Fields::default();
    let mut disruption = Disruption::InPlace;

    if class != &live.class && !is_pending(live, "ReplicationInstanceClass", class) {
        fields.push("class", json!(live.class), json!(class));
        disruption = Disruption::RebootsInstance;
    }
    if !differs(&mut fields, "allocatedStorage", allocated_storage.as_ref(), &live.allocated_storage, || {
        allocated_storage.is_some_and(|size| is_pending(live, "AllocatedStorage", &size))
    }) {
        change.allocated_storage = None;
    }
    if !differs(&mut fields, "multiAz", multi_az.as_ref(), &live.multi_az, || {
        multi_az.is_some_and(|multi_az| is_pending(live, "MultiAZ", &multi_az))
    }) {
        change.multi_az = None;
    }
    let upgraded_by_aws = |version: &String| {
        live.auto_minor_version_upgrade && is_newer(&live.engine_version, version)
            || is_pending(live, "EngineVersion", version)
    };
    if differs(&mut fields, "engineVersion", engine_version.as_ref(), &live.engine_version, || {
        engine_version.as_ref().is_some_and(upgraded_by_aws)
    }) {
        disruption = Disruption::RebootsInstance;
    } else {
        change.engine_version = None;
    }
    if !differs(
        &mut fields,
        "autoMinorVersionUpgrade",
        auto_minor_version_upgrade.as_ref(),
        &live.auto_minor_version_upgrade,
        || false,
    ) {
        change.auto_minor_version_upgrade = None;
    }
    let window = preferred_maintenance_window.as_ref().map(|window| window.to_ascii_lowercase());
    if !differs(
        &mut fields,
        "preferredMaintenanceWindow",
        window.as_ref(),
        &live.preferred_maintenance_window.to_ascii_lowercase(),
        || false,
    ) {
        change.preferred_maintenance_window = None;
    }
    if !differs(&mut fields, "networkType", network_type.as_ref(), &live.network_type, || false) {
        change.network_type = None;
    }
    if !differs(
        &mut fields,
        "vpcSecurityGroupIds",
        vpc_security_group_ids.as_ref(),
        &live.vpc_security_group_ids,
        || false,
    ) {
        change.vpc_security_group_ids = None;
    }

    let mut forcing = Fields::default();
    forcing.compare("publiclyAccessible", publicly_accessible.as_ref(), &live.publicly_accessible);
    forcing.compare("availabilityZone", availability_zone.as_ref(), &live.availability_zone);
    if let Some(key) = kms_key_id
        && !live.kms_key_id.is_empty()
        && !same_kms_key(key, &live.kms_key_id)
    {
        forcing.push("kmsKeyId", json!(live.kms_key_id), json!(key));
    }
    let group = subnet_group.as_ref().map(|group| match group {
        Ref::Managed(id) => id.name.clone(),
        Ref::External(arn) => arn.rsplit(':').next().unwrap_or(arn).to_owned(),
    });
    forcing.compare("subnetGroup", group.as_ref(), &live.subnet_group);

    let modify = Mutation::ModifyInstance { id: id.clone(), declared: change };
    Difference {
        fields: fields.0,
        forcing: forcing.0,
        notes: Vec::new(),
        steps: vec![Step::Call(modify), Step::Wait(Wait::Settled(id.clone()))],
        disruption: Some(disruption),
    }
}

/// Records a difference unless `excused`; tells whether there is one to change.
fn differs<T: Serialize + PartialEq>(
    fields: &mut Fields,
    path: &str,
    declared: Option<&T>,
    live: &T,
    excused: impl Fn() -> bool,
) -> bool {
    if declared.is_none_or(|declared| declared == live) || excused() {
        return false;
    }
    fields.compare(path, declared, live);
    true
}

/// Whether a value was asked for already and waits for the maintenance window.
fn is_pending(live: &InstanceObserved, member: &str, value: &impl Serialize) -> bool {
    live.pending.get(member).is_some_and(|pending| {
        serde_json::to_value(value).is_ok_and(|value: Value| *pending == value)
    })
}
