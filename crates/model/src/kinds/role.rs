//! The IAM roles that DMS needs: those whose names DMS fixes, and those that endpoints name.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use crate::policy::{Principal, TrustNeed};

/// A service role as the specs need it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleDeclared {
    /// The specs of this scope that need it, in every environment of the account.
    pub needed_by: BTreeSet<String>,
    /// The services that must be able to assume it, such as `dms.amazonaws.com`.
    pub trusted_services: BTreeSet<String>,
    /// The account and regions in which DMS assumes it, so that trust on a condition can be judged. Without
    /// them only trust without a condition serves.
    #[serde(skip)]
    pub called_from: Option<CalledFrom>,
    /// Whether trust that is written for it is limited to that account and those regions.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub limit_trust: bool,
    /// The ARNs of the managed policies that must be attached.
    pub managed_policies: BTreeSet<String>,
    /// The inline policies that it must have, by the names that the specs give them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub inline_policies: BTreeMap<String, Value>,
    /// The ARN of the policy that limits what the role can be allowed. What is `None` is not compared; it
    /// is set only when the role is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions_boundary: Option<String>,
    /// What the role is for, set when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether Pipewright keeps the role. If not, it is only checked.
    pub manage: bool,
}

/// The path of the roles that Pipewright makes under names of the specs' own, by which they are found again
/// when no spec names them any more.
pub const ROLE_PATH: &str = "/pipewright/";

/// Where DMS works for the specs that need a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CalledFrom {
    /// The account's twelve-digit id.
    pub account_id: String,
    /// The regions.
    pub regions: BTreeSet<String>,
}

impl RoleDeclared {
    /// Everybody who must be able to assume it.
    pub fn trust_needs(&self) -> BTreeSet<TrustNeed> {
        let services =
            self.trusted_services.iter().map(|service| {
                let (mut source_accounts, mut source_arns) = (BTreeSet::new(), BTreeSet::new());
                if let Some(CalledFrom { account_id, regions }) = &self.called_from {
                    source_accounts.insert(account_id.clone());
                    if let Some(of) = service.strip_prefix("dms.") {
                        // A principal of one region calls from nowhere else.
                        let calls = |region: &&String| {
                            of.starts_with("amazonaws.") || of.starts_with(&format!("{region}."))
                        };
                        // The resource part of every ARN of DMS is `type:id`.
                        source_arns.extend(regions.iter().filter(calls).map(|region| {
                            format!("arn:{}:dms:{region}:{account_id}:*:*", partition_of(region))
                        }));
                    }
                }
                let principal = Principal::Service(service.clone());
                TrustNeed {
                    principal,
                    source_accounts,
                    source_arns,
                    limited: self.limit_trust && service.starts_with("dms."),
                }
            });
        services.collect()
    }
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
    /// The inline policies, decoded, by name.
    pub inline_policies: BTreeMap<String, Value>,
    /// The ARN of its permissions boundary.
    pub permissions_boundary: Option<String>,
}

impl RoleObserved {
    /// Whether AWS itself keeps this role for a service, so that nobody can edit it.
    pub fn is_service_linked(&self) -> bool {
        self.path.starts_with("/aws-service-role/")
    }
}

/// One of the roles whose names DMS fixes (DMS User Guide, "Creating the IAM roles to use with AWS
/// DMS").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FixedRole {
    /// The role's name.
    pub name: &'static str,
    /// The name of the AWS managed policy it needs, under `policy/service-role/`.
    pub managed_policy: &'static str,
    /// The services that assume it.
    pub trusted_services: &'static [&'static str],
    /// What it is for, in a few words.
    pub purpose: &'static str,
}

impl FixedRole {
    /// The role that places replication instances into a VPC.
    pub const VPC: Self = Self {
        name: "dms-vpc-role",
        managed_policy: "AmazonDMSVPCManagementRole",
        trusted_services: &["dms.amazonaws.com"],
        purpose: "lets DMS place replication instances into a VPC",
    };
    /// The role that writes task logs to CloudWatch Logs.
    pub const CLOUDWATCH_LOGS: Self = Self {
        name: "dms-cloudwatch-logs-role",
        managed_policy: "AmazonDMSCloudWatchLogsRole",
        trusted_services: &["dms.amazonaws.com"],
        purpose: "lets DMS write task logs to CloudWatch Logs",
    };
    /// The role through which DMS and Redshift stage data in S3 for a Redshift target.
    pub const ACCESS_FOR_ENDPOINT: Self = Self {
        name: "dms-access-for-endpoint",
        managed_policy: "AmazonDMSRedshiftS3Role",
        trusted_services: &["dms.amazonaws.com", "redshift.amazonaws.com"],
        purpose: "lets DMS stage data in S3 for a Redshift target",
    };
    /// All of them.
    pub const ALL: [Self; 3] = [Self::VPC, Self::CLOUDWATCH_LOGS, Self::ACCESS_FOR_ENDPOINT];

    /// The fixed role of this name; IAM compares names without regard to case.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name.eq_ignore_ascii_case(name))
    }

    /// The ARN of its managed policy in a partition (`aws`, `aws-cn`, `aws-us-gov`).
    pub fn managed_policy_arn(self, partition: &str) -> String {
        format!("arn:{partition}:iam::aws:policy/service-role/{}", self.managed_policy)
    }

    /// The role as the specs that need it declare it.
    pub fn declared(self, partition: &str, needed_by: BTreeSet<String>, manage: bool) -> RoleDeclared {
        RoleDeclared {
            needed_by,
            trusted_services: self.trusted_services.iter().map(|&service| service.to_owned()).collect(),
            managed_policies: BTreeSet::from([self.managed_policy_arn(partition)]),
            manage,
            ..RoleDeclared::default()
        }
    }
}

/// The names of the principal that DMS calls by in a region: `dms.amazonaws.com`, and the one of the region,
/// which Secrets Manager wants (DMS User Guide, "Using secrets to access AWS Database Migration Service
/// endpoints"). In China that ends with `.cn`.
pub fn dms_principals(region: &str) -> [String; 2] {
    let suffix = if partition_of(region) == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    ["dms.amazonaws.com".to_owned(), format!("dms.{region}.{suffix}")]
}

/// Whether a text is the ARN of a role of this name, under whatever path and in whatever account.
pub fn is_arn_of_role(text: &str, name: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", _, "iam", "", _, role] = parts.as_slice() else { return false };
    let named = role.strip_prefix("role/").and_then(|path| path.rsplit('/').next());
    named.is_some_and(|named| named.eq_ignore_ascii_case(name))
}

/// The partition that a region belongs to: `aws`, `aws-cn`, `aws-us-gov`, or one of those that are
/// apart (AWS General Reference, "Amazon Resource Names"; the partitions of botocore's endpoints.json).
pub fn partition_of(region: &str) -> &'static str {
    const PARTITIONS: [(&str, &str); 7] = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-isof-", "aws-iso-f"),
        ("eusc-", "aws-eusc"),
    ];
    PARTITIONS.iter().find(|(start, _)| region.starts_with(start)).map_or("aws", |(_, name)| name)
}
