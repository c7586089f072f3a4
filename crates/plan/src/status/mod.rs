//! How pipelines are: conditions in the manner of kstatus, from what is desired, what was observed and
//! what is planned.
//!
//! `Ready` says whether the pipeline is as its spec wants it, `Reconciling` whether Pipewright or AWS
//! still works on it, `Stalled` whether somebody must act before it can go on. At most one of them is true,
//! and neither of the last two is where all is well: both are what kstatus calls abnormal-true
//! (kubernetes-sigs/cli-utils, `pkg/kstatus/README.md`).

mod generation;
mod pipeline;
mod reason;

use std::collections::{BTreeMap, BTreeSet};

use pipewright_model::{Desired, Kind, Observed, ResourceId, Scope, SpecPlace};
use serde::Serialize;

pub use self::reason::Reason;

use self::pipeline::View;
use crate::{Ownership, Plan, RoleSummary};

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
    /// A hash of what its specs declare, as twelve hexadecimal digits: the same from the same specs wherever
    /// they lie and however they are written, and another as soon as they ask for something else. Secrets are
    /// not in it.
    pub generation: String,
    /// `Ready`, `Reconciling` and `Stalled`, in this order.
    pub conditions: [Condition; 3],
    /// Its resources.
    pub resources: Vec<ResourceStatus>,
}

impl PipelineStatus {
    /// The condition that matters most: the one that stalls, the one that works, or that it is ready.
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
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// Which.
    #[serde(rename = "type")]
    pub kind: ConditionType,
    /// Whether it holds.
    pub status: bool,
    /// Why, as one word for machines.
    pub reason: Reason,
    /// Why, for people; empty where the condition does not hold.
    pub message: String,
    /// The [`generation`](PipelineStatus::generation) of the specs that this is about. Specs with another one
    /// were not looked at yet.
    pub observed_generation: String,
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
