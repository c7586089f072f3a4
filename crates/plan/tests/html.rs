//! A plan as a page.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use pipewright_model::Observed;
use pipewright_plan::{Plan, PlanOptions, plan, render};
use pipewright_testkit::{converged, desired, edit_endpoint, edit_task};
use serde_json::json;

/// A plan with line diffs, a change that stops a task, creates, and a delete.
fn everything() -> Plan {
    let before = desired("data-platform", &["billing", "orders", "users"]);
    let observed = converged(&before);
    let mut after = desired("data-platform", &["billing", "orders", "payments"]);
    edit_endpoint(&mut after, "orders-source", |endpoint| {
        endpoint.settings.insert("ServerTimezone".to_owned(), json!("<script>alert('1')</script> & \"x\""));
    });
    edit_task(&mut after, "billing", |task| {
        task.table_mappings["rules"][0]["object-locator"]["table-name"] = json!("invoices");
    });
    plan(&after, &observed, &PlanOptions::default())
}

#[test]
fn a_plan_is_a_page_of_its_own() {
    insta::assert_snapshot!("everything_html", render::html(&[&everything()]));
}

#[test]
fn nothing_in_a_plan_is_markup_and_nothing_is_loaded_from_elsewhere() {
    let page = render::html(&[&everything()]);
    assert!(page.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;x&quot;"), "{page}");
    for forbidden in ["<script", "<link", "<img", "http://", "https://", "url(", "@import"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn what_differs_within_a_line_is_marked() {
    let page = render::html(&[&everything()]);
    assert!(page.contains("<mark>invoices</mark>"), "{page}");
}

#[test]
fn every_element_that_is_opened_is_closed() {
    let page = render::html(&[&everything(), &everything()]);
    for element in
        ["details", "summary", "div", "table", "tr", "pre", "ol", "li", "p", "section", "span", "mark"]
    {
        let opened =
            page.matches(&format!("<{element}>")).count() + page.matches(&format!("<{element} ")).count();
        assert_eq!(opened, page.matches(&format!("</{element}>")).count(), "{element}");
    }
}

#[test]
fn environments_with_nothing_to_do_say_so_beside_others() {
    let quiet = desired("data-platform", &["orders"]);
    let quiet = plan(&quiet, &converged(&quiet), &PlanOptions::default());
    let new = plan(&desired("data-platform", &["orders"]), &Observed::default(), &PlanOptions::default());
    let page = render::html(&[&quiet, &new]);
    assert!(page.contains("No changes. 7 resources are as specified."), "{page}");
    assert!(page.contains("<h3>Creates ("), "{page}");
}
