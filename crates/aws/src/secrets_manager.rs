//! Secrets Manager: the content of certificates that specs name there.

use aws_config::SdkConfig;
use aws_sdk_secretsmanager::Client;
use pipewright_engine::CallError;
use pipewright_model::{Secret, SecretBytes, SecretValue};

use crate::error::{Named, refused};

const GET_SECRET_VALUE: &str = "secretsmanager:GetSecretValue";

/// The Secrets Manager client.
#[derive(Debug, Clone)]
pub(crate) struct SecretsManager(Client);

impl SecretsManager {
    pub(crate) fn new(config: &SdkConfig) -> Self {
        Self(Client::new(config))
    }

    /// The value of the version `AWSCURRENT`. A secret has a text or bytes, never both (Secrets Manager API
    /// reference, GetSecretValue).
    pub(crate) async fn value(&self, id: &str) -> Result<SecretValue, CallError> {
        let answer = self.0.get_secret_value().secret_id(id).send().await.named(GET_SECRET_VALUE)?;
        match (answer.secret_string, answer.secret_binary) {
            (Some(text), _) => Ok(SecretValue::Text(Secret::new(text))),
            (None, Some(bytes)) => Ok(SecretValue::Binary(SecretBytes::new(bytes.into_inner()))),
            (None, None) => Err(refused(GET_SECRET_VALUE, "UnreadableAnswer", "the answer has no value")),
        }
    }
}
