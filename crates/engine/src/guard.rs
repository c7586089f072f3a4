//! The last look before something that cannot be undone.

use pipewright_model::tags::{self, DrainMark};
use pipewright_model::{LiveBody, Timestamp};
use pipewright_plan::{Guard, uses_role};

use crate::{CallError, CloudRead};

/// Looks whether a guard holds: `Ok(None)` if it does, otherwise what is not as it must be.
pub(crate) async fn check<R: CloudRead>(
    reader: &R,
    guard: &Guard,
    now: Timestamp,
) -> Result<Option<String>, CallError> {
    let (Guard::RoleOwnerless { role, role_id } | Guard::RoleDeletable { role, role_id, .. }) = guard;
    let Some(live) = reader.role(role).await? else {
        return Ok(Some(format!("{role} is gone")));
    };
    let LiveBody::ServiceRole(body) = &live.body else {
        return Ok(Some(format!("{role} is not a role")));
    };
    if body.role_id != *role_id {
        return Ok(Some(format!("{role} was deleted and made again")));
    }
    let owners = tags::owners(&live.tags);
    if !owners.is_empty() {
        let names = owners.into_keys().collect::<Vec<_>>().join(", ");
        return Ok(Some(format!("{role} is owned by {names} now")));
    }
    let Guard::RoleDeletable { grace, unused_by, .. } = guard else {
        return Ok(None);
    };
    if live.tags.get(tags::ORIGIN).is_none_or(|origin| origin != tags::CREATED) {
        return Ok(Some(format!("{role} was not made by Pipewright")));
    }
    if let Some(policy) = body.inline_policies.keys().next() {
        return Ok(Some(format!("somebody else added the inline policy {policy} to {role}")));
    }
    match DrainMark::of(&live.tags) {
        Some(Ok(mark)) if mark.role_id == *role_id && now.since(mark.since) >= *grace => {}
        _ => return Ok(Some(format!("the drain mark of {role} has changed"))),
    }
    for kind in unused_by {
        let users = reader.list(*kind).await?;
        if let Some((user, _)) = users.iter().find(|(_, live)| uses_role(&live.body)) {
            return Ok(Some(format!("{user} needs {role}")));
        }
    }
    Ok(None)
}
