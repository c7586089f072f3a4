//! What the first start of a task or serverless replication waits for.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use insta::assert_snapshot;
use pipewright_model::kinds::{MigrationType, PipelineGate, StartGates, Until};
use pipewright_model::{
    Approval, Body, Desired, Given, Kind, LiveBody, Observed, SpecPlace, Timestamp, tags,
};
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

#[test]
fn a_start_that_needs_an_approval_waits_for_one_and_then_needs_none_any_more() {
    for mut wanted in both(&["orders"]) {
        gate(&mut wanted, "orders", StartGates { approval: true, ..StartGates::default() });
        let mut observed = converged(&wanted);
        observed.at = Timestamp::from_secs(NOON);
        set(&mut observed, &wanted, "orders", ("ready", "", None));
        let mover = wanted.pipelines["orders"].task.clone();
        let plan = plan_of(&wanted, &observed);
        assert_eq!(outline(&plan), format!("waiting {mover}: not started until somebody approves it"));
        let hint = plan.report.waiting[0].hint.clone().unwrap();
        let expected = "run with `--approve start=orders`, or write `approvals: [{allow: start, until: <time>}]` in orders";
        assert_eq!(hint, expected);
        assert!(status(&wanted, &observed, &plan).stalled().is_empty());

        let mut approved = wanted.clone();
        approved.approvals.on_command_line.insert((Approval::Start, Some("orders".to_owned())));
        let plan = plan_of(&approved, &observed);
        assert!(starts(&plan, &wanted, "orders"));
        assert_eq!(plan.approvals.len(), 1, "the plan tells that it rests on it");

        let given = |until| Given {
            approval: Approval::Start,
            until: Timestamp::from_secs(until),
            place: SpecPlace { file: "orders.yaml".to_owned(), line: 9 },
        };
        let mut approved = wanted.clone();
        approved.approvals.in_specs.insert("orders".to_owned(), vec![given(NOON + 1)]);
        assert!(starts(&plan_of(&approved, &observed), &wanted, "orders"));
        approved.approvals.in_specs.insert("orders".to_owned(), vec![given(NOON)]);
        let plan = plan_of(&approved, &observed);
        assert!(!starts(&plan, &wanted, "orders"));
        let hint = plan.report.waiting[0].hint.clone().unwrap();
        assert!(hint.ends_with("(the one at orders.yaml:9 ran out at 2027-01-15T08:00:00Z)"), "{hint}");

        // It has run once, and somebody stopped it.
        set(&mut observed, &wanted, "orders", ("stopped", "Stop Reason NORMAL", None));
        let plan = plan_of(&wanted, &observed);
        assert_eq!(outline(&plan), format!("resume {mover} (run) [none]"));
        assert!(plan.approvals.is_empty());
    }
}

