//! Two regions of one account, which share its roles.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use pipewright_engine::CloudRead;
use pipewright_model::Desired;
use pipewright_testkit::{Lab, REGION, desired, outline};

const OTHER: &str = "eu-west-1";

/// What one Controller asks for in one of its two regions.
fn specs(region: &str, pipelines: &[&str]) -> Desired {
    let mut desired = desired("a", pipelines);
    let other = if region == REGION { OTHER } else { REGION };
    region.clone_into(&mut desired.environment.region);
    desired.other_regions.insert(other.to_owned());
    desired
}

#[tokio::test]
async fn a_role_stays_until_the_last_region_needs_it_no_more() {
    let lab = Lab::start().await;
    let here = lab.controller_in(REGION, &[OTHER]).await;
    let there = lab.controller_in(OTHER, &[REGION]).await;
    here.converge(&specs(REGION, &["orders"])).await;
    there.converge(&specs(OTHER, &["orders"])).await;

    // Both are taken away at once; the first region's pass comes first.
    let outcome = here.converge(&specs(REGION, &[])).await;
    let role = here.reader.role("dms-vpc-role").await.unwrap().expect("the other region runs on it");
    assert!(role.tags.contains_key("pipewright:owner:a"), "{:?}", role.tags);
    assert_eq!(
        outline(&outcome.remaining),
        "waiting role/dms-cloudwatch-logs-role: no spec needs it here, and it is kept: task/a-orders in \
         eu-west-1 needs it\n\
         waiting role/dms-vpc-role: no spec needs it here, and it is kept: subnet-group/a-orders in \
         eu-west-1 needs it"
    );

    there.converge(&specs(OTHER, &[])).await;
    assert!(there.reader.role("dms-vpc-role").await.unwrap().is_none());
    assert!(there.reader.role("dms-cloudwatch-logs-role").await.unwrap().is_none());
}

/// The same where a serverless replication needs the roles there.
#[tokio::test]
async fn a_role_stays_while_a_serverless_replication_of_another_region_needs_it() {
    let lab = Lab::start().await;
    let here = lab.controller_in(REGION, &[OTHER]).await;
    let there = lab.controller_in(OTHER, &[REGION]).await;
    here.converge(&specs(REGION, &["orders"])).await;
    let mut floating = specs(OTHER, &[]);
    let serverless = pipewright_testkit::serverless("a", &["orders"]);
    floating.resources = serverless.resources;
    floating.pipelines = serverless.pipelines;
    there.converge(&floating).await;

    let outcome = here.converge(&specs(REGION, &[])).await;
    assert_eq!(
        outline(&outcome.remaining),
        "waiting role/dms-cloudwatch-logs-role: no spec needs it here, and it is kept: \
         replication-config/a-orders in eu-west-1 needs it\n\
         waiting role/dms-vpc-role: no spec needs it here, and it is kept: subnet-group/a-orders in eu-west-1 \
         needs it"
    );
    there.converge(&specs(OTHER, &[])).await;
    assert!(there.reader.role("dms-vpc-role").await.unwrap().is_none());
    assert!(there.reader.role("dms-cloudwatch-logs-role").await.unwrap().is_none());
}

#[tokio::test]
async fn other_regions_are_looked_into_only_where_a_role_is_about_to_go() {
    let lab = Lab::start().await;
    let here = lab.controller_in(REGION, &[OTHER]).await;
    let wanted = specs(REGION, &["orders"]);
    here.converge(&wanted).await;
    lab.emulator().reset_calls();
    here.converge(&wanted).await;
    assert_eq!(lab.emulator().calls().len(), 18, "as many as with one region");
}
