//! The only crate that talks to AWS: DMS, CloudWatch, IAM, Secrets Manager and STS behind the engine's read and write traits.
//!
//! Reading and writing are different types, so that what plans cannot write: [`Aws::reader`] gives an
//! [`AwsRead`], [`Aws::writer`] an [`AwsWrite`]. Both share one connection pool and one client-side
//! rate limiter.
//!
//! Secrets are exposed in this crate only, where a call that carries them is built; what AWS answers to
//! such a call has them struck out before anybody else sees it.

mod cloudwatch;
mod connect;
mod dms;
mod error;
mod iam;
mod limiter;
mod read;
mod secrets_manager;
mod sts;
mod write;

pub use connect::{Aws, ConnectError, Options, RateLimit, StaticCredentials};
pub use read::AwsRead;
pub use write::AwsWrite;
