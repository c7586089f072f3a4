//! How far a migration has come, read through the AWS SDK, and what that says of its cutover.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use pipewright_aws::{AwsRead, AwsWrite};
use pipewright_emulator::{Disturbance, Script};
use pipewright_engine::{Clock as _, ProgressError, migration_progress};
use pipewright_model::kinds::MigrationType;
use pipewright_model::{Desired, Kind, ResourceId, SpecPlace};
use pipewright_plan::{CheckResult, CutoverPolicy, CutoverReport, CutoverSubject, CutoverVerdict, cutover};
use pipewright_testkit::{Controller, Lab, desired, edit_config, edit_task, id, serverless};
use serde_json::json;

struct Migration {
    lab: Lab,
    controller: Controller<AwsRead, AwsWrite>,
    specs: Desired,
    task: ResourceId,
}

impl Migration {
    /// One that was brought to run, with validation.
    async fn new(kind: Kind, migration_type: MigrationType) -> Self {
        let settings = json!({"ValidationSettings": {"EnableValidation": true}});
        let mut specs = match kind {
            Kind::Task => desired("a", &["orders"]),
            _ => serverless("a", &["orders"]),
        };
        if kind == Kind::Task {
            edit_task(&mut specs, "orders", |task| {
                task.migration_type = migration_type;
                task.settings = settings;
            });
        } else {
            edit_config(&mut specs, "orders", |config| {
                config.migration_type = migration_type;
                config.settings = settings;
            });
        }
        let lab = Lab::start().await;
        let controller = lab.controller().await;
        controller.converge(&specs).await;
        Self { task: id(&specs, kind, "orders"), lab, controller, specs }
    }

    fn disturb(&self, disturbance: Disturbance) {
        let script = Script { disturbances: vec![disturbance], ..Script::default() };
        self.lab.emulator().play(script).unwrap();
    }

    async fn report(&self) -> CutoverReport {
        let now = self.controller.clock.now();
        let reader = self.controller.reader.as_ref();
        let progress = migration_progress(reader, &self.specs.environment, &self.task, now).await.unwrap();
        let subject = CutoverSubject {
            pipeline: "orders",
            environment: "prod",
            place: &SpecPlace { file: "orders.yaml".into(), line: 1 },
            resource: &self.task,
        };
        cutover(subject, &progress, CutoverPolicy { max_latency: Duration::from_secs(10) })
    }

    /// The checks that stand in the way after so many minutes.
    async fn open_after(&self, minutes: u64) -> (CutoverVerdict, Vec<(&'static str, CheckResult)>) {
        self.lab.emulator().advance(Duration::from_mins(minutes));
        let report = self.report().await;
        let open = report.checks.iter().filter(|check| check.holds_up());
        (report.verdict, open.map(|check| (check.name, check.result)).collect())
    }
}

/// From the start of the load to ready, and back for every reason that the sandbox can make.
async fn follows(kind: Kind) {
    let migration = Migration::new(kind, MigrationType::FullLoadAndCdc).await;
    let (verdict, open) = migration.open_after(1).await;
    assert_eq!(verdict, CutoverVerdict::NotYet);
    assert!(open.contains(&("tables", CheckResult::NotYet)), "{open:?}");
    assert_eq!(migration.open_after(10).await, (CutoverVerdict::Ready, Vec::new()));

    let task = || migration.task.name.clone();
    migration.disturb(Disturbance::Latency { task: task(), source: 5, target: 90 });
    let late = vec![("target latency", CheckResult::NotYet), ("changes", CheckResult::NotYet)];
    assert_eq!(migration.open_after(2).await, (CutoverVerdict::NotYet, late));
    migration.disturb(Disturbance::Latency { task: task(), source: 1, target: 1 });
    assert_eq!(migration.open_after(2).await, (CutoverVerdict::Ready, Vec::new()));

    let table = migration.report().await;
    let table = table.checks.iter().find(|check| check.name == "tables").unwrap();
    assert!(table.found.ends_with("completed"), "{table:?}");
    let tables = migration
        .controller
        .observe(&migration.specs)
        .await
        .resources
        .get(&migration.task)
        .map(|live| (live.arn.clone(), migration.task.kind))
        .unwrap();
    let read = pipewright_engine::CloudRead::table_statistics(
        migration.controller.reader.as_ref(),
        tables.1,
        &tables.0,
    );
    let name = read.await.unwrap()[0].name();
    migration.disturb(Disturbance::RowsDiffer { task: task(), table: name.clone(), rows: 3 });
    let differ = vec![("validation", CheckResult::Failed)];
    assert_eq!(migration.open_after(1).await, (CutoverVerdict::Failed, differ));
    migration.disturb(Disturbance::TableErrors { task: task(), table: name });
    let (verdict, open) = migration.open_after(1).await;
    assert_eq!(verdict, CutoverVerdict::Failed);
    assert!(open.contains(&("tables", CheckResult::Failed)), "{open:?}");
    migration.disturb(Disturbance::TaskFails { task: task(), reason: "out of memory".to_owned() });
    let report = migration.report().await;
    assert_eq!(report.checks[0].result, CheckResult::Failed);
    assert!(report.checks[0].found.contains("out of memory"), "{report:?}");
}

#[tokio::test]
async fn a_task_that_follows_changes_becomes_ready_and_says_what_stands_in_the_way() {
    follows(Kind::Task).await;
}

#[tokio::test]
async fn so_does_a_serverless_replication() {
    follows(Kind::ReplicationConfig).await;
}

#[tokio::test]
async fn a_load_is_ready_when_it_is_finished() {
    let migration = Migration::new(Kind::Task, MigrationType::FullLoad).await;
    assert_eq!(migration.open_after(0).await.0, CutoverVerdict::NotYet);
    assert_eq!(migration.open_after(10).await, (CutoverVerdict::Ready, Vec::new()));
}

#[tokio::test]
async fn what_is_not_there_is_not_ready_and_another_account_is_not_read() {
    let migration = Migration::new(Kind::Task, MigrationType::Cdc).await;
    let mut specs = migration.specs.clone();
    let missing = ResourceId::new(Kind::Task, "missing");
    let now = migration.controller.clock.now();
    let reader = migration.controller.reader.as_ref();
    let progress = migration_progress(reader, &specs.environment, &missing, now).await.unwrap();
    assert_eq!((progress.live, progress.tables.len()), (None, 0));
    "999999999999".clone_into(&mut specs.environment.account_id);
    let refused = migration_progress(reader, &specs.environment, &migration.task, now).await;
    assert!(matches!(refused, Err(ProgressError::Account(_))), "{refused:?}");
}
