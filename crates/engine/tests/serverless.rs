//! Serverless pipelines: whole passes over the real AWS SDK against the emulator.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use pipewright_emulator::{Disturbance, Script};
use pipewright_engine::CloudRead;
use pipewright_model::kinds::{CdcStart, MigrationType, ReplicationConfigObserved, Run};
use pipewright_model::{Desired, Kind, LiveBody, Observed, ResourceId, tags};
use pipewright_plan::{PlanOptions, status};
use pipewright_testkit::{Lab, desired, edit_config, edit_endpoint, id, outline, serverless};
use serde_json::json;

fn config(desired: &Desired) -> ResourceId {
    id(desired, Kind::ReplicationConfig, "orders")
}

fn live<'a>(observed: &'a Observed, desired: &Desired) -> &'a ReplicationConfigObserved {
    match &observed.resources[&config(desired)].body {
        LiveBody::ReplicationConfig(config) => config,
        other => panic!("not a replication config: {other:?}"),
    }
}

/// What the calls of an operation said.
fn calls(lab: &Lab, operation: &str) -> usize {
    lab.emulator().calls().iter().filter(|call| call.operation == operation && call.error.is_none()).count()
}

/// Nothing that a controller did was refused for being illegal.
fn nothing_was_refused(lab: &Lab) {
    let refused: Vec<String> = lab
        .emulator()
        .calls()
        .into_iter()
        .filter(|call| call.error.as_deref().is_some_and(|error| error.contains("Invalid")))
        .map(|call| format!("{}: {:?}", call.operation, call.error))
        .collect();
    assert!(refused.is_empty(), "{refused:?}");
}

#[tokio::test]
async fn a_pipeline_is_made_runs_and_needs_nothing_more() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let wanted = serverless("a", &["orders"]);
    let outcome = controller.converge(&wanted).await;
    assert_eq!(outcome.rounds.len(), 1, "one round is enough");
    let observed = controller.observe(&wanted).await;
    let there: Vec<String> = observed.resources.keys().map(ToString::to_string).collect();
    assert_eq!(
        there,
        [
            "role/dms-cloudwatch-logs-role",
            "role/dms-vpc-role",
            "subnet-group/a-orders",
            "endpoint/a-orders-source",
            "endpoint/a-orders-target",
            "replication-config/a-orders",
        ]
    );
    assert_eq!(live(&observed, &wanted).status, "running");
    let plan = controller.plan(&wanted).await;
    assert_eq!(outline(&plan), "nothing");
    assert!(status(&wanted, &observed, &plan).is_ready());
    nothing_was_refused(&lab);
}

#[tokio::test]
async fn a_pass_that_does_not_wait_gets_there_in_several() {
    let lab = Lab::start().await;
    let mut controller = lab.controller().await;
    controller.options.wait = false;
    let wanted = serverless("a", &["orders"]);
    let mut passes = 0;
    while !controller.pass(&wanted).await.has_converged() {
        passes += 1;
        assert!(passes < 40, "does not get there: {}", outline(&controller.plan(&wanted).await));
        lab.emulator().advance(Duration::from_mins(1));
    }
    assert!(passes > 3, "it takes ten minutes to start");
    assert_eq!(live(&controller.observe(&wanted).await, &wanted).status, "running");
}

