//! Scripts and the emulator's own HTTP interface.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use pipewright_emulator::{Disturbance, Script, ScriptError};
use serde_json::{Value, json};
use support::{Client, Sandbox, filter};

fn http(client: &Client, method: &str, path: &str, kind: &str, body: &str) -> (u16, String) {
    client
        .raw(format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
        .unwrap()
}

fn json(client: &Client, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let (status, answer) = http(client, method, path, "application/json", &body.to_string());
    (status, serde_json::from_str(&answer).unwrap())
}

#[test]
fn a_running_task_fails_and_is_resumed() {
    let sandbox = Sandbox::new();
    let task = sandbox.task("full-load-and-cdc");
    let fails = || Script {
        disturbances: vec![Disturbance::TaskFails {
            task: "TASK".to_owned(),
            reason: "Last Error Fatal error has occurred Stop Reason FATAL_ERROR".to_owned(),
        }],
        ..Script::default()
    };
    let early = sandbox.emulator.play(fails()).unwrap_err();
    assert!(matches!(early, ScriptError::Refused(_)), "{early:?}");
    sandbox.ok(
        "StartReplicationTask",
        json!({"ReplicationTaskArn": task.arn, "StartReplicationTaskType": "start-replication"}),
    );
    sandbox.advance(90);
    sandbox.emulator.play(fails()).unwrap();
    let failed = sandbox.described(&task);
    assert_eq!(failed["Status"], "failed");
    assert_eq!(failed["StopReason"], "Stop Reason FATAL_ERROR");
    assert_eq!(failed["ReplicationTaskStats"]["FullLoadProgressPercent"], 25);
    sandbox.ok(
        "StartReplicationTask",
        json!({"ReplicationTaskArn": task.arn, "StartReplicationTaskType": "resume-processing"}),
    );
    sandbox.advance(60);
    assert_eq!(sandbox.described(&task)["Status"], "running");
    assert_eq!(sandbox.described(&task).get("LastFailureMessage"), None);
}

#[test]
fn somebody_else_acts_right_before_a_call() {
    let sandbox = Sandbox::new();
    let endpoint = sandbox.endpoint("e", "source");
    let before = sandbox.emulator.calls().len();
    let script = json!({"interruptions": [{"operation": "DeleteEndpoint", "disturbances": [
        {"kind": "call", "operation": "AddTagsToResource",
            "input": {"ResourceArn": endpoint, "Tags": [{"Key": "somebody", "Value": "else"}]}},
        {"kind": "call", "operation": "DetachRolePolicy", "input": {"RoleName": "dms-vpc-role",
            "PolicyArn": "arn:aws:iam::aws:policy/service-role/AmazonDMSVPCManagementRole"}},
    ]}]});
    sandbox.emulator.play(Script::parse(&script.to_string()).unwrap()).unwrap();
    let tags = || sandbox.ok("ListTagsForResource", json!({"ResourceArn": endpoint}))["TagList"].clone();
    assert_eq!(tags(), json!([]));
    sandbox.ok("DeleteEndpoint", json!({"EndpointArn": endpoint}));
    assert_eq!(tags()[0]["Key"], "somebody");
    let refusal = sandbox.refused(
        "CreateReplicationInstance",
        json!({"ReplicationInstanceIdentifier": "i", "ReplicationInstanceClass": "dms.t3.micro"}),
    );
    assert_eq!(refusal.code, "AccessDeniedFault");
    assert_eq!(sandbox.emulator.calls().len() - before, 4);
}

#[test]
fn a_script_comes_over_http() {
    let sandbox = Sandbox::new();
    let client = sandbox.client();
    let instance = sandbox.instance("ri");
    let endpoint = sandbox.endpoint("e", "source");
    let script = json!({
        "faults": [{"operation": "DeleteEndpoint", "effect": "internalError"}],
        "disturbances": [
            {"kind": "endpointUnreachable", "endpoint": "e", "reason": "no route to host"},
            {"kind": "storageFull", "instance": "other"},
        ],
    });
    // One disturbance that cannot happen keeps all of them, and the faults, from happening.
    let (status, answer) = json(&client, "POST", "/_sandbox/script", &script);
    assert_eq!((status, &answer["message"]), (400, &json!("there is no rep other")));
    let mut script = script;
    script["disturbances"][1]["instance"] = json!("ri");
    sandbox.connect(&instance, &endpoint);
    assert_eq!(json(&client, "POST", "/_sandbox/script", &script).0, 200);
    assert_eq!(sandbox.refused("DeleteEndpoint", json!({"EndpointArn": endpoint})).status, 500);

    let listed = sandbox.ok("DescribeReplicationInstances", json!({}));
    assert_eq!(listed["ReplicationInstances"][0]["ReplicationInstanceStatus"], "storage-full");
    sandbox.ok(
        "ModifyReplicationInstance",
        json!({"ReplicationInstanceArn": instance, "AllocatedStorage": 100, "ApplyImmediately": true}),
    );
    let (status, clock) = json(&client, "POST", "/_sandbox/advance", &json!({"seconds": 300}));
    assert_eq!(status, 200);
    // A float may change in its last digit on the way through JSON.
    let apart = clock["virtualTime"].as_f64().unwrap() - sandbox.emulator.now().as_secs_f64();
    assert!(apart.abs() < 0.001, "{apart}");
    sandbox.connect(&instance, &endpoint);
    let listed = sandbox.ok("DescribeConnections", filter("endpoint-arn", &endpoint));
    assert_eq!(listed["Connections"][0]["LastFailureMessage"], "Test Endpoint failed: no route to host");

    let (_, calls) = json(&client, "GET", "/_sandbox/calls", &json!({}));
    assert_eq!(calls["calls"].as_array().unwrap().len(), sandbox.emulator.calls().len());
    assert_eq!(json(&client, "DELETE", "/_sandbox/calls", &json!({})).0, 200);
    assert!(sandbox.emulator.calls().is_empty());
    let (_, objects) = json(&client, "GET", "/_sandbox/objects", &json!({}));
    let kinds: Vec<&Value> =
        objects["objects"].as_array().unwrap().iter().map(|object| &object["kind"]).collect();
    assert!(kinds.contains(&&json!("rep")) && kinds.contains(&&json!("role")), "{kinds:?}");
}

#[test]
fn wrong_requests_are_refused() {
    let sandbox = Sandbox::new();
    let client = sandbox.client();
    assert_eq!(http(&client, "POST", "/_sandbox/script", "text/plain", "{}").0, 415);
    assert_eq!(json(&client, "POST", "/_sandbox/script", &json!({"fault": []})).0, 400);
    assert_eq!(json(&client, "POST", "/_sandbox/advance", &json!({"seconds": -1})).0, 400);
    assert_eq!(json(&client, "GET", "/_sandbox/nothing", &json!({})).0, 404);
}

#[test]
fn a_page_shows_what_is_inside() {
    let sandbox = Sandbox::new();
    sandbox.instance("my-instance");
    sandbox.refused("DescribeEndpoints", json!({"Marker": "<script>"}));
    let (status, page) = http(&sandbox.client(), "GET", "/", "text/plain", "");
    assert_eq!(status, 200);
    for part in [
        "<td>my-instance<td>available",
        "<td>dms-vpc-role<td>1 policies, 0 tags",
        "<td>dms:DescribeEndpoints<td><td>InvalidParameterValueException",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
}
