//! Tables that DMS gives up while the others go on.

use pipewright_emulator::{Disturbance, Effect, Fault};
use pipewright_model::{Body, Desired, tags};
use pipewright_testkit::{desired, serverless};

use super::{MINUTE, Watch};

/// Both kinds of compute, tables in error loaded again so many times.
fn both(reloads: u32) -> [Desired; 2] {
    [desired("a", &["orders"]), serverless("a", &["orders"])].map(|mut wanted| {
        let task = wanted.pipelines["orders"].task.clone();
        match wanted.resources.get_mut(&task).map(|declared| &mut declared.body) {
            Some(Body::Task(task)) => task.table_reloads = reloads,
            Some(Body::ReplicationConfig(config)) => config.table_reloads = reloads,
            other => panic!("moves nothing: {other:?}"),
        }
        wanted
    })
}

fn gives_up(watch: &Watch) {
    let disturbance =
        Disturbance::TableErrors { task: watch.id.name.clone(), table: "shop.table_1".to_owned() };
    watch.play(disturbance);
}

/// How often tables were loaded again.
fn reloads(watch: &Watch) -> usize {
    let calls = watch.lab.emulator().calls().into_iter().filter(|call| call.error.is_none());
    calls.filter(|call| matches!(call.operation.as_str(), "ReloadTables" | "ReloadReplicationTables")).count()
}

#[tokio::test]
async fn they_are_reported_and_left_where_the_spec_does_not_say_more() {
    for wanted in both(0) {
        let watch = Watch::running(wanted).await;
        assert_eq!(watch.headline().await, "Ready Running");
        gives_up(&watch);
        watch.a_day().await;
        assert_eq!(watch.headline().await, "Stalled TablesInError");
        assert_eq!(reloads(&watch), 0);
        let plan = watch.controller.plan(&watch.wanted).await;
        assert!(plan.report.warnings[0].message.contains("shop.table_1"), "{:?}", plan.report.warnings);
    }
}

#[tokio::test]
async fn they_are_loaded_again_as_often_as_the_spec_allows_and_the_others_go_on() {
    for wanted in both(2) {
        let watch = Watch::running(wanted).await;
        gives_up(&watch);
        watch.minute().await;
        assert_eq!((reloads(&watch), watch.headline().await), (1, "Ready Running".to_owned()));
        gives_up(&watch);
        assert_eq!(watch.headline().await, "Reconciling ReloadingTables");
        watch.minute().await;
        watch.minute().await;
        watch.minute().await;
        assert_eq!((reloads(&watch), watch.headline().await), (2, "Ready Running".to_owned()));
        gives_up(&watch);
        watch.a_day().await;
        assert_eq!((reloads(&watch), watch.headline().await), (2, "Stalled TablesInError".to_owned()));
        assert_eq!(watch.starts(), 1, "it is never stopped for that");
    }
}

#[tokio::test]
async fn what_is_well_again_is_counted_from_zero() {
    for wanted in both(1) {
        let watch = Watch::running(wanted).await;
        for _ in 0..2 {
            gives_up(&watch);
            watch.minute().await;
            assert_eq!(watch.headline().await, "Ready Running");
            watch.lab.emulator().advance(60 * MINUTE);
            watch.minute().await;
        }
        assert_eq!(reloads(&watch), 2);
        let observed = watch.controller.observe(&watch.wanted).await;
        assert!(!observed.resources[&watch.id].tags.contains_key(tags::TABLE_RELOADS));
    }
}

/// A controller that dies before or after the call has used an attempt up.
#[tokio::test]
async fn an_attempt_that_was_cut_short_counts() {
    for wanted in both(2) {
        let ready = Watch::running(wanted.clone()).await;
        gives_up(&ready);
        for (operation, effect) in [
            ("AddTagsToResource", Effect::HoldBefore),
            ("AddTagsToResource", Effect::HoldAfter),
            ("Reload", Effect::HoldBefore),
            ("Reload", Effect::HoldAfter),
        ] {
            let watch = Watch::of(ready.lab.fork().await, wanted.clone()).await;
            let is_task = watch.id.to_string().starts_with("task/");
            let operation = match (operation, is_task) {
                ("Reload", true) => "ReloadTables",
                ("Reload", false) => "ReloadReplicationTables",
                (operation, _) => operation,
            };
            watch.lab.emulator().reset_calls();
            watch.lab.emulator().inject(Fault { operation: Some(operation.to_owned()), nth: 1, effect });
            let held = watch.lab.emulator().held();
            let doomed = watch.lab.controller().await;
            tokio::select! {
                () = held => {}
                _ = Box::pin(doomed.pass(&wanted)) => panic!("{operation} was not called"),
            }
            watch.lab.emulator().clear_faults();
            for _ in 0..4 {
                watch.minute().await;
            }
            assert_eq!(reloads(&watch), 1, "{operation} ({effect:?})");
            assert_eq!(watch.headline().await, "Ready Running", "{operation} ({effect:?})");
        }
    }
}
