//! What tasks and serverless replications have in common: how they are started, stopped and deleted.

use std::borrow::Cow;

use pipewright_model::kinds::{
    CdcStart, MigrationObserved, MigrationType, Phase, Recovery, Run, StartGates, TaskDeclared, Until,
};
use pipewright_model::tags::{CONTINUES, Tags};
use pipewright_model::{Body, Kind, Live, LiveBody, Ref, ResourceId, same_mappings, task_settings};
use serde_json::Value;

use crate::diff::Terms;
use crate::{Mutation, StartType, Step, Wait};

/// What the spec of a task or of a serverless replication says of its running.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MigrationDeclared<'a> {
    /// The source endpoint.
    pub(crate) source: &'a Ref,
    /// The target endpoint.
    pub(crate) target: &'a Ref,
    /// The instance whose connections to the endpoints are tested before a start; none where they are not.
    /// DMS Serverless tests them itself on its way to run.
    pub(crate) tested_from: Option<&'a Ref>,
    /// What it moves.
    pub(crate) migration_type: MigrationType,
    /// The table mappings document.
    pub(crate) table_mappings: &'a Value,
    /// The declared part of the settings document.
    pub(crate) settings: &'a Value,
    /// Where change capture begins.
    pub(crate) cdc_start: Option<&'a CdcStart>,
    /// Where change capture ends, where that is said at every start.
    pub(crate) cdc_stop_position: Option<&'a String>,
    /// Whether it is kept running.
    pub(crate) run: Run,
    /// What is done when it fails by itself.
    pub(crate) recovery: &'a Recovery,
    /// How often tables that DMS has given up are loaded again.
    pub(crate) table_reloads: u32,
    /// Whether it may be stopped to be changed, and resumed.
    pub(crate) stop_to_change: bool,
    /// What its first start waits for.
    pub(crate) gates: &'a StartGates,
}

impl<'a> MigrationDeclared<'a> {
    /// Of a task or a serverless replication config; none for what moves no data.
    pub(crate) fn of(body: &'a Body) -> Option<Self> {
        match body {
            Body::Task(task) => Some(Self {
                source: &task.source,
                target: &task.target,
                tested_from: Some(&task.instance).filter(|_| task.test_connections),
                migration_type: task.migration_type,
                table_mappings: &task.table_mappings,
                settings: &task.settings,
                cdc_start: task.cdc_start.as_ref(),
                cdc_stop_position: None,
                run: task.run,
                recovery: &task.recovery,
                table_reloads: task.table_reloads,
                stop_to_change: task.stop_to_change,
                gates: &task.start_gates,
            }),
            Body::ReplicationConfig(config) => Some(Self {
                source: &config.source,
                target: &config.target,
                tested_from: None,
                migration_type: config.migration_type,
                table_mappings: &config.table_mappings,
                settings: &config.settings,
                cdc_start: config.cdc_start.as_ref(),
                cdc_stop_position: config.cdc_stop_position.as_ref(),
                run: config.run,
                recovery: &config.recovery,
                table_reloads: config.table_reloads,
                stop_to_change: config.stop_to_change,
                gates: &config.start_gates,
            }),
            Body::ServiceRole(_)
            | Body::SubnetGroup(_)
            | Body::Instance(_)
            | Body::Endpoint(_)
            | Body::Connection(_)
            | Body::Certificate(_)
            | Body::EventSubscription(_) => None,
        }
    }
}

/// A task as it is where it goes on from another one's position: it follows changes from there on, and what was
/// loaded is not loaded again.
pub(crate) fn continued(declared: &TaskDeclared) -> TaskDeclared {
    TaskDeclared { migration_type: MigrationType::Cdc, cdc_start: None, ..declared.clone() }
}

/// A task as it is declared, or as it is where a live one with these tags went on from another one's position.
pub(crate) fn as_continued<'a>(declared: &'a TaskDeclared, live: &Tags) -> Cow<'a, TaskDeclared> {
    if is_continued(declared, live) { Cow::Owned(continued(declared)) } else { Cow::Borrowed(declared) }
}

/// Whether a task with these tags went on from the position of another one.
pub(crate) fn is_continued(declared: &TaskDeclared, live: &Tags) -> bool {
    live.get(CONTINUES).is_some_and(|of| of == declared.migration_type.as_str())
}

