//! Plans that were reviewed: applied only if a fresh plan is the same, and nothing besides.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use pipewright_emulator::{Disturbance, Script};
use pipewright_engine::{PassOptions, PassOutcome};
use pipewright_model::kinds::Run;
use pipewright_model::{Desired, Kind, LiveBody, ResourceId};
use pipewright_plan::Plan;
use pipewright_testkit::{Lab, desired, edit_endpoint, edit_instance, edit_task, id, outline};
use serde_json::{Value, json};

/// Somebody else calls AWS.
fn call(lab: &Lab, operation: &str, input: &Value) {
    let input = input.as_object().cloned().unwrap();
    let disturbances = vec![Disturbance::Call { operation: operation.to_owned(), input }];
    lab.emulator().play(Script { disturbances, ..Script::default() }).unwrap();
}

/// One pass that may only do what this plan says.
async fn apply(lab: &Lab, reviewed: &Plan, wanted: &Desired) -> PassOutcome {
    let mut controller = lab.controller().await;
    controller.options = PassOptions { reviewed: Some(reviewed.digest()), ..controller.options };
    controller.pass(wanted).await
}

/// Two pipelines that run, of which one is to change.
async fn changed() -> (Lab, Desired, Plan) {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let mut wanted = desired("a", &["billing", "orders"]);
    controller.converge(&wanted).await;
    edit_instance(&mut wanted, "orders", |instance| instance.allocated_storage = Some(200));
    let plan = controller.plan(&wanted).await;
    assert!(!plan.is_empty());
    lab.emulator().reset_calls();
    (lab, wanted, plan)
}

/// Nothing is done, and what was done was only reading.
fn assert_refused(lab: &Lab, outcome: &PassOutcome) {
    assert!(outcome.stale, "{}", outline(&outcome.first));
    assert!(!outcome.has_converged() && outcome.rounds.is_empty());
    let writes: Vec<String> = lab.emulator().calls().into_iter().map(|call| call.operation).collect();
    let reads = ["Describe", "List", "Get"];
    assert!(writes.iter().all(|name| reads.iter().any(|read| name.starts_with(read))), "{writes:?}");
}

#[tokio::test]
async fn a_plan_that_is_still_the_same_is_applied() {
    let (lab, wanted, plan) = changed().await;
    let outcome = apply(&lab, &plan, &wanted).await;
    assert!(!outcome.stale && outcome.has_converged(), "{}", outline(&outcome.remaining));
}

#[tokio::test]
async fn a_plan_is_stale_once_a_role_has_another_owner() {
    let (lab, wanted, plan) = changed().await;
    let tags = json!([{"Key": "pipewright:owner:b", "Value": "users"}]);
    call(&lab, "TagRole", &json!({"RoleName": "dms-vpc-role", "Tags": tags}));
    assert_refused(&lab, &apply(&lab, &plan, &wanted).await);
}

#[tokio::test]
async fn a_plan_is_stale_once_a_role_was_deleted_and_made_again() {
    let (lab, wanted, plan) = changed().await;
    let controller = lab.controller().await;
    let live = controller.observe(&wanted).await;
    let role = &live.resources[&ResourceId::role("dms-vpc-role")];
    let LiveBody::ServiceRole(body) = &role.body else { panic!("{role:?}") };
    let name = json!("dms-vpc-role");
    for arn in &body.managed_policies {
        call(&lab, "DetachRolePolicy", &json!({"RoleName": name, "PolicyArn": arn}));
    }
    call(&lab, "DeleteRole", &json!({"RoleName": name}));
    let tags: Vec<Value> = role.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    let trust = body.trust.to_string();
    call(&lab, "CreateRole", &json!({"RoleName": name, "AssumeRolePolicyDocument": trust, "Tags": tags}));
    for arn in &body.managed_policies {
        call(&lab, "AttachRolePolicy", &json!({"RoleName": name, "PolicyArn": arn}));
    }
    lab.emulator().reset_calls();
    assert_refused(&lab, &apply(&lab, &plan, &wanted).await);
}

#[tokio::test]
async fn a_plan_is_stale_once_a_task_is_in_another_state() {
    let (lab, wanted, plan) = changed().await;
    let controller = lab.controller().await;
    let arn = controller.observe(&wanted).await.resources[&id(&wanted, Kind::Task, "billing")].arn.clone();
    call(&lab, "StopReplicationTask", &json!({"ReplicationTaskArn": arn}));
    lab.emulator().reset_calls();
    assert_refused(&lab, &apply(&lab, &plan, &wanted).await);
}

#[tokio::test]
async fn a_plan_is_stale_once_a_spec_says_something_else() {
    let (lab, mut wanted, plan) = changed().await;
    edit_task(&mut wanted, "billing", |task| task.run = Run::Stopped);
    assert_refused(&lab, &apply(&lab, &plan, &wanted).await);
}

#[tokio::test]
async fn a_plan_is_stale_once_an_endpoint_has_drifted() {
    let (lab, mut wanted, _) = changed().await;
    let controller = lab.controller().await;
    edit_task(&mut wanted, "billing", |task| task.run = Run::Stopped);
    controller.converge(&wanted).await;
    edit_endpoint(&mut wanted, "orders-source", |endpoint| endpoint.database_name = Some("crm".to_owned()));
    let plan = controller.plan(&wanted).await;
    let arn = controller.observe(&wanted).await.resources[&id(&wanted, Kind::Endpoint, "billing-source")]
        .arn
        .clone();
    call(&lab, "ModifyEndpoint", &json!({"EndpointArn": arn, "DatabaseName": "elsewhere"}));
    lab.emulator().reset_calls();
    assert_refused(&lab, &apply(&lab, &plan, &wanted).await);
}

#[tokio::test]
async fn later_rounds_do_nothing_that_was_not_reviewed() {
    let (lab, wanted, plan) = changed().await;
    // Right before the reviewed change is made, somebody changes another instance.
    let controller = lab.controller().await;
    let arn =
        controller.observe(&wanted).await.resources[&id(&wanted, Kind::Instance, "billing")].arn.clone();
    let input = json!({"ReplicationInstanceArn": arn, "MultiAZ": true, "ApplyImmediately": true});
    let disturbances = vec![Disturbance::Call {
        operation: "ModifyReplicationInstance".to_owned(),
        input: input.as_object().cloned().unwrap(),
    }];
    lab.emulator().interrupt(pipewright_emulator::Interruption {
        operation: Some("ModifyReplicationInstance".to_owned()),
        nth: 1,
        disturbances,
    });
    lab.emulator().reset_calls();
    let outcome = apply(&lab, &plan, &wanted).await;
    assert!(!outcome.stale);
    let modified =
        lab.emulator().calls().iter().filter(|call| call.operation == "ModifyReplicationInstance").count();
    assert_eq!(modified, 1, "only what was reviewed");
    assert!(outline(&outcome.remaining).contains("instance/a-billing"), "{}", outline(&outcome.remaining));
    assert!(!outcome.has_converged());
}
