//! How far a run has come: computed from when it started, for tasks and serverless replications alike.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::tables::{self, Table};
use super::timestamp;

/// A full load takes so long.
pub(super) const FULL_LOAD: Duration = Duration::from_mins(2);
/// Comparing the rows of the tables takes so long after their load.
const VALIDATION: Duration = Duration::from_mins(1);
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
    /// Tables that DMS has given up, and since when; until they are loaded again.
    #[serde(default)]
    pub errors: Vec<(Table, Duration)>,
    /// Whether rows are compared once they are loaded.
    #[serde(default)]
    pub validate: bool,
    /// How many rows of a table differ from the source; until it is loaded again.
    #[serde(default)]
    pub mismatches: Vec<(Table, u64)>,
    /// How far behind the source it is, and from when on.
    #[serde(default)]
    pub latencies: Vec<(Duration, Latency)>,
}

/// How many seconds a run is behind, as CloudWatch's `CDCLatencySource` and `CDCLatencyTarget` tell. The second holds the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Latency {
    pub source: u64,
    pub target: u64,
}

impl Latency {
    /// What nothing disturbs.
    const USUAL: Latency = Latency { source: 1, target: 1 };
}

impl Run {
    /// A run that begins to work at `start`, and goes on with what `resumed` has done by `now`.
    pub(super) fn begin(
        start: Duration,
        (migration, mappings, settings): (&str, &str, &Value),
        resumed: Option<Run>,
        now: Duration,
    ) -> Run {
        let run = Run {
            fresh: start,
            start,
            loaded_before: Duration::ZERO,
            load: migration != "cdc",
            follow: migration != "full-load",
            stop: None,
            tables: tables::selected(mappings),
            reloads: Vec::new(),
            errors: Vec::new(),
            validate: settings["ValidationSettings"]["EnableValidation"] == json!(true),
            mismatches: Vec::new(),
            latencies: Vec::new(),
        };
        match resumed {
            None => run,
            Some(last) => Run {
                fresh: last.fresh,
                loaded_before: last.loaded(now),
                errors: last.errors,
                mismatches: last.mismatches,
                ..run
            },
        }
    }

    /// Where the table of this name is in the list.
    pub(super) fn position(&self, schema: &str, name: &str) -> Option<usize> {
        self.tables.iter().position(|table| table.schema == schema && table.name == name)
    }

    /// Loads a table again, which ends what was wrong with it.
    pub(super) fn reload(&mut self, index: usize, now: Duration) {
        self.reloads.retain(|(other, _)| *other != index);
        self.reloads.push((index, now));
        let again = &self.tables[index];
        self.errors.retain(|(table, _)| table != again);
        self.mismatches.retain(|(table, _)| table != again);
    }

    /// How far behind it is at a time; nothing for a run that does not follow changes then.
    pub(super) fn latency(&self, at: Duration) -> Option<Latency> {
        let runs = at >= self.start && self.stop.is_none_or(|stop| at < stop);
        let set = self.latencies.iter().rev().find(|(from, _)| *from <= at);
        (self.follow && runs).then(|| set.map_or(Latency::USUAL, |(_, latency)| *latency))
    }

    /// When the rows of a table have been compared.
    fn validated_at(&self, index: usize) -> Duration {
        let reload = self.reloads.iter().find(|(at, _)| *at == index).map(|(_, at)| *at + RELOAD);
        reload.unwrap_or(if self.load { self.load_end() } else { self.start }) + VALIDATION
    }

    /// When a run that only loads is done: a load whose rows are compared ends with that.
    pub(super) fn done(&self) -> Duration {
        if self.validate { self.load_end() + VALIDATION } else { self.load_end() }
    }

