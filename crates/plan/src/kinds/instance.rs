//! Replication instances.

use pipewright_model::ResourceId;
use pipewright_model::kinds::{InstanceDeclared, InstanceObserved};
use serde::Serialize;
use serde_json::json;

use super::Difference;
use crate::diff::{Fields, is_newer, same_kms_key};
use crate::{Mutation, Step, Wait};

/// Compares an instance. What waits for the maintenance window is taken as changed already.
pub(crate) fn difference(
    id: &ResourceId,
    declared: &InstanceDeclared,
    live: &InstanceObserved,
) -> Difference {
    let InstanceDeclared {
        class,
        allocated_storage,
        multi_az,
        engine_version,
        auto_minor_version_upgrade: _,
        publicly_accessible,
        preferred_maintenance_window,
        availability_zone,
        kms_key_id,
        network_type,
        dns_name_servers,
        subnet_group,
        vpc_security_group_ids: _,
    } = declared;

    // What is left in here after comparing is what the modify call says.
    let mut change = declared.clone();
    let mut fields = Fields::default();

    if class != &live.class && !is_pending(live, "ReplicationInstanceClass", Some(class)) {
        fields.push("class", json!(live.class), json!(class));
    }
    let excused = is_pending(live, "AllocatedStorage", allocated_storage.as_ref());
    settle(&mut fields, "allocatedStorage", &mut change.allocated_storage, &live.allocated_storage, excused);
    let excused = is_pending(live, "MultiAZ", multi_az.as_ref());
    settle(&mut fields, "multiAz", &mut change.multi_az, &live.multi_az, excused);
    let excused = is_pending(live, "EngineVersion", engine_version.as_ref())
        || live.auto_minor_version_upgrade
            && engine_version.as_ref().is_some_and(|version| is_newer(&live.engine_version, version));
    settle(&mut fields, "engineVersion", &mut change.engine_version, &live.engine_version, excused);
    settle(
        &mut fields,
        "autoMinorVersionUpgrade",
        &mut change.auto_minor_version_upgrade,
        &live.auto_minor_version_upgrade,
        false,
    );
    let same_window = preferred_maintenance_window
        .as_ref()
        .is_some_and(|window| window.eq_ignore_ascii_case(&live.preferred_maintenance_window));
    settle(
        &mut fields,
        "preferredMaintenanceWindow",
        &mut change.preferred_maintenance_window,
        &live.preferred_maintenance_window,
        same_window,
    );
    let excused = is_pending(live, "NetworkType", network_type.as_ref());
    settle(&mut fields, "networkType", &mut change.network_type, &live.network_type, excused);
    settle(
        &mut fields,
        "vpcSecurityGroupIds",
        &mut change.vpc_security_group_ids,
        &live.vpc_security_group_ids,
        false,
    );

    let modify = Mutation::ModifyInstance { id: id.clone(), declared: change };

    // The call does not take these.
    fields.compare("publiclyAccessible", publicly_accessible.as_ref(), &live.publicly_accessible);
    fields.compare("availabilityZone", availability_zone.as_ref(), &live.availability_zone);
    if let Some(key) = kms_key_id
        && !live.kms_key_id.is_empty()
        && !same_kms_key(key, &live.kms_key_id)
    {
        fields.push("kmsKeyId", json!(live.kms_key_id), json!(key));
    }
    fields.compare("dnsNameServers", dns_name_servers.as_ref(), &live.dns_name_servers);
    let group = subnet_group.as_ref().map(|group| group.last_part().to_owned());
    fields.compare("subnetGroup", group.as_ref(), &live.subnet_group);

    Difference {
        fields: fields.0,
        notes: Vec::new(),
        steps: vec![Step::Call(modify), Step::Wait(Wait::Settled(id.clone()))],
    }
}

/// Records a difference between a declared field and the live one unless `excused`; without one, the
/// field is taken out of the modify call.
fn settle<T: Serialize + PartialEq>(
    fields: &mut Fields,
    path: &str,
    declared: &mut Option<T>,
    live: &T,
    excused: bool,
) {
    if excused || declared.as_ref() == Some(live) {
        *declared = None;
    }
    fields.compare(path, declared.as_ref(), live);
}

/// Whether a declared value was asked for already and waits for the maintenance window.
fn is_pending<T: Serialize>(live: &InstanceObserved, member: &str, declared: Option<&T>) -> bool {
    let declared = declared.and_then(|declared| serde_json::to_value(declared).ok());
    declared.is_some() && live.pending.get(member) == declared.as_ref()
}
