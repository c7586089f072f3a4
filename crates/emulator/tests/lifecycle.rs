//! Statuses over virtual time, and what is refused in which of them.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::time::Duration;

use pipewright_emulator::{Config, Quotas};
use serde_json::{Value, json};
use support::{Sandbox, filter, manual, mappings, string};

fn status_of_instance(sandbox: &Sandbox, arn: &str) -> Option<String> {
    let (status, body) = sandbox
        .client()
        .dms("DescribeReplicationInstances", &filter("replication-instance-arn", arn))
        .unwrap();
    if status == 400 {
        assert_eq!(body["__type"], "ResourceNotFoundFault");
        return None;
    }
    Some(string(&body["ReplicationInstances"][0]["ReplicationInstanceStatus"]))
}

#[test]
fn an_instance_takes_its_time() {
    let sandbox = Sandbox::new();
    let made = sandbox.ok(
        "CreateReplicationInstance",
        json!({"ReplicationInstanceIdentifier": "My-Instance", "ReplicationInstanceClass": "dms.c5.large"}),
    );
    let made = &made["ReplicationInstance"];
    assert_eq!(made["ReplicationInstanceIdentifier"], "my-instance");
    assert_eq!(made["AllocatedStorage"], 100);
    let arn = string(&made["ReplicationInstanceArn"]);
    assert_eq!(arn.rsplit(':').next().unwrap().len(), 26);
    sandbox.advance(599);
    assert_eq!(status_of_instance(&sandbox, &arn).unwrap(), "creating");
    let early = sandbox.refused("DeleteReplicationInstance", json!({"ReplicationInstanceArn": arn}));
    assert_eq!(early.code, "InvalidResourceStateFault");
    sandbox.advance(1);
    assert_eq!(status_of_instance(&sandbox, &arn).unwrap(), "available");

    let nothing = sandbox.refused(
        "ModifyReplicationInstance",
        json!({"ReplicationInstanceArn": arn, "AllocatedStorage": 100, "MultiAZ": false, "ApplyImmediately": true}),
    );
    assert_eq!(
        (nothing.code.as_str(), nothing.message.as_str()),
        ("InvalidParameterCombinationException", "No modifications were requested")
    );
    let grown = sandbox.ok(
        "ModifyReplicationInstance",
        json!({"ReplicationInstanceArn": arn, "AllocatedStorage": 200, "ApplyImmediately": true}),
    );
    let grown = &grown["ReplicationInstance"];
    assert_eq!(grown["PendingModifiedValues"], json!({"AllocatedStorage": 200}));
    assert_eq!(grown["ReplicationInstanceStatus"], "modifying");
    assert_eq!(grown["AllocatedStorage"], 100);
    sandbox.advance(300);
    let done = sandbox.ok("DescribeReplicationInstances", json!({}))["ReplicationInstances"][0].clone();
    assert_eq!(done["PendingModifiedValues"], json!({}));
    assert_eq!(done["AllocatedStorage"], 200);

    sandbox.ok("DeleteReplicationInstance", json!({"ReplicationInstanceArn": arn}));
    assert_eq!(status_of_instance(&sandbox, &arn).unwrap(), "deleting");
    sandbox.advance(300);
    assert_eq!(status_of_instance(&sandbox, &arn), None);
}

#[test]
fn an_instance_in_two_zones_passes_through_modifying() {
    let sandbox = Sandbox::new();
    let made = sandbox.ok(
        "CreateReplicationInstance",
        json!({"ReplicationInstanceIdentifier": "ri", "ReplicationInstanceClass": "dms.t3.micro", "MultiAZ": true}),
    );
    let arn = string(&made["ReplicationInstance"]["ReplicationInstanceArn"]);
    sandbox.advance(600);
    assert_eq!(status_of_instance(&sandbox, &arn).unwrap(), "modifying");
    sandbox.advance(60);
    assert_eq!(status_of_instance(&sandbox, &arn).unwrap(), "available");
    let failover = json!({"ReplicationInstanceArn": arn, "ForceFailover": true});
    sandbox.ok("RebootReplicationInstance", failover);
    sandbox.advance(120);
    let listed = sandbox.ok("DescribeReplicationInstances", json!({}));
    assert_eq!(listed["ReplicationInstances"][0]["AvailabilityZone"], "us-east-1b");
    assert_eq!(listed["ReplicationInstances"][0]["SecondaryAvailabilityZone"], "us-east-1a");
}

