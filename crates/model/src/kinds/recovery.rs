//! What is done about a migration that failed by itself, and the record of what was done.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::Timestamp;
use crate::tags::{RECOVERY, Tags};

/// How a task or a serverless replication that failed by itself is resumed. Durations are written in
/// whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Recovery {
    /// How many times; 0: never.
    pub attempts: u32,
    /// How long after the failure it is resumed for the first time. Each time after that it is twice as
    /// long.
    #[serde(rename = "backoffSeconds", serialize_with = "seconds")]
    pub backoff: Duration,
    /// What that does not grow beyond.
    #[serde(rename = "maxBackoffSeconds", serialize_with = "seconds")]
    pub max_backoff: Duration,
    /// How long it must have run since it was last resumed for the attempts to be counted from zero.
    #[serde(rename = "resetAfterSeconds", serialize_with = "seconds")]
    pub reset_after: Duration,
}

impl Default for Recovery {
    fn default() -> Self {
        Self {
            attempts: 5,
            backoff: Duration::from_mins(1),
            max_backoff: Duration::from_hours(1),
            reset_after: Duration::from_hours(1),
        }
    }
}

impl Recovery {
    /// Whether it says what is so where nothing is said.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// How long is waited before the attempt of this number, from 1.
    pub fn delay(&self, attempt: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1));
        self.backoff.saturating_mul(doubled).min(self.max_backoff)
    }
}

fn seconds<S: serde::Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(duration.as_secs())
}

/// How often a migration was resumed after failures, as its tag [`RECOVERY`] records it: written before the
/// call that resumes it, so that an attempt that was cut short counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecoveryMark {
    /// How many times.
    pub attempts: u32,
    /// When the last one began.
    pub last: Timestamp,
}

impl RecoveryMark {
    /// Reads the mark of a migration's tags: `None` where there is none, an error with its text where there
    /// is one that cannot be understood.
    pub fn of(tags: &Tags) -> Option<Result<Self, String>> {
        let value = tags.get(RECOVERY)?;
        let mark = value.split_once(' ').and_then(|(attempts, last)| {
            Some(Self { attempts: attempts.parse().ok()?, last: Timestamp::from_secs(last.parse().ok()?) })
        });
        Some(mark.ok_or_else(|| value.clone()))
    }
}

impl fmt::Display for RecoveryMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.attempts, self.last.as_secs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_longest() {
        let delays: Vec<u64> =
            (1..=8).map(|attempt| Recovery::default().delay(attempt).as_secs() / 60).collect();
        assert_eq!(delays, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(Recovery::default().delay(u32::MAX), Duration::from_hours(1));
    }

    #[test]
    fn a_mark_survives_its_own_text() {
        let mark = RecoveryMark { attempts: 3, last: Timestamp::from_secs(1_800_000_000) };
        let tags = |value: &str| Tags::from([(RECOVERY.to_owned(), value.to_owned())]);
        assert_eq!(RecoveryMark::of(&tags(&mark.to_string())), Some(Ok(mark)));
        assert_eq!(RecoveryMark::of(&tags("three")), Some(Err("three".to_owned())));
        assert_eq!(RecoveryMark::of(&Tags::new()), None);
    }
}
