//! Whatever a client sends in whatever order, DMS answers a document of the model or an error of AWS's form.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config as Cases, RngSeed, TestRunner};
use serde_json::{Map, Value, json};

use super::{handle, record};
use crate::Config;
use crate::api::{Caller, Context, Memory};
use crate::query::{DMS, Kind};

/// One call with a stretch of time after it.
#[derive(Debug, Clone)]
struct Step {
    operation: String,
    input: Value,
    seconds: u64,
}

/// Texts that come near what handlers look for.
const TEXTS: [&str; 24] = [
    "",
    "a",
    "name",
    "other-name",
    "mysql",
    "s3",
    "oracle",
    "dms.t3.micro",
    "dms.r5.large",
    "3.5.2",
    "3.5",
    "mon:00:00-mon:00:30",
    "arn:aws:dms:us-east-1:123456789012:rep:NAME",
    "arn:aws:dms:us-east-1:123456789012:endpoint:NAME",
    "arn:aws:sns:us-east-1:123456789012:topic",
    "{\"rules\":[{\"rule-type\":\"selection\",\"rule-id\":1,\"rule-name\":\"1\",\"rule-action\":\"include\",\"object-locator\":{\"schema-name\":\"%\",\"table-name\":\"%\"}}]}",
    "{}",
    "{\"Logging\":{\"EnableLogging\":true}}",
    "{\"TargetMetadata\":null}",
    "server_time:2026-01-01T00:00:00",
    "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----",
    "\u{0}\u{1F600}\u{301}",
    "start-replication",
    "immediate",
];

/// Texts for members of these names; others get any.
fn texts(member: &str) -> Vec<&'static str> {
    match member {
        "TableMappings" => vec![TEXTS[15]],
        "EngineName" => vec!["mysql", "mysql", "postgres", "s3", "redshift"],
        "ServerName" => vec!["h", "h.invalid"],
        "ReplicationInstanceClass" => vec!["dms.t3.micro", "dms.r5.large"],
        "ReplicationTaskSettings" | "ReplicationSettings" => vec!["{}", TEXTS[17], TEXTS[18]],
        "StartReplicationType" => vec!["start-replication", "resume-processing", "reload-target"],
        "SnsTopicArn" => vec![TEXTS[14]],
        "ApplyAction" => vec!["version-upgrade"],
        "OptInType" => vec!["immediate", "next-maintenance", "undo-opt-in"],
        "CertificatePem" => vec![include_str!("../../tests/fixtures/rsa.pem"), TEXTS[20]],
        "SchemaName" => vec!["schema_1"],
        "TableName" => vec!["table_1", "table_9"],
        name if name.ends_with("Identifier") || name.ends_with("Name") || name == "Key" => {
            vec!["name", "other-name", "third", "a--b"]
        }
        _ => TEXTS.to_vec(),
    }
}

/// A value for a shape: mostly of its form, sometimes anything.
fn value(member: &str, shape: &'static str, depth: u32) -> BoxedStrategy<Value> {
    let described = DMS.shape(shape);
    let fitting = match described.kind {
        Kind::Structure if depth > 0 => structure(shape, depth),
        Kind::Structure | Kind::Map => Just(json!({})).boxed(),
        Kind::List => {
            let item = described.member.as_ref().map_or("String", |item| item.shape.as_str());
            prop::collection::vec(value("", item, depth.saturating_sub(1)), 1..4)
                .prop_map(Value::from)
                .boxed()
        }
        Kind::String if !described.values.is_empty() => {
            prop::sample::select(described.values.as_slice()).prop_map(Value::from).boxed()
        }
        Kind::String => prop_oneof![
            40 => prop::sample::select(texts(member)).prop_map(Value::from),
            1 => any::<String>().prop_map(Value::from),
        ]
        .boxed(),
        Kind::Integer | Kind::Long => prop_oneof![
            prop::sample::select([0i64, 1, 2, 20, 50, 100, 384, -1, i64::MAX, i64::MIN].as_slice()),
            any::<i64>()
        ]
        .prop_map(Value::from)
        .boxed(),
        Kind::Double | Kind::Timestamp => any::<f64>().prop_map(|number| json!(number)).boxed(),
        Kind::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        Kind::Blob => prop::sample::select(["", "AAEC", "?"].as_slice()).prop_map(Value::from).boxed(),
    };
    let anything = prop::sample::select(
        [json!(null), json!([]), json!({}), json!(1.5), json!(true), json!("x")].to_vec(),
    );
    prop_oneof![80 => fitting, 1 => anything].boxed()
}

/// The required members and some of the others.
fn structure(shape: &'static str, depth: u32) -> BoxedStrategy<Value> {
    let described = DMS.shape(shape);
    let members: Vec<BoxedStrategy<Option<(String, Value)>>> = described
        .members
        .iter()
        .map(|(name, member)| {
            let given = if described.required.contains(name) { 0.98 } else { 0.05 };
            let value = value(name, member.shape.as_str(), depth - 1);
            prop::option::weighted(given, value.prop_map(move |value| (name.clone(), value))).boxed()
        })
        .collect();
    members.prop_map(|members| Value::Object(members.into_iter().flatten().collect())).boxed()
}

fn step() -> impl Strategy<Value = Step> {
    let operations: Vec<&'static str> = DMS.operations.keys().map(String::as_str).collect();
    (prop::sample::select(operations), 0u64..700).prop_flat_map(|(operation, seconds)| {
        let input = DMS.operations[operation].input.as_deref();
        input.map_or(Just(json!({})).boxed(), |shape| structure(shape, 3)).prop_map(move |input| Step {
            operation: operation.to_owned(),
            input,
            seconds,
        })
    })
}

