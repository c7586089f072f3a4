//! Rotated secrets: what is told of passwords that were sent and do not work, and the tests of connections whose
//! secret DMS reads itself.

use std::collections::BTreeSet;

use pipewright_model::kinds::EndpointDeclared;
use pipewright_model::tags::{SECRET_VERSION, SECRETS, Tags};
use pipewright_model::{Body, Declared, Live, LiveBody, Ref, ResourceId};
use serde_json::json;

use super::{Draft, change, lifecycle};
use crate::kinds::migration::MigrationDeclared;
use crate::{Action, Change, ChangeKey, FieldDiff, Finding, Mutation, Ownership, Part, Step};

/// Plans it for every endpoint.
pub(super) fn plan(draft: &mut Draft<'_>) {
    warn(draft);
    if !draft.desired.rotation.secret_versions {
        return;
    }
    if let Some(reason) = &draft.observed.secret_versions.unread {
        draft.report.warnings.push(Finding {
            resource: None,
            ownership: None,
            reason: None,
            message: format!(
                "the versions of secrets could not be read, and a new one is not noticed: {reason}"
            ),
            hint: Some(
                "allow secretsmanager:ListSecrets, or leave out `rotation: {secretVersions}`".to_owned(),
            ),
            place: None,
        });
        return;
    }
    let desired = draft.desired;
    for (id, declared) in &desired.resources {
        let (Body::Endpoint(endpoint), Some(live)) = (&declared.body, draft.live(id)) else { continue };
        let is_own = Ownership::is_own(&live.tags, &desired.scope);
        if is_own && !declared.suspended && live.body.status() != "deleting" && draft.may_update() {
            look_at_version(draft, id, declared, (endpoint, live));
        }
    }
}

/// The tag that an endpoint with this secret is made with.
pub(super) fn version(draft: &Draft<'_>, body: &Body) -> Option<(String, String)> {
    let Body::Endpoint(endpoint) = body else { return None };
    let version = draft.observed.secret_versions.current.get(endpoint.secret_id()?)?;
    Some((SECRET_VERSION.to_owned(), version.clone()))
}

/// Another version than the recorded one is tested from every instance that uses the endpoint, which stops nothing,
/// and recorded once the tests succeeded.
fn look_at_version(
    draft: &mut Draft<'_>,
    id: &ResourceId,
    declared: &Declared,
    (endpoint, live): (&EndpointDeclared, &Live),
) {
    let Some(secret) = endpoint.secret_id() else { return };
    let Some((_, version)) = version(draft, &declared.body) else {
        let message =
            format!("its secret {secret} is not among those that are listed: a new version is not noticed");
        return draft.warn(id, message);
    };
    let recorded = live.tags.get(SECRET_VERSION);
    if recorded == Some(&version) || draft.unavailable.contains_key(id) {
        return;
    }
    let mut needs: BTreeSet<ChangeKey> = draft.planned([id]);
    for task in draft.desired.resources.values() {
        let Some(body) = MigrationDeclared::of(&task.body) else { continue };
        let uses = [body.source, body.target].into_iter().any(|end| end.managed() == Some(id));
        if let (true, false, Some(instance)) = (uses, task.suspended, body.tested_from) {
            needs.extend(lifecycle::connections::test(
                draft,
                task,
                instance,
                &Ref::Managed(id.clone()),
                true,
            ));
        }
    }
    let tags = Tags::from([(SECRET_VERSION.to_owned(), version.clone())]);
    draft.add(Change {
        key: ChangeKey::new(id, Part::Record),
        reason: "its secret has a version that was not tested yet".to_owned(),
        fields: vec![FieldDiff {
            path: format!("tags.{SECRET_VERSION}"),
            before: json!(recorded),
            after: json!(version),
        }],
        steps: vec![Step::Call(Mutation::AddTags { id: id.clone(), tags })],
        needs,
        ..change(id, Action::Update, Ownership::Owned, Some(declared))
    });
}

/// Warns of connections whose last test failed although every secret of the endpoint was sent.
fn warn(draft: &mut Draft<'_>) {
    let (desired, observed) = (draft.desired, draft.observed);
    let Some(keys) = &desired.rotation.keys else { return };
    let failed: Vec<_> = observed
        .resources
        .iter()
        .filter_map(|(id, live)| match &live.body {
            LiveBody::Connection(tested) if tested.status == "failed" => Some((id, tested)),
            _ => None,
        })
        .collect();
    if failed.is_empty() {
        return;
    }
    for (id, declared) in &desired.resources {
        let (Body::Endpoint(endpoint), Some(live)) = (&declared.body, draft.live(id)) else { continue };
        let remembered = live.tags.get(SECRETS).map(String::as_str);
        if remembered.is_none() || !keys.unsent(id, endpoint, remembered).is_empty() {
            continue;
        }
        for (connection, tested) in failed.iter().filter(|(_, tested)| tested.endpoint_arn == live.arn) {
            let why = &tested.last_failure_message;
            let message = format!("its secrets were sent, and the last test of {connection} failed: {why}");
            let hint = "if it is the password that does not work, correct the secret where the spec reads it: the \
                        next pass sends it, tests again, and lets go on what it paused";
            draft.warn_with_hint(id, message, hint.to_owned());
        }
    }
}
