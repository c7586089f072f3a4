//! Shared roles: what becomes of each decision.

use std::collections::{BTreeMap, BTreeSet};

use pipewright_model::kinds::{FixedRole, ROLE_PATH, RoleDeclared, RoleObserved};
use pipewright_model::tags::{self, Owners, Tags};
use pipewright_model::{Body, Declared, Kind, Live, LiveBody, ResourceId, Scope, Timestamp, policy};
use serde_json::{Value, json};

use super::drain::Drain;
use super::role_users::{live_user, needed_elsewhere, uses_role};
use super::{Draft, change};
use crate::diff::declared_fields;
use crate::role_content::{Excess, Lacks, attached_records, inline_of, own_inline};
use crate::shared_role::{self, RoleDecision};
use crate::{Action, Change, ChangeKey, Disruption, FieldDiff, Guard, Mutation, OwnerDiff, Ownership, Step};

/// Plans the roles that specs need.
pub(super) fn plan_needed(draft: &mut Draft<'_>) {
    let desired = draft.desired;
    for (id, declared) in &desired.resources {
        let Body::ServiceRole(role) = &declared.body else {
            continue;
        };
        if let Some(reason) = draft.unread(Kind::ServiceRole) {
            draft.unreadable(id, reason);
        } else if role.manage {
            needed(draft, id, declared, role);
        } else {
            only_checked(draft, id, role);
        }
    }
}

/// Plans the roles that no spec needs any more. Comes after pruning, since a role is left only when
/// what used it is gone.
pub(super) fn plan_unneeded(draft: &mut Draft<'_>) {
    let observed = draft.observed;
    for (id, live) in &observed.resources {
        let LiveBody::ServiceRole(role) = &live.body else {
            continue;
        };
        let declared = draft.desired.resources.get(id);
        match declared.map(|declared| &declared.body) {
            Some(Body::ServiceRole(declared)) if declared.manage => {}
            Some(_) => release(draft, id, live),
            None => unneeded(draft, id, live, role),
        }
    }
}

pub(super) fn needed(draft: &mut Draft<'_>, id: &ResourceId, declared: &Declared, role: &RoleDeclared) {
    let scope = &draft.desired.scope;
    let live = draft.live(id);
    let role = &super::view::role_in(draft, role, live);
    let ownership = ownership(draft, live);
    let Owners { own, others, .. } = live.map(|live| Owners::of(&live.tags, scope)).unwrap_or_default();
    let owners = Some(owners_change(scope, &others, own, Some(tags::listed(scope, &role.needed_by))));
    let with_others = if others.is_empty() {
        String::new()
    } else {
        format!(", together with {}", shared_role::describe_owners(&others))
    };
    let needed_by = role.needed_by.iter().map(String::as_str).collect::<Vec<_>>().join(", ");

    let own_tag = Tags::from([(tags::owner_key(scope), tags::owner_value(scope, &role.needed_by))]);
    let base =
        |action| Change { owners: owners.clone(), ..change(id, action, ownership.clone(), Some(declared)) };
    let narrow = draft.in_view.is_none();
    let decision = shared_role::needed(&id.name, role, declared.adopt, live, scope, narrow);
    match decision {
        RoleDecision::Create => {
            let mut fields = declared_fields(role);
            fields.retain(|field| field.path != "manage");
            draft.add(Change {
                reason: format!("needed by {needed_by}"),
                fields,
                steps: create_steps(id, role, scope),
                ..base(Action::Create)
            });
        }
        RoleDecision::Join { origin, lacks, trust } if draft.may_update() => {
            let mut tags = own_tag;
            tags.extend(origin.map(|origin| (tags::ORIGIN.to_owned(), origin.to_owned())));
            tags.extend(attached_records(&id.name, &lacks.policies, scope));
            let what = if origin.is_some() { "exists but not owned, and serves" } else { "exists" };
            draft.add(Change {
                reason: format!("{what}; needed by {needed_by}{with_others}"),
                ..put_right(base(Action::Join), live, tags, &lacks, &Excess::default(), trust)
            });
        }
        RoleDecision::Refresh { retag, undrain: _, lacks, excess, trust } if draft.may_update() => {
            let mut tags = if retag { own_tag } else { Tags::new() };
            tags.extend(attached_records(&id.name, &lacks.policies, scope));
            draft.add(Change {
                reason: format!("needed by {needed_by}{with_others}"),
                ..put_right(base(Action::Update), live, tags, &lacks, &excess, trust)
            });
        }
        RoleDecision::OwnerSlotsFull { tags } => {
            let message = format!("carries {tags} of {} tags, so that no owner can be added", tags::MAX_TAGS);
            let hint = "remove tags that nobody needs, or move pipelines to a scope that owns it already";
            draft.conflict(id, Ownership::OwnerSlotsFull, message, hint.to_owned());
        }
        RoleDecision::Conflict { message, hint } => draft.conflict(id, ownership, message, hint),
        _ => {}
    }
}

