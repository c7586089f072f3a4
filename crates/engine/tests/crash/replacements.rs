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

/// From specs that were applied, and whose loads are done, to one that is edited.
fn loaded(before: Desired, edit: impl FnOnce(&mut Desired)) -> Scenario {
    Scenario::new(vec![Before::Applied(before), Before::Loaded], with(orders(), edit))
}

scenarios! {
    replacing_a_task_that_runs: loaded(orders(), as_another_user),
    // What the load had moved is loaded again, from the beginning.
    replacing_a_task_that_loads: edited_from(orders(), as_another_user).reloading(1).losing(1),
    replacing_a_task_that_follows_changes: edited_from(following(), as_another_user),
    // What the other database lacks of the changes went to the former one.
    replacing_a_task_that_follows_changes_to_another_database:
        edited_from(following(), to_another_database).losing(1),
    replacing_a_task_to_another_database: edited_from(orders(), to_another_database).losing(1),
    // The new one has the position, and has not run from there.
    replacing_a_task_that_was_stopped: Scenario::new(
        vec![Before::Applied(orders()), Before::Loaded, Before::Applied(with(orders(), stop))],
        with(with(orders(), stop), as_another_user),
    )
    .losing(1),
    replacing_a_task_on_its_way_to_run: Scenario::new(vec![Before::Begun(orders())], with(orders(), to_another_database)),
    replacing_a_task_that_never_ran: from(with(orders(), stop), with(with(orders(), stop), to_another_database)),
    // The other pipeline goes, and what it followed with it.
    removing_a_pipeline_beside_one_that_is_replaced:
        loaded(pipewright_testkit::desired("a", &["billing", "orders"]), as_another_user).losing(1),
}
