//! Reading an account and region.

use std::collections::BTreeMap;

use pipewright_engine::{CallError, CloudRead, Identity};
use pipewright_model::tags::Tags;
use pipewright_model::{Kind, Live, ResourceId};

use crate::dms::{Dms, connection, endpoint, instance, subnet_group, tags, task};
use crate::error::refused;
use crate::iam::{Iam, role};
use crate::sts::Sts;

/// Reads one account and region. It has no way to change it.
#[derive(Debug, Clone)]
pub struct AwsRead {
    pub(crate) dms: Dms,
    pub(crate) iam: Iam,
    pub(crate) sts: Sts,
}

impl CloudRead for AwsRead {
    async fn identity(&self) -> Result<Identity, CallError> {
        self.sts.identity().await
    }

    async fn list(&self, kind: Kind) -> Result<BTreeMap<ResourceId, Live>, CallError> {
        match kind {
            Kind::ServiceRole => {
                Err(refused("iam:ListRoles", "NotListed", "roles are read one by one, by name"))
            }
            Kind::SubnetGroup => subnet_group::list(&self.dms, &self.sts).await,
            Kind::Instance => instance::list(&self.dms).await,
            Kind::Endpoint => endpoint::list(&self.dms).await,
            Kind::Connection => connection::list(&self.dms).await,
            Kind::Task => task::list(&self.dms).await,
        }
    }

    async fn tags(&self, arns: &[String]) -> Result<BTreeMap<String, Tags>, CallError> {
        tags::list(&self.dms, arns).await
    }

    async fn role(&self, name: &str) -> Result<Option<Live>, CallError> {
        role::get(&self.iam, name).await
    }
}
