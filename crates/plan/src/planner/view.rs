//! A partial view: only some of the specs are looked at.
//!
//! Everything is planned, so that what is said of a resource does not depend on the view; then what is out of
//! view is taken out again. Nothing is pruned or left: that something is not declared can only be told from
//! the whole.

use std::collections::BTreeSet;

use pipewright_model::kinds::RoleDeclared;
use pipewright_model::tags::{Owners, PAUSED};
use pipewright_model::{Desired, Live, ResourceId};

use super::Draft;
use crate::kinds;
use crate::{ChangeKey, Part};

/// The resources in view: what the chosen specs declare and refer to, and whatever that needs. `None` for
/// all of them.
pub(super) fn of(desired: &Desired) -> Option<BTreeSet<ResourceId>> {
    let only = desired.only.as_ref()?;
    let declared = desired.resources.iter().filter(|(_, declared)| only.contains(&declared.spec));
    let pipelines = desired.pipelines.values().filter(|pipeline| only.contains(&pipeline.name));
    let mut open: Vec<ResourceId> = declared.map(|(id, _)| id.clone()).collect();
    open.extend(pipelines.flat_map(|pipeline| &pipeline.resources).cloned());
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        if let Some(declared) = desired.resources.get(&id)
            && seen.insert(id)
        {
            open.extend(kinds::needs(&declared.body).into_iter().cloned());
            let roles = kinds::needed_roles(&declared.body);
            open.extend(roles.into_iter().map(|role| ResourceId::role(role.name)));
        }
    }
    Some(seen)
}

/// Takes out of the plan what is out of view. What a change in view needs stays: a task that must be stopped
/// for it is stopped, and goes on afterwards.
pub(super) fn apply(draft: &mut Draft<'_>) {
    let Some(seen) = &draft.in_view else { return };
    let mut kept = BTreeSet::new();
    let mut open: Vec<ChangeKey> =
        draft.changes.keys().filter(|key| seen.contains(&key.resource)).cloned().collect();
    while let Some(key) = open.pop() {
        if let Some(change) = draft.changes.get(&key)
            && kept.insert(key)
        {
            open.extend(change.needs.iter().cloned());
        }
    }
    let goes_on = |key: &ChangeKey| {
        let is_stopped = kept.contains(&ChangeKey::new(&key.resource, Part::Pause));
        key.part == Part::Run && (is_stopped || was_stopped_for(draft, seen, &key.resource))
    };
    let going_on: Vec<ChangeKey> = draft.changes.keys().filter(|key| goes_on(key)).cloned().collect();
    kept.extend(going_on);
    let concerned: BTreeSet<&ResourceId> = seen.iter().chain(kept.iter().map(|key| &key.resource)).collect();
    let report = &mut draft.report;
    for findings in [&mut report.conflicts, &mut report.blocked, &mut report.waiting, &mut report.warnings] {
        findings.retain(|finding| finding.resource.as_ref().is_none_or(|id| concerned.contains(id)));
    }
    draft.changes.retain(|key, _| kept.contains(key));
    for change in draft.changes.values_mut() {
        change.needs.retain(|need| kept.contains(need));
    }
}

/// Whether an earlier pass, which did not end, stopped this task for something in view.
fn was_stopped_for(draft: &Draft<'_>, seen: &BTreeSet<ResourceId>, task: &ResourceId) -> bool {
    let declared = draft.desired.resources.get(task);
    let uses = declared.map(|declared| kinds::needs(&declared.body)).unwrap_or_default();
    draft.live(task).is_some_and(|live| live.tags.contains_key(PAUSED))
        && uses.into_iter().any(|id| seen.contains(id))
}

/// A role as the specs need it. A partial view takes no spec off the owner tag, also none that is gone from the
/// root: what that spec declared is not deleted either.
pub(super) fn role_in(draft: &Draft<'_>, role: &RoleDeclared, live: Option<&Live>) -> RoleDeclared {
    let mut role = role.clone();
    if draft.in_view.is_some()
        && let Some(live) = live
    {
        let listed = Owners::of(&live.tags, &draft.desired.scope).own.unwrap_or_default();
        let names = listed.split_whitespace().filter(|name| !name.starts_with('+'));
        role.needed_by.extend(names.map(str::to_owned));
    }
    role
}
