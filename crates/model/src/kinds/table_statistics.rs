//! How one table of a task or of a serverless replication is.

use std::fmt;

use serde::Serialize;

/// One table, as DescribeTableStatistics or DescribeReplicationTableStatistics tells (DMS API reference, TableStatistics).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TableStatistics {
    /// The schema, in the source's words.
    pub schema: String,
    /// The table, in the source's words.
    pub table: String,
    /// `Before load`, `Full load`, `Table completed`, `Table error`, …
    pub state: String,
    /// Whether and with what result rows are compared: `Not enabled`, `Pending records`, `Validated`, …
    pub validation_state: String,
    /// Rows that are still to be compared.
    pub validation_pending: i64,
    /// Rows that differ.
    pub validation_failed: i64,
    /// Rows that cannot be compared.
    pub validation_suspended: i64,
    /// Rows that the full load moved.
    pub full_load_rows: i64,
    /// Rows that the full load could not move.
    pub full_load_error_rows: i64,
    /// Changes that were read from the source.
    pub captured: RowChanges,
    /// Changes that were made on the target. `None` where DMS does not count them.
    pub applied: Option<RowChanges>,
}

/// How many changes there were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RowChanges {
    /// Rows that were inserted.
    pub inserts: i64,
    /// Rows that were updated.
    pub updates: i64,
    /// Rows that were deleted.
    pub deletes: i64,
    /// Changes of the table itself.
    pub ddls: i64,
}

impl TableStatistics {
    /// The table's name, as `schema.table`.
    pub fn name(&self) -> String {
        format!("{}.{}", self.schema, self.table)
    }

    /// Whether DMS has given the table up, until it is loaded again.
    pub fn is_in_error(&self) -> bool {
        self.state.eq_ignore_ascii_case("Table error")
    }
}

impl RowChanges {
    /// All of them.
    pub fn total(&self) -> i64 {
        self.inserts + self.updates + self.deletes + self.ddls
    }
}

/// A table, in the source's words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct TableName {
    /// The schema.
    pub schema: String,
    /// The table.
    pub table: String,
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.table)
    }
}
