//! The premigration assessment before a first start.

use std::collections::BTreeSet;

use pipewright_model::kinds::{AssessmentGate, AssessmentRun};
use pipewright_model::{Live, Ref};
use serde_json::{Value, json};

use super::Task;
use crate::planner::{Draft, change};
use crate::{Action, Change, ChangeKey, Mutation, Ownership, Part, Reason, Step, Wait, digest};

/// How far the assessment of a task has come.
#[derive(PartialEq, Eq)]
pub(super) enum Assessed {
    /// It went as the spec wants it.
    Well,
    /// Nobody has made it of the task as the specs have it.
    Never,
    /// Neither; the report tells what is so.
    Otherwise,
}

/// How far the assessment has come that the spec wants.
pub(super) fn look(draft: &mut Draft<'_>, task: &Task<'_>, gate: &AssessmentGate) -> Assessed {
    let Some(live) = draft.live(task.id) else { return Assessed::Never };
    if let Some(why) = &draft.observed.assessments.unread {
        let message = format!("not started: its assessment runs could not be read: {why}");
        draft.waiting_for(task.id, Reason::Unknown, message);
        return Assessed::Otherwise;
    }
    let Some(run) = run_of(draft, task, gate, live) else { return Assessed::Never };
    // The words of `Status` in the DMS API reference, ReplicationTaskAssessmentRun; `cancelled` is what follows
    // `cancelling`. With any other one, DMS is taken to be at work.
    match run.status.as_str() {
        "passed" => return Assessed::Well,
        "warning" if !gate.refuses_warnings => return Assessed::Well,
        "warning" | "failed" | "error-provisioning" | "error-executing" | "invalid state" | "cancelled" => {
            tell(draft, task, gate, run);
        }
        _ => is_under_way(draft, task, run),
    }
    Assessed::Otherwise
}

/// Assesses the task once the changes `after` are made. What it finds is seen when the account is next read.
pub(super) fn assess(
    draft: &mut Draft<'_>,
    task: &Task<'_>,
    gate: &AssessmentGate,
    after: BTreeSet<ChangeKey>,
) {
    let id = task.id.clone();
    let owned = if draft.live(&id).is_some() { Ownership::Owned } else { Ownership::Absent };
    let run = name(draft, task, gate);
    draft.add(Change {
        key: ChangeKey::new(task.id, Part::Assessment),
        reason: "is to be assessed before it is started".to_owned(),
        steps: vec![
            Step::Call(Mutation::AssessTask { id: id.clone(), run, assessment: gate.clone() }),
            Step::Wait(Wait::Settled(id)),
        ],
        needs: after,
        ..change(task.id, Action::Assess, owned, Some(task.declared))
    });
}

/// Tells of the assessment that a task is in the middle of, if that is the one before its first start: while it
/// lasts, the task is `testing` (DMS API reference, ReplicationTask), which the plan waits for as for any status that
/// passes.
pub(super) fn tell_of_testing(draft: &mut Draft<'_>, task: &Task<'_>, live: &Live) {
    let Some(gate) = &task.body.gates.assessment else { return };
    if let Some(run) = run_of(draft, task, gate, live) {
        is_under_way(draft, task, run);
    }
}

fn is_under_way(draft: &mut Draft<'_>, task: &Task<'_>, run: &AssessmentRun) {
    let message = format!("not started until it was assessed: the run {} is {}", run.name, run.status);
    draft.waiting_for(task.id, Reason::Assessing, message);
}

fn tell(draft: &mut Draft<'_>, task: &Task<'_>, gate: &AssessmentGate, run: &AssessmentRun) {
    let why = match run.last_failure_message.as_str() {
        "" => String::new(),
        why => format!(": {why}"),
    };
    let message =
        format!("not started: its premigration assessment {} ended as {}{why}", run.name, run.status);
    let folder = gate.result_folder.as_deref().map(|folder| format!("/{folder}")).unwrap_or_default();
    let hint = format!(
        "see what it found in s3://{}{folder}; a spec that asks for something else is assessed anew, and so is this one \
         after `aws dms delete-replication-task-assessment-run --replication-task-assessment-run-arn {}`",
        gate.result_bucket, run.arn
    );
    let finding = draft.finding(task.id, message).with_reason(Reason::AssessmentFailed).with_hint(hint);
    draft.report.blocked.push(finding);
}

/// The run that assessed, or assesses, the task as the specs have it.
fn run_of<'a>(
    draft: &Draft<'a>,
    task: &Task<'_>,
    gate: &AssessmentGate,
    live: &Live,
) -> Option<&'a AssessmentRun> {
    let name = name(draft, task, gate);
    let mut runs = draft.observed.assessments.runs.iter();
    runs.find(|run| run.task_arn == live.arn && run.name == name)
}

/// The name of the run that assesses the task as the specs have it: by it a run is found again, and of specs that
/// ask for something else it is another one. No secret is in what it is a hash of.
fn name(draft: &Draft<'_>, task: &Task<'_>, gate: &AssessmentGate) -> String {
    let AssessmentGate { service_access_role_arn, result_bucket, result_folder, chosen, refuses_warnings: _ } =
        gate;
    let end = |reference: &Ref| -> Value {
        let declared = reference.managed().and_then(|id| draft.desired.resources.get(id));
        declared.map_or_else(|| json!(reference), |declared| json!(declared.body))
    };
    let assessed = json!({
        "source": end(task.body.source),
        "target": end(task.body.target),
        "migrationType": task.body.migration_type.as_str(),
        "tableMappings": task.body.table_mappings,
        "settings": task.body.settings,
        "role": service_access_role_arn,
        "bucket": result_bucket,
        "folder": result_folder,
        "chosen": chosen,
    });
    format!("{}-{}", task.id.name, &digest::hex(assessed.to_string().as_bytes())[..12])
}
