//! Endpoints, with the settings of all engines.

use std::time::Duration;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::listing::Listing;
use super::record::{CONNECTION, ENDPOINT, Object, REPLICATION, TASK};
use super::replication_configs::is_idle;
use super::{
    Dms, Input, Output, boolean, catalog, connections, endpoint_defaults, errors, names, optional_text, ssl,
    tags, text,
};
use crate::api::AwsError;
use crate::query::DMS;

const MODIFYING: Duration = Duration::from_secs(5);
const DELETING: Duration = Duration::from_secs(10);

/// Members that both the endpoint and the settings of its engine have, and that AWS answers in both places.
const CONNECTION_MEMBERS: [&str; 4] = ["ServerName", "Port", "DatabaseName", "Username"];

/// The settings member of each engine.
const SETTINGS: [(&str, &[&str]); 19] = [
    ("MySQLSettings", &["mysql", "mariadb", "aurora", "aurora-serverless"]),
    ("PostgreSQLSettings", &["postgres", "aurora-postgresql", "aurora-postgresql-serverless"]),
    ("OracleSettings", &["oracle"]),
    ("SybaseSettings", &["sybase"]),
    ("MicrosoftSQLServerSettings", &["sqlserver", "babelfish", "azuredb", "azure-sql-managed-instance"]),
    ("IBMDb2Settings", &["db2", "db2-zos"]),
    ("MongoDbSettings", &["mongodb"]),
    ("DocDbSettings", &["docdb"]),
    ("GcpMySQLSettings", &["gcp-mysql"]),
    ("RedshiftSettings", &["redshift", "redshift-serverless"]),
    ("S3Settings", &["s3"]),
    ("DmsTransferSettings", &["dms-transfer"]),
    ("DynamoDbSettings", &["dynamodb"]),
    ("KinesisSettings", &["kinesis"]),
    ("KafkaSettings", &["kafka"]),
    ("ElasticsearchSettings", &["opensearch", "elasticsearch"]),
    ("NeptuneSettings", &["neptune"]),
    ("RedisSettings", &["redis"]),
    ("TimestreamSettings", &["timestream"]),
];

/// Engines that are reached over a host name.
const WITH_SERVER: [&str; 17] = [
    "mysql",
    "mariadb",
    "aurora",
    "postgres",
    "aurora-postgresql",
    "oracle",
    "sybase",
    "sqlserver",
    "babelfish",
    "azuredb",
    "azure-sql-managed-instance",
    "db2",
    "db2-zos",
    "docdb",
    "gcp-mysql",
    "redshift",
    "redis",
];

pub(super) fn create(input: &Input, dms: &mut Dms<'_>) -> Output {
    let identifier = names::identifier("EndpointIdentifier", text(input, "EndpointIdentifier"), 255)?;
    let resource_identifier = names::resource_identifier(input)?;
    let mut shown = without_secrets(input, "CreateEndpointMessage");
    for name in ["Tags", "ResourceIdentifier", "KmsKeyId"] {
        shown.remove(name);
    }
    shown.insert("EndpointIdentifier".to_owned(), json!(identifier));
    complete(&mut shown, input)?;
    check_certificate(&shown, dms)?;
    let key = dms.key_arn(optional_text(input, "KmsKeyId"))?;
    let existing = dms.all(ENDPOINT);
    if let Some(same) = existing.iter().find(|endpoint| endpoint.text("EndpointIdentifier") == identifier) {
        return Err(errors::already_exists("ReplicationEndpoint", &identifier, &same.key));
    }
    if existing.len() >= dms.config.quotas.endpoints {
        return Err(errors::quota("endpoints", dms.config.quotas.endpoints));
    }
    let arn = dms.new_arn(ENDPOINT, resource_identifier);
    if existing.iter().any(|endpoint| endpoint.key == arn) {
        return Err(errors::already_exists("ReplicationEndpoint", &arn, &arn));
    }
    shown.insert("EndpointArn".to_owned(), json!(arn));
    shown.insert("Status".to_owned(), json!("active"));
    // An S3 endpoint keeps nothing that a key would protect: AWS answers none.
    if text(&shown, "EngineName") != "s3" {
        shown.insert("KmsKeyId".to_owned(), json!(key));
    }
    let mut endpoint = Object::new(arn, shown);
    endpoint.tags = tags::from_input(input)?;
    let endpoint = dms.add(ENDPOINT, endpoint);
    Ok(json!({"Endpoint": endpoint.shown}))
}

