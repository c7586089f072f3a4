//! Tasks and serverless replications that are stopped for a change, and the record that they must run again.

use std::collections::BTreeSet;

use pipewright_model::kinds::MigrationObserved;
use pipewright_model::tags::{PAUSED, Tags};
use pipewright_model::{Kind, ResourceId};

use super::Task;
use crate::kinds::migration;
use crate::planner::{Draft, change};
use crate::{Action, Change, ChangeKey, Disruption, Mutation, Ownership, Part, Step};

/// What [`PAUSED`] says: how the task is to be started again.
pub(in crate::planner) const RESUME: &str = "resume-processing";

/// Stops a task so that what it is stopped for can change, and records first that it must run again.
pub(super) fn pause(
    draft: &mut Draft<'_>,
    task: &Task<'_>,
    observed: MigrationObserved<'_>,
    mark: bool,
    paused_for: &BTreeSet<ChangeKey>,
) {
    let mut steps = Vec::new();
    if mark {
        let tags = Tags::from([(PAUSED.to_owned(), RESUME.to_owned())]);
        steps.push(Step::Call(Mutation::AddTags { id: task.id.clone(), tags }));
    }
    steps.extend(migration::stop(task.id, observed));
    // A certificate is there before a task stops for the endpoint that is to check with it.
    let needs = paused_for
        .iter()
        .filter_map(|key| draft.changes.get(key))
        .flat_map(|change| &change.needs)
        .filter(|need| need.resource.kind == Kind::Certificate)
        .cloned()
        .collect();
    let names = paused_for.iter().map(|key| key.resource.to_string()).collect::<Vec<_>>().join(", ");
    draft.add(Change {
        key: ChangeKey::new(task.id, Part::Pause),
        disruption: Disruption::StopsTask,
        reason: format!("{names} can only be changed while it is stopped"),
        steps,
        needs,
        ..change(task.id, Action::Pause, Ownership::Owned, Some(task.declared))
    });
}

/// A mark is left over from a pass that ended before it could remove it.
pub(super) fn forget_pause(draft: &mut Draft<'_>, task: &Task<'_>) {
    draft.add(Change {
        key: ChangeKey::new(task.id, Part::Run),
        reason: "runs again after a change".to_owned(),
        steps: vec![unmark(task.id)],
        ..change(task.id, Action::Update, Ownership::Owned, Some(task.declared))
    });
}

/// Takes the record off that the task must run again.
pub(super) fn unmark(id: &ResourceId) -> Step {
    Step::Call(Mutation::RemoveTags { id: id.clone(), keys: BTreeSet::from([PAUSED.to_owned()]) })
}
