//! Diff, ownership, ordering and policy: a pure function from desired and observed to a plan.
//!
//! No I/O, no clock, no randomness: the same input gives the same plan, byte for byte.

mod ownership;
mod plan;
mod step;

pub use ownership::Ownership;
pub use plan::{
    Action, Change, ChangeKey, Disruption, FieldDiff, Finding, OwnerDiff, Part, Plan, Report, RoleSummary,
};
pub use step::{Guard, Mutation, StartType, Step, Wait};