#[test]
fn without_apply_immediately_changes_wait_for_the_window() {
    let sandbox = Sandbox::new();
    let arn = sandbox.instance("ri");
    let input = json!({"ReplicationInstanceArn": arn, "ReplicationInstanceClass": "dms.r5.large"});
    let waiting = sandbox.ok("ModifyReplicationInstance", input)["ReplicationInstance"].clone();
    assert_eq!(waiting["ReplicationInstanceStatus"], "available");
    assert_eq!(waiting["PendingModifiedValues"], json!({"ReplicationInstanceClass": "dms.r5.large"}));
    sandbox.advance(7 * 24 * 3600 + 300);
    let done = sandbox.ok("DescribeReplicationInstances", json!({}))["ReplicationInstances"][0].clone();
    assert_eq!(done["ReplicationInstanceClass"], "dms.r5.large");
    assert_eq!(done["PendingModifiedValues"], json!({}));
}

#[test]
fn a_full_load_runs_and_finishes() {
    let sandbox = Sandbox::new();
    let task = sandbox.task("full-load");
    let start = |kind: &str| json!({"ReplicationTaskArn": task.arn, "StartReplicationTaskType": kind});
    let resume = sandbox.refused("StartReplicationTask", start("resume-processing"));
    assert_eq!(resume.code, "InvalidParameterCombinationException");
    sandbox.ok("StartReplicationTask", start("start-replication"));
    assert_eq!(sandbox.described(&task)["Status"], "starting");
    let stop = json!({"ReplicationTaskArn": task.arn});
    let early = sandbox.refused("StopReplicationTask", stop);
    assert!(early.message.contains("task not running"), "{early:?}");
    sandbox.advance(60);
    assert_eq!(sandbox.described(&task)["Status"], "running");
    sandbox.advance(60);
    let half = sandbox.described(&task);
    assert_eq!(half["ReplicationTaskStats"]["FullLoadProgressPercent"], 50);
    assert_eq!(half["ReplicationTaskStats"]["TablesLoaded"], 1);
    assert_eq!(half["ReplicationTaskStats"]["TablesLoading"], 1);
    assert_eq!(half["ReplicationTaskStats"]["TablesQueued"], 1);
    let tables = sandbox.ok("DescribeTableStatistics", json!({"ReplicationTaskArn": task.arn}));
    let states: Vec<&Value> =
        tables["TableStatistics"].as_array().unwrap().iter().map(|table| &table["TableState"]).collect();
    assert_eq!(states, ["Table completed", "Full load", "Before load"]);
    sandbox.advance(60);
    let done = sandbox.described(&task);
    assert_eq!(done["Status"], "stopped");
    assert_eq!(done["StopReason"], "Stop Reason FULL_LOAD_ONLY_FINISHED");
    assert_eq!(done["ReplicationTaskStats"]["FullLoadProgressPercent"], 100);
    let again = sandbox.refused("StartReplicationTask", start("start-replication"));
    assert_eq!(
        again.message,
        "Start Type : START_REPLICATION, valid only for tasks running for the first time"
    );
    sandbox.ok("StartReplicationTask", start("reload-target"));
}

