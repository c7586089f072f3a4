//! Two spec roots whose Controllers have one name, told apart by their uids.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use pipewright_model::tags::{self, Tags};
use pipewright_model::{Desired, Kind, Observed, ResourceId};
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
        let planned = outline(&controller.pass(&other).await.first);
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

fn tags_of_roles(observed: &Observed) -> BTreeMap<&ResourceId, &Tags> {
    let roles = observed.resources.iter().filter(|(id, _)| id.kind == Kind::ServiceRole);
    roles.map(|(id, live)| (id, &live.tags)).collect()
}

#[tokio::test]
async fn two_roots_of_one_name_take_no_shared_role_from_each_other() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let ours = root(Some(OURS), &["orders"]);
    controller.converge(&ours).await;
    let before = controller.observe(&ours).await;
    assert_eq!(
        before.resources[&ResourceId::role("dms-vpc-role")].tags["pipewright:owner:a"],
        "uid=1f0c9a52 orders"
    );

    // What another root of this name declares needs the roles, and they are not its own.
    for other in [root(Some(THEIRS), &["users"]), root(None, &["billing"])] {
        let outcome = controller.pass(&other).await;
        let conflicts = &outcome.remaining.report.conflicts;
        let of: Vec<_> = conflicts.iter().filter_map(|conflict| conflict.resource.as_ref()).collect();
        assert_eq!(of, tags_of_roles(&before).into_keys().collect::<Vec<_>>());
        assert!(conflicts.iter().all(|conflict| conflict.message.contains("1f0c9a52")), "{conflicts:?}");
        assert_eq!(tags_of_roles(&controller.observe(&other).await), tags_of_roles(&before));
    }
    // With nothing declared it leaves and deletes nothing.
    for other in [root(Some(THEIRS), &[]), root(None, &[])] {
        controller.converge(&other).await;
        assert_eq!(tags_of_roles(&controller.observe(&other).await), tags_of_roles(&before));
    }
    assert_eq!(outline(&controller.plan(&ours).await), "nothing");

    // When the first root is done, the other can have them.
    controller.converge(&root(Some(OURS), &[])).await;
    let theirs = root(Some(THEIRS), &["users"]);
    controller.converge(&theirs).await;
    let after = controller.observe(&theirs).await;
    assert_eq!(
        after.resources[&ResourceId::role("dms-vpc-role")].tags["pipewright:owner:a"],
        "uid=a2b4c6d8 users"
    );
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

    let tagged = &controller.observe(&named).await.resources[&ResourceId::role("dms-vpc-role")].tags;
    assert_eq!(tagged["pipewright:owner:a"], "uid=1f0c9a52 orders");

    controller.converge(&root(Some(OURS), &[])).await;
    let left = controller.observe(&named).await;
    assert!(!left.resources.contains_key(&instance));
    assert_eq!(tags_of_roles(&left), BTreeMap::new());
}
