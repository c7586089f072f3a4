//! What other tools got wrong with shared roles, each as its report tells it.

use std::time::Duration;

use pipewright_emulator::{Config, Effect, Fault};
use pipewright_model::kinds::FixedRole;
use pipewright_model::tags;
use pipewright_model::{Adopt, Body, Desired, ResourceId};
use pipewright_testkit::{Lab, desired, outline, roles_of};
use serde_json::json;

use crate::laboratory::{VPC, body, called, calls_of_others, made_by_hand, own, owners, role};

/// The same specs, with a Redshift target too, for which a third role is needed.
fn with_redshift(mut desired: Desired) -> Desired {
    let vpc = desired.resources[&ResourceId::role(VPC)].clone();
    let Body::ServiceRole(needed) = &vpc.body else { panic!("not a role: {vpc:?}") };
    let role = FixedRole::ACCESS_FOR_ENDPOINT;
    let body = Body::ServiceRole(role.declared("aws", needed.needed_by.clone(), true));
    desired.resources.insert(ResourceId::role(role.name), pipewright_model::Declared { body, ..vpc });
    desired
}

/// terraform-aws-dms #11: a migration of service A, then one of service B in the same account:
/// EntityAlreadyExists.
#[tokio::test]
async fn terraform_aws_dms_11_service_b_joins_the_roles_that_service_a_made() {
    let lab = Lab::start().await;
    let (a, b) = (lab.controller().await, lab.controller().await);
    Box::pin(a.converge(&desired("service-a", &["orders"]))).await;
    lab.emulator().reset_calls();
    Box::pin(b.converge(&desired("service-b", &["users"]))).await;
    assert!(called(&lab, "CreateRole").is_empty(), "the roles are there");
    for name in [VPC, "dms-cloudwatch-logs-role"] {
        assert_eq!(
            owners(&a, name).await,
            [("service-a", "orders"), ("service-b", "users")].map(own),
            "{name}"
        );
    }
    // Neither takes the roles from the other, and the last takes them along.
    Box::pin(a.converge(&desired("service-a", &[]))).await;
    assert_eq!(owners(&b, VPC).await, [own(("service-b", "users"))]);
    Box::pin(b.converge(&desired("service-b", &[]))).await;
    assert!(role(&b, VPC).await.is_none());
}

/// terraform-aws-dms #67: one folder made `dms-access-for-endpoint` too; the second folder fails.
#[tokio::test]
async fn terraform_aws_dms_67_a_second_folder_shares_the_role_for_redshift() {
    let lab = Lab::start().await;
    let (a, b) = (lab.controller().await, lab.controller().await);
    Box::pin(a.converge(&with_redshift(roles_of("folder-a", &["orders"])))).await;
    Box::pin(b.converge(&with_redshift(roles_of("folder-b", &["users"])))).await;
    let name = FixedRole::ACCESS_FOR_ENDPOINT.name;
    assert_eq!(owners(&a, name).await, [("folder-a", "orders"), ("folder-b", "users")].map(own));
    // The other folder still needs it for logs and for its instances, but no longer for Redshift.
    Box::pin(a.converge(&roles_of("folder-a", &["orders"]))).await;
    assert_eq!(owners(&a, name).await, [own(("folder-b", "users"))]);
    assert_eq!(owners(&a, VPC).await.len(), 2);
}

/// terraform-aws-dms #70: the module applied twice in one configuration.
#[tokio::test]
async fn terraform_aws_dms_70_a_second_pipeline_of_one_root_needs_no_second_role() {
    let lab = Lab::start().await;
    let a = lab.controller().await;
    Box::pin(a.converge(&with_redshift(roles_of("a", &["orders"])))).await;
    lab.emulator().reset_calls();
    Box::pin(a.converge(&with_redshift(roles_of("a", &["orders", "users"])))).await;
    assert!(called(&lab, "CreateRole").is_empty());
    for role in FixedRole::ALL {
        assert_eq!(owners(&a, role.name).await, [own(("a", "orders users"))], "{}", role.name);
    }
    lab.emulator().reset_calls();
    Box::pin(a.converge(&with_redshift(roles_of("a", &["orders", "users"])))).await;
    assert!(called(&lab, "TagRole").is_empty(), "applied again, nothing is written");
}