#[test]
fn a_task_that_follows_changes_stops_and_resumes() {
    let sandbox = Sandbox::new();
    let task = sandbox.task("full-load-and-cdc");
    let call = json!({"ReplicationTaskArn": task.arn});
    sandbox.ok(
        "StartReplicationTask",
        json!({"ReplicationTaskArn": task.arn, "StartReplicationTaskType": "start-replication"}),
    );
    sandbox.advance(60 + 90);
    let modify = json!({"ReplicationTaskArn": task.arn, "ReplicationTaskSettings": "{\"TargetMetadata\":{\"LobMaxSize\":64}}"});
    let running = sandbox.refused("ModifyReplicationTask", modify.clone());
    assert_eq!(
        running.message,
        "Replication Task, excluding logging severity task settings, cannot be modified while it is running state"
    );
    let severity =
        "{\"Logging\":{\"LogComponents\":[{\"Id\":\"IO\",\"Severity\":\"LOGGER_SEVERITY_DEBUG\"}]}}";
    let severity = json!({"ReplicationTaskArn": task.arn, "ReplicationTaskSettings": severity});
    sandbox.ok("ModifyReplicationTask", severity);
    assert_eq!(sandbox.described(&task)["Status"], "running");
    assert_eq!(sandbox.refused("DeleteReplicationTask", call.clone()).code, "InvalidResourceStateFault");
    let port = json!({"EndpointArn": task.source, "Port": 3307});
    assert_eq!(sandbox.refused("ModifyEndpoint", port.clone()).code, "InvalidResourceStateFault");
    sandbox.ok("StopReplicationTask", call.clone());
    assert_eq!(sandbox.described(&task)["Status"], "stopping");
    sandbox.advance(60);
    let stopped = sandbox.described(&task);
    assert_eq!(stopped["Status"], "stopped");
    assert_eq!(stopped["ReplicationTaskStats"]["FullLoadProgressPercent"], 75);

    // The change of an endpoint tests it again, and until that is done the task cannot start.
    sandbox.ok("ModifyEndpoint", port);
    let resume = json!({"ReplicationTaskArn": task.arn, "StartReplicationTaskType": "resume-processing"});
    sandbox.advance(5);
    let pair = json!({"ReplicationInstanceArn": task.instance, "EndpointArn": task.source});
    assert!(sandbox.refused("TestConnection", pair).message.contains("already being tested"));
    assert_eq!(
        sandbox.refused("StartReplicationTask", resume.clone()).message,
        "Test connection for replication instance ri and endpoint source should be successful for starting the replication task"
    );
    sandbox.advance(60);
    sandbox.ok("ModifyReplicationTask", modify);
    sandbox.advance(10);
    sandbox.ok("StartReplicationTask", resume);
    sandbox.advance(60 + 30 + 600);
    let followed = sandbox.described(&task);
    assert_eq!(followed["Status"], "running");
    assert_eq!(followed["ReplicationTaskStats"]["FullLoadProgressPercent"], 100);
    let settings: Value =
        serde_json::from_str(followed["ReplicationTaskSettings"].as_str().unwrap()).unwrap();
    assert_eq!(settings["TargetMetadata"]["LobMaxSize"], 64);
    let tables = sandbox.ok("DescribeTableStatistics", call);
    assert_eq!(tables["TableStatistics"][0]["Inserts"], 60);
}

#[test]
fn a_cdc_task_may_start_afresh_from_a_position() {
    let sandbox = Sandbox::new();
    let task = sandbox.task("cdc");
    let start = json!({"ReplicationTaskArn": task.arn, "StartReplicationTaskType": "start-replication"});
    sandbox.ok("StartReplicationTask", start.clone());
    sandbox.advance(60);
    sandbox.ok("StopReplicationTask", json!({"ReplicationTaskArn": task.arn}));
    sandbox.advance(60);
    assert_eq!(
        sandbox.refused("StartReplicationTask", start.clone()).code,
        "InvalidParameterCombinationException"
    );
    let mut positioned = start;
    positioned["CdcStartPosition"] = json!("mysql-bin-changelog.000024:373");
    sandbox.ok("StartReplicationTask", positioned);
    assert_eq!(sandbox.described(&task)["CdcStartPosition"], "mysql-bin-changelog.000024:373");
}

#[test]
fn a_task_moves_to_another_instance() {
    let sandbox = Sandbox::new();
    let task = sandbox.task("full-load");
    let other = sandbox.instance("other");
    let call = json!({"ReplicationTaskArn": task.arn, "TargetReplicationInstanceArn": other});
    sandbox.ok("MoveReplicationTask", call);
    let moving = sandbox.described(&task);
    assert_eq!(moving["Status"], "moving");
    assert_eq!(moving["TargetReplicationInstanceArn"], json!(other));
    let used = sandbox.refused("DeleteReplicationInstance", json!({"ReplicationInstanceArn": other}));
    assert_eq!(used.code, "InvalidResourceStateFault");
    sandbox.advance(120);
    let moved = sandbox.described(&task);
    assert_eq!(moved["Status"], "ready");
    assert_eq!(moved["ReplicationInstanceArn"], json!(other));
    assert_eq!(moved.get("TargetReplicationInstanceArn"), None);
}

