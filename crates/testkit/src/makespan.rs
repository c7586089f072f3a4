//! How long a first apply takes, beside the least that AWS allows.

use std::collections::BTreeMap;
use std::time::Duration;

use pipewright_emulator::{Config, Throttle, durations};
use pipewright_model::Desired;
use pipewright_plan::{Change, ChangeKey, Mutation, Plan, Step};

use crate::Lab;

/// The virtual time of one apply, from nothing to everything running.
#[derive(Debug, Clone, Copy)]
pub struct Makespan {
    /// From the first look to the last.
    pub took: Duration,
    /// The longest chain of what AWS takes, one after the other.
    pub critical_path: Duration,
    /// The time in which AWS's rate limit lets so many calls of DMS through.
    pub api_budget: Duration,
    /// All calls.
    pub calls: usize,
}

impl Makespan {
    /// Applies these specs to an empty account, with AWS's rate limit.
    ///
    /// # Panics
    /// If the account does not converge.
    pub async fn measure(wanted: &Desired) -> Self {
        let limit = Throttle::dms();
        let lab = Lab::with(Config { throttle: Some(limit), ..Config::default() }).await;
        let began = lab.emulator().now();
        let outcome = lab.controller().await.converge(wanted).await;
        let took = lab.emulator().now().saturating_sub(began);
        let calls = lab.emulator().calls();
        let of_dms = calls.iter().filter(|call| call.service == "dms").count();
        let over = (f64::from(u32::try_from(of_dms).unwrap_or(u32::MAX)) - limit.burst).max(0.0);
        Self {
            took,
            critical_path: longest_chain(&outcome.first),
            api_budget: Duration::from_secs_f64(over / limit.per_second),
            calls: calls.len(),
        }
    }

    /// What it took over the larger of the two bounds: 1 is the best that can be.
    pub fn ratio(&self) -> f64 {
        self.took.as_secs_f64() / self.critical_path.max(self.api_budget).as_secs_f64()
    }
}

/// The longest chain of changes that need one another, in the time that AWS takes for their steps.
fn longest_chain(plan: &Plan) -> Duration {
    fn until<'a>(
        change: &'a Change,
        plan: &BTreeMap<&'a ChangeKey, &'a Change>,
        known: &mut BTreeMap<&'a ChangeKey, Duration>,
    ) -> Duration {
        if let Some(known) = known.get(&change.key) {
            return *known;
        }
        let needs = change.needs.iter().filter_map(|key| plan.get(key));
        let begin = needs.map(|need| until(need, plan, known)).max().unwrap_or_default();
        let end = begin + change.steps.iter().map(takes).sum::<Duration>();
        known.insert(&change.key, end);
        end
    }
    let changes: BTreeMap<_, _> = plan.changes.iter().map(|change| (&change.key, change)).collect();
    let mut known = BTreeMap::new();
    plan.changes.iter().map(|change| until(change, &changes, &mut known)).max().unwrap_or_default()
}

/// What AWS takes for a step of a first apply.
fn takes(step: &Step) -> Duration {
    match step {
        Step::Call(Mutation::CreateInstance { .. }) => durations::CREATE_INSTANCE,
        Step::Call(Mutation::TestConnection { .. }) => durations::TEST_CONNECTION,
        Step::Call(Mutation::CreateTask { .. }) => durations::CREATE_TASK,
        Step::Call(Mutation::StartTask { .. }) => durations::START_TASK,
        _ => Duration::ZERO,
    }
}
