//! Certificates and event subscriptions in whole passes over the real AWS SDK against the emulator.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use pipewright_model::{Desired, Kind, LiveBody, Observed, Ref, ResourceId, tags};
use pipewright_testkit::{Lab, check_with, desired, edit_endpoint, id, outline, subscribe};

/// A pipeline whose source is checked with a certificate of this content.
fn with_certificate(content: &[u8]) -> Desired {
    let mut wanted = desired("a", &["orders"]);
    check_with(&mut wanted, "orders-source", content);
    wanted
}

fn subscribed(to: Kind, categories: &[&str]) -> Desired {
    let mut wanted = desired("a", &["orders"]);
    let source = Ref::Managed(id(&wanted, to, "orders"));
    subscribe(&mut wanted, source, categories);
    wanted
}

fn names(observed: &Observed, kind: Kind) -> Vec<String> {
    observed.resources.keys().filter(|id| id.kind == kind).map(|id| id.name.clone()).collect()
}

/// That the one certificate there is the declared one, the endpoint has it and the task runs.
fn assert_rotated(observed: &Observed, wanted: &Desired) {
    let declared: Vec<String> =
        wanted.resources.keys().filter(|id| id.kind == Kind::Certificate).map(|id| id.name.clone()).collect();
    assert_eq!(names(observed, Kind::Certificate), declared);
    let certificate = &observed.resources[&ResourceId::new(Kind::Certificate, &declared[0])];
    match &observed.resources[&id(wanted, Kind::Endpoint, "orders-source")].body {
        LiveBody::Endpoint(endpoint) => {
            assert_eq!(endpoint.certificate_arn.as_ref(), Some(&certificate.arn));
        }
        other => panic!("not an endpoint: {other:?}"),
    }
    let task = &observed.resources[&id(wanted, Kind::Task, "orders")];
    assert_eq!(task.body.status(), "running");
    assert!(!task.tags.contains_key(tags::PAUSED));
}

#[tokio::test]
async fn another_content_is_imported_the_endpoint_repointed_and_the_old_one_deleted() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    controller.converge(&with_certificate(b"old")).await;
    let wanted = with_certificate(b"new");
    let plan = controller.plan(&wanted).await;
    let mut actions: Vec<String> = plan
        .changes
        .iter()
        .filter(|change| change.key.resource.kind != Kind::Connection)
        .map(|change| format!("{} {}", change.action.as_str(), change.key.resource.kind))
        .collect();
    actions.sort();
    assert_eq!(
        actions,
        ["create certificate", "delete certificate", "pause task", "resume task", "update endpoint"]
    );
    let outcome = controller.converge(&wanted).await;
    assert_eq!(outcome.rounds.len(), 1, "one round is enough");
    assert_rotated(&controller.observe(&wanted).await, &wanted);
    assert_eq!(outline(&controller.plan(&wanted).await), "nothing");

    // Without the pipeline the certificate goes after the endpoint.
    let none = desired("a", &[]);
    controller.converge(&none).await;
    assert_eq!(names(&controller.observe(&none).await, Kind::Certificate), Vec::<String>::new());
}

#[tokio::test]
async fn a_subscription_changes_in_place_and_is_made_again_for_other_sources() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    controller.converge(&subscribed(Kind::Task, &["failure", "state change"])).await;
    let wanted = subscribed(Kind::Task, &["failure"]);
    assert_eq!(outline(&controller.plan(&wanted).await), "update event-subscription/a-alarms [in-place]");
    controller.converge(&wanted).await;

    let wanted = subscribed(Kind::Instance, &["low storage"]);
    lab.emulator().reset_calls();
    controller.converge(&wanted).await;
    let changes: Vec<String> =
        lab.emulator().calls().into_iter().filter(|call| call.mutating).map(|call| call.operation).collect();
    assert_eq!(changes, ["DeleteEventSubscription", "CreateEventSubscription"]);
    assert_eq!(outline(&controller.plan(&wanted).await), "nothing");

    let without = desired("a", &["orders"]);
    controller.converge(&without).await;
    assert_eq!(names(&controller.observe(&without).await, Kind::EventSubscription), Vec::<String>::new());
}

#[tokio::test]
async fn certificates_and_sources_of_others_are_used_and_left_as_they_are() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let theirs = with_certificate(b"wallet");
    controller.converge(&theirs).await;
    let before = controller.observe(&theirs).await;
    let certificate = before.resources.keys().find(|id| id.kind == Kind::Certificate).unwrap();

    let mut ours = desired("b", &["orders"]);
    let arn = before.resources[certificate].arn.clone();
    edit_endpoint(&mut ours, "orders-source", |source| {
        source.certificate = Some(Ref::External(arn.clone()));
        source.ssl_mode = Some("verify-ca".to_owned());
    });
    let their_task = id(&theirs, Kind::Task, "orders");
    subscribe(&mut ours, Ref::ExternalId(their_task), &["failure"]);
    controller.converge(&ours).await;
    assert_eq!(outline(&controller.plan(&ours).await), "nothing");
    let after = controller.observe(&theirs).await;
    assert_eq!(before.resources[certificate], after.resources[certificate]);
    match &after.resources[&id(&ours, Kind::Endpoint, "orders-source")].body {
        LiveBody::Endpoint(endpoint) => assert_eq!(endpoint.certificate_arn.as_ref(), Some(&arn)),
        other => panic!("not an endpoint: {other:?}"),
    }

    edit_endpoint(&mut ours, "orders-source", |source| {
        source.certificate = Some(Ref::External(format!("{arn}-GONE")));
    });
    assert!(outline(&controller.plan(&ours).await).contains("there is no such certificate"));
}
