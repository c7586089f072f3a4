//! The shared roles of a laboratory: what they are, and what somebody else does to them.

use pipewright_aws::{AwsRead, AwsWrite};
use pipewright_emulator::{Disturbance, Interruption, Script};
use pipewright_engine::CloudRead as _;
use pipewright_model::kinds::RoleObserved;
use pipewright_model::tags;
use pipewright_model::{Live, LiveBody};
use pipewright_testkit::{Controller, Lab};
use serde_json::{Value, json};

pub(crate) type Aws = Controller<AwsRead, AwsWrite>;

pub(crate) const VPC: &str = "dms-vpc-role";
pub(crate) const VPC_POLICY: &str = "arn:aws:iam::aws:policy/service-role/AmazonDMSVPCManagementRole";

/// The role as it is.
pub(crate) async fn role(aws: &Aws, name: &str) -> Option<Live> {
    aws.reader.role(name).await.unwrap()
}

/// Its owners and the specs that each recorded.
pub(crate) async fn owners(aws: &Aws, name: &str) -> Vec<(String, String)> {
    role(aws, name).await.map(|live| tags::owners(&live.tags).into_iter().collect()).unwrap_or_default()
}

/// An owner and its specs.
pub(crate) fn own((scope, specs): (&str, &str)) -> (String, String) {
    (scope.to_owned(), specs.to_owned())
}

pub(crate) fn body(live: &Live) -> &RoleObserved {
    let LiveBody::ServiceRole(body) = &live.body else { panic!("not a role: {live:?}") };
    body
}

/// How often an operation was called, and with which errors.
pub(crate) fn called(lab: &Lab, operation: &str) -> Vec<Option<String>> {
    let calls = lab.emulator().calls().into_iter();
    calls.filter(|call| call.operation == operation).map(|call| call.error).collect()
}

fn disturbances(calls: &[(&str, Value)]) -> Vec<Disturbance> {
    let call = |(operation, input): &(&str, Value)| Disturbance::Call {
        operation: (*operation).to_owned(),
        input: input.as_object().unwrap().clone(),
    };
    calls.iter().map(call).collect()
}

/// Somebody else makes these calls now.
pub(crate) fn calls_of_others(lab: &Lab, calls: &[(&str, Value)]) {
    let script = Script { disturbances: disturbances(calls), ..Script::default() };
    lab.emulator().play(script).unwrap();
}

/// Somebody else makes these calls right before the next call of this operation.
pub(crate) fn calls_of_others_before(lab: &Lab, operation: &str, calls: &[(&str, Value)]) {
    let interruption =
        Interruption { operation: Some(operation.to_owned()), nth: 1, disturbances: disturbances(calls) };
    lab.emulator().interrupt(interruption);
}

/// A trust policy of these statements.
pub(crate) fn document(statements: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// Somebody makes `dms-vpc-role`, with its policy or without.
pub(crate) fn made_by_hand(lab: &Lab, statements: &Value, tags: &[(&str, &str)], serves: bool) {
    let tags: Vec<Value> = tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    let trust = document(statements).to_string();
    let create = json!({"RoleName": VPC, "AssumeRolePolicyDocument": trust, "Tags": tags});
    let mut calls = vec![("CreateRole", create)];
    if serves {
        calls.push(("AttachRolePolicy", json!({"RoleName": VPC, "PolicyArn": VPC_POLICY})));
    }
    calls_of_others(lab, &calls);
}
