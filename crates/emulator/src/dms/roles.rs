//! The service roles that DMS uses in the caller's account.

use super::{Dms, errors};
use crate::api::AwsError;
use crate::iam;

/// The role that lets DMS manage network interfaces, and the managed policy it needs.
const VPC: (&str, &str) = ("dms-vpc-role", "AmazonDMSVPCManagementRole");
/// The role that lets DMS write task logs.
const LOGS: (&str, &str) = ("dms-cloudwatch-logs-role", "AmazonDMSCloudWatchLogsRole");
/// The role that lets DMS stage files for Redshift.
const REDSHIFT: (&str, &str) = ("dms-access-for-endpoint", "AmazonDMSRedshiftS3Role");

impl Dms<'_> {
    /// Refuses unless `dms-vpc-role` is there, trusts DMS and has its policy, as far as DMS can see it by now.
    pub(super) fn require_vpc_role(&self) -> Result<(), AwsError> {
        if self.usable(VPC, "dms.amazonaws.com") {
            Ok(())
        } else {
            Err(errors::role_not_configured(&self.role_arn(VPC.0)))
        }
    }

    /// Task logs are lost without the role, but nothing is refused.
    pub(super) fn warn_without_logs_role(&self) {
        if !self.usable(LOGS, "dms.amazonaws.com") {
            tracing::warn!(role = LOGS.0, "task logging is on, but the role is not configured properly");
        }
    }

    /// Why a Redshift target cannot be reached, if so.
    pub(super) fn redshift_role_problem(&self) -> Option<String> {
        let usable = ["dms.amazonaws.com", "redshift.amazonaws.com"]
            .iter()
            .all(|service| self.usable(REDSHIFT, service));
        let arn = self.role_arn(REDSHIFT.0);
        (!usable).then(|| format!("The IAM Role {arn} is not configured properly."))
    }

    fn usable(&self, (role, policy): (&str, &str), service: &str) -> bool {
        let policy_arn = format!("arn:{}:iam::aws:policy/service-role/{policy}", self.partition);
        iam::is_usable(self.iam, role, service, &policy_arn, self.now, self.config.iam_propagation)
    }

    fn role_arn(&self, name: &str) -> String {
        format!("arn:{}:iam::{}:role/{name}", self.partition, self.account)
    }
}
