//! The connections of tasks, which are tested before a task starts.

use pipewright_model::{Declared, Kind, Ref, ResourceId};

use crate::planner::{Draft, change, regional};
use crate::{Action, Change, ChangeKey, Disruption, Mutation, Ownership, Step, Wait};

/// Plans the test of one of a task's connections, unless the last one succeeded and still counts; it does not where
/// it is to be tested `anew`.
pub(in crate::planner) fn test(
    draft: &mut Draft<'_>,
    task: &Declared,
    instance: &Ref,
    endpoint: &Ref,
    anew: bool,
) -> Option<ChangeKey> {
    let id = connection_id(draft, instance, endpoint)?;
    let key = ChangeKey::main(&id);
    if draft.changes.contains_key(&key) {
        return Some(key);
    }
    let refs = [instance, endpoint];
    let mut needs = draft.planned(refs.into_iter().filter_map(Ref::managed));
    if let Some(declared) = endpoint.managed().and_then(|id| draft.desired.resources.get(id)) {
        let needed = regional::needed(draft, &declared.body);
        needs.extend(draft.planned(needed.iter().filter(|id| id.kind == Kind::ServiceRole)));
    }
    let live = draft.live(&id);
    let status = live.map_or("", |live| live.body.status());
    // A new tag, or a new owner of a role, makes no connection another one.
    let causes: Vec<&Change> = needs
        .iter()
        .map(|key| &draft.changes[key])
        .filter(|change| {
            change.disruption != Disruption::None || !matches!(change.action, Action::Update | Action::Join)
        })
        .collect();
    let is_another = !causes.is_empty();
    if status == "successful" && !is_another && !anew {
        return None;
    }
    // DMS refuses to test what it tests already (https://github.com/hashicorp/terraform-provider-aws/issues/46139).
    let is_tested_by_dms = if is_another {
        live.is_some() && causes.iter().all(|change| modifies_endpoint(change))
    } else {
        status == "testing"
    };
    let mut steps = Vec::new();
    if !is_tested_by_dms {
        if is_another && live.is_some() {
            steps.push(Step::Wait(Wait::Settled(id.clone())));
        }
        steps.push(Step::Call(Mutation::TestConnection {
            instance: instance.clone(),
            endpoint: endpoint.clone(),
        }));
    }
    steps.push(Step::Wait(Wait::Connected(id.clone())));
    let reason = match status {
        "" => "was never tested",
        "failed" => "the last test failed",
        "testing" => "is being tested",
        _ if is_another => "what it connects changes",
        _ => "the secret of its endpoint has another version",
    };
    let ownership = if live.is_some() { Ownership::Owned } else { Ownership::Absent };
    draft.add(Change {
        reason: reason.to_owned(),
        steps,
        needs,
        ..change(&id, Action::Test, ownership, draft.desired.resources.get(&id).or(Some(task)))
    });
    Some(key)
}

/// Whether a change is one after which DMS tests the connections of an endpoint by itself.
fn modifies_endpoint(change: &Change) -> bool {
    change.steps.iter().any(|step| matches!(step, Step::Call(Mutation::ModifyEndpoint { .. })))
}

/// The identity of the connection between two resources; none if an outside one cannot be seen.
fn connection_id(draft: &Draft<'_>, instance: &Ref, endpoint: &Ref) -> Option<ResourceId> {
    let resolve = |reference: &Ref| match reference {
        Ref::Managed(id) | Ref::ExternalId(id) => Some(id.clone()),
        Ref::External(arn) => draft.observed.by_arn(arn).map(|(id, _)| id.clone()),
    };
    Some(ResourceId::connection(&resolve(instance)?, &resolve(endpoint)?))
}