/// The change of a role that exists: tags to write, the drain mark to take off, what it lacks to add, what
/// this scope no longer needs to take away.
fn put_right(
    change: Change,
    live: Option<&Live>,
    tags: Tags,
    lacks: &Lacks,
    excess: &Excess,
    trust: Option<Value>,
) -> Change {
    let id = &change.key.resource;
    let Some(Live { body: LiveBody::ServiceRole(body), .. }) = live else {
        return change;
    };
    let role = || id.name.clone();
    let mut steps = Vec::new();
    let mut fields = Vec::new();
    if !tags.is_empty() {
        steps.push(Step::Call(Mutation::TagRole { role: role(), tags }));
    }
    steps.extend(undrain(id, live));
    let untouched = lacks.is_empty() && excess.is_empty() && trust.is_none();
    let disruption = if untouched { Disruption::None } else { Disruption::InPlace };
    for (name, document) in &lacks.inline {
        steps.push(Step::Call(put_inline(id, name, document)));
        fields.push(inline_field(body, name, document.clone()));
    }
    for name in &excess.inline {
        steps.push(Step::Call(delete_inline(id, name)));
        fields.push(inline_field(body, name, Value::Null));
    }
    if trust.is_some() || !excess.policies.is_empty() {
        // IAM replaces the whole document: what others wrote since it was read would be lost. And whoever
        // joined since may need what is detached.
        let guard = Guard::RoleAsRead {
            role: role(),
            role_id: body.role_id.clone(),
            trust: body.trust.clone(),
            owners: change.owners.iter().flat_map(|owners| owners.after.keys().cloned()).collect(),
        };
        steps.push(Step::Check { guard, undo: Vec::new() });
    }
    let managed =
        |before: Value, after: Value| FieldDiff { path: "managedPolicies".to_owned(), before, after };
    for arn in &excess.policies {
        steps.push(Step::Call(Mutation::DetachRolePolicy { role: role(), policy_arn: arn.clone() }));
        fields.push(managed(json!(arn), Value::Null));
    }
    if let Some(trust) = trust {
        steps.push(Step::Call(Mutation::UpdateTrust { role: role(), trust: trust.clone() }));
        fields.push(FieldDiff { path: "trustPolicy".to_owned(), before: body.trust.clone(), after: trust });
    }
    for arn in &lacks.policies {
        steps.push(Step::Call(attach(id, arn)));
        fields.push(managed(Value::Null, json!(arn)));
    }
    if !excess.records.is_empty() {
        steps.push(Step::Call(Mutation::UntagRole { role: role(), keys: excess.records.clone() }));
    }
    Change { disruption, fields, steps, ..change }
}

fn inline_field(role: &RoleObserved, name: &str, after: Value) -> FieldDiff {
    let before = role.inline_policies.get(name).cloned().unwrap_or_default();
    FieldDiff { path: format!("inlinePolicies.{name}"), before, after }
}

/// A role that somebody else keeps: it must be there and serve.
fn only_checked(draft: &mut Draft<'_>, id: &ResourceId, role: &RoleDeclared) {
    let hint = "make it, or let Pipewright: `serviceRoles: {manage: true}`".to_owned();
    let message = match draft.live(id).map(|live| &live.body) {
        Some(LiveBody::ServiceRole(body)) => {
            let lacks = Lacks::of(role, body, &draft.desired.scope);
            let denied =
                role.trust_needs().into_iter().find(|need| policy::denial(&body.trust, need).is_some());
            if let Some(need) = denied {
                let principal = need.principal.as_str().to_owned();
                draft.make_unavailable(id);
                let message =
                    format!("is kept by somebody else (`manage: false`) and denies itself to {principal}");
                return draft.block(id, message, hint);
            }
            if lacks.is_empty() {
                return;
            }
            format!("is kept by somebody else (`manage: false`) and lacks {}", lacks.names().join(", "))
        }
        _ => "is kept by somebody else (`manage: false`) and does not exist".to_owned(),
    };
    draft.make_unavailable(id);
    draft.block(id, message, hint);
}

/// A role that specs still use and this scope no longer keeps.
fn release(draft: &mut Draft<'_>, id: &ResourceId, live: &Live) {
    if draft.may_delete() {
        let_go(draft, id, live, "the specs say `manage: false`; the role stays".to_owned());
    }
}

