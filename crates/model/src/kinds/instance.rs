//! Replication instances.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::Ref;

/// A replication instance as the specs declare it. What is `None` is left to AWS, and is not compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InstanceDeclared {
    /// The class, such as `dms.t3.medium`.
    pub class: String,
    /// Storage in GiB.
    pub allocated_storage: Option<i32>,
    /// Whether a standby runs in another availability zone.
    pub multi_az: Option<bool>,
    /// The engine version. A newer live version is no difference where minor upgrades are automatic.
    pub engine_version: Option<String>,
    /// Whether AWS applies minor upgrades in the maintenance window.
    pub auto_minor_version_upgrade: Option<bool>,
    /// Whether the instance has a public address. Cannot be changed.
    pub publicly_accessible: Option<bool>,
    /// The weekly maintenance window, in UTC, such as `sun:04:00-sun:04:30`.
    pub preferred_maintenance_window: Option<String>,
    /// The availability zone. Cannot be changed.
    pub availability_zone: Option<String>,
    /// The KMS key (id, alias or ARN) that encrypts its storage. Cannot be changed.
    pub kms_key_id: Option<String>,
    /// `IPV4` or `DUAL`.
    pub network_type: Option<String>,
    /// The IP addresses of name servers. Cannot be changed.
    pub dns_name_servers: Option<Vec<String>>,
    /// The subnet group: declared, or an existing one's identifier. Cannot be changed.
    pub subnet_group: Option<Ref>,
    /// The VPC security groups.
    pub vpc_security_group_ids: Option<BTreeSet<String>>,
    /// Whether changes that need downtime are made at once; if not, they wait for the maintenance window. This is
    /// `ApplyImmediately` of the call that changes an instance, and nothing of the instance itself.
    #[serde(skip)]
    pub apply_immediately: bool,
}

/// A replication instance as AWS describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceObserved {
    /// The class.
    pub class: String,
    /// Storage in GiB.
    pub allocated_storage: i32,
    /// Whether a standby runs in another availability zone.
    pub multi_az: bool,
    /// The engine version.
    pub engine_version: String,
    /// Whether AWS applies minor upgrades.
    pub auto_minor_version_upgrade: bool,
    /// Whether the instance has a public address.
    pub publicly_accessible: bool,
    /// The weekly maintenance window.
    pub preferred_maintenance_window: String,
    /// The availability zone.
    pub availability_zone: String,
    /// The KMS key's ARN.
    pub kms_key_id: String,
    /// The network type.
    pub network_type: String,
    /// The IP addresses of name servers; none where it uses its VPC's.
    pub dns_name_servers: Vec<String>,
    /// The subnet group's identifier.
    pub subnet_group: String,
    /// The VPC security groups.
    pub vpc_security_group_ids: BTreeSet<String>,
    /// `ReplicationInstanceStatus`.
    pub status: String,
    /// `PendingModifiedValues`: what was asked for and waits for the maintenance window, as JSON
    /// member names and values.
    pub pending: std::collections::BTreeMap<String, serde_json::Value>,
}
