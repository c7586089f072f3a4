//! STS: who is calling.

use std::sync::Arc;

use aws_config::SdkConfig;
use aws_sdk_sts::Client;
use pipewright_engine::{CallError, Identity};
use tokio::sync::OnceCell;

use crate::error::{Named, refused};

const GET_CALLER_IDENTITY: &str = "sts:GetCallerIdentity";

/// The account and region that one connection reaches. The account is asked for once.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    region: String,
    identity: Arc<OnceCell<Identity>>,
}

impl Account {
    pub(crate) fn new(region: String) -> Self {
        Self { region, identity: Arc::new(OnceCell::new()) }
    }
}

/// The STS client.
#[derive(Debug, Clone)]
pub(crate) struct Sts {
    client: Client,
    account: Account,
}

impl Sts {
    pub(crate) fn new(config: &SdkConfig, account: Account) -> Self {
        Self { client: Client::new(config), account }
    }

    /// Who is calling, asked anew.
    pub(crate) async fn identity(&self) -> Result<Identity, CallError> {
        let identity = self.ask().await?;
        // It may be known already; both say the same.
        let _ = self.account.identity.set(identity.clone());
        Ok(identity)
    }

    async fn ask(&self) -> Result<Identity, CallError> {
        let answer = self.client.get_caller_identity().send().await.named(GET_CALLER_IDENTITY)?;
        let (Some(account_id), Some(arn)) = (answer.account, answer.arn) else {
            return Err(refused(GET_CALLER_IDENTITY, "UnreadableAnswer", "the answer names no account"));
        };
        Ok(Identity { account_id, arn })
    }

    /// The ARN of a replication subnet group, which DMS itself does not return (DMS User Guide,
    /// "Constructing an Amazon Resource Name (ARN) for AWS DMS").
    pub(crate) async fn subnet_group_arn(&self, name: &str) -> Result<String, CallError> {
        self.dms_arn("subgrp", name).await
    }

    /// The ARN of an event subscription, which DMS itself does not return either.
    pub(crate) async fn event_subscription_arn(&self, name: &str) -> Result<String, CallError> {
        self.dms_arn("es", name).await
    }

    async fn dms_arn(&self, resource_type: &str, name: &str) -> Result<String, CallError> {
        let identity = self.account.identity.get_or_try_init(|| self.ask()).await?;
        let partition = identity.arn.split(':').nth(1).unwrap_or("aws");
        let Account { region, .. } = &self.account;
        Ok(format!("arn:{partition}:dms:{region}:{}:{resource_type}:{name}", identity.account_id))
    }
}
