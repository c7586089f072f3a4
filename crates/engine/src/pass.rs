//! One reconcile pass: observe, plan, apply, until nothing is left to do.

use std::sync::Arc;
use std::time::Duration;

use pipewright_model::{Desired, Observed};
use pipewright_plan::{Handover, Plan, PlanOptions};
use tokio_util::sync::CancellationToken;

use crate::apply::{Apply, ApplyOptions};
use crate::{
    ChangeOutcome, Clock, CloudRead, CloudWrite, Event, Events, ObserveError, Outcome, PassOutcome, observe,
};

/// How a pass works.
#[derive(Debug, Clone)]
pub struct PassOptions {
    /// Whether it waits for what takes AWS minutes, and for drains. If not, what has begun is left to
    /// the next pass.
    pub wait: bool,
    /// The most AWS calls at the same time.
    pub concurrency: usize,
    /// How plans are made.
    pub plan: PlanOptions,
    /// A change of owner that is made instead of what the specs ask for.
    pub handover: Option<Handover>,
    /// The digest of the plan that was reviewed, if only that is to be applied: nothing is done unless the first plan
    /// has it, and later rounds do nothing that it did not.
    pub reviewed: Option<String>,
    /// The most rounds of observe, plan, apply. More than one is needed when something changed between
    /// the plan and the call.
    pub max_rounds: usize,
}

impl Default for PassOptions {
    fn default() -> Self {
        Self {
            wait: false,
            concurrency: 8,
            plan: PlanOptions::default(),
            handover: None,
            reviewed: None,
            max_rounds: 6,
        }
    }
}

/// The pause before a new look after the account was not as planned, since AWS's reads can be some
/// seconds old.
const SETTLE: Duration = Duration::from_secs(2);

/// Runs one pass over one environment.
///
/// A change that fails stops what depends on it and nothing else. The outcome says what remains.
pub async fn run_pass<R, W, C>(
    reader: &Arc<R>,
    writer: &Arc<W>,
    clock: &C,
    desired: &Desired,
    options: &PassOptions,
    events: &dyn Events,
    cancel: &CancellationToken,
) -> Result<PassOutcome, ObserveError>
where
    R: CloudRead,
    W: CloudWrite,
    C: Clock,
{
    let look = async || -> Result<(Observed, Plan), ObserveError> {
        let observed = tokio::select! {
            // Reading changes nothing, and can be left at any time.
            () = cancel.cancelled() => return Err(ObserveError::Stopped),
            observed = observe(reader.as_ref(), desired, clock.now()) => observed?,
        };
        let plan = match &options.handover {
            None => pipewright_plan::plan(desired, &observed, &options.plan),
            Some(handover) => pipewright_plan::hand_over(desired, &observed, &options.plan, handover),
        };
        Ok((observed, plan))
    };
    let (mut observed, first) = look().await?;
    let stale = options.reviewed.as_ref().is_some_and(|digest| *digest != first.digest());
    if stale {
        return Ok(PassOutcome {
            remaining: first.clone(),
            first,
            rounds: Vec::new(),
            cancelled: false,
            stale,
        });
    }
    let mut plan = first.clone();
    let mut rounds: Vec<Outcome> = Vec::new();
    while !plan.is_empty() && rounds.len() < options.max_rounds && !cancel.is_cancelled() {
        events.event(Event::Planned { plan: &plan, round: rounds.len() + 1 });
        let apply = Apply {
            reader: Arc::clone(reader),
            writer: Arc::clone(writer),
            clock,
            events,
            cancel,
            options: ApplyOptions { wait: options.wait, concurrency: options.concurrency.max(1) },
        };
        let narrowed = options.reviewed.as_ref().map(|_| plan.as_reviewed(&first));
        let round = narrowed.as_ref().unwrap_or(&plan);
        if round.is_empty() {
            break;
        }
        let outcome = apply.run(round, &observed).await;
        let goes_on = goes_on(&outcome);
        let is_stale = has_stale(&outcome);
        rounds.push(outcome);
        if is_stale && !cancel.is_cancelled() {
            clock.sleep(SETTLE).await;
        }
        (observed, plan) = match look().await {
            Err(ObserveError::Stopped) => break,
            looked => looked?,
        };
        if !goes_on {
            break;
        }
    }
    Ok(PassOutcome { first, rounds, remaining: plan, cancelled: cancel.is_cancelled(), stale })
}

/// Whether another round can do more: everything was applied, or something was not as planned.
fn goes_on(outcome: &Outcome) -> bool {
    outcome.is_complete() || has_stale(outcome)
}

fn has_stale(outcome: &Outcome) -> bool {
    outcome.changes.values().any(|(_, outcome)| matches!(outcome, ChangeOutcome::Stale(_)))
}
