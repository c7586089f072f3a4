//! What failed calls are taken for, and how often they are tried.

use pipewright_aws::Aws;
use pipewright_emulator::{ClockMode, Config, Effect, Fault, StaticCredentials};
use pipewright_engine::{CloudRead, ErrorClass};
use pipewright_model::Kind;
use pipewright_model::kinds::EndpointType;
use pipewright_plan::Mutation;

use crate::{
    Account, connect, endpoint, endpoint_declared, instance, instance_declared, owned, subnet_group,
};

fn fault(operation: &str, effect: Effect) -> Fault {
    Fault { operation: Some(operation.to_owned()), nth: 1, effect }
}

fn create_endpoint() -> Mutation {
    let declared = endpoint_declared(EndpointType::Source, "mysql");
    Mutation::CreateEndpoint { id: endpoint("source"), declared: declared.into(), tags: owned() }
}

#[tokio::test]
async fn a_write_is_tried_once() {
    for (effect, class) in
        [(Effect::Throttle, ErrorClass::Throttled), (Effect::InternalError, ErrorClass::Transient)]
    {
        let account = Account::new().await;
        account.emulator.inject(fault("CreateEndpoint", effect));
        let error = account.attempt(&create_endpoint()).await.unwrap_err();
        assert_eq!(error.class, class, "{error}");
        assert_eq!(account.operations(), ["CreateEndpoint"]);
    }
}

#[tokio::test]
async fn a_lost_answer_is_transient_and_the_effect_can_be_found() {
    let account = Account::new().await;
    account.emulator.inject(fault("CreateEndpoint", Effect::DropConnectionAfter));
    let error = account.attempt(&create_endpoint()).await.unwrap_err();
    assert_eq!(error.class, ErrorClass::Transient, "{error}");
    assert!(account.live(&endpoint("source")).await.is_some());
}

#[tokio::test]
async fn a_read_is_tried_again() {
    let account = Account::new().await;
    account.emulator.inject(fault("DescribeEndpoints", Effect::InternalError));
    assert!(account.reader.list(Kind::Endpoint).await.unwrap().is_empty());
    assert_eq!(account.operations(), ["DescribeEndpoints", "DescribeEndpoints"]);
}

#[tokio::test]
async fn a_second_of_the_same_name_exists_already() {
    let mut account = Account::new().await;
    account.call(create_endpoint()).await;
    let error = account.attempt(&create_endpoint()).await.unwrap_err();
    assert_eq!((error.class, error.code.as_str()), (ErrorClass::AlreadyExists, "ResourceAlreadyExistsFault"));
    assert!(error.request_id.is_some());
    assert!(!error.to_string().contains("hunter2"), "{error}");
}

#[tokio::test]
async fn without_the_vpc_role_the_role_is_not_ready() {
    let account = Account::new().await;
    let create = Mutation::CreateSubnetGroup {
        id: subnet_group(),
        declared: crate::subnet_group_declared(),
        tags: owned(),
    };
    let error = account.attempt(&create).await.unwrap_err();
    assert_eq!(
        (error.class, error.code.as_str()),
        (ErrorClass::RoleNotReady, "AccessDeniedFault"),
        "{error}"
    );
}

#[tokio::test]
async fn what_is_in_use_is_in_the_wrong_state_to_be_deleted() {
    let mut account = Account::new().await;
    account.prepare().await;
    account
        .call(Mutation::CreateInstance { id: instance(), declared: instance_declared(), tags: owned() })
        .await;
    account.settle();
    let error = account.attempt(&Mutation::DeleteSubnetGroup { id: subnet_group() }).await.unwrap_err();
    assert_eq!(
        (error.class, error.code.as_str()),
        (ErrorClass::InvalidState, "InvalidResourceStateFault"),
        "{error}"
    );
}

#[tokio::test]
async fn a_wrong_secret_is_no_access() {
    let config = Config {
        clock: ClockMode::Manual,
        credentials: Some(StaticCredentials {
            access_key_id: "AKIAEXAMPLE".to_owned(),
            secret_access_key: "secret".to_owned(),
        }),
        ..Config::default()
    };
    let account = Account::with(config).await;
    assert!(account.reader.identity().await.is_ok());
    assert!(account.reader.role("dms-vpc-role").await.unwrap().is_none());
    assert!(account.reader.list(Kind::Task).await.unwrap().is_empty());

    let wrong: Aws = connect(&account.emulator, "guess").await;
    for error in [
        wrong.reader().identity().await.unwrap_err(),
        wrong.reader().role("dms-vpc-role").await.unwrap_err(),
        wrong.reader().list(Kind::Task).await.unwrap_err(),
    ] {
        assert_eq!(error.class, ErrorClass::AccessDenied, "{error}");
        assert!(error.message.contains("check the secret access key"), "{error}");
    }
}
