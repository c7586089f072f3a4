//! What concerns tasks alone: their instance, their connections, the phases of their load.

use pipewright_emulator::Disturbance;
use pipewright_model::kinds::{MigrationType, Run};
use pipewright_testkit::{Lab, desired, edit_task, outline};
use serde_json::json;

use super::{MINUTE, Watch};

#[tokio::test]
async fn a_full_instance_is_given_room_and_its_task_is_resumed_by_hand() {
    let watch = Watch::running(desired("a", &["orders"])).await;
    watch.play(Disturbance::StorageFull { instance: "a-orders".to_owned() });
    let starts = watch.starts();
    watch.a_day().await;
    assert_eq!(watch.headline().await, "Stalled ResourceFailed");
    assert_eq!(watch.starts(), starts);
    let observed = watch.controller.observe(&watch.wanted).await;
    let instance = observed.resources.iter().find(|(id, _)| id.to_string() == "instance/a-orders").unwrap();
    let grow =
        json!({"ReplicationInstanceArn": instance.1.arn, "AllocatedStorage": 200, "ApplyImmediately": true});
    watch.by_hand("ModifyReplicationInstance", grow);
    watch.lab.emulator().advance(60 * MINUTE);
    assert_eq!(watch.headline().await, "Stalled LowStorage");
    watch.resume_by_hand().await;
    watch.until_it_runs().await;
    watch.nothing_was_lost();
}

/// An endpoint that does not answer is told as such, and uses no attempt up.
#[tokio::test]
async fn connections_that_failed_are_tested_first_and_no_attempt_is_lost_on_them() {
    let watch = Watch::running(desired("a", &["orders"])).await;
    let unreachable = |reason: Option<&str>| Disturbance::EndpointUnreachable {
        endpoint: "a-orders-source".to_owned(),
        reason: reason.map(str::to_owned),
    };
    watch.fails("Last Error lost the connection");
    watch.play(unreachable(Some("no route to host")));
    let observed = watch.controller.observe(&watch.wanted).await;
    let arn =
        |word: &str| observed.resources.iter().find(|(id, _)| id.to_string() == word).unwrap().1.arn.clone();
    watch.by_hand(
        "TestConnection",
        json!({"ReplicationInstanceArn": arn("instance/a-orders"), "EndpointArn": arn("endpoint/a-orders-source")}),
    );
    let starts = watch.starts();
    for _ in 0..6 {
        watch.minute().await;
    }
    assert_eq!((watch.starts(), watch.attempts().await), (starts, None));
    watch.play(unreachable(None));
    watch.until_it_runs().await;
    assert_eq!(watch.attempts().await.map(|(attempts, _)| attempts), Some(1));
    watch.nothing_was_lost();
}

#[tokio::test]
async fn one_that_failed_in_its_full_load_keeps_the_tables_that_were_loaded() {
    let lab = Lab::start().await;
    let wanted = desired("a", &["orders"]);
    lab.controller().await.converge(&wanted).await;
    // The full load takes two minutes.
    lab.emulator().advance(MINUTE);
    let watch = Watch::of(lab, wanted).await;
    watch.fails("Last Error Task error");
    let plan = watch.controller.plan(&watch.wanted).await;
    assert!(outline(&plan).contains("waiting task/a-orders: has failed (fatal error)"), "{}", outline(&plan));
    watch.lab.emulator().advance(MINUTE);
    let plan = watch.controller.plan(&watch.wanted).await;
    assert!(outline(&plan).contains("resume task/a-orders (run) [reloads-target]"), "{}", outline(&plan));
    watch.until_it_runs().await;
    watch.lab.emulator().advance(5 * MINUTE);
    assert_eq!(watch.headline().await, "Ready Running");
}

#[tokio::test]
async fn rows_that_would_come_twice_are_not_loaded_again() {
    let lab = Lab::start().await;
    let mut wanted = desired("a", &["orders"]);
    edit_task(&mut wanted, "orders", |task| {
        task.settings["FullLoadSettings"] = json!({"TargetTablePrepMode": "DO_NOTHING"});
    });
    lab.controller().await.converge(&wanted).await;
    lab.emulator().advance(MINUTE);
    let watch = Watch::of(lab, wanted).await;
    watch.fails("Last Error Task error");
    let starts = watch.starts();
    watch.a_day().await;
    assert_eq!(watch.starts(), starts);
    assert_eq!(watch.headline().await, "Stalled TaskFailed");
}

#[tokio::test]
async fn a_full_load_that_finished_after_a_failure_is_a_success_without_a_trace() {
    let lab = Lab::start().await;
    let mut wanted = desired("a", &["orders"]);
    edit_task(&mut wanted, "orders", |task| task.migration_type = MigrationType::FullLoad);
    lab.controller().await.converge(&wanted).await;
    lab.emulator().advance(MINUTE);
    let watch = Watch::of(lab, wanted).await;
    watch.fails("Last Error Task error");
    for _ in 0..10 {
        watch.minute().await;
    }
    assert_eq!(watch.headline().await, "Ready Finished");
    assert_eq!(watch.attempts().await, None);
    watch.controller.converge(&watch.wanted).await;
}

#[tokio::test]
async fn a_spec_that_wants_it_stopped_wins() {
    let mut watch = Watch::running(desired("a", &["orders"])).await;
    watch.fails("Last Error Task error");
    edit_task(&mut watch.wanted, "orders", |task| task.run = Run::Stopped);
    let starts = watch.starts();
    for _ in 0..10 {
        watch.minute().await;
    }
    assert_eq!((watch.starts(), watch.attempts().await), (starts, None));
}
