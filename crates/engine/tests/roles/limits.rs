//! What IAM refuses, and roles that are somebody else's.

use pipewright_model::tags;
use pipewright_plan::Ownership;
use pipewright_testkit::{Lab, outline, roles_of};
use serde_json::json;

use crate::laboratory::{VPC, calls_of_others, made_by_hand, owners, role};

fn dms() -> serde_json::Value {
    json!([{"Effect": "Allow", "Principal": {"Service": "dms.amazonaws.com"}, "Action": "sts:AssumeRole"}])
}

/// IAM allows fifty tags on a role. The last place is taken; where none is left, nothing is written.
#[tokio::test]
async fn a_role_takes_owners_up_to_the_fiftieth_tag() {
    let lab = Lab::start().await;
    let (a, b) = (lab.controller().await, lab.controller().await);
    let others: Vec<(String, String)> = (0..48).map(|n| (format!("team:{n}"), "x".to_owned())).collect();
    let others: Vec<(&str, &str)> =
        others.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    made_by_hand(&lab, &dms(), &others, true);
    // The origin and the owner: 50.
    Box::pin(a.converge(&roles_of("a", &["orders"]))).await;
    let full = role(&a, VPC).await.unwrap();
    assert_eq!(full.tags.len(), tags::MAX_TAGS);

    let outcome = Box::pin(b.pass(&roles_of("b", &["users"]))).await;
    let conflict = &outcome.first.report.conflicts[0];
    assert_eq!(conflict.ownership, Some(Ownership::OwnerSlotsFull), "{}", outline(&outcome.first));
    assert_eq!(role(&b, VPC).await.unwrap(), full);
    // Its owner changes its tag and leaves all the same.
    Box::pin(a.converge(&roles_of("a", &["billing", "orders"]))).await;
    Box::pin(a.converge(&roles_of("a", &[]))).await;
    assert_eq!(role(&a, VPC).await.unwrap().tags.len(), 48);
    Box::pin(b.converge(&roles_of("b", &["users"]))).await;
}

/// A tag holds 256 characters: more specs are counted, and the next plan is empty all the same.
#[tokio::test]
async fn more_specs_than_a_tag_holds_are_cut_and_counted() {
    let lab = Lab::start().await;
    let a = lab.controller().await;
    let names: Vec<String> = (0..60).map(|n| format!("pipeline-{n:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let specs = roles_of("a", &names);
    Box::pin(a.converge(&specs)).await;
    let [(_, listed)] = owners(&a, VPC).await.try_into().unwrap();
    assert!(listed.starts_with("pipeline-00 pipeline-01 ") && listed.ends_with(" +40"), "{listed}");
    assert!(listed.len() <= tags::MAX_VALUE);
    let kept = listed.split(' ').filter(|word| word.starts_with("pipeline-")).count();
    assert!(listed.ends_with(&format!(" +{}", 60 - kept)), "{listed}");
    let plan = Box::pin(a.plan(&specs)).await;
    assert!(plan.is_empty(), "{}", outline(&plan));
}

/// A role that another tool marked as its own is told and left as it is.
#[tokio::test]
async fn roles_that_other_tools_marked_are_conflicts_and_stay_as_they_are() {
    for mark in [
        ("ManagedBy", "Terraform"),
        ("terraform", "true"),
        ("TerraformWorkspace", "prod"),
        ("services.k8s.aws/namespace", "dms"),
    ] {
        let lab = Lab::start().await;
        let a = lab.controller().await;
        made_by_hand(&lab, &dms(), &[mark], true);
        let before = role(&a, VPC).await;
        let outcome = Box::pin(a.pass(&roles_of("a", &["orders"]))).await;
        assert!(
            outline(&outcome.first).contains("conflict role/dms-vpc-role: exists and is managed by"),
            "{mark:?}"
        );
        Box::pin(a.pass(&roles_of("a", &[]))).await;
        assert_eq!(role(&a, VPC).await, before, "{mark:?}");
    }
}

/// Only AWS changes a service-linked role: whatever the specs are, it is not written to.
#[tokio::test]
async fn a_service_linked_role_is_not_written_to() {
    let lab = Lab::start().await;
    let a = lab.controller().await;
    calls_of_others(&lab, &[("CreateServiceLinkedRole", json!({"AWSServiceName": "dms.amazonaws.com"}))]);
    let before = role(&a, "AWSServiceRoleForDMSServerless").await;
    assert!(before.is_some());
    lab.emulator().reset_calls();
    Box::pin(a.converge(&roles_of("a", &["orders"]))).await;
    Box::pin(a.converge(&roles_of("a", &[]))).await;
    assert_eq!(role(&a, "AWSServiceRoleForDMSServerless").await, before);
    let calls = lab.emulator().calls().into_iter();
    let touching = calls.filter(|call| call.resource.as_deref() == Some("AWSServiceRoleForDMSServerless"));
    let writes: Vec<String> = touching
        .map(|call| call.operation)
        .filter(|operation| !operation.starts_with("Get") && !operation.starts_with("List"))
        .collect();
    assert!(writes.is_empty(), "{writes:?}");
}