/// An approval opens its own gate only, and is not used up for a plan that starts nothing.
#[test]
fn every_closed_gate_is_told_and_all_must_open() {
    let mut wanted = desired("a", &["billing", "orders"]);
    let date = Some(Timestamp::from_secs(NOON));
    gate(&mut wanted, "orders", StartGates { date, approval: true, ..after("billing", Until::Finished) });
    let mut observed = converged(&wanted);
    observed.at = Timestamp::from_secs(NOON - 1);
    set(&mut observed, &wanted, "orders", ("ready", "", None));
    assert_snapshot!(outline(&plan_of(&wanted, &observed)), @"
    waiting task/a-orders: not started before 2027-01-15T08:00:00Z
    waiting task/a-orders: not started until billing is done: task/a-billing is running
    waiting task/a-orders: not started until somebody approves it
    ");
    wanted.approvals.on_command_line.insert((Approval::Start, None));
    let plan = plan_of(&wanted, &observed);
    assert_snapshot!(outline(&plan), @"
    waiting task/a-orders: not started before 2027-01-15T08:00:00Z
    waiting task/a-orders: not started until billing is done: task/a-billing is running
    ");
    assert!(plan.approvals.is_empty());
}

mod assessment {
    use std::collections::BTreeSet;

    use pipewright_model::kinds::{AssessmentGate, AssessmentRun, Chosen};
    use pipewright_plan::{Change, Mutation, Step};

    use super::*;

    fn gate_of(refuses_warnings: bool) -> AssessmentGate {
        AssessmentGate {
            service_access_role_arn: "arn:aws:iam::111122223333:role/dms-assess".to_owned(),
            result_bucket: "assessments".to_owned(),
            result_folder: None,
            chosen: Chosen::All,
            refuses_warnings,
        }
    }

    fn assessed(gate_of: AssessmentGate) -> Desired {
        let mut wanted = desired("a", &["orders"]);
        gate(
            &mut wanted,
            "orders",
            StartGates { assessment: Some(Box::new(gate_of)), ..StartGates::default() },
        );
        wanted
    }

    fn ready(wanted: &Desired) -> Observed {
        let mut observed = converged(wanted);
        set(&mut observed, wanted, "orders", ("ready", "", None));
        observed
    }

    /// The name under which a task that is ready is assessed.
    fn run_name(wanted: &Desired) -> String {
        let plan = plan_of(wanted, &ready(wanted));
        let [Change { steps, .. }] = plan.changes.as_slice() else { panic!("{}", outline(&plan)) };
        let Step::Call(Mutation::AssessTask { run, .. }) = &steps[0] else { panic!("{steps:?}") };
        run.clone()
    }

    fn with_run(wanted: &Desired, name: &str, status: &str) -> Observed {
        let mut observed = ready(wanted);
        let task_arn = observed.resources[&wanted.pipelines["orders"].task].arn.clone();
        observed.assessments.runs = vec![AssessmentRun {
            arn: "arn:of-the-run".to_owned(),
            task_arn,
            name: name.to_owned(),
            status: status.to_owned(),
            last_failure_message: "target-tables-exist".to_owned(),
        }];
        observed
    }

    #[test]
    fn what_is_made_is_assessed_once_its_connections_are_tested_and_not_started_in_that_plan() {
        let wanted = assessed(gate_of(true));
        let plan = plan_of(&wanted, &Observed::default());
        assert!(!starts(&plan, &wanted, "orders"));
        let task = &wanted.pipelines["orders"].task;
        let key = ChangeKey::new(task, Part::Assessment);
        let assess = plan.changes.iter().find(|change| change.key == key).unwrap();
        let needed: BTreeSet<Kind> = assess.needs.iter().map(|need| need.resource.kind).collect();
        assert!(needed.is_superset(&[Kind::Task, Kind::Connection].into()), "{needed:?}");
    }

    #[test]
    fn every_status_of_a_run_has_its_answer() {
        let rows = [
            ("passed", "start", "start"),
            ("warning", "start", "Stalled AssessmentFailed"),
            ("failed", "Stalled AssessmentFailed", "Stalled AssessmentFailed"),
            ("error-provisioning", "Stalled AssessmentFailed", "Stalled AssessmentFailed"),
            ("error-executing", "Stalled AssessmentFailed", "Stalled AssessmentFailed"),
            ("invalid state", "Stalled AssessmentFailed", "Stalled AssessmentFailed"),
            ("cancelled", "Stalled AssessmentFailed", "Stalled AssessmentFailed"),
            ("starting", "Reconciling Assessing", "Reconciling Assessing"),
            ("provisioning", "Reconciling Assessing", "Reconciling Assessing"),
            ("running", "Reconciling Assessing", "Reconciling Assessing"),
            ("cancelling", "Reconciling Assessing", "Reconciling Assessing"),
            ("deleting", "Reconciling Assessing", "Reconciling Assessing"),
            ("something new", "Reconciling Assessing", "Reconciling Assessing"),
        ];
        for (run, allowed, refused) in rows {
            for (refuses, expected) in [(false, allowed), (true, refused)] {
                let wanted = assessed(gate_of(refuses));
                let observed = with_run(&wanted, &run_name(&wanted), run);
                let plan = plan_of(&wanted, &observed);
                let is = if starts(&plan, &wanted, "orders") {
                    "start".to_owned()
                } else {
                    assert!(plan.changes.is_empty(), "{run}: {}", outline(&plan));
                    let status = status(&wanted, &observed, &plan);
                    let headline = status.pipelines[0].headline();
                    format!("{:?} {}", headline.kind, headline.reason)
                };
                assert_eq!(is, expected, "{run}, warnings refused: {refuses}");
            }
        }
    }

    #[test]
    fn what_did_not_go_well_names_the_run_and_where_to_look() {
        let wanted = assessed(gate_of(false));
        let name = run_name(&wanted);
        let plan = plan_of(&wanted, &with_run(&wanted, &name, "failed"));
        let finding = &plan.report.blocked[0];
        let expected =
            format!("not started: its premigration assessment {name} ended as failed: target-tables-exist");
        assert_eq!(finding.message, expected);
        let hint = finding.hint.as_deref().unwrap();
        assert!(hint.contains("s3://assessments;") && hint.contains("arn:of-the-run"), "{hint}");
    }

    #[test]
    fn another_name_is_another_assessment_and_what_no_result_rests_on_makes_none() {
        let wanted = assessed(gate_of(false));
        let name = run_name(&wanted);
        assert!(name.starts_with("a-orders-"), "{name}");
        let mut others = BTreeSet::from([name.clone()]);
        let mut changed =
            assessed(AssessmentGate { chosen: Chosen::Only(["x".to_owned()].into()), ..gate_of(false) });
        assert!(others.insert(run_name(&changed)));
        changed = assessed(gate_of(false));
        edit_endpoint(&mut changed, "orders-source", |endpoint| endpoint.port = Some(3307));
        assert!(others.insert(run_name(&changed)));
        changed = assessed(gate_of(false));
        pipewright_testkit::edit_task(&mut changed, "orders", |task| {
            task.settings = serde_json::json!({"Logging": {"EnableLogging": false}});
        });
        assert!(others.insert(run_name(&changed)));

        assert_eq!(run_name(&assessed(gate_of(true))), name);
        // A run of another name is as good as none.
        let plan = plan_of(&wanted, &with_run(&wanted, "by-hand", "passed"));
        assert_eq!(outline(&plan), "assess task/a-orders (assessment) [none]");
        // So is one of another task.
        let mut observed = with_run(&wanted, &name, "passed");
        observed.assessments.runs[0].task_arn.push('x');
        assert_eq!(outline(&plan_of(&wanted, &observed)), "assess task/a-orders (assessment) [none]");
    }

    #[test]
    fn a_new_password_is_no_reason_to_assess_again_and_is_not_in_the_name() {
        let named_with = |password: &str| {
            let mut wanted = assessed(gate_of(false));
            edit_endpoint(&mut wanted, "orders-source", |endpoint| {
                endpoint.password = Some(pipewright_model::Secret::new(password));
            });
            run_name(&wanted)
        };
        assert_eq!(named_with("one"), named_with("another"));
    }

    #[test]
    fn the_other_gates_do_not_hold_up_the_assessment_and_it_does_not_open_them() {
        let mut wanted = assessed(gate_of(false));
        pipewright_testkit::edit_task(&mut wanted, "orders", |task| task.start_gates.approval = true);
        assert_eq!(
            outline(&plan_of(&wanted, &ready(&wanted))),
            "assess task/a-orders (assessment) [none]\nwaiting task/a-orders: not started until somebody approves it"
        );
        let observed = with_run(&wanted, &run_name(&wanted), "passed");
        assert_eq!(
            outline(&plan_of(&wanted, &observed)),
            "waiting task/a-orders: not started until somebody approves it"
        );
    }

    #[test]
    fn what_could_not_be_read_starts_nothing_and_assesses_nothing() {
        let wanted = assessed(gate_of(false));
        let mut observed = ready(&wanted);
        observed.assessments.unread = Some("AccessDenied".to_owned());
        let told = "waiting task/a-orders: not started: its assessment runs could not be read: AccessDenied";
        assert_eq!(outline(&plan_of(&wanted, &observed)), told);
        // What has run needs none.
        set(&mut observed, &wanted, "orders", ("stopped", "", None));
        assert_eq!(outline(&plan_of(&wanted, &observed)), "resume task/a-orders (run) [none]");
    }
}
