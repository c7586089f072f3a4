//! Loads, reloads and lost positions: what raises each count, and what does not.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use pipewright_emulator::{Config, Disturbance, Script};
use serde_json::{Value, json};
use support::{Sandbox, Task, manual, mappings, string};

/// Loads, reloads and lost positions, of all migrations.
fn counts(sandbox: &Sandbox) -> (u64, u64, u64) {
    let all = sandbox.emulator.migrations();
    (all.loads, all.reloads, all.lost_positions)
}

fn start(sandbox: &Sandbox, task: &str, kind: &str, more: &Value) {
    let mut input = json!({"ReplicationTaskArn": task, "StartReplicationTaskType": kind});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    sandbox.ok("StartReplicationTask", input);
    sandbox.advance(300);
}

fn stop(sandbox: &Sandbox, task: &str) {
    sandbox.ok("StopReplicationTask", json!({"ReplicationTaskArn": task}));
    sandbox.advance(60);
}

fn delete(sandbox: &Sandbox, task: &str) {
    sandbox.ok("DeleteReplicationTask", json!({"ReplicationTaskArn": task}));
    sandbox.advance(30);
}

/// Another task between the same two endpoints.
fn beside(sandbox: &Sandbox, task: &Task, name: &str, migration: &str, more: &Value) -> String {
    let mut input = json!({"ReplicationTaskIdentifier": name, "SourceEndpointArn": task.source,
        "TargetEndpointArn": task.target, "ReplicationInstanceArn": task.instance, "MigrationType": migration,
        "TableMappings": mappings()});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = sandbox.ok("CreateReplicationTask", input);
    sandbox.advance(30);
    string(&made["ReplicationTask"]["ReplicationTaskArn"])
}

#[test]
fn stopping_and_resuming_loads_nothing_again_and_loses_no_position() {
    let sandbox = Sandbox::new();
    let task = sandbox.task("full-load-and-cdc");
    assert_eq!(counts(&sandbox), (0, 0, 0));
    start(&sandbox, &task.arn, "start-replication", &json!({}));
    for _ in 0..3 {
        stop(&sandbox, &task.arn);
        start(&sandbox, &task.arn, "resume-processing", &json!({}));
    }
    let reason = "Last Error".to_owned();
    let fails = Disturbance::TaskFails { task: "task".to_owned(), reason };
    sandbox.emulator.play(Script { disturbances: vec![fails], ..Script::default() }).unwrap();
    start(&sandbox, &task.arn, "resume-processing", &json!({}));
    assert_eq!(counts(&sandbox), (1, 0, 0));
    let all = sandbox.emulator.migrations().migrations;
    assert_eq!((all[0].arn.as_str(), all[0].deleted), (task.arn.as_str(), false));
    assert_eq!(all[0].source, "db.example.com:3306");
}

#[test]
fn a_target_that_is_loaded_again_is_a_reload_and_a_lost_position() {
    let sandbox = Sandbox::new();
    let task = sandbox.task("full-load-and-cdc");
    start(&sandbox, &task.arn, "start-replication", &json!({}));
    stop(&sandbox, &task.arn);
    start(&sandbox, &task.arn, "reload-target", &json!({}));
    assert_eq!(counts(&sandbox), (2, 1, 1));
    let table = json!([{"SchemaName": "shop", "TableName": "table_1"}]);
    let reload = |option: &str| {
        sandbox.ok(
            "ReloadTables",
            json!({"ReplicationTaskArn": task.arn, "TablesToReload": table, "ReloadOption": option}),
        );
    };
    reload("validate-only");
    assert_eq!(counts(&sandbox), (2, 1, 1));
    reload("data-reload");
    assert_eq!(counts(&sandbox), (2, 2, 1));
}

#[test]
fn a_full_load_that_is_done_again_is_a_reload_and_has_no_position_to_lose() {
    let sandbox = Sandbox::new();
    let task = sandbox.task("full-load");
    start(&sandbox, &task.arn, "start-replication", &json!({}));
    assert_eq!(sandbox.described(&task)["StopReason"], "Stop Reason FULL_LOAD_ONLY_FINISHED");
    start(&sandbox, &task.arn, "reload-target", &json!({}));
    delete(&sandbox, &task.arn);
    assert_eq!(counts(&sandbox), (2, 1, 0));
}

