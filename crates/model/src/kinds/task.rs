//! Replication tasks: the migrations themselves.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::migration::{MigrationObserved, Phase};
use super::recovery::{Recovery, is_zero};
use super::start_gates::StartGates;
use crate::{Ref, Timestamp};

/// What a task moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MigrationType {
    /// What is there now, once.
    FullLoad,
    /// Changes only.
    Cdc,
    /// What is there now, then changes.
    FullLoadAndCdc,
}

impl MigrationType {
    /// The word of the DMS API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FullLoad => "full-load",
            Self::Cdc => "cdc",
            Self::FullLoadAndCdc => "full-load-and-cdc",
        }
    }
}

impl fmt::Display for MigrationType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether a task is kept running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Run {
    /// Started once it can be, and resumed when it was stopped.
    #[default]
    Running,
    /// Stopped when it runs.
    Stopped,
    /// Neither started nor stopped; only paused and resumed around a change.
    Unmanaged,
}

/// Where change capture begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum CdcStart {
    /// A native position, such as a log sequence number or a checkpoint.
    Position(String),
    /// A time, in seconds since the Unix epoch.
    Time(i64),
}

/// A task as the specs declare it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskDeclared {
    /// The source endpoint. Cannot be changed.
    pub source: Ref,
    /// The target endpoint. Cannot be changed.
    pub target: Ref,
    /// The instance it runs on; it can be moved.
    pub instance: Ref,
    /// What it moves.
    pub migration_type: MigrationType,
    /// The table mappings document.
    pub table_mappings: Value,
    /// The part of the task settings document that the spec declares; only this part is compared.
    pub settings: Value,
    /// Where change capture begins. AWS does not return a time.
    pub cdc_start: Option<CdcStart>,
    /// Where change capture ends.
    pub cdc_stop_position: Option<String>,
    /// Whether it is kept running.
    pub run: Run,
    /// What is done when it fails by itself.
    #[serde(skip_serializing_if = "Recovery::is_default")]
    pub recovery: Recovery,
    /// How often tables that DMS has given up are loaded again; 0: never.
    #[serde(skip_serializing_if = "is_zero")]
    pub table_reloads: u32,
    /// Whether a running task may be stopped to be changed, and resumed.
    pub stop_to_change: bool,
    /// Whether it starts only once both connections were tested successfully.
    pub test_connections: bool,
    /// What its first start waits for.
    #[serde(skip_serializing_if = "StartGates::is_open")]
    pub start_gates: StartGates,
}

/// A task as AWS describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskObserved {
    /// The source endpoint's ARN.
    pub source_arn: String,
    /// The target endpoint's ARN.
    pub target_arn: String,
    /// The instance's ARN.
    pub instance_arn: String,
    /// The ARN of the instance that it is being moved to.
    pub moving_to: Option<String>,
    /// What it moves, in the API's word.
    pub migration_type: String,
    /// The table mappings, parsed.
    pub table_mappings: Value,
    /// The whole task settings document, parsed.
    pub settings: Value,
    /// The CDC start position.
    pub cdc_start_position: Option<String>,
    /// The CDC stop position.
    pub cdc_stop_position: Option<String>,
    /// `creating`, `ready`, `running`, `stopped`, …
    pub status: String,
    /// Why it stopped, such as `Stop Reason FULL_LOAD_ONLY_FINISHED`; empty if it did not.
    pub stop_reason: String,
    /// The last failure; empty if there was none.
    pub last_failure_message: String,
    /// When it last stopped or failed, where DMS says so.
    pub stopped_at: Option<Timestamp>,
    /// The position from which change capture can resume.
    pub recovery_checkpoint: Option<String>,
    /// How much of the full load is done, in percent.
    pub full_load_progress: Option<i32>,
    /// How many tables DMS has given up.
    pub tables_in_error: i32,
}

impl TaskObserved {
    /// How far it has come.
    pub fn migration(&self) -> MigrationObserved<'_> {
        let phase = Phase::of_task(&self.status);
        MigrationObserved {
            phase,
            status: &self.status,
            migration_type: &self.migration_type,
            settings: &self.settings,
            stop_reason: &self.stop_reason,
            last_failure_message: &self.last_failure_message,
            stopped_at: self.stopped_at,
            recovery_checkpoint: self.recovery_checkpoint.as_deref(),
            full_load_progress: self.full_load_progress,
            tables_in_error: self.tables_in_error,
            has_run: !matches!(phase, Phase::Making | Phase::Ready),
        }
    }

    /// Whether it stopped because it was done, or where its settings told it to, rather than because
    /// somebody or something stopped it.
    pub fn stopped_by_itself(&self) -> bool {
        self.migration().stopped_by_itself()
    }
}
