//! IAM refuses a write while another changes the same role (`ConcurrentModification`): it is made again.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use pipewright_emulator::{Effect, Fault};
use pipewright_model::kinds::RoleDeclared;
use pipewright_model::tags;
use pipewright_model::{Body, Desired, LiveBody, ResourceId};
use pipewright_testkit::{Lab, outline, roles_of};

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

/// The same specs, where DMS of this region must be able to assume the roles too.
fn of_region(mut desired: Desired, region: &str) -> Desired {
    let edit = |role: &mut RoleDeclared| role.trusted_services.insert(format!("dms.{region}.amazonaws.com"));
    for declared in desired.resources.values_mut() {
        let Body::ServiceRole(role) = &mut declared.body else { panic!("not a role: {declared:?}") };
        edit(role);
    }
    desired
}

/// A trust policy is not sent again after a refusal: what refused it may have changed it. It is read again,
/// and widened from there.
#[tokio::test]
async fn a_trust_policy_that_meets_another_change_is_read_again_and_widened() {
    let lab = Lab::start().await;
    let (a, b) = (lab.controller().await, lab.controller().await);
    Box::pin(a.converge(&of_region(roles_of("a", &["orders"]), "us-east-1"))).await;
    let effect = Effect::ConcurrentModification;
    lab.emulator().inject(Fault { operation: Some("UpdateAssumeRolePolicy".to_owned()), nth: 1, effect });
    lab.emulator().reset_calls();
    let wanted = of_region(roles_of("b", &["users"]), "eu-west-1");
    let outcome = Box::pin(b.pass(&wanted)).await;
    assert!(outcome.has_converged(), "widened:\n{}", outline(&outcome.remaining));

    let observed = Box::pin(b.observe(&wanted)).await;
    for name in ["dms-vpc-role", "dms-cloudwatch-logs-role"] {
        let LiveBody::ServiceRole(role) = &observed.resources[&ResourceId::role(name)].body else { panic!() };
        for service in ["dms.amazonaws.com", "dms.us-east-1.amazonaws.com", "dms.eu-west-1.amazonaws.com"] {
            assert!(role.trust.to_string().contains(service), "{name} lets {service} in: {}", role.trust);
        }
        // Between two calls that replace a trust policy there is always a look.
        let calls = lab.emulator().calls().into_iter().filter(|call| call.resource.as_deref() == Some(name));
        let reads_and_writes: Vec<String> = calls
            .map(|call| call.operation)
            .filter(|operation| matches!(operation.as_str(), "GetRole" | "UpdateAssumeRolePolicy"))
            .collect();
        assert!(
            !reads_and_writes.windows(2).any(|two| two[0] == two[1] && two[0] == "UpdateAssumeRolePolicy"),
            "{name}: {reads_and_writes:?}"
        );
    }
    let refused = lab.emulator().calls();
    let refused = refused.iter().filter(|call| call.error.as_deref() == Some("ConcurrentModification"));
    assert_eq!(refused.count(), 1, "the fault struck");
}
