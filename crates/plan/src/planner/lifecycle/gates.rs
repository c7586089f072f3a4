//! The gates of a first start: what must be so before a task or serverless replication runs at all.

use std::collections::BTreeSet;

use pipewright_model::kinds::{AssessmentGate, Phase, PipelineGate, Until};
use pipewright_model::{Approval, Desired, ResourceId};

use super::Task;
use super::assessment::{self, Assessed};
use crate::kinds::migration::{self, MigrationDeclared};
use crate::planner::{Draft, approval};
use crate::{Action, ChangeKey, Part, Reason};

/// Whether a first start may be made in this plan.
pub(super) enum Gates<'a> {
    /// It may, once these changes were made.
    OpenAfter(BTreeSet<ChangeKey>),
    /// It must be assessed first, which waits for no other gate: people may want to see what comes of it.
    Assess(&'a AssessmentGate),
    /// It may not; the report tells of each gate what it waits for.
    Closed,
}

/// Looks at all gates of a first start.
pub(super) fn look<'a>(draft: &mut Draft<'_>, task: &Task<'a>) -> Gates<'a> {
    let mut needs = BTreeSet::new();
    let mut closed = Vec::new();
    let gates = task.body.gates;
    if let Some(date) = gates.date.filter(|date| draft.observed.at < *date) {
        closed.push((Reason::WaitingForDate, format!("not started before {}", date.rfc3339())));
    }
    for gate in &gates.pipelines {
        match opens(draft, gate) {
            Opens::Open => {}
            Opens::After(change) => {
                needs.insert(change);
            }
            Opens::Closed(message) => closed.push((Reason::WaitingForPipeline, message)),
        }
    }
    let assessment = gates.assessment.as_deref();
    let assessed = assessment.map_or(Assessed::Well, |gate| assessment::look(draft, task, gate));
    let spec = &task.declared.spec;
    let is_approved =
        !gates.approval || draft.desired.approvals.allows(spec, Approval::Start, draft.observed.at).is_some();
    if closed.is_empty() && is_approved && assessed == Assessed::Well {
        if gates.approval {
            approval::is_given(draft, spec, Approval::Start);
        }
        return Gates::OpenAfter(needs);
    }
    for (reason, message) in closed {
        draft.waiting_for(task.id, reason, message);
    }
    if !is_approved {
        let hint = approval::hint(draft, spec, &[Approval::Start]);
        let message = "not started until somebody approves it".to_owned();
        let finding = draft.finding(task.id, message).with_reason(Reason::WaitingForApproval).with_hint(hint);
        draft.report.waiting.push(finding);
    }
    match assessment {
        Some(gate) if assessed == Assessed::Never => Gates::Assess(gate),
        _ => Gates::Closed,
    }
}

/// Whether another pipeline has come as far as a gate wants.
enum Opens {
    Open,
    /// Once this change was made.
    After(ChangeKey),
    /// Not in this plan, and why.
    Closed(String),
}

fn opens(draft: &Draft<'_>, gate: &PipelineGate) -> Opens {
    let PipelineGate { name, until } = gate;
    let wanted = match until {
        Until::Running => "runs",
        Until::Loaded => "has loaded",
        Until::Finished => "is done",
    };
    let Some(other) = draft.desired.pipelines.get(name) else {
        return Opens::Closed(format!("not started until {name} {wanted}: no spec declares it"));
    };
    let live = draft.live(&other.task);
    if live.is_some_and(|live| migration::has_reached(&live.body, *until)) {
        return Opens::Open;
    }
    let run = ChangeKey::new(&other.task, Part::Run);
    let is_in_view = draft.in_view.as_ref().is_none_or(|seen| seen.contains(&other.task));
    let runs = draft
        .changes
        .get(&run)
        .is_some_and(|change| matches!(change.action, Action::Start | Action::Resume | Action::Await));
    // Of a run in this plan, it is known only that it begins.
    if *until == Until::Running && is_in_view && runs && !goes_down(draft, &other.task) {
        return Opens::After(run);
    }
    let status = live.map_or("does not exist yet".to_owned(), |live| format!("is {}", live.body.status()));
    Opens::Closed(format!("not started until {name} {wanted}: {} {status}", other.task))
}

/// Whether a task is on its way to a stop, which a change then only waits for.
fn goes_down(draft: &Draft<'_>, id: &ResourceId) -> bool {
    let observed = draft.live(id).and_then(|live| live.body.migration());
    let awaited = draft.changes.get(&ChangeKey::new(id, Part::Run));
    observed.is_some_and(|observed| observed.phase == Phase::Stopping)
        && awaited.is_some_and(|change| change.action == Action::Await)
}

/// Everything declared that moves data, so that what others wait for comes before them.
pub(super) fn in_order(desired: &Desired) -> Vec<Task<'_>> {
    let mut order = Vec::new();
    let mut seen = BTreeSet::new();
    for id in desired.resources.keys() {
        visit(desired, id, &mut seen, &mut order);
    }
    order
}

fn visit<'a>(
    desired: &'a Desired,
    id: &'a ResourceId,
    seen: &mut BTreeSet<&'a ResourceId>,
    order: &mut Vec<Task<'a>>,
) {
    let Some(declared) = desired.resources.get(id) else { return };
    let Some(body) = MigrationDeclared::of(&declared.body) else { return };
    if !seen.insert(id) {
        return;
    }
    for gate in &body.gates.pipelines {
        if let Some(other) = desired.pipelines.get(&gate.name) {
            visit(desired, &other.task, seen, order);
        }
    }
    order.push(Task { id, declared, body });
}
