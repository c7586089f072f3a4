//! Plan, reconcile and status on the sandbox: the whole way, over HTTP.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

#[allow(dead_code, unreachable_pub, reason = "shared by several test programs")]
mod common;

use common::{Ran, Workplace, controller, pipeline};
use serde_json::json;

const RECONCILE: &str = "reconcile specs --once --sandbox --sandbox-speed max";

fn converged(scope: &str, pipelines: &[&str]) -> Workplace {
    let place = Workplace::with_pipelines(scope, pipelines);
    place.run(RECONCILE).expect(0);
    place
}

/// The lines from the summary on.
fn summary(ran: &Ran) -> &str {
    &ran.stdout[ran.stdout.find("Applied ").unwrap_or_else(|| panic!("{}", ran.all()))..]
}

#[test]
fn from_nothing_to_converged_and_then_nothing_to_do() {
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    place.run("plan specs --sandbox").expect(0);
    place.run("plan specs --sandbox --detailed-exitcode").expect(2);
    let first = place.run(RECONCILE);
    insta::assert_snapshot!("first_pass", first.result());
    assert!(first.stderr.contains("instance/data-platform-orders: create …\n"), "{}", first.stderr);
    assert!(
        first.stderr.contains("instance/data-platform-orders: waiting (creating) …\n"),
        "{}",
        first.stderr
    );
    assert!(
        first.stderr.contains("instance/data-platform-orders: create done in 10 min (virtual)\n"),
        "{}",
        first.stderr
    );
    insta::assert_snapshot!(place.run(RECONCILE).all(), @"
    exit 0
    --- stdout
    Environment prod (account 111122223333, us-east-1), scope data-platform

    No changes. 7 resources are as specified.

    Shared roles as they are
      role/dms-cloudwatch-logs-role: owned by data-platform (orders)
      role/dms-vpc-role: owned by data-platform (orders)
    --- stderr
    ");
    place.run("plan specs --sandbox --detailed-exitcode").expect(0);
    insta::assert_snapshot!(place.run("status specs --sandbox").all(), @"
    exit 0
    --- stdout
    Environment prod (account 111122223333, us-east-1), scope data-platform

    orders  Ready (Running): the task runs  specs/orders.yaml:1
      role/dms-cloudwatch-logs-role                                present                 owned
      role/dms-vpc-role                                            present                 owned
      subnet-group/data-platform-orders                            Complete                owned
      instance/data-platform-orders                                available               owned
      endpoint/data-platform-orders-source                         active                  owned
      endpoint/data-platform-orders-target                         active                  owned
      connection/data-platform-orders/data-platform-orders-source  successful              owned
      connection/data-platform-orders/data-platform-orders-target  successful              owned
      task/data-platform-orders                                    running, full load 7 %  owned

    Shared roles
      role/dms-cloudwatch-logs-role: owned by data-platform (orders) [created]
      role/dms-vpc-role: owned by data-platform (orders) [created]
    --- stderr
    ");
    let status = place.run("status specs --sandbox --format json").expect(0).json();
    assert_eq!(status["environments"][0]["pipelines"][0]["conditions"][0]["reason"], "Running");
}

#[test]
fn shared_roles_stay_until_the_last_pipeline_goes() {
    let place = converged("data-platform", &["orders", "users"]);
    place.remove("specs/users.yaml");
    let ran = place.run(RECONCILE).expect(0);
    insta::assert_snapshot!(summary(&ran), @"
    Applied 7 changes. Converged: nothing left to do.
      role/dms-cloudwatch-logs-role: owned by data-platform (orders)
      role/dms-vpc-role: owned by data-platform (orders)
    ");
    place.remove("specs/orders.yaml");
    // That everything goes must be said.
    let held = place.run(RECONCILE).expect(5);
    assert!(held.stdout.contains("the specs ask for nothing here"), "{}", held.all());
    assert!(held.stdout.contains("`--allow-empty`"), "{}", held.all());
    let ran = place.run(&format!("{RECONCILE} --allow-empty")).expect(0);
    insta::assert_snapshot!(summary(&ran), @"Applied 7 changes. Converged: nothing left to do.");
    assert!(ran.stderr.contains("role/dms-vpc-role: delete done in "), "{}", ran.stderr);
    let after = place.run("plan specs --sandbox --format json").expect(0).json();
    assert_eq!((&after["roles"], &after["resource_changes"]), (&json!({}), &json!([])));
}

#[test]
fn two_scopes_share_the_roles() {
    let place = converged("data-platform", &["orders"]);
    place.write("theirs/controller.yaml", &controller("reporting", ""));
    place.write("theirs/users.yaml", &pipeline("users"));
    let ran = place.run("reconcile theirs --once --sandbox --sandbox-speed max").expect(0);
    assert!(
        ran.stdout.contains("owners: data-platform (orders) → data-platform (orders), reporting (users)"),
        "{}",
        ran.stdout
    );
    place.remove("specs/orders.yaml");
    let ran = place.run(&format!("{RECONCILE} --allow-empty")).expect(0);
    assert!(summary(&ran).contains("role/dms-vpc-role: owned by reporting (users)"), "{}", ran.stdout);
    place.run("plan theirs --sandbox --detailed-exitcode").expect(0);
}

#[test]
fn a_copy_of_a_spec_root_with_another_uid_is_a_conflict_on_the_shared_roles() {
    let place = converged("data-platform", &["orders"]);
    let copied = controller("data-platform", "").replace("1f0c9a52", "a2b4c6d8");
    place.write("copy/controller.yaml", &copied);
    place.write("copy/users.yaml", &pipeline("users"));
    let conflict = "role/dms-vpc-role: exists and is owned by another scope data-platform, with the uid \
                    1f0c9a52… (this Controller's uid: a2b4c6d8…)";
    for format in ["text", "markdown", "json"] {
        let ran = place.run(&format!("plan copy --sandbox --format {format}")).expect(3);
        let said = ran.stdout.replace(['`', '*', '\\'], "");
        assert!(said.contains(conflict.split_once(": ").unwrap().1), "{said}");
        assert!(!said.contains("uid=1f0c9a52"), "{said}");
    }
    let ran = place.run("reconcile copy --once --sandbox --sandbox-speed max").expect(3);
    assert!(ran.stdout.contains(conflict), "{}", ran.stdout);
    place.run("plan specs --sandbox --detailed-exitcode").expect(0);
    // With nothing to declare it leaves the roles to the other.
    place.remove("copy/users.yaml");
    place.run("reconcile copy --once --sandbox --sandbox-speed max --allow-empty").expect(0);
    place.run("plan specs --sandbox --detailed-exitcode").expect(0);
}

#[test]
fn a_change_under_a_running_task_is_stop_change_resume() {
    let place = converged("data-platform", &["orders"]);
    place.edit("specs/orders.yaml", "include: [shop.*]", "include: [shop.*], exclude: [shop.audit_log]");
    insta::assert_snapshot!(place.run("plan specs --sandbox").all(), @r#"
    exit 0
    --- stdout
    Environment prod (account 111122223333, us-east-1), scope data-platform

    Running tasks that are stopped or restarted
      | pause   task/data-platform-orders  [stops-task]  specs/orders.yaml:1
          task/data-platform-orders can only be changed while it is stopped
          1. tag pipewright:paused=resume-processing
          2. stop
          3. wait until it has stopped
      ~ update  task/data-platform-orders  [stops-task]  specs/orders.yaml:1
          differs from its spec
          tableMappings:
                    "rule-name": "include-shop-all-258834817",
                    "rule-type": "selection"
            +     },
            +     {
            +       "filters": [],
            +       "object-locator": {"schema-name":"shop","table-name":"audit_log"},
            +       "rule-action": "exclude",
            +       "rule-id": "353984812",
            +       "rule-name": "exclude-shop-audit-log-353984812",
            +       "rule-type": "selection"
                  }
                ]
      > resume  task/data-platform-orders  [none]  specs/orders.yaml:1
          was stopped to be changed
          1. resume
          2. wait until it runs
          3. untag pipewright:paused

    Shared roles as they are
      role/dms-cloudwatch-logs-role: owned by data-platform (orders)
      role/dms-vpc-role: owned by data-platform (orders)

    Plan: 0 to create, 1 to update, 0 to delete, 1 to start, 1 to stop, 6 unchanged.
    --- stderr
    "#);
    let ran = place.run(RECONCILE).expect(0);
    assert!(summary(&ran).starts_with("Applied 3 changes. Converged"), "{}", ran.stdout);
    place.run("plan specs --sandbox --detailed-exitcode").expect(0);
}

#[test]
fn without_waiting_the_next_pass_goes_on() {
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    let ran = place.run("reconcile specs --once --sandbox --sandbox-speed max --wait=false");
    insta::assert_snapshot!(format!("exit {}\n{}", ran.code.unwrap(), summary(&ran)), @"
    exit 2
    Applied 5 changes. Not everything is as specified yet: 5 left to do.
      waiting  instance/data-platform-orders: creating
      skipped  connection/data-platform-orders/data-platform-orders-source: needs instance/data-platform-orders
      skipped  connection/data-platform-orders/data-platform-orders-target: needs instance/data-platform-orders
      skipped  task/data-platform-orders: needs instance/data-platform-orders
      skipped  task/data-platform-orders (run): needs instance/data-platform-orders
    hint: run it again to go on from here, with --wait to wait for what takes AWS minutes
    ");
    let status = place.run("status specs --sandbox").expect(0);
    assert!(status.stdout.contains("orders  Reconciling (ChangesPending)"), "{}", status.stdout);
    place.run(RECONCILE).expect(0);
}

#[test]
fn somebody_elses_resource_is_a_conflict() {
    let place = converged("data-platform", &["orders"]);
    place.write("theirs/controller.yaml", &controller("reporting", "identifierPrefix: data-platform"));
    place.write("theirs/orders.yaml", &pipeline("orders"));
    let ran = place.run("plan theirs --sandbox").expect(3);
    insta::assert_snapshot!(ran.stdout, @"
    Environment prod (account 111122223333, us-east-1), scope reporting

    Conflicts
      ! subnet-group/data-platform-orders: exists and is owned by scope data-platform  theirs/orders.yaml:1
          hint: give this one another `identifier`, ask the owner to release it, or take it over: `import: {identifier: data-platform-orders, from: scope/data-platform}`
      ! instance/data-platform-orders: exists and is owned by scope data-platform  theirs/orders.yaml:1
          hint: give this one another `identifier`, ask the owner to release it, or take it over: `import: {identifier: data-platform-orders, from: scope/data-platform}`
      ! endpoint/data-platform-orders-source: exists and is owned by scope data-platform  theirs/orders.yaml:1
          hint: give this one another `identifier`, ask the owner to release it, or take it over: `import: {identifier: data-platform-orders-source, from: scope/data-platform}`
      ! endpoint/data-platform-orders-target: exists and is owned by scope data-platform  theirs/orders.yaml:1
          hint: give this one another `identifier`, ask the owner to release it, or take it over: `import: {identifier: data-platform-orders-target, from: scope/data-platform}`
      ! task/data-platform-orders: exists and is owned by scope data-platform  theirs/orders.yaml:1
          hint: give this one another `identifier`, ask the owner to release it, or take it over: `import: {identifier: data-platform-orders, from: scope/data-platform}`

    Changes of owners
      ~ join  role/dms-cloudwatch-logs-role  [none]  theirs/orders.yaml:1
          exists; needed by orders, together with data-platform (orders)
          owners: data-platform (orders) → data-platform (orders), reporting (orders)
      ~ join  role/dms-vpc-role  [none]  theirs/orders.yaml:1
          exists; needed by orders, together with data-platform (orders)
          owners: data-platform (orders) → data-platform (orders), reporting (orders)

    Shared roles as they are
      role/dms-cloudwatch-logs-role: owned by data-platform (orders)
      role/dms-vpc-role: owned by data-platform (orders)

    Plan: 0 to create, 0 to update, 0 to delete, 2 owner changes, 5 conflicts, 0 unchanged.
    ");
    place.run("reconcile theirs --once --sandbox --sandbox-speed max").expect(3);
    assert!(place.run("status theirs --sandbox").expect(3).stdout.contains("Stalled (OwnershipConflict)"));
}

#[test]
fn a_limit_on_deletes_is_kept() {
    let place = converged("data-platform", &["orders", "users"]);
    place.write("specs/controller.yaml", &controller("data-platform", "policy: {maxDeletes: 3}"));
    place.remove("specs/users.yaml");
    place.run("plan specs --sandbox").expect(5);
    place.run(RECONCILE).expect(5);
    place.write("specs/controller.yaml", &controller("data-platform", "policy: {maxDeletes: 5}"));
    place.run(RECONCILE).expect(0);
}

#[test]
fn plans_as_json() {
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    let ran = place.run("plan specs --sandbox --format json --out plan.json").expect(0);
    assert_eq!(std::fs::read_to_string(place.path().join("plan.json")).unwrap(), ran.stdout);
    let plan = ran.json();
    assert_eq!(plan["format_version"], "1.0");
    assert_eq!(plan["environment"]["accountId"], "111122223333");
    assert_eq!(plan["summary"], json!({"create": 7, "start": 1, "test": 2}));
    let again = place.run("plan specs --sandbox --format json").expect(0);
    assert_eq!(again.stdout, ran.stdout);
    // A place that cannot be written is an error that leaves nothing behind.
    let ran = place.run("plan specs --sandbox --out specs").expect(1);
    assert!(ran.stderr.contains("it is a directory"), "{}", ran.stderr);
    let ran = place.run("plan specs --sandbox --out nowhere/plan.json").expect(1);
    assert!(ran.stderr.contains("cannot write nowhere/plan.json"), "{}", ran.stderr);
}

#[test]
fn environments_are_accounts_of_their_own() {
    let place = Workplace::new();
    place.write(
        "specs/controller.yaml",
        "apiVersion: pipewright.dev/v1\nkind: Controller\nmetadata: {name: data-platform}\nspec:\n  environments:\n    \
         - {name: dev, accountId: \"111122223333\", region: us-east-1}\n    \
         - {name: prod, accountId: \"444455556666\", region: eu-central-1, assumeRoleArn: \"arn:aws:iam::444455556666:role/pipewright\"}\n",
    );
    for environment in ["dev", "prod"] {
        let text = pipeline("orders").replace("name: orders}", &format!("name: orders-{environment}}}"));
        let text =
            text.replace("spec:\n  compute", &format!("spec:\n  environment: {environment}\n  compute"));
        place.write(&format!("specs/{environment}.yaml"), &text);
    }
    let plans = place.run("plan specs --sandbox --format json").expect(0).json();
    assert_eq!(plans["plans"].as_array().unwrap().len(), 2, "{plans}");
    place.run("reconcile specs --once --sandbox --sandbox-speed max --environment dev").expect(0);
    let plan = place.run("plan specs --sandbox --format json --environment dev").expect(0).json();
    assert_eq!(plan["has_changes"], false);
    let ran = place.run("plan specs --sandbox --detailed-exitcode").expect(2);
    assert!(ran.stdout.contains("Environment dev (account 111122223333, us-east-1)"), "{}", ran.stdout);
    assert!(ran.stdout.contains("Environment prod (account 444455556666, eu-central-1)"), "{}", ran.stdout);
    place.run(RECONCILE).expect(0);
    let ran = place.run("plan specs --sandbox --environment prd").expect(1);
    assert!(ran.stderr.contains("did you mean") && ran.stderr.contains("prod"), "{}", ran.stderr);
}

#[test]
fn no_secret_is_ever_printed() {
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    let manager = "secretsManager:\n        secretId: arn:aws:secretsmanager:us-east-1:111122223333:secret:mysql-AbCdEf\n        accessRoleArn: arn:aws:iam::111122223333:role/dms-secrets";
    place.edit("specs/orders.yaml", manager, "username: app\n      passwordFrom: {env: MYSQL_PASSWORD}");
    let manager = manager.replace("mysql", "aurora");
    place.edit("specs/orders.yaml", &manager, "username: app\n      passwordFrom: {file: secrets/aurora}");
    for (engine, port) in [("mysql", 3306), ("aurora-postgresql", 5432)] {
        let whole = format!("engine: {engine}\n    serverName: db.example.com\n    port: {port}\n");
        place.edit("specs/orders.yaml", &format!("engine: {engine}\n"), &whole);
    }
    place.write("specs/secrets/aurora", "canary-file\n");
    let unset = place.run("plan specs --sandbox").expect(1);
    insta::assert_snapshot!(unset.stderr, @"
    warning: endpoints are sent passwords, and one that changes alone would not be noticed
     --> specs/controller.yaml:3:18
      |
    3 | metadata: {name: data-platform}
      |                  ^^^^^^^^^^^^^
      |
      = hint: give a key under which it is remembered which one was sent: `rotation: {keyFrom: {env: NAME}}`

    1 warning
    error: the environment variable MYSQL_PASSWORD is not set
      --> specs/orders.yaml:16:27
       |
    16 |       passwordFrom: {env: MYSQL_PASSWORD}
       |                           ^^^^^^^^^^^^^^
       |
       = hint: give it to the process that runs Pipewright

    1 error
    ");
    for arguments in [
        "plan specs --sandbox",
        "plan specs --sandbox --format json -vvv",
        "reconcile specs --once --sandbox --sandbox-speed max -vvv --log-format json",
        "plan specs --sandbox --log trace",
        "status specs --sandbox --format json --log trace",
    ] {
        let output = place.command(arguments).env("MYSQL_PASSWORD", "canary-env").output().unwrap();
        let ran = Ran::of(output).expect(0);
        assert!(!ran.all().contains("canary"), "{arguments}: {}", ran.all());
    }
}

#[test]
fn a_sandbox_that_cannot_start() {
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    place.write("file", "not a directory");
    let ran = place.run("plan specs --sandbox=file").expect(1);
    assert!(ran.stderr.starts_with("error: cannot start the sandbox\n  caused by: "), "{}", ran.stderr);
}

#[test]
fn a_failed_change_is_told_and_stops_only_what_needs_it() {
    let place = Workplace::with_pipelines("data-platform", &["orders", "users"]);
    // Which classes there are, only AWS knows.
    place.edit("specs/users.yaml", "class: dms.t3.medium", "class: dms.x9.huge");
    let ran = place.run(RECONCILE).expect(1);
    let text = summary(&ran);
    assert!(text.contains("failed   instance/data-platform-users: dms:CreateReplicationInstance"), "{text}");
    assert!(text.contains("skipped  task/data-platform-users"), "{text}");
    assert!(!text.contains("data-platform-orders"), "{text}");
    let status = place.run("status specs --sandbox").expect(0);
    assert!(status.stdout.contains("orders  Ready (Running)"), "{}", status.stdout);
}
