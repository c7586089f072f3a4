//! The ownership of a shared role, model checked: the planner's and the guards' own decisions, in every
//! order that three controllers, crashes, stale reads and lost answers can bring about.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "what was explored is part of the answer")]

mod account;
mod decisions;
mod facts;
mod liveness;
mod protocol;
mod specs;
mod state;
mod weakened;

use std::time::Instant;

use stateright::{Checker, HasDiscoveries, Model};

use protocol::Protocol;
use state::{Bound, Budget, Scopes, Stale};
use weakened::Weakened;

const SAFE: &str = "what is owned or used is not taken away";
const LIVE: &str = "the account converges";
const BUSY: &str = "a role is deleted";

/// Explores everything within a bound, which must hold all properties.
fn holds(name: &str, bound: Bound) {
    let began = Instant::now();
    let model = Protocol::new(bound, None);
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
    assert!(
        bound.found || checker.discovery(BUSY).is_some(),
        "{name}: no role is ever deleted, which proves nothing"
    );
}

fn trace(model: &Protocol, path: stateright::Path<state::State, state::Action>) -> String {
    let mut lines = Vec::new();
    for (state, action) in path.into_vec() {
        match action {
            Some(action) => lines.push(model.describe(&state, action)),
            None => lines.push(format!("{state:?}")),
        }
    }
    lines.join("\n")
}

/// So many controllers, of which the first owns the role in the beginning.
fn few(controllers: usize, budget: Budget) -> Bound {
    Bound {
        controllers,
        specs: [1, 0, 0],
        found: false,
        scopes: Scopes::Alike,
        stale: Stale::LastChange,
        budget,
    }
}

/// Explores what fits into the time of a commit, or, with `PIPEWRIGHT_MODEL=nightly`, into a night's.
fn sized(commit: Bound, nightly: Bound) -> Bound {
    #[allow(clippy::disallowed_methods, reason = "how long the tests may take is their caller's choice")]
    let night = std::env::var("PIPEWRIGHT_MODEL").is_ok_and(|size| size == "nightly");
    if night { nightly } else { commit }
}

const NOTHING: Budget =
    Budget { edits: 0, stale_reads: 0, crashes: 0, failures: 0, strangers: 0, statements: 0 };

#[test]
fn owners_come_and_go() {
    let commit = few(3, Budget { edits: 3, ..NOTHING });
    let nightly = few(3, Budget { edits: 4, ..NOTHING });
    holds("owners come and go", sized(commit, nightly));
}

#[test]
fn a_role_that_was_there_before_is_kept() {
    let found = |edits| Bound { found: true, specs: [0; 3], ..few(3, Budget { edits, ..NOTHING }) };
    holds("a role found", sized(found(4), found(6)));
}

#[test]
fn reads_are_stale() {
    let commit = few(2, Budget { edits: 3, stale_reads: 2, ..NOTHING });
    let nightly = few(3, Budget { edits: 2, stale_reads: 1, ..NOTHING });
    holds("stale reads", sized(commit, nightly));
}

#[test]
fn reads_are_as_stale_as_can_be() {
    let stale = |bound| Bound { stale: Stale::Tick, ..bound };
    let commit = stale(few(2, Budget { edits: 2, stale_reads: 4, ..NOTHING }));
    let nightly = stale(few(2, Budget { edits: 3, stale_reads: 5, ..NOTHING }));
    holds("stalest reads", sized(commit, nightly));
}

#[test]
fn calls_fail_or_their_answers_are_lost() {
    let commit = few(2, Budget { edits: 3, failures: 2, ..NOTHING });
    let nightly = few(3, Budget { edits: 2, failures: 1, ..NOTHING });
    holds("failures", sized(commit, nightly));
}

#[test]
fn controllers_crash() {
    let commit = few(2, Budget { edits: 3, crashes: 2, ..NOTHING });
    let nightly = few(3, Budget { edits: 2, crashes: 1, ..NOTHING });
    holds("crashes", sized(commit, nightly));
}

#[test]
fn strangers_use_the_role() {
    let commit = few(3, Budget { edits: 1, strangers: 2, ..NOTHING });
    let nightly = few(3, Budget { edits: 2, strangers: 2, ..NOTHING });
    holds("strangers", sized(commit, nightly));
}

#[test]
fn everything_at_once() {
    let commit = few(2, Budget { edits: 2, stale_reads: 1, crashes: 1, failures: 1, ..NOTHING });
    let nightly =
        few(2, Budget { edits: 3, stale_reads: 1, crashes: 1, failures: 1, strangers: 1, ..NOTHING });
    holds("everything", sized(commit, nightly));
}

/// Two controllers own the role, and what each of them needs of its trust policy changes.
fn differing(budget: Budget) -> Bound {
    Bound { specs: [1, 1, 0], scopes: Scopes::TrustDiffers, ..few(2, budget) }
}

