//! What the first start of a task or serverless replication waits for.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use insta::assert_snapshot;
use pipewright_model::kinds::{MigrationType, PipelineGate, StartGates, Until};
use pipewright_model::{Body, Desired, Kind, LiveBody, Observed, Timestamp, tags};
use pipewright_plan::{ChangeKey, Part, Plan, PlanOptions, plan, status};
use pipewright_testkit::{converged, desired, edit_endpoint, id, outline, serverless};

fn plan_of(wanted: &Desired, observed: &Observed) -> Plan {
    plan(wanted, observed, &PlanOptions::default())
}

/// Both kinds of what moves data.
fn both(pipelines: &[&str]) -> [Desired; 2] {
    [desired("a", pipelines), serverless("a", pipelines)]
}

fn gate(wanted: &mut Desired, pipeline: &str, gates: StartGates) {
    let mover = wanted.pipelines[pipeline].task.clone();
    match &mut wanted.resources.get_mut(&mover).unwrap().body {
        Body::Task(task) => task.start_gates = gates,
        Body::ReplicationConfig(config) => config.start_gates = gates,
        other => panic!("moves no data: {other:?}"),
    }
}

fn after(name: &str, until: Until) -> StartGates {
    let pipelines = vec![PipelineGate { name: name.to_owned(), until }];
    StartGates { pipelines, ..StartGates::default() }
}

/// Sets status, stop reason and progress of what moves the data of a pipeline.
fn set(observed: &mut Observed, wanted: &Desired, pipeline: &str, to: (&str, &str, Option<i32>)) {
    let (status, stop_reason, progress) = to;
    match &mut observed.resources.get_mut(&wanted.pipelines[pipeline].task).unwrap().body {
        LiveBody::Task(task) => {
            status.clone_into(&mut task.status);
            stop_reason.clone_into(&mut task.stop_reason);
            task.full_load_progress = progress;
        }
        LiveBody::ReplicationConfig(config) => {
            config.has_run = status != "ready";
            status.clone_into(&mut config.status);
            stop_reason.clone_into(&mut config.stop_reason);
            config.full_load_progress = progress;
        }
        other => panic!("moves no data: {other:?}"),
    }
}

/// Whether the plan starts what moves the data of a pipeline.
fn starts(plan: &Plan, wanted: &Desired, pipeline: &str) -> bool {
    let run = ChangeKey::new(&wanted.pipelines[pipeline].task, Part::Run);
    plan.changes.iter().any(|change| change.key == run)
}

const NOON: u64 = 1_800_000_000;

#[test]
fn a_date_holds_up_the_first_start_and_nothing_else() {
    for mut wanted in both(&["orders"]) {
        let date = Some(Timestamp::from_secs(NOON));
        gate(&mut wanted, "orders", StartGates { date, ..StartGates::default() });
        let mover = wanted.pipelines["orders"].task.clone();
        let told = format!("waiting {mover}: not started before 2027-01-15T08:00:00Z");

        // Everything is made all the same.
        let before = Observed { at: Timestamp::from_secs(NOON - 1), ..Observed::default() };
        let early = plan_of(&wanted, &before);
        assert!(outline(&early).ends_with(&told), "{}", outline(&early));
        assert!(early.changes.iter().any(|change| change.key == ChangeKey::main(&mover)));
        assert!(!starts(&early, &wanted, "orders"));
        let on_time = Observed { at: Timestamp::from_secs(NOON), ..Observed::default() };
        assert!(starts(&plan_of(&wanted, &on_time), &wanted, "orders"));

        let mut observed = converged(&wanted);
        observed.at = Timestamp::from_secs(NOON - 1);
        set(&mut observed, &wanted, "orders", ("ready", "", None));
        assert_eq!(outline(&plan_of(&wanted, &observed)), told);
        // What has run is resumed without looking at the date.
        set(&mut observed, &wanted, "orders", ("stopped", "", None));
        assert_eq!(outline(&plan_of(&wanted, &observed)), format!("resume {mover} (run) [none]"));
        observed
            .resources
            .get_mut(&mover)
            .unwrap()
            .tags
            .insert(tags::PAUSED.into(), "resume-processing".into());
        assert_eq!(outline(&plan_of(&wanted, &observed)), format!("resume {mover} (run) [none]"));
    }
}

#[test]
fn a_change_that_stops_what_runs_is_not_held_up_by_a_gate() {
    for mut wanted in both(&["orders"]) {
        let date = Some(Timestamp::from_secs(NOON));
        gate(&mut wanted, "orders", StartGates { date, ..StartGates::default() });
        let mut observed = converged(&wanted);
        observed.at = Timestamp::from_secs(NOON - 1);
        edit_endpoint(&mut wanted, "orders-source", |endpoint| endpoint.port = Some(3307));
        assert!(starts(&plan_of(&wanted, &observed), &wanted, "orders"));
    }
}

