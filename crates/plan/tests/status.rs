//! The conditions of pipelines in every situation that tells them apart.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use pipewright_model::kinds::TaskObserved;
use pipewright_model::{Desired, Kind, LiveBody, Observed, Secret, tags};
use pipewright_plan::render::{Style, status_text};
use pipewright_plan::{PlanOptions, Reason, Status, plan, status};
use pipewright_testkit::{converged, desired, edit_endpoint, edit_instance, edit_task, id};

fn status_of(desired: &Desired, observed: &Observed) -> Status {
    status(desired, observed, &plan(desired, observed, &PlanOptions::default()))
}

/// `type reason: message` of the first pipeline's headline.
fn headline(status: &Status) -> String {
    let condition = status.pipelines[0].headline();
    format!("{:?} {} {}: {}", condition.kind, condition.status, condition.reason, condition.message)
}

fn with_task(edit: impl FnOnce(&mut TaskObserved)) -> String {
    let desired = desired("a", &["orders"]);
    let mut observed = converged(&desired);
    match &mut observed.resources.get_mut(&id(&desired, Kind::Task, "orders")).unwrap().body {
        LiveBody::Task(task) => edit(task),
        other => panic!("not a task: {other:?}"),
    }
    headline(&status_of(&desired, &observed))
}

#[test]
fn ready_when_it_runs_or_is_done() {
    insta::assert_snapshot!(with_task(|_| {}), @"Ready true Running: the task runs");
    insta::assert_snapshot!(with_task(|task| {
        task.status = "stopped".to_owned();
        task.stop_reason = "Stop Reason FULL_LOAD_ONLY_FINISHED".to_owned();
    }), @"Ready true Finished: the task is done: Stop Reason FULL_LOAD_ONLY_FINISHED");
}

#[test]
fn stalled_when_its_task_failed_or_stopped_for_a_reason() {
    insta::assert_snapshot!(with_task(|task| {
        task.status = "failed".to_owned();
        task.last_failure_message = "Last Error Task error".to_owned();
    }), @"Stalled true TaskFailed: task/a-orders: the task is failed: Last Error Task error; not resumed: unknown cause");
    insta::assert_snapshot!(with_task(|task| {
        task.status = "stopped".to_owned();
        task.stop_reason = "Stop Reason STOPPED_AFTER_DDL_APPLY".to_owned();
    }), @"Stalled true TaskStopped: task/a-orders has stopped: Stop Reason STOPPED_AFTER_DDL_APPLY; not resumed: stopped after a change of structure");
}

#[test]
fn reconciling_while_something_is_to_be_done() {
    insta::assert_snapshot!(with_task(|task| task.status = "starting".to_owned()), @"Reconciling true Waiting: task/a-orders is starting");
    let mut desired = desired("a", &["orders"]);
    let observed = converged(&desired);
    insta::assert_snapshot!(headline(&status_of(&desired, &Observed::default())), @"Reconciling true ChangesPending: create subnet-group/a-orders and 7 more");
    edit_instance(&mut desired, "orders", |instance| instance.multi_az = Some(true));
    insta::assert_snapshot!(headline(&status_of(&desired, &observed)), @"Reconciling true ChangesPending: update instance/a-orders");
}

#[test]
fn a_conflict_stalls_only_whom_it_concerns() {
    let desired = desired("a", &["billing", "orders"]);
    let mut observed = converged(&desired);
    let endpoint = id(&desired, Kind::Endpoint, "billing-source");
    observed.resources.get_mut(&endpoint).unwrap().tags.insert(tags::SCOPE.to_owned(), "b".to_owned());
    let status = status_of(&desired, &observed);
    insta::assert_snapshot!(headline(&status), @"Stalled true OwnershipConflict: endpoint/a-billing-source exists and is owned by scope b");
    assert_eq!(status.stalled().into_iter().collect::<Vec<_>>(), ["billing"]);
    assert!(status.pipelines[1].conditions[0].status);
    assert!(!status.is_ready());
}

#[test]
fn what_could_not_be_read_is_unknown_and_not_absent() {
    let desired = desired("a", &["orders"]);
    let mut observed = converged(&desired);
    observed.resources.retain(|id, _| id.kind != Kind::Instance);
    observed.unread.insert(Kind::Instance, "dms:DescribeReplicationInstances: AccessDenied".to_owned());
    let status = status_of(&desired, &observed);
    insta::assert_snapshot!(headline(&status), @"Reconciling true Unknown: instances could not be read: dms:DescribeReplicationInstances: AccessDenied");
    let instance = status.pipelines[0].resources.iter().find(|of| of.id.kind == Kind::Instance).unwrap();
    assert_eq!((instance.status.as_str(), instance.ownership.as_str()), ("unknown", "unreadable"));
}