#[test]
fn trust_is_widened_by_two_at_once() {
    let commit = differing(Budget { edits: 4, statements: 1, ..NOTHING });
    let nightly = Bound { controllers: 3, ..differing(Budget { edits: 4, statements: 1, ..NOTHING }) };
    holds("trust", sized(commit, nightly));
}

#[test]
fn trust_is_widened_while_anything_goes_wrong() {
    let commit = Budget { edits: 2, stale_reads: 1, failures: 1, statements: 1, ..NOTHING };
    let nightly = Budget { edits: 3, crashes: 1, ..commit };
    holds("trust, everything", sized(differing(commit), differing(nightly)));
}

/// The same for policies: an inline policy of each, and one managed policy that both attach.
fn policies(budget: Budget) -> Bound {
    Bound { scopes: Scopes::PoliciesDiffer, specs: [3, 0, 0], ..few(2, budget) }
}

#[test]
fn policies_come_and_go_with_their_owners() {
    let commit = policies(Budget { edits: 6, ..NOTHING });
    let nightly = policies(Budget { edits: 3, stale_reads: 1, crashes: 1, failures: 1, ..NOTHING });
    holds("policies", sized(commit, nightly));
}

/// A copy of a spec root, under the same name with another uid.
fn one_name(controllers: usize, budget: Budget) -> Bound {
    Bound { scopes: Scopes::OneName, ..few(controllers, budget) }
}

#[test]
fn two_roots_with_one_name_take_nothing_from_each_other() {
    let commit = one_name(2, Budget { edits: 3, failures: 1, ..NOTHING });
    let nightly = one_name(2, Budget { edits: 3, stale_reads: 1, crashes: 1, failures: 1, ..NOTHING });
    holds("one name", sized(commit, nightly));
}

/// Explores until a counter-example is found to the protocol without one of its guards.
fn breaks(guard: Weakened, bound: Bound) {
    let began = Instant::now();
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
    breaks(Weakened::Grace, few(3, Budget { edits: 2, stale_reads: 1, ..NOTHING }));
}

#[test]
fn without_comparing_role_ids_it_breaks() {
    breaks(Weakened::RoleId, few(2, Budget { edits: 4, crashes: 1, ..NOTHING }));
}

#[test]
fn without_looking_for_users_it_breaks() {
    breaks(Weakened::LiveUse, few(3, Budget { edits: 1, strangers: 1, ..NOTHING }));
}

#[test]
fn without_looking_again_it_breaks() {
    breaks(Weakened::LookAgain, few(3, Budget { edits: 2, ..NOTHING }));
}

#[test]
fn without_the_drain_mark_it_breaks() {
    breaks(Weakened::DrainMark, few(3, Budget { edits: 3, ..NOTHING }));
}

#[test]
fn with_failed_calls_made_again_it_breaks() {
    breaks(Weakened::PlanAnew, few(3, Budget { edits: 2, failures: 1, ..NOTHING }));
}

#[test]
fn with_marks_of_any_scope_it_breaks() {
    breaks(Weakened::MarkOfOneScope, few(3, Budget { edits: 2, ..NOTHING }));
}

#[test]
fn without_reading_the_own_write_it_breaks() {
    let budget = Budget { edits: 2, stale_reads: 4, ..NOTHING };
    breaks(Weakened::OwnWrite, Bound { stale: Stale::Tick, ..few(2, budget) });
}

#[test]
fn with_old_looks_it_breaks() {
    breaks(Weakened::FreshLook, few(3, Budget { edits: 3, ..NOTHING }));
}

#[test]
fn without_the_origin_it_breaks() {
    let found = Bound { found: true, specs: [0; 3], ..few(1, Budget { edits: 2, ..NOTHING }) };
    breaks(Weakened::Origin, found);
}

#[test]
fn without_reading_the_trust_policy_again_it_breaks() {
    breaks(Weakened::TrustAsRead, differing(Budget { edits: 2, ..NOTHING }));
}

#[test]
fn without_looking_who_joined_before_narrowing_it_breaks() {
    breaks(Weakened::OwnersAsRead, differing(Budget { edits: 4, ..NOTHING }));
}

#[test]
fn with_the_trust_policy_overwritten_it_breaks() {
    breaks(Weakened::Widening, differing(Budget { edits: 2, ..NOTHING }));
}

#[test]
fn with_narrowing_while_others_own_the_role_it_breaks() {
    breaks(Weakened::NarrowingAlone, differing(Budget { edits: 3, ..NOTHING }));
}

#[test]
fn with_statements_of_strangers_overlooked_it_breaks() {
    breaks(Weakened::StrangersStatement, differing(Budget { edits: 2, statements: 1, ..NOTHING }));
}

#[test]
fn without_the_uid_two_roots_with_one_name_break_it() {
    breaks(Weakened::Uid, one_name(3, Budget { edits: 2, ..NOTHING }));
}
