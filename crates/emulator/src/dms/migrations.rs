//! What became of data: how often tables were loaded, and whether a place in the source's changes was lost.
//!
//! A migration is a task or a serverless replication, by its ARN, and is remembered when it is gone. What its last run
//! did is read from the run itself; what earlier ones did is kept here when the next begins.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::progress::Run;
use super::record::{Object, REPLICATION, TASK};
use super::tables::Table;
use super::tasks::run_of;
use super::{Dms, Input, text};

/// Migrations have no ARN of their own: the key is that of the task or configuration.
const MIGRATION: &str = "migration";

/// One task or serverless replication, there or gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Migration {
    /// `account/region`.
    pub scope: String,
    /// Of the task or replication configuration.
    pub arn: String,
    /// Whether it was deleted.
    pub deleted: bool,
    /// The database that it reads, as `host:port/database`, a secret's ARN, or the endpoint's ARN.
    pub source: String,
    /// The database that it writes, named likewise.
    pub target: String,
    /// Full loads that began.
    pub loads: u64,
    /// Loads of what had been loaded from the same source to the same target before, and calls that loaded single
    /// tables again.
    pub reloads: u64,
    /// Places in the source's changes that no run goes on from.
    pub lost_positions: u64,
}

/// All migrations that ever started, and their sums.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Migrations {
    /// Ordered by scope and ARN.
    pub migrations: Vec<Migration>,
    /// Full loads that began.
    pub loads: u64,
    /// Loads of what had been loaded before.
    pub reloads: u64,
    /// Places in the source's changes that no run goes on from.
    pub lost_positions: u64,
}

/// What is remembered of one migration.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct History {
    source: String,
    target: String,
    loads: u64,
    reloads: u64,
    loaded: BTreeSet<Table>,
    /// Of the runs before the last one, oldest first.
    captures: Vec<Capture>,
    /// From where the last run captures changes; none if it does not.
    from: Option<Duration>,
    deleted: bool,
}

/// The changes that one run captured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Capture {
    from: Duration,
    /// None while it goes on.
    until: Option<Duration>,
}

impl Capture {
    fn covers(&self, position: Duration) -> bool {
        self.from <= position && self.until.is_none_or(|until| until > position)
    }
}

impl Dms<'_> {
    /// Remembers a run that is about to begin, and what the one before it came to.
    pub(super) fn note_start(&mut self, running: &Object, run: &Run, input: &Input) {
        let mut history = self.history(&running.key);
        let last = run_of(running).and_then(|last| history.capture(&last, self.now));
        history.captures.extend(last);
        history.source = self.place(running.text("SourceEndpointArn"));
        history.target = self.place(running.text("TargetEndpointArn"));
        history.deleted = false;
        let resumes = [text(input, "StartReplicationTaskType"), text(input, "StartReplicationType")]
            .iter()
            .any(|kind| kind.eq_ignore_ascii_case("resume-processing"));
        if run.load && !resumes {
            let before = self.all_histories().into_iter().filter(|(_, other)| history.has_ends_of(other));
            let mut loaded: BTreeSet<Table> = before.flat_map(|(_, other)| other.loaded).collect();
            loaded.extend(history.loaded.iter().cloned());
            history.loads += 1;
            history.reloads += u64::from(run.tables.iter().any(|table| loaded.contains(table)));
            history.loaded.extend(run.tables.iter().cloned());
        }
        let position = if ["CdcStartTime", "CdcStartPosition"].iter().any(|name| input.contains_key(*name)) {
            position(input)
        } else if resumes {
            history.captures.last().and_then(|last| last.until)
        } else {
            kept_position(running).filter(|_| !run.load)
        };
        history.from = run.follow.then(|| position.unwrap_or(run.start));
        self.remember(&running.key, &history);
    }

    /// Remembers that tables of a running migration were loaded again, not only validated.
    pub(super) fn note_reload(&mut self, running: &Object, input: &Input) {
        if text(input, "ReloadOption") == "validate-only" {
            return;
        }
        let mut history = self.history(&running.key);
        history.reloads += 1;
        self.remember(&running.key, &history);
    }

    /// Remembers a migration that is being deleted, if it ever ran.
    pub(super) fn note_end(&mut self, running: &Object) {
        let Some(run) = run_of(running) else { return };
        let mut history = self.history(&running.key);
        let last = history.capture(&run, self.now);
        history.captures.extend(last);
        history.from = None;
        history.deleted = true;
        self.remember(&running.key, &history);
    }

    fn history(&self, arn: &str) -> History {
        let stored = self.records.get(MIGRATION, arn);
        stored.and_then(|stored| serde_json::from_value(stored).ok()).unwrap_or_default()
    }

    fn remember(&mut self, arn: &str, history: &History) {
        self.records.put(MIGRATION, arn, json!(history));
    }

    fn all_histories(&self) -> Vec<(String, History)> {
        let stored = self.records.list(MIGRATION).into_iter();
        stored.filter_map(|(arn, stored)| Some((arn, serde_json::from_value(stored).ok()?))).collect()
    }

    fn place(&self, arn: &str) -> String {
        self.endpoint(arn).map_or_else(|_| arn.to_owned(), |endpoint| place(&endpoint))
    }
}

impl History {
    /// What the last run has captured by now.
    fn capture(&self, run: &Run, now: Duration) -> Option<Capture> {
        let from = self.from?;
        // A run that ended before it began to work captured nothing.
        let until =
            run.stop.filter(|stop| *stop <= now).map(|stop| if stop < run.start { from } else { stop });
        Some(Capture { from, until: until.map(|until| until.max(from)) })
    }

