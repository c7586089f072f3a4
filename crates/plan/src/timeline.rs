//! What ran when in an apply, and what waited for what.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use pipewright_model::{SpecPlace, Timestamp};

use crate::{Action, ChangeKey};

/// The apply of one environment: of all rounds of one pass.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Timeline {
    /// The environment.
    pub environment: String,
    /// Whether its time is a sandbox's.
    pub is_virtual: bool,
    /// The changes, in the order in which they began; those that never did come last.
    pub rows: Vec<TimelineRow>,
}

/// One change.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelineRow {
    /// The round of the pass, from 1.
    pub round: usize,
    /// The change.
    pub key: ChangeKey,
    /// What was done.
    pub action: Action,
    /// Where the spec is that asks for it.
    pub place: Option<SpecPlace>,
    /// Its steps, in order. None for a change that was not begun.
    pub spans: Vec<Span>,
    /// The change whose end let it begin: of all that it needs, the last to end.
    pub released_by: Option<ChangeKey>,
    /// What became of it.
    pub end: RowEnd,
    /// Why, where there is more to say.
    pub why: String,
}

/// One step, from its beginning to the beginning of the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// What it is.
    pub kind: StepKind,
    /// The step, in words.
    pub what: String,
    /// When it began.
    pub begin: Timestamp,
    /// When it ended.
    pub end: Timestamp,
}

/// What a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepKind {
    /// A call that changes something.
    Call,
    /// A wait.
    Wait,
    /// A last look.
    Check,
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowEnd {
    /// Every step was done.
    Applied,
    /// AWS goes on with it.
    Waiting,
    /// It was not begun.
    Skipped,
    /// Things had changed; it was planned anew.
    PutOff,
    /// A step failed.
    Failed,
}

impl StepKind {
    /// In a word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Wait => "wait",
            Self::Check => "check",
        }
    }
}

impl RowEnd {
    /// In a word or two.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Waiting => "goes on in AWS",
            Self::Skipped => "skipped",
            Self::PutOff => "put off",
            Self::Failed => "failed",
        }
    }
}

impl TimelineRow {
    /// When it began and ended; none for a change that was not begun.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        Some((self.spans.first()?.begin, self.spans.last()?.end))
    }
}

impl Timeline {
    /// When the first change began and the last ended.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let spans = || self.rows.iter().filter_map(TimelineRow::span);
        Some((spans().map(|(begin, _)| begin).min()?, spans().map(|(_, end)| end).max()?))
    }

    /// From the first beginning to the last end.
    pub fn makespan(&self) -> Duration {
        self.span().map(|(begin, end)| end.since(begin)).unwrap_or_default()
    }

    /// The rows that decided the makespan, by index: the last to end, what let it begin, and so on back.
    pub fn critical_chain(&self) -> BTreeSet<usize> {
        let index: BTreeMap<(usize, &ChangeKey), usize> =
            self.rows.iter().enumerate().map(|(index, row)| ((row.round, &row.key), index)).collect();
        let ended = self.rows.iter().enumerate().filter_map(|(at, row)| Some((row.span()?.1, at)));
        let mut next = ended.max().map(|(_, at)| at);
        let mut chain = BTreeSet::new();
        while let Some(at) = next.filter(|at| chain.insert(*at)) {
            let row = &self.rows[at];
            next = row.released_by.as_ref().and_then(|key| index.get(&(row.round, key)).copied());
        }
        chain
    }
}
