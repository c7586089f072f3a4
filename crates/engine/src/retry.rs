//! Which failed calls are made again, and when.

use std::time::Duration;

use pipewright_model::Timestamp;

use crate::{CallError, ErrorClass};

/// How long a new role may be unknown to DMS. It takes up to about two minutes.
const ROLE_PATIENCE: Duration = Duration::from_mins(4);
const ROLE_INTERVAL: Duration = Duration::from_secs(5);
const MAX_ATTEMPTS: u32 = 8;
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The failures so far of one step.
#[derive(Debug, Clone)]
pub(crate) struct Retry {
    since: Timestamp,
    attempts: u32,
}

/// What to do about a failed call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Make it again at this time.
    Again(Timestamp),
    /// Look at the account again and plan anew.
    Replan,
    /// Nothing would help.
    GiveUp,
}

impl Retry {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self { since: now, attempts: 0 }
    }

    /// Decides after another failure.
    pub(crate) fn after(&mut self, error: &CallError, now: Timestamp) -> Decision {
        self.attempts += 1;
        match error.class {
            ErrorClass::RoleNotReady if now.since(self.since) < ROLE_PATIENCE => {
                Decision::Again(now + ROLE_INTERVAL)
            }
            ErrorClass::Throttled | ErrorClass::Transient | ErrorClass::Concurrent
                if self.attempts < MAX_ATTEMPTS =>
            {
                let pause = Duration::from_millis(500) * 2_u32.pow(self.attempts.min(7));
                Decision::Again(now + pause.min(LONGEST_PAUSE))
            }
            ErrorClass::AlreadyExists | ErrorClass::NotFound | ErrorClass::InvalidState => Decision::Replan,
            ErrorClass::RoleNotReady
            | ErrorClass::Throttled
            | ErrorClass::Transient
            | ErrorClass::Concurrent
            | ErrorClass::AccessDenied
            | ErrorClass::Invalid => Decision::GiveUp,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(class: ErrorClass) -> CallError {
        CallError {
            operation: "dms:CreateEndpoint".into(),
            class,
            code: "X".into(),
            message: String::new(),
            request_id: None,
        }
    }

    #[test]
    fn a_role_that_dms_does_not_know_yet_is_retried_for_a_bounded_time() {
        let start = Timestamp::from_secs(1000);
        let mut retry = Retry::new(start);
        let error = error(ErrorClass::RoleNotReady);
        assert_eq!(retry.after(&error, start), Decision::Again(start + ROLE_INTERVAL));
        assert_eq!(retry.after(&error, start + ROLE_PATIENCE), Decision::GiveUp);
    }

    #[test]
    fn what_passes_is_retried_with_growing_pauses_and_a_cap() {
        let now = Timestamp::from_secs(1000);
        let mut retry = Retry::new(now);
        let error = error(ErrorClass::Throttled);
        let mut last = Duration::ZERO;
        for _ in 1..MAX_ATTEMPTS {
            let Decision::Again(at) = retry.after(&error, now) else { panic!("gave up early") };
            assert!(at.since(now) >= last && at.since(now) <= LONGEST_PAUSE);
            last = at.since(now);
        }
        assert_eq!(retry.after(&error, now), Decision::GiveUp);
    }

    #[test]
    fn what_is_not_as_planned_is_planned_anew() {
        let now = Timestamp::from_secs(1000);
        for class in [ErrorClass::AlreadyExists, ErrorClass::NotFound, ErrorClass::InvalidState] {
            assert_eq!(Retry::new(now).after(&error(class), now), Decision::Replan);
        }
    }
}
