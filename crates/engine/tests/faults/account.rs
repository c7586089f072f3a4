//! The account as controllers see it, through the AWS SDK and the emulator, with everything that goes
//! wrong; and as it is, to judge them by.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pipewright_aws::{AwsRead, AwsWrite};
use pipewright_emulator::{Effect, Emulator, Fault};
use pipewright_engine::{CallError, CloudRead, CloudWrite, ErrorClass, Identity, StoredSecret};
use pipewright_model::kinds::{AssessmentRun, Latency, Measured, TableStatistics};
use pipewright_model::tags::{self, DrainMark, Tags};
use pipewright_model::{Kind, Live, LiveBody, ResourceId, SecretValue, Timestamp};
use pipewright_plan::{Mutation, PlanOptions};
use tokio::sync::Notify;

use crate::schedule::Schedule;

pub(crate) const ROLE: &str = "dms-vpc-role";

/// For how long IAM may still answer what was before a change.
const PROPAGATION: Duration = Duration::from_secs(10);

/// What the controllers of one schedule share.
pub(crate) struct Account {
    pub(crate) schedule: Schedule,
    /// The kinds of regional resources that there are.
    pub(crate) kinds: &'static [Kind],
    pub(crate) emulator: Emulator,
    pub(crate) truth: Mutex<Truth>,
}

/// Which faults there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each can be left out on its own")]
pub(crate) struct Faults {
    /// Reads of roles that are some seconds old.
    pub(crate) stale: bool,
    /// Passes that begin with what was so before the last change of another, and are never told of it.
    pub(crate) missed: bool,
    /// Controllers that die.
    pub(crate) deaths: bool,
    /// Calls that fail, or whose answer is lost.
    pub(crate) failures: bool,
}

/// What is so, whatever anybody sees.
#[derive(Default)]
pub(crate) struct Truth {
    /// What goes wrong at all.
    pub(crate) faults_on: Faults,
    /// Every version of the role, with the time since when it is so.
    pub(crate) versions: Vec<(Timestamp, Option<Live>)>,
    /// Whose call made each version.
    pub(crate) by: Vec<usize>,
    /// What controllers see of the role until they change something themselves.
    pub(crate) views: BTreeMap<usize, Option<Live>>,
    /// Controllers in the middle of a pass that changed something.
    pub(crate) changing: BTreeSet<usize>,
    pub(crate) recorded: BTreeMap<String, Recorded>,
    pub(crate) looks: BTreeMap<usize, Timestamp>,
    pub(crate) deletes: usize,
    pub(crate) faults: usize,
    pub(crate) stale_reads: usize,
    pub(crate) missed_changes: usize,
    /// Reads while another controller was in the middle of its changes.
    pub(crate) reads_between: usize,
    pub(crate) crashes: usize,
    pub(crate) violations: Vec<String>,
}

/// When a scope's owner tag came to the role.
#[derive(Clone, Copy)]
pub(crate) struct Recorded {
    at: Timestamp,
    /// Whether the grace of a drain was over then, or so nearly that a read could miss the tag.
    late: bool,
}

impl Account {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(u64::try_from(self.emulator.now().as_millis()).unwrap())
    }
}

impl Truth {
    fn role(&self) -> Option<&Live> {
        self.versions.last().and_then(|(_, role)| role.as_ref())
    }

    /// Notes what a call did, and judges it.
    fn note(&mut self, who: usize, mutation: &Mutation, now: Timestamp, after: Option<Live>) {
        if after.as_ref() == self.role() {
            return;
        }
        let before = self.role().cloned();
        let owners = |role: Option<&Live>| -> BTreeSet<String> {
            role.map(|role| tags::owners(&role.tags).into_keys().collect()).unwrap_or_default()
        };
        let (had, has) = (owners(before.as_ref()), owners(after.as_ref()));
        if matches!(mutation, Mutation::DeleteRole { .. } | Mutation::DetachRolePolicy { .. }) {
            self.deletes += usize::from(after.is_none());
            let looked = self.looks.get(&who).copied().unwrap_or_default();
            for scope in &had {
                let recorded = self.recorded[scope];
                // What no look could show is the race that IAM leaves.
                let unseen = now.since(recorded.at) < PROPAGATION + now.since(looked);
                if !(recorded.late && unseen) {
                    self.violations.push(format!("controller {who}: {mutation} takes it from {scope}"));
                }
            }
        }
        let late = before.as_ref().zip(after.as_ref()).is_some_and(|(before, after)| {
            role_id(before) == role_id(after)
                && matches!(DrainMark::of(&before.tags), Some(Ok(mark))
                    if mark.role_id == role_id(before)
                        && now.since(mark.since) + PROPAGATION >= PlanOptions::default().drain_grace)
        });
        self.recorded.retain(|scope, _| has.contains(scope));
        for scope in has.difference(&had) {
            self.recorded.insert(scope.clone(), Recorded { at: now, late });
        }
        self.versions.push((now, after));
        self.by.push(who);
    }

    /// Lets a controller see the role as before the last change of another, if there was one.
    fn misses(&mut self, who: usize) {
        let Some(last) = self.by.iter().rposition(|by| *by != who) else { return };
        let before = last.checked_sub(1).and_then(|before| self.versions[before].1.clone());
        self.views.insert(who, before);
        self.missed_changes += 1;
    }

    /// The versions that a read may answer now, the newest last.
    fn readable(&self, now: Timestamp) -> &[(Timestamp, Option<Live>)] {
        let newer = self.versions.iter().rev().take_while(|(at, _)| now.since(*at) < PROPAGATION).count();
        &self.versions[(self.versions.len() - newer).saturating_sub(1)..]
    }
}