#[test]
fn what_is_in_use_stays() {
    let sandbox = Sandbox::new();
    sandbox.ok(
        "CreateReplicationSubnetGroup",
        json!({"ReplicationSubnetGroupIdentifier": "Group", "ReplicationSubnetGroupDescription": "d",
            "SubnetIds": ["subnet-1", "subnet-2"]}),
    );
    sandbox.ok(
        "CreateReplicationInstance",
        json!({"ReplicationInstanceIdentifier": "in-group", "ReplicationInstanceClass": "dms.t3.micro",
            "ReplicationSubnetGroupIdentifier": "GROUP"}),
    );
    let group = json!({"ReplicationSubnetGroupIdentifier": "group"});
    assert_eq!(
        sandbox.refused("DeleteReplicationSubnetGroup", group).message,
        "Cannot delete the subnet group 'group' because at least one database instance: in-group is still using it."
    );
    let task = sandbox.task("full-load");
    for (operation, input) in [
        ("DeleteReplicationInstance", json!({"ReplicationInstanceArn": task.instance})),
        ("DeleteEndpoint", json!({"EndpointArn": task.source})),
        ("DeleteEndpoint", json!({"EndpointArn": task.target})),
    ] {
        assert_eq!(sandbox.refused(operation, input).code, "InvalidResourceStateFault", "{operation}");
    }
}

#[test]
fn the_second_of_a_name_is_refused_with_the_arn_of_the_first() {
    let sandbox = Sandbox::new();
    let arn = sandbox.endpoint("same", "source");
    let refusal = sandbox.refused(
        "CreateEndpoint",
        json!({"EndpointIdentifier": "SAME", "EndpointType": "source", "EngineName": "mysql", "ServerName": "h"}),
    );
    assert_eq!((refusal.status, refusal.code.as_str()), (400, "ResourceAlreadyExistsFault"));
    assert_eq!(refusal.body["resourceArn"], json!(arn));
}

#[test]
fn without_the_vpc_role_nothing_is_made() {
    let sandbox = Sandbox::with(Config { iam_propagation: Duration::from_mins(1), ..manual() });
    let group = json!({"ReplicationSubnetGroupIdentifier": "g", "ReplicationSubnetGroupDescription": "d",
        "SubnetIds": ["subnet-1", "subnet-2"]});
    let message =
        "The IAM Role arn:aws:iam::123456789012:role/dms-vpc-role is not configured properly.".to_owned();
    let refusal = sandbox.refused("CreateReplicationSubnetGroup", group.clone());
    assert_eq!((refusal.code.as_str(), &refusal.message), ("AccessDeniedFault", &message));
    sandbox.client().create_vpc_role();
    sandbox.advance(59);
    let stale = sandbox.refused("CreateReplicationSubnetGroup", group.clone());
    assert_eq!(stale.message, message);
    sandbox.advance(1);
    sandbox.ok("CreateReplicationSubnetGroup", group);
}

#[test]
fn a_connection_can_fail() {
    let sandbox = Sandbox::new();
    let instance = sandbox.instance("ri");
    for (engine, host, reason) in [
        ("mysql", "db.invalid", "Unknown host 'db.invalid'"),
        ("redshift", "r.example.com", "role/dms-access-for-endpoint is not configured properly"),
    ] {
        let made = sandbox.ok(
            "CreateEndpoint",
            json!({"EndpointIdentifier": engine, "EndpointType": "target", "EngineName": engine, "ServerName": host}),
        );
        let endpoint = string(&made["Endpoint"]["EndpointArn"]);
        sandbox.connect(&instance, &endpoint);
        let listed = sandbox.ok("DescribeConnections", filter("endpoint-arn", &endpoint));
        let connection = &listed["Connections"][0];
        assert_eq!(connection["Status"], "failed");
        assert!(string(&connection["LastFailureMessage"]).contains(reason), "{connection}");
    }
}

