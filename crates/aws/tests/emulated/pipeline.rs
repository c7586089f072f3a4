//! A pipeline from nothing to running and back, and what each kind reads back.

use std::collections::BTreeMap;

use pipewright_engine::{CloudRead, Identity};
use pipewright_model::kinds::{
    CdcStart, EndpointType, InstanceDeclared, MigrationType, Recovery, Run, SubnetGroupDeclared, TaskDeclared,
};
use pipewright_model::tags::Tags;
use pipewright_model::{Kind, LiveBody, Ref, ResourceId};
use pipewright_plan::{Mutation, StartType};
use serde_json::json;

use crate::{Account, endpoint, endpoint_declared, instance, instance_declared, owned, subnet_group};

fn task() -> ResourceId {
    ResourceId::new(Kind::Task, "Orders")
}

fn task_declared() -> TaskDeclared {
    TaskDeclared {
        source: Ref::Managed(endpoint("Source")),
        target: Ref::Managed(endpoint("Target")),
        instance: Ref::Managed(instance()),
        migration_type: MigrationType::FullLoadAndCdc,
        table_mappings: json!({"rules": [{"rule-type": "selection", "rule-id": "1", "rule-name": "1",
            "object-locator": {"schema-name": "shop", "table-name": "%"}, "rule-action": "include"}]}),
        settings: json!({"Logging": {"EnableLogging": true}}),
        cdc_start: None,
        cdc_stop_position: None,
        run: Run::Running,
        recovery: Recovery::default(),
        table_reloads: 0,
        stop_to_change: true,
        test_connections: true,
        start_gates: pipewright_model::kinds::StartGates::default(),
    }
}

/// An account with a running pipeline.
pub(crate) async fn running() -> Account {
    let mut account = Account::new().await;
    account.prepare().await;
    account
        .call(Mutation::CreateInstance { id: instance(), declared: instance_declared(), tags: owned() })
        .await;
    let source = endpoint_declared(EndpointType::Source, "mysql");
    account
        .call(Mutation::CreateEndpoint { id: endpoint("Source"), declared: source.into(), tags: owned() })
        .await;
    let target = endpoint_declared(EndpointType::Target, "aurora-postgresql");
    account
        .call(Mutation::CreateEndpoint { id: endpoint("Target"), declared: target.into(), tags: owned() })
        .await;
    account.settle();
    for end in ["Source", "Target"] {
        let (instance, endpoint) = (Ref::Managed(instance()), Ref::Managed(endpoint(end)));
        account.call(Mutation::TestConnection { instance, endpoint }).await;
    }
    account
        .call(Mutation::CreateTask {
            id: task(),
            declared: Box::new(task_declared()),
            tags: owned(),
            continues: None,
        })
        .await;
    account.settle();
    let start = StartType::StartReplication;
    account.call(Mutation::StartTask { id: task(), start, cdc_start: None }).await;
    account.settle();
    account
}

#[tokio::test]
async fn the_caller_is_known() {
    let account = Account::new().await;
    let Identity { account_id, arn } = account.reader.identity().await.unwrap();
    assert_eq!(account_id, "123456789012");
    assert!(arn.contains(":123456789012:"), "{arn}");
}

#[tokio::test]
async fn an_empty_account_has_nothing_of_any_kind() {
    let account = Account::new().await;
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::ServiceRole) {
        assert_eq!(account.reader.list(kind).await, Ok(BTreeMap::new()), "{kind}");
    }
    assert_eq!(account.reader.tags(&[]).await, Ok(BTreeMap::new()));
}

#[tokio::test]
async fn what_was_made_reads_back_as_declared() {
    let account = running().await;

    let group = account.live(&subnet_group()).await.unwrap();
    assert_eq!(group.arn, "arn:aws:dms:us-east-1:123456789012:subgrp:net");
    let LiveBody::SubnetGroup(group) = group.body else { panic!("{group:?}") };
    assert_eq!(group.subnet_ids, crate::subnet_group_declared().subnet_ids);
    assert_eq!(group.status, "Complete");

    let live = account.live(&instance()).await.unwrap();
    assert_eq!(live.arn, account.arns[&instance()]);
    let LiveBody::Instance(found) = live.body else { panic!("{live:?}") };
    assert_eq!((found.class.as_str(), found.allocated_storage), ("dms.t3.medium", 50));
    assert_eq!(found.subnet_group, "net");
    assert_eq!(Some(found.vpc_security_group_ids), instance_declared().vpc_security_group_ids);
    assert_eq!(found.status, "available");

    let live = account.live(&endpoint("Source")).await.unwrap();
    let LiveBody::Endpoint(found) = live.body else { panic!("{live:?}") };
    assert_eq!(found.endpoint_type, EndpointType::Source);
    assert_eq!((found.engine.as_str(), found.port), ("mysql", Some(3306)));
    assert_eq!(found.username.as_deref(), Some("admin"));
    assert_eq!(found.status, "active");

    let connection = ResourceId::connection(&instance(), &endpoint("Target"));
    let live = account.live(&connection).await.unwrap();
    let LiveBody::Connection(found) = live.body else { panic!("{live:?}") };
    assert_eq!(found.endpoint_arn, account.arns[&endpoint("Target")]);
    assert_eq!(found.status, "successful");

    let live = account.live(&task()).await.unwrap();
    let LiveBody::Task(found) = live.body else { panic!("{live:?}") };
    assert_eq!(found.instance_arn, account.arns[&instance()]);
    assert_eq!(found.migration_type, "full-load-and-cdc");
    assert_eq!(found.table_mappings, task_declared().table_mappings);
    assert_eq!(found.settings["Logging"]["EnableLogging"], json!(true));
    assert_eq!(found.status, "running");
}