/// Whether what is declared moves the same tables in the same way as what is there.
pub(crate) fn moves_the_same(declared: &Body, live: &Live) -> bool {
    let (ours, theirs) = match (declared, &live.body) {
        (Body::Task(ours), LiveBody::Task(theirs)) => {
            let of = live.tags.get(CONTINUES).unwrap_or(&theirs.migration_type);
            ((ours.migration_type, &ours.table_mappings), (of, &theirs.table_mappings))
        }
        (Body::ReplicationConfig(ours), LiveBody::ReplicationConfig(theirs)) => {
            ((ours.migration_type, &ours.table_mappings), (&theirs.migration_type, &theirs.table_mappings))
        }
        _ => return false,
    };
    ours.0.as_str() == theirs.0 && same_mappings(ours.1, theirs.1)
}

/// Whether what moves data has come as far as others wait for.
pub(crate) fn has_reached(live: &LiveBody, until: Until) -> bool {
    let migration_type = match live {
        LiveBody::Task(task) => &task.migration_type,
        LiveBody::ReplicationConfig(config) => &config.migration_type,
        _ => return false,
    };
    let Some(migration) = live.migration() else { return false };
    let runs = migration.phase == Phase::Running;
    migration.stopped_by_itself()
        || match until {
            Until::Running => runs,
            Until::Loaded if migration_type == MigrationType::Cdc.as_str() => runs,
            // That it is stopped, or failed, later on does not undo its load.
            Until::Loaded => migration.full_load_progress == Some(100),
            Until::Finished => false,
        }
}

/// The call that starts it.
pub(crate) fn start(id: &ResourceId, declared: &MigrationDeclared<'_>, start: StartType) -> Step {
    let id = id.clone();
    // A run that goes on has a position of its own.
    let cdc_start = declared.cdc_start.filter(|_| start == StartType::StartReplication).cloned();
    Step::Call(match id.kind {
        Kind::ReplicationConfig => Mutation::StartReplication {
            id,
            start,
            cdc_start,
            cdc_stop_position: declared.cdc_stop_position.cloned(),
        },
        _ => Mutation::StartTask { id, start, cdc_start },
    })
}

/// The steps that bring it to a stop if it runs, starts or is about to stop; none otherwise.
pub(crate) fn stop(id: &ResourceId, live: MigrationObserved<'_>) -> Vec<Step> {
    let call = Step::Call(match id.kind {
        Kind::ReplicationConfig => Mutation::StopReplication { id: id.clone() },
        _ => Mutation::StopTask { id: id.clone() },
    });
    let stopped = Step::Wait(Wait::Stopped(id.clone()));
    match live.phase {
        // Stopping is refused while it starts.
        Phase::Starting => vec![Step::Wait(Wait::Started(id.clone())), call, stopped],
        Phase::Running => vec![call, stopped],
        Phase::Stopping => vec![stopped],
        _ => Vec::new(),
    }
}

/// The steps that delete it: it must not run.
pub(crate) fn delete(id: ResourceId, live: MigrationObserved<'_>) -> Vec<Step> {
    let mut steps = stop(&id, live);
    if matches!(live.phase, Phase::Making | Phase::Changing) {
        steps.push(Step::Wait(Wait::Settled(id.clone())));
    }
    steps.push(Step::Call(match id.kind {
        Kind::ReplicationConfig => Mutation::DeleteReplicationConfig { id: id.clone() },
        _ => Mutation::DeleteTask { id: id.clone() },
    }));
    steps.push(Step::Wait(Wait::Gone(id)));
    steps
}

/// What is known of the keys of the task settings document, whose paths begin with `settings.`.
pub(crate) struct TaskTerms;

impl Terms for TaskTerms {
    fn is_word(&self, path: &str) -> bool {
        let key = path.strip_prefix("settings.").unwrap_or(path);
        // Of a setting that is new in DMS, only names are taken to be exact.
        task_settings::find(key)
            .map_or(!key.ends_with("Schema") && !key.ends_with("Name"), task_settings::TaskSetting::is_word)
    }

    fn default_of(&self, path: &str) -> Option<Value> {
        let setting = task_settings::find(path.strip_prefix("settings.")?)?;
        serde_json::from_str(setting.default?).ok()
    }
}
