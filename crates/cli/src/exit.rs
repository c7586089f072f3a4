//! Exit codes.

use std::process::ExitCode;

use pipewright_engine::PassOutcome;
use pipewright_plan::Plan;

/// What the exit code says. Where several apply, the highest does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Done, or nothing to do.
    Done = 0,
    /// Something went wrong.
    Error = 1,
    /// There are changes (`plan --detailed-exitcode`), or not everything is as specified yet.
    Changes = 2,
    /// Somebody else's, or nobody's, is in the way.
    Conflict = 3,
    /// The plan is not the one that was reviewed.
    Stale = 4,
    /// A safety guard stopped something.
    Blocked = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Exit {
    /// The exit code of a plan that is only shown; `detailed` tells changes apart from none.
    pub(crate) fn of_plan(plan: &Plan, detailed: bool) -> Self {
        let mut exit = held_back(plan);
        if detailed && !plan.is_empty() {
            exit = exit.max(Self::Changes);
        }
        exit
    }

    /// The exit code of a pass. A change that failed counts before what then could not be done.
    pub(crate) fn of_pass(outcome: &PassOutcome) -> Self {
        let exit = held_back(&outcome.remaining);
        if outcome.stale {
            return exit.max(Self::Stale);
        }
        if !outcome.failures().is_empty() {
            // What did not converge follows from the failure, and would hide it.
            return exit.max(Self::Error);
        }
        if outcome.has_converged() { exit } else { exit.max(Self::Changes) }
    }
}

fn held_back(plan: &Plan) -> Exit {
    let mut exit = Exit::Done;
    if !plan.unread.is_empty() {
        exit = Exit::Error;
    }
    if !plan.report.conflicts.is_empty() {
        exit = Exit::Conflict;
    }
    if !plan.report.blocked.is_empty() {
        exit = Exit::Blocked;
    }
    exit
}
