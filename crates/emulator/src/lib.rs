//! A strict, stateful emulator of AWS DMS, IAM and STS for any AWS client.

mod api;
mod config;
mod iam;
mod query;
mod sessions;
mod sigv4;
mod sts;

pub use config::{Config, StaticCredentials};
