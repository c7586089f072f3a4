//! Replication tasks.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::events::Source;
use super::listing::Listing;
use super::progress::{self, Run};
use super::record::{Object, TASK};
use super::{
    Dms, Input, Output, boolean, catalog, endpoints, errors, instances, names, optional_text, tables, tags,
    task_settings, text, timestamp,
};
use crate::api::AwsError;
use crate::durations;

const CREATING: Duration = durations::CREATE_TASK;
const MODIFYING: Duration = Duration::from_secs(10);
const MOVING: Duration = Duration::from_mins(2);
const STARTING: Duration = durations::START_TASK;
const STOPPING: Duration = Duration::from_mins(1);
const DELETING: Duration = Duration::from_secs(30);

pub(super) fn create(input: &Input, dms: &mut Dms<'_>) -> Output {
    let identifier =
        names::identifier("ReplicationTaskIdentifier", text(input, "ReplicationTaskIdentifier"), 255)?;
    let resource_identifier = names::resource_identifier(input)?;
    let migration = text(input, "MigrationType").to_ascii_lowercase();
    let mappings = text(input, "TableMappings");
    tables::check(mappings)?;
    let mut settings = task_settings::expand(optional_text(input, "ReplicationTaskSettings"))?;
    check_cdc(input, &migration)?;
    let source = endpoint_of(input, "SourceEndpointArn", "SOURCE", dms)?;
    let target = endpoint_of(input, "TargetEndpointArn", "TARGET", dms)?;
    let instance = dms.instance(text(input, "ReplicationInstanceArn"))?;
    if instance.text("ReplicationInstanceStatus") != "available" {
        return Err(instances::not_available(&instance));
    }
    let existing = dms.all(TASK);
    if let Some(same) = existing.iter().find(|task| task.text("ReplicationTaskIdentifier") == identifier) {
        return Err(errors::already_exists("ReplicationTask", &identifier, &same.key));
    }
    check_quotas(dms, &existing, &instance)?;
    let arn = dms.new_arn(TASK, resource_identifier);
    if existing.iter().any(|task| task.key == arn) {
        return Err(errors::already_exists("ReplicationTask", &arn, &arn));
    }
    name_logs(&mut settings, &instance, &arn, dms);
    let mut task = Object::new(arn.clone(), Map::new());
    task.set("ReplicationTaskIdentifier", identifier);
    task.set("SourceEndpointArn", source.key);
    task.set("TargetEndpointArn", target.key);
    task.set("ReplicationInstanceArn", instance.key);
    task.set("MigrationType", migration);
    task.set("TableMappings", mappings);
    task.set("ReplicationTaskSettings", settings.to_string());
    task.set("Status", "creating");
    task.set("ReplicationTaskCreationDate", timestamp(dms.now));
    task.set("ReplicationTaskArn", arn);
    keep_cdc(&mut task, input);
    task.tags = tags::from_input(input)?;
    task.then(dms.now + CREATING, json!({"Status": "ready"}));
    let task = dms.add(TASK, task);
    let source = Source::Task(task.text("ReplicationTaskIdentifier"));
    dms.note(source, "creation", "Replication task has been created", dms.now + CREATING);
    Ok(json!({"ReplicationTask": shown(&task, dms.now)}))
}

pub(super) fn describe(input: &Input, dms: &mut Dms<'_>) -> Output {
    let filters: &[(&str, &[&str])] = &[
        ("replication-task-arn", &["ReplicationTaskArn"]),
        ("replication-task-id", &["ReplicationTaskIdentifier"]),
        ("migration-type", &["MigrationType"]),
        ("endpoint-arn", &["SourceEndpointArn", "TargetEndpointArn"]),
        ("replication-instance-arn", &["ReplicationInstanceArn"]),
    ];
    let now = dms.now;
    let without_settings = boolean(input, "WithoutSettings") == Some(true);
    let tasks = dms.all(TASK).into_iter().map(|task| {
        let mut task = shown(&task, now);
        if without_settings {
            task.remove("ReplicationTaskSettings");
        }
        task
    });
    Listing::new("ReplicationTasks", "Tasks", filters).page(input, tasks.collect())
}

