//! The life of pipelines: creation in order, changes that need a stopped task, starts and stops.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use insta::assert_snapshot;
use pipewright_model::kinds::{CdcStart, Run, TaskObserved};
use pipewright_model::tags;
use pipewright_model::{Desired, Kind, LiveBody, Mode, Observed};
use pipewright_plan::{ChangeKey, Plan, PlanOptions, plan};
use pipewright_testkit::{converged, desired, edit_endpoint, edit_instance, edit_task, id, outline, steps};
use serde_json::json;

fn plan_of(desired: &Desired, observed: &Observed) -> Plan {
    plan(desired, observed, &PlanOptions::default())
}

fn live_task(observed: &mut Observed, desired: &Desired, edit: impl FnOnce(&mut TaskObserved)) {
    let id = id(desired, Kind::Task, "orders");
    match &mut observed.resources.get_mut(&id).unwrap().body {
        LiveBody::Task(task) => edit(task),
        other => panic!("not a task: {other:?}"),
    }
}

fn tag_task(observed: &mut Observed, desired: &Desired, key: &str, value: &str) {
    let id = id(desired, Kind::Task, "orders");
    observed.resources.get_mut(&id).unwrap().tags.insert(key.to_owned(), value.to_owned());
}

fn needs(plan: &Plan, key: &str) -> Vec<String> {
    let change = plan.changes.iter().find(|change| change.key.to_string() == key).unwrap();
    change.needs.iter().map(ChangeKey::to_string).collect()
}