/// terraform-aws-dms #88: several migrations in parallel in one account.
#[tokio::test]
async fn terraform_aws_dms_88_three_roots_at_once_in_an_empty_account_make_each_role_once() {
    let lab = Lab::start().await;
    let (a, b, c) = (lab.controller().await, lab.controller().await, lab.controller().await);
    let specs = ["a", "b", "c"].map(|scope| roles_of(scope, &["orders"]));
    Box::pin(async { tokio::join!(a.converge(&specs[0]), b.converge(&specs[1]), c.converge(&specs[2])) })
        .await;
    for name in [VPC, "dms-cloudwatch-logs-role"] {
        let all = ["a", "b", "c"].map(|scope| own((scope, "orders")));
        assert_eq!(owners(&a, name).await, all, "{name}");
    }
    let made = called(&lab, "CreateRole");
    assert_eq!(made.iter().filter(|error| error.is_none()).count(), 2, "each of two roles once: {made:?}");
}

/// cdk-dms-replication `dms-roles.ts`: the trust policy of a role that exists is overwritten.
#[tokio::test]
async fn cdk_dms_replication_a_trust_policy_is_widened_and_what_others_wrote_stays_as_it_is() {
    let lab = Lab::start().await;
    let a = lab.controller().await;
    let theirs = json!([
        {"Sid": "Operators", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
            "Action": "sts:AssumeRole", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}},
        {"Sid": "Glue", "Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]);
    made_by_hand(&lab, &theirs, &[], true);
    let mut specs = roles_of("a", &["orders"]);
    // It does not let DMS in: a conflict, unless the specs say that it may be widened.
    let outcome = Box::pin(a.pass(&specs)).await;
    assert!(outline(&outcome.first).contains("does not let dms.amazonaws.com assume it"));
    assert!(called(&lab, "UpdateAssumeRolePolicy").is_empty());

    specs.resources.get_mut(&ResourceId::role(VPC)).unwrap().adopt = Adopt::Always;
    Box::pin(a.converge(&specs)).await;
    let live = role(&a, VPC).await.unwrap();
    let statements = body(&live).trust["Statement"].as_array().unwrap();
    assert_eq!(json!(statements[..2]), theirs);
    assert_eq!(statements[2]["Principal"], json!({"Service": "dms.amazonaws.com"}));
    assert_eq!(statements.len(), 3);
}

/// cdk-dms-replication `dms-roles.ts`: the roles stay for ever.
#[tokio::test]
async fn cdk_dms_replication_the_roles_go_with_their_last_owner() {
    let lab = Lab::start().await;
    let a = lab.controller().await;
    Box::pin(a.converge(&with_redshift(roles_of("a", &["orders"])))).await;
    Box::pin(a.converge(&roles_of("a", &[]))).await;
    for fixed in FixedRole::ALL {
        assert!(role(&a, fixed.name).await.is_none(), "{}", fixed.name);
    }
}

/// ACK community #2671: a role that the controller has just made looks like one that was there before.
#[tokio::test]
async fn ack_2671_a_role_is_its_owners_from_the_call_that_makes_it() {
    let lab = Lab::with(Config { iam_propagation: Duration::from_secs(10), ..Config::default() }).await;
    let a = lab.controller().await;
    let specs = roles_of("a", &["orders"]);
    // Reads are old, and the answer is lost: the next look must find the own tag, or nothing.
    let effect = Effect::DropConnectionAfter;
    lab.emulator().inject(Fault { operation: Some("CreateRole".to_owned()), nth: 1, effect });
    let outcome = Box::pin(a.pass(&specs)).await;
    assert!(outcome.remaining.report.conflicts.is_empty(), "{}", outline(&outcome.remaining));
    lab.emulator().advance(Duration::from_secs(30));
    Box::pin(a.converge(&specs)).await;
    let live = role(&a, VPC).await.unwrap();
    assert_eq!(live.tags[tags::ORIGIN], tags::CREATED);
    assert_eq!(owners(&a, VPC).await, [own(("a", "orders"))]);
}

/// ACK community #2497: a controller that is killed after the create call finds what it made and calls it
/// somebody else's.
#[tokio::test]
async fn ack_2497_what_a_killed_process_made_is_completed_by_the_next() {
    let lab = Lab::start().await;
    let a = lab.controller().await;
    let specs = desired("a", &["orders"]);
    let effect = Effect::HoldAfter;
    lab.emulator().inject(Fault { operation: Some("CreateRole".to_owned()), nth: 1, effect });
    // The call takes effect, and the process dies before it hears of it.
    let held = lab.emulator().held();
    tokio::select! {
        _ = Box::pin(a.pass(&specs)) => panic!("the call was never answered"),
        () = held => {}
    }
    let next = lab.controller().await;
    let plan = Box::pin(next.plan(&specs)).await;
    assert!(plan.report.conflicts.is_empty(), "{}", outline(&plan));
    Box::pin(next.converge(&specs)).await;
    Box::pin(next.converge(&desired("a", &[]))).await;
    assert!(role(&next, VPC).await.is_none(), "what the killed process made goes with its owner");
}

/// ACK community #2849: a call after the create call is refused, and the controller disowns what it made.
#[tokio::test]
async fn ack_2849_a_role_whose_next_call_was_refused_is_still_its_owners() {
    let lab = Lab::start().await;
    let a = lab.controller().await;
    let specs = roles_of("a", &["orders"]);
    // More refusals than a pass makes calls.
    for nth in 1..=200 {
        let effect = Effect::InternalError;
        lab.emulator().inject(Fault { operation: Some("AttachRolePolicy".to_owned()), nth, effect });
    }
    let outcome = Box::pin(a.pass(&specs)).await;
    assert!(!outcome.has_converged());
    let live = role(&a, VPC).await.unwrap();
    assert_eq!(body(&live).managed_policies.len(), 0);
    assert_eq!(owners(&a, VPC).await, [own(("a", "orders"))]);

    lab.emulator().clear_faults();
    Box::pin(a.converge(&specs)).await;
    assert_eq!(body(&role(&a, VPC).await.unwrap()).managed_policies.len(), 1);
}

/// iam-manager #144: a second object for the same role never applied; deleting it deletes the role of the
/// first.
#[tokio::test]
async fn iam_manager_144_an_owner_that_never_applied_takes_nothing_away() {
    let lab = Lab::start().await;
    let (a, b) = (lab.controller().await, lab.controller().await);
    Box::pin(a.converge(&roles_of("a", &["orders"]))).await;
    let before = role(&a, VPC).await;
    // The second never gets to write its tag.
    for nth in 1..=200 {
        let effect = Effect::InternalError;
        lab.emulator().inject(Fault { operation: Some("TagRole".to_owned()), nth, effect });
    }
    let outcome = Box::pin(b.pass(&roles_of("b", &["orders"]))).await;
    assert!(!outcome.has_converged());
    lab.emulator().clear_faults();
    lab.emulator().reset_calls();
    Box::pin(b.converge(&roles_of("b", &[]))).await;
    assert_eq!(role(&a, VPC).await, before);
    for operation in ["UntagRole", "DetachRolePolicy", "DeleteRole"] {
        assert!(called(&lab, operation).is_empty(), "{operation}");
    }
}

/// Argo CD #22607, the other way round: something that nobody declared still uses the role.
#[tokio::test]
async fn argo_cd_22607_a_role_that_something_undeclared_uses_is_kept() {
    let lab = Lab::start().await;
    let a = lab.controller().await;
    Box::pin(a.converge(&roles_of("a", &["orders"]))).await;
    let group = json!({"ReplicationSubnetGroupIdentifier": "by-hand", "ReplicationSubnetGroupDescription": "x",
        "SubnetIds": ["subnet-0a1b2c3d", "subnet-0d4e5f6a"]});
    calls_of_others(&lab, &[("CreateReplicationSubnetGroup", group)]);
    let outcome = Box::pin(a.pass(&roles_of("a", &[]))).await;
    assert!(outline(&outcome.first).contains("subnet-group/by-hand needs it"), "{}", outline(&outcome.first));
    assert!(role(&a, VPC).await.is_some());
}
