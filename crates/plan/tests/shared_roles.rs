//! Shared roles: what one scope plans for every state that a role can be in.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use insta::assert_snapshot;
use pipewright_model::kinds::{CalledFrom, FixedRole};
use pipewright_model::tags::{self, Tags};
use pipewright_model::{Adopt, Body, Desired, Kind, LiveBody, Observed, ResourceId, Timestamp};
use pipewright_plan::{Guard, Plan, PlanOptions, Step, Verdict, plan, rests_on_look};
use pipewright_testkit::{converged, desired, live_role, outline, steps};
use serde_json::json;

fn plan_of(desired: &Desired, observed: &Observed) -> Plan {
    plan(desired, observed, &PlanOptions::default())
}

fn vpc_role() -> ResourceId {
    ResourceId::role("dms-vpc-role")
}

fn tags_of(pairs: &[(&str, &str)]) -> Tags {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// An account with nothing but `dms-vpc-role`, tagged like this.
fn only_role(tags: &[(&str, &str)]) -> Observed {
    let declared = FixedRole::VPC.declared("aws", BTreeSet::new(), true);
    let mut observed = Observed::default();
    observed.resources.insert(vpc_role(), live_role(&declared, tags_of(tags)));
    observed
}

fn edit_role(observed: &mut Observed, edit: impl FnOnce(&mut pipewright_model::kinds::RoleObserved)) {
    match &mut observed.resources.get_mut(&vpc_role()).unwrap().body {
        LiveBody::ServiceRole(role) => edit(role),
        other => panic!("not a role: {other:?}"),
    }
}

/// What a plan says of `dms-vpc-role`.
fn of_role(plan: &Plan) -> String {
    let text = outline(plan);
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("role/dms-vpc-role")).collect();
    if lines.is_empty() { "nothing".to_owned() } else { lines.join("\n") }
}

#[test]
fn a_missing_role_is_created_with_its_owner_in_the_same_call() {
    let plan = plan_of(&desired("a", &["orders"]), &Observed::default());
    assert_snapshot!(of_role(&plan), @"create role/dms-vpc-role [none]");
    let created = serde_json::to_value(&plan.changes[1].steps[0]).unwrap();
    assert_eq!(
        created["call"]["createRole"]["tags"],
        json!({"pipewright:owner:a": "orders", "pipewright:origin": "created"})
    );
}

#[test]
fn a_second_pipeline_is_added_to_the_owner_tag() {
    let observed = converged(&desired("a", &["orders"]));
    let plan = plan_of(&desired("a", &["billing", "orders"]), &observed);
    assert_snapshot!(of_role(&plan), @"update role/dms-vpc-role [none]");
    assert_snapshot!(steps(&plan, "role/dms-vpc-role"), @"tag pipewright:owner:a=billing orders");
}

#[test]
fn a_second_scope_joins_and_names_the_first() {
    let observed = only_role(&[("pipewright:owner:a", "orders"), (tags::ORIGIN, tags::CREATED)]);
    let plan = plan_of(&desired("b", &["users"]), &observed);
    assert_snapshot!(of_role(&plan), @"join role/dms-vpc-role [none]");
    assert_snapshot!(steps(&plan, "role/dms-vpc-role"), @"tag pipewright:owner:b=users");
    assert!(plan.changes.iter().any(|change| change.reason.contains("together with a (orders)")));
}

/// terraform-aws-dms #11, #67, #70, #88: the second use in one account fails with EntityAlreadyExists.
#[test]
fn terraform_aws_dms_11_a_role_without_owner_that_serves_is_joined_and_kept() {
    let plan = plan_of(&desired("a", &["orders"]), &only_role(&[]));
    assert_snapshot!(of_role(&plan), @"join role/dms-vpc-role [none]");
    assert_snapshot!(steps(&plan, "role/dms-vpc-role"), @"tag pipewright:origin=adopted, pipewright:owner:a=orders");
}

