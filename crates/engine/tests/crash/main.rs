//! A controller that dies in the middle of a pass, before or after any call that changes something; the
//! next one finishes the work, and the account is then the same as if nobody had died. What others own
//! is theirs at every moment.
//!
//! The catalogue is in `scenarios.rs` and, by what it is about, in the files beside it. The last scenario
//! to end prints how many there were, and how many deaths.

#![recursion_limit = "256"]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "what was explored is part of the answer")]

/// Makes each scenario a test, and tells how many there are.
macro_rules! scenarios {
    ($($name:ident: $scenario:expr,)*) => {
        pub(crate) const COUNT: usize = [$(stringify!($name)),*].len();

        $(#[tokio::test]
        async fn $name() {
            Box::pin($scenario.die_everywhere(stringify!($name))).await;
        })*
    };
}

mod account;
mod beside;
mod handovers;
mod replacements;
mod scenarios;
mod serverless;

use std::collections::BTreeMap;
use std::sync::Mutex;

use pipewright_aws::{AwsRead, AwsWrite};
use pipewright_emulator::{Call, Effect, Fault};
use pipewright_engine::{Clock, CloudWrite};
use pipewright_model::Desired;
use pipewright_plan::Mutation;
use pipewright_testkit::{Controller, Lab, outline};

use account::{Account, keeps_its_roles};

/// How many scenarios there are.
const SCENARIOS: usize =
    scenarios::COUNT + serverless::COUNT + beside::COUNT + handovers::COUNT + replacements::COUNT;

/// How many scenarios have ended, and how many deaths they had.
static ENDED: Mutex<(usize, usize)> = Mutex::new((0, 0));

/// Counts a scenario with so many deaths; the last one tells of all.
fn ended(deaths: usize) {
    let mut ended = ENDED.lock().unwrap();
    *ended = (ended.0 + 1, ended.1 + deaths);
    if ended.0 >= SCENARIOS {
        println!("{} scenarios: {} deaths", ended.0, ended.1);
    }
}

/// What happened before the pass that is killed.
enum Before {
    /// These specs were applied to the end.
    Applied(Desired),
    /// A pass over these specs began what takes time, and did not wait for it.
    Begun(Desired),
    /// So much time passed that every full load is done.
    Loaded,
    /// Somebody made these calls by hand.
    ByHand(Vec<Mutation>),
}

/// A way from one state of an account to another.
struct Scenario {
    before: Vec<Before>,
    /// The specs of the pass that is killed.
    after: Desired,
    /// How many places in a source's changes the pass gives up, because the specs delete what captured them.
    loses: u64,
    /// How many loads it begins of what had been loaded before, because the specs make a second migration of the same.
    reloads: u64,
}

impl Scenario {
    /// One that gives up no position and loads nothing again.
    fn new(before: Vec<Before>, after: Desired) -> Self {
        Self { before, after, loses: 0, reloads: 0 }
    }

    /// The same, giving up so many positions.
    fn losing(self, loses: u64) -> Self {
        Self { loses, ..self }
    }

    /// The same, loading so many things again.
    fn reloading(self, reloads: u64) -> Self {
        Self { reloads, ..self }
    }

    /// The specs of the other scopes, which do not change.
    fn others(&self) -> Vec<&Desired> {
        let mut last = BTreeMap::new();
        for before in &self.before {
            if let Before::Applied(desired) | Before::Begun(desired) = before {
                last.insert(desired.scope.as_str(), desired);
            }
        }
        last.remove(self.after.scope.as_str());
        last.into_values().collect()
    }

    /// An account that is ready for the pass.
    async fn prepared(&self) -> Lab {
        let lab = Lab::start().await;
        let controller = lab.controller().await;
        for before in &self.before {
            match before {
                Before::Applied(desired) => {
                    controller.converge(desired).await;
                }
                Before::Begun(desired) => {
                    let mut hasty = controller.clone();
                    hasty.options.wait = false;
                    hasty.pass(desired).await;
                }
                Before::Loaded => lab.emulator().advance(std::time::Duration::from_hours(1)),
                Before::ByHand(mutations) => {
                    for mutation in mutations {
                        let now = controller.clock.now();
                        controller.writer.call(mutation, &BTreeMap::new(), now).await.unwrap();
                    }
                }
            }
        }
        lab
    }

