//! `ServiceRole` documents, and what refers to them.

use std::collections::BTreeSet;

use pipewright_model::kinds::{EndpointDeclared, RoleDeclared};
use pipewright_model::{Adopt, Body, Desired, Kind, Ref, ResourceId};
use serde_json::json;

use crate::common::{CONTROLLER, PIPELINE, desired, errors, errors_of, pipeline_with};

const ROLE: &str = "\
apiVersion: pipewright.dev/v1
kind: ServiceRole
metadata: {name: archive}
spec:
  inlinePolicies:
    write:
      Version: \"2012-10-17\"
      Statement:
        - {Effect: Allow, Action: [s3:PutObject, s3:ListBucket], Resource: \"arn:aws:s3:::archive*\"}
";

const BY_ARN: &str =
    "settings: {bucketName: archive, serviceAccessRoleArn: \"arn:aws:iam::111122223333:role/s3\"}
";

const BY_REF: &str = "settings: {bucketName: archive}\n    accessRoleRef: archive\n";

/// The role with some text replaced.
#[track_caller]
fn role_with(from: &str, to: &str) -> String {
    assert_eq!(ROLE.matches(from).count(), 1, "{from}");
    ROLE.replace(from, to)
}

/// The role with more fields.
fn role_and(fields: &str) -> String {
    role_with("spec:\n", &format!("spec:\n  {fields}\n"))
}

fn of(documents: &[&str]) -> Desired {
    desired(&[("specs/controller.yaml", CONTROLLER), ("specs/a.yaml", &documents.join("---\n"))])
}

fn role<'a>(desired: &'a Desired, name: &str) -> &'a RoleDeclared {
    match &desired.resources[&ResourceId::role(name)].body {
        Body::ServiceRole(role) => role,
        other => panic!("not a role: {other:?}"),
    }
}

fn endpoint<'a>(desired: &'a Desired, name: &str) -> &'a EndpointDeclared {
    match &desired.resources[&ResourceId::new(Kind::Endpoint, name)].body {
        Body::Endpoint(endpoint) => endpoint,
        other => panic!("not an endpoint: {other:?}"),
    }
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[test]
fn an_endpoint_names_a_role_and_needs_it() {
    let desired = of(&[ROLE, &pipeline_with(BY_ARN, BY_REF)]);
    let endpoint = endpoint(&desired, "data-platform-orders-target");
    let id = ResourceId::role("data-platform-archive");
    assert_eq!(endpoint.roles["ServiceAccessRoleArn"], Ref::Managed(id.clone()));
    assert!(!endpoint.settings.contains_key("ServiceAccessRoleArn"));
    assert!(desired.pipelines["orders"].resources.contains(&id));
    let role = role(&desired, "data-platform-archive");
    assert_eq!(role.needed_by, set(&["ServiceRole/archive", "orders"]));
    assert_eq!(role.trusted_services, set(&["dms.amazonaws.com", "dms.us-east-1.amazonaws.com"]));
    assert_eq!(role.inline_policies["write"]["Statement"][0]["Effect"], json!("Allow"));
    assert!(role.manage && role.managed_policies.is_empty());
    assert_eq!(desired.resources[&id].adopt, Adopt::IfCompatible);
}

#[test]
fn a_secret_and_iam_authentication_name_roles_too() {
    let secret = pipeline_with(
        "    serverName: mysql.example.com
    port: 3306
    credentials: {username: dms, passwordFrom: {env: MYSQL_PASSWORD}}
",
        "    credentials: {secretsManager: {secretId: shop, accessRoleRef: archive}}\n",
    );
    let desired_secret = of(&[ROLE, &secret]);
    let of_role = Ref::Managed(ResourceId::role("data-platform-archive"));
    let source = endpoint(&desired_secret, "data-platform-orders-source");
    assert_eq!(source.roles["SecretsManagerAccessRoleArn"], of_role);
    assert_eq!(source.settings["SecretsManagerSecretId"], json!("shop"));
    let iam = pipeline_with("passwordFrom: {env: MYSQL_PASSWORD}", "iam: {accessRoleRef: archive}");
    let desired_iam = of(&[ROLE, &iam]);
    let source = endpoint(&desired_iam, "data-platform-orders-source");
    assert_eq!(source.roles["ServiceAccessRoleArn"], of_role);
    assert_eq!(source.settings["AuthenticationMethod"], json!("iam"));
}

#[test]
fn a_document_of_a_fixed_name_adds_to_what_dms_demands() {
    let more = role_and("roleName: DMS-VPC-Role\n  trust: [ec2.amazonaws.com]");
    let desired = of(&[&more, PIPELINE]);
    let role = role(&desired, "dms-vpc-role");
    assert_eq!(role.trusted_services, set(&["dms.amazonaws.com", "ec2.amazonaws.com"]));
    assert_eq!(role.managed_policies.len(), 1);
    assert_eq!(role.needed_by, set(&["ServiceRole/archive", "orders"]));
    assert!(role.inline_policies.contains_key("write"));
}

