//! A strict, stateful emulator of AWS DMS, IAM and STS for any AWS client.

mod api;
mod config;
mod iam;
mod query;

pub use config::{Config, StaticCredentials};
