//! How far one task or serverless replication has come.

use pipewright_model::kinds::{Latency, Measured};
use pipewright_model::{Environment, Kind, LiveBody, ResourceId, Timestamp};
use pipewright_plan::MigrationProgress;

use crate::observe::{ObserveError, identity};
use crate::{CallError, CloudRead};

/// Why the progress of a migration could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProgressError {
    /// It is not the right account, or nobody can tell.
    #[error(transparent)]
    Account(#[from] ObserveError),
    /// A call failed.
    #[error("how far {resource} has come cannot be read")]
    Call {
        /// The task or config.
        resource: ResourceId,
        /// What failed.
        source: CallError,
    },
}

/// Reads how far a task or the replication of a config has come: its status, its tables, its latency. Changes nothing.
///
/// As for [`observe`](crate::observe()), the account is checked before anything else.
pub async fn migration_progress<R: CloudRead>(
    reader: &R,
    environment: &Environment,
    resource: &ResourceId,
    now: Timestamp,
) -> Result<MigrationProgress, ProgressError> {
    identity(reader, environment).await?;
    read(reader, resource, now)
        .await
        .map_err(|source| ProgressError::Call { resource: resource.clone(), source })
}

async fn read<R: CloudRead>(
    reader: &R,
    resource: &ResourceId,
    now: Timestamp,
) -> Result<MigrationProgress, CallError> {
    let live = reader.list(resource.kind).await?.remove(resource);
    let mut progress = MigrationProgress { at: now, live, tables: Vec::new(), latency: Latency::default() };
    let Some(live) = &progress.live else { return Ok(progress) };
    progress.tables = reader.table_statistics(resource.kind, &live.arn).await?;
    match &live.body {
        LiveBody::Task(task) if task.migration_type != "full-load" => {
            let instances = reader.list(Kind::Instance).await?;
            if let Some((id, _)) = instances.iter().find(|(_, found)| found.arn == task.instance_arn) {
                let of = Measured::Task { arn: &live.arn, instance: &id.name };
                progress.latency = reader.latency(of, now).await?;
            }
        }
        LiveBody::ReplicationConfig(config) if config.migration_type != "full-load" => {
            let of = Measured::Replication { arn: &live.arn, name: &resource.name };
            progress.latency = reader.latency(of, now).await?;
        }
        _ => {}
    }
    Ok(progress)
}
