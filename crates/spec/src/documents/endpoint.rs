//! Endpoints: what a migration reads from and writes to.

use std::borrow::Cow;

use pipewright_model::kinds::EndpointType;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::EnvironmentSpec;
use super::ServiceRolesSpec;
use super::scalars::{CertificateArn, DeletionPolicyWord, NameOf, RoleArn, Tags, Target};
use crate::engines::{self, Access, Engine};
use crate::read::{Checks, Located, Read, Reader, choice, did_you_mean, exactly_one, record, shared};
use crate::tree::{Node, Value};

shared! {
    /// An endpoint of one pipeline. What is not given is left to AWS, and is not compared.
    inline EndpointSpec;
    /// An endpoint that pipelines share by `sourceRef` or `targetRef`. What is not given is left to AWS,
    /// and is not compared.
    document EndpointDocumentSpec {
        /// The environment that it is in; needed where the Controller has several.
        environment: Option<NameOf<EnvironmentSpec>>,
        /// What happens to it when this document goes: `delete` unless given.
        deletion_policy: Option<DeletionPolicyWord>,
        /// The service role that a Redshift target needs.
        service_roles: Option<ServiceRolesSpec>,
        /// Whether pipelines read from it or write to it.
        r#type: EndpointTypeWord,
    }
    fields {
        /// The engine, as DMS names it.
        engine: Located<EngineName>,
        /// The host. Not with `credentials.secretsManager`, whose secret holds it.
        server_name: Option<Located<String>>,
        /// The port. Not with `credentials.secretsManager`, whose secret holds it.
        #[schemars(range(min = 1, max = 65535))]
        port: Option<Located<i32>>,
        /// The database; for Oracle the SID or service name.
        database_name: Option<Located<String>>,
        /// How DMS logs in to the database.
        credentials: Option<CredentialsSpec>,
        /// How the connection is encrypted: `none` unless given.
        ssl_mode: Option<Located<SslMode>>,
        /// The ARN of the DMS certificate that the server is checked against; for `verify-ca` and
        /// `verify-full`.
        certificate_arn: Option<CertificateArn>,
        /// The KMS key (id, alias or ARN) that encrypts what DMS stores of the connection. Cannot be
        /// changed later.
        kms_key_id: Option<String>,
        /// Extra connection attributes, `name=value` pairs separated by semicolons, for what `settings`
        /// has no field.
        extra_connection_attributes: Option<Located<String>>,
        /// The engine's own settings, by the DMS API's names with a small first letter: `serverTimezone`
        /// for `ServerTimezone`.
        settings: Option<SettingsSpec>,
        /// The AWS identifier, if not the one made of prefix and name.
        identifier: Option<Located<String>>,
        /// Tags of this endpoint, which win over the document's `labels`.
        tags: Option<Tags>,
    }
}

impl Checks for EndpointSpec {
    fn check(&self, node: &Node, reader: &mut Reader<'_>) {
        let engine = self.engine.value.0;
        if let Some(port) = &self.port
            && !(1..=65535).contains(&port.value)
        {
            reader.error(port.at, format!("expected a port from 1 to 65535, found {}", port.value));
        }
        if let Some(attributes) = &self.extra_connection_attributes
            && holds_password(attributes)
        {
            reader.error_with_hint(
                attributes.at,
                "a password among the extra connection attributes would be seen by everybody",
                "use `credentials`, or the setting of that name, with {env: …} or {file: …}",
            );
        }
        engines::check_settings(engine, self.settings.as_ref().map(|settings| &settings.0), node, reader);
        if engine.access == Access::Settings {
            self.refuse_host(engine, reader);
        } else {
            self.check_host(engine, node, reader);
        }
    }
}

impl EndpointSpec {
    /// An engine that is reached by its settings alone has no use for host and credentials.
    fn refuse_host(&self, engine: &Engine, reader: &mut Reader<'_>) {
        let given = [
            ("serverName", self.server_name.as_ref().map(|text| text.at)),
            ("port", self.port.as_ref().map(|port| port.at)),
            ("databaseName", self.database_name.as_ref().map(|text| text.at)),
            ("credentials", self.credentials.as_ref().map(CredentialsSpec::at)),
        ];
        for (field, at) in given {
            let Some(at) = at else { continue };
            let hint = format!("it is reached by its `settings`: remove `{field}`");
            reader.error_with_hint(
                at,
                format!("an endpoint of the engine {} has no `{field}`", engine.name),
                hint,
            );
        }
    }

