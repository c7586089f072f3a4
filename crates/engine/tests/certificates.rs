//! Certificates and event subscriptions in whole passes over the real AWS SDK against the emulator.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use pipewright_emulator::{Disturbance, Script};
use pipewright_engine::{ErrorClass, ObserveError, read_secrets};
use pipewright_model::{
    Adopt, Body, Desired, Import, Kind, LiveBody, Observed, Ref, ResourceId, Secret, SecretBytes,
    SecretValue, tags,
};
use pipewright_plan::{PlanOptions, status};
use pipewright_testkit::{Lab, check_with, desired, edit_endpoint, id, outline, subscribe};
use serde_json::{Value, json};

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

/// Somebody else's call.
fn call(lab: &Lab, operation: &str, input: Value) {
    let Value::Object(input) = input else { panic!("no input") };
    let disturbances = vec![Disturbance::Call { operation: operation.to_owned(), input }];
    lab.emulator().play(Script { disturbances, ..Script::default() }).unwrap();
}

#[tokio::test]
async fn secrets_are_read_as_they_are_now_and_one_that_is_not_there_is_told() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let environment = desired("a", &[]).environment;
    call(&lab, "CreateSecret", json!({"Name": "pipewright/ca", "SecretString": "old"}));
    call(&lab, "PutSecretValue", json!({"SecretId": "pipewright/ca", "SecretString": "new"}));
    call(&lab, "CreateSecret", json!({"Name": "pipewright/wallet", "SecretBinary": "AAEC"}));
    let ids = ["pipewright/ca", "pipewright/wallet", "pipewright/lost"].map(str::to_owned);
    let read = read_secrets(controller.reader.as_ref(), &environment, ids.into()).await.unwrap();
    assert_eq!(read["pipewright/ca"], Ok(SecretValue::Text(Secret::new("new"))));
    assert_eq!(read["pipewright/wallet"], Ok(SecretValue::Binary(SecretBytes::new([0, 1, 2]))));
    let error = read["pipewright/lost"].as_ref().unwrap_err();
    assert_eq!((error.class, error.code.as_str()), (ErrorClass::NotFound, "ResourceNotFoundException"));

    // The secrets of another account are none of ours.
    lab.emulator().reset_calls();
    let mut other = environment;
    "999900001111".clone_into(&mut other.account_id);
    let ids = BTreeSet::from(["pipewright/ca".to_owned()]);
    let refused = read_secrets(controller.reader.as_ref(), &other, ids).await;
    assert!(matches!(refused, Err(ObserveError::WrongAccount { .. })), "{refused:?}");
    let calls: Vec<String> = lab.emulator().calls().into_iter().map(|call| call.operation).collect();
    assert_eq!(calls, ["GetCallerIdentity"]);
}

#[tokio::test]
async fn a_certificate_that_somebody_made_is_taken_over_where_its_content_is_the_declared_one() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    call(&lab, "ImportCertificate", json!({"CertificateIdentifier": "old-ca", "CertificateWallet": "b2xk"}));
    let imported = |content: &[u8]| {
        let mut wanted = with_certificate(content);
        let made = wanted.resources.keys().find(|id| id.kind == Kind::Certificate).unwrap().clone();
        let mut declared = wanted.resources.remove(&made).unwrap();
        declared.adopt = Adopt::Always;
        declared.import = Some(Import { from: None });
        let theirs = ResourceId::new(Kind::Certificate, "old-ca");
        wanted.resources.insert(theirs.clone(), declared);
        edit_endpoint(&mut wanted, "orders-source", |source| {
            source.certificate = Some(Ref::Managed(theirs.clone()));
        });
        wanted
    };
    let plan = controller.plan(&imported(b"other")).await;
    assert!(plan.report.blocked.iter().any(|finding| finding.message.contains("fingerprint")), "{plan:?}");

    let wanted = imported(b"old");
    lab.emulator().reset_calls();
    controller.converge(&wanted).await;
    let calls = lab.emulator().calls();
    assert!(calls.iter().all(|call| call.operation != "ImportCertificate"), "{calls:?}");
    assert_rotated(&controller.observe(&wanted).await, &wanted);
    assert_eq!(outline(&controller.plan(&wanted).await), "nothing");
}

#[tokio::test]
async fn a_subscription_without_its_topic_is_told_and_repaired_by_another_topic() {
    for (word, why) in [("no-permission", "DMS may not publish to"), ("topic-not-exist", "there is no topic")]
    {
        let lab = Lab::start().await;
        let controller = lab.controller().await;
        let mut wanted = subscribed(Kind::Task, &["failure"]);
        let subscription = id(&wanted, Kind::EventSubscription, "alarms");
        let orders = wanted.pipelines.get_mut("orders").unwrap();
        orders.resources.insert(subscription.clone());
        controller.converge(&wanted).await;
        let disturbance =
            Disturbance::SubscriptionStatus { subscription: "a-alarms".to_owned(), status: word.to_owned() };
        lab.emulator().play(Script { disturbances: vec![disturbance], ..Script::default() }).unwrap();

        // Nothing of ours helps: the topic or its policy is somebody else's.
        let observed = controller.observe(&wanted).await;
        let plan = pipewright_plan::plan(&wanted, &observed, &PlanOptions::default());
        assert!(plan.is_empty(), "{}", outline(&plan));
        assert!(plan.report.warnings.iter().any(|finding| finding.message.starts_with(why)), "{plan:?}");
        let status = status(&wanted, &observed, &plan);
        assert_eq!(status.pipelines[0].headline().reason, "ResourceFailed");
        assert!(status.pipelines[0].headline().message.contains(why));

        match &mut wanted.resources.get_mut(&subscription).unwrap().body {
            Body::EventSubscription(subscription) => subscription.sns_topic_arn.push('2'),
            other => panic!("not a subscription: {other:?}"),
        }
        controller.converge(&wanted).await;
        assert_eq!(controller.observe(&wanted).await.resources[&subscription].body.status(), "active");
    }
}
