//! What is in a role: trust on conditions, what others wrote, and what an aborted delete puts back.

use std::collections::BTreeSet;

use pipewright_model::kinds::CalledFrom;
use pipewright_model::tags;
use pipewright_model::{Body, Desired, Kind};
use pipewright_testkit::{ACCOUNT, Lab, REGION, desired, id, outline, roles_of};
use serde_json::{Value, json};

use crate::laboratory::{
    VPC, VPC_POLICY, body, called, calls_of_others, calls_of_others_before, document, made_by_hand, own,
    owners, role,
};

/// The specs of one pipeline, for which DMS works in the laboratory's region.
fn called_from_here(scope: &str) -> Desired {
    let mut desired = desired(scope, &["orders"]);
    for declared in desired.resources.values_mut() {
        if let Body::ServiceRole(role) = &mut declared.body {
            let regions = BTreeSet::from([REGION.to_owned()]);
            role.called_from = Some(CalledFrom { account_id: ACCOUNT.to_owned(), regions });
        }
    }
    desired
}

/// A statement that lets DMS in when it works for resources of this region.
fn for_region(sid: &str, region: &str) -> Value {
    json!({"Sid": sid, "Effect": "Allow", "Principal": {"Service": "dms.amazonaws.com"},
        "Action": "sts:AssumeRole", "Condition": {
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
            "ArnLike": {"aws:SourceArn": format!("arn:aws:dms:{region}:{ACCOUNT}:*:*")}}})
}

/// Another scope of another region owns the role. DMS refuses it here until it is widened.
#[tokio::test]
async fn trust_for_another_region_is_widened_before_dms_needs_the_role() {
    let lab = Lab::start().await;
    let a = lab.controller().await;
    let theirs = for_region("PipewrightOfbN1", "eu-west-1");
    let tags = [("pipewright:owner:b", "users"), (tags::ORIGIN, tags::CREATED)];
    made_by_hand(&lab, &json!([theirs]), &tags, true);
    let specs = called_from_here("a");
    Box::pin(a.converge(&specs)).await;
    let live = role(&a, VPC).await.unwrap();
    assert_eq!(body(&live).trust["Statement"][0], theirs);
    assert_eq!(body(&live).trust["Statement"][1]["Sid"], "PipewrightOfaN1");
    // That DMS judged the conditions shows in what it made only after the role let it in.
    let observed = Box::pin(a.observe(&specs)).await;
    assert!(observed.resources.contains_key(&id(&specs, Kind::Instance, "orders")));
    let order: Vec<String> = lab.emulator().calls().into_iter().map(|call| call.operation).collect();
    let at = |operation: &str| order.iter().position(|called| called == operation).unwrap();
    assert!(at("UpdateAssumeRolePolicy") < at("CreateReplicationSubnetGroup"), "{order:?}");
}

#[tokio::test]
async fn trust_for_this_region_serves_as_it_is() {
    let lab = Lab::start().await;
    let a = lab.controller().await;
    made_by_hand(&lab, &json!([for_region("Here", REGION)]), &[], true);
    Box::pin(a.converge(&called_from_here("a"))).await;
    assert!(called(&lab, "UpdateAssumeRolePolicy").is_empty());
    let live = role(&a, VPC).await.unwrap();
    assert_eq!(live.tags[tags::ORIGIN], tags::ADOPTED);
}

