//! What happens to resources by itself, on demand.

use serde_json::{Value, json};

use super::events::Source;
use super::progress::Run;
use super::record::{ENDPOINT, EVENT_SUBSCRIPTION, INSTANCE, Object, REPLICATION, TASK};
use super::tasks::run_of;
use super::{Dms, event_subscriptions, timestamp};
use crate::script::Disturbance;

/// Makes it happen; the error says why it cannot.
pub(crate) fn disturb(disturbance: &Disturbance, dms: &mut Dms<'_>) -> Result<(), String> {
    match disturbance {
        Disturbance::TaskFails { task, reason } => fail(task, reason, dms),
        Disturbance::MoveFails { task } => {
            let mut task = find(dms, TASK, "ReplicationTaskIdentifier", task)?;
            if task.text("Status") != "moving" {
                return Err(format!("{} is in {} state and is not moving", task.key, task.text("Status")));
            }
            task.set("Status", "failed-move");
            task.shown.remove("TargetReplicationInstanceArn");
            task.ahead.clear();
            dms.save(TASK, &task);
            Ok(())
        }
        Disturbance::EndpointUnreachable { endpoint, reason } => {
            let mut endpoint = find(dms, ENDPOINT, "EndpointIdentifier", endpoint)?;
            match reason {
                Some(reason) => endpoint.hidden.insert("unreachable".to_owned(), json!(reason)),
                None => endpoint.hidden.remove("unreachable"),
            };
            dms.save(ENDPOINT, &endpoint);
            Ok(())
        }
        // The emulator makes calls itself: they may be for another service.
        Disturbance::Call { .. } => Ok(()),
        Disturbance::SubscriptionStatus { subscription, status } => {
            let mut subscription = find(dms, EVENT_SUBSCRIPTION, "CustSubscriptionId", subscription)?;
            event_subscriptions::lose_topic(&mut subscription, status)?;
            dms.save(EVENT_SUBSCRIPTION, &subscription);
            Ok(())
        }
        Disturbance::StorageFull { instance } => set_status(instance, "storage-full", dms),
        Disturbance::InstanceStatus { instance, status } => set_status(instance, status, dms),
    }
}

fn fail(name: &str, reason: &str, dms: &mut Dms<'_>) -> Result<(), String> {
    if let Ok(mut task) = find(dms, TASK, "ReplicationTaskIdentifier", name) {
        stop_run(&mut task, dms)?;
        task.set("Status", "failed");
        task.set("LastFailureMessage", reason);
        task.set("StopReason", "Stop Reason FATAL_ERROR");
        dms.save(TASK, &task);
        let source = Source::Task(task.text("ReplicationTaskIdentifier"));
        dms.forget_ahead(source);
        dms.note(source, "failure", "Replication task has failed", dms.now);
        return Ok(());
    }
    let mut replication = find(dms, REPLICATION, "ReplicationConfigIdentifier", name)?;
    stop_run(&mut replication, dms)?;
    replication.set("Status", "failed");
    replication.set("FailureMessages", json!([reason]));
    replication.set("StopReason", "Stop Reason FATAL_ERROR");
    replication.set("ReplicationLastStopTime", timestamp(dms.now));
    dms.save(REPLICATION, &replication);
    Ok(())
}

fn stop_run(running: &mut Object, dms: &Dms<'_>) -> Result<(), String> {
    let status = running.text("Status");
    let run = run_of(running).filter(|_| matches!(status, "running" | "starting" | "replication_starting"));
    let Some(run) = run else {
        return Err(format!("{} is in {status} state and cannot fail", running.key));
    };
    let stopped = Run { stop: Some(dms.now), ..run };
    running.hidden.insert("run".to_owned(), json!(stopped));
    running.ahead.clear();
    Ok(())
}

fn set_status(name: &str, status: &str, dms: &mut Dms<'_>) -> Result<(), String> {
    let mut instance = find(dms, INSTANCE, "ReplicationInstanceIdentifier", name)?;
    if instance.text("ReplicationInstanceStatus") == "deleting" {
        return Err(format!("instance {name} is being deleted"));
    }
    instance.set("ReplicationInstanceStatus", status);
    instance.ahead.clear();
    dms.save(INSTANCE, &instance);
    Ok(())
}

fn find(dms: &Dms<'_>, kind: &str, member: &str, name: &str) -> Result<Object, String> {
    let identifier = name.to_ascii_lowercase();
    dms.all(kind)
        .into_iter()
        .find(|object| {
            object.key == name || object.shown.get(member) == Some(&Value::from(identifier.as_str()))
        })
        .ok_or_else(|| format!("there is no {kind} {name}"))
}