/// Takes this scope's owner tag off a role that stays as it is. With the last owner the record goes that
/// Pipewright made it, so that nobody deletes it.
pub(super) fn let_go(draft: &mut Draft<'_>, id: &ResourceId, live: &Live, reason: String) {
    let scope = &draft.desired.scope;
    let Owners { own, others, .. } = Owners::of(&live.tags, scope);
    if own.is_none() {
        return;
    }
    let mut keys = BTreeSet::from([tags::owner_key(scope)]);
    if others.is_empty() {
        keys.extend(records_of_origin(live));
    }
    let ownership = ownership(draft, Some(live));
    let declared = draft.desired.resources.get(id);
    draft.add(Change {
        reason,
        owners: Some(owners_change(scope, &others, own, None)),
        steps: vec![Step::Call(Mutation::UntagRole { role: id.name.clone(), keys })],
        ..change(id, Action::Release, ownership, declared)
    });
}

fn unneeded(draft: &mut Draft<'_>, id: &ResourceId, live: &Live, body: &RoleObserved) {
    let scope = draft.desired.scope.clone();
    let decision =
        shared_role::unneeded(&id.name, live, &scope, draft.observed.at, draft.options.drain_takeover);
    match decision {
        RoleDecision::Keep => return,
        RoleDecision::LeftToOther { scope, until } => return left_to(draft, id, &scope, until),
        _ => {}
    }
    if let Some(why) = reason_to_keep(draft, id, &decision) {
        return draft.waiting(id, why);
    }
    let ownership = ownership(draft, Some(live));
    let Owners { own, others, .. } = Owners::of(&live.tags, &scope);
    let owned = own.is_some();
    // Whatever of ours used the role goes first.
    let needing = |user: &ResourceId| draft.live(user).is_some_and(|live| uses_role(&id.name, &live.body));
    let needs = draft
        .changes
        .values()
        .filter(|change| change.action == Action::Delete && needing(&change.key.resource))
        .map(|change| change.key.clone())
        .collect();
    let base = Change {
        owners: Some(owners_change(&scope, &others, own, None)),
        needs,
        ..change(id, Action::Leave, ownership, None)
    };
    let untag = |keys: BTreeSet<String>| Step::Call(Mutation::UntagRole { role: id.name.clone(), keys });
    let own_key = BTreeSet::from([tags::owner_key(&scope)]);
    let user = live_user(draft, id, |_, _| true);

    match decision {
        RoleDecision::Leave { kept_because, forget_origin } => {
            let mut keys = own_key;
            if forget_origin {
                keys.extend(records_of_origin(live));
            }
            // What somebody uses that owns nothing may rest on the policies.
            let mut steps = match user {
                Some(_) if others.is_empty() => Vec::new(),
                _ => leave_inline(id, body, &scope),
            };
            steps.extend(owned.then(|| untag(keys)));
            draft.add(Change {
                reason: format!("no spec of {scope} needs it; kept: {kept_because}"),
                steps,
                ..base
            });
        }
        RoleDecision::LeaveAndDelete => {
            let drain = Drain { id, body, scope: scope.root_name(), pass: draft.observed.at };
            let mut steps = vec![untag(own_key), drain.ownerless(), drain.mark(None)];
            if let Some(user) = &user {
                draft.waiting(id, format!("left by its last owner, and kept while {user} needs it"));
            } else {
                steps.push(drain.wait(draft, None));
                steps.extend(drain.delete(draft));
            }
            let deletes = user.is_none();
            draft.add(Change {
                action: if deletes { Action::Delete } else { Action::Leave },
                disruption: if deletes { Disruption::Destroys } else { Disruption::None },
                reason: format!("no spec of {scope} needs it, and nobody else owns it"),
                steps,
                ..base
            });
        }
        RoleDecision::Delete { draining_since } => {
            if let Some(user) = user {
                draft.waiting(id, format!("has no owner, and is kept while {user} needs it"));
                return;
            }
            let drain = Drain { id, body, scope: scope.root_name(), pass: draft.observed.at };
            let mut steps = if draining_since.is_some() {
                let drained = Step::Check { guard: drain.deletable(draft, None), undo: Vec::new() };
                vec![drain.wait(draft, draining_since), drained, drain.mark(draining_since), drain.marked()]
            } else {
                vec![drain.ownerless(), drain.mark(None), drain.wait(draft, None)]
            };
            steps.extend(drain.delete(draft));
            draft.add(Change {
                action: Action::Delete,
                disruption: Disruption::Destroys,
                reason: "nobody owns it any more".to_owned(),
                steps,
                ..base
            });
        }
        _ => {}
    }
}

