//! A plan of some of the specs: what is out of view stays as it is.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use insta::assert_snapshot;
use pipewright_model::kinds::FixedRole;
use pipewright_model::tags;
use pipewright_model::{Body, Desired, Kind, Observed, ResourceId};
use pipewright_plan::render::{self, MARKDOWN_BUDGET, Style};
use pipewright_plan::{Plan, PlanOptions, plan, status};
use pipewright_testkit::{
    converged, desired, edit_endpoint, edit_instance, edit_task, id, outline, sharing, steps,
};
use serde_json::json;

fn plan_of(desired: &Desired, observed: &Observed) -> Plan {
    plan(desired, observed, &PlanOptions::default())
}

/// The same specs, of which only these are looked at.
fn only(mut desired: Desired, specs: &[&str]) -> Desired {
    desired.only = Some(specs.iter().map(|&spec| spec.to_owned()).collect());
    desired
}

#[test]
fn only_what_is_in_view_is_made_and_owners_are_those_of_the_whole() {
    let plan = plan_of(&only(desired("a", &["billing", "orders"]), &["orders"]), &Observed::default());
    assert_snapshot!(outline(&plan), @"
    create role/dms-cloudwatch-logs-role [none]
    create role/dms-vpc-role [none]
    create subnet-group/a-orders [none]
    create instance/a-orders [none]
    create endpoint/a-orders-source [none]
    create endpoint/a-orders-target [none]
    test connection/a-orders/a-orders-source [none]
    test connection/a-orders/a-orders-target [none]
    create task/a-orders [none]
    start task/a-orders (run) [none]
    ");
    let created = serde_json::to_value(&plan.changes[1].steps[0]).unwrap();
    assert_eq!(created["call"]["createRole"]["tags"]["pipewright:owner:a"], "billing orders");
}

#[test]
fn nothing_is_pruned_or_left() {
    let observed = converged(&desired("a", &["billing", "orders"]));
    // A pipeline is gone from the specs, and all of them are.
    for left in [&["orders"][..], &[]] {
        let whole = plan_of(&desired("a", left), &observed);
        assert!(outline(&whole).contains("delete task/a-billing"), "{}", outline(&whole));
        assert_eq!(outline(&plan_of(&only(desired("a", left), &["orders"]), &observed)), "nothing");
    }
}

#[test]
fn a_role_that_was_left_is_not_deleted() {
    let mut observed = converged(&desired("a", &["orders"]));
    let role = observed.resources.get_mut(&ResourceId::role("dms-vpc-role")).unwrap();
    role.tags.remove("pipewright:owner:a");
    observed.resources.retain(|id, _| *id == ResourceId::role("dms-vpc-role"));
    let none = desired("a", &[]);
    assert_eq!(outline(&plan_of(&none, &observed)), "delete role/dms-vpc-role [destroys]");
    assert_eq!(outline(&plan_of(&only(none, &["orders"]), &observed)), "nothing");
}

#[test]
fn a_new_spec_is_added_to_the_owner_tag_and_none_is_taken_off() {
    let observed = converged(&desired("a", &["billing", "orders"]));
    let wanted = only(desired("a", &["orders", "users"]), &["users"]);
    let plan = plan_of(&wanted, &observed);
    assert_snapshot!(steps(&plan, "role/dms-vpc-role"), @"tag pipewright:owner:a=billing orders users");
}

#[test]
fn a_trust_policy_is_not_narrowed() {
    let mut wanted = desired("a", &["orders"]);
    let vpc = ResourceId::role(FixedRole::VPC.name);
    let Body::ServiceRole(role) = &mut wanted.resources.get_mut(&vpc).unwrap().body else { panic!() };
    role.trusted_services.insert("redshift.amazonaws.com".to_owned());
    // The trust that the first plan writes for two services, and specs that need one of them.
    let made = plan_of(&wanted, &Observed::default());
    let made = serde_json::to_value(&made.changes[1].steps[0]).unwrap();
    let less = desired("a", &["orders"]);
    let mut observed = converged(&less);
    if let pipewright_model::LiveBody::ServiceRole(role) = &mut observed.resources.get_mut(&vpc).unwrap().body
    {
        role.trust = made["call"]["createRole"]["trust"].clone();
    }
    assert_eq!(outline(&plan_of(&less, &observed)), "update role/dms-vpc-role [in-place]");
    assert_eq!(outline(&plan_of(&only(less, &["orders"]), &observed)), "nothing");
}

#[test]
fn other_tasks_on_what_changes_are_stopped_for_it_and_go_on() {
    let mut wanted = sharing("a", 2, 2);
    let (other, source) = (id(&wanted, Kind::Task, "p001"), id(&wanted, Kind::Endpoint, "p000-source"));
    let Body::Task(task) = &mut wanted.resources.get_mut(&other).unwrap().body else { panic!() };
    task.source = pipewright_model::Ref::Managed(source);
    let observed = converged(&wanted);
    edit_endpoint(&mut wanted, "p000-source", |endpoint| {
        endpoint.settings.insert("ServerTimezone".to_owned(), json!("UTC"));
    });
    // The other pipeline has a change of its own, which is out of view.
    edit_task(&mut wanted, "p001", |task| task.table_mappings = json!({"rules": []}));
    let plan = plan_of(&only(wanted, &["p000"]), &observed);
    let said = outline(&plan);
    let mut lines: Vec<&str> = said.lines().filter(|line| !line.starts_with("test ")).collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "pause task/a-p000 (pause) [stops-task]",
            "pause task/a-p001 (pause) [stops-task]",
            "resume task/a-p000 (run) [none]",
            "resume task/a-p001 (run) [none]",
            "update endpoint/a-p000-source [in-place]",
        ]
    );
    for change in &plan.changes {
        assert!(change.needs.iter().all(|need| plan.change(need).is_some()), "{change:?}");
    }
}