    fn has_ends_of(&self, other: &History) -> bool {
        (&self.source, &self.target) == (&other.source, &other.target)
    }
}

/// All that ever started in these stored objects of all accounts and regions, as of `now`.
pub(crate) fn migrations<'a>(
    stored: impl Iterator<Item = (&'a (String, String, String), &'a Value)>,
    now: Duration,
) -> Migrations {
    let mut histories: BTreeMap<(&str, &str), (History, Vec<Capture>)> = BTreeMap::new();
    let mut runs: BTreeMap<(&str, &str), Run> = BTreeMap::new();
    for ((scope, kind, key), value) in stored {
        let id = (scope.as_str(), key.as_str());
        match kind.as_str() {
            MIGRATION => {
                if let Ok(history) = serde_json::from_value::<History>(value.clone()) {
                    let captures = history.captures.clone();
                    histories.insert(id, (history, captures));
                }
            }
            TASK | REPLICATION => {
                let object = serde_json::from_value::<Object>(value.clone()).ok();
                runs.extend(object.and_then(|object| run_of(&object)).map(|run| (id, run)));
            }
            _ => {}
        }
    }
    for (id, (history, captures)) in &mut histories {
        captures.extend(runs.get(id).and_then(|run| history.capture(run, now)));
    }
    let migrations = histories.iter().map(|(id, (history, captures))| {
        let beside: Vec<Capture> = histories
            .iter()
            .filter(|(other, (theirs, _))| *other != id && other.0 == id.0 && history.has_ends_of(theirs))
            .flat_map(|(_, (_, captures))| captures.iter().copied())
            .collect();
        Migration {
            scope: id.0.to_owned(),
            arn: id.1.to_owned(),
            deleted: history.deleted,
            source: history.source.clone(),
            target: history.target.clone(),
            loads: history.loads,
            reloads: history.reloads,
            lost_positions: lost(history, captures, &beside),
        }
    });
    let migrations: Vec<Migration> = migrations.collect();
    let sum = |count: fn(&Migration) -> u64| migrations.iter().map(count).sum();
    Migrations {
        loads: sum(|migration| migration.loads),
        reloads: sum(|migration| migration.reloads),
        lost_positions: sum(|migration| migration.lost_positions),
        migrations,
    }
}

/// How many of these captures ended where neither a later one of the same migration nor one beside it goes on. The last
/// one of a migration that is still there can be resumed.
fn lost(history: &History, captures: &[Capture], beside: &[Capture]) -> u64 {
    let lost = captures.iter().enumerate().filter(|(index, capture)| {
        let later = &captures[index + 1..];
        let can_resume = later.is_empty() && !history.deleted;
        capture.until.is_some_and(|until| {
            !can_resume
                && !later.iter().any(|other| other.from <= until)
                && !beside.iter().any(|other| other.covers(until))
        })
    });
    lost.count() as u64
}

/// The start that a request asks for. A native position has no place in time here, and counts as the time of the start.
fn position(input: &Input) -> Option<Duration> {
    if let Some(time) = input.get("CdcStartTime").and_then(Value::as_f64) {
        return Duration::try_from_secs_f64(time).ok();
    }
    at_position(text(input, "CdcStartPosition"))
}

/// The start that was asked for when the task was made or changed.
fn kept_position(running: &Object) -> Option<Duration> {
    let time = running.hidden.get("cdcStartTime").and_then(Value::as_f64);
    let time = time.and_then(|time| Duration::try_from_secs_f64(time).ok());
    time.or_else(|| at_position(running.text("CdcStartPosition")))
}

/// A checkpoint of [`super::progress::checkpoint`], or a date in UTC.
fn at_position(given: &str) -> Option<Duration> {
    if given.starts_with("checkpoint:") {
        return given.rsplit('#').next()?.parse().ok().map(Duration::from_secs);
    }
    let date: jiff::civil::DateTime = given.parse().ok()?;
    let seconds = jiff::tz::TimeZone::UTC.to_timestamp(date).ok()?.as_second();
    u64::try_from(seconds).ok().map(Duration::from_secs)
}

/// The database that an endpoint leads to, however the endpoint is called.
fn place(endpoint: &Object) -> String {
    let of_engine: Vec<&Map<String, Value>> = endpoint
        .shown
        .iter()
        .filter(|(name, _)| name.ends_with("Settings"))
        .filter_map(|(_, settings)| settings.as_object())
        .collect();
    let member = |name: &str| {
        let shown = std::iter::once(&endpoint.shown).chain(of_engine.iter().copied());
        shown.map(|shown| text(shown, name)).find(|value| !value.is_empty())
    };
    let server = member("ServerName").map(|server| {
        let port = endpoint.shown.get("Port").and_then(Value::as_i64).unwrap_or_default();
        format!("{}:{port}", server.to_lowercase())
    });
    let named = ["SecretsManagerSecretId", "BucketName", "StreamArn", "Broker", "EndpointUri", "ClusterId"];
    let Some(server) = server.or_else(|| named.into_iter().find_map(member).map(str::to_owned)) else {
        return endpoint.key.clone();
    };
    let within = ["DatabaseName", "BucketFolder", "Topic"].into_iter().find_map(member);
    within.map_or(server.clone(), |within| format!("{server}/{within}"))
}
