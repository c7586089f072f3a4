//! How DMS logs in to a database.

use super::scalars::{Line, RoleArn};
use super::secret_ref::PasswordFrom;
use super::{NameOf, ServiceRoleSpec};
use crate::read::{Checks, Located, Reader, exactly_one, record};
use crate::tree::Node;

record! {
    /// How DMS logs in: exactly one of `secretsManager`, `passwordFrom` with `username`, `iam` with
    /// `username`.
    #[schemars(extend("oneOf" = [
        {"required": ["secretsManager"]},
        {"required": ["username", "passwordFrom"]},
        {"required": ["username", "iam"]},
    ]))]
    pub(crate) struct CredentialsSpec {
        /// A secret of AWS Secrets Manager, which DMS reads by itself. It holds host, port, user and
        /// password. Pipewright never sees it.
        secrets_manager: Option<SecretsManagerSpec>,
        /// The user, with `passwordFrom` or `iam`.
        username: Option<Located<Line>>,
        /// Where Pipewright reads the password. It is sent to DMS and kept nowhere else.
        password_from: Option<PasswordFrom>,
        /// IAM database authentication; MySQL and PostgreSQL engines have it.
        iam: Option<IamSpec>,
    }
}

impl Checks for CredentialsSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        exactly_one(node, &["secretsManager", "passwordFrom", "iam"], reader);
        let username = node.get("username");
        if node.get("secretsManager").is_some() {
            if let Some(username) = username {
                reader.error_with_hint(
                    username.at,
                    "`username` cannot stand beside `secretsManager`",
                    "DMS takes the user from the secret: remove `username`",
                );
            }
        } else if username.is_none() && (node.get("passwordFrom").is_some() || node.get("iam").is_some()) {
            reader.error(node.at, "the field `username` is missing here");
        }
    }
}

record! {
    /// A secret of AWS Secrets Manager. The secrets that RDS manages lack host and port and cannot be
    /// used.
    #[schemars(extend("oneOf" = [{"required": ["accessRoleArn"]}, {"required": ["accessRoleRef"]}]))]
    pub(crate) struct SecretsManagerSpec {
        /// The secret's ARN or name.
        secret_id: Located<Line>,
        /// The ARN of the role through which DMS reads it.
        access_role_arn: Option<RoleArn>,
        /// The name of a `ServiceRole` document for that role, in place of `accessRoleArn`.
        access_role_ref: Option<NameOf<ServiceRoleSpec>>,
    }
}

impl Checks for SecretsManagerSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        exactly_one(node, &["accessRoleArn", "accessRoleRef"], reader);
    }
}

record! {
    /// IAM database authentication.
    #[schemars(extend("oneOf" = [{"required": ["accessRoleArn"]}, {"required": ["accessRoleRef"]}]))]
    pub(crate) struct IamSpec {
        /// The ARN of the role that may connect to the database.
        access_role_arn: Option<RoleArn>,
        /// The name of a `ServiceRole` document for that role, in place of `accessRoleArn`.
        access_role_ref: Option<NameOf<ServiceRoleSpec>>,
    }
}

impl Checks for IamSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        exactly_one(node, &["accessRoleArn", "accessRoleRef"], reader);
    }
}
