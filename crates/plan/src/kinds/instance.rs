//! Replication instances.

use pipewright_model::ResourceId;
use pipewright_model::kinds::{InstanceDeclared, InstanceObserved};
use serde::Serialize;
use serde_json::{Value, json};

use super::Difference;
use crate::diff::{Fields, is_newer, same_kms_key};
use crate::{Mutation, Step, Wait};

/// Compares an instance. What waits for the maintenance window is taken as changed already where the spec leaves it
/// to the window.
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
        apply_immediately,
    } = declared;

    let is_pending = |member: &str, declared: Option<Value>| {
        declared.is_some() && !*apply_immediately && live.pending.get(member) == declared.as_ref()
    };
    // What is left in here after comparing is what the modify call says.
    let mut change = declared.clone();
    let mut fields = Fields::default();

    if class != &live.class && !is_pending("ReplicationInstanceClass", Some(json!(class))) {
        fields.push("class", json!(live.class), json!(class));
    }
    let mut notes = Vec::new();
    if let Some(storage) = change.allocated_storage.filter(|storage| *storage < live.allocated_storage) {
        notes.push(format!(
            "has {} GiB of storage where the spec says {storage}, and DMS takes none away: say so in the spec",
            live.allocated_storage
        ));
        change.allocated_storage = None;
    }
    let excused = is_pending("AllocatedStorage", allocated_storage.as_ref().map(|value| json!(value)));
    settle(&mut fields, "allocatedStorage", &mut change.allocated_storage, &live.allocated_storage, excused);
    let excused = is_pending("MultiAZ", multi_az.as_ref().map(|value| json!(value)));
    settle(&mut fields, "multiAz", &mut change.multi_az, &live.multi_az, excused);
    let excused = is_pending("EngineVersion", engine_version.as_ref().map(|value| json!(value)))
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
    let excused = is_pending("NetworkType", network_type.as_ref().map(|value| json!(value)));
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
        notes,
        steps: if *apply_immediately {
            vec![Step::Call(modify), Step::Wait(Wait::Settled(id.clone()))]
        } else {
            vec![Step::Call(modify)]
        },
    }
}

/// What waits for the maintenance window, one sentence; none if nothing does.
pub(crate) fn waiting(live: &InstanceObserved) -> Option<String> {
    if live.status != "available" || live.pending.is_empty() {
        return None;
    }
    let values: Vec<String> = live.pending.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let window = &live.preferred_maintenance_window;
    Some(format!("waits for its maintenance window, {window}: {}", values.join(", ")))
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
