//! `cutover`, as a user runs it.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

#[allow(dead_code, unreachable_pub, reason = "shared by several test programs")]
mod common;

use common::Workplace;

#[test]
fn a_pipeline_is_waited_for_until_it_is_ready() {
    let place = Workplace::with_pipelines("data-platform", &["orders", "billing"]);
    let absent = place.run("cutover orders specs --sandbox").expect(2);
    assert!(absent.stdout.contains("not yet  status  absent; wanted: running"), "{}", absent.all());
    place.run("reconcile specs --once --sandbox --sandbox-speed max").expect(0);

    let loading = place.run("cutover orders specs --sandbox --sandbox-speed max").expect(2);
    assert!(loading.stdout.contains("Not ready yet"), "{}", loading.all());
    let impatient =
        place.run("cutover orders specs --sandbox --sandbox-speed max --wait --timeout 20s").expect(2);
    assert!(impatient.stderr.contains("orders is not ready yet (tables: "), "{}", impatient.all());

    let json = "cutover orders specs --sandbox --sandbox-speed max --wait --format json";
    let report = place.run(json).expect(0).json();
    let report = &report["reports"][0];
    assert_eq!((report["pipeline"].as_str(), report["verdict"].as_str()), (Some("orders"), Some("ready")));
    let query = report["byHand"]["query"].as_str().unwrap();
    assert!(query.starts_with("SELECT * FROM awsdms_apply_exceptions"), "{query}");
    // The specs of the directory that one is in, and the same from there.
    let ready = place.command("cutover orders --sandbox=../.pipewright");
    let ready = { ready }.current_dir(place.path().join("specs")).output().unwrap();
    let text = String::from_utf8(ready.stdout).unwrap();
    assert!(
        text.contains("Ready") && text.contains("Not checked: Changes that could not be applied"),
        "{text}"
    );
}

#[test]
fn a_name_that_no_pipeline_has_is_an_error() {
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    let unknown = place.run("cutover order specs --sandbox").expect(1);
    assert!(unknown.stderr.contains("order"), "{}", unknown.all());
    let alone = place.run("cutover orders specs --sandbox --timeout 5m");
    assert!(alone.stderr.contains("--wait"), "{}", alone.all());
}
