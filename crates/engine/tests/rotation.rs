//! Rotated passwords and secrets in whole passes over the real AWS SDK against the emulator.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use pipewright_emulator::{Config, Disturbance, Permissions, Script};
use pipewright_model::kinds::{CertificateContent, CertificateDeclared, Run};
use pipewright_model::{
    Body, Desired, Kind, LiveBody, RotationKey, RotationKeys, Secret, SecretBytes, Timestamp, tags,
};
use pipewright_plan::{Plan, PlanOptions, render};
use pipewright_testkit::{Lab, check_with, desired, edit_endpoint, edit_task, id, outline};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const KEY: &str = "a key of tests, long enough";
const OTHER_KEY: &str = "another key of tests, long enough";

fn key(text: &str) -> RotationKey {
    RotationKey::new(SecretBytes::new(text.as_bytes())).unwrap()
}

fn under(wanted: &mut Desired, current: &str, previous: Option<&str>) {
    wanted.rotation.keys = Some(RotationKeys { current: key(current), previous: previous.map(key) });
}

/// A pipeline whose source is sent this password, which is remembered under a key.
fn with_password(password: &str) -> Desired {
    let mut wanted = desired("a", &["orders"]);
    edit_endpoint(&mut wanted, "orders-source", |source| {
        source.username = Some("dms".to_owned());
        source.password = Some(Secret::new(password));
    });
    under(&mut wanted, KEY, None);
    wanted
}

fn hex(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

/// The database has another password.
fn rotate(lab: &Lab, password: &str) {
    let endpoint = "a-orders-source".to_owned();
    let disturbance = Disturbance::DatabasePassword { endpoint, password_sha256: hex(password) };
    lab.emulator().play(Script { disturbances: vec![disturbance], ..Script::default() }).unwrap();
}

/// Tests of the source's connections fail for this reason, or no longer.
fn unreachable(lab: &Lab, reason: Option<&str>) {
    let endpoint = "a-orders-source".to_owned();
    let disturbance = Disturbance::EndpointUnreachable { endpoint, reason: reason.map(str::to_owned) };
    lab.emulator().play(Script { disturbances: vec![disturbance], ..Script::default() }).unwrap();
}

/// What was changed since the calls were counted anew.
fn changed(lab: &Lab) -> Vec<String> {
    lab.emulator().calls().into_iter().filter(|call| call.mutating).map(|call| call.operation).collect()
}

/// What a plan says of the fields of the source.
fn fields(plan: &Plan, wanted: &Desired) -> Vec<String> {
    let source = id(wanted, Kind::Endpoint, "orders-source");
    let changes = plan.changes.iter().filter(|change| change.key.resource == source);
    let fields = changes.flat_map(|change| &change.fields);
    fields.map(|field| format!("{}: {} → {}", field.path, field.before, field.after)).collect()
}

/// The calls by which a password is sent while a task runs.
const SENT: [&str; 7] = [
    "AddTagsToResource",
    "StopReplicationTask",
    "RemoveTagsFromResource",
    "ModifyEndpoint",
    "AddTagsToResource",
    "StartReplicationTask",
    "RemoveTagsFromResource",
];

#[tokio::test]
async fn terraform_provider_aws_48350_a_rotated_password_is_noticed_sent_tested_and_the_task_goes_on() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    controller.converge(&with_password("first-password")).await;
    assert_eq!(outline(&controller.plan(&with_password("first-password")).await), "nothing");

    rotate(&lab, "second-password");
    let wanted = with_password("second-password");
    let plan = controller.plan(&wanted).await;
    assert_eq!(
        fields(&plan, &wanted),
        [
            r#"password: "as last sent" → "rotated""#,
            r#"tags.pipewright:secrets: "recorded" → "recorded anew""#
        ]
    );
    lab.emulator().reset_calls();
    let outcome = controller.converge(&wanted).await;
    assert_eq!(outcome.rounds.len(), 1, "one round is enough");
    assert_eq!(changed(&lab), SENT);
    let task = &controller.observe(&wanted).await.resources[&id(&wanted, Kind::Task, "orders")];
    assert_eq!(task.body.status(), "running");
    assert!(!task.tags.contains_key(tags::PAUSED));
    assert_eq!(outline(&controller.plan(&wanted).await), "nothing");
}