#[test]
fn a_task_that_a_pass_stopped_for_what_is_in_view_is_resumed_by_the_next_of_the_same_view() {
    let wanted = sharing("a", 2, 2);
    let mut observed = converged(&wanted);
    let other = id(&wanted, Kind::Task, "p001");
    let task = observed.resources.get_mut(&other).unwrap();
    task.tags.insert(tags::PAUSED.to_owned(), "resume".to_owned());
    if let pipewright_model::LiveBody::Task(task) = &mut task.body {
        task.status = "stopped".to_owned();
    }
    assert_eq!(outline(&plan_of(&only(wanted, &["p000"]), &observed)), "resume task/a-p001 (run) [none]");
    // It shares nothing with the third.
    let wanted = sharing("a", 3, 2);
    assert!(!outline(&plan_of(&only(wanted, &["p002"]), &observed)).contains("p001"));
}

#[test]
fn a_conflict_out_of_view_is_not_told() {
    let wanted = desired("a", &["billing", "orders"]);
    let mut observed = converged(&wanted);
    let theirs = id(&wanted, Kind::Instance, "billing");
    observed.resources.get_mut(&theirs).unwrap().tags.clear();
    assert_eq!(outline(&plan_of(&only(wanted.clone(), &["orders"]), &observed)), "nothing");
    let plan = plan_of(&only(wanted, &["billing"]), &observed);
    assert!(outline(&plan).contains("conflict instance/a-billing"), "{}", outline(&plan));
}

#[test]
fn every_rendering_says_that_the_view_is_partial() {
    let mut wanted = desired("a", &["billing", "orders"]);
    let observed = converged(&wanted);
    let line = "Partial view: only orders and what they need; nothing is deleted or left.";
    for change in [false, true] {
        if change {
            edit_instance(&mut wanted, "orders", |instance| instance.allocated_storage = Some(200));
        }
        let wanted = only(wanted.clone(), &["orders"]);
        let plan = plan_of(&wanted, &observed);
        for text in [render::text(&plan, Style::default()), render::markdown(&plan, MARKDOWN_BUDGET)] {
            assert!(text.contains(line), "{text}");
        }
        let json = serde_json::to_value(render::json(&plan)).unwrap();
        assert_eq!(json["only"], json!(["orders"]));
        let status = status(&wanted, &observed, &plan);
        assert!(render::status_text(&status, Style::default()).contains(line));
        let shown: BTreeSet<&str> = status.pipelines.iter().map(|pipeline| pipeline.name.as_str()).collect();
        assert_eq!(shown, BTreeSet::from(["orders"]));
        assert_eq!(plan.unchanged.len(), 7 - usize::from(change), "{:?}", plan.unchanged);
    }
}
