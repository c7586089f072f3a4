//! Serverless replication configs: migrations for which DMS itself finds the capacity.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::migration::{MigrationObserved, Phase};
use super::recovery::{Recovery, is_zero};
use super::start_gates::StartGates;
use super::task::{CdcStart, MigrationType, Run};
use crate::{Ref, Timestamp};

/// A serverless replication config as the specs declare it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplicationConfigDeclared {
    /// The source endpoint. Cannot be changed once the replication has run.
    pub source: Ref,
    /// The target endpoint. Cannot be changed once the replication has run.
    pub target: Ref,
    /// The capacity, and where it is.
    pub compute: ComputeDeclared,
    /// What it moves.
    pub migration_type: MigrationType,
    /// The table mappings document.
    pub table_mappings: Value,
    /// The part of the settings document that the spec declares; only this part is compared. The document
    /// is that of a task.
    pub settings: Value,
    /// `SupplementalSettings`, as declared.
    pub supplemental_settings: Option<Value>,
    /// Where change capture begins; said when the replication is first started.
    pub cdc_start: Option<CdcStart>,
    /// Where change capture ends; said at every start.
    pub cdc_stop_position: Option<String>,
    /// Whether it is kept running.
    pub run: Run,
    /// What is done when it fails by itself.
    #[serde(skip_serializing_if = "Recovery::is_default")]
    pub recovery: Recovery,
    /// How often tables that DMS has given up are loaded again; 0: never.
    #[serde(skip_serializing_if = "is_zero")]
    pub table_reloads: u32,
    /// Whether a running replication may be stopped to be changed, and resumed.
    pub stop_to_change: bool,
    /// What its first start waits for.
    #[serde(skip_serializing_if = "StartGates::is_open")]
    pub start_gates: StartGates,
}

/// `ComputeConfig` as the specs declare it. What is `None` is left to AWS, and is not compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ComputeDeclared {
    /// The least capacity, in DMS capacity units of 2 GB of memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_capacity_units: Option<i32>,
    /// The most capacity, in DMS capacity units.
    pub max_capacity_units: i32,
    /// Whether a standby runs in another availability zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multi_az: Option<bool>,
    /// The availability zone. Cannot be changed once the replication has run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability_zone: Option<String>,
    /// At most four name servers that are asked instead of AWS's, in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_name_servers: Option<Vec<String>>,
    /// The KMS key (id, alias or ARN) that encrypts its storage. Cannot be changed once the replication
    /// has run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_key_id: Option<String>,
    /// The weekly maintenance window, in UTC, such as `sun:04:00-sun:04:30`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_maintenance_window: Option<String>,
    /// The subnet group: declared, or an existing one's identifier. Cannot be changed once the replication
    /// has run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subnet_group: Option<Ref>,
    /// The VPC security groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc_security_group_ids: Option<BTreeSet<String>>,
}

/// A serverless replication config as AWS describes it, together with the replication that runs by it.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplicationConfigObserved {
    /// The source endpoint's ARN.
    pub source_arn: String,
    /// The target endpoint's ARN.
    pub target_arn: String,
    /// The capacity, and where it is.
    pub compute: ComputeObserved,
    /// What it moves, in the API's word.
    pub migration_type: String,
    /// The table mappings, parsed.
    pub table_mappings: Value,
    /// The whole settings document, parsed.
    pub settings: Value,
    /// The supplemental settings, parsed; null if there are none.
    pub supplemental_settings: Value,
    /// The CDC stop position of the last start.
    pub cdc_stop_position: Option<String>,
    /// The replication's status: `created`, `initializing`, `running`, `stopped`, …
    pub status: String,
    /// Why it stopped, such as `Stop Reason NORMAL`; empty if it did not.
    pub stop_reason: String,
    /// The last failures, joined; empty if there were none.
    pub last_failure_message: String,
    /// When it last stopped or failed, where DMS says so.
    pub stopped_at: Option<Timestamp>,
    /// The position from which change capture can resume.
    pub recovery_checkpoint: Option<String>,
    /// How much of the full load is done, in percent.
    pub full_load_progress: Option<i32>,
    /// How many tables DMS has given up.
    pub tables_in_error: i32,
    /// Whether it has moved any data yet.
    pub has_run: bool,
}

/// `ComputeConfig` as AWS describes it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ComputeObserved {
    /// The least capacity, in DMS capacity units.
    pub min_capacity_units: Option<i32>,
    /// The most capacity, in DMS capacity units.
    pub max_capacity_units: Option<i32>,
    /// Whether a standby runs in another availability zone.
    pub multi_az: bool,
    /// The availability zone.
    pub availability_zone: Option<String>,
    /// The name servers, in order.
    pub dns_name_servers: Vec<String>,
    /// The KMS key's ARN.
    pub kms_key_id: Option<String>,
    /// The weekly maintenance window.
    pub preferred_maintenance_window: Option<String>,
    /// The subnet group's identifier.
    pub subnet_group: Option<String>,
    /// The VPC security groups.
    pub vpc_security_group_ids: BTreeSet<String>,
}

impl ReplicationConfigObserved {
    /// How far its replication has come.
    pub fn migration(&self) -> MigrationObserved<'_> {
        MigrationObserved {
            phase: Phase::of_replication(&self.status, self.has_run),
            status: &self.status,
            migration_type: &self.migration_type,
            settings: &self.settings,
            stop_reason: &self.stop_reason,
            last_failure_message: &self.last_failure_message,
            stopped_at: self.stopped_at,
            recovery_checkpoint: self.recovery_checkpoint.as_deref(),
            full_load_progress: self.full_load_progress,
            tables_in_error: self.tables_in_error,
            has_run: self.has_run,
        }
    }
}

/// Whether a document of task or replication settings turns logging to CloudWatch Logs off. What does
/// not say so may write logs.
pub fn logging_is_off(settings: &Value) -> bool {
    settings.pointer("/Logging/EnableLogging").and_then(Value::as_bool) == Some(false)
}