#[test]
fn another_pipeline_holds_up_the_first_start_until_it_has_come_so_far() {
    let finished = "Stop Reason FULL_LOAD_ONLY_FINISHED";
    let rows = [
        // (status, stop reason, full load) → whether a start waits for it, until it is running, loaded, finished
        (("ready", "", None), [true, true, true]),
        (("running", "", Some(40)), [false, true, true]),
        (("running", "", Some(100)), [false, false, true]),
        (("stopping", "", Some(40)), [true, true, true]),
        (("stopped", "Stop Reason NORMAL", Some(40)), [true, true, true]),
        (("stopped", "Stop Reason NORMAL", Some(100)), [true, false, true]),
        (("stopped", finished, Some(100)), [false, false, false]),
        (("failed", "", Some(40)), [true, true, true]),
    ];
    for (billing, waits) in rows {
        for (until, waits) in [Until::Running, Until::Loaded, Until::Finished].into_iter().zip(waits) {
            for mut wanted in both(&["billing", "orders"]) {
                gate(&mut wanted, "orders", after("billing", until));
                let mut observed = converged(&wanted);
                set(&mut observed, &wanted, "billing", billing);
                set(&mut observed, &wanted, "orders", ("ready", "", None));
                let plan = plan_of(&wanted, &observed);
                let text = outline(&plan);
                // What this plan starts, or sees starting, opens the gate once it runs.
                let goes_up = starts(&plan, &wanted, "billing") && billing.0 != "stopping";
                let opens = !waits || until == Until::Running && goes_up;
                assert_eq!(starts(&plan, &wanted, "orders"), opens, "{billing:?} {until:?}:\n{text}");
                let told = text.contains("not started until billing");
                assert_eq!(told, !opens, "{billing:?} {until:?}:\n{text}");
            }
        }
    }
}

#[test]
fn what_only_follows_changes_has_loaded_once_it_runs() {
    let mut wanted = desired("a", &["billing", "orders"]);
    pipewright_testkit::edit_task(&mut wanted, "billing", |task| task.migration_type = MigrationType::Cdc);
    gate(&mut wanted, "orders", after("billing", Until::Loaded));
    let mut observed = converged(&wanted);
    set(&mut observed, &wanted, "orders", ("ready", "", None));
    set(&mut observed, &wanted, "billing", ("running", "", None));
    assert_snapshot!(outline(&plan_of(&wanted, &observed)), @"start task/a-orders (run) [none]");
    set(&mut observed, &wanted, "billing", ("starting", "", None));
    assert_snapshot!(outline(&plan_of(&wanted, &observed)), @"
    wait task/a-billing (run) [none]
    waiting task/a-orders: not started until billing has loaded: task/a-billing is starting
    ");
}

/// The names are in the order that is wrong for the starts.
#[test]
fn pipelines_start_one_after_the_other_in_one_plan() {
    let mut wanted = desired("a", &["alpha", "beta", "gamma"]);
    gate(&mut wanted, "alpha", after("beta", Until::Running));
    gate(&mut wanted, "beta", after("gamma", Until::Running));
    let plan = plan_of(&wanted, &Observed::default());
    let run = |name| ChangeKey::new(&id(&wanted, Kind::Task, name), Part::Run);
    let needs = |name| &plan.changes.iter().find(|change| change.key == run(name)).unwrap().needs;
    assert!(needs("alpha").contains(&run("beta")));
    assert!(needs("beta").contains(&run("gamma")));
    assert!(plan.report.waiting.is_empty());
}

#[test]
fn a_gate_before_a_gate_keeps_both_closed() {
    let mut wanted = desired("a", &["alpha", "beta"]);
    gate(&mut wanted, "alpha", after("beta", Until::Running));
    let date = Some(Timestamp::from_secs(NOON));
    gate(&mut wanted, "beta", StartGates { date, ..StartGates::default() });
    let mut observed = converged(&wanted);
    observed.at = Timestamp::from_secs(NOON - 1);
    for name in ["alpha", "beta"] {
        set(&mut observed, &wanted, name, ("ready", "", None));
    }
    assert_snapshot!(outline(&plan_of(&wanted, &observed)), @"
    waiting task/a-beta: not started before 2027-01-15T08:00:00Z
    waiting task/a-alpha: not started until beta runs: task/a-beta is ready
    ");
}

#[test]
fn a_closed_gate_is_something_that_reconciles() {
    for mut wanted in both(&["billing", "orders"]) {
        let date = Some(Timestamp::from_secs(NOON));
        gate(&mut wanted, "orders", StartGates { date, ..after("billing", Until::Finished) });
        let mut observed = converged(&wanted);
        observed.at = Timestamp::from_secs(NOON - 1);
        set(&mut observed, &wanted, "orders", ("ready", "", None));
        let told = |observed: &Observed| {
            let status = status(&wanted, observed, &plan_of(&wanted, observed));
            let headline = status.pipelines[1].headline();
            format!("{:?} {} {}: {}", headline.kind, headline.status, headline.reason, headline.message)
        };
        let mover = &wanted.pipelines["orders"].task;
        let expected =
            format!("Reconciling true WaitingForDate: {mover} not started before 2027-01-15T08:00:00Z");
        assert_eq!(told(&observed), expected);
        observed.at = Timestamp::from_secs(NOON);
        let other = &wanted.pipelines["billing"].task;
        let expected = format!(
            "Reconciling true WaitingForPipeline: {mover} not started until billing is done: {other} is running"
        );
        assert_eq!(told(&observed), expected);
    }
}

/// Of a part of the specs, nothing else is started.
#[test]
fn a_partial_view_does_not_start_what_is_waited_for() {
    let mut wanted = desired("a", &["billing", "orders"]);
    gate(&mut wanted, "orders", after("billing", Until::Running));
    let mut observed = converged(&wanted);
    for name in ["billing", "orders"] {
        set(&mut observed, &wanted, name, ("ready", "", None));
    }
    wanted.only = Some(["orders".to_owned()].into());
    assert_snapshot!(outline(&plan_of(&wanted, &observed)), @"waiting task/a-orders: not started until billing runs: task/a-billing is ready");
    set(&mut observed, &wanted, "billing", ("running", "", None));
    assert_snapshot!(outline(&plan_of(&wanted, &observed)), @"start task/a-orders (run) [none]");
}