#[test]
fn an_endpoint_keeps_its_settings_unless_they_are_exact() {
    let sandbox = Sandbox::new();
    let made = sandbox.ok(
        "CreateEndpoint",
        json!({"EndpointIdentifier": "pg", "EndpointType": "source", "EngineName": "postgres",
            "PostgreSQLSettings": {"ServerName": "h", "Port": 5432, "DatabaseName": "d", "Username": "u", "Password": "p",
                "HeartbeatEnable": true}}),
    );
    let endpoint = &made["Endpoint"];
    assert_eq!(endpoint["ServerName"], "h");
    assert_eq!(endpoint["PostgreSQLSettings"].get("Password"), None);
    let arn = string(&endpoint["EndpointArn"]);
    let merged =
        sandbox.ok("ModifyEndpoint", json!({"EndpointArn": arn, "PostgreSQLSettings": {"SlotName": "s"}}));
    assert_eq!(merged["Endpoint"]["PostgreSQLSettings"]["HeartbeatEnable"], true);
    assert_eq!(merged["Endpoint"]["PostgreSQLSettings"]["SlotName"], "s");
    sandbox.advance(5);
    let exact = sandbox.ok(
        "ModifyEndpoint",
        json!({"EndpointArn": arn, "ExactSettings": true, "PostgreSQLSettings": {"SlotName": "t"}}),
    );
    assert_eq!(exact["Endpoint"]["PostgreSQLSettings"].get("HeartbeatEnable"), None);
    assert_eq!(exact["Endpoint"]["PostgreSQLSettings"]["SlotName"], "t");
}

#[test]
fn wrong_endpoints_are_refused() {
    let sandbox = Sandbox::new();
    for (input, code) in [
        (json!({"EngineName": "nosuch"}), "InvalidParameterValueException"),
        (json!({"EngineName": "redshift", "ServerName": "h"}), "InvalidParameterValueException"),
        (json!({"EngineName": "mysql"}), "InvalidParameterValueException"),
        (
            json!({"EngineName": "mysql", "ServerName": "h", "OracleSettings": {}}),
            "InvalidParameterCombinationException",
        ),
        (
            json!({"EngineName": "mysql", "ServerName": "h",
                "MySQLSettings": {"SecretsManagerSecretId": "s", "SecretsManagerAccessRoleArn": "a"}}),
            "InvalidParameterCombinationException",
        ),
        (json!({"EngineName": "mysql", "ServerName": "h", "KmsKeyId": "no-key"}), "KMSKeyNotAccessibleFault"),
        (json!({"EngineName": "s3", "S3Settings": {}}), "InvalidParameterValueException"),
    ] {
        let mut whole = json!({"EndpointIdentifier": "e", "EndpointType": "source"});
        whole.as_object_mut().unwrap().extend(input.as_object().unwrap().clone());
        assert_eq!(sandbox.refused("CreateEndpoint", whole).code, code, "{input}");
    }
}

#[test]
fn quotas_hold() {
    let sandbox =
        Sandbox::with(Config { quotas: Quotas { endpoints: 2, tasks: 0, ..Quotas::default() }, ..manual() });
    sandbox.client().create_vpc_role();
    let instance = sandbox.instance("ri");
    let source = sandbox.endpoint("a", "source");
    let target = sandbox.endpoint("b", "target");
    let third = json!({"EndpointIdentifier": "c", "EndpointType": "source", "EngineName": "mysql", "ServerName": "h"});
    assert_eq!(sandbox.refused("CreateEndpoint", third).code, "ResourceQuotaExceededFault");
    let task = json!({"ReplicationTaskIdentifier": "t", "SourceEndpointArn": source, "TargetEndpointArn": target,
        "ReplicationInstanceArn": instance, "MigrationType": "cdc", "TableMappings": mappings()});
    assert_eq!(sandbox.refused("CreateReplicationTask", task).code, "ResourceQuotaExceededFault");
    let attributes = sandbox.ok("DescribeAccountAttributes", json!({}));
    let quotas = attributes["AccountQuotas"].as_array().unwrap();
    assert!(quotas.contains(&json!({"AccountQuotaName": "Endpoints", "Used": 2, "Max": 2})));
}