#[test]
fn a_suspended_pipeline_says_so() {
    let mut desired = desired("a", &["orders"]);
    let observed = converged(&desired);
    desired.pipelines.get_mut("orders").unwrap().suspended = true;
    for declared in desired.resources.values_mut() {
        declared.suspended = true;
    }
    insta::assert_snapshot!(headline(&status_of(&desired, &observed)), @"Ready true Suspended: the spec says `suspend: true`; nothing is changed");
}

#[test]
fn what_no_spec_declares_any_more_is_named() {
    let both = desired("a", &["billing", "orders"]);
    let status = status_of(&desired("a", &["orders"]), &converged(&both));
    let names: Vec<String> = status.undeclared.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(names.join("\n"), @"
    subnet-group/a-billing
    instance/a-billing
    endpoint/a-billing-source
    endpoint/a-billing-target
    task/a-billing
    ");
}

#[test]
fn status_as_text() {
    let desired = desired("a", &["billing", "orders"]);
    let mut observed = converged(&desired);
    let endpoint = id(&desired, Kind::Endpoint, "billing-source");
    observed.resources.get_mut(&endpoint).unwrap().tags.insert(tags::SCOPE.to_owned(), "b".to_owned());
    insta::assert_snapshot!(status_text(&status_of(&desired, &observed), Style::PLAIN), @"
    Environment test (account 111122223333, us-east-1), scope a

    billing  Stalled (OwnershipConflict): endpoint/a-billing-source exists and is owned by scope b  billing.yaml:1
      subnet-group/a-billing                 Complete                  owned
      instance/a-billing                     available                 owned
      endpoint/a-billing-source              active                    owned by scope b
      endpoint/a-billing-target              active                    owned
      connection/a-billing/a-billing-source  successful                owned
      connection/a-billing/a-billing-target  successful                owned
      task/a-billing                         running, full load 100 %  owned

    orders   Ready (Running): the task runs  orders.yaml:1
      subnet-group/a-orders                Complete                  owned
      instance/a-orders                    available                 owned
      endpoint/a-orders-source             active                    owned
      endpoint/a-orders-target             active                    owned
      connection/a-orders/a-orders-source  successful                owned
      connection/a-orders/a-orders-target  successful                owned
      task/a-orders                        running, full load 100 %  owned

    Shared roles
      role/dms-cloudwatch-logs-role: owned by a (billing, orders) [created]
      role/dms-vpc-role: owned by a (billing, orders) [created]
    ");
}

/// What a reason means and what to do is in the documentation, of every one.
#[test]
fn every_reason_is_documented_once() {
    let page = include_str!("../../../docs/operations.md");
    for reason in Reason::ALL {
        let row = format!("\n| `{reason}` | ");
        assert_eq!(page.matches(&row).count(), 1, "docs/operations.md has no row, or several, for {reason}");
    }
}

/// kstatus: at most one of the three is true; every condition says which specs it is about.
#[test]
fn a_condition_says_which_specs_it_is_about() {
    let wanted = desired("a", &["billing", "orders"]);
    let status = status_of(&wanted, &converged(&wanted));
    for pipeline in &status.pipelines {
        assert_eq!(pipeline.conditions.iter().filter(|condition| condition.status).count(), 1);
        for condition in &pipeline.conditions {
            assert_eq!(condition.observed_generation, pipeline.generation);
        }
    }
    assert_ne!(status.pipelines[0].generation, status.pipelines[1].generation);
}

#[test]
fn the_generation_is_that_of_what_the_specs_declare() {
    let of = |desired: &Desired| status_of(desired, &Observed::default()).pipelines[0].generation.clone();
    let mut wanted = desired("a", &["orders"]);
    edit_endpoint(&mut wanted, "orders-source", |endpoint| {
        endpoint.password = Some(Secret::new("old"));
    });
    let before = of(&wanted);
    assert_eq!(before.len(), 12);
    // Neither what AWS says, nor where the spec lies, nor another pipeline, nor a secret.
    assert_eq!(status_of(&wanted, &converged(&wanted)).pipelines[0].generation, before);
    let mut same = wanted.clone();
    for declared in same.resources.values_mut() {
        declared.place.line += 7;
    }
    edit_endpoint(&mut same, "orders-source", |endpoint| endpoint.password = Some(Secret::new("new")));
    assert_eq!(of(&same), before);
    let with_another = desired("a", &["orders", "shop"]);
    let alone = desired("a", &["orders"]);
    assert_eq!(of(&with_another), of(&alone));
    // What is asked for, of the task and of what it uses.
    let edits: [fn(&mut Desired); 3] = [
        |desired| edit_task(desired, "orders", |task| task.recovery.attempts = 9),
        |desired| edit_endpoint(desired, "orders-target", |endpoint| endpoint.port = Some(1)),
        |desired| desired.pipelines.get_mut("orders").unwrap().suspended = true,
    ];
    for edit in edits {
        let mut other = wanted.clone();
        edit(&mut other);
        assert_ne!(of(&other), before);
    }
}