/// cdk-dms-replication `dms-roles.ts` overwrites the trust policy of a role that is there.
#[test]
fn cdk_dms_replication_a_role_without_owner_that_does_not_serve_is_a_conflict() {
    let mut observed = only_role(&[]);
    edit_role(&mut observed, |role| role.managed_policies.clear());
    let plan = plan_of(&desired("a", &["orders"]), &observed);
    assert_snapshot!(of_role(&plan), @"
    conflict role/dms-vpc-role: exists but not owned, and does not serve as it is: arn:aws:iam::aws:policy/service-role/AmazonDMSVPCManagementRole is not attached
    waiting subnet-group/a-orders: not made until role/dms-vpc-role is settled
    waiting instance/a-orders: not made until role/dms-vpc-role is settled
    waiting task/a-orders: not made until role/dms-vpc-role is settled
    ");
}

#[test]
fn told_to_adopt_always_a_role_is_widened_and_its_statements_stay() {
    let mut wanted = desired("a", &["orders"]);
    wanted.resources.get_mut(&vpc_role()).unwrap().adopt = Adopt::Always;
    let mut observed = only_role(&[]);
    let theirs =
        json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::1:root"}, "Action": "sts:AssumeRole"});
    edit_role(&mut observed, |role| {
        role.managed_policies.clear();
        role.trust = json!({"Version": "2012-10-17", "Statement": [theirs.clone()]});
    });
    let plan = plan_of(&wanted, &observed);
    assert_snapshot!(of_role(&plan), @"join role/dms-vpc-role [in-place]");
    assert_snapshot!(steps(&plan, "role/dms-vpc-role"), @"
    tag pipewright:origin=adopted, pipewright:owner:a=orders
    look again: trust policy and owners as they were
    widen the trust policy
    attach AmazonDMSVPCManagementRole
    ");
    let change = plan.changes.iter().find(|change| change.key.resource == vpc_role()).unwrap();
    assert_eq!(change.fields[0].after["Statement"][0], theirs);
}

#[test]
fn a_role_that_another_tool_marked_is_a_conflict() {
    let observed = only_role(&[("aws:cloudformation:stack-name", "net")]);
    let plan = plan_of(&desired("a", &["orders"]), &observed);
    assert_snapshot!(of_role(&plan), @"
    conflict role/dms-vpc-role: exists and is managed by CloudFormation stack net
    waiting subnet-group/a-orders: not made until role/dms-vpc-role is settled
    waiting instance/a-orders: not made until role/dms-vpc-role is settled
    waiting task/a-orders: not made until role/dms-vpc-role is settled
    ");
}

#[test]
fn a_role_without_room_for_a_tag_is_a_conflict() {
    let mut observed = only_role(&[]);
    let tags = &mut observed.resources.get_mut(&vpc_role()).unwrap().tags;
    tags.extend((0..49).map(|n| (format!("team:{n}"), "x".to_owned())));
    let plan = plan_of(&desired("a", &["orders"]), &observed);
    assert_eq!(plan.report.conflicts[0].ownership, Some(pipewright_plan::Ownership::OwnerSlotsFull));
    assert_snapshot!(of_role(&plan), @"
    conflict role/dms-vpc-role: carries 49 of 50 tags, so that no owner can be added
    waiting subnet-group/a-orders: not made until role/dms-vpc-role is settled
    waiting instance/a-orders: not made until role/dms-vpc-role is settled
    waiting task/a-orders: not made until role/dms-vpc-role is settled
    ");
}

/// Flux #338, Argo CD #22607: deleting one owner deletes what another uses.
#[test]
fn flux_338_leaving_a_role_that_others_own_only_removes_the_own_tag() {
    let observed = only_role(&[
        ("pipewright:owner:a", "orders"),
        ("pipewright:owner:b", "users"),
        (tags::ORIGIN, tags::CREATED),
    ]);
    let plan = plan_of(&desired("a", &[]), &observed);
    assert_snapshot!(of_role(&plan), @"leave role/dms-vpc-role [none]");
    assert_snapshot!(steps(&plan, "role/dms-vpc-role"), @"untag pipewright:owner:a");
    assert!(plan.changes[0].reason.contains("still owned by b (users)"), "{}", plan.changes[0].reason);
}

#[test]
fn the_last_owner_leaves_drains_looks_twice_and_deletes() {
    let observed = only_role(&[("pipewright:owner:a", "orders"), (tags::ORIGIN, tags::CREATED)]);
    let plan = plan_of(&desired("a", &[]), &observed);
    assert_snapshot!(of_role(&plan), @"delete role/dms-vpc-role [destroys]");
    assert_snapshot!(steps(&plan, "role/dms-vpc-role"), @"
    untag pipewright:owner:a
    look again: no owner
    mark it as draining
    wait until it has drained for 120 s
    look again: still draining, no owner, no user
    detach AmazonDMSVPCManagementRole
    look again: still draining, no owner, no user
    delete the role
    ");
}

/// ACK community #2102: renaming a resource deletes a role that existed before.
#[test]
fn ack_2102_a_role_that_was_there_before_is_kept_by_its_last_owner() {
    let observed = only_role(&[("pipewright:owner:a", "orders"), (tags::ORIGIN, tags::ADOPTED)]);
    let plan = plan_of(&desired("a", &[]), &observed);
    assert_snapshot!(of_role(&plan), @"leave role/dms-vpc-role [none]");
    assert_snapshot!(steps(&plan, "role/dms-vpc-role"), @"untag pipewright:origin, pipewright:owner:a");
}

/// iam-manager #144: deleting the object that never applied deletes the live role.
#[test]
fn iam_manager_144_only_a_recorded_owner_leaves() {
    for tags in [&[][..], &[("pipewright:owner:b", "users"), (tags::ORIGIN, tags::CREATED)][..]] {
        let plan = plan_of(&desired("a", &[]), &only_role(tags));
        assert_eq!(of_role(&plan), "nothing");
    }
}

/// octoDNS #1153 compares the hash of the plan again before it applies it. Here that hash covers whose the roles
/// are, and which ones, even where the changes are the same.
#[test]
fn octodns_1153_the_digest_covers_the_owners_and_the_unique_ids_of_roles() {
    let tags = [("pipewright:owner:a", "orders"), (tags::ORIGIN, tags::CREATED)];
    let digest = |observed: &Observed| plan_of(&desired("a", &["orders"]), observed).digest();
    let before = only_role(&tags);
    assert_eq!(digest(&before), digest(&only_role(&tags)));
    let mut made_again = before.clone();
    edit_role(&mut made_again, |role| role.role_id = "AROAOTHER".to_owned());
    assert_ne!(digest(&before), digest(&made_again));
    let joined = only_role(&[tags[0], tags[1], ("pipewright:owner:b", "users")]);
    assert_ne!(digest(&before), digest(&joined));
}

#[test]
fn joining_a_draining_role_takes_the_mark_off() {
    let observed =
        only_role(&[(tags::ORIGIN, tags::CREATED), (tags::DRAIN, "b AROAEXAMPLE 1800000000 1800000000000")]);
    let plan = plan_of(&desired("a", &["orders"]), &observed);
    assert_snapshot!(of_role(&plan), @"join role/dms-vpc-role [none]");
    assert_snapshot!(steps(&plan, "role/dms-vpc-role"), @"
    tag pipewright:owner:a=orders
    untag pipewright:drain
    ");
}

#[test]
fn a_pass_that_ended_between_leaving_and_marking_is_finished_by_the_next() {
    let plan = plan_of(&desired("a", &[]), &only_role(&[(tags::ORIGIN, tags::CREATED)]));
    assert_snapshot!(steps(&plan, "role/dms-vpc-role"), @"
    look again: no owner
    mark it as draining
    wait until it has drained for 120 s
    look again: still draining, no owner, no user
    detach AmazonDMSVPCManagementRole
    look again: still draining, no owner, no user
    delete the role
    ");
}

#[test]
fn a_role_that_something_in_sight_needs_is_not_deleted() {
    let mut observed = converged(&desired("other", &["theirs"]));
    let tags = tags_of(&[("pipewright:owner:a", "orders"), (tags::ORIGIN, tags::CREATED)]);
    observed.resources.get_mut(&vpc_role()).unwrap().tags = tags;
    let plan = plan_of(&desired("a", &[]), &observed);
    assert_snapshot!(of_role(&plan), @"
    leave role/dms-vpc-role [none]
    waiting role/dms-vpc-role: left by its last owner, and kept while subnet-group/other-theirs needs it
    ");
    assert_snapshot!(steps(&plan, "role/dms-vpc-role"), @"
    untag pipewright:owner:a
    look again: no owner
    mark it as draining
    ");
}

#[test]
fn what_somebody_else_attached_is_a_reason_to_keep_a_role() {
    let mut observed = only_role(&[("pipewright:owner:a", "orders"), (tags::ORIGIN, tags::CREATED)]);
    edit_role(&mut observed, |role| {
        role.managed_policies.insert("arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned());
    });
    let plan = plan_of(&desired("a", &[]), &observed);
    assert_snapshot!(of_role(&plan), @"leave role/dms-vpc-role [none]");
}

#[test]
fn what_somebody_else_wrote_into_the_trust_policy_is_a_reason_to_keep_a_role() {
    let theirs = |sid: &str, principal: &serde_json::Value| {
        json!({"Version": "2012-10-17", "Statement": [
        statement("PipewrightOfbN1", "Allow", &json!({})),
        {"Effect": "Allow", "Principal": {"Service": "dms.amazonaws.com"}, "Action": "sts:AssumeRole"},
        {"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]})
    };
    let observed = |trust: serde_json::Value| {
        let mut observed = only_role(&[("pipewright:owner:a", "orders"), (tags::ORIGIN, tags::CREATED)]);
        edit_role(&mut observed, |role| role.trust = trust);
        observed
    };
    let stranger = observed(theirs("Operators", &json!({"AWS": "444455556666"})));
    let plan = plan_of(&desired("a", &[]), &stranger);
    assert_snapshot!(steps(&plan, "role/dms-vpc-role"), @"untag pipewright:owner:a");
    assert_snapshot!(plan.changes[0].reason, @"no spec of a needs it; kept: somebody else wrote the statement Operators in its trust policy");

    // What scopes wrote, and what lets only DMS in, goes with the role.
    let ours =
        observed(theirs("PipewrightOfdataXplatformN12", &json!({"Service": "dms.eu-west-1.amazonaws.com"})));
    let plan = plan_of(&desired("a", &[]), &ours);
    let last = |seen: &Observed| {
        let Step::Check { guard, .. } =
            step_of(&plan, |step| matches!(step, Step::Check { guard: Guard::RoleDeletable { .. }, .. }))
        else {
            panic!("no check")
        };
        let mut seen = seen.clone();
        let tags = &mut seen.resources.get_mut(&vpc_role()).unwrap().tags;
        tags.remove("pipewright:owner:a");
        tags.insert(tags::DRAIN.to_owned(), "a AROAEXAMPLE 1 0".to_owned());
        guard.holds(seen.resources.get(&vpc_role()), &BTreeMap::new(), Timestamp::from_secs(1_000))
    };
    assert_eq!(last(&ours), Ok(()));
    assert_eq!(
        last(&stranger).unwrap_err().reason,
        "dms-vpc-role is not deleted: somebody else wrote the statement Operators in its trust policy"
    );
}

/// external-dns #3841: a throttled source came back empty, and everything was deleted.
#[test]
fn external_dns_3841_a_partial_view_deletes_and_leaves_nothing() {
    let all = converged(&desired("a", &["orders"]));
    let mut partly_read = all.clone();
    partly_read.unread.insert(Kind::Endpoint, "throttled".to_owned());
    let mut partly_parsed = desired("a", &[]);
    partly_parsed.complete = false;
    for (wanted, observed) in [(desired("a", &[]), partly_read), (partly_parsed, all)] {
        let plan = plan_of(&wanted, &observed);
        assert!(plan.changes.is_empty(), "{}", outline(&plan));
        assert!(!plan.report.waiting.is_empty());
    }
}

#[test]
fn a_role_kept_by_somebody_else_is_only_checked() {
    let mut wanted = desired("a", &["orders"]);
    match &mut wanted.resources.get_mut(&vpc_role()).unwrap().body {
        Body::ServiceRole(role) => role.manage = false,
        other => panic!("not a role: {other:?}"),
    }
    assert_eq!(of_role(&plan_of(&wanted, &only_role(&[]))), "nothing");
    let plan = plan_of(&wanted, &Observed::default());
    assert_snapshot!(of_role(&plan), @"
    blocked role/dms-vpc-role: is kept by somebody else (`manage: false`) and does not exist
    waiting subnet-group/a-orders: not made until role/dms-vpc-role is settled
    waiting instance/a-orders: not made until role/dms-vpc-role is settled
    waiting task/a-orders: not made until role/dms-vpc-role is settled
    ");
    assert!(!outline(&plan).contains("create subnet-group"), "{}", outline(&plan));
}

#[test]
fn a_service_linked_role_is_never_touched() {
    let mut observed = only_role(&[]);
    edit_role(&mut observed, |role| role.path = "/aws-service-role/dms.amazonaws.com/".to_owned());
    let plan = plan_of(&desired("a", &["orders"]), &observed);
    assert_snapshot!(of_role(&plan), @"
    conflict role/dms-vpc-role: is a service-linked role, which only AWS can change
    waiting subnet-group/a-orders: not made until role/dms-vpc-role is settled
    waiting instance/a-orders: not made until role/dms-vpc-role is settled
    waiting task/a-orders: not made until role/dms-vpc-role is settled
    ");
}

/// A role that nobody owns, with a drain mark of this scope that began so many minutes before 1800000000.
fn draining_by(scope: &str, role_id: &str, minutes: u64) -> Observed {
    let since = 1_800_000_000 - minutes * 60;
    let mark = format!("{scope} {role_id} {since} {since}000");
    let mut observed = only_role(&[(tags::ORIGIN, tags::CREATED), (tags::DRAIN, &mark)]);
    observed.at = Timestamp::from_secs(1_800_000_000);
    observed
}

/// Found by the model checker: of two scopes that delete, the second deletes what was made again.
#[test]
fn a_drain_is_finished_by_the_scope_that_began_it() {
    let plan = plan_of(&desired("a", &[]), &draining_by("a", "AROAEXAMPLE", 3));
    assert_snapshot!(steps(&plan, "role/dms-vpc-role"), @"
    wait until it has drained for 120 s, at 2027-01-15T07:59:00Z
    look again: still draining, no owner, no user
    mark it as draining still
    wait until the mark can be read
    look again: still draining, no owner, no user
    detach AmazonDMSVPCManagementRole
    look again: still draining, no owner, no user
    delete the role
    ");
    let plan = plan_of(&desired("b", &[]), &draining_by("a", "AROAEXAMPLE", 3));
    assert_snapshot!(of_role(&plan), @"waiting role/dms-vpc-role: has no owner, and is left to a, which began to drain it; if it is still there at 2027-01-16T07:57:00Z, any scope may drain it");
}

#[test]
fn a_drain_that_nobody_finishes_is_begun_anew_by_another() {
    let plan = plan_of(&desired("b", &[]), &draining_by("a", "AROAEXAMPLE", 24 * 60));
    assert_snapshot!(steps(&plan, "role/dms-vpc-role"), @"
    look again: no owner
    mark it as draining
    wait until it has drained for 120 s
    look again: still draining, no owner, no user
    detach AmazonDMSVPCManagementRole
    look again: still draining, no owner, no user
    delete the role
    ");
}

#[test]
fn the_drain_of_a_role_that_was_made_again_is_begun_anew() {
    let plan = plan_of(&desired("a", &[]), &draining_by("a", "AROAGONE", 3));
    assert_snapshot!(steps(&plan, "role/dms-vpc-role"), @"
    look again: no owner
    mark it as draining
    wait until it has drained for 120 s
    look again: still draining, no owner, no user
    detach AmazonDMSVPCManagementRole
    look again: still draining, no owner, no user
    delete the role
    ");
}

fn step_of(plan: &Plan, such: impl Fn(&Step) -> bool) -> Step {
    plan.changes.iter().flat_map(|change| &change.steps).find(|step| such(step)).unwrap().clone()
}

/// Found by the model checker: the mark is gone with the joiner, and was waited for until the patience
/// ended.
#[test]
fn a_drain_that_somebody_ends_by_joining_is_not_waited_for() {
    let observed = only_role(&[("pipewright:owner:a", "orders"), (tags::ORIGIN, tags::CREATED)]);
    let plan = plan_of(&desired("a", &[]), &observed);
    let Step::Wait(wait) = step_of(&plan, |step| matches!(step, Step::Wait(_))) else { panic!("no wait") };
    let now = Timestamp::from_secs(1_800_000_000);
    let verdict = |tags: &[(&str, &str)]| wait.verdict(only_role(tags).resources.get(&vpc_role()), now);
    assert!(matches!(verdict(&[(tags::ORIGIN, tags::CREATED)]), Verdict::Pending(_)));
    assert_eq!(verdict(&[(tags::ORIGIN, tags::CREATED), ("pipewright:owner:b", "users")]), Verdict::Done);
}

/// Found by the model checker: a scope that reads what was before its own delete deletes again.
#[test]
fn a_look_must_show_the_mark_of_the_same_pass() {
    let observed = draining_by("a", "AROAEXAMPLE", 3);
    let plan = plan_of(&desired("a", &[]), &observed);
    let last = plan.changes.iter().flat_map(|change| &change.steps).rev();
    let guards: Vec<_> = last
        .filter_map(|step| match step {
            Step::Check { guard, .. } => Some(guard.clone()),
            _ => None,
        })
        .collect();
    let holds = |guard: &Guard, pass: u64| {
        let mut seen = observed.clone();
        let mark = format!("a AROAEXAMPLE {} {pass}", 1_800_000_000 - 180);
        seen.resources.get_mut(&vpc_role()).unwrap().tags.insert(tags::DRAIN.to_owned(), mark);
        guard.holds(seen.resources.get(&vpc_role()), &BTreeMap::new(), observed.at).is_ok()
    };
    let [before_delete, before_detach, before_mark] = guards.as_slice() else { panic!("{guards:?}") };
    for guard in [before_delete, before_detach] {
        assert!(holds(guard, observed.at.as_millis()));
        assert!(!holds(guard, observed.at.as_millis() - 1), "that is the mark of an earlier pass");
    }
    assert!(holds(before_mark, observed.at.as_millis() - 1));
}

/// Found by the model checker: a delete whose answer was lost, made again, meets another's role.
#[test]
fn calls_that_rest_on_a_look_are_known() {
    let plan = plan_of(&desired("a", &[]), &draining_by("a", "AROAEXAMPLE", 3));
    let steps = &plan.changes[0].steps;
    let rest: Vec<String> =
        (0..steps.len()).filter(|at| rests_on_look(steps, *at)).map(|at| steps[at].to_string()).collect();
    assert_eq!(rest, ["mark it as draining still", "detach AmazonDMSVPCManagementRole", "delete the role"]);
}

#[test]
fn what_was_detached_is_put_back_only_on_the_same_role() {
    let observed = draining_by("a", "AROAEXAMPLE", 3);
    let plan = plan_of(&desired("a", &[]), &observed);
    let Step::Check { guard, .. } = step_of(&plan, |step| matches!(step, Step::Check { .. })) else {
        panic!("no check")
    };
    let refusal = |seen: &Observed| {
        guard.holds(seen.resources.get(&vpc_role()), &BTreeMap::new(), observed.at).unwrap_err()
    };
    let joined = only_role(&[("pipewright:owner:b", "users"), (tags::ORIGIN, tags::CREATED)]);
    assert!(refusal(&joined).same_role);
    let mut made_again = joined;
    edit_role(&mut made_again, |role| role.role_id = "AROAOTHER".to_owned());
    assert!(!refusal(&made_again).same_role);
    assert!(!refusal(&Observed::default()).same_role);
}

/// The specs of `scope` with one pipeline, whose DMS works in us-east-1 of the account.
fn desired_here(scope: &str) -> Desired {
    let mut desired = desired(scope, &["orders"]);
    for declared in desired.resources.values_mut() {
        if let Body::ServiceRole(role) = &mut declared.body {
            role.called_from = Some(CalledFrom {
                account_id: "111122223333".to_owned(),
                regions: BTreeSet::from(["us-east-1".to_owned()]),
            });
        }
    }
    desired
}

fn statement(sid: &str, effect: &str, condition: &serde_json::Value) -> serde_json::Value {
    json!({"Sid": sid, "Effect": effect, "Principal": {"Service": "dms.amazonaws.com"},
        "Action": "sts:AssumeRole", "Condition": condition})
}

#[test]
fn trust_on_a_condition_that_lets_this_region_through_serves() {
    let mut observed = only_role(&[]);
    let condition = json!({"ArnLike": {"aws:SourceArn": "arn:aws:dms:us-east-1:111122223333:*"}});
    edit_role(&mut observed, |role| role.trust = json!({"Statement": [statement("", "Allow", &condition)]}));
    let plan = plan_of(&desired_here("a"), &observed);
    assert_snapshot!(steps(&plan, "role/dms-vpc-role"), @"tag pipewright:origin=adopted, pipewright:owner:a=orders");
}

#[test]
fn trust_on_a_condition_for_another_region_is_widened_beside_it() {
    let mut observed = only_role(&[("pipewright:owner:b", "users"), (tags::ORIGIN, tags::CREATED)]);
    let condition = json!({"ArnLike": {"aws:SourceArn": "arn:aws:dms:eu-west-1:111122223333:*"}});
    let theirs = statement("theirs", "Allow", &condition);
    edit_role(&mut observed, |role| {
        role.trust = json!({"Version": "2012-10-17", "Statement": [theirs.clone()]});
    });
    let plan = plan_of(&desired_here("a"), &observed);
    assert_snapshot!(steps(&plan, "role/dms-vpc-role"), @"
    tag pipewright:owner:a=orders
    look again: trust policy and owners as they were
    widen the trust policy
    ");
    let change = plan.changes.iter().find(|change| change.key.resource == vpc_role()).unwrap();
    assert_eq!(change.fields[0].after["Statement"][0], theirs);
    assert_eq!(change.fields[0].after["Statement"][1]["Sid"], "PipewrightOfaN1");
}

/// Own statements that no spec needs go only while nobody else owns the role; others' never do.
#[test]
fn a_trust_policy_is_narrowed_only_by_its_last_owner_and_only_by_what_that_wrote() {
    let condition = json!({"StringEquals": {"aws:SourceAccount": "444455556666"}});
    let document = json!({"Version": "2012-10-17", "Statement": [
        statement("PipewrightOfaN1", "Allow", &condition),
        statement("PipewrightOfbN1", "Allow", &json!({"StringEquals": {"aws:SourceAccount": "111122223333"}})),
    ]});
    let live = |others: &[(&str, &str)]| {
        let mut tags = vec![("pipewright:owner:a", "orders"), (tags::ORIGIN, tags::CREATED)];
        tags.extend(others);
        let mut observed = only_role(&tags);
        edit_role(&mut observed, |role| role.trust = document.clone());
        observed
    };
    let of_role = |observed| {
        let plan = plan_of(&desired_here("a"), &observed);
        plan.changes.into_iter().find(|change| change.key.resource == vpc_role())
    };
    assert_eq!(of_role(live(&[("pipewright:owner:b", "users")])), None);
    let alone = of_role(live(&[])).unwrap();
    let after = &alone.fields[0].after["Statement"];
    assert_eq!(after.as_array().unwrap().len(), 1, "{after}");
    assert_eq!(after[0]["Sid"], "PipewrightOfbN1");

    let mut adopted = live(&[]);
    let tags = &mut adopted.resources.get_mut(&vpc_role()).unwrap().tags;
    tags.insert(tags::ORIGIN.to_owned(), tags::ADOPTED.to_owned());
    assert_eq!(of_role(adopted), None, "a role that was there before is not narrowed");
}

#[test]
fn a_denial_is_a_conflict_that_names_both_owners() {
    let mut wanted = desired_here("a");
    wanted.resources.get_mut(&vpc_role()).unwrap().adopt = Adopt::Always;
    let mut observed = only_role(&[("pipewright:owner:b", "users"), (tags::ORIGIN, tags::CREATED)]);
    edit_role(&mut observed, |role| {
        let statements = role.trust["Statement"].as_array_mut().unwrap();
        statements.push(statement("NoDms", "Deny", &json!({})));
    });
    let plan = plan_of(&wanted, &observed);
    assert_snapshot!(plan.report.conflicts[0].message, @"has the statement NoDms in its trust policy that denies it to dms.amazonaws.com, against the needs of a (orders), b (users)");
    edit_role(&mut observed, |role| {
        let elsewhere = json!({"StringNotEquals": {"aws:SourceAccount": "111122223333"}});
        role.trust["Statement"][1] = statement("NoStrangers", "Deny", &elsewhere);
    });
    let plan = plan_of(&wanted, &observed);
    assert!(plan.report.conflicts.is_empty(), "a denial that spares the own account is in nobody's way");
}

/// The trust policy is replaced as a whole: what others wrote since it was read must not be lost.
#[test]
fn a_trust_policy_that_changed_since_it_was_read_is_not_overwritten() {
    let mut observed = only_role(&[("pipewright:owner:b", "users"), (tags::ORIGIN, tags::CREATED)]);
    edit_role(&mut observed, |role| role.trust = json!({"Version": "2012-10-17", "Statement": []}));
    let plan = plan_of(&desired_here("a"), &observed);
    let change = plan.changes.iter().find(|change| change.key.resource == vpc_role()).unwrap();
    let guard = change.steps.iter().find_map(|step| match step {
        Step::Check { guard, .. } => Some(guard),
        _ => None,
    });
    let guard = guard.unwrap();
    let look = |observed: &Observed| {
        let live = observed.resources.get(&vpc_role());
        guard.holds(live, &BTreeMap::new(), observed.at).map_err(|refusal| refusal.reason)
    };
    assert_eq!(look(&observed), Ok(()));
    let mut joined = observed.clone();
    joined
        .resources
        .get_mut(&vpc_role())
        .unwrap()
        .tags
        .insert("pipewright:owner:c".to_owned(), "x".to_owned());
    assert_eq!(look(&joined), Err("c joined dms-vpc-role".to_owned()));
    edit_role(&mut observed, |role| {
        role.trust = json!({"Version": "2012-10-17", "Statement": [statement("new", "Allow", &json!({}))]});
    });
    assert_eq!(look(&observed), Err("somebody changed the trust policy of dms-vpc-role".to_owned()));
}
