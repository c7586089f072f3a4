//! Premigration assessments: what one is to look at, and how the runs of one went.

use std::collections::BTreeSet;

use serde::Serialize;

/// The premigration assessment of a task that must have gone well before its first start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AssessmentGate {
    /// The role with which DMS writes what it found.
    pub service_access_role_arn: String,
    /// The bucket that it writes to.
    pub result_bucket: String,
    /// The folder in the bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_folder: Option<String>,
    /// Which of the individual assessments are made.
    pub chosen: Chosen,
    /// Whether warnings keep the task from being started. What failed always does.
    pub refuses_warnings: bool,
}

/// Which of the individual assessments that DMS has for a task are made, by their names.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Chosen {
    /// All.
    #[default]
    All,
    /// These.
    Only(BTreeSet<String>),
    /// All but these.
    Except(BTreeSet<String>),
}

/// The assessment runs of an account and region, where a gate asks for them; none where none does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Assessments {
    /// The runs found.
    pub runs: Vec<AssessmentRun>,
    /// Why they could not be read, if so.
    pub unread: Option<String>,
}

/// One assessment run as DMS describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssessmentRun {
    /// Its ARN.
    pub arn: String,
    /// The ARN of the task that is assessed.
    pub task_arn: String,
    /// The name that it was started with.
    pub name: String,
    /// `provisioning`, `running`, `passed`, `warning`, `failed`, …
    pub status: String,
    /// The last failure of an individual assessment; empty if there was none.
    pub last_failure_message: String,
}
