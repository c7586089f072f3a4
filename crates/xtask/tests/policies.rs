//! The IAM policies of deploy/iam and the AWS calls of the code cannot drift apart.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// What IAM asks for beside the operations themselves, with the reason.
const BESIDE_OPERATIONS: &[&str] = &[
    // CreateReplicationInstance, CreateEndpoint and ModifyEndpoint hand roles to DMS (Service Authorization
    // Reference, AWS Database Migration Service, "dependent actions").
    "iam:PassRole",
    // The first CreateReplicationConfig of an account makes AWSServiceRoleForDMSServerless in the caller's
    // name (DMS User Guide, "Service-linked role for AWS DMS Serverless").
    "iam:CreateServiceLinkedRole",
];

/// The managed policies of the three roles whose names DMS fixes (DMS User Guide, "Creating the IAM roles
/// to use with AWS DMS").
const MANAGED_POLICIES: [&str; 3] = [
    "arn:aws:iam::aws:policy/service-role/AmazonDMSCloudWatchLogsRole",
    "arn:aws:iam::aws:policy/service-role/AmazonDMSRedshiftS3Role",
    "arn:aws:iam::aws:policy/service-role/AmazonDMSVPCManagementRole",
];

/// Those, and all under the path of the roles that `ServiceRole` documents declare.
const ROLES: [&str; 4] =
    ["dms-access-for-endpoint", "dms-cloudwatch-logs-role", "dms-vpc-role", "pipewright/*"];

/// The role that DMS keeps for itself; nothing but its making is allowed, and nobody can edit it.
const SERVICE_LINKED_ROLE: &str =
    "arn:aws:iam::*:role/aws-service-role/dms.amazonaws.com/AWSServiceRoleForDMSServerless";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The source of the crate that calls AWS, without its tests.
fn source() -> String {
    fn gather(directory: &Path, text: &mut String) {
        for entry in std::fs::read_dir(directory).expect("a directory of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                gather(&path, text);
            } else {
                let file = std::fs::read_to_string(&path).expect("a source file");
                text.push_str(file.split("#[cfg(test)]\nmod tests").next().unwrap_or_default());
            }
        }
    }
    let mut text = String::new();
    gather(&root().join("crates/aws/src"), &mut text);
    text
}

/// `CreateRole` as the SDK's method `create_role`.
fn method(operation: &str) -> String {
    let mut name = String::new();
    for (index, letter) in operation.char_indices() {
        if letter.is_ascii_uppercase() && index > 0 {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

/// The operations that the code names, such as `dms:CreateEndpoint`, and whose SDK method it calls.
/// A call without a name does not compile: its error could not become one of the engine's.
fn called() -> BTreeSet<String> {
    let source = source();
    source
        .split('"')
        .filter_map(|text| text.split_once(':').map(|(service, operation)| (text, service, operation)))
        .filter(|(_, service, operation)| {
            ["cloudwatch", "dms", "iam", "secretsmanager", "sts"].contains(service)
                && operation.starts_with(|letter: char| letter.is_ascii_uppercase())
                && operation.chars().all(char::is_alphanumeric)
        })
        .filter(|(_, _, operation)| source.contains(&format!(".{}()", method(operation))))
        .map(|(text, _, _)| text.to_owned())
        .collect()
}

fn is_read(action: &str) -> bool {
    let operation = action.split_once(':').map_or(action, |(_, operation)| operation);
    ["Describe", "Get", "List"].iter().any(|verb| operation.starts_with(verb))
}

fn statements(file: &str) -> Vec<Value> {
    let path = root().join("deploy/iam").join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let policy: Value = serde_json::from_str(&text).expect("a policy is JSON");
    policy["Statement"].as_array().expect("statements").clone()
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(all) => all.iter().map(|one| one.as_str().expect("a text").to_owned()).collect(),
        other => panic!("neither text nor list: {other}"),
    }
}

fn actions(file: &str) -> BTreeSet<String> {
    statements(file)
        .iter()
        .flat_map(|statement| strings(&statement["Action"]))
        .filter(|action| !BESIDE_OPERATIONS.contains(&action.as_str()))
        .collect()
}

#[test]
fn apply_allows_exactly_the_calls_of_the_code() {
    let called = called();
    assert!(called.len() > 30, "the calls were not found: {called:?}");
    assert_eq!(actions("apply.json"), called);
}

#[test]
fn plan_allows_exactly_the_reads() {
    let reads: BTreeSet<String> = called().into_iter().filter(|action| is_read(action)).collect();
    assert_eq!(actions("plan.json"), reads);
    for statement in statements("plan.json") {
        for beside in BESIDE_OPERATIONS {
            assert!(!strings(&statement["Action"]).contains(&(*beside).to_owned()));
        }
    }
}

#[test]
fn iam_is_limited_to_the_service_roles_and_their_policies() {
    let roles: Vec<String> = ROLES.iter().map(|role| format!("arn:aws:iam::*:role/{role}")).collect();
    for file in ["plan.json", "apply.json"] {
        for statement in statements(file) {
            let actions = strings(&statement["Action"]);
            let touches = |name: &str| actions.iter().any(|action| action == name);
            if touches("iam:PassRole") {
                assert_eq!(actions.len(), 1);
                let to = strings(&statement["Condition"]["StringLike"]["iam:PassedToService"]);
                assert_eq!(to, ["dms.amazonaws.com", "dms.*.amazonaws.com"]);
                continue;
            }
            if touches("iam:ListRoles") {
                // IAM lists by no resource (Service Authorization Reference, "Actions, resources, and
                // condition keys for AWS Identity and Access Management"), and one that is not there is under
                // no path.
                assert_eq!(actions, ["iam:GetRole", "iam:ListRoles"]);
                assert_eq!(strings(&statement["Resource"]), ["*"]);
                continue;
            }
            if touches("iam:CreateServiceLinkedRole") {
                assert_eq!(actions.len(), 1);
                assert_eq!(strings(&statement["Resource"]), [SERVICE_LINKED_ROLE]);
                continue;
            }
            if actions.iter().any(|action| action.starts_with("iam:")) {
                assert_eq!(strings(&statement["Resource"]), roles, "{actions:?}");
            }
            if touches("iam:AttachRolePolicy") || touches("iam:DetachRolePolicy") {
                let policies = strings(&statement["Condition"]["ArnEquals"]["iam:PolicyARN"]);
                assert_eq!(policies, MANAGED_POLICIES);
            }
            if touches("iam:TagRole") || touches("iam:UntagRole") || touches("iam:CreateRole") {
                let keys = strings(&statement["Condition"]["ForAllValues:StringLike"]["aws:TagKeys"]);
                assert_eq!(keys, ["pipewright:*"]);
            }
        }
    }
}