/// terraform-provider-aws #35650: the start that follows a change meets `modifying` there, and fails.
#[tokio::test]
async fn terraform_provider_aws_35650_a_change_while_it_runs_is_waited_out_and_it_runs_again() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let mut wanted = serverless("a", &["orders"]);
    edit_config(&mut wanted, "orders", |config| {
        config.supplemental_settings = Some(json!({"batch": {"size": 1}}));
    });
    controller.converge(&wanted).await;
    lab.emulator().reset_calls();
    edit_config(&mut wanted, "orders", |config| {
        config.compute.min_capacity_units = Some(4);
        config.compute.max_capacity_units = 256;
        config.compute.multi_az = Some(true);
        config.compute.preferred_maintenance_window = Some("Sun:04:00-Sun:04:30".to_owned());
        config.compute.dns_name_servers = Some(vec!["10.0.0.2".to_owned(), "10.0.0.3".to_owned()]);
        config.settings =
            json!({"Logging": {"EnableLogging": true}, "TargetMetadata": {"BatchApplyEnabled": true}});
        config.table_mappings["rules"][0]["object-locator"]["table-name"] = json!("o%");
    });
    edit_endpoint(&mut wanted, "orders-source", |endpoint| endpoint.port = Some(3307));
    let outcome = controller.converge(&wanted).await;
    assert_eq!(outcome.rounds.len(), 1, "one round is enough");
    nothing_was_refused(&lab);

    let observed = controller.observe(&wanted).await;
    let found = live(&observed, &wanted);
    assert_eq!(found.status, "running");
    assert_eq!(found.compute.max_capacity_units, Some(256));
    assert_eq!(found.compute.dns_name_servers, ["10.0.0.2", "10.0.0.3"]);
    assert_eq!(found.settings["TargetMetadata"]["BatchApplyEnabled"], json!(true));
    let tags = &observed.resources[&config(&wanted)].tags;
    assert!(!tags.contains_key(tags::PAUSED), "{tags:?}");
    assert_eq!(outline(&controller.plan(&wanted).await), "nothing");
}

#[tokio::test]
async fn it_is_stopped_and_resumed_as_the_spec_says() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let mut wanted = serverless("a", &["orders"]);
    controller.converge(&wanted).await;
    edit_config(&mut wanted, "orders", |config| config.run = Run::Stopped);
    controller.converge(&wanted).await;
    assert_eq!(live(&controller.observe(&wanted).await, &wanted).status, "stopped");
    edit_config(&mut wanted, "orders", |config| config.run = Run::Running);
    controller.converge(&wanted).await;
    assert_eq!(live(&controller.observe(&wanted).await, &wanted).status, "running");
    nothing_was_refused(&lab);
}

#[tokio::test]
async fn one_that_was_never_to_run_is_made_and_not_started() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let mut wanted = serverless("a", &["orders"]);
    edit_config(&mut wanted, "orders", |config| config.run = Run::Stopped);
    controller.converge(&wanted).await;
    assert_eq!(live(&controller.observe(&wanted).await, &wanted).status, "created");
    // What a run rests on can still be changed.
    edit_config(&mut wanted, "orders", |config| config.compute.availability_zone = Some("us-east-1b".into()));
    controller.converge(&wanted).await;
    assert_eq!(calls(&lab, "StartReplication"), 0);
    edit_config(&mut wanted, "orders", |config| config.run = Run::Running);
    controller.converge(&wanted).await;
    assert_eq!(live(&controller.observe(&wanted).await, &wanted).status, "running");
}

#[tokio::test]
async fn change_capture_begins_and_ends_where_the_spec_says() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    for (name, start) in [
        ("by-position", CdcStart::Position("mysql-bin-changelog.000024:373".to_owned())),
        ("by-time", CdcStart::Time(1_700_000_000)),
    ] {
        let mut wanted = serverless("a", &["orders"]);
        edit_config(&mut wanted, "orders", |config| {
            config.migration_type = MigrationType::Cdc;
            config.cdc_start = Some(start);
            config.cdc_stop_position = Some("server_time:2090-01-31T12:00:00".to_owned());
        });
        controller.converge(&wanted).await;
        let found = controller.observe(&wanted).await;
        let found = live(&found, &wanted);
        assert_eq!(found.status, "running", "{name}");
        assert_eq!(found.cdc_stop_position.as_deref(), Some("server_time:2090-01-31T12:00:00"), "{name}");

        // Only a start takes a new stop position.
        edit_config(&mut wanted, "orders", |config| {
            config.cdc_stop_position = Some("commit_time:2091-01-31T12:00:00".to_owned());
        });
        controller.converge(&wanted).await;
        let found = controller.observe(&wanted).await;
        let found = live(&found, &wanted);
        assert_eq!(found.status, "running", "{name}");
        assert_eq!(found.cdc_stop_position.as_deref(), Some("commit_time:2091-01-31T12:00:00"), "{name}");
        controller.converge(&serverless("a", &[])).await;
    }
    nothing_was_refused(&lab);
}

