//! Why a migration does not run any more.

use std::fmt;

use super::migration::{MigrationObserved, Phase};

/// Why a task or a serverless replication that has run does not run any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// It is done, or has come to where its spec told it to stop.
    Finished,
    /// Somebody stopped it, or something that gave no reason.
    OnDemand,
    /// DMS stopped it to start it again, and did not.
    Restart,
    /// An error of its surroundings: a lost connection, an instance that restarted.
    RecoverableError,
    /// An error after which DMS itself does not go on, and for which it names no scarcity.
    FatalError,
    /// Its settings stop it after a change of a table's structure, so that somebody can look at it.
    StructureChanged,
    /// There was no storage left.
    LowStorage,
    /// There was no memory left.
    LowMemory,
    /// The free allowance of an engine's licence is used up.
    LicenseLimit,
    /// It could not be moved to another instance.
    MoveFailed,
    /// What DMS says of it is not known here.
    Unknown,
}

/// The values of `StopReason`, after `Stop Reason ` (DMS API reference, `ReplicationTask`; the reference of
/// `Replication` points there). Older editions of that page have those of the last four lines.
const STOP_REASONS: [(&str, Cause); 17] = [
    ("FULL_LOAD_ONLY_FINISHED", Cause::Finished),
    ("STOPPED_AFTER_FULL_LOAD", Cause::Finished),
    ("STOPPED_AFTER_CACHED_EVENTS", Cause::Finished),
    ("STOPPED_AT_SERVER_TIME", Cause::Finished),
    ("STOPPED_AT_COMMIT_TIME", Cause::Finished),
    ("STOPPED_AFTER_DDL_APPLY", Cause::StructureChanged),
    ("STOPPED_DUE_TO_LOW_MEMORY", Cause::LowMemory),
    ("STOPPED_DUE_TO_LOW_DISK", Cause::LowStorage),
    ("EXPRESS_LICENSE_LIMITS_REACHED", Cause::LicenseLimit),
    ("RECONFIGURATION_RESTART", Cause::Restart),
    ("RECYCLE_TASK", Cause::Restart),
    ("RECOVERABLE_ERROR", Cause::RecoverableError),
    ("FATAL_ERROR", Cause::FatalError),
    ("FULL_LOAD_COMPLETED", Cause::Finished),
    ("CACHED_CHANGES_APPLIED", Cause::Finished),
    ("CACHED_CHANGES_NOT_APPLIED", Cause::Finished),
    ("REASON_SERVER_TIME", Cause::Finished),
];

/// What `LastFailureMessage` says, in lower case, where something ran out: DMS calls that a fatal error
/// ("Last Error Replication task out of memory. Stop Reason FATAL_ERROR Error Level FATAL", AWS re:Post
/// knowledge center, "dms-troubleshoot-errors"). The others are the words of operating systems and
/// databases. One that is taken for scarcity wrongly is only not resumed.
const SCARCITY: [(&str, Cause); 12] = [
    ("out of memory", Cause::LowMemory),
    ("low memory", Cause::LowMemory),
    ("insufficient memory", Cause::LowMemory),
    ("cannot allocate memory", Cause::LowMemory),
    ("no space left", Cause::LowStorage),
    ("low storage", Cause::LowStorage),
    ("low disk", Cause::LowStorage),
    ("disk is full", Cause::LowStorage),
    ("disk full", Cause::LowStorage),
    ("storage full", Cause::LowStorage),
    ("storage-full", Cause::LowStorage),
    ("out of storage", Cause::LowStorage),
];

impl Cause {
    /// Whether to go on from where it stopped can do better than before, and cannot do harm.
    pub fn may_be_resumed(self) -> bool {
        matches!(self, Self::Restart | Self::RecoverableError | Self::FatalError)
    }

    /// What to do about it; empty where nothing is to be done, or nothing is known.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Finished | Self::OnDemand => "",
            Self::Restart | Self::RecoverableError => "see why in its log",
            Self::FatalError | Self::Unknown => "see why in its log, and cure that",
            Self::StructureChanged => "bring the target in line with the change of structure",
            Self::LowStorage => {
                "give the instance more `allocatedStorage`, or the database that is full more room"
            }
            Self::LowMemory => {
                "give it more memory (a larger `class`, more `maxCapacityUnits`), or settings that need less"
            }
            Self::LicenseLimit => "see to the licence of the engine",
            Self::MoveFailed => "see whether the instance that it was to move to can take it",
        }
    }

    fn of_stop_reason(text: &str) -> Option<Self> {
        STOP_REASONS.iter().find(|(word, _)| text.contains(word)).map(|(_, cause)| *cause)
    }

    fn of_scarcity(message: &str) -> Option<Self> {
        let message = message.to_lowercase();
        SCARCITY.iter().find(|(words, _)| message.contains(words)).map(|(_, cause)| *cause)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Finished => "finished",
            Self::OnDemand => "stopped on demand",
            Self::Restart => "stopped by DMS for a restart",
            Self::RecoverableError => "recoverable error",
            Self::FatalError => "fatal error",
            Self::StructureChanged => "stopped after a change of structure",
            Self::LowStorage => "low storage",
            Self::LowMemory => "low memory",
            Self::LicenseLimit => "licence limit",
            Self::MoveFailed => "failed to move",
            Self::Unknown => "unknown cause",
        })
    }
}

