//! IAM refuses a write while another changes the same role (`ConcurrentModification`): it is made again.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use pipewright_emulator::{Effect, Fault};
use pipewright_model::tags;
use pipewright_model::{Desired, Kind, ResourceId};
use pipewright_testkit::{Lab, desired, outline};

/// The specs of two scopes that share the roles, and nothing else of them.
fn roles_of(scope: &str, pipelines: &[&str]) -> Desired {
    let mut desired = desired(scope, pipelines);
    desired.resources.retain(|id, _| id.kind == Kind::ServiceRole);
    desired.pipelines.clear();
    desired
}

#[tokio::test]
async fn every_write_of_iam_that_meets_another_is_made_again() {
    let lab = Lab::start().await;
    let (a, b) = (lab.controller().await, lab.controller().await);
    let refuse = |operation: &str| {
        let effect = Effect::ConcurrentModification;
        lab.emulator().inject(Fault { operation: Some(operation.to_owned()), nth: 1, effect });
    };
    for operation in ["CreateRole", "AttachRolePolicy"] {
        refuse(operation);
    }
    let outcome = Box::pin(a.pass(&roles_of("a", &["orders"]))).await;
    assert!(outcome.has_converged(), "made:\n{}", outline(&outcome.remaining));

    refuse("TagRole");
    let outcome = Box::pin(b.pass(&roles_of("b", &["users"]))).await;
    assert!(outcome.has_converged(), "joined:\n{}", outline(&outcome.remaining));
    let observed = Box::pin(b.observe(&roles_of("b", &["users"]))).await;
    let role = &observed.resources[&ResourceId::role("dms-vpc-role")];
    assert_eq!(tags::owners(&role.tags).into_keys().collect::<Vec<_>>(), ["a", "b"]);

    refuse("UntagRole");
    let outcome = Box::pin(a.pass(&roles_of("a", &[]))).await;
    assert!(outcome.has_converged(), "left:\n{}", outline(&outcome.remaining));

    for operation in ["UntagRole", "TagRole", "DetachRolePolicy", "DeleteRole"] {
        refuse(operation);
    }
    let outcome = Box::pin(b.pass(&roles_of("b", &[]))).await;
    assert!(outcome.has_converged(), "deleted:\n{}", outline(&outcome.remaining));
    let observed = Box::pin(b.observe(&roles_of("b", &[]))).await;
    assert!(observed.resources.is_empty());

    let refused = lab.emulator().calls().into_iter();
    let refused = refused.filter(|call| call.error.as_deref() == Some("ConcurrentModification"));
    let mut operations: Vec<String> = refused.map(|call| call.operation).collect();
    operations.sort();
    let met = [
        "AttachRolePolicy",
        "CreateRole",
        "DeleteRole",
        "DetachRolePolicy",
        "TagRole",
        "TagRole",
        "UntagRole",
        "UntagRole",
    ];
    assert_eq!(operations, met, "every fault struck");
}
