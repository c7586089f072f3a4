//! The emulator's settings.

use std::time::Duration;

/// How an emulator behaves.
#[derive(Debug, Clone)]
pub struct Config {
    /// The account of requests whose credentials name none, twelve digits.
    pub account_id: String,
    /// The region of requests whose credential scope names none.
    pub region: String,
    /// With credentials, every signature is verified.
    pub credentials: Option<StaticCredentials>,
    /// How long a write to IAM stays invisible to reads and to DMS, in virtual time. Zero: consistent at once.
    pub iam_propagation: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            account_id: "123456789012".to_owned(),
            region: "us-east-1".to_owned(),
            credentials: None,
            iam_propagation: Duration::ZERO,
        }
    }
}

/// A long-term access key.
#[derive(Clone, PartialEq, Eq)]
pub struct StaticCredentials {
    /// The access key id.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: String,
}

impl std::fmt::Debug for StaticCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StaticCredentials")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}