impl MigrationObserved<'_> {
    /// Why it does not run any more; `None` while it runs, is on its way, or has never run.
    pub fn cause(&self) -> Option<Cause> {
        let stated = Cause::of_stop_reason(self.stop_reason);
        match self.phase {
            // A message is that of the last failure, which can be long over.
            Phase::Stopped if self.stop_reason.is_empty() || self.stop_reason.contains("NORMAL") => {
                Some(Cause::OnDemand)
            }
            Phase::Stopped => {
                let worse = stated.filter(|cause| cause.may_be_resumed());
                let scarcity = worse.and_then(|_| Cause::of_scarcity(self.last_failure_message));
                Some(scarcity.or(stated).unwrap_or(Cause::Unknown))
            }
            Phase::Failed if self.status == "failed-move" => Some(Cause::MoveFailed),
            // DMS repeats the stop reason at the end of the message.
            Phase::Failed => {
                let message = self.last_failure_message;
                let told = Cause::of_scarcity(message).or(stated).or_else(|| Cause::of_stop_reason(message));
                Some(told.filter(|cause| *cause != Cause::Finished).unwrap_or(Cause::Unknown))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn cause(status: &str, stop_reason: &str, last_failure_message: &str) -> Option<Cause> {
        MigrationObserved {
            phase: Phase::of_task(status),
            status,
            migration_type: "cdc",
            settings: &Value::Null,
            stop_reason,
            last_failure_message,
            stopped_at: None,
            recovery_checkpoint: None,
            full_load_progress: None,
            tables_in_error: 0,
            has_run: true,
        }
        .cause()
    }

    /// Every stop reason of the API reference, and messages as they are reported from the field.
    #[test]
    fn what_dms_says_has_its_cause() {
        let rows = [
            ("running", "", "", None),
            ("ready", "", "", None),
            ("stopping", "Stop Reason FATAL_ERROR", "", None),
            ("stopped", "", "", Some(Cause::OnDemand)),
            ("stopped", "Stop Reason NORMAL", "", Some(Cause::OnDemand)),
            ("stopped", "Stop Reason NORMAL", "out of memory, a year ago", Some(Cause::OnDemand)),
            ("stopped", "Stop Reason RECOVERABLE_ERROR", "", Some(Cause::RecoverableError)),
            ("stopped", "Stop Reason FATAL_ERROR", "", Some(Cause::FatalError)),
            ("stopped", "Stop Reason FATAL_ERROR", "Replication task out of memory", Some(Cause::LowMemory)),
            ("stopped", "Stop Reason FULL_LOAD_ONLY_FINISHED", "", Some(Cause::Finished)),
            ("stopped", "Stop Reason FULL_LOAD_ONLY_FINISHED", "no space left", Some(Cause::Finished)),
            ("stopped", "Stop Reason STOPPED_AFTER_FULL_LOAD", "", Some(Cause::Finished)),
            ("stopped", "Stop Reason STOPPED_AFTER_CACHED_EVENTS", "", Some(Cause::Finished)),
            ("stopped", "Stop Reason EXPRESS_LICENSE_LIMITS_REACHED", "", Some(Cause::LicenseLimit)),
            ("stopped", "Stop Reason STOPPED_AFTER_DDL_APPLY", "", Some(Cause::StructureChanged)),
            ("stopped", "Stop Reason STOPPED_DUE_TO_LOW_MEMORY", "", Some(Cause::LowMemory)),
            ("stopped", "Stop Reason STOPPED_DUE_TO_LOW_DISK", "", Some(Cause::LowStorage)),
            ("stopped", "Stop Reason STOPPED_AT_SERVER_TIME", "", Some(Cause::Finished)),
            ("stopped", "Stop Reason STOPPED_AT_COMMIT_TIME", "", Some(Cause::Finished)),
            ("stopped", "Stop Reason RECONFIGURATION_RESTART", "", Some(Cause::Restart)),
            ("stopped", "Stop Reason RECYCLE_TASK", "", Some(Cause::Restart)),
            ("stopped", "STOP_REASON_FULL_LOAD_COMPLETED", "", Some(Cause::Finished)),
            ("stopped", "STOP_REASON_CACHED_CHANGES_NOT_APPLIED", "", Some(Cause::Finished)),
            ("stopped", "STOP_REASON_SERVER_TIME", "", Some(Cause::Finished)),
            ("stopped", "Stop Reason SOMETHING_NEW", "", Some(Cause::Unknown)),
            ("failed", "", "", Some(Cause::Unknown)),
            ("failed", "Stop Reason FATAL_ERROR", "", Some(Cause::FatalError)),
            // No success, whatever an earlier run said.
            ("failed", "Stop Reason FULL_LOAD_ONLY_FINISHED", "", Some(Cause::Unknown)),
            ("failed-move", "Stop Reason NORMAL", "", Some(Cause::MoveFailed)),
            (
                "failed",
                "",
                "Last Error Task error notification received from subtask 0, thread 0 \
                 [reptask/replicationtask.c:2673] [1022502] Stop Reason RECOVERABLE_ERROR Error Level RECOVERABLE",
                Some(Cause::RecoverableError),
            ),
            (
                "failed",
                "Stop Reason FATAL_ERROR",
                "Last Error Replication task out of memory. Stop Reason FATAL_ERROR Error Level FATAL",
                Some(Cause::LowMemory),
            ),
            (
                "failed",
                "Stop Reason FATAL_ERROR",
                "could not extend file \"base/16401\": No space left on device",
                Some(Cause::LowStorage),
            ),
        ];
        for (status, stop_reason, message, expected) in rows {
            assert_eq!(cause(status, stop_reason, message), expected, "{status}, {stop_reason}, {message}");
        }
    }

    #[test]
    fn what_ran_out_or_is_not_understood_is_not_resumed() {
        for cause in [
            Cause::LowMemory,
            Cause::LowStorage,
            Cause::LicenseLimit,
            Cause::StructureChanged,
            Cause::MoveFailed,
            Cause::Unknown,
        ] {
            assert!(!cause.may_be_resumed(), "{cause}");
            assert!(!cause.remedy().is_empty(), "{cause}");
        }
    }
}
