//! Diff, ownership, ordering and policy: a pure function from desired and observed to a plan.
//!
//! No I/O, no clock, no randomness: the same input gives the same plan, byte for byte.

mod compare;
mod cutover;
mod diff;
mod digest;
mod kinds;
mod last_look;
mod ownership;
mod plan;
mod planner;
mod recovery;
pub mod render;
pub mod role_content;
pub mod shared_role;
mod status;
mod step;
mod timeline;
mod wait;

pub use compare::compare;
pub use cutover::{
    ByHand, CheckResult, CutoverCheck, CutoverPolicy, CutoverReport, CutoverSubject, CutoverVerdict,
    MigrationProgress, cutover,
};
pub use last_look::{LOOK_LASTS, Refusal, rests_on_look};
pub use ownership::Ownership;
pub use plan::{
    Action, Approved, Change, ChangeKey, Disruption, FieldDiff, Finding, OwnerDiff, Part, Plan, Report,
    RoleSummary,
};
pub use planner::{Handover, HandoverVerb, PlanOptions, hand_over, plan, role_users, uses_role};
pub use status::{Condition, ConditionType, PipelineStatus, Reason, ResourceStatus, Status, status};
pub use step::{Guard, Mutation, StartType, Step, Wait};
pub use timeline::{RowEnd, Span, StepKind, Timeline, TimelineRow};
pub use wait::Verdict;
