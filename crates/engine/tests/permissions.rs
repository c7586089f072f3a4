//! The IAM policies of deploy/iam, enforced by the emulator: they allow what passes do, and hold nothing
//! that no pass does.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use pipewright_aws::{AwsRead, AwsWrite};
use pipewright_emulator::{Config, Disturbance, Permissions, Script};
use pipewright_engine::{CloudRead, CloudWrite, Silent, read_secrets, run_pass};
use pipewright_model::kinds::{
    AssessmentGate, CertificateContent, CertificateDeclared, Chosen, EventSourceType,
    EventSubscriptionDeclared, FixedRole, Measured, TableName,
};
use pipewright_model::tags::Tags;
use pipewright_model::{
    Adopt, Body, Declared, DeletionPolicy, Desired, Kind, Ref, ResourceId, SecretBytes, Timestamp, policy,
};
use pipewright_plan::Mutation;
use pipewright_testkit::{
    Controller, Lab, add_role, desired, edit_config, edit_endpoint, edit_task, id, outline,
    policy_on_everything, serverless, write_to_s3,
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

/// What the policy allows and nothing here does.
const UNUSED: &[&str] = &[
    // No operation: asked for when an instance or an endpoint is made.
    "iam:PassRole",
    // No operation of the caller: asked for when the first serverless replication config is made.
    "iam:CreateServiceLinkedRole",
];

fn policy_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/iam").join(name)
}

async fn lab(policy: &str, directory: Option<PathBuf>) -> Lab {
    let text = std::fs::read_to_string(policy_file(policy)).unwrap();
    Lab::with(Config {
        permissions: Some(Permissions::parse(&text).unwrap()),
        directory,
        ..Config::default()
    })
    .await
}

/// The actions that a policy allows.
fn allowed(policy: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(policy_file(policy)).unwrap();
    let policy: Value = serde_json::from_str(&text).unwrap();
    let statements = policy["Statement"].as_array().unwrap().clone();
    statements
        .into_iter()
        .flat_map(|statement| match &statement["Action"] {
            Value::String(one) => vec![one.clone()],
            list => list.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect(),
        })
        .collect()
}

/// A pipeline to Redshift, which needs the third role too, one beside it, and a serverless one.
fn wanted() -> Desired {
    let mut wanted = desired("a", &["billing", "orders"]);
    let serverless = serverless("a", &["stock"]);
    wanted.pipelines.extend(serverless.pipelines);
    for (id, declared) in serverless.resources {
        wanted.resources.entry(id).or_insert(declared);
    }
    edit_endpoint(&mut wanted, "orders-target", |target| "redshift".clone_into(&mut target.engine));
    let role = FixedRole::ACCESS_FOR_ENDPOINT;
    let needed_by = BTreeSet::from(["orders".to_owned()]);
    let like = &wanted.resources[&ResourceId::role(FixedRole::VPC.name)];
    let declared = Declared {
        adopt: Adopt::Always,
        body: Body::ServiceRole(role.declared("aws", needed_by, true)),
        ..like.clone()
    };
    wanted.resources.insert(ResourceId::role(role.name), declared);
    let like = wanted.resources[&id(&wanted, Kind::Endpoint, "orders-source")].clone();
    let content = CertificateContent::Wallet(SecretBytes::new(*b"a wallet"));
    let fingerprint = content.fingerprint();
    let certificate = Body::Certificate(CertificateDeclared { content, fingerprint });
    let subscription = Body::EventSubscription(EventSubscriptionDeclared {
        sns_topic_arn: "arn:aws:sns:us-east-1:111122223333:alarms".to_owned(),
        source_type: EventSourceType::ReplicationTask,
        sources: BTreeSet::new(),
        event_categories: None,
        enabled: Some(true),
    });
    for (name, body) in [("ca", certificate), ("alarms", subscription)] {
        wanted.resources.insert(id(&wanted, body.kind(), name), Declared { body, ..like.clone() });
    }
    // The versions of a secret that DMS reads are looked at.
    edit_endpoint(&mut wanted, "billing-source", |source| {
        (source.server_name, source.port) = (None, None);
        let role = "arn:aws:iam::111122223333:role/dms-secrets";
        source.settings.insert("SecretsManagerSecretId".to_owned(), json!("pipewright/billing"));
        source.settings.insert("SecretsManagerAccessRoleArn".to_owned(), json!(role));
    });
    wanted.rotation.secret_versions = true;
    add_role(&mut wanted, "archive", &[("write", policy_on_everything("Allow", "s3:PutObject"))]);
    write_to_s3(&mut wanted, "billing", "archive");
    let assessment = AssessmentGate {
        service_access_role_arn: "arn:aws:iam::111122223333:role/dms-assessments".to_owned(),
        result_bucket: "assessments".to_owned(),
        result_folder: None,
        chosen: Chosen::All,
        refuses_warnings: false,
    };
    edit_task(&mut wanted, "orders", |task| task.start_gates.assessment = Some(Box::new(assessment)));
    wanted
}

/// Reads a certificate as specs can name one.
async fn read_certificate(lab: &Lab, controller: &Controller<AwsRead, AwsWrite>, specs: &Desired) {
    let name = "pipewright/ca".to_owned();
    let input = json!({"Name": name, "SecretString": "a certificate"});
    let operation = "CreateSecret".to_owned();
    let made = Disturbance::Call { operation, input: input.as_object().cloned().unwrap() };
    lab.emulator().play(Script { disturbances: vec![made], ..Script::default() }).unwrap();
    let ids = BTreeSet::from([name.clone()]);
    let read = read_secrets(controller.reader.as_ref(), &specs.environment, ids).await.unwrap();
    assert!(read[&name].is_ok(), "{read:?}");
}

