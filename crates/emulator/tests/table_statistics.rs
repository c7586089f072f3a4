//! What goes wrong with single tables: errors, rows that differ, and changes that come late.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use pipewright_emulator::{Disturbance, Script};
use serde_json::{Value, json};
use support::{Sandbox, Task};

fn play(sandbox: &Sandbox, disturbance: Disturbance) -> Result<(), String> {
    let script = Script { disturbances: vec![disturbance], ..Script::default() };
    sandbox.emulator.play(script).map_err(|error| error.to_string())
}

/// A task that runs and has loaded all.
fn running(sandbox: &Sandbox, settings: &Value) -> Task {
    let task = sandbox.task("full-load-and-cdc");
    let settings = settings.to_string();
    let change = json!({"ReplicationTaskArn": task.arn, "ReplicationTaskSettings": settings});
    sandbox.ok("ModifyReplicationTask", change);
    sandbox.advance(60);
    sandbox.ok(
        "StartReplicationTask",
        json!({"ReplicationTaskArn": task.arn, "StartReplicationTaskType": "start-replication"}),
    );
    sandbox.advance(60 + 120);
    task
}

fn tables(sandbox: &Sandbox, task: &Task) -> Vec<Value> {
    let answer = sandbox.ok("DescribeTableStatistics", json!({"ReplicationTaskArn": task.arn}));
    answer["TableStatistics"].as_array().unwrap().clone()
}

fn reload(sandbox: &Sandbox, task: &Task) {
    let table = json!([{"SchemaName": "shop", "TableName": "table_2"}]);
    sandbox.ok("ReloadTables", json!({"ReplicationTaskArn": task.arn, "TablesToReload": table}));
}

#[test]
fn a_table_in_error_stays_so_until_it_is_loaded_again() {
    let sandbox = Sandbox::new();
    let task = running(&sandbox, &json!({}));
    let error = |table: &str| Disturbance::TableErrors { task: "task".to_owned(), table: table.to_owned() };
    assert_eq!(play(&sandbox, error("shop.nothing")).unwrap_err(), "no table shop.nothing is replicated");
    sandbox.advance(100);
    play(&sandbox, error("shop.table_2")).unwrap();
    sandbox.advance(100);
    let stats = |name: &str| sandbox.described(&task)["ReplicationTaskStats"][name].as_u64().unwrap();
    assert_eq!((stats("TablesErrored"), stats("TablesLoaded")), (1, 2));
    let seen = tables(&sandbox, &task);
    assert_eq!(seen[1]["TableState"], "Table error");
    assert_eq!((&seen[1]["Inserts"], &seen[0]["Inserts"]), (&json!(10), &json!(20)));

    // A task that is stopped and resumed leaves the table alone.
    sandbox.ok("StopReplicationTask", json!({"ReplicationTaskArn": task.arn}));
    sandbox.advance(60);
    assert!(play(&sandbox, error("shop.table_1")).unwrap_err().contains("stopped"));
    sandbox.ok(
        "StartReplicationTask",
        json!({"ReplicationTaskArn": task.arn, "StartReplicationTaskType": "resume-processing"}),
    );
    sandbox.advance(60);
    assert_eq!(stats("TablesErrored"), 1);

    reload(&sandbox, &task);
    assert_eq!(tables(&sandbox, &task)[1]["TableState"], "Table is being reloaded");
    sandbox.advance(20);
    assert_eq!(tables(&sandbox, &task)[1]["TableState"], "Table completed");
    assert_eq!(stats("TablesErrored"), 0);
}

#[test]
fn rows_are_compared_where_validation_is_on() {
    let sandbox = Sandbox::new();
    let task = running(&sandbox, &json!({"ValidationSettings": {"EnableValidation": true}}));
    let state = || tables(&sandbox, &task)[1]["ValidationState"].clone();
    assert_eq!(state(), "Pending records");
    sandbox.advance(60);
    assert_eq!(state(), "Validated");
    let differ =
        || Disturbance::RowsDiffer { task: "task".to_owned(), table: "shop.table_2".to_owned(), rows: 3 };
    play(&sandbox, differ()).unwrap();
    assert_eq!(state(), "Mismatched records");
    assert_eq!(tables(&sandbox, &task)[1]["ValidationFailedRecords"], 3);
    reload(&sandbox, &task);
    assert_eq!(state(), "Pending records");
    sandbox.advance(80);
    assert_eq!(state(), "Validated");

    let sandbox = Sandbox::new();
    let task = running(&sandbox, &json!({}));
    assert_eq!(tables(&sandbox, &task)[1]["ValidationState"], "Not enabled");
    assert!(play(&sandbox, differ()).unwrap_err().contains("validation off"));
}

#[test]
fn changes_are_applied_late_where_the_target_is_behind() {
    let sandbox = Sandbox::new();
    let task = running(&sandbox, &json!({}));
    sandbox.advance(200);
    let counts = || {
        let table = tables(&sandbox, &task)[0].clone();
        (table["Inserts"].as_u64().unwrap(), table["AppliedInserts"].as_u64().unwrap())
    };
    assert_eq!(counts(), (20, 20));
    let latency = |source, target| Disturbance::Latency { task: "task".to_owned(), source, target };
    assert!(play(&sandbox, latency(100, 10)).unwrap_err().contains("never less"));
    play(&sandbox, latency(10, 110)).unwrap();
    assert_eq!(counts(), (20, 10));
    play(&sandbox, latency(1, 1)).unwrap();
    assert_eq!(counts(), (20, 20));
}