    /// Where a run that has stopped can be gone on from; none before it worked, and for one that follows no changes.
    pub(super) fn last_checkpoint(&self) -> Option<String> {
        self.stop.filter(|stop| self.follow && *stop >= self.start).map(checkpoint)
    }

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
            "TablesErrored": count(State::Errored),
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
        // DMS takes no more changes of a table that is in error.
        let taken = self.error_of(table, now).map_or(until, |at| at.min(until));
        let behind = self.latency(taken).map_or(Duration::ZERO, |latency| {
            Duration::from_secs(latency.target.saturating_sub(latency.source))
        });
        let (inserts, updates) = self.changes(taken);
        let (applied_inserts, applied_updates) = self.changes(taken.saturating_sub(behind));
        let rows = match state {
            State::Loading => ROWS / 2,
            State::Completed if self.load => ROWS,
            State::Queued | State::Completed | State::Errored => 0,
        };
        let reload = self.reloads.iter().rev().find(|(at, _)| *at == index);
        let mut shown = json!({
            "SchemaName": table.schema,
            "TableName": table.name,
            "Inserts": inserts, "Updates": updates, "Deletes": 0, "Ddls": 0,
            "AppliedInserts": applied_inserts, "AppliedUpdates": applied_updates, "AppliedDeletes": 0, "AppliedDdls": 0,
            "FullLoadRows": rows,
            "FullLoadCondtnlChkFailedRows": 0,
            "FullLoadErrorRows": 0,
            "FullLoadReloaded": reload.is_some(),
            "LastUpdateTime": timestamp(until),
            "TableState": match reload {
                Some((_, at)) if now < *at + RELOAD => "Table is being reloaded",
                _ => state.shown(),
            },
        });
        self.add_validation(&mut shown, (index, table, state), until);
        if self.load && state != State::Queued {
            shown["FullLoadStartTime"] = timestamp(self.fresh);
        }
        if self.load && state == State::Completed {
            shown["FullLoadEndTime"] = timestamp(self.load_end().min(until));
        }
        shown
    }

    /// Inserts and updates of a table until then. They come in once all is loaded: one insert in ten seconds, an update in
    /// twenty.
    fn changes(&self, until: Duration) -> (u64, u64) {
        if !self.follow {
            return (0, 0);
        }
        let followed = until.saturating_sub(if self.load { self.load_end() } else { self.start });
        (followed.as_secs() / 10, followed.as_secs() / 20)
    }

    /// Since when a table is in error.
    fn error_of(&self, table: &Table, now: Duration) -> Option<Duration> {
        self.errors.iter().find(|(other, at)| other == table && *at <= now).map(|(_, at)| *at)
    }

    /// What the comparison of the rows has found, in the words of the API reference (TableStatistics, `ValidationState`).
    fn add_validation(
        &self,
        shown: &mut Value,
        (index, table, state): (usize, &Table, State),
        now: Duration,
    ) {
        let mismatch = self.mismatches.iter().find(|(other, _)| other == table);
        let (word, pending, failed) = match state {
            _ if !self.validate => ("Not enabled", 0, 0),
            State::Errored => ("Table error", 0, 0),
            State::Queued | State::Loading => ("Pending records", 0, 0),
            State::Completed if now < self.validated_at(index) => ("Pending records", ROWS, 0),
            State::Completed => match mismatch {
                Some((_, rows)) => ("Mismatched records", 0, *rows),
                None => ("Validated", 0, 0),
            },
        };
        shown["ValidationState"] = json!(word);
        shown["ValidationPendingRecords"] = json!(pending);
        shown["ValidationFailedRecords"] = json!(failed);
        shown["ValidationSuspendedRecords"] = json!(0);
    }

    /// Tables are loaded one after the other.
    fn states(&self, now: Duration) -> Vec<State> {
        let share = FULL_LOAD / u32::try_from(self.tables.len().max(1)).unwrap_or(u32::MAX);
        let loaded = self.loaded(now);
        let mut end = Duration::ZERO;
        self.tables
            .iter()
            .map(|table| {
                let begin = end;
                end += share;
                if self.error_of(table, now).is_some() {
                    State::Errored
                } else if !self.load || loaded >= end || loaded == FULL_LOAD {
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
    Errored,
}

impl State {
    /// In DMS's words (<https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Monitoring.html>).
    fn shown(self) -> &'static str {
        match self {
            State::Queued => "Before load",
            State::Loading => "Full load",
            State::Completed => "Table completed",
            State::Errored => "Table error",
        }
    }
}
