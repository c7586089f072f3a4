//! Connections: whether an instance reaches an endpoint.

use std::collections::BTreeMap;

use aws_sdk_databasemigration::types::Connection;
use pipewright_engine::{CallError, ErrorClass};
use pipewright_model::kinds::ConnectionObserved;
use pipewright_model::tags::Tags;
use pipewright_model::{Kind, Live, LiveBody, ResourceId};

use super::{Dms, PAGE_SIZE, Page, pages};
use crate::error::Named;

/// Every connection that was ever tested and not deleted.
pub(crate) async fn list(dms: &Dms) -> Result<BTreeMap<ResourceId, Live>, CallError> {
    let connections = pages(|marker| async move {
        let answer = dms
            .client()
            .await
            .describe_connections()
            .max_records(PAGE_SIZE)
            .set_marker(marker)
            .send()
            .await
            .named("dms:DescribeConnections")?;
        Ok(Page { items: answer.connections, marker: answer.marker })
    })
    .await?;
    Ok(connections
        .into_iter()
        .map(|connection| {
            let instance = connection.replication_instance_identifier().unwrap_or_default();
            let endpoint = connection.endpoint_identifier().unwrap_or_default();
            let id = ResourceId::connection(
                &ResourceId::new(Kind::Instance, instance),
                &ResourceId::new(Kind::Endpoint, endpoint),
            );
            let live = Live {
                arn: String::new(),
                tags: Tags::new(),
                body: LiveBody::Connection(observed(connection)),
            };
            (id, live)
        })
        .collect())
}

fn observed(connection: Connection) -> ConnectionObserved {
    ConnectionObserved {
        instance_arn: connection.replication_instance_arn.unwrap_or_default(),
        endpoint_arn: connection.endpoint_arn.unwrap_or_default(),
        status: connection.status.unwrap_or_default(),
        last_failure_message: connection.last_failure_message.unwrap_or_default(),
    }
}

/// Starts a test of a connection. That one is under way is as good: DMS begins one by itself after an
/// endpoint was changed.
pub(crate) async fn test(dms: &Dms, instance_arn: &str, endpoint_arn: &str) -> Result<(), CallError> {
    let done = dms
        .client()
        .await
        .test_connection()
        .replication_instance_arn(instance_arn)
        .endpoint_arn(endpoint_arn)
        .send()
        .await
        .named("dms:TestConnection");
    match done {
        Err(error) if is_under_way(&error) => Ok(()),
        other => other.map(drop),
    }
}

fn is_under_way(error: &CallError) -> bool {
    error.class == ErrorClass::InvalidState && error.message.contains("already being tested")
}
