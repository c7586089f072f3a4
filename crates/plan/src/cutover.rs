//! Whether applications can move to a pipeline's target: one check a question, from what was read.
//!
//! A check is `ok`, `notYet` (time may settle it), `failed` (somebody must act) or `notChecked` (nothing can be told, and the
//! report says so).

use std::time::Duration;

use pipewright_model::kinds::{Datapoint, Latency, MigrationObserved, Phase, TableStatistics};
use pipewright_model::{Live, LiveBody, ResourceId, SpecPlace, Timestamp};
use serde::Serialize;
use serde_json::Value;

/// What is asked of a pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CutoverPolicy {
    /// The most that source and target may be behind.
    pub max_latency: Duration,
}

/// What was read of a pipeline's task or serverless replication.
#[derive(Debug, Clone, PartialEq)]
pub struct MigrationProgress {
    /// When it was read.
    pub at: Timestamp,
    /// The task or config; `None` if there is none.
    pub live: Option<Live>,
    /// Its tables.
    pub tables: Vec<TableStatistics>,
    /// How far it is behind.
    pub latency: Latency,
}

/// Whether a pipeline is ready, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CutoverReport {
    /// The pipeline.
    pub pipeline: String,
    /// The environment.
    pub environment: String,
    /// Where the pipeline is declared.
    pub place: SpecPlace,
    /// The task or serverless replication config.
    pub resource: ResourceId,
    /// When it was looked at.
    pub at: String,
    /// The worst of the checks.
    pub verdict: CutoverVerdict,
    /// One row a question.
    pub checks: Vec<CutoverCheck>,
    /// What no API tells, and a person must look at.
    pub by_hand: ByHand,
}

/// The worst of the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum CutoverVerdict {
    /// Everything that can be checked holds.
    Ready,
    /// Something does not hold yet.
    NotYet,
    /// Something will not hold by itself.
    Failed,
}

/// One question and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CutoverCheck {
    /// The question, in a word or two.
    pub name: &'static str,
    /// The answer.
    pub result: CheckResult,
    /// What was found.
    pub found: String,
    /// What is wanted.
    pub wanted: String,
    /// The tables that stand in the way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<String>,
}

/// The answer to one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum CheckResult {
    /// It holds.
    Ok,
    /// It does not hold yet.
    NotYet,
    /// It will not hold by itself.
    Failed,
    /// Nothing can be told.
    NotChecked,
}

/// Changes that DMS could not apply. DMS writes them into a table of the target database and into nothing that its API shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ByHand {
    /// What is not checked.
    pub what: &'static str,
    /// The query to run on the target; `None` while there is no task.
    pub query: Option<String>,
}

/// What the specs say of the pipeline.
#[derive(Debug, Clone, Copy)]
pub struct CutoverSubject<'a> {
    /// The pipeline.
    pub pipeline: &'a str,
    /// The environment.
    pub environment: &'a str,
    /// Where the pipeline is declared.
    pub place: &'a SpecPlace,
    /// The task or serverless replication config.
    pub resource: &'a ResourceId,
}

/// Whether a pipeline is ready for its cutover.
pub fn cutover(
    subject: CutoverSubject<'_>,
    progress: &MigrationProgress,
    policy: CutoverPolicy,
) -> CutoverReport {
    let checks = checks(progress, policy);
    let verdict = checks.iter().map(|check| check.result.verdict()).max().unwrap_or(CutoverVerdict::NotYet);
    CutoverReport {
        pipeline: subject.pipeline.to_owned(),
        environment: subject.environment.to_owned(),
        place: subject.place.clone(),
        resource: subject.resource.clone(),
        at: progress.at.rfc3339(),
        verdict,
        checks,
        by_hand: ByHand {
            what: "Changes that could not be applied are in the target's table awsdms_apply_exceptions, which no API of AWS reads",
            query: progress.live.as_ref().map(query),
        },
    }
}

impl CutoverCheck {
    /// Whether it stands in the way.
    pub fn holds_up(&self) -> bool {
        self.result.verdict() != CutoverVerdict::Ready
    }
}

