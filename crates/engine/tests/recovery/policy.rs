//! How often and when: the same on an instance and on DMS Serverless.

use std::time::Duration;

use pipewright_emulator::Disturbance;
use pipewright_model::Desired;
use pipewright_model::kinds::Recovery;
use pipewright_testkit::{desired, edit_config, edit_task, serverless};

use super::{MINUTE, Watch};

/// Both kinds of compute with this policy.
fn both(recovery: Recovery) -> [Desired; 2] {
    let (mut on_instance, mut on_serverless) = (desired("a", &["orders"]), serverless("a", &["orders"]));
    edit_task(&mut on_instance, "orders", |task| task.recovery = recovery);
    edit_config(&mut on_serverless, "orders", |config| config.recovery = recovery);
    [on_instance, on_serverless]
}

#[tokio::test]
async fn each_attempt_comes_twice_as_long_after_the_failure_until_there_is_none_left() {
    for wanted in both(Recovery { attempts: 4, max_backoff: 5 * MINUTE, ..Recovery::default() }) {
        let watch = Watch::running(wanted).await;
        let mut delays = Vec::new();
        for attempt in 1..=4 {
            watch.fails("Last Error Task error. Stop Reason FATAL_ERROR Error Level FATAL");
            assert_eq!(watch.headline().await, "Reconciling BackingOff");
            delays.push(watch.until_it_runs().await);
            assert_eq!(watch.attempts().await.map(|(attempts, _)| attempts), Some(attempt));
        }
        assert_eq!(delays, [1, 2, 4, 5].map(Duration::from_mins));
        watch.fails("Last Error Task error");
        let starts = watch.starts();
        watch.a_day().await;
        assert_eq!(watch.starts(), starts, "it is not resumed any more");
        assert_eq!(watch.headline().await, "Stalled RecoveryExhausted");
        watch.nothing_was_lost();
    }
}

#[tokio::test]
async fn a_run_that_lasts_begins_the_count_anew() {
    for wanted in both(Recovery { reset_after: 30 * MINUTE, ..Recovery::default() }) {
        let watch = Watch::running(wanted).await;
        for _ in 0..2 {
            watch.fails("Last Error Task error");
            watch.until_it_runs().await;
        }
        let (attempts, last) = watch.attempts().await.unwrap();
        assert_eq!(attempts, 2);
        // Until then nothing is written, and nothing is left to do.
        watch.controller.converge(&watch.wanted).await;
        assert_eq!(watch.attempts().await, Some((2, last)));
        assert_eq!(watch.headline().await, "Ready Running");
        watch.lab.emulator().advance(30 * MINUTE);
        watch.minute().await;
        assert_eq!(watch.attempts().await, None);
        watch.fails("Last Error Task error");
        assert_eq!(watch.until_it_runs().await, MINUTE);
        assert_eq!(watch.attempts().await.map(|(attempts, _)| attempts), Some(1));
        watch.nothing_was_lost();
    }
}

/// A long pause of the loop is no reason to forget that it ran well meanwhile.
#[tokio::test]
async fn a_run_that_lasted_while_nobody_looked_counts() {
    for wanted in both(Recovery { attempts: 1, ..Recovery::default() }) {
        let watch = Watch::running(wanted).await;
        watch.fails("Last Error Task error");
        watch.until_it_runs().await;
        watch.lab.emulator().advance(Duration::from_hours(5));
        watch.fails("Last Error Task error");
        watch.until_it_runs().await;
        watch.nothing_was_lost();
    }
}

#[tokio::test]
async fn what_ran_out_is_left_for_somebody_who_can_give_more() {
    type Fails = fn(&str) -> Disturbance;
    for wanted in both(Recovery::default()) {
        let name = wanted.pipelines["orders"].task.name.clone();
        let rows: [(Fails, &str); 3] = [
            (|task| fails(task, "Last Error Replication task out of memory."), "Stalled LowMemory"),
            (|task| stops(task, "STOPPED_DUE_TO_LOW_MEMORY"), "Stalled LowMemory"),
            (|task| stops(task, "STOPPED_DUE_TO_LOW_DISK"), "Stalled LowStorage"),
        ];
        for (disturbance, expected) in rows {
            let watch = Watch::running(wanted.clone()).await;
            let starts = watch.starts();
            watch.play(disturbance(&name));
            watch.a_day().await;
            assert_eq!(watch.headline().await, expected);
            assert_eq!((watch.starts(), watch.attempts().await), (starts, None));
        }
    }
}

#[tokio::test]
async fn what_dms_stopped_to_start_it_again_is_started_where_it_did_not() {
    for wanted in both(Recovery::default()) {
        let watch = Watch::running(wanted).await;
        for reason in ["RECYCLE_TASK", "RECOVERABLE_ERROR"] {
            watch.play(stops(&watch.id.name, reason));
            watch.until_it_runs().await;
        }
        assert_eq!(watch.attempts().await.map(|(attempts, _)| attempts), Some(2));
        watch.nothing_was_lost();
    }
}

/// What is stopped by hand is what it was before: resumed at once, and not counted.
#[tokio::test]
async fn a_policy_of_no_attempts_leaves_it() {
    for wanted in both(Recovery { attempts: 0, ..Recovery::default() }) {
        let watch = Watch::running(wanted).await;
        let starts = watch.starts();
        watch.fails("Last Error Task error");
        watch.a_day().await;
        assert_eq!(watch.starts(), starts);
        assert!(watch.headline().await.ends_with("Failed"), "{}", watch.headline().await);
    }
}

fn fails(task: &str, reason: &str) -> Disturbance {
    Disturbance::TaskFails { task: task.to_owned(), reason: reason.to_owned() }
}

fn stops(task: &str, stop_reason: &str) -> Disturbance {
    Disturbance::TaskStops { task: task.to_owned(), stop_reason: stop_reason.to_owned() }
}
