//! Pipelines between resources that somebody else keeps, which are only read.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use pipewright_model::{Body, Desired, Kind, Ref, ResourceId};
use pipewright_testkit::{Lab, borrow, desired, edit_config, edit_instance, id, outline, serverless};

/// A pipeline of `ours` whose instance and source are those of `theirs-base`, by the given way to name
/// them.
fn borrowing(instance: Ref, source: Ref) -> Desired {
    let mut wanted = desired("ours", &["orders"]);
    borrow(&mut wanted, instance, source);
    wanted
}

fn theirs(kind: Kind, name: &str) -> ResourceId {
    ResourceId::new(kind, name)
}

#[tokio::test]
async fn a_pipeline_runs_between_things_of_others_and_leaves_them_as_they_are() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let base = desired("theirs", &["base"]);
    controller.converge(&base).await;
    let before = controller.observe(&base).await;

    let instance = theirs(Kind::Instance, "theirs-base");
    let source = theirs(Kind::Endpoint, "theirs-base-source");
    let by_arn = Ref::External(before.resources[&source].arn.clone());
    let wanted = borrowing(Ref::ExternalId(instance.clone()), by_arn);
    let outcome = controller.converge(&wanted).await;
    let planned = outline(&outcome.first);
    assert!(planned.contains("test connection/theirs-base/ours-orders-target"), "{planned}");
    assert_eq!(outline(&controller.plan(&wanted).await), "nothing");

    let after = controller.observe(&wanted).await;
    for id in [&instance, &source] {
        assert_eq!(before.resources[id], after.resources[id], "{id}");
    }
    let task = &after.resources[&theirs(Kind::Task, "ours-orders")];
    assert_eq!(task.body.status(), "running");

    // Ours goes, and theirs stays.
    controller.converge(&desired("ours", &[])).await;
    let left = controller.observe(&base).await;
    assert!(!left.resources.contains_key(&theirs(Kind::Task, "ours-orders")));
    assert_eq!(left.resources[&source], before.resources[&source]);
    assert_eq!(outline(&controller.plan(&base).await), "nothing");
}

#[tokio::test]
async fn what_is_not_there_or_does_not_fit_is_blocked_and_nothing_is_made() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    controller.converge(&desired("theirs", &["base"])).await;
    let instance = || Ref::ExternalId(theirs(Kind::Instance, "theirs-base"));
    let endpoint = |name: &str| Ref::ExternalId(theirs(Kind::Endpoint, name));

    let missing = borrowing(instance(), endpoint("gone"));
    let plan = controller.plan(&missing).await;
    assert!(
        outline(&plan).contains(
            "blocked task/ours-orders: refers to endpoint/gone, and there is no such endpoint in account \
             111122223333, us-east-1"
        ),
        "{}",
        outline(&plan)
    );
    assert!(!plan.changes.iter().any(|change| change.key.resource.kind == Kind::Task));

    let wrong_side = borrowing(instance(), endpoint("theirs-base-target"));
    assert!(
        outline(&controller.plan(&wrong_side).await)
            .contains("refers to endpoint/theirs-base-target as its source, and it is a target endpoint"),
    );
    let nobodys = Ref::External("arn:aws:dms:us-east-1:111122223333:rep:NOBODYS".to_owned());
    let no_instance = borrowing(nobodys, endpoint("theirs-base-source"));
    assert!(outline(&controller.plan(&no_instance).await).contains("there is no such instance"));
}

#[tokio::test]
async fn an_instance_can_be_placed_into_a_subnet_group_of_others() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let base = desired("theirs", &["base"]);
    controller.converge(&base).await;
    let group = theirs(Kind::SubnetGroup, "theirs-base");
    let arn = controller.observe(&base).await.resources[&group].arn.clone();
    for reference in [Ref::ExternalId(group.clone()), Ref::External(arn)] {
        let mut wanted = desired("ours", &["orders"]);
        wanted.resources.remove(&id(&wanted, Kind::SubnetGroup, "orders"));
        edit_instance(&mut wanted, "orders", |instance| instance.subnet_group = Some(reference));
        controller.converge(&wanted).await;
        assert_eq!(outline(&controller.plan(&wanted).await), "nothing");
    }
}

#[tokio::test]
async fn a_serverless_replication_can_be_placed_into_a_subnet_group_of_others() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let base = desired("theirs", &["base"]);
    controller.converge(&base).await;
    let group = theirs(Kind::SubnetGroup, "theirs-base");
    let arn = controller.observe(&base).await.resources[&group].arn.clone();
    for reference in [Ref::ExternalId(group.clone()), Ref::External(arn)] {
        let mut wanted = serverless("ours", &["orders"]);
        wanted.resources.remove(&id(&wanted, Kind::SubnetGroup, "orders"));
        edit_config(&mut wanted, "orders", |config| config.compute.subnet_group = Some(reference));
        controller.converge(&wanted).await;
        assert_eq!(outline(&controller.plan(&wanted).await), "nothing");
    }
}

#[tokio::test]
async fn what_specs_refer_to_as_outside_is_not_pruned_even_if_it_is_their_own() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let wanted = desired("ours", &["orders"]);
    controller.converge(&wanted).await;
    // The document of the target goes, and the pipeline names what it made as if it were outside, before
    // there is a task that could hold it.
    let task = id(&wanted, Kind::Task, "orders");
    let mut renamed = desired("ours", &["orders"]);
    let target = id(&wanted, Kind::Endpoint, "orders-target");
    renamed.resources.remove(&target);
    let mut body = renamed.resources.remove(&task).unwrap();
    if let Body::Task(task) = &mut body.body {
        task.target = Ref::ExternalId(target.clone());
    }
    renamed.resources.insert(ResourceId::new(Kind::Task, "ours-renamed"), body);
    let plan = controller.plan(&renamed).await;
    assert!(
        outline(&plan).contains(
            "waiting endpoint/ours-orders-target: no spec declares it, and it is kept: task/ours-renamed refers \
             to it as a resource outside"
        ),
        "{}",
        outline(&plan)
    );
    assert!(plan.changes.iter().all(|change| change.key.resource != target));
}
