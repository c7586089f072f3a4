//! Premigration assessments before a first start.

use std::time::Duration;

use pipewright_emulator::{Disturbance, Effect, Fault, Interruption, Script};
use pipewright_engine::CloudRead as _;
use pipewright_model::Desired;
use pipewright_model::kinds::{AssessmentGate, Chosen, Run, StartGates};
use pipewright_plan::status;
use pipewright_testkit::{Lab, desired, edit_task, outline};
use serde_json::{Value, json};

use super::laboratory::{Ours, by_hand, mover, status_of, stop};

const ASSESS: &str = "StartReplicationTaskAssessmentRun";
const START: &str = "StartReplicationTask";

fn gated(refuses_warnings: bool) -> Desired {
    let mut wanted = desired("a", &["orders"]);
    let gate = AssessmentGate {
        service_access_role_arn: "arn:aws:iam::111122223333:role/dms-assess".to_owned(),
        result_bucket: "assessments".to_owned(),
        result_folder: Some("orders".to_owned()),
        chosen: Chosen::All,
        refuses_warnings,
    };
    let gates = StartGates { assessment: Some(Box::new(gate)), ..StartGates::default() };
    edit_task(&mut wanted, "orders", |task| task.start_gates = gates);
    wanted
}

fn leave_out(wanted: &mut Desired, name: &str) {
    edit_task(wanted, "orders", |task| {
        let gate = task.start_gates.assessment.as_mut().unwrap();
        gate.chosen = Chosen::Except([name.to_owned()].into());
    });
}

fn count(lab: &Lab, operation: &str) -> usize {
    lab.emulator().calls().iter().filter(|call| call.operation == operation).count()
}

/// The calls that AWS refused for what they ask: a fault that swallows a call is no refusal.
fn refused(lab: &Lab) -> Vec<String> {
    let of = [ASSESS, START, "ModifyReplicationTask"];
    let calls = lab.emulator().calls().into_iter();
    let calls = calls.filter(|call| of.contains(&call.operation.as_str()) && call.status == 400);
    calls.filter_map(|call| Some(format!("{}: {}", call.operation, call.error?))).collect()
}

fn ends_as(wanted: &Desired, status: Option<&str>) -> Disturbance {
    let task = mover(wanted, "orders").name;
    Disturbance::AssessmentsEnd { task, status: status.map(str::to_owned) }
}

/// The next assessment ends so.
fn next_ends_as(lab: &Lab, wanted: &Desired, status: &str) {
    let disturbances = vec![ends_as(wanted, Some(status))];
    let interruption = Interruption { operation: Some(ASSESS.to_owned()), nth: 1, disturbances };
    lab.emulator().play(Script { interruptions: vec![interruption], ..Script::default() }).unwrap();
}

fn play(lab: &Lab, disturbances: Vec<Disturbance>) {
    lab.emulator().play(Script { disturbances, ..Script::default() }).unwrap();
}

/// The reason of what the pipeline's status says first.
async fn reason(controller: &Ours, wanted: &Desired) -> String {
    let observed = controller.observe(wanted).await;
    let status = status(wanted, &observed, &controller.plan(wanted).await);
    let headline = status.pipelines[0].headline();
    format!("{:?} {}", headline.kind, headline.reason)
}

#[tokio::test]
async fn a_task_is_assessed_once_and_started_when_that_went_well() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let wanted = gated(true);
    controller.converge(&wanted).await;
    assert_eq!(status_of(&controller, &wanted, "orders").await, "running");
    assert_eq!((count(&lab, ASSESS), count(&lab, START)), (1, 1));
    assert_eq!(outline(&controller.plan(&wanted).await), "nothing");

    // What has run is resumed without another, and costs no look at assessments.
    lab.emulator().reset_calls();
    by_hand(&controller, &wanted, &[stop(&mover(&wanted, "orders"))]).await;
    controller.converge(&wanted).await;
    assert_eq!(status_of(&controller, &wanted, "orders").await, "running");
    assert_eq!((count(&lab, ASSESS), count(&lab, "DescribeReplicationTaskAssessmentRuns")), (0, 0));
}

#[tokio::test]
async fn without_the_gate_nothing_is_assessed_or_looked_at() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    controller.converge(&desired("a", &["orders"])).await;
    assert_eq!((count(&lab, ASSESS), count(&lab, "DescribeReplicationTaskAssessmentRuns")), (0, 0));
}

#[tokio::test]
async fn a_warning_holds_up_the_start_only_where_the_spec_says_so() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let wanted = gated(true);
    next_ends_as(&lab, &wanted, "warning");
    controller.pass(&wanted).await;
    let told = outline(&controller.plan(&wanted).await);
    assert!(
        told.contains("blocked task/a-orders: not started: its premigration assessment a-orders-"),
        "{told}"
    );
    assert!(told.contains("ended as warning"), "{told}");
    assert_eq!(reason(&controller, &wanted).await, "Stalled AssessmentFailed");
    assert_eq!((count(&lab, ASSESS), count(&lab, START)), (1, 0));

    // To take it is no reason to assess it again.
    let wanted = gated(false);
    controller.converge(&wanted).await;
    assert_eq!(status_of(&controller, &wanted, "orders").await, "running");
    assert_eq!((count(&lab, ASSESS), count(&lab, START)), (1, 1));
}