impl CheckResult {
    fn verdict(self) -> CutoverVerdict {
        match self {
            Self::Ok | Self::NotChecked => CutoverVerdict::Ready,
            Self::NotYet => CutoverVerdict::NotYet,
            Self::Failed => CutoverVerdict::Failed,
        }
    }
}

fn checks(progress: &MigrationProgress, policy: CutoverPolicy) -> Vec<CutoverCheck> {
    let migration = progress.live.as_ref().and_then(|live| live.body.migration());
    let (Some(migration), Some((kind, settings))) = (migration, progress.live.as_ref().and_then(declared))
    else {
        return vec![check("status", CheckResult::NotYet, "absent", "running")];
    };
    let only_loads = kind == "full-load";
    // One that its settings stop after the load is done with that, whatever follows in its name.
    let follows = !only_loads && !migration.stopped_by_itself();
    let mut checks = vec![status(&migration, only_loads), tables(&progress.tables), rows(&progress.tables)];
    if follows {
        checks.push(latency("source latency", progress.latency.source, progress.at, policy));
        checks.push(latency("target latency", progress.latency.target, progress.at, policy));
        checks.push(changes(&progress.tables));
    }
    checks.push(validation(&progress.tables, settings));
    checks
}

/// What it moves, and its settings.
fn declared(live: &Live) -> Option<(&str, &Value)> {
    match &live.body {
        LiveBody::Task(task) => Some((&task.migration_type, &task.settings)),
        LiveBody::ReplicationConfig(config) => Some((&config.migration_type, &config.settings)),
        _ => None,
    }
}

fn status(migration: &MigrationObserved<'_>, only_loads: bool) -> CutoverCheck {
    let wanted = if only_loads { "stopped, since the load is finished" } else { "running" };
    let found = match (migration.last_failure_message, migration.stop_reason) {
        ("", "") => migration.status.to_owned(),
        ("", reason) => format!("{} ({reason})", migration.status),
        (failure, _) if migration.phase == Phase::Failed => format!("{} ({failure})", migration.status),
        _ => migration.status.to_owned(),
    };
    let result = match migration.phase {
        Phase::Failed => CheckResult::Failed,
        Phase::Running if !only_loads => CheckResult::Ok,
        Phase::Stopped if migration.stopped_by_itself() => CheckResult::Ok,
        _ => CheckResult::NotYet,
    };
    check("status", result, found, wanted)
}

fn tables(tables: &[TableStatistics]) -> CutoverCheck {
    let done = |table: &&TableStatistics| table.state.eq_ignore_ascii_case("Table completed");
    let completed = tables.iter().filter(done).count();
    let in_error = names(tables, TableStatistics::is_in_error);
    let (result, rest) = if !in_error.is_empty() {
        (CheckResult::Failed, in_error)
    } else if tables.is_empty() || completed < tables.len() {
        (CheckResult::NotYet, names(tables, |table| !done(&table)))
    } else {
        (CheckResult::Ok, Vec::new())
    };
    let found = format!("{completed} of {} completed", tables.len());
    CutoverCheck { tables: rest, ..check("tables", result, found, "all completed, none in error") }
}

fn rows(tables: &[TableStatistics]) -> CutoverCheck {
    let lost: i64 = tables.iter().map(|table| table.full_load_error_rows).sum();
    let result = if lost > 0 { CheckResult::Failed } else { CheckResult::Ok };
    let names = names(tables, |table| table.full_load_error_rows > 0);
    CutoverCheck { tables: names, ..check("rows not loaded", result, lost.to_string(), "0") }
}

fn latency(
    name: &'static str,
    point: Option<Datapoint>,
    now: Timestamp,
    policy: CutoverPolicy,
) -> CutoverCheck {
    let wanted = format!("at most {} s", policy.max_latency.as_secs_f64());
    let Some(point) = point else {
        return check(name, CheckResult::NotYet, "CloudWatch has no value of the last 15 minutes", wanted);
    };
    let result = if point.value <= policy.max_latency { CheckResult::Ok } else { CheckResult::NotYet };
    let age = now.since(point.at).as_secs() / 60;
    check(name, result, format!("{} s, {age} min ago", point.value.as_secs_f64()), wanted)
}

