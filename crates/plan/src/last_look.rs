//! The last look before something that cannot be undone: whether what must hold does.
//!
//! Reading is the caller's part; the decision is a pure function of what was read.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use pipewright_model::kinds::RoleObserved;
use pipewright_model::tags::{self, DrainMark};
use pipewright_model::{Kind, Live, LiveBody, ResourceId, Timestamp};

use crate::role_content::unknown_content;
use crate::{Guard, Step, uses_role};

/// How long a look lasts: a call that rests on it is made within this time, or not at all.
///
/// The drain's grace must be longer than this and the time in which a change of IAM becomes visible
/// together.
pub const LOOK_LASTS: Duration = Duration::from_secs(30);

/// Whether the call at `at` rests on a look that came before it. If such a call fails, it is not made
/// again but planned anew: whether it took effect is not known, and what it would meet the second time
/// may be somebody else's.
pub fn rests_on_look(steps: &[Step], at: usize) -> bool {
    matches!(steps.get(at), Some(Step::Call(_)))
        && steps[..at]
            .iter()
            .rev()
            .find(|step| !matches!(step, Step::Call(_)))
            .is_some_and(|step| matches!(step, Step::Check { .. }))
}

/// Why a guard does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What is not as it must be, for people.
    pub reason: String,
    /// Whether the role is still the one that was planned for, so that what was done to it can be put
    /// back.
    pub same_role: bool,
}

impl Guard {
    /// The name of the role that it looks at.
    pub fn role(&self) -> &str {
        match self {
            Self::RoleOwnerless { role, .. }
            | Self::RoleAsRead { role, .. }
            | Self::RoleDeletable { role, .. } => role,
        }
    }

    /// The kinds of resource of which none may need the role.
    pub fn user_kinds(&self) -> BTreeSet<Kind> {
        match self {
            Self::RoleOwnerless { .. } | Self::RoleAsRead { .. } => BTreeSet::new(),
            Self::RoleDeletable { unused_by, .. } => unused_by.clone(),
        }
    }

    /// Whether it holds for the role as it was just read, with the resources of
    /// [`Guard::user_kinds`] that were just listed.
    ///
    /// # Errors
    /// What is not as it must be.
    pub fn holds(
        &self,
        live: Option<&Live>,
        users: &BTreeMap<ResourceId, Live>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let (Self::RoleOwnerless { role, role_id }
        | Self::RoleAsRead { role, role_id, .. }
        | Self::RoleDeletable { role, role_id, .. }) = self;
        let other = |reason| Err(Refusal { reason, same_role: false });
        let Some(live) = live else {
            return other(format!("{role} is gone"));
        };
        let LiveBody::ServiceRole(body) = &live.body else {
            return other(format!("{role} is not a role"));
        };
        if body.role_id != *role_id {
            return other(format!("{role} was deleted and made again"));
        }
        self.holds_for(live, body, users, now).map_err(|reason| Refusal { reason, same_role: true })
    }

    fn holds_for(
        &self,
        live: &Live,
        body: &RoleObserved,
        users: &BTreeMap<ResourceId, Live>,
        now: Timestamp,
    ) -> Result<(), String> {
        let (Self::RoleOwnerless { role, role_id }
        | Self::RoleAsRead { role, role_id, .. }
        | Self::RoleDeletable { role, role_id, .. }) = self;
        let owners = tags::owners(&live.tags);
        if let Self::RoleAsRead { trust, owners: known, .. } = self {
            if *trust != body.trust {
                return Err(format!("somebody changed the trust policy of {role}"));
            }
            return match owners.keys().find(|owner| !known.contains(*owner)) {
                Some(owner) => Err(format!("{owner} joined {role}")),
                None => Ok(()),
            };
        }
        if !owners.is_empty() {
            let names = owners.into_keys().collect::<Vec<_>>().join(", ");
            return Err(format!("{role} is owned by {names} now"));
        }
        let Self::RoleDeletable { scope, pass, grace, unused_by, .. } = self else {
            return Ok(());
        };
        if live.tags.get(tags::ORIGIN).is_none_or(|origin| origin != tags::CREATED) {
            return Err(format!("{role} was not made by Pipewright"));
        }
        if let Some(what) = unknown_content(role, live, body) {
            return Err(format!("{role} is not deleted: {what}"));
        }
        match DrainMark::of(&live.tags) {
            Some(Ok(mark))
                if mark.scope == *scope
                    && mark.role_id == *role_id
                    && pass.is_none_or(|pass| pass == mark.pass)
                    && now.since(mark.since) >= *grace => {}
            _ => return Err(format!("the drain mark of {role} has changed")),
        }
        match users.iter().find(|(id, live)| unused_by.contains(&id.kind) && uses_role(role, &live.body)) {
            Some((user, _)) => Err(format!("{user} needs {role}")),
            None => Ok(()),
        }
    }
}