pub(super) fn modify(input: &Input, dms: &mut Dms<'_>) -> Output {
    let mut task = dms.task(text(input, "ReplicationTaskArn"))?;
    let status = task.text("Status").to_owned();
    let settings = optional_text(input, "ReplicationTaskSettings");
    let live =
        status == "running" && input.len() == 2 && settings.is_some_and(task_settings::only_severities);
    if !matches!(status.as_str(), "ready" | "stopped" | "failed") && !live {
        return Err(errors::invalid_state(format!(
            "Replication Task, excluding logging severity task settings, cannot be modified while it is {status} state"
        )));
    }
    if let Some(given) = optional_text(input, "ReplicationTaskIdentifier") {
        let identifier = names::identifier("ReplicationTaskIdentifier", given, 255)?;
        let same = dms
            .all(TASK)
            .into_iter()
            .find(|other| other.text("ReplicationTaskIdentifier") == identifier && other.key != task.key);
        if let Some(same) = same {
            return Err(errors::already_exists("ReplicationTask", &identifier, &same.key));
        }
        task.set("ReplicationTaskIdentifier", identifier);
    }
    if let Some(migration) = optional_text(input, "MigrationType") {
        task.set("MigrationType", migration.to_ascii_lowercase());
    }
    check_cdc(input, task.text("MigrationType"))?;
    if let Some(mappings) = optional_text(input, "TableMappings") {
        tables::check(mappings)?;
        task.set("TableMappings", mappings);
    }
    if settings.is_some() {
        let now = serde_json::from_str(task.text("ReplicationTaskSettings")).unwrap_or_default();
        let mut new = task_settings::overlay(now, settings, "modify")?;
        let instance = dms.instance(task.text("ReplicationInstanceArn"))?;
        name_logs(&mut new, &instance, &task.key, dms);
        task.set("ReplicationTaskSettings", new.to_string());
    }
    keep_cdc(&mut task, input);
    if !live {
        task.set("Status", "modifying");
        task.ahead.clear();
        task.then(dms.now + MODIFYING, json!({"Status": status}));
    }
    dms.save(TASK, &task);
    Ok(json!({"ReplicationTask": shown(&task, dms.now)}))
}

/// MoveReplicationTask.
pub(super) fn relocate(input: &Input, dms: &mut Dms<'_>) -> Output {
    let mut task = dms.task(text(input, "ReplicationTaskArn"))?;
    let status = task.text("Status").to_owned();
    if !matches!(status.as_str(), "ready" | "stopped" | "failed" | "failed-move") {
        return Err(errors::invalid_state(format!(
            "Replication Task cannot be moved while it is in {status} state"
        )));
    }
    let from = dms.instance(task.text("ReplicationInstanceArn"))?;
    let to = dms.instance(text(input, "TargetReplicationInstanceArn"))?;
    if from.key == to.key {
        return Err(errors::invalid_combination(
            "The replication task is on the target replication instance already",
        ));
    }
    for instance in [&from, &to] {
        if instance.text("ReplicationInstanceStatus") != "available" {
            return Err(instances::not_available(instance));
        }
    }
    if catalog::release(to.text("EngineVersion")) < catalog::release(from.text("EngineVersion")) {
        return Err(errors::invalid_state(
            "The target replication instance must have the same or a newer engine version",
        ));
    }
    let most = dms.config.quotas.tasks_per_instance;
    let there = dms.all(TASK);
    let there = there.iter().filter(|task| task.text("ReplicationInstanceArn") == to.key);
    if there.count() >= most {
        return Err(errors::quota("tasks of a replication instance", most));
    }
    task.set("Status", "moving");
    task.set("TargetReplicationInstanceArn", to.key.as_str());
    task.ahead.clear();
    let after = if status == "failed-move" { "stopped" } else { &status };
    task.then(
        dms.now + MOVING,
        json!({"Status": after, "ReplicationInstanceArn": to.key, "TargetReplicationInstanceArn": null}),
    );
    dms.save(TASK, &task);
    Ok(json!({"ReplicationTask": shown(&task, dms.now)}))
}

