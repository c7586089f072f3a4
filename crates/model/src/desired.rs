//! What the specs ask for, validated and normalised.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use crate::kinds::{
    CertificateDeclared, ConnectionDeclared, EndpointDeclared, EventSubscriptionDeclared, InstanceDeclared,
    ReplicationConfigDeclared, RoleDeclared, SubnetGroupDeclared, TaskDeclared,
};
use crate::{Approvals, Import, Kind, ResourceId, Rotation, Scope};

/// Everything that the specs ask for in one environment.
#[derive(Debug, Clone)]
pub struct Desired {
    /// The controller's identity in ownership tags.
    pub scope: Scope,
    /// The account and region that this is for.
    pub environment: Environment,
    /// The other regions of the same account that this controller works in. What lives there can need the
    /// account's shared roles.
    pub other_regions: BTreeSet<String>,
    /// What the plan may do.
    pub policy: Policy,
    /// How rotated secrets are noticed.
    pub rotation: Rotation,
    /// The resources, by identity.
    pub resources: BTreeMap<ResourceId, Declared>,
    /// The pipelines, by name.
    pub pipelines: BTreeMap<String, Pipeline>,
    /// Whether every spec of the root was read and understood. If not, nothing is pruned, left or
    /// deleted.
    pub complete: bool,
    /// What somebody agreed to that cannot be taken back.
    pub approvals: Approvals,
    /// The specs that are looked at, as the spec tag records them, if not all are: what the others declare is
    /// left as it is, and nothing is pruned, left or deleted.
    pub only: Option<BTreeSet<String>>,
}

/// An account and region, as a `Controller` document names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// The name that pipelines refer to.
    pub name: String,
    /// The twelve-digit account id, checked before anything is read or written.
    pub account_id: String,
    /// The region, for example `us-east-1`.
    pub region: String,
    /// The role to assume before reading or writing, if any.
    pub assume_role_arn: Option<String>,
}

/// What plans of one controller may do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    /// Which kinds of action are planned at all.
    pub mode: Mode,
    /// The most deletes in one plan; none means no limit.
    pub max_deletes: Option<u32>,
    /// The most deletes in one plan as a share of the resources that the scope owns, in percent; none
    /// means no limit.
    pub max_delete_percent: Option<u32>,
    /// Whether specs that ask for nothing at all may delete everything that the scope owns.
    pub allow_empty: bool,
    /// Whether the deletion of what no document declares any more needs an approval as well.
    pub deletes_need_approval: bool,
}

/// Which kinds of action a controller plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Creates, updates and deletes.
    #[default]
    Sync,
    /// Creates and updates; nothing is deleted and no shared role is left.
    UpsertOnly,
    /// Creates only.
    CreateOnly,
}

/// One pipeline: the resources that make it up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipeline {
    /// Its name in the specs.
    pub name: String,
    /// Where it is declared.
    pub place: SpecPlace,
    /// Every resource it declares or refers to, its service roles among them.
    pub resources: BTreeSet<ResourceId>,
    /// Its replication task, or its serverless replication config.
    pub task: ResourceId,
    /// Whether nothing is to be changed for it.
    pub suspended: bool,
}

/// One resource as the specs declare it.
#[derive(Debug, Clone)]
pub struct Declared {
    /// The document that declares it, as the spec tag records it: for example `orders` for a
    /// pipeline, `Endpoint/warehouse` for a shared kind. For a shared role, the pipelines that need it
    /// are in [`RoleDeclared::needed_by`].
    pub spec: String,
    /// Where that document is.
    pub place: SpecPlace,
    /// Tags of the user's own.
    pub tags: BTreeMap<String, String>,
    /// What happens to the resource when its spec goes.
    pub deletion_policy: DeletionPolicy,
    /// Whether an existing resource without an owner may become ours.
    pub adopt: Adopt,
    /// That the resource exists and is to be taken over, if the spec says so.
    pub import: Option<Import>,
    /// Whether it must not be deleted, also when its spec goes.
    pub protected: bool,
    /// Whether nothing is to be changed about it for now.
    pub suspended: bool,
    /// Its properties.
    pub body: Body,
}

/// The properties of a declared resource, by kind.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Body {
    /// A shared service role.
    ServiceRole(RoleDeclared),
    /// A replication subnet group.
    SubnetGroup(SubnetGroupDeclared),
    /// A replication instance.
    Instance(InstanceDeclared),
    /// A certificate.
    Certificate(CertificateDeclared),
    /// An endpoint.
    Endpoint(EndpointDeclared),
    /// A connection.
    Connection(ConnectionDeclared),
    /// A replication task.
    Task(TaskDeclared),
    /// A serverless replication config.
    ReplicationConfig(ReplicationConfigDeclared),
    /// An event subscription.
    EventSubscription(EventSubscriptionDeclared),
}

impl Body {
    /// The kind of the resource.
    pub fn kind(&self) -> Kind {
        match self {
            Self::ServiceRole(_) => Kind::ServiceRole,
            Self::SubnetGroup(_) => Kind::SubnetGroup,
            Self::Instance(_) => Kind::Instance,
            Self::Certificate(_) => Kind::Certificate,
            Self::Endpoint(_) => Kind::Endpoint,
            Self::Connection(_) => Kind::Connection,
            Self::Task(_) => Kind::Task,
            Self::ReplicationConfig(_) => Kind::ReplicationConfig,
            Self::EventSubscription(_) => Kind::EventSubscription,
        }
    }
}

/// What happens to a resource when its spec goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeletionPolicy {
    /// It is deleted.
    #[default]
    Delete,
    /// It stays, and is no longer managed.
    Retain,
}

/// Whether an existing resource without an owner may become ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Adopt {
    /// Never: that it exists is a conflict. The default for regional resources.
    #[default]
    Never,
    /// If it already serves as it is. The default for the service roles.
    IfCompatible,
    /// Always; what differs is then changed.
    Always,
}

/// A place in a spec file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
pub struct SpecPlace {
    /// The file, relative to the spec root where it is inside one.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

impl fmt::Display for SpecPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}
