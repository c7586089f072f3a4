//! The engines that DMS migrates from and to, and their own settings.

use std::collections::BTreeMap;

use pipewright_model::kinds::EndpointType;
use pipewright_model::settings::{self, Field, FieldType, Structure};
use serde_json::Value as Json;

use crate::documents::SecretRef;
use crate::read::{Read, Reader, did_you_mean, integer, repeated_keys, unknown_word};
use crate::tree::{Node, Value};

/// What an endpoint of an engine needs to be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Host, port and credentials.
    Database,
    /// Host and port; credentials where the database demands them.
    OpenDatabase,
    /// Its settings alone.
    Settings,
}

/// An engine, as an endpoint names it.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) name: &'static str,
    /// Whether DMS reads from it.
    pub(crate) source: bool,
    /// Whether DMS writes to it.
    pub(crate) target: bool,
    pub(crate) access: Access,
    /// Whether an endpoint must name a database.
    pub(crate) needs_database: bool,
    /// Settings without which DMS refuses the endpoint, beside those that the API model requires.
    pub(crate) needs_settings: &'static [&'static str],
}

impl Engine {
    /// The settings structure that CreateEndpoint takes for this engine.
    pub(crate) fn structure(&self) -> Option<&'static Structure> {
        settings::member_of(self.name).and_then(settings::structure)
    }

    /// Whether it is reached by a role: its settings name one, and not for IAM database authentication.
    pub(crate) fn has_access_role(&self) -> bool {
        let named = |structure: &Structure| structure.field("ServiceAccessRoleArn").is_some();
        self.structure().is_some_and(named) && !self.has_iam()
    }

    /// Whether its settings have IAM database authentication: MySQL's and PostgreSQL's structures do.
    pub(crate) fn has_iam(&self) -> bool {
        self.structure().is_some_and(|structure| {
            let iam = |field: &Field| matches!(field.ty, FieldType::Enum(words) if words.contains(&"iam"));
            structure.field("AuthenticationMethod").is_some_and(iam)
                && structure.field("ServiceAccessRoleArn").is_some()
        })
    }
}

/// The setting that names the role by which DMS reaches an engine.
pub(crate) const ACCESS_ROLE: &str = "serviceAccessRoleArn";

const fn database(name: &'static str, source: bool, target: bool, needs_database: bool) -> Engine {
    Engine { name, source, target, access: Access::Database, needs_database, needs_settings: &[] }
}

const fn store(
    name: &'static str,
    source: bool,
    target: bool,
    needs_settings: &'static [&'static str],
) -> Engine {
    Engine { name, source, target, access: Access::Settings, needs_database: false, needs_settings }
}

const fn documents(name: &'static str, source: bool, target: bool) -> Engine {
    Engine { name, source, target, access: Access::OpenDatabase, needs_database: false, needs_settings: &[] }
}

/// Every engine, in order of name (DMS User Guide, "Sources for AWS DMS" and "Targets for AWS DMS").
pub(crate) const ENGINES: [Engine; 30] = [
    database("aurora", true, true, false),
    database("aurora-postgresql", true, true, true),
    database("aurora-postgresql-serverless", false, true, true),
    database("aurora-serverless", false, true, false),
    database("azure-sql-managed-instance", true, false, true),
    database("azuredb", true, false, true),
    database("babelfish", false, true, true),
    database("db2", true, true, true),
    database("db2-zos", true, false, true),
    store("dms-transfer", true, true, &["BucketName", "ServiceAccessRoleArn"]),
    documents("docdb", true, true),
    store("dynamodb", false, true, &[]),
    store("elasticsearch", false, true, &[]),
    database("gcp-mysql", true, false, false),
    store("kafka", false, true, &["Broker"]),
    store("kinesis", false, true, &["StreamArn", "ServiceAccessRoleArn"]),
    database("mariadb", true, true, false),
    documents("mongodb", true, false),
    database("mysql", true, true, false),
    store("neptune", false, true, &["ServiceAccessRoleArn"]),
    store("opensearch", false, true, &[]),
    database("oracle", true, true, true),
    database("postgres", true, true, true),
    store("redis", false, true, &[]),
    database("redshift", false, true, true),
    database("redshift-serverless", false, true, true),
    store("s3", true, true, &["BucketName", "ServiceAccessRoleArn"]),
    database("sqlserver", true, true, true),
    database("sybase", true, true, true),
    store("timestream", false, true, &[]),
];

