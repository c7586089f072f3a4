//! Tags of many resources, in few calls.

use pipewright_engine::CloudRead;
use pipewright_model::kinds::EndpointType;
use pipewright_model::tags::Tags;
use pipewright_model::{Kind, ResourceId};
use pipewright_plan::Mutation;

use crate::{Account, endpoint, endpoint_declared, owned, subnet_group};

/// An account with `count` endpoints, each with a tag that names it.
async fn with_endpoints(count: usize) -> Account {
    let mut account = Account::new().await;
    for number in 0..count {
        let id = endpoint(&format!("e{number}"));
        let tags = Tags::from([("name".to_owned(), id.name.clone())]);
        let declared = endpoint_declared(EndpointType::Source, "mysql");
        account.call(Mutation::CreateEndpoint { id, declared: declared.into(), tags }).await;
    }
    account.settle();
    account.emulator.reset_calls();
    account
}

#[tokio::test]
async fn many_resources_cost_pages_not_calls_each() {
    let account = with_endpoints(120).await;
    let live = account.reader.list(Kind::Endpoint).await.unwrap();
    assert_eq!(live.len(), 120);
    let arns: Vec<String> = live.values().map(|live| live.arn.clone()).collect();
    let tags = account.reader.tags(&arns).await.unwrap();
    assert_eq!(tags.len(), 120);
    for (id, live) in &live {
        assert_eq!(tags[&live.arn]["name"], id.name);
    }
    assert_eq!(
        account.operations(),
        ["DescribeEndpoints", "DescribeEndpoints", "ListTagsForResource", "ListTagsForResource"]
    );
}

#[tokio::test]
async fn one_that_is_gone_does_not_hide_the_others() {
    let mut account = with_endpoints(9).await;
    let arns: Vec<String> = account.arns.values().cloned().collect();
    account.call(Mutation::DeleteEndpoint { id: endpoint("e4") }).await;
    account.settle();
    let tags = account.reader.tags(&arns).await.unwrap();
    assert_eq!(tags.len(), 8);
    assert!(!tags.contains_key(&account.arns[&endpoint("e4")]));
}

#[tokio::test]
async fn tags_are_added_and_removed_by_arn() {
    let mut account = Account::new().await;
    account.prepare().await;
    let id = subnet_group();
    let paused = Tags::from([("pipewright:paused".to_owned(), "yes please".to_owned())]);
    account.call(Mutation::AddTags { id: id.clone(), tags: paused.clone() }).await;
    let arn = account.arns[&id].clone();
    let mut both = owned();
    both.extend(paused);
    assert_eq!(account.reader.tags(std::slice::from_ref(&arn)).await.unwrap()[&arn], both);

    let keys = ["pipewright:paused".to_owned()].into();
    account.call(Mutation::RemoveTags { id, keys }).await;
    assert_eq!(account.reader.tags(std::slice::from_ref(&arn)).await.unwrap()[&arn], owned());
}

#[tokio::test]
async fn what_has_no_arn_yet_is_refused_with_its_name() {
    let account = Account::new().await;
    let id = ResourceId::new(Kind::Task, "orders");
    let error = account.attempt(&Mutation::StopTask { id }).await.unwrap_err();
    assert!(error.to_string().contains("task/orders"), "{error}");
    assert_eq!(account.operations(), Vec::<String>::new());
}
