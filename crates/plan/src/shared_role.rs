//! Shared roles: the decision what one scope does about one role.
//!
//! Each function here looks at the role as it was read and decides; none remembers anything. What must
//! survive a crash is in the role's tags.
//!
//! # Guarantees
//! - A scope writes and removes only its own owner tag.
//! - A role is deleted only if it has no owner, was made by Pipewright, has drained for the grace time
//!   under the same unique id by a mark of the scope that deletes it, and nothing in sight needs it.
//! - A scope that deletes has read the mark that it wrote in the same pass, so that it does not act on
//!   what was before; a delete that fails is planned anew and never made again.
//! - A role is widened, and never narrowed while another scope owns it; statements of others stay. What a
//!   scope takes out is what it wrote itself, which the statement's `Sid` tells.
//!
//! # Assumptions
//! - A change of IAM is visible, and a call has reached AWS, within half the grace time.
//! - One controller at a time works for a scope.
//!
//! # Caveats
//! IAM has no compare-and-swap: an owner that joins after the grace is over, in the moment between the
//! last look and the delete, loses the role, and makes it again in its next pass.

use std::collections::BTreeSet;
use std::time::Duration;

use pipewright_model::kinds::{FixedRole, RoleDeclared, RoleObserved};
use pipewright_model::policy::{self, TrustNeed};
use pipewright_model::tags::{self, DrainMark, Tags};
use pipewright_model::{Adopt, Live, LiveBody, Scope, Timestamp};
use serde_json::Value;

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

/// What a role lacks of what its owner needs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lacks {
    /// Who cannot assume it.
    pub trust: BTreeSet<TrustNeed>,
    /// Managed policies that are not attached.
    pub policies: BTreeSet<String>,
}

impl Lacks {
    /// What `role` lacks of `needed`.
    pub fn of(needed: &RoleDeclared, role: &RoleObserved) -> Self {
        let unmet = |need: &TrustNeed| !need.is_met_by(&role.trust);
        Self {
            trust: needed.trust_needs().into_iter().filter(unmet).collect(),
            policies: needed.managed_policies.difference(&role.managed_policies).cloned().collect(),
        }
    }

    /// Whether it lacks nothing.
    pub fn is_empty(&self) -> bool {
        let Self { trust, policies } = self;
        trust.is_empty() && policies.is_empty()
    }

    /// The names of those who cannot assume it.
    pub(crate) fn strangers(&self) -> Vec<&str> {
        self.trust.iter().map(|need| need.principal.as_str()).collect()
    }

    fn describe(&self) -> String {
        let mut parts = Vec::new();
        if !self.trust.is_empty() {
            parts.push(format!("its trust policy does not let {} assume it", self.strangers().join(", ")));
        }
        if !self.policies.is_empty() {
            let policies = self.policies.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            parts.push(format!("{policies} is not attached"));
        }
        parts.join(", and ")
    }
}

/// Decides about a role that specs of this scope need.
pub fn needed(declared: &RoleDeclared, adopt: Adopt, live: Option<&Live>, scope: &Scope) -> RoleDecision {
    let Some((live, body)) = as_role(live) else {
        return RoleDecision::Create;
    };
    if body.is_service_linked() {
        return RoleDecision::Conflict {
            message: "is a service-linked role, which only AWS can change".to_owned(),
            hint: "choose another name".to_owned(),
        };
    }
    if let Some(conflict) = contradiction(declared, live, body, scope) {
        return conflict;
    }
    let lacks = Lacks::of(declared, body);
    let own_value = live.tags.get(&tags::owner_key(scope));
    let may_widen =
        live.tags.get(tags::ORIGIN).is_some_and(|origin| origin == tags::CREATED) || adopt == Adopt::Always;

    if let Some(value) = own_value {
        if !lacks.is_empty() && !may_widen {
            return no_longer_serves(&lacks);
        }
        let retag = *value != tags::owner_value(&declared.needed_by);
        let undrain = live.tags.contains_key(tags::DRAIN);
        let trust = trust_after(declared, live, body, scope);
        return if retag || undrain || !lacks.is_empty() || trust.is_some() {
            RoleDecision::Refresh { retag, undrain, lacks, trust }
        } else {
            RoleDecision::Keep
        };
    }

    let marked = live.tags.contains_key(tags::ORIGIN) || !tags::owners(&live.tags).is_empty();
    if !marked && let Some(conflict) = refuses_adoption(adopt, &lacks, &live.tags) {
        return conflict;
    }
    if marked && !lacks.is_empty() && !may_widen {
        return no_longer_serves(&lacks);
    }
    let origin = (!live.tags.contains_key(tags::ORIGIN)).then_some(tags::ADOPTED);
    if live.tags.len() + 1 + usize::from(origin.is_some()) > tags::MAX_TAGS {
        return RoleDecision::OwnerSlotsFull { tags: live.tags.len() };
    }
    let trust = trust_after(declared, live, body, scope);
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
    let mut others = tags::owners(&live.tags);
    let ours = others.remove(scope.as_str()).is_some();
    let created = live.tags.get(tags::ORIGIN).is_some_and(|origin| origin == tags::CREATED);
    match (ours, others.is_empty(), created) {
        (true, false, _) => RoleDecision::Leave {
            kept_because: format!("still owned by {}", describe_owners(&others)),
            forget_origin: false,
        },
        (true, true, true) => match unknown_content(role, body) {
            Some(what) => RoleDecision::Leave { kept_because: what, forget_origin: false },
            None => RoleDecision::LeaveAndDelete,
        },
        (true, true, false) => RoleDecision::Leave {
            kept_because: "it was there before Pipewright joined it".to_owned(),
            forget_origin: true,
        },
        // Left before, by this scope or another whose pass ended between two calls.
        (false, true, true) if unknown_content(role, body).is_none() => match DrainMark::of(&live.tags) {
            Some(Ok(mark)) if mark.role_id != body.role_id => RoleDecision::Delete { draining_since: None },
            Some(Ok(mark)) if mark.scope == scope.as_str() => {
                RoleDecision::Delete { draining_since: Some(mark.since) }
            }
            Some(Ok(mark)) if now.since(mark.since) < takeover => {
                RoleDecision::LeftToOther { scope: mark.scope, until: mark.since + takeover }
            }
            _ => RoleDecision::Delete { draining_since: None },
        },
        (false, _, _) => RoleDecision::Keep,
    }
}

