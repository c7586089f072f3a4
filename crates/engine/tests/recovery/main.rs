//! Migrations that fail by themselves: whole passes over the real AWS SDK against the emulator, a pass a
//! minute as a loop has them, in virtual time. What must never happen is counted by the emulator: a load that
//! is done again, a position that is lost.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod instance;
mod killed;
mod policy;

use std::time::Duration;

use pipewright_aws::{AwsRead, AwsWrite};
use pipewright_emulator::{Disturbance, Script};
use pipewright_engine::Clock;
use pipewright_model::{Desired, ResourceId, Timestamp, tags};
use pipewright_plan::status;
use pipewright_testkit::{Controller, Lab};
use serde_json::{Value, json};

const MINUTE: Duration = Duration::from_mins(1);

/// One pipeline, a loop that looks after it, and what can happen to it.
struct Watch {
    lab: Lab,
    controller: Controller<AwsRead, AwsWrite>,
    wanted: Desired,
    id: ResourceId,
}

impl Watch {
    /// A pipeline that runs, its full load done.
    async fn running(wanted: Desired) -> Self {
        let lab = Lab::start().await;
        let controller = lab.controller().await;
        controller.converge(&wanted).await;
        lab.emulator().advance(10 * MINUTE);
        Self::of(lab, wanted).await
    }

    /// The only pipeline of these specs, in this account.
    async fn of(lab: Lab, wanted: Desired) -> Self {
        let mut controller = lab.controller().await;
        controller.options.wait = false;
        let id = wanted.pipelines.values().next().unwrap().task.clone();
        Self { lab, controller, wanted, id }
    }

    fn play(&self, disturbance: Disturbance) {
        self.lab.emulator().play(Script { disturbances: vec![disturbance], ..Script::default() }).unwrap();
    }

    fn fails(&self, reason: &str) {
        self.play(Disturbance::TaskFails { task: self.id.name.clone(), reason: reason.to_owned() });
    }

    /// Somebody calls DMS by hand.
    fn by_hand(&self, operation: &str, input: Value) {
        let Value::Object(input) = input else { panic!("not an input: {input}") };
        self.play(Disturbance::Call { operation: operation.to_owned(), input });
    }

    async fn resume_by_hand(&self) {
        let arn = self.controller.observe(&self.wanted).await.resources[&self.id].arn.clone();
        self.by_hand(
            "StartReplicationTask",
            json!({"ReplicationTaskArn": arn, "StartReplicationTaskType": "resume-processing"}),
        );
    }

    /// One pass that does not wait, and a minute.
    async fn minute(&self) {
        self.controller.pass(&self.wanted).await;
        self.lab.emulator().advance(MINUTE);
    }

    /// A day with a few passes.
    async fn a_day(&self) {
        for _ in 0..4 {
            self.minute().await;
            self.lab.emulator().advance(Duration::from_hours(6));
        }
    }

    /// Passes until the migration runs; how long after now it was told to.
    async fn until_it_runs(&self) -> Duration {
        let failed = self.controller.clock.now();
        let starts = self.starts();
        let mut told = None;
        for _ in 0..200 {
            let now = self.controller.clock.now();
            self.controller.pass(&self.wanted).await;
            if self.starts() > starts && told.is_none() {
                told = Some(now);
            }
            if self.is("running").await {
                return told.unwrap_or(failed).since(failed);
            }
            self.lab.emulator().advance(MINUTE);
        }
        panic!("it does not run: {}", self.headline().await);
    }

    async fn is(&self, word: &str) -> bool {
        self.controller.observe(&self.wanted).await.resources[&self.id].body.status() == word
    }

    /// How many starts and resumes took effect.
    fn starts(&self) -> usize {
        let calls = self.lab.emulator().calls().into_iter();
        calls
            .filter(|call| call.error.is_none())
            .filter(|call| matches!(call.operation.as_str(), "StartReplicationTask" | "StartReplication"))
            .count()
    }

    /// `condition reason` of the pipeline, and that it is shown so.
    async fn headline(&self) -> String {
        let observed = self.controller.observe(&self.wanted).await;
        let plan = self.controller.plan(&self.wanted).await;
        let status = status(&self.wanted, &observed, &plan);
        let headline = status.pipelines[0].headline();
        format!("{:?} {}", headline.kind, headline.reason)
    }

    /// How often it was resumed after failures, as its tag says.
    async fn attempts(&self) -> Option<(u32, Timestamp)> {
        let observed = self.controller.observe(&self.wanted).await;
        let mark = observed.resources[&self.id].tags.get(tags::RECOVERY)?.split_once(' ')?;
        Some((mark.0.parse().unwrap(), Timestamp::from_secs(mark.1.parse().unwrap())))
    }

    /// Nothing was loaded twice, and no change was missed.
    fn nothing_was_lost(&self) {
        let counts = self.lab.emulator().migrations();
        assert_eq!((counts.loads, counts.reloads, counts.lost_positions), (1, 0, 0));
    }
}
