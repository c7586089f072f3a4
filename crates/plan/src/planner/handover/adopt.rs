//! `adopt`: become the owner of what exists and nobody owns, or of what the named owner had.

use std::collections::{BTreeMap, BTreeSet};

use pipewright_model::kinds::RoleDeclared;
use pipewright_model::tags::{IMPORTED_FROM, Owners};
use pipewright_model::{Adopt, Body, Declared, FormerOwner, Live, ResourceId};

use super::super::{Draft, change, regional, roles};
use super::{live, owner_of};
use crate::kinds::{self, Changes};
use crate::{Action, Change, FieldDiff, OwnerDiff, Ownership};

/// Plans it for each resource on its own: a conflict about one holds up no other.
pub(super) fn plan(draft: &mut Draft<'_>, resources: &BTreeSet<ResourceId>, from: Option<&FormerOwner>) {
    let desired = draft.desired;
    for id in resources {
        let Some(declared) = desired.resources.get(id) else {
            let hint = "adopt takes over what specs declare: write a document that declares it";
            draft.block(id, "is not declared by any spec".to_owned(), hint.to_owned());
            continue;
        };
        let Some(live) = live(draft, id, "does not exist; `pipewright reconcile` makes it") else { continue };
        match &declared.body {
            Body::ServiceRole(role) => join(draft, id, declared, role, live),
            _ => adopt(draft, id, declared, live, from),
        }
    }
}

fn adopt(
    draft: &mut Draft<'_>,
    id: &ResourceId,
    declared: &Declared,
    live: &Live,
    from: Option<&FormerOwner>,
) {
    let scope = &draft.desired.scope;
    let ownership = Ownership::of_regional(&live.tags, scope);
    let former = FormerOwner::of(&live.tags);
    match &ownership {
        Ownership::Owned => return draft.warn(id, format!("is owned by {scope} already")),
        Ownership::Foreign { by } => {
            let names_it = from.is_some_and(|from| former.as_ref().is_some_and(|former| from.covers(former)));
            if !names_it {
                let message = format!("exists and is owned by {by}");
                let from = former.map(|former| format!(" with `--from {former}`")).unwrap_or_default();
                let hint = format!("ask the owner to release or transfer it, or take it over{from}");
                return draft.conflict(id, ownership, message, hint);
            }
        }
        _ => {}
    }
    if live.body.status() == "deleting" {
        return draft.waiting(id, "is being deleted".to_owned());
    }
    let changes = kinds::difference(id, &declared.body, live, draft.desired, draft.observed);
    // What is as declared needs nothing more; otherwise the other tags would tell what was not sent yet.
    let is_as_declared =
        changes.as_ref().is_none_or(|changes| changes.fields.is_empty() && changes.forcing.is_empty());
    let mut tags =
        if is_as_declared { kinds::tags(id, declared, draft.desired) } else { kinds::marks(declared, scope) };
    tags.extend(regional::imported_from(&live.tags).map(|from| (IMPORTED_FROM.to_owned(), from)));
    let retag = regional::Retag::new(id, &tags, &live.tags);
    let reason = match &ownership {
        Ownership::Foreign { by } => format!("is owned by {by}, and is taken over from there"),
        _ => "exists but not owned".to_owned(),
    };
    let after = BTreeMap::from([(scope.to_string(), declared.spec.clone())]);
    draft.add(Change {
        reason,
        owners: Some(OwnerDiff { before: owner_of(&live.tags), after }),
        steps: retag.steps(id),
        fields: retag.fields,
        ..change(id, Action::Adopt, ownership, Some(declared))
    });
    if let Some(changes) = changes {
        tell_of(draft, id, &changes);
    }
}

/// Tells what the next plan will do about a resource that differs from its spec.
fn tell_of(draft: &mut Draft<'_>, id: &ResourceId, Changes { fields, forcing, .. }: &Changes) {
    let paths = |fields: &[FieldDiff]| {
        let paths: BTreeSet<&str> = fields.iter().map(|field| field.path.as_str()).collect();
        paths.into_iter().collect::<Vec<_>>().join(", ")
    };
    if !forcing.is_empty() {
        let paths = paths(forcing);
        draft.warn(id, format!("differs from its spec in what cannot be changed in place: {paths}"));
    } else if !fields.is_empty() {
        let paths = paths(fields);
        draft.warn(id, format!("differs from its spec, and `pipewright reconcile` will change it: {paths}"));
    }
}

/// A role is joined as a plan would join it, also where the specs say `adopt: never`: that is about what
/// happens without being asked for.
fn join(draft: &mut Draft<'_>, id: &ResourceId, declared: &Declared, role: &RoleDeclared, live: &Live) {
    let scope = &draft.desired.scope;
    if Owners::of(&live.tags, scope).own.is_some() {
        return draft.warn(id, format!("is owned by {scope} already"));
    }
    if !role.manage {
        return draft.waiting(id, "is left to whoever keeps it: the specs say `manage: false`".to_owned());
    }
    let adopt = match declared.adopt {
        Adopt::Never => Adopt::IfCompatible,
        said => said,
    };
    roles::needed(draft, id, &Declared { adopt, ..declared.clone() }, role);
}