/// Owners and their specs, for people: `data-platform (orders users)`.
pub fn describe_owners(owners: &std::collections::BTreeMap<String, String>) -> String {
    owners.iter().map(|(scope, specs)| format!("{scope} ({specs})")).collect::<Vec<_>>().join(", ")
}

/// The tags of a role that this scope makes.
pub(crate) fn tags_of_new(declared: &RoleDeclared, scope: &Scope) -> Tags {
    Tags::from([
        (tags::owner_key(scope), tags::owner_value(&declared.needed_by)),
        (tags::ORIGIN.to_owned(), tags::CREATED.to_owned()),
    ])
}

/// The trust policy as it is to be, if that is another: widened by what is missing; and while nobody else
/// owns a role that Pipewright made, without what this scope once wrote and no longer needs.
fn trust_after(declared: &RoleDeclared, live: &Live, body: &RoleObserved, scope: &Scope) -> Option<Value> {
    let created = live.tags.get(tags::ORIGIN).is_some_and(|origin| origin == tags::CREATED);
    let alone = tags::owners(&live.tags).into_keys().eq([scope.to_string()]);
    let after = policy::with_trust(&body.trust, &declared.trust_needs(), scope, created && alone);
    (after != body.trust).then_some(after)
}

/// A denial in the way of what the specs need. No statement that Pipewright could add would help, and what
/// others denied is not taken out.
fn contradiction(
    declared: &RoleDeclared,
    live: &Live,
    body: &RoleObserved,
    scope: &Scope,
) -> Option<RoleDecision> {
    let (need, sid) = declared
        .trust_needs()
        .into_iter()
        .find_map(|need| policy::denial(&body.trust, &need).map(|sid| (need, sid)))?;
    let statement = if sid.is_empty() { "a statement".to_owned() } else { format!("the statement {sid}") };
    let mut owners = tags::owners(&live.tags);
    owners.insert(scope.to_string(), tags::owner_value(&declared.needed_by));
    Some(RoleDecision::Conflict {
        message: format!(
            "has {statement} in its trust policy that denies it to {}, against the needs of {}",
            need.principal.as_str(),
            describe_owners(&owners)
        ),
        hint: "take the denial out of the trust policy, or limit it by `aws:SourceAccount` to other accounts"
            .to_owned(),
    })
}

fn refuses_adoption(adopt: Adopt, lacks: &Lacks, tags: &Tags) -> Option<RoleDecision> {
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
        hint: "set `serviceRoles: {adopt: always}` to put it right and share it, or `serviceRoles: \
               {manage: false}` to leave it to whoever keeps it"
            .to_owned(),
    })
}

fn no_longer_serves(lacks: &Lacks) -> RoleDecision {
    RoleDecision::Conflict {
        message: format!("was there before Pipewright joined it, and does not serve: {}", lacks.describe()),
        hint: "ask whoever made it, or set `serviceRoles: {adopt: always}` to put it right".to_owned(),
    }
}

/// What is on a role that Pipewright did not put there, which is a reason to keep it.
fn unknown_content(role: &str, body: &RoleObserved) -> Option<String> {
    let known = FixedRole::named(role).map(|fixed| fixed.managed_policy);
    let foreign = body
        .managed_policies
        .iter()
        .find(|arn| known.is_none_or(|known| arn.rsplit('/').next() != Some(known)));
    if let Some(arn) = foreign {
        return Some(format!("somebody else attached {arn}"));
    }
    body.inline_policies.keys().next().map(|name| format!("somebody else added the inline policy {name}"))
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
