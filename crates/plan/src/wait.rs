//! When a wait is over: what each status means.

use std::time::Duration;

use pipewright_model::tags::{self, DrainMark};
use pipewright_model::{Kind, Live, LiveBody, Timestamp};

use crate::Wait;

/// Whether a wait is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Done,
    /// Not yet; the status, for people.
    Pending(String),
    /// It never will be: why.
    Failed(String),
}

impl Wait {
    /// Whether the wait is over, given how the resource looks now.
    pub fn verdict(&self, live: Option<&Live>, now: Timestamp) -> Verdict {
        match self {
            Self::Gone(_) => live.map_or(Verdict::Done, |live| pending(live.body.status())),
            Self::Drained { role_id, since, grace, .. } => drained(live, role_id, *since, *grace, now),
            Self::Settled(_) | Self::Connected(_) | Self::Started(_) | Self::Stopped(_) => {
                live.map_or_else(|| pending("not visible yet"), |live| self.of_live(&live.body))
            }
        }
    }

    /// How long it may take before something must be wrong. Instances are the slowest: making a large
    /// one in two zones takes DMS up to half an hour.
    pub fn patience(&self) -> Duration {
        let minutes = match self {
            Self::Settled(id) if id.kind == Kind::Instance => 90,
            Self::Gone(_) | Self::Stopped(_) | Self::Started(_) => 60,
            Self::Settled(_) | Self::Connected(_) => 30,
            Self::Drained { grace, .. } => return *grace + Duration::from_mins(10),
        };
        Duration::from_mins(minutes)
    }

    fn of_live(&self, body: &LiveBody) -> Verdict {
        match (self, body) {
            (Self::Connected(_), LiveBody::Connection(connection)) => match connection.status.as_str() {
                "successful" => Verdict::Done,
                "failed" => Verdict::Failed(format!(
                    "the connection test failed: {}",
                    or_unknown(&connection.last_failure_message)
                )),
                status => pending(status),
            },
            (Self::Started(_), LiveBody::Task(task)) => match task.status.as_str() {
                "running" => Verdict::Done,
                "failed" => {
                    Verdict::Failed(format!("the task failed: {}", or_unknown(&task.last_failure_message)))
                }
                // A short full load can be over before anybody sees it run.
                "stopped" if task.stopped_by_itself() => Verdict::Done,
                status => pending(status),
            },
            (Self::Stopped(_), LiveBody::Task(task)) => match task.status.as_str() {
                "stopped" | "failed" | "ready" => Verdict::Done,
                status => pending(status),
            },
            (_, body) => match Settling::of(body) {
                Settling::Settled => Verdict::Done,
                Settling::Moving => pending(body.status()),
                Settling::Broken(why) => Verdict::Failed(why),
            },
        }
    }
}

/// Whether a resource's status will change without anybody's doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Settling {
    /// It is at rest and usable.
    Settled,
    /// AWS is at work on it.
    Moving,
    /// It is at rest and not usable; somebody must act.
    Broken(String),
}

impl Settling {
    /// What a status means; an unknown one is taken as AWS being at work.
    pub(crate) fn of(body: &LiveBody) -> Self {
        match body {
            LiveBody::ServiceRole(_) | LiveBody::SubnetGroup(_) | LiveBody::Connection(_) => Self::Settled,
            LiveBody::Instance(instance) => match instance.status.as_str() {
                "available" if instance.pending.is_empty() => Self::Settled,
                status @ ("failed"
                | "storage-full"
                | "incompatible-credentials"
                | "incompatible-network"
                | "inaccessible-encryption-credentials") => {
                    Self::Broken(format!("the replication instance is {status}"))
                }
                _ => Self::Moving,
            },
            LiveBody::Endpoint(endpoint) => match endpoint.status.as_str() {
                "active" => Self::Settled,
                "failed" => Self::Broken("the endpoint is failed".to_owned()),
                _ => Self::Moving,
            },
            LiveBody::Task(task) => match task.status.as_str() {
                "ready" | "running" | "stopped" => Self::Settled,
                status @ ("failed" | "failed-move") => {
                    Self::Broken(format!("the task is {status}: {}", or_unknown(&task.last_failure_message)))
                }
                _ => Self::Moving,
            },
        }
    }
}

fn drained(
    live: Option<&Live>,
    role_id: &str,
    since: Option<Timestamp>,
    grace: Duration,
    now: Timestamp,
) -> Verdict {
    // A role that is gone or was made again needs no more waiting: the check that follows tells.
    let Some(live) = live else { return Verdict::Done };
    let LiveBody::ServiceRole(role) = &live.body else {
        return Verdict::Done;
    };
    // Neither does one that somebody joined, and whose mark is gone with that.
    if !tags::owners(&live.tags).is_empty() {
        return Verdict::Done;
    }
    let since = match DrainMark::of(&live.tags) {
        Some(Ok(mark)) if mark.role_id == role_id && role.role_id == role_id => mark.since,
        // The mark was written but cannot be seen yet.
        None if since.is_none() && role.role_id == role_id => return pending("drain mark not visible yet"),
        _ => return Verdict::Done,
    };
    if now.since(since) >= grace {
        Verdict::Done
    } else {
        Verdict::Pending(format!("draining for {} s", grace.as_secs()))
    }
}

fn pending(status: &str) -> Verdict {
    Verdict::Pending(status.to_owned())
}

fn or_unknown(message: &str) -> &str {
    if message.is_empty() { "AWS gave no reason" } else { message }
}