pub(super) fn start(input: &Input, dms: &mut Dms<'_>) -> Output {
    let mut task = dms.task(text(input, "ReplicationTaskArn"))?;
    if !matches!(task.text("Status"), "ready" | "stopped" | "failed") {
        // https://github.com/hashicorp/terraform-provider-aws/pull/46516
        return Err(errors::invalid_state("Replication Task cannot be started, invalid state"));
    }
    let kind = text(input, "StartReplicationTaskType").to_ascii_lowercase();
    let migration = task.text("MigrationType").to_owned();
    let last = run_of(&task);
    check_cdc(input, &migration)?;
    check_start_type(&kind, &migration, last.is_some(), input)?;
    let instance = dms.instance(task.text("ReplicationInstanceArn"))?;
    if instance.text("ReplicationInstanceStatus") != "available" {
        return Err(instances::not_available(&instance));
    }
    for member in ["SourceEndpointArn", "TargetEndpointArn"] {
        let endpoint = dms.endpoint(task.text(member))?;
        if endpoint.text("Status") != "active" {
            return Err(endpoints::not_active(&endpoint));
        }
        if !dms.is_connected(&instance.key, &endpoint.key) {
            return Err(errors::invalid_state(format!(
                "Test connection for replication instance {} and endpoint {} should be successful for starting the \
                 replication task",
                instance.text("ReplicationInstanceIdentifier"),
                endpoint.text("EndpointIdentifier")
            )));
        }
    }
    let settings: Value = serde_json::from_str(task.text("ReplicationTaskSettings")).unwrap_or_default();
    if task_settings::logging(&settings) {
        dms.warn_without_logs_role(&task.key);
    }
    keep_cdc(&mut task, input);
    let begin = dms.now + STARTING;
    let resumed = last.filter(|_| kind == "resume-processing");
    let mut run = Run::begin(begin, (&migration, task.text("TableMappings"), &settings), resumed, dms.now);
    for name in ["StopReason", "LastFailureMessage"] {
        task.shown.remove(name);
    }
    task.set("Status", "starting");
    task.ahead.clear();
    let mut running = json!({"Status": "running", "ReplicationTaskStartDate": timestamp(begin)});
    if run.follow {
        running["RecoveryCheckpoint"] = json!(progress::checkpoint(begin));
    }
    task.then(begin, running);
    if let Some((stop, reason)) = natural_stop(&run, &settings, task.text("CdcStopPosition")) {
        run.stop = Some(stop);
        task.then(stop, json!({"Status": "stopped", "StopReason": reason}));
    }
    dms.note_start(&task, &run, input);
    task.hidden.insert("run".to_owned(), json!(run));
    dms.save(TASK, &task);
    let source = Source::Task(task.text("ReplicationTaskIdentifier"));
    dms.note(source, "state change", "Replication task has started", begin);
    if let Some(stop) = run.stop {
        dms.note(source, "state change", "Replication task has stopped", stop);
    }
    Ok(json!({"ReplicationTask": shown(&task, dms.now)}))
}

pub(super) fn stop(input: &Input, dms: &mut Dms<'_>) -> Output {
    let mut task = dms.task(text(input, "ReplicationTaskArn"))?;
    if task.text("Status") != "running" {
        return Err(errors::invalid_state(format!(
            "Replication Task cannot be stopped, task not running: it is in {} state",
            task.text("Status")
        )));
    }
    let mut stopped = json!({"Status": "stopped", "StopReason": "Stop Reason NORMAL"});
    if let Some(mut run) = run_of(&task) {
        run.stop = Some(dms.now);
        if let Some(checkpoint) = run.last_checkpoint() {
            stopped["RecoveryCheckpoint"] = json!(checkpoint);
        }
        task.hidden.insert("run".to_owned(), json!(run));
    }
    task.set("Status", "stopping");
    task.ahead.clear();
    task.then(dms.now + STOPPING, stopped);
    dms.save(TASK, &task);
    let source = Source::Task(task.text("ReplicationTaskIdentifier"));
    dms.forget_ahead(source);
    dms.note(source, "state change", "Replication task has stopped", dms.now + STOPPING);
    Ok(json!({"ReplicationTask": shown(&task, dms.now)}))
}

pub(super) fn delete(input: &Input, dms: &mut Dms<'_>) -> Output {
    let mut task = dms.task(text(input, "ReplicationTaskArn"))?;
    if !matches!(task.text("Status"), "ready" | "stopped" | "failed" | "failed-move") {
        return Err(errors::invalid_state(format!(
            "Replication Task cannot be deleted while it is in {} state",
            task.text("Status")
        )));
    }
    dms.note_end(&task);
    task.set("Status", "deleting");
    task.ahead.clear();
    task.then_gone(dms.now + DELETING);
    dms.save(TASK, &task);
    let source = Source::Task(task.text("ReplicationTaskIdentifier"));
    dms.note(source, "deletion", "Replication task has been deleted", dms.now + DELETING);
    Ok(json!({"ReplicationTask": shown(&task, dms.now)}))
}

