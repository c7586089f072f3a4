//! The last look before something that cannot be undone: the reads. What they mean is decided by
//! [`Guard::holds`].

use std::collections::BTreeMap;

use pipewright_model::{ResourceId, Timestamp};
use pipewright_plan::{Guard, Refusal};

use crate::{CallError, CloudRead};

/// Looks whether a guard holds: `Ok(None)` if it does, otherwise why not.
pub(crate) async fn check<R: CloudRead>(
    reader: &R,
    guard: &Guard,
    now: Timestamp,
) -> Result<Option<Refusal>, CallError> {
    let live = reader.role(guard.role()).await?;
    let mut users = BTreeMap::new();
    // Listing whole kinds is dear, and not needed if the role itself tells enough.
    let mut answer = guard.holds(live.as_ref(), &users, now);
    for kind in guard.user_kinds() {
        if answer.is_ok() {
            users.append(&mut reader.list(kind).await?);
            for (region, found) in reader.elsewhere(kind).await? {
                // The same name can be in two regions.
                let named = |id: ResourceId| ResourceId::new(id.kind, format!("{} in {region}", id.name));
                users.extend(found.into_iter().map(|(id, live)| (named(id), live)));
            }
            answer = guard.holds(live.as_ref(), &users, now);
        }
    }
    Ok(answer.err())
}
