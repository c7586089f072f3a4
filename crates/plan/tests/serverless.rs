//! The life of serverless replications: creation, changes, starts and stops, and the roles that they need.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use insta::assert_snapshot;
use pipewright_model::kinds::{CdcStart, MigrationType, ReplicationConfigObserved, Run};
use pipewright_model::tags;
use pipewright_model::{Desired, Kind, LiveBody, Observed, Ref, ResourceId};
use pipewright_plan::{ChangeKey, Plan, PlanOptions, plan, status};
use pipewright_testkit::{converged, desired, edit_config, edit_endpoint, id, outline, serverless, steps};
use serde_json::json;

const LOGS_OFF: &str = r#"{"Logging": {"EnableLogging": false}}"#;

fn plan_of(desired: &Desired, observed: &Observed) -> Plan {
    plan(desired, observed, &PlanOptions::default())
}

fn config(desired: &Desired) -> ResourceId {
    id(desired, Kind::ReplicationConfig, "orders")
}

fn live(observed: &mut Observed, desired: &Desired, edit: impl FnOnce(&mut ReplicationConfigObserved)) {
    match &mut observed.resources.get_mut(&config(desired)).unwrap().body {
        LiveBody::ReplicationConfig(config) => edit(config),
        other => panic!("not a replication config: {other:?}"),
    }
}

fn tag(observed: &mut Observed, desired: &Desired, key: &str, value: &str) {
    let tags = &mut observed.resources.get_mut(&config(desired)).unwrap().tags;
    tags.insert(key.to_owned(), value.to_owned());
}

