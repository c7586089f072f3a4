//! Every engine, as source and as target, on an instance and on DMS Serverless: whatever valid specs say, once they are applied nothing is left
//! to do; any change to them plans exactly that change; and once that is applied, nothing again.
//!
//! The specs are text that goes through the loader, and are applied through the AWS SDK to the emulator.
//! `PIPEWRIGHT_CASES` says how many pipelines are tried for each engine, `PIPEWRIGHT_SEED` which: a
//! failure names both, and shows the smallest pipelines that fail.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod expected;
mod settings;

use std::collections::BTreeSet;

use pipewright_model::kinds::EndpointType;
use pipewright_model::settings::ENGINES;
use pipewright_model::{Desired, Observed};
use pipewright_plan::PlanOptions;
use pipewright_testkit::specs::{Compute, SCOPE, Sample, THEIR_SCOPE, load, sample};
use pipewright_testkit::{Lab, outline};
use proptest::prelude::*;
use proptest::strategy::Union;
use proptest::test_runner::{RngSeed, TestRunner};
use serde_json::Value;

use expected::Expected;

/// How many pipelines are applied to one account together. They share the cost of looking at it.
const TOGETHER: u32 = 25;

fn setting(name: &str, default: u64) -> u64 {
    #[allow(clippy::disallowed_methods, reason = "how long the tests may take is their caller's choice")]
    let value = std::env::var(name);
    value.map_or(default, |value| value.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// The ways in which DMS uses an engine.
fn directions(engine: &str) -> Vec<EndpointType> {
    [EndpointType::Source, EndpointType::Target]
        .into_iter()
        .filter(|direction| pipewright_spec::engine_names(*direction).any(|name| name == engine))
        .collect()
}

/// Tries one engine, between resources on an instance.
fn try_engine(engine: &'static str) {
    let samples =
        directions(engine).into_iter().map(|direction| sample(engine, direction, Compute::Instance));
    try_samples(engine, Union::new(samples));
}

/// Tries pipelines of this sort.
fn try_samples(name: &str, samples: Union<BoxedStrategy<Sample>>) {
    let (cases, seed) = (setting("PIPEWRIGHT_CASES", 50), setting("PIPEWRIGHT_SEED", 1));
    // Each can be left out, which is how a failure becomes small.
    let some = prop::option::weighted(0.99, samples);
    let together = usize::try_from(TOGETHER).unwrap();
    let default = ProptestConfig::default();
    let config = ProptestConfig {
        cases: u32::try_from(cases).unwrap().div_ceil(TOGETHER),
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        max_shrink_iters: default.max_shrink_iters.min(300),
        ..default
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let outcome = TestRunner::new(config).run(&prop::collection::vec(some, together), |samples| {
        let samples: Vec<Sample> =
            (0..).zip(samples).filter_map(|(n, sample)| Some(sample?.named(&format!("p{n}")))).collect();
        runtime.block_on(Box::pin(try_together(&samples))).map_err(TestCaseError::fail)
    });
    if let Err(error) = outcome {
        panic!("{name}, again with PIPEWRIGHT_SEED={seed} PIPEWRIGHT_CASES={cases}:\n{error}");
    }
}

/// Applies pipelines, then the changes to them.
async fn try_together(samples: &[Sample]) -> Result<(), String> {
    let lab = Lab::start().await;
    let samples = beside_others(&lab, samples).await?;
    let before: Vec<Value> = samples.iter().flat_map(|sample| sample.documents.clone()).collect();
    let after: Vec<Value> =
        samples.iter().flat_map(|sample| sample.change.apply(&sample.documents)).collect();
    let (before, after) = (load(SCOPE, &before), load(SCOPE, &after));
    let observed = apply(&lab, &before, &BTreeSet::new()).await;
    let observed = observed.map_err(|error| format!("applied at first: {error}"))?;

    let expected = Expected::of(&samples, &before, &after, &observed);
    let plan = pipewright_plan::plan(&after, &observed, &PlanOptions::default());
    expected.compare(&plan)?;

    let changed = apply(&lab, &after, &expected.blocked).await;
    changed.map_err(|error| format!("applied the change: {error}"))?;
    Ok(())
}

/// Makes what somebody else keeps, so that pipelines can refer to it.
async fn beside_others(lab: &Lab, samples: &[Sample]) -> Result<Vec<Sample>, String> {
    let theirs: Vec<Value> = samples.iter().flat_map(|sample| sample.theirs.clone()).collect();
    if theirs.is_empty() {
        return Ok(samples.to_vec());
    }
    let theirs = load(THEIR_SCOPE, &theirs);
    let observed = apply(lab, &theirs, &BTreeSet::new()).await;
    let observed = observed.map_err(|error| format!("somebody else's: {error}"))?;
    let arn = |resource: &str| {
        let made = observed.resources.iter().find(|(id, _)| id.to_string() == resource);
        made.unwrap_or_else(|| panic!("nobody made {resource}")).1.arn.clone()
    };
    Ok(samples.iter().map(|sample| sample.clone().resolved(&arn)).collect())
}

/// Applies specs, after which nothing must be left to do but what may be blocked. Tells how it is then.
async fn apply(lab: &Lab, desired: &Desired, blocked: &BTreeSet<String>) -> Result<Observed, String> {
    let controller = lab.controller().await;
    let outcome = controller.pass(desired).await;
    if !outcome.has_converged() {
        let failures = outcome.failures();
        return Err(format!("this is left:\n{}\nfailed: {failures:#?}", outline(&outcome.remaining)));
    }
    let observed = controller.observe(desired).await;
    let plan = pipewright_plan::plan(desired, &observed, &PlanOptions::default());
    let held: BTreeSet<String> = plan
        .report
        .blocked
        .iter()
        .filter_map(|finding| Some(finding.resource.as_ref()?.to_string()))
        .collect();
    let is_quiet = plan.is_empty() && plan.report.conflicts.is_empty() && plan.report.warnings.is_empty();
    // Some of it may be done by now, since the task that must not be stopped has come to its end.
    if is_quiet && held.is_subset(blocked) {
        Ok(observed)
    } else {
        Err(format!("then plans:\n{}", outline(&plan)))
    }
}

#[test]
fn serverless() {
    let samples = ENGINES.iter().flat_map(|(engine, _)| {
        directions(engine).into_iter().map(|direction| sample(engine, direction, Compute::Serverless))
    });
    try_samples("serverless", Union::new(samples));
}

macro_rules! engines {
    ($($name:ident: $engine:literal,)*) => {
        $(#[test]
        fn $name() {
            try_engine($engine);
        })*

        #[test]
        fn no_engine_is_left_out() {
            let tried = BTreeSet::from([$($engine),*]);
            assert_eq!(tried, ENGINES.iter().map(|(engine, _)| *engine).collect::<BTreeSet<_>>());
        }
    };
}

engines! {
    aurora: "aurora",
    aurora_postgresql: "aurora-postgresql",
    aurora_postgresql_serverless: "aurora-postgresql-serverless",
    aurora_serverless: "aurora-serverless",
    azure_sql_managed_instance: "azure-sql-managed-instance",
    azuredb: "azuredb",
    babelfish: "babelfish",
    db2: "db2",
    db2_zos: "db2-zos",
    dms_transfer: "dms-transfer",
    docdb: "docdb",
    dynamodb: "dynamodb",
    elasticsearch: "elasticsearch",
    gcp_mysql: "gcp-mysql",
    kafka: "kafka",
    kinesis: "kinesis",
    mariadb: "mariadb",
    mongodb: "mongodb",
    mysql: "mysql",
    neptune: "neptune",
    opensearch: "opensearch",
    oracle: "oracle",
    postgres: "postgres",
    redis: "redis",
    redshift: "redshift",
    redshift_serverless: "redshift-serverless",
    s3: "s3",
    sqlserver: "sqlserver",
    sybase: "sybase",
    timestream: "timestream",
}
