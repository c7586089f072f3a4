//! Passes over some of the specs: what is out of view stays as it is.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use pipewright_model::{Desired, Kind, Observed, ResourceId};
use pipewright_testkit::{Lab, desired, id, outline};

/// The specs of these pipelines, of which only these are looked at.
fn only(pipelines: &[&str], looked_at: &[&str]) -> Desired {
    let mut wanted = desired("a", pipelines);
    wanted.only = Some(looked_at.iter().map(|&name| name.to_owned()).collect());
    wanted
}

fn owner_tag(observed: &Observed) -> &str {
    &observed.resources[&ResourceId::role("dms-vpc-role")].tags["pipewright:owner:a"]
}

#[tokio::test]
async fn a_pass_over_one_pipeline_leaves_the_others_and_the_owner_tags_alone() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let both = desired("a", &["billing", "orders"]);
    controller.converge(&both).await;
    let before = controller.observe(&both).await;

    // One pipeline is gone from the specs; then the other is, too.
    for wanted in [only(&["orders"], &["orders"]), only(&[], &["orders"])] {
        let outcome = controller.converge(&wanted).await;
        assert_eq!(outline(&outcome.first), "nothing");
        let after = controller.observe(&both).await;
        assert_eq!(after.resources.keys().collect::<Vec<_>>(), before.resources.keys().collect::<Vec<_>>());
        assert_eq!(owner_tag(&after), "billing orders");
    }

    // A pass over everything does what the partial ones did not.
    let orders = desired("a", &["orders"]);
    controller.converge(&orders).await;
    let after = controller.observe(&orders).await;
    assert!(!after.resources.contains_key(&id(&both, Kind::Task, "billing")));
    assert_eq!(owner_tag(&after), "orders");
}

#[tokio::test]
async fn a_pass_over_one_of_two_new_pipelines_makes_it_and_converges() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let wanted = only(&["billing", "orders"], &["orders"]);
    controller.converge(&wanted).await;
    let found = controller.observe(&wanted).await;
    assert!(found.resources.contains_key(&id(&wanted, Kind::Task, "orders")));
    assert!(!found.resources.keys().any(|id| id.name.contains("billing")));
    // The roles are those of the whole, so that the rest finds them as they should be.
    assert_eq!(owner_tag(&found), "billing orders");
    let rest = controller.plan(&desired("a", &["billing", "orders"])).await;
    assert!(!outline(&rest).contains("role/"), "{}", outline(&rest));
}