pub(super) fn describe(input: &Input, dms: &mut Dms<'_>) -> Output {
    let filters: &[(&str, &[&str])] = &[
        ("endpoint-arn", &["EndpointArn"]),
        ("endpoint-type", &["EndpointType"]),
        ("endpoint-id", &["EndpointIdentifier"]),
        ("engine-name", &["EngineName"]),
    ];
    let endpoints = dms.all(ENDPOINT).into_iter().map(|endpoint| endpoint.shown);
    Listing::new("Endpoints", "Endpoints", filters).page(input, endpoints.collect())
}

pub(super) fn modify(input: &Input, dms: &mut Dms<'_>) -> Output {
    let mut endpoint = dms.endpoint(text(input, "EndpointArn"))?;
    if endpoint.text("Status") != "active" {
        return Err(not_active(&endpoint));
    }
    let users = tasks_of(dms, &endpoint);
    let busy = |task: &&Object| !is_idle(task.text("Status"));
    if let Some(task) = users.iter().find(busy) {
        return Err(errors::invalid_state(format!(
            "Endpoint {} cannot be modified: {} is in {} state. Stop what uses an endpoint before you modify it.",
            endpoint.text("EndpointIdentifier"),
            task.key,
            task.text("Status")
        )));
    }
    let mut changes = without_secrets(input, "ModifyEndpointMessage");
    changes.remove("EndpointArn");
    let exact = boolean(input, "ExactSettings") == Some(true);
    changes.remove("ExactSettings");
    if let Some(given) = optional_text(input, "EndpointIdentifier") {
        let identifier = names::identifier("EndpointIdentifier", given, 255)?;
        let same = dms
            .all(ENDPOINT)
            .into_iter()
            .find(|other| other.text("EndpointIdentifier") == identifier && other.key != endpoint.key);
        if let Some(same) = same {
            return Err(errors::already_exists("ReplicationEndpoint", &identifier, &same.key));
        }
        changes.insert("EndpointIdentifier".to_owned(), json!(identifier));
    }
    if let Some(engine) =
        optional_text(input, "EngineName").filter(|name| *name != endpoint.text("EngineName"))
    {
        // The settings of another engine mean nothing to this one.
        endpoint
            .shown
            .retain(|name, _| settings_member(engine) == Some(name.as_str()) || !name.ends_with("Settings"));
    }
    merge(&mut endpoint.shown, changes, exact);
    let mut shown = endpoint.shown.clone();
    complete(&mut shown, input)?;
    check_certificate(&shown, dms)?;
    endpoint.shown = shown;
    try_password(&mut endpoint, input);
    endpoint.set("Status", "modifying");
    endpoint.ahead.clear();
    endpoint.then(dms.now + MODIFYING, json!({"Status": "active"}));
    dms.save(ENDPOINT, &endpoint);
    connections::test_again(&endpoint, dms);
    Ok(json!({"Endpoint": endpoint.shown}))
}

pub(super) fn delete(input: &Input, dms: &mut Dms<'_>) -> Output {
    let mut endpoint = dms.endpoint(text(input, "EndpointArn"))?;
    if endpoint.text("Status") == "deleting" {
        return Err(not_active(&endpoint));
    }
    if let Some(task) = tasks_of(dms, &endpoint).first() {
        return Err(errors::invalid_state(format!(
            "Endpoint {} is part of one or more replication tasks: {}",
            endpoint.key, task.key
        )));
    }
    for connection in dms.all(CONNECTION) {
        if connection.text("EndpointArn") == endpoint.key {
            dms.drop_object(CONNECTION, &connection.key);
        }
    }
    endpoint.set("Status", "deleting");
    endpoint.ahead.clear();
    endpoint.then_gone(dms.now + DELETING);
    dms.save(ENDPOINT, &endpoint);
    Ok(json!({"Endpoint": endpoint.shown}))
}

impl Dms<'_> {
    /// The endpoint of this ARN.
    pub(super) fn endpoint(&self, arn: &str) -> Result<Object, AwsError> {
        self.load(ENDPOINT, arn).ok_or_else(|| errors::not_found(format!("Endpoint \"{arn}\" not found.")))
    }
}

/// The refusal of anything with an endpoint that changes or goes.
pub(super) fn not_active(endpoint: &Object) -> AwsError {
    errors::invalid_state(format!(
        "Endpoint {} is in {} state and cannot be used for this operation. It should be in active state.",
        endpoint.text("EndpointIdentifier"),
        endpoint.text("Status")
    ))
}

