//! Replication subnet groups.

use std::collections::BTreeMap;

use aws_sdk_databasemigration::types::ReplicationSubnetGroup;
use pipewright_engine::CallError;
use pipewright_model::kinds::{SubnetGroupDeclared, SubnetGroupObserved};
use pipewright_model::tags::Tags;
use pipewright_model::{Kind, Live, LiveBody, ResourceId};

use super::{Dms, PAGE_SIZE, Page, pages, tags};
use crate::error::{Named, absent_is_fine};
use crate::sts::Sts;

/// Every subnet group.
pub(crate) async fn list(dms: &Dms, sts: &Sts) -> Result<BTreeMap<ResourceId, Live>, CallError> {
    let groups = pages(|marker| async move {
        let answer = dms
            .client()
            .await
            .describe_replication_subnet_groups()
            .max_records(PAGE_SIZE)
            .set_marker(marker)
            .send()
            .await
            .named("dms:DescribeReplicationSubnetGroups")?;
        Ok(Page { items: answer.replication_subnet_groups, marker: answer.marker })
    })
    .await?;
    let mut all = BTreeMap::new();
    for group in groups {
        let name = group.replication_subnet_group_identifier().unwrap_or_default();
        let id = ResourceId::new(Kind::SubnetGroup, name);
        let live = Live {
            arn: sts.subnet_group_arn(&id.name).await?,
            tags: Tags::new(),
            body: LiveBody::SubnetGroup(observed(group)),
        };
        all.insert(id, live);
    }
    Ok(all)
}

fn observed(group: ReplicationSubnetGroup) -> SubnetGroupObserved {
    SubnetGroupObserved {
        description: group.replication_subnet_group_description.unwrap_or_default(),
        subnet_ids: group
            .subnets
            .unwrap_or_default()
            .into_iter()
            .filter_map(|subnet| subnet.subnet_identifier)
            .collect(),
        status: group.subnet_group_status.unwrap_or_default(),
    }
}

/// Makes a subnet group.
pub(crate) async fn create(
    dms: &Dms,
    id: &ResourceId,
    declared: &SubnetGroupDeclared,
    tags: &Tags,
) -> Result<(), CallError> {
    dms.client()
        .await
        .create_replication_subnet_group()
        .replication_subnet_group_identifier(&id.name)
        .replication_subnet_group_description(&declared.description)
        .set_subnet_ids(Some(declared.subnet_ids.iter().cloned().collect()))
        .set_tags(tags::of(tags))
        .send()
        .await
        .named("dms:CreateReplicationSubnetGroup")?;
    Ok(())
}

/// Changes a subnet group. DMS wants every subnet each time.
pub(crate) async fn modify(
    dms: &Dms,
    id: &ResourceId,
    declared: &SubnetGroupDeclared,
) -> Result<(), CallError> {
    dms.client()
        .await
        .modify_replication_subnet_group()
        .replication_subnet_group_identifier(&id.name)
        .replication_subnet_group_description(&declared.description)
        .set_subnet_ids(Some(declared.subnet_ids.iter().cloned().collect()))
        .send()
        .await
        .named("dms:ModifyReplicationSubnetGroup")?;
    Ok(())
}

/// Deletes a subnet group. That it is gone is as good.
pub(crate) async fn delete(dms: &Dms, id: &ResourceId) -> Result<(), CallError> {
    let done = dms
        .client()
        .await
        .delete_replication_subnet_group()
        .replication_subnet_group_identifier(&id.name)
        .send()
        .await
        .named("dms:DeleteReplicationSubnetGroup");
    absent_is_fine(done.map(drop))
}
