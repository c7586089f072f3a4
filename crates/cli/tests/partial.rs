//! Working on a part of a spec root: `--only`, sub-folders and single files.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

#[allow(dead_code, unreachable_pub, reason = "shared by several test programs")]
mod common;

use common::{Workplace, pipeline};
use serde_json::Value;

/// Two pipelines in folders of their own below the Controller.
fn two_folders() -> Workplace {
    let place = Workplace::with_pipelines("data-platform", &[]);
    place.write("specs/shop/orders.yaml", &pipeline("orders"));
    place.write("specs/finance/billing.yaml", &pipeline("billing"));
    place
}

/// The names of everything that a plan changes.
fn changed(plan: &Value) -> Vec<String> {
    let changes = plan["resource_changes"].as_array().unwrap();
    changes.iter().map(|change| change["address"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_part_is_planned_and_says_so() {
    let place = two_folders();
    for (arguments, of) in [
        ("plan specs --only orders", "orders"),
        ("plan specs --only Pipeline/orders", "orders"),
        ("plan specs/shop", "orders"),
        ("plan specs/shop/orders.yaml", "orders"),
        ("plan specs/shop specs/finance --only billing", "billing"),
    ] {
        let ran = place.run(&format!("{arguments} --sandbox")).expect(0);
        let line = format!("Partial view: only {of} and what they need; nothing is deleted or left.\n");
        assert!(ran.stdout.contains(&line), "{arguments}: {}", ran.all());
        let plan = place.run(&format!("{arguments} --sandbox --format json")).expect(0).json();
        assert_eq!(plan["only"], serde_json::json!([of]));
        let other = if of == "orders" { "billing" } else { "orders" };
        assert!(!changed(&plan).iter().any(|address| address.contains(other)), "{:?}", changed(&plan));
        assert!(plan.to_string().contains("billing orders"), "owner tags list the specs of the whole tree");
    }
    // From inside the folder, and with the whole given.
    let inside =
        place.command("plan . --sandbox").current_dir(place.path().join("specs/shop")).output().unwrap();
    assert!(String::from_utf8(inside.stdout).unwrap().contains("Partial view: only orders"));
    let whole = place.run("plan specs --sandbox --format json").expect(0).json();
    assert_eq!(whole["only"], Value::Null);
    assert!(changed(&whole).iter().any(|address| address.contains("billing")));
}

#[test]
fn a_part_deletes_nothing_and_the_whole_does() {
    let place = two_folders();
    place.run("reconcile specs --once --sandbox --sandbox-speed max").expect(0);
    place.remove("specs/finance/billing.yaml");
    for arguments in ["specs --only orders", "specs/shop"] {
        let once = format!("reconcile {arguments} --once --sandbox --sandbox-speed max");
        let ran = place.run(&once).expect(0);
        assert!(ran.stdout.contains("Partial view") && ran.stdout.contains("No changes."), "{}", ran.all());
    }
    let status = place.run("status specs/shop --sandbox --format json").expect(0).json();
    let environment = &status["environments"][0];
    assert_eq!(environment["only"], serde_json::json!(["orders"]));
    assert_eq!(environment["roles"]["dms-vpc-role"]["owners"]["data-platform"], "billing orders");
    let whole = place.run("plan specs --sandbox").expect(0);
    assert!(whole.stdout.contains("delete  task/data-platform-billing"), "{}", whole.all());
}

#[test]
fn names_that_no_spec_has() {
    let place = two_folders();
    let ran = place.run("plan specs --only ordres --only Endpoint/orders --sandbox").expect(1);
    assert!(ran.stderr.contains("no spec is called `ordres`"), "{}", ran.all());
    assert!(ran.stderr.contains("did you mean `orders`?"), "{}", ran.all());
    assert!(ran.stderr.contains("no spec is called `Endpoint/orders`"), "{}", ran.all());
    // It is there, but not in this part.
    let ran = place.run("plan specs/shop --only billing --sandbox").expect(1);
    assert!(ran.stderr.contains("the specs are `orders`"), "{}", ran.all());
    assert!(!place.path().join(".pipewright").exists());
}

#[test]
fn a_part_without_a_root_and_parts_of_two() {
    let place = two_folders();
    place.write("other/controller.yaml", &common::controller("other", ""));
    place.write("other/users/users.yaml", &pipeline("users"));
    let ran = place.run("plan specs/shop other/users --sandbox").expect(1);
    assert!(ran.stderr.contains("give paths of one spec root"), "{}", ran.all());

    // A Controller in a folder beside may be that of another root.
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    place.write("stray/users.yaml", &pipeline("users"));
    let ran = place.run("plan stray --sandbox").expect(1);
    assert!(ran.stderr.contains("there is no Controller document"), "{}", ran.all());

    // A root that cannot be read is an error of the root.
    let place = two_folders();
    place.edit("specs/controller.yaml", "metadata: {", "metadata: {{");
    let ran = place.run("plan specs/shop --sandbox").expect(1);
    assert!(ran.stderr.contains("specs/controller.yaml:3"), "{}", ran.all());
}

#[test]
fn an_error_in_a_file_out_of_view_is_an_error() {
    let place = two_folders();
    place.edit("specs/finance/billing.yaml", "engine: mysql", "engine: mysqll");
    let ran = place.run("plan specs/shop --sandbox").expect(1);
    assert!(ran.stderr.contains("specs/finance/billing.yaml"), "{}", ran.all());
}
