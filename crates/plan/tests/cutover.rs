//! When a pipeline is ready for its cutover, and when it is not.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use pipewright_model::kinds::{Datapoint, Latency, RowChanges, TableStatistics};
use pipewright_model::{Kind, Live, LiveBody, SpecPlace, Timestamp};
use pipewright_plan::{
    CheckResult, CutoverPolicy, CutoverReport, CutoverSubject, CutoverVerdict, MigrationProgress, cutover,
    render,
};
use pipewright_testkit::{converged, desired, id};
use serde_json::json;

const NOW: u64 = 10_000;

fn table(name: &str) -> TableStatistics {
    let changes = RowChanges { inserts: 20, updates: 10, ..RowChanges::default() };
    TableStatistics {
        schema: "shop".to_owned(),
        table: name.to_owned(),
        state: "Table completed".to_owned(),
        validation_state: "Validated".to_owned(),
        full_load_rows: 1200,
        captured: changes,
        applied: Some(changes),
        ..TableStatistics::default()
    }
}

fn seconds(value: u64) -> Datapoint {
    Datapoint { at: Timestamp::from_secs(NOW - 120), value: Duration::from_secs(value) }
}

/// A task that follows changes, compares rows, and is ready.
fn ready() -> MigrationProgress {
    let specs = desired("a", &["orders"]);
    let mut live = converged(&specs).resources[&id(&specs, Kind::Task, "orders")].clone();
    "arn:aws:dms:us-east-1:111122223333:task:ABC123".clone_into(&mut live.arn);
    let LiveBody::Task(task) = &mut live.body else { panic!("{live:?}") };
    "full-load-and-cdc".clone_into(&mut task.migration_type);
    task.settings = json!({"ValidationSettings": {"EnableValidation": true}});
    MigrationProgress {
        at: Timestamp::from_secs(NOW),
        live: Some(live),
        tables: vec![table("orders"), table("items")],
        latency: Latency { source: Some(seconds(1)), target: Some(seconds(3)) },
    }
}

fn report(progress: &MigrationProgress) -> CutoverReport {
    let specs = desired("a", &["orders"]);
    let subject = CutoverSubject {
        pipeline: "orders",
        environment: "prod",
        place: &SpecPlace { file: "orders.yaml".into(), line: 1 },
        resource: &id(&specs, Kind::Task, "orders"),
    };
    cutover(subject, progress, CutoverPolicy { max_latency: Duration::from_secs(10) })
}

/// The result and the tables of one check.
fn check(report: &CutoverReport, name: &str) -> (CheckResult, Vec<String>) {
    let found = report.checks.iter().find(|check| check.name == name);
    let found = found.unwrap_or_else(|| panic!("there is no check {name}: {report:?}"));
    (found.result, found.tables.clone())
}

fn task(live: &mut Option<Live>) -> &mut pipewright_model::kinds::TaskObserved {
    match &mut live.as_mut().unwrap().body {
        LiveBody::Task(task) => task,
        other => panic!("not a task: {other:?}"),
    }
}

#[test]
fn everything_as_wanted_is_ready() {
    let report = report(&ready());
    assert_eq!(report.verdict, CutoverVerdict::Ready, "{report:?}");
    assert!(report.checks.iter().all(|check| check.result == CheckResult::Ok), "{report:?}");
}

type Change = fn(&mut MigrationProgress);

