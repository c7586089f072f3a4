//! The long-running reconcile loop: passes at an interval until it is told to stop.
//!
//! What a pass does is given by the caller as a [`Pass`]; this crate knows when passes begin, how they
//! end, and how signals stop them.

mod reconcile_loop;
mod signals;

pub use reconcile_loop::{LoopOptions, LoopSummary, Pass, PassResult, run};
pub use signals::{Leave, Stopping, stop_on_signals};
