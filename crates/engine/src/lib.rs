//! Observe, plan, apply: one reconcile pass over any cloud.

mod apply;
mod clock;
mod cloud;
mod events;
mod guard;
mod observe;
mod outcome;
mod pass;
mod progress;
mod retry;
mod timeline;

pub use clock::Clock;
pub use cloud::{CallError, CloudRead, CloudWrite, ErrorClass, Identity};
pub use events::{Event, Events, Silent};
pub use observe::{ObserveError, observe, read_secrets};
pub use outcome::{ChangeOutcome, Outcome, PassOutcome};
pub use pass::{PassOptions, run_pass};
pub use progress::{ProgressError, migration_progress};
pub use timeline::Recorder;
