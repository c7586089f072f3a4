//! The planner: from what is desired and what was observed to a plan.
//!
//! One file for each part of the work, called in this order: shared roles, regional resources, the
//! life of tasks, pruning, roles that are left, and last the guards that hold changes back. A partial view
//! comes in the place of pruning and leaving.

mod approval;
mod drain;
mod expiry;
mod guard;
mod handover;
mod lifecycle;
mod outside;
mod prune;
mod regional;
mod replacement;
mod role_users;
mod roles;
mod rotation;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use pipewright_model::kinds::RoleObserved;
use pipewright_model::tags::{self, Owners};
use pipewright_model::{Declared, Desired, Kind, Live, LiveBody, Mode, Observed, ResourceId};

use replacement::Replacement;

pub use handover::{Handover, HandoverVerb, hand_over};
pub use role_users::{role_users, uses_role};

use crate::{
    Action, Approved, Change, ChangeKey, Disruption, FieldDiff, Finding, OwnerDiff, Ownership, Plan, Reason,
    Report, RoleSummary, Step,
};

/// What the planner is told besides specs and account.
#[derive(Debug, Clone)]
pub struct PlanOptions {
    /// How long a shared role without owners is kept before it is deleted, so that others can see that
    /// it is about to go, and join.
    pub drain_grace: Duration,
    /// How long a drain is left to the scope that began it. If it did not finish by then, another
    /// begins a drain of its own. Longer than the time between two passes, or scopes that run seldom
    /// take it from each other for ever.
    pub drain_takeover: Duration,
}

impl Default for PlanOptions {
    fn default() -> Self {
        Self { drain_grace: Duration::from_mins(2), drain_takeover: Duration::from_hours(24) }
    }
}

/// Plans one environment: pure, and the same for the same input.
pub fn plan(desired: &Desired, observed: &Observed, options: &PlanOptions) -> Plan {
    let mut draft = Draft::new(desired, observed, options);
    roles::plan_needed(&mut draft);
    regional::plan(&mut draft);
    lifecycle::plan(&mut draft);
    rotation::plan(&mut draft);
    replacement::plan_ends(&mut draft);
    expiry::warn(&mut draft);
    if draft.in_view.is_some() {
        view::apply(&mut draft);
    } else {
        prune::plan(&mut draft);
        roles::plan_unneeded(&mut draft);
    }
    guard::apply(&mut draft);
    draft.finish()
}

/// A plan in the making.
struct Draft<'a> {
    desired: &'a Desired,
    observed: &'a Observed,
    options: &'a PlanOptions,
    changes: BTreeMap<ChangeKey, Change>,
    report: Report,
    /// Resources that will not be there for others to use, each with the one that is the cause.
    unavailable: BTreeMap<ResourceId, ResourceId>,
    /// Resources that AWS is at work on and that will be compared again when that is over.
    deferred: BTreeSet<ResourceId>,
    /// Resources that no spec declares any more and that stay for now, each with the reason.
    held: BTreeMap<ResourceId, String>,
    /// Tasks that are stopped so that other resources can change, and those changes.
    pauses: BTreeMap<ResourceId, BTreeSet<ChangeKey>>,
    /// The resources that are looked at, if not all are.
    in_view: Option<BTreeSet<ResourceId>>,
    /// The approvals that were asked for and found.
    approvals: BTreeSet<Approved>,
    /// Tasks that others take the place of under the same identifier.
    replacements: BTreeMap<ResourceId, Replacement>,
}

impl<'a> Draft<'a> {
    fn new(desired: &'a Desired, observed: &'a Observed, options: &'a PlanOptions) -> Self {
        Self {
            desired,
            observed,
            options,
            changes: BTreeMap::new(),
            report: Report::default(),
            unavailable: BTreeMap::new(),
            deferred: BTreeSet::new(),
            held: BTreeMap::new(),
            pauses: BTreeMap::new(),
            in_view: view::of(desired),
            approvals: BTreeSet::new(),
            replacements: BTreeMap::new(),
        }
    }

