//! How pipelines are: conditions in the manner of kstatus, from what is desired, what was observed and
//! what is planned.
//!
//! `Ready` says whether the pipeline is as its spec wants it, `Reconciling` whether Pipewright or AWS
//! still works on it, `Stalled` whether somebody must act before it can go on.

use std::collections::{BTreeMap, BTreeSet};

use pipewright_model::kinds::{MigrationObserved, Phase, Run};
use pipewright_model::{Desired, Kind, LiveBody, Observed, Pipeline, ResourceId, Scope, SpecPlace};
use serde::Serialize;

use crate::kinds::migration::MigrationDeclared;
use crate::wait::Settling;
use crate::{Action, Change, Finding, Ownership, Plan, RoleSummary, WaitReason};

/// The status of one environment.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The controller's identity.
    pub scope: Scope,
    /// The environment's name.
    pub environment: String,
    /// The account.
    pub account_id: String,
    /// The region.
    pub region: String,
    /// The pipelines, by name.
    pub pipelines: Vec<PipelineStatus>,
    /// The shared roles that exist, with their owners.
    pub roles: BTreeMap<String, RoleSummary>,
    /// What is owned by this scope and declared by no spec any more.
    pub undeclared: Vec<ResourceId>,
    /// Why the picture is not complete, by kind of resource.
    pub unread: BTreeMap<Kind, String>,
    /// The specs that were looked at, if not all were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only: Option<BTreeSet<String>>,
}

impl Status {
    /// Whether every pipeline is ready and everything could be read.
    pub fn is_ready(&self) -> bool {
        let Self { pipelines, unread, .. } = self;
        unread.is_empty() && pipelines.iter().all(|pipeline| pipeline.conditions[0].status)
    }

    /// The names of the pipelines that are stalled.
    pub fn stalled(&self) -> BTreeSet<&str> {
        self.pipelines
            .iter()
            .filter(|pipeline| pipeline.conditions[2].status)
            .map(|pipeline| pipeline.name.as_str())
            .collect()
    }
}

/// The status of one pipeline.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PipelineStatus {
    /// Its name.
    pub name: String,
    /// Where it is declared.
    pub place: SpecPlace,
    /// `Ready`, `Reconciling` and `Stalled`, in this order.
    pub conditions: [Condition; 3],
    /// Its resources.
    pub resources: Vec<ResourceStatus>,
}

impl PipelineStatus {
    /// The condition that matters most: the one that stalls, the one that works, or whether it is ready.
    pub fn headline(&self) -> &Condition {
        let [ready, reconciling, stalled] = &self.conditions;
        if stalled.status {
            stalled
        } else if reconciling.status {
            reconciling
        } else {
            ready
        }
    }
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Condition {
    /// Which.
    #[serde(rename = "type")]
    pub kind: ConditionType,
    /// Whether it holds.
    pub status: bool,
    /// Why, as one word for machines.
    pub reason: &'static str,
    /// Why, for people.
    pub message: String,
}

/// The three conditions of kstatus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum ConditionType {
    /// It is as its spec wants it.
    Ready,
    /// Something is still done for it.
    Reconciling,
    /// Somebody must act.
    Stalled,
}

/// The status of one resource of a pipeline.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceStatus {
    /// The resource.
    pub id: ResourceId,
    /// What AWS says: its status word, `present` where AWS has none, `absent`, or `unknown`.
    pub status: String,
    /// What its tags say.
    pub ownership: Ownership,
    /// How much of a task's full load is done, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_load_progress: Option<i32>,
}

/// The status of everything that is desired in one environment. `plan` is the plan of the same desired
/// and observed.
pub fn status(desired: &Desired, observed: &Observed, plan: &Plan) -> Status {
    let undeclared = observed
        .resources
        .iter()
        .filter(|(id, live)| {
            desired.only.is_none()
                && !matches!(id.kind, Kind::ServiceRole | Kind::Connection)
                && !desired.resources.contains_key(id)
                && Ownership::is_own(&live.tags, &desired.scope)
        })
        .map(|(id, _)| id.clone())
        .collect();
    Status {
        scope: desired.scope.clone(),
        environment: desired.environment.name.clone(),
        account_id: desired.environment.account_id.clone(),
        region: desired.environment.region.clone(),
        pipelines: desired
            .pipelines
            .values()
            .filter(|pipeline| desired.only.as_ref().is_none_or(|only| only.contains(&pipeline.name)))
            .map(|pipeline| View { desired, observed, plan, pipeline }.status())
            .collect(),
        roles: plan.roles.clone(),
        undeclared,
        unread: observed.unread.clone(),
        only: desired.only.clone(),
    }
}

/// One pipeline and all that is known of it.
struct View<'a> {
    desired: &'a Desired,
    observed: &'a Observed,
    plan: &'a Plan,
    pipeline: &'a Pipeline,
}

