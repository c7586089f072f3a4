//! Shared roles: the decision what one scope does about one role.
//!
//! Each function here looks at the role as it was read and decides; none remembers anything. What must
//! survive a crash is in the role's tags.
//!
//! # Guarantees
//! - A scope writes and removes only its own owner tag. A tag of its name with the uid of another spec root is
//!   not its own.
//! - A role is deleted only if it has no owner, was made by Pipewright, has drained for the grace time
//!   under the same unique id by a mark of the scope that deletes it, and nothing in sight needs it.
//! - A scope that deletes has read the mark that it wrote in the same pass, so that it does not act on
//!   what was before; a delete that fails is planned anew and never made again.
//! - A role is widened, and never narrowed while another scope owns it; statements and policies of others
//!   stay. What a scope takes out is what it wrote itself, which the statement's `Sid` or the inline
//!   policy's name tells; its own inline policies it takes out at any time.
//!
//! # Assumptions
//! - A change of IAM is visible, and a call has reached AWS, within half the grace time.
//! - One controller at a time works for a scope.
//!
//! # Caveats
//! IAM has no compare-and-swap: an owner that joins after the grace is over, in the moment between the
//! last look and the delete, loses the role, and makes it again in its next pass.

use std::collections::BTreeMap;
use std::time::Duration;

use pipewright_model::kinds::{FixedRole, RoleDeclared, RoleObserved};
use pipewright_model::policy;
use pipewright_model::tags::{self, DrainMark, Owners, Tags};
use pipewright_model::{Adopt, Live, LiveBody, Scope, Timestamp};
use serde_json::Value;

use crate::Ownership;
use crate::role_content::{
    Excess, Lacks, attached_records, contradiction, is_alone, is_created, own_inline, unknown_content,
};

/// What one scope does about one role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleDecision {
    /// Nothing.
    Keep,
    /// Make it.
    Create,
    /// Become one of its owners.
    Join {
        /// What to record as the origin, if nothing is recorded yet.
        origin: Option<&'static str>,
        /// What it lacks.
        lacks: Lacks,
        /// Its trust policy as it is to be, if that is another.
        trust: Option<Value>,
    },
    /// Stay an owner, and put right what differs.
    Refresh {
        /// Whether this scope's owner tag lists other specs than it should.
        retag: bool,
        /// Whether a drain mark is to be removed.
        undrain: bool,
        /// What it lacks.
        lacks: Lacks,
        /// What this scope put there and no longer needs.
        excess: Excess,
        /// Its trust policy as it is to be, if that is another.
        trust: Option<Value>,
    },
    /// Stop being one of its owners; others stay, or it was there before.
    Leave {
        /// Why it is kept.
        kept_because: String,
        /// Whether the origin tag goes too, since nobody of Pipewright's is left.
        forget_origin: bool,
    },
    /// Stop being its only owner, and delete it after the drain.
    LeaveAndDelete,
    /// Delete it after the rest of its drain: it was left before.
    Delete {
        /// When the drain began, if this scope marked it.
        draining_since: Option<Timestamp>,
    },
    /// Leave it to the scope that marked it as draining: of two that delete, one could delete what was
    /// made again after the other.
    LeftToOther {
        /// That scope.
        scope: String,
        /// When any scope may drain it, if it is still there.
        until: Timestamp,
    },
    /// Its tags leave no room for another owner.
    OwnerSlotsFull {
        /// How many tags it carries.
        tags: usize,
    },
    /// Not ours to change.
    Conflict {
        /// What is in the way.
        message: String,
        /// What can be done.
        hint: String,
    },
}

