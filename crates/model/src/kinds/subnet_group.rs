//! Replication subnet groups.

use std::collections::BTreeSet;

use serde::Serialize;

/// A replication subnet group as the specs declare it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SubnetGroupDeclared {
    /// The description, which DMS requires.
    pub description: String,
    /// The subnets, in at least two availability zones.
    pub subnet_ids: BTreeSet<String>,
}

/// A replication subnet group as AWS describes it. DMS returns no ARN; it is
/// `arn:…:subgrp:<identifier>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubnetGroupObserved {
    /// The description.
    pub description: String,
    /// The subnets.
    pub subnet_ids: BTreeSet<String>,
    /// `SubnetGroupStatus`, for example `Complete`.
    pub status: String,
}
