//! Dates and other pipelines.

use std::time::Duration;

use pipewright_engine::Clock as _;
use pipewright_model::kinds::{MigrationType, PipelineGate, StartGates, Until};
use pipewright_model::{Body, Desired};
use pipewright_testkit::{Lab, desired, outline, serverless};

use super::laboratory::{by_hand, mover, starts_and_stops, status_of, stop};

fn both(pipelines: &[&str]) -> [Desired; 2] {
    [desired("a", pipelines), serverless("a", pipelines)]
}

fn gate(wanted: &mut Desired, pipeline: &str, gates: StartGates) {
    match &mut wanted.resources.get_mut(&mover(wanted, pipeline)).unwrap().body {
        Body::Task(task) => task.start_gates = gates,
        Body::ReplicationConfig(config) => config.start_gates = gates,
        other => panic!("moves no data: {other:?}"),
    }
}

fn loads_only(wanted: &mut Desired, pipeline: &str) {
    match &mut wanted.resources.get_mut(&mover(wanted, pipeline)).unwrap().body {
        Body::Task(task) => task.migration_type = MigrationType::FullLoad,
        Body::ReplicationConfig(config) => config.migration_type = MigrationType::FullLoad,
        other => panic!("moves no data: {other:?}"),
    }
}

fn after(name: &str, until: Until) -> StartGates {
    let pipelines = vec![PipelineGate { name: name.to_owned(), until }];
    StartGates { pipelines, ..StartGates::default() }
}

#[tokio::test]
async fn a_pipeline_is_made_at_once_and_started_on_its_date() {
    for mut wanted in both(&["orders"]) {
        let lab = Lab::start().await;
        let controller = lab.controller().await;
        let date = controller.clock.now() + Duration::from_hours(48);
        gate(&mut wanted, "orders", StartGates { date: Some(date), ..StartGates::default() });
        controller.converge(&wanted).await;
        assert_eq!(starts_and_stops(&lab), 0);
        let told = format!("waiting {}: not started before {}", mover(&wanted, "orders"), date.rfc3339());
        assert_eq!(outline(&controller.plan(&wanted).await), told);

        lab.emulator().advance(Duration::from_hours(48));
        controller.converge(&wanted).await;
        assert_eq!(status_of(&controller, &wanted, "orders").await, "running");

        // Another date does not stop it, nor hold up that it is resumed.
        let date = controller.clock.now() + Duration::from_hours(48);
        gate(&mut wanted, "orders", StartGates { date: Some(date), ..StartGates::default() });
        by_hand(&controller, &wanted, &[stop(&mover(&wanted, "orders"))]).await;
        controller.converge(&wanted).await;
        assert_eq!(status_of(&controller, &wanted, "orders").await, "running");
    }
}

#[tokio::test]
async fn pipelines_that_wait_for_one_another_to_run_start_in_order_in_one_pass() {
    for mut wanted in both(&["alpha", "beta", "gamma"]) {
        let lab = Lab::start().await;
        let controller = lab.controller().await;
        gate(&mut wanted, "alpha", after("beta", Until::Running));
        gate(&mut wanted, "beta", after("gamma", Until::Running));
        let outcome = controller.converge(&wanted).await;
        assert_eq!(outcome.rounds.len(), 1, "one round is enough");
        let observed = controller.observe(&wanted).await;
        let mut order: Vec<&str> = Vec::new();
        for call in lab.emulator().calls() {
            if !matches!(call.operation.as_str(), "StartReplicationTask" | "StartReplication") {
                continue;
            }
            let said = format!("{call:?}");
            let started = ["alpha", "beta", "gamma"]
                .into_iter()
                .find(|name| said.contains(&observed.resources[&mover(&wanted, name)].arn));
            order.extend(started);
        }
        assert_eq!(order, ["gamma", "beta", "alpha"]);
    }
}

#[tokio::test]
async fn a_pipeline_is_started_once_another_has_loaded_or_is_done() {
    for until in [Until::Loaded, Until::Finished] {
        for mut wanted in both(&["billing", "orders"]) {
            let lab = Lab::start().await;
            let controller = lab.controller().await;
            gate(&mut wanted, "orders", after("billing", until));
            if until == Until::Finished {
                loads_only(&mut wanted, "billing");
            }
            controller.converge(&wanted).await;
            assert_eq!(starts_and_stops(&lab), 1, "only the first was started");
            let told = outline(&controller.plan(&wanted).await);
            assert!(told.contains("not started until billing"), "{told}");

            lab.emulator().advance(Duration::from_hours(48));
            controller.converge(&wanted).await;
            assert_eq!(status_of(&controller, &wanted, "orders").await, "running");
            assert_eq!(starts_and_stops(&lab), 2);
            assert_eq!(outline(&controller.plan(&wanted).await), "nothing");
        }
    }
}
