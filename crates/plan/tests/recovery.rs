//! Migrations that fail by themselves: when they are resumed, how often, and when they are not.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use insta::assert_snapshot;
use pipewright_model::kinds::{Recovery, ReplicationConfigObserved, Run, TableName, TaskObserved};
use pipewright_model::{Body, Desired, Kind, LiveBody, Observed, ResourceId, Timestamp, tags};
use pipewright_plan::{Disruption, Plan, PlanOptions, plan, status};
use pipewright_testkit::{
    converged, desired, edit_config, edit_instance, edit_task, id, outline, serverless, steps,
};
use serde_json::json;

const FATAL: &str = "Stop Reason FATAL_ERROR";

fn plan_of(desired: &Desired, observed: &Observed) -> Plan {
    plan(desired, observed, &PlanOptions::default())
}

/// An account whose only task failed a day ago, once its full load was done.
fn failed(wanted: &Desired, edit: impl FnOnce(&mut TaskObserved)) -> Observed {
    let mut observed = converged(wanted);
    let at = observed.at;
    match &mut observed.resources.get_mut(&task(wanted)).unwrap().body {
        LiveBody::Task(task) => {
            "failed".clone_into(&mut task.status);
            FATAL.clone_into(&mut task.stop_reason);
            "Last Error lost the connection".clone_into(&mut task.last_failure_message);
            task.stopped_at = Some(Timestamp::from_secs(at.as_secs() - 86_400));
            edit(task);
        }
        other => panic!("not a task: {other:?}"),
    }
    observed
}

/// The same on DMS Serverless.
fn failed_serverless(wanted: &Desired, edit: impl FnOnce(&mut ReplicationConfigObserved)) -> Observed {
    let mut observed = converged(wanted);
    match &mut observed.resources.get_mut(&id(wanted, Kind::ReplicationConfig, "orders")).unwrap().body {
        LiveBody::ReplicationConfig(config) => {
            "failed".clone_into(&mut config.status);
            FATAL.clone_into(&mut config.stop_reason);
            edit(config);
        }
        other => panic!("not a replication config: {other:?}"),
    }
    observed
}

fn task(wanted: &Desired) -> ResourceId {
    id(wanted, Kind::Task, "orders")
}

/// Records that it was resumed so many times, the last time so many seconds ago.
fn resumed(observed: &mut Observed, attempts: u32, ago: u64) {
    let mark = format!("{attempts} {}", observed.at.as_secs() - ago);
    let migration = |id: &ResourceId| id.kind.moves_data();
    let (_, live) = observed.resources.iter_mut().find(|(id, _)| migration(id)).unwrap();
    live.tags.insert(tags::RECOVERY.to_owned(), mark);
}

fn stopped_ago(observed: &mut Observed, wanted: &Desired, ago: u64) {
    let at = Timestamp::from_secs(observed.at.as_secs() - ago);
    match &mut observed.resources.get_mut(&task(wanted)).unwrap().body {
        LiveBody::Task(task) => task.stopped_at = Some(at),
        other => panic!("not a task: {other:?}"),
    }
}

/// `type reason` of the only pipeline.
fn headline(wanted: &Desired, observed: &Observed) -> String {
    let status = status(wanted, observed, &plan_of(wanted, observed));
    let headline = status.pipelines[0].headline();
    format!("{:?} {}: {}", headline.kind, headline.reason, headline.message)
}