#[tokio::test]
async fn a_pass_that_does_not_wait_sends_a_password_once() {
    let lab = Lab::start().await;
    let mut controller = lab.controller().await;
    controller.converge(&with_password("first-password")).await;
    controller.options.wait = false;
    let wanted = with_password("second-password");
    lab.emulator().reset_calls();
    for _ in 0..40 {
        if controller.pass(&wanted).await.has_converged() {
            break;
        }
        lab.emulator().advance(std::time::Duration::from_secs(30));
    }
    assert_eq!(outline(&controller.plan(&wanted).await), "nothing");
    let sent = changed(&lab).into_iter().filter(|call| call == "ModifyEndpoint");
    assert_eq!(sent.count(), 1);
}

#[tokio::test]
async fn nothing_stops_where_nothing_runs_and_onchange_report_holds_it_back() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let stopped = |password| {
        let mut wanted = with_password(password);
        edit_task(&mut wanted, "orders", |task| task.run = Run::Stopped);
        wanted
    };
    controller.converge(&stopped("first-password")).await;
    lab.emulator().reset_calls();
    controller.converge(&stopped("second-password")).await;
    assert_eq!(changed(&lab), ["RemoveTagsFromResource", "ModifyEndpoint", "AddTagsToResource"]);

    controller.converge(&with_password("second-password")).await;
    let mut held = with_password("third-password");
    edit_task(&mut held, "orders", |task| task.stop_to_change = false);
    lab.emulator().reset_calls();
    let outcome = controller.pass(&held).await;
    assert_eq!(changed(&lab), Vec::<String>::new());
    assert!(outcome.remaining.report.blocked[0].message.contains("can only be changed while"));
}

#[tokio::test]
async fn another_key_sends_nothing_while_the_previous_one_is_known() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    controller.converge(&with_password("first-password")).await;
    let mut wanted = with_password("first-password");
    under(&mut wanted, OTHER_KEY, Some(KEY));
    lab.emulator().reset_calls();
    controller.converge(&wanted).await;
    assert_eq!(changed(&lab), ["AddTagsToResource"]);

    // Without it nobody knows whether the password is the one that was sent.
    under(&mut wanted, "a third key that nobody has seen", None);
    let said = fields(&controller.plan(&wanted).await, &wanted);
    assert_eq!(said[0], r#"password: "recorded with another key" → "sent""#);

    // And without any key nothing is remembered.
    wanted.rotation.keys = None;
    lab.emulator().reset_calls();
    controller.converge(&wanted).await;
    assert_eq!(changed(&lab), ["RemoveTagsFromResource"]);
    under(&mut wanted, KEY, None);
    let said = fields(&controller.plan(&wanted).await, &wanted);
    assert_eq!(said[0], r#"password: "not recorded" → "sent""#);
}

#[tokio::test]
async fn a_password_that_does_not_work_leaves_the_task_paused_until_it_is_corrected() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    controller.converge(&with_password("first-password")).await;
    rotate(&lab, "second-password");
    let wrong = with_password("secnod-password");
    let outcome = controller.pass(&wrong).await;
    assert!(!outcome.has_converged());
    let failures = format!("{:?}", outcome.failures());
    assert!(failures.contains("Access denied for user"), "{failures}");
    let task_id = id(&wrong, Kind::Task, "orders");
    let task = |observed: &pipewright_model::Observed| observed.resources[&task_id].clone();
    let paused = task(&controller.observe(&wrong).await);
    assert_eq!(paused.body.status(), "stopped");
    assert!(paused.tags.contains_key(tags::PAUSED));

    // It is said what to do, and the next pass only tests again.
    let plan = controller.plan(&wrong).await;
    let warning = plan.report.warnings.iter().find(|warning| warning.message.contains("last test of"));
    assert!(warning.unwrap().hint.as_ref().unwrap().contains("correct the secret"), "{:?}", plan.report);
    lab.emulator().reset_calls();
    controller.pass(&wrong).await;
    assert_eq!(changed(&lab), ["TestConnection"]);

    let right = with_password("second-password");
    controller.converge(&right).await;
    let resumed = task(&controller.observe(&right).await);
    assert_eq!(resumed.body.status(), "running");
    assert!(!resumed.tags.contains_key(tags::PAUSED));
    assert!(controller.plan(&right).await.report.warnings.is_empty());
}