/// Tasks, and serverless replications, that read or write the endpoint.
fn tasks_of(dms: &Dms<'_>, endpoint: &Object) -> Vec<Object> {
    let mut users = dms.all(TASK);
    users.extend(dms.all(REPLICATION));
    users.retain(|task| {
        task.text("SourceEndpointArn") == endpoint.key || task.text("TargetEndpointArn") == endpoint.key
    });
    users
}

fn check_certificate(shown: &Map<String, Value>, dms: &Dms<'_>) -> Result<(), AwsError> {
    match optional_text(shown, "CertificateArn").filter(|arn| !arn.is_empty()) {
        Some(arn) => dms.certificate(arn).map(drop),
        None => Ok(()),
    }
}

fn settings_member(engine: &str) -> Option<&'static str> {
    SETTINGS.iter().find(|(_, engines)| engines.contains(&engine)).map(|(member, _)| *member)
}

/// Settings are merged member by member, or replaced where the request says `ExactSettings`.
fn merge(shown: &mut Map<String, Value>, changes: Map<String, Value>, exact: bool) {
    for (name, change) in changes {
        match (shown.get_mut(&name), change) {
            (Some(Value::Object(now)), Value::Object(change)) if !exact => now.extend(change),
            (_, change) => {
                shown.insert(name, change);
            }
        }
    }
}

/// Checks an endpoint as a whole, and fills in what AWS answers though nobody asked for it.
fn complete(shown: &mut Map<String, Value>, input: &Input) -> Result<(), AwsError> {
    let engine_name = text(shown, "EngineName").to_ascii_lowercase();
    let Some(engine) = catalog::engine_named(&engine_name) else {
        return Err(errors::invalid_value(format!("Engine name '{engine_name}' is not valid")));
    };
    let kind = text(shown, "EndpointType").to_ascii_lowercase();
    if !(if kind == "source" { engine.source } else { engine.target }) {
        return Err(errors::invalid_value(format!(
            "Endpoint type {} is not supported for engine {engine_name}",
            kind.to_uppercase()
        )));
    }
    let own = settings_member(&engine_name);
    if let Some(foreign) = shown.keys().find(|name| name.ends_with("Settings") && own != Some(name.as_str()))
    {
        return Err(errors::invalid_combination(format!(
            "{foreign} cannot be specified for engine {engine_name}"
        )));
    }
    check_credentials(shown, input, own)?;
    shown.insert("EngineName".to_owned(), json!(engine_name));
    shown.insert("EngineDisplayName".to_owned(), json!(engine.display));
    shown.insert("EndpointType".to_owned(), json!(kind.to_uppercase()));
    let mode = optional_text(shown, "SslMode").unwrap_or("none").to_ascii_lowercase();
    shown.insert("SslMode".to_owned(), json!(mode));
    ssl::check(shown)?;
    if let Some(attributes) = optional_text(shown, "ExtraConnectionAttributes") {
        let attributes = endpoint_defaults::attributes(attributes);
        shown.insert("ExtraConnectionAttributes".to_owned(), json!(attributes));
    }
    if let Some(own) = own {
        spread_connection(shown, input, own);
        complete_settings(shown, own)?;
    }
    let hosted = WITH_SERVER.contains(&engine_name.as_str());
    let secret = own.is_some_and(|own| secret_of(shown, own).is_some());
    if hosted && !secret && text(shown, "ServerName").is_empty() {
        return Err(errors::invalid_value(format!(
            "The parameter ServerName must be provided and must not be blank for engine {engine_name}."
        )));
    }
    Ok(())
}

fn secret_of<'a>(shown: &'a Map<String, Value>, own: &str) -> Option<&'a str> {
    shown.get(own)?.get("SecretsManagerSecretId")?.as_str().filter(|id| !id.is_empty())
}

