//! Roles with content of several owners: inline policies, managed policies beyond the fixed ones, boundaries,
//! and the endpoints that name a role.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use insta::assert_snapshot;
use pipewright_model::kinds::{RoleDeclared, RoleObserved};
use pipewright_model::tags::{self, Tags};
use pipewright_model::{Adopt, Body, Desired, Kind, Live, LiveBody, Observed, ResourceId, Scope, Timestamp};
use pipewright_plan::{Guard, Plan, PlanOptions, Step, plan};
use pipewright_testkit::{
    add_role, converged, desired, id, outline, policy_on_everything, steps, write_to_s3,
};
use serde_json::Value;

const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

fn plan_of(desired: &Desired, observed: &Observed) -> Plan {
    plan(desired, observed, &PlanOptions::default())
}

fn role() -> ResourceId {
    ResourceId::role("archive")
}

fn allow(action: &str) -> Value {
    policy_on_everything("Allow", action)
}

/// The specs of a scope with no pipeline and one role.
fn only_role(scope: &str, inline: &[(&str, Value)]) -> Desired {
    let mut desired = desired(scope, &[]);
    add_role(&mut desired, "archive", inline);
    desired
}

fn declared(desired: &mut Desired) -> &mut RoleDeclared {
    match &mut desired.resources.get_mut(&role()).unwrap().body {
        Body::ServiceRole(role) => role,
        other => panic!("not a role: {other:?}"),
    }
}

fn live(observed: &mut Observed) -> &mut Live {
    observed.resources.get_mut(&role()).unwrap()
}

fn body(observed: &mut Observed) -> &mut RoleObserved {
    match &mut live(observed).body {
        LiveBody::ServiceRole(role) => role,
        other => panic!("not a role: {other:?}"),
    }
}

/// The account after scope `a` made its role, with what a second scope put there too.
fn shared(theirs: &[(&str, Value)]) -> Observed {
    let mut observed = converged(&only_role("a", &[("write", allow("s3:PutObject"))]));
    live(&mut observed).tags.insert("pipewright:owner:b".to_owned(), "ServiceRole/archive".to_owned());
    let theirs = theirs.iter().map(|(name, document)| ((*name).to_owned(), document.clone()));
    body(&mut observed).inline_policies.extend(theirs);
    observed
}

/// The key of the record that scope `a` attached the policy.
fn attached() -> String {
    tags::attached_key(READ_ONLY, &Scope::new("a").unwrap())
}

