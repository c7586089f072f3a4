//! How far a task or a serverless replication is behind its source, as CloudWatch tells.

use std::time::Duration;

use crate::Timestamp;

/// What CloudWatch measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measured<'a> {
    /// A task on an instance.
    Task {
        /// The task's ARN.
        arn: &'a str,
        /// The identifier of its instance.
        instance: &'a str,
    },
    /// The replication of a config.
    Replication {
        /// The config's ARN.
        arn: &'a str,
        /// The config's identifier.
        name: &'a str,
    },
}

/// The newest values of the two latencies; `None` where there is none of late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Latency {
    /// `CDCLatencySource`: from the source's commit to its capture.
    pub source: Option<Datapoint>,
    /// `CDCLatencyTarget`: from the source's commit to the commit on the target.
    pub target: Option<Datapoint>,
}

/// A value of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Datapoint {
    /// When the minute of the value began.
    pub at: Timestamp,
    /// The value.
    pub value: Duration,
}
