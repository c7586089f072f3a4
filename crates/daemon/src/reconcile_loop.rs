//! The loop: a thin shell over one pass.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{error, info, warn};

/// One reconcile pass over everything, from reading the specs on.
pub trait Pass: Send + Sync + 'static {
    /// Runs the pass. When `stop` is cancelled it begins no further AWS call, lets those under way end,
    /// and returns.
    fn run(&self, number: u64, stop: CancellationToken) -> impl Future<Output = PassResult> + Send;
}

/// What became of a pass. None of them ends the loop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PassResult {
    /// Nothing is left to do.
    Converged,
    /// Something is left to do; the next pass goes on.
    NotConverged,
    /// The pass was told to stop.
    Stopped,
    /// It could not be carried out: why. Nothing was deleted for that.
    Failed(String),
}

/// How the loop works.
#[derive(Debug, Clone)]
pub struct LoopOptions {
    /// The time from the beginning of one pass to the beginning of the next. It does not drift: passes
    /// begin at whole multiples of it after the first. A pass that takes longer than that is followed by
    /// the next at the next multiple. Above zero.
    pub interval: Duration,
}

/// What a loop did before it was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LoopSummary {
    /// How many passes ended, in whatever way.
    pub passes: u64,
    /// How many could not be carried out.
    pub failures: u64,
}

/// Runs passes until `stop` is cancelled, and returns when the last one has ended.
///
/// The first begins at once. Two passes never run at the same time. A pass that panics counts as failed;
/// the loop goes on.
pub async fn run<P: Pass>(pass: Arc<P>, options: LoopOptions, stop: CancellationToken) -> LoopSummary {
    let start = Instant::now();
    let mut next = start;
    // A pass runs as a task of its own, so that one that panics does not take the loop along, and the
    // tracker knows when it has ended.
    let tracker = TaskTracker::new();
    let mut summary = LoopSummary::default();
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            () = tokio::time::sleep_until(next) => {}
        }
        let number = summary.passes + 1;
        let begun = Instant::now();
        info!(pass = number, "a pass begins");
        let running = tracker.spawn({
            let (pass, stop) = (Arc::clone(&pass), stop.clone());
            async move { pass.run(number, stop).await }
        });
        let result = match running.await {
            Ok(result) => result,
            Err(broken) => PassResult::Failed(format!("the pass ended unexpectedly: {broken}")),
        };
        summary.passes = number;
        next = next_multiple(start, options.interval);
        let seconds = begun.elapsed().as_secs();
        match result {
            PassResult::Converged => info!(pass = number, seconds, "everything is as specified"),
            PassResult::NotConverged => warn!(pass = number, seconds, "not everything is as specified yet"),
            PassResult::Stopped => info!(pass = number, seconds, "the pass was stopped"),
            PassResult::Failed(why) => {
                summary.failures += 1;
                error!(pass = number, seconds, "the pass failed, and nothing was deleted for that: {why}");
            }
        }
    }
    tracker.close();
    tracker.wait().await;
    info!(passes = summary.passes, "stopped");
    summary
}

/// The next point that lies a whole number of intervals after `start`.
fn next_multiple(start: Instant, interval: Duration) -> Instant {
    let interval = interval.max(Duration::from_millis(1));
    let into = start.elapsed().as_nanos() % interval.as_nanos();
    // An interval fits in 64 bits of nanoseconds for five hundred years.
    Instant::now() + interval.saturating_sub(Duration::from_nanos(u64::try_from(into).unwrap_or(0)))
}

#[cfg(test)]
mod tests;
