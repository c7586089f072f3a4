//! What stands beside pipelines: certificates, event subscriptions, what others keep, what is taken over.

use pipewright_model::kinds::FixedRole;
use pipewright_model::tags::{self, Tags};
use pipewright_model::{Adopt, Body, Desired, FormerOwner, Import, Kind, Ref, ResourceId};
use pipewright_plan::Mutation;
use pipewright_testkit::{borrow, check_with, desired, edit_task, id, subscribe};
use serde_json::json;

use super::scenarios::{beside_another_scope, edited_from, from, made_by_hand, orders, with};
use super::{Before, Scenario};

fn checked(content: &[u8]) -> Desired {
    with(orders(), |desired| check_with(desired, "orders-source", content))
}

fn both_checked(content: &[u8]) -> Desired {
    with(checked(content), |desired| check_with(desired, "orders-target", content))
}

fn subscribed(to: Kind, categories: &[&str]) -> Desired {
    with(orders(), |desired| {
        let source = Ref::Managed(id(desired, to, "orders"));
        subscribe(desired, source, categories);
    })
}

/// A pipeline between an instance and a source of the scope `b`.
fn borrowing() -> Desired {
    with(orders(), |desired| {
        let theirs = |kind, name: &str| Ref::ExternalId(ResourceId::new(kind, name));
        let instance = theirs(Kind::Instance, "b-billing");
        borrow(desired, instance, theirs(Kind::Endpoint, "b-billing-source"));
    })
}

/// Specs that take over the subnet group and the source.
fn importing(from: Option<&str>) -> Desired {
    with(orders(), |desired| {
        for id in imported(desired) {
            let declared = desired.resources.get_mut(&id).expect("made by the specs");
            declared.adopt = Adopt::Always;
            declared.import = Some(Import { from: from.and_then(FormerOwner::parse) });
        }
    })
}

fn imported(desired: &Desired) -> [ResourceId; 2] {
    [id(desired, Kind::SubnetGroup, "orders"), id(desired, Kind::Endpoint, "orders-source")]
}

/// Somebody made the role, the subnet group and the source, the latter with these tags and another port.
fn made(tags: &Tags) -> Vec<Before> {
    let desired = orders();
    let calls = imported(&desired).map(|id| match desired.resources[&id].body.clone() {
        Body::SubnetGroup(declared) => Mutation::CreateSubnetGroup { id, declared, tags: tags.clone() },
        Body::Endpoint(mut declared) => {
            declared.port = Some(3307);
            Mutation::CreateEndpoint { id, declared: Box::new(declared), tags: tags.clone() }
        }
        other => panic!("not to be imported: {other:?}"),
    });
    vec![Before::ByHand(made_by_hand(FixedRole::VPC, true)), Before::ByHand(calls.into())]
}

scenarios! {
    // Certificates.
    making_a_pipeline_with_a_certificate: Scenario::new(Vec::new(), checked(b"old")),
    renewing_a_certificate: from(checked(b"old"), checked(b"new")),
    renewing_a_certificate_of_two_endpoints: from(both_checked(b"old"), both_checked(b"new")),
    renewing_a_certificate_and_changing_the_task: edited_from(checked(b"old"), |desired| {
        *desired = checked(b"new");
        edit_task(desired, "orders", |task| {
            task.settings = json!({"Logging": {"EnableLogging": true}, "TargetMetadata": {"LobMaxSize": 64}});
        });
    }),
    checking_with_a_certificate_from_now_on: from(orders(), checked(b"new")),
    removing_a_pipeline_with_a_certificate: from(checked(b"old"), desired("a", &[])).losing(1),

    // Event subscriptions.
    making_a_pipeline_with_a_subscription: Scenario::new(Vec::new(), subscribed(Kind::Task, &["failure"])),
    changing_a_subscription: from(
        subscribed(Kind::Task, &["failure"]),
        subscribed(Kind::Task, &["failure", "state change"])
    ),
    subscribing_to_other_sources: from(
        subscribed(Kind::Task, &["failure"]),
        subscribed(Kind::Instance, &["low storage"])
    ),
    removing_a_subscription: from(subscribed(Kind::Task, &["failure"]), orders()),
    removing_a_pipeline_with_a_subscription: from(subscribed(Kind::Task, &["failure"]), desired("a", &[])).losing(1),

    // What others keep.
    making_a_pipeline_between_things_of_others: beside_another_scope(None, borrowing()),
    changing_a_pipeline_between_things_of_others: beside_another_scope(Some(borrowing()), with(borrowing(), |desired| {
        edit_task(desired, "orders", |task| {
            task.settings = json!({"Logging": {"EnableLogging": true}, "TargetMetadata": {"LobMaxSize": 64}});
        });
    })),
    removing_a_pipeline_between_things_of_others: beside_another_scope(Some(borrowing()), desired("a", &[])).losing(1),

    // Taking over.
    taking_over_what_somebody_made: Scenario::new(made(&Tags::new()), importing(None)),
    taking_over_what_another_scope_made: Scenario::new(made(&Tags::from([
            (tags::SCOPE.to_owned(), "old".to_owned()),
            (tags::SPEC.to_owned(), "orders".to_owned()),
        ])), importing(Some("scope/old"))),
}