#[test]
fn a_role_is_made_with_its_policies_before_the_endpoint_that_names_it() {
    let mut wanted = desired("a", &["orders"]);
    add_role(&mut wanted, "archive", &[("write", allow("s3:PutObject"))]);
    declared(&mut wanted).managed_policies.insert(READ_ONLY.to_owned());
    declared(&mut wanted).permissions_boundary = Some("arn:aws:iam::111122223333:policy/b".to_owned());
    write_to_s3(&mut wanted, "orders", "archive");
    let plan = plan_of(&wanted, &Observed::default());
    assert_snapshot!(steps(&plan, "role/archive"), @"
    create the role with its owner tag
    put the inline policy pipewright.a.write
    attach ReadOnlyAccess
    ");
    let change = plan.changes.iter().find(|change| change.key.resource == role()).unwrap();
    let create = serde_json::to_value(&change.steps[0]).unwrap()["call"]["createRole"].clone();
    assert_eq!(create["path"], "/pipewright/");
    assert_eq!(create["permissions_boundary"], "arn:aws:iam::111122223333:policy/b");
    assert_eq!(create["tags"][attached()], "true");
    let endpoint = id(&wanted, Kind::Endpoint, "orders-target");
    let endpoint = plan.changes.iter().find(|change| change.key.resource == endpoint).unwrap();
    assert!(endpoint.needs.contains(&change.key), "{:?}", endpoint.needs);
    let nothing_more = plan_of(&wanted, &converged(&wanted));
    assert!(nothing_more.changes.is_empty(), "{}", outline(&nothing_more));
}

#[test]
fn a_second_scope_joins_and_adds_its_own_policy_beside() {
    let observed = converged(&only_role("a", &[("write", allow("s3:PutObject"))]));
    let plan = plan_of(&only_role("b", &[("write", allow("s3:GetObject"))]), &observed);
    assert_snapshot!(steps(&plan, "role/archive"), @"
    tag pipewright:owner:b=ServiceRole/archive
    put the inline policy pipewright.b.write
    ");
}

/// What one scope wrote goes when that leaves: another that needs the same writes its own.
#[test]
fn the_policy_of_another_scope_is_not_relied_on_and_that_of_nobody_is() {
    let mut wanted = only_role("b", &[("write", allow("s3:PutObject"))]);
    let plan = plan_of(&wanted, &converged(&only_role("a", &[("write", allow("s3:PutObject"))])));
    assert!(steps(&plan, "role/archive").contains("put the inline policy pipewright.b.write"));
    let mut observed = shared(&[("by-hand", allow("S3:putobject"))]);
    let plan_b = plan_of(&wanted, &observed);
    assert!(plan_b.changes.is_empty(), "{}", outline(&plan_b));
    // One of the own name that says something else is put right all the same.
    body(&mut observed).inline_policies.insert("pipewright.b.write".to_owned(), allow("s3:*"));
    assert_snapshot!(steps(&plan_of(&wanted, &observed), "role/archive"), @"put the inline policy pipewright.b.write");
    declared(&mut wanted).inline_policies.clear();
    assert_snapshot!(steps(&plan_of(&wanted, &observed), "role/archive"), @"delete the inline policy pipewright.b.write");
}

#[test]
fn a_changed_document_replaces_the_own_policy_and_a_removed_one_deletes_it() {
    let observed = shared(&[("pipewright.b.read", allow("s3:GetObject"))]);
    let changed =
        only_role("a", &[("write", allow("s3:PutObjectTagging")), ("list", allow("s3:ListBucket"))]);
    let plan = plan_of(&changed, &observed);
    assert_snapshot!(steps(&plan, "role/archive"), @"
    put the inline policy pipewright.a.list
    put the inline policy pipewright.a.write
    ");
    let fields: Vec<&str> = plan.changes[0].fields.iter().map(|field| field.path.as_str()).collect();
    assert_eq!(fields, ["inlinePolicies.pipewright.a.list", "inlinePolicies.pipewright.a.write"]);
    let plan = plan_of(&only_role("a", &[("list", allow("s3:ListBucket"))]), &observed);
    assert_snapshot!(steps(&plan, "role/archive"), @"
    put the inline policy pipewright.a.list
    delete the inline policy pipewright.a.write
    ");
}

#[test]
fn one_that_leaves_takes_its_policies_and_leaves_those_of_others() {
    let observed = shared(&[("pipewright.b.read", allow("s3:GetObject")), ("by-hand", allow("s3:List*"))]);
    let plan = plan_of(&desired("a", &[]), &observed);
    assert_snapshot!(outline(&plan), @"leave role/archive [none]");
    assert_snapshot!(steps(&plan, "role/archive"), @"
    delete the inline policy pipewright.a.write
    untag pipewright:owner:a
    ");
}

#[test]
fn one_whom_another_joined_while_it_drained_takes_its_policies_afterwards() {
    let mut observed = shared(&[("pipewright.b.read", allow("s3:GetObject"))]);
    live(&mut observed).tags.remove("pipewright:owner:a");
    let plan = plan_of(&desired("a", &[]), &observed);
    assert_snapshot!(outline(&plan), @"leave role/archive [none]");
    assert_snapshot!(steps(&plan, "role/archive"), @"delete the inline policy pipewright.a.write");
    body(&mut observed).inline_policies.remove("pipewright.a.write");
    assert_snapshot!(outline(&plan_of(&desired("a", &[]), &observed)), @"nothing");
}

#[test]
fn the_policies_of_another_root_of_the_same_name_are_not_ones_own() {
    let mut observed = shared(&[]);
    let tags = &mut live(&mut observed).tags;
    tags.insert("pipewright:owner:a".to_owned(), "uid=a2b4c6d8 ServiceRole/archive".to_owned());
    let mut none = desired("a", &[]);
    none.scope = none.scope.with_uid("1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40");
    assert_snapshot!(outline(&plan_of(&none, &observed)), @"nothing");
}

#[test]
fn the_last_owner_deletes_a_role_with_all_that_pipewright_put_there() {
    let mut wanted = only_role("a", &[("write", allow("s3:PutObject"))]);
    declared(&mut wanted).managed_policies.insert(READ_ONLY.to_owned());
    let mut observed = converged(&wanted);
    // Of a scope that left otherwise than by a pass.
    body(&mut observed).inline_policies.insert("pipewright.b.read".to_owned(), allow("s3:GetObject"));
    let plan = plan_of(&desired("a", &[]), &observed);
    assert_snapshot!(steps(&plan, "role/archive"), @"
    untag pipewright:owner:a
    look again: no owner
    mark it as draining
    wait until it has drained for 120 s
    look again: still draining, no owner, no user
    detach ReadOnlyAccess
    delete the inline policy pipewright.a.write
    delete the inline policy pipewright.b.read
    look again: still draining, no owner, no user
    delete the role
    ");
    let undo = plan.changes[0].steps.iter().rev().find_map(|step| match step {
        Step::Check { undo, .. } => Some(undo.iter().map(ToString::to_string).collect::<Vec<_>>()),
        _ => None,
    });
    assert_eq!(
        undo.unwrap(),
        [
            "attach ReadOnlyAccess".to_owned(),
            "put the inline policy pipewright.a.write".to_owned(),
            "put the inline policy pipewright.b.read".to_owned(),
            format!("tag {}=true", attached()),
        ]
    );
}

#[test]
fn what_others_put_on_a_role_is_a_reason_to_keep_it() {
    let made = converged(&only_role("a", &[("write", allow("s3:PutObject"))]));
    let mut attached = made.clone();
    body(&mut attached).managed_policies.insert(READ_ONLY.to_owned());
    let mut added = made;
    body(&mut added).inline_policies.insert("by-hand".to_owned(), allow("s3:GetObject"));
    for (observed, why) in [(attached, "ReadOnlyAccess"), (added, "by-hand")] {
        let plan = plan_of(&desired("a", &[]), &observed);
        assert_eq!(outline(&plan).trim(), "leave role/archive [none]");
        assert!(plan.changes[0].reason.contains(why), "{}", plan.changes[0].reason);
    }
}

/// Only a policy that Pipewright attached, and only while nobody else owns the role that it made.
#[test]
fn a_managed_policy_is_detached_by_the_only_owner_of_a_role_that_pipewright_made() {
    let mut with = only_role("a", &[("write", allow("s3:PutObject"))]);
    declared(&mut with).managed_policies.insert(READ_ONLY.to_owned());
    let without = only_role("a", &[("write", allow("s3:PutObject"))]);
    let made = converged(&with);
    let plan = plan_of(&without, &made);
    assert_snapshot!(steps(&plan, "role/archive").replace(&attached(), "<record>"), @"
    look again: trust policy and owners as they were
    detach ReadOnlyAccess
    untag <record>
    ");
    let mut detached = made.clone();
    body(&mut detached).managed_policies.clear();
    let rest = steps(&plan_of(&without, &detached), "role/archive");
    assert_eq!(rest, format!("untag {}", attached()), "a pass that ended in between");
    let mut co_owned = made.clone();
    live(&mut co_owned).tags.insert("pipewright:owner:b".to_owned(), "x".to_owned());
    let mut adopted = made.clone();
    live(&mut adopted).tags.insert(tags::ORIGIN.to_owned(), tags::ADOPTED.to_owned());
    let mut of_others = made;
    live(&mut of_others).tags.remove(&attached());
    for observed in [co_owned, adopted, of_others] {
        let plan = plan_of(&without, &observed);
        assert!(plan.changes.is_empty(), "{}", outline(&plan));
    }
}

#[test]
fn what_is_attached_later_is_recorded_first() {
    let observed = converged(&only_role("a", &[]));
    let mut wanted = only_role("a", &[]);
    declared(&mut wanted).managed_policies.insert(READ_ONLY.to_owned());
    let steps = steps(&plan_of(&wanted, &observed), "role/archive");
    assert_eq!(steps, format!("tag {}=true\nattach ReadOnlyAccess", attached()));
}

#[test]
fn a_denial_in_a_policy_of_another_is_a_conflict_that_names_both() {
    let mut deny = policy_on_everything("Deny", "s3:Put*");
    deny["Statement"][0]["Sid"] = "NoWrites".into();
    let observed = shared(&[("pipewright.b.safe", deny.clone())]);
    let wanted = only_role("a", &[("write", allow("s3:PutObject"))]);
    let plan = plan_of(&wanted, &observed);
    assert_snapshot!(plan.report.conflicts[0].message, @"has the statement NoWrites in the inline policy pipewright.b.safe of b (ServiceRole/archive) that denies what the inline policy write of a (ServiceRole/archive) allows");
    let by_hand = plan_of(&wanted, &shared(&[("by-hand", deny.clone())]));
    assert_snapshot!(by_hand.report.conflicts[0].message, @"has the statement NoWrites in the inline policy by-hand of somebody else that denies what the inline policy write of a (ServiceRole/archive) allows");
    // What the scope itself denies it means.
    let own = only_role("a", &[("safe", deny.clone()), ("write", allow("s3:PutObject"))]);
    assert!(plan_of(&own, &converged(&own)).report.conflicts.is_empty());
    deny["Statement"][0]["Action"] = "s3:Delete*".into();
    let harmless = plan_of(&wanted, &shared(&[("pipewright.b.safe", deny)]));
    assert!(harmless.report.conflicts.is_empty(), "{:?}", harmless.report.conflicts);
}

#[test]
fn another_permissions_boundary_is_a_conflict() {
    let mut wanted = only_role("a", &[("write", allow("s3:PutObject"))]);
    wanted.resources.get_mut(&role()).unwrap().adopt = Adopt::Always;
    let mut observed = converged(&wanted);
    declared(&mut wanted).permissions_boundary = Some("arn:aws:iam::111122223333:policy/ours".to_owned());
    let plan = plan_of(&wanted, &observed);
    assert_snapshot!(plan.report.conflicts[0].message, @"has no permissions boundary, and is declared with arn:aws:iam::111122223333:policy/ours");
    body(&mut observed).permissions_boundary = Some("arn:aws:iam::111122223333:policy/theirs".to_owned());
    let plan = plan_of(&wanted, &observed);
    assert_snapshot!(plan.report.conflicts[0].message, @"has the permissions boundary arn:aws:iam::111122223333:policy/theirs, and is declared with arn:aws:iam::111122223333:policy/ours");
    body(&mut observed).permissions_boundary = Some("arn:aws:iam::111122223333:policy/ours".to_owned());
    assert!(plan_of(&wanted, &observed).report.conflicts.is_empty());
}

#[test]
fn a_role_that_was_there_before_is_widened_only_if_told_to() {
    let mut wanted = only_role("a", &[("write", allow("s3:PutObject"))]);
    let mut observed = converged(&wanted);
    live(&mut observed).tags = Tags::new();
    body(&mut observed).inline_policies.clear();
    let plan = plan_of(&wanted, &observed);
    assert_snapshot!(outline(&plan), @"conflict role/archive: exists but not owned, and does not serve as it is: it has no inline policy like pipewright.a.write");
    assert_snapshot!(plan.report.conflicts[0].hint.clone().unwrap(), @"set `adopt: always` in its ServiceRole document to put it right and share it, or choose another `roleName`");
    wanted.resources.get_mut(&role()).unwrap().adopt = Adopt::Always;
    assert_snapshot!(steps(&plan_of(&wanted, &observed), "role/archive"), @"
    tag pipewright:origin=adopted, pipewright:owner:a=ServiceRole/archive
    put the inline policy pipewright.a.write
    ");
    // Whoever leaves it as the last takes the own policies and all records.
    let mut adopted = converged(&wanted);
    let tags = &mut live(&mut adopted).tags;
    tags.insert(tags::ORIGIN.to_owned(), tags::ADOPTED.to_owned());
    tags.insert(attached(), "true".to_owned());
    let steps = steps(&plan_of(&desired("a", &[]), &adopted), "role/archive");
    assert_snapshot!(steps.replace(&attached(), "<record>"), @"
    delete the inline policy pipewright.a.write
    untag <record>, pipewright:origin, pipewright:owner:a
    ");
}

/// An account in which an endpoint of another scope names the role that scope `a` made.
fn used_by_another() -> Observed {
    let mut theirs = desired("b", &["users"]);
    add_role(&mut theirs, "archive", &[]);
    write_to_s3(&mut theirs, "users", "archive");
    let mut observed = converged(&theirs);
    let made = converged(&only_role("a", &[]));
    observed.resources.insert(role(), made.resources[&role()].clone());
    observed
}

#[test]
fn a_role_that_an_endpoint_names_is_not_deleted() {
    let observed = used_by_another();
    let plan = plan_of(&desired("a", &[]), &observed);
    assert_snapshot!(outline(&plan), @"
    leave role/archive [none]
    waiting role/archive: left by its last owner, and kept while endpoint/b-users-target needs it
    ");
    // The same in another region, where the plan leaves everything as it is.
    let mut elsewhere = converged(&only_role("a", &[]));
    let user = observed.resources.iter().filter(|(id, _)| id.name == "b-users-target");
    let user = user.map(|(id, live)| (id.clone(), live.clone())).collect();
    elsewhere.elsewhere.resources.insert("eu-west-1".to_owned(), user);
    let plan = plan_of(&desired("a", &[]), &elsewhere);
    assert_snapshot!(outline(&plan), @"waiting role/archive: no spec needs it here, and it is kept: endpoint/b-users-target in eu-west-1 needs it");
}

/// An endpoint of any engine can name any role, `dms-access-for-endpoint` and the like too.
#[test]
fn the_last_look_sees_an_endpoint_that_names_the_role() {
    let mark = "a AROAEXAMPLE 1799999000 1799999000000";
    let tags = [(tags::ORIGIN, tags::CREATED), (tags::DRAIN, mark)];
    let mut observed = converged(&only_role("a", &[]));
    live(&mut observed).tags =
        tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let plan = plan_of(&desired("a", &[]), &observed);
    let mut guards = plan.changes[0].steps.iter().filter_map(|step| match step {
        Step::Check { guard: guard @ Guard::RoleDeletable { pass: None, .. }, .. } => Some(guard),
        _ => None,
    });
    let guard = guards.next().unwrap();
    let look = |users: &BTreeMap<ResourceId, Live>| {
        let now = Timestamp::from_secs(1_800_000_000);
        guard.holds(observed.resources.get(&role()), users, now).map_err(|refusal| refusal.reason)
    };
    assert_eq!(look(&BTreeMap::new()), Ok(()));
    let users = used_by_another().resources;
    assert_eq!(look(&users), Err("endpoint/b-users-target needs archive".to_owned()));
}

#[test]
fn an_endpoint_that_names_another_role_is_changed_and_then_its_old_role_goes() {
    let mut before = desired("a", &["orders"]);
    add_role(&mut before, "archive", &[]);
    write_to_s3(&mut before, "orders", "archive");
    let observed = converged(&before);
    let mut after = desired("a", &["orders"]);
    add_role(&mut after, "other", &[]);
    write_to_s3(&mut after, "orders", "other");
    let plan = plan_of(&after, &observed);
    let endpoint = id(&after, Kind::Endpoint, "orders-target");
    let change = plan.changes.iter().find(|change| change.key.resource == endpoint).unwrap();
    assert_eq!(change.fields[0].path, "settings.ServiceAccessRoleArn");
    assert_eq!(change.fields[0].after, "role/other");
    assert!(outline(&plan).contains(
        "waiting role/archive: no spec needs it, and it is not left while endpoint/a-orders-target, which stays, needs it"
    ));
    let mut moved = converged(&after);
    moved.resources.insert(role(), observed.resources[&role()].clone());
    assert_snapshot!(outline(&plan_of(&after, &moved)), @"delete role/archive [destroys]");
}
