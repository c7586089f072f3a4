//! Which actions on which resources a call needs, after the Service Authorization Reference
//! (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsdatabasemigrationservice.html>).

use serde_json::{Map, Value};

use super::policy::Keys;
use crate::api::{Context, Records};
use crate::{dms, iam, secrets_manager};

/// One action that must be allowed on each of the resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Requirement {
    pub action: String,
    pub resources: Vec<String>,
    pub keys: Keys,
}

/// Members that name a resource of DMS by its ARN.
const DMS_ARNS: [&str; 10] = [
    "ReplicationInstanceArn",
    "TargetReplicationInstanceArn",
    "EndpointArn",
    "SourceEndpointArn",
    "TargetEndpointArn",
    "ReplicationTaskArn",
    "ReplicationConfigArn",
    "CertificateArn",
    "ReplicationTaskAssessmentRunArn",
    "ResourceArn",
];

/// Operations with ARNs in their input that the reference nevertheless allows on `*` only.
const UNSCOPED: [&str; 1] = ["CreateEndpoint"];

/// Everything that a call needs. `account_roles` are the caller's IAM records.
pub(crate) fn of_call(
    service: &str,
    operation: &str,
    input: &Map<String, Value>,
    cx: &Context<'_>,
    account_roles: &dyn Records,
) -> Vec<Requirement> {
    // Nobody can be kept from asking who they are.
    if operation == "GetCallerIdentity" {
        return Vec::new();
    }
    let mut keys = Keys::new();
    keys.insert("aws:requestedregion".to_owned(), vec![cx.region.to_owned()]);
    keys.insert("aws:principalaccount".to_owned(), vec![cx.account.to_owned()]);
    keys.insert("aws:principalarn".to_owned(), vec![cx.caller.arn.clone()]);
    let tagging = add_request_tags(input, &mut keys);
    let resources = match service {
        "dms" => dms_resources(operation, input, cx),
        "iam" => iam_resources(operation, input, cx, account_roles),
        "cloudwatch" => vec!["*".to_owned()],
        "secretsmanager" => vec![secrets_manager::arn(input, cx)],
        _ => vec![text(input, "RoleArn").to_owned()],
    };
    if let Some(policy) = input.get("PolicyArn").and_then(Value::as_str) {
        keys.insert("iam:policyarn".to_owned(), vec![policy.to_owned()]);
    }
    let mut required: Vec<Requirement> = resources
        .into_iter()
        .map(|resource| {
            let mut keys = keys.clone();
            add_resource_tags(&resource, cx, account_roles, &mut keys);
            Requirement { action: format!("{service}:{operation}"), resources: vec![resource], keys }
        })
        .collect();
    if tagging && operation.starts_with("Create") && service == "iam" {
        let mut tagging = required[0].clone();
        "iam:TagRole".clone_into(&mut tagging.action);
        required.push(tagging);
    }
    if operation == "CreateReplicationConfig"
        && iam::role_by_name(account_roles, iam::SERVERLESS_ROLE).is_none()
    {
        let role = iam::SERVERLESS_ROLE;
        let path = format!("/aws-service-role/dms.amazonaws.com/{role}");
        let mut keys = keys.clone();
        keys.insert("iam:awsservicename".to_owned(), vec!["dms.amazonaws.com".to_owned()]);
        required.push(Requirement {
            action: "iam:CreateServiceLinkedRole".to_owned(),
            resources: vec![format!("arn:{}:iam::{}:role{path}", cx.partition, cx.account)],
            keys,
        });
    }
    if service == "dms" {
        let mut roles = Vec::new();
        roles_of(&Value::Object(input.clone()), &mut roles);
        if !roles.is_empty() {
            let mut keys = keys.clone();
            keys.insert("iam:passedtoservice".to_owned(), vec!["dms.amazonaws.com".to_owned()]);
            required.push(Requirement { action: "iam:PassRole".to_owned(), resources: roles, keys });
        }
    }
    required
}

fn text<'a>(input: &'a Map<String, Value>, name: &str) -> &'a str {
    input.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Whether the request has tags or keys of tags.
