//! What a person holds.

use std::time::Duration;

use pipewright_model::kinds::Run;
use pipewright_model::{Desired, tags};
use pipewright_testkit::{Lab, desired, edit_config, edit_endpoint, edit_task, outline, serverless};
use serde_json::json;

use super::laboratory::{by_hand, has_tag, hold, let_go, mover, starts_and_stops, status_of, stop};

const WHY: &str = "audit until Friday - jo";

fn both() -> [Desired; 2] {
    [desired("a", &["orders"]), serverless("a", &["orders"])]
}

fn set_run(wanted: &mut Desired, run: Run) {
    if mover(wanted, "orders").kind == pipewright_model::Kind::Task {
        edit_task(wanted, "orders", |task| task.run = run);
    } else {
        edit_config(wanted, "orders", |config| config.run = run);
    }
}

#[tokio::test]
async fn what_a_person_stopped_and_holds_stays_stopped_until_the_hold_goes() {
    for wanted in both() {
        let lab = Lab::start().await;
        let controller = lab.controller().await;
        controller.converge(&wanted).await;
        let held = mover(&wanted, "orders");
        by_hand(&controller, &wanted, &[hold(&held, WHY), stop(&held)]).await;
        lab.emulator().advance(Duration::from_hours(1));
        lab.emulator().reset_calls();

        let outcome = controller.converge(&wanted).await;
        assert!(outcome.first.is_empty());
        let told = format!("waiting {held}: is on hold, and not resumed: {WHY}");
        assert_eq!(outline(&controller.plan(&wanted).await), told);
        assert_eq!(starts_and_stops(&lab), 0);
        assert_eq!(status_of(&controller, &wanted, "orders").await, "stopped");

        by_hand(&controller, &wanted, &[let_go(&held)]).await;
        controller.converge(&wanted).await;
        assert_eq!(status_of(&controller, &wanted, "orders").await, "running");
    }
}

#[tokio::test]
async fn without_a_hold_it_is_resumed_and_where_the_spec_leaves_it_to_others_it_is_not() {
    for mut wanted in both() {
        let lab = Lab::start().await;
        let controller = lab.controller().await;
        controller.converge(&wanted).await;
        let ours = mover(&wanted, "orders");
        by_hand(&controller, &wanted, &[stop(&ours)]).await;
        lab.emulator().advance(Duration::from_hours(1));
        controller.converge(&wanted).await;
        assert_eq!(status_of(&controller, &wanted, "orders").await, "running");

        set_run(&mut wanted, Run::Unmanaged);
        by_hand(&controller, &wanted, &[stop(&ours)]).await;
        lab.emulator().advance(Duration::from_hours(1));
        controller.converge(&wanted).await;
        assert_eq!(status_of(&controller, &wanted, "orders").await, "stopped");
        assert_eq!(outline(&controller.plan(&wanted).await), "nothing");
    }
}

#[tokio::test]
async fn what_runs_on_hold_is_not_stopped_for_a_change_of_the_spec_or_of_its_endpoint() {
    for mut wanted in both() {
        let lab = Lab::start().await;
        let controller = lab.controller().await;
        controller.converge(&wanted).await;
        let held = mover(&wanted, "orders");
        by_hand(&controller, &wanted, &[hold(&held, WHY)]).await;
        lab.emulator().reset_calls();

        edit_endpoint(&mut wanted, "orders-source", |endpoint| endpoint.port = Some(3307));
        set_run(&mut wanted, Run::Stopped);
        controller.converge(&wanted).await;
        assert_eq!(starts_and_stops(&lab), 0);
        assert_eq!(status_of(&controller, &wanted, "orders").await, "running");

        // Its document goes: it stays, and so does what it uses.
        let mut without = wanted.clone();
        without.resources.clear();
        without.pipelines.clear();
        without.policy.allow_empty = true;
        controller.pass(&without).await;
        assert_eq!(starts_and_stops(&lab), 0);
        assert_eq!(status_of(&controller, &wanted, "orders").await, "running");

        set_run(&mut wanted, Run::Running);
        by_hand(&controller, &wanted, &[let_go(&held)]).await;
        controller.converge(&wanted).await;
        assert_eq!(starts_and_stops(&lab), 2, "stopped for its endpoint, and resumed");
        assert_eq!(status_of(&controller, &wanted, "orders").await, "running");
    }
}

#[tokio::test]
async fn what_a_pass_stopped_for_a_change_stays_stopped_while_it_is_held_and_is_resumed_afterwards() {
    for mut wanted in both() {
        let lab = Lab::start().await;
        let controller = lab.controller().await;
        controller.converge(&wanted).await;
        let held = mover(&wanted, "orders");
        // As a pass leaves it that was killed between the stop and the resume.
        let mark = tags::Tags::from([(tags::PAUSED.to_owned(), "resume-processing".to_owned())]);
        let mark = pipewright_plan::Mutation::AddTags { id: held.clone(), tags: mark };
        by_hand(&controller, &wanted, &[mark, stop(&held), hold(&held, WHY)]).await;
        lab.emulator().advance(Duration::from_hours(1));
        lab.emulator().reset_calls();

        let settings =
            json!({"Logging": {"EnableLogging": true}, "TargetMetadata": {"BatchApplyEnabled": true}});
        if held.kind == pipewright_model::Kind::Task {
            edit_task(&mut wanted, "orders", |task| task.settings = settings);
        } else {
            edit_config(&mut wanted, "orders", |config| config.settings = settings);
        }
        controller.converge(&wanted).await;
        let told = format!(
            "waiting {held}: is on hold, and not resumed after the change that it was stopped for: {WHY}"
        );
        assert_eq!(outline(&controller.plan(&wanted).await), told, "the change itself was made");
        assert_eq!(starts_and_stops(&lab), 0);
        assert!(has_tag(&controller, &wanted, "orders", tags::PAUSED).await);

        by_hand(&controller, &wanted, &[let_go(&held)]).await;
        controller.converge(&wanted).await;
        assert_eq!(status_of(&controller, &wanted, "orders").await, "running");
        assert!(!has_tag(&controller, &wanted, "orders", tags::PAUSED).await);
    }
}
