//! How the tables of tasks and serverless replications are.

use std::collections::BTreeSet;

use aws_sdk_databasemigration::types::{ReloadOptionValue, TableStatistics as Row, TableToReload};
use pipewright_engine::CallError;
use pipewright_model::kinds::{RowChanges, TableName, TableStatistics};

use super::{Dms, Page, pages};
use crate::error::Named;

/// The most tables that a call returns at once (DMS API reference, DescribeTableStatistics: 20 to 500).
const PAGE_SIZE: i32 = 500;

/// Every table of a task, in AWS's order.
pub(crate) async fn of_task(dms: &Dms, arn: &str) -> Result<Vec<TableStatistics>, CallError> {
    let rows = pages(|marker| async move {
        let answer = dms
            .client()
            .await
            .describe_table_statistics()
            .replication_task_arn(arn)
            .max_records(PAGE_SIZE)
            .set_marker(marker)
            .send()
            .await
            .named("dms:DescribeTableStatistics")?;
        Ok(Page { items: answer.table_statistics, marker: answer.marker })
    })
    .await?;
    Ok(rows.into_iter().map(observed).collect())
}

/// Every table of the replication of a config, in AWS's order.
pub(crate) async fn of_config(dms: &Dms, arn: &str) -> Result<Vec<TableStatistics>, CallError> {
    let rows = pages(|marker| async move {
        let answer = dms
            .client()
            .await
            .describe_replication_table_statistics()
            .replication_config_arn(arn)
            .max_records(PAGE_SIZE)
            .set_marker(marker)
            .send()
            .await
            .named("dms:DescribeReplicationTableStatistics")?;
        Ok(Page { items: answer.replication_table_statistics, marker: answer.marker })
    })
    .await?;
    Ok(rows.into_iter().map(observed).collect())
}

/// Loads these tables of a task again, which runs meanwhile.
pub(crate) async fn reload_of_task(
    dms: &Dms,
    arn: &str,
    tables: &BTreeSet<TableName>,
) -> Result<(), CallError> {
    dms.client()
        .await
        .reload_tables()
        .replication_task_arn(arn)
        .set_tables_to_reload(Some(tables.iter().filter_map(to_reload).collect()))
        .reload_option(ReloadOptionValue::DataReload)
        .send()
        .await
        .named("dms:ReloadTables")?;
    Ok(())
}

/// The same of the replication of a config.
pub(crate) async fn reload_of_config(
    dms: &Dms,
    arn: &str,
    tables: &BTreeSet<TableName>,
) -> Result<(), CallError> {
    dms.client()
        .await
        .reload_replication_tables()
        .replication_config_arn(arn)
        .set_tables_to_reload(Some(tables.iter().filter_map(to_reload).collect()))
        .reload_option(ReloadOptionValue::DataReload)
        .send()
        .await
        .named("dms:ReloadReplicationTables")?;
    Ok(())
}

/// It is complete: both members are there.
fn to_reload(name: &TableName) -> Option<TableToReload> {
    TableToReload::builder().schema_name(&name.schema).table_name(&name.table).build().ok()
}

fn observed(row: Row) -> TableStatistics {
    let applied = [row.applied_inserts, row.applied_updates, row.applied_deletes, row.applied_ddls];
    let applied = applied.iter().any(Option::is_some).then(|| RowChanges {
        inserts: row.applied_inserts.unwrap_or_default(),
        updates: row.applied_updates.unwrap_or_default(),
        deletes: row.applied_deletes.unwrap_or_default(),
        ddls: row.applied_ddls.unwrap_or_default(),
    });
    TableStatistics {
        schema: row.schema_name.unwrap_or_default(),
        table: row.table_name.unwrap_or_default(),
        state: row.table_state.unwrap_or_default(),
        validation_state: row.validation_state.unwrap_or_default(),
        validation_pending: row.validation_pending_records,
        validation_failed: row.validation_failed_records,
        validation_suspended: row.validation_suspended_records,
        full_load_rows: row.full_load_rows,
        full_load_error_rows: row.full_load_error_rows,
        captured: RowChanges {
            inserts: row.inserts,
            updates: row.updates,
            deletes: row.deletes,
            ddls: row.ddls,
        },
        applied,
    }
}
