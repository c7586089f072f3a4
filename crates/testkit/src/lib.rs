//! Builders of desired and observed accounts for Pipewright's own tests.
//!
//! [`desired`] (or [`serverless`]) makes what the specs of some pipelines ask for, [`converged`] the account in which all
//! of it is in place, and [`outline`] the few lines of a plan that most tests are about. With the feature
//! `lab`, `Lab` runs whole passes over the real AWS SDK against the emulator, in virtual time. With the
//! feature `specs`, `specs` makes random valid specs of every engine.

mod beside;
mod converged;
mod desired;
#[cfg(feature = "lab")]
mod lab;
#[cfg(feature = "lab")]
mod makespan;
mod outline;
#[cfg(feature = "specs")]
pub mod specs;

pub use beside::{borrow, check_with, subscribe};
pub use converged::{converged, live_role};
pub use desired::{
    ACCOUNT, REGION, add_role, desired, edit_config, edit_endpoint, edit_instance, edit_task, id,
    policy_on_everything, roles_of, serverless, sharing, write_to_s3,
};
#[cfg(feature = "lab")]
pub use lab::{Controller, Lab, LabClock};
#[cfg(feature = "lab")]
pub use makespan::Makespan;
pub use outline::{outline, steps};
