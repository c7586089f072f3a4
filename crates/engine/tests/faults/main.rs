//! Controllers that share a role, while everything that can go wrong does: stale reads, missed changes,
//! reads in the middle of another's changes, throttling, concurrent modification, server errors, lost
//! answers, deaths. Over the AWS SDK and the emulator, in schedules that a seed
//! names.
//!
//! `PIPEWRIGHT_SCHEDULES` says how many schedules are tried, `PIPEWRIGHT_SEED` which is the first: with
//! the seed that a failure names and 1, that one is tried again.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "what was explored is part of the answer")]

mod account;
mod schedule;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use pipewright_model::kinds::Run;
use pipewright_model::{Desired, Kind, ResourceId, tags};
use pipewright_testkit::{Controller, Lab, check_with, edit_config, outline, serverless};
use serde_json::json;
use tokio::sync::Notify;

use account::{Account, Faults, ROLE, Truth, Way};
use schedule::{Random, Schedule};

const SCOPES: [&str; 3] = ["a", "b", "c"];

/// How many passes over specs that change each controller makes.
const PASSES: usize = 6;

/// How much of a schedule is played. What a seed says beyond is left out, which is how a failure becomes
/// small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bounds {
    /// The passes of each controller over specs that change.
    passes: usize,
    /// Which faults there are.
    faults: Faults,
}

impl Bounds {
    const ALL: Self =
        Self { passes: PASSES, faults: Faults { stale: true, missed: true, deaths: true, failures: true } };

    /// Bounds within these, each a little narrower.
    fn narrower(self) -> impl Iterator<Item = Self> {
        let Self { passes, faults } = self;
        let fewer = (1..passes).map(move |passes| Self { passes, ..self });
        let with = [
            Faults { stale: false, ..faults },
            Faults { missed: false, ..faults },
            Faults { deaths: false, ..faults },
            Faults { failures: false, ..faults },
        ];
        fewer.chain(with.map(|faults| Self { passes, faults })).filter(move |bounds| *bounds != self)
    }
}

/// The shared role, and what needs it: a subnet group for each pipeline; for `ledger` also an endpoint with
/// a certificate, for `events` also endpoints and a serverless replication.
fn specs(scope: &str, pipelines: &[&str], random: &mut Random) -> Desired {
    let mut desired = serverless(scope, pipelines);
    if pipelines.contains(&"events") {
        let run = if random.percent(50) { Run::Running } else { Run::Stopped };
        edit_config(&mut desired, "events", |config| {
            config.run = run;
            config.settings = json!({"Logging": {"EnableLogging": false}});
        });
    }
    if pipelines.contains(&"ledger") {
        check_with(&mut desired, "ledger-source", if random.percent(50) { b"old" } else { b"new" });
    }
    let whole = [format!("{scope}-events"), format!("{scope}-ledger-source")];
    desired.resources.retain(|id, _| match id.kind {
        Kind::ServiceRole => id.name == ROLE,
        Kind::SubnetGroup | Kind::Certificate => true,
        _ => whole.iter().any(|name| id.name.starts_with(name)),
    });
    desired.pipelines = BTreeMap::new();
    desired
}

/// What is about the role and hardly anything else, in most schedules since it is quick; and what has more
/// of the region in it.
const SORTS: [(&[Kind], &[&[&str]]); 2] = [
    (&[Kind::SubnetGroup], &[&[], &[], &[], &["orders"], &["billing", "orders"]]),
    (
        &[Kind::SubnetGroup, Kind::Certificate, Kind::Endpoint, Kind::ReplicationConfig],
        &[&[], &[], &["orders"], &["events"], &["ledger"], &["events", "ledger"]],
    ),
];

/// What one scope wants, one pass after the other.
fn script(scope: &str, choices: &[&[&str]], random: &mut Random) -> Vec<Desired> {
    (0..PASSES).map(|_| specs(scope, choices[random.below(choices.len())], random)).collect()
}

async fn connect(lab: &Lab, account: &Arc<Account>, who: usize, wait: bool) -> Controller<Way, Way> {
    let plain = lab.controller().await;
    let way = Way {
        who,
        account: Arc::clone(account),
        read: plain.reader.as_ref().clone(),
        write: plain.writer.as_ref().clone(),
        death: Arc::new(Notify::new()),
    };
    let mut options = plain.options;
    options.wait = wait;
    options.concurrency = 1;
    Controller { reader: Arc::new(way.clone()), writer: Arc::new(way), clock: plain.clock, options }
}

/// One pass, which may end with the controller's death.
async fn pass(controller: &Controller<Way, Way>, wanted: &Desired) {
    let way = controller.reader.as_ref();
    let _at_work = way.account.schedule.begin();
    way.begin();
    tokio::select! {
        _ = Box::pin(controller.pass(wanted)) => {}
        () = way.death.notified() => {}
    }
    way.end();
}

async fn follow(controller: &Controller<Way, Way>, script: &[Desired]) {
    for wanted in script {
        pass(controller, wanted).await;
    }
}