/// Puts ARNs that exist where the input names others, so that calls get further than `not found`.
fn aim(input: &mut Value, records: &Memory) {
    use crate::api::Records;
    let Some(map) = input.as_object_mut() else { return };
    for (name, value) in map {
        let kind = match name.as_str() {
            "ReplicationInstanceArn" | "TargetReplicationInstanceArn" => record::INSTANCE,
            "EndpointArn" | "SourceEndpointArn" | "TargetEndpointArn" | "ResourceArn" => record::ENDPOINT,
            "ReplicationTaskArn" => record::TASK,
            "ReplicationConfigArn" => record::REPLICATION_CONFIG,
            "ReplicationTaskAssessmentRunArn" => record::ASSESSMENT_RUN,
            _ => continue,
        };
        let wanted = if name.starts_with("Target") { "TARGET" } else { "SOURCE" };
        let mut stored = records.list(kind).into_iter();
        // Endpoints have a side; other things do not.
        let chosen = stored
            .find(|(_, object)| object["shown"]["EndpointType"].as_str().is_none_or(|side| side == wanted));
        if let Some((key, _)) = chosen {
            *value = json!(key);
        }
    }
}

fn context<'a>(config: &'a Config, now: Duration, records: &'a mut Memory) -> Context<'a> {
    Context {
        account: "123456789012",
        region: "us-east-1",
        partition: "aws",
        caller: Caller {
            arn: String::new(),
            user_id: String::new(),
            access_key_id: String::new(),
            signed_at: None,
        },
        now,
        request_id: "id",
        config,
        records,
    }
}

/// Whether the call succeeded.
fn call(step: &Step, records: &mut Memory, iam: &Memory, now: Duration) -> bool {
    let config = Config::default();
    let mut cx = context(&config, now, records);
    let empty = Map::new();
    let input = step.input.as_object().unwrap_or(&empty);
    // The answer is checked against the model by the handler, which panics in debug builds.
    let Err(error) = handle(&step.operation, input, &mut cx, iam) else {
        return true;
    };
    assert_eq!(error.status, 400, "{step:?}: {error:?}");
    assert!(!error.code.is_empty() && !error.message.is_empty(), "{step:?}: {error:?}");
    assert!(error.code != "UnknownOperationException", "{step:?}");
    false
}

/// The role that most calls need.
fn with_vpc_role() -> Memory {
    let mut iam = Memory::default();
    let config = Config::default();
    let mut cx = context(&config, Duration::ZERO, &mut iam);
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"Service": "dms.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
    for (operation, input) in [
        ("CreateRole", json!({"RoleName": "dms-vpc-role", "AssumeRolePolicyDocument": trust.to_string()})),
        (
            "AttachRolePolicy",
            json!({"RoleName": "dms-vpc-role",
                "PolicyArn": "arn:aws:iam::aws:policy/service-role/AmazonDMSVPCManagementRole"}),
        ),
    ] {
        crate::iam::handle(operation, input.as_object().unwrap(), &mut cx).unwrap();
    }
    iam
}

/// Plays the steps in an account that has an instance and two endpoints; answers the operations that succeeded.
fn play(steps: Vec<Step>) -> Vec<String> {
    let iam = with_vpc_role();
    let mut records = Memory::default();
    let mut now = Duration::from_hours(500_000);
    let made = |operation: &str, input: Value| Step { operation: operation.to_owned(), input, seconds: 0 };
    let endpoint = |name: &str, kind: &str| {
        made(
            "CreateEndpoint",
            json!({"EndpointIdentifier": name, "EndpointType": kind, "EngineName": "mysql", "ServerName": "h",
                "ResourceIdentifier": name}),
        )
    };
    let instance = json!({"ReplicationInstanceIdentifier": "i", "ReplicationInstanceClass": "dms.t3.micro",
        "EngineVersion": "3.5.2"});
    for step in
        [endpoint("aaa", "source"), endpoint("zzz", "target"), made("CreateReplicationInstance", instance)]
    {
        assert!(call(&step, &mut records, &iam, now), "{step:?}");
    }
    now += Duration::from_mins(10);
    let mut succeeded = Vec::new();
    for mut step in steps {
        // Most deletes miss, so that there is something to act on.
        if !step.operation.starts_with("Delete") || step.seconds % 5 == 0 {
            aim(&mut step.input, &records);
        }
        if call(&step, &mut records, &iam, now) {
            succeeded.push(step.operation);
        }
        now += Duration::from_secs(step.seconds);
    }
    succeeded
}

proptest! {
    #![proptest_config(Cases { cases: 48, rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..Cases::default() })]
    #[test]
    fn any_sequence_of_calls_is_answered(steps in prop::collection::vec(step(), 1..60)) {
        play(steps);
    }
}

#[test]
fn sequences_get_somewhere() {
    let mut runner = TestRunner::deterministic();
    let steps = prop::collection::vec(step(), 1500..1501).new_tree(&mut runner).unwrap();
    let succeeded: BTreeSet<String> = play(steps.current()).into_iter().collect();
    for operation in [
        "CreateReplicationTask",
        "ModifyReplicationTask",
        "CreateEndpoint",
        "ModifyEndpoint",
        "TestConnection",
        "RebootReplicationInstance",
        "StartReplicationTaskAssessmentRun",
    ] {
        assert!(succeeded.contains(operation), "no {operation} among {succeeded:?}");
    }
}
