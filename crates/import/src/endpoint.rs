//! AWS::DMS::Endpoint: engine, credentials and the engine's own settings.

use pipewright_model::settings::{self, Field, FieldType, Structure};
use serde_json::{Map, Value as Json};

use crate::names;
use crate::properties::Properties;
use crate::resolve::text;
use crate::write::Fields;

/// The fields of an endpoint, apart from identifier and tags. `name` is that of its document, for the
/// environment variables of secrets; `certificate` that of the document of its certificate.
pub(crate) fn fields(endpoint: &Properties<'_>, name: &[&str], certificate: Option<&str>) -> Fields {
    let engine = endpoint.text("EngineName").unwrap_or_default();
    let structure = settings::member_of(&engine).and_then(settings::structure);
    let empty = Map::new();
    let own = structure.and_then(|structure| settings_of(endpoint, structure));
    let own = Properties { entries: own.unwrap_or(&empty), ..*endpoint };
    // Without a secret of Secrets Manager, an engine is reached by its settings alone.
    let is_database = structure.is_some_and(|structure| structure.field("SecretsManagerSecretId").is_some());
    let mut fields = Fields::default();
    fields.add("engine", engine.as_str());
    if is_database {
        let either = |property: &str| endpoint.text(property).or_else(|| own.text(property));
        fields.add("serverName", either("ServerName"));
        fields.add("port", endpoint.integer("Port").or_else(|| own.integer("Port")));
        fields.add("databaseName", either("DatabaseName"));
        fields.add("credentials", credentials(endpoint, &own, name));
    } else {
        let why = "the engine is reached by its settings";
        let unused = ["ServerName", "Port", "DatabaseName", "Username", "Password"];
        endpoint.leave_out(&unused.map(|property| (property, why)));
    }
    fields.add("sslMode", endpoint.text("SslMode").filter(|mode| is_database || mode != "none"));
    match certificate {
        Some(document) => fields.add("certificateRef", document),
        None => fields.add("certificateArn", endpoint.text("CertificateArn")),
    }
    fields
        .add("kmsKeyId", endpoint.text("KmsKeyId").or_else(|| own.text("KmsKeyId").filter(|_| is_database)));
    let (mut moved, rest) = attributes(&own, &engine, endpoint.text("ExtraConnectionAttributes"));
    if is_database {
        moved.retain(|(field, _)| {
            let is_elsewhere = ELSEWHERE.contains(&field.name);
            if is_elsewhere {
                endpoint.note(&format!("the extra connection attribute {} is left out", field.name));
            }
            !is_elsewhere
        });
    }
    fields.add("extraConnectionAttributes", rest);
    if let Some(structure) = structure {
        let mut settings = own_settings(&own, structure, is_database, name);
        for (field, value) in moved {
            let spelled = spelled(field);
            if field.secret {
                settings.add(&spelled, secret(&own, field.name, &value.into(), name));
            } else {
                settings.add(&spelled, typed_attribute(&value, field));
            }
        }
        fields.add("settings", settings);
    }
    fields
}

/// Where a connection with credentials has fields of its own for what the API has among the settings.
const ELSEWHERE: [&str; 8] = [
    "ServerName",
    "Port",
    "DatabaseName",
    "Username",
    "Password",
    "SecretsManagerSecretId",
    "SecretsManagerAccessRoleArn",
    "KmsKeyId",
];

