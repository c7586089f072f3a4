//! Scripts: faults to arm and disturbances to make at once, from a file, over HTTP, or in code.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};
use thiserror::Error;

use crate::faults::Fault;

/// What goes wrong.
///
/// ```json
/// {
///   "faults": [{"operation": "CreateEndpoint", "nth": 2, "effect": "holdAfter"}],
///   "disturbances": [{"kind": "taskFails", "task": "orders", "reason": "Last Error …"}],
///   "interruptions": [{"operation": "DeleteRole", "disturbances": [
///     {"kind": "call", "operation": "TagRole",
///      "input": {"RoleName": "dms-vpc-role", "Tags": [{"Key": "somebody", "Value": "else"}]}}]}]
/// }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Script {
    /// Faults of calls to come.
    pub faults: Vec<Fault>,
    /// Things that happen now.
    pub disturbances: Vec<Disturbance>,
    /// Things that happen right before calls to come.
    pub interruptions: Vec<Interruption>,
}

/// Something that happens right before a call: between what a program has read and what it writes by that.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Interruption {
    /// The operation, such as `DeleteRole`. None: any.
    #[serde(default)]
    pub operation: Option<String>,
    /// Before which of the matching calls from now on, 1 for the next.
    #[serde(default = "first")]
    pub nth: u64,
    /// What happens, all or nothing. What cannot happen then is logged.
    pub disturbances: Vec<Disturbance>,
}

fn first() -> u64 {
    1
}

/// Something that happens to a resource by itself. Resources are named by identifier or ARN, in the account and region
/// of the emulator's settings.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Disturbance {
    /// A task that runs, or a serverless replication, fails.
    TaskFails {
        /// The task or replication configuration.
        task: String,
        /// `LastFailureMessage`, or the one failure message of a replication.
        reason: String,
    },
    /// DMS stops a task that runs, or a serverless replication, for a reason of its own.
    TaskStops {
        /// The task or replication configuration.
        task: String,
        /// What `StopReason` says after `Stop Reason `: one of the words of the DMS API reference, such as
        /// `STOPPED_DUE_TO_LOW_DISK`.
        stop_reason: String,
    },
    /// DMS gives up a table of a task or a serverless replication that runs, until the table is loaded again.
    TableErrors {
        /// The task or replication configuration.
        task: String,
        /// The table, as `schema.table`.
        table: String,
    },
    /// Validation finds rows of a table that differ from the source, until the table is loaded again.
    RowsDiffer {
        /// The task or replication configuration; its settings turn validation on.
        task: String,
        /// The table, as `schema.table`.
        table: String,
        /// How many rows differ.
        rows: u64,
    },
    /// A task or a serverless replication that follows changes is so far behind, from now on.
    Latency {
        /// The task or replication configuration.
        task: String,
        /// `CDCLatencySource`, seconds; 1 where nothing happened.
        source: u64,
        /// `CDCLatencyTarget`, seconds; never less than that of the source.
        target: u64,
    },
    /// The move of a task to another instance fails: it stays where it is, and in `failed-move`.
    MoveFails {
        /// The task.
        task: String,
    },
    /// Premigration assessment runs of a task that begin from now on end otherwise than `passed`.
    AssessmentsEnd {
        /// The task.
        task: String,
        /// `failed`, `warning` or `error-executing`; null makes them pass again.
        status: Option<String>,
    },
    /// Tests of an endpoint's connections fail from now on.
    EndpointUnreachable {
        /// The endpoint.
        endpoint: String,
        /// What the tests say; null makes them succeed again.
        reason: Option<String>,
    },
    /// The database behind an endpoint has another password from now on: tests of its connections fail until the
    /// endpoint is sent that one.
    DatabasePassword {
        /// The endpoint.
        endpoint: String,
        /// The SHA-256 of the password, in hexadecimal digits.
        password_sha256: String,
    },
    /// An instance runs out of storage, until it gets more. Tasks that run on it stop.
    StorageFull {
        /// The instance.
        instance: String,
    },
    /// Somebody else calls DMS, IAM or Secrets Manager, with an administrator's rights and without leaving a trace in the record of calls.
    Call {
        /// The operation, such as `TagRole`.
        operation: String,
        /// Its input, in the form of the API model.
        input: Map<String, Value>,
    },
    /// DMS can no longer publish to the topic of a subscription, until that has another one.
    SubscriptionStatus {
        /// The subscription.
        subscription: String,
        /// `no-permission` or `topic-not-exist`.
        status: String,
    },
    /// An instance gets a status such as `incompatible-network`, and keeps it.
    InstanceStatus {
        /// The instance.
        instance: String,
        /// The status.
        status: String,
    },
}

/// Why a script cannot be played.
#[derive(Debug, Error)]
pub enum ScriptError {
    /// The file cannot be read.
    #[error("script {} cannot be read", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The text is no script.
    #[error("the script is not valid")]
    Parse(#[from] serde_json::Error),
    /// A disturbance cannot happen: its resource is not there, or not in a status for it.
    #[error("{0}")]
    Refused(String),
    /// The change could not be stored.
    #[error("the disturbance could not be stored")]
    Store(#[source] Box<redb::Error>),
}

impl Script {
    /// Reads a script from JSON.
    pub fn parse(text: &str) -> Result<Script, ScriptError> {
        Ok(serde_json::from_str(text)?)
    }

    /// Reads a script from a file.
    pub fn read(path: &Path) -> Result<Script, ScriptError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ScriptError::Read { path: path.to_owned(), source })?;
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::Effect;

    #[test]
    fn scripts_are_read() {
        let script = Script::parse(
            r#"{"faults": [{"operation": "CreateRole", "effect": "dropConnectionAfter"}],
                "disturbances": [{"kind": "endpointUnreachable", "endpoint": "e", "reason": null}]}"#,
        )
        .unwrap();
        assert_eq!(script.faults[0].nth, 1);
        assert_eq!(script.faults[0].effect, Effect::DropConnectionAfter);
        let unreachable = Disturbance::EndpointUnreachable { endpoint: "e".to_owned(), reason: None };
        assert_eq!(script.disturbances, [unreachable]);
        for bad in [
            r#"{"fault": []}"#,
            r#"{"faults": [{"effect": "explode"}]}"#,
            r#"{"disturbances": [{"kind": "storageFull"}]}"#,
        ] {
            assert!(matches!(Script::parse(bad), Err(ScriptError::Parse(_))), "{bad}");
        }
    }
}
