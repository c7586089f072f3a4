//! Holds: tasks and serverless replications that a person does not want started or stopped for now.

use pipewright_model::Live;
use pipewright_model::kinds::{MigrationObserved, Phase, Run};
use pipewright_model::tags::{HOLD, PAUSED};

use super::pause::forget_pause;
use super::{Task, awaited};
use crate::planner::Draft;
use crate::{Reason, Wait};

/// Why a person holds a resource, in their words; none where nobody does.
pub(in crate::planner) fn of(live: &Live) -> Option<&str> {
    let why = live.tags.get(HOLD)?.trim();
    Some(if why.is_empty() { "nobody said why" } else { why })
}

/// Leaves a task as it is, and tells what is not done for it.
pub(super) fn keep(
    draft: &mut Draft<'_>,
    task: &Task<'_>,
    live: &Live,
    observed: MigrationObserved<'_>,
    why: &str,
) {
    let was_paused = live.tags.contains_key(PAUSED);
    let run = task.body.run;
    match observed.phase {
        Phase::Running if was_paused => forget_pause(draft, task),
        Phase::Starting => awaited(draft, task, observed, Wait::Started(task.id.clone())),
        Phase::Stopping => awaited(draft, task, observed, Wait::Stopped(task.id.clone())),
        _ => {}
    }
    let omitted = match observed.phase {
        Phase::Running | Phase::Starting if run == Run::Stopped => Some("not stopped"),
        Phase::Stopped | Phase::Stopping if was_paused && run != Run::Stopped => {
            Some("not resumed after the change that it was stopped for")
        }
        Phase::Stopped | Phase::Stopping if run == Run::Running && !observed.stopped_by_itself() => {
            Some("not resumed")
        }
        Phase::Making | Phase::Ready if run == Run::Running => Some("not started"),
        _ => None,
    };
    let (reason, message) = match omitted {
        Some(omitted) => (Reason::Held, format!("is on hold, and {omitted}: {why}")),
        None => (Reason::OnHold, format!("is on hold: {why}")),
    };
    draft.waiting_for(task.id, reason, message);
}
