//! The picture of an apply.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use pipewright_model::{Kind, ResourceId, Timestamp};
use pipewright_plan::{Action, ChangeKey, RowEnd, Span, StepKind, Timeline, TimelineRow, render};

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_secs(1_767_225_600 + seconds)
}

fn span(kind: StepKind, what: &str, begin: u64, end: u64) -> Span {
    Span { kind, what: what.to_owned(), begin: at(begin), end: at(end) }
}

fn key(kind: Kind, name: &str) -> ChangeKey {
    ChangeKey::main(&ResourceId::new(kind, name))
}

fn row(key: ChangeKey, released_by: Option<ChangeKey>, spans: Vec<Span>) -> TimelineRow {
    TimelineRow {
        round: 1,
        key,
        action: Action::Create,
        place: None,
        spans,
        released_by,
        end: RowEnd::Applied,
        why: String::new(),
    }
}

/// An instance and an endpoint begin together; a task waits for both, fails, and what needs it is skipped.
fn example() -> Timeline {
    let (instance, endpoint) = (key(Kind::Instance, "a-orders"), key(Kind::Endpoint, "a-<b>&\"c\""));
    let task = key(Kind::Task, "a-orders");
    let create = |end| span(StepKind::Call, "create", 0, end);
    let failed = TimelineRow {
        end: RowEnd::Failed,
        why: "dms:CreateReplicationTask: <script>alert(1)</script>".to_owned(),
        ..row(
            task.clone(),
            Some(instance.clone()),
            vec![span(StepKind::Check, "look again", 601, 602), span(StepKind::Call, "create", 602, 603)],
        )
    };
    let skipped = TimelineRow {
        end: RowEnd::Skipped,
        why: format!("needs {task}"),
        ..row(ChangeKey::new(&task.resource, pipewright_plan::Part::Run), None, Vec::new())
    };
    Timeline {
        environment: "prod".to_owned(),
        is_virtual: true,
        rows: vec![
            row(instance, None, vec![create(1), span(StepKind::Wait, "wait until it is available", 1, 601)]),
            row(endpoint, None, vec![create(2)]),
            failed,
            skipped,
        ],
    }
}

#[test]
fn the_chain_that_decided_is_found() {
    let timeline = example();
    assert_eq!(timeline.makespan(), Duration::from_secs(603));
    assert_eq!(timeline.critical_chain(), [0, 2].into());
    assert_eq!(Timeline::default().makespan(), Duration::ZERO);
    assert!(Timeline::default().critical_chain().is_empty());
}

#[test]
fn the_page_as_it_is() {
    let page = render::timeline(&[example()]);
    // The style is no part of what is looked at here.
    let (head, body) = page.split_once("</style>").unwrap();
    assert!(head.starts_with("<!doctype html>") && head.contains("light-dark("));
    for outside in ["http:", "https:", "<script", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    insta::assert_snapshot!(body);
}

#[test]
fn nothing_applied_is_a_page_too() {
    for empty in [&[][..], &[Timeline::default()][..]] {
        assert!(render::timeline(empty).contains("Nothing has been applied."));
    }
}
