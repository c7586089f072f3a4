//! Serverless replication configs: each call, and what it reads back.

use std::collections::BTreeMap;

use pipewright_emulator::{ClockMode, Config, Quotas};
use pipewright_engine::CloudRead;
use pipewright_model::kinds::{
    CdcStart, ComputeDeclared, EndpointType, MigrationType, Recovery, ReplicationConfigDeclared,
    ReplicationConfigObserved, Run,
};
use pipewright_model::{Kind, LiveBody, Ref, ResourceId};
use pipewright_plan::{Mutation, StartType};
use serde_json::json;

use crate::{Account, endpoint, endpoint_declared, owned, subnet_group};

pub(crate) fn config(name: &str) -> ResourceId {
    ResourceId::new(Kind::ReplicationConfig, name)
}

fn compute() -> ComputeDeclared {
    ComputeDeclared {
        min_capacity_units: Some(2),
        max_capacity_units: 16,
        multi_az: Some(false),
        availability_zone: Some("us-east-1b".to_owned()),
        dns_name_servers: Some(vec!["10.0.0.2".to_owned(), "10.0.0.3".to_owned()]),
        kms_key_id: None,
        preferred_maintenance_window: Some("sun:04:00-sun:04:30".to_owned()),
        subnet_group: Some(Ref::Managed(subnet_group())),
        vpc_security_group_ids: Some(["sg-0123456789abcdef0".to_owned()].into()),
    }
}

fn declared() -> ReplicationConfigDeclared {
    ReplicationConfigDeclared {
        source: Ref::Managed(endpoint("Source")),
        target: Ref::Managed(endpoint("Target")),
        compute: compute(),
        migration_type: MigrationType::Cdc,
        table_mappings: json!({"rules": [{"rule-type": "selection", "rule-id": "1", "rule-name": "1",
            "object-locator": {"schema-name": "shop", "table-name": "%"}, "rule-action": "include"}]}),
        settings: json!({"Logging": {"EnableLogging": true}}),
        supplemental_settings: Some(json!({"a": 1})),
        cdc_start: None,
        cdc_stop_position: None,
        run: Run::Running,
        recovery: Recovery::default(),
        table_reloads: 0,
        stop_to_change: true,
        start_gates: pipewright_model::kinds::StartGates::default(),
    }
}

/// An account with configs of these names, none of which has run.
pub(crate) async fn with(names: &[String]) -> Account {
    let quotas = Quotas { replication_configs: 200, ..Quotas::default() };
    let mut account = Account::with(Config { clock: ClockMode::Manual, quotas, ..Config::default() }).await;
    account.prepare().await;
    for (end, kind, engine) in
        [("Source", EndpointType::Source, "mysql"), ("Target", EndpointType::Target, "aurora-postgresql")]
    {
        let declared = endpoint_declared(kind, engine);
        account
            .call(Mutation::CreateEndpoint { id: endpoint(end), declared: declared.into(), tags: owned() })
            .await;
    }
    account.settle();
    for name in names {
        let create = Mutation::CreateReplicationConfig {
            id: config(name),
            declared: Box::new(declared()),
            tags: owned(),
        };
        account.call(create).await;
    }
    account
}

pub(crate) async fn found(account: &Account, name: &str) -> ReplicationConfigObserved {
    let live = account.live(&config(name)).await.unwrap();
    assert_eq!(live.arn, account.arns[&config(name)]);
    let LiveBody::ReplicationConfig(found) = live.body else { panic!("{live:?}") };
    found
}

pub(crate) fn start(start: StartType, cdc_start: Option<CdcStart>, until: Option<&str>) -> Mutation {
    let cdc_stop_position = until.map(str::to_owned);
    Mutation::StartReplication { id: config("Orders"), start, cdc_start, cdc_stop_position }
}

#[tokio::test]
async fn what_was_made_reads_back_as_declared() {
    let account = with(&["Orders".to_owned()]).await;
    let found = found(&account, "Orders").await;
    assert_eq!(found.source_arn, account.arns[&endpoint("Source")]);
    assert_eq!(found.target_arn, account.arns[&endpoint("Target")]);
    let compute = compute();
    assert_eq!(found.compute.min_capacity_units, compute.min_capacity_units);
    assert_eq!(found.compute.max_capacity_units, Some(compute.max_capacity_units));
    assert!(!found.compute.multi_az);
    assert_eq!(found.compute.availability_zone, compute.availability_zone);
    assert_eq!(Some(found.compute.dns_name_servers), compute.dns_name_servers);
    assert_eq!(found.compute.preferred_maintenance_window, compute.preferred_maintenance_window);
    assert_eq!(found.compute.subnet_group.as_deref(), Some("net"));
    assert_eq!(Some(found.compute.vpc_security_group_ids), compute.vpc_security_group_ids);
    assert_eq!(found.migration_type, "cdc");
    assert_eq!(found.table_mappings, declared().table_mappings);
    assert_eq!(found.settings["Logging"]["EnableLogging"], json!(true));
    assert_eq!(Some(found.supplemental_settings), declared().supplemental_settings);
    assert_eq!((found.status.as_str(), found.has_run), ("created", false));
    let arns: Vec<String> = account.arns.values().cloned().collect();
    let tags = account.reader.tags(&arns).await.unwrap();
    assert_eq!(tags[&account.arns[&config("Orders")]], owned());
}

