//! Changes of an instance that are made at once, and those that wait for its maintenance window.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use pipewright_aws::{AwsRead, AwsWrite};
use pipewright_model::Desired;
use pipewright_plan::status;
use pipewright_testkit::{Controller, Lab, desired, edit_instance, outline, steps};

/// A running pipeline whose instance is to have another class, once its window comes.
async fn start() -> (Lab, Controller<AwsRead, AwsWrite>, Desired) {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let mut wanted = desired("a", &["orders"]);
    edit_instance(&mut wanted, "orders", |instance| {
        instance.preferred_maintenance_window = Some("sun:04:00-sun:04:30".to_owned());
        instance.apply_immediately = false;
    });
    controller.converge(&wanted).await;
    edit_instance(&mut wanted, "orders", |instance| "dms.r6i.large".clone_into(&mut instance.class));
    (lab, controller, wanted)
}

const WAITS: &str = "waiting instance/a-orders: waits for its maintenance window, sun:04:00-sun:04:30: \
                     ReplicationInstanceClass: \"dms.r6i.large\"";

#[tokio::test]
async fn a_change_that_waits_for_its_window_is_asked_for_once_and_told_until_it_is_made() {
    let (lab, controller, wanted) = start().await;
    let plan = controller.plan(&wanted).await;
    assert_eq!(outline(&plan), "update instance/a-orders [reboots-instance]");
    assert_eq!(steps(&plan, "instance/a-orders"), "modify, in the maintenance window");
    controller.converge(&wanted).await;

    lab.emulator().reset_calls();
    controller.converge(&wanted).await;
    assert!(lab.emulator().calls().iter().all(|call| !call.mutating));
    let observed = controller.observe(&wanted).await;
    let plan = controller.plan(&wanted).await;
    assert_eq!(outline(&plan), WAITS);
    let status = status(&wanted, &observed, &plan);
    assert_eq!(status.pipelines[0].headline().reason, "Waiting");

    lab.emulator().advance(Duration::from_hours(7 * 24 + 1));
    assert_eq!(outline(&controller.plan(&wanted).await), "nothing");
}

#[tokio::test]
async fn a_change_that_waits_is_made_at_once_where_the_spec_no_longer_leaves_it_to_the_window() {
    let (_lab, controller, mut wanted) = start().await;
    controller.converge(&wanted).await;
    edit_instance(&mut wanted, "orders", |instance| instance.apply_immediately = true);
    let plan = controller.plan(&wanted).await;
    assert_eq!(steps(&plan, "instance/a-orders"), "modify\nwait until it is available");
    let outcome = controller.converge(&wanted).await;
    assert_eq!(outline(&outcome.remaining), "nothing");
}

#[tokio::test]
async fn another_change_takes_the_place_of_the_one_that_waits() {
    let (lab, controller, mut wanted) = start().await;
    controller.converge(&wanted).await;
    edit_instance(&mut wanted, "orders", |instance| "dms.r6i.xlarge".clone_into(&mut instance.class));
    controller.converge(&wanted).await;
    let told = outline(&controller.plan(&wanted).await);
    assert_eq!(told, WAITS.replace("r6i.large", "r6i.xlarge"));
    lab.emulator().advance(Duration::from_hours(7 * 24 + 1));
    assert_eq!(outline(&controller.plan(&wanted).await), "nothing");
}

#[tokio::test]
async fn what_somebody_else_left_to_the_window_is_told_and_not_waited_for() {
    let (_lab, controller, wanted) = start().await;
    controller.converge(&wanted).await;
    let mut back = wanted;
    edit_instance(&mut back, "orders", |instance| {
        "dms.t3.medium".clone_into(&mut instance.class);
        instance.apply_immediately = true;
    });
    let outcome = controller.converge(&back).await;
    assert_eq!(outline(&outcome.remaining), WAITS);
}
