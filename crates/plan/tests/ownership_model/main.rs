//! The ownership of a shared role, model checked: the planner's and the guards' own decisions, in every
//! order that three controllers, crashes, stale reads and lost answers can bring about.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod account;
mod decisions;
mod protocol;

use std::time::Instant;

use stateright::{Checker, HasDiscoveries, Model};

use decisions::Weakened;
use protocol::{Bound, Budget, Protocol};

const SAFE: &str = "what is owned or used is not taken away";
const LIVE: &str = "the account converges";
const BUSY: &str = "a role is deleted";

/// Explores everything within a bound, which must hold all properties.
fn holds(name: &str, bound: Bound) {
    let began = Instant::now();
    let model = Protocol::new(bound.clone(), None);
    let checker =
        model.clone().checker().threads(2).finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
    println!(
        "{name}: {} states, {} transitions, depth {}, {:.1} s: {bound:?}",
        checker.unique_state_count(),
        checker.state_count(),
        checker.max_depth(),
        began.elapsed().as_secs_f64()
    );
    for property in [SAFE, LIVE] {
        if let Some(path) = checker.discovery(property) {
            panic!("{name}: not so: {property}\n{}", trace(&model, path));
        }
    }
    assert!(checker.discovery(BUSY).is_some(), "{name}: no role is ever deleted, which proves nothing");
}

fn trace(model: &Protocol, path: stateright::Path<protocol::State, protocol::Action>) -> String {
    let mut lines = Vec::new();
    for (state, action) in path.into_vec() {
        match action {
            Some(action) => lines.push(model.describe(&state, &action)),
            None => lines.push(format!("{state:?}")),
        }
    }
    lines.join("\n")
}

fn three(edits: u8) -> Bound {
    Bound { controllers: 3, specs: [1, 0, 0], found: false, budget: Budget { edits, ..Budget::default() } }
}

#[test]
fn owners_come_and_go() {
    holds("owners come and go", three(4));
}

#[test]
fn stale() {
    holds("stale", Bound { budget: Budget { edits: 3, stale_reads: 2, ..Budget::default() }, ..three(3) });
}

#[test]
fn failures() {
    holds("failures", Bound { budget: Budget { edits: 3, failures: 1, ..Budget::default() }, ..three(3) });
}

#[test]
fn crashes() {
    holds("crashes", Bound { budget: Budget { edits: 3, crashes: 1, ..Budget::default() }, ..three(3) });
}

#[test]
fn strangers() {
    holds("strangers", Bound { budget: Budget { edits: 2, strangers: 2, ..Budget::default() }, ..three(3) });
}

#[test]
fn found() {
    holds(
        "found",
        Bound { found: true, specs: [0; 3], budget: Budget { edits: 4, ..Budget::default() }, ..three(3) },
    );
}
