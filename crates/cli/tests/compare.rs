//! `diff` and `graph`: specs compared and drawn, without AWS.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

#[allow(dead_code, unreachable_pub, reason = "shared by several test programs")]
mod common;

use common::Workplace;

/// Two spec roots beside each other: `specs`, and `after` with more pipelines.
fn roots(after: &[&str]) -> Workplace {
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    let other = Workplace::with_pipelines("data-platform", after);
    std::fs::create_dir(place.path().join("after")).unwrap();
    for file in std::fs::read_dir(other.path().join("specs")).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), place.path().join("after").join(file.file_name())).unwrap();
    }
    place
}

#[test]
fn spec_roots_are_compared_without_aws_and_without_secrets() {
    let place = roots(&["orders", "users"]);
    let told = place.run("diff specs after").expect(0).all();
    assert!(told.contains("+ create  task/data-platform-users"), "{told}");
    assert!(told.contains("owners: data-platform (orders) → data-platform (orders, users)"), "{told}");
    place.run("diff specs after --detailed-exitcode").expect(2);
    let json = place.run("diff after specs --format json").expect(0).json();
    assert_eq!(
        json["resource_changes"].as_array().unwrap().iter().filter(|c| c["action"] == "delete").count(),
        5
    );
    let same = place.run("diff specs specs --detailed-exitcode").expect(0).all();
    assert!(same.contains("No changes."), "{same}");
}

#[test]
fn a_root_that_is_wrong_or_not_there_is_an_error() {
    let place = roots(&["orders"]);
    place.edit("after/orders.yaml", "engine:", "engin:");
    assert!(place.run("diff specs after").expect(1).all().contains("engin"));
    place.run("diff specs nowhere").expect(1);
}

#[test]
fn specs_are_drawn_in_both_languages() {
    let place = roots(&["orders"]);
    assert!(place.run("graph specs").expect(0).stdout.starts_with("flowchart LR\n"));
    assert!(place.run("graph specs --format dot").expect(0).stdout.starts_with("digraph pipewright {\n"));
    let unknown = place.run("graph specs --environment nowhere").expect(1).all();
    assert!(unknown.contains("the Controller has no environment `nowhere`"), "{unknown}");
}
