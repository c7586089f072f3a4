//! Replication tasks.

use std::collections::BTreeMap;

use aws_sdk_databasemigration::primitives::DateTime;
use aws_sdk_databasemigration::types::{
    Filter, MigrationTypeValue, ReplicationTask, StartReplicationTaskTypeValue,
};
use pipewright_engine::CallError;
use pipewright_model::kinds::{CdcStart, MigrationType, TaskDeclared, TaskObserved};
use pipewright_model::tags::Tags;
use pipewright_model::{Kind, Live, LiveBody, ResourceId, Timestamp};
use pipewright_plan::StartType;
use serde_json::Value;

use super::{Dms, PAGE_SIZE, Page, filled, pages, tags};
use crate::error::{Named, absent_is_fine, refused};

/// Every task, with its settings and mappings.
pub(crate) async fn list(dms: &Dms) -> Result<BTreeMap<ResourceId, Live>, CallError> {
    let tasks = pages(|marker| async move {
        let answer = dms
            .client()
            .await
            .describe_replication_tasks()
            .max_records(PAGE_SIZE)
            .set_marker(marker)
            .send()
            .await
            .named("dms:DescribeReplicationTasks")?;
        Ok(Page { items: answer.replication_tasks, marker: answer.marker })
    })
    .await?;
    Ok(tasks
        .into_iter()
        .map(|task| {
            let name = task.replication_task_identifier().unwrap_or_default();
            let id = ResourceId::new(Kind::Task, name);
            let live = Live {
                arn: task.replication_task_arn().unwrap_or_default().to_owned(),
                tags: Tags::new(),
                body: LiveBody::Task(observed(task)),
            };
            (id, live)
        })
        .collect())
}

fn observed(task: ReplicationTask) -> TaskObserved {
    let stats = task.replication_task_stats.as_ref();
    TaskObserved {
        source_arn: task.source_endpoint_arn.unwrap_or_default(),
        target_arn: task.target_endpoint_arn.unwrap_or_default(),
        instance_arn: task.replication_instance_arn.unwrap_or_default(),
        moving_to: filled(task.target_replication_instance_arn),
        migration_type: task.migration_type.map(|word| word.as_str().to_owned()).unwrap_or_default(),
        table_mappings: document(task.table_mappings),
        settings: document(task.replication_task_settings),
        cdc_start_position: filled(task.cdc_start_position),
        cdc_stop_position: filled(task.cdc_stop_position),
        status: task.status.unwrap_or_default(),
        stop_reason: task.stop_reason.unwrap_or_default(),
        last_failure_message: task.last_failure_message.unwrap_or_default(),
        stopped_at: stats.and_then(|stats| point(stats.stop_date)),
        recovery_checkpoint: filled(task.recovery_checkpoint),
        full_load_progress: stats.map(|stats| stats.full_load_progress_percent),
        tables_in_error: stats.map_or(0, |stats| stats.tables_errored),
    }
}

/// A point in time as the API gives it.
pub(super) fn point(time: Option<DateTime>) -> Option<Timestamp> {
    u64::try_from(time?.to_millis().ok()?).ok().map(Timestamp::from_millis)
}

/// A document that the API carries as text. One that is no JSON stays the text it is, so that a
/// comparison shows it.
pub(super) fn document(text: Option<String>) -> Value {
    match filled(text) {
        None => Value::Null,
        Some(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
    }
}

/// Makes a task; its ARN.
pub(crate) async fn create(
    dms: &Dms,
    id: &ResourceId,
    declared: &TaskDeclared,
    ends: &Ends<'_>,
    from: Option<&CdcStart>,
    tags: &Tags,
) -> Result<Option<String>, CallError> {
    let (time, position) = cdc_start(from);
    let answer = dms
        .client()
        .await
        .create_replication_task()
        .replication_task_identifier(&id.name)
        .source_endpoint_arn(ends.source)
        .target_endpoint_arn(ends.target)
        .replication_instance_arn(ends.instance)
        .migration_type(MigrationTypeValue::from(declared.migration_type.as_str()))
        .table_mappings(declared.table_mappings.to_string())
        .set_replication_task_settings(declared_text(&declared.settings))
        .set_cdc_start_time(time)
        .set_cdc_start_position(position)
        .set_cdc_stop_position(declared.cdc_stop_position.clone())
        .set_tags(tags::of(tags))
        .send()
        .await
        .named("dms:CreateReplicationTask")?;
    Ok(answer.replication_task.and_then(|task| task.replication_task_arn))
}

/// Where change capture of the task of this ARN can be taken up by another one. It is final once the task has
/// stopped.
pub(crate) async fn checkpoint(dms: &Dms, arn: &str) -> Result<CdcStart, CallError> {
    const OPERATION: &str = "dms:DescribeReplicationTasks";
    let of_arn = Filter::builder().name("replication-task-arn").values(arn).build();
    let of_arn = of_arn.map_err(|error| refused(OPERATION, "Filter", error.to_string()))?;
    let answer = dms
        .client()
        .await
        .describe_replication_tasks()
        .filters(of_arn)
        .without_settings(true)
        .send()
        .await
        .named(OPERATION)?;
    let task = answer.replication_tasks.unwrap_or_default().pop();
    let position = task.and_then(|task| filled(task.recovery_checkpoint));
    let none =
        || refused(OPERATION, "NoCheckpoint", format!("{arn} has no recovery checkpoint to go on from"));
    position.map(CdcStart::Position).ok_or_else(none)
}

/// Gives a task another identifier.
pub(crate) async fn rename(dms: &Dms, arn: &str, to: &str) -> Result<(), CallError> {
    dms.client()
        .await
        .modify_replication_task()
        .replication_task_arn(arn)
        .replication_task_identifier(to)
        .send()
        .await
        .named("dms:ModifyReplicationTask")?;
    Ok(())
}

/// The ARNs of what a task connects.
pub(crate) struct Ends<'a> {
    pub(crate) source: &'a str,
    pub(crate) target: &'a str,
    pub(crate) instance: &'a str,
}

