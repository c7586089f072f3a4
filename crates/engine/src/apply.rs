//! Applying a plan: a machine that takes one step of each change at a time.
//!
//! It can be stopped between any two AWS calls. It keeps nothing that the next pass would need: what
//! must survive is in AWS.
//!
//! Waits do not each poll: when one of a kind is due, that kind is listed once and every wait of the
//! kind looks at the answer. Time passes in one place only, when no call is under way.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use pipewright_model::{Kind, Live, Observed, ResourceId, Timestamp};
use pipewright_plan::{
    Change, ChangeKey, LOOK_LASTS, Mutation, Plan, Refusal, Step, Verdict, Wait, rests_on_look,
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::guard;
use crate::retry::{self, Retry};
use crate::{CallError, ChangeOutcome, Clock, CloudRead, CloudWrite, Event, Events, Outcome};

/// How a plan is applied.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ApplyOptions {
    pub(crate) wait: bool,
    pub(crate) concurrency: usize,
}

/// Everything that applying a plan needs.
pub(crate) struct Apply<'a, R, W, C> {
    pub(crate) reader: Arc<R>,
    pub(crate) writer: Arc<W>,
    pub(crate) clock: &'a C,
    pub(crate) events: &'a dyn Events,
    pub(crate) cancel: &'a CancellationToken,
    pub(crate) options: ApplyOptions,
}

impl<R: CloudRead, W: CloudWrite, C: Clock> Apply<'_, R, W, C> {
    /// Applies the plan, and returns when every change has ended.
    pub(crate) async fn run(&self, plan: &Plan, observed: &Observed) -> Outcome {
        let arns = observed
            .resources
            .iter()
            .filter(|(_, live)| !live.arn.is_empty())
            .map(|(id, live)| (id.clone(), live.arn.clone()))
            .collect();
        let changes = plan
            .changes
            .iter()
            .map(|change| {
                (
                    change.key.clone(),
                    Progress { change, step: 0, state: State::Blocked, retry: None, looked: None },
                )
            })
            .collect();
        let mut machine = Machine {
            apply: self,
            changes,
            arns: Arc::new(arns),
            calls: JoinSet::new(),
            polled: BTreeSet::new(),
        };
        machine.run().await;
        machine.outcome()
    }
}

/// First look after a step, and how often to look after that.
const FIRST_POLL: Duration = Duration::from_secs(1);
const SLOWEST_POLL: Duration = Duration::from_secs(20);

struct Machine<'a, R, W, C> {
    apply: &'a Apply<'a, R, W, C>,
    changes: BTreeMap<ChangeKey, Progress<'a>>,
    arns: Arc<BTreeMap<ResourceId, String>>,
    calls: JoinSet<Answer>,
    /// What is being listed or read for waits at this moment.
    polled: BTreeSet<Poll>,
}

struct Progress<'a> {
    change: &'a Change,
    step: usize,
    state: State,
    retry: Option<Retry>,
    /// When the last check began to look.
    looked: Option<Timestamp>,
}

enum State {
    /// Something it needs has not ended.
    Blocked,
    /// The next step can be taken.
    Ready,
    /// A call is under way.
    Busy,
    /// It waits, and looks again at `next`.
    Waiting { since: Timestamp, next: Timestamp, interval: Duration },
    /// A call failed in a way that passes, and is made again at this time.
    Retrying(Timestamp),
    /// It is over.
    Ended(ChangeOutcome),
}

/// One read that serves every wait that needs it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Poll {
    Kind(Kind),
    Role(String),
}

enum Answer {
    Called(ChangeKey, Result<Option<String>, CallError>),
    Checked(ChangeKey, Result<Option<String>, CallError>),
    Polled(Poll, Result<BTreeMap<ResourceId, Live>, CallError>),
}