/// Decides about a role that specs of this scope need. `narrow` says whether what no spec needs may be taken out of
/// it: not where only some of the specs are looked at.
pub fn needed(
    role: &str,
    declared: &RoleDeclared,
    adopt: Adopt,
    live: Option<&Live>,
    scope: &Scope,
    narrow: bool,
) -> RoleDecision {
    let Some((live, body)) = as_role(live) else {
        return RoleDecision::Create;
    };
    if body.is_service_linked() {
        return RoleDecision::Conflict {
            message: "is a service-linked role, which only AWS can change".to_owned(),
            hint: "choose another name".to_owned(),
        };
    }
    let owners = Owners::of(&live.tags, scope);
    if owners.other_root.is_some() {
        return of_other_root(live, scope);
    }
    if let Some((message, hint)) = contradiction(declared, live, body, scope) {
        return RoleDecision::Conflict { message, hint };
    }
    if let Some(conflict) = other_boundary(declared, body) {
        return conflict;
    }
    let lacks = Lacks::of(declared, body, scope);
    let own_value = live.tags.get(&tags::owner_key(scope));
    let may_widen = is_created(live) || adopt == Adopt::Always;
    let records = attached_records(role, &lacks.policies, scope);
    let new_tags = records.keys().filter(|key| !live.tags.contains_key(*key)).count();

    if let Some(value) = own_value {
        if !lacks.is_empty() && !may_widen {
            return no_longer_serves(declared, &lacks);
        }
        if live.tags.len() + new_tags > tags::MAX_TAGS {
            return RoleDecision::OwnerSlotsFull { tags: live.tags.len() };
        }
        let retag = *value != tags::owner_value(scope, &declared.needed_by);
        let undrain = live.tags.contains_key(tags::DRAIN);
        let trust = trust_after(declared, live, body, scope, narrow);
        let excess = if narrow { Excess::of(declared, live, body, scope) } else { Excess::default() };
        return if retag || undrain || !lacks.is_empty() || !excess.is_empty() || trust.is_some() {
            RoleDecision::Refresh { retag, undrain, lacks, excess, trust }
        } else {
            RoleDecision::Keep
        };
    }

    let marked = live.tags.contains_key(tags::ORIGIN) || !owners.others.is_empty();
    if !marked && let Some(conflict) = refuses_adoption(role, declared, adopt, &lacks, &live.tags) {
        return conflict;
    }
    if marked && !lacks.is_empty() && !may_widen {
        return no_longer_serves(declared, &lacks);
    }
    let origin = (!live.tags.contains_key(tags::ORIGIN)).then_some(tags::ADOPTED);
    if live.tags.len() + 1 + usize::from(origin.is_some()) + new_tags > tags::MAX_TAGS {
        return RoleDecision::OwnerSlotsFull { tags: live.tags.len() };
    }
    let trust = trust_after(declared, live, body, scope, narrow);
    RoleDecision::Join { origin, lacks, trust }
}

/// Decides about a role that no spec of this scope needs. A drain that another scope began
/// `takeover` ago or earlier and did not finish is begun anew.
pub fn unneeded(role: &str, live: &Live, scope: &Scope, now: Timestamp, takeover: Duration) -> RoleDecision {
    let Some((live, body)) = as_role(Some(live)) else {
        return RoleDecision::Keep;
    };
    if body.is_service_linked() {
        return RoleDecision::Keep;
    }
    let Owners { own, others, other_root } = Owners::of(&live.tags, scope);
    // Policies are named by scope, so that those of another root of this name look like its own.
    let left_behind = other_root.is_none() && own_inline(body, scope).next().is_some();
    match (own.is_some(), others.is_empty(), is_created(live)) {
        (true, false, _) => still_owned(&others),
        (true, true, true) => match unknown_content(role, live, body) {
            Some(what) => RoleDecision::Leave { kept_because: what, forget_origin: false },
            None => RoleDecision::LeaveAndDelete,
        },
        (true, true, false) => RoleDecision::Leave {
            kept_because: "it was there before Pipewright joined it".to_owned(),
            forget_origin: true,
        },
        // Left before, by this scope or another whose pass ended between two calls.
        (false, true, true) if unknown_content(role, live, body).is_none() => match DrainMark::of(&live.tags)
        {
            Some(Ok(mark)) if mark.role_id != body.role_id => RoleDecision::Delete { draining_since: None },
            Some(Ok(mark)) if mark.scope == scope.root_name() => {
                RoleDecision::Delete { draining_since: Some(mark.since) }
            }
            // Written before the Controller had a uid: drained anew under the mark that has it.
            Some(Ok(mark)) if mark.scope == scope.as_str() => RoleDecision::Delete { draining_since: None },
            Some(Ok(mark)) if now.since(mark.since) < takeover => {
                RoleDecision::LeftToOther { scope: mark.scope, until: mark.since + takeover }
            }
            _ => RoleDecision::Delete { draining_since: None },
        },
        // Another joined while this scope drained it.
        (false, false, _) if left_behind => still_owned(&others),
        (false, _, _) => RoleDecision::Keep,
    }
}

fn still_owned(others: &BTreeMap<String, String>) -> RoleDecision {
    let kept_because = format!("still owned by {}", describe_owners(others));
    RoleDecision::Leave { kept_because, forget_origin: false }
}