fn needs(plan: &Plan, key: &str) -> String {
    let change = plan.changes.iter().find(|change| change.key.to_string() == key).unwrap();
    change.needs.iter().map(ChangeKey::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn an_empty_account_is_filled_without_an_instance_or_connections() {
    let plan = plan_of(&serverless("a", &["orders"]), &Observed::default());
    assert_snapshot!(outline(&plan), @"
    create role/dms-cloudwatch-logs-role [none]
    create role/dms-vpc-role [none]
    create subnet-group/a-orders [none]
    create endpoint/a-orders-source [none]
    create endpoint/a-orders-target [none]
    create replication-config/a-orders [none]
    start replication-config/a-orders (run) [none]
    ");
    assert_snapshot!(needs(&plan, "replication-config/a-orders"), @"
    role/dms-cloudwatch-logs-role
    role/dms-vpc-role
    subnet-group/a-orders
    endpoint/a-orders-source
    endpoint/a-orders-target
    ");
    assert_snapshot!(steps(&plan, "replication-config/a-orders"), @"
    create
    wait until it is ready
    ");
    assert_snapshot!(needs(&plan, "replication-config/a-orders (run)"), @"
    subnet-group/a-orders
    endpoint/a-orders-source
    endpoint/a-orders-target
    replication-config/a-orders
    ");
    assert_snapshot!(steps(&plan, "replication-config/a-orders (run)"), @"
    start
    wait until it runs
    ");
}

#[test]
fn a_converged_account_needs_nothing() {
    let wanted = serverless("a", &["billing", "orders"]);
    let observed = converged(&wanted);
    let plan = plan_of(&wanted, &observed);
    assert_eq!(outline(&plan), "nothing");
    assert_eq!(plan.unchanged.len(), 10);
    let status = status(&wanted, &observed, &plan);
    assert!(status.is_ready(), "{status:?}");
    assert_eq!(status.pipelines[0].headline().message, "the replication runs");
}

#[test]
fn a_change_stops_changes_waits_and_resumes() {
    let mut wanted = serverless("a", &["orders"]);
    let observed = converged(&wanted);
    edit_config(&mut wanted, "orders", |config| {
        config.compute.max_capacity_units = 16;
        config.settings = serde_json::from_str(LOGS_OFF).unwrap();
    });
    let plan = plan_of(&wanted, &observed);
    assert_snapshot!(outline(&plan), @"
    pause replication-config/a-orders (pause) [stops-task]
    update replication-config/a-orders [stops-task]
    resume replication-config/a-orders (run) [none]
    ");
    assert_snapshot!(steps(&plan, "replication-config/a-orders (pause)"), @"
    tag pipewright:paused=resume-processing
    stop
    wait until it has stopped
    ");
    assert_snapshot!(steps(&plan, "replication-config/a-orders"), @"
    modify
    wait until it is ready
    tag pipewright:applied=01de0a7b95485bb1
    ");
    assert_snapshot!(steps(&plan, "replication-config/a-orders (run)"), @"
    resume
    wait until it runs
    untag pipewright:paused
    ");
    let fields: Vec<&str> = plan
        .change(&ChangeKey::main(&config(&wanted)))
        .unwrap()
        .fields
        .iter()
        .map(|field| field.path.as_str())
        .collect();
    assert_eq!(
        fields,
        ["compute.maxCapacityUnits", "settings.Logging.EnableLogging", "tags.pipewright:applied"]
    );
}

#[test]
fn validation_only_cannot_be_changed_before_or_after_the_first_run() {
    let mut wanted = serverless("a", &["orders"]);
    edit_config(&mut wanted, "orders", |config| {
        config.settings = serde_json::json!({
            "Logging": {"EnableLogging": true}, "ValidationSettings": {"ValidationOnly": true}});
    });
    for has_run in [false, true] {
        let mut observed = converged(&wanted);
        live(&mut observed, &wanted, |config| {
            config.has_run = has_run;
            config.settings["ValidationSettings"] = serde_json::json!({"ValidationOnly": false});
        });
        let plan = plan_of(&wanted, &observed);
        assert_eq!(plan.change(&ChangeKey::main(&config(&wanted))), None, "{has_run}");
        let blocked: Vec<&str> = plan.report.blocked.iter().map(|finding| finding.message.as_str()).collect();
        assert!(matches!(blocked.as_slice(), [why] if why.contains("ValidationOnly")), "{blocked:?}");
    }
}

#[test]
fn where_stopping_is_not_allowed_a_change_is_held_back() {
    let mut wanted = serverless("a", &["orders"]);
    let observed = converged(&wanted);
    edit_config(&mut wanted, "orders", |config| {
        config.stop_to_change = false;
        config.compute.multi_az = Some(true);
    });
    assert_snapshot!(outline(&plan_of(&wanted, &observed)), @"blocked replication-config/a-orders: can only be changed while replication-config/a-orders is stopped");
}

#[test]
fn an_endpoint_change_pauses_the_replications_that_use_it() {
    let mut wanted = serverless("a", &["orders"]);
    let observed = converged(&wanted);
    edit_endpoint(&mut wanted, "orders-source", |endpoint| endpoint.port = Some(3307));
    let plan = plan_of(&wanted, &observed);
    assert_snapshot!(outline(&plan), @"
    update endpoint/a-orders-source [in-place]
    pause replication-config/a-orders (pause) [stops-task]
    resume replication-config/a-orders (run) [none]
    ");
    assert_eq!(needs(&plan, "endpoint/a-orders-source"), "replication-config/a-orders (pause)");
}

/// terraform-provider-aws #35650: a start while the config is `modifying` fails there.
#[test]
fn terraform_provider_aws_35650_nothing_starts_while_it_is_modifying() {
    let wanted = serverless("a", &["orders"]);
    for (has_run, paused, expected) in [
        (
            false,
            false,
            "wait replication-config/a-orders [none]\nstart replication-config/a-orders (run) [none]",
        ),
        (
            true,
            true,
            "wait replication-config/a-orders [none]\nresume replication-config/a-orders (run) [none]",
        ),
        (true, false, "wait replication-config/a-orders [none]"),
    ] {
        let mut observed = converged(&wanted);
        live(&mut observed, &wanted, |config| {
            config.status = "modifying".to_owned();
            config.has_run = has_run;
        });
        if paused {
            tag(&mut observed, &wanted, tags::PAUSED, "resume-processing");
        }
        let plan = plan_of(&wanted, &observed);
        assert_eq!(outline(&plan), expected);
        if has_run && !paused {
            continue;
        }
        assert_eq!(needs(&plan, "replication-config/a-orders (run)"), "replication-config/a-orders");
        assert_eq!(steps(&plan, "replication-config/a-orders"), "wait until it is ready");
    }
}

#[test]
fn every_status_has_its_answer() {
    const WAITS: &str = "wait replication-config/a-orders (run) [none]";
    const STOPS: &str = "stop replication-config/a-orders (run) [stops-task]";
    const STARTS: &str = "start replication-config/a-orders (run) [none]";
    const RESUMES: &str = "resume replication-config/a-orders (run) [none]";
    const SETTLES: &str = "wait replication-config/a-orders [none]";
    const FAILED: &str = "warning replication-config/a-orders: the replication is failed: AWS gave no reason";
    let on_its_way = [
        "initializing",
        "preparing_metadata_resources",
        "testing_connection",
        "fetching_metadata",
        "calculating_capacity",
        "provisioning_capacity",
        "replication_starting",
    ];
    let mut rows = vec![
        // (status, stop reason, whether it has run, run) → what is planned
        ("created", "", false, Run::Running, STARTS.to_owned()),
        ("created", "", false, Run::Stopped, "nothing".to_owned()),
        ("created", "", false, Run::Unmanaged, "nothing".to_owned()),
        ("ready", "", false, Run::Running, STARTS.to_owned()),
        // Its capacity was given back.
        ("ready", "", true, Run::Running, RESUMES.to_owned()),
        ("running", "", true, Run::Running, "nothing".to_owned()),
        ("running", "", true, Run::Stopped, STOPS.to_owned()),
        ("running", "", true, Run::Unmanaged, "nothing".to_owned()),
        ("stopping", "", true, Run::Running, WAITS.to_owned()),
        ("stopping", "", true, Run::Stopped, WAITS.to_owned()),
        ("stopped", "Stop Reason NORMAL", true, Run::Running, RESUMES.to_owned()),
        ("stopped", "Stop Reason NORMAL", true, Run::Unmanaged, "nothing".to_owned()),
        ("stopped", "Stop Reason NORMAL", true, Run::Stopped, "nothing".to_owned()),
        ("stopped", "Stop Reason FULL_LOAD_ONLY_FINISHED", true, Run::Running, "nothing".to_owned()),
        (
            "stopped",
            "Stop Reason STOPPED_DUE_TO_LOW_MEMORY",
            true,
            Run::Running,
            "warning replication-config/a-orders: has stopped and is not resumed: low memory (Stop Reason \
             STOPPED_DUE_TO_LOW_MEMORY)"
                .to_owned(),
        ),
        ("modifying", "", true, Run::Running, SETTLES.to_owned()),
        ("stopped", "Stop Reason FATAL_ERROR", true, Run::Running, RESUMES.to_owned()),
        (
            "failed",
            "",
            true,
            Run::Running,
            format!("{FAILED}\nwarning replication-config/a-orders: is not resumed: unknown cause"),
        ),
        ("failed", "", false, Run::Unmanaged, FAILED.to_owned()),
        // Nothing is lost: as with a connection test, every pass tries again.
        ("failed", "", false, Run::Running, format!("{STARTS}\n{FAILED}")),
        ("a status that is new", "", true, Run::Running, SETTLES.to_owned()),
    ];
    for status in on_its_way {
        for has_run in [true, false] {
            rows.push((status, "", has_run, Run::Running, WAITS.to_owned()));
            rows.push((status, "", has_run, Run::Stopped, STOPS.to_owned()));
        }
    }
    for (status, stop_reason, has_run, run, expected) in rows {
        let mut wanted = serverless("a", &["orders"]);
        let mut observed = converged(&wanted);
        live(&mut observed, &wanted, |config| {
            config.status = status.to_owned();
            config.stop_reason = stop_reason.to_owned();
            config.has_run = has_run;
        });
        edit_config(&mut wanted, "orders", |config| config.run = run);
        let plan = plan_of(&wanted, &observed);
        assert_eq!(outline(&plan), expected, "{status} {stop_reason} {has_run} {run:?}");
    }
}

#[test]
fn one_that_is_being_deleted_and_declared_is_made_again_when_it_is_gone() {
    let wanted = serverless("a", &["orders"]);
    let mut observed = converged(&wanted);
    live(&mut observed, &wanted, |config| config.status = "deleting".to_owned());
    let plan = plan_of(&wanted, &observed);
    assert_snapshot!(steps(&plan, "replication-config/a-orders"), @"
    wait until it is gone
    create
    wait until it is ready
    ");
}

#[test]
fn what_was_paused_is_resumed_by_any_later_pass() {
    let wanted = serverless("a", &["orders"]);
    for status in ["stopped", "stopping", "ready"] {
        let mut observed = converged(&wanted);
        tag(&mut observed, &wanted, tags::PAUSED, "resume-processing");
        live(&mut observed, &wanted, |config| config.status = status.to_owned());
        let plan = plan_of(&wanted, &observed);
        assert_eq!(outline(&plan), "resume replication-config/a-orders (run) [none]", "{status}");
        let steps = steps(&plan, "replication-config/a-orders (run)");
        assert!(steps.contains("resume") && steps.ends_with("untag pipewright:paused"), "{status}: {steps}");
    }
}

/// What was on its way to its first run when it was paused has run by the time it is resumed.
#[test]
fn one_that_is_changed_on_its_way_to_run_is_resumed_and_not_started() {
    let mut wanted = serverless("a", &["orders"]);
    let mut observed = converged(&wanted);
    live(&mut observed, &wanted, |config| {
        config.status = "provisioning_capacity".to_owned();
        config.has_run = false;
    });
    edit_config(&mut wanted, "orders", |config| config.compute.max_capacity_units = 16);
    let plan = plan_of(&wanted, &observed);
    assert_snapshot!(steps(&plan, "replication-config/a-orders (pause)"), @"
    tag pipewright:paused=resume-processing
    wait until it runs
    stop
    wait until it has stopped
    ");
    assert_snapshot!(steps(&plan, "replication-config/a-orders (run)"), @"
    resume
    wait until it runs
    untag pipewright:paused
    ");
}

#[test]
fn positions_go_into_the_start_call() {
    let mut wanted = serverless("a", &["orders"]);
    edit_config(&mut wanted, "orders", |config| {
        config.migration_type = MigrationType::Cdc;
        config.cdc_start = Some(CdcStart::Position("42".to_owned()));
        config.cdc_stop_position = Some("server_time:2030-01-31T12:00:00".to_owned());
    });
    let text = serde_json::to_string(&plan_of(&wanted, &Observed::default()).changes).unwrap();
    assert!(
        text.contains(
            r#""start":"start-replication","cdc_start":{"position":"42"},"cdc_stop_position":"server_time:2030-01-31T12:00:00""#
        ),
        "{text}"
    );
    let mut observed = converged(&wanted);
    live(&mut observed, &wanted, |config| config.status = "stopped".to_owned());
    let text = serde_json::to_string(&plan_of(&wanted, &observed).changes).unwrap();
    assert!(
        text.contains(
            r#""start":"resume-processing","cdc_start":null,"cdc_stop_position":"server_time:2030-01-31T12:00:00""#
        ),
        "{text}"
    );
}

/// StartReplication is the only call that takes a stop position.
#[test]
fn a_new_stop_position_stops_and_resumes_one_that_runs() {
    let mut wanted = serverless("a", &["orders"]);
    let mut observed = converged(&wanted);
    edit_config(&mut wanted, "orders", |config| {
        config.cdc_stop_position = Some("server_time:2030-01-31T12:00:00".to_owned());
    });
    let plan = plan_of(&wanted, &observed);
    assert_snapshot!(outline(&plan), @"
    pause replication-config/a-orders (pause) [stops-task]
    update replication-config/a-orders [stops-task]
    resume replication-config/a-orders (run) [none]
    ");
    assert_snapshot!(steps(&plan, "replication-config/a-orders"), @"wait until it is ready");

    live(&mut observed, &wanted, |config| config.status = "stopped".to_owned());
    assert_eq!(
        outline(&plan_of(&wanted, &observed)),
        "resume replication-config/a-orders (run) [none]",
        "the start says it"
    );
}

#[test]
fn what_a_run_rests_on_is_changed_before_the_first_run_only() {
    let mut wanted = serverless("a", &["billing", "orders"]);
    let mut observed = converged(&wanted);
    let (source, group) =
        (id(&wanted, Kind::Endpoint, "billing-source"), id(&wanted, Kind::SubnetGroup, "billing"));
    edit_config(&mut wanted, "orders", |config| {
        config.source = Ref::Managed(source);
        config.compute.subnet_group = Some(Ref::Managed(group));
        config.compute.availability_zone = Some("us-east-1b".to_owned());
        config.compute.kms_key_id = Some("ffff".to_owned());
    });
    assert_snapshot!(outline(&plan_of(&wanted, &observed)), @"blocked replication-config/a-orders: cannot be changed in place (source: endpoint/a-orders-source → endpoint/a-billing-source, compute.availabilityZone: us-east-1a → us-east-1b, compute.kmsKeyId: arn:aws:kms:us-east-1:111122223333:key/8b0bca8d → ffff, compute.subnetGroup: a-orders → a-billing), and is not replaced, since that would destroy it");
    live(&mut observed, &wanted, |config| {
        config.status = "created".to_owned();
        config.has_run = false;
    });
    assert_snapshot!(outline(&plan_of(&wanted, &observed)), @"
    update replication-config/a-orders [stops-task]
    start replication-config/a-orders (run) [none]
    ");
}

#[test]
fn spellings_of_the_same_are_no_difference() {
    let mut wanted = serverless("a", &["orders"]);
    let mut observed = converged(&wanted);
    edit_config(&mut wanted, "orders", |config| {
        config.compute.preferred_maintenance_window = Some("Sun:04:00-Sun:04:30".to_owned());
        config.compute.kms_key_id = Some("8b0bca8d".to_owned());
        config.settings = json!({"Logging": {"EnableLogging": true}, "ControlTablesSettings": {"HistoryTimeslotInMinutes": 5}});
        config.supplemental_settings = Some(json!({"a": {"b": "1"}}));
    });
    live(&mut observed, &wanted, |config| {
        config.settings["ControlTablesSettings"] = json!({"historyTimeslotInMinutes": 5});
        config.settings["FullLoadSettings"] = json!({"MaxFullLoadSubTasks": 8});
        config.supplemental_settings = json!({"a": {"b": 1, "c": 2}});
    });
    assert_eq!(
        outline(&plan_of(&wanted, &observed)),
        "update replication-config/a-orders [none]",
        "its tag only"
    );
}

#[test]
fn deletes_run_from_the_replication_to_the_roles() {
    let plan = plan_of(&serverless("a", &[]), &converged(&serverless("a", &["orders"])));
    assert_snapshot!(outline(&plan), @"
    delete role/dms-cloudwatch-logs-role [destroys]
    delete role/dms-vpc-role [destroys]
    delete subnet-group/a-orders [destroys]
    delete endpoint/a-orders-source [destroys]
    delete endpoint/a-orders-target [destroys]
    delete replication-config/a-orders [destroys]
    ");
    assert_snapshot!(steps(&plan, "replication-config/a-orders"), @"
    stop
    wait until it has stopped
    delete
    wait until it is gone
    ");
    assert_eq!(needs(&plan, "subnet-group/a-orders"), "replication-config/a-orders");
    assert_eq!(needs(&plan, "endpoint/a-orders-source"), "replication-config/a-orders");
    assert_snapshot!(needs(&plan, "role/dms-vpc-role"), @"
    subnet-group/a-orders
    replication-config/a-orders
    ");
}

/// A role must not go while a serverless replication of anybody needs it.
#[test]
fn the_roles_stay_while_a_live_replication_of_anybody_needs_them() {
    let mut observed = converged(&serverless("a", &["orders"]));
    let wanted = serverless("a", &[]);
    // Somebody else's, in a subnet group that DMS made, and nothing else is there.
    tag(&mut observed, &wanted, tags::SCOPE, "b");
    observed.resources.retain(|id, _| matches!(id.kind, Kind::ServiceRole | Kind::ReplicationConfig));
    assert_snapshot!(outline(&plan_of(&wanted, &observed)), @"
    leave role/dms-cloudwatch-logs-role [none]
    leave role/dms-vpc-role [none]
    waiting role/dms-cloudwatch-logs-role: left by its last owner, and kept while replication-config/a-orders needs it
    waiting role/dms-vpc-role: left by its last owner, and kept while replication-config/a-orders needs it
    ");
    live(&mut observed, &wanted, |config| config.settings = serde_json::from_str(LOGS_OFF).unwrap());
    assert_snapshot!(outline(&plan_of(&wanted, &observed)), @"
    delete role/dms-cloudwatch-logs-role [destroys]
    leave role/dms-vpc-role [none]
    waiting role/dms-vpc-role: left by its last owner, and kept while replication-config/a-orders needs it
    ");
}

#[test]
fn the_roles_stay_while_a_replication_in_another_region_needs_them() {
    let mut observed = converged(&serverless("a", &["orders"]));
    let wanted = serverless("a", &[]);
    let (there, gone): (Vec<_>, Vec<_>) =
        observed.resources.clone().into_iter().partition(|(id, _)| id.kind == Kind::ReplicationConfig);
    observed.resources = gone.into_iter().filter(|(id, _)| id.kind == Kind::ServiceRole).collect();
    observed.elsewhere.resources.insert("eu-west-1".to_owned(), there.into_iter().collect());
    assert_snapshot!(outline(&plan_of(&wanted, &observed)), @"
    waiting role/dms-cloudwatch-logs-role: no spec needs it here, and it is kept: replication-config/a-orders in eu-west-1 needs it
    waiting role/dms-vpc-role: no spec needs it here, and it is kept: replication-config/a-orders in eu-west-1 needs it
    ");
}

/// Without reading the configs, nobody knows whether the roles are needed.
#[test]
fn unread_configs_delete_and_leave_nothing() {
    let mut observed = converged(&serverless("a", &["orders"]));
    observed.resources.retain(|id, _| id.kind != Kind::ReplicationConfig);
    observed.unread.insert(Kind::ReplicationConfig, "throttled".to_owned());
    let plan = plan_of(&serverless("a", &[]), &observed);
    assert!(plan.is_empty(), "{}", outline(&plan));
}

/// Nothing carries the position of a task over to a replication, or back.
#[test]
fn a_pipeline_does_not_move_between_an_instance_and_serverless() {
    let (on_instance, on_serverless) = (desired("a", &["orders"]), serverless("a", &["orders"]));
    assert_snapshot!(outline(&plan_of(&on_serverless, &converged(&on_instance))), @"
    blocked replication-config/a-orders: is not made while task/a-orders of the same pipeline exists: orders moves to another kind of compute, which would load everything again
    waiting task/a-orders: no spec declares it, and it is kept: orders has not moved off it
    waiting instance/a-orders: no spec declares it, and it is kept: task/a-orders still uses it
    ");
    assert_snapshot!(outline(&plan_of(&on_instance, &converged(&on_serverless))), @"
    blocked task/a-orders: is not made while replication-config/a-orders of the same pipeline exists: orders moves to another kind of compute, which would load everything again
    waiting instance/a-orders: not made while replication-config/a-orders of the same pipeline exists
    waiting replication-config/a-orders: no spec declares it, and it is kept: orders has not moved off it
    ");
}

#[test]
fn the_status_of_a_failed_replication_tells_why() {
    let wanted = serverless("a", &["orders"]);
    let mut observed = converged(&wanted);
    live(&mut observed, &wanted, |config| {
        config.status = "failed".to_owned();
        config.last_failure_message = "Unknown host".to_owned();
    });
    let plan = plan_of(&wanted, &observed);
    let status = status(&wanted, &observed, &plan);
    let headline = status.pipelines[0].headline();
    assert_eq!(headline.reason, "ReplicationFailed");
    assert!(
        headline.message.contains("the replication is failed: Unknown host; not resumed: "),
        "{}",
        headline.message
    );
}