impl<R: CloudRead, W: CloudWrite, C: Clock> Machine<'_, R, W, C> {
    async fn run(&mut self) {
        loop {
            if self.apply.cancel.is_cancelled() {
                self.stop();
            }
            self.unblock();
            self.take_steps();
            self.poll();
            if let Some(answer) = self.calls.join_next().await {
                // A panic in an adapter is not caught here: it is a bug, and ends the pass.
                match answer {
                    Ok(answer) => self.answer(answer),
                    Err(error) => std::panic::resume_unwind(error.into_panic()),
                }
                continue;
            }
            let Some(next) = self.next_due() else { break };
            let pause = next.since(self.apply.clock.now());
            tokio::select! {
                () = self.apply.clock.sleep(pause) => {}
                () = self.apply.cancel.cancelled() => {}
            }
        }
    }

    fn outcome(self) -> Outcome {
        let changes = self
            .changes
            .into_iter()
            .map(|(key, progress)| {
                let outcome = match progress.state {
                    State::Ended(outcome) => outcome,
                    _ => ChangeOutcome::Skipped("needs a change that needs it".to_owned()),
                };
                (key, (progress.change.action, outcome))
            })
            .collect();
        Outcome { changes }
    }

    /// Ends everything that no call is under way for.
    fn stop(&mut self) {
        let keys: Vec<ChangeKey> = self.changes.keys().cloned().collect();
        for key in keys {
            let outcome = match &self.changes[&key] {
                Progress { state: State::Ended(_) | State::Busy, .. } => continue,
                Progress { step: 0, .. } => ChangeOutcome::Skipped("the pass was stopped".to_owned()),
                _ => ChangeOutcome::Waiting("the pass was stopped; the next one goes on".to_owned()),
            };
            self.end(&key, outcome);
        }
    }

    /// Lets changes begin whose needs are applied, and skips those whose needs are not to be had.
    fn unblock(&mut self) {
        // Skipping one can skip others, so this goes on until nothing moves.
        loop {
            let mut moves: Vec<(ChangeKey, Option<ChangeOutcome>)> = Vec::new();
            for (key, progress) in &self.changes {
                if !matches!(progress.state, State::Blocked) {
                    continue;
                }
                let needs =
                    progress.change.needs.iter().filter_map(|need| Some((need, self.changes.get(need)?)));
                let mut ready = true;
                let mut lost = None;
                for (need, needed) in needs {
                    match &needed.state {
                        State::Ended(ChangeOutcome::Applied) => {}
                        State::Ended(_) => lost = Some(need),
                        _ => ready = false,
                    }
                }
                if let Some(need) = lost {
                    moves.push((key.clone(), Some(ChangeOutcome::Skipped(format!("needs {need}")))));
                } else if ready {
                    moves.push((key.clone(), None));
                }
            }
            if moves.is_empty() {
                return;
            }
            for (key, outcome) in moves {
                match outcome {
                    Some(outcome) => self.end(&key, outcome),
                    None => self.set(&key, State::Ready),
                }
            }
        }
    }

    /// Takes the next step of every change that can, as far as calls may run at the same time.
    fn take_steps(&mut self) {
        let now = self.apply.clock.now();
        let keys: Vec<ChangeKey> = self
            .changes
            .iter()
            .filter(|(_, progress)| match progress.state {
                State::Ready => true,
                State::Retrying(at) => at <= now,
                _ => false,
            })
            .map(|(key, _)| key.clone())
            .collect();
        for key in keys {
            if self.apply.cancel.is_cancelled() || self.calls.len() >= self.apply.options.concurrency {
                return;
            }
            self.take_step(&key, now);
        }
    }

    fn take_step(&mut self, key: &ChangeKey, now: Timestamp) {
        let progress = &self.changes[key];
        let change = progress.change;
        let Some(step) = change.steps.get(progress.step) else {
            return self.end(key, ChangeOutcome::Applied);
        };
        if rests_on_look(&change.steps, progress.step)
            && progress.looked.is_none_or(|looked| now.since(looked) > LOOK_LASTS)
        {
            let reason = "the last look was too long ago to rest on it".to_owned();
            return self.end(key, ChangeOutcome::Stale(reason));
        }
        let (action, kind) = (change.action, step.kind());
        self.apply.events.event(Event::Step { key, action, kind, step: step.to_string() });
        match step {
            Step::Call(mutation) => {
                let writer = Arc::clone(&self.apply.writer);
                let (mutation, arns, call_key) = (mutation.clone(), Arc::clone(&self.arns), key.clone());
                self.set(key, State::Busy);
                self.calls
                    .spawn(async move { Answer::Called(call_key, writer.call(&mutation, &arns, now).await) });
            }
            Step::Wait(wait) => {
                let first =
                    if self.apply.options.wait && !wait.is_brief() { FIRST_POLL } else { Duration::ZERO };
                self.set(key, State::Waiting { since: now, next: now + first, interval: FIRST_POLL });
            }
            Step::Check { guard, undo } => {
                let (reader, writer) = (Arc::clone(&self.apply.reader), Arc::clone(&self.apply.writer));
                let (guard, undo, call_key) = (guard.clone(), undo.clone(), key.clone());
                let arns = Arc::clone(&self.arns);
                self.set(key, State::Busy);
                self.looked(key, now);
                self.calls.spawn(async move {
                    let mut answer = guard::check(reader.as_ref(), &guard, now).await;
                    // What may be somebody else's is left alone.
                    if matches!(&answer, Err(_) | Ok(Some(Refusal { same_role: true, .. }))) {
                        answer = put_back(writer.as_ref(), &undo, &arns, now, answer).await;
                    }
                    let reason = answer.map(|refusal| refusal.map(|refusal| refusal.reason));
                    Answer::Checked(call_key, reason)
                });
            }
        }
    }

    /// Reads what the waits that are due need, once for all of them.
    fn poll(&mut self) {
        let now = self.apply.clock.now();
        let due: BTreeSet<Poll> = self
            .waits()
            .filter(|(_, _, state)| matches!(state, State::Waiting { next, .. } if *next <= now))
            .map(|(_, wait, _)| Poll::of(wait))
            .collect();
        for poll in due {
            if !self.polled.insert(poll.clone()) {
                continue;
            }
            let reader = Arc::clone(&self.apply.reader);
            self.calls.spawn(async move {
                let answer = match &poll {
                    Poll::Kind(kind) => reader.list(*kind).await,
                    Poll::Role(name) => reader
                        .role(name)
                        .await
                        .map(|role| role.map(|live| (ResourceId::role(name), live)).into_iter().collect()),
                };
                Answer::Polled(poll, answer)
            });
        }
    }

    fn waits(&self) -> impl Iterator<Item = (&ChangeKey, &Wait, &State)> {
        self.changes.iter().filter_map(|(key, progress)| match (&progress.state, progress.current()) {
            (state @ State::Waiting { .. }, Some(Step::Wait(wait))) => Some((key, wait, state)),
            _ => None,
        })
    }

    fn next_due(&self) -> Option<Timestamp> {
        self.changes
            .values()
            .filter_map(|progress| match progress.state {
                State::Waiting { next, .. } => Some(next),
                State::Retrying(at) => Some(at),
                _ => None,
            })
            .min()
    }

    fn answer(&mut self, answer: Answer) {
        match answer {
            Answer::Called(key, Ok(arn)) => {
                if let Some(arn) = arn {
                    Arc::make_mut(&mut self.arns).insert(key.resource.clone(), arn);
                }
                self.step_done(&key);
            }
            Answer::Checked(key, Ok(None)) => self.step_done(&key),
            Answer::Checked(key, Ok(Some(reason))) => self.end(&key, ChangeOutcome::Stale(reason)),
            Answer::Called(key, Err(error)) | Answer::Checked(key, Err(error)) => self.failed(&key, &error),
            Answer::Polled(poll, answer) => {
                self.polled.remove(&poll);
                self.look(&poll, &answer);
            }
        }
    }

    /// Lets every wait that this read serves look at the answer.
    fn look(&mut self, poll: &Poll, answer: &Result<BTreeMap<ResourceId, Live>, CallError>) {
        let now = self.apply.clock.now();
        let waits: Vec<(ChangeKey, Wait)> = self
            .waits()
            .filter(|(_, wait, _)| Poll::of(wait) == *poll)
            .map(|(key, wait, _)| (key.clone(), wait.clone()))
            .collect();
        for (key, wait) in waits {
            let verdict = match answer {
                Ok(resources) => wait.verdict(resources.get(&wait.resource()), now),
                // A read that fails tells nothing; the wait's patience ends it.
                Err(error) => Verdict::Pending(error.to_string()),
            };
            match verdict {
                Verdict::Done => self.step_done(&key),
                Verdict::Failed(why) => self.end(&key, ChangeOutcome::Failed(why)),
                Verdict::Pending(status) => self.still_waiting(&key, &wait, status, now),
            }
        }
    }

    fn still_waiting(&mut self, key: &ChangeKey, wait: &Wait, status: String, now: Timestamp) {
        if !self.apply.options.wait && !wait.is_brief() {
            return self.end(key, ChangeOutcome::Waiting(status));
        }
        let State::Waiting { since, interval, .. } = self.changes[key].state else { return };
        if now.since(since) > wait.patience() {
            let minutes = wait.patience().as_secs() / 60;
            let why = format!("gave up after {minutes} minutes: it is still {status}");
            return self.end(key, ChangeOutcome::Failed(why));
        }
        let interval = (interval * 3 / 2).min(SLOWEST_POLL);
        self.apply.events.event(Event::Waiting { key, what: status });
        self.set(key, State::Waiting { since, next: now + interval, interval });
    }

    fn failed(&mut self, key: &ChangeKey, error: &CallError) {
        let now = self.apply.clock.now();
        let Some(progress) = self.changes.get_mut(key) else { return };
        let retry = progress.retry.get_or_insert_with(|| Retry::new(now));
        let decision = match retry.after(error, now) {
            retry::Decision::Again(_) if rests_on_look(&progress.change.steps, progress.step) => {
                retry::Decision::Replan
            }
            decision => decision,
        };
        match decision {
            retry::Decision::Again(at) => {
                progress.state = State::Retrying(at);
                self.apply.events.event(Event::Retrying { key, error: error.to_string() });
            }
            retry::Decision::Replan => self.end(key, ChangeOutcome::Stale(error.to_string())),
            retry::Decision::GiveUp => self.end(key, ChangeOutcome::Failed(error.to_string())),
        }
    }

    fn looked(&mut self, key: &ChangeKey, now: Timestamp) {
        if let Some(progress) = self.changes.get_mut(key) {
            progress.looked = Some(now);
        }
    }

    fn step_done(&mut self, key: &ChangeKey) {
        if let Some(progress) = self.changes.get_mut(key) {
            progress.step += 1;
            progress.retry = None;
            progress.state = State::Ready;
            if progress.current().is_none() {
                self.end(key, ChangeOutcome::Applied);
            }
        }
    }

    fn end(&mut self, key: &ChangeKey, outcome: ChangeOutcome) {
        if let Some(progress) = self.changes.get_mut(key) {
            let action = progress.change.action;
            self.apply.events.event(Event::Finished { key, action, outcome: &outcome });
            progress.state = State::Ended(outcome);
        }
    }

    fn set(&mut self, key: &ChangeKey, state: State) {
        if let Some(progress) = self.changes.get_mut(key) {
            progress.state = state;
        }
    }
}

impl Progress<'_> {
    fn current(&self) -> Option<&Step> {
        self.change.steps.get(self.step)
    }
}

impl Poll {
    fn of(wait: &Wait) -> Self {
        let resource = wait.resource();
        match resource.kind {
            Kind::ServiceRole => Self::Role(resource.name),
            kind => Self::Kind(kind),
        }
    }
}

/// Does what `undo` says after a check that did not hold. If that fails too, its error is the answer.
async fn put_back<W: CloudWrite>(
    writer: &W,
    undo: &[Mutation],
    arns: &BTreeMap<ResourceId, String>,
    now: Timestamp,
    answer: Result<Option<Refusal>, CallError>,
) -> Result<Option<Refusal>, CallError> {
    for mutation in undo {
        writer.call(mutation, arns, now).await?;
    }
    answer
}
