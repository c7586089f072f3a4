//! What happens to resources by itself, on demand.

use std::time::Duration;

use serde_json::{Value, json};

use super::events::Source;
use super::progress::{Latency, Run};
use super::record::{ENDPOINT, EVENT_SUBSCRIPTION, INSTANCE, Object, REPLICATION, TASK};
use super::tables::Table;
use super::tasks::run_of;
use super::{Dms, assessments, event_subscriptions, timestamp};
use crate::script::Disturbance;

/// Makes it happen; the error says why it cannot.
pub(crate) fn disturb(disturbance: &Disturbance, dms: &mut Dms<'_>) -> Result<(), String> {
    match disturbance {
        Disturbance::TaskFails { task, reason } => end(task, &End::failure(reason), dms),
        Disturbance::TaskStops { task, stop_reason } => end(task, &End::stop(stop_reason)?, dms),
        Disturbance::TableErrors { task, table } => change_run(task, dms, |run, now| {
            let table = table_of(run, table)?;
            run.errors.retain(|(other, _)| *other != table);
            run.errors.push((table, now));
            Ok(())
        }),
        Disturbance::RowsDiffer { task, table, rows } => change_run(task, dms, |run, _| {
            if !run.validate {
                return Err(format!("{task} does not compare rows: its settings leave validation off"));
            }
            let table = table_of(run, table)?;
            run.mismatches.retain(|(other, _)| *other != table);
            run.mismatches.push((table, *rows));
            Ok(())
        }),
        Disturbance::Latency { task, source, target } => change_run(task, dms, |run, now| {
            if !run.follow {
                return Err(format!("{task} does not follow changes"));
            }
            if target < source {
                return Err("the latency of the target is never less than that of the source".to_owned());
            }
            run.latencies.push((now, Latency { source: *source, target: *target }));
            Ok(())
        }),
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
        Disturbance::AssessmentsEnd { task, status } => {
            let mut task = find(dms, TASK, "ReplicationTaskIdentifier", task)?;
            assessments::end_as(&mut task, status.as_deref())?;
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
        Disturbance::DatabasePassword { endpoint, password_sha256 } => {
            let mut endpoint = find(dms, ENDPOINT, "EndpointIdentifier", endpoint)?;
            endpoint.hidden.insert("password".to_owned(), json!(password_sha256.to_ascii_lowercase()));
            endpoint.hidden.insert("refused".to_owned(), json!(true));
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
        Disturbance::StorageFull { instance } => fill_storage(instance, dms),
        Disturbance::InstanceStatus { instance, status } => set_status(instance, status, dms),
    }
}

/// How a run ends that nobody asked to end.
struct End<'a> {
    status: &'a str,
    stop_reason: String,
    message: Option<&'a str>,
}

impl<'a> End<'a> {
    fn failure(message: &'a str) -> Self {
        Self { status: "failed", stop_reason: "Stop Reason FATAL_ERROR".to_owned(), message: Some(message) }
    }

    /// Stopped for one of the reasons for which DMS stops a run by itself that is not done (DMS API
    /// reference, `ReplicationTask`).
    fn stop(reason: &str) -> Result<Self, String> {
        const REASONS: [&str; 8] = [
            "RECOVERABLE_ERROR",
            "FATAL_ERROR",
            "EXPRESS_LICENSE_LIMITS_REACHED",
            "STOPPED_AFTER_DDL_APPLY",
            "STOPPED_DUE_TO_LOW_MEMORY",
            "STOPPED_DUE_TO_LOW_DISK",
            "RECONFIGURATION_RESTART",
            "RECYCLE_TASK",
        ];
        if !REASONS.contains(&reason) {
            return Err(format!("DMS stops nothing with the reason {reason}; it is one of {REASONS:?}"));
        }
        Ok(Self { status: "stopped", stop_reason: format!("Stop Reason {reason}"), message: None })
    }
}

fn end(name: &str, end: &End<'_>, dms: &mut Dms<'_>) -> Result<(), String> {
    if let Ok(task) = find(dms, TASK, "ReplicationTaskIdentifier", name) {
        return end_task(task, end, dms);
    }
    let mut replication = find(dms, REPLICATION, "ReplicationConfigIdentifier", name)?;
    stop_run(&mut replication, dms)?;
    replication.set("Status", end.status);
    replication.set("StopReason", end.stop_reason.as_str());
    if let Some(message) = end.message {
        replication.set("FailureMessages", json!([message]));
    }
    replication.set("ReplicationLastStopTime", timestamp(dms.now));
    dms.save(REPLICATION, &replication);
    Ok(())
}

fn end_task(mut task: Object, end: &End<'_>, dms: &mut Dms<'_>) -> Result<(), String> {
    stop_run(&mut task, dms)?;
    task.set("Status", end.status);
    task.set("StopReason", end.stop_reason.as_str());
    let (category, message) = match end.message {
        Some(_) => ("failure", "Replication task has failed"),
        None => ("state change", "Replication task has stopped"),
    };
    if let Some(failure) = end.message {
        task.set("LastFailureMessage", failure);
    }
    dms.save(TASK, &task);
    let source = Source::Task(task.text("ReplicationTaskIdentifier"));
    dms.forget_ahead(source);
    dms.note(source, category, message, dms.now);
    Ok(())
}

/// An instance without storage stops the tasks that run on it.
fn fill_storage(name: &str, dms: &mut Dms<'_>) -> Result<(), String> {
    let instance = find(dms, INSTANCE, "ReplicationInstanceIdentifier", name)?;
    set_status(name, "storage-full", dms)?;
    let low_disk = End::stop("STOPPED_DUE_TO_LOW_DISK")?;
    for task in dms.all(TASK) {
        if task.text("ReplicationInstanceArn") == instance.key && task.text("Status") == "running" {
            end_task(task, &low_disk, dms)?;
        }
    }
    Ok(())
}

/// Changes the run of a task or of a serverless replication that runs.
fn change_run(
    name: &str,
    dms: &mut Dms<'_>,
    change: impl FnOnce(&mut Run, Duration) -> Result<(), String>,
) -> Result<(), String> {
    let task = find(dms, TASK, "ReplicationTaskIdentifier", name).map(|task| (TASK, task));
    let (kind, mut running) = task.or_else(|_| {
        find(dms, REPLICATION, "ReplicationConfigIdentifier", name).map(|found| (REPLICATION, found))
    })?;
    let status = running.text("Status");
    let Some(mut run) = run_of(&running).filter(|_| status == "running") else {
        return Err(format!("{name} is in {status} state and does not run"));
    };
    change(&mut run, dms.now)?;
    running.hidden.insert("run".to_owned(), json!(run));
    dms.save(kind, &running);
    Ok(())
}

/// The table of a run that `schema.table` names.
fn table_of(run: &Run, name: &str) -> Result<Table, String> {
    let found = name.split_once('.').and_then(|(schema, table)| run.position(schema, table));
    found.map(|index| run.tables[index].clone()).ok_or_else(|| format!("no table {name} is replicated"))
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
