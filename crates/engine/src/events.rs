//! What an apply tells while it works.

use pipewright_plan::{Action, ChangeKey, Plan, StepKind};

use crate::ChangeOutcome;

/// One thing that happened during a pass.
#[derive(Debug)]
pub enum Event<'a> {
    /// A plan was made; its changes are about to be applied.
    Planned {
        /// The plan.
        plan: &'a Plan,
        /// Which round of the pass this is, from 1.
        round: usize,
    },
    /// A step of a change begins.
    Step {
        /// The change.
        key: &'a ChangeKey,
        /// Its action.
        action: Action,
        /// What the step is.
        kind: StepKind,
        /// The step, in words.
        step: String,
    },
    /// A change waits.
    Waiting {
        /// The change.
        key: &'a ChangeKey,
        /// What it waits for, with the status last seen.
        what: String,
    },
    /// A call failed in a way that passes; it is tried again.
    Retrying {
        /// The change.
        key: &'a ChangeKey,
        /// What went wrong.
        error: String,
    },
    /// A change has ended.
    Finished {
        /// The change.
        key: &'a ChangeKey,
        /// Its action.
        action: Action,
        /// What became of it.
        outcome: &'a ChangeOutcome,
    },
}

/// Who is told. Called from the task that runs the pass; must return soon.
pub trait Events: Send + Sync {
    /// Something happened.
    fn event(&self, event: Event<'_>);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Events for Silent {
    fn event(&self, _: Event<'_>) {}
}