/// Clear-text credentials or a secret, never both
/// (<https://docs.aws.amazon.com/dms/latest/APIReference/API_CreateEndpoint.html>).
fn check_credentials(shown: &Map<String, Value>, input: &Input, own: Option<&str>) -> Result<(), AwsError> {
    let Some(own) = own else { return Ok(()) };
    let given = input.get(own).and_then(Value::as_object);
    let clear = ["Username", "Password", "ServerName", "Port"]
        .iter()
        .find(|name| input.contains_key(**name) || given.is_some_and(|given| given.contains_key(**name)));
    let names_secret = given.is_some_and(|given| given.contains_key("SecretsManagerSecretId"));
    if let (true, Some(clear)) = (names_secret, clear) {
        return Err(errors::invalid_combination(format!(
            "You can't specify both SecretsManagerSecretId and clear-text values for {clear}"
        )));
    }
    let role = shown.get(own).and_then(|settings| settings.get("SecretsManagerAccessRoleArn"));
    if secret_of(shown, own).is_some() != role.is_some() {
        return Err(errors::invalid_combination(
            "SecretsManagerSecretId and SecretsManagerAccessRoleArn must be specified together",
        ));
    }
    Ok(())
}

/// Host, port, database and user appear both at the endpoint and in its settings, wherever they were given; what the
/// request names last counts.
fn spread_connection(shown: &mut Map<String, Value>, input: &Input, own: &str) {
    let shape = DMS.shape(own);
    let given = input.get(own).and_then(Value::as_object);
    for name in CONNECTION_MEMBERS {
        if !shape.members.contains_key(name) {
            continue;
        }
        let in_settings = shown.get(own).and_then(|settings| settings.get(name)).cloned();
        let from_settings = given.is_some_and(|given| given.contains_key(name)) || !shown.contains_key(name);
        if from_settings {
            if let Some(value) = in_settings {
                shown.insert(name.to_owned(), value);
            }
        } else if let Some(value) = shown.get(name).cloned() {
            let settings = shown.entry(own).or_insert_with(|| json!({}));
            if let Some(settings) = settings.as_object_mut() {
                settings.insert(name.to_owned(), value);
            }
        }
    }
}

/// Engines that cannot do without a member of their settings.
const NEEDED: [(&str, &str); 7] = [
    ("S3Settings", "BucketName"),
    ("KinesisSettings", "StreamArn"),
    ("KafkaSettings", "Broker"),
    ("ElasticsearchSettings", "EndpointUri"),
    ("NeptuneSettings", "S3BucketName"),
    ("DynamoDbSettings", "ServiceAccessRoleArn"),
    ("TimestreamSettings", "DatabaseName"),
];

/// Checks and completes the settings of the endpoint's own engine. Old programs say all in extra connection attributes.
fn complete_settings(shown: &mut Map<String, Value>, own: &str) -> Result<(), AwsError> {
    let by_attributes = !text(shown, "ExtraConnectionAttributes").is_empty();
    let by_role = !text(shown, "ServiceAccessRoleArn").is_empty();
    let needed = NEEDED.iter().find(|(member, _)| *member == own);
    let settings = shown.get(own).and_then(Value::as_object);
    if let Some((_, needed)) = needed
        && settings.is_none_or(|settings| text(settings, needed).is_empty())
        && !by_attributes
        && !(by_role && own == "DynamoDbSettings")
    {
        return Err(errors::invalid_value(format!(
            "The parameter {own}.{needed} must be provided and must not be blank."
        )));
    }
    let mut settings = settings.cloned().unwrap_or_default();
    endpoint_defaults::fill(own, &mut settings);
    if !settings.is_empty() {
        shown.insert(own.to_owned(), Value::Object(settings));
    }
    Ok(())
}

/// Whether the database takes the password that a request gives, where a script said which one it takes. The password
/// is not kept.
fn try_password(endpoint: &mut Object, input: &Input) {
    let own = settings_member(endpoint.text("EngineName")).and_then(|own| input.get(own)?.as_object());
    let given = [Some(input), own].into_iter().flatten().find_map(|given| optional_text(given, "Password"));
    let taken = endpoint.hidden.get("password").and_then(Value::as_str);
    if let (Some(given), Some(taken)) = (given, taken) {
        let digest: Vec<String> = Sha256::digest(given).iter().map(|byte| format!("{byte:02x}")).collect();
        let is_another = digest.concat() != taken;
        endpoint.hidden.insert("refused".to_owned(), json!(is_another));
    }
}

/// The input without what must never be answered, and so is never kept.
fn without_secrets(input: &Input, shape: &str) -> Map<String, Value> {
    let members = &DMS.shape(shape).members;
    let kept = input.iter().filter_map(|(name, value)| {
        let shape = members.get(name)?.shape.as_str();
        let value = match value {
            _ if shape == "SecretString" || value.is_null() => return None,
            Value::Object(map) => Value::Object(without_secrets(map, shape)),
            other => other.clone(),
        };
        Some((name.clone(), value))
    });
    kept.collect()
}