fn changes(tables: &[TableStatistics]) -> CutoverCheck {
    let wanted = "as many applied as captured";
    let behind = |table: &TableStatistics| table.applied.is_some_and(|applied| applied != table.captured);
    let counted: Vec<_> = tables.iter().filter_map(|table| Some((table.captured, table.applied?))).collect();
    if counted.is_empty() {
        let found = "DMS does not count what is applied here";
        return check("changes", CheckResult::NotChecked, found, wanted);
    }
    let captured: i64 = counted.iter().map(|(captured, _)| captured.total()).sum();
    let applied: i64 = counted.iter().map(|(_, applied)| applied.total()).sum();
    let names = names(tables, behind);
    let result = if names.is_empty() { CheckResult::Ok } else { CheckResult::NotYet };
    let found = format!("{captured} captured, {applied} applied");
    CutoverCheck { tables: names, ..check("changes", result, found, wanted) }
}

fn validation(tables: &[TableStatistics], settings: &Value) -> CutoverCheck {
    let wanted = "every row compared, none different";
    if settings.pointer("/ValidationSettings/EnableValidation") != Some(&Value::Bool(true)) {
        return check("validation", CheckResult::NotChecked, "off: no row is compared", wanted);
    }
    let sum = |of: fn(&TableStatistics) -> i64| tables.iter().map(of).sum::<i64>();
    let (pending, failed, suspended) = (
        sum(|table| table.validation_pending),
        sum(|table| table.validation_failed),
        sum(|table| table.validation_suspended),
    );
    let wrong = names(tables, |table| {
        let bad = ["Mismatched records", "Suspended records", "Table error", "Error"];
        table.validation_failed > 0
            || table.validation_suspended > 0
            || bad.iter().any(|state| table.validation_state.eq_ignore_ascii_case(state))
    });
    let unfinished = names(tables, |table| {
        let done = ["Validated", "No primary key"];
        table.validation_pending > 0
            || !done.iter().any(|state| table.validation_state.eq_ignore_ascii_case(state))
    });
    let mut found = format!("{pending} pending, {failed} different, {suspended} suspended");
    let without =
        tables.iter().filter(|table| table.validation_state.eq_ignore_ascii_case("No primary key")).count();
    if without > 0 {
        found = format!("{found}; {without} without a primary key, not compared");
    }
    let (result, names) = if !wrong.is_empty() {
        (CheckResult::Failed, wrong)
    } else if tables.is_empty() || !unfinished.is_empty() {
        (CheckResult::NotYet, unfinished)
    } else {
        (CheckResult::Ok, Vec::new())
    };
    CutoverCheck { tables: names, ..check("validation", result, found, wanted) }
}

fn names(tables: &[TableStatistics], wanted: impl Fn(&TableStatistics) -> bool) -> Vec<String> {
    tables.iter().filter(|table| wanted(table)).map(TableStatistics::name).collect()
}

fn check(
    name: &'static str,
    result: CheckResult,
    found: impl Into<String>,
    wanted: impl Into<String>,
) -> CutoverCheck {
    CutoverCheck { name, result, found: found.into(), wanted: wanted.into(), tables: Vec::new() }
}

/// The query for the exceptions of a task: DMS marks them with the last part of its ARN (DMS User Guide, "Control table task
/// settings", `awsdms_apply_exceptions`).
fn query(live: &Live) -> String {
    let task = live.arn.rsplit(':').next().unwrap_or_default().replace('\'', "''");
    let schema = declared(live)
        .and_then(|(_, settings)| settings.pointer("/ControlTablesSettings/ControlSchema")?.as_str())
        .filter(|schema| !schema.is_empty());
    let table = match schema {
        Some(schema) => format!("{schema}.awsdms_apply_exceptions"),
        None => "awsdms_apply_exceptions".to_owned(),
    };
    format!("SELECT * FROM {table} WHERE TASK_NAME = '{task}' ORDER BY ERROR_TIME DESC")
}