/// Owners and their specs, for people: `data-platform (orders users)`.
pub fn describe_owners(owners: &BTreeMap<String, String>) -> String {
    owners.iter().map(|(scope, specs)| format!("{scope} ({specs})")).collect::<Vec<_>>().join(", ")
}

/// The tags of a role that this scope makes.
pub(crate) fn tags_of_new(role: &str, declared: &RoleDeclared, scope: &Scope) -> Tags {
    let mut tags = attached_records(role, &declared.managed_policies, scope);
    tags.insert(tags::owner_key(scope), tags::owner_value(scope, &declared.needed_by));
    tags.insert(tags::ORIGIN.to_owned(), tags::CREATED.to_owned());
    tags
}

/// The trust policy as it is to be, if that is another: widened by what is missing; and while nobody else
/// owns a role that Pipewright made, without what this scope once wrote and no longer needs.
fn trust_after(
    declared: &RoleDeclared,
    live: &Live,
    body: &RoleObserved,
    scope: &Scope,
    narrow: bool,
) -> Option<Value> {
    let narrow = narrow && is_created(live) && is_alone(live, scope);
    let after = policy::with_trust(&body.trust, &declared.trust_needs(), scope, narrow);
    (after != body.trust).then_some(after)
}

/// A role that bears this scope's owner tag with the uid of another spec root.
fn of_other_root(live: &Live, scope: &Scope) -> RoleDecision {
    RoleDecision::Conflict {
        message: format!("exists and is {}", Ownership::of_role(&live.tags, false, scope)),
        hint: "two spec roots must not share a Controller's name: give this one another, or put the uid back if \
               it was changed"
            .to_owned(),
    }
}

/// A boundary is set only when a role is made: another one is not ours to set.
fn other_boundary(declared: &RoleDeclared, body: &RoleObserved) -> Option<RoleDecision> {
    let wanted = declared.permissions_boundary.as_ref()?;
    let found = match &body.permissions_boundary {
        Some(found) if found == wanted => return None,
        Some(found) => format!("the permissions boundary {found}"),
        None => "no permissions boundary".to_owned(),
    };
    Some(RoleDecision::Conflict {
        message: format!("has {found}, and is declared with {wanted}"),
        hint:
            "a boundary is set only when the role is made: set it by hand, take `permissionsBoundary` out, \
               or choose another `roleName`"
                .to_owned(),
    })
}

/// How a spec says that a role may be adopted as it is not.
fn adopt_always(declared: &RoleDeclared) -> &'static str {
    let has_document = declared.needed_by.iter().any(|spec| spec.starts_with("ServiceRole/"));
    if has_document {
        "`adopt: always` in its ServiceRole document"
    } else {
        "`serviceRoles: {adopt: always}`"
    }
}

fn refuses_adoption(
    role: &str,
    declared: &RoleDeclared,
    adopt: Adopt,
    lacks: &Lacks,
    tags: &Tags,
) -> Option<RoleDecision> {
    let message = match (adopt, tags::foreign_mark(tags)) {
        (Adopt::Always, _) => return None,
        (_, Some(by)) => format!("exists and is managed by {by}"),
        (Adopt::IfCompatible, None) if lacks.is_empty() => return None,
        (Adopt::IfCompatible, None) => {
            format!("exists but not owned, and does not serve as it is: {}", lacks.describe())
        }
        (Adopt::Never, None) => "exists but not owned, and must not be adopted".to_owned(),
    };
    Some(RoleDecision::Conflict {
        message,
        hint: format!(
            "set {} to put it right and share it, or {}",
            adopt_always(declared),
            if FixedRole::named(role).is_some() {
                "`serviceRoles: {manage: false}` to leave it to whoever keeps it"
            } else {
                "choose another `roleName`"
            }
        ),
    })
}

fn no_longer_serves(declared: &RoleDeclared, lacks: &Lacks) -> RoleDecision {
    RoleDecision::Conflict {
        message: format!("was there before Pipewright joined it, and does not serve: {}", lacks.describe()),
        hint: format!("ask whoever made it, or set {} to put it right", adopt_always(declared)),
    }
}

fn as_role(live: Option<&Live>) -> Option<(&Live, &RoleObserved)> {
    match live {
        Some(live) => match &live.body {
            LiveBody::ServiceRole(body) => Some((live, body)),
            _ => None,
        },
        None => None,
    }
}