#[tokio::test]
async fn a_full_load_that_has_finished_is_left_alone() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let mut wanted = serverless("a", &["orders"]);
    edit_config(&mut wanted, "orders", |config| config.migration_type = MigrationType::FullLoad);
    controller.converge(&wanted).await;
    lab.emulator().advance(Duration::from_hours(30));
    let observed = controller.observe(&wanted).await;
    assert_eq!(live(&observed, &wanted).stop_reason, "Stop Reason FULL_LOAD_ONLY_FINISHED");
    let plan = pipewright_plan::plan(&wanted, &observed, &PlanOptions::default());
    assert_eq!(outline(&plan), "nothing");
    assert_eq!(status(&wanted, &observed, &plan).pipelines[0].headline().reason, "Finished");
}

/// DMS tests the connections itself on the way to run; that a test failed is told, and tried again once
/// something has changed.
#[tokio::test]
async fn an_endpoint_that_cannot_be_reached_is_told_and_tried_again() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let right = serverless("a", &["orders"]);
    let mut wanted = right.clone();
    edit_endpoint(&mut wanted, "orders-source", |endpoint| endpoint.server_name = Some("db.invalid".into()));
    let outcome = controller.pass(&wanted).await;
    let failures = format!("{:?}", outcome.failures());
    assert!(failures.contains("the replication failed: ") && failures.contains("db.invalid"), "{failures}");

    controller.converge(&right).await;
    assert_eq!(live(&controller.observe(&right).await, &right).status, "running");
    nothing_was_refused(&lab);
}

#[tokio::test]
async fn removing_the_last_pipeline_deletes_everything() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    controller.converge(&serverless("a", &["billing", "orders"])).await;
    let one = serverless("a", &["orders"]);
    let outcome = controller.converge(&one).await;
    assert_eq!(outcome.remaining.roles["dms-vpc-role"].owners["a"], "orders");
    let none = serverless("a", &[]);
    controller.converge(&none).await;
    let left: Vec<String> =
        controller.observe(&none).await.resources.keys().map(ToString::to_string).collect();
    assert_eq!(left, Vec::<String>::new());
    nothing_was_refused(&lab);
}

/// The role that DMS keeps for itself is nobody's business here.
#[tokio::test]
async fn the_service_linked_role_is_left_alone() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    controller.converge(&serverless("a", &["orders"])).await;
    let none = serverless("a", &[]);
    controller.converge(&none).await;
    let role = controller.reader.role("AWSServiceRoleForDMSServerless").await.unwrap().unwrap();
    match &role.body {
        LiveBody::ServiceRole(role) => assert!(role.is_service_linked()),
        other => panic!("not a role: {other:?}"),
    }
    assert!(role.tags.is_empty(), "{:?}", role.tags);
}

/// A role is not deleted while a serverless replication of another scope needs it, although that scope
/// does not own it.
#[tokio::test]
async fn a_role_stays_while_a_replication_of_another_scope_needs_it() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    controller.converge(&serverless("a", &["orders"])).await;
    let mut other = serverless("b", &["stock"]);
    // Its roles are somebody else's affair.
    for declared in other.resources.values_mut() {
        if let pipewright_model::Body::ServiceRole(role) = &mut declared.body {
            role.manage = false;
        }
    }
    controller.converge(&other).await;
    let none = serverless("a", &[]);
    controller.converge(&none).await;
    for role in ["dms-vpc-role", "dms-cloudwatch-logs-role"] {
        assert!(controller.reader.role(role).await.unwrap().is_some(), "{role}");
    }
    controller.converge(&serverless("b", &[])).await;
    controller.converge(&none).await;
}

#[tokio::test]
async fn a_pipeline_does_not_move_between_an_instance_and_serverless() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let before = desired("a", &["orders"]);
    controller.converge(&before).await;
    let outcome = controller.pass(&serverless("a", &["orders"])).await;
    assert!(outcome.failures().is_empty(), "{:?}", outcome.failures());
    assert_eq!(outcome.remaining.report.blocked.len(), 1);
    assert_eq!(calls(&lab, "CreateReplicationConfig") + calls(&lab, "StopReplicationTask"), 0);
    assert_eq!(outline(&controller.plan(&before).await), "nothing", "all is as it was");
}

