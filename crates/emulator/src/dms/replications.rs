//! Serverless replications: the runs of a configuration, with all the statuses that DMS passes through.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::connections::problem;
use super::listing::Listing;
use super::progress::{self, Run};
use super::record::{Object, REPLICATION};
use super::replication_configs::{is_idle, refused};
use super::tasks::{check_cdc, check_start_type, natural_stop, reload, run_of, statistics_page};
use super::{Dms, Input, Output, endpoints, integer, optional_text, text, timestamp};

/// The way to `running`, in DMS's words and order
/// (<https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Serverless.Components.html>).
const WAY: [(&str, Duration); 7] = [
    ("initializing", Duration::from_secs(30)),
    ("preparing_metadata_resources", Duration::from_mins(1)),
    ("testing_connection", Duration::from_mins(1)),
    ("fetching_metadata", Duration::from_mins(1)),
    ("calculating_capacity", Duration::from_mins(1)),
    ("provisioning_capacity", Duration::from_mins(5)),
    ("replication_starting", Duration::from_mins(1)),
];
const STOPPING: Duration = Duration::from_mins(1);
/// Capacity is given back a day after a stop.
const DEPROVISION: Duration = Duration::from_hours(24);

pub(super) fn start(input: &Input, dms: &mut Dms<'_>) -> Output {
    let config = dms.replication_config(text(input, "ReplicationConfigArn"))?;
    let mut replication = dms.replication(&config.key)?;
    let status = replication.text("Status");
    if !is_idle(status) {
        return Err(refused(&config, status, "start"));
    }
    let kind = start_type(text(input, "StartReplicationType"))?;
    let migration = config.text("ReplicationType").to_owned();
    let last = run_of(&replication);
    check_cdc(input, &migration)?;
    check_start_type(kind, &migration, last.is_some(), input)?;
    let mut problems = Vec::new();
    for member in ["SourceEndpointArn", "TargetEndpointArn"] {
        let endpoint = dms.endpoint(config.text(member))?;
        if endpoint.text("Status") != "active" {
            return Err(endpoints::not_active(&endpoint));
        }
        problems.extend(problem(&endpoint, dms));
    }
    for name in ["StopReason", "FailureMessages", "ReplicationDeprovisionTime", "ReplicationLastStopTime"] {
        replication.shown.remove(name);
    }
    for name in ["CdcStartPosition", "CdcStopPosition"] {
        if let Some(position) = optional_text(input, name) {
            replication.set(name, position);
        }
    }
    if let Some(time) = input.get("CdcStartTime") {
        replication.set("CdcStartTime", time.clone());
    }
    replication.set("StartReplicationType", kind);
    replication.set("ReplicationUpdateTime", timestamp(dms.now));
    replication.ahead.clear();
    let mut at = dms.now;
    let most = integer(config.shown["ComputeConfig"].as_object().unwrap_or(&Map::new()), "MaxCapacityUnits");
    for (status, takes) in WAY {
        let mut set = json!({"Status": status});
        if status == "provisioning_capacity" {
            set["ProvisionData"] = json!({"ProvisionState": "provisioning", "ProvisionedCapacityUnits": 0});
        }
        if status == "replication_starting" {
            set["ProvisionData"] = json!({"ProvisionState": "provisioned", "ProvisionedCapacityUnits": most,
                "DateProvisioned": timestamp(at), "IsNewProvisioningAvailable": false});
        }
        if at == dms.now {
            replication.set("Status", status);
        } else {
            replication.then(at, set);
        }
        at += takes;
        if status == "testing_connection" && !problems.is_empty() {
            replication.then(at, json!({"Status": "failed", "FailureMessages": problems}));
            dms.save(REPLICATION, &replication);
            return Ok(json!({"Replication": shown(&replication, dms.now)}));
        }
    }
    let resumed = last.filter(|_| kind == "resume-processing");
    let settings: Value = serde_json::from_str(config.text("ReplicationSettings")).unwrap_or_default();
    let mut run = Run::begin(at, (&migration, config.text("TableMappings"), &settings), resumed, dms.now);
    let mut running = json!({"Status": "running"});
    if run.follow {
        running["RecoveryCheckpoint"] = json!(progress::checkpoint(at));
    }
    replication.then(at, running);
    if let Some((stop, reason)) = natural_stop(&run, &settings, replication.text("CdcStopPosition")) {
        run.stop = Some(stop);
        replication.then(stop, stopped(stop, reason));
    }
    dms.note_start(&replication, &run, input);
    replication.hidden.insert("run".to_owned(), json!(run));
    dms.save(REPLICATION, &replication);
    Ok(json!({"Replication": shown(&replication, dms.now)}))
}