#[test]
fn a_failed_task_is_resumed_where_it_stopped_and_counted_first() {
    let wanted = desired("a", &["orders"]);
    let observed = failed(&wanted, |_| {});
    let plan = plan_of(&wanted, &observed);
    assert_snapshot!(outline(&plan), @"
    resume task/a-orders (run) [none]
    warning task/a-orders: the task is failed: Last Error lost the connection
    ");
    assert_eq!(plan.changes[0].reason, "fatal error: attempt 1 of 5");
    assert_snapshot!(steps(&plan, "task/a-orders (run)"), @"
    tag pipewright:recovery=1 1800000000
    resume
    wait until it runs
    ");
    assert_snapshot!(headline(&wanted, &observed), @"Reconciling ChangesPending: resume task/a-orders");
}

#[test]
fn one_that_dms_stopped_by_an_error_is_resumed_as_well() {
    let wanted = desired("a", &["orders"]);
    for reason in ["Stop Reason RECOVERABLE_ERROR", "Stop Reason RECYCLE_TASK"] {
        let observed = failed(&wanted, |task| {
            "stopped".clone_into(&mut task.status);
            task.stop_reason = reason.to_owned();
        });
        assert_eq!(outline(&plan_of(&wanted, &observed)), "resume task/a-orders (run) [none]", "{reason}");
    }
}

#[test]
fn it_backs_off_for_twice_as_long_each_time() {
    let wanted = desired("a", &["orders"]);
    // How often it was resumed, the delay after that, in minutes.
    for (attempts, minutes) in [(0, 1), (1, 2), (2, 4), (3, 8), (4, 16)] {
        for (ago, is_due) in [(minutes * 60 - 1, false), (minutes * 60, true)] {
            let mut observed = failed(&wanted, |_| {});
            stopped_ago(&mut observed, &wanted, ago);
            if attempts > 0 {
                resumed(&mut observed, attempts, ago + 30);
            }
            let resumes = !plan_of(&wanted, &observed).is_empty();
            assert_eq!(resumes, is_due, "{ago} s after failure {attempts}");
        }
    }
    let mut observed = failed(&wanted, |_| {});
    resumed(&mut observed, 2, 60);
    stopped_ago(&mut observed, &wanted, 10);
    assert_snapshot!(outline(&plan_of(&wanted, &observed)), @"
    waiting task/a-orders: has failed (fatal error), and is resumed at 2027-01-15T08:03:50Z: attempt 3 of 5
    warning task/a-orders: the task is failed: Last Error lost the connection
    ");
    assert_snapshot!(headline(&wanted, &observed), @"Reconciling BackingOff: task/a-orders has failed (fatal error), and is resumed at 2027-01-15T08:03:50Z: attempt 3 of 5");
}

#[test]
fn attempts_are_used_up_and_that_is_told() {
    let wanted = desired("a", &["orders"]);
    let mut observed = failed(&wanted, |_| {});
    resumed(&mut observed, 5, 1000);
    stopped_ago(&mut observed, &wanted, 900);
    let plan = plan_of(&wanted, &observed);
    assert_snapshot!(outline(&plan), @"
    warning task/a-orders: the task is failed: Last Error lost the connection
    warning task/a-orders: is not resumed any more: it failed again after 5 attempts (fatal error)
    ");
    assert_snapshot!(plan.report.warnings[1].hint.as_deref().unwrap(), @"see why in its log, and cure that, and resume it by hand; once it has run for 60 min, attempts are counted from zero");
    assert_snapshot!(headline(&wanted, &observed), @"Stalled RecoveryExhausted: task/a-orders: the task is failed: Last Error lost the connection; not resumed any more: it failed again after 5 attempts");
}

#[test]
fn a_run_that_lasted_counts_as_a_success() {
    let wanted = desired("a", &["orders"]);
    // It failed an hour after it was resumed, while nobody looked.
    let mut observed = failed(&wanted, |_| {});
    resumed(&mut observed, 5, 2 * 3600);
    stopped_ago(&mut observed, &wanted, 3600);
    assert!(
        steps(&plan_of(&wanted, &observed), "task/a-orders (run)").starts_with("tag pipewright:recovery=1 ")
    );
    // It runs.
    for (ago, expected) in [(3599, "nothing"), (3600, "update task/a-orders (run) [none]")] {
        let mut observed = converged(&wanted);
        resumed(&mut observed, 3, ago);
        assert_eq!(outline(&plan_of(&wanted, &observed)), expected, "{ago}");
    }
    let mut observed = converged(&wanted);
    resumed(&mut observed, 3, 3600);
    assert_eq!(steps(&plan_of(&wanted, &observed), "task/a-orders (run)"), "untag pipewright:recovery");
    // It is done.
    let mut observed = failed(&wanted, |task| {
        "stopped".clone_into(&mut task.status);
        "Stop Reason FULL_LOAD_ONLY_FINISHED".clone_into(&mut task.stop_reason);
    });
    resumed(&mut observed, 3, 60);
    assert_eq!(steps(&plan_of(&wanted, &observed), "task/a-orders (run)"), "untag pipewright:recovery");
}

#[test]
fn what_ran_out_or_is_not_known_is_never_resumed() {
    let wanted = desired("a", &["orders"]);
    let rows = [
        (FATAL, "Last Error Replication task out of memory.", "Stalled LowMemory"),
        (FATAL, "could not extend file: No space left on device", "Stalled LowStorage"),
        ("Stop Reason STOPPED_DUE_TO_LOW_DISK", "", "Stalled LowStorage"),
        ("Stop Reason STOPPED_DUE_TO_LOW_MEMORY", "", "Stalled LowMemory"),
        ("Stop Reason EXPRESS_LICENSE_LIMITS_REACHED", "", "Stalled TaskFailed"),
        ("Stop Reason SOMETHING_NEW", "", "Stalled TaskFailed"),
        ("", "", "Stalled TaskFailed"),
    ];
    for (stop_reason, message, expected) in rows {
        let observed = failed(&wanted, |task| {
            task.stop_reason = stop_reason.to_owned();
            task.last_failure_message = message.to_owned();
        });
        let plan = plan_of(&wanted, &observed);
        assert!(plan.is_empty(), "{stop_reason} {message}:\n{}", outline(&plan));
        assert!(outline(&plan).contains("is not resumed: "), "{}", outline(&plan));
        assert!(headline(&wanted, &observed).starts_with(expected), "{}", headline(&wanted, &observed));
    }
}

/// Never from scratch: what resuming would load again, or cannot go on from.
#[test]
fn what_would_begin_anew_is_not_resumed() {
    let wanted = desired("a", &["orders"]);
    let new = failed(&wanted, |task| task.full_load_progress = Some(0));
    assert_snapshot!(outline(&plan_of(&wanted, &new)), @"
    warning task/a-orders: the task is failed: Last Error lost the connection
    warning task/a-orders: is not resumed: it failed before it had moved anything, so that there is nothing to go on from
    ");
    let keeps_rows = failed(&wanted, |task| {
        task.full_load_progress = Some(40);
        task.settings["FullLoadSettings"] = json!({"TargetTablePrepMode": "DO_NOTHING"});
    });
    assert_snapshot!(outline(&plan_of(&wanted, &keeps_rows)), @"
    warning task/a-orders: the task is failed: Last Error lost the connection
    warning task/a-orders: is not resumed: its full load was not finished, and with `TargetTablePrepMode: DO_NOTHING` the tables that were loaded partly would get their rows twice
    ");
    let loading = failed(&wanted, |task| task.full_load_progress = Some(40));
    let plan = plan_of(&wanted, &loading);
    assert_eq!(plan.changes[0].disruption, Disruption::ReloadsTarget);
    assert!(
        steps(&plan, "task/a-orders (run)").contains("\nresume\n"),
        "{}",
        steps(&plan, "task/a-orders (run)")
    );
    // Change capture goes on from its checkpoint.
    let capture = failed(&wanted, |task| {
        task.migration_type = "cdc".to_owned();
        task.full_load_progress = Some(0);
        task.recovery_checkpoint = Some("checkpoint:V1#27".to_owned());
    });
    assert!(outline(&plan_of(&wanted, &capture)).contains("resume task/a-orders (run) [none]"));
}

#[test]
fn the_spec_has_the_last_word() {
    let mut wanted = desired("a", &["orders"]);
    let observed = failed(&wanted, |_| {});
    for run in [Run::Stopped, Run::Unmanaged] {
        edit_task(&mut wanted, "orders", |task| task.run = run);
        assert_eq!(
            outline(&plan_of(&wanted, &observed)),
            "warning task/a-orders: the task is failed: Last Error lost the connection"
        );
    }
    edit_task(&mut wanted, "orders", |task| {
        task.run = Run::Running;
        task.recovery.attempts = 0;
    });
    assert_snapshot!(outline(&plan_of(&wanted, &observed)), @"
    warning task/a-orders: the task is failed: Last Error lost the connection
    warning task/a-orders: is not resumed: its spec says `recovery: {attempts: 0}`
    ");
    edit_task(&mut wanted, "orders", |task| {
        task.recovery = Recovery { attempts: 1, backoff: Duration::from_hours(25), ..Recovery::default() };
    });
    assert!(outline(&plan_of(&wanted, &observed)).contains("resume"), "the longest delay is an hour");
}

#[test]
fn a_mark_that_cannot_be_read_stops_it() {
    let wanted = desired("a", &["orders"]);
    let mut observed = failed(&wanted, |_| {});
    let tags = &mut observed.resources.get_mut(&task(&wanted)).unwrap().tags;
    tags.insert(tags::RECOVERY.to_owned(), "often".to_owned());
    assert_snapshot!(outline(&plan_of(&wanted, &observed)), @"
    warning task/a-orders: the task is failed: Last Error lost the connection
    warning task/a-orders: is not resumed: its tag pipewright:recovery is `often`, which Pipewright did not write
    ");
}

/// An instance that cannot take it is cured first, and no attempt is used up meanwhile.
#[test]
fn a_broken_instance_comes_first() {
    let wanted = desired("a", &["orders"]);
    for status in ["storage-full", "incompatible-network"] {
        let mut observed = failed(&wanted, |_| {});
        match &mut observed.resources.get_mut(&id(&wanted, Kind::Instance, "orders")).unwrap().body {
            LiveBody::Instance(instance) => instance.status = status.to_owned(),
            other => panic!("not an instance: {other:?}"),
        }
        let plan = plan_of(&wanted, &observed);
        assert!(plan.is_empty(), "{}", outline(&plan));
        assert!(headline(&wanted, &observed).starts_with("Stalled ResourceFailed"));
    }
}

#[test]
fn a_change_that_was_asked_for_is_made_before_it_is_resumed() {
    let mut wanted = desired("a", &["orders"]);
    let observed = failed(&wanted, |_| {});
    edit_instance(&mut wanted, "orders", |instance| instance.multi_az = Some(true));
    let plan = plan_of(&wanted, &observed);
    let resume = plan.changes.iter().find(|change| change.key.to_string() == "task/a-orders (run)").unwrap();
    let needs: Vec<String> = resume.needs.iter().map(ToString::to_string).collect();
    assert_eq!(
        needs,
        ["instance/a-orders", "connection/a-orders/a-orders-source", "connection/a-orders/a-orders-target"]
    );
}

#[test]
fn a_serverless_replication_is_resumed_once_its_full_load_is_done() {
    let mut wanted = serverless("a", &["orders"]);
    let observed = failed_serverless(&wanted, |_| {});
    assert_snapshot!(steps(&plan_of(&wanted, &observed), "replication-config/a-orders (run)"), @"
    tag pipewright:recovery=1 1800000000
    resume
    wait until it runs
    ");
    let loading = failed_serverless(&wanted, |config| config.full_load_progress = Some(40));
    assert_snapshot!(outline(&plan_of(&wanted, &loading)), @"
    warning replication-config/a-orders: the replication is failed: AWS gave no reason
    warning replication-config/a-orders: is not resumed: its full load was not finished, and DMS Serverless cannot resume one
    ");
    let mut observed = failed_serverless(&wanted, |_| {});
    resumed(&mut observed, 2, 200_000);
    edit_config(&mut wanted, "orders", |config| config.recovery.attempts = 2);
    assert!(headline(&wanted, &observed).starts_with("Stalled RecoveryExhausted"));
}

#[test]
fn one_that_was_stopped_on_demand_is_resumed_without_being_counted() {
    let wanted = desired("a", &["orders"]);
    let observed = failed(&wanted, |task| {
        "stopped".clone_into(&mut task.status);
        "Stop Reason NORMAL".clone_into(&mut task.stop_reason);
    });
    assert_eq!(steps(&plan_of(&wanted, &observed), "task/a-orders (run)"), "resume\nwait until it runs");
}

/// Tables in error of the only migration, which runs.
fn with_tables_in_error(wanted: &Desired, names: &[&str]) -> Observed {
    let mut observed = converged(wanted);
    let id = wanted.pipelines["orders"].task.clone();
    match &mut observed.resources.get_mut(&id).unwrap().body {
        LiveBody::Task(task) => task.tables_in_error = i32::try_from(names.len()).unwrap(),
        LiveBody::ReplicationConfig(config) => config.tables_in_error = i32::try_from(names.len()).unwrap(),
        other => panic!("moves nothing: {other:?}"),
    }
    let tables = names.iter().map(|name| TableName { schema: "shop".to_owned(), table: (*name).to_owned() });
    observed.tables_in_error.insert(id, Ok(tables.collect()));
    observed
}

fn reloaded(observed: &mut Observed, attempts: u32, ago: u64) {
    let mark = format!("{attempts} {}", observed.at.as_secs() - ago);
    let (_, live) = observed.resources.iter_mut().find(|(id, _)| id.kind.moves_data()).unwrap();
    live.tags.insert(tags::TABLE_RELOADS.to_owned(), mark);
}

#[test]
fn tables_in_error_are_named_and_stall() {
    let wanted = desired("a", &["orders"]);
    let observed = with_tables_in_error(&wanted, &["orders", "items"]);
    assert_snapshot!(outline(&plan_of(&wanted, &observed)), @"warning task/a-orders: has tables shop.items, shop.orders in error, and not loaded again: its spec does not say `tablesInError: {action: reload}`");
    assert_snapshot!(headline(&wanted, &observed), @"Stalled TablesInError: task/a-orders has tables shop.items, shop.orders in error, and not loaded again: its spec does not say `tablesInError: {action: reload}`");
    // A load that is done with some of its tables is no success.
    let mut done = observed.clone();
    match &mut done.resources.get_mut(&task(&wanted)).unwrap().body {
        LiveBody::Task(task) => {
            "stopped".clone_into(&mut task.status);
            "Stop Reason FULL_LOAD_ONLY_FINISHED".clone_into(&mut task.stop_reason);
        }
        other => panic!("not a task: {other:?}"),
    }
    assert!(headline(&wanted, &done).starts_with("Stalled TablesInError"), "{}", headline(&wanted, &done));
    // Names that could not be read are no reason to be silent.
    let mut unread = observed;
    unread.tables_in_error.insert(task(&wanted), Err("AccessDenied".to_owned()));
    assert_snapshot!(headline(&wanted, &unread), @"Reconciling Unknown: task/a-orders has tables in error, which could not be read: AccessDenied");
}

#[test]
fn tables_in_error_are_loaded_again_where_the_spec_says_so() {
    for mut wanted in [desired("a", &["orders"]), serverless("a", &["orders"])] {
        let id = wanted.pipelines["orders"].task.clone();
        match wanted.resources.get_mut(&id).map(|declared| &mut declared.body) {
            Some(Body::Task(task)) => task.table_reloads = 3,
            Some(Body::ReplicationConfig(config)) => config.table_reloads = 3,
            other => panic!("moves nothing: {other:?}"),
        }
        let observed = with_tables_in_error(&wanted, &["orders"]);
        let plan = plan_of(&wanted, &observed);
        assert_eq!(outline(&plan), format!("reload {id} (run) [reloads-target]"));
        assert_eq!(
            steps(&plan, &format!("{id} (run)")),
            "tag pipewright:table-reloads=1 1800000000\nreload shop.orders"
        );
        // How often it was done and how long ago → whether it is done again.
        for (attempts, ago, expected) in [
            (1, 119, "Reconciling ReloadingTables"),
            (1, 120, "Reconciling ChangesPending"),
            (2, 239, "Reconciling ReloadingTables"),
            (2, 240, "Reconciling ChangesPending"),
            (3, 9999, "Stalled TablesInError"),
        ] {
            let mut observed = observed.clone();
            reloaded(&mut observed, attempts, ago);
            let headline = headline(&wanted, &observed);
            assert!(headline.starts_with(expected), "{attempts}, {ago}: {headline}");
        }
        // Well again for long enough, or not yet.
        for (ago, expected) in [(3599, "nothing".to_owned()), (3600, format!("update {id} (run) [none]"))] {
            let mut well = converged(&wanted);
            reloaded(&mut well, 3, ago);
            assert_eq!(outline(&plan_of(&wanted, &well)), expected, "{ago}");
        }
    }
}

#[test]
fn tables_whose_rows_would_come_twice_are_not_loaded_again() {
    let mut wanted = desired("a", &["orders"]);
    edit_task(&mut wanted, "orders", |task| task.table_reloads = 3);
    let edits: [fn(&mut TaskObserved); 2] = [
        |task| task.settings["FullLoadSettings"] = json!({"TargetTablePrepMode": "DO_NOTHING"}),
        |task| task.status = "stopped".to_owned(),
    ];
    for edit in edits {
        let mut observed = with_tables_in_error(&wanted, &["orders"]);
        match &mut observed.resources.get_mut(&task(&wanted)).unwrap().body {
            LiveBody::Task(task) => edit(task),
            other => panic!("not a task: {other:?}"),
        }
        let plan = plan_of(&wanted, &observed);
        assert!(!outline(&plan).contains("reload "), "{}", outline(&plan));
    }
}
