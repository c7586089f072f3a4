//! Resources outside: named by specs, kept by somebody else. They are only read.

use pipewright_model::kinds::EndpointType;
use pipewright_model::{Body, Declared, Kind, LiveBody, Ref, ResourceId};

use super::Draft;
use crate::kinds::{self, migration::MigrationDeclared};
use crate::wait::Settling;

/// Whether everything outside that a resource names is there and fits. If not, the report says what to
/// do, and nothing is done about the resource.
pub(super) fn is_usable(draft: &mut Draft<'_>, id: &ResourceId, declared: &Declared) -> bool {
    if id.kind == Kind::Connection {
        return true;
    }
    for reference in kinds::refs(&declared.body).into_iter().filter(|reference| reference.is_outside()) {
        let kind = kind_of(&declared.body, reference);
        if let Some(reason) = draft.unread(kind) {
            let message = format!("not judged, since {reference}, which it refers to, could not be read");
            draft.make_unavailable(id);
            draft.waiting(id, format!("{message}: {reason}"));
            return false;
        }
        if let Some(message) = obstacle(draft, &declared.body, kind, reference) {
            draft.make_unavailable(id);
            let hint = "it is kept by somebody else, and only read: ask whoever keeps it, correct the \
                        reference, or declare one here and refer to it by name";
            draft.block(id, message, hint.to_owned());
            return false;
        }
    }
    true
}

/// Why a resource outside cannot be used.
fn obstacle(draft: &Draft<'_>, user: &Body, kind: Kind, reference: &Ref) -> Option<String> {
    let Some((found, live)) = draft.observed.resolve(reference).filter(|(found, _)| found.kind == kind)
    else {
        let environment = &draft.desired.environment;
        return Some(format!(
            "refers to {reference}, and there is no such {kind} in account {}, {}",
            environment.account_id, environment.region
        ));
    };
    if live.body.status() == "deleting" {
        return Some(format!("refers to {found}, which is being deleted"));
    }
    if let Settling::Broken(why) = Settling::of(&live.body) {
        return Some(format!("refers to {found}, which cannot be used: {why}"));
    }
    if let (Some(migration), LiveBody::Endpoint(endpoint)) = (MigrationDeclared::of(user), &live.body) {
        let wanted = if reference == migration.source { EndpointType::Source } else { EndpointType::Target };
        if endpoint.endpoint_type != wanted {
            let is = endpoint.endpoint_type;
            return Some(format!("refers to {found} as its {wanted}, and it is a {is} endpoint"));
        }
    }
    None
}

/// The kind of resource that a reference of this body stands for.
fn kind_of(user: &Body, reference: &Ref) -> Kind {
    match (reference, user) {
        (Ref::Managed(id) | Ref::ExternalId(id), _) => id.kind,
        (Ref::External(_), Body::Instance(_)) => Kind::SubnetGroup,
        (Ref::External(_), Body::Endpoint(_)) => Kind::Certificate,
        (Ref::External(_), Body::Task(task)) if reference == &task.instance => Kind::Instance,
        (Ref::External(_), Body::ReplicationConfig(config))
            if config.compute.subnet_group.as_ref() == Some(reference) =>
        {
            Kind::SubnetGroup
        }
        (Ref::External(_), _) => Kind::Endpoint,
    }
}

/// A declared resource that refers to this one as outside, so that it must not go.
pub(super) fn user_of(draft: &Draft<'_>, id: &ResourceId) -> Option<ResourceId> {
    let names = |reference: &Ref| {
        reference.is_outside() && draft.observed.resolve(reference).is_some_and(|(found, _)| found == id)
    };
    let user = |declared: &Declared| kinds::refs(&declared.body).into_iter().any(names);
    draft.desired.resources.iter().find(|(_, declared)| user(declared)).map(|(id, _)| id.clone())
}
