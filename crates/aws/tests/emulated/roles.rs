//! Shared roles: the calls of joining, leaving, draining and deleting.

use std::collections::BTreeSet;

use pipewright_engine::{CloudRead, ErrorClass};
use pipewright_model::kinds::{FixedRole, RoleObserved};
use pipewright_model::tags::{self, DrainMark, Tags};
use pipewright_model::{LiveBody, policy};
use pipewright_plan::Mutation;

use crate::{Account, now};

const NAME: &str = FixedRole::VPC.name;

fn services(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn create() -> Mutation {
    Mutation::CreateRole {
        role: NAME.to_owned(),
        path: "/".to_owned(),
        description: "made for tests".to_owned(),
        trust: policy::trust_for(&services(&["dms.amazonaws.com"])),
        permissions_boundary: None,
        tags: Tags::from([
            ("pipewright:owner:tests".to_owned(), "billing orders".to_owned()),
            (tags::ORIGIN.to_owned(), tags::CREATED.to_owned()),
        ]),
    }
}

fn policy_arn() -> String {
    FixedRole::VPC.managed_policy_arn("aws")
}

async fn role(account: &Account) -> (RoleObserved, Tags) {
    let live = account.reader.role(NAME).await.unwrap().unwrap();
    assert_eq!(live.arn, "arn:aws:iam::123456789012:role/dms-vpc-role");
    match live.body {
        LiveBody::ServiceRole(role) => (role, live.tags),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_role_that_is_not_there_is_none() {
    let account = Account::new().await;
    assert_eq!(account.reader.role(NAME).await, Ok(None));
}

#[tokio::test]
async fn a_role_is_made_with_its_owner_widened_and_tagged() {
    let mut account = Account::new().await;
    account.call(create()).await;
    let role_name = || NAME.to_owned();
    account.call(Mutation::AttachRolePolicy { role: role_name(), policy_arn: policy_arn() }).await;
    let (found, tags) = role(&account).await;
    assert!(found.role_id.starts_with("AROA"), "{}", found.role_id);
    assert_eq!(found.path, "/");
    assert_eq!(policy::trusted_services(&found.trust), services(&["dms.amazonaws.com"]));
    assert_eq!(found.managed_policies, [policy_arn()].into());
    assert_eq!(tags["pipewright:owner:tests"], "billing orders");

    let trust = policy::trust_for(&services(&["dms.amazonaws.com", "redshift.amazonaws.com"]));
    account.call(Mutation::UpdateTrust { role: role_name(), trust }).await;
    let joined = Tags::from([("pipewright:owner:others".to_owned(), "users".to_owned())]);
    account.call(Mutation::TagRole { role: role_name(), tags: joined }).await;
    let (found, tags) = role(&account).await;
    assert_eq!(
        policy::trusted_services(&found.trust),
        services(&["dms.amazonaws.com", "redshift.amazonaws.com"])
    );
    assert_eq!(tags::owners(&tags).len(), 2);

    let again = account.attempt(&create()).await.unwrap_err();
    assert_eq!(again.class, ErrorClass::AlreadyExists);
    assert_eq!(again.operation, "iam:CreateRole");
}

#[tokio::test]
async fn the_last_owner_leaves_and_the_role_goes() {
    let mut account = Account::new().await;
    account.call(create()).await;
    let role_name = || NAME.to_owned();
    account.call(Mutation::AttachRolePolicy { role: role_name(), policy_arn: policy_arn() }).await;
    let (found, _) = role(&account).await;

    let leave = Mutation::UntagRole { role: role_name(), keys: ["pipewright:owner:tests".to_owned()].into() };
    account.call(leave.clone()).await;
    account
        .call(Mutation::MarkDrain {
            role: role_name(),
            scope: "tests".to_owned(),
            role_id: found.role_id.clone(),
            since: None,
            pass: now(),
        })
        .await;
    let (_, tags) = role(&account).await;
    let mark = DrainMark { scope: "tests".to_owned(), role_id: found.role_id, since: now(), pass: now() };
    assert_eq!(DrainMark::of(&tags), Some(Ok(mark)));

    let delete = Mutation::DeleteRole { role: role_name() };
    let early = account.attempt(&delete).await.unwrap_err();
    assert_eq!((early.class, early.code.as_str()), (ErrorClass::InvalidState, "DeleteConflict"));

    for step in [Mutation::DetachRolePolicy { role: role_name(), policy_arn: policy_arn() }, delete, leave] {
        account.call(step.clone()).await;
        account.call(step).await;
    }
    assert_eq!(account.reader.role(NAME).await, Ok(None));
}

#[tokio::test]
async fn an_owned_role_takes_three_calls_to_read() {
    let mut account = Account::new().await;
    account.call(create()).await;
    account.emulator.reset_calls();
    role(&account).await;
    assert_eq!(account.operations(), ["GetRole", "ListAttachedRolePolicies", "ListRolePolicies"]);
}
