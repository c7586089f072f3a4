//! Reading an account and region.

use std::collections::{BTreeMap, BTreeSet};

use pipewright_engine::{CallError, CloudRead, Identity, StoredSecret};
use pipewright_model::kinds::{AssessmentRun, Latency, Measured, TableStatistics};
use pipewright_model::tags::Tags;
use pipewright_model::{Kind, Live, ResourceId, SecretValue, Timestamp};

use crate::cloudwatch::CloudWatch;
use crate::dms::{
    Dms, assessment, certificate, connection, endpoint, event_subscription, instance, replication_config,
    subnet_group, table_statistics, tags, task,
};
use crate::error::refused;
use crate::iam::{Iam, role};
use crate::secrets_manager::SecretsManager;
use crate::sts::Sts;

/// Reads one account and region. It has no way to change it.
#[derive(Debug, Clone)]
pub struct AwsRead {
    pub(crate) dms: Dms,
    pub(crate) iam: Iam,
    pub(crate) sts: Sts,
    pub(crate) secrets_manager: SecretsManager,
    pub(crate) cloudwatch: CloudWatch,
    /// Other regions of the account.
    pub(crate) others: BTreeMap<String, Dms>,
}

impl AwsRead {
    async fn list_in(&self, dms: &Dms, kind: Kind) -> Result<BTreeMap<ResourceId, Live>, CallError> {
        match kind {
            Kind::ServiceRole => {
                Err(refused("iam:ListRoles", "NotListed", "roles are read one by one, by name"))
            }
            Kind::SubnetGroup => subnet_group::list(dms, &self.sts).await,
            Kind::Instance => instance::list(dms).await,
            Kind::Certificate => certificate::list(dms).await,
            Kind::Endpoint => endpoint::list(dms).await,
            Kind::Connection => connection::list(dms).await,
            Kind::Task => task::list(dms).await,
            Kind::ReplicationConfig => replication_config::list(dms).await,
            Kind::EventSubscription => event_subscription::list(dms, &self.sts).await,
        }
    }
}

impl CloudRead for AwsRead {
    async fn identity(&self) -> Result<Identity, CallError> {
        self.sts.identity().await
    }

    async fn list(&self, kind: Kind) -> Result<BTreeMap<ResourceId, Live>, CallError> {
        self.list_in(&self.dms, kind).await
    }

    async fn elsewhere(&self, kind: Kind) -> Result<BTreeMap<String, BTreeMap<ResourceId, Live>>, CallError> {
        let mut regions = BTreeMap::new();
        for (region, dms) in &self.others {
            regions.insert(region.clone(), self.list_in(dms, kind).await?);
        }
        Ok(regions)
    }

    async fn table_statistics(&self, kind: Kind, arn: &str) -> Result<Vec<TableStatistics>, CallError> {
        match kind {
            Kind::ReplicationConfig => table_statistics::of_config(&self.dms, arn).await,
            _ => table_statistics::of_task(&self.dms, arn).await,
        }
    }

    async fn assessment_runs(&self) -> Result<Vec<AssessmentRun>, CallError> {
        assessment::list(&self.dms).await
    }

    async fn latency(&self, of: Measured<'_>, now: Timestamp) -> Result<Latency, CallError> {
        self.cloudwatch.latency(of, now).await
    }

    async fn tags(&self, arns: &[String]) -> Result<BTreeMap<String, Tags>, CallError> {
        tags::list(&self.dms, arns).await
    }

    async fn role(&self, name: &str) -> Result<Option<Live>, CallError> {
        role::get(&self.iam, name).await
    }

    async fn role_names(&self, path: &str) -> Result<BTreeSet<String>, CallError> {
        role::names_under(&self.iam, path).await
    }

    async fn stored_secrets(&self) -> Result<Vec<StoredSecret>, CallError> {
        self.secrets_manager.list().await
    }

    async fn secret(&self, id: &str) -> Result<SecretValue, CallError> {
        self.secrets_manager.value(id).await
    }
}