    fn check_host(&self, engine: &Engine, node: &Node, reader: &mut Reader<'_>) {
        let secret =
            self.credentials.as_ref().is_some_and(|credentials| credentials.secrets_manager.is_some());
        let host = [
            ("serverName", self.server_name.as_ref().map(|text| text.at)),
            ("port", self.port.as_ref().map(|port| port.at)),
        ];
        for (field, at) in host {
            match at {
                Some(at) if secret => reader.error_with_hint(
                    at,
                    format!("`{field}` cannot stand beside `credentials.secretsManager`"),
                    format!("DMS takes host and port from the secret: remove `{field}`"),
                ),
                None if !secret => reader.error_with_hint(
                    node.at,
                    format!("an endpoint of the engine {} needs `{field}`", engine.name),
                    "give it here, or use `credentials.secretsManager`, whose secret holds it",
                ),
                _ => {}
            }
        }
        if engine.needs_database && self.database_name.is_none() {
            reader.error(node.at, format!("an endpoint of the engine {} needs `databaseName`", engine.name));
        }
        match &self.credentials {
            None if engine.access == Access::Database => reader.error_with_hint(
                node.at,
                format!("an endpoint of the engine {} needs `credentials`", engine.name),
                "give `credentials: {secretsManager: {secretId, accessRoleArn}}`",
            ),
            Some(CredentialsSpec { iam: Some(iam), .. }) if !engine.has_iam() => reader.error_with_hint(
                iam.access_role_arn.at,
                format!("the engine {} has no IAM authentication", engine.name),
                "use `secretsManager`",
            ),
            _ => {}
        }
    }
}

impl Checks for EndpointDocumentSpec {
    fn check(&self, node: &Node, reader: &mut Reader<'_>) {
        self.inline().check(node, reader);
        check_direction(&self.engine, self.r#type.into(), reader);
    }
}

impl Target for EndpointDocumentSpec {
    const KIND: &'static str = "Endpoint";
}

/// An endpoint of a pipeline that it reads from.
#[derive(Debug, Clone)]
pub(crate) struct SourceSpec(pub(crate) EndpointSpec);

impl Read for SourceSpec {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let endpoint = EndpointSpec::read(node, reader)?;
        check_direction(&endpoint.engine, EndpointType::Source, reader);
        Some(Self(endpoint))
    }
}

/// An endpoint of a pipeline that it writes to.
#[derive(Debug, Clone)]
pub(crate) struct TargetSpec(pub(crate) EndpointSpec);

impl Read for TargetSpec {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let endpoint = EndpointSpec::read(node, reader)?;
        check_direction(&endpoint.engine, EndpointType::Target, reader);
        Some(Self(endpoint))
    }
}

impl JsonSchema for SourceSpec {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Source".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        direction_schema(EndpointType::Source, generator)
    }
}

impl JsonSchema for TargetSpec {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Target".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        direction_schema(EndpointType::Target, generator)
    }
}

fn direction_schema(direction: EndpointType, generator: &mut SchemaGenerator) -> Schema {
    let engines: Vec<&str> = engines::names(direction).collect();
    json_schema!({
        "allOf": [
            generator.subschema_for::<EndpointSpec>(),
            {"properties": {"engine": {"enum": engines}}},
        ],
    })
}

fn check_direction(engine: &Located<EngineName>, direction: EndpointType, reader: &mut Reader<'_>) {
    let Engine { name, source, target, .. } = *engine.value.0;
    let (possible, other) = match direction {
        EndpointType::Source => (source, EndpointType::Target),
        EndpointType::Target => (target, EndpointType::Source),
    };
    if !possible {
        let engines = engines::names(direction).collect::<Vec<_>>().join(", ");
        reader.error_with_hint(
            engine.at,
            format!("the engine {name} can only be a {other}, not a {direction}"),
            format!("engines that can be a {direction}: {engines}"),
        );
    }
}

