//! What a resource's tags say of who owns it.

use std::fmt;

use pipewright_model::tags::{self, DrainMark, Owners, Tags};
use pipewright_model::{FormerOwner, Scope, Timestamp};
use serde::Serialize;

/// Who owns a resource, as one scope sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "camelCase")]
pub enum Ownership {
    /// It does not exist.
    Absent,
    /// This scope owns it, alone.
    Owned,
    /// This scope owns it, and others do too.
    CoOwned {
        /// The other scopes, in order.
        with: Vec<String>,
    },
    /// It exists, and nobody recorded that it is theirs.
    Unowned,
    /// Somebody else owns it.
    Foreign {
        /// Who: another scope, or another tool by its marks.
        by: String,
    },
    /// A shared role that nobody owns any more and whose deletion is pending.
    Draining {
        /// The scope that left last.
        by: String,
        /// When its drain began.
        since: Timestamp,
    },
    /// A shared role whose tags leave no room for another owner.
    OwnerSlotsFull,
    /// A service-linked role, which only AWS can change.
    ServiceLinked,
    /// It could not be read.
    Unreadable {
        /// Why.
        reason: String,
    },
}

impl Ownership {
    /// The word for metrics and machines.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Owned => "owned",
            Self::CoOwned { .. } => "co-owned",
            Self::Unowned => "unowned",
            Self::Foreign { .. } => "foreign",
            Self::Draining { .. } => "draining",
            Self::OwnerSlotsFull => "owner-slots-full",
            Self::ServiceLinked => "service-linked",
            Self::Unreadable { .. } => "unreadable",
        }
    }

    /// Who owns a regional resource, which has one owner.
    pub fn of_regional(tags: &Tags, scope: &Scope) -> Self {
        match tags.get(tags::SCOPE) {
            Some(owner) if owner == scope.as_str() => {
                let other = unreleased_stack(tags).or_else(|| other_root(tags, scope));
                other.map_or(Self::Owned, |by| Self::Foreign { by })
            }
            Some(owner) => Self::Foreign { by: format!("scope {owner}") },
            None => tags::foreign_mark(tags).map_or(Self::Unowned, |by| Self::Foreign { by }),
        }
    }

    /// Whether this scope owns a regional resource.
    pub fn is_own(tags: &Tags, scope: &Scope) -> bool {
        Self::of_regional(tags, scope) == Self::Owned
    }

    /// Who owns a shared role, which may have many owners.
    pub fn of_role(tags: &Tags, service_linked: bool, scope: &Scope) -> Self {
        if service_linked {
            return Self::ServiceLinked;
        }
        let owners = Owners::of(tags, scope);
        if let Some(digits) = &owners.other_root {
            let ours = scope.uid_digits().map(|ours| format!("{ours}…"));
            return Self::Foreign { by: root_with(&format!("{digits}…"), scope, ours.as_deref()) };
        }
        let others: Vec<String> = owners.others.into_keys().collect();
        match (owners.own.is_some(), others.is_empty()) {
            (true, true) => Self::Owned,
            (true, false) => Self::CoOwned { with: others },
            (false, false) => Self::Foreign {
                by: format!("scope{} {}", if others.len() == 1 { "" } else { "s" }, others.join(", ")),
            },
            (false, true) => match DrainMark::of(tags) {
                Some(Ok(mark)) => Self::Draining { by: mark.scope, since: mark.since },
                _ if tags.contains_key(tags::ORIGIN) => Self::Unowned,
                _ => tags::foreign_mark(tags).map_or(Self::Unowned, |by| Self::Foreign { by }),
            },
        }
    }
}

/// The CloudFormation stack that a resource with a scope's mark is still in: its marks cannot be removed,
/// and are released only by the record of an import.
fn unreleased_stack(tags: &Tags) -> Option<String> {
    let stack = tags.get(tags::CLOUDFORMATION_STACK)?;
    let released = FormerOwner::CloudFormation(Some(stack.clone())).to_string();
    let is_recorded =
        tags.get(tags::IMPORTED_FROM).is_some_and(|from| from.split(' ').any(|owner| owner == released));
    (!is_recorded).then(|| format!("CloudFormation stack {stack}"))
}

/// Another spec root whose Controller has the same name. A resource without a uid was marked before the
/// Controller had one, and is this scope's.
fn other_root(tags: &Tags, scope: &Scope) -> Option<String> {
    let uid = tags.get(tags::UID)?;
    if scope.uid() == Some(uid) {
        return None;
    }
    Some(root_with(uid, scope, scope.uid()))
}

/// Another spec root whose Controller has the name of this scope, for people.
fn root_with(uid: &str, scope: &Scope, ours: Option<&str>) -> String {
    format!("another scope {scope}, with the uid {uid} (this Controller's uid: {})", ours.unwrap_or("none"))
}

impl fmt::Display for Ownership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("does not exist"),
            Self::Owned => f.write_str("owned"),
            Self::CoOwned { with } => write!(f, "owned together with {}", with.join(", ")),
            Self::Unowned => f.write_str("exists but not owned"),
            Self::Foreign { by } => write!(f, "owned by {by}"),
            Self::Draining { by, since } => {
                write!(f, "draining since {}, when {by} left", since.rfc3339())
            }
            Self::OwnerSlotsFull => f.write_str("no room for another owner tag"),
            Self::ServiceLinked => f.write_str("service-linked, only AWS changes it"),
            Self::Unreadable { reason } => write!(f, "could not be read: {reason}"),
        }
    }
}