const SECRET: &str = "pipewright/orders";

/// Somebody calls Secrets Manager.
fn secrets_manager(lab: &Lab, operation: &str, input: Value) {
    let Value::Object(input) = input else { panic!("no input") };
    let disturbance = Disturbance::Call { operation: operation.to_owned(), input };
    lab.emulator().play(Script { disturbances: vec![disturbance], ..Script::default() }).unwrap();
}

/// A pipeline whose source has a secret that DMS reads itself.
fn with_secret() -> Desired {
    let mut wanted = desired("a", &["orders"]);
    edit_endpoint(&mut wanted, "orders-source", |source| {
        source.server_name = None;
        source.port = None;
        source.settings = BTreeMap::from([
            ("SecretsManagerSecretId".to_owned(), json!(SECRET)),
            ("SecretsManagerAccessRoleArn".to_owned(), json!("arn:aws:iam::111122223333:role/dms-secrets")),
        ]);
    });
    wanted.rotation.secret_versions = true;
    wanted
}

#[tokio::test]
async fn another_version_of_a_secret_that_dms_reads_is_tested_and_stops_nothing() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    // Not on the first page of the list.
    for n in 0..100 {
        secrets_manager(
            &lab,
            "CreateSecret",
            json!({"Name": format!("others/{n}"), "SecretString": "theirs"}),
        );
    }
    secrets_manager(&lab, "CreateSecret", json!({"Name": SECRET, "SecretString": "one"}));
    controller.converge(&with_secret()).await;
    assert_eq!(outline(&controller.plan(&with_secret()).await), "nothing");
    lab.emulator().reset_calls();
    assert!(controller.pass(&with_secret()).await.has_converged());
    let lists = lab.emulator().calls().into_iter().filter(|call| call.operation == "ListSecrets");
    assert_eq!(lists.count(), 2, "a call for each hundred secrets");

    secrets_manager(&lab, "PutSecretValue", json!({"SecretId": SECRET, "SecretString": "two"}));
    lab.emulator().reset_calls();
    let outcome = controller.converge(&with_secret()).await;
    assert_eq!(outcome.rounds.len(), 1, "one round is enough");
    assert_eq!(changed(&lab), ["TestConnection", "AddTagsToResource"]);
    assert_eq!(outline(&controller.plan(&with_secret()).await), "nothing");

    // A version that does not work is told, stops nothing, and is tested again.
    secrets_manager(&lab, "PutSecretValue", json!({"SecretId": SECRET, "SecretString": "three"}));
    unreachable(&lab, Some("Access denied for user"));
    for _ in 0..2 {
        lab.emulator().reset_calls();
        let outcome = controller.pass(&with_secret()).await;
        assert!(format!("{:?}", outcome.failures()).contains("Access denied for user"));
        assert_eq!(changed(&lab), ["TestConnection"]);
    }
    let observed = controller.observe(&with_secret()).await;
    assert_eq!(observed.resources[&id(&with_secret(), Kind::Task, "orders")].body.status(), "running");
    unreachable(&lab, None);
    controller.converge(&with_secret()).await;
}

