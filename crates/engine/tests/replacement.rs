//! Tasks whose ends change: another one takes the place of the old one, with an approval, and goes on from its
//! position where it can.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use pipewright_engine::Clock;
use pipewright_model::kinds::{MigrationType, TaskObserved};
use pipewright_model::tags::CONTINUES;
use pipewright_model::{Approval, Desired, Kind, LiveBody, Observed};
use pipewright_testkit::{Controller, Lab, desired, edit_task, id, outline, retarget, steps};
use serde_json::json;

fn task<'a>(observed: &'a Observed, desired: &Desired) -> &'a TaskObserved {
    match &observed.resources[&id(desired, Kind::Task, "orders")].body {
        LiveBody::Task(task) => task,
        other => panic!("not a task: {other:?}"),
    }
}

/// The calls about tasks of a replacement. The old one has stopped before the new one is made, and goes when that
/// runs.
const REPLACED: &str = "StopReplicationTask\n\
                        ModifyReplicationTask\n\
                        CreateReplicationTask\n\
                        StartReplicationTask\n\
                        DeleteReplicationTask";

/// The specs with these approvals.
fn approving(mut desired: Desired, approvals: &[Approval]) -> Desired {
    let orders = |&approval| (approval, Some("orders".to_owned()));
    desired.approvals.on_command_line = approvals.iter().map(orders).collect();
    desired
}

/// The specs with a target that is the same database, reached as another user.
fn as_another_user() -> Desired {
    let mut wanted = desired("a", &["orders"]);
    retarget(&mut wanted, "orders", |endpoint| endpoint.username = Some("dms".to_owned()));
    wanted
}

/// The specs with a target that is another database.
fn to_another_database(kind: MigrationType) -> Desired {
    let mut wanted = of_type(kind);
    retarget(&mut wanted, "orders", |endpoint| endpoint.server_name = Some("lake.example.com".to_owned()));
    wanted
}

fn of_type(kind: MigrationType) -> Desired {
    let mut wanted = desired("a", &["orders"]);
    edit_task(&mut wanted, "orders", |task| task.migration_type = kind);
    wanted
}

/// A laboratory in which these specs were applied, the load is done, and no call was counted yet.
async fn running(before: &Desired) -> (Lab, Controller<pipewright_aws::AwsRead, pipewright_aws::AwsWrite>) {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    controller.converge(before).await;
    controller.clock.sleep(Duration::from_hours(1)).await;
    (lab, controller)
}

