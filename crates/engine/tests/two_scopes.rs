//! Two controllers that share an account and its roles, each changing its mind.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pipewright_aws::{AwsRead, AwsWrite};
use pipewright_engine::{CallError, CloudRead, CloudWrite, Identity, StoredSecret};
use pipewright_model::kinds::{AssessmentRun, Latency, Measured, TableStatistics};
use pipewright_model::tags::{self, Tags};
use pipewright_model::{Desired, Kind, Live, ResourceId, SecretValue, Timestamp};
use pipewright_plan::Mutation;
use pipewright_testkit::{Controller, Lab, desired, outline};
use tokio::sync::Semaphore;

/// Lets one call at a time pass, from controllers that each hesitate at random.
struct Turnstile {
    one: Semaphore,
    random: std::sync::Mutex<SplitMix>,
    deletes: AtomicUsize,
}

impl Turnstile {
    async fn pass(&self) -> tokio::sync::SemaphorePermit<'_> {
        let hesitation = self.random.lock().unwrap().below(6);
        for _ in 0..hesitation {
            tokio::task::yield_now().await;
        }
        self.one.acquire().await.unwrap()
    }
}

struct Reader(AwsRead, Arc<Turnstile>);
struct Writer(AwsWrite, AwsRead, Arc<Turnstile>);

impl CloudRead for Reader {
    async fn identity(&self) -> Result<Identity, CallError> {
        let _turn = self.1.pass().await;
        self.0.identity().await
    }
    async fn list(&self, kind: Kind) -> Result<BTreeMap<ResourceId, Live>, CallError> {
        let _turn = self.1.pass().await;
        self.0.list(kind).await
    }
    async fn tags(&self, arns: &[String]) -> Result<BTreeMap<String, Tags>, CallError> {
        let _turn = self.1.pass().await;
        self.0.tags(arns).await
    }
    async fn table_statistics(&self, kind: Kind, arn: &str) -> Result<Vec<TableStatistics>, CallError> {
        self.0.table_statistics(kind, arn).await
    }
    async fn assessment_runs(&self) -> Result<Vec<AssessmentRun>, CallError> {
        self.0.assessment_runs().await
    }
    async fn latency(&self, of: Measured<'_>, now: Timestamp) -> Result<Latency, CallError> {
        self.0.latency(of, now).await
    }

    async fn role(&self, name: &str) -> Result<Option<Live>, CallError> {
        let _turn = self.1.pass().await;
        self.0.role(name).await
    }
    async fn role_names(&self, path: &str) -> Result<BTreeSet<String>, CallError> {
        let _turn = self.1.pass().await;
        self.0.role_names(path).await
    }

    async fn stored_secrets(&self) -> Result<Vec<StoredSecret>, CallError> {
        self.0.stored_secrets().await
    }

    async fn secret(&self, id: &str) -> Result<SecretValue, CallError> {
        self.0.secret(id).await
    }
}

impl CloudWrite for Writer {
    async fn call(
        &self,
        mutation: &Mutation,
        arns: &BTreeMap<ResourceId, String>,
        now: Timestamp,
    ) -> Result<Option<String>, CallError> {
        let _turn = self.2.pass().await;
        if let Mutation::DeleteRole { role } = mutation {
            self.2.deletes.fetch_add(1, Ordering::Relaxed);
            if let Some(live) = self.1.role(role).await? {
                let owners = tags::owners(&live.tags);
                assert!(owners.is_empty(), "{role} is deleted while owned by {owners:?}");
            }
        }
        self.0.call(mutation, arns, now).await
    }
}

/// A small generator of random numbers, so that a seed names a schedule.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

async fn controller(lab: &Lab, turnstile: &Arc<Turnstile>) -> Controller<Reader, Writer> {
    let plain = lab.controller().await;
    let reader = AwsRead::clone(&plain.reader);
    Controller {
        reader: Arc::new(Reader(reader.clone(), Arc::clone(turnstile))),
        writer: Arc::new(Writer(AwsWrite::clone(&plain.writer), reader, Arc::clone(turnstile))),
        clock: plain.clock,
        options: plain.options,
    }
}

/// Follows a script of specs, one pass each.
async fn follow(controller: &Controller<Reader, Writer>, script: Vec<Desired>) {
    for wanted in script {
        controller.pass(&wanted).await;
    }
}

/// The same pipelines in two scopes: each scope has some, none, some again. No role goes while it is
/// owned; at the end each has what its last specs say, and an empty plan.
async fn interleave(seed: u64) -> usize {
    let mut random = SplitMix(seed);
    let mut script = |scope: &str| -> Vec<Desired> {
        let choices: [&[&str]; 3] = [&[], &["orders"], &["billing", "orders"]];
        (0..3).map(|_| desired(scope, choices[usize::try_from(random.below(3)).unwrap()])).collect()
    };
    let (a, b) = (script("a"), script("b"));
    let last = [a.last().unwrap().clone(), b.last().unwrap().clone()];

    let lab = Lab::start().await;
    let turnstile = Arc::new(Turnstile {
        one: Semaphore::new(1),
        random: std::sync::Mutex::new(SplitMix(seed ^ 0xdead_beef)),
        deletes: AtomicUsize::new(0),
    });
    let (first, second) = (controller(&lab, &turnstile).await, controller(&lab, &turnstile).await);
    tokio::join!(follow(&first, a), follow(&second, b));

    // Specs no longer change: each gets there.
    for _ in 0..4 {
        first.pass(&last[0]).await;
        second.pass(&last[1]).await;
    }
    for (controller, wanted) in [(&first, &last[0]), (&second, &last[1])] {
        let plan = controller.plan(wanted).await;
        assert!(plan.is_empty(), "seed {seed}: {} still plans:\n{}", wanted.scope, outline(&plan));
    }
    let observed = first.observe(&last[0]).await;
    let owners: Vec<String> = last
        .iter()
        .filter(|wanted| !wanted.pipelines.is_empty())
        .map(|wanted| wanted.scope.to_string())
        .collect();
    match observed.resources.get(&ResourceId::role("dms-vpc-role")) {
        Some(role) => {
            assert_eq!(tags::owners(&role.tags).into_keys().collect::<Vec<_>>(), owners, "seed {seed}");
        }
        None => assert!(owners.is_empty(), "seed {seed}: the role is gone and {owners:?} need it"),
    }
    turnstile.deletes.load(Ordering::Relaxed)
}

#[tokio::test]
async fn twenty_random_interleavings_of_two_scopes_lose_no_role_and_converge() {
    let mut deletes = 0;
    for seed in 1..=20 {
        deletes += Box::pin(interleave(seed)).await;
    }
    assert!(deletes >= 5, "the schedules must reach deletes to prove anything: {deletes}");
}
