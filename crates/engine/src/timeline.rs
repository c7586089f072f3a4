//! Records when each step of a pass began and ended.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use pipewright_model::Timestamp;
use pipewright_plan::{Action, ChangeKey, Plan, RowEnd, Span, StepKind, Timeline, TimelineRow};

use crate::{ChangeOutcome, Clock, Event, Events};

/// Listens to a pass, tells everything on to another listener, and makes a timeline of it.
pub struct Recorder<'a, C> {
    clock: C,
    then: &'a dyn Events,
    recorded: Mutex<Recorded>,
}

#[derive(Default)]
struct Recorded {
    round: usize,
    /// What the changes of this round need.
    needs: BTreeMap<ChangeKey, BTreeSet<ChangeKey>>,
    rows: BTreeMap<(usize, ChangeKey), Row>,
    /// The order in which changes of this round ended.
    ended: Vec<ChangeKey>,
}

struct Row {
    row: TimelineRow,
    /// The step that is under way.
    open: Option<(StepKind, String, Timestamp)>,
}

impl<'a, C: Clock> Recorder<'a, C> {
    /// Records by this clock, and tells `then`.
    pub fn new(clock: C, then: &'a dyn Events) -> Self {
        Self { clock, then, recorded: Mutex::default() }
    }

    /// What was recorded. A step that is under way ends now.
    pub fn timeline(self, environment: &str, is_virtual: bool) -> Timeline {
        let now = self.clock.now();
        let recorded = self.recorded.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut rows: Vec<TimelineRow> = recorded
            .rows
            .into_values()
            .map(|mut row| {
                row.close(now);
                row.row
            })
            .collect();
        // What was never begun comes last; what began together is in the order of the plan's keys.
        rows.sort_by_key(|row| (row.round, row.span().is_none(), row.span().map(|(begin, _)| begin)));
        Timeline { environment: environment.to_owned(), is_virtual, rows }
    }

    fn recorded(&self) -> MutexGuard<'_, Recorded> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recorded {
    fn planned(&mut self, plan: &Plan, round: usize) {
        self.round = round;
        self.ended.clear();
        self.needs = plan.changes.iter().map(|change| (change.key.clone(), change.needs.clone())).collect();
        for change in &plan.changes {
            let row = TimelineRow {
                round,
                key: change.key.clone(),
                action: change.action,
                place: change.place.clone(),
                spans: Vec::new(),
                released_by: None,
                end: RowEnd::Skipped,
                why: String::new(),
            };
            self.rows.insert((round, change.key.clone()), Row { row, open: None });
        }
    }

    fn step(&mut self, key: &ChangeKey, kind: StepKind, what: String, now: Timestamp) {
        let needs = self.needs.get(key);
        // Of all that it needs, what ended last let it begin.
        let released = self.ended.iter().rev().find(|ended| needs.is_some_and(|needs| needs.contains(ended)));
        let released = released.cloned();
        let Some(row) = self.rows.get_mut(&(self.round, key.clone())) else { return };
        // A call that is made again is still the same step.
        if row.open.as_ref().is_some_and(|(_, open, _)| *open == what) {
            return;
        }
        row.close(now);
        if row.row.spans.is_empty() {
            row.row.released_by = released;
        }
        row.open = Some((kind, what, now));
    }

    fn finished(&mut self, key: &ChangeKey, action: Action, outcome: &ChangeOutcome, now: Timestamp) {
        self.ended.push(key.clone());
        let Some(row) = self.rows.get_mut(&(self.round, key.clone())) else { return };
        row.close(now);
        let (end, why) = match outcome {
            ChangeOutcome::Applied => (RowEnd::Applied, ""),
            ChangeOutcome::Waiting(why) => (RowEnd::Waiting, why.as_str()),
            ChangeOutcome::Skipped(why) => (RowEnd::Skipped, why.as_str()),
            ChangeOutcome::Stale(why) => (RowEnd::PutOff, why.as_str()),
            ChangeOutcome::Failed(why) => (RowEnd::Failed, why.as_str()),
        };
        row.row.action = action;
        row.row.end = end;
        why.clone_into(&mut row.row.why);
    }
}

impl Row {
    fn close(&mut self, now: Timestamp) {
        if let Some((kind, what, begin)) = self.open.take() {
            self.row.spans.push(Span { kind, what, begin, end: now });
        }
    }
}

impl<C: Clock> Events for Recorder<'_, C> {
    fn event(&self, event: Event<'_>) {
        let now = self.clock.now();
        match &event {
            Event::Planned { plan, round } => self.recorded().planned(plan, *round),
            Event::Step { key, kind, step, .. } => self.recorded().step(key, *kind, step.clone(), now),
            Event::Finished { key, action, outcome } => {
                self.recorded().finished(key, *action, outcome, now);
            }
            Event::Waiting { .. } | Event::Retrying { .. } => {}
        }
        self.then.event(event);
    }
}
