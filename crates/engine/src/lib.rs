//! Observe, plan, apply: one reconcile pass over any cloud.

mod cloud;

pub use cloud::{CallError, CloudRead, CloudWrite, ErrorClass, Identity};
