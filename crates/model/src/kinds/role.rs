//! The IAM roles that DMS needs, whose names DMS fixes.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

/// A service role as the specs need it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleDeclared {
    /// The specs of this scope that need it, in every environment of the account.
    pub needed_by: BTreeSet<String>,
    /// The services that must be able to assume it, such as `dms.amazonaws.com`.
    pub trusted_services: BTreeSet<String>,
    /// The ARNs of the managed policies that must be attached.
    pub managed_policies: BTreeSet<String>,
    /// Whether Pipewright keeps the role. If not, it is only checked.
    pub manage: bool,
}

/// An IAM role as AWS describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct RoleObserved {
    /// The unique id (`AROA…`), which changes when a role is deleted and made again.
    pub role_id: String,
    /// The path; `/aws-service-role/…` for a service-linked role.
    pub path: String,
    /// The trust policy, decoded.
    pub trust: Value,
    /// The ARNs of the attached managed policies.
    pub managed_policies: BTreeSet<String>,
    /// The inline policies, decoded, by name. Empty where they were not read.
    pub inline_policies: BTreeMap<String, Value>,
}

impl RoleObserved {
    /// Whether AWS itself keeps this role for a service, so that nobody can edit it.
    pub fn is_service_linked(&self) -> bool {
        self.path.starts_with("/aws-service-role/")
    }
}