    fn live(&self, id: &ResourceId) -> Option<&'a Live> {
        self.observed.resources.get(id)
    }

    /// Why resources of this kind cannot be judged, if they could not be read.
    fn unread(&self, kind: Kind) -> Option<&'a str> {
        self.observed.unread.get(&kind).map(String::as_str)
    }

    /// Whether what is missing from the specs may be taken as gone: every spec and every kind was read.
    fn is_complete(&self) -> bool {
        self.desired.complete && self.observed.unread.is_empty()
    }

    fn may_delete(&self) -> bool {
        self.is_complete() && self.desired.policy.mode == Mode::Sync
    }

    fn may_update(&self) -> bool {
        self.desired.policy.mode != Mode::CreateOnly
    }

    fn add(&mut self, change: Change) {
        self.changes.insert(change.key.clone(), change);
    }

    /// The keys among these resources' main changes that are in the plan.
    fn planned<'b>(&self, ids: impl IntoIterator<Item = &'b ResourceId>) -> BTreeSet<ChangeKey> {
        ids.into_iter().map(ChangeKey::main).filter(|key| self.changes.contains_key(key)).collect()
    }

    /// Notes that a resource will not be there for others to use, of its own cause.
    fn make_unavailable(&mut self, id: &ResourceId) {
        self.unavailable.insert(id.clone(), id.clone());
    }

    /// The cause why one of these resources will not be there.
    fn first_unavailable<'b>(&self, ids: impl IntoIterator<Item = &'b ResourceId>) -> Option<ResourceId> {
        ids.into_iter().find_map(|id| self.unavailable.get(id).cloned())
    }

    fn conflict(&mut self, id: &ResourceId, ownership: Ownership, message: String, hint: String) {
        self.make_unavailable(id);
        let finding = self.finding(id, message).with_ownership(ownership).with_hint(hint);
        self.report.conflicts.push(finding);
    }

    /// Notes that a resource's kind could not be read, so that nothing is done about it.
    fn unreadable(&mut self, id: &ResourceId, reason: &str) {
        self.make_unavailable(id);
        let ownership = Ownership::Unreadable { reason: reason.to_owned() };
        let finding = self.finding(id, format!("could not be read: {reason}")).with_ownership(ownership);
        self.report.waiting.push(finding);
    }

    fn block(&mut self, id: &ResourceId, message: String, hint: String) {
        let finding = self.finding(id, message).with_hint(hint);
        self.report.blocked.push(finding);
    }

    fn waiting(&mut self, id: &ResourceId, message: String) {
        let finding = self.finding(id, message);
        self.report.waiting.push(finding);
    }

    /// Notes that something is held back until somebody acts or something comes about.
    fn waiting_for(&mut self, id: &ResourceId, reason: Reason, message: String) {
        let finding = self.finding(id, message).with_reason(reason);
        self.report.waiting.push(finding);
    }

    fn warn(&mut self, id: &ResourceId, message: String) {
        let finding = self.finding(id, message);
        self.report.warnings.push(finding);
    }

    fn warn_with_hint(&mut self, id: &ResourceId, message: String, hint: String) {
        let finding = self.finding(id, message).with_hint(hint);
        self.report.warnings.push(finding);
    }

    fn finding(&self, id: &ResourceId, message: String) -> Finding {
        Finding {
            resource: Some(id.clone()),
            ownership: None,
            message,
            hint: None,
            reason: None,
            place: self.desired.resources.get(id).map(|declared| declared.place.clone()),
        }
    }

    fn summary(&self, live: &Live, role: &RoleObserved) -> RoleSummary {
        let ownership = Ownership::of_role(&live.tags, role.is_service_linked(), &self.desired.scope);
        RoleSummary {
            role_id: role.role_id.clone(),
            origin: live.tags.get(tags::ORIGIN).cloned(),
            owners: Owners::of(&live.tags, &self.desired.scope).all(&self.desired.scope),
            drains_until: match &ownership {
                Ownership::Draining { since, .. } => Some(*since + self.options.drain_grace),
                _ => None,
            },
            ownership,
        }
    }

    fn finish(self) -> Plan {
        let touched: BTreeSet<&ResourceId> = self
            .changes
            .keys()
            .map(|key| &key.resource)
            .chain(self.report.conflicts.iter().filter_map(|finding| finding.resource.as_ref()))
            .chain(self.report.blocked.iter().filter_map(|finding| finding.resource.as_ref()))
            .collect();
        let unchanged = self
            .desired
            .resources
            .keys()
            .filter(|id| {
                id.kind != Kind::Connection
                    && self.in_view.as_ref().is_none_or(|seen| seen.contains(id))
                    && !touched.contains(id)
                    && self.observed.resources.contains_key(id)
            })
            .cloned()
            .collect();
        let roles = self
            .observed
            .resources
            .iter()
            .filter_map(|(id, live)| match &live.body {
                LiveBody::ServiceRole(role) => Some((id.name.clone(), self.summary(live, role))),
                _ => None,
            })
            .collect();
        Plan {
            scope: self.desired.scope.clone(),
            environment: self.desired.environment.clone(),
            changes: self.changes.into_values().collect(),
            report: self.report,
            unchanged,
            roles,
            unread: self.observed.unread.clone(),
            only: self.desired.only.clone(),
            approvals: self.approvals,
        }
    }
}

/// A change of one resource's main part; the caller sets what differs from this.
pub(crate) fn change(
    id: &ResourceId,
    action: Action,
    ownership: Ownership,
    declared: Option<&Declared>,
) -> Change {
    Change {
        key: ChangeKey::main(id),
        action,
        ownership,
        disruption: Disruption::None,
        forces: Vec::new(),
        reason: String::new(),
        fields: Vec::<FieldDiff>::new(),
        owners: None::<OwnerDiff>,
        steps: Vec::<Step>::new(),
        needs: BTreeSet::new(),
        place: declared.map(|declared| declared.place.clone()),
    }
}

impl Finding {
    fn with_hint(mut self, hint: String) -> Self {
        self.hint = Some(hint);
        self
    }

    fn with_reason(mut self, reason: Reason) -> Self {
        self.reason = Some(reason);
        self
    }

    fn with_ownership(mut self, ownership: Ownership) -> Self {
        self.ownership = Some(ownership);
        self
    }
}