/// Runs one schedule within bounds; what went wrong, in words.
async fn run(seed: u64, bounds: Bounds) -> (Truth, Vec<String>) {
    let mut random = Random::new(seed);
    let count = 2 + random.below(2);
    let (kinds, choices) = SORTS[usize::from(random.percent(20))];
    let lab = Lab::start().await;
    let account = Arc::new(Account {
        schedule: Schedule::new(seed),
        kinds,
        emulator: lab.emulator().clone(),
        truth: Mutex::new(Truth { faults_on: bounds.faults, ..Truth::default() }),
    });
    let mut controllers = Vec::new();
    for who in 0..count {
        controllers.push(connect(&lab, &account, who, random.percent(60)).await);
    }
    let mut scripts: Vec<Vec<Desired>> =
        SCOPES[..count].iter().map(|scope| script(scope, choices, &mut random)).collect();
    for script in &mut scripts {
        script.truncate(bounds.passes);
    }
    match (controllers.as_slice(), scripts.as_slice()) {
        ([a, b], [of_a, of_b]) => {
            tokio::join!(follow(a, of_a), follow(b, of_b));
        }
        ([a, b, c], [of_a, of_b, of_c]) => {
            tokio::join!(follow(a, of_a), follow(b, of_b), follow(c, of_c));
        }
        _ => panic!("two or three"),
    }

    // Nothing goes wrong and no specs change any more: each gets there.
    account.truth.lock().unwrap().faults_on = Faults::default();
    for controller in &mut controllers {
        controller.options.wait = true;
    }
    let last: Vec<&Desired> = scripts.iter().map(|script| script.last().unwrap()).collect();
    for _ in 0..3 {
        for (controller, wanted) in controllers.iter().zip(&last) {
            pass(controller, wanted).await;
        }
    }
    let mut wrong = std::mem::take(&mut account.truth.lock().unwrap().violations);
    for (controller, wanted) in controllers.iter().zip(&last) {
        let plan = Box::pin(controller.plan(wanted)).await;
        if !plan.is_empty() {
            wrong.push(format!("{} still plans:\n{}", wanted.scope, outline(&plan)));
        }
    }
    let needing: Vec<String> = last
        .iter()
        .filter(|wanted| !wanted.resources.is_empty())
        .map(|wanted| wanted.scope.to_string())
        .collect();
    let observed = Box::pin(controllers[0].observe(last[0])).await;
    let owners = observed
        .resources
        .get(&ResourceId::role(ROLE))
        .map(|role| tags::owners(&role.tags).into_keys().collect::<Vec<_>>());
    if owners.clone().unwrap_or_default() != needing || (owners.is_some() && needing.is_empty()) {
        wrong.push(format!("the role is needed by {needing:?} and owned by {owners:?}"));
    }
    let regional = |id: &&ResourceId| id.kind != Kind::ServiceRole;
    let declared: BTreeSet<&ResourceId> =
        last.iter().flat_map(|wanted| wanted.resources.keys().filter(regional)).collect();
    let there: BTreeSet<&ResourceId> = observed.resources.keys().filter(regional).collect();
    if there != declared {
        wrong.push(format!("{declared:?} is declared and {there:?} is there"));
    }
    (std::mem::take(&mut *account.truth.lock().unwrap()), wrong)
}

fn setting(name: &str, default: u64) -> u64 {
    #[allow(clippy::disallowed_methods, reason = "how long the tests may take is their caller's choice")]
    let value = std::env::var(name);
    value.map_or(default, |value| value.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// The narrowest bounds within which a schedule still fails, and how.
async fn shrink(seed: u64, mut bounds: Bounds, mut wrong: Vec<String>) -> (Bounds, Vec<String>) {
    'narrowing: loop {
        for narrower in bounds.narrower() {
            let (_, still) = Box::pin(run(seed, narrower)).await;
            if !still.is_empty() {
                (bounds, wrong) = (narrower, still);
                continue 'narrowing;
            }
        }
        return (bounds, wrong);
    }
}

/// Every fourth schedule, so that four processes share the work.
async fn part(part: u64) {
    let (first, count) = (setting("PIPEWRIGHT_SEED", 1), setting("PIPEWRIGHT_SCHEDULES", 200));
    let mut all = Truth::default();
    for seed in (first..first + count).filter(|seed| seed % 4 == part) {
        let (truth, wrong) = Box::pin(run(seed, Bounds::ALL)).await;
        if !wrong.is_empty() {
            let (bounds, wrong) = shrink(seed, Bounds::ALL, wrong).await;
            panic!(
                "again with PIPEWRIGHT_SEED={seed} PIPEWRIGHT_SCHEDULES=1; within {bounds:?}:\n{}",
                wrong.join("\n")
            );
        }
        all.deletes += truth.deletes;
        all.faults += truth.faults;
        all.stale_reads += truth.stale_reads;
        all.missed_changes += truth.missed_changes;
        all.reads_between += truth.reads_between;
        all.crashes += truth.crashes;
    }
    let Truth { deletes, faults, stale_reads, missed_changes, reads_between, crashes, .. } = all;
    println!(
        "a quarter of {count} schedules: {deletes} roles deleted, {faults} failed calls, {stale_reads} stale reads, \
         {missed_changes} missed changes, {reads_between} reads between changes, {crashes} deaths"
    );
    if count >= 200 {
        let reached = [deletes, faults, stale_reads, missed_changes, reads_between, crashes];
        assert!(reached.iter().all(|reached| *reached > 4), "too little goes wrong: {reached:?}");
    }
}

#[tokio::test]
async fn whatever_goes_wrong_no_role_is_lost_and_all_converge_1() {
    part(1).await;
}

#[tokio::test]
async fn whatever_goes_wrong_no_role_is_lost_and_all_converge_2() {
    part(2).await;
}

#[tokio::test]
async fn whatever_goes_wrong_no_role_is_lost_and_all_converge_3() {
    part(3).await;
}

#[tokio::test]
async fn whatever_goes_wrong_no_role_is_lost_and_all_converge_4() {
    part(0).await;
}

#[test]
fn bounds_become_narrower_until_nothing_is_left() {
    let mut bounds = Bounds::ALL;
    let mut steps = 0;
    while let Some(narrower) = bounds.narrower().last() {
        bounds = narrower;
        steps += 1;
    }
    assert_eq!(bounds, Bounds { passes: 1, faults: Faults::default() });
    assert_eq!(steps, 4 + PASSES - 1);
}
