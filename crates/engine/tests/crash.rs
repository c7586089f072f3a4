//! A controller that dies in the middle of a pass, before or after any call that changes something; the
//! next one finishes the work.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use pipewright_emulator::{Effect, Fault};
use pipewright_model::kinds::Run;
use pipewright_model::{Desired, Kind, ResourceId};
use pipewright_testkit::{Lab, desired, edit_endpoint, edit_task, id, outline};
use serde_json::json;

/// An account in which `before` was applied, ready for `after`.
async fn prepared(before: Option<&Desired>) -> Lab {
    let lab = Lab::start().await;
    if let Some(before) = before {
        lab.controller().await.converge(before).await;
    }
    lab.emulator().reset_calls();
    lab
}

/// Dies at the `nth` call from now, then lets another controller finish. Tells how far it got.
async fn die_at(before: Option<&Desired>, after: &Desired, nth: u64, effect: Effect) {
    let lab = prepared(before).await;
    lab.emulator().inject(Fault { operation: None, nth, effect });
    let held = lab.emulator().held();
    let doomed = lab.controller().await;
    tokio::select! {
        // Dropping the pass in the middle of a call is what a kill looks like from AWS.
        () = held => {}
        _ = doomed.pass(after) => {}
    }
    lab.emulator().clear_faults();

    let next = lab.controller().await;
    let outcome = next.pass(after).await;
    assert!(
        outcome.has_converged(),
        "died at call {nth}; the next pass leaves:\n{}\n{:#?}",
        outline(&outcome.remaining),
        outcome.failures()
    );
    let observed = next.observe(after).await;
    let there: BTreeSet<&ResourceId> =
        observed.resources.keys().filter(|id| id.kind != Kind::Connection).collect();
    let wanted: BTreeSet<&ResourceId> =
        after.resources.keys().filter(|id| id.kind != Kind::Connection).collect();
    assert_eq!(there, wanted, "died at call {nth}");
    for (id, declared) in &after.resources {
        if let pipewright_model::Body::Task(task) = &declared.body {
            let expected = if task.run == Run::Running { "running" } else { "stopped" };
            assert_eq!(observed.resources[id].body.status(), expected, "died at call {nth}");
            assert!(!observed.resources[id].tags.contains_key(pipewright_model::tags::PAUSED));
        }
    }
}

/// Dies before and after every call that changes something on the way from `before` to `after`.
async fn die_everywhere(before: Option<&Desired>, after: &Desired) {
    let lab = prepared(before).await;
    lab.controller().await.converge(after).await;
    let calls = lab.emulator().calls();
    let points: Vec<u64> = (1..).zip(&calls).filter(|(_, call)| call.mutating).map(|(nth, _)| nth).collect();
    assert!(!points.is_empty());
    for nth in points {
        for effect in [Effect::HoldBefore, Effect::HoldAfter] {
            die_at(before, after, nth, effect).await;
        }
    }
}

#[tokio::test]
async fn while_making_a_pipeline() {
    die_everywhere(None, &desired("a", &["orders"])).await;
}

#[tokio::test]
async fn while_changing_what_needs_a_stopped_task() {
    let before = desired("a", &["orders"]);
    let mut after = before.clone();
    edit_endpoint(&mut after, "orders-source", |endpoint| endpoint.port = Some(3307));
    edit_task(&mut after, "orders", |task| {
        task.settings =
            json!({"Logging": {"EnableLogging": true}, "TargetMetadata": {"BatchApplyEnabled": true}});
    });
    die_everywhere(Some(&before), &after).await;
}

#[tokio::test]
async fn while_moving_a_task_to_another_instance() {
    let before = desired("a", &["billing", "orders"]);
    let mut after = before.clone();
    let to = id(&after, Kind::Instance, "billing");
    edit_task(&mut after, "orders", |task| task.instance = pipewright_model::Ref::Managed(to));
    die_everywhere(Some(&before), &after).await;
}

#[tokio::test]
async fn while_stopping_a_task() {
    let before = desired("a", &["orders"]);
    let mut after = before.clone();
    edit_task(&mut after, "orders", |task| task.run = Run::Stopped);
    die_everywhere(Some(&before), &after).await;
}

#[tokio::test]
async fn while_removing_one_pipeline_of_two() {
    die_everywhere(Some(&desired("a", &["billing", "orders"])), &desired("a", &["orders"])).await;
}

#[tokio::test]
async fn while_removing_the_last_pipeline_and_the_roles() {
    die_everywhere(Some(&desired("a", &["orders"])), &desired("a", &[])).await;
}