#[test]
fn two_documents_of_one_role_are_united() {
    let one = role_and("roleName: shared\n  trust: [dms.amazonaws.com]\n  limitTrust: true");
    let other = role_and("roleName: shared\n  trust: [redshift.amazonaws.com]\n  adopt: always")
        .replace("name: archive", "name: other")
        .replace("    write:", "    read:");
    let desired = of(&[&one, &other]);
    let role = role(&desired, "shared");
    assert_eq!(role.needed_by, set(&["ServiceRole/archive", "ServiceRole/other"]));
    assert_eq!(role.trusted_services, set(&["dms.amazonaws.com", "redshift.amazonaws.com"]));
    assert_eq!(role.inline_policies.keys().cloned().collect::<BTreeSet<_>>(), set(&["read", "write"]));
    // Only of DMS is it known for what it calls.
    let limited: Vec<bool> = role.trust_needs().iter().map(|need| need.limited).collect();
    assert_eq!(limited, [true, false]);
}

#[test]
fn documents_of_one_role_that_contradict_are_errors() {
    let boundary = |name: &str| format!("permissionsBoundary: \"arn:aws:iam::111122223333:policy/{name}\"");
    let one = role_and(&format!("roleName: shared\n  adopt: never\n  {}", boundary("a")));
    let other = role_and(&format!("roleName: shared\n  adopt: always\n  {}", boundary("b")))
        .replace("name: archive", "name: other")
        .replace("s3:PutObject", "s3:GetObject");
    insta::assert_snapshot!(errors(&[one.as_str(), &other].join("---\n")));
}

#[test]
fn policy_documents_are_checked_as_iam_would() {
    let text = "\
apiVersion: pipewright.dev/v1
kind: ServiceRole
metadata: {name: archive}
spec:
  inlinePolicies:
    a b: {Version: \"2012-10-17\", Statement: {Effect: Allow, Action: \"*\", Resource: \"*\"}}
    version: {Version: \"2012-10-18\", Statements: []}
    empty: {Statement: []}
    statements:
      Version: \"2012-10-17\"
      Statement:
        - {Sid: a-b, Effect: allow, Principal: \"*\", Action: PutObject, Resource: bucket}
        - {Effect: Deny, Action: \"s3:*\", NotAction: \"s3:*\"}
        - {Sid: A, Effect: Allow, Action: [], Resource: [1], Condition: [x]}
        - {Sid: A, Effect: Allow, Action: \"s3:*\", Resource: \"*\", Condition: {StringEquals: x, Bool: {k: {}}}}
    text: everything
";
    insta::assert_snapshot!(errors(text));
}

#[test]
fn what_a_role_cannot_be_is_an_error() {
    let text = "\
apiVersion: pipewright.dev/v1
kind: ServiceRole
metadata: {name: archive}
spec:
  roleName: \"a role\"
  trust: []
  managedPolicies: [AmazonS3ReadOnlyAccess]
  permissionsBoundary: arn:aws:iam::111122223333:role/x
---
apiVersion: pipewright.dev/v1
kind: ServiceRole
metadata: {name: nothing}
spec: {trust: [\"arn:aws:iam::111122223333:root\"]}
";
    insta::assert_snapshot!(errors(text));
}

#[test]
fn names_and_sizes_are_limited_as_iam_limits_them() {
    let long = "a".repeat(63);
    let text = role_with("name: archive", &format!("name: {long}, labels: {{team: x}}"))
        .replace("write:", &format!("{}:", "w".repeat(104)))
        .replace("s3:::archive*", &format!("s3:::{}", "b".repeat(10_200)));
    let found = errors(&text);
    for message in [
        "the role would be named `data-platform-aaaa",
        "a service role gets no tags of your own",
        "the name of this policy has 104 characters, and may have 103",
        "have 10326 characters together; IAM allows 10240",
    ] {
        assert!(found.contains(message), "{message}\n{found}");
    }
}

#[test]
fn references_that_lead_nowhere_are_errors() {
    let unknown = pipeline_with(BY_ARN, &BY_REF.replace("archive\n", "archiv\n"));
    insta::assert_snapshot!(errors(&[ROLE, &unknown].join("---\n")));
    let both = pipeline_with(BY_ARN, &format!("{BY_ARN}    accessRoleRef: archive\n"));
    insta::assert_snapshot!(errors(&[ROLE, &both].join("---\n")));
    let no_place = pipeline_with("    port: 3306\n", "    port: 3306\n    accessRoleRef: archive\n");
    insta::assert_snapshot!(errors(&[ROLE, &no_place].join("---\n")));
    let neither = pipeline_with(BY_ARN, "settings: {bucketName: archive}\n");
    insta::assert_snapshot!(errors(&[ROLE, &neither].join("---\n")));
}

#[test]
fn a_role_of_another_account_cannot_be_named() {
    let controller =
        format!("{CONTROLLER}    - {{name: test, accountId: \"999999999999\", region: us-east-1}}\n");
    let pipeline =
        pipeline_with(BY_ARN, BY_REF).replace("spec:\n  compute", "spec:\n  environment: prod\n  compute");
    let text = [role_and("environment: test").as_str(), &pipeline].join("---\n");
    insta::assert_snapshot!(errors_of(&[("specs/controller.yaml", &controller), ("specs/a.yaml", &text)]));
}
