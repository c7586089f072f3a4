//! Random endpoints of any engine.

use pipewright_model::kinds::EndpointType;
use pipewright_model::settings::{self, Field, FieldType, Structure};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::{beside, values};

/// Engines that are reached by their settings alone (DMS User Guide, the chapters on targets).
const BY_SETTINGS: [&str; 10] = [
    "dms-transfer",
    "dynamodb",
    "elasticsearch",
    "kafka",
    "kinesis",
    "neptune",
    "opensearch",
    "redis",
    "s3",
    "timestream",
];

/// Engines with a host that can do without the name of a database.
const WITHOUT_DATABASE: [&str; 7] =
    ["aurora", "aurora-serverless", "docdb", "gcp-mysql", "mariadb", "mongodb", "mysql"];

/// Settings that the endpoint itself or its credentials give for engines with a host.
const GIVEN_ELSEWHERE: [&str; 8] = [
    "ServerName",
    "Port",
    "DatabaseName",
    "Username",
    "Password",
    "SecretsManagerSecretId",
    "SecretsManagerAccessRoleArn",
    "KmsKeyId",
];

/// Settings that IAM authentication gives.
const GIVEN_BY_IAM: [&str; 2] = ["AuthenticationMethod", "ServiceAccessRoleArn"];

/// An endpoint as a pipeline declares it, and another value of each of its settings.
#[derive(Debug, Clone)]
pub(super) struct Endpoint {
    pub(super) document: Map<String, Value>,
    /// By the API's name of the setting.
    pub(super) others: Vec<(&'static Field, Value)>,
}

/// Whether an engine has a host, a port and credentials.
pub(super) fn has_host(engine: &str) -> bool {
    !BY_SETTINGS.contains(&engine)
}

/// How specs spell a setting.
pub(super) fn spelled(name: &str) -> String {
    name[..1].to_ascii_lowercase() + &name[1..]
}

/// An endpoint of this engine.
///
/// # Panics
/// If DMS has no such engine.
pub(super) fn endpoint(engine: &'static str, direction: EndpointType) -> BoxedStrategy<Endpoint> {
    let structure = structure(engine);
    let fields: Vec<&'static Field> = fields(engine, direction).collect();
    let given: Vec<_> = fields
        .iter()
        .map(|field| {
            let chance = if is_needed(engine, direction, field) { 1.0 } else { 0.25 };
            maybe(chance, values::setting(structure, field))
        })
        .collect();
    let others: Vec<_> = fields.iter().map(|field| values::setting(structure, field)).collect();
    let around = if has_host(engine) { hosted(engine) } else { common() };
    (given, others, around)
        .prop_map(move |(given, others, mut document)| {
            document.insert("engine".to_owned(), json!(engine));
            let settings: Map<String, Value> = fields
                .iter()
                .zip(given)
                .filter_map(|(field, value)| Some((spelled(field.name), value?)))
                .collect();
            if !settings.is_empty() {
                document.insert("settings".to_owned(), Value::Object(settings));
            }
            Endpoint { document, others: fields.iter().copied().zip(others).collect() }
        })
        .boxed()
}

/// The settings that DMS has for an engine.
fn structure(engine: &str) -> &'static Structure {
    settings::member_of(engine)
        .and_then(settings::structure)
        .unwrap_or_else(|| panic!("DMS has no engine {engine}"))
}

/// The settings that a spec can give for an engine.
fn fields(engine: &'static str, direction: EndpointType) -> impl Iterator<Item = &'static Field> {
    structure(engine).fields.iter().filter(move |field| {
        let elsewhere = has_host(engine)
            && (GIVEN_ELSEWHERE.contains(&field.name)
                || has_iam(engine) && GIVEN_BY_IAM.contains(&field.name));
        // DMS takes only one of the two.
        let excluded = field.name == "CdcInsertsAndUpdates";
        // Only S3 sources read files that a definition describes.
        let of_sources = field.name == "ExternalTableDefinition" && direction == EndpointType::Target;
        !elsewhere && !excluded && !of_sources
    })
}

/// Whether DMS logs in to an engine by IAM.
fn has_iam(engine: &str) -> bool {
    settings::member_of(engine)
        .and_then(settings::structure)
        .and_then(|structure| structure.field("AuthenticationMethod"))
        .is_some_and(|field| matches!(field.ty, FieldType::Enum(words) if words.contains(&"iam")))
}

/// Whether DMS refuses an endpoint without this setting.
pub(super) fn is_needed(engine: &str, direction: EndpointType, field: &Field) -> bool {
    let needed: &[&str] = match (engine, direction) {
        ("s3", EndpointType::Source) => &["BucketName", "ServiceAccessRoleArn", "ExternalTableDefinition"],
        ("s3" | "dms-transfer", _) => &["BucketName", "ServiceAccessRoleArn"],
        ("kafka", _) => &["Broker"],
        ("kinesis", _) => &["StreamArn", "ServiceAccessRoleArn"],
        ("neptune", _) => &["ServiceAccessRoleArn"],
        _ => &[],
    };
    field.required || needed.contains(&field.name)
}

/// What endpoints of all engines can have.
fn common() -> BoxedStrategy<Map<String, Value>> {
    let attributes =
        prop::collection::btree_map("[a-z]{3}Attribute", "[a-z0-9]{1,6}", 1..4).prop_map(|pairs| {
            json!(pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(";"))
        });
    optional(vec![
        ("extraConnectionAttributes", 0.15, attributes.boxed()),
        ("kmsKeyId", 0.15, values::key()),
        ("tags", 0.3, values::tags()),
    ])
}

/// The SSL modes without a certificate: not every engine encrypts without checking the server.
pub(super) fn ssl_modes(engine: &str) -> &'static [&'static str] {
    let with_require =
        ["postgres", "aurora-postgresql", "sqlserver", "azure", "mongodb", "docdb", "babelfish"];
    if with_require.iter().any(|prefix| engine.starts_with(prefix)) {
        &["none", "require"]
    } else {
        &["none"]
    }
}

