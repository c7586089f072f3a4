//! Any request over HTTP is answered, with a document of its protocol.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::test_runner::{Config as Cases, RngSeed};
use serde_json::{Value, json};
use support::Sandbox;

static SANDBOX: LazyLock<Sandbox> = LazyLock::new(Sandbox::new);

fn part(choices: &[&str]) -> BoxedStrategy<String> {
    let choices: Vec<String> = choices.iter().map(|choice| (*choice).to_owned()).collect();
    prop::sample::select(choices).boxed()
}

fn target() -> BoxedStrategy<String> {
    prop_oneof![
        4 => part(&["DescribeEndpoints", "CreateEndpoint", "CreateReplicationTask", "ListTagsForResource", "NoSuch", ""])
            .prop_map(|operation| format!("X-Amz-Target: AmazonDMSv20160101.{operation}\r\n")),
        1 => "[ -~]{0,40}".prop_map(|text| format!("X-Amz-Target: {text}\r\n")),
        2 => Just(String::new()),
    ]
    .boxed()
}

fn authorization() -> BoxedStrategy<String> {
    prop_oneof![
        3 => Just(String::new()),
        1 => "[ -~]{0,80}".prop_map(|text| format!("Authorization: {text}\r\n")),
        1 => "[a-z0-9/]{0,40}".prop_map(|scope| format!(
            "X-Amz-Date: 20260101T000000Z\r\nAuthorization: AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0\r\n"
        )),
    ]
    .boxed()
}

fn json_value() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let name = part(&[
            "EndpointIdentifier",
            "EndpointType",
            "EngineName",
            "Filters",
            "Name",
            "Values",
            "Marker",
            "MaxRecords",
            "ResourceArn",
            "Tags",
            "Key",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name, inner, 0..5).prop_map(|map| json!(map)),
        ]
    })
    .boxed()
}

fn body() -> BoxedStrategy<Vec<u8>> {
    prop_oneof![
        3 => json_value().prop_map(|value| value.to_string().into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..64),
        2 => "(Action|Version|RoleName|Tags\\.member\\.1\\.Key|[A-Za-z.]{1,9})=(GetRole|CreateRole|AssumeRole|2010-05-08|2011-06-15|[ -~]{0,9})(&(Version|RoleName|PathPrefix)=(2010-05-08|2011-06-15|x)){0,3}"
            .prop_map(String::into_bytes),
    ]
    .boxed()
}

proptest! {
    #![proptest_config(Cases { cases: 400, rng_seed: RngSeed::Fixed(11), failure_persistence: None, ..Cases::default() })]
    #[test]
    fn any_request_is_answered_in_its_protocol(
        method in part(&["POST", "POST", "POST", "GET", "PUT", "DELETE"]),
        path in part(&["/", "/", "/", "/_sandbox/script", "/_sandbox/advance", "/_sandbox/x", "/a%00b?Action=GetRole"]),
        kind in part(&["application/x-amz-json-1.1", "application/json", "application/x-www-form-urlencoded"]),
        target in target(),
        authorization in authorization(),
        body in body(),
    ) {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {kind}\r\n{target}{authorization}Content-Length: {}\r\n\r\n",
            body.len()
        );
        let mut request = head.clone().into_bytes();
        request.extend(body);
        let (status, answer) = SANDBOX.client().raw(&request).unwrap();
        prop_assert!((200..500).contains(&status), "{head}: {status} {answer}");
        // hyper itself refuses headers that are none, without a body.
        if answer.is_empty() {
            prop_assert_eq!(status, 400);
        } else if answer.starts_with('<') {
            prop_assert!(answer.contains("<RequestId>") || answer.starts_with("<!doctype html>"), "{answer}");
        } else {
            let document: Value = serde_json::from_str(&answer).unwrap();
            let refusal = document["message"].is_string();
            prop_assert_eq!(refusal, status >= 400, "{} {}", status, document);
        }
    }
}
