//! Builders of desired and observed accounts for Pipewright's own tests.
//!
//! [`desired`] makes what the specs of some pipelines ask for, [`converged`] the account in which all
//! of it is in place, and [`outline`] the few lines of a plan that most tests are about.

mod converged;
mod desired;
mod outline;

pub use converged::{converged, live_role};
pub use desired::{ACCOUNT, REGION, desired, edit_endpoint, edit_instance, edit_task, id};
pub use outline::{outline, steps};
