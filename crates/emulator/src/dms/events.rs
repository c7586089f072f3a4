//! Events: what happened to instances and tasks in the last fourteen days.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::listing::Listing;
use super::record::{EVENT, Object};
use super::{Dms, Input, Output, errors, integer, optional_text, texts, timestamp};

/// DMS keeps events so long.
const KEPT: Duration = Duration::from_hours(14 * 24);

/// Categories of both source types
/// (<https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Events.html>).
const INSTANCE_CATEGORIES: [&str; 7] =
    ["configuration change", "creation", "deletion", "failover", "failure", "low storage", "maintenance"];
const TASK_CATEGORIES: [&str; 5] =
    ["configuration change", "creation", "deletion", "failure", "state change"];

/// The categories of a source type.
pub(super) fn categories(source_type: &str) -> Option<&'static [&'static str]> {
    match source_type {
        "replication-instance" => Some(&INSTANCE_CATEGORIES),
        "replication-task" => Some(&TASK_CATEGORIES),
        _ => None,
    }
}

/// What an event is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source<'a> {
    Instance(&'a str),
    Task(&'a str),
}

impl Source<'_> {
    fn parts(&self) -> (&'static str, &str) {
        match self {
            Source::Instance(identifier) => ("replication-instance", identifier),
            Source::Task(identifier) => ("replication-task", identifier),
        }
    }
}

impl Dms<'_> {
    /// Notes an event, which may lie ahead.
    pub(super) fn note(&mut self, source: Source<'_>, category: &str, message: &str, at: Duration) {
        for event in self.all(EVENT) {
            if event.shown["Date"].as_f64().unwrap_or_default() + KEPT.as_secs_f64() < self.now.as_secs_f64()
            {
                self.drop_object(EVENT, &event.key);
            }
        }
        let (kind, identifier) = source.parts();
        let key = self.new_arn(EVENT, None);
        let mut event = Object::new(key, Map::new());
        event.set("SourceIdentifier", identifier);
        event.set("SourceType", kind);
        event.set("Message", message);
        event.set("EventCategories", json!([category]));
        event.set("Date", timestamp(at));
        self.add(EVENT, event);
    }
}

impl Dms<'_> {
    /// Forgets the events of a source that lie ahead, for something else will happen.
    pub(super) fn forget_ahead(&mut self, source: Source<'_>) {
        let (kind, identifier) = source.parts();
        for event in self.all(EVENT) {
            let ahead = event.shown["Date"].as_f64().unwrap_or_default() > self.now.as_secs_f64();
            if ahead && event.text("SourceType") == kind && event.text("SourceIdentifier") == identifier {
                self.drop_object(EVENT, &event.key);
            }
        }
    }
}

pub(super) fn describe(input: &Input, dms: &mut Dms<'_>) -> Output {
    let now = dms.now.as_secs_f64();
    let end = number(input, "EndTime").unwrap_or(now).min(now);
    let start = match (number(input, "StartTime"), integer(input, "Duration")) {
        (Some(_), Some(_)) => {
            return Err(errors::invalid_combination("Only one of StartTime and Duration can be specified"));
        }
        (Some(start), None) => start,
        // Minutes; an hour where nothing is said.
        #[expect(clippy::cast_precision_loss, reason = "minutes of days fit 53 bits")]
        (None, minutes) => end - 60.0 * minutes.unwrap_or(60) as f64,
    };
    if optional_text(input, "SourceIdentifier").is_some() && !input.contains_key("SourceType") {
        return Err(errors::invalid_combination("SourceType must be specified where SourceIdentifier is"));
    }
    let categories = texts(input, "EventCategories");
    let mut found: Vec<Map<String, Value>> = dms
        .all(EVENT)
        .into_iter()
        .map(|event| event.shown)
        .filter(|event| {
            let date = event["Date"].as_f64().unwrap_or_default();
            let same = |member: &str| optional_text(input, member).is_none_or(|given| event[member] == given);
            let category = event["EventCategories"][0].as_str().unwrap_or_default();
            (start..=end).contains(&date)
                && same("SourceIdentifier")
                && same("SourceType")
                && (categories.is_empty() || categories.iter().any(|given| given == category))
        })
        .collect();
    let date = |event: &Map<String, Value>| event["Date"].as_f64().unwrap_or_default();
    found.sort_by(|a, b| date(a).total_cmp(&date(b)));
    Listing::new("Events", "Events", &[]).cut(input, found)
}

pub(super) fn describe_categories(input: &Input) -> Value {
    let groups: Vec<Value> = ["replication-instance", "replication-task"]
        .into_iter()
        .filter(|kind| optional_text(input, "SourceType").is_none_or(|given| given == *kind))
        .map(|kind| json!({"SourceType": kind, "EventCategories": categories(kind)}))
        .collect();
    json!({"EventCategoryGroupList": groups})
}

fn number(input: &Input, name: &str) -> Option<f64> {
    input.get(name).and_then(Value::as_f64)
}

/// `2026-11-24 14:00:00 UTC`, as subscriptions write their time.
pub(super) fn date_time(time: Duration) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or_default();
    jiff::Timestamp::from_second(seconds).unwrap_or_default().strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}
