//! Passwords of Secrets Manager, and the key under which it is remembered which were sent.

use std::collections::BTreeSet;
use std::path::Path;

use pipewright_model::{Body, Desired, Kind, ResourceId, Secret, SecretValue, Timestamp};
use pipewright_spec::{Diagnostics, SecretSource, SpecTree};

use crate::common::{PIPELINE, controller_with_uid, errors_of, pipeline_with, read};

/// Secrets Manager with a secret of two keys.
struct Stored;

impl SecretSource for Stored {
    fn env(&self, name: &str) -> Option<String> {
        Some(if name == "SHORT_KEY" { "fifteen bytes ." } else { "hunter2, and more" }.to_owned())
    }

    fn file(&self, _: &Path) -> Result<Vec<u8>, String> {
        Ok(b"a key of tests, long enough\n".to_vec())
    }

    fn secrets_manager(&self, secret_id: &str) -> Result<SecretValue, String> {
        assert_eq!(secret_id, "pipewright/orders");
        Ok(SecretValue::Text(Secret::new(r#"{"password": "hunter3", "key": "another key of tests"}"#)))
    }
}

fn tree(rotation: &str, pipeline: &str) -> SpecTree {
    let controller = controller_with_uid().replacen("spec:\n", &format!("spec:\n{rotation}"), 1);
    read(&[("specs/controller.yaml", &controller), ("specs/a.yaml", pipeline)])
        .unwrap_or_else(|errors| panic!("{}", errors.render(false)))
}

fn desired(rotation: &str, pipeline: &str) -> Result<Desired, Diagnostics> {
    tree(rotation, pipeline).desired("prod", &Stored)
}

#[test]
fn a_password_and_the_key_are_read_of_secrets_manager() {
    let pipeline = pipeline_with(
        "passwordFrom: {env: MYSQL_PASSWORD}",
        "passwordFrom: {secretsManager: {secretId: pipewright/orders, key: password}}",
    );
    let rotation = "  rotation: {keyFrom: {secretsManager: {secretId: pipewright/orders, key: key}}, previousKeyFrom: {file: old.key}}\n";
    let tree = tree(rotation, &pipeline);
    let asked = tree.stored_secrets(&tree.environments()[0]);
    assert_eq!(asked, BTreeSet::from(["pipewright/orders".to_owned()]));
    let desired = tree.desired("prod", &Stored).unwrap();
    let source = ResourceId::new(Kind::Endpoint, "data-platform-orders-source");
    let Body::Endpoint(source) = &desired.resources[&source].body else { panic!("no endpoint") };
    assert_eq!(source.password, Some(Secret::new("hunter3")));
    assert!(desired.rotation.keys.unwrap().previous.is_some());
}

#[test]
fn a_key_that_could_be_guessed_is_refused_and_not_shown() {
    let error = desired("  rotation: {keyFrom: {env: SHORT_KEY}}\n", PIPELINE).unwrap_err().render(false);
    insta::assert_snapshot!(error, @"
    error: the key has fewer than 16 bytes, and could be guessed
     --> specs/controller.yaml:5:29
      |
    5 |   rotation: {keyFrom: {env: SHORT_KEY}}
      |                             ^^^^^^^^^
      |
      = hint: make one at random: `openssl rand -base64 32`

    1 error
    ");
}

#[test]
fn a_previous_key_alone_is_an_error() {
    let controller =
        controller_with_uid().replacen("spec:\n", "spec:\n  rotation: {previousKeyFrom: {env: KEY}}\n", 1);
    let errors = errors_of(&[("specs/controller.yaml", &controller), ("specs/a.yaml", PIPELINE)]);
    assert!(errors.contains("`previousKeyFrom` is given without `keyFrom`"), "{errors}");
}

#[test]
fn passwords_without_a_key_are_warned_of_and_nothing_else_is() {
    let warnings = |rotation: &str, pipeline: &str| {
        let warnings = tree(rotation, pipeline).warnings(Timestamp::from_secs(1_800_000_000));
        if warnings.0.is_empty() { String::new() } else { warnings.render(false) }
    };
    assert!(warnings("", PIPELINE).contains("one that changes alone would not be noticed"));
    assert_eq!(warnings("  rotation: {keyFrom: {env: KEY}}\n", PIPELINE), "");
    let iam = "iam: {accessRoleArn: \"arn:aws:iam::111122223333:role/connect\"}";
    assert_eq!(warnings("", &pipeline_with("passwordFrom: {env: MYSQL_PASSWORD}", iam)), "");
    // A setting that is secret is a secret that is sent.
    let redis =
        "engine: redis\n    settings: {serverName: a, port: 6379, authPassword: {file: secrets/token}}";
    let s3 = "engine: s3\n    settings: {bucketName: archive, serviceAccessRoleArn: \"arn:aws:iam::111122223333:role/s3\"}";
    let to_redis = pipeline_with(s3, redis).replace("passwordFrom: {env: MYSQL_PASSWORD}", iam);
    assert!(warnings("", &to_redis).contains("one that changes alone would not be noticed"));
}
