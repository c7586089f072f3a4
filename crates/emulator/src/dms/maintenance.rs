//! Reboots, engine versions and pending maintenance.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::catalog::{ENGINE_VERSIONS, release};
use super::events::Source;
use super::instances::{not_available, shown};
use super::listing::Listing;
use super::record::{INSTANCE, Object, Transition};
use super::settings::Window;
use super::{Dms, Input, Output, boolean, errors, optional_text, text, timestamp};
use crate::api::AwsError;

const REBOOTING: Duration = Duration::from_mins(2);
const UPGRADING: Duration = Duration::from_mins(5);

pub(super) fn reboot(input: &Input, dms: &mut Dms<'_>) -> Output {
    let mut instance = dms.instance(text(input, "ReplicationInstanceArn"))?;
    if instance.text("ReplicationInstanceStatus") != "available" {
        return Err(not_available(&instance));
    }
    let failover =
        boolean(input, "ForceFailover") == Some(true) || boolean(input, "ForcePlannedFailover") == Some(true);
    if boolean(input, "ForceFailover") == Some(true) && boolean(input, "ForcePlannedFailover") == Some(true) {
        return Err(errors::invalid_combination(
            "ForceFailover and ForcePlannedFailover cannot be specified together",
        ));
    }
    if failover && boolean(&instance.shown, "MultiAZ") != Some(true) {
        return Err(errors::invalid_combination(
            "A failover can be forced for Multi-AZ replication instances only",
        ));
    }
    instance.set("ReplicationInstanceStatus", "rebooting");
    let mut after = json!({"ReplicationInstanceStatus": "available"});
    if failover {
        // The standby takes over.
        after["AvailabilityZone"] = json!(instance.text("SecondaryAvailabilityZone"));
        after["SecondaryAvailabilityZone"] = json!(instance.text("AvailabilityZone"));
    }
    // What waits for the maintenance window goes on waiting.
    let end = dms.now + REBOOTING;
    let later = std::mem::take(&mut instance.ahead);
    instance.then(end, after);
    instance.ahead.extend(later.into_iter().filter(|transition| transition.at > end));
    dms.save(INSTANCE, &instance);
    Ok(json!({"ReplicationInstance": shown(dms, &instance)}))
}

pub(super) fn engine_versions(input: &Input) -> Output {
    let versions = ENGINE_VERSIONS.iter().enumerate().map(|(index, version)| {
        let described = json!({
            "Version": version,
            "Lifecycle": "AVAILABLE",
            "ReleaseStatus": "prod",
            "AvailableUpgrades": ENGINE_VERSIONS[index + 1..],
        });
        described.as_object().cloned().unwrap_or_default()
    });
    Listing::new("EngineVersions", "Engine Versions", &[]).cut(input, versions.collect())
}

pub(super) fn pending(input: &Input, dms: &mut Dms<'_>) -> Output {
    let only = optional_text(input, "ReplicationInstanceArn");
    if let Some(arn) = only {
        dms.instance(arn)?;
    }
    let actions: Vec<Map<String, Value>> = dms
        .all(INSTANCE)
        .iter()
        .filter(|instance| only.is_none_or(|arn| arn == instance.key))
        .filter_map(|instance| pending_of(instance).as_object().cloned())
        .filter(|pending| pending["PendingMaintenanceActionDetails"] != json!([]))
        .collect();
    let filters: &[(&str, &[&str])] = &[("replication-instance-arn", &["ResourceIdentifier"])];
    Listing::new("PendingMaintenanceActions", "Pending Maintenance Actions", filters).page(input, actions)
}