/// The extra connection attributes that are settings, which specs must give as such, with their values; and
/// the others as they are written. A setting that the template gives as well wins over its attribute.
fn attributes(
    own: &Properties<'_>,
    engine: &str,
    written: Option<String>,
) -> (Vec<(&'static Field, String)>, Option<String>) {
    let Some(written) = written else { return (Vec::new(), None) };
    let mut moved: Vec<(&'static Field, String)> = Vec::new();
    let mut rest = Vec::new();
    for pair in written.split(';').filter(|pair| !pair.trim().is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let Some(field) = settings::of_attribute(engine, name.trim()) else {
            rest.push(pair);
            continue;
        };
        if own.entries.keys().any(|property| property.eq_ignore_ascii_case(field.name)) {
            own.note(&format!(
                "the extra connection attribute {} is left out: {} says it as well",
                name.trim(),
                field.name
            ));
        } else {
            // Of one that is written twice, the last counts.
            moved.retain(|(other, _)| other.name != field.name);
            moved.push((field, value.trim().to_owned()));
        }
    }
    (moved, (!rest.is_empty()).then(|| rest.join(";")))
}

/// The value of an extra connection attribute in the type that its setting has. What does not fit is kept:
/// the validation of the specs says so.
fn typed_attribute(value: &str, field: &Field) -> Json {
    match field.ty {
        FieldType::Integer => value.parse::<i64>().map_or_else(|_| value.into(), Json::from),
        FieldType::Boolean => match value.to_ascii_lowercase().as_str() {
            "true" | "yes" | "y" | "1" => true.into(),
            "false" | "no" | "n" | "0" => false.into(),
            _ => value.into(),
        },
        FieldType::String => value.into(),
        FieldType::List(_) => value.split(',').map(str::trim).collect(),
        FieldType::Enum(words) => word(words, value).into(),
    }
}

/// A setting's name as specs write it.
fn spelled(field: &Field) -> String {
    let mut spelled = field.name.to_owned();
    spelled[..1].make_ascii_lowercase();
    spelled
}

/// The word of an enumeration that is meant, whatever its case and its hyphens.
fn word(words: &[&str], value: &str) -> String {
    let plain = |word: &str| word.replace('_', "-").to_ascii_lowercase();
    words.iter().find(|word| plain(word) == plain(value)).map_or(value, |word| *word).to_owned()
}

/// The engine's structure among the properties. CloudFormation writes `MySqlSettings` where the API has
/// `MySQLSettings`.
fn settings_of<'a>(endpoint: &Properties<'a>, structure: &Structure) -> Option<&'a Map<String, Json>> {
    let (_, found) = endpoint.entries.iter().find(|(name, _)| name.eq_ignore_ascii_case(structure.member))?;
    found.as_object()
}

fn credentials(endpoint: &Properties<'_>, own: &Properties<'_>, name: &[&str]) -> Fields {
    let mut credentials = Fields::default();
    if let Some(secret) = own.text("SecretsManagerSecretId") {
        let access = Fields::default()
            .with("secretId", secret)
            .with("accessRoleArn", own.text("SecretsManagerAccessRoleArn"));
        credentials.add("secretsManager", access);
        return credentials;
    }
    credentials.add("username", endpoint.text("Username").or_else(|| own.text("Username")));
    if let Some(password) = endpoint.raw("Password").or_else(|| own.raw("Password")) {
        credentials.add("passwordFrom", secret(endpoint, "Password", password, name));
    }
    credentials
}

/// A reference to the environment variable that is to hold a secret. The secret itself is not read.
fn secret(endpoint: &Properties<'_>, property: &str, value: &Json, name: &[&str]) -> Fields {
    let variable = names::variable(&[name, &[property]].concat());
    let holds = match value.as_str() {
        Some(written) if written.starts_with("{{resolve:") => format!("what {written} resolves to"),
        Some(_) => {
            endpoint.note(&format!("its {property} is in the template in clear; replace it by a new one"));
            "the password that the template has in clear".to_owned()
        }
        None => match value.get("Ref").and_then(Json::as_str) {
            Some(parameter) if endpoint.resolver.is_secret(value) => {
                format!("the value of the template's parameter {parameter}")
            }
            _ => format!("the {property} of {}", endpoint.logical),
        },
    };
    endpoint.secret(&variable, holds);
    Fields::default().with("env", variable)
}

fn own_settings(own: &Properties<'_>, structure: &Structure, is_database: bool, name: &[&str]) -> Fields {
    let mut fields = Fields::default();
    for (property, raw) in own.entries {
        let Some(field) = structure.fields.iter().find(|field| field.name.eq_ignore_ascii_case(property))
        else {
            own.note(&format!("{property} is left out: {} has no such setting", structure.member));
            continue;
        };
        if is_database && ELSEWHERE.contains(&field.name) {
            continue;
        }
        let spelled = spelled(field);
        if field.secret {
            fields.add(&spelled, secret(own, field.name, raw, name));
        } else {
            fields.add(&spelled, typed(own, property, field));
        }
    }
    fields
}

/// A setting in the type that it has in the API: CloudFormation lets numbers and words be written as text.
fn typed(own: &Properties<'_>, property: &str, field: &Field) -> Option<Json> {
    match field.ty {
        FieldType::Integer => own.integer(property),
        FieldType::Boolean => own.boolean(property),
        FieldType::String => own.text(property).map(Json::from),
        FieldType::List(_) => own.json(property),
        FieldType::Enum(words) => Some(word(words, &text(&own.json(property)?)).into()),
    }
}
