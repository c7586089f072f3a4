//! The process dies after every single AWS call of a pass that deletes a pipeline and, as their last
//! owner, the shared roles: the call took effect, and its answer was never seen. Running again must always
//! end where an undisturbed run ends.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

#[allow(dead_code, unreachable_pub, reason = "shared by several test programs")]
mod common;

use common::Workplace;
use serde_json::{Value, json};

const RECONCILE: &str = "reconcile specs --once --sandbox --sandbox-speed max --allow-empty";

/// How many test cases share the calls among them, so that they run at the same time.
const SHARES: u64 = 4;

/// What must be the same in the end, whatever happened on the way: the shared roles with their owners,
/// the resources that exist, and that nothing is left to do.
fn end(place: &Workplace) -> Value {
    let plan = place.run("plan specs --sandbox --format json").expect(0).json();
    let roles: serde_json::Map<String, Value> = plan["roles"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, role)| (name.clone(), role["owners"].clone()))
        .collect();
    json!({"changes": plan["resource_changes"], "unchanged": plan["unchanged"], "roles": roles})
}

/// Dies after the `first`, `first + SHARES`, … call of a pass from this start, until a pass makes so few
/// calls that it lives. Returns how many times it died.
fn die_at_each(first: u64, start: &Workplace) -> u64 {
    let undisturbed = start.copy();
    undisturbed.run(RECONCILE).expect(0);
    let wanted = end(&undisturbed);
    let mut deaths = 0;
    for call in (first..).step_by(usize::try_from(SHARES).unwrap()) {
        let place = start.copy();
        let ran = place.run(&format!("{RECONCILE} --sandbox-abort-after-call {call}"));
        if ran.code == Some(0) {
            break;
        }
        assert_eq!(ran.code, None, "call {call}: it was to die, and ended otherwise: {}", ran.all());
        let ran = place.run(RECONCILE);
        assert_eq!(ran.code, Some(0), "call {call}: {}", ran.all());
        assert_eq!(end(&place), wanted, "call {call}");
        deaths += 1;
    }
    deaths
}

fn deleting(first: u64) {
    let start = Workplace::with_pipelines("data-platform", &["orders"]);
    start.run(RECONCILE).expect(0);
    start.remove("specs/orders.yaml");
    let deaths = die_at_each(first, &start);
    assert!(deaths > 8, "{deaths} deaths are too few to have gone through a whole deletion");
}

#[test]
fn deleting_from_the_first_call() {
    deleting(1);
}

#[test]
fn deleting_from_the_second_call() {
    deleting(2);
}

#[test]
fn deleting_from_the_third_call() {
    deleting(3);
}

#[test]
fn deleting_from_the_fourth_call() {
    deleting(4);
}