#[test]
fn an_empty_account_is_filled_in_dependency_order() {
    let plan = plan_of(&desired("a", &["orders"]), &Observed::default());
    assert_snapshot!(outline(&plan), @"
    create role/dms-cloudwatch-logs-role [none]
    create role/dms-vpc-role [none]
    create subnet-group/a-orders [none]
    create instance/a-orders [none]
    create endpoint/a-orders-source [none]
    create endpoint/a-orders-target [none]
    test connection/a-orders/a-orders-source [none]
    test connection/a-orders/a-orders-target [none]
    create task/a-orders [none]
    start task/a-orders (run) [none]
    ");
    assert_snapshot!(needs(&plan, "task/a-orders (run)").join("\n"), @"
    instance/a-orders
    endpoint/a-orders-source
    endpoint/a-orders-target
    connection/a-orders/a-orders-source
    connection/a-orders/a-orders-target
    task/a-orders
    ");
    assert_snapshot!(needs(&plan, "instance/a-orders").join("\n"), @"
    role/dms-vpc-role
    subnet-group/a-orders
    ");
    assert_snapshot!(steps(&plan, "task/a-orders (run)"), @"
    start
    wait until it runs
    ");
}

#[test]
fn a_converged_account_needs_nothing() {
    let wanted = desired("a", &["billing", "orders"]);
    let plan = plan_of(&wanted, &converged(&wanted));
    assert_eq!(outline(&plan), "nothing");
    assert_eq!(plan.unchanged.len(), 12);
}

#[test]
fn plans_are_the_same_byte_for_byte() {
    let wanted = desired("a", &["orders"]);
    let (one, two) = (plan_of(&wanted, &Observed::default()), plan_of(&wanted, &Observed::default()));
    assert_eq!(one.digest(), two.digest());
    assert_ne!(one.digest(), plan_of(&wanted, &converged(&wanted)).digest());
}

#[test]
fn a_task_change_stops_changes_and_resumes() {
    let mut wanted = desired("a", &["orders"]);
    let observed = converged(&wanted);
    edit_task(&mut wanted, "orders", |task| {
        task.settings = json!({"Logging": {"EnableLogging": false}});
    });
    let plan = plan_of(&wanted, &observed);
    assert_snapshot!(outline(&plan), @"
    pause task/a-orders (pause) [stops-task]
    update task/a-orders [stops-task]
    resume task/a-orders (run) [none]
    ");
    assert_snapshot!(steps(&plan, "task/a-orders (pause)"), @"
    tag pipewright:paused=resume-processing
    stop
    wait until it has stopped
    ");
    assert_snapshot!(steps(&plan, "task/a-orders"), @"
    modify
    wait until it is ready
    tag pipewright:applied=7e56b64407c1be1c
    ");
    assert_snapshot!(steps(&plan, "task/a-orders (run)"), @"
    resume
    wait until it runs
    untag pipewright:paused
    ");
}

#[test]
fn an_endpoint_change_pauses_the_tasks_that_use_it_and_tests_again() {
    let mut wanted = desired("a", &["orders"]);
    let observed = converged(&wanted);
    edit_endpoint(&mut wanted, "orders-source", |endpoint| endpoint.port = Some(3307));
    let plan = plan_of(&wanted, &observed);
    assert_snapshot!(outline(&plan), @"
    update endpoint/a-orders-source [in-place]
    test connection/a-orders/a-orders-source [none]
    pause task/a-orders (pause) [stops-task]
    resume task/a-orders (run) [none]
    ");
    assert_snapshot!(needs(&plan, "endpoint/a-orders-source").join("\n"), @"task/a-orders (pause)");
    assert_snapshot!(needs(&plan, "task/a-orders (run)").join("\n"), @"
    endpoint/a-orders-source
    connection/a-orders/a-orders-source
    task/a-orders (pause)
    ");
}

#[test]
fn an_endpoint_change_leaves_stopped_tasks_stopped() {
    let mut wanted = desired("a", &["orders"]);
    let mut observed = converged(&wanted);
    live_task(&mut observed, &wanted, |task| task.status = "stopped".to_owned());
    edit_endpoint(&mut wanted, "orders-source", |endpoint| endpoint.port = Some(3307));
    edit_task(&mut wanted, "orders", |task| task.run = Run::Unmanaged);
    assert_snapshot!(outline(&plan_of(&wanted, &observed)), @"update endpoint/a-orders-source [in-place]");
}

#[test]
fn an_endpoint_that_a_running_task_of_others_uses_is_not_changed() {
    let mut wanted = desired("a", &["orders"]);
    let mut observed = converged(&wanted);
    tag_task(&mut observed, &wanted, tags::SCOPE, "b");
    edit_endpoint(&mut wanted, "orders-source", |endpoint| endpoint.port = Some(3307));
    assert_snapshot!(outline(&plan_of(&wanted, &observed)), @"
    conflict task/a-orders: exists and is owned by scope b
    blocked endpoint/a-orders-source: can only be changed while task/a-orders is stopped
    ");
}

#[test]
fn where_stopping_is_not_allowed_a_change_is_held_back() {
    let mut wanted = desired("a", &["orders"]);
    let observed = converged(&wanted);
    edit_task(&mut wanted, "orders", |task| {
        task.stop_to_change = false;
        task.settings = json!({"Logging": {"EnableLogging": false}});
    });
    assert_snapshot!(outline(&plan_of(&wanted, &observed)), @"blocked task/a-orders: can only be changed while task/a-orders is stopped");
}

/// DMS tests the connections of an endpoint by itself once that was changed, and refuses to test what it tests already.
#[test]
fn terraform_provider_aws_46139_the_test_that_dms_begins_is_waited_for_and_not_begun_again() {
    let desired = desired("a", &["orders"]);
    let observed = converged(&desired);
    let test = |edit: fn(&mut Desired)| {
        let mut wanted = desired.clone();
        edit(&mut wanted);
        steps(&plan_of(&wanted, &observed), "connection/a-orders/a-orders-source")
    };
    let port: fn(&mut Desired) = |desired| {
        edit_endpoint(desired, "orders-source", |endpoint| endpoint.port = Some(3307));
    };
    assert_snapshot!(test(port), @"wait until the test succeeds");
    // That of another instance is DMS's to begin only when it is told to.
    assert_snapshot!(test(|desired| {
        edit_endpoint(desired, "orders-source", |endpoint| endpoint.port = Some(3307));
        edit_instance(desired, "orders", |instance| instance.class = "dms.r6i.large".to_owned());
        edit_task(desired, "orders", |task| task.settings = json!({"TargetMetadata": {"LobMaxSize": 64}}));
    }), @"
    wait until it is active
    test the connection
    wait until the test succeeds
    ");
}

/// terraform-provider-aws #46139: the task is left stopped when a pass ends in the middle of a change.
#[test]
fn terraform_provider_aws_46139_a_task_that_was_paused_is_resumed_by_any_later_pass() {
    let wanted = desired("a", &["orders"]);
    for status in ["stopped", "stopping"] {
        let mut observed = converged(&wanted);
        tag_task(&mut observed, &wanted, tags::PAUSED, "resume-processing");
        live_task(&mut observed, &wanted, |task| task.status = status.to_owned());
        let plan = plan_of(&wanted, &observed);
        assert_eq!(outline(&plan), "resume task/a-orders (run) [none]", "{status}");
        assert!(steps(&plan, "task/a-orders (run)").ends_with("untag pipewright:paused"), "{status}");
    }
}

#[test]
fn a_pause_mark_on_a_running_task_is_taken_off() {
    let wanted = desired("a", &["orders"]);
    let mut observed = converged(&wanted);
    tag_task(&mut observed, &wanted, tags::PAUSED, "resume-processing");
    let plan = plan_of(&wanted, &observed);
    assert_snapshot!(steps(&plan, "task/a-orders (run)"), @"untag pipewright:paused");
}

/// terraform-provider-aws #43466: a full load that ends before `running` was seen is an error there.
#[test]
fn terraform_provider_aws_43466_a_finished_full_load_is_success() {
    let wanted = desired("a", &["orders"]);
    let mut observed = converged(&wanted);
    live_task(&mut observed, &wanted, |task| {
        task.status = "stopped".to_owned();
        task.stop_reason = "Stop Reason FULL_LOAD_ONLY_FINISHED".to_owned();
    });
    assert_eq!(outline(&plan_of(&wanted, &observed)), "nothing");
}

#[test]
fn every_status_has_its_answer() {
    let rows = [
        // (status, stop reason, run) → what is planned
        ("ready", "", Run::Running, "start task/a-orders (run) [none]"),
        ("ready", "", Run::Stopped, "nothing"),
        ("ready", "", Run::Unmanaged, "nothing"),
        ("creating", "", Run::Running, "wait task/a-orders [none]\nstart task/a-orders (run) [none]"),
        ("creating", "", Run::Stopped, "wait task/a-orders [none]"),
        ("starting", "", Run::Running, "wait task/a-orders (run) [none]"),
        ("starting", "", Run::Stopped, "stop task/a-orders (run) [stops-task]"),
        ("running", "", Run::Running, "nothing"),
        ("running", "", Run::Stopped, "stop task/a-orders (run) [stops-task]"),
        ("running", "", Run::Unmanaged, "nothing"),
        ("stopping", "", Run::Running, "wait task/a-orders (run) [none]"),
        ("stopped", "", Run::Running, "resume task/a-orders (run) [none]"),
        ("stopped", "Stop Reason NORMAL", Run::Running, "resume task/a-orders (run) [none]"),
        ("stopped", "Stop Reason NORMAL", Run::Unmanaged, "nothing"),
        ("stopped", "", Run::Stopped, "nothing"),
        ("stopped", "Stop Reason RECOVERABLE_ERROR", Run::Running, "resume task/a-orders (run) [none]"),
        ("modifying", "", Run::Running, "wait task/a-orders [none]"),
        ("moving", "", Run::Running, "wait task/a-orders [none]"),
        (
            "stopped",
            "Stop Reason STOPPED_DUE_TO_LOW_DISK",
            Run::Running,
            "warning task/a-orders: has stopped and is not resumed: low storage (Stop Reason STOPPED_DUE_TO_LOW_DISK)",
        ),
        (
            "failed",
            "",
            Run::Running,
            "warning task/a-orders: the task is failed: AWS gave no reason\n\
             warning task/a-orders: is not resumed: unknown cause",
        ),
    ];
    for (status, stop_reason, run, expected) in rows {
        let mut wanted = desired("a", &["orders"]);
        let mut observed = converged(&wanted);
        live_task(&mut observed, &wanted, |task| {
            task.status = status.to_owned();
            task.stop_reason = stop_reason.to_owned();
        });
        edit_task(&mut wanted, "orders", |task| task.run = run);
        assert_eq!(outline(&plan_of(&wanted, &observed)), expected, "{status} {stop_reason} {run:?}");
    }
}

#[test]
fn a_first_start_takes_the_cdc_position_and_a_resume_does_not() {
    let mut wanted = desired("a", &["orders"]);
    edit_task(&mut wanted, "orders", |task| task.cdc_start = Some(CdcStart::Position("42".to_owned())));
    let text = serde_json::to_string(&plan_of(&wanted, &Observed::default()).changes).unwrap();
    assert!(text.contains(r#""start":"start-replication","cdc_start":{"position":"42"}"#), "{text}");
    let mut observed = converged(&wanted);
    live_task(&mut observed, &wanted, |task| task.status = "stopped".to_owned());
    let text = serde_json::to_string(&plan_of(&wanted, &observed).changes).unwrap();
    assert!(text.contains(r#""start":"resume-processing","cdc_start":null"#), "{text}");
}

/// CloudFormation roadmap #1772: changing the instance of a task replaces it.
#[test]
fn cloudformation_1772_a_task_moves_to_another_instance() {
    let mut wanted = desired("a", &["billing", "orders"]);
    let observed = converged(&wanted);
    let billing = id(&wanted, Kind::Instance, "billing");
    edit_task(&mut wanted, "orders", |task| task.instance = pipewright_model::Ref::Managed(billing));
    let plan = plan_of(&wanted, &observed);
    assert_snapshot!(outline(&plan), @"
    test connection/a-billing/a-orders-source [none]
    test connection/a-billing/a-orders-target [none]
    pause task/a-orders (pause) [stops-task]
    update task/a-orders [moves-task]
    resume task/a-orders (run) [none]
    ");
    assert_snapshot!(steps(&plan, "task/a-orders"), @"
    move to instance/a-billing
    wait until it is ready
    ");
}

#[test]
fn what_cannot_be_changed_is_held_back_and_nothing_is_replaced() {
    let mut wanted = desired("a", &["orders"]);
    let observed = converged(&wanted);
    edit_instance(&mut wanted, "orders", |instance| instance.publicly_accessible = Some(false));
    assert_snapshot!(outline(&plan_of(&wanted, &observed)), @"blocked instance/a-orders: cannot be changed in place (publiclyAccessible: true → false), and is not replaced, since that would destroy it");
}

/// The DMS API takes name servers when an instance is made, and not when it is modified.
#[test]
fn name_servers_of_an_instance_cannot_be_changed_and_are_not_compared_unless_declared() {
    let mut declared = desired("a", &["orders"]);
    edit_instance(&mut declared, "orders", |instance| {
        instance.dns_name_servers = Some(vec!["10.0.0.2".to_owned()]);
    });
    let observed = converged(&declared);
    assert_eq!(outline(&plan_of(&declared, &observed)), "nothing");
    assert_eq!(outline(&plan_of(&desired("a", &["orders"]), &observed)), "nothing");
    edit_instance(&mut declared, "orders", |instance| {
        instance.dns_name_servers = Some(vec!["10.0.0.3".to_owned()]);
    });
    let plan = outline(&plan_of(&declared, &observed));
    assert!(plan.contains("blocked instance/a-orders: cannot be changed in place (dnsNameServers"), "{plan}");
}

/// MoJ platform PR #7378: auto minor upgrade, then the tool downgrades.
#[test]
fn moj_7378_an_automatic_minor_upgrade_is_no_difference() {
    let mut wanted = desired("a", &["orders"]);
    edit_instance(&mut wanted, "orders", |instance| instance.engine_version = Some("3.5.3".to_owned()));
    let mut observed = converged(&wanted);
    let instance = id(&wanted, Kind::Instance, "orders");
    match &mut observed.resources.get_mut(&instance).unwrap().body {
        LiveBody::Instance(instance) => instance.engine_version = "3.5.4".to_owned(),
        other => panic!("not an instance: {other:?}"),
    }
    assert_eq!(outline(&plan_of(&wanted, &observed)), "nothing");
    edit_instance(&mut wanted, "orders", |instance| instance.engine_version = Some("3.6.1".to_owned()));
    assert_eq!(outline(&plan_of(&wanted, &observed)), "update instance/a-orders [reboots-instance]");
}

/// terraform-aws-dms #62: adding one endpoint replaces all tasks.
#[test]
fn terraform_aws_dms_62_adding_a_pipeline_touches_no_other() {
    let observed = converged(&desired("a", &["orders"]));
    let plan = plan_of(&desired("a", &["billing", "orders"]), &observed);
    assert!(!outline(&plan).contains("a-orders"), "{}", outline(&plan));
}

/// terraform-provider-aws #21199, PR #34576: the wrong order of deletes.
#[test]
fn terraform_provider_aws_21199_deletes_run_from_the_task_to_the_roles() {
    let observed = converged(&desired("a", &["orders"]));
    let plan = plan_of(&desired("a", &[]), &observed);
    assert_snapshot!(outline(&plan), @"
    delete role/dms-cloudwatch-logs-role [destroys]
    delete role/dms-vpc-role [destroys]
    delete subnet-group/a-orders [destroys]
    delete instance/a-orders [destroys]
    delete endpoint/a-orders-source [destroys]
    delete endpoint/a-orders-target [destroys]
    delete task/a-orders [destroys]
    ");
    assert_snapshot!(steps(&plan, "task/a-orders"), @"
    stop
    wait until it has stopped
    delete
    wait until it is gone
    ");
    assert_snapshot!(needs(&plan, "instance/a-orders").join("\n"), @"task/a-orders");
    assert_snapshot!(needs(&plan, "subnet-group/a-orders").join("\n"), @"instance/a-orders");
}

#[test]
fn what_others_still_use_is_kept() {
    let mut observed = converged(&desired("a", &["orders"]));
    tag_task(&mut observed, &desired("a", &[]), tags::SCOPE, "b");
    assert_snapshot!(outline(&plan_of(&desired("a", &[]), &observed)), @"
    leave role/dms-cloudwatch-logs-role [none]
    waiting endpoint/a-orders-target: no spec declares it, and it is kept: task/a-orders still uses it
    waiting endpoint/a-orders-source: no spec declares it, and it is kept: task/a-orders still uses it
    waiting instance/a-orders: no spec declares it, and it is kept: task/a-orders still uses it
    waiting subnet-group/a-orders: no spec declares it, and it is kept: instance/a-orders still uses it
    waiting role/dms-cloudwatch-logs-role: left by its last owner, and kept while task/a-orders needs it
    waiting role/dms-vpc-role: no spec needs it, and it is not left while subnet-group/a-orders, which stays, needs it
    ");
}

#[test]
fn retained_resources_are_released() {
    let wanted = desired("a", &["orders"]);
    let mut observed = converged(&wanted);
    tag_task(&mut observed, &wanted, tags::RETAIN, "true");
    let plan = plan_of(&desired("a", &[]), &observed);
    assert_snapshot!(outline(&plan), @"
    leave role/dms-cloudwatch-logs-role [none]
    release task/a-orders [none]
    waiting endpoint/a-orders-target: no spec declares it, and it is kept: task/a-orders still uses it
    waiting endpoint/a-orders-source: no spec declares it, and it is kept: task/a-orders still uses it
    waiting instance/a-orders: no spec declares it, and it is kept: task/a-orders still uses it
    waiting subnet-group/a-orders: no spec declares it, and it is kept: instance/a-orders still uses it
    waiting role/dms-cloudwatch-logs-role: left by its last owner, and kept while task/a-orders needs it
    waiting role/dms-vpc-role: no spec needs it, and it is not left while subnet-group/a-orders, which stays, needs it
    ");
}

#[test]
fn the_delete_limits_hold_every_delete_back() {
    let observed = converged(&desired("a", &["orders"]));
    let mut wanted = desired("a", &[]);
    wanted.policy.max_deletes = Some(3);
    let plan = plan_of(&wanted, &observed);
    assert_eq!(
        outline(&plan),
        "blocked: the plan deletes 7 resources, and the policy allows 3 (`maxDeletes`)"
    );
    wanted.policy.max_deletes = None;
    wanted.policy.max_delete_percent = Some(30);
    assert!(outline(&plan_of(&wanted, &observed)).starts_with("blocked: the plan deletes 7 of 5 owned"));
    wanted.policy.max_delete_percent = None;
    wanted.policy.mode = Mode::UpsertOnly;
    let plan = plan_of(&wanted, &observed);
    assert!(plan.is_empty() && plan.report.waiting.len() == 7, "{}", outline(&plan));
}

#[test]
fn a_regional_resource_of_somebody_else_is_a_conflict() {
    let wanted = desired("a", &["orders"]);
    let mut observed = converged(&wanted);
    let endpoint = id(&wanted, Kind::Endpoint, "orders-source");
    let instance = id(&wanted, Kind::Instance, "orders");
    observed.resources.get_mut(&endpoint).unwrap().tags.clear();
    let tags = &mut observed.resources.get_mut(&instance).unwrap().tags;
    tags.insert(tags::SCOPE.to_owned(), "b".to_owned());
    assert_snapshot!(outline(&plan_of(&wanted, &observed)), @"
    conflict instance/a-orders: exists and is owned by scope b
    conflict endpoint/a-orders-source: exists but not owned
    ");
}

#[test]
fn a_suspended_pipeline_is_left_as_it_is() {
    let mut wanted = desired("a", &["orders"]);
    let observed = converged(&wanted);
    edit_endpoint(&mut wanted, "orders-source", |endpoint| endpoint.port = Some(3307));
    for declared in wanted.resources.values_mut() {
        declared.suspended = true;
    }
    let plan = plan_of(&wanted, &observed);
    assert!(plan.is_empty(), "{}", outline(&plan));
}

#[test]
fn a_new_setting_is_sent_once_and_then_only_noted() {
    let mut wanted = desired("a", &["orders"]);
    let before = converged(&wanted);
    edit_endpoint(&mut wanted, "orders-target", |endpoint| {
        endpoint.settings.insert("MaxFileSize".to_owned(), json!(1000));
    });
    let plan = plan_of(&wanted, &before);
    assert!(outline(&plan).contains("update endpoint/a-orders-target"), "{}", outline(&plan));
    let mut after = converged(&wanted);
    let endpoint = id(&wanted, Kind::Endpoint, "orders-target");
    match &mut after.resources.get_mut(&endpoint).unwrap().body {
        LiveBody::Endpoint(endpoint) => endpoint.settings.clear(),
        other => panic!("not an endpoint: {other:?}"),
    }
    assert_snapshot!(outline(&plan_of(&wanted, &after)), @"warning endpoint/a-orders-target: settings.MaxFileSize was sent, and AWS does not return it");
}
