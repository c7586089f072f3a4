//! The statistics of tables, for tasks and serverless replications, page by page.

use std::time::Duration;

use pipewright_emulator::{Disturbance, Script};
use pipewright_engine::CloudRead;
use pipewright_model::kinds::{Datapoint, Measured, RowChanges, TableStatistics};
use pipewright_model::{Kind, LiveBody, ResourceId, Timestamp};
use pipewright_plan::StartType;

use crate::{Account, pipeline, serverless};

/// The latencies that CloudWatch has, in seconds.
async fn latencies(account: &Account, of: Measured<'_>) -> (Option<u64>, Option<u64>) {
    let millis = u64::try_from(account.emulator.now().as_millis()).unwrap();
    let found = account.reader.latency(of, Timestamp::from_millis(millis)).await.unwrap();
    let seconds = |point: Option<Datapoint>| point.map(|point| point.value.as_secs());
    (seconds(found.source), seconds(found.target))
}

/// Lets a task come late, and a minute pass.
fn delay(account: &Account, task: &str) {
    let late = Disturbance::Latency { task: task.to_owned(), source: 40, target: 90 };
    account.emulator.play(Script { disturbances: vec![late], ..Script::default() }).unwrap();
    account.emulator.advance(Duration::from_mins(2));
}

/// Lets the table `shop.table_2` fail.
fn fail(account: &Account, task: &str) {
    let error = Disturbance::TableErrors { task: task.to_owned(), table: "shop.table_2".to_owned() };
    account.emulator.play(Script { disturbances: vec![error], ..Script::default() }).unwrap();
}

fn states(tables: &[TableStatistics]) -> Vec<(String, String)> {
    tables.iter().map(|table| (table.name(), table.state.clone())).collect()
}

fn expected() -> Vec<(String, String)> {
    let state = |table: &str, state: &str| (table.to_owned(), state.to_owned());
    vec![
        state("shop.table_1", "Table completed"),
        state("shop.table_2", "Table error"),
        state("shop.table_3", "Table completed"),
    ]
}

#[tokio::test]
async fn the_tables_of_a_task_are_read() {
    let account = pipeline::running().await;
    let arn = &account.arns[&ResourceId::new(Kind::Task, "Orders")];
    account.settle();
    fail(&account, "Orders");
    account.emulator.reset_calls();
    let tables = account.reader.table_statistics(Kind::Task, arn).await.unwrap();
    assert_eq!(account.operations(), ["DescribeTableStatistics"]);
    assert_eq!(states(&tables), expected());
    assert!(tables[1].is_in_error() && !tables[0].is_in_error());
    assert_eq!((tables[0].full_load_rows, tables[0].validation_state.as_str()), (1200, "Not enabled"));
    assert!(tables[0].captured.total() > 0);
    assert_eq!(tables[0].applied, Some(tables[0].captured));
    let live = account.live(&ResourceId::new(Kind::Task, "Orders")).await.unwrap();
    let LiveBody::Task(task) = live.body else { panic!("{live:?}") };
    assert_eq!(task.tables_in_error, 1);

    let task = Measured::Task { arn, instance: "compute" };
    assert_eq!(latencies(&account, task).await, (Some(1), Some(1)));
    delay(&account, "Orders");
    assert_eq!(latencies(&account, task).await, (Some(40), Some(90)));
    assert_eq!(latencies(&account, Measured::Task { arn, instance: "other" }).await, (None, None));
}

#[tokio::test]
async fn the_tables_of_a_serverless_replication_are_read() {
    let mut account = serverless::with(&["Orders".to_owned()]).await;
    let arn = account.arns[&serverless::config("Orders")].clone();
    assert_eq!(account.reader.table_statistics(Kind::ReplicationConfig, &arn).await, Ok(Vec::new()));
    account.call(serverless::start(StartType::StartReplication, None, None)).await;
    account.settle();
    fail(&account, "Orders");
    account.emulator.reset_calls();
    let tables = account.reader.table_statistics(Kind::ReplicationConfig, &arn).await.unwrap();
    assert_eq!(account.operations(), ["DescribeReplicationTableStatistics"]);
    assert_eq!(states(&tables), expected());
    assert_eq!(tables[0].captured.deletes, RowChanges::default().deletes);
    assert_eq!(serverless::found(&account, "Orders").await.tables_in_error, 1);

    let replication = Measured::Replication { arn: &arn, name: "orders" };
    assert_eq!(latencies(&account, replication).await, (Some(1), Some(1)));
    delay(&account, "Orders");
    assert_eq!(latencies(&account, replication).await, (Some(40), Some(90)));
}
