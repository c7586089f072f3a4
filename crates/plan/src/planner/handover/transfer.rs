//! `transfer`: give what this scope owns to another scope, in one tag call a resource, so that it has an owner
//! at every moment.
//!
//! All or nothing is planned: what is in the way of one resource holds up all of them.

use std::collections::{BTreeMap, BTreeSet};

use pipewright_model::kinds::EndpointType;
use pipewright_model::tags::{self, Owners, SPEC, Tags, UID};
use pipewright_model::{Body, Kind, Live, LiveBody, ResourceId, Scope};

use super::super::{Draft, change, roles, uses_role};
use super::{live, owner_of};
use crate::{Action, Change, Finding, Mutation, OwnerDiff, Ownership, Step, kinds};

/// Plans it: the other scope becomes an owner of the roles first, and then of the resources.
pub(super) fn plan(draft: &mut Draft<'_>, resources: &BTreeSet<ResourceId>, to: &Scope) {
    let going = going(draft, resources, to);
    others_that_use(draft, &going);
    let joins = joins(draft, &going, to);
    let unread = !draft.observed.unread.is_empty();
    if unread || !draft.report.conflicts.is_empty() || !draft.report.blocked.is_empty() {
        return;
    }
    let needs = joins.iter().map(|join| join.key.clone()).collect();
    for join in joins {
        draft.add(join);
    }
    for (id, going) in &going {
        if !going.has_gone {
            let change = transfer(draft, id, going, to, &needs);
            draft.add(change);
        }
    }
    what_stays(draft, &going);
    what_to_declare(draft, &going, to);
}

/// A resource that was named and may go, or has gone already.
struct Going<'a> {
    live: &'a Live,
    spec: String,
    has_gone: bool,
}

type All<'a> = BTreeMap<ResourceId, Going<'a>>;

fn going<'a>(draft: &mut Draft<'a>, resources: &BTreeSet<ResourceId>, to: &Scope) -> All<'a> {
    let scope = &draft.desired.scope;
    if to.as_str() == scope.as_str() && (to.uid().is_none() || to.uid() == scope.uid()) {
        draft.report.blocked.push(Finding {
            resource: None,
            ownership: None,
            message: format!("{scope} is the scope of these specs"),
            hint: Some(
                "name the scope that shall own it: the name of its Controller, and `/` and the uid"
                    .to_owned(),
            ),
            reason: None,
            place: None,
        });
        return All::new();
    }
    let mut all = All::new();
    for id in resources {
        let Some(live) = live(draft, id, "does not exist, and there is nothing to transfer") else {
            continue;
        };
        if id.kind == Kind::ServiceRole {
            let message = "is shared: each scope that needs it owns it".to_owned();
            draft.block(id, message, "transfer the documents that need it".to_owned());
            continue;
        }
        let spec = live.tags.get(SPEC).cloned().unwrap_or_default();
        // Tags without a uid could be of this scope as well, if it has the same name.
        if Ownership::is_own(&live.tags, to) && !Ownership::is_own(&live.tags, scope) {
            draft.warn(id, format!("is owned by {to} already"));
            all.insert(id.clone(), Going { live, spec, has_gone: true });
            continue;
        }
        match Ownership::of_regional(&live.tags, scope) {
            Ownership::Owned => {
                all.insert(id.clone(), Going { live, spec, has_gone: false });
            }
            ownership => {
                let message = format!("is not {scope}'s to transfer: {ownership}");
                let hint =
                    "only what this scope owns can be transferred; `adopt` takes over what it does not own";
                draft.conflict(id, ownership, message, hint.to_owned());
            }
        }
    }
    all
}

/// What uses a resource that goes must go too: both would otherwise have two masters.
fn others_that_use(draft: &mut Draft<'_>, going: &All<'_>) {
    for id in going.keys() {
        let users: Vec<String> = kinds::live_users(id, draft.observed)
            .into_iter()
            .filter(|user| !going.contains_key(*user))
            .filter_map(|user| Some((user, draft.live(user)?)))
            .filter(|(_, live)| Ownership::is_own(&live.tags, &draft.desired.scope))
            .map(|(user, live)| match live.tags.get(SPEC) {
                Some(spec) => format!("{user} of {spec}"),
                None => user.to_string(),
            })
            .collect();
        if !users.is_empty() {
            let hint = "name these as well; or `release` it, and let the specs of both refer to it as \
                        `{identifier: …}`";
            draft.block(id, format!("is used by {}, which would stay", users.join(", ")), hint.to_owned());
        }
    }
}

