//! The words that every other room of Pipewright speaks: identifiers, resource kinds as declared and
//! as observed, ownership tags, secrets.
//!
//! No I/O, no clock, no randomness. Collections are ordered, so that what is built from them is the
//! same byte for byte on every run.

mod approvals;
mod changes;
mod desired;
mod id;
mod import;
pub mod kinds;
mod mappings;
mod observed;
pub mod policy;
mod rotation;
mod secret;
pub mod settings;
pub mod tags;
pub mod task_settings;
mod time;

pub use approvals::{Approval, Approvals, Basis, Given};
pub use changes::{FieldChange, change_of};
pub use desired::{
    Adopt, Body, Declared, DeletionPolicy, Desired, Environment, Mode, Pipeline, Policy, SpecPlace,
};
pub use id::{InvalidName, Kind, Ref, ResourceId, Scope};
pub use import::{FormerOwner, Import};
pub use mappings::same_mappings;
pub use observed::{Elsewhere, Live, LiveBody, Observed, SecretVersions};
pub use rotation::{Rotation, RotationKey, RotationKeys, Unsent};
pub use secret::{Secret, SecretBytes, SecretValue};
pub use time::Timestamp;