/// The engine of this name.
pub(crate) fn named(name: &str) -> Option<&'static Engine> {
    static ENGINES_STATIC: [Engine; 30] = ENGINES;
    ENGINES_STATIC.iter().find(|engine| engine.name == name)
}

/// The names of the engines that can be a source or a target.
pub fn names(direction: EndpointType) -> impl Iterator<Item = &'static str> {
    ENGINES
        .into_iter()
        .filter(move |engine| match direction {
            EndpointType::Source => engine.source,
            EndpointType::Target => engine.target,
        })
        .map(|engine| engine.name)
}

/// The settings that a source of an engine needs, beside those that all its endpoints do (DMS User
/// Guide, "Using Amazon S3 as a source for AWS DMS").
pub(crate) fn needed_by_sources(engine: &Engine) -> &'static [&'static str] {
    if engine.name == "s3" { &["ExternalTableDefinition"] } else { &[] }
}

/// How specs spell a setting: the API's name with a small first letter.
pub(crate) fn spelled(member: &str) -> String {
    let mut chars = member.chars();
    chars.next().map_or_else(String::new, |first| first.to_ascii_lowercase().to_string() + chars.as_str())
}

/// The settings that specs give by other fields: where, or `None` if `field` is a setting of its own.
pub(crate) fn given_elsewhere(engine: &Engine, field: &str) -> Option<&'static str> {
    if engine.access == Access::Settings {
        return None;
    }
    match field {
        "ServerName" => Some("`serverName` beside `engine`"),
        "Port" => Some("`port` beside `engine`"),
        "DatabaseName" => Some("`databaseName` beside `engine`"),
        "Username" => Some("`credentials.username`"),
        "Password" => Some("`credentials.passwordFrom`"),
        "SecretsManagerSecretId" | "SecretsManagerAccessRoleArn" => Some("`credentials.secretsManager`"),
        "KmsKeyId" => Some("`kmsKeyId` beside `engine`"),
        _ => None,
    }
}

/// Checks the names and values of an engine's settings, and that those it needs are there.
pub(crate) fn check_settings(engine: &Engine, endpoint: &Node, reader: &mut Reader<'_>) {
    let settings = endpoint.get("settings");
    let Some(structure) = engine.structure() else { return };
    let entries = match settings.map(|node| &node.value) {
        Some(Value::Map(entries)) => entries.as_slice(),
        _ => &[],
    };
    repeated_keys(entries, reader);
    for entry in entries {
        let Some(field) = structure.fields.iter().find(|field| spelled(field.name) == entry.key) else {
            unknown_setting(engine, structure, entry, reader);
            continue;
        };
        if let Some(place) = given_elsewhere(engine, field.name) {
            let message = format!("`{}` is no setting of its own here", entry.key);
            reader.error_with_hint(entry.key_at, message, format!("give it as {place}"));
        } else if field.secret {
            check_secret(&entry.key, &entry.node, reader);
        } else {
            let limits = structure.note(field.name).and_then(|note| note.limits);
            check_value(&entry.node, field.ty, limits.unwrap_or((i32::MIN, i32::MAX)), reader);
        }
    }
    let required = structure.fields.iter().filter(|field| field.required).map(|field| field.name);
    let refers = endpoint.get("accessRoleRef").is_some();
    for name in required.chain(engine.needs_settings.iter().copied()) {
        if refers && spelled(name) == ACCESS_ROLE {
            continue;
        }
        if given_elsewhere(engine, name).is_none() && !entries.iter().any(|entry| entry.key == spelled(name))
        {
            let at = settings.map_or(endpoint.at, |node| node.at);
            let message =
                format!("an endpoint of the engine {} needs `settings.{}`", engine.name, spelled(name));
            if spelled(name) == ACCESS_ROLE {
                let hint =
                    "give the ARN of a role that exists, or name a ServiceRole document by `accessRoleRef`";
                reader.error_with_hint(at, message, hint);
            } else {
                reader.error(at, message);
            }
        }
    }
}

/// Refuses the extra connection attributes that are settings: AWS keeps them as settings, so that one
/// given both ways would have two values, and one given here would be answered elsewhere.
pub(crate) fn check_attributes(engine: &Engine, endpoint: &Node, reader: &mut Reader<'_>) {
    let Some(node) = endpoint.get("extraConnectionAttributes") else { return };
    let names = node.as_str().unwrap_or_default().split(';').filter_map(|pair| pair.split('=').next());
    for name in names.map(str::trim).filter(|name| !name.is_empty()) {
        // Of a secret one, more was said already.
        let Some(field) = settings::of_attribute(engine.name, name).filter(|field| !field.secret) else {
            continue;
        };
        let place = given_elsewhere(engine, field.name)
            .map_or_else(|| format!("`settings: {{{}: …}}`", spelled(field.name)), str::to_owned);
        // The values are not shown: there may be a password among them.
        reader.error_about_secret(
            node.at,
            format!("the extra connection attribute `{name}` is a setting of its own"),
            format!("give it as {place}"),
        );
    }
}

