//! The service roles that DMS uses in the caller's account.

use super::{Dms, errors};
use crate::api::AwsError;
use crate::iam::{self, ServiceCall};

const DMS: &str = "dms.amazonaws.com";

/// The role that lets DMS manage network interfaces, and the managed policy it needs.
const VPC: (&str, &str) = ("dms-vpc-role", "AmazonDMSVPCManagementRole");
/// The role that lets DMS write task logs.
const LOGS: (&str, &str) = ("dms-cloudwatch-logs-role", "AmazonDMSCloudWatchLogsRole");
/// The role that lets DMS stage files for Redshift.
const REDSHIFT: (&str, &str) = ("dms-access-for-endpoint", "AmazonDMSRedshiftS3Role");

impl Dms<'_> {
    /// Refuses unless `dms-vpc-role` is there, trusts DMS when it calls for the resource of this ARN, and has its
    /// policy, as far as DMS can see it by now.
    pub(super) fn require_vpc_role(&self, source_arn: &str) -> Result<(), AwsError> {
        if self.usable(VPC, DMS, Some(source_arn)) {
            Ok(())
        } else {
            Err(errors::role_not_configured(&self.role_arn(VPC.0)))
        }
    }

    /// Task logs are lost without the role, but nothing is refused.
    pub(super) fn warn_without_logs_role(&self, task_arn: &str) {
        if !self.usable(LOGS, DMS, Some(task_arn)) {
            tracing::warn!(role = LOGS.0, "task logging is on, but the role is not configured properly");
        }
    }

    /// Why a Redshift target cannot be reached, if so.
    pub(super) fn redshift_role_problem(&self, endpoint_arn: &str) -> Option<String> {
        // For which of its own resources Redshift calls is not known here.
        let usable = self.usable(REDSHIFT, DMS, Some(endpoint_arn))
            && self.usable(REDSHIFT, "redshift.amazonaws.com", None);
        let arn = self.role_arn(REDSHIFT.0);
        (!usable).then(|| format!("The IAM Role {arn} is not configured properly."))
    }

    fn usable(&self, (role, policy): (&str, &str), service: &str, source_arn: Option<&str>) -> bool {
        let policy_arn = format!("arn:{}:iam::aws:policy/service-role/{policy}", self.partition);
        let call = ServiceCall { service, account: self.account, source_arn };
        iam::is_usable(self.iam, role, &call, &policy_arn, self.now, self.config.iam_propagation)
    }

    fn role_arn(&self, name: &str) -> String {
        format!("arn:{}:iam::{}:role/{name}", self.partition, self.account)
    }
}