#[test]
fn pages_and_filters() {
    let sandbox = Sandbox::new();
    for number in 0..45 {
        sandbox.endpoint(&format!("e{number}"), if number % 9 == 0 { "target" } else { "source" });
    }
    let mut names = Vec::new();
    let mut input = json!({"MaxRecords": 20});
    loop {
        let page = sandbox.ok("DescribeEndpoints", input.clone());
        let endpoints = page["Endpoints"].as_array().unwrap();
        names.extend(endpoints.iter().map(|endpoint| string(&endpoint["EndpointIdentifier"])));
        match page.get("Marker") {
            Some(marker) => input["Marker"] = marker.clone(),
            None => break,
        }
    }
    assert_eq!(names, (0..45).map(|number| format!("e{number}")).collect::<Vec<_>>());
    for size in [19, 101] {
        let refusal = sandbox.refused("DescribeEndpoints", json!({"MaxRecords": size}));
        assert_eq!(refusal.code, "InvalidParameterValueException");
    }
    assert_eq!(
        sandbox.refused("DescribeEndpoints", json!({"Marker": "x"})).code,
        "InvalidParameterValueException"
    );
    let targets = sandbox.ok("DescribeEndpoints", filter("endpoint-type", "target"));
    assert_eq!(targets["Endpoints"].as_array().unwrap().len(), 5);
    let both = json!({"Filters": [{"Name": "endpoint-type", "Values": ["target"]},
        {"Name": "endpoint-id", "Values": ["e0", "e1", "e9"]}]});
    assert_eq!(sandbox.ok("DescribeEndpoints", both)["Endpoints"].as_array().unwrap().len(), 2);
    let none = sandbox.refused("DescribeEndpoints", filter("endpoint-id", "none"));
    assert_eq!(
        (none.code.as_str(), none.message.as_str()),
        ("ResourceNotFoundFault", "No Endpoints found matching provided filters")
    );
    assert_eq!(
        sandbox.refused("DescribeEndpoints", filter("colour", "red")).code,
        "InvalidParameterValueException"
    );
    assert_eq!(sandbox.ok("DescribeReplicationTasks", json!({})), json!({"ReplicationTasks": []}));
}

#[test]
fn tags_come_with_their_resource() {
    let sandbox = Sandbox::new();
    let one = sandbox.endpoint("one", "source");
    let two = sandbox.instance("two");
    let tags = json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}]);
    for arn in [&one, &two] {
        sandbox.ok("AddTagsToResource", json!({"ResourceArn": arn, "Tags": tags}));
    }
    sandbox.ok("RemoveTagsFromResource", json!({"ResourceArn": one, "TagKeys": ["a", "z"]}));
    let listed = sandbox.ok("ListTagsForResource", json!({"ResourceArnList": [one, two]}));
    assert_eq!(
        listed["TagList"],
        json!([{"Key": "b", "Value": "", "ResourceArn": one},
            {"Key": "a", "Value": "1", "ResourceArn": two}, {"Key": "b", "Value": "", "ResourceArn": two}])
    );
    let group = "arn:aws:dms:us-east-1:123456789012:subgrp:none";
    assert_eq!(
        sandbox.refused("ListTagsForResource", json!({"ResourceArn": group})).code,
        "ResourceNotFoundFault"
    );
    let reserved = json!({"ResourceArn": one, "Tags": [{"Key": "aws:x", "Value": ""}]});
    assert_eq!(sandbox.refused("AddTagsToResource", reserved).code, "InvalidParameterValueException");
}

#[test]
fn accounts_and_regions_are_apart() {
    let sandbox = Sandbox::new();
    sandbox.endpoint("e", "source");
    let mut elsewhere = sandbox.client();
    elsewhere.region = "eu-west-1";
    assert_eq!(elsewhere.ok("DescribeEndpoints", json!({}))["Endpoints"], json!([]));
    let mut stranger = sandbox.client();
    stranger.access_key = "210987654321";
    assert_eq!(stranger.ok("DescribeEndpoints", json!({}))["Endpoints"], json!([]));
    let mut china = sandbox.client();
    china.region = "cn-north-1";
    let made = china.ok(
        "CreateEndpoint",
        json!({"EndpointIdentifier": "e", "EndpointType": "source", "EngineName": "mysql", "ServerName": "h"}),
    );
    let arn = string(&made["Endpoint"]["EndpointArn"]);
    assert!(arn.starts_with("arn:aws-cn:dms:cn-north-1:123456789012:endpoint:"), "{arn}");
}
