//! A plan as the comment of a pull request.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use pipewright_model::{Body, Kind, Observed};
use pipewright_plan::render::{self, MARKDOWN_BUDGET};
use pipewright_plan::{Plan, PlanOptions, plan};
use pipewright_testkit::{converged, desired, edit_endpoint, edit_instance, edit_task, id};
use serde_json::json;

/// A plan with an update that stops a task, a change of an instance, creates, and a delete.
fn everything() -> Plan {
    let before = desired("data-platform", &["billing", "orders", "users"]);
    let observed = converged(&before);
    let mut after = desired("data-platform", &["billing", "orders", "payments"]);
    edit_instance(&mut after, "billing", |instance| instance.allocated_storage = Some(200));
    edit_endpoint(&mut after, "orders-source", |endpoint| {
        endpoint.settings.insert("ServerTimezone".to_owned(), json!("UTC `<b>@team</b>`"));
    });
    plan(&after, &observed, &PlanOptions::default())
}

/// The plan of many pipelines that do not exist yet.
fn many(pipelines: usize) -> Plan {
    let names: Vec<String> = (0..pipelines).map(|index| format!("p{index}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    plan(&desired("data-platform", &names), &Observed::default(), &PlanOptions::default())
}

#[test]
fn what_must_not_be_missed_comes_first_and_details_are_collapsed() {
    insta::assert_snapshot!("everything_markdown", render::markdown(&everything(), MARKDOWN_BUDGET));
}

#[test]
fn a_plan_without_changes_is_one_line_below_its_heading() {
    let desired = desired("data-platform", &["orders"]);
    let plan = plan(&desired, &converged(&desired), &PlanOptions::default());
    insta::assert_snapshot!(render::markdown(&plan, MARKDOWN_BUDGET), @"
    ## Pipewright plan: test

    Account 111122223333, us-east-1, scope `data-platform`.

    No changes. 7 resources are as specified.

    ");
}

#[test]
fn changed_table_mappings_are_a_line_diff_in_a_fence_that_holds_them() {
    let mut desired = desired("data-platform", &["orders"]);
    let observed = converged(&desired);
    edit_task(&mut desired, "orders", |task| {
        task.table_mappings = json!({"rules": [{
            "rule-type": "selection", "rule-id": "1", "rule-name": "1", "rule-action": "include",
            "object-locator": {"schema-name": "```", "table-name": "%"},
        }]});
    });
    let text = render::markdown(&plan(&desired, &observed, &PlanOptions::default()), MARKDOWN_BUDGET);
    assert!(text.contains("````diff\n"), "{text}");
    assert!(text.contains("@@ tableMappings @@"), "{text}");
}

/// tfcmt #227 and tfaction #2816: a plan that is longer than GitHub's limit left no comment, and the
/// check was green.
#[test]
fn tfcmt_227_a_plan_of_any_size_keeps_to_the_budget_and_says_what_is_left_out() {
    for (pipelines, budget) in [(60, MARKDOWN_BUDGET), (1_000, MARKDOWN_BUDGET), (60, 5_000), (60, 1_500)] {
        let plan = many(pipelines);
        let text = render::markdown(&plan, budget);
        assert!(text.len() <= budget, "{} bytes of {budget}", text.len());
        assert!(text.contains("This comment is cut"), "{text}");
        assert!(text.contains(" to create"), "the summary is always there");
        assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
        assert_eq!(text.lines().filter(|line| line.trim_start().starts_with("```")).count() % 2, 0);
    }
}

#[test]
fn the_least_important_is_left_out_first() {
    let plan = everything();
    let whole = render::markdown(&plan, MARKDOWN_BUDGET);
    let cut = render::markdown(&plan, whole.len() - 100);
    let deletes = |text: &str| {
        let (_, after) = text.split_once("Deletes (").unwrap();
        after.split("\n### ").next().unwrap().to_owned()
    };
    assert_eq!(deletes(&whole), deletes(&cut));
    assert!(cut.len() < whole.len());
}

#[test]
fn no_secret_is_in_it() {
    let mut desired = desired("data-platform", &["orders"]);
    let source = id(&desired, Kind::Endpoint, "orders-source");
    if let Body::Endpoint(endpoint) = &mut desired.resources.get_mut(&source).unwrap().body {
        endpoint.password = Some(pipewright_model::Secret::new("canary-4711"));
        endpoint.extra_connection_attributes = Some("asmPassword=canary-4711;x=1".to_owned());
    }
    let text =
        render::markdown(&plan(&desired, &Observed::default(), &PlanOptions::default()), MARKDOWN_BUDGET);
    assert!(!text.contains("canary-4711"), "{text}");
}
