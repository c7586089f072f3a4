//! Tasks and serverless replications that failed by themselves: resumed where they stopped, as often as
//! their spec allows.

use std::collections::BTreeSet;

use pipewright_model::kinds::{MigrationObserved, Phase, RecoveryMark};
use pipewright_model::tags::{RECOVERY, Tags};

use super::Task;
use super::start::run;
use crate::planner::{Draft, change};
use crate::recovery::{Decision, Failure, is_loading, shown};
use crate::{Action, Change, ChangeKey, Disruption, Mutation, Ownership, Part, Step};

/// Plans what is done about a failure, and tells what is not.
pub(super) fn recover(
    draft: &mut Draft<'_>,
    task: &Task<'_>,
    observed: MigrationObserved<'_>,
    failure: &Failure,
) {
    let cause = failure.cause;
    let most = task.body.recovery.attempts;
    match &failure.decision {
        Decision::Resume { attempt } => {
            resume(draft, task, observed, &format!("{cause}: attempt {attempt} of {most}"), *attempt);
        }
        Decision::BackOff { attempt, until } => {
            let until = until.rfc3339();
            let message =
                format!("has failed ({cause}), and is resumed at {until}: attempt {attempt} of {most}");
            draft.waiting(task.id, message);
        }
        Decision::Exhausted { attempts } => {
            let message =
                format!("is not resumed any more: it failed again after {attempts} attempts ({cause})");
            let lasts = shown(task.body.recovery.reset_after);
            let hint = format!(
                "{}, and resume it by hand; once it has run for {lasts}, attempts are counted from zero",
                cause.remedy()
            );
            draft.warn_with_hint(task.id, message, hint);
        }
        Decision::Never(refusal) => {
            let message = match observed.phase {
                Phase::Stopped => {
                    format!("has stopped and is not resumed: {} ({})", refusal.why, observed.stop_reason)
                }
                _ => format!("is not resumed: {}", refusal.why),
            };
            draft.warn_with_hint(task.id, message, refusal.remedy.clone());
        }
    }
}

/// Resumes it, once the attempt is counted.
fn resume(
    draft: &mut Draft<'_>,
    task: &Task<'_>,
    observed: MigrationObserved<'_>,
    reason: &str,
    attempt: u32,
) {
    run(draft, task, Action::Resume, reason, BTreeSet::new());
    let mark = RecoveryMark { attempts: attempt, last: draft.observed.at };
    let tags = Tags::from([(RECOVERY.to_owned(), mark.to_string())]);
    let count = Step::Call(Mutation::AddTags { id: task.id.clone(), tags });
    if let Some(change) = draft.changes.get_mut(&ChangeKey::new(task.id, Part::Run)) {
        change.steps.insert(0, count);
        if is_loading(&observed) {
            change.disruption = Disruption::ReloadsTarget;
            change.reason.push_str("; tables whose load was not finished are loaded from their beginning");
        }
    }
}

/// Takes the count of attempts off one that has run for long enough, or is done.
pub(super) fn forget_failures(draft: &mut Draft<'_>, task: &Task<'_>) {
    let keys = BTreeSet::from([RECOVERY.to_owned()]);
    draft.add(Change {
        key: ChangeKey::new(task.id, Part::Run),
        reason: "is well again: attempts to resume it are counted from zero".to_owned(),
        steps: vec![Step::Call(Mutation::RemoveTags { id: task.id.clone(), keys })],
        ..change(task.id, Action::Update, Ownership::Owned, Some(task.declared))
    });
}
