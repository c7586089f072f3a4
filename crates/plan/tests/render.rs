//! Every situation that a plan can show, as text and as JSON.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use pipewright_model::kinds::{FixedRole, RoleObserved};
use pipewright_model::tags::{self, Tags};
use pipewright_model::{
    Adopt, Body, Declared, DeletionPolicy, Desired, Kind, LiveBody, Observed, ResourceId, Secret,
};
use pipewright_plan::render::{self, Style};
use pipewright_plan::{Plan, PlanOptions, plan};
use pipewright_testkit::{converged, desired, edit_endpoint, edit_instance, edit_task, id, live_role};
use serde_json::{Value, json};

fn plan_of(desired: &Desired, observed: &Observed) -> Plan {
    plan(desired, observed, &PlanOptions::default())
}

fn text(plan: &Plan) -> String {
    render::text(plan, Style::PLAIN)
}

/// The JSON without its digest, which any change of an AWS fact changes.
fn pretty(plan: &Plan) -> String {
    let mut value = serde_json::to_value(render::json(plan)).unwrap();
    let digest = value["digest"].take();
    assert_eq!(digest.as_str().unwrap().len(), 64);
    value["digest"] = json!("(64 digits)");
    serde_json::to_string_pretty(&value).unwrap()
}

fn json_of(plan: &Plan) -> Value {
    serde_json::to_value(render::json(plan)).unwrap()
}

fn vpc_role() -> ResourceId {
    ResourceId::role("dms-vpc-role")
}

fn tag(observed: &mut Observed, id: &ResourceId, key: &str, value: &str) {
    observed.resources.get_mut(id).unwrap().tags.insert(key.to_owned(), value.to_owned());
}

fn edit_vpc_role(observed: &mut Observed, edit: impl FnOnce(&mut RoleObserved)) {
    match &mut observed.resources.get_mut(&vpc_role()).unwrap().body {
        LiveBody::ServiceRole(role) => edit(role),
        other => panic!("not a role: {other:?}"),
    }
}

#[test]
fn an_empty_account() {
    let plan = plan_of(&desired("data-platform", &["orders"]), &Observed::default());
    insta::assert_snapshot!("empty_account_text", text(&plan));
    insta::assert_snapshot!("empty_account_json", pretty(&plan));
}

