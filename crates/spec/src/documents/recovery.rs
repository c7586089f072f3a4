//! `run.recovery`: what happens when a task or a serverless replication fails by itself.

use std::borrow::Cow;
use std::time::Duration;

use pipewright_model::kinds::Recovery;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::scalars::Whole;
use crate::read::{Checks, Read, Reader, record};
use crate::tree::Node;

record! {
    /// What happens when a task or a serverless replication fails by itself. It is only ever resumed where
    /// it stopped, never begun anew, and never where storage or memory ran out.
    pub(crate) struct RecoverySpec {
        /// How many times it is resumed, 0 for never: 5 unless given.
        attempts: Option<Whole<0, 1000>>,
        /// How long after the failure it is resumed for the first time, such as `90s`, `5m` or `1h30m`; each
        /// time after that it is twice as long: `1m` unless given.
        backoff: Option<Span>,
        /// What the time between two attempts does not grow beyond: `1h` unless given.
        max_backoff: Option<Span>,
        /// How long it must have run since it was last resumed for the attempts to be counted from zero:
        /// `1h` unless given.
        reset_after: Option<Span>,
    }
}

impl Checks for RecoverySpec {
    fn check(&self, node: &Node, reader: &mut Reader<'_>) {
        let policy = self.policy();
        let at = |field| node.key_at(field).unwrap_or(node.at);
        if policy.backoff > policy.max_backoff {
            reader.error_with_hint(
                at("backoff"),
                "`backoff` is longer than `maxBackoff`, which is 1h unless given",
                "make `backoff` shorter, or give a longer `maxBackoff`",
            );
        }
        if policy.reset_after.is_zero() {
            reader.error_with_hint(
                at("resetAfter"),
                "with `resetAfter: 0s` no attempt would ever count",
                "give the time after which a run counts as a success, for example 1h",
            );
        }
    }
}

impl RecoverySpec {
    /// What it comes to, with what is not given.
    pub(crate) fn policy(&self) -> Recovery {
        let Self { attempts, backoff, max_backoff, reset_after } = self;
        let default = Recovery::default();
        Recovery {
            attempts: attempts
                .as_ref()
                .and_then(|attempts| u32::try_from(attempts.0).ok())
                .unwrap_or(default.attempts),
            backoff: backoff.map_or(default.backoff, |span| span.0),
            max_backoff: max_backoff.map_or(default.max_backoff, |span| span.0),
            reset_after: reset_after.map_or(default.reset_after, |span| span.0),
        }
    }
}

/// A length of time, such as `90s`, `5m` or `1h30m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span(pub(crate) Duration);

impl Span {
    /// Hours, minutes and seconds in this order, each once at most and at least one of them.
    fn parse(text: &str) -> Option<Self> {
        let (mut rest, mut seconds) = (text, 0);
        for (unit, length) in [('h', 3600), ('m', 60), ('s', 1)] {
            if let Some((number, after)) = rest.split_once(unit) {
                let is_number = (1..=4).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
                seconds += length * number.parse::<u64>().ok().filter(|_| is_number)?;
                rest = after;
            }
        }
        (rest.is_empty() && !text.is_empty()).then(|| Self(Duration::from_secs(seconds)))
    }
}

impl Read for Span {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let text = String::read(node, reader)?;
        let span = Self::parse(&text);
        if span.is_none() {
            let shown: String = text.chars().take(80).collect();
            let hint = "write hours, minutes and seconds: 90s, 5m or 1h30m";
            reader.error_with_hint(node.at, format!("`{shown}` is not a length of time"), hint);
        }
        span
    }
}

impl JsonSchema for Span {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Span".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^(?=.)([0-9]{1,4}h)?([0-9]{1,4}m)?([0-9]{1,4}s)?$"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read() {
        for (text, seconds) in [("90s", 90), ("5m", 300), ("1h30m", 5400), ("1h0m5s", 3605), ("0s", 0)] {
            assert_eq!(Span::parse(text), Some(Span(Duration::from_secs(seconds))), "{text}");
        }
        for text in ["", "5", "m", "1d", "5m1h", "1h 30m", "-1m", "1.5h", "12345s", "5mm"] {
            assert_eq!(Span::parse(text), None, "{text}");
        }
    }
}
