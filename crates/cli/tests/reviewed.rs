//! `plan --out FILE`, and `reconcile --once --plan FILE`: what was reviewed is applied, and nothing else.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

#[allow(dead_code, unreachable_pub, reason = "shared by several test programs")]
mod common;

use common::Workplace;

const PLAN: &str = "plan specs --sandbox --sandbox-speed max --out plan.json";
const APPLY: &str = "reconcile specs --once --sandbox --sandbox-speed max --plan plan.json";

#[test]
fn what_was_reviewed_is_applied_once() {
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    place.run(PLAN).expect(0);
    place.run(APPLY).expect(0);
    // The account is not as it was when that was reviewed.
    let again = place.run(APPLY).expect(4).all();
    assert!(
        again.contains("Nothing was done in environment prod: its plan is not the one that was reviewed."),
        "{again}"
    );
    assert!(again.contains("- create task/data-platform-orders: in the reviewed plan only"), "{again}");
    // A plan with nothing to do is applied by doing nothing.
    place.run(PLAN).expect(0);
    place.run(APPLY).expect(0);
}

#[test]
fn a_plan_of_other_specs_is_refused_and_told_apart() {
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    place.run(PLAN).expect(0);
    place.edit("specs/orders.yaml", "dms.t3.medium", "dms.t3.large");
    let told = place.run(APPLY).expect(4).all();
    assert!(
        told.contains(
            "~ instance/data-platform-orders change.after.class: \"dms.t3.medium\" → \"dms.t3.large\""
        ),
        "{told}"
    );
    assert!(!told.contains("+ create"), "{told}");
    place.run("plan specs --sandbox --detailed-exitcode").expect(2);
}

#[test]
fn a_file_that_holds_no_plan_or_that_of_another_environment_is_an_error() {
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    place.run(APPLY).expect(1);
    for text in ["", "{}", "{\"format_version\": \"9.0\"}", "{\"format_version\": \"1.0\", \"plans\": [{}]}"]
    {
        place.write("plan.json", text);
        let told = place.run(APPLY).expect(1).all();
        assert!(told.contains("plan.json holds no plan") && told.contains("hint: give the file"), "{told}");
    }
    place.run(PLAN).expect(0);
    let text = std::fs::read_to_string(place.path().join("plan.json")).unwrap();
    place.write("plan.json", &text.replace("\"prod\"", "\"stage\""));
    let told = place.run(APPLY).expect(1).all();
    assert!(told.contains("the reviewed plan has no environment `prod`"), "{told}");
    // The loop applies what comes, and so takes no plan.
    place.run("reconcile specs --sandbox --plan plan.json").expect(1);
}
