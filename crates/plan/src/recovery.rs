//! Whether a migration that failed by itself is resumed, and when: a pure function from its policy, its
//! tags and what DMS says of it.
//!
//! It is only resumed where it stopped. What `resume-processing` does in a full load is in the DMS API
//! reference, `StartReplicationTask`: tables that were loaded partly, or not yet, are loaded from their
//! beginning, and those that were loaded stay. DMS Serverless cannot do that (`StartReplication`: partly
//! loaded tables cannot be resumed during the full load).

use std::time::Duration;

use pipewright_model::kinds::{Cause, MigrationObserved, Phase, Recovery, RecoveryMark};
use pipewright_model::tags::{RECOVERY, Tags};
use pipewright_model::{Kind, Timestamp};

/// What is done about a migration that failed by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    /// It is resumed now.
    Resume {
        /// The attempt's number, from 1.
        attempt: u32,
    },
    /// It is resumed when enough time has passed.
    BackOff {
        /// The attempt's number, from 1.
        attempt: u32,
        /// When.
        until: Timestamp,
    },
    /// It was resumed as often as its spec allows, and failed again.
    Exhausted {
        /// How often.
        attempts: u32,
    },
    /// It is not resumed.
    Never(Refusal),
}

/// Why a migration is not resumed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// In a clause that follows "is not resumed:".
    pub(crate) why: String,
    /// What to do.
    pub(crate) remedy: String,
}

/// A migration that has failed by itself, or was stopped by DMS for a reason of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Why.
    pub(crate) cause: Cause,
    /// What is done about it where it is to run.
    pub(crate) decision: Decision,
}

impl Failure {
    /// None for one that runs, is done, was stopped on demand, or has never run.
    pub(crate) fn of(
        kind: Kind,
        policy: &Recovery,
        observed: &MigrationObserved<'_>,
        tags: &Tags,
        now: Timestamp,
    ) -> Option<Self> {
        let cause = observed.cause()?;
        let has_failed = !matches!(cause, Cause::Finished | Cause::OnDemand) && observed.has_run;
        has_failed.then(|| Self { cause, decision: decide(cause, kind, policy, observed, tags, now) })
    }
}

fn decide(
    cause: Cause,
    kind: Kind,
    policy: &Recovery,
    observed: &MigrationObserved<'_>,
    tags: &Tags,
    now: Timestamp,
) -> Decision {
    if !cause.may_be_resumed() {
        return never(cause.to_string(), cause.remedy());
    }
    if let Some(refusal) = would_begin_anew(kind, observed) {
        return Decision::Never(refusal);
    }
    if policy.attempts == 0 {
        return never("its spec says `recovery: {attempts: 0}`".to_owned(), cause.remedy());
    }
    let mark = match RecoveryMark::of(tags) {
        None => None,
        Some(Ok(mark)) => Some(mark),
        Some(Err(value)) => {
            let why = format!("its tag {RECOVERY} is `{value}`, which Pipewright did not write");
            return never(why, "take the tag off");
        }
    };
    // A run that lasted is a success, also where nobody looked while it ran.
    let lasted = |mark: &RecoveryMark| {
        observed.stopped_at.is_some_and(|stopped| stopped.since(mark.last) >= policy.reset_after)
    };
    let attempts = mark.filter(|mark| !lasted(mark)).map_or(0, |mark| mark.attempts);
    let last = mark.map(|mark| mark.last).max(observed.stopped_at);
    match next(policy, policy.attempts, attempts, last, now) {
        Next::Now { attempt } => Decision::Resume { attempt },
        Next::Later { attempt, until } => Decision::BackOff { attempt, until },
        Next::NoMore => Decision::Exhausted { attempts },
    }
}

/// When the next attempt comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// It is due.
    Now { attempt: u32 },
    /// Its backoff is not over.
    Later { attempt: u32, until: Timestamp },
    /// There were as many as may be.
    NoMore,
}

/// When the attempt after so many comes, of at most so many, the backoff counted from `last`.
pub(crate) fn next(
    policy: &Recovery,
    most: u32,
    attempts: u32,
    last: Option<Timestamp>,
    now: Timestamp,
) -> Next {
    if attempts >= most {
        return Next::NoMore;
    }
    let attempt = attempts + 1;
    match last.map(|last| last + policy.delay(attempt)) {
        Some(until) if until > now => Next::Later { attempt, until },
        _ => Next::Now { attempt },
    }
}

/// Why resuming would load what is loaded already, or cannot be done.
fn would_begin_anew(kind: Kind, observed: &MigrationObserved<'_>) -> Option<Refusal> {
    let refusal = |why: &str, remedy: &str| {
        Some(Refusal { why: why.to_owned(), remedy: format!("{remedy}; Pipewright keeps it running then") })
    };
    if observed.recovery_checkpoint.is_none() && observed.full_load_progress.unwrap_or(0) == 0 {
        return refusal(
            "it failed before it had moved anything, so that there is nothing to go on from",
            "see why in its log, cure that, and start it by hand",
        );
    }
    if !is_loading(observed) {
        return None;
    }
    if kind == Kind::ReplicationConfig {
        refusal(
            "its full load was not finished, and DMS Serverless cannot resume one",
            "see why in its log, cure that, and start it by hand with `reload-target`",
        )
    } else if keeps_rows(observed) {
        refusal(
            "its full load was not finished, and with `TargetTablePrepMode: DO_NOTHING` the tables that were \
             loaded partly would get their rows twice",
            "empty those tables, and resume it by hand",
        )
    } else {
        None
    }
}

/// Whether rows that are in a target table stay there when it is loaded.
pub(crate) fn keeps_rows(observed: &MigrationObserved<'_>) -> bool {
    observed.settings["FullLoadSettings"]["TargetTablePrepMode"] == "DO_NOTHING"
}

/// Whether a full load was not finished.
pub(crate) fn is_loading(observed: &MigrationObserved<'_>) -> bool {
    observed.migration_type != "cdc" && observed.full_load_progress.unwrap_or(0) < 100
}

/// Whether the attempts are to be counted from zero: it has run for long enough, or it is done.
pub(crate) fn is_over(
    policy: &Recovery,
    observed: &MigrationObserved<'_>,
    tags: &Tags,
    now: Timestamp,
) -> bool {
    let Some(Ok(mark)) = RecoveryMark::of(tags) else {
        return false;
    };
    let has_lasted = observed.phase == Phase::Running && now.since(mark.last) >= policy.reset_after;
    has_lasted || observed.stopped_by_itself()
}

fn never(why: String, remedy: &str) -> Decision {
    Decision::Never(Refusal { why, remedy: format!("{remedy}, and resume it by hand") })
}

/// A length of time for people: `90 s`, `5 min`.
pub(crate) fn shown(duration: Duration) -> String {
    match duration.as_secs() {
        seconds if seconds % 60 != 0 => format!("{seconds} s"),
        seconds => format!("{} min", seconds / 60),
    }
}
