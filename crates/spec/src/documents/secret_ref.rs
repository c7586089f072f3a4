//! Where secrets are read.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::scalars::Line;
use crate::read::{Checks, Located, Read, Reader, exactly_one, record};
use crate::sources::At;
use crate::tree::{Node, Value};

record! {
    /// Where a secret is read: exactly one of `env`, `file`, `secretsManager`.
    #[schemars(extend("oneOf" = [
        {"required": ["env"]},
        {"required": ["file"]},
        {"required": ["secretsManager"]},
    ]))]
    pub(crate) struct SecretRef {
        /// The name of an environment variable of the process that runs Pipewright.
        env: Option<Located<String>>,
        /// The path of a file; a relative one starts at the spec file's directory. One line end after a
        /// password is cut off.
        file: Option<Located<String>>,
        /// A secret of AWS Secrets Manager, which Pipewright reads in the environment's account and region
        /// whenever it plans.
        secrets_manager: Option<StoredSecret>,
    }
}

impl Checks for SecretRef {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        exactly_one(node, &["env", "file", "secretsManager"], reader);
    }

    fn check(&self, _: &Node, reader: &mut Reader<'_>) {
        if let Some(env) = self.env.as_ref().filter(|env| env.is_empty() || env.contains('=')) {
            reader.error(env.at, "this cannot be the name of an environment variable");
        }
        if let Some(file) = self.file.as_ref().filter(|file| file.is_empty()) {
            reader.error(file.at, "this cannot be the path of a file");
        }
    }
}

impl SecretRef {
    /// The place of what it names.
    pub(crate) fn at(&self) -> At {
        let named = self.env.as_ref().or(self.file.as_ref()).map(|named| named.at);
        let stored = self.secrets_manager.as_ref().map(|stored| stored.secret_id.at);
        named.or(stored).unwrap_or_default()
    }
}

record! {
    /// A secret of AWS Secrets Manager, in its current version.
    pub(crate) struct StoredSecret {
        /// Its ARN or name.
        secret_id: Located<Line>,
        /// The key whose value it is, of a secret that is a JSON object; the whole secret unless given.
        key: Option<Located<Line>>,
    }
}

impl Checks for StoredSecret {}

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
