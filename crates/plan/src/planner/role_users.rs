//! Which resources need a shared role, whoever owns them.

use std::collections::BTreeSet;

use pipewright_model::kinds::{EndpointType, FixedRole, logging_is_off};
use pipewright_model::tags::Tags;
use pipewright_model::{Kind, LiveBody, ResourceId};

use super::Draft;
use crate::{Action, ChangeKey};

/// The kinds of resource that cannot do without this role.
pub fn role_users(role: &str) -> BTreeSet<Kind> {
    let mut kinds = match FixedRole::named(role) {
        Some(FixedRole::VPC) => BTreeSet::from([Kind::SubnetGroup, Kind::Instance, Kind::ReplicationConfig]),
        Some(FixedRole::CLOUDWATCH_LOGS) => BTreeSet::from([Kind::Task, Kind::ReplicationConfig]),
        _ => BTreeSet::new(),
    };
    // An endpoint can name any role in its settings.
    kinds.insert(Kind::Endpoint);
    kinds
}

/// Why a role is needed, or may be needed, in another region of the account.
pub(super) fn needed_elsewhere(draft: &Draft<'_>, role: &ResourceId) -> Option<String> {
    let elsewhere = &draft.observed.elsewhere;
    if let Some(reason) = &elsewhere.unread {
        return Some(format!("another region could not be read: {reason}"));
    }
    elsewhere.resources.iter().find_map(|(region, found)| {
        let (user, _) = found.iter().find(|(_, live)| uses_role(&role.name, &live.body))?;
        Some(format!("{user} in {region} needs it"))
    })
}

/// A live resource that needs this role and that this plan does not delete, among such by identity and
/// tags.
pub(super) fn live_user(
    draft: &Draft<'_>,
    role: &ResourceId,
    such: impl Fn(&ResourceId, &Tags) -> bool,
) -> Option<ResourceId> {
    let deleted = |id: &ResourceId| {
        draft.changes.get(&ChangeKey::main(id)).is_some_and(|change| change.action == Action::Delete)
    };
    draft
        .observed
        .resources
        .iter()
        .find(|(id, live)| uses_role(&role.name, &live.body) && such(id, &live.tags) && !deleted(id))
        .map(|(id, _)| id.clone())
}

/// Whether a live resource needs this role, whoever owns it.
pub fn uses_role(role: &str, body: &LiveBody) -> bool {
    match (FixedRole::named(role), body) {
        (
            Some(FixedRole::VPC),
            LiveBody::SubnetGroup(_) | LiveBody::Instance(_) | LiveBody::ReplicationConfig(_),
        ) => true,
        (Some(FixedRole::CLOUDWATCH_LOGS), LiveBody::Task(task)) => !logging_is_off(&task.settings),
        (Some(FixedRole::CLOUDWATCH_LOGS), LiveBody::ReplicationConfig(config)) => {
            !logging_is_off(&config.settings)
        }
        (fixed, LiveBody::Endpoint(endpoint)) => {
            let stages =
                endpoint.engine.starts_with("redshift") && endpoint.endpoint_type == EndpointType::Target;
            endpoint.names_role(role) || stages && fixed == Some(FixedRole::ACCESS_FOR_ENDPOINT)
        }
        _ => false,
    }
}
