//! Observe, plan, apply: one reconcile pass over any cloud.

mod clock;
mod cloud;
mod events;
mod outcome;

pub use clock::Clock;
pub use cloud::{CallError, CloudRead, CloudWrite, ErrorClass, Identity};
pub use events::{Event, Events, Silent};
pub use outcome::{ChangeOutcome, Outcome, PassOutcome};