#[tokio::test]
async fn versions_that_cannot_be_read_are_a_warning_and_nothing_more() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    secrets_manager(&lab, "CreateSecret", json!({"Name": SECRET, "SecretString": "one"}));
    let mut elsewhere = with_secret();
    edit_endpoint(&mut elsewhere, "orders-source", |source| {
        let arn = "arn:aws:secretsmanager:us-east-1:999900001111:secret:pipewright/orders-AbCdEf";
        source.settings.insert("SecretsManagerSecretId".to_owned(), json!(arn));
    });
    controller.converge(&elsewhere).await;
    let warnings = controller.plan(&elsewhere).await.report.warnings;
    assert!(warnings[0].message.contains("is not among those that are listed"), "{warnings:?}");

    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "secretsmanager:ListSecrets", "Resource": "*"},
    ]});
    let permissions = Some(Permissions::parse(&policy.to_string()).unwrap());
    let lab = Lab::with(Config { permissions, ..Config::default() }).await;
    let controller = lab.controller().await;
    controller.converge(&elsewhere).await;
    let plan = controller.plan(&elsewhere).await;
    assert!(plan.is_empty(), "{}", outline(&plan));
    let warnings = plan.report.warnings;
    assert!(
        warnings[0].message.contains("secretsmanager:ListSecrets: AccessDeniedException"),
        "{warnings:?}"
    );
}

#[tokio::test]
async fn no_plan_and_no_tag_holds_a_secret_or_a_hash_that_could_be_guessed() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let canary = ["first-canary", "second-canary"];
    // What people see, and what a log could hold.
    let (mut shown, mut inner, mut marks) = (String::new(), String::new(), String::new());
    for password in canary {
        let mut wanted = with_password(password);
        edit_endpoint(&mut wanted, "orders-target", |target| {
            target.username = Some("dms".to_owned());
            target.password = Some(Secret::new(password));
        });
        let plan = controller.plan(&wanted).await;
        shown += &render::text(&plan, render::Style::PLAIN);
        shown += &render::markdown(&plan, render::MARKDOWN_BUDGET);
        shown += &serde_json::to_string(&render::json(&plan)).unwrap();
        let outcome = controller.converge(&wanted).await;
        let observed = controller.observe(&wanted).await;
        let _ = write!(inner, "{plan:?} {wanted:?} {outcome:?} {observed:?}");
        let tags: Vec<&String> =
            observed.resources.values().filter_map(|live| live.tags.get(tags::SECRETS)).collect();
        assert_eq!(tags.len(), 2);
        assert_ne!(tags[0], tags[1], "equal passwords do not look equal");
        let _ = write!(marks, "{} {} ", tags[0], tags[1]);
    }
    assert_eq!(marks.split_whitespace().count(), 8);
    for mark in marks.split_whitespace() {
        assert!(!shown.contains(mark), "{mark} is shown");
    }
    for secret in [canary[0], canary[1], KEY] {
        for text in [secret, &hex(secret)[..8]] {
            assert!(!format!("{shown}{inner}").contains(text), "{text} is there");
        }
    }
}

#[tokio::test]
async fn a_certificate_that_expires_within_thirty_days_is_told() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let mut wanted = desired("a", &["orders"]);
    check_with(&mut wanted, "orders-source", b"for its place");
    let certificate = wanted.resources.keys().find(|id| id.kind == Kind::Certificate).unwrap().clone();
    let pem = include_str!("../../../specs/certificates/crm-ca.pem");
    let content = CertificateContent::Pem(Secret::new(pem));
    let fingerprint = content.fingerprint();
    let body = Body::Certificate(CertificateDeclared { content, fingerprint });
    wanted.resources.get_mut(&certificate).unwrap().body = body;
    controller.converge(&wanted).await;

    let mut observed = controller.observe(&wanted).await;
    let LiveBody::Certificate(live) = &observed.resources[&certificate].body else {
        panic!("no certificate")
    };
    let end = live.valid_to.unwrap().as_secs();
    let day = 24 * 60 * 60;
    let mut told = |at: u64| {
        observed.at = Timestamp::from_secs(at);
        let plan = pipewright_plan::plan(&wanted, &observed, &PlanOptions::default());
        plan.report.warnings.into_iter().map(|warning| warning.message).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(told(end - 31 * day), "");
    assert!(told(end - 29 * day).starts_with("expires on "));
    assert!(told(end + 1).starts_with("has expired on "));
}
