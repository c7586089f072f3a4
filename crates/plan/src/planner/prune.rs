//! Resources that this scope owns and no spec declares any more.

use std::collections::BTreeSet;

use pipewright_model::tags::{HOLD, PREFIX, PROTECT, RETAIN, SPEC};
use pipewright_model::{Approval, Body, Kind, Live, LiveBody, ResourceId};

use super::lifecycle::hold;
use super::{Draft, change};
use crate::kinds;
use crate::{Action, Change, ChangeKey, Disruption, Mutation, Ownership, Part, Reason, Step};

/// Plans the deletes, or says why there are none. Users are planned before what they use, so that a
/// delete knows which of its users go too.
pub(super) fn plan(draft: &mut Draft<'_>) {
    let observed = draft.observed;
    for (id, live) in observed.resources.iter().rev() {
        if matches!(id.kind, Kind::ServiceRole | Kind::Connection)
            || draft.desired.resources.contains_key(id)
            || Ownership::of_regional(&live.tags, &draft.desired.scope) != Ownership::Owned
        {
            continue;
        }
        if super::replacement::plan_deletion(draft, id, live) {
            continue;
        }
        if let Some(why) = draft.held.get(id) {
            let message = format!("no spec declares it, and it is kept: {why}");
            draft.waiting(id, message);
        } else if let Some(why) = hold::of(live) {
            let message = format!("no spec declares it, and it is kept: it is on hold: {why}");
            draft.waiting_for(id, Reason::Held, message);
        } else if let Some(user) = super::outside::user_of(draft, id) {
            let message =
                format!("no spec declares it, and it is kept: {user} refers to it as a resource outside");
            draft.waiting(id, message);
        } else if !draft.may_delete() {
            draft.waiting(id, keeps(draft));
        } else if live.tags.contains_key(PROTECT) {
            protected(draft, id, live);
        } else if live.tags.contains_key(RETAIN) {
            let spec = live.tags.get(SPEC).map_or("its spec", String::as_str);
            let reason = format!("{spec} no longer declares it, and said `deletionPolicy: retain`");
            release(draft, id, live, reason);
        } else {
            delete(draft, id, live);
        }
    }
}

fn delete(draft: &mut Draft<'_>, id: &ResourceId, live: &Live) {
    let mut needs = BTreeSet::new();
    for user in kinds::live_users(id, draft.observed) {
        let key = super::replacement::end_of(draft, user).unwrap_or_else(|| ChangeKey::main(user));
        let goes = draft.changes.get(&key).is_some_and(|change| change.action == Action::Delete);
        if goes || moves_away(draft, user, live) {
            needs.insert(key);
        } else {
            let message = format!("no spec declares it, and it is kept: {user} still uses it");
            return draft.waiting(id, message);
        }
    }
    let spec = live.tags.get(SPEC).map_or("its spec", String::as_str);
    if draft.desired.policy.deletes_need_approval
        && !super::approval::given(draft, id, spec, Approval::Destroys, "no spec declares it any more")
    {
        return;
    }
    goes_first(draft, id, live);
    draft.add(Change {
        disruption: Disruption::Destroys,
        reason: format!("{spec} no longer declares it"),
        steps: kinds::delete(id, &live.body),
        needs,
        ..change(id, Action::Delete, Ownership::Owned, None)
    });
}

/// A serverless replication that takes the place of this one starts when this has gone: two never write to one target.
fn goes_first(draft: &mut Draft<'_>, id: &ResourceId, live: &Live) {
    let desired = draft.desired;
    let twins: Vec<ChangeKey> = draft
        .changes
        .values()
        .filter(|change| {
            change.action == Action::Create && change.key.resource.kind == Kind::ReplicationConfig
        })
        .filter(|change| {
            let declared = desired.resources.get(&change.key.resource);
            declared.is_some_and(|declared| kinds::migration::moves_the_same(&declared.body, live))
        })
        .map(|change| ChangeKey::new(&change.key.resource, Part::Run))
        .collect();
    for twin in twins {
        if let Some(run) = draft.changes.get_mut(&twin) {
            run.needs.insert(ChangeKey::main(id));
        }
    }
}

/// A resource whose protection outlasts its spec.
fn protected(draft: &mut Draft<'_>, id: &ResourceId, live: &Live) {
    let spec = live.tags.get(SPEC).map_or("its spec", String::as_str);
    draft.block(
        id,
        format!("{spec} no longer declares it, and it is protected"),
        format!(
            "put the spec back; to let it go, reconcile with `protect: false` there first, or remove the tag {PROTECT}"
        ),
    );
}

/// Whether this plan moves a task off the instance, or lets an endpoint check with another certificate.
fn moves_away(draft: &Draft<'_>, user: &ResourceId, resource: &Live) -> bool {
    match resource.body {
        LiveBody::Certificate(_) => repoints(draft, user, &resource.arn),
        _ => moves_task(draft, user, resource),
    }
}

/// Whether this plan gives the endpoint another certificate than the one of this ARN.
fn repoints(draft: &Draft<'_>, endpoint: &ResourceId, certificate: &str) -> bool {
    let other = draft.changes.get(&ChangeKey::main(endpoint)).is_some_and(|change| {
        change.steps.iter().any(|step| match step {
            Step::Call(Mutation::ModifyEndpoint { declared, .. }) => declared
                .certificate
                .as_ref()
                .is_some_and(|new| kinds::arn_of(new, draft.observed) != Some(certificate)),
            _ => false,
        })
    });
    // What its settings name as well stays in use.
    let in_settings = draft.live(endpoint).is_some_and(|live| {
        matches!(&live.body, LiveBody::Endpoint(endpoint)
            if endpoint.settings.values().any(|value| value.as_str() == Some(certificate)))
    });
    other && !in_settings
}

fn moves_task(draft: &Draft<'_>, user: &ResourceId, instance: &Live) -> bool {
    let planned = draft.changes.get(&ChangeKey::main(user)).is_some_and(|change| {
        change.steps.iter().any(|step| matches!(step, Step::Call(Mutation::MoveTask { .. })))
    });
    let Some(Body::Task(task)) = draft.desired.resources.get(user).map(|declared| &declared.body) else {
        return false;
    };
    planned
        && matches!(instance.body, LiveBody::Instance(_))
        && kinds::arn_of(&task.instance, draft.observed) != Some(instance.arn.as_str())
}

/// Takes every mark of Pipewright's off a resource that stays; a hold is a person's.
pub(super) fn release(draft: &mut Draft<'_>, id: &ResourceId, live: &Live, reason: String) {
    let keys = live.tags.keys().filter(|key| key.starts_with(PREFIX) && *key != HOLD).cloned().collect();
    let declared = draft.desired.resources.get(id);
    draft.add(Change {
        reason,
        steps: vec![Step::Call(Mutation::RemoveTags { id: id.clone(), keys })],
        ..change(id, Action::Release, Ownership::Owned, declared)
    });
}

pub(super) fn keeps(draft: &Draft<'_>) -> String {
    if draft.is_complete() {
        "no spec declares it, and it is kept: the policy's mode does not allow deletes".to_owned()
    } else {
        "no spec declares it, and it is kept: not everything could be read".to_owned()
    }
}