/// Two scopes widen at once: the second reads what the first wrote, and adds to that.
#[tokio::test]
async fn a_statement_written_between_the_plan_and_the_look_is_kept() {
    let lab = Lab::start().await;
    let a = lab.controller().await;
    let (b_wrote, wrote_before) =
        (for_region("PipewrightOfbN2", "ap-south-1"), for_region("PipewrightOfbN1", "eu-west-1"));
    let tags = [("pipewright:owner:b", "users"), (tags::ORIGIN, tags::CREATED)];
    made_by_hand(&lab, &json!([wrote_before]), &tags, true);
    // The tag is written first, then the role is read again, then the trust policy is replaced.
    let widened = document(&json!([wrote_before, b_wrote])).to_string();
    calls_of_others_before(
        &lab,
        "TagRole",
        &[("UpdateAssumeRolePolicy", json!({"RoleName": VPC, "PolicyDocument": widened}))],
    );
    Box::pin(a.converge(&called_from_here("a"))).await;
    let live = role(&a, VPC).await.unwrap();
    let sids: Vec<&str> =
        body(&live).trust["Statement"].as_array().unwrap().iter().filter_map(|s| s["Sid"].as_str()).collect();
    assert_eq!(sids, ["PipewrightOfbN1", "PipewrightOfbN2", "PipewrightOfaN1"]);
}

/// Another scope joins when the policy is detached already: the delete ends, and the policy is attached again.
#[tokio::test]
async fn a_delete_that_somebody_joins_in_time_is_given_up_and_undone() {
    let lab = Lab::start().await;
    let a = lab.controller().await;
    Box::pin(a.converge(&roles_of("a", &["orders"]))).await;
    let before = role(&a, VPC).await.unwrap();
    let join = json!({"RoleName": VPC, "Tags": [{"Key": "pipewright:owner:b", "Value": "users"}]});
    lab.emulator().reset_calls();
    // After the look before it, the policy is detached; the look after that sees the join.
    calls_of_others_before(&lab, "DetachRolePolicy", &[("TagRole", join.clone())]);
    let mut specs = roles_of("a", &["orders"]);
    specs.resources.clear();
    Box::pin(a.converge(&specs)).await;
    let after = role(&a, VPC).await;
    if let Some(after) = &after {
        assert_eq!(body(after).role_id, body(&before).role_id);
        assert_eq!(body(after).managed_policies, body(&before).managed_policies);
        assert_eq!(owners(&a, VPC).await, [own(("b", "users"))]);
    }
    // The fault strikes the first of two roles that are detached; whichever it was, nothing owned is gone.
    assert!(after.is_some(), "the role is owned by b and gone");
    assert!(called(&lab, "AttachRolePolicy").contains(&None), "what was detached was attached again");
}

/// What others put on a role keeps it, even where it comes during the drain.
#[tokio::test]
async fn what_others_put_on_a_role_during_its_drain_keeps_it() {
    let inline = json!({"RoleName": VPC, "PolicyName": "theirs", "PolicyDocument": json!({"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}).to_string()});
    let attached = json!({"RoleName": VPC, "PolicyArn": "arn:aws:iam::aws:policy/service-role/AmazonDMSCloudWatchLogsRole"});
    let statements = json!([for_region("PipewrightOfaN1", REGION), {"Sid": "Operators", "Effect": "Allow",
        "Principal": {"AWS": "444455556666"}, "Action": "sts:AssumeRole"}]);
    let trust = json!({"RoleName": VPC, "PolicyDocument": document(&statements).to_string()});
    for (operation, input) in
        [("PutRolePolicy", inline), ("AttachRolePolicy", attached), ("UpdateAssumeRolePolicy", trust)]
    {
        let lab = Lab::start().await;
        let a = lab.controller().await;
        Box::pin(a.converge(&roles_of("a", &["orders"]))).await;
        // Drained, and not deleted by a pass that does not wait.
        let mut impatient = a.clone();
        impatient.options.wait = false;
        Box::pin(impatient.pass(&roles_of("a", &[]))).await;
        assert!(role(&a, VPC).await.unwrap().tags.contains_key(tags::DRAIN), "{operation}");
        calls_of_others(&lab, &[(operation, input)]);
        lab.emulator().advance(std::time::Duration::from_mins(10));
        let outcome = Box::pin(a.pass(&roles_of("a", &[]))).await;
        let live = role(&a, VPC).await;
        let live = live.unwrap_or_else(|| panic!("{operation}: deleted:\n{}", outline(&outcome.first)));
        assert!(body(&live).managed_policies.contains(VPC_POLICY), "{operation}: it still serves");
    }
}