    /// Dies at a call of the pass, then lets another controller finish.
    async fn die_at(&self, prepared: &Lab, (nth, effect): Death, expected: &(Account, u64)) {
        let (lab, next) = killed(prepared, (nth, effect), async |doomed| {
            doomed.pass(&self.after).await;
        })
        .await;
        for other in self.others() {
            keeps_its_roles(other, &next.observe(other).await, &format!("died at call {nth} ({effect:?})"));
        }
        let outcome = next.pass(&self.after).await;
        assert!(
            outcome.has_converged(),
            "died at call {nth} ({effect:?}); the next pass leaves:\n{}\n{:#?}",
            outline(&outcome.remaining),
            outcome.failures()
        );
        let account = (Account::of(&next.observe(&self.after).await), self.loads(&lab));
        assert_eq!(account, *expected, "died at call {nth} ({effect:?})");
        self.others_are_content(&next).await;
    }

    /// The other scopes have nothing to do, and own what they need.
    async fn others_are_content(&self, controller: &Controller<AwsRead, AwsWrite>) {
        for other in self.others() {
            keeps_its_roles(other, &controller.observe(other).await, "at the end");
            let plan = controller.plan(other).await;
            assert!(plan.is_empty(), "{} plans:\n{}", other.scope, outline(&plan));
        }
    }

    /// How many full loads there were. Nothing was loaded again, and no position lost, but what the specs ask for.
    fn loads(&self, lab: &Lab) -> u64 {
        let all = lab.emulator().migrations();
        let wanted = (self.reloads, self.loses);
        assert_eq!((all.reloads, all.lost_positions), wanted, "reloads, lost positions: {all:#?}");
        all.loads
    }

    /// Dies before and after every call of the pass that changes something.
    async fn die_everywhere(&self, name: &str) {
        let prepared = self.prepared().await;
        let lab = prepared.fork().await;
        let controller = lab.controller().await;
        controller.converge(&self.after).await;
        let calls = lab.emulator().calls();
        let expected = (Account::of(&controller.observe(&self.after).await), self.loads(&lab));
        self.others_are_content(&controller).await;
        let deaths = deaths(name, &calls);
        for death in &deaths {
            self.die_at(&prepared, *death, &expected).await;
        }
        ended(deaths.len());
    }
}

/// At which call a controller dies, counted from one, and whether before or after the call took effect.
type Death = (u64, Effect);

/// A death before and one after every one of these calls that changes something.
fn deaths(name: &str, calls: &[Call]) -> Vec<Death> {
    let changing = (1..).zip(calls).filter(|(_, call)| call.mutating);
    let deaths: Vec<Death> =
        changing.flat_map(|(nth, _)| [(nth, Effect::HoldBefore), (nth, Effect::HoldAfter)]).collect();
    assert!(!deaths.is_empty(), "{name} changes nothing");
    deaths
}

/// Lets a controller die in the middle of its work, in a copy of the prepared account; and the one that comes
/// after it there.
async fn killed(
    prepared: &Lab,
    (nth, effect): Death,
    work: impl AsyncFnOnce(Controller<AwsRead, AwsWrite>),
) -> (Lab, Controller<AwsRead, AwsWrite>) {
    let lab = prepared.fork().await;
    let next = lab.controller().await;
    lab.emulator().inject(Fault { operation: None, nth, effect });
    let held = lab.emulator().held();
    let doomed = lab.controller().await;
    tokio::select! {
        // Dropping the work in the middle of a call is what a kill looks like from AWS.
        () = held => {}
        () = Box::pin(work(doomed)) => {}
    }
    lab.emulator().clear_faults();
    (lab, next)
}
