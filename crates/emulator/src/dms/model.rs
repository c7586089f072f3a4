//! Requests are read and checked by the shapes of the API model, and answers checked against them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::errors;
use crate::api::AwsError;
use crate::query::{Kind, Service};

/// Reads a JSON body.
pub(crate) fn parse(body: &[u8]) -> Result<Map<String, Value>, AwsError> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(errors::serialization("The request body is not a JSON object")),
        Err(error) => Err(errors::serialization(format!("The request body is not JSON: {error}"))),
    }
}

/// In awsJson, null is the same as absent.
pub(crate) fn without_nulls(input: &Map<String, Value>) -> Map<String, Value> {
    let clean = |value: &Value| match value {
        Value::Object(map) => Value::Object(without_nulls(map)),
        other => other.clone(),
    };
    let given = input.iter().filter(|(_, value)| !value.is_null());
    given.map(|(name, value)| (name.clone(), clean(value))).collect()
}

/// Refuses what the operation's input shape does not have: a typing error must not pass for a setting.
pub(crate) fn validate(
    service: &Service,
    operation: &str,
    input: &Map<String, Value>,
) -> Result<(), AwsError> {
    let Some(operation) = service.operations.get(operation) else {
        return Err(errors::unknown_operation(operation));
    };
    let mut violations = Vec::new();
    if let Some(shape) = &operation.input {
        check_structure(service, shape, input, "", &mut violations)?;
    }
    match violations.len() {
        0 => Ok(()),
        1 => Err(errors::validation(format!("1 validation error detected: {}", violations[0]))),
        count => {
            Err(errors::validation(format!("{count} validation errors detected: {}", violations.join("; "))))
        }
    }
}

/// Types are checked at once, constraints are collected.
fn check_structure(
    service: &Service,
    shape: &str,
    input: &Map<String, Value>,
    path: &str,
    violations: &mut Vec<String>,
) -> Result<(), AwsError> {
    let shape = service.shape(shape);
    for name in &shape.required {
        if input.get(name).is_none() {
            violations.push(format!(
                "Value null at '{}' failed to satisfy constraint: Member must not be null",
                join(path, &camel(name))
            ));
        }
    }
    for (name, value) in input {
        let Some(member) = shape.members.get(name) else {
            return Err(errors::serialization(format!("Unknown member {}", join(path, name))));
        };
        check(service, &member.shape, value, &join(path, &camel(name)), violations)?;
    }
    Ok(())
}

fn check(
    service: &Service,
    name: &str,
    value: &Value,
    path: &str,
    violations: &mut Vec<String>,
) -> Result<(), AwsError> {
    let shape = service.shape(name);
    match (shape.kind, value) {
        (Kind::Structure, Value::Object(map)) => check_structure(service, name, map, path, violations),
        (Kind::List, Value::Array(items)) => {
            let Some(member) = &shape.member else {
                return Ok(());
            };
            for (index, item) in items.iter().enumerate() {
                check(service, &member.shape, item, &format!("{path}.{}.member", index + 1), violations)?;
            }
            Ok(())
        }
        (Kind::String, Value::String(text)) => {
            let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
            if let Some(min) = shape.min.filter(|&min| length < min) {
                violations.push(format!(
                    "Value at '{path}' failed to satisfy constraint: Member must have length greater than or equal to {min}"
                ));
            }
            if let Some(max) = shape.max.filter(|&max| length > max) {
                violations.push(format!(
                    "Value at '{path}' failed to satisfy constraint: Member must have length less than or equal to {max}"
                ));
            }
            if !shape.values.is_empty() && !shape.values.iter().any(|known| same_enum(known, text)) {
                violations.push(format!(
                    "Value '{text}' at '{path}' failed to satisfy constraint: Member must satisfy enum value set: [{}]",
                    shape.values.join(", ")
                ));
            }
            Ok(())
        }
        (Kind::Integer | Kind::Long, Value::Number(number)) if number.is_i64() => Ok(()),
        (Kind::Double | Kind::Timestamp, Value::Number(_)) | (Kind::Boolean, Value::Bool(_)) => Ok(()),
        (Kind::Blob, Value::String(text)) if STANDARD.decode(text).is_ok() => Ok(()),
        (kind, _) => Err(errors::serialization(format!(
            "The value at '{path}' is not a {}",
            format!("{kind:?}").to_lowercase()
        ))),
    }
}

