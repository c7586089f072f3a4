//! What AWS said, at one time, of one account and region.

use std::collections::{BTreeMap, BTreeSet};

use crate::kinds::{
    Assessments, CertificateObserved, ConnectionObserved, EndpointObserved, EventSubscriptionObserved,
    InstanceObserved, MigrationObserved, ReplicationConfigObserved, RoleObserved, SubnetGroupObserved,
    TableName, TaskObserved,
};
use crate::tags::Tags;
use crate::{Kind, Ref, ResourceId, Timestamp};

/// One snapshot of an account and region, possibly partial.
///
/// A kind that could not be read is in [`Observed::unread`], and what is then missing from
/// [`Observed::resources`] is unknown, not absent.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// The account that was read.
    pub account_id: String,
    /// The region that was read.
    pub region: String,
    /// The resources found.
    pub resources: BTreeMap<ResourceId, Live>,
    /// The kinds that could not be read, each with the reason.
    pub unread: BTreeMap<Kind, String>,
    /// The tables that DMS has given up, of each declared migration that has any, or why they could not be read.
    pub tables_in_error: BTreeMap<ResourceId, Result<BTreeSet<TableName>, String>>,
    /// The premigration assessment runs of tasks, where a first start waits for one.
    pub assessments: Assessments,
    /// What was read in other regions of the account, where a shared role is about to go.
    pub elsewhere: Elsewhere,
    /// The secrets that DMS reads itself, where their versions are looked at.
    pub secret_versions: SecretVersions,
    /// When the reading began, by the caller's clock.
    pub at: Timestamp,
}

/// The current versions of the secrets of AWS Secrets Manager that endpoints name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SecretVersions {
    /// The id of the version `AWSCURRENT`, by the secret's ARN or name as the endpoint gives it.
    pub current: BTreeMap<String, String>,
    /// Why they could not be read, if so.
    pub unread: Option<String>,
}

/// What other regions of the account hold of the kinds that need a shared role. Nothing was read where
/// none is about to go.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Elsewhere {
    /// The resources found, without tags, by region.
    pub resources: BTreeMap<String, BTreeMap<ResourceId, Live>>,
    /// Why not everything could be read, if so.
    pub unread: Option<String>,
}

impl Observed {
    /// The resource whose ARN this is.
    pub fn by_arn(&self, arn: &str) -> Option<(&ResourceId, &Live)> {
        self.resources.iter().find(|(_, live)| live.arn == arn)
    }

    /// The live resource that a reference names, if it was found.
    pub fn resolve(&self, reference: &Ref) -> Option<(&ResourceId, &Live)> {
        match reference {
            Ref::Managed(id) | Ref::ExternalId(id) => self.resources.get_key_value(id),
            Ref::External(arn) => self.by_arn(arn),
        }
    }
}

/// One resource as AWS describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Live {
    /// Its ARN; empty for a connection, which has none.
    pub arn: String,
    /// Its tags; empty for a connection, which has none.
    pub tags: Tags,
    /// Its properties.
    pub body: LiveBody,
}

/// The properties of a live resource, by kind.
#[derive(Debug, Clone, PartialEq)]
pub enum LiveBody {
    /// An IAM role.
    ServiceRole(RoleObserved),
    /// A replication subnet group.
    SubnetGroup(SubnetGroupObserved),
    /// A replication instance.
    Instance(InstanceObserved),
    /// A certificate.
    Certificate(CertificateObserved),
    /// An endpoint.
    Endpoint(EndpointObserved),
    /// A connection.
    Connection(ConnectionObserved),
    /// A replication task.
    Task(TaskObserved),
    /// A serverless replication config with its replication.
    ReplicationConfig(ReplicationConfigObserved),
    /// An event subscription.
    EventSubscription(EventSubscriptionObserved),
}

impl LiveBody {
    /// The status word that AWS gives; empty for a role and for a certificate, which have none.
    pub fn status(&self) -> &str {
        match self {
            Self::ServiceRole(_) | Self::Certificate(_) => "",
            Self::SubnetGroup(group) => &group.status,
            Self::Instance(instance) => &instance.status,
            Self::Endpoint(endpoint) => &endpoint.status,
            Self::Connection(connection) => &connection.status,
            Self::Task(task) => &task.status,
            Self::ReplicationConfig(config) => &config.status,
            Self::EventSubscription(subscription) => &subscription.status,
        }
    }

    /// How far a task or a serverless replication has come; none for what moves no data.
    pub fn migration(&self) -> Option<MigrationObserved<'_>> {
        match self {
            Self::Task(task) => Some(task.migration()),
            Self::ReplicationConfig(config) => Some(config.migration()),
            Self::ServiceRole(_)
            | Self::SubnetGroup(_)
            | Self::Instance(_)
            | Self::Endpoint(_)
            | Self::Connection(_)
            | Self::Certificate(_)
            | Self::EventSubscription(_) => None,
        }
    }
}