pub(super) fn apply(input: &Input, dms: &mut Dms<'_>) -> Output {
    let mut instance = dms.instance(text(input, "ReplicationInstanceArn"))?;
    let action = text(input, "ApplyAction");
    let (Some(version), "version-upgrade") = (newer_patch(&instance), action) else {
        return Err(errors::not_found(format!(
            "No pending maintenance action {action} found for {}",
            instance.key
        )));
    };
    if instance.text("ReplicationInstanceStatus") != "available" {
        return Err(not_available(&instance));
    }
    let start = match text(input, "OptInType") {
        "immediate" => Some(dms.now),
        "next-maintenance" => Some(Window::parse(instance.text("PreferredMaintenanceWindow"))?.next(dms.now)),
        "undo-opt-in" => None,
        other => {
            return Err(errors::invalid_value(format!(
                "Invalid OptInType {other}: it is immediate, next-maintenance or undo-opt-in"
            )));
        }
    };
    instance.ahead.clear();
    instance.hidden.remove("optIn");
    if let Some(start) = start {
        let opt_in = json!({"type": text(input, "OptInType"), "at": start.as_secs()});
        instance.hidden.insert("optIn".to_owned(), opt_in);
        if start == dms.now {
            instance.set("ReplicationInstanceStatus", "upgrading");
        }
        upgrade(&mut instance, version, start);
        let name = instance.text("ReplicationInstanceIdentifier").to_owned();
        let message = "The replication instance is being upgraded";
        dms.note(Source::Instance(&name), "maintenance", message, start);
    }
    plan_upgrade(&mut instance, dms.now)?;
    dms.save(INSTANCE, &instance);
    Ok(json!({"ResourcePendingMaintenanceActions": pending_of(&instance)}))
}

/// With `AutoMinorVersionUpgrade`, an instance below the newest patch is upgraded in a maintenance window, once what
/// lies ahead of it is over; without it, it is not.
pub(super) fn plan_upgrade(instance: &mut Object, now: Duration) -> Result<(), AwsError> {
    if instance.hidden.contains_key("optIn") && instance.ahead.iter().any(is_upgrade) {
        return Ok(());
    }
    instance.hidden.remove("optIn");
    instance.ahead.retain(|transition| !is_upgrade(transition));
    let Some(version) =
        newer_patch(instance).filter(|_| boolean(&instance.shown, "AutoMinorVersionUpgrade") == Some(true))
    else {
        return Ok(());
    };
    let idle = instance.ahead.last().map_or(now, |last| last.at.max(now));
    let start = Window::parse(instance.text("PreferredMaintenanceWindow"))?.next(idle);
    upgrade(instance, version, start);
    Ok(())
}

fn upgrade(instance: &mut Object, version: &str, start: Duration) {
    instance.then(start, json!({"ReplicationInstanceStatus": "upgrading"}));
    instance
        .then(start + UPGRADING, json!({"ReplicationInstanceStatus": "available", "EngineVersion": version}));
}

/// A change of the version by hand says of the pending values that they are gone; an upgrade has none.
fn is_upgrade(transition: &Transition) -> bool {
    transition.set.get("ReplicationInstanceStatus") == Some(&json!("upgrading"))
        || (transition.set.contains_key("EngineVersion")
            && !transition.set.contains_key("PendingModifiedValues"))
}

/// A newer patch of the line that the instance is on.
fn newer_patch(instance: &Object) -> Option<&'static str> {
    let now = release(instance.text("EngineVersion"));
    let newest =
        ENGINE_VERSIONS.into_iter().rev().find(|version| release(version)[..2] == now[..2.min(now.len())])?;
    (release(newest) > now).then_some(newest)
}

fn pending_of(instance: &Object) -> Value {
    let actions: Vec<Value> = newer_patch(instance)
        .map(|version| {
            let mut action = json!({
                "Action": "version-upgrade",
                "Description": format!("Upgrade of the replication engine to version {version}"),
            });
            if let Some(opt_in) = instance.hidden.get("optIn") {
                action["OptInStatus"] = opt_in["type"].clone();
                let at = opt_in["at"].as_u64().unwrap_or_default();
                action["CurrentApplyDate"] = timestamp(Duration::from_secs(at));
            }
            action
        })
        .into_iter()
        .collect();
    json!({"ResourceIdentifier": instance.key, "PendingMaintenanceActionDetails": actions})
}