/// Reads how the tables of a task and of a serverless replication are, and loads them again.
async fn read_and_reload(controller: &Controller<AwsRead, AwsWrite>, specs: &Desired) {
    let observed = controller.observe(specs).await;
    for (kind, name) in [(Kind::Task, "orders"), (Kind::ReplicationConfig, "stock")] {
        let arn = &observed.resources[&id(specs, kind, name)].arn;
        let of = match kind {
            Kind::Task => Measured::Task { arn, instance: "orders" },
            _ => Measured::Replication { arn, name },
        };
        controller.reader.latency(of, observed.at).await.unwrap();
        let tables = controller.reader.table_statistics(kind, arn).await.unwrap();
        assert!(!tables.is_empty(), "{kind}");
        let names = tables.into_iter().map(|table| TableName { schema: table.schema, table: table.table });
        let id = id(specs, kind, name);
        let arns = BTreeMap::from([(id.clone(), arn.clone())]);
        let reload = Mutation::ReloadTables { id, tables: names.collect() };
        controller.writer.call(&reload, &arns, observed.at).await.unwrap();
    }
}

/// From nothing through every kind of change to nothing again.
#[tokio::test]
async fn the_policy_of_apply_suffices_and_holds_nothing_that_is_not_used() {
    let lab = lab("apply.json", None).await;
    let controller = lab.controller().await;
    // The third role is there, and serves nobody yet.
    let found = Mutation::CreateRole {
        role: FixedRole::ACCESS_FOR_ENDPOINT.name.to_owned(),
        path: "/".to_owned(),
        description: "somebody's".to_owned(),
        trust: policy::trust_for(&BTreeSet::from(["dms.amazonaws.com".to_owned()])),
        permissions_boundary: None,
        tags: Tags::new(),
    };
    controller.writer.call(&found, &BTreeMap::new(), Timestamp::default()).await.unwrap();

    let mut specs = wanted();
    read_certificate(&lab, &controller, &specs).await;
    controller.converge(&specs).await;
    read_and_reload(&controller, &specs).await;

    let group = id(&specs, Kind::SubnetGroup, "orders");
    match &mut specs.resources.get_mut(&group).unwrap().body {
        Body::SubnetGroup(group) => group.description = "other words".to_owned(),
        other => panic!("not a subnet group: {other:?}"),
    }
    let instance = id(&specs, Kind::Instance, "orders");
    match &mut specs.resources.get_mut(&instance).unwrap().body {
        Body::Instance(instance) => instance.allocated_storage = Some(100),
        other => panic!("not an instance: {other:?}"),
    }
    let alarms = id(&specs, Kind::EventSubscription, "alarms");
    match &mut specs.resources.get_mut(&alarms).unwrap().body {
        Body::EventSubscription(subscription) => subscription.enabled = Some(false),
        other => panic!("not a subscription: {other:?}"),
    }
    edit_endpoint(&mut specs, "orders-source", |source| source.port = Some(3307));
    edit_task(&mut specs, "orders", |task| {
        task.settings =
            json!({"Logging": {"EnableLogging": true}, "TargetMetadata": {"BatchApplyEnabled": true}});
    });
    edit_config(&mut specs, "stock", |config| config.compute.max_capacity_units = 16);
    controller.converge(&specs).await;

    let other = id(&specs, Kind::Instance, "billing");
    edit_task(&mut specs, "orders", |task| task.instance = Ref::Managed(other));
    let source = id(&specs, Kind::Endpoint, "billing-source");
    specs.resources.get_mut(&source).unwrap().deletion_policy = DeletionPolicy::Retain;
    controller.converge(&specs).await;

    controller.converge(&desired("a", &[])).await;

    let calls = lab.emulator().calls();
    let refused: Vec<_> = calls.iter().filter(|call| call.error.as_deref().is_some_and(is_denied)).collect();
    assert!(refused.is_empty(), "{refused:?}");
    let mut used: BTreeSet<String> =
        calls.iter().map(|call| format!("{}:{}", call.service, call.operation)).collect();
    used.extend(UNUSED.iter().map(|&action| action.to_owned()));
    assert_eq!(allowed("apply.json"), used);
}

/// What is in an account can be planned and nothing of it changed.
#[tokio::test]
async fn the_policy_of_plan_suffices_to_plan_and_not_to_change() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("permissions-plan");
    // Left over from a run before, if it is there at all.
    let _ = std::fs::remove_dir_all(&directory);
    let specs = desired("a", &["orders"]);
    let filled = lab("apply.json", Some(directory.clone())).await;
    filled.controller().await.converge(&specs).await;
    filled.emulator().clone().shutdown().await;

    let lab = lab("plan.json", Some(directory)).await;
    let controller = lab.controller().await;
    assert_eq!(outline(&controller.plan(&specs).await), "nothing");
    read_certificate(&lab, &controller, &specs).await;
    let none = desired("a", &[]);
    let before = controller.observe(&none).await;
    assert!(before.unread.is_empty(), "{:?}", before.unread);

    let stop = CancellationToken::new();
    let outcome = run_pass(
        &controller.reader,
        &controller.writer,
        &controller.clock,
        &none,
        &controller.options,
        &Silent,
        &stop,
    )
    .await
    .unwrap();
    assert!(outcome.failures().values().all(|why| why.contains("AccessDenied")), "{:?}", outcome.failures());
    assert!(!outcome.failures().is_empty());
    assert_eq!(controller.observe(&none).await.resources, before.resources);
}

fn is_denied(error: &str) -> bool {
    error.contains("AccessDenied")
}
