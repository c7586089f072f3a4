//! How far a run has come: computed from when it started, for tasks and serverless replications alike.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::tables::Table;
use super::timestamp;

/// A full load takes so long.
pub(super) const FULL_LOAD: Duration = Duration::from_mins(2);
/// A table that is loaded again takes so long.
const RELOAD: Duration = Duration::from_secs(20);
/// Rows of every table, there being no database.
const ROWS: u64 = 1200;

/// Where a run can go on from.
pub(super) fn checkpoint(at: Duration) -> String {
    format!("checkpoint:V1#1#0#0#0#*#{}", at.as_secs())
}

/// One run, from a start to a stop; a resumed run goes on where it stopped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Run {
    /// When the load began afresh.
    pub fresh: Duration,
    /// When this run began to work.
    pub start: Duration,
    /// How much of the load earlier runs had done.
    pub loaded_before: Duration,
    /// Whether existing data are loaded, whether changes are followed.
    pub load: bool,
    pub follow: bool,
    /// When it stops or stopped; it may lie ahead.
    pub stop: Option<Duration>,
    pub tables: Vec<Table>,
    /// Tables that were loaded again, by index, and when that began.
    #[serde(default)]
    pub reloads: Vec<(usize, Duration)>,
}

impl Run {
    /// When the load is done, if nothing stops it.
    pub(super) fn load_end(&self) -> Duration {
        self.start + FULL_LOAD.saturating_sub(self.loaded_before)
    }

    /// How much of the load is done at `now`.
    pub(super) fn loaded(&self, now: Duration) -> Duration {
        let until = self.stop.map_or(now, |stop| stop.min(now));
        (self.loaded_before + until.saturating_sub(self.start)).min(FULL_LOAD)
    }

    /// `ReplicationTaskStats`.
    pub(super) fn stats(&self, now: Duration) -> Value {
        let reached = self.states(now);
        let count = |state: State| reached.iter().filter(|found| **found == state).count();
        let percent = if self.load { self.loaded(now).as_secs() * 100 / FULL_LOAD.as_secs() } else { 0 };
        let end = self.stop.map_or(now, |stop| stop.min(now));
        let elapsed = end.saturating_sub(self.start).as_millis();
        let mut stats = json!({
            "FullLoadProgressPercent": percent,
            "ElapsedTimeMillis": u64::try_from(elapsed).unwrap_or(u64::MAX),
            "TablesLoaded": count(State::Completed),
            "TablesLoading": count(State::Loading),
            "TablesQueued": count(State::Queued),
            "TablesErrored": 0,
            "FreshStartDate": timestamp(self.fresh),
        });
        if now >= self.start {
            stats["StartDate"] = timestamp(self.start);
            if self.load {
                stats["FullLoadStartDate"] = timestamp(self.fresh);
            }
        }
        if self.load && self.loaded(now) == FULL_LOAD {
            stats["FullLoadFinishDate"] = timestamp(self.load_end());
        }
        if let Some(stop) = self.stop.filter(|stop| *stop <= now) {
            stats["StopDate"] = timestamp(stop);
        }
        stats
    }

    /// `TableStatistics`, in the order of the names.
    pub(super) fn table_statistics(&self, now: Duration) -> Vec<Map<String, Value>> {
        let states = self.states(now);
        let tables = self.tables.iter().enumerate().zip(states);
        tables
            .filter_map(|((index, table), state)| self.table(index, table, state, now).as_object().cloned())
            .collect()
    }

    fn table(&self, index: usize, table: &Table, state: State, now: Duration) -> Value {
        let until = self.stop.map_or(now, |stop| stop.min(now));
        // Changes come in once the table is there: one insert in ten seconds, an update in twenty.
        let followed = if self.follow && state == State::Completed {
            until.saturating_sub(if self.load { self.load_end() } else { self.start })
        } else {
            Duration::ZERO
        };
        let (inserts, updates) = (followed.as_secs() / 10, followed.as_secs() / 20);
        let rows = match state {
            State::Loading => ROWS / 2,
            State::Completed if self.load => ROWS,
            State::Queued | State::Completed => 0,
        };
        let reload = self.reloads.iter().rev().find(|(at, _)| *at == index);
        let mut shown = json!({
            "SchemaName": table.schema,
            "TableName": table.name,
            "Inserts": inserts, "Updates": updates, "Deletes": 0, "Ddls": 0,
            "AppliedInserts": inserts, "AppliedUpdates": updates, "AppliedDeletes": 0, "AppliedDdls": 0,
            "FullLoadRows": rows,
            "FullLoadCondtnlChkFailedRows": 0,
            "FullLoadErrorRows": 0,
            "FullLoadReloaded": reload.is_some(),
            "LastUpdateTime": timestamp(until),
            "TableState": match reload {
                Some((_, at)) if now < *at + RELOAD => "Table is being reloaded",
                _ => state.shown(),
            },
            "ValidationPendingRecords": 0, "ValidationFailedRecords": 0, "ValidationSuspendedRecords": 0,
            "ValidationState": "Not enabled",
        });
        if self.load && state != State::Queued {
            shown["FullLoadStartTime"] = timestamp(self.fresh);
        }
        if self.load && state == State::Completed {
            shown["FullLoadEndTime"] = timestamp(self.load_end().min(until));
        }
        shown
    }

    /// Tables are loaded one after the other.
    fn states(&self, now: Duration) -> Vec<State> {
        let share = FULL_LOAD / u32::try_from(self.tables.len().max(1)).unwrap_or(u32::MAX);
        let loaded = self.loaded(now);
        let mut end = Duration::ZERO;
        self.tables
            .iter()
            .map(|_| {
                let begin = end;
                end += share;
                if !self.load || loaded >= end || loaded == FULL_LOAD {
                    State::Completed
                } else if loaded > begin {
                    State::Loading
                } else {
                    State::Queued
                }
            })
            .collect()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Queued,
    Loading,
    Completed,
}

impl State {
    /// In DMS's words (<https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Monitoring.html>).
    fn shown(self) -> &'static str {
        match self {
            State::Queued => "Before load",
            State::Loading => "Full load",
            State::Completed => "Table completed",
        }
    }
}
