//! The plan: immutable data, complete before the first write.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use pipewright_model::{Approval, Basis, Environment, Kind, ResourceId, Scope, SpecPlace, Timestamp};
use serde::Serialize;
use serde_json::Value;

use crate::{Ownership, Reason, Step, digest};

/// What a reconcile pass would do, and what it would not and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// The controller's identity.
    pub scope: Scope,
    /// The account and region.
    pub environment: Environment,
    /// The changes, in the order in which they are shown; [`Change::needs`] tells the order of work.
    pub changes: Vec<Change>,
    /// What is held back, and why.
    pub report: Report,
    /// Desired resources that are as they should be.
    pub unchanged: BTreeSet<ResourceId>,
    /// The shared roles that exist, with their owners as they are now.
    pub roles: BTreeMap<String, RoleSummary>,
    /// The kinds that could not be read, each with the reason. While there are any, the plan is not the
    /// whole of what there is to do, and nothing is deleted or left.
    pub unread: BTreeMap<Kind, String>,
    /// The specs that were looked at, if not all were. The plan is then about what they declare and need, and
    /// nothing is deleted or left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only: Option<BTreeSet<String>>,
    /// The approvals without which it would hold something back.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub approvals: BTreeSet<Approved>,
}

/// An approval that a plan rests on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Approved {
    /// The document that it is for, as the spec tag records it.
    pub spec: String,
    /// What is approved.
    pub approval: Approval,
    /// Who approved it.
    pub by: Basis,
}

impl Plan {
    /// Whether there is nothing to change and nothing to wait for.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The change with this key.
    pub fn change(&self, key: &ChangeKey) -> Option<&Change> {
        self.changes.iter().find(|change| &change.key == key)
    }

    /// This plan without the changes that an earlier one did not have, and without those that need them.
    #[must_use]
    pub fn as_reviewed(&self, reviewed: &Self) -> Self {
        let is_reviewed = |change: &Change| {
            reviewed.change(&change.key).is_some_and(|reviewed| reviewed.action == change.action)
        };
        let mut left: BTreeSet<&ChangeKey> =
            self.changes.iter().filter(|change| !is_reviewed(change)).map(|change| &change.key).collect();
        loop {
            let needing =
                self.changes.iter().filter(|change| change.needs.iter().any(|need| left.contains(need)));
            let before = left.len();
            left.extend(needing.map(|change| &change.key).collect::<Vec<_>>());
            if left.len() == before {
                break;
            }
        }
        let changes = self.changes.iter().filter(|change| !left.contains(&change.key)).cloned().collect();
        Self { changes, ..self.clone() }
    }

    /// A hash of the changes and of what they rest on: two plans with the same digest do the same, for
    /// the same reasons. Sixty-four hexadecimal digits.
    pub fn digest(&self) -> String {
        // Serialising is total for this type: every map has string keys.
        let text = serde_json::to_vec(self).unwrap_or_default();
        digest::hex(&text)
    }
}

/// A shared role and who owns it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleSummary {
    /// The role's unique id.
    pub role_id: String,
    /// `created` or `adopted`, where recorded.
    pub origin: Option<String>,
    /// The specs that need it, as listed in each scope's owner tag.
    pub owners: BTreeMap<String, String>,
    /// What its tags say to this scope.
    pub ownership: Ownership,
    /// While it drains: when the grace time is over, before which it is not deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drains_until: Option<Timestamp>,
}

/// One change to one resource.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// The resource, and which part of its change this is.
    pub key: ChangeKey,
    /// What is done.
    pub action: Action,
    /// What the resource's tags say now.
    pub ownership: Ownership,
    /// What it does to what runs: the worst of it.
    pub disruption: Disruption,
    /// What it does that cannot be taken back, and what makes it so. Empty where it is no replacement.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub forces: Vec<Forced>,
    /// Why, in one line; it explains and decides nothing.
    pub reason: String,
    /// The fields that differ; for a create, the fields declared.
    pub fields: Vec<FieldDiff>,
    /// For a shared role, and for what changes its owner: the owners before and after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owners: Option<OwnerDiff>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The changes that must be done first.
    pub needs: BTreeSet<ChangeKey>,
    /// Where the spec is that asks for it; none where no spec is left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<SpecPlace>,
}

/// Something that a change does and that cannot be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Forced {
    /// What it does, which needs an approval of the same name.
    pub class: Approval,
    /// What makes it so, such as `source: endpoint/a → endpoint/b`.
    pub because: String,
}

/// A resource and the part of its change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangeKey {
    /// The resource.
    pub resource: ResourceId,
    /// The part.
    pub part: Part,
}

