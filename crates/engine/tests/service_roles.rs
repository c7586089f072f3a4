//! Roles that several scopes give content to, over SDK and emulator.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use pipewright_engine::CloudRead;
use pipewright_model::kinds::{ROLE_PATH, RoleObserved};
use pipewright_model::tags;
use pipewright_model::{Body, Desired, Kind, Live, LiveBody, ResourceId};
use pipewright_testkit::{Lab, REGION, add_role, desired, id, outline, policy_on_everything, write_to_s3};
use serde_json::Value;

const OTHER: &str = "eu-west-1";

fn only_role(scope: &str, action: &str) -> Desired {
    let mut desired = desired(scope, &[]);
    add_role(&mut desired, "archive", &[("use", policy_on_everything("Allow", action))]);
    desired
}

fn to_s3(role: &str) -> Desired {
    let mut desired = desired("a", &["orders"]);
    add_role(&mut desired, role, &[("write", policy_on_everything("Allow", "s3:PutObject"))]);
    write_to_s3(&mut desired, "orders", role);
    desired
}

async fn role(reader: &impl CloudRead, name: &str) -> Option<Live> {
    reader.role(name).await.unwrap()
}

fn body(live: &Live) -> &RoleObserved {
    match &live.body {
        LiveBody::ServiceRole(role) => role,
        other => panic!("not a role: {other:?}"),
    }
}

fn inline(live: &Live) -> Vec<&str> {
    body(live).inline_policies.keys().map(String::as_str).collect()
}

#[tokio::test]
async fn an_endpoint_is_made_with_the_role_that_it_names() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let wanted = to_s3("archive");
    controller.converge(&wanted).await;
    let made = role(controller.reader.as_ref(), "archive").await.unwrap();
    assert_eq!(made.arn, "arn:aws:iam::111122223333:role/pipewright/archive");
    assert_eq!(body(&made).path, ROLE_PATH);
    let observed = controller.observe(&wanted).await;
    match &observed.resources[&id(&wanted, Kind::Endpoint, "orders-target")].body {
        LiveBody::Endpoint(endpoint) => {
            assert_eq!(endpoint.settings["ServiceAccessRoleArn"], Value::from(made.arn));
        }
        other => panic!("not an endpoint: {other:?}"),
    }
    // Another role: the endpoint is changed, and the old role goes in the same pass.
    controller.converge(&to_s3("other")).await;
    assert!(role(controller.reader.as_ref(), "other").await.is_some());
    assert!(role(controller.reader.as_ref(), "archive").await.is_none());
    // Nothing names them any more: found by their path.
    controller.converge(&desired("a", &[])).await;
    assert_eq!(controller.reader.role_names(ROLE_PATH).await.unwrap(), BTreeSet::new());
}

#[tokio::test]
async fn two_scopes_give_one_role_what_each_needs_and_take_their_own_away() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let (a, b) = (only_role("a", "s3:PutObject"), only_role("b", "s3:GetObject"));
    controller.converge(&a).await;
    controller.converge(&b).await;
    let shared = role(controller.reader.as_ref(), "archive").await.unwrap();
    assert_eq!(inline(&shared), ["pipewright.a.use", "pipewright.b.use"]);
    assert_eq!(tags::owners(&shared.tags).into_keys().collect::<Vec<_>>(), ["a", "b"]);
    for specs in [&a, &b] {
        assert_eq!(outline(&controller.plan(specs).await), "nothing");
    }

    controller.converge(&desired("a", &[])).await;
    let left = role(controller.reader.as_ref(), "archive").await.unwrap();
    assert_eq!(inline(&left), ["pipewright.b.use"]);
    assert_eq!(tags::owners(&left.tags).into_keys().collect::<Vec<_>>(), ["b"]);
    assert_eq!(outline(&controller.plan(&b).await), "nothing");

    controller.converge(&desired("b", &[])).await;
    assert!(role(controller.reader.as_ref(), "archive").await.is_none());
}

#[tokio::test]
async fn a_role_that_an_endpoint_of_another_region_names_stays() {
    let lab = Lab::start().await;
    let here = lab.controller_in(REGION, &[OTHER]).await;
    let there = lab.controller_in(OTHER, &[REGION]).await;
    let mut only = only_role("a", "s3:PutObject");
    only.other_regions.insert(OTHER.to_owned());
    here.converge(&only).await;
    // Of a scope that does not own the role: only the endpoint tells that it is needed.
    let mut theirs = desired("b", &["users"]);
    OTHER.clone_into(&mut theirs.environment.region);
    write_to_s3(&mut theirs, "users", "archive");
    let arn = role(here.reader.as_ref(), "archive").await.unwrap().arn;
    let target = id(&theirs, Kind::Endpoint, "users-target");
    match &mut theirs.resources.get_mut(&target).unwrap().body {
        Body::Endpoint(endpoint) => {
            endpoint.roles.clear();
            endpoint.settings.insert("ServiceAccessRoleArn".to_owned(), arn.into());
        }
        other => panic!("not an endpoint: {other:?}"),
    }
    there.converge(&theirs).await;

    let mut none = desired("a", &[]);
    none.other_regions.insert(OTHER.to_owned());
    let outcome = here.converge(&none).await;
    assert_eq!(
        outline(&outcome.remaining),
        "waiting role/archive: no spec needs it here, and it is kept: endpoint/b-users-target in eu-west-1 \
         needs it"
    );
    let mut gone = desired("b", &[]);
    OTHER.clone_into(&mut gone.environment.region);
    there.converge(&gone).await;
    here.converge(&none).await;
    assert_eq!(role(here.reader.as_ref(), "archive").await, None);
    assert!(!here.observe(&none).await.resources.contains_key(&ResourceId::role("archive")));
}
