//! One row: passes until nothing changes any more, and what came of them.

use std::collections::BTreeSet;
use std::time::Duration;

use pipewright_emulator::Call;
use pipewright_engine::CloudRead;
use pipewright_model::Kind;
use pipewright_plan::{Finding, Plan};

use crate::changes::Change;
use crate::statuses::Prepared;

/// So many passes suffice for every row; what is not done by then is a fault.
const PASSES: usize = 4;
/// The time between two passes.
const BETWEEN: Duration = Duration::from_mins(5);

/// What came of a row.
pub(crate) struct Row {
    remaining: Plan,
    failures: BTreeSet<String>,
    refused: Vec<Call>,
    status: String,
    reloads: u64,
    lost_positions: u64,
}

/// Lets the wanted change meet the status, in an account of its own.
pub(crate) async fn play(prepared: &Prepared, change: &Change) -> Row {
    let lab = prepared.lab.fork().await;
    let controller = lab.controller().await;
    let mut wanted = prepared.wanted.clone();
    (change.edit)(&mut wanted);
    let mut failures = BTreeSet::new();
    let mut remaining = None;
    for _ in 0..PASSES {
        let outcome = controller.pass(&wanted).await;
        failures.extend(outcome.failures().into_iter().map(|(key, why)| format!("{key} failed: {why}")));
        let is_done = outcome.has_converged();
        remaining = Some(outcome.remaining);
        if is_done {
            break;
        }
        lab.emulator().advance(BETWEEN);
    }
    let mut status = "gone".to_owned();
    for kind in Kind::ALL.into_iter().filter(|kind| kind.moves_data()) {
        let found = controller.reader.list(kind).await.expect("it is listed");
        status = found.into_values().next().map_or(status, |live| live.body.status().to_owned());
    }
    let calls = lab.emulator().calls();
    let refused = calls.into_iter().filter(|call| call.mutating && call.error.is_some()).collect();
    let all = lab.emulator().migrations();
    let remaining = remaining.expect("there was a pass");
    let (reloads, lost_positions) = (all.reloads, all.lost_positions);
    Row { remaining, failures, refused, status, reloads, lost_positions }
}

impl Row {
    /// The row in a line.
    pub(crate) fn outcome(&self) -> String {
        let report = &self.remaining.report;
        let mut said: Vec<String> = Vec::new();
        for (word, findings) in [
            ("in conflict", &report.conflicts),
            ("held back", &report.blocked),
            ("waits", &report.waiting),
            ("reports", &report.warnings),
        ] {
            said.extend(findings.first().map(|finding| format!("{word}: {}", sentence(finding))));
            if findings.len() > 1 {
                said.push(format!("and {} more", findings.len() - 1));
            }
        }
        said.extend(self.failures.iter().cloned());
        if said.is_empty() {
            said.push("converges".to_owned());
        }
        let task = match self.lost_positions {
            0 => self.status.clone(),
            lost => format!("{}, gives up {lost} position", self.status),
        };
        format!("{} [{task}]", said.join("; "))
    }

    /// What must not be, whatever the row.
    pub(crate) fn faults(&self, change: &Change) -> Vec<String> {
        let mut faults: Vec<String> = Vec::new();
        if !self.remaining.is_empty() {
            faults.push(format!("after {PASSES} passes:\n{}", pipewright_testkit::outline(&self.remaining)));
        }
        faults.extend(self.refused.iter().map(|call| {
            let error = call.error.as_deref().unwrap_or_default();
            let resource = call.resource.as_deref().unwrap_or_default();
            format!("{} of {resource} was refused: {error}", call.operation)
        }));
        if self.reloads > 0 || self.lost_positions > u64::from(change.deletes) {
            faults.push(format!("{} reloads, {} lost positions", self.reloads, self.lost_positions));
        }
        faults
    }
}

fn sentence(finding: &Finding) -> String {
    let about = finding.resource.as_ref().map(|id| format!("{id} ")).unwrap_or_default();
    let mut words: Vec<&str> = finding.message.split(' ').collect();
    for word in &mut words {
        // It varies by the seconds that calls under way take.
        if word.starts_with("2050-") {
            *word = "(a time):";
        }
    }
    format!("{about}{}", words.join(" "))
}
