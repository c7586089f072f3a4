//! Two spec roots whose Controllers have one name, told apart by their uids.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use pipewright_model::{Desired, Kind, tags};
use pipewright_testkit::{Lab, desired, id, outline};

const OURS: &str = "1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40";
const THEIRS: &str = "a2b4c6d8-0000-4000-8000-0123456789ab";

fn root(uid: Option<&str>, pipelines: &[&str]) -> Desired {
    let mut wanted = desired("a", pipelines);
    if let Some(uid) = uid {
        wanted.scope = wanted.scope.with_uid(uid);
    }
    wanted
}

#[tokio::test]
async fn two_roots_of_one_name_do_not_prune_each_other() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let ours = root(Some(OURS), &["orders"]);
    controller.converge(&ours).await;
    let before = controller.observe(&ours).await;

    // A copy of the root that declares something else, with another uid and with none.
    for other in [root(Some(THEIRS), &["users"]), root(None, &["billing"])] {
        let outcome = controller.converge(&other).await;
        let planned = outline(&outcome.first);
        assert!(!planned.contains("delete"), "{planned}");
    }
    let after = controller.observe(&ours).await;
    for (id, live) in before
        .resources
        .iter()
        .filter(|(id, _)| matches!(id.kind, Kind::SubnetGroup | Kind::Instance | Kind::Endpoint | Kind::Task))
    {
        assert_eq!(after.resources.get(id).map(|live| &live.tags), Some(&live.tags), "{id}");
    }

    // One that declares the same: a conflict that names both.
    let plan = controller.plan(&root(Some(THEIRS), &["orders"])).await;
    let conflict = plan.report.conflicts.iter().find(|conflict| conflict.message.contains(OURS)).unwrap();
    assert!(conflict.message.contains(THEIRS), "{conflict:?}");
}

#[tokio::test]
async fn a_controller_that_gets_a_uid_marks_what_it_has_and_goes_on() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    controller.converge(&root(None, &["orders"])).await;
    let named = root(Some(OURS), &["orders"]);
    let outcome = controller.converge(&named).await;
    assert!(!outline(&outcome.first).contains("conflict"), "{}", outline(&outcome.first));
    let instance = id(&named, Kind::Instance, "orders");
    assert_eq!(controller.observe(&named).await.resources[&instance].tags[tags::UID], OURS);
    assert_eq!(outline(&controller.plan(&named).await), "nothing");

    controller.converge(&root(Some(OURS), &[])).await;
    assert!(!controller.observe(&named).await.resources.contains_key(&instance));
}
