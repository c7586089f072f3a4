//! Values that several resources share: keys, ARNs of the region, dates in the week.

use std::time::Duration;

use super::{Dms, errors};
use crate::api::AwsError;

impl Dms<'_> {
    /// The ARN of a KMS key: of the account's default key for DMS where none is given. A bare id, an alias and an ARN
    /// may name the same key.
    pub(super) fn key_arn(&self, given: Option<&str>) -> Result<String, AwsError> {
        let prefix = format!("arn:{}:kms:{}:{}:", self.partition, self.region, self.account);
        let Some(given) = given.filter(|given| !given.is_empty()) else {
            return Ok(format!("{prefix}key/{}", self.key_of_alias("alias/aws/dms")));
        };
        let resource = given.strip_prefix(prefix.as_str()).unwrap_or(given);
        if let Some(alias) = resource.strip_prefix("alias/").filter(|alias| !alias.is_empty()) {
            return Ok(format!("{prefix}key/{}", self.key_of_alias(&format!("alias/{alias}"))));
        }
        // A key of another account is an ARN that does not begin with the prefix.
        if resource.starts_with("arn:") {
            return Ok(resource.to_owned());
        }
        let id = resource.strip_prefix("key/").unwrap_or(resource);
        let key = id.strip_prefix("mrk-").unwrap_or(id);
        if key.len() < 32 || !key.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-') {
            return Err(errors::key_not_accessible(given));
        }
        Ok(format!("{prefix}key/{id}"))
    }

    fn key_of_alias(&self, alias: &str) -> String {
        let digits: String = self
            .fixed_random(alias, 32)
            .bytes()
            .map(|b| char::from(b"0123456789abcdef"[usize::from(b % 16)]))
            .collect();
        [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
    }
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MINUTES_OF_WEEK: u64 = 7 * 24 * 60;

/// A weekly window in UTC, in minutes since Monday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    start: u64,
    end: u64,
}

impl Window {
    /// Reads `sun:06:00-sun:07:00`.
    pub(super) fn parse(text: &str) -> Result<Window, AwsError> {
        let lower = text.to_ascii_lowercase();
        let (start, end) = lower.split_once('-').unwrap_or((&lower, ""));
        let (Some(start), Some(end)) = (minute_of_week(start), minute_of_week(end)) else {
            return Err(errors::invalid_value(format!(
                "Invalid maintenance window format: '{text}'. It should be specified as a range ddd:hh24:mi-ddd:hh24:mi."
            )));
        };
        let length = (end + MINUTES_OF_WEEK - start) % MINUTES_OF_WEEK;
        if length < 30 {
            return Err(errors::invalid_value(format!(
                "The maintenance window '{text}' must be at least 30 minutes long."
            )));
        }
        Ok(Window { start, end })
    }

    /// A window of half an hour that a seed picks.
    pub(super) fn picked(seed: &str) -> Window {
        let sum = seed.bytes().fold(0u64, |sum, b| sum.wrapping_mul(31).wrapping_add(u64::from(b)));
        let start = sum % (MINUTES_OF_WEEK / 30 - 1) * 30;
        Window { start, end: start + 30 }
    }

    /// When it opens next after `now`.
    pub(super) fn next(self, now: Duration) -> Duration {
        // 1970 began on a Thursday, three days after a Monday.
        let minute = now.as_secs() / 60 + 3 * 24 * 60;
        let ahead = (self.start + MINUTES_OF_WEEK - minute % MINUTES_OF_WEEK) % MINUTES_OF_WEEK;
        let ahead = if ahead == 0 { MINUTES_OF_WEEK } else { ahead };
        Duration::from_secs((minute + ahead - 3 * 24 * 60) * 60)
    }
}

impl std::fmt::Display for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let show = |minute: u64| {
            let day = DAYS[usize::try_from(minute / (24 * 60) % 7).unwrap_or_default()];
            format!("{day}:{:02}:{:02}", minute / 60 % 24, minute % 60)
        };
        write!(f, "{}-{}", show(self.start), show(self.end))
    }
}

fn minute_of_week(text: &str) -> Option<u64> {
    let mut parts = text.split(':');
    let day = parts.next()?;
    let day = u64::try_from(DAYS.iter().position(|name| *name == day)?).ok()?;
    let mut number = |below: u64| {
        let part = parts.next()?;
        let number = part.parse::<u64>().ok()?;
        (part.len() == 2 && number < below).then_some(number)
    };
    let (hour, minute) = (number(24)?, number(60)?);
    parts.next().is_none().then_some(day * 24 * 60 + hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_read_written_and_found() {
        let window = Window::parse("Fri:08:20-fri:08:50").unwrap();
        assert_eq!(window.to_string(), "fri:08:20-fri:08:50");
        for bad in ["", "fri:08:20", "fri:08:20-fri:08:40", "fri:8:20-fri:09:20", "xxx:00:00-sun:01:00"] {
            assert!(Window::parse(bad).is_err(), "{bad}");
        }
        assert!(Window::parse("sun:23:45-mon:00:15").is_ok());
        // 2026-07-13 was a Monday; the Friday after it is the 17th.
        let seconds = |text: &str| {
            let time: jiff::Timestamp = text.parse().unwrap();
            Duration::from_secs(u64::try_from(time.as_second()).unwrap())
        };
        let next = window.next(seconds("2026-07-13T00:00:00Z"));
        assert_eq!(next, seconds("2026-07-17T08:20:00Z"));
        assert_eq!(window.next(next), seconds("2026-07-24T08:20:00Z"));
        let picked = Window::picked("arn");
        assert_eq!(Window::parse(&picked.to_string()).unwrap(), picked);
    }
}