pub(super) fn table_statistics(input: &Input, dms: &mut Dms<'_>) -> Output {
    let task = dms.task(text(input, "ReplicationTaskArn"))?;
    let rows = run_of(&task).map_or_else(Vec::new, |run| run.table_statistics(dms.now));
    let mut output = statistics_page("TableStatistics", input, rows)?;
    output["ReplicationTaskArn"] = json!(task.key);
    Ok(output)
}

pub(super) fn reload_tables(input: &Input, dms: &mut Dms<'_>) -> Output {
    let mut task = dms.task(text(input, "ReplicationTaskArn"))?;
    if task.text("Status") != "running" {
        return Err(errors::invalid_state(format!(
            "Tables of a replication task cannot be reloaded while it is in {} state",
            task.text("Status")
        )));
    }
    reload(&mut task, input, dms.now)?;
    dms.note_reload(&task, input);
    dms.save(TASK, &task);
    Ok(json!({"ReplicationTaskArn": task.key}))
}

/// Loads the tables that a request names again. `validate-only` needs validation to be on.
pub(super) fn reload(running: &mut Object, input: &Input, now: Duration) -> Result<(), AwsError> {
    let Some(mut run) = run_of(running) else {
        return Ok(());
    };
    let given = input.get("TablesToReload").and_then(Value::as_array);
    for table in given.into_iter().flatten().filter_map(Value::as_object) {
        let (schema, name) = (text(table, "SchemaName"), text(table, "TableName"));
        let Some(index) = run.position(schema, name) else {
            return Err(errors::invalid_value(format!(
                "Table {schema}.{name} is not part of the replication"
            )));
        };
        if optional_text(input, "ReloadOption") != Some("validate-only") {
            run.reload(index, now);
        }
    }
    running.hidden.insert("run".to_owned(), json!(run));
    Ok(())
}

/// A page of table statistics. A filter that matches no table is no fault.
pub(super) fn statistics_page(member: &str, input: &Input, rows: Vec<Map<String, Value>>) -> Output {
    let listing = Listing {
        largest: 500,
        ..Listing::new(
            member,
            "Tables",
            &[
                ("schema-name", &["SchemaName"]),
                ("table-name", &["TableName"]),
                ("table-state", &["TableState"]),
            ],
        )
    };
    listing.page_or_empty(input, rows)
}

impl Dms<'_> {
    /// The task of this ARN.
    pub(super) fn task(&self, arn: &str) -> Result<Object, AwsError> {
        self.load(TASK, arn)
            .ok_or_else(|| errors::not_found(format!("Replication Task \"{arn}\" not found.")))
    }
}

/// The last run of a task.
pub(super) fn run_of(task: &Object) -> Option<Run> {
    serde_json::from_value(task.hidden.get("run")?.clone()).ok()
}

/// The task with its statistics.
fn shown(task: &Object, now: Duration) -> Map<String, Value> {
    let mut shown = task.shown.clone();
    if let Some(run) = run_of(task) {
        shown.insert("ReplicationTaskStats".to_owned(), run.stats(now));
    }
    shown
}

/// When and why a run ends by itself.
pub(super) fn natural_stop(run: &Run, settings: &Value, position: &str) -> Option<(Duration, &'static str)> {
    let full_load = &settings["FullLoadSettings"];
    if !run.follow {
        return Some((run.done(), "Stop Reason FULL_LOAD_ONLY_FINISHED"));
    }
    if run.load && full_load["StopTaskCachedChangesNotApplied"] == json!(true) {
        return Some((run.load_end(), "Stop Reason STOPPED_AFTER_FULL_LOAD"));
    }
    if run.load && full_load["StopTaskCachedChangesApplied"] == json!(true) {
        return Some((run.load_end(), "Stop Reason STOPPED_AFTER_CACHED_EVENTS"));
    }
    let (kind, time) = position.split_once(':')?;
    let stop = jiff::civil::DateTime::strptime("%Y-%m-%dT%H:%M:%S", time.trim()).ok()?;
    let stop = jiff::tz::TimeZone::UTC.to_timestamp(stop).ok()?.as_second();
    let stop = Duration::from_secs(u64::try_from(stop).ok()?).max(run.start);
    match kind {
        "server_time" => Some((stop, "Stop Reason STOPPED_AT_SERVER_TIME")),
        "commit_time" => Some((stop, "Stop Reason STOPPED_AT_COMMIT_TIME")),
        _ => None,
    }
}

