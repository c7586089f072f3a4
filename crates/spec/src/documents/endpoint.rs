//! Endpoints: what a migration reads from and writes to.

use std::borrow::Cow;

use pipewright_model::kinds::EndpointType;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::credentials::CredentialsSpec;
use super::import::identifier_or_import;
use super::scalars::{CertificateArn, DeletionPolicyWord, KmsKey, Line, Whole};
use super::ssl::{self, SslMode};
use super::{
    ApprovalSpec, CertificateSpec, EnvironmentSpec, ImportSpec, NameOf, ServiceRoleSpec, ServiceRolesSpec,
    Tags, Target,
};
use crate::engines::{self, Access, Engine};
use crate::read::{Checks, Located, Read, Reader, choice, did_you_mean, shared};
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
        /// What may be done to it although it cannot be taken back. None unless given.
        approvals: Option<Vec<ApprovalSpec>>,
        /// The service role that a Redshift target needs.
        service_roles: Option<ServiceRolesSpec>,
        /// Whether pipelines read from it or write to it.
        r#type: EndpointTypeWord,
    }
    fields {
        /// The engine, as DMS names it.
        engine: Located<EngineName>,
        /// The host. Beside `credentials.secretsManager` it only tells readers where the database is: DMS
        /// takes the host from the secret, and refuses another one, so that it is not sent.
        server_name: Option<Located<Line>>,
        /// The port. Beside `credentials.secretsManager` it is not sent, like the host.
        port: Option<Located<Whole<1, 65535>>>,
        /// The database; for Oracle the SID or service name. Leave it out for MySQL engines: the schema in
        /// the table patterns is the database there, and DMS would put all tables into the one named here.
        database_name: Option<Located<Line>>,
        /// How DMS logs in to the database.
        credentials: Option<CredentialsSpec>,
        /// How the connection is encrypted: `none` unless given. Each engine has some of the modes.
        ssl_mode: Option<Located<SslMode>>,
        /// The ARN of the DMS certificate that the server is checked against; for `verify-ca` and
        /// `verify-full`.
        certificate_arn: Option<CertificateArn>,
        /// The name of a `Certificate` document that the server is checked against, in place of
        /// `certificateArn`.
        certificate_ref: Option<NameOf<CertificateSpec>>,
        /// The KMS key (id, alias or ARN) that encrypts what DMS stores of the connection. Cannot be
        /// changed later.
        kms_key_id: Option<KmsKey>,
        /// Extra connection attributes, `name=value` pairs separated by semicolons, for what `settings`
        /// has no field. One that it has a field for is refused here.
        extra_connection_attributes: Option<Located<String>>,
        /// The engine's own settings, by the DMS API's names with a small first letter: `serverTimezone`
        /// for `ServerTimezone`.
        settings: Option<SettingsSpec>,
        /// The name of a `ServiceRole` document for the role by which DMS reaches what the endpoint stands
        /// for, in place of `settings.serviceAccessRoleArn`.
        access_role_ref: Option<NameOf<ServiceRoleSpec>>,
        /// The AWS identifier, if not the one made of prefix and name.
        identifier: Option<Located<String>>,
        /// An existing AWS resource to take over, instead of `identifier`.
        import: Option<ImportSpec>,
        /// Whether it must not be deleted, also when this spec goes: false unless given.
        protect: Option<bool>,
        /// Tags of this endpoint, which win over the document's `labels`.
        tags: Option<Tags>,
    }
}

impl Checks for EndpointSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        identifier_or_import(node, reader);
        if let Some(attributes) = node.get("extraConnectionAttributes")
            && attributes.as_str().is_some_and(holds_password)
        {
            reader.error_about_secret(
                attributes.at,
                "a password among the extra connection attributes would be seen by everybody",
                "use `credentials`, or the setting of that name, with {env: …} or {file: …}",
            );
        }
        ssl::check_certificate(node, reader);
        let Some(engine) = engine_of(node) else { return };
        ssl::check_mode(engine, node, reader);
        engines::check_attributes(engine, node, reader);
        engines::check_settings(engine, node, reader);
        check_access_role(engine, node, reader);
        if engine.access == Access::Settings {
            refuse_host(engine, node, reader);
        } else {
            check_host(engine, node, reader);
        }
    }
}

/// The engine that an endpoint names, if DMS knows it.
fn engine_of(node: &Node) -> Option<&'static Engine> {
    engines::named(node.get("engine")?.as_str()?)
}

/// A role is named once, and only where the engine's settings have a place for it.
fn check_access_role(engine: &Engine, node: &Node, reader: &mut Reader<'_>) {
    let Some(at) = node.key_at("accessRoleRef") else { return };
    if !engine.has_access_role() {
        let message = format!("the engine {} is not reached by a role", engine.name);
        let hint = if engine.has_iam() {
            "for IAM authentication name the role by `credentials.iam.accessRoleRef`"
        } else {
            "remove `accessRoleRef`; the role that reads a secret is `credentials.secretsManager.accessRoleRef`"
        };
        reader.error_with_hint(at, message, hint);
    } else if node.get("settings").is_some_and(|settings| settings.get(engines::ACCESS_ROLE).is_some()) {
        reader.error_with_hint(
            at,
            "`accessRoleRef` cannot stand beside `settings.serviceAccessRoleArn`",
            "keep `accessRoleRef` for a ServiceRole document, the ARN for a role that somebody else keeps",
        );
    }
}

