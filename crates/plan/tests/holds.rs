//! Tasks and serverless replications that a person holds, and those whose running the spec leaves to others.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use insta::assert_snapshot;
use pipewright_model::kinds::Run;
use pipewright_model::{Desired, Kind, LiveBody, Observed, ResourceId, tags};
use pipewright_plan::render::{Style, status_text};
use pipewright_plan::{PlanOptions, plan, status};
use pipewright_testkit::{
    converged, desired, edit_config, edit_endpoint, edit_task, id, outline, serverless,
};
use serde_json::json;

/// Both kinds of what moves data, each in an account that is as specified, with its resource on hold.
fn held() -> [(Desired, Observed, ResourceId); 2] {
    let on_instance = desired("a", &["orders"]);
    let without = serverless("a", &["orders"]);
    [(on_instance, Kind::Task), (without, Kind::ReplicationConfig)].map(|(wanted, kind)| {
        let mut observed = converged(&wanted);
        let id = id(&wanted, kind, "orders");
        tag(&mut observed, &id, tags::HOLD, "audit until Friday - jo");
        (wanted, observed, id)
    })
}

fn tag(observed: &mut Observed, id: &ResourceId, key: &str, value: &str) {
    observed.resources.get_mut(id).unwrap().tags.insert(key.to_owned(), value.to_owned());
}

fn set_status(observed: &mut Observed, id: &ResourceId, status: &str) {
    match &mut observed.resources.get_mut(id).unwrap().body {
        LiveBody::Task(task) => status.clone_into(&mut task.status),
        LiveBody::ReplicationConfig(config) => {
            config.has_run = status != "created";
            status.clone_into(&mut config.status);
        }
        other => panic!("moves no data: {other:?}"),
    }
}

fn set_run(wanted: &mut Desired, id: &ResourceId, run: Run) {
    match id.kind {
        Kind::Task => edit_task(wanted, "orders", |task| task.run = run),
        _ => edit_config(wanted, "orders", |config| config.run = run),
    }
}

fn outline_of(wanted: &Desired, observed: &Observed) -> String {
    outline(&plan(wanted, observed, &PlanOptions::default()))
}

