//! `init`: the Controller of a spec root, and its uid.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

#[allow(dead_code, unreachable_pub, reason = "shared by several test programs")]
mod common;

use std::fs;

use common::{Workplace, pipeline};

fn read(place: &Workplace, name: &str) -> String {
    fs::read_to_string(place.path().join(name)).unwrap()
}

/// The uid in a text, which is a UUID of version 4.
fn uid_in(text: &str) -> String {
    let (_, rest) = text.split_once("uid: ").unwrap();
    let uid = rest.lines().next().unwrap().to_owned();
    let parts: Vec<&str> = uid.split('-').collect();
    assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12], "{uid}");
    assert!(parts[2].starts_with('4') && parts[3].starts_with(['8', '9', 'a', 'b']), "{uid}");
    uid
}

#[test]
fn a_directory_that_is_not_there_becomes_a_spec_root() {
    let place = Workplace::new();
    let ran = place
        .run("init data/specs --name data-platform --account-id 111122223333 --region us-east-1")
        .expect(0);
    let text = read(&place, "data/specs/controller.yaml");
    assert!(ran.stdout.contains(&uid_in(&text)), "{}", ran.all());
    assert!(text.starts_with("# yaml-language-server: $schema="), "{text}");
    insta::assert_snapshot!(place.run("validate data/specs --deny-warnings").all(), @"
    exit 0
    --- stdout
    Valid: scope data-platform, environments main.
    --- stderr
    ");
    // Another has another uid.
    place.run("init other").expect(0);
    assert_ne!(uid_in(&read(&place, "other/controller.yaml")), uid_in(&text));
}

#[test]
fn without_account_and_region_the_first_command_asks_for_them() {
    let place = Workplace::new();
    fs::create_dir(place.path().join("My_Specs")).unwrap();
    place.run("init My_Specs").expect(0);
    assert!(read(&place, "My_Specs/controller.yaml").contains("name: my-specs\n"));
    let ran = place.run("validate My_Specs").expect(1);
    assert!(ran.stdout.contains("this is not an account id"), "{}", ran.all());
    assert!(ran.stdout.contains("My_Specs/controller.yaml:15:18"), "{}", ran.all());
    assert!(ran.stdout.contains("`REGION` is not an AWS region"), "{}", ran.all());
}

#[test]
fn a_controller_without_a_uid_gets_one_and_keeps_its_text() {
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    let before = "\
# Ours.
apiVersion: pipewright.dev/v1
kind: Controller
metadata: {name: data-platform} # the scope
spec:
  # The accounts.
  environments:
    - {name: prod, accountId: \"111122223333\", region: us-east-1}
";
    place.write("specs/controller.yaml", before);
    let warned = place.run("validate specs").expect(0);
    assert!(warned.stdout.contains("warning: the Controller has no uid"), "{}", warned.all());
    assert!(warned.stdout.contains("specs/controller.yaml:4:18"), "{}", warned.all());
    assert!(warned.stdout.contains("run `pipewright init`"), "{}", warned.all());
    place.run("validate specs --deny-warnings").expect(1);
    let planned = place.run("plan specs --sandbox").expect(0);
    assert!(planned.stderr.contains("the Controller has no uid"), "{}", planned.all());

    place.run("init specs").expect(0);
    let after = read(&place, "specs/controller.yaml");
    let line = format!("  uid: {}\n", uid_in(&after));
    assert_eq!(after.replacen(&line, "", 1), before);
    assert!(after.contains(&format!("spec:\n{line}  # The accounts.\n")), "{after}");
    place.run("validate specs --deny-warnings").expect(0);

    // Once more changes nothing.
    let again = place.run("init specs").expect(0);
    assert!(again.stdout.contains("nothing was changed"), "{}", again.all());
    assert_eq!(read(&place, "specs/controller.yaml"), after);
}

#[test]
fn nothing_is_overwritten_and_no_second_controller_is_made() {
    let place = Workplace::with_pipelines("data-platform", &[]);
    place.write("specs/shop/orders.yaml", &pipeline("orders"));
    let ran = place.run("init specs/shop").expect(1);
    assert!(ran.stderr.contains("specs/shop is a part of the spec root specs"), "{}", ran.all());
    assert!(place.run("init specs/new").expect(1).stderr.contains("a part of"));
    assert!(!place.path().join("specs/new").exists());

    place.write("notes/readme.txt", "");
    let ran = place.run("init notes").expect(1);
    assert!(ran.stderr.contains("is not empty and holds no specs"), "{}", ran.all());

    // Specs that miss their Controller, and a file that is in the way.
    place.write("lonely/orders.yaml", &pipeline("orders"));
    place.run("init lonely --account-id 111122223333 --region us-east-1").expect(0);
    place.run("validate lonely").expect(0);
    place.write("taken/controller.yaml", &pipeline("orders"));
    let ran = place.run("init taken").expect(1);
    assert!(ran.stderr.contains("taken/controller.yaml exists already"), "{}", ran.all());
    assert_eq!(read(&place, "taken/controller.yaml"), pipeline("orders"));

    let ran = place.run("init fresh --name Data_Platform").expect(1);
    assert!(ran.stderr.contains("`Data_Platform` is not a valid name"), "{}", ran.all());
    assert!(!place.path().join("fresh").exists());
}
