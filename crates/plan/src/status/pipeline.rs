//! The conditions of one pipeline.

use pipewright_model::kinds::{Cause, Phase, Run};
use pipewright_model::{Desired, Kind, Live, LiveBody, Observed, Pipeline, ResourceId};

use super::{Condition, ConditionType, PipelineStatus, Reason, ResourceStatus, generation};
use crate::kinds::migration::MigrationDeclared;
use crate::recovery::{Decision, Failure};
use crate::wait::Settling;
use crate::{Action, Change, Finding, Ownership, Plan};

/// One pipeline and all that is known of it.
pub(super) struct View<'a> {
    pub(super) desired: &'a Desired,
    pub(super) observed: &'a Observed,
    pub(super) plan: &'a Plan,
    pub(super) pipeline: &'a Pipeline,
}

/// A reason, and the same for people.
type Why = (Reason, String);

impl View<'_> {
    pub(super) fn status(&self) -> PipelineStatus {
        let stalled = self.stalled();
        let reconciling = if stalled.is_some() { None } else { self.reconciling() };
        let (is_ready, ready) = match (&stalled, &reconciling, self.hold()) {
            (Some(reason), ..) | (None, Some(reason), _) => (false, reason.clone()),
            (None, None, Some((reason, message))) => (reason == Reason::OnHold, (reason, message)),
            (None, None, None) => (true, self.ready()),
        };
        let generation = generation::of(self.pipeline, self.desired);
        let condition = |kind, status, (reason, message)| Condition {
            kind,
            status,
            reason,
            message,
            observed_generation: generation.clone(),
        };
        let abnormal = |kind, why: Option<Why>, otherwise| match why {
            Some(why) => condition(kind, true, why),
            None => condition(kind, false, (otherwise, String::new())),
        };
        PipelineStatus {
            name: self.pipeline.name.clone(),
            place: self.pipeline.place.clone(),
            conditions: [
                condition(ConditionType::Ready, is_ready, ready),
                abnormal(ConditionType::Reconciling, reconciling, Reason::NothingToDo),
                abnormal(ConditionType::Stalled, stalled, Reason::NothingInTheWay),
            ],
            generation,
            resources: self.pipeline.resources.iter().map(|id| self.resource(id)).collect(),
        }
    }

    /// What somebody must act on.
    fn stalled(&self) -> Option<Why> {
        let report = &self.plan.report;
        if let Some(finding) = self.about_us(&report.conflicts) {
            return Some((Reason::OwnershipConflict, told(finding)));
        }
        if let Some(finding) = self.about_us(&report.blocked) {
            return Some((finding.reason.unwrap_or(Reason::Blocked), told(finding)));
        }
        for id in &self.pipeline.resources {
            let Some(live) = self.observed.resources.get(id) else { continue };
            let migration = live.body.migration();
            if let Some((migration, failure)) = migration.zip(self.failure(id, live)) {
                // One that is not to run may be stopped for whatever reason.
                let counts = migration.phase == Phase::Failed || self.wants_to_run(id);
                if let Some(why) = of_failure(id, live, &failure).filter(|_| counts) {
                    return Some(why);
                }
                continue;
            }
            if let Settling::Broken(why) = Settling::of(&live.body) {
                let reason = match id.kind {
                    Kind::Task => Reason::TaskFailed,
                    Kind::ReplicationConfig => Reason::ReplicationFailed,
                    _ => Reason::ResourceFailed,
                };
                return Some((reason, format!("{id}: {why}")));
            }
            if let LiveBody::Connection(connection) = &live.body
                && connection.status == "failed"
            {
                let why = &connection.last_failure_message;
                return Some((
                    Reason::ConnectionFailed,
                    format!("{id}: the last connection test failed: {why}"),
                ));
            }
            if let Some(migration) = migration
                && migration.cause() == Some(Cause::OnDemand)
                && self.wants_to_run(id)
                && self.hold().is_none()
                && !self.plan.changes.iter().any(|change| &change.key.resource == id)
            {
                let reason =
                    if id.kind == Kind::Task { Reason::TaskStopped } else { Reason::ReplicationStopped };
                return Some((reason, format!("{id} has stopped: {}", migration.stop_reason)));
            }
        }
        let in_error = |finding: &&Finding| finding.reason == Some(Reason::TablesInError);
        let finding = self.all_about_us(&report.warnings).find(in_error)?;
        Some((Reason::TablesInError, told(finding)))
    }

    /// What is still to be done, by Pipewright or by AWS.
    fn reconciling(&self) -> Option<Why> {
        if let Some(kind) =
            Kind::ALL.iter().find(|&kind| self.observed.unread.contains_key(kind) && self.uses(*kind))
        {
            return Some((
                Reason::Unknown,
                format!("{kind}s could not be read: {}", self.observed.unread[kind]),
            ));
        }
        let mine: Vec<&Change> = self
            .plan
            .changes
            .iter()
            .filter(|change| self.pipeline.resources.contains(&change.key.resource))
            .collect();
        let awaited: Vec<&&Change> = mine.iter().filter(|change| change.action == Action::Await).collect();
        if let Some(first) = mine.iter().find(|change| change.action != Action::Await) {
            let count = mine.len() - awaited.len();
            let more = if count > 1 { format!(" and {} more", count - 1) } else { String::new() };
            return Some((
                Reason::ChangesPending,
                format!("{} {}{more}", first.action.as_str(), first.key.resource),
            ));
        }
        if let Some(first) = awaited.first() {
            let assessing = |finding: &&Finding| finding.reason == Some(Reason::Assessing);
            let finding = self.all_about_us(&self.plan.report.waiting).find(assessing);
            let told_of = || (Reason::Waiting, format!("{} {}", first.key.resource, first.reason));
            return Some(finding.map_or_else(told_of, |finding| (Reason::Assessing, told(finding))));
        }
        if self.pipeline.suspended {
            return None;
        }
        let waiting = &self.plan.report.waiting;
        // Of a hold nobody works on anything, and nobody must act.
        let waits = |finding: &&Finding| !finding.reason.is_some_and(Reason::is_hold);
        self.all_about_us(waiting)
            .find(waits)
            .map(|finding| (finding.reason.unwrap_or(Reason::Waiting), told(finding)))
    }

    /// What a person holds of it: that for which something is not done comes first.
    fn hold(&self) -> Option<Why> {
        let of = |reason| {
            let mut findings = self.all_about_us(&self.plan.report.waiting);
            findings.find(|finding| finding.reason == Some(reason)).map(|finding| (reason, told(finding)))
        };
        of(Reason::Held).or_else(|| of(Reason::OnHold))
    }

    fn ready(&self) -> Why {
        if self.pipeline.suspended {
            return (Reason::Suspended, "the spec says `suspend: true`; nothing is changed".to_owned());
        }
        let id = &self.pipeline.task;
        let Some(migration) = self.observed.resources.get(id).and_then(|live| live.body.migration()) else {
            return (Reason::AsSpecified, "every resource is as specified".to_owned());
        };
        let noun = if id.kind == Kind::Task { "task" } else { "replication" };
        let is_unmanaged = self.desired.resources.get(id).is_some_and(|declared| {
            MigrationDeclared::of(&declared.body).is_some_and(|body| body.run == Run::Unmanaged)
        });
        match migration.phase {
            Phase::Running => (Reason::Running, format!("the {noun} runs")),
            Phase::Stopped if migration.stopped_by_itself() => {
                (Reason::Finished, format!("the {noun} is done: {}", migration.stop_reason))
            }
            _ if is_unmanaged => {
                let why = migration.stop_reason;
                let why = if why.is_empty() { String::new() } else { format!(" ({why})") };
                let message = format!(
                    "the {noun} is {}{why}, and the spec leaves its running to others",
                    migration.status
                );
                (Reason::Unmanaged, message)
            }
            _ => (Reason::AsSpecified, format!("the {noun} is {}, as specified", migration.status)),
        }
    }

    fn about_us<'a>(&self, findings: &'a [Finding]) -> Option<&'a Finding> {
        self.all_about_us(findings).next()
    }

    fn all_about_us<'a>(&self, findings: &'a [Finding]) -> impl Iterator<Item = &'a Finding> {
        findings.iter().filter(|finding| {
            finding.resource.as_ref().is_some_and(|id| self.pipeline.resources.contains(id))
        })
    }

    fn uses(&self, kind: Kind) -> bool {
        self.pipeline.resources.iter().any(|id| id.kind == kind)
    }

    fn wants_to_run(&self, id: &ResourceId) -> bool {
        let declared = self.desired.resources.get(id);
        declared
            .and_then(|declared| MigrationDeclared::of(&declared.body))
            .is_some_and(|declared| declared.run == Run::Running)
            && !self.pipeline.suspended
    }

    /// That it failed by itself, and what is done about it.
    fn failure(&self, id: &ResourceId, live: &Live) -> Option<Failure> {
        let declared = MigrationDeclared::of(&self.desired.resources.get(id)?.body)?;
        Failure::of(id.kind, declared.recovery, &live.body.migration()?, &live.tags, self.observed.at)
    }

    fn resource(&self, id: &ResourceId) -> ResourceStatus {
        let live = self.observed.resources.get(id);
        let status = match live {
            Some(live) if live.body.status().is_empty() => "present".to_owned(),
            Some(live) => live.body.status().to_owned(),
            None if self.observed.unread.contains_key(&id.kind) => "unknown".to_owned(),
            None => "absent".to_owned(),
        };
        let ownership = match (live, self.observed.unread.get(&id.kind)) {
            (None, Some(reason)) => Ownership::Unreadable { reason: reason.clone() },
            (None, None) => Ownership::Absent,
            (Some(live), _) => match &live.body {
                LiveBody::ServiceRole(role) => {
                    Ownership::of_role(&live.tags, role.is_service_linked(), &self.desired.scope)
                }
                // Connections carry no tags; they belong to whoever owns what they connect.
                LiveBody::Connection(_) => Ownership::Owned,
                _ => Ownership::of_regional(&live.tags, &self.desired.scope),
            },
        };
        let full_load_progress =
            live.and_then(|live| live.body.migration()).and_then(|migration| migration.full_load_progress);
        ResourceStatus { id: id.clone(), status, ownership, full_load_progress }
    }
}

