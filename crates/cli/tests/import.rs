//! `pipewright import cloudformation` as a user runs it.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

#[allow(dead_code, unreachable_pub, reason = "shared by several test programs")]
mod common;

use common::Workplace;

const TEMPLATE: &str = include_str!("../../import/tests/fixtures/orders.template.json");
const STACK: &str = include_str!("../../import/tests/fixtures/orders.stack-resources.json");

#[test]
fn a_stack_becomes_specs_that_validate_and_are_never_overwritten() {
    let place = Workplace::new();
    place.write("template.json", TEMPLATE);
    place.write("resources.json", STACK);
    let import = "import cloudformation template.json --physical-ids resources.json --out specs";
    let ran = place.run(import);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (Some(0), "specs/controller.yaml\nspecs/orders.yaml\n"),
        "{ran:?}"
    );
    assert!(ran.stderr.contains("secret: set ORDERS_SOURCE_PASSWORD"), "{}", ran.stderr);
    // The stack tells no uid.
    place.run("init specs").expect(0);
    // Nor a key of one's own, under which passwords are remembered.
    let controller = place.path().join("specs/controller.yaml");
    let text = std::fs::read_to_string(&controller).unwrap();
    let key = "spec:\n  rotation: {keyFrom: {env: PIPEWRIGHT_ROTATION_KEY}}\n";
    std::fs::write(controller, text.replacen("spec:\n", key, 1)).unwrap();
    let ran = place.run("validate specs --deny-warnings");
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (Some(0), "Valid: scope orders-stack, environments default.\n")
    );
    let ran = place.run(import);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("specs/controller.yaml exists already"), "{}", ran.stderr);
}

#[test]
fn what_is_missing_is_listed_and_nothing_is_written() {
    let place = Workplace::new();
    place.write("template.json", TEMPLATE);
    let ran = place.run("import cloudformation template.json --out specs");
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stdout.contains("--value 'VpcPrivateSubnet1Subnet536B997A=VALUE'"), "{}", ran.stdout);
    assert!(!place.path().join("specs").exists());
}

#[test]
fn what_is_no_template_is_an_error() {
    let place = Workplace::new();
    place.write("template.yaml", "a: b\n");
    let ran = place.run("import cloudformation template.yaml");
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("it is not a CloudFormation template"), "{}", ran.stderr);
}