fn unknown_setting(
    engine: &Engine,
    structure: &Structure,
    entry: &crate::tree::Entry,
    reader: &mut Reader<'_>,
) {
    let names: Vec<String> = structure
        .fields
        .iter()
        .filter(|field| given_elsewhere(engine, field.name).is_none())
        .map(|field| spelled(field.name))
        .collect();
    let hint = did_you_mean(&entry.key, names.iter().map(String::as_str))
        .unwrap_or_else(|| format!("its settings: {}", structure.reference()));
    reader.error_with_hint(
        entry.key_at,
        format!("the engine {} has no setting `{}`", engine.name, entry.key),
        hint,
    );
}

/// A secret setting is never written in the spec: only where it is read.
fn check_secret(name: &str, node: &Node, reader: &mut Reader<'_>) {
    if matches!(node.value, Value::Map(_)) {
        SecretRef::read(node, reader);
        return;
    }
    reader.error_about_secret(
        node.at,
        format!("`{name}` is a secret, which must not be written in a spec"),
        format!("say where it is read: `{name}: {{env: NAME}}` or `{name}: {{file: PATH}}`"),
    );
}

/// `limits` are those of a number: the least and the greatest.
fn check_value(node: &Node, ty: FieldType, limits: (i32, i32), reader: &mut Reader<'_>) {
    match ty {
        FieldType::String => {
            String::read(node, reader);
        }
        FieldType::Integer => {
            integer::<i32>(node, limits.0.into(), limits.1.into(), reader);
        }
        FieldType::Boolean => {
            bool::read(node, reader);
        }
        FieldType::Enum(words) => {
            // `none` and the like need quotes in no YAML of today, but numbers do.
            if let Some(word) = String::read(node, reader)
                && !words.contains(&word.as_str())
            {
                unknown_word(&word, words, node, reader);
            }
        }
        FieldType::List(item) => match &node.value {
            Value::List(items) => items.iter().for_each(|node| check_value(node, *item, limits, reader)),
            _ => reader.wrong_type(node, "a list"),
        },
    }
}

/// An engine's settings in the DMS API's names: those that are plain, and where the secret ones are
/// read.
pub(crate) fn settings(engine: &Engine, node: &Node) -> (BTreeMap<String, Json>, Vec<(String, Node)>) {
    let mut plain = BTreeMap::new();
    let mut secret = Vec::new();
    let (Some(structure), Value::Map(entries)) = (engine.structure(), &node.value) else {
        return (plain, secret);
    };
    for entry in entries {
        let Some(field) = structure.fields.iter().find(|field| spelled(field.name) == entry.key) else {
            continue;
        };
        if field.secret {
            secret.push((field.name.to_owned(), entry.node.clone()));
        } else {
            plain.insert(field.name.to_owned(), entry.node.to_json());
        }
    }
    (plain, secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engines_are_those_of_the_settings_tables() {
        let here: Vec<&str> = ENGINES.iter().map(|engine| engine.name).collect();
        let there: Vec<&str> = settings::ENGINES.iter().map(|(name, _)| *name).collect();
        assert_eq!(here, there);
    }

    #[test]
    fn what_an_engine_needs_it_has() {
        for engine in &ENGINES {
            let structure = engine.structure().unwrap();
            for name in engine.needs_settings {
                assert!(structure.field(name).is_some(), "{} {name}", engine.name);
            }
            assert!(engine.source || engine.target, "{}", engine.name);
            if engine.access == Access::Database {
                assert!(structure.field("SecretsManagerSecretId").is_some(), "{}", engine.name);
            }
        }
    }

    #[test]
    fn settings_are_spelled_with_a_small_first_letter_and_stay_distinct() {
        assert_eq!(spelled("ServerTimezone"), "serverTimezone");
        for structure in settings::structures() {
            let names: std::collections::BTreeSet<String> =
                structure.fields.iter().map(|field| spelled(field.name)).collect();
            assert_eq!(names.len(), structure.fields.len(), "{}", structure.member);
        }
    }
}
