//! A plan as JSON for machines, in the shape of Terraform's plan JSON where that has one
//! (`resource_changes[].change.{actions,before,after,before_sensitive,after_sensitive}`).

use std::collections::{BTreeMap, BTreeSet};

use pipewright_model::{Environment, Kind, ResourceId, Secret, SpecPlace};
use serde::Serialize;
use serde_json::{Map, Value};

use super::value::shown;
use crate::{
    Action, Approved, Change, FieldDiff, Forced, OwnerDiff, Ownership, Part, Plan, Report, RoleSummary,
};

/// The version of the format. A new minor version only adds members.
pub const FORMAT_VERSION: &str = "1.0";

/// The plan as it is written to JSON. Members are in this order.
#[derive(Debug, Clone, Serialize)]
pub struct PlanJson {
    /// [`FORMAT_VERSION`].
    pub format_version: &'static str,
    /// The controller's identity.
    pub scope: String,
    /// The account and region.
    pub environment: Environment,
    /// What would be done, in the order in which text shows it.
    pub resource_changes: Vec<ResourceChangeJson>,
    /// What is held back, and why.
    pub report: Report,
    /// The shared roles that exist.
    pub roles: BTreeMap<String, RoleSummary>,
    /// The resources that are as they should be.
    pub unchanged: BTreeSet<ResourceId>,
    /// The kinds that could not be read, each with the reason.
    pub unread: BTreeMap<Kind, String>,
    /// The specs that were looked at, if not all were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only: Option<BTreeSet<String>>,
    /// The approvals without which it would hold something back.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub approvals: BTreeSet<Approved>,
    /// How many changes of each kind.
    pub summary: BTreeMap<&'static str, usize>,
    /// Whether `reconcile` would change or wait for anything.
    pub has_changes: bool,
    /// A hash of the plan and what it rests on.
    pub digest: String,
}

/// One change.
#[derive(Debug, Clone, Serialize)]
pub struct ResourceChangeJson {
    /// The resource: its kind and its name in AWS.
    pub address: String,
    /// The kind.
    pub kind: &'static str,
    /// The name in AWS.
    pub name: String,
    /// `main`, or for a task also `pause` and `run`.
    pub part: &'static str,
    /// What is done, in Pipewright's words.
    pub action: &'static str,
    /// What is done, in Terraform's shape.
    pub change: ChangeJson,
    /// What the resource's tags say now.
    pub ownership: Ownership,
    /// What it does to what runs.
    pub disruption: &'static str,
    /// What it does that cannot be taken back, and what makes it so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub forces: Vec<Forced>,
    /// Why.
    pub reason: String,
    /// The owners before and after, where they change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owners: Option<OwnerDiff>,
    /// The steps, in words and in order.
    pub steps: Vec<String>,
    /// The changes that must be done first.
    pub needs: Vec<String>,
    /// Where the spec is that asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<SpecPlace>,
}

/// The fields of one change. `before` and `after` hold the fields that differ by their dotted path; what
/// is not declared is not compared, and is in neither.
#[derive(Debug, Clone, Serialize)]
pub struct ChangeJson {
    /// Terraform's words: `create`, `update`, `delete` or `no-op`.
    pub actions: Vec<&'static str>,
    /// The live values; null for what is created.
    pub before: Value,
    /// The declared values; null for what is deleted.
    pub after: Value,
    /// True at every secret in `before`.
    pub before_sensitive: Value,
    /// True at every secret in `after`.
    pub after_sensitive: Value,
}

/// The plan in its JSON form.
pub fn json(plan: &Plan) -> PlanJson {
    let Plan { scope, environment, changes, report, unchanged, roles, unread, only, approvals } = plan;
    let mut summary = BTreeMap::new();
    for change in changes {
        *summary.entry(change.action.as_str()).or_insert(0) += 1;
    }
    PlanJson {
        format_version: FORMAT_VERSION,
        scope: scope.to_string(),
        environment: environment.clone(),
        resource_changes: changes.iter().map(resource_change).collect(),
        report: report.clone(),
        roles: roles.clone(),
        unchanged: unchanged.clone(),
        unread: unread.clone(),
        only: only.clone(),
        approvals: approvals.clone(),
        summary,
        has_changes: !plan.is_empty(),
        digest: plan.digest(),
    }
}

fn resource_change(change: &Change) -> ResourceChangeJson {
    let Change { key, action, ownership, disruption, forces, reason, fields, owners, steps, needs, place } =
        change;
    let part = match key.part {
        Part::Pause => "pause",
        Part::Main => "main",
        Part::Assessment => "assessment",
        Part::Run => "run",
        Part::Record => "record",
    };
    let before = match action {
        Action::Create => Value::Null,
        _ => side(fields, |field| &field.before),
    };
    let after = match action {
        Action::Delete => Value::Null,
        _ => side(fields, |field| &field.after),
    };
    ResourceChangeJson {
        address: key.resource.to_string(),
        kind: key.resource.kind.as_str(),
        name: key.resource.name.clone(),
        part,
        action: action.as_str(),
        change: ChangeJson {
            actions: vec![terraform_action(*action)],
            before_sensitive: sensitive(&before).unwrap_or_else(|| Value::Object(Map::new())),
            after_sensitive: sensitive(&after).unwrap_or_else(|| Value::Object(Map::new())),
            before,
            after,
        },
        ownership: ownership.clone(),
        disruption: disruption.as_str(),
        forces: forces.clone(),
        reason: reason.clone(),
        owners: owners.clone(),
        steps: steps.iter().map(ToString::to_string).collect(),
        needs: needs.iter().map(ToString::to_string).collect(),
        place: place.clone(),
    }
}

fn side(fields: &[FieldDiff], of: impl Fn(&FieldDiff) -> &Value) -> Value {
    let mut members: Map<String, Value> = Map::new();
    for field in fields {
        let value = shown(&field.path, of(field));
        // A path that comes twice, such as a policy to attach, holds a list.
        match members.get_mut(&field.path) {
            None => {
                members.insert(field.path.clone(), value);
            }
            Some(Value::Array(list)) => list.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    Value::Object(members)
}

/// The same shape with `true` at every secret; none where there is no secret.
fn sensitive(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) if text.contains(Secret::REDACTED) => Some(Value::Bool(true)),
        Value::Object(members) => {
            let found: Map<String, Value> =
                members.iter().filter_map(|(key, value)| Some((key.clone(), sensitive(value)?))).collect();
            (!found.is_empty()).then_some(Value::Object(found))
        }
        Value::Array(list) if list.iter().any(|item| sensitive(item).is_some()) => Some(Value::Array(
            list.iter().map(|item| sensitive(item).unwrap_or(Value::Bool(false))).collect(),
        )),
        _ => None,
    }
}

fn terraform_action(action: Action) -> &'static str {
    match action {
        Action::Create => "create",
        Action::Delete => "delete",
        Action::Update
        | Action::Adopt
        | Action::Join
        | Action::Leave
        | Action::Replace
        | Action::Release
        | Action::Transfer
        | Action::Test
        | Action::Assess
        | Action::Start
        | Action::Pause
        | Action::Resume
        | Action::Reload
        | Action::Stop => "update",
        Action::Await => "no-op",
    }
}