fn role_id(live: &Live) -> &str {
    match &live.body {
        LiveBody::ServiceRole(role) => &role.role_id,
        other => panic!("not a role: {other:?}"),
    }
}

/// One controller's way to AWS.
#[derive(Clone)]
pub(crate) struct Way {
    pub(crate) who: usize,
    pub(crate) account: Arc<Account>,
    pub(crate) read: AwsRead,
    pub(crate) write: AwsWrite,
    /// Told when the controller dies.
    pub(crate) death: Arc<Notify>,
}

impl Way {
    /// Whether one of these faults strikes, in so many of a hundred calls. Where there are none of them,
    /// chance is asked all the same, so that the rest of the schedule stays as it was.
    fn strikes(&self, percent: usize, which: impl Fn(Faults) -> bool) -> bool {
        let on = self.account.truth.lock().unwrap().faults_on;
        on != Faults::default() && self.account.schedule.percent(percent) && which(on)
    }

    /// A pass begins, and may have missed a change.
    pub(crate) fn begin(&self) {
        let misses = self.strikes(20, |faults| faults.missed);
        let truth = &mut *self.account.truth.lock().unwrap();
        truth.views.remove(&self.who);
        if misses {
            truth.misses(self.who);
        }
    }

    /// A pass ends.
    pub(crate) fn end(&self) {
        self.account.truth.lock().unwrap().changing.remove(&self.who);
    }

    async fn die(&self) {
        self.account.truth.lock().unwrap().crashes += 1;
        self.death.notify_one();
        std::future::pending::<()>().await;
    }
}

impl CloudRead for Way {
    async fn identity(&self) -> Result<Identity, CallError> {
        self.read.identity().await
    }

    /// Only the kinds of which the specs of these tests speak.
    async fn list(&self, kind: Kind) -> Result<BTreeMap<ResourceId, Live>, CallError> {
        if !self.account.kinds.contains(&kind) {
            return Ok(BTreeMap::new());
        }
        let _turn = self.account.schedule.turn(self.who).await;
        if self.strikes(3, |faults| faults.failures) {
            return Err(CallError {
                operation: format!("dms:Describe of {kind}"),
                class: ErrorClass::Throttled,
                code: "ThrottlingException".to_owned(),
                message: "Rate exceeded".to_owned(),
                request_id: None,
            });
        }
        self.read.list(kind).await
    }

    async fn tags(&self, arns: &[String]) -> Result<BTreeMap<String, Tags>, CallError> {
        let _turn = self.account.schedule.turn(self.who).await;
        self.read.tags(arns).await
    }

    async fn table_statistics(&self, kind: Kind, arn: &str) -> Result<Vec<TableStatistics>, CallError> {
        self.read.table_statistics(kind, arn).await
    }

    async fn assessment_runs(&self) -> Result<Vec<AssessmentRun>, CallError> {
        self.read.assessment_runs().await
    }

    async fn latency(&self, of: Measured<'_>, now: Timestamp) -> Result<Latency, CallError> {
        self.read.latency(of, now).await
    }

    async fn role(&self, name: &str) -> Result<Option<Live>, CallError> {
        if name != ROLE {
            return Ok(None);
        }
        let _turn = self.account.schedule.turn(self.who).await;
        let now = self.account.now();
        let is_stale = self.strikes(30, |faults| faults.stale);
        {
            let truth = &mut *self.account.truth.lock().unwrap();
            truth.looks.insert(self.who, now);
            truth.reads_between += usize::from(truth.changing.iter().any(|who| *who != self.who));
            if let Some(view) = truth.views.get(&self.who) {
                return Ok(view.clone());
            }
            if is_stale && let readable @ [_, _, ..] = truth.readable(now) {
                let (_, role) = readable[self.account.schedule.below(readable.len() - 1)].clone();
                truth.stale_reads += 1;
                return Ok(role);
            }
        }
        self.read.role(name).await
    }

    /// The one role has a fixed name.
    async fn role_names(&self, _path: &str) -> Result<BTreeSet<String>, CallError> {
        Ok(BTreeSet::new())
    }

    async fn stored_secrets(&self) -> Result<Vec<StoredSecret>, CallError> {
        self.read.stored_secrets().await
    }

    async fn secret(&self, id: &str) -> Result<SecretValue, CallError> {
        self.read.secret(id).await
    }
}

impl CloudWrite for Way {
    async fn call(
        &self,
        mutation: &Mutation,
        arns: &BTreeMap<ResourceId, String>,
        now: Timestamp,
    ) -> Result<Option<String>, CallError> {
        let _turn = self.account.schedule.turn(self.who).await;
        if self.strikes(3, |faults| faults.deaths) {
            self.die().await;
        }
        if self.strikes(12, |faults| faults.failures) {
            let effects = [
                Effect::Throttle,
                Effect::InternalError,
                Effect::ConcurrentModification,
                Effect::DropConnectionAfter,
            ];
            let effect = effects[self.account.schedule.below(effects.len())];
            self.account.emulator.inject(Fault { operation: None, nth: 1, effect });
            self.account.truth.lock().unwrap().faults += 1;
        }
        let answer = self.write.call(mutation, arns, now).await;
        self.account.emulator.clear_faults();
        {
            let truth = &mut *self.account.truth.lock().unwrap();
            truth.views.remove(&self.who);
            truth.changing.insert(self.who);
        }
        let after = self.read.role(ROLE).await?;
        self.account.truth.lock().unwrap().note(self.who, mutation, self.account.now(), after);
        if self.strikes(3, |faults| faults.deaths) {
            self.die().await;
        }
        answer
    }
}
