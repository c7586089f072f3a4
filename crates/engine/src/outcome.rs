//! What an apply did: not the plan, but its outcome.

use std::collections::BTreeMap;

use pipewright_plan::{Action, ChangeKey, Plan};

/// What became of one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeOutcome {
    /// Every step was done.
    Applied,
    /// It has begun, and AWS or time must do the rest; the next pass goes on.
    Waiting(String),
    /// It was not begun, since something it needs is not there yet or failed, or since the pass was
    /// stopped.
    Skipped(String),
    /// What it rested on has changed since it was planned; the next pass plans anew.
    Stale(String),
    /// A step failed.
    Failed(String),
}

/// What became of every change of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// By change.
    pub changes: BTreeMap<ChangeKey, (Action, ChangeOutcome)>,
}

impl Outcome {
    /// Whether every change was applied.
    pub fn is_complete(&self) -> bool {
        self.changes.values().all(|(_, outcome)| *outcome == ChangeOutcome::Applied)
    }

    /// The changes that failed, with what went wrong.
    pub fn failures(&self) -> impl Iterator<Item = (&ChangeKey, &str)> {
        self.changes.iter().filter_map(|(key, (_, outcome))| match outcome {
            ChangeOutcome::Failed(why) => Some((key, why.as_str())),
            _ => None,
        })
    }

    /// How many changes were applied.
    pub fn applied(&self) -> usize {
        self.changes.values().filter(|(_, outcome)| *outcome == ChangeOutcome::Applied).count()
    }
}

/// What became of a whole pass: of one or more rounds of observe, plan, apply.
#[derive(Debug, Clone, PartialEq)]
pub struct PassOutcome {
    /// The first plan, which is what was asked for.
    pub first: Plan,
    /// What became of each round's changes, in order.
    pub rounds: Vec<Outcome>,
    /// The plan that remains after the last round: empty when the account has converged.
    pub remaining: Plan,
    /// Whether the pass was told to stop.
    pub cancelled: bool,
    /// Whether the first plan was not the one that was reviewed, so that nothing was done.
    pub stale: bool,
}

impl PassOutcome {
    /// Whether nothing is left to change or to wait for.
    pub fn has_converged(&self) -> bool {
        self.remaining.is_empty() && !self.cancelled && !self.stale
    }

    /// Every change that failed in the last round in which it was tried.
    pub fn failures(&self) -> BTreeMap<&ChangeKey, &str> {
        let mut failures = BTreeMap::new();
        for round in &self.rounds {
            for (key, (_, outcome)) in &round.changes {
                match outcome {
                    ChangeOutcome::Failed(why) => failures.insert(key, why.as_str()),
                    _ => failures.remove(key),
                };
            }
        }
        failures
    }
}
