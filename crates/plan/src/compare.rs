//! What differs between two spec trees, without AWS: the changes of a plan from an account that is as the
//! first one says to what the second one says.

use std::collections::{BTreeMap, BTreeSet};

use pipewright_model::{
    Body, Declared, DeletionPolicy, Desired, FieldChange, Kind, ResourceId, Scope, change_of,
};
use serde_json::{Value, json};

use crate::diff::declared_fields;
use crate::kinds::disruption;
use crate::planner::change;
use crate::render;
use crate::{Action, Change, Disruption, FieldDiff, OwnerDiff, Ownership, Plan, Report};

/// Compares what two spec trees declare in one environment. The plan has no steps: it tells what is declared
/// otherwise, and not what of that is still to be done.
pub fn compare(before: &Desired, after: &Desired) -> Plan {
    let ids: BTreeSet<&ResourceId> = before.resources.keys().chain(after.resources.keys()).collect();
    // A connection is no document's, and is as its two sides are.
    let ids = ids.into_iter().filter(|id| id.kind != Kind::Connection);
    let mut changes = Vec::new();
    let mut unchanged = BTreeSet::new();
    for id in ids {
        let (old, new) = (before.resources.get(id), after.resources.get(id));
        match compare_one(id, old, new, after) {
            Some(change) => changes.push(change),
            None => {
                unchanged.insert(id.clone());
            }
        }
    }
    Plan {
        scope: after.scope.clone(),
        environment: after.environment.clone(),
        changes,
        report: Report::default(),
        unchanged,
        roles: BTreeMap::new(),
        unread: BTreeMap::new(),
        only: after.only.clone(),
        approvals: BTreeSet::new(),
    }
}

fn compare_one(
    id: &ResourceId,
    old: Option<&Declared>,
    new: Option<&Declared>,
    after: &Desired,
) -> Option<Change> {
    let fields = differing(old, new);
    let owners = (id.kind == Kind::ServiceRole)
        .then(|| OwnerDiff { before: owners(old, &after.scope), after: owners(new, &after.scope) });
    let same_owners = owners.as_ref().is_none_or(|owners| owners.before == owners.after);
    let (action, reason) = match (old, new) {
        (None, _) => (Action::Create, "is declared by the second specs only"),
        (Some(_), None) => (Action::Delete, "is declared by the first specs only"),
        (Some(_), Some(_)) if fields.is_empty() && same_owners => return None,
        (Some(_), Some(_)) if fields.is_empty() => (Action::Update, "other specs need it"),
        (Some(_), Some(_)) => (Action::Update, "is declared otherwise"),
    };
    let disruption = match action {
        Action::Delete => Disruption::Destroys,
        Action::Update => disruption_of(id.kind, &fields),
        _ => Disruption::None,
    };
    Some(Change {
        disruption,
        reason: reason.to_owned(),
        fields,
        owners,
        ..change(id, action, Ownership::Absent, new.or(old))
    })
}

/// What changing these fields does, as far as one can tell without AWS: a task that runs stops for a change of its
/// endpoint.
fn disruption_of(kind: Kind, fields: &[FieldDiff]) -> Disruption {
    let effects = fields.iter().filter_map(|field| change_of(kind, &field.path));
    let of_effect = |effect| match effect {
        FieldChange::StopsUsers => Disruption::StopsTask,
        effect => disruption(effect),
    };
    effects.map(of_effect).max().unwrap_or(Disruption::None)
}

/// The specs of the scope that need a role.
fn owners(declared: Option<&Declared>, scope: &Scope) -> BTreeMap<String, String> {
    let Some(Body::ServiceRole(role)) = declared.map(|declared| &declared.body) else {
        return BTreeMap::new();
    };
    let specs = role.needed_by.iter().cloned().collect::<Vec<_>>().join(" ");
    BTreeMap::from([(scope.to_string(), specs)])
}

/// The declared fields that differ; of what is removed, none.
fn differing(old: Option<&Declared>, new: Option<&Declared>) -> Vec<FieldDiff> {
    let Some(new) = new else { return Vec::new() };
    let mut before: BTreeMap<String, Value> = old.map(fields_of).unwrap_or_default();
    let mut fields = Vec::new();
    for (path, after) in fields_of(new) {
        let before = before.remove(&path).unwrap_or(Value::Null);
        if before != after {
            fields.push(FieldDiff { path, before, after });
        }
    }
    fields.extend(before.into_iter().map(|(path, before)| FieldDiff { path, before, after: Value::Null }));
    fields
}

/// Everything that is declared of a resource, by dotted path. Who needs a role is told as its owners.
fn fields_of(declared: &Declared) -> BTreeMap<String, Value> {
    let mut fields = BTreeMap::new();
    for FieldDiff { path, after, .. } in declared_fields(&declared.body) {
        if path != "neededBy" {
            flatten(path, after, &mut fields);
        }
    }
    for (key, value) in &declared.tags {
        fields.insert(format!("tags.{key}"), json!(value));
    }
    for (path, holds) in [("protect", declared.protected), ("suspend", declared.suspended)] {
        if holds {
            fields.insert(path.to_owned(), json!(true));
        }
    }
    if declared.deletion_policy != DeletionPolicy::default() {
        fields.insert("deletionPolicy".to_owned(), json!(declared.deletion_policy));
    }
    fields
}

/// Settings by their names; what is a document stays whole.
fn flatten(path: String, value: Value, fields: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(members) if !members.is_empty() && !render::is_document(&json!(members)) => {
            for (key, value) in members {
                flatten(format!("{path}.{key}"), value, fields);
            }
        }
        value => {
            fields.insert(path, value);
        }
    }
}