impl EndpointSpec {
    /// The settings that hold the ARN of a role that a document declares, in the DMS API's names.
    pub(crate) fn role_refs(&self) -> impl Iterator<Item = (&'static str, &NameOf<ServiceRoleSpec>)> {
        let credentials = self.credentials.as_ref();
        let secret = credentials.and_then(|credentials| credentials.secrets_manager.as_ref());
        let iam = credentials.and_then(|credentials| credentials.iam.as_ref());
        [
            ("ServiceAccessRoleArn", self.access_role_ref.as_ref()),
            ("ServiceAccessRoleArn", iam.and_then(|iam| iam.access_role_ref.as_ref())),
            ("SecretsManagerAccessRoleArn", secret.and_then(|secret| secret.access_role_ref.as_ref())),
        ]
        .into_iter()
        .filter_map(|(setting, name)| Some((setting, name?)))
    }
}

/// An engine that is reached by its settings alone has no use for host and credentials.
fn refuse_host(engine: &Engine, node: &Node, reader: &mut Reader<'_>) {
    for field in ["serverName", "port", "databaseName", "credentials"] {
        if let Some(at) = node.key_at(field) {
            let hint = format!("it is reached by its `settings`: remove `{field}`");
            let message = format!("an endpoint of the engine {} has no `{field}`", engine.name);
            reader.error_with_hint(at, message, hint);
        }
    }
}

fn check_host(engine: &Engine, node: &Node, reader: &mut Reader<'_>) {
    let credentials = node.get("credentials");
    let secret = credentials.is_some_and(|credentials| credentials.get("secretsManager").is_some());
    for field in ["serverName", "port"] {
        if !secret && node.get(field).is_none() {
            reader.error_with_hint(
                node.at,
                format!("an endpoint of the engine {} needs `{field}`", engine.name),
                "give it here, or use `credentials.secretsManager`, whose secret holds it",
            );
        }
    }
    if engine.needs_database && node.get("databaseName").is_none() {
        reader.error(node.at, format!("an endpoint of the engine {} needs `databaseName`", engine.name));
    }
    match credentials {
        None if engine.access == Access::Database => reader.error_with_hint(
            node.at,
            format!("an endpoint of the engine {} needs `credentials`", engine.name),
            "give `credentials: {secretsManager: {secretId, accessRoleArn}}`",
        ),
        Some(credentials) => {
            if let Some(at) = credentials.key_at("iam")
                && !engine.has_iam()
            {
                let message = format!("the engine {} has no IAM authentication", engine.name);
                reader.error_with_hint(at, message, "use `secretsManager`");
            }
        }
        None => {}
    }
}

impl Checks for EndpointDocumentSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        EndpointSpec::check_fields(node, reader);
        match node.get("type").and_then(Node::as_str) {
            Some("source") => check_direction(node, EndpointType::Source, reader),
            Some("target") => check_direction(node, EndpointType::Target, reader),
            _ => {}
        }
    }

    fn check(&self, _: &Node, reader: &mut Reader<'_>) {
        for approval in self.approvals.iter().flatten().filter(|approval| !approval.is_of_endpoints()) {
            let message = format!("an endpoint never needs an approval of `{}`", approval.allow.value.word());
            let hint =
                "approve it in the pipelines that use the endpoint; an endpoint itself needs `destroys`";
            reader.error_with_hint(approval.allow.at, message, hint);
        }
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
        check_direction(node, EndpointType::Source, reader);
        EndpointSpec::read(node, reader).map(Self)
    }
}

/// An endpoint of a pipeline that it writes to.
#[derive(Debug, Clone)]
pub(crate) struct TargetSpec(pub(crate) EndpointSpec);

impl Read for TargetSpec {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        check_direction(node, EndpointType::Target, reader);
        EndpointSpec::read(node, reader).map(Self)
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

fn check_direction(node: &Node, direction: EndpointType, reader: &mut Reader<'_>) {
    let Some(engine) = engine_of(node) else { return };
    let (possible, other) = match direction {
        EndpointType::Source => (engine.source, EndpointType::Target),
        EndpointType::Target => (engine.target, EndpointType::Source),
    };
    if !possible {
        let at = node.get("engine").map_or(node.at, |engine| engine.at);
        let engines = engines::names(direction).collect::<Vec<_>>().join(", ");
        reader.error_with_hint(
            at,
            format!("the engine {} can only be a {other}, not a {direction}", engine.name),
            format!("engines that can be a {direction}: {engines}"),
        );
    }
    let needed = if direction == EndpointType::Source { engines::needed_by_sources(engine) } else { &[] };
    for setting in needed.iter().map(|setting| engines::spelled(setting)) {
        let settings = node.get("settings").unwrap_or(node);
        if settings.get(&setting).is_none() {
            let message = format!("a {direction} of the engine {} needs `settings.{setting}`", engine.name);
            reader.error(settings.at, message);
        }
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
