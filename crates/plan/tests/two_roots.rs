//! Shared roles and two spec roots whose Controllers have one name: what the uid in the tags decides.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use insta::assert_snapshot;
use pipewright_model::kinds::FixedRole;
use pipewright_model::tags::{self, Tags};
use pipewright_model::{Desired, Kind, Observed, ResourceId, Timestamp};
use pipewright_plan::render::{self, MARKDOWN_BUDGET, Style};
use pipewright_plan::{Plan, PlanOptions, plan};
use pipewright_testkit::{converged, desired, live_role, outline, steps};

const OURS: &str = "1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40";
const THEIRS: &str = "a2b4c6d8-0000-4000-8000-0123456789ab";
const ROLE: &str = "role/dms-vpc-role";

fn root(uid: Option<&str>, pipelines: &[&str]) -> Desired {
    let mut wanted = desired("a", pipelines);
    if let Some(uid) = uid {
        wanted.scope = wanted.scope.with_uid(uid);
    }
    wanted
}

/// An account with nothing but `dms-vpc-role`, which Pipewright made, tagged like this besides.
fn role_with(key: &str, value: &str) -> Observed {
    let declared = FixedRole::VPC.declared("aws", BTreeSet::new(), true);
    let tags = [(tags::ORIGIN, tags::CREATED), (key, value)];
    let tags: Tags = tags.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let mut observed = Observed { at: Timestamp::from_secs(1_800_000_000), ..Observed::default() };
    observed.resources.insert(ResourceId::role("dms-vpc-role"), live_role(&declared, tags));
    observed
}

fn plan_of(desired: &Desired, observed: &Observed) -> Plan {
    plan(desired, observed, &PlanOptions::default())
}

/// What a plan says of `dms-vpc-role`.
fn of_role(plan: &Plan) -> String {
    let text = outline(plan);
    let lines: Vec<&str> = text.lines().filter(|line| line.contains(&format!(" {ROLE}"))).collect();
    if lines.is_empty() { "nothing".to_owned() } else { lines.join("\n") }
}

#[test]
fn a_role_is_made_and_shown_as_ours_with_the_digits_of_the_uid() {
    let wanted = root(Some(OURS), &["orders"]);
    let plan = plan_of(&wanted, &Observed::default());
    let created = serde_json::to_value(&plan.changes[1].steps[0]).unwrap();
    assert_eq!(created["call"]["createRole"]["tags"]["pipewright:owner:a"], "uid=1f0c9a52 orders");
    let plan = plan_of(&wanted, &converged(&wanted));
    assert_eq!(outline(&plan), "nothing");
    assert_eq!(plan.roles["dms-vpc-role"].owners["a"], "orders");
}

#[test]
fn an_owner_tag_without_a_uid_is_ours_and_gets_it() {
    let observed = role_with("pipewright:owner:a", "orders");
    let plan = plan_of(&root(Some(OURS), &["orders"]), &observed);
    assert_snapshot!(steps(&plan, ROLE), @"tag pipewright:owner:a=uid=1f0c9a52 orders");
    let change = plan.changes.iter().find(|change| change.key.to_string() == ROLE).unwrap();
    let owners = change.owners.as_ref().unwrap();
    assert_eq!(owners.before, owners.after);

    let plan = plan_of(&root(Some(OURS), &[]), &observed);
    assert!(steps(&plan, ROLE).starts_with("untag pipewright:owner:a\n"), "{}", steps(&plan, ROLE));
}

#[test]
fn a_role_of_another_root_with_our_name_is_a_conflict() {
    let observed = role_with("pipewright:owner:a", "uid=a2b4c6d8 orders");
    let conflict = |uid| plan_of(&root(uid, &["orders"]), &observed).report.conflicts[0].message.clone();
    assert_snapshot!(conflict(Some(OURS)), @"exists and is owned by another scope a, with the uid a2b4c6d8… (this Controller's uid: 1f0c9a52…)");
    assert_snapshot!(conflict(None), @"exists and is owned by another scope a, with the uid a2b4c6d8… (this Controller's uid: none)");
    let plan = plan_of(&root(Some(OURS), &["orders"]), &observed);
    assert!(plan.changes.iter().all(|change| change.key.to_string() != ROLE), "{}", outline(&plan));
}

