//! Secrets Manager: the secrets that specs name there, and the versions of those that DMS reads.

use std::collections::HashMap;

use aws_config::SdkConfig;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::list_secrets::ListSecretsOutput;
use pipewright_engine::{CallError, StoredSecret};
use pipewright_model::{Secret, SecretBytes, SecretValue};

use crate::error::{Named, refused};

/// The most that Secrets Manager gives on one page.
const PAGE_SIZE: i32 = 100;

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

    /// Every secret, with the version that has the staging label `AWSCURRENT`.
    pub(crate) async fn list(&self) -> Result<Vec<StoredSecret>, CallError> {
        let pages = self.0.list_secrets().max_results(PAGE_SIZE).into_paginator().send();
        let pages: Vec<ListSecretsOutput> =
            pages.collect::<Result<_, _>>().await.named("secretsmanager:ListSecrets")?;
        let secrets = pages.into_iter().flat_map(|page| page.secret_list.unwrap_or_default());
        let stored = secrets.map(|secret| StoredSecret {
            current_version: current(secret.secret_versions_to_stages.unwrap_or_default()),
            arn: secret.arn.unwrap_or_default(),
            name: secret.name.unwrap_or_default(),
        });
        Ok(stored.collect())
    }
}

fn current(versions: HashMap<String, Vec<String>>) -> Option<String> {
    let mut versions = versions.into_iter();
    versions.find(|(_, stages)| stages.iter().any(|stage| stage == "AWSCURRENT")).map(|(id, _)| id)
}