fn told(finding: &Finding) -> String {
    match &finding.resource {
        Some(id) => format!("{id} {}", finding.message),
        None => finding.message.clone(),
    }
}

/// Why a failure stalls; none while Pipewright is to resume it.
fn of_failure(id: &ResourceId, live: &Live, failure: &Failure) -> Option<Why> {
    let migration = live.body.migration()?;
    let said = match Settling::of(&live.body) {
        Settling::Broken(why) => format!("{id}: {why}"),
        _ => format!("{id} has stopped: {}", migration.stop_reason),
    };
    let is_task = id.kind == Kind::Task;
    match &failure.decision {
        Decision::Resume { .. } | Decision::BackOff { .. } => None,
        Decision::Exhausted { attempts } => Some((
            Reason::RecoveryExhausted,
            format!("{said}; not resumed any more: it failed again after {attempts} attempts"),
        )),
        Decision::Never(refusal) => {
            let reason = match (failure.cause, migration.phase) {
                (Cause::LowStorage, _) => Reason::LowStorage,
                (Cause::LowMemory, _) => Reason::LowMemory,
                (_, Phase::Stopped) if is_task => Reason::TaskStopped,
                (_, Phase::Stopped) => Reason::ReplicationStopped,
                _ if is_task => Reason::TaskFailed,
                _ => Reason::ReplicationFailed,
            };
            Some((reason, format!("{said}; not resumed: {}", refusal.why)))
        }
    }
}
