//! `reconcile --timeline`, as a user runs it.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

#[allow(dead_code, unreachable_pub, reason = "shared by several test programs")]
mod common;

use common::Workplace;

const ONCE: &str = "reconcile specs --once --sandbox --sandbox-speed max --timeline out.html";

/// The cells of the table's rows.
fn rows(page: &str) -> Vec<Vec<String>> {
    let body = page.split_once("<tbody>").unwrap().1.split_once("</tbody>").unwrap().0;
    let cells = |row: &str| {
        let parts = row.split("<t").skip(1).filter_map(|cell| cell.split_once('>'));
        parts.map(|(_, text)| text.split("</t").next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    body.split("<tr").skip(1).map(|row| cells(row.split_once('>').unwrap().1)).collect()
}

#[test]
fn the_page_has_every_change_and_the_time_that_all_took() {
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    let ran = place.run(ONCE).expect(0);
    let applied = ran.stdout.split("Applied ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    let page = std::fs::read_to_string(place.path().join("out.html")).unwrap();
    let rows = rows(&page);
    assert_eq!(rows.len(), applied.parse::<usize>().unwrap(), "{}", ran.stdout);
    assert!(rows.iter().all(|row| row.last().unwrap() == "applied"), "{rows:#?}");
    let instance = rows.iter().find(|row| row[0] == "instance/data-platform-orders").unwrap();
    assert!(instance[5].contains("create (") && instance[5].contains("wait until"), "{instance:?}");
    let run = rows.iter().find(|row| row[0].ends_with("(run)")).unwrap();
    assert_ne!(run[4], "–", "the start waited for something: {run:?}");

    // The end of the longest bar is the end of the picture, 1420 units from the left.
    let ends = page.split("<rect ").skip(1).map(|bar| {
        let number = |name: &str| {
            let text = bar.split(&format!(" {name}=\"")).nth(1).unwrap().split('"').next().unwrap();
            text.parse::<u64>().unwrap()
        };
        number("x") + number("width")
    });
    let last = ends.max().unwrap();
    assert!((1420..=1422).contains(&last), "{last}");
    assert!(page.contains("in the sandbox's time"));

    // With nothing to do the picture of the last apply stays.
    place.run(ONCE).expect(0);
    assert_eq!(std::fs::read_to_string(place.path().join("out.html")).unwrap(), page);
}

#[test]
fn a_file_that_cannot_be_written_is_told_before_anything_is_changed() {
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    for (file, why) in [("missing/out.html", "cannot write missing/out.html"), ("specs", "it is a directory")]
    {
        let ran = place.run(&ONCE.replace("out.html", file)).expect(1);
        assert!(ran.stderr.contains(why), "{}", ran.all());
    }
    let plan = place.run("plan specs --sandbox --detailed-exitcode").expect(2);
    assert!(!plan.stdout.contains(" 0 to create"), "{}", plan.stdout);
}
