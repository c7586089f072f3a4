//! Creating what a live read-back declares yields each member that AWS answered.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use serde_json::{Map, Value, json};
use support::{Sandbox, filter, string};

/// Of these only the form can be the same: they are random, or follow from the account and the date.
const ONLY_FORM: [&str; 5] = [
    "KmsKeyId",
    "PreferredMaintenanceWindow",
    "VpcSecurityGroupIds",
    "ReplicationInstanceIdentifier",
    "ReplicationTaskIdentifier",
];

fn shape(name: &str) -> Value {
    let path = format!("{}/tests/fixtures/live-shapes/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn declared(shape: &Value) -> Map<String, Value> {
    shape["resource"]["declared"].as_object().unwrap().clone()
}

/// Compares what came out with what AWS answered, in the form of the read-back: tags merged in, JSON parsed.
fn assert_each_member(shape: &Value, mut found: Map<String, Value>, sandbox: &Sandbox, arn: &str) {
    let tags = sandbox.ok("ListTagsForResource", json!({"ResourceArn": arn}));
    let tags: Vec<Value> = tags["TagList"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| json!({"Key": tag["Key"], "Value": tag["Value"]}))
        .collect();
    found.insert("Tags".to_owned(), Value::from(tags));
    for (name, live) in shape["liveRaw"].as_object().unwrap() {
        let ours = found.get(name).unwrap_or_else(|| panic!("{name} is missing from {found:?}"));
        match name.as_str() {
            "Tags" => {
                let of_cloudformation =
                    |tag: &&Value| !string(&tag["Key"]).starts_with("aws:cloudformation:");
                let live: Vec<&Value> = live.as_array().unwrap().iter().filter(of_cloudformation).collect();
                assert_eq!(ours.as_array().unwrap().iter().collect::<Vec<_>>(), live);
            }
            name if ONLY_FORM.contains(&name) => assert_eq!(form(ours), form(live), "{name}"),
            _ => assert_eq!(ours, live, "{name}"),
        }
    }
}

/// A value with every run of letters and digits made one sign.
fn form(value: &Value) -> String {
    let mut form = String::new();
    for c in value.to_string().chars() {
        let sign = if c.is_ascii_alphanumeric() { 'x' } else { c };
        if sign != 'x' || !form.ends_with('x') {
            form.push(sign);
        }
    }
    form
}

#[test]
fn endpoint() {
    let sandbox = Sandbox::new();
    let shape = shape("Endpoint.HuntDmsEndpoint");
    sandbox.ok("CreateEndpoint", Value::Object(declared(&shape)));
    let listed = sandbox.ok("DescribeEndpoints", filter("endpoint-id", "CdkrdHunt-Mixed-DMS-EP"));
    let found = listed["Endpoints"][0].as_object().unwrap().clone();
    assert!(!found.contains_key("Password"));
    let arn = string(&found["EndpointArn"]);
    assert_each_member(&shape, found, &sandbox, &arn);
}

#[test]
fn replication_instance() {
    let sandbox = Sandbox::new();
    let shape = shape("ReplicationInstance.HuntDmsRi");
    let mut input = declared(&shape);
    let group = string(&input["ReplicationSubnetGroupIdentifier"]);
    sandbox.ok(
        "CreateReplicationSubnetGroup",
        json!({"ReplicationSubnetGroupIdentifier": group, "ReplicationSubnetGroupDescription": "d",
            "SubnetIds": ["subnet-1", "subnet-2"]}),
    );
    // CloudFormation made the identifier up.
    let identifier = shape["liveRaw"]["ReplicationInstanceIdentifier"].clone();
    input.insert("ReplicationInstanceIdentifier".to_owned(), identifier);
    sandbox.ok("CreateReplicationInstance", Value::Object(input));
    sandbox.advance(600);
    let listed = sandbox.ok("DescribeReplicationInstances", json!({}));
    let mut found = listed["ReplicationInstances"][0].as_object().unwrap().clone();
    assert_eq!(found["ReplicationInstanceStatus"], "available");
    let nested = &found["ReplicationSubnetGroup"]["ReplicationSubnetGroupIdentifier"];
    let nested = nested.clone();
    found.insert("ReplicationSubnetGroupIdentifier".to_owned(), nested);
    let groups = found["VpcSecurityGroups"].as_array().unwrap().iter();
    let groups: Vec<Value> = groups.map(|group| group["VpcSecurityGroupId"].clone()).collect();
    found.insert("VpcSecurityGroupIds".to_owned(), Value::from(groups));
    let arn = string(&found["ReplicationInstanceArn"]);
    assert_each_member(&shape, found, &sandbox, &arn);
}

#[test]
fn replication_task() {
    let sandbox = Sandbox::new();
    let shape = shape("ReplicationTask.HuntDmsTask");
    // The same suffixes as in the read-back, so that the ARNs differ in the account alone.
    let live = &shape["liveRaw"];
    let instance = sandbox.instance("ri");
    let source = sandbox.endpoint("source", "source");
    let target = sandbox.endpoint("target", "target");
    let mut input = declared(&shape);
    input.insert("ReplicationTaskIdentifier".to_owned(), live["ReplicationTaskIdentifier"].clone());
    input.insert("ReplicationInstanceArn".to_owned(), json!(instance));
    input.insert("SourceEndpointArn".to_owned(), json!(source));
    input.insert("TargetEndpointArn".to_owned(), json!(target));
    sandbox.ok("CreateReplicationTask", Value::Object(input));
    let listed = sandbox.ok("DescribeReplicationTasks", json!({}));
    let mut found = listed["ReplicationTasks"][0].as_object().unwrap().clone();
    for name in ["TableMappings", "ReplicationTaskSettings"] {
        let parsed = serde_json::from_str(found[name].as_str().unwrap()).unwrap();
        found.insert(name.to_owned(), parsed);
    }
    assert_eq!(found["SourceEndpointArn"], json!(source));
    let arn = string(&found["ReplicationTaskArn"]);
    let mut shape = shape.clone();
    for (name, ours) in
        [("ReplicationInstanceArn", instance), ("SourceEndpointArn", source), ("TargetEndpointArn", target)]
    {
        shape["liveRaw"][name] = json!(ours);
    }
    assert_each_member(&shape, found, &sandbox, &arn);
}
