//! A strict, stateful emulator of AWS DMS, the metrics that it writes to CloudWatch, IAM and STS, and of secrets in Secrets Manager, for any AWS client.
//!
//! One loopback port answers all of them in their own wire protocols. Statuses move with a virtual clock,
//! calls that AWS refuses are refused in AWS's words, and state survives the process where a directory is given.
//! See [`Emulator`].

mod api;
mod calls;
mod cbor;
mod clock;
mod cloudwatch;
mod config;
mod control;
mod dispatch;
mod disturb;
mod dms;
mod emulator;
mod faults;
mod iam;
mod page;
mod permissions;
mod query;
mod script;
mod secrets_manager;
mod server;
mod sessions;
mod sigv4;
mod store;
mod sts;
mod throttle;

pub use calls::Call;
pub use config::{ClockMode, Config, Quotas, StaticCredentials, Throttle};
pub use dms::{Migration, Migrations};
pub use emulator::Emulator;
pub use faults::{Effect, Fault};
pub use permissions::{Permissions, PolicyError};
pub use script::{Disturbance, Interruption, Script, ScriptError};
pub use store::StartError;