#[test]
fn nothing_to_do() {
    let desired = desired("data-platform", &["billing", "orders"]);
    let plan = plan_of(&desired, &converged(&desired));
    insta::assert_snapshot!(text(&plan), @"
    Environment test (account 111122223333, us-east-1), scope data-platform

    No changes. 12 resources are as specified.

    Shared roles as they are
      role/dms-cloudwatch-logs-role: owned by data-platform (billing, orders)
      role/dms-vpc-role: owned by data-platform (billing, orders)
    ");
    assert_eq!(json_of(&plan)["has_changes"], false);
    assert_eq!(json_of(&plan)["resource_changes"], json!([]));
}

#[test]
fn an_instance_changes_in_place() {
    let mut desired = desired("data-platform", &["orders"]);
    let observed = converged(&desired);
    edit_instance(&mut desired, "orders", |instance| {
        instance.class = "dms.r5.large".to_owned();
        instance.allocated_storage = Some(200);
    });
    insta::assert_snapshot!(text(&plan_of(&desired, &observed)), @"
    Environment test (account 111122223333, us-east-1), scope data-platform

    Running tasks that are stopped or restarted
      ~ update  instance/data-platform-orders  [reboots-instance]  orders.yaml:1
          differs from its spec
          class:            dms.t3.medium → dms.r5.large
          allocatedStorage: 50 → 200

    Shared roles as they are
      role/dms-cloudwatch-logs-role: owned by data-platform (orders)
      role/dms-vpc-role: owned by data-platform (orders)

    Plan: 0 to create, 1 to update, 0 to delete, 6 unchanged.
    ");
}

#[test]
fn an_endpoint_changes_under_a_running_task() {
    let mut desired = desired("data-platform", &["orders"]);
    let observed = converged(&desired);
    edit_endpoint(&mut desired, "orders-source", |endpoint| {
        endpoint.engine = "mariadb".to_owned();
        endpoint.settings.insert("ServerTimezone".to_owned(), json!("UTC"));
    });
    let plan = plan_of(&desired, &observed);
    insta::assert_snapshot!(text(&plan), @"
    Environment test (account 111122223333, us-east-1), scope data-platform

    Running tasks that are stopped or restarted
      | pause   task/data-platform-orders  [stops-task]  orders.yaml:1
          endpoint/data-platform-orders-source can only be changed while it is stopped
          1. tag pipewright:paused=resume-processing
          2. stop
          3. wait until it has stopped
      ~ update  endpoint/data-platform-orders-source  [in-place]  orders.yaml:1
          differs from its spec
          engine:                  mysql → mariadb
          settings.ServerTimezone: + UTC
          tags.pipewright:applied: f430e673d93ac3f8 → 11925e73689dfd27
          1. modify
          2. wait until it is active
          3. tag pipewright:applied=11925e73689dfd27
      > test    connection/data-platform-orders/data-platform-orders-source  [none]  orders.yaml:1
          what it connects changes
      > resume  task/data-platform-orders  [none]  orders.yaml:1
          was stopped to be changed
          1. resume
          2. wait until it runs
          3. untag pipewright:paused

    Shared roles as they are
      role/dms-cloudwatch-logs-role: owned by data-platform (orders)
      role/dms-vpc-role: owned by data-platform (orders)

    Plan: 0 to create, 1 to update, 0 to delete, 1 to test, 1 to start, 1 to stop, 5 unchanged.
    ");
    insta::assert_snapshot!("endpoint_change_json", pretty(&plan));
}

#[test]
fn table_mappings_and_settings_change() {
    let mut desired = desired("data-platform", &["orders"]);
    let observed = converged(&desired);
    edit_task(&mut desired, "orders", |task| {
        let rule = |id: &str, table: &str, action: &str| {
            json!({"rule-type": "selection", "rule-id": id, "rule-name": format!("{action}-{table}"),
                "object-locator": {"schema-name": "shop", "table-name": table}, "rule-action": action})
        };
        task.table_mappings =
            json!({"rules": [rule("1", "%", "include"), rule("2", "audit_log", "exclude")]});
        task.settings = json!({"Logging": {"EnableLogging": false}});
    });
    insta::assert_snapshot!(text(&plan_of(&desired, &observed)), @r#"
    Environment test (account 111122223333, us-east-1), scope data-platform

    Running tasks that are stopped or restarted
      | pause   task/data-platform-orders  [stops-task]  orders.yaml:1
          task/data-platform-orders can only be changed while it is stopped
          1. tag pipewright:paused=resume-processing
          2. stop
          3. wait until it has stopped
      ~ update  task/data-platform-orders  [stops-task]  orders.yaml:1
          differs from its spec
          settings.Logging.EnableLogging: true → false
          tags.pipewright:applied:        1c46c95b7ceaaadc → 7e56b64407c1be1c
          tableMappings:
                    "rule-action": "include",
                    "rule-id": "1",
            -       "rule-name": "include-shop",
            +       "rule-name": "include-%",
            +       "rule-type": "selection"
            +     },
            +     {
            +       "object-locator": {"schema-name":"shop","table-name":"audit_log"},
            +       "rule-action": "exclude",
            +       "rule-id": "2",
            +       "rule-name": "exclude-audit_log",
                    "rule-type": "selection"
                  }
          1. modify
          2. wait until it is ready
          3. tag pipewright:applied=7e56b64407c1be1c
      > resume  task/data-platform-orders  [none]  orders.yaml:1
          was stopped to be changed
          1. resume
          2. wait until it runs
          3. untag pipewright:paused

    Shared roles as they are
      role/dms-cloudwatch-logs-role: owned by data-platform (orders)
      role/dms-vpc-role: owned by data-platform (orders)

    Plan: 0 to create, 1 to update, 0 to delete, 1 to start, 1 to stop, 6 unchanged.
    "#);
}

#[test]
fn a_second_scope_joins_the_roles_of_the_first() {
    let theirs = converged(&desired("data-platform", &["orders"]));
    let plan = plan_of(&desired("reporting", &["users"]), &theirs);
    insta::assert_snapshot!("second_scope_text", text(&plan));
    let changes = json_of(&plan);
    let joined = &changes["resource_changes"][1];
    assert_eq!(joined["action"], "join");
    assert_eq!(joined["owners"]["before"], json!({"data-platform": "orders"}));
    assert_eq!(joined["owners"]["after"], json!({"data-platform": "orders", "reporting": "users"}));
}

#[test]
fn a_role_that_exists_but_is_not_owned() {
    let declared = FixedRole::VPC.declared("aws", BTreeSet::new(), true);
    let mut observed = Observed::default();
    observed.resources.insert(vpc_role(), live_role(&declared, Tags::new()));
    let desired = desired("data-platform", &["orders"]);
    let joined = text(&plan_of(&desired, &observed));
    assert!(joined.contains("exists but not owned, and serves"), "{joined}");
    assert!(joined.contains("owners: nobody → data-platform (orders)"), "{joined}");

    edit_vpc_role(&mut observed, |role| role.managed_policies.clear());
    let plan = plan_of(&desired, &observed);
    insta::assert_snapshot!("role_conflict_text", text(&plan));
    insta::assert_snapshot!("role_conflict_json", pretty(&plan));
}

#[test]
fn a_widened_trust_policy_is_a_line_diff() {
    let mut desired = desired("data-platform", &["orders"]);
    let mut observed = converged(&desired);
    edit_vpc_role(&mut observed, |role| {
        role.trust = json!({"Version": "2012-10-17", "Statement": [{"Sid": "Theirs", "Effect": "Allow",
            "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}]});
    });
    tag(&mut observed, &vpc_role(), tags::ORIGIN, tags::CREATED);
    if let Some(Declared { adopt, .. }) = desired.resources.get_mut(&vpc_role()) {
        *adopt = Adopt::Always;
    }
    insta::assert_snapshot!(text(&plan_of(&desired, &observed)), @r#"
    Environment test (account 111122223333, us-east-1), scope data-platform

    Updates
      ~ update  role/dms-vpc-role  [in-place]  orders.yaml:1
          needed by orders
          trustPolicy:
                    "Principal": {"Service":"ec2.amazonaws.com"},
                    "Sid": "Theirs"
            +     },
            +     {
            +       "Action": "sts:AssumeRole",
            +       "Effect": "Allow",
            +       "Principal": {"Service":"dms.amazonaws.com"},
            +       "Sid": "PipewrightOfdataXplatformN1"
                  }
                ],
          1. look again: trust policy and owners as they were
          2. widen the trust policy

    Shared roles as they are
      role/dms-cloudwatch-logs-role: owned by data-platform (orders)
      role/dms-vpc-role: owned by data-platform (orders)

    Plan: 0 to create, 1 to update, 0 to delete, 6 unchanged.
    "#);
}

#[test]
fn one_of_two_pipelines_goes() {
    let both = desired("data-platform", &["billing", "orders"]);
    let observed = converged(&both);
    let plan = plan_of(&desired("data-platform", &["orders"]), &observed);
    insta::assert_snapshot!(text(&plan), @"
    Environment test (account 111122223333, us-east-1), scope data-platform

    Deletes
      - delete  task/data-platform-billing  [destroys]
          billing no longer declares it
          1. stop
          2. wait until it has stopped
          3. delete
          4. wait until it is gone
      - delete  endpoint/data-platform-billing-source  [destroys]
          billing no longer declares it
      - delete  endpoint/data-platform-billing-target  [destroys]
          billing no longer declares it
      - delete  instance/data-platform-billing  [destroys]
          billing no longer declares it
      - delete  subnet-group/data-platform-billing  [destroys]
          billing no longer declares it

    Changes of owners
      ~ update  role/dms-cloudwatch-logs-role  [none]  orders.yaml:1
          needed by orders
          owners: data-platform (billing, orders) → data-platform (orders)
      ~ update  role/dms-vpc-role  [none]  orders.yaml:1
          needed by orders
          owners: data-platform (billing, orders) → data-platform (orders)

    Shared roles as they are
      role/dms-cloudwatch-logs-role: owned by data-platform (billing, orders)
      role/dms-vpc-role: owned by data-platform (billing, orders)

    Plan: 0 to create, 0 to update, 5 to delete, 2 owner changes, 5 unchanged.
    ");
}

#[test]
fn the_last_pipeline_goes_where_another_scope_owns_too() {
    let mut observed = converged(&desired("data-platform", &["orders"]));
    tag(&mut observed, &vpc_role(), "pipewright:owner:reporting", "users");
    let plan = plan_of(&desired("data-platform", &[]), &observed);
    insta::assert_snapshot!(text(&plan), @"
    Environment test (account 111122223333, us-east-1), scope data-platform

    Deletes
      - delete  task/data-platform-orders  [destroys]
          orders no longer declares it
          1. stop
          2. wait until it has stopped
          3. delete
          4. wait until it is gone
      - delete  endpoint/data-platform-orders-source  [destroys]
          orders no longer declares it
      - delete  endpoint/data-platform-orders-target  [destroys]
          orders no longer declares it
      - delete  instance/data-platform-orders  [destroys]
          orders no longer declares it
      - delete  subnet-group/data-platform-orders  [destroys]
          orders no longer declares it
      - delete  role/dms-cloudwatch-logs-role  [destroys]
          no spec of data-platform needs it, and nobody else owns it
          owners: data-platform (orders) → nobody
          1. untag pipewright:owner:data-platform
          2. look again: no owner
          3. mark it as draining
          4. wait until it has drained for 120 s
          5. look again: still draining, no owner, no user
          6. detach AmazonDMSCloudWatchLogsRole
          7. look again: still draining, no owner, no user
          8. delete the role

    Changes of owners
      ~ leave  role/dms-vpc-role  [none]
          no spec of data-platform needs it; kept: still owned by reporting (users)
          owners: data-platform (orders), reporting (users) → reporting (users)

    Shared roles as they are
      role/dms-cloudwatch-logs-role: owned by data-platform (orders)
      role/dms-vpc-role: owned by data-platform (orders), reporting (users)

    Plan: 0 to create, 0 to update, 6 to delete, 2 owner changes, 0 unchanged.
    ");
    assert_eq!(json_of(&plan)["resource_changes"][0]["change"]["actions"], json!(["delete"]));
}

#[test]
fn a_limit_on_deletes() {
    let observed = converged(&desired("data-platform", &["billing", "orders"]));
    let mut desired = desired("data-platform", &["orders"]);
    desired.policy.max_deletes = Some(2);
    insta::assert_snapshot!(text(&plan_of(&desired, &observed)), @"
    Environment test (account 111122223333, us-east-1), scope data-platform

    Stopped by a safety guard
      ! the plan deletes 5 resources, and the policy allows 2 (`maxDeletes`)
          hint: nothing was deleted; if these deletes are meant, raise the limit in the Controller's `policy` for this change, or remove fewer specs at a time

    Changes of owners
      ~ update  role/dms-cloudwatch-logs-role  [none]  orders.yaml:1
          needed by orders
          owners: data-platform (billing, orders) → data-platform (orders)
      ~ update  role/dms-vpc-role  [none]  orders.yaml:1
          needed by orders
          owners: data-platform (billing, orders) → data-platform (orders)

    Shared roles as they are
      role/dms-cloudwatch-logs-role: owned by data-platform (billing, orders)
      role/dms-vpc-role: owned by data-platform (billing, orders)

    Plan: 0 to create, 0 to update, 0 to delete, 2 owner changes, 1 stopped by a guard, 5 unchanged.
    ");
}

#[test]
fn somebody_elses_endpoint() {
    let desired = desired("data-platform", &["orders"]);
    let mut observed = converged(&desired);
    let endpoint = id(&desired, Kind::Endpoint, "orders-source");
    tag(&mut observed, &endpoint, tags::SCOPE, "reporting");
    insta::assert_snapshot!(text(&plan_of(&desired, &observed)), @"
    Environment test (account 111122223333, us-east-1), scope data-platform

    Conflicts
      ! endpoint/data-platform-orders-source: exists and is owned by scope reporting  orders.yaml:1
          hint: give this one another `identifier`, ask the owner to release it, or take it over: `import: {identifier: data-platform-orders-source, from: scope/reporting}`

    Shared roles as they are
      role/dms-cloudwatch-logs-role: owned by data-platform (orders)
      role/dms-vpc-role: owned by data-platform (orders)

    Plan: 0 to create, 0 to update, 0 to delete, 1 conflict, 6 unchanged.
    ");
}

#[test]
fn a_kind_that_could_not_be_read() {
    let desired = desired("data-platform", &["orders"]);
    let mut observed = converged(&desired);
    observed.unread.insert(Kind::Endpoint, "dms:DescribeEndpoints: ThrottlingException".to_owned());
    observed.resources.retain(|id, _| id.kind != Kind::Endpoint);
    insta::assert_snapshot!(text(&plan_of(&desired, &observed)), @"
    Environment test (account 111122223333, us-east-1), scope data-platform

    Could not be read: this plan is not complete, and deletes nothing
      ! endpoint: dms:DescribeEndpoints: ThrottlingException

    Held back for now
      … endpoint/data-platform-orders-source: could not be read: dms:DescribeEndpoints: ThrottlingException  orders.yaml:1
      … endpoint/data-platform-orders-target: could not be read: dms:DescribeEndpoints: ThrottlingException  orders.yaml:1
      … task/data-platform-orders: not compared, since endpoint/data-platform-orders-source, which it refers to, could not be read  orders.yaml:1

    Shared roles as they are
      role/dms-cloudwatch-logs-role: owned by data-platform (orders)
      role/dms-vpc-role: owned by data-platform (orders)

    Plan: 0 to create, 0 to update, 0 to delete, 3 held back, 5 unchanged.
    ");
}

#[test]
fn an_instance_that_is_still_being_made() {
    let desired = desired("data-platform", &["orders"]);
    let mut observed = converged(&desired);
    let instance = id(&desired, Kind::Instance, "orders");
    match &mut observed.resources.get_mut(&instance).unwrap().body {
        LiveBody::Instance(instance) => instance.status = "creating".to_owned(),
        other => panic!("not an instance: {other:?}"),
    }
    insta::assert_snapshot!(text(&plan_of(&desired, &observed)), @"
    Environment test (account 111122223333, us-east-1), scope data-platform

    Waits for AWS
      … wait  instance/data-platform-orders  [none]  orders.yaml:1
          is creating

    Shared roles as they are
      role/dms-cloudwatch-logs-role: owned by data-platform (orders)
      role/dms-vpc-role: owned by data-platform (orders)

    Plan: 0 to create, 0 to update, 0 to delete, 1 to wait for, 6 unchanged.
    ");
}

#[test]
fn a_retained_endpoint_is_released() {
    let mut before = desired("data-platform", &["billing", "orders"]);
    for declared in before.resources.values_mut().filter(|declared| declared.spec == "billing") {
        if matches!(declared.body, Body::Endpoint(_)) {
            declared.deletion_policy = DeletionPolicy::Retain;
        }
    }
    let observed = converged(&before);
    let plan = plan_of(&desired("data-platform", &["orders"]), &observed);
    let shown = text(&plan);
    assert!(shown.contains("~ release  endpoint/data-platform-billing-source"), "{shown}");
    assert!(shown.contains("2 owner changes") || shown.contains("owner changes"), "{shown}");
}

#[test]
fn secrets_are_hidden_and_marked() {
    let mut desired = desired("data-platform", &["orders"]);
    edit_endpoint(&mut desired, "orders-source", |endpoint| {
        endpoint.username = Some("app".to_owned());
        endpoint.password = Some(Secret::new("canary-1"));
        endpoint.secret_settings.insert("AsmPassword".to_owned(), Secret::new("canary-2"));
        endpoint.extra_connection_attributes = Some("initstmt=x;asmPassword=canary-3".to_owned());
    });
    let plan = plan_of(&desired, &Observed::default());
    for rendered in [text(&plan), render::text(&plan, Style::COLOR), pretty(&plan), format!("{plan:?}")] {
        assert!(!rendered.contains("canary-1") && !rendered.contains("canary-2"), "{rendered}");
    }
    assert!(!text(&plan).contains("canary") && !pretty(&plan).contains("canary"));
    let changes = json_of(&plan);
    let endpoint = changes["resource_changes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|change| change["address"] == "endpoint/data-platform-orders-source")
        .unwrap();
    assert_eq!(endpoint["change"]["before"], Value::Null);
    assert_eq!(endpoint["change"]["after"]["password"], "(sensitive)");
    assert_eq!(
        endpoint["change"]["after_sensitive"],
        json!({"password": true, "secretSettings": {"AsmPassword": true}, "extraConnectionAttributes": true})
    );
}

#[test]
fn text_from_aws_cannot_drive_the_terminal() {
    let desired = desired("data-platform", &["orders"]);
    let mut observed = converged(&desired);
    let task = id(&desired, Kind::Task, "orders");
    match &mut observed.resources.get_mut(&task).unwrap().body {
        LiveBody::Task(task) => {
            task.status = "failed".to_owned();
            task.last_failure_message = "Last Error \u{1b}]0;pwned\u{7}\nTask failed".to_owned();
        }
        other => panic!("not a task: {other:?}"),
    }
    let plan = plan_of(&desired, &observed);
    insta::assert_snapshot!(text(&plan), @"
    Environment test (account 111122223333, us-east-1), scope data-platform

    Warnings
      ! task/data-platform-orders: the task is failed: Last Error  ]0;pwned  Task failed  orders.yaml:1
      ! task/data-platform-orders: is not resumed: unknown cause  orders.yaml:1
          hint: see why in its log, and cure that, and resume it by hand

    Shared roles as they are
      role/dms-cloudwatch-logs-role: owned by data-platform (orders)
      role/dms-vpc-role: owned by data-platform (orders)

    Plan: 0 to create, 0 to update, 0 to delete, 7 unchanged.
    ");
}

#[test]
fn colours_are_the_only_difference_between_styles() {
    let plan = plan_of(&desired("data-platform", &["orders"]), &Observed::default());
    let colored = render::text(&plan, Style::COLOR);
    assert!(colored.contains("\x1b[32m+\x1b[0m"));
    let mut without_colors = String::new();
    let mut rest = colored.as_str();
    while let Some(start) = rest.find('\x1b') {
        without_colors.push_str(&rest[..start]);
        let end = rest[start..].find('m').unwrap();
        rest = &rest[start + end + 1..];
    }
    without_colors.push_str(rest);
    assert_eq!(without_colors, text(&plan));
}

#[test]
fn rendering_is_the_same_every_time() {
    let desired = desired("data-platform", &["billing", "orders"]);
    let (a, b) = (plan_of(&desired, &Observed::default()), plan_of(&desired, &Observed::default()));
    assert_eq!(text(&a), text(&b));
    assert_eq!(pretty(&a), pretty(&b));
    assert_eq!(a.digest(), b.digest());
}
