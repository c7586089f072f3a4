//! Two spec trees compared without AWS, and drawn.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use pipewright_model::{Declared, DeletionPolicy, Kind, Ref};
use pipewright_plan::render::{self, Graph, Style};
use pipewright_plan::{Action, Disruption, compare};
use pipewright_testkit::{desired, edit_endpoint, edit_instance, edit_task, id};
use serde_json::json;

#[test]
fn a_spec_tree_does_not_differ_from_itself() {
    let tree = desired("data-platform", &["billing", "orders"]);
    let plan = compare(&tree, &tree);
    assert!(plan.is_empty(), "{plan:?}");
    assert!(!plan.unchanged.is_empty());
}

#[test]
fn what_is_new_what_goes_and_what_changes_is_told_with_what_it_does() {
    let before = desired("data-platform", &["billing", "orders", "users"]);
    let mut after = desired("data-platform", &["billing", "orders", "payments"]);
    edit_instance(&mut after, "billing", |instance| "dms.r6i.large".clone_into(&mut instance.class));
    edit_endpoint(&mut after, "orders-source", |endpoint| {
        endpoint.settings.insert("ServerTimezone".to_owned(), json!("UTC"));
    });
    edit_task(&mut after, "orders", |task| {
        task.table_mappings["rules"][0]["object-locator"]["table-name"] = json!("invoices");
    });
    insta::assert_snapshot!(render::text(&compare(&before, &after), Style::PLAIN));
}

#[test]
fn what_is_said_of_keeping_a_resource_is_compared_too() {
    let before = desired("data-platform", &["orders"]);
    let mut after = before.clone();
    let task = id(&before, Kind::Task, "orders");
    let edit: fn(&mut Declared) = |declared| {
        declared.deletion_policy = DeletionPolicy::Retain;
        declared.protected = true;
        declared.tags.insert("team".to_owned(), "commerce".to_owned());
    };
    edit(after.resources.get_mut(&task).unwrap());
    let plan = compare(&before, &after);
    let [change] = plan.changes.as_slice() else { panic!("{plan:?}") };
    let paths: Vec<&str> = change.fields.iter().map(|field| field.path.as_str()).collect();
    assert_eq!((change.action, change.disruption), (Action::Update, Disruption::None));
    assert_eq!(paths, ["deletionPolicy", "protect", "tags.team"]);
}

#[test]
fn a_graph_has_every_resource_what_it_needs_and_the_owners_of_roles() {
    let mut tree = desired("data-platform", &["orders"]);
    let outside = "arn:aws:dms:us-east-1:111122223333:endpoint:\"quoted\"";
    edit_task(&mut tree, "orders", |task| task.source = Ref::External(outside.to_owned()));
    let graph = Graph::of(&[tree]);
    insta::assert_snapshot!("mermaid", graph.mermaid());
    insta::assert_snapshot!("dot", graph.dot());
}