type Reason = (&'static str, String);

impl View<'_> {
    fn status(&self) -> PipelineStatus {
        let stalled = self.stalled();
        let reconciling = if stalled.is_some() { None } else { self.reconciling() };
        let hold = self.hold();
        let (is_ready, ready) = match (&stalled, &reconciling, hold) {
            (Some(reason), ..) | (None, Some(reason), _) => (false, reason.clone()),
            (None, None, Some((reason, message))) => {
                (reason == WaitReason::OnHold, (reason.as_str(), message))
            }
            (None, None, None) => (true, self.ready()),
        };
        let condition = |kind, reason: Option<Reason>, otherwise: &'static str| match reason {
            Some((reason, message)) => Condition { kind, status: true, reason, message },
            None => Condition { kind, status: false, reason: otherwise, message: String::new() },
        };
        let (reason, message) = ready;
        PipelineStatus {
            name: self.pipeline.name.clone(),
            place: self.pipeline.place.clone(),
            conditions: [
                Condition { kind: ConditionType::Ready, status: is_ready, reason, message },
                condition(ConditionType::Reconciling, reconciling, "NothingToDo"),
                condition(ConditionType::Stalled, stalled, "NothingInTheWay"),
            ],
            resources: self.pipeline.resources.iter().map(|id| self.resource(id)).collect(),
        }
    }

    /// What somebody must act on.
    fn stalled(&self) -> Option<Reason> {
        let report = &self.plan.report;
        if let Some(finding) = self.about_us(&report.conflicts) {
            return Some(("OwnershipConflict", told(finding)));
        }
        if let Some(finding) = self.about_us(&report.blocked) {
            return Some(("Blocked", told(finding)));
        }
        for id in &self.pipeline.resources {
            let Some(live) = self.observed.resources.get(id) else { continue };
            if let Settling::Broken(why) = Settling::of(&live.body) {
                let reason = match id.kind {
                    Kind::Task => "TaskFailed",
                    Kind::ReplicationConfig => "ReplicationFailed",
                    _ => "ResourceFailed",
                };
                return Some((reason, format!("{id}: {why}")));
            }
            if let LiveBody::Connection(connection) = &live.body
                && connection.status == "failed"
            {
                let why = &connection.last_failure_message;
                return Some(("ConnectionFailed", format!("{id}: the last connection test failed: {why}")));
            }
            if let Some(migration) = live.body.migration()
                && self.wants_to_run(id)
                && self.has_stopped_for_good(id, migration)
            {
                let reason = if id.kind == Kind::Task { "TaskStopped" } else { "ReplicationStopped" };
                return Some((reason, format!("{id} has stopped: {}", migration.stop_reason)));
            }
        }
        None
    }

    /// What is still to be done, by Pipewright or by AWS.
    fn reconciling(&self) -> Option<Reason> {
        if let Some(kind) =
            Kind::ALL.iter().find(|&kind| self.observed.unread.contains_key(kind) && self.uses(*kind))
        {
            return Some(("Unknown", format!("{kind}s could not be read: {}", self.observed.unread[kind])));
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
                "ChangesPending",
                format!("{} {}{more}", first.action.as_str(), first.key.resource),
            ));
        }
        if let Some(first) = awaited.first() {
            return Some(("Waiting", format!("{} {}", first.key.resource, first.reason)));
        }
        if self.pipeline.suspended {
            return None;
        }
        // Of a hold nobody works on anything, and nobody must act.
        let waits = |finding: &&Finding| !finding.reason.is_some_and(WaitReason::is_hold);
        self.all_about_us(&self.plan.report.waiting)
            .find(waits)
            .map(|finding| (finding.reason.map_or("Waiting", WaitReason::as_str), told(finding)))
    }

    /// What a person holds of it: that for which something is not done comes first.
    fn hold(&self) -> Option<(WaitReason, String)> {
        let of = |reason| {
            let mut findings = self.all_about_us(&self.plan.report.waiting);
            findings.find(|finding| finding.reason == Some(reason)).map(|finding| (reason, told(finding)))
        };
        of(WaitReason::Held).or_else(|| of(WaitReason::OnHold))
    }

    fn ready(&self) -> Reason {
        if self.pipeline.suspended {
            return ("Suspended", "the spec says `suspend: true`; nothing is changed".to_owned());
        }
        let id = &self.pipeline.task;
        let Some(migration) = self.observed.resources.get(id).and_then(|live| live.body.migration()) else {
            return ("AsSpecified", "every resource is as specified".to_owned());
        };
        let noun = if id.kind == Kind::Task { "task" } else { "replication" };
        let is_unmanaged = self.desired.resources.get(id).is_some_and(|declared| {
            MigrationDeclared::of(&declared.body).is_some_and(|body| body.run == Run::Unmanaged)
        });
        match migration.phase {
            Phase::Running => ("Running", format!("the {noun} runs")),
            Phase::Stopped if migration.stopped_by_itself() => {
                ("Finished", format!("the {noun} is done: {}", migration.stop_reason))
            }
            _ if is_unmanaged => {
                let why = migration.stop_reason;
                let why = if why.is_empty() { String::new() } else { format!(" ({why})") };
                let message = format!(
                    "the {noun} is {}{why}, and the spec leaves its running to others",
                    migration.status
                );
                ("Unmanaged", message)
            }
            _ => ("AsSpecified", format!("the {noun} is {}, as specified", migration.status)),
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

    /// Whether a task that is to run has stopped, and neither because it was done nor to be resumed.
    fn has_stopped_for_good(&self, id: &ResourceId, migration: MigrationObserved<'_>) -> bool {
        migration.phase == Phase::Stopped
            && !migration.stopped_by_itself()
            && self.hold().is_none()
            && !self.plan.changes.iter().any(|change| &change.key.resource == id)
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
