//! The last look before something that cannot be undone: whether what must hold does.
//!
//! Reading is the caller's part; the decision is a pure function of what was read.

use std::collections::{BTreeMap, BTreeSet};

use pipewright_model::tags::{self, DrainMark};
use pipewright_model::{Kind, Live, LiveBody, ResourceId, Timestamp};

use crate::{Guard, uses_role};

impl Guard {
    /// The name of the role that it looks at.
    pub fn role(&self) -> &str {
        match self {
            Self::RoleOwnerless { role, .. } | Self::RoleDeletable { role, .. } => role,
        }
    }

    /// The kinds of resource of which none may need the role.
    pub fn user_kinds(&self) -> BTreeSet<Kind> {
        match self {
            Self::RoleOwnerless { .. } => BTreeSet::new(),
            Self::RoleDeletable { unused_by, .. } => unused_by.clone(),
        }
    }

    /// Whether it holds for the role as it was just read, with the resources of
    /// [`Guard::user_kinds`] that were just listed.
    ///
    /// # Errors
    /// What is not as it must be, for people.
    pub fn holds(
        &self,
        live: Option<&Live>,
        users: &BTreeMap<ResourceId, Live>,
        now: Timestamp,
    ) -> Result<(), String> {
        let (Self::RoleOwnerless { role, role_id } | Self::RoleDeletable { role, role_id, .. }) = self;
        let Some(live) = live else {
            return Err(format!("{role} is gone"));
        };
        let LiveBody::ServiceRole(body) = &live.body else {
            return Err(format!("{role} is not a role"));
        };
        if body.role_id != *role_id {
            return Err(format!("{role} was deleted and made again"));
        }
        let owners = tags::owners(&live.tags);
        if !owners.is_empty() {
            let names = owners.into_keys().collect::<Vec<_>>().join(", ");
            return Err(format!("{role} is owned by {names} now"));
        }
        let Self::RoleDeletable { grace, unused_by, .. } = self else {
            return Ok(());
        };
        if live.tags.get(tags::ORIGIN).is_none_or(|origin| origin != tags::CREATED) {
            return Err(format!("{role} was not made by Pipewright"));
        }
        if let Some(policy) = body.inline_policies.keys().next() {
            return Err(format!("somebody else added the inline policy {policy} to {role}"));
        }
        match DrainMark::of(&live.tags) {
            Some(Ok(mark)) if mark.role_id == *role_id && now.since(mark.since) >= *grace => {}
            _ => return Err(format!("the drain mark of {role} has changed")),
        }
        match users.iter().find(|(id, live)| unused_by.contains(&id.kind) && uses_role(&live.body)) {
            Some((user, _)) => Err(format!("{user} needs {role}")),
            None => Ok(()),
        }
    }
}
