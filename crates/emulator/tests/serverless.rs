//! Serverless replications: their statuses, what is refused in which, and their tables.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use serde_json::{Value, json};
use support::{Sandbox, filter, mappings, string};

fn config(sandbox: &Sandbox, kind: &str) -> String {
    let source = sandbox.endpoint("source", "source");
    let target = sandbox.endpoint("target", "target");
    let made = sandbox.ok(
        "CreateReplicationConfig",
        json!({"ReplicationConfigIdentifier": "Config", "SourceEndpointArn": source, "TargetEndpointArn": target,
            "ReplicationType": kind, "TableMappings": mappings(), "ComputeConfig": {"MaxCapacityUnits": 4}}),
    );
    let config = &made["ReplicationConfig"];
    assert_eq!(config["ReplicationConfigIdentifier"], "config");
    assert_eq!(config["ComputeConfig"]["MultiAZ"], false);
    string(&config["ReplicationConfigArn"])
}

fn replication(sandbox: &Sandbox, arn: &str) -> Value {
    let listed = sandbox.ok("DescribeReplications", filter("replication-config-arn", arn));
    listed["Replications"][0].clone()
}

#[test]
fn a_replication_passes_through_all_statuses() {
    let sandbox = Sandbox::new();
    let arn = config(&sandbox, "full-load");
    let mut seen = vec![string(&replication(&sandbox, &arn)["Status"])];
    let start = json!({"ReplicationConfigArn": arn, "StartReplicationType": "start-replication"});
    sandbox.ok("StartReplication", start.clone());
    for _ in 0..40 {
        let status = string(&replication(&sandbox, &arn)["Status"]);
        if seen.last() != Some(&status) {
            seen.push(status);
        }
        sandbox.advance(30);
    }
    assert_eq!(
        seen,
        [
            "created",
            "initializing",
            "preparing_metadata_resources",
            "testing_connection",
            "fetching_metadata",
            "calculating_capacity",
            "provisioning_capacity",
            "replication_starting",
            "running",
            "stopped"
        ]
    );
    let done = replication(&sandbox, &arn);
    assert_eq!(done["StopReason"], "Stop Reason FULL_LOAD_ONLY_FINISHED");
    assert_eq!(done["ReplicationStats"]["FullLoadProgressPercent"], 100);
    assert_eq!(done["ProvisionData"]["ProvisionedCapacityUnits"], 4);
    assert_eq!(sandbox.refused("StartReplication", start).code, "InvalidParameterCombinationException");
}

#[test]
fn dms_makes_its_service_linked_role_by_itself() {
    let sandbox = Sandbox::new();
    config(&sandbox, "cdc");
    let role = [("RoleName", "AWSServiceRoleForDMSServerless")];
    let answer = sandbox.client().iam("GetRole", &role);
    assert!(answer.contains("<Path>/aws-service-role/dms.amazonaws.com/</Path>"), "{answer}");
    assert!(sandbox.emulator.actions().contains("iam:CreateServiceLinkedRole"));
}

#[test]
fn a_change_is_waited_out_before_a_start() {
    let sandbox = Sandbox::new();
    let arn = config(&sandbox, "cdc");
    sandbox.ok(
        "ModifyReplicationConfig",
        json!({"ReplicationConfigArn": arn, "ComputeConfig": {"MaxCapacityUnits": 8, "MinCapacityUnits": 2}}),
    );
    let start = json!({"ReplicationConfigArn": arn, "StartReplicationType": "start-replication"});
    assert_eq!(
        sandbox.refused("StartReplication", start.clone()).message,
        "Replication for Replication Config: config is in MODIFYING state and cannot start"
    );
    sandbox.advance(30);
    assert_eq!(replication(&sandbox, &arn)["Status"], "created");
    sandbox.ok("StartReplication", start);
    sandbox.advance(60);
    let call = json!({"ReplicationConfigArn": arn});
    for operation in ["StopReplication", "DeleteReplicationConfig", "ModifyReplicationConfig"] {
        let refusal = sandbox.refused(operation, call.clone());
        assert_eq!(refusal.code, "InvalidResourceStateFault", "{operation}");
    }
    sandbox.advance(600);
    assert_eq!(replication(&sandbox, &arn)["Status"], "running");
    let reload = json!({"ReplicationConfigArn": arn, "TablesToReload": [{"SchemaName": "shop", "TableName": "table_2"}]});
    sandbox.ok("ReloadReplicationTables", reload);
    let tables = sandbox.ok("DescribeReplicationTableStatistics", call.clone());
    let tables = &tables["ReplicationTableStatistics"];
    assert_eq!(tables[1]["TableState"], "Table is being reloaded");
    assert_eq!(tables[0]["TableState"], "Table completed");
    sandbox.ok("StopReplication", call.clone());
    sandbox.advance(60);
    assert_eq!(replication(&sandbox, &arn)["Status"], "stopped");
    sandbox.ok("DeleteReplicationConfig", call.clone());
    assert_eq!(replication(&sandbox, &arn)["Status"], "deleting");
    sandbox.advance(60);
    for (operation, filter_name) in [
        ("DescribeReplications", "replication-config-arn"),
        ("DescribeReplicationConfigs", "replication-config-id"),
    ] {
        let refusal = sandbox.refused(operation, filter(filter_name, &arn));
        assert_eq!(refusal.code, "ResourceNotFoundFault", "{operation}");
    }
}

#[test]
fn an_unreachable_endpoint_fails_the_replication() {
    let sandbox = Sandbox::new();
    let arn = config(&sandbox, "cdc");
    let source = sandbox.ok("DescribeEndpoints", filter("endpoint-id", "source"));
    let source = &source["Endpoints"][0]["EndpointArn"];
    sandbox.ok("ModifyEndpoint", json!({"EndpointArn": source, "ServerName": "db.invalid"}));
    sandbox.advance(5);
    sandbox.ok(
        "StartReplication",
        json!({"ReplicationConfigArn": arn, "StartReplicationType": "start-replication"}),
    );
    sandbox.advance(600);
    let failed = replication(&sandbox, &arn);
    assert_eq!(failed["Status"], "failed");
    assert!(string(&failed["FailureMessages"][0]).contains("Unknown host 'db.invalid'"));
}

#[test]
fn what_a_config_uses_stays() {
    let sandbox = Sandbox::new();
    let arn = config(&sandbox, "cdc");
    let source = sandbox.ok("DescribeEndpoints", filter("endpoint-id", "source"));
    let source = &source["Endpoints"][0]["EndpointArn"];
    assert_eq!(
        sandbox.refused("DeleteEndpoint", json!({"EndpointArn": source})).code,
        "InvalidResourceStateFault"
    );
    let group = json!({"ReplicationSubnetGroupIdentifier": "default"});
    assert_eq!(sandbox.refused("DeleteReplicationSubnetGroup", group).code, "InvalidResourceStateFault");
    let units = json!({"ReplicationConfigArn": arn, "ComputeConfig": {"MaxCapacityUnits": 3}});
    assert_eq!(sandbox.refused("ModifyReplicationConfig", units).code, "InvalidParameterValueException");
    sandbox.ok("AddTagsToResource", json!({"ResourceArn": arn, "Tags": [{"Key": "k", "Value": "v"}]}));
    let tags = sandbox.ok("ListTagsForResource", json!({"ResourceArn": arn}));
    assert_eq!(tags["TagList"][0]["Key"], "k");
}
