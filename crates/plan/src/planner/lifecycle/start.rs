//! Starting and resuming tasks and serverless replications.

use std::collections::BTreeSet;

use pipewright_model::kinds::Phase;
use pipewright_model::tags::PAUSED;
use pipewright_model::{LiveBody, Ref, ResourceId};

use super::gates::{self, Gates};
use super::pause::unmark;
use super::{Task, assessment, connections};
use crate::kinds::{self, migration};
use crate::planner::{Draft, change, replacement};
use crate::{Action, Change, ChangeKey, Ownership, Part, StartType, Step, Wait};

/// Starts or resumes a task once what it needs is done.
pub(super) fn run(
    draft: &mut Draft<'_>,
    task: &Task<'_>,
    action: Action,
    reason: &str,
    after: BTreeSet<ChangeKey>,
) {
    // It would begin as something else than what the spec says, and loading that cannot be taken back.
    let is_held = draft.report.blocked.iter().any(|finding| finding.resource.as_ref() == Some(task.id));
    if action == Action::Start && is_held {
        return;
    }
    let uses = kinds::needs(&task.declared.body);
    if uses.iter().copied().chain([task.id]).any(|id| draft.deferred.contains(id)) {
        // It would only have to be stopped again.
        return;
    }
    let mut needs = after;
    needs.extend(draft.planned([task.id]));
    needs.extend(draft.planned(uses.iter().copied()));
    let pause = ChangeKey::new(task.id, Part::Pause);
    let is_paused = draft.changes.contains_key(&pause);
    if is_paused {
        needs.insert(pause);
    }
    if let Some(cause) = draft.first_unavailable(uses) {
        draft.waiting(task.id, format!("not started until {cause} is settled"));
        return;
    }
    if let Some(instance) = task.body.tested_from {
        let [instance, source, target] = match draft.live(task.id).map(|live| &live.body) {
            // It goes on as it is.
            Some(LiveBody::Task(live)) if is_held => {
                [&live.instance_arn, &live.source_arn, &live.target_arn].map(|arn| reference(draft, arn))
            }
            _ => [instance, task.body.source, task.body.target].map(Clone::clone),
        };
        for endpoint in [source, target] {
            needs.extend(connections::test(draft, task.declared, &instance, &endpoint, false));
        }
    }
    let observed = draft.live(task.id).and_then(|live| live.body.migration());
    // What starts when it is paused will have run by then.
    let is_first = observed.is_none_or(|observed| {
        let will_have_run = is_paused && observed.phase == Phase::Starting;
        !(observed.has_run || will_have_run)
    });
    if is_first && !replacement::takes_over(draft, task.id) {
        match gates::look(draft, task) {
            Gates::OpenAfter(opened) => needs.extend(opened),
            Gates::Assess(gate) => return assessment::assess(draft, task, gate, needs),
            Gates::Closed => return,
        }
    }
    let id = task.id.clone();
    let mut steps = Vec::new();
    if observed.is_some_and(|observed| observed.phase == Phase::Stopping) && !is_paused {
        steps.push(Step::Wait(Wait::Stopped(id.clone())));
    }
    let start = if action == Action::Start || is_first {
        StartType::StartReplication
    } else {
        StartType::ResumeProcessing
    };
    steps.push(migration::start(task.id, &task.body, start));
    steps.push(Step::Wait(Wait::Started(id)));
    let is_marked = draft.live(task.id).is_some_and(|live| live.tags.contains_key(PAUSED));
    if action == Action::Resume && (is_marked || is_paused) {
        steps.push(unmark(task.id));
    }
    draft.add(Change {
        key: ChangeKey::new(task.id, Part::Run),
        reason: reason.to_owned(),
        steps,
        needs,
        ..change(task.id, action, owned(draft, task.id), Some(task.declared))
    });
}

fn reference(draft: &Draft<'_>, arn: &str) -> Ref {
    let found = draft.observed.by_arn(arn).map(|(id, _)| id);
    let declared = found.filter(|id| draft.desired.resources.contains_key(*id));
    declared.map_or_else(|| Ref::External(arn.to_owned()), |id| Ref::Managed(id.clone()))
}

fn owned(draft: &Draft<'_>, id: &ResourceId) -> Ownership {
    if draft.live(id).is_some() { Ownership::Owned } else { Ownership::Absent }
}
