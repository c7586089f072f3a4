//! What a stack made is taken over as it is: over the real AWS SDK against the emulator.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::Path;

use pipewright_engine::CloudWrite as _;
use pipewright_import::{Options, PhysicalIds, cloudformation};
use pipewright_model::{Adopt, Desired, Kind, ResourceId};
use pipewright_plan::{Action, Mutation};
use pipewright_spec::{SecretSource, Source, load_sources};
use pipewright_testkit::{Lab, outline};

const ORDERS: &str = include_str!("fixtures/orders.template.json");
const ORDERS_STACK: &str = include_str!("fixtures/orders.stack-resources.json");
const LEDGER: &str = include_str!("fixtures/ledger.template.json");
const LEDGER_STACK: &str = include_str!("fixtures/ledger.stack-resources.json");

/// Every variable that the specs name is set.
struct Secrets;

impl SecretSource for Secrets {
    fn env(&self, _: &str) -> Option<String> {
        Some("hunter2".to_owned())
    }

    fn file(&self, _: &Path) -> Result<Vec<u8>, String> {
        Err("there is no such file or directory".to_owned())
    }
}

/// What the imported specs of a stack ask for.
fn imported(template: &str, resources: &str) -> Desired {
    let mut physical_ids = PhysicalIds::default();
    physical_ids.add(resources).unwrap();
    let import = cloudformation(template, &Options { physical_ids, ..Options::default() }).unwrap();
    assert_eq!(import.missing, []);
    let files = import.files.into_iter();
    let sources = files.map(|(name, text)| Source { name, bytes: text.into_bytes() }).collect();
    load_sources(sources).unwrap().desired("default", &Secrets).unwrap()
}

/// Makes what the stack made, under its identifiers and owned by nobody. CloudFormation's own marks cannot be
/// there: nobody but CloudFormation may write tags that start with `aws:`, in the emulator as in AWS.
async fn deploy(lab: &Lab, wanted: &Desired) {
    let controller = lab.controller().await;
    let mut made = wanted.clone();
    for declared in made.resources.values_mut() {
        declared.adopt = Adopt::Never;
        declared.import = None;
    }
    controller.converge(&made).await;
    let is_ours = |key: &str| key.starts_with("pipewright:");
    let call = |mutation: Mutation, arns: BTreeMap<ResourceId, String>| {
        let (writer, now) = (controller.writer.clone(), lab.emulator().now());
        async move {
            let now = pipewright_model::Timestamp::from_millis(u64::try_from(now.as_millis()).unwrap());
            writer.call(&mutation, &arns, now).await.unwrap();
        }
    };
    for (id, live) in controller.observe(&made).await.resources {
        let keys = live.tags.keys().filter(|key| is_ours(key)).cloned().collect();
        let arns = BTreeMap::from([(id.clone(), live.arn.clone())]);
        if id.kind == Kind::ServiceRole {
            call(Mutation::UntagRole { role: id.name.clone(), keys }, arns).await;
        } else if id.kind != Kind::Connection {
            call(Mutation::RemoveTags { id, keys }, arns).await;
        }
    }
}

async fn is_taken_over_as_it_is(template: &str, resources: &str) {
    let lab = Lab::start().await;
    let wanted = imported(template, resources);
    deploy(&lab, &wanted).await;
    let controller = lab.controller().await;
    let before = controller.observe(&wanted).await;

    let plan = controller.plan(&wanted).await;
    let planned = outline(&plan);
    let taken: Vec<_> = wanted.resources.iter().filter(|(_, declared)| declared.import.is_some()).collect();
    assert!(taken.len() >= 4, "{taken:?}");
    for (id, _) in taken {
        assert!(planned.contains(&format!("adopt {id} ")), "{id}:\n{planned}");
    }
    for change in &plan.changes {
        let is_adoption = matches!(change.action, Action::Adopt);
        assert!(is_adoption || change.key.resource.kind == Kind::ServiceRole, "{planned}");
    }

    controller.converge(&wanted).await;
    assert_eq!(outline(&controller.plan(&wanted).await), "nothing");
    let after = controller.observe(&wanted).await;
    for (id, live) in &before.resources {
        assert_eq!(Some(&live.arn), after.resources.get(id).map(|live| &live.arn), "{id}");
    }

    // Gone from the specs, it stays: it was there before.
    let mut none = wanted.clone();
    none.resources.clear();
    none.policy.allow_empty = true;
    controller.pass(&none).await;
    let left = controller.observe(&wanted).await;
    for id in before.resources.keys().filter(|id| id.kind != Kind::Connection) {
        assert!(left.resources.contains_key(id), "{id}");
    }
}

#[tokio::test]
async fn a_stack_of_the_construct_is_taken_over_as_it_is() {
    Box::pin(is_taken_over_as_it_is(ORDERS, ORDERS_STACK)).await;
}

#[tokio::test]
async fn a_serverless_stack_of_the_construct_is_taken_over_as_it_is() {
    Box::pin(is_taken_over_as_it_is(LEDGER, LEDGER_STACK)).await;
}
