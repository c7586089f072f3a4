//! The life of tasks and serverless replications: pausing them for changes, testing a task's
//! connections, starting and resuming them.

mod assessment;
pub(super) mod connections;
mod gates;
pub(super) mod hold;
mod pause;
mod recover;
mod start;
mod tables;

use std::collections::BTreeSet;

use pipewright_model::kinds::{Cause, MigrationObserved, Phase, Run};
use pipewright_model::tags::{PAUSED, RECOVERY};
use pipewright_model::{Declared, Kind, Live, ResourceId};

pub(super) use self::pause::RESUME;
use self::pause::{forget_pause, pause};
use self::recover::{forget, recover};
use self::start::run;
use super::{Draft, change, replacement};
use crate::kinds::migration::{self, MigrationDeclared};
use crate::recovery::{Failure, is_over};
use crate::{Action, Change, ChangeKey, Disruption, Ownership, Part, Step, Wait};

/// Plans for everything declared that moves data whether it is stopped, started or resumed.
pub(super) fn plan(draft: &mut Draft<'_>) {
    let desired = draft.desired;
    for mut task in gates::in_order(desired) {
        let Task { id, declared, body } = task;
        if replacement::goes_on(draft, id, &declared.body) {
            // It has a position already.
            task.body.cdc_start = None;
        }
        if declared.suspended || draft.unread(id.kind).is_some() {
            continue;
        }
        let conflicted = draft.report.conflicts.iter().any(|finding| finding.resource.as_ref() == Some(id));
        if conflicted {
            continue;
        }
        match draft.live(id) {
            _ if draft.replacements.contains_key(id) => {
                if body.run == Run::Running {
                    run(draft, &task, Action::Start, "takes the place of another", BTreeSet::new());
                }
            }
            Some(live) if live.body.status() != "deleting" => {
                if let Some(observed) = live.body.migration() {
                    live_task(draft, &task, live, observed);
                }
            }
            _ if body.run == Run::Running && draft.changes.contains_key(&ChangeKey::main(id)) => {
                run(draft, &task, Action::Start, "is to run", BTreeSet::new());
            }
            _ => {}
        }
    }
}

/// A declared task or serverless replication.
#[derive(Clone, Copy)]
struct Task<'a> {
    id: &'a ResourceId,
    declared: &'a Declared,
    body: MigrationDeclared<'a>,
}

fn live_task(draft: &mut Draft<'_>, task: &Task<'_>, live: &Live, observed: MigrationObserved<'_>) {
    if let Some(why) = hold::of(live) {
        return hold::keep(draft, task, live, observed, why);
    }
    let was_paused = live.tags.contains_key(PAUSED);
    let paused_for = draft.pauses.remove(task.id).unwrap_or_default();
    if !paused_for.is_empty() {
        let resumes = task.body.run != Run::Stopped
            && (was_paused || matches!(observed.phase, Phase::Running | Phase::Starting));
        pause(draft, task, observed, resumes && !was_paused, &paused_for);
        if resumes {
            run(draft, task, Action::Resume, "was stopped to be changed", paused_for);
        }
        return;
    }
    match observed.phase {
        Phase::Running | Phase::Starting if task.body.run == Run::Stopped => stop(draft, task, observed),
        Phase::Running if was_paused => forget_pause(draft, task),
        Phase::Starting => awaited(draft, task, observed, Wait::Started(task.id.clone())),
        Phase::Stopping | Phase::Stopped if was_paused && task.body.run != Run::Stopped => {
            run(draft, task, Action::Resume, "was stopped by Pipewright for a change", BTreeSet::new());
        }
        Phase::Stopping => awaited(draft, task, observed, Wait::Stopped(task.id.clone())),
        Phase::Running | Phase::Stopped
            if is_over(task.body.recovery, &observed, &live.tags, draft.observed.at) =>
        {
            forget(draft, task, RECOVERY)
        }
        Phase::Stopped if task.body.run == Run::Running && observed.cause() == Some(Cause::OnDemand) => {
            run(draft, task, Action::Resume, "was stopped, and is to run", BTreeSet::new());
        }
        Phase::Ready if task.body.run == Run::Running => {
            run(draft, task, Action::Start, "has never run", BTreeSet::new());
        }
        Phase::Changing if task.body.run == Run::Running && observed.status == "testing" => {
            assessment::tell_of_testing(draft, task, live);
        }
        // It is being made or changed; it is started when that is over.
        Phase::Making | Phase::Changing if task.body.run == Run::Running => {
            if observed.phase == Phase::Making || !observed.has_run {
                run(draft, task, Action::Start, "is to run", BTreeSet::new());
            } else if was_paused {
                run(draft, task, Action::Resume, "is to run", BTreeSet::new());
            }
        }
        // Nothing is lost yet: as with a connection test that failed, every pass tries again.
        Phase::Failed
            if task.id.kind == Kind::ReplicationConfig
                && !observed.has_run
                && task.body.run == Run::Running =>
        {
            run(draft, task, Action::Start, "failed before it ran", BTreeSet::new());
        }
        Phase::Stopped | Phase::Failed if task.body.run == Run::Running && !observed.stopped_by_itself() => {
            let Task { id, body, .. } = task;
            let now = draft.observed.at;
            if let Some(failure) = Failure::of(id.kind, body.recovery, &observed, &live.tags, now) {
                recover(draft, task, observed, &failure);
            }
        }
        Phase::Running => tables::look(draft, task, live, observed),
        Phase::Stopped if observed.stopped_by_itself() => tables::tell(draft, task, observed),
        _ => {}
    }
}

fn awaited(draft: &mut Draft<'_>, task: &Task<'_>, observed: MigrationObserved<'_>, wait: Wait) {
    draft.add(Change {
        key: ChangeKey::new(task.id, Part::Run),
        reason: format!("is {}", observed.status),
        steps: vec![Step::Wait(wait)],
        ..change(task.id, Action::Await, Ownership::Owned, Some(task.declared))
    });
}

fn stop(draft: &mut Draft<'_>, task: &Task<'_>, observed: MigrationObserved<'_>) {
    draft.add(Change {
        key: ChangeKey::new(task.id, Part::Run),
        disruption: Disruption::StopsTask,
        reason: "runs, and the spec says `run: {desired: stopped}`".to_owned(),
        steps: migration::stop(task.id, observed),
        ..change(task.id, Action::Stop, Ownership::Owned, Some(task.declared))
    });
}
