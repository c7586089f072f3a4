//! The permission mode: what a policy does not allow is refused, and what was needed is listed.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use pipewright_emulator::{Config, Permissions};
use serde_json::{Value, json};
use support::{Sandbox, manual, string};

#[allow(clippy::needless_pass_by_value, reason = "tests write their documents in place")]
fn sandbox(statements: Value) -> Sandbox {
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    Sandbox::with(Config {
        permissions: Some(Permissions::parse(&document.to_string()).unwrap()),
        ..manual()
    })
}

fn endpoint(name: &str, team: &str) -> Value {
    json!({"EndpointIdentifier": name, "EndpointType": "source", "EngineName": "mysql", "ServerName": "h",
        "Tags": [{"Key": "team", "Value": team}]})
}

#[test]
fn tags_of_the_request_and_of_the_resource_count() {
    let sandbox = sandbox(json!([
        {"Effect": "Allow", "Action": "dms:CreateEndpoint", "Resource": "*",
            "Condition": {"StringEquals": {"aws:RequestTag/team": ["a", "b"]}}},
        {"Effect": "Allow", "Action": "dms:DeleteEndpoint", "Resource": "arn:aws:dms:*:*:endpoint:*",
            "Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}}},
    ]));
    let other = sandbox.refused("CreateEndpoint", endpoint("c", "c"));
    assert_eq!(
        (other.status, other.code.as_str(), other.message.as_str()),
        (
            400,
            "AccessDeniedException",
            "User: arn:aws:iam::123456789012:user/sandbox is not authorized to perform: dms:CreateEndpoint on resource: * \
             because no identity-based policy allows the dms:CreateEndpoint action"
        )
    );
    let arn = |made: Value| string(&made["Endpoint"]["EndpointArn"]);
    let own = arn(sandbox.ok("CreateEndpoint", endpoint("a", "a")));
    let foreign = arn(sandbox.ok("CreateEndpoint", endpoint("b", "b")));
    sandbox.ok("DeleteEndpoint", json!({"EndpointArn": own}));
    let refusal = sandbox.refused("DeleteEndpoint", json!({"EndpointArn": foreign}));
    assert_eq!(refusal.code, "AccessDeniedException");
    assert_eq!(sandbox.refused("DescribeEndpoints", json!({})).code, "AccessDeniedException");
}

#[test]
fn roles_handed_over_and_tags_need_actions_of_their_own() {
    let sandbox = sandbox(json!([
        {"Effect": "Allow", "Action": ["dms:*", "iam:CreateRole"], "Resource": "*"},
    ]));
    let bucket = json!({"EndpointIdentifier": "s3", "EndpointType": "target", "EngineName": "s3",
        "S3Settings": {"BucketName": "b", "ServiceAccessRoleArn": "arn:aws:iam::123456789012:role/r"}});
    let refusal = sandbox.refused("CreateEndpoint", bucket);
    assert!(
        refusal.message.contains("iam:PassRole on resource: arn:aws:iam::123456789012:role/r"),
        "{refusal:?}"
    );
    let trust = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D";
    let body = format!(
        "Action=CreateRole&Version=2010-05-08&RoleName=r&AssumeRolePolicyDocument={trust}&Tags.member.1.Key=k&Tags.member.1.Value=v"
    );
    let (status, answer) = sandbox
        .client()
        .raw(format!(
            "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
        .unwrap();
    assert_eq!(status, 403);
    assert!(answer.contains("<Code>AccessDenied</Code>") && answer.contains("iam:TagRole"), "{answer}");
    let actions = sandbox.emulator.actions();
    assert_eq!(
        actions.into_iter().collect::<Vec<_>>(),
        ["dms:CreateEndpoint", "iam:CreateRole", "iam:PassRole", "iam:TagRole"]
    );
}