impl ChangeKey {
    /// The main part of a resource's change.
    pub fn main(resource: &ResourceId) -> Self {
        Self { resource: resource.clone(), part: Part::Main }
    }

    /// Another part of a resource's change.
    pub fn new(resource: &ResourceId, part: Part) -> Self {
        Self { resource: resource.clone(), part }
    }
}

impl fmt::Display for ChangeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.part {
            Part::Main => self.resource.fmt(f),
            Part::Pause => write!(f, "{} (pause)", self.resource),
            Part::Assessment => write!(f, "{} (assessment)", self.resource),
            Part::Run => write!(f, "{} (run)", self.resource),
            Part::Record => write!(f, "{} (record)", self.resource),
        }
    }
}

impl Serialize for ChangeKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Which part of a resource's change. A task that must be stopped to be changed has all three, since
/// other resources change between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Stopping a task that must run again.
    Pause,
    /// The resource itself.
    Main,
    /// Assessing a task before its first start.
    Assessment,
    /// Starting, resuming or stopping a task.
    Run,
    /// Recording on an endpoint what its connections were tested with.
    Record,
}

/// What is done to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// Make it.
    Create,
    /// Change it in place.
    Update,
    /// Make another one in its place, and delete it.
    Replace,
    /// Delete it.
    Delete,
    /// Become the owner of an existing resource without one.
    Adopt,
    /// Become one of the owners of a shared role.
    Join,
    /// Stop being one of the owners of a shared role.
    Leave,
    /// Stop managing it, and keep it.
    Release,
    /// Give it to another scope.
    Transfer,
    /// Test a connection.
    Test,
    /// Let DMS assess a task before its first start.
    Assess,
    /// Start a task for the first time.
    Start,
    /// Stop a task that must run again.
    Pause,
    /// Start a task from where it stopped.
    Resume,
    /// Load tables again that DMS has given up.
    Reload,
    /// Stop a task.
    Stop,
    /// Wait until AWS has finished what was begun before.
    Await,
}

impl Action {
    /// The verb, for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Delete => "delete",
            Self::Adopt => "adopt",
            Self::Join => "join",
            Self::Leave => "leave",
            Self::Release => "release",
            Self::Transfer => "transfer",
            Self::Test => "test",
            Self::Assess => "assess",
            Self::Start => "start",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Reload => "reload",
            Self::Stop => "stop",
            Self::Await => "wait",
        }
    }
}

/// What a change does to what runs, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disruption {
    /// Nothing that runs notices.
    None,
    /// Changed while it works.
    InPlace,
    /// A task is stopped and resumed.
    StopsTask,
    /// A task moves to another instance.
    MovesTask,
    /// The instance restarts, and its tasks with it.
    RebootsInstance,
    /// Tables are loaded again from the beginning.
    ReloadsTarget,
    /// A change-capture position is lost.
    LosesPosition,
    /// Something is deleted.
    Destroys,
}

impl Disruption {
    /// The word for people and machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::InPlace => "in-place",
            Self::StopsTask => "stops-task",
            Self::MovesTask => "moves-task",
            Self::RebootsInstance => "reboots-instance",
            Self::ReloadsTarget => "reloads-target",
            Self::LosesPosition => "loses-position",
            Self::Destroys => "destroys",
        }
    }
}

impl From<Approval> for Disruption {
    /// What is done if this is approved.
    fn from(approval: Approval) -> Self {
        match approval {
            Approval::Start => Self::None,
            Approval::ReloadsTarget => Self::ReloadsTarget,
            Approval::LosesPosition => Self::LosesPosition,
            Approval::Destroys => Self::Destroys,
        }
    }
}

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldDiff {
    /// The field, dotted.
    pub path: String,
    /// The live value; null where there is none.
    pub before: Value,
    /// The declared value; null where it goes.
    pub after: Value,
}

/// The owners before and after a change: scope and its specs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OwnerDiff {
    /// As the tags say now.
    pub before: BTreeMap<String, String>,
    /// As they will say.
    pub after: BTreeMap<String, String>,
}

/// What is held back, and why.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Report {
    /// Somebody else's, or nobody's, and in the way. Exit code 3.
    pub conflicts: Vec<Finding>,
    /// Stopped by a safety guard. Exit code 5.
    pub blocked: Vec<Finding>,
    /// Waits for AWS, for time or for somebody; not an error.
    pub waiting: Vec<Finding>,
    /// Worth knowing; nothing is held back.
    pub warnings: Vec<Finding>,
}

/// One entry of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The resource, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<ResourceId>,
    /// What the resource's tags say, where that matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ownership: Option<Ownership>,
    /// What is so.
    pub message: String,
    /// What the reader can do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What somebody or something must do first, where that is of the spec's or a person's making.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Where the spec is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<SpecPlace>,
}