#[test]
fn a_start_behind_the_place_where_changes_stopped_loses_it_and_one_before_does_not() {
    let sandbox = Sandbox::new();
    let task = sandbox.task("cdc");
    start(&sandbox, &task.arn, "start-replication", &json!({}));
    let checkpoint = string(&sandbox.described(&task)["RecoveryCheckpoint"]);
    stop(&sandbox, &task.arn);
    start(&sandbox, &task.arn, "start-replication", &json!({"CdcStartPosition": checkpoint}));
    assert_eq!(counts(&sandbox), (0, 0, 0));
    stop(&sandbox, &task.arn);
    let now = sandbox.emulator.now().as_secs();
    start(&sandbox, &task.arn, "start-replication", &json!({"CdcStartTime": now}));
    assert_eq!(counts(&sandbox), (0, 0, 1));
    stop(&sandbox, &task.arn);
    // A native position has no place in time here, and any doubt counts.
    start(
        &sandbox,
        &task.arn,
        "start-replication",
        &json!({"CdcStartPosition": "mysql-bin-changelog.000024:373"}),
    );
    assert_eq!(counts(&sandbox), (0, 0, 2));
}

#[test]
fn a_deleted_task_loses_its_position_until_another_goes_on_from_there() {
    let sandbox = Sandbox::new();
    let task = sandbox.task("full-load-and-cdc");
    start(&sandbox, &task.arn, "start-replication", &json!({}));
    stop(&sandbox, &task.arn);
    let checkpoint = string(&sandbox.described(&task)["RecoveryCheckpoint"]);
    delete(&sandbox, &task.arn);
    assert_eq!(counts(&sandbox), (1, 0, 1));

    let next = beside(&sandbox, &task, "next", "cdc", &json!({"CdcStartPosition": checkpoint}));
    assert_eq!(counts(&sandbox), (1, 0, 1));
    start(&sandbox, &next, "start-replication", &json!({}));
    assert_eq!(counts(&sandbox), (1, 0, 0));
    // That one took the place over, and loses it in turn.
    stop(&sandbox, &next);
    delete(&sandbox, &next);
    assert_eq!(counts(&sandbox), (1, 0, 1));
}

#[test]
fn a_task_made_again_between_the_same_databases_loads_again() {
    let sandbox = Sandbox::new();
    let task = sandbox.task("full-load-and-cdc");
    start(&sandbox, &task.arn, "start-replication", &json!({}));
    stop(&sandbox, &task.arn);
    delete(&sandbox, &task.arn);
    // Endpoints of other names lead to the same two databases.
    let source = sandbox.endpoint("source-2", "source");
    sandbox.connect(&task.instance, &source);
    let task = Task { source, ..task };
    let again = beside(&sandbox, &task, "again", "full-load-and-cdc", &json!({}));
    start(&sandbox, &again, "start-replication", &json!({}));
    assert_eq!(counts(&sandbox), (2, 1, 1));
}

#[test]
fn a_task_for_other_tables_of_the_same_databases_reloads_nothing() {
    let sandbox = Sandbox::new();
    let task = sandbox.task("full-load-and-cdc");
    start(&sandbox, &task.arn, "start-replication", &json!({}));
    let others = mappings().replace("shop", "billing");
    let other = beside(&sandbox, &task, "other", "full-load", &json!({"TableMappings": others}));
    start(&sandbox, &other, "start-replication", &json!({}));
    assert_eq!(counts(&sandbox), (2, 0, 0));
    delete(&sandbox, &other);
    assert_eq!(counts(&sandbox), (2, 0, 0));
}

#[test]
fn a_task_that_never_ran_has_nothing_to_lose() {
    let sandbox = Sandbox::new();
    let task = sandbox.task("full-load-and-cdc");
    delete(&sandbox, &task.arn);
    assert_eq!(sandbox.emulator.migrations().migrations, []);
}