/// The SSL modes with a certificate, or `none` where an engine has none of them.
fn verifying_modes(engine: &str) -> &'static [&'static str] {
    let is = |prefixes: &[&str]| prefixes.iter().any(|prefix| engine.starts_with(prefix));
    if is(&["redshift"]) {
        &["none"]
    } else if is(&["sqlserver", "azure", "mongodb", "sybase"]) {
        &["verify-full"]
    } else if is(&["oracle", "db2"]) {
        &["verify-ca"]
    } else {
        &["verify-ca", "verify-full"]
    }
}

fn hosted(engine: &'static str) -> BoxedStrategy<Map<String, Value>> {
    let password = |place: &'static str| {
        (values::word(), values::word())
            .prop_map(move |(user, name)| json!({"username": user, "passwordFrom": {place: name}}))
    };
    let iam = (values::word(), values::role())
        .prop_map(|(user, role)| json!({"username": user, "iam": {"accessRoleArn": role}}));
    let clear = prop_oneof![
        3 => password("env").boxed(),
        1 => password("file").boxed(),
        1 => if has_iam(engine) { iam.boxed() } else { password("env").boxed() },
    ];
    let with_host = (values::host(), values::port(), clear).prop_map(
        |(host, port, credentials)| json!({"serverName": host, "port": port, "credentials": credentials}),
    );
    let with_secret = (values::word(), values::role()).prop_map(|(name, role)| {
        json!({"credentials": {"secretsManager": {"secretId": format!("dms/{name}"), "accessRoleArn": role}}})
    });
    let chance = if WITHOUT_DATABASE.contains(&engine) { 0.5 } else { 1.0 };
    let database =
        optional(vec![("databaseName", chance, values::word().prop_map(|name| json!(name)).boxed())]);
    let encrypted = prop_oneof![
        3 => Just(json!({})),
        1 => select(ssl_modes(engine)).prop_map(|mode| json!({"sslMode": mode})),
        1 => select(verifying_modes(engine)).prop_map(|mode| match mode {
            "none" => json!({}),
            mode => json!({"sslMode": mode, "certificateRef": beside::certificate_name()}),
        }),
    ];
    let reached = prop_oneof![2 => with_host.boxed(), 1 => with_secret.boxed()];
    (common(), reached, database, encrypted)
        .prop_map(|(mut document, reached, database, encrypted)| {
            document.extend(database);
            for more in [reached, encrypted] {
                document.extend(more.as_object().cloned().unwrap_or_default());
            }
            document
        })
        .boxed()
}

/// Fields that are each there by chance.
pub(super) fn optional(
    fields: Vec<(&'static str, f64, BoxedStrategy<Value>)>,
) -> BoxedStrategy<Map<String, Value>> {
    let names: Vec<&str> = fields.iter().map(|(name, ..)| *name).collect();
    let values: Vec<_> = fields.into_iter().map(|(_, chance, value)| maybe(chance, value)).collect();
    values
        .prop_map(move |values| {
            let there = names.iter().zip(values);
            there.filter_map(|(name, value)| Some(((*name).to_owned(), value?))).collect()
        })
        .boxed()
}

/// A value that is there by chance, or always.
fn maybe(chance: f64, value: BoxedStrategy<Value>) -> BoxedStrategy<Option<Value>> {
    // Above 1, and at 1, proptest knows no chance.
    if chance < 1.0 { prop::option::weighted(chance, value).boxed() } else { value.prop_map(Some).boxed() }
}
