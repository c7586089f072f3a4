//! `release`: take this scope's marks off; what they were on stays as it is.

use std::collections::{BTreeMap, BTreeSet};

use pipewright_model::tags::{Owners, PAUSED};
use pipewright_model::{Kind, Live, ResourceId};

use super::super::{Draft, prune, roles};
use super::{live, owner_of};
use crate::{ChangeKey, OwnerDiff, Ownership};

/// Plans it for each resource on its own.
pub(super) fn plan(draft: &mut Draft<'_>, resources: &BTreeSet<ResourceId>) {
    for id in resources {
        let Some(live) = live(draft, id, "does not exist, and there is nothing to release") else { continue };
        if id.kind == Kind::ServiceRole {
            let_role_go(draft, id, live);
        } else {
            let_go(draft, id, live);
        }
    }
}

fn let_go(draft: &mut Draft<'_>, id: &ResourceId, live: &Live) {
    let scope = &draft.desired.scope;
    match Ownership::of_regional(&live.tags, scope) {
        Ownership::Owned => {}
        Ownership::Foreign { by } => {
            let message = format!("is not {scope}'s to release: it is owned by {by}");
            let hint = "its owner can release it".to_owned();
            return draft.conflict(id, Ownership::Foreign { by }, message, hint);
        }
        _ => return draft.warn(id, "is owned by nobody, and there is nothing to release".to_owned()),
    }
    if live.tags.contains_key(PAUSED) {
        let message = "was stopped for a change, and nothing would start it again".to_owned();
        return draft.block(id, message, "let `pipewright reconcile` finish first".to_owned());
    }
    let before = owner_of(&live.tags);
    prune::release(draft, id, live, "stays as it is, owned by nobody".to_owned());
    if let Some(change) = draft.changes.get_mut(&ChangeKey::main(id)) {
        change.owners = Some(OwnerDiff { before, after: BTreeMap::new() });
    }
    if let Some(declared) = draft.desired.resources.get(id) {
        let spec = declared.spec.clone();
        let message = format!(
            "{spec} still declares it: until that is gone, plans report a conflict, `exists but not owned`"
        );
        draft.warn(id, message);
    }
}

fn let_role_go(draft: &mut Draft<'_>, id: &ResourceId, live: &Live) {
    let scope = draft.desired.scope.clone();
    let Owners { own, others, .. } = Owners::of(&live.tags, &scope);
    if own.is_none() {
        let ownership = roles::ownership(draft, Some(live));
        return draft.warn(id, format!("is not owned by {scope} ({ownership}): there is nothing to release"));
    }
    let reason = if others.is_empty() {
        "stays as it is: nobody owns it any more, and Pipewright will not delete it".to_owned()
    } else {
        format!("stays as it is, owned by {}", crate::shared_role::describe_owners(&others))
    };
    roles::let_go(draft, id, live, reason);
    let needed = draft.desired.resources.get(id).map(|declared| &declared.body);
    if let Some(pipewright_model::Body::ServiceRole(role)) = needed
        && role.manage
    {
        let specs = role.needed_by.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        draft.warn(id, format!("is still needed by {specs}, and the next pass joins it again"));
    }
}