#[tokio::test]
async fn each_mutation_is_one_call() {
    let mut account = running().await;
    account.emulator.reset_calls();
    let wider = SubnetGroupDeclared { description: "changed".to_owned(), ..crate::subnet_group_declared() };
    account.call(Mutation::ModifySubnetGroup { id: subnet_group(), declared: wider }).await;
    account.call(Mutation::StopTask { id: task() }).await;
    account.settle();
    account
        .call(Mutation::ModifyTask {
            id: task(),
            migration_type: Some(MigrationType::Cdc),
            table_mappings: None,
            settings: Some(json!({"Logging": {"EnableLogging": false}})),
            cdc_start: Some(CdcStart::Time(1_700_000_000)),
            cdc_stop_position: None,
        })
        .await;
    account.settle();
    let larger = InstanceDeclared { allocated_storage: Some(100), ..instance_declared() };
    account.call(Mutation::ModifyInstance { id: instance(), declared: larger }).await;
    account.settle();
    let mut moved = endpoint_declared(EndpointType::Source, "mysql");
    moved.server_name = Some("other.example.com".to_owned());
    account.call(Mutation::ModifyEndpoint { id: endpoint("Source"), declared: moved.into() }).await;
    account.settle();
    assert_eq!(
        account.operations(),
        [
            "ModifyReplicationSubnetGroup",
            "StopReplicationTask",
            "ModifyReplicationTask",
            "ModifyReplicationInstance",
            "ModifyEndpoint"
        ]
    );

    let LiveBody::Task(found) = account.live(&task()).await.unwrap().body else { panic!() };
    assert_eq!((found.status.as_str(), found.migration_type.as_str()), ("stopped", "cdc"));
    assert_eq!(found.settings["Logging"]["EnableLogging"], json!(false));
    let LiveBody::Instance(found) = account.live(&instance()).await.unwrap().body else { panic!() };
    assert_eq!(found.allocated_storage, 100);
    let LiveBody::Endpoint(found) = account.live(&endpoint("Source")).await.unwrap().body else { panic!() };
    assert_eq!(found.server_name.as_deref(), Some("other.example.com"));
}

#[tokio::test]
async fn a_test_that_is_under_way_is_as_good_as_one_started() {
    let mut account = running().await;
    let test = Mutation::TestConnection {
        instance: Ref::Managed(instance()),
        endpoint: Ref::Managed(endpoint("Source")),
    };
    account.call(test.clone()).await;
    account.emulator.reset_calls();
    account.call(test).await;
    let [call] = &account.emulator.calls()[..] else { panic!("one call") };
    assert_eq!(
        call.error.as_deref(),
        Some("InvalidResourceStateFault"),
        "the emulator refused the second test"
    );
}

#[tokio::test]
async fn a_task_moves_to_another_instance() {
    let mut account = running().await;
    let other = ResourceId::new(Kind::Instance, "other");
    account
        .call(Mutation::CreateInstance {
            id: other.clone(),
            declared: instance_declared(),
            tags: Tags::new(),
        })
        .await;
    account.call(Mutation::StopTask { id: task() }).await;
    account.settle();
    account.call(Mutation::MoveTask { id: task(), to: Ref::Managed(other.clone()) }).await;
    account.settle();
    let LiveBody::Task(found) = account.live(&task()).await.unwrap().body else { panic!() };
    assert_eq!(found.instance_arn, account.arns[&other]);
}

#[tokio::test]
async fn deletes_can_be_repeated_and_leave_nothing() {
    let mut account = running().await;
    account.call(Mutation::StopTask { id: task() }).await;
    account.settle();
    for delete in [
        Mutation::DeleteTask { id: task() },
        Mutation::DeleteEndpoint { id: endpoint("Source") },
        Mutation::DeleteEndpoint { id: endpoint("Target") },
        Mutation::DeleteInstance { id: instance() },
        Mutation::DeleteSubnetGroup { id: subnet_group() },
    ] {
        account.call(delete.clone()).await;
        account.settle();
        account.call(delete).await;
    }
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::ServiceRole) {
        assert_eq!(account.reader.list(kind).await, Ok(BTreeMap::new()), "{kind}");
    }
}

#[tokio::test]
async fn settings_travel_by_the_engines_own_structure() {
    let mut account = Account::new().await;
    for (engine, settings) in [
        (
            "mysql",
            json!({"ServerTimezone": "UTC", "EventsPollInterval": 5, "CleanSourceMetadataOnMismatch": true}),
        ),
        ("oracle", json!({"ExtraArchivedLogDestIds": [1, 2], "CharLengthSemantics": "char"})),
        ("mongodb", json!({"NestingLevel": "one", "DocsToInvestigate": "1000"})),
    ] {
        let mut declared = endpoint_declared(EndpointType::Source, engine);
        declared.settings = serde_json::from_value(settings).unwrap();
        let id = endpoint(engine);
        account
            .call(Mutation::CreateEndpoint {
                id: id.clone(),
                declared: declared.clone().into(),
                tags: Tags::new(),
            })
            .await;
        let LiveBody::Endpoint(found) = account.live(&id).await.unwrap().body else { panic!() };
        for (name, value) in &declared.settings {
            assert_eq!(found.settings.get(name), Some(value), "{engine} {name}");
        }
    }
}
