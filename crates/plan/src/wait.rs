//! When a wait is over: what each status means.

use std::time::Duration;

use pipewright_model::kinds::{MigrationObserved, Phase, ReplicationConfigObserved, TaskObserved};
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
            Self::Drained { role_id, scope, since, grace, .. } => {
                own_mark(live, role_id, scope).unwrap_or_else(|mark| match mark {
                    Some(mark) if now.since(mark.since) >= *grace => Verdict::Done,
                    Some(_) => Verdict::Pending(format!("draining for {} s", grace.as_secs())),
                    // It was there, and somebody took it off.
                    None if since.is_some() => Verdict::Done,
                    None => pending("drain mark not visible yet"),
                })
            }
            Self::Marked { role_id, scope, pass, .. } => {
                own_mark(live, role_id, scope).unwrap_or_else(|mark| match mark {
                    Some(mark) if mark.pass == *pass => Verdict::Done,
                    _ => pending("drain mark not visible yet"),
                })
            }
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
            Self::Marked { .. } => 2,
        };
        Duration::from_mins(minutes)
    }

    /// Whether it is over in seconds, so that also a pass that does not wait for AWS's work waits for
    /// it.
    pub fn is_brief(&self) -> bool {
        matches!(self, Self::Marked { .. })
    }

    fn of_live(&self, body: &LiveBody) -> Verdict {
        if let Some(migration) = body.migration()
            && matches!(self, Self::Started(_) | Self::Stopped(_))
        {
            let failed = if matches!(body, LiveBody::ReplicationConfig(_)) {
                "the replication failed:"
            } else {
                "the task failed:"
            };
            return self.of_migration(migration, failed);
        }
        match (self, body) {
            (Self::Connected(_), LiveBody::Connection(connection)) => match connection.status.as_str() {
                "successful" => Verdict::Done,
                "failed" => Verdict::Failed(format!(
                    "the connection test failed: {}",
                    or_unknown(&connection.last_failure_message)
                )),
                status => pending(status),
            },
            // What was asked for at once may not have begun yet.
            (Self::Settled(_), LiveBody::Instance(instance))
                if instance.status == "available" && !instance.pending.is_empty() =>
            {
                pending("available, with changes that have not begun")
            }
            // One that failed can be changed and started again: it has come to rest. One whose move failed cannot.
            (Self::Settled(_), body)
                if body.migration().is_some_and(|migration| {
                    migration.phase == Phase::Failed && migration.status != "failed-move"
                }) =>
            {
                Verdict::Done
            }
            (_, body) => match Settling::of(body) {
                Settling::Settled => Verdict::Done,
                Settling::Moving => pending(body.status()),
                Settling::Broken(why) => Verdict::Failed(why),
            },
        }
    }

    fn of_migration(&self, migration: MigrationObserved<'_>, failed: &str) -> Verdict {
        let starts = matches!(self, Self::Started(_));
        match migration.phase {
            Phase::Running if starts => Verdict::Done,
            Phase::Failed if starts => {
                let why = or_unknown(migration.last_failure_message);
                Verdict::Failed(format!("{failed} {why}"))
            }
            // A short full load can be over before anybody sees it run.
            Phase::Stopped if starts && migration.stopped_by_itself() => Verdict::Done,
            Phase::Stopped | Phase::Failed | Phase::Ready if !starts => Verdict::Done,
            _ => pending(migration.status),
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
            LiveBody::Connection(connection) if connection.status == "testing" => Self::Moving,
            LiveBody::ServiceRole(_)
            | LiveBody::SubnetGroup(_)
            | LiveBody::Certificate(_)
            | LiveBody::Connection(_) => Self::Settled,
            LiveBody::Instance(instance) => match instance.status.as_str() {
                "available" => Self::Settled,
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
            LiveBody::Task(TaskObserved { status, last_failure_message: why, .. })
            | LiveBody::ReplicationConfig(ReplicationConfigObserved {
                status,
                last_failure_message: why,
                ..
            }) => match body.migration().map(|migration| migration.phase) {
                Some(Phase::Ready | Phase::Running | Phase::Stopped) => Self::Settled,
                Some(Phase::Failed) => {
                    let is = if matches!(body, LiveBody::ReplicationConfig(_)) {
                        "the replication is"
                    } else {
                        "the task is"
                    };
                    Self::Broken(format!("{is} {status}: {}", or_unknown(why)))
                }
                _ => Self::Moving,
            },
            LiveBody::EventSubscription(subscription) => match subscription.status.as_str() {
                "active" => Self::Settled,
                "no-permission" => Self::Broken(format!(
                    "DMS may not publish to {}: let the topic's policy allow it",
                    subscription.sns_topic_arn
                )),
                "topic-not-exist" => {
                    Self::Broken(format!("there is no topic {}", subscription.sns_topic_arn))
                }
                _ => Self::Moving,
            },
        }
    }
}

/// This scope's drain mark on the role, if it has one; `Err` holds it. `Ok` where there is nothing to
/// wait for any more: the check that follows tells why.
fn own_mark(live: Option<&Live>, role_id: &str, scope: &str) -> Result<Verdict, Option<DrainMark>> {
    let Some(Live { tags, body: LiveBody::ServiceRole(role), .. }) = live else {
        return Ok(Verdict::Done);
    };
    // A role that was made again, and one that somebody joined, whose mark is gone with that.
    if role.role_id != role_id || !tags::owners(tags).is_empty() {
        return Ok(Verdict::Done);
    }
    match DrainMark::of(tags) {
        Some(Ok(mark)) if mark.scope == scope && mark.role_id == role_id => Err(Some(mark)),
        Some(_) => Ok(Verdict::Done),
        None => Err(None),
    }
}

fn pending(status: &str) -> Verdict {
    Verdict::Pending(status.to_owned())
}

fn or_unknown(message: &str) -> &str {
    if message.is_empty() { "AWS gave no reason" } else { message }
}
