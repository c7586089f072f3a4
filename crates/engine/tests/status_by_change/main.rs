//! Every status of what moves data, and of what it moves by, met with every wanted change: over the AWS SDK against the
//! emulator, until nothing is left to do. No call is ever refused, nothing fails, nothing is loaded again, and no
//! position is lost but where the specs delete what captured it.
//!
//! A row is a status and a change; its outcome is in the snapshots beside this file, one line a row: `converges`, or what
//! the plan that remains says, then the status in which the task comes to rest.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "the table is the answer")]

mod changes;
mod row;
mod statuses;

use std::fmt::Write as _;

use changes::Change;
use statuses::{Prepared, Status};

/// Plays every row, prints the table, and compares it with the snapshot.
async fn table(name: &str, statuses: Vec<Status>, changes: &[Change]) {
    let mut text = String::new();
    let mut wrong = String::new();
    for status in &statuses {
        let prepared = Prepared::of(status).await;
        let _ = writeln!(text, "{}", status.name);
        for change in changes {
            let row = row::play(&prepared, change).await;
            let _ = writeln!(text, "  {:34} {}", change.name, row.outcome());
            for fault in row.faults(change) {
                let _ = writeln!(wrong, "{} × {}: {fault}", status.name, change.name);
            }
        }
    }
    println!("{name}: {} rows\n{text}", statuses.len() * changes.len());
    assert!(wrong.is_empty(), "{wrong}");
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, text);
    });
}

#[tokio::test]
async fn a_task_at_rest_meets_every_change() {
    Box::pin(table("task_at_rest", statuses::tasks_at_rest(), &changes::of_tasks())).await;
}

#[tokio::test]
async fn a_task_that_stopped_meets_every_change() {
    Box::pin(table("task_stopped", statuses::tasks_stopped(), &changes::of_tasks())).await;
}

#[tokio::test]
async fn a_task_at_work_meets_every_change() {
    Box::pin(table("task_at_work", statuses::tasks_at_work(), &changes::of_tasks())).await;
}

#[tokio::test]
async fn a_serverless_replication_meets_every_change() {
    Box::pin(table("serverless", statuses::replications(), &changes::of_replications())).await;
}

#[tokio::test]
async fn an_endpoint_meets_every_change() {
    Box::pin(table("endpoint", statuses::endpoints(), &changes::of_endpoints())).await;
}

#[tokio::test]
async fn an_instance_meets_every_change() {
    Box::pin(table("instance", statuses::instances(), &changes::of_instances())).await;
}
