//! Event subscriptions: what DMS tells an SNS topic.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use crate::Ref;

/// What the events of a subscription are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventSourceType {
    /// Replication instances.
    ReplicationInstance,
    /// Replication tasks.
    ReplicationTask,
}

impl EventSourceType {
    /// The word of the DMS API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReplicationInstance => "replication-instance",
            Self::ReplicationTask => "replication-task",
        }
    }

    /// The categories of its events (DMS User Guide, "AWS DMS event categories and event messages for
    /// SNS notifications").
    pub fn categories(self) -> &'static [&'static str] {
        match self {
            Self::ReplicationInstance => &[
                "configuration change",
                "creation",
                "deletion",
                "failover",
                "failure",
                "low storage",
                "maintenance",
            ],
            Self::ReplicationTask => {
                &["configuration change", "creation", "deletion", "failure", "state change"]
            }
        }
    }
}

impl fmt::Display for EventSourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An event subscription as the specs declare it. What is `None` is left to AWS, and is not compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventSubscriptionDeclared {
    /// The topic that is told.
    pub sns_topic_arn: String,
    /// What the events are about.
    pub source_type: EventSourceType,
    /// The instances or tasks: declared, or existing ones' identifiers. Empty for all of the type. Cannot
    /// be changed.
    pub sources: BTreeSet<Ref>,
    /// The categories of events.
    pub event_categories: Option<BTreeSet<String>>,
    /// Whether the topic is told at present.
    pub enabled: Option<bool>,
}

impl EventSubscriptionDeclared {
    /// The identifiers of the sources, as DMS takes them.
    pub fn source_ids(&self) -> BTreeSet<String> {
        self.sources
            .iter()
            .map(|source| match source {
                Ref::Managed(id) | Ref::ExternalId(id) => id.name.clone(),
                // The last part of an ARN is not its identifier; specs name sources by identifier.
                Ref::External(identifier) => identifier.to_lowercase(),
            })
            .collect()
    }
}

/// An event subscription as AWS describes it. DMS returns no ARN; it is `arn:…:es:<name>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventSubscriptionObserved {
    /// The topic that is told.
    pub sns_topic_arn: String,
    /// What the events are about, in the API's word; empty for everything.
    pub source_type: String,
    /// The identifiers of the instances or tasks; empty for all of the type.
    pub source_ids: BTreeSet<String>,
    /// The categories of events.
    pub event_categories: BTreeSet<String>,
    /// Whether the topic is told at present.
    pub enabled: bool,
    /// `creating`, `modifying`, `deleting`, `active`, `no-permission` or `topic-not-exist`.
    pub status: String,
}