#[tokio::test]
async fn each_mutation_is_one_call() {
    let mut account = with(&["Orders".to_owned()]).await;
    account.emulator.reset_calls();
    account
        .call(start(
            StartType::StartReplication,
            Some(CdcStart::Position("42".to_owned())),
            Some("server_time:2090-01-31T12:00:00"),
        ))
        .await;
    account.settle();
    account.call(Mutation::StopReplication { id: config("Orders") }).await;
    account.settle();
    let larger = ComputeDeclared { max_capacity_units: 64, ..compute() };
    account
        .call(Mutation::ModifyReplicationConfig {
            id: config("Orders"),
            source: Some(Ref::Managed(endpoint("Source"))),
            target: None,
            compute: Some(Box::new(larger)),
            migration_type: Some(MigrationType::FullLoadAndCdc),
            table_mappings: None,
            settings: Some(json!({"Logging": {"EnableLogging": false}})),
            supplemental_settings: Some(json!({"a": 2})),
        })
        .await;
    account.settle();
    account.call(start(StartType::ResumeProcessing, None, None)).await;
    account.settle();
    assert_eq!(
        account.operations(),
        ["StartReplication", "StopReplication", "ModifyReplicationConfig", "StartReplication"]
    );
    let found = found(&account, "Orders").await;
    assert_eq!((found.status.as_str(), found.has_run), ("running", true));
    assert_eq!(found.cdc_stop_position.as_deref(), Some("server_time:2090-01-31T12:00:00"));
    assert_eq!(found.compute.max_capacity_units, Some(64));
    assert_eq!(found.migration_type, "full-load-and-cdc");
    assert_eq!(found.settings["Logging"]["EnableLogging"], json!(false));
    assert_eq!(found.supplemental_settings, json!({"a": 2}));
}

#[tokio::test]
async fn a_failure_is_told_with_its_reason() {
    let mut account = with(&["Orders".to_owned()]).await;
    let mut wrong = endpoint_declared(EndpointType::Source, "mysql");
    wrong.server_name = Some("db.invalid".to_owned());
    account.call(Mutation::ModifyEndpoint { id: endpoint("Source"), declared: wrong.into() }).await;
    account.settle();
    account.call(start(StartType::StartReplication, None, None)).await;
    account.settle();
    let found = found(&account, "Orders").await;
    assert_eq!((found.status.as_str(), found.has_run), ("failed", false));
    assert!(found.last_failure_message.contains("db.invalid"), "{}", found.last_failure_message);
}

/// botocore has no paginator for either list; both have pages all the same.
#[tokio::test]
async fn more_configs_than_a_page_are_all_read() {
    let names: Vec<String> = (0..101).map(|n| format!("c{n:03}")).collect();
    let account = with(&names).await;
    account.emulator.reset_calls();
    let configs = account.reader.list(Kind::ReplicationConfig).await.unwrap();
    assert_eq!(configs.len(), 101);
    let mut operations = account.operations();
    operations.sort();
    let (configs, replications) = ("DescribeReplicationConfigs", "DescribeReplications");
    assert_eq!(operations, [configs, configs, replications, replications]);
}

#[tokio::test]
async fn an_account_without_configs_costs_one_call() {
    let account = with(&[]).await;
    account.emulator.reset_calls();
    assert_eq!(account.reader.list(Kind::ReplicationConfig).await, Ok(BTreeMap::new()));
    assert_eq!(account.operations(), ["DescribeReplicationConfigs"]);
}

#[tokio::test]
async fn a_delete_can_be_repeated() {
    let mut account = with(&["Orders".to_owned()]).await;
    for _ in 0..2 {
        account.call(Mutation::DeleteReplicationConfig { id: config("Orders") }).await;
        account.settle();
    }
    assert_eq!(account.reader.list(Kind::ReplicationConfig).await, Ok(BTreeMap::new()));
}
