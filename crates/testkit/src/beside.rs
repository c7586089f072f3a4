//! What stands beside pipelines: certificates, event subscriptions, and what others keep.

use std::collections::{BTreeMap, BTreeSet};

use pipewright_model::kinds::{
    CertificateContent, CertificateDeclared, EventSourceType, EventSubscriptionDeclared, FixedRole,
};
use pipewright_model::{Body, Desired, Kind, Ref, ResourceId, SecretBytes};

use crate::desired::{declared, edit_endpoint, edit_task, id};

/// Declares a certificate of this content, and that an endpoint checks its server with it.
///
/// # Panics
/// If there is no such endpoint.
pub fn check_with(desired: &mut Desired, endpoint: &str, content: &[u8]) {
    let content = CertificateContent::Wallet(SecretBytes::new(content));
    let fingerprint = content.fingerprint();
    let certificate = id(desired, Kind::Certificate, &format!("ca-{}", fingerprint.short()));
    let body = Body::Certificate(CertificateDeclared { content, fingerprint });
    desired.resources.insert(certificate.clone(), declared("ca", body));
    edit_endpoint(desired, endpoint, |endpoint| {
        endpoint.certificate = Some(Ref::Managed(certificate));
        endpoint.ssl_mode = Some("verify-ca".to_owned());
    });
}

/// Declares the subscription `alarms` to events of these categories of a task or an instance.
pub fn subscribe(desired: &mut Desired, to: Ref, categories: &[&str]) {
    let source_type = match &to {
        Ref::Managed(id) | Ref::ExternalId(id) if id.kind == Kind::Task => EventSourceType::ReplicationTask,
        _ => EventSourceType::ReplicationInstance,
    };
    let body = Body::EventSubscription(EventSubscriptionDeclared {
        sns_topic_arn: "arn:aws:sns:us-east-1:111122223333:alarms".to_owned(),
        source_type,
        sources: BTreeSet::from([to]),
        event_categories: Some(categories.iter().map(|&category| category.to_owned()).collect()),
        enabled: None,
    });
    let subscription = id(desired, Kind::EventSubscription, "alarms");
    desired.resources.insert(subscription, declared("alarms", body));
}

/// Lets the only pipeline, `orders`, run on an instance and read from an endpoint that others keep.
///
/// # Panics
/// If there is no such pipeline.
pub fn borrow(desired: &mut Desired, instance: Ref, source: Ref) {
    let kept = [id(desired, Kind::Endpoint, "orders-target"), id(desired, Kind::Task, "orders")];
    let logs = ResourceId::role(FixedRole::CLOUDWATCH_LOGS.name);
    desired.resources.retain(|id, _| kept.contains(id) || *id == logs);
    edit_task(desired, "orders", |task| {
        task.instance = instance;
        task.source = source;
    });
    desired.pipelines = BTreeMap::new();
}
