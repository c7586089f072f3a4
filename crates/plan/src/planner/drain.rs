//! The steps by which a shared role without owners goes: a mark, time for others to join, a look, what is on it
//! taken off, another look, the delete.

use pipewright_model::kinds::RoleObserved;
use pipewright_model::{ResourceId, Timestamp};

use super::Draft;
use super::role_users::role_users;
use super::roles::{attach, delete_inline, put_inline};
use crate::role_content::attached_records;
use crate::{Guard, Mutation, Step, Wait};

/// The drain of a role by this scope in this pass.
pub(super) struct Drain<'a> {
    pub(super) id: &'a ResourceId,
    pub(super) body: &'a RoleObserved,
    /// As the mark names it.
    pub(super) scope: String,
    pub(super) pass: Timestamp,
}

impl Drain<'_> {
    pub(super) fn ownerless(&self) -> Step {
        let guard = Guard::RoleOwnerless { role: self.role(), role_id: self.body.role_id.clone() };
        Step::Check { guard, undo: Vec::new() }
    }

    /// Marks it. Also a mark that is there already is written again by each pass that deletes: a look
    /// that shows it is then newer than everything that happened before the pass, such as that the
    /// role was deleted and made again.
    pub(super) fn mark(&self, since: Option<Timestamp>) -> Step {
        Step::Call(Mutation::MarkDrain {
            role: self.role(),
            scope: self.scope.clone(),
            role_id: self.body.role_id.clone(),
            since,
            pass: self.pass,
        })
    }

    pub(super) fn marked(&self) -> Step {
        Step::Wait(Wait::Marked {
            role: self.role(),
            role_id: self.body.role_id.clone(),
            scope: self.scope.clone(),
            pass: self.pass,
        })
    }

    pub(super) fn wait(&self, draft: &Draft<'_>, since: Option<Timestamp>) -> Step {
        Step::Wait(Wait::Drained {
            role: self.role(),
            role_id: self.body.role_id.clone(),
            scope: self.scope.clone(),
            since,
            grace: draft.options.drain_grace,
        })
    }

    pub(super) fn deletable(&self, draft: &Draft<'_>, pass: Option<Timestamp>) -> Guard {
        Guard::RoleDeletable {
            role: self.role(),
            role_id: self.body.role_id.clone(),
            scope: self.scope.clone(),
            pass,
            grace: draft.options.drain_grace,
            unused_by: role_users(&self.id.name),
        }
    }

    /// Look, detach, look again, delete; what was detached is put back if the second look fails.
    pub(super) fn delete(&self, draft: &Draft<'_>) -> Vec<Step> {
        let guard = self.deletable(draft, Some(self.pass));
        let policies = &self.body.managed_policies;
        let mut steps = vec![Step::Check { guard: guard.clone(), undo: Vec::new() }];
        steps.extend(policies.iter().map(|arn| {
            Step::Call(Mutation::DetachRolePolicy { role: self.role(), policy_arn: arn.clone() })
        }));
        steps.extend(self.body.inline_policies.keys().map(|name| Step::Call(delete_inline(self.id, name))));
        let mut undo: Vec<Mutation> = policies.iter().map(|arn| attach(self.id, arn)).collect();
        undo.extend(
            self.body.inline_policies.iter().map(|(name, document)| put_inline(self.id, name, document)),
        );
        // A role that was made again meanwhile gets the records of what it gets, so that it can go with that.
        let records = attached_records(&self.id.name, policies, &draft.desired.scope);
        if !records.is_empty() {
            undo.push(Mutation::TagRole { role: self.role(), tags: records });
        }
        if !undo.is_empty() {
            steps.push(Step::Check { guard, undo });
        }
        steps.push(Step::Call(Mutation::DeleteRole { role: self.role() }));
        steps
    }

    fn role(&self) -> String {
        self.id.name.clone()
    }
}