pub(super) fn stop(input: &Input, dms: &mut Dms<'_>) -> Output {
    let config = dms.replication_config(text(input, "ReplicationConfigArn"))?;
    let mut replication = dms.replication(&config.key)?;
    let status = replication.text("Status");
    if status != "running" {
        return Err(refused(&config, status, "stop"));
    }
    let end = dms.now + STOPPING;
    let mut stopped = stopped(end, "Stop Reason NORMAL");
    if let Some(mut run) = run_of(&replication) {
        run.stop = Some(dms.now);
        if let Some(checkpoint) = run.last_checkpoint() {
            stopped["RecoveryCheckpoint"] = json!(checkpoint);
        }
        replication.hidden.insert("run".to_owned(), json!(run));
    }
    replication.set("Status", "stopping");
    replication.ahead.clear();
    replication.then(end, stopped);
    dms.save(REPLICATION, &replication);
    Ok(json!({"Replication": shown(&replication, dms.now)}))
}

pub(super) fn describe(input: &Input, dms: &mut Dms<'_>) -> Output {
    let filters: &[(&str, &[&str])] = &[
        ("replication-config-arn", &["ReplicationConfigArn"]),
        ("replication-config-id", &["ReplicationConfigIdentifier"]),
    ];
    let now = dms.now;
    let replications = dms.all(REPLICATION);
    let replications = replications.iter().map(|replication| shown(replication, now));
    Listing::new("Replications", "Replications", filters).page(input, replications.collect())
}

pub(super) fn table_statistics(input: &Input, dms: &mut Dms<'_>) -> Output {
    let config = dms.replication_config(text(input, "ReplicationConfigArn"))?;
    let replication = dms.replication(&config.key)?;
    let rows = run_of(&replication).map_or_else(Vec::new, |run| run.table_statistics(dms.now));
    let mut output = statistics_page("ReplicationTableStatistics", input, rows)?;
    output["ReplicationConfigArn"] = json!(config.key);
    Ok(output)
}

pub(super) fn reload_tables(input: &Input, dms: &mut Dms<'_>) -> Output {
    let config = dms.replication_config(text(input, "ReplicationConfigArn"))?;
    let mut replication = dms.replication(&config.key)?;
    let status = replication.text("Status");
    if status != "running" {
        return Err(refused(&config, status, "reload tables"));
    }
    reload(&mut replication, input, dms.now)?;
    dms.note_reload(&replication, input);
    dms.save(REPLICATION, &replication);
    Ok(json!({"ReplicationConfigArn": config.key}))
}

/// The API model has a plain string here, where it has an enumeration for tasks.
fn start_type(given: &str) -> Result<&'static str, crate::api::AwsError> {
    ["start-replication", "resume-processing", "reload-target"]
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(given))
        .ok_or_else(|| super::errors::invalid_value(format!("Invalid StartReplicationType: {given}")))
}

fn stopped(at: Duration, reason: &str) -> Value {
    json!({
        "Status": "stopped",
        "StopReason": reason,
        "ReplicationLastStopTime": timestamp(at),
        "ReplicationDeprovisionTime": timestamp(at + DEPROVISION),
    })
}

/// The replication with its statistics.
fn shown(replication: &Object, now: Duration) -> Map<String, Value> {
    let mut shown = replication.shown.clone();
    if let Some(run) = run_of(replication) {
        shown.insert("ReplicationStats".to_owned(), run.stats(now));
    }
    shown
}
