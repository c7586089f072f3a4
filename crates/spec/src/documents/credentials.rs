//! How DMS logs in to a database, and where secrets are read.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::scalars::{Line, RoleArn};
use super::{NameOf, ServiceRoleSpec};
use crate::read::{Checks, Located, Read, Reader, exactly_one, record};
use crate::tree::{Node, Value};

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

record! {
    /// Where a secret is read: exactly one of `env`, `file`.
    #[schemars(extend("oneOf" = [{"required": ["env"]}, {"required": ["file"]}]))]
    pub(crate) struct SecretRef {
        /// The name of an environment variable of the process that runs Pipewright.
        env: Option<Located<String>>,
        /// The path of a file; a relative one starts at the spec file's directory. One line end after the
        /// secret is cut off.
        file: Option<Located<String>>,
    }
}

impl Checks for SecretRef {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        exactly_one(node, &["env", "file"], reader);
    }

    fn check(&self, _: &Node, reader: &mut Reader<'_>) {
        check_env_or_file(self.env.as_ref(), self.file.as_ref(), reader);
    }
}

/// Records an error for what cannot be the name of an environment variable or the path of a file.
pub(super) fn check_env_or_file(
    env: Option<&Located<String>>,
    file: Option<&Located<String>>,
    reader: &mut Reader<'_>,
) {
    if let Some(env) = env.filter(|env| env.is_empty() || env.contains('=')) {
        reader.error(env.at, "this cannot be the name of an environment variable");
    }
    if let Some(file) = file.filter(|file| file.is_empty()) {
        reader.error(file.at, "this cannot be the path of a file");
    }
}

/// Where a password is read. One that is written in its place is not shown in the error.
#[derive(Debug, Clone)]
pub(crate) struct PasswordFrom(pub(crate) SecretRef);

impl Read for PasswordFrom {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if matches!(node.value, Value::Map(_)) {
            return SecretRef::read(node, reader).map(Self);
        }
        reader.error_about_secret(
            node.at,
            "a password must not be written in a spec",
            "say where it is read: `passwordFrom: {env: NAME}` or `passwordFrom: {file: PATH}`",
        );
        None
    }
}

impl JsonSchema for PasswordFrom {
    fn inline_schema() -> bool {
        SecretRef::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        SecretRef::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        SecretRef::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        SecretRef::json_schema(generator)
    }
}
