//! Several accounts and regions, and the role that leads from one to another.

use pipewright_aws::{Aws, Options};
use pipewright_engine::{CloudRead, CloudWrite, ErrorClass};
use pipewright_model::Kind;
use pipewright_model::kinds::EndpointType;
use pipewright_model::tags::Tags;
use pipewright_plan::Mutation;

use crate::{Account, endpoint, endpoint_declared, now, options};

async fn assuming(account: &Account, role_arn: &str) -> Aws {
    let options =
        Options { assume_role_arn: Some(role_arn.to_owned()), ..options(&account.emulator, "secret") };
    Aws::connect(options).await.unwrap()
}

#[tokio::test]
async fn an_assumed_role_leads_into_its_own_account() {
    let account = Account::new().await;
    let there = assuming(&account, "arn:aws:iam::111122223333:role/OrganizationAccountAccessRole").await;
    let identity = there.reader().identity().await.unwrap();
    assert_eq!(identity.account_id, "111122223333");
    assert!(
        identity.arn.ends_with(":assumed-role/OrganizationAccountAccessRole/pipewright"),
        "{}",
        identity.arn
    );

    let declared = endpoint_declared(EndpointType::Source, "mysql");
    let create =
        Mutation::CreateEndpoint { id: endpoint("there"), declared: declared.into(), tags: Tags::new() };
    let arn = there.writer().call(&create, &account.arns, now()).await.unwrap().unwrap();
    assert!(arn.starts_with("arn:aws:dms:us-east-1:111122223333:endpoint:"), "{arn}");
    assert_eq!(there.reader().list(Kind::Endpoint).await.unwrap().len(), 1);
    assert!(account.live(&endpoint("there")).await.is_none());
}

#[tokio::test]
async fn a_role_that_may_not_be_assumed_is_no_access() {
    let account = Account::new().await;
    let there = assuming(&account, "arn:aws:iam::123456789012:role/nobody").await;
    let error = there.reader().identity().await.unwrap_err();
    assert_eq!(
        (error.class, error.code.as_str()),
        (ErrorClass::AccessDenied, "CredentialsFailed"),
        "{error}"
    );
    assert!(error.message.contains("whether it trusts the caller"), "{error}");
}

#[tokio::test]
async fn regions_are_apart() {
    let mut account = Account::new().await;
    let declared = endpoint_declared(EndpointType::Source, "mysql");
    account
        .call(Mutation::CreateEndpoint { id: endpoint("here"), declared: declared.into(), tags: Tags::new() })
        .await;
    let elsewhere = Options { region: "eu-central-1".to_owned(), ..options(&account.emulator, "secret") };
    let elsewhere = Aws::connect(elsewhere).await.unwrap();
    assert!(elsewhere.reader().list(Kind::Endpoint).await.unwrap().is_empty());
    assert!(account.live(&endpoint("here")).await.is_some());
}
