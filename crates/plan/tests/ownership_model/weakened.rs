//! The code's own decisions, and what they are without one of the protocol's guards. The weakening is here
//! alone: what ships has no such switch.

use pipewright_model::tags::{self, DrainMark};
use pipewright_model::{Kind, Live, LiveBody, Observed, ResourceId, Scope, policy};
use pipewright_plan::{Guard, Mutation, PlanOptions, Refusal, Step, Verdict, Wait, plan};

use crate::account::{self, TICK, now};
use crate::decisions::{Decisions, GRACE, Look, TAKEOVER};
use crate::specs::{ROLE, specs_of, trust_needs};
use crate::state::Scopes;

/// A guard of the protocol that is weakened on purpose, to see that the model needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weakened {
    /// The drain has no grace time.
    Grace,
    /// Another role of the same name is taken for the one that was looked at.
    RoleId,
    /// Nobody looks whether something uses the role.
    LiveUse,
    /// Nothing is read again before a call that cannot be undone.
    LookAgain,
    /// A role without owners is deleted whether or not a drain mark is still there.
    DrainMark,
    /// A call that rests on a look and failed is made again.
    PlanAnew,
    /// Any scope deletes a drained role, not only the one whose mark it bears.
    MarkOfOneScope,
    /// A look need not show what the pass itself wrote.
    OwnWrite,
    /// A role that was there before is taken for one that Pipewright made.
    Origin,
    /// A look may be as old as it likes when the call is made that rests on it.
    FreshLook,
    /// The trust policy is replaced whatever it is by then.
    TrustAsRead,
    /// The trust policy is replaced whoever joined since it was read.
    OwnersAsRead,
    /// The trust policy is overwritten by what one scope needs, as cdk-dms-replication does.
    Widening,
    /// What a scope wrote into the trust policy is taken out though others own the role.
    NarrowingAlone,
    /// What a stranger wrote into the trust policy is no reason to keep the role.
    StrangersStatement,
    /// Two spec roots with one name are not told apart.
    Uid,
}

impl Decisions {
    pub(crate) fn ask_planner(&self, scope: usize, specs: u8, observed: &Observed) -> Vec<Step> {
        let mut observed = observed.clone();
        let mut desired = specs_of(scope, specs, self.scopes);
        self.blind(&mut observed, &desired.scope.root_name());
        if self.weakens(Weakened::Uid) {
            desired.scope = Scope::new(desired.scope.as_str()).expect("a name");
            forget_uids(&mut observed);
        }
        if self.weakens(Weakened::NarrowingAlone) && specs != 0 {
            forget_owners(&mut observed, |owner| owner != desired.scope.as_str());
        }
        let grace = if self.weakens(Weakened::Grace) { 0 } else { GRACE };
        let options = PlanOptions { drain_grace: TICK * grace, drain_takeover: TICK * TAKEOVER };
        let plan = plan(&desired, &observed, &options);
        assert!(plan.changes.len() <= 1, "one role, one change: {:?}", plan.changes);
        // Of two roots with one name the second finds a conflict.
        assert!(
            plan.report.conflicts.is_empty() || self.scopes == Scopes::OneName,
            "the role serves: {:?}",
            plan.report.conflicts
        );
        let mut steps: Vec<Step> = plan.changes.into_iter().flat_map(|change| change.steps).collect();
        if self.weakens(Weakened::Widening) {
            for step in &mut steps {
                if let Step::Call(Mutation::UpdateTrust { trust, .. }) = step {
                    let needs = trust_needs(scope, specs, self.scopes).into_iter().collect();
                    *trust = policy::trust_document(&needs, &desired.scope);
                }
            }
        }
        steps
    }

    pub(crate) fn ask_wait(&self, wait: &Wait, observed: &Observed) -> Look {
        if self.weakens(Weakened::OwnWrite) && wait.is_brief() {
            return Look::Holds;
        }
        let mut observed = observed.clone();
        if let Wait::Drained { scope, .. } = wait {
            self.blind(&mut observed, scope);
        }
        match wait.verdict(observed.resources.get(&wait.resource()), now()) {
            Verdict::Done => Look::Holds,
            Verdict::Pending(_) => Look::Pending,
            Verdict::Failed(_) => Look::Refused(None),
        }
    }