fn add_request_tags(input: &Map<String, Value>, keys: &mut Keys) -> bool {
    let mut names = Vec::new();
    for tag in input.get("Tags").and_then(Value::as_array).into_iter().flatten() {
        let (key, value) = (&tag["Key"], tag["Value"].as_str().unwrap_or_default());
        if let Some(key) = key.as_str() {
            names.push(key.to_owned());
            for prefix in ["aws:requesttag/", "dms:req-tag/"] {
                keys.insert(format!("{prefix}{}", key.to_lowercase()), vec![value.to_owned()]);
            }
        }
    }
    let removed = input.get("TagKeys").and_then(Value::as_array);
    names.extend(removed.into_iter().flatten().filter_map(|key| key.as_str().map(str::to_owned)));
    let any = !names.is_empty();
    if any {
        keys.insert("aws:tagkeys".to_owned(), names);
    }
    any
}

fn add_resource_tags(resource: &str, cx: &Context<'_>, roles: &dyn Records, keys: &mut Keys) {
    let kind = resource.split(':').nth(5).unwrap_or_default();
    let (tags, own): (Vec<(String, String)>, String) = if resource.contains(":iam:") {
        let name = resource.rsplit('/').next().unwrap_or_default();
        let tags = iam::role_by_name(roles, name).map(|role| role.tags).unwrap_or_default();
        let tags = tags.into_iter().map(|tag| (tag.key, tag.value));
        (tags.collect(), "iam:resourcetag/".to_owned())
    } else {
        let tags = dms::tags_of(cx.records, kind, resource);
        (tags, format!("dms:{kind}-tag/"))
    };
    for (key, value) in tags {
        for prefix in ["aws:resourcetag/", own.as_str()] {
            keys.insert(format!("{prefix}{}", key.to_lowercase()), vec![value.clone()]);
        }
    }
}

fn dms_resources(operation: &str, input: &Map<String, Value>, cx: &Context<'_>) -> Vec<String> {
    let named = |kind: &str, name: &str| {
        vec![format!("arn:{}:dms:{}:{}:{kind}:{}", cx.partition, cx.region, cx.account, name.to_lowercase())]
    };
    match operation {
        "DeleteReplicationSubnetGroup" => named("subgrp", text(input, "ReplicationSubnetGroupIdentifier")),
        "DeleteEventSubscription" => named("es", text(input, "SubscriptionName")),
        _ => {
            let many = input.get("ResourceArnList").and_then(Value::as_array);
            let mut arns: Vec<String> =
                many.into_iter().flatten().filter_map(|arn| arn.as_str().map(str::to_owned)).collect();
            let single = DMS_ARNS.iter().filter_map(|name| input.get(*name)?.as_str());
            arns.extend(single.map(str::to_owned));
            if arns.is_empty() || UNSCOPED.contains(&operation) {
                arns = vec!["*".to_owned()];
            }
            arns
        }
    }
}

fn iam_resources(
    operation: &str,
    input: &Map<String, Value>,
    cx: &Context<'_>,
    roles: &dyn Records,
) -> Vec<String> {
    let of_account = |path: &str| vec![format!("arn:{}:iam::{}:role{path}", cx.partition, cx.account)];
    let name = text(input, "RoleName");
    match operation {
        _ if !name.is_empty() => {
            let existing = iam::role_by_name(roles, name).map(|role| vec![role.arn]);
            let path = input.get("Path").and_then(Value::as_str).unwrap_or("/");
            existing.unwrap_or_else(|| of_account(&format!("{path}{name}")))
        }
        "CreateServiceLinkedRole" => {
            let service = text(input, "AWSServiceName");
            of_account(&format!("/aws-service-role/{service}/*"))
        }
        "GetPolicy" | "GetPolicyVersion" => vec![text(input, "PolicyArn").to_owned()],
        "ListRoles" => of_account("/"),
        _ => vec!["*".to_owned()],
    }
}

/// The roles that a request hands to DMS, at any depth.
fn roles_of(value: &Value, roles: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                match value.as_str() {
                    Some(arn) if name.ends_with("RoleArn") => roles.push(arn.to_owned()),
                    _ => roles_of(value, roles),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| roles_of(item, roles)),
        _ => {}
    }
}