#[test]
fn serverless_replications_are_counted_likewise() {
    let sandbox = Sandbox::new();
    let (source, target) = (sandbox.endpoint("source", "source"), sandbox.endpoint("target", "target"));
    let made = sandbox.ok(
        "CreateReplicationConfig",
        json!({"ReplicationConfigIdentifier": "c", "SourceEndpointArn": source, "TargetEndpointArn": target,
            "ReplicationType": "full-load-and-cdc", "TableMappings": mappings(),
            "ComputeConfig": {"MaxCapacityUnits": 8}}),
    );
    let config = string(&made["ReplicationConfig"]["ReplicationConfigArn"]);
    let start = |kind: &str| {
        sandbox.ok("StartReplication", json!({"ReplicationConfigArn": config, "StartReplicationType": kind}));
        sandbox.advance(1200);
    };
    let stop = || {
        sandbox.ok("StopReplication", json!({"ReplicationConfigArn": config}));
        sandbox.advance(60);
    };
    start("start-replication");
    stop();
    start("resume-processing");
    stop();
    assert_eq!(counts(&sandbox), (1, 0, 0));
    start("reload-target");
    stop();
    assert_eq!(counts(&sandbox), (2, 1, 1));
    sandbox.ok("DeleteReplicationConfig", json!({"ReplicationConfigArn": config}));
    sandbox.advance(60);
    assert_eq!(counts(&sandbox), (2, 1, 2));
}

#[test]
fn the_counts_outlive_the_process_and_go_along_with_a_fork() {
    let directory = support::directory("counts");
    let kept = || Config { directory: Some(directory.clone()), ..manual() };
    let sandbox = Sandbox::with(kept());
    sandbox.client().create_vpc_role();
    let task = sandbox.task("full-load-and-cdc");
    start(&sandbox, &task.arn, "start-replication", &json!({}));
    stop(&sandbox, &task.arn);
    delete(&sandbox, &task.arn);
    let before = sandbox.emulator.migrations();
    assert_eq!((before.loads, before.lost_positions), (1, 1));
    let fork = sandbox.block_on(sandbox.emulator.fork()).unwrap();
    assert_eq!(fork.migrations(), before);
    sandbox.stop();
    assert_eq!(Sandbox::with(kept()).emulator.migrations(), before);
}

#[test]
fn the_counts_are_answered_over_http() {
    let sandbox = Sandbox::new();
    let task = sandbox.task("full-load-and-cdc");
    start(&sandbox, &task.arn, "start-replication", &json!({}));
    let request = "GET /_sandbox/migrations HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let (status, body) = sandbox.client().raw(request).unwrap();
    let answer: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(status, 200);
    assert_eq!(
        answer,
        json!({"loads": 1, "reloads": 0, "lostPositions": 0, "migrations": [
            {"scope": "123456789012/us-east-1", "arn": task.arn, "deleted": false,
             "source": "db.example.com:3306", "target": "db.example.com:3306",
             "loads": 1, "reloads": 0, "lostPositions": 0}]})
    );
}

#[test]
fn dms_stops_a_run_for_a_reason_of_its_own_and_storage_that_is_full_stops_all_on_an_instance() {
    let sandbox = Sandbox::new();
    let task = sandbox.task("full-load-and-cdc");
    let stops = |reason: &str| {
        let disturbance = Disturbance::TaskStops { task: "task".to_owned(), stop_reason: reason.to_owned() };
        sandbox.emulator.play(Script { disturbances: vec![disturbance], ..Script::default() })
    };
    assert!(stops("STOPPED_DUE_TO_LOW_MEMORY").is_err(), "it does not run");
    start(&sandbox, &task.arn, "start-replication", &json!({}));
    assert!(stops("NORMAL").is_err(), "that is what it says when somebody stops it");
    stops("STOPPED_DUE_TO_LOW_MEMORY").unwrap();
    let shown = |member: &str| {
        string(&sandbox.ok("DescribeReplicationTasks", json!({}))["ReplicationTasks"][0][member])
    };
    assert_eq!(
        (shown("Status"), shown("StopReason")),
        ("stopped".to_owned(), "Stop Reason STOPPED_DUE_TO_LOW_MEMORY".to_owned())
    );
    start(&sandbox, &task.arn, "resume-processing", &json!({}));
    assert_eq!(shown("Status"), "running");
    let instance = sandbox.ok("DescribeReplicationInstances", json!({}));
    let instance = string(&instance["ReplicationInstances"][0]["ReplicationInstanceIdentifier"]);
    let full = Disturbance::StorageFull { instance };
    sandbox.emulator.play(Script { disturbances: vec![full], ..Script::default() }).unwrap();
    assert_eq!(
        (shown("Status"), shown("StopReason")),
        ("stopped".to_owned(), "Stop Reason STOPPED_DUE_TO_LOW_DISK".to_owned())
    );
    assert_eq!(counts(&sandbox), (1, 0, 0));
}