/// `type status reason` of the three conditions.
fn conditions(wanted: &Desired, observed: &Observed) -> String {
    let status = status(wanted, observed, &plan(wanted, observed, &PlanOptions::default()));
    let words = status.pipelines[0].conditions.iter();
    words
        .map(|condition| format!("{:?} {} {}", condition.kind, condition.status, condition.reason))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn what_is_held_is_neither_started_nor_resumed_nor_stopped() {
    let rows = [
        // (status, run, whether it was stopped for a change) → what is told
        ("running", Run::Running, false, "is on hold: "),
        ("running", Run::Stopped, false, "is on hold, and not stopped: "),
        ("stopped", Run::Running, false, "is on hold, and not resumed: "),
        ("stopped", Run::Stopped, false, "is on hold: "),
        ("stopped", Run::Unmanaged, false, "is on hold: "),
        (
            "stopped",
            Run::Running,
            true,
            "is on hold, and not resumed after the change that it was stopped for: ",
        ),
        (
            "stopped",
            Run::Unmanaged,
            true,
            "is on hold, and not resumed after the change that it was stopped for: ",
        ),
        ("created", Run::Running, false, "is on hold, and not started: "),
    ];
    for (status, run, was_paused, told) in rows {
        for (mut wanted, mut observed, id) in held() {
            let status = if id.kind == Kind::Task && status == "created" { "ready" } else { status };
            set_status(&mut observed, &id, status);
            set_run(&mut wanted, &id, run);
            if was_paused {
                tag(&mut observed, &id, tags::PAUSED, "resume-processing");
            }
            let expected = format!("waiting {id}: {told}audit until Friday - jo");
            assert_eq!(outline_of(&wanted, &observed), expected, "{status} {run:?} {was_paused}");
        }
    }
}

#[test]
fn what_aws_has_begun_is_waited_for() {
    for (wanted, mut observed, id) in held() {
        set_status(&mut observed, &id, "stopping");
        let expected = format!(
            "wait {id} (run) [none]\nwaiting {id}: is on hold, and not resumed: audit until Friday - jo"
        );
        assert_eq!(outline_of(&wanted, &observed), expected);
    }
}

#[test]
fn a_change_that_needs_it_stopped_is_made_only_once_it_is() {
    let mut wanted = desired("a", &["orders"]);
    let mut observed = converged(&wanted);
    let task = id(&wanted, Kind::Task, "orders");
    tag(&mut observed, &task, tags::HOLD, "audit");
    edit_endpoint(&mut wanted, "orders-source", |endpoint| endpoint.port = Some(3307));
    edit_task(&mut wanted, "orders", |task| task.settings = json!({"Logging": {"EnableLogging": false}}));
    assert_snapshot!(outline_of(&wanted, &observed), @"
    waiting endpoint/a-orders-source: not changed while task/a-orders runs, which is on hold: audit
    waiting task/a-orders: not changed while task/a-orders runs, which is on hold: audit
    waiting task/a-orders: is on hold: audit
    ");
    set_status(&mut observed, &task, "stopped");
    assert_snapshot!(outline_of(&wanted, &observed), @"
    update endpoint/a-orders-source [in-place]
    update task/a-orders [stops-task]
    waiting task/a-orders: is on hold, and not resumed: audit
    ");
}

#[test]
fn what_is_held_is_not_deleted_and_the_tag_stays() {
    for (wanted, observed, id) in held() {
        let mut without = wanted.clone();
        without.resources.remove(&id);
        let text = outline_of(&without, &observed);
        let kept = format!(
            "waiting {id}: no spec declares it, and it is kept: it is on hold: audit until Friday - jo"
        );
        assert!(text.contains(&kept), "{text}");
        assert!(!text.contains("delete"), "{text}");
    }
}

#[test]
fn the_conditions_of_what_is_held_are_those_of_something_that_nobody_works_on() {
    insta::allow_duplicates! {
    for (mut wanted, mut observed, id) in held() {
        assert_snapshot!(conditions(&wanted, &observed), @"
        Ready true OnHold
        Reconciling false NothingToDo
        Stalled false NothingInTheWay
        ");
        set_status(&mut observed, &id, "stopped");
        assert_snapshot!(conditions(&wanted, &observed), @"
        Ready false Held
        Reconciling false NothingToDo
        Stalled false NothingInTheWay
        ");
        set_run(&mut wanted, &id, Run::Stopped);
        assert_snapshot!(conditions(&wanted, &observed), @"
        Ready true OnHold
        Reconciling false NothingToDo
        Stalled false NothingInTheWay
        ");
    }
    }
}

#[test]
fn the_status_of_what_is_held_names_why() {
    let [(wanted, mut observed, id), _] = held();
    set_status(&mut observed, &id, "stopped");
    let status = status(&wanted, &observed, &plan(&wanted, &observed, &PlanOptions::default()));
    let text = status_text(&status, Style::PLAIN);
    let line = text.lines().find(|line| line.starts_with("orders")).unwrap();
    assert_snapshot!(line, @"orders  NotReady (Held): task/a-orders is on hold, and not resumed: audit until Friday - jo  orders.yaml:1");
}

#[test]
fn a_task_whose_running_is_left_to_others_is_told_as_it_is() {
    let mut wanted = desired("a", &["orders"]);
    let mut observed = converged(&wanted);
    edit_task(&mut wanted, "orders", |task| task.run = Run::Unmanaged);
    let task = id(&wanted, Kind::Task, "orders");
    let told = |observed: &Observed| {
        let status = status(&wanted, observed, &plan(&wanted, observed, &PlanOptions::default()));
        let headline = status.pipelines[0].headline();
        format!("{} {}: {}", headline.status, headline.reason, headline.message)
    };
    assert_snapshot!(told(&observed), @"true Running: the task runs");
    set_status(&mut observed, &task, "ready");
    assert_snapshot!(told(&observed), @"true Unmanaged: the task is ready, and the spec leaves its running to others");
    set_status(&mut observed, &task, "stopped");
    if let LiveBody::Task(task) = &mut observed.resources.get_mut(&task).unwrap().body {
        "Stop Reason RECOVERABLE_ERROR".clone_into(&mut task.stop_reason);
    }
    assert_snapshot!(told(&observed), @"true Unmanaged: the task is stopped (Stop Reason RECOVERABLE_ERROR), and the spec leaves its running to others");
}
