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
    let checker = model.clone().checker().finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
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

/// What is explored in the time of a commit, or, with `PIPEWRIGHT_MODEL=nightly`, of a night.
fn bound(budget: Budget, nightly: Budget) -> Bound {
    #[allow(clippy::disallowed_methods, reason = "how long the tests may take is their caller's choice")]
    let night = std::env::var("PIPEWRIGHT_MODEL").is_ok_and(|size| size == "nightly");
    Bound { controllers: 3, specs: [1, 0, 0], found: false, budget: if night { nightly } else { budget } }
}

const NOTHING: Budget = Budget { edits: 0, stale_reads: 0, crashes: 0, failures: 0, strangers: 0 };

#[test]
fn owners_come_and_go() {
    holds("owners come and go", bound(Budget { edits: 3, ..NOTHING }, Budget { edits: 6, ..NOTHING }));
}

#[test]
fn reads_are_stale() {
    let budget = Budget { edits: 2, stale_reads: 1, ..NOTHING };
    holds("stale reads", bound(budget, Budget { edits: 4, stale_reads: 3, ..NOTHING }));
}

#[test]
fn calls_fail_or_their_answers_are_lost() {
    let budget = Budget { edits: 2, failures: 1, ..NOTHING };
    holds("failures", bound(budget, Budget { edits: 4, failures: 2, ..NOTHING }));
}

#[test]
fn controllers_crash() {
    let budget = Budget { edits: 2, crashes: 1, ..NOTHING };
    holds("crashes", bound(budget, Budget { edits: 4, crashes: 2, ..NOTHING }));
}

#[test]
fn strangers_use_the_role() {
    let budget = Budget { edits: 2, strangers: 2, ..NOTHING };
    holds("strangers", bound(budget, Budget { edits: 4, strangers: 3, ..NOTHING }));
}

#[test]
fn everything_at_once() {
    let budget = Budget { edits: 2, stale_reads: 1, crashes: 1, failures: 1, strangers: 0 };
    let nightly = Budget { edits: 3, stale_reads: 2, crashes: 1, failures: 1, strangers: 1 };
    holds("everything", Bound { controllers: 2, ..bound(budget, nightly) });
}

/// Explores until a counter-example is found to the protocol without one of its guards.
fn breaks(guard: Weakened, controllers: usize, budget: Budget) {
    let began = Instant::now();
    let bound = Bound { controllers, specs: [1, 0, 0], found: false, budget };
    let model = Protocol::new(bound, Some(guard));
    let checker = model.clone().checker().finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
    println!(
        "without {guard:?}: {} states, {:.1} s",
        checker.unique_state_count(),
        began.elapsed().as_secs_f64()
    );
    let path = checker.discovery(SAFE).unwrap_or_else(|| panic!("the proof does not need {guard:?}"));
    println!("{}", trace(&model, path));
}

#[test]
fn without_grace_it_breaks() {
    breaks(Weakened::Grace, 3, Budget { edits: 2, stale_reads: 1, ..NOTHING });
}

#[test]
fn without_comparing_role_ids_it_breaks() {
    breaks(Weakened::RoleId, 2, Budget { edits: 3, stale_reads: 2, crashes: 0, ..NOTHING });
}

#[test]
fn without_looking_for_users_it_breaks() {
    breaks(Weakened::LiveUse, 3, Budget { edits: 1, strangers: 1, ..NOTHING });
}

#[test]
fn without_looking_again_it_breaks() {
    breaks(Weakened::LookAgain, 3, Budget { edits: 2, ..NOTHING });
}

#[test]
fn without_the_drain_mark_it_breaks() {
    breaks(Weakened::DrainMark, 3, Budget { edits: 3, ..NOTHING });
}

#[test]
fn with_failed_calls_made_again_it_breaks() {
    breaks(Weakened::PlanAnew, 3, Budget { edits: 2, failures: 1, ..NOTHING });
}

#[test]
fn with_marks_of_any_scope_it_breaks() {
    breaks(Weakened::MarkOfOneScope, 3, Budget { edits: 2, ..NOTHING });
}

#[test]
fn without_reading_the_own_write_it_breaks() {
    breaks(Weakened::OwnWrite, 2, Budget { edits: 2, stale_reads: 2, ..NOTHING });
}

#[test]
fn with_old_looks_it_breaks() {
    breaks(Weakened::FreshLook, 3, Budget { edits: 3, ..NOTHING });
}