#[test]
fn a_role_of_another_root_with_our_name_is_neither_left_nor_deleted() {
    let observed = role_with("pipewright:owner:a", "uid=a2b4c6d8 orders");
    for ours in [Some(OURS), None] {
        assert_eq!(of_role(&plan_of(&root(ours, &[]), &observed)), "nothing");
        // Also not where it is no longer to be managed.
        let mut wanted = root(ours, &["orders"]);
        for declared in wanted.resources.values_mut() {
            if let pipewright_model::Body::ServiceRole(role) = &mut declared.body {
                role.manage = false;
            }
        }
        assert_eq!(of_role(&plan_of(&wanted, &observed)), "nothing");
    }
    let plan = plan_of(&root(Some(THEIRS), &[]), &observed);
    assert_eq!(of_role(&plan), "delete role/dms-vpc-role [destroys]");
}

#[test]
fn the_specs_of_another_scope_are_named_without_its_uid() {
    let observed = role_with("pipewright:owner:b", "uid=a2b4c6d8 users");
    let plan = plan_of(&root(Some(OURS), &["orders"]), &observed);
    let join = plan.changes.iter().find(|change| change.key.to_string() == ROLE).unwrap();
    assert_eq!(join.reason, "exists; needed by orders, together with b (users)");
    assert_eq!(join.owners.as_ref().unwrap().after["b"], "users");
}

#[test]
fn a_drain_is_of_one_root() {
    let mark = |by: &str| format!("{by} AROAEXAMPLE 1799999000 1799999000000");
    let seen = |by: &str, uid| plan_of(&root(uid, &[]), &role_with(tags::DRAIN, &mark(by)));

    // Our own is gone on with.
    let plan = seen("a/1f0c9a52", Some(OURS));
    assert!(steps(&plan, ROLE).starts_with("wait until it has drained"), "{}", steps(&plan, ROLE));
    // One that was written before the Controller had a uid is begun anew.
    let plan = seen("a", Some(OURS));
    assert!(steps(&plan, ROLE).starts_with("look again: no owner\nmark it"), "{}", steps(&plan, ROLE));
    // Those of others are theirs to finish.
    for (by, uid) in [("a/a2b4c6d8", Some(OURS)), ("a/a2b4c6d8", None), ("b", Some(OURS))] {
        let said = of_role(&seen(by, uid));
        assert!(said.starts_with(&format!("waiting {ROLE}: has no owner, and is left to {by}, ")), "{said}");
    }
}

#[test]
fn the_last_look_of_a_root_wants_its_own_mark() {
    let plan = plan_of(&root(Some(OURS), &[]), &role_with(tags::ORIGIN, tags::CREATED));
    let guard = plan.changes[0].steps.iter().rev().find_map(|step| match step {
        pipewright_plan::Step::Check { guard, .. } => Some(guard),
        _ => None,
    });
    let holds = |by: &str| {
        let mark = format!("{by} AROAEXAMPLE 1799999000 1800000000000");
        let seen = role_with(tags::DRAIN, &mark);
        let live = seen.resources.get(&ResourceId::role("dms-vpc-role"));
        guard.unwrap().holds(live, &BTreeMap::new(), Timestamp::from_secs(1_800_000_000)).is_ok()
    };
    assert!(holds("a/1f0c9a52"));
    assert!(!holds("a"));
    assert!(!holds("a/a2b4c6d8"));
}

#[test]
fn every_rendering_names_both_roots() {
    let theirs = root(Some(THEIRS), &["orders"]);
    let mut observed = converged(&theirs);
    observed.resources.retain(|id, _| id.kind == Kind::ServiceRole);
    let plan = plan_of(&root(Some(OURS), &["users"]), &observed);
    for text in [
        render::text(&plan, Style::default()),
        render::markdown(&plan, MARKDOWN_BUDGET),
        serde_json::to_string(&render::json(&plan)).unwrap(),
    ] {
        assert!(text.contains("1f0c9a52…") && text.contains("a2b4c6d8…"), "{text}");
        assert!(!text.contains("uid=a2b4c6d8"), "{text}");
    }
}
