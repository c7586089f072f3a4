//! What needs no AWS: validate, schema, completions, wrong usage.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

#[allow(dead_code, unreachable_pub, reason = "shared by several test programs")]
mod common;

use common::{Workplace, pipeline};

#[test]
fn valid_specs() {
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    insta::assert_snapshot!(place.run("validate specs").all(), @"
    exit 0
    --- stdout
    Valid: scope data-platform, environments prod.
    --- stderr
    ");
    let json = place.run("validate specs --format json").expect(0).json();
    assert_eq!(json["valid"], true);
    assert_eq!(json["environments"][0]["accountId"], "111122223333");
}

#[test]
fn every_error_of_every_file_at_once() {
    let place = Workplace::with_pipelines("data-platform", &["orders", "users"]);
    place.edit("specs/orders.yaml", "allocatedStorage: 50", "allocatedStroage: 50");
    place.edit("specs/users.yaml", "engine: mysql", "engine: mysqll");
    place.edit("specs/users.yaml", "databaseName: users", "databaseName: [users]");
    insta::assert_snapshot!(place.run("validate specs").all(), @"
    exit 1
    --- stdout
    error: unknown field `allocatedStroage`
     --> specs/orders.yaml:8:7
      |
    8 |       allocatedStroage: 50
      |       ^^^^^^^^^^^^^^^^
      |
      = hint: did you mean `allocatedStorage`?

    error: DMS has no engine `mysqll`
      --> specs/users.yaml:11:13
       |
    11 |     engine: mysqll
       |             ^^^^^^
       |
       = hint: did you mean `mysql`?

    error: expected text, found a list
      --> specs/users.yaml:18:19
       |
    18 |     databaseName: [users]
       |                   ^

    3 errors
    --- stderr
    ");
    let json = place.run("validate specs --format json").expect(1).json();
    assert_eq!(json["errors"].as_array().unwrap().len(), 3, "{json}");
    // Other verbs say the same, on stderr, and do nothing.
    let ran = place.run("plan specs --sandbox").expect(1);
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("allocatedStroage") && ran.stderr.contains("mysqll"), "{}", ran.stderr);
    assert!(!place.path().join(".pipewright").exists());
}

#[test]
fn paths_that_lead_nowhere() {
    let place = Workplace::new();
    place.write("empty/readme.txt", "");
    insta::assert_snapshot!(place.run("validate nowhere").all(), @"
    exit 1
    --- stdout
    error: this cannot be read: there is no such file or directory
    --> nowhere

    1 error
    --- stderr
    ");
    insta::assert_snapshot!(place.run("validate empty").all(), @"
    exit 1
    --- stdout
    error: there are no specs here
    --> empty
     = hint: specs are files whose names end in .yaml or .yml

    1 error
    --- stderr
    ");
}

#[test]
fn a_colon_in_a_path_is_a_colon() {
    let place = Workplace::with_pipelines("data-platform", &[]);
    place.write("a:b/orders.yaml", &pipeline("orders"));
    place.run("validate specs a:b").expect(0);
}

#[test]
fn the_schema_is_json() {
    let schema = Workplace::new().run("schema").expect(0).json();
    assert!(schema["$schema"].as_str().unwrap().contains("2020-12"), "{schema}");
}

#[test]
fn completions() {
    let ran = Workplace::new().run("completions bash").expect(0);
    assert!(ran.stdout.contains("reconcile") && ran.stdout.contains("--sandbox-speed"));
}

#[test]
fn wrong_usage_is_an_error_and_not_a_change() {
    let place = Workplace::new();
    for arguments in [
        "",
        "plan",
        "plan specs --interval 5m",
        "reconcile specs --interval 0s",
        "reconcile specs --sandbox-speed -1",
        "plan specs --sandbox --endpoint-url http://127.0.0.1:1",
        "sandbox --account-id 12",
        "sandbox --access-key only",
        "adopt specs",
    ] {
        let ran = place.run(arguments).expect(1);
        assert!(ran.stdout.is_empty() && !ran.stderr.is_empty(), "{arguments}: {}", ran.all());
    }
    assert!(place.run("--help").expect(0).stdout.contains("Exit codes"));
    assert!(place.run("--version").expect(0).stdout.starts_with("pipewright "));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    use std::process::Stdio;
    let mut child =
        Workplace::new().command("schema").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn a_full_disk_is_an_error() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let place = Workplace::new();
    let output = place.command("schema").stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("cannot write to stdout"));
}

#[test]
fn colors_only_when_asked_for() {
    let place = Workplace::new();
    assert!(!place.run("validate nowhere").stdout.contains('\x1b'));
    assert!(place.run("validate nowhere --color always").stdout.contains('\x1b'));
    let output = place.command("validate nowhere").env("PIPEWRIGHT_COLOR", "always").output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().contains('\x1b'));
}
