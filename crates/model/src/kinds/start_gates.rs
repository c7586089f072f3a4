//! What the first start of a task or serverless replication waits for.

use serde::{Serialize, Serializer};

use super::assessment::AssessmentGate;
use crate::Timestamp;

/// What must be so before a task or serverless replication is started for the first time, beside the
/// resources and connections that it needs. Once it has run, none of this is looked at again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StartGates {
    /// The time before which it is not started.
    #[serde(serialize_with = "rfc3339", skip_serializing_if = "Option::is_none")]
    pub date: Option<Timestamp>,
    /// Other pipelines of the same environment that must have come so far.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pipelines: Vec<PipelineGate>,
    /// The premigration assessment that must have gone well. DMS makes one of a task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assessment: Option<Box<AssessmentGate>>,
    /// Whether a person must approve it: [`Approval::Start`](crate::Approval::Start).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub approval: bool,
}

impl StartGates {
    /// Whether nothing is waited for.
    pub fn is_open(&self) -> bool {
        let Self { date, pipelines, assessment, approval } = self;
        date.is_none() && pipelines.is_empty() && assessment.is_none() && !approval
    }
}

/// Another pipeline that must have come so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PipelineGate {
    /// Its name.
    pub name: String,
    /// How far.
    pub until: Until,
}

/// How far another pipeline must have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Until {
    /// It runs, or is done.
    Running,
    /// Its full load is complete; one that only follows changes runs.
    #[default]
    Loaded,
    /// It stopped because it was done.
    Finished,
}

#[expect(clippy::ref_option, reason = "serde hands over a reference to the field")]
fn rfc3339<S: Serializer>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(Timestamp::rfc3339).serialize(serializer)
}
