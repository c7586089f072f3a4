//! Tasks whose ends change, so that others take their place.

use pipewright_model::kinds::{MigrationType, Run};
use pipewright_model::{Approval, Desired};
use pipewright_testkit::{edit_task, retarget};

use super::scenarios::{edited_from, from, orders, with};
use super::{Before, Scenario};

fn approve(desired: &mut Desired) {
    let all = [Approval::Destroys, Approval::ReloadsTarget, Approval::LosesPosition];
    desired.approvals.on_command_line = all.into_iter().map(|approval| (approval, None)).collect();
}

/// Another target: the same database as another user, from which the task goes on where it was.
fn as_another_user(desired: &mut Desired) {
    retarget(desired, "orders", |endpoint| endpoint.username = Some("dms".to_owned()));
    approve(desired);
}

/// Another target: another database, which is loaded.
fn to_another_database(desired: &mut Desired) {
    retarget(desired, "orders", |endpoint| endpoint.server_name = Some("lake.example.com".to_owned()));
    approve(desired);
}

fn following() -> Desired {
    with(orders(), |desired| edit_task(desired, "orders", |task| task.migration_type = MigrationType::Cdc))
}

fn stop(desired: &mut Desired) {
    edit_task(desired, "orders", |task| task.run = Run::Stopped);
}

scenarios! {
    replacing_a_task_that_runs: edited_from(orders(), as_another_user),
    replacing_a_task_that_follows_changes: edited_from(following(), as_another_user),
    replacing_a_task_that_follows_changes_to_another_database: edited_from(following(), to_another_database),
    replacing_a_task_to_another_database: edited_from(orders(), to_another_database),
    replacing_a_task_that_was_stopped: Scenario::new(
        vec![Before::Applied(orders()), Before::Applied(with(orders(), stop))],
        with(with(orders(), stop), as_another_user),
    ),
    replacing_a_task_on_its_way_to_run: Scenario::new(vec![Before::Begun(orders())], with(orders(), to_another_database)),
    replacing_a_task_that_never_ran: from(with(orders(), stop), with(with(orders(), stop), to_another_database)),
    removing_a_pipeline_beside_one_that_is_replaced: from(
        pipewright_testkit::desired("a", &["billing", "orders"]),
        with(orders(), as_another_user),
    ),
}