#[tokio::test]
async fn what_failed_is_not_started_until_the_spec_asks_for_something_else_or_somebody_deletes_the_run() {
    for status in ["failed", "error-executing"] {
        for deleted in [false, true] {
            let lab = Lab::start().await;
            let controller = lab.controller().await;
            let mut wanted = gated(false);
            next_ends_as(&lab, &wanted, status);
            for _ in 0..3 {
                controller.pass(&wanted).await;
            }
            assert_eq!((count(&lab, ASSESS), count(&lab, START)), (1, 0));
            let plan = controller.plan(&wanted).await;
            assert!(outline(&plan).contains(&format!("ended as {status}")), "{}", outline(&plan));
            let hint = plan.report.blocked[0].hint.clone().unwrap();
            assert!(hint.contains("s3://assessments/orders"), "{hint}");

            play(&lab, vec![ends_as(&wanted, None)]);
            if deleted {
                let arn = &controller.reader.assessment_runs().await.unwrap()[0].arn;
                let Value::Object(input) = json!({"ReplicationTaskAssessmentRunArn": arn}) else { panic!() };
                let operation = "DeleteReplicationTaskAssessmentRun".to_owned();
                play(&lab, vec![Disturbance::Call { operation, input }]);
                lab.emulator().advance(Duration::from_mins(1));
            } else {
                leave_out(&mut wanted, "target-tables-exist");
            }
            controller.converge(&wanted).await;
            assert_eq!(status_of(&controller, &wanted, "orders").await, "running");
            assert_eq!((count(&lab, ASSESS), count(&lab, START)), (2, 1));
            assert_eq!(refused(&lab), [""; 0]);
        }
    }
}

#[tokio::test]
async fn a_pass_that_does_not_wait_tells_that_it_is_being_assessed_and_a_later_one_starts_it() {
    let lab = Lab::start().await;
    let mut controller = lab.controller().await;
    let mut wanted = gated(false);
    edit_task(&mut wanted, "orders", |task| task.run = Run::Stopped);
    controller.converge(&wanted).await;
    edit_task(&mut wanted, "orders", |task| task.run = Run::Running);
    controller.options.wait = false;
    let minute = Duration::from_mins(1);
    let mut seen = Vec::new();
    for _ in 0..20 {
        controller.pass(&wanted).await;
        let now = reason(&controller, &wanted).await;
        if seen.last() != Some(&now) {
            seen.push(now);
        }
        lab.emulator().advance(minute);
    }
    assert!(seen.contains(&"Reconciling Assessing".to_owned()), "{seen:?}");
    assert_eq!(seen.last().unwrap(), "Ready Running");
    assert_eq!((count(&lab, ASSESS), count(&lab, START)), (1, 1));
    assert_eq!(refused(&lab), [""; 0]);
}

#[tokio::test]
async fn a_spec_that_changes_while_it_is_assessed_is_assessed_anew() {
    let lab = Lab::start().await;
    let mut controller = lab.controller().await;
    let mut wanted = gated(true);
    edit_task(&mut wanted, "orders", |task| task.run = Run::Stopped);
    controller.converge(&wanted).await;
    edit_task(&mut wanted, "orders", |task| task.run = Run::Running);
    controller.options.wait = false;
    let minute = Duration::from_mins(1);
    while status_of(&controller, &wanted, "orders").await != "testing" {
        controller.pass(&wanted).await;
        lab.emulator().advance(minute / 2);
    }
    edit_task(&mut wanted, "orders", |task| {
        task.settings =
            json!({"Logging": {"EnableLogging": true}, "TargetMetadata": {"BatchApplyEnabled": true}});
    });
    for _ in 0..20 {
        controller.pass(&wanted).await;
        lab.emulator().advance(minute);
    }
    assert_eq!(status_of(&controller, &wanted, "orders").await, "running");
    assert_eq!((count(&lab, ASSESS), count(&lab, START)), (2, 1));
    assert_eq!(refused(&lab), [""; 0]);
}

#[tokio::test]
async fn a_pass_that_is_killed_at_any_call_starts_no_second_assessment() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let mut wanted = gated(true);
    edit_task(&mut wanted, "orders", |task| task.run = Run::Stopped);
    controller.converge(&wanted).await;
    edit_task(&mut wanted, "orders", |task| task.run = Run::Running);

    let undisturbed = lab.fork().await;
    undisturbed.emulator().reset_calls();
    undisturbed.controller().await.converge(&wanted).await;
    let calls = undisturbed.emulator().calls();
    let started = calls.iter().rposition(|call| call.operation == START).unwrap();
    assert!(calls[..started].iter().any(|call| call.operation == ASSESS));

    for nth in 1..=u64::try_from(started + 1).unwrap() {
        for effect in [Effect::HoldBefore, Effect::HoldAfter] {
            let lab = lab.fork().await;
            lab.emulator().reset_calls();
            lab.emulator().inject(Fault { operation: None, nth, effect });
            let held = lab.emulator().held();
            let doomed = lab.controller().await;
            tokio::select! {
                () = held => {}
                _ = Box::pin(doomed.pass(&wanted)) => {}
            }
            lab.emulator().clear_faults();
            let controller = lab.controller().await;
            controller.converge(&wanted).await;
            assert_eq!(status_of(&controller, &wanted, "orders").await, "running", "call {nth} ({effect:?})");
            assert_eq!(
                controller.reader.assessment_runs().await.unwrap().len(),
                1,
                "call {nth} ({effect:?})"
            );
            assert_eq!(refused(&lab), [""; 0], "call {nth} ({effect:?})");
        }
    }
}