/// The owners before and after a change of this scope's own tag; with the specs that it lists.
fn owners_change(
    scope: &Scope,
    others: &BTreeMap<String, String>,
    before: Option<String>,
    after: Option<String>,
) -> OwnerDiff {
    let with = |own: Option<String>| {
        let own = own.map(|specs| (scope.to_string(), specs));
        others.clone().into_iter().chain(own).collect()
    };
    OwnerDiff { before: with(before), after: with(after) }
}

fn left_to(draft: &mut Draft<'_>, id: &ResourceId, scope: &str, until: Timestamp) {
    let message = format!(
        "has no owner, and is left to {scope}, which began to drain it; if it is still there at {}, any scope \
         may drain it",
        until.rfc3339()
    );
    draft.waiting(id, message);
}

pub(super) fn ownership(draft: &Draft<'_>, live: Option<&Live>) -> Ownership {
    match live.map(|live| (&live.tags, &live.body)) {
        Some((tags, LiveBody::ServiceRole(role))) => {
            Ownership::of_role(tags, role.is_service_linked(), &draft.desired.scope)
        }
        _ => Ownership::Absent,
    }
}

fn create_steps(id: &ResourceId, role: &RoleDeclared, scope: &Scope) -> Vec<Step> {
    let fixed = FixedRole::named(&id.name);
    let purpose = fixed.map_or("for endpoints", |fixed| fixed.purpose);
    let purpose = format!("AWS DMS service role: {purpose}");
    let mut steps = vec![Step::Call(Mutation::CreateRole {
        role: id.name.clone(),
        path: if fixed.is_some() { "/" } else { ROLE_PATH }.to_owned(),
        description: role.description.clone().unwrap_or(purpose),
        trust: policy::trust_document(&role.trust_needs(), scope),
        permissions_boundary: role.permissions_boundary.clone(),
        tags: shared_role::tags_of_new(&id.name, role, scope),
    })];
    let inline = inline_of(role, scope);
    steps.extend(inline.iter().map(|(name, document)| Step::Call(put_inline(id, name, document))));
    steps.extend(role.managed_policies.iter().map(|arn| attach(id, arn)).map(Step::Call));
    steps
}

fn undrain(id: &ResourceId, live: Option<&Live>) -> Option<Step> {
    live.filter(|live| live.tags.contains_key(tags::DRAIN)).map(|_| {
        let keys = BTreeSet::from([tags::DRAIN.to_owned()]);
        Step::Call(Mutation::UntagRole { role: id.name.clone(), keys })
    })
}

pub(super) fn attach(id: &ResourceId, arn: &str) -> Mutation {
    Mutation::AttachRolePolicy { role: id.name.clone(), policy_arn: arn.to_owned() }
}

pub(super) fn put_inline(id: &ResourceId, policy: &str, document: &Value) -> Mutation {
    Mutation::PutRolePolicy { role: id.name.clone(), policy: policy.to_owned(), document: document.clone() }
}

pub(super) fn delete_inline(id: &ResourceId, policy: &str) -> Mutation {
    Mutation::DeleteRolePolicy { role: id.name.clone(), policy: policy.to_owned() }
}

/// Takes this scope's own inline policies off, which comes before its owner tag goes.
fn leave_inline(id: &ResourceId, body: &RoleObserved, scope: &Scope) -> Vec<Step> {
    own_inline(body, scope).map(|name| Step::Call(delete_inline(id, name))).collect()
}

/// What goes with the last owner of a role that was there before: the origin, and what was attached.
fn records_of_origin(live: &Live) -> impl Iterator<Item = String> {
    let recorded = |key: &&String| *key == tags::ORIGIN || key.starts_with(tags::ATTACHED_PREFIX);
    live.tags.keys().filter(recorded).cloned()
}

/// Why a role that no spec needs any more is neither left nor deleted for now.
fn reason_to_keep(draft: &Draft<'_>, id: &ResourceId, decision: &RoleDecision) -> Option<String> {
    if !draft.may_delete() {
        return Some("no longer needed, and kept: this run must not delete or leave anything".to_owned());
    }
    let own_user = live_user(draft, id, |user, tags| {
        let released = ChangeKey::main(user);
        Ownership::is_own(tags, &draft.desired.scope)
            && draft.changes.get(&released).is_none_or(|change| change.action != Action::Release)
    });
    if let Some(user) = own_user {
        return Some(format!("no spec needs it, and it is not left while {user}, which stays, needs it"));
    }
    match decision {
        RoleDecision::LeaveAndDelete | RoleDecision::Delete { .. } => {
            needed_elsewhere(draft, id).map(|why| format!("no spec needs it here, and it is kept: {why}"))
        }
        _ => None,
    }
}