/// DMS takes enumeration values in any case and with `_` for `-`: Terraform has sent both for years.
fn same_enum(known: &str, given: &str) -> bool {
    let fold = |text: &str| text.to_ascii_lowercase().replace('_', "-");
    fold(known) == fold(given)
}

/// AWS names members in messages with a small first letter.
fn camel(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// An answer with a member that the model does not have is a bug of the emulator: it panics in debug builds.
pub(crate) fn check_output(service: &Service, operation: &str, output: &Value) {
    if cfg!(debug_assertions) {
        let shape = service.operations[operation].output.as_deref();
        if let Some(strange) = shape.and_then(|shape| strange_member(service, shape, output, "")) {
            panic!("{operation} answers {strange}, which the API model does not have");
        }
    }
}

fn strange_member(service: &Service, name: &str, value: &Value, path: &str) -> Option<String> {
    let shape = service.shape(name);
    let here = || Some(format!("{path} as {value}"));
    match (shape.kind, value) {
        (Kind::Structure, Value::Object(map)) => map.iter().find_map(|(name, value)| {
            let path = join(path, name);
            match shape.members.get(name) {
                Some(member) => strange_member(service, &member.shape, value, &path),
                None => Some(path),
            }
        }),
        (Kind::List, Value::Array(items)) => {
            let member = shape.member.as_ref()?;
            items.iter().find_map(|item| strange_member(service, &member.shape, item, path))
        }
        (Kind::Map, Value::Object(map)) => {
            let value = shape.value.as_ref()?;
            map.iter().find_map(|(key, item)| strange_member(service, &value.shape, item, &join(path, key)))
        }
        (Kind::String | Kind::Blob, Value::String(_))
        | (Kind::Boolean, Value::Bool(_))
        | (Kind::Integer | Kind::Long | Kind::Double | Kind::Timestamp, Value::Number(_)) => None,
        _ => here(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::query::DMS;

    fn error(operation: &str, input: &Value) -> (&'static str, String) {
        let error = validate(&DMS, operation, input.as_object().unwrap()).unwrap_err();
        (error.code, error.message)
    }

    #[test]
    fn a_wrong_request_is_refused_with_the_place() {
        let missing = error("CreateEndpoint", &json!({"EndpointIdentifier": "e", "EngineName": "mysql"}));
        assert_eq!(
            missing,
            (
                "ValidationException",
                "1 validation error detected: Value null at 'endpointType' failed to satisfy constraint: Member must not be null"
                    .to_owned()
            )
        );
        let unknown = error("DeleteEndpoint", &json!({"EndpointArn": "a", "Force": true}));
        assert_eq!(unknown, ("SerializationException", "Unknown member Force".to_owned()));
        let wrong = error("ModifyEndpoint", &json!({"EndpointArn": "a", "MySQLSettings": {"Port": "x"}}));
        assert_eq!(
            wrong,
            ("SerializationException", "The value at 'mySQLSettings.port' is not a integer".to_owned())
        );
    }

    #[test]
    fn enumerations_fold_case_and_underscores() {
        let input = json!({"EndpointArn": "a", "MongoDbSettings": {"AuthMechanism": "MONGODB-CR"}});
        assert_eq!(validate(&DMS, "ModifyEndpoint", input.as_object().unwrap()), Ok(()));
        let (code, message) = error("ModifyEndpoint", &json!({"EndpointArn": "a", "SslMode": "tls"}));
        assert_eq!(code, "ValidationException");
        assert!(message.ends_with("enum value set: [none, require, verify-ca, verify-full]"));
    }

    #[test]
    fn strange_members_of_answers_are_found() {
        let output = json!({"Connection": {"Status": "testing", "Speed": 1}});
        let strange = strange_member(&DMS, "TestConnectionResponse", &output, "");
        assert_eq!(strange.as_deref(), Some("Connection.Speed"));
        let null = json!({"Connection": {"Status": null}});
        assert!(strange_member(&DMS, "TestConnectionResponse", &null, "").is_some());
    }
}