/// The other scope's owner tag on each role that this scope owns and that what goes needs.
fn joins(draft: &mut Draft<'_>, going: &All<'_>, to: &Scope) -> Vec<Change> {
    let scope = draft.desired.scope.clone();
    let mut joins = Vec::new();
    for (id, live) in &draft.observed.resources {
        let owners = tags::owners(&live.tags);
        let theirs = Owners::of(&live.tags, to);
        if id.kind != Kind::ServiceRole
            || Owners::of(&live.tags, &scope).own.is_none()
            || theirs.own.is_some()
        {
            continue;
        }
        let specs = needing(draft, id, going);
        if specs.is_empty() {
            continue;
        }
        if theirs.other_root.is_some() {
            let ownership = Ownership::of_role(&live.tags, false, to);
            let message = format!("cannot be owned by {to} as well: to it, it is {ownership}");
            let hint = "two spec roots must not share a Controller's name: give the other one another";
            draft.conflict(id, ownership, message, hint.to_owned());
            continue;
        }
        if live.tags.len() + 1 > tags::MAX_TAGS {
            let message = format!(
                "carries {} of {} tags, so that {to} cannot become an owner",
                live.tags.len(),
                tags::MAX_TAGS
            );
            draft.conflict(
                id,
                Ownership::OwnerSlotsFull,
                message,
                "remove tags that nobody needs".to_owned(),
            );
            continue;
        }
        let tag = Tags::from([(tags::owner_key(to), tags::owner_value(to, &specs))]);
        let after = tags::owners(&live.tags.clone().into_iter().chain(tag.clone()).collect());
        let specs = specs.into_iter().collect::<Vec<_>>().join(", ");
        joins.push(Change {
            reason: format!("needed by {specs}, for which {to} becomes an owner first"),
            owners: Some(OwnerDiff { before: owners, after }),
            steps: vec![Step::Call(Mutation::TagRole { role: id.name.clone(), tags: tag })],
            ..change(id, Action::Join, roles::ownership(draft, Some(live)), draft.desired.resources.get(id))
        });
    }
    joins
}

/// The documents among those that go which need this role, by what they declare and by what is there.
fn needing(draft: &Draft<'_>, role: &ResourceId, going: &All<'_>) -> BTreeSet<String> {
    let declared = match draft.desired.resources.get(role).map(|declared| &declared.body) {
        Some(Body::ServiceRole(role)) => role.needed_by.clone(),
        _ => BTreeSet::new(),
    };
    going
        .values()
        .filter(|going| uses_role(&role.name, &going.live.body) || declared.contains(&going.spec))
        .map(|going| going.spec.clone())
        .collect()
}

fn transfer(
    draft: &Draft<'_>,
    id: &ResourceId,
    Going { live, spec, .. }: &Going<'_>,
    to: &Scope,
    needs: &BTreeSet<crate::ChangeKey>,
) -> Change {
    let mut steps = Vec::new();
    // Without its uid it is still this scope's; with it, it would be no other's.
    if to.uid().is_none() && live.tags.contains_key(UID) {
        let keys = BTreeSet::from([UID.to_owned()]);
        steps.push(Step::Call(Mutation::RemoveTags { id: id.clone(), keys }));
    }
    let tags = kinds::owner_marks(to, spec);
    steps.push(Step::Call(Mutation::AddTags { id: id.clone(), tags }));
    let uid = to.uid().map(|uid| format!(" with the uid {uid}")).unwrap_or_default();
    Change {
        reason: format!("goes to the scope {to}{uid}, as {spec}"),
        owners: Some(OwnerDiff {
            before: owner_of(&live.tags),
            after: BTreeMap::from([(to.to_string(), spec.clone())]),
        }),
        steps,
        needs: needs.clone(),
        ..change(id, Action::Transfer, Ownership::Owned, draft.desired.resources.get(id))
    }
}

/// Tells what the resources that go use and this scope keeps.
fn what_stays(draft: &mut Draft<'_>, going: &All<'_>) {
    let used: Vec<(ResourceId, String)> = draft
        .observed
        .resources
        .iter()
        .filter(|(id, live)| !going.contains_key(*id) && Ownership::is_own(&live.tags, &draft.desired.scope))
        .filter_map(|(id, _)| {
            let user =
                kinds::live_users(id, draft.observed).into_iter().find(|user| going.contains_key(*user))?;
            Some((id.clone(), user.to_string()))
        })
        .collect();
    for (id, user) in used {
        let message = format!(
            "stays, and {user} uses it: the other specs refer to it as `{{identifier: {}}}`",
            id.name
        );
        draft.warn(&id, message);
    }
}

/// Tells what the documents in the other specs must say, where their own naming would give other identifiers.
fn what_to_declare(draft: &mut Draft<'_>, going: &All<'_>, to: &Scope) {
    let mut by_spec: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (id, going) in going {
        let given = given_identifier(id);
        if usual_identifier(to, &going.spec, &going.live.body) != given {
            by_spec.entry(&going.spec).or_default().push(format!("{} `identifier: {given}`", id.kind));
        }
    }
    for (spec, identifiers) in by_spec {
        draft.report.warnings.push(Finding {
            resource: None,
            ownership: None,
            message: format!(
                "in the specs of {to}, {spec} must keep its identifiers: {}; or the Controller's `identifierPrefix` \
                 must give them",
                identifiers.join(", ")
            ),
            hint: None,
            reason: None,
            place: None,
        });
    }
}

/// The identifier as a spec gives it: that of a certificate goes on with a hash of its content.
fn given_identifier(id: &ResourceId) -> &str {
    match id.kind {
        Kind::Certificate => id.name.rsplit_once('-').map_or(id.name.as_str(), |(given, _)| given),
        _ => &id.name,
    }
}

/// The identifier that a scope without an `identifierPrefix` gives to what a document declares.
fn usual_identifier(scope: &Scope, spec: &str, body: &LiveBody) -> String {
    match (spec.split_once('/'), body) {
        (Some((_, name)), _) => format!("{scope}-{name}"),
        (None, LiveBody::Endpoint(endpoint)) if endpoint.endpoint_type == EndpointType::Source => {
            format!("{scope}-{spec}-source")
        }
        (None, LiveBody::Endpoint(_)) => format!("{scope}-{spec}-target"),
        (None, _) => format!("{scope}-{spec}"),
    }
}