/// Every status on the way to run, and every one after it, meets every wanted change: no call that is
/// illegal there is made, and the change gets done.
#[tokio::test]
async fn every_status_meets_every_wanted_change() {
    const CHANGES: [&str; 6] = ["capacity", "deletion", "endpoint", "nothing", "settings", "stop"];
    let mut seen = std::collections::BTreeSet::new();
    // Seconds after the start, which take it through every status; then seconds after a stop.
    for (started, stopped) in [1, 31, 91, 151, 211, 271, 571, 700]
        .map(|seconds| (seconds, None))
        .into_iter()
        .chain([(700, Some(1)), (700, Some(61))])
    {
        let lab = Lab::start().await;
        let controller = lab.controller().await;
        let mut hasty = controller.clone();
        hasty.options.wait = false;
        let mut wanted = serverless("a", &CHANGES);
        let run = |wanted: &mut Desired, run| {
            for name in CHANGES {
                edit_config(wanted, name, |config| config.run = run);
            }
        };
        run(&mut wanted, Run::Stopped);
        controller.converge(&wanted).await;
        run(&mut wanted, Run::Running);
        hasty.pass(&wanted).await;
        lab.emulator().advance(Duration::from_secs(started));
        if let Some(stopped) = stopped {
            run(&mut wanted, Run::Stopped);
            hasty.pass(&wanted).await;
            run(&mut wanted, Run::Running);
            lab.emulator().advance(Duration::from_secs(stopped));
        }
        let observed = controller.observe(&wanted).await;
        let status = observed.resources[&wanted.pipelines["nothing"].task].body.status().to_owned();

        let going = wanted.pipelines["deletion"].resources.clone();
        wanted.pipelines.remove("deletion");
        wanted.resources.retain(|id, _| !going.contains(id));
        edit_config(&mut wanted, "capacity", |config| config.compute.max_capacity_units = 16);
        edit_config(&mut wanted, "settings", |config| {
            config.settings =
                json!({"Logging": {"EnableLogging": true}, "TargetMetadata": {"LobMaxSize": 64}});
        });
        edit_endpoint(&mut wanted, "endpoint-source", |endpoint| endpoint.port = Some(3307));
        edit_config(&mut wanted, "stop", |config| config.run = Run::Stopped);
        controller.converge(&wanted).await;
        nothing_was_refused(&lab);
        let observed = controller.observe(&wanted).await;
        for (name, pipeline) in &wanted.pipelines {
            let expected = if name == "stop" { "stopped" } else { "running" };
            assert_eq!(observed.resources[&pipeline.task].body.status(), expected, "{status}, {name}");
        }
        assert!(observed.resources.keys().eq(wanted.resources.keys()), "{status}");
        seen.insert(status);
    }
    let seen: Vec<&str> = seen.iter().map(String::as_str).collect();
    assert_eq!(
        seen,
        [
            "calculating_capacity",
            "fetching_metadata",
            "initializing",
            "preparing_metadata_resources",
            "provisioning_capacity",
            "replication_starting",
            "running",
            "stopped",
            "stopping",
            "testing_connection",
        ]
    );
}

/// What ran out of memory is changed and not started: somebody must look at it.
#[tokio::test]
async fn one_that_ran_out_of_memory_is_changed_and_not_started() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let mut wanted = serverless("a", &["orders"]);
    controller.converge(&wanted).await;
    let fails = Disturbance::TaskFails { task: "a-orders".to_owned(), reason: "out of memory".to_owned() };
    lab.emulator().play(Script { disturbances: vec![fails], ..Script::default() }).unwrap();
    lab.emulator().reset_calls();
    edit_config(&mut wanted, "orders", |config| config.compute.max_capacity_units = 32);
    controller.converge(&wanted).await;
    assert_eq!((calls(&lab, "ModifyReplicationConfig"), calls(&lab, "StartReplication")), (1, 0));
    nothing_was_refused(&lab);
    let observed = controller.observe(&wanted).await;
    let plan = controller.plan(&wanted).await;
    assert_eq!(
        outline(&plan),
        "warning replication-config/a-orders: the replication is failed: out of memory\n\
         warning replication-config/a-orders: is not resumed: low memory"
    );
    let status = status(&wanted, &observed, &plan);
    assert_eq!(status.pipelines[0].headline().reason, "LowMemory");
    // It can still be deleted.
    controller.converge(&serverless("a", &[])).await;
}