/// What is changed about a task; what is `None` stays.
pub(crate) struct Changes<'a> {
    pub(crate) migration_type: Option<MigrationType>,
    pub(crate) table_mappings: Option<&'a Value>,
    pub(crate) settings: Option<&'a Value>,
    pub(crate) cdc_start: Option<&'a CdcStart>,
    pub(crate) cdc_stop_position: Option<&'a str>,
}

/// Changes a task.
pub(crate) async fn modify(dms: &Dms, arn: &str, changes: Changes<'_>) -> Result<(), CallError> {
    let (time, position) = cdc_start(changes.cdc_start);
    dms.client()
        .await
        .modify_replication_task()
        .replication_task_arn(arn)
        .set_migration_type(changes.migration_type.map(|kind| MigrationTypeValue::from(kind.as_str())))
        .set_table_mappings(changes.table_mappings.map(Value::to_string))
        .set_replication_task_settings(changes.settings.and_then(declared_text))
        .set_cdc_start_time(time)
        .set_cdc_start_position(position)
        .set_cdc_stop_position(changes.cdc_stop_position.map(str::to_owned))
        .send()
        .await
        .named("dms:ModifyReplicationTask")?;
    Ok(())
}

/// The text of a partial settings document; `None` for one that says nothing.
pub(super) fn declared_text(settings: &Value) -> Option<String> {
    let empty = settings.is_null() || settings.as_object().is_some_and(serde_json::Map::is_empty);
    (!empty).then(|| settings.to_string())
}

/// The two parameters that say where change capture begins; the API takes one of them.
pub(super) fn cdc_start(start: Option<&CdcStart>) -> (Option<DateTime>, Option<String>) {
    match start {
        None => (None, None),
        Some(CdcStart::Time(seconds)) => (Some(DateTime::from_secs(*seconds)), None),
        Some(CdcStart::Position(position)) => (None, Some(position.clone())),
    }
}

/// Moves a task to another instance.
pub(crate) async fn move_to(dms: &Dms, arn: &str, instance_arn: &str) -> Result<(), CallError> {
    dms.client()
        .await
        .move_replication_task()
        .replication_task_arn(arn)
        .target_replication_instance_arn(instance_arn)
        .send()
        .await
        .named("dms:MoveReplicationTask")?;
    Ok(())
}

/// Starts or resumes a task.
pub(crate) async fn start(
    dms: &Dms,
    arn: &str,
    start: StartType,
    from: Option<&CdcStart>,
) -> Result<(), CallError> {
    let (time, position) = cdc_start(from);
    let start = match start {
        StartType::StartReplication => StartReplicationTaskTypeValue::StartReplication,
        StartType::ResumeProcessing => StartReplicationTaskTypeValue::ResumeProcessing,
    };
    dms.client()
        .await
        .start_replication_task()
        .replication_task_arn(arn)
        .start_replication_task_type(start)
        .set_cdc_start_time(time)
        .set_cdc_start_position(position)
        .send()
        .await
        .named("dms:StartReplicationTask")?;
    Ok(())
}

/// Stops a task.
pub(crate) async fn stop(dms: &Dms, arn: &str) -> Result<(), CallError> {
    dms.client()
        .await
        .stop_replication_task()
        .replication_task_arn(arn)
        .send()
        .await
        .named("dms:StopReplicationTask")?;
    Ok(())
}

/// Deletes a task. That it is gone is as good.
pub(crate) async fn delete(dms: &Dms, arn: &str) -> Result<(), CallError> {
    let done = dms
        .client()
        .await
        .delete_replication_task()
        .replication_task_arn(arn)
        .send()
        .await
        .named("dms:DeleteReplicationTask");
    absent_is_fine(done.map(drop))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn documents_are_parsed_and_what_is_no_json_is_kept() {
        assert_eq!(document(Some(r#"{"Logging": null}"#.to_owned())), json!({"Logging": null}));
        assert_eq!(document(Some(String::new())), Value::Null);
        assert_eq!(document(Some("{".to_owned())), json!("{"));
    }

    #[test]
    fn settings_that_say_nothing_are_not_sent() {
        assert_eq!(declared_text(&json!({})), None);
        assert_eq!(declared_text(&Value::Null), None);
        assert_eq!(declared_text(&json!({"A": {"B": 1}})).unwrap(), r#"{"A":{"B":1}}"#);
    }
}
