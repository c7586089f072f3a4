//! IAM: the service roles.

pub(crate) mod role;

use aws_config::SdkConfig;
use aws_sdk_iam::Client;

/// The IAM client.
#[derive(Debug, Clone)]
pub(crate) struct Iam {
    client: Client,
}

impl Iam {
    pub(crate) fn new(config: &SdkConfig) -> Self {
        Self { client: Client::new(config) }
    }
}
