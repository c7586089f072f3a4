//! What is held back until it is approved.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use insta::assert_snapshot;
use pipewright_model::{Approval, Basis, Desired, Given, Observed, SpecPlace};
use pipewright_plan::render::{self, MARKDOWN_BUDGET, Style};
use pipewright_plan::{Plan, PlanOptions, plan};
use pipewright_testkit::{converged, desired, outline};

fn plan_of(desired: &Desired, observed: &Observed) -> Plan {
    plan(desired, observed, &PlanOptions::default())
}

/// The specs without the pipeline billing, where a delete needs an approval, and the account that has it.
fn without_billing() -> (Desired, Observed) {
    let mut left = desired("a", &["orders"]);
    left.policy.deletes_need_approval = true;
    (left, converged(&desired("a", &["billing", "orders"])))
}

#[test]
fn where_the_policy_says_so_a_delete_needs_an_approval() {
    let (mut left, observed) = without_billing();
    let held = plan_of(&left, &observed);
    assert_snapshot!(outline(&held), @"
    update role/dms-cloudwatch-logs-role [none]
    update role/dms-vpc-role [none]
    blocked task/a-billing: needs an approval of `destroys`: no spec declares it any more
    waiting endpoint/a-billing-target: no spec declares it, and it is kept: task/a-billing still uses it
    waiting endpoint/a-billing-source: no spec declares it, and it is kept: task/a-billing still uses it
    waiting instance/a-billing: no spec declares it, and it is kept: task/a-billing still uses it
    waiting subnet-group/a-billing: no spec declares it, and it is kept: instance/a-billing still uses it
    ");
    left.approvals.on_command_line.insert((Approval::Destroys, Some("billing".to_owned())));
    let approved = plan_of(&left, &observed);
    assert_snapshot!(outline(&approved), @"
    update role/dms-cloudwatch-logs-role [none]
    update role/dms-vpc-role [none]
    delete subnet-group/a-billing [destroys]
    delete instance/a-billing [destroys]
    delete endpoint/a-billing-source [destroys]
    delete endpoint/a-billing-target [destroys]
    delete task/a-billing [destroys]
    ");
    assert!(approved.report.blocked.is_empty());
    assert_ne!(held.digest(), approved.digest());
    left.approvals.on_command_line = [(Approval::Destroys, Some("orders".to_owned()))].into();
    assert_eq!(plan_of(&left, &observed), held);
}

#[test]
fn a_plan_says_and_hashes_what_it_rests_on() {
    let (mut left, observed) = without_billing();
    left.approvals.on_command_line.insert((Approval::Destroys, None));
    let by_command = plan_of(&left, &observed);
    assert!(
        render::text(&by_command, Style::new(false))
            .contains("Rests on these approvals\n  ! destroys for billing: approved on the command line\n")
    );
    assert!(
        render::markdown(&by_command, MARKDOWN_BUDGET)
            .contains("destroys for billing: approved on the command line")
    );
    let json = serde_json::to_value(render::json(&by_command)).unwrap();
    assert_eq!(json["approvals"][0]["approval"], "destroys");

    left.approvals.on_command_line.clear();
    let place = SpecPlace { file: "billing.yaml".to_owned(), line: 9 };
    let until = observed.at + Duration::from_secs(1);
    let given = Given { approval: Approval::Destroys, until, place: place.clone() };
    left.approvals.in_specs.insert("billing".to_owned(), vec![given]);
    let by_spec = plan_of(&left, &observed);
    assert_eq!(by_spec.approvals.first().unwrap().by, Basis::Spec { place, until });
    assert_eq!(by_spec.changes, by_command.changes);
    assert_ne!(by_spec.digest(), by_command.digest());

    let later = Observed { at: until, ..observed };
    let ran_out = plan_of(&left, &later);
    assert!(ran_out.approvals.is_empty() && !outline(&ran_out).contains("delete"));
    let hint = ran_out.report.blocked[0].hint.as_ref().unwrap();
    assert!(hint.ends_with("(the one at billing.yaml:9 ran out at 2027-01-15T08:00:01Z)"), "{hint}");
}