/// Which start types a task may have.
pub(super) fn check_start_type(
    kind: &str,
    migration: &str,
    ran: bool,
    input: &Input,
) -> Result<(), AwsError> {
    let positioned = input.contains_key("CdcStartPosition") || input.contains_key("CdcStartTime");
    let refused = match kind {
        "start-replication" if ran && !(migration == "cdc" && positioned) => {
            "Start Type : START_REPLICATION, valid only for tasks running for the first time"
        }
        // The reference says that these two go on from, or repeat, an earlier run.
        "resume-processing" if !ran => {
            "Start Type : RESUME_PROCESSING, not valid for tasks running for the first time"
        }
        "reload-target" if !ran => {
            "Start Type : RELOAD_TARGET, not valid for tasks running for the first time"
        }
        "reload-target" if migration == "cdc" => "Start Type : RELOAD_TARGET, not valid for CDC only tasks",
        _ => return Ok(()),
    };
    Err(errors::invalid_combination(refused))
}

/// Start and stop positions belong to tasks that follow changes; a start is a time or a position.
pub(super) fn check_cdc(input: &Input, migration: &str) -> Result<(), AwsError> {
    if input.contains_key("CdcStartTime") && input.contains_key("CdcStartPosition") {
        return Err(errors::invalid_combination(
            "Only one of CdcStartTime and CdcStartPosition can be specified",
        ));
    }
    let named = ["CdcStartTime", "CdcStartPosition", "CdcStopPosition"]
        .into_iter()
        .find(|name| input.contains_key(*name));
    match named {
        Some(name) if migration == "full-load" => Err(errors::invalid_combination(format!(
            "{name} cannot be specified for migration type full-load"
        ))),
        _ => Ok(()),
    }
}

/// The start time is not answered, the rest is.
fn keep_cdc(task: &mut Object, input: &Input) {
    for name in ["CdcStartPosition", "CdcStopPosition", "TaskData"] {
        if let Some(value) = optional_text(input, name) {
            task.set(name, value);
        }
    }
    match input.get("CdcStartTime") {
        Some(time) => drop(task.hidden.insert("cdcStartTime".to_owned(), time.clone())),
        None if input.contains_key("CdcStartPosition") => drop(task.hidden.remove("cdcStartTime")),
        None => {}
    }
}

pub(super) fn endpoint_of(
    input: &Input,
    member: &str,
    kind: &str,
    dms: &Dms<'_>,
) -> Result<Object, AwsError> {
    let endpoint = dms.endpoint(text(input, member))?;
    if endpoint.text("EndpointType") != kind {
        return Err(errors::invalid_combination(format!(
            "Endpoint {} is not a {} endpoint",
            endpoint.key,
            kind.to_lowercase()
        )));
    }
    if endpoint.text("Status") == "deleting" {
        return Err(endpoints::not_active(&endpoint));
    }
    Ok(endpoint)
}

fn check_quotas(dms: &Dms<'_>, existing: &[Object], instance: &Object) -> Result<(), AwsError> {
    let quotas = &dms.config.quotas;
    if existing.len() >= quotas.tasks {
        return Err(errors::quota("replication tasks", quotas.tasks));
    }
    let on_instance = existing.iter().filter(|task| task.text("ReplicationInstanceArn") == instance.key);
    if on_instance.count() >= quotas.tasks_per_instance {
        return Err(errors::quota("tasks of a replication instance", quotas.tasks_per_instance));
    }
    Ok(())
}

/// Logs go to a group an instance and a stream a task.
fn name_logs(settings: &mut Value, instance: &Object, arn: &str, dms: &Dms<'_>) {
    let group = format!("dms-tasks-{}", instance.text("ReplicationInstanceIdentifier"));
    let stream = format!("dms-task-{}", arn.rsplit(':').next().unwrap_or_default());
    task_settings::name_logs(settings, &group, &stream);
    if task_settings::logging(settings) {
        dms.warn_without_logs_role(arn);
    }
}
