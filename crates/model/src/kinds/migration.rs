//! What tasks and serverless replications have in common once they exist: how far they have come.

use serde_json::Value;

use super::cause::Cause;
use crate::Timestamp;

/// Where a task or a serverless replication stands, whatever DMS calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It is being made.
    Making,
    /// It can be started, and has never run.
    Ready,
    /// It is on its way to run.
    Starting,
    /// It runs.
    Running,
    /// It is on its way to a stop.
    Stopping,
    /// It has run, and does not now.
    Stopped,
    /// It is being changed, moved or tested.
    Changing,
    /// It failed.
    Failed,
    /// It is being deleted.
    Deleting,
    /// A status that is not known here: AWS is taken to be at work.
    Unknown,
}

impl Phase {
    /// What the `Status` of a replication task means (DMS API reference, ReplicationTask).
    pub fn of_task(status: &str) -> Self {
        match status {
            "creating" => Self::Making,
            "ready" => Self::Ready,
            "starting" => Self::Starting,
            "running" => Self::Running,
            "stopping" => Self::Stopping,
            "stopped" => Self::Stopped,
            "modifying" | "moving" | "testing" => Self::Changing,
            "failed" | "failed-move" => Self::Failed,
            "deleting" => Self::Deleting,
            _ => Self::Unknown,
        }
    }

    /// What the `Status` of a serverless replication means (DMS User Guide, "AWS DMS Serverless
    /// components"). `ready` is said of one that has never run and of one whose capacity was given back.
    pub fn of_replication(status: &str, has_run: bool) -> Self {
        match status {
            "creating" => Self::Making,
            "created" | "ready" if !has_run => Self::Ready,
            "created" | "ready" | "stopped" => Self::Stopped,
            "initializing"
            | "preparing_metadata_resources"
            | "testing_connection"
            | "fetching_metadata"
            | "calculating_capacity"
            | "provisioning_capacity"
            | "replication_starting"
            | "starting" => Self::Starting,
            "running" => Self::Running,
            "stopping" => Self::Stopping,
            "modifying" => Self::Changing,
            "failed" => Self::Failed,
            "deleting" => Self::Deleting,
            _ => Self::Unknown,
        }
    }

    /// Whether it does something that a change must not cut into.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Starting | Self::Running | Self::Stopping)
    }
}

/// How far a task or a serverless replication has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MigrationObserved<'a> {
    /// Where it stands.
    pub phase: Phase,
    /// DMS's own word for that.
    pub status: &'a str,
    /// What it moves, in the API's word.
    pub migration_type: &'a str,
    /// The whole settings document.
    pub settings: &'a Value,
    /// Why it stopped, such as `Stop Reason FULL_LOAD_ONLY_FINISHED`; empty if it did not.
    pub stop_reason: &'a str,
    /// The last failure; empty if there was none.
    pub last_failure_message: &'a str,
    /// When it last stopped or failed, where DMS says so.
    pub stopped_at: Option<Timestamp>,
    /// The position from which change capture can resume.
    pub recovery_checkpoint: Option<&'a str>,
    /// How much of the full load is done, in percent.
    pub full_load_progress: Option<i32>,
    /// How many tables DMS has given up, until they are loaded again.
    pub tables_in_error: i32,
    /// Whether it has moved any data yet, so that it is resumed rather than started.
    pub has_run: bool,
}

impl MigrationObserved<'_> {
    /// Whether it stopped because it was done, or where its settings told it to, rather than because
    /// somebody or something stopped it.
    pub fn stopped_by_itself(&self) -> bool {
        self.phase == Phase::Stopped && self.cause() == Some(Cause::Finished)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replication_whose_capacity_was_given_back_is_stopped_and_not_new() {
        for status in ["created", "ready"] {
            assert_eq!(Phase::of_replication(status, false), Phase::Ready, "{status}");
            assert_eq!(Phase::of_replication(status, true), Phase::Stopped, "{status}");
        }
    }

    #[test]
    fn a_status_that_is_not_known_is_no_rest() {
        assert_eq!(Phase::of_replication("scaling", true), Phase::Unknown);
        assert_eq!(Phase::of_task("scaling"), Phase::Unknown);
        assert!(!Phase::Unknown.is_active());
    }
}