/// Whether an attribute such as `asm_password=…` gives a password in clear.
fn holds_password(attributes: &str) -> bool {
    attributes.split(';').filter_map(|pair| pair.split_once('=')).any(|(name, value)| {
        let name = name.trim().to_lowercase();
        (name.ends_with("password") || name.ends_with("pwd")) && !value.trim().is_empty()
    })
}

choice! {
    /// Whether an endpoint is read from or written to.
    pub(crate) enum EndpointTypeWord {
        /// Read from.
        Source = "source",
        /// Written to.
        Target = "target",
    }
}

impl From<EndpointTypeWord> for EndpointType {
    fn from(word: EndpointTypeWord) -> Self {
        match word {
            EndpointTypeWord::Source => Self::Source,
            EndpointTypeWord::Target => Self::Target,
        }
    }
}

choice! {
    /// How a connection is encrypted.
    pub(crate) enum SslMode {
        /// Not at all.
        None = "none",
        /// Encrypted, the server is not checked.
        Require = "require",
        /// Encrypted, the server's certificate is checked.
        VerifyCa = "verify-ca",
        /// Encrypted, the server's certificate and host name are checked.
        VerifyFull = "verify-full",
    }
}

impl SslMode {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }
}

/// The name of an engine that DMS knows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EngineName(pub(crate) &'static Engine);

impl Read for EngineName {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let name = String::read(node, reader)?;
        if let Some(engine) = engines::named(&name) {
            return Some(Self(engine));
        }
        let names = || engines::ENGINES.iter().map(|engine| engine.name);
        let hint = did_you_mean(&name, names())
            .unwrap_or_else(|| format!("the engines are {}", names().collect::<Vec<_>>().join(", ")));
        let shown: String = name.chars().take(60).collect();
        reader.error_with_hint(node.at, format!("DMS has no engine `{shown}`"), hint);
        None
    }
}

impl JsonSchema for EngineName {
    fn schema_name() -> Cow<'static, str> {
        "Engine".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = engines::ENGINES.iter().map(|engine| engine.name).collect();
        json_schema!({"type": "string", "enum": names})
    }
}

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
        username: Option<Located<String>>,
        /// Where Pipewright reads the password. It is sent to DMS and kept nowhere else.
        password_from: Option<Located<SecretRef>>,
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

impl CredentialsSpec {
    fn at(&self) -> crate::sources::At {
        let username = self.username.as_ref().map(|text| text.at);
        let secret = self.secrets_manager.as_ref().map(|secret| secret.secret_id.at);
        let password = self.password_from.as_ref().map(|password| password.at);
        let iam = self.iam.as_ref().map(|iam| iam.access_role_arn.at);
        username.or(secret).or(password).or(iam).unwrap_or_default()
    }
}

record! {
    /// A secret of AWS Secrets Manager. The secrets that RDS manages lack host and port and cannot be
    /// used.
    pub(crate) struct SecretsManagerSpec {
        /// The secret's ARN or name.
        secret_id: Located<String>,
        /// The ARN of the role through which DMS reads it.
        access_role_arn: RoleArn,
    }
}

impl Checks for SecretsManagerSpec {}

record! {
    /// IAM database authentication.
    pub(crate) struct IamSpec {
        /// The ARN of the role that may connect to the database.
        access_role_arn: Located<RoleArn>,
    }
}

impl Checks for IamSpec {}

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
        if let Some(env) = &self.env
            && (env.is_empty() || env.contains('='))
        {
            reader.error(env.at, "this cannot be the name of an environment variable");
        }
        if let Some(file) = &self.file
            && file.is_empty()
        {
            reader.error(file.at, "this cannot be the path of a file");
        }
    }
}

/// The settings of an engine, as they are written; [`engines`] knows what they can be.
#[derive(Debug, Clone)]
pub(crate) struct SettingsSpec(pub(crate) Node);

impl Read for SettingsSpec {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if matches!(node.value, Value::Map(_)) {
            Some(Self(node.clone()))
        } else {
            reader.wrong_type(node, "a mapping of settings");
            None
        }
    }
}

impl JsonSchema for SettingsSpec {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Settings".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "object"})
    }
}