/// Each thing that can be otherwise, the check that says so, and what that comes to.
const CASES: &[(&str, Change, CheckResult)] = &[
    ("status", |it| "starting".clone_into(&mut task(&mut it.live).status), CheckResult::NotYet),
    ("status", |it| "stopped".clone_into(&mut task(&mut it.live).status), CheckResult::NotYet),
    ("status", |it| "failed".clone_into(&mut task(&mut it.live).status), CheckResult::Failed),
    ("status", |it| it.live = None, CheckResult::NotYet),
    ("tables", |it| "Full load".clone_into(&mut it.tables[1].state), CheckResult::NotYet),
    ("tables", |it| "Table error".clone_into(&mut it.tables[1].state), CheckResult::Failed),
    ("tables", |it| it.tables.clear(), CheckResult::NotYet),
    ("rows not loaded", |it| it.tables[1].full_load_error_rows = 2, CheckResult::Failed),
    ("source latency", |it| it.latency.source = Some(seconds(11)), CheckResult::NotYet),
    ("source latency", |it| it.latency.source = None, CheckResult::NotYet),
    ("target latency", |it| it.latency.target = Some(seconds(3600)), CheckResult::NotYet),
    ("target latency", |it| it.latency.target = Some(seconds(10)), CheckResult::Ok),
    ("changes", |it| it.tables[1].applied = Some(RowChanges::default()), CheckResult::NotYet),
    ("changes", |it| it.tables.iter_mut().for_each(|table| table.applied = None), CheckResult::NotChecked),
    ("validation", |it| it.tables[1].validation_pending = 5, CheckResult::NotYet),
    (
        "validation",
        |it| "Pending records".clone_into(&mut it.tables[1].validation_state),
        CheckResult::NotYet,
    ),
    (
        "validation",
        |it| "Mismatched records".clone_into(&mut it.tables[1].validation_state),
        CheckResult::Failed,
    ),
    ("validation", |it| it.tables[1].validation_suspended = 1, CheckResult::Failed),
    ("validation", |it| "No primary key".clone_into(&mut it.tables[1].validation_state), CheckResult::Ok),
    ("validation", |it| task(&mut it.live).settings = json!({}), CheckResult::NotChecked),
];

#[test]
fn what_is_otherwise_is_said_by_its_check_and_decides() {
    for (name, change, expected) in CASES {
        let mut progress = ready();
        change(&mut progress);
        let report = report(&progress);
        let (result, tables) = check(&report, name);
        assert_eq!(result, *expected, "{name}: {report:?}");
        let verdict = match expected {
            CheckResult::Ok | CheckResult::NotChecked => CutoverVerdict::Ready,
            CheckResult::NotYet => CutoverVerdict::NotYet,
            CheckResult::Failed => CutoverVerdict::Failed,
        };
        assert_eq!(report.verdict, verdict, "{name}: {report:?}");
        if verdict != CutoverVerdict::Ready {
            assert!(tables.iter().all(|table| table == "shop.items"), "{name}: {tables:?}");
        }
    }
}

#[test]
fn a_load_without_changes_is_ready_once_it_has_stopped_by_itself() {
    let mut progress = ready();
    "full-load".clone_into(&mut task(&mut progress.live).migration_type);
    progress.latency = Latency::default();
    assert_eq!(check(&report(&progress), "status").0, CheckResult::NotYet, "it runs still");
    let task = task(&mut progress.live);
    "stopped".clone_into(&mut task.status);
    "Stop Reason FULL_LOAD_ONLY_FINISHED".clone_into(&mut task.stop_reason);
    let report = report(&progress);
    assert_eq!(report.verdict, CutoverVerdict::Ready, "{report:?}");
    assert!(!report.checks.iter().any(|check| check.name.contains("latency") || check.name == "changes"));
}

#[test]
fn the_exceptions_are_asked_for_and_never_said_to_be_checked() {
    let mut progress = ready();
    let by_hand = report(&progress).by_hand;
    let query = "SELECT * FROM awsdms_apply_exceptions WHERE TASK_NAME = 'ABC123' ORDER BY ERROR_TIME DESC";
    assert_eq!(by_hand.query.as_deref(), Some(query));
    task(&mut progress.live).settings = json!({"ControlTablesSettings": {"ControlSchema": "dms_control"}});
    assert!(report(&progress).by_hand.query.unwrap().contains("FROM dms_control.awsdms_apply_exceptions "));
    progress.live = None;
    assert_eq!(report(&progress).by_hand.query, None);
}

#[test]
fn the_report_as_text() {
    let mut progress = ready();
    "Table error".clone_into(&mut progress.tables[1].state);
    progress.latency.target = Some(seconds(90));
    let text = render::cutover_text(&report(&progress), render::Style::new(false));
    insta::assert_snapshot!(text);
}