    pub(crate) fn ask_guard(&self, guard: &Guard, observed: &Observed) -> Result<(), Refusal> {
        let mut observed = observed.clone();
        let mut guard = guard.clone();
        if let Guard::RoleDeletable { scope, pass, role_id, .. } = &mut guard {
            if self.weakens(Weakened::OwnWrite) {
                *pass = None;
            }
            self.blind(&mut observed, scope);
            if self.weakens(Weakened::DrainMark)
                && let Some(live) = observed.resources.get_mut(&ResourceId::role(ROLE))
            {
                let mark = DrainMark {
                    scope: scope.clone(),
                    role_id: role_id.clone(),
                    since: account::long_ago(),
                    pass: pass.unwrap_or_default(),
                };
                live.tags.insert(tags::DRAIN.to_owned(), mark.to_string());
            }
        }
        if self.weakens(Weakened::RoleId)
            && let Some(Live { body: LiveBody::ServiceRole(body), .. }) =
                observed.resources.get(&ResourceId::role(ROLE))
        {
            let (Guard::RoleOwnerless { role_id, .. }
            | Guard::RoleAsRead { role_id, .. }
            | Guard::RoleDeletable { role_id, .. }) = &mut guard;
            role_id.clone_from(&body.role_id);
        }
        if let Guard::RoleAsRead { owners, .. } = &guard {
            if self.weakens(Weakened::TrustAsRead) {
                return Ok(());
            }
            if self.weakens(Weakened::OwnersAsRead) || self.weakens(Weakened::NarrowingAlone) {
                forget_owners(&mut observed, |owner| !owners.contains(owner));
            }
        }
        let live = observed.resources.get(&ResourceId::role(guard.role())).cloned();
        let kinds = guard.user_kinds();
        observed.resources.retain(|id, _| kinds.contains(&id.kind));
        guard.holds(live.as_ref(), &observed.resources, now())
    }

    /// Takes from what `scope` read what a weakened protocol does not look at.
    fn blind(&self, observed: &mut Observed, scope: &str) {
        if self.weakens(Weakened::LiveUse) {
            observed.resources.retain(|id, _| id.kind == Kind::ServiceRole);
        }
        let Some(live) = observed.resources.get_mut(&ResourceId::role(ROLE)) else { return };
        if self.weakens(Weakened::Origin) {
            live.tags.insert(tags::ORIGIN.to_owned(), tags::CREATED.to_owned());
        }
        if self.weakens(Weakened::StrangersStatement) {
            account::without_statement_of_a_stranger(live);
        }
        let Some(mut mark) = account::mark(&live.tags) else { return };
        if self.weakens(Weakened::RoleId)
            && let LiveBody::ServiceRole(body) = &live.body
        {
            mark.role_id.clone_from(&body.role_id);
        }
        if self.weakens(Weakened::MarkOfOneScope) {
            scope.clone_into(&mut mark.scope);
        }
        live.tags.insert(tags::DRAIN.to_owned(), mark.to_string());
    }
}

/// Takes the tags of such owners from the role that was read.
fn forget_owners(observed: &mut Observed, such: impl Fn(&str) -> bool) {
    let Some(live) = observed.resources.get_mut(&ResourceId::role(ROLE)) else { return };
    live.tags.retain(|key, _| !key.strip_prefix(tags::OWNER_PREFIX).is_some_and(&such));
}

/// Takes the uids from the marks of the role that was read.
fn forget_uids(observed: &mut Observed) {
    let Some(live) = observed.resources.get_mut(&ResourceId::role(ROLE)) else { return };
    for (key, value) in &mut live.tags {
        if key.starts_with(tags::OWNER_PREFIX)
            && let Some((_, specs)) = value.strip_prefix("uid=").and_then(|rest| rest.split_once(' '))
        {
            *value = specs.to_owned();
        }
    }
}