/// The calls that changed tasks, in the order in which they were made.
fn calls_about_tasks(lab: &Lab) -> String {
    let is_about_tasks = |operation: &str| operation.ends_with("ReplicationTask");
    let calls = lab.emulator().calls();
    let about = calls.iter().filter(|call| call.mutating && is_about_tasks(&call.operation));
    about.map(|call| call.operation.clone()).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn without_an_approval_nothing_is_replaced_and_the_hint_says_how() {
    let (_lab, controller) = running(&desired("a", &["orders"])).await;
    let wanted = to_another_database(MigrationType::FullLoadAndCdc);
    let plan = controller.plan(&wanted).await;
    let blocked = &plan.report.blocked[0];
    assert_eq!(
        blocked.message,
        "cannot be changed in place (target: endpoint/a-orders-target → endpoint/a-orders-other); to replace it \
         needs an approval of `reloads-target` and `destroys`"
    );
    assert_eq!(
        blocked.hint.as_ref().unwrap(),
        "take the change back, or approve it: run with `--approve reloads-target=orders` `--approve \
         destroys=orders`, or write `approvals: [{allow: reloads-target, until: <time>}, {allow: destroys, until: \
         <time>}]` in orders"
    );
    // One of two is not enough.
    let half = approving(wanted, &[Approval::Destroys]);
    let outcome = controller.pass(&half).await;
    assert_eq!(outcome.remaining.report.blocked.len(), 1);
    assert_eq!(task(&controller.observe(&half).await, &half).status, "running");
}

#[tokio::test]
async fn a_task_to_the_same_database_goes_on_from_the_checkpoint_and_loads_nothing() {
    let before = desired("a", &["orders"]);
    let (lab, controller) = running(&before).await;
    let old = task(&controller.observe(&before).await, &before).clone();
    let wanted = approving(as_another_user(), &[Approval::Destroys]);
    let plan = controller.plan(&wanted).await;
    assert_eq!(
        outline(&plan),
        "create endpoint/a-orders-other [none]\n\
         delete endpoint/a-orders-target [destroys]\n\
         test connection/a-orders/a-orders-other [none]\n\
         replace task/a-orders [destroys]\n\
         start task/a-orders (run) [none]\n\
         delete task/a-orders-replaced [destroys]"
    );
    assert_eq!(
        steps(&plan, "task/a-orders"),
        "tag pipewright:approved=destroys, pipewright:paused=resume-processing, pipewright:replaced-by=a-orders\n\
         stop\n\
         wait until it has stopped\n\
         rename to a-orders-replaced\n\
         wait until it is ready\n\
         create, to go on from the checkpoint of task/a-orders-replaced\n\
         wait until it is ready"
    );
    lab.emulator().reset_calls();
    controller.converge(&wanted).await;
    assert_eq!(calls_about_tasks(&lab), REPLACED);

    let observed = controller.observe(&wanted).await;
    let new = task(&observed, &wanted);
    // The checkpoint of when it stopped, not of when the plan was made.
    assert!(new.cdc_start_position > old.recovery_checkpoint, "{:?}", new.cdc_start_position);
    let counted = lab.emulator().migrations();
    assert_eq!((counted.loads, counted.reloads, counted.lost_positions), (1, 0, 0), "{counted:?}");
    assert_eq!((new.migration_type.as_str(), new.status.as_str()), ("cdc", "running"));
    let live = &observed.resources[&id(&wanted, Kind::Task, "orders")];
    assert_eq!(live.tags[CONTINUES], "full-load-and-cdc");
    assert_eq!(outline(&controller.plan(&wanted).await), "nothing");
    // The old task and the old endpoint are gone.
    assert!(
        !observed.resources.keys().any(|id| id.name.contains("replaced") || id.name == "a-orders-target")
    );

    // What continues is changed like any other, and replaced again like any other.
    let mut changed = wanted.clone();
    edit_task(&mut changed, "orders", |task| {
        task.settings = json!({"TargetMetadata": {"BatchApplyEnabled": true}});
    });
    controller.converge(&changed).await;
    let mut again = approving(before, &[Approval::Destroys]);
    edit_task(&mut again, "orders", |task| {
        task.settings = json!({"TargetMetadata": {"BatchApplyEnabled": true}});
    });
    controller.converge(&again).await;
    let observed = controller.observe(&again).await;
    assert_eq!(task(&observed, &again).migration_type, "cdc");
    assert_eq!(outline(&controller.plan(&again).await), "nothing");
}

#[tokio::test]
async fn a_task_to_another_database_loads_it() {
    let (lab, controller) = running(&desired("a", &["orders"])).await;
    let wanted = approving(
        to_another_database(MigrationType::FullLoadAndCdc),
        &[Approval::Destroys, Approval::ReloadsTarget],
    );
    lab.emulator().reset_calls();
    controller.converge(&wanted).await;
    let observed = controller.observe(&wanted).await;
    let new = task(&observed, &wanted);
    assert_eq!((new.migration_type.as_str(), &new.cdc_start_position), ("full-load-and-cdc", &None));
    assert_eq!(calls_about_tasks(&lab), REPLACED);
}

#[tokio::test]
async fn a_task_that_only_follows_changes_keeps_its_position_whatever_the_target() {
    let before = of_type(MigrationType::Cdc);
    let (_lab, controller) = running(&before).await;
    let old = task(&controller.observe(&before).await, &before).clone();
    let wanted = approving(to_another_database(MigrationType::Cdc), &[Approval::Destroys]);
    controller.converge(&wanted).await;
    let observed = controller.observe(&wanted).await;
    assert!(task(&observed, &wanted).cdc_start_position > old.recovery_checkpoint);
}

#[tokio::test]
async fn a_task_that_never_ran_is_made_again_without_an_approval() {
    let stopped = |mut desired: Desired| {
        edit_task(&mut desired, "orders", |task| task.run = pipewright_model::kinds::Run::Stopped);
        desired
    };
    let (_lab, controller) = running(&stopped(desired("a", &["orders"]))).await;
    let wanted = stopped(to_another_database(MigrationType::FullLoadAndCdc));
    controller.converge(&wanted).await;
    assert_eq!(task(&controller.observe(&wanted).await, &wanted).status, "ready");
}
