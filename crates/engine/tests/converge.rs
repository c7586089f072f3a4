//! Whole passes over the real AWS SDK against the emulator: apply, then plan, is empty.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use pipewright_model::tags;
use pipewright_model::{Kind, LiveBody, Observed, ResourceId};
use pipewright_testkit::{Lab, desired, edit_endpoint, edit_instance, edit_task, id, outline};
use serde_json::json;

/// The kinds and names that are there.
fn inventory(observed: &Observed) -> Vec<String> {
    observed.resources.keys().filter(|id| id.kind != Kind::Connection).map(ToString::to_string).collect()
}

fn task_status(observed: &Observed, id: &ResourceId) -> String {
    observed.resources[id].body.status().to_owned()
}

#[tokio::test]
async fn a_pipeline_is_made_runs_and_needs_nothing_more() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let wanted = desired("a", &["orders"]);
    controller.converge(&wanted).await;
    let observed = controller.observe(&wanted).await;
    assert_eq!(
        inventory(&observed),
        [
            "role/dms-cloudwatch-logs-role",
            "role/dms-vpc-role",
            "subnet-group/a-orders",
            "instance/a-orders",
            "endpoint/a-orders-source",
            "endpoint/a-orders-target",
            "task/a-orders",
        ]
    );
    assert_eq!(task_status(&observed, &id(&wanted, Kind::Task, "orders")), "running");
    assert_eq!(outline(&controller.plan(&wanted).await), "nothing");
}

#[tokio::test]
async fn removing_one_pipeline_keeps_the_roles_and_removing_the_last_deletes_them() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    controller.converge(&desired("a", &["billing", "orders"])).await;

    let one = desired("a", &["orders"]);
    let outcome = controller.converge(&one).await;
    assert_eq!(outcome.remaining.roles["dms-vpc-role"].owners["a"], "orders");

    let none = desired("a", &[]);
    controller.converge(&none).await;
    assert_eq!(inventory(&controller.observe(&none).await), Vec::<String>::new());
}

#[tokio::test]
async fn changes_are_applied_and_the_task_runs_again() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let mut wanted = desired("a", &["orders"]);
    controller.converge(&wanted).await;
    edit_endpoint(&mut wanted, "orders-source", |endpoint| endpoint.port = Some(3307));
    edit_endpoint(&mut wanted, "orders-target", |endpoint| {
        endpoint.settings.insert("MaxFileSize".to_owned(), json!(64000));
    });
    edit_instance(&mut wanted, "orders", |instance| instance.allocated_storage = Some(100));
    edit_task(&mut wanted, "orders", |task| {
        task.settings =
            json!({"Logging": {"EnableLogging": true}, "TargetMetadata": {"BatchApplyEnabled": true}});
    });
    let outcome = controller.converge(&wanted).await;
    assert_eq!(outcome.rounds.len(), 1, "one round is enough");

    let observed = controller.observe(&wanted).await;
    let task = &observed.resources[&id(&wanted, Kind::Task, "orders")];
    assert_eq!(task.body.status(), "running");
    assert!(!task.tags.contains_key(tags::PAUSED), "{:?}", task.tags);
    match &task.body {
        LiveBody::Task(task) => assert_eq!(task.settings["TargetMetadata"]["BatchApplyEnabled"], json!(true)),
        other => panic!("not a task: {other:?}"),
    }
}

#[tokio::test]
async fn a_pass_that_does_not_wait_gets_there_in_several() {
    let lab = Lab::start().await;
    let mut controller = lab.controller().await;
    controller.options.wait = false;
    let wanted = desired("a", &["orders"]);
    let mut passes = 0;
    while !controller.pass(&wanted).await.has_converged() {
        passes += 1;
        assert!(passes < 40, "does not get there: {}", outline(&controller.plan(&wanted).await));
        lab.emulator().advance(std::time::Duration::from_mins(1));
    }
    assert!(passes > 3, "an instance alone takes ten minutes");
}

#[tokio::test]
async fn the_credentials_of_another_account_read_and_write_nothing() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let mut wanted = desired("a", &["orders"]);
    wanted.environment.account_id = "999999999999".to_owned();
    let error = pipewright_engine::observe(
        controller.reader.as_ref(),
        &wanted,
        pipewright_engine::Clock::now(&controller.clock),
    )
    .await
    .unwrap_err();
    assert!(error.to_string().contains("belong to account 111122223333"), "{error}");
    let calls = lab.emulator().calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].operation, "GetCallerIdentity");
}

#[tokio::test]
async fn terraform_provider_aws_11025_a_role_that_dms_does_not_know_yet_is_waited_for() {
    let lab = Lab::with(pipewright_emulator::Config {
        iam_propagation: std::time::Duration::from_secs(30),
        ..pipewright_emulator::Config::default()
    })
    .await;
    let controller = lab.controller().await;
    let wanted = desired("a", &["orders"]);
    controller.converge(&wanted).await;
    let refused = lab
        .emulator()
        .calls()
        .iter()
        .filter(|call| call.error.as_deref() == Some("AccessDeniedFault"))
        .count();
    assert!(refused > 0, "the emulator must have refused the role at first");
}
