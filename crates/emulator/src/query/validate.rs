//! The model's constraints, checked and worded as IAM and STS do: `ValidationError`, all violations in one message.

use serde_json::{Map, Value};

use super::shapes::{Kind, Service, Shape};
use crate::api::AwsError;

/// The pattern of names of roles and policies, which IAM words in a way of its own.
const NAME_PATTERN: &str = r"pattern: [\w+=,.@-]+";
const INVALID_NAME: &str = "The specified value for";

/// Checks required members, lengths, ranges, patterns and enumerations of an input.
pub(crate) fn validate(
    service: &Service,
    operation: &str,
    input: &Map<String, Value>,
) -> Result<(), AwsError> {
    let Some(shape) = service.operations.get(operation).and_then(|operation| operation.input.as_deref())
    else {
        return Ok(());
    };
    let mut violations = Vec::new();
    check_members(service, service.shape(shape), input, "", &mut violations);
    let message = match violations.as_slice() {
        [] => return Ok(()),
        [one] if one.starts_with(INVALID_NAME) => one.clone(),
        [one] => format!("1 validation error detected: {one}"),
        many => format!("{} validation errors detected: {}", many.len(), many.join("; ")),
    };
    Err(AwsError::new(400, "ValidationError", message))
}

fn check_members(
    service: &Service,
    shape: &Shape,
    input: &Map<String, Value>,
    path: &str,
    violations: &mut Vec<String>,
) {
    for name in &shape.required {
        if !input.contains_key(name) {
            let path = join(path, name);
            violations.push(format!(
                "Value null at '{path}' failed to satisfy constraint: Member must not be null"
            ));
        }
    }
    for (name, value) in input {
        if let Some(member) = shape.members.get(name) {
            check(service, service.shape(&member.shape), value, &join(path, name), violations);
        }
    }
}

fn check(service: &Service, shape: &Shape, value: &Value, path: &str, violations: &mut Vec<String>) {
    match value {
        Value::Object(map) => check_members(service, shape, map, path, violations),
        Value::Array(items) => {
            let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
            if let Some(broken) = length_outside(shape, length) {
                violations.push(failed(&Value::from(items.as_slice()).to_string(), path, &broken));
            }
            let Some(member) = shape.member.as_ref().map(|member| service.shape(&member.shape)) else {
                return;
            };
            if member.kind == Kind::Structure {
                for (index, item) in items.iter().enumerate() {
                    check(service, member, item, &format!("{path}.{}.member", index + 1), violations);
                }
            } else if let Some(broken) = items.iter().find_map(|item| broken_scalar(service, member, item)) {
                let shown = Value::from(items.as_slice()).to_string();
                violations.push(failed(&shown, path, &format!("Member must satisfy constraint: [{broken}]")));
            }
        }
        scalar => {
            if let Some(broken) = broken_scalar(service, shape, scalar) {
                if broken.ends_with(NAME_PATTERN) {
                    let allowed =
                        "It must contain only alphanumeric characters and/or the following: +=,.@_-";
                    violations.push(format!("{INVALID_NAME} {path} is invalid. {allowed}"));
                    return;
                }
                let shown = scalar.as_str().map_or_else(|| scalar.to_string(), str::to_owned);
                violations.push(failed(&shown, path, &broken));
            }
        }
    }
}

fn broken_scalar(service: &Service, shape: &Shape, value: &Value) -> Option<String> {
    match value {
        Value::String(text) => {
            let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
            if let Some(broken) = length_outside(shape, length) {
                return Some(broken);
            }
            if let Some(pattern) = shape.pattern.as_deref().filter(|pattern| !service.matches(pattern, text))
            {
                return Some(format!("Member must satisfy regular expression pattern: {pattern}"));
            }
            let known = shape.values.is_empty() || shape.values.contains(text);
            (!known).then(|| format!("Member must satisfy enum value set: [{}]", shape.values.join(", ")))
        }
        Value::Number(number) => {
            let number = number.as_i64()?;
            if let Some(min) = shape.min.filter(|&min| number < min) {
                return Some(format!("Member must have value greater than or equal to {min}"));
            }
            let max = shape.max.filter(|&max| number > max)?;
            Some(format!("Member must have value less than or equal to {max}"))
        }
        _ => None,
    }
}

fn length_outside(shape: &Shape, length: i64) -> Option<String> {
    if let Some(min) = shape.min.filter(|&min| length < min) {
        return Some(format!("Member must have length greater than or equal to {min}"));
    }
    let max = shape.max.filter(|&max| length > max)?;
    Some(format!("Member must have length less than or equal to {max}"))
}

fn failed(value: &str, path: &str, constraint: &str) -> String {
    format!("Value '{value}' at '{path}' failed to satisfy constraint: {constraint}")
}

/// AWS names members in messages with a small first letter: `tags.1.member.value`.
fn join(path: &str, name: &str) -> String {
    let mut letters = name.chars();
    let lowered: String =
        letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect();
    if path.is_empty() { lowered } else { format!("{path}.{lowered}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::shapes::{IAM, STS};
    use super::*;

    fn message(service: &Service, operation: &str, input: &Value) -> String {
        let error = validate(service, operation, input.as_object().unwrap()).unwrap_err();
        assert_eq!((error.status, error.code), (400, "ValidationError"));
        error.message
    }

    #[test]
    fn words_tags_as_aws_does() {
        // The text of AWS as quoted in https://github.com/SWO-GS/auto-tag/issues/90.
        let input =
            json!({"RoleName": "r", "Tags": [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": "x,y"}]});
        assert_eq!(
            message(&IAM, "TagRole", &input),
            r"1 validation error detected: Value 'x,y' at 'tags.2.member.value' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]*"
        );
    }

    #[test]
    fn words_names_as_iam_does() {
        let input = json!({"RoleName": "two words"});
        assert_eq!(
            message(&IAM, "GetRole", &input),
            "The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"
        );
    }

    #[test]
    fn counts_all_violations() {
        let input = json!({"RoleName": "r".repeat(65), "MaxSessionDuration": 60});
        let message = message(&IAM, "CreateRole", &input);
        assert!(message.starts_with("3 validation errors detected: "), "{message}");
        assert!(message.contains("Value null at 'assumeRolePolicyDocument'"), "{message}");
        assert!(message.contains(
            "'roleName' failed to satisfy constraint: Member must have length less than or equal to 64"
        ));
        assert!(message.contains("'maxSessionDuration' failed to satisfy constraint: Member must have value greater than or equal to 3600"));
    }

    #[test]
    fn checks_lists_ranges_and_enumerations() {
        let tags: Vec<_> = (0..51).map(|n| json!({"Key": format!("k{n}"), "Value": ""})).collect();
        let text = message(&IAM, "TagRole", &json!({"RoleName": "r", "Tags": tags}));
        assert!(text.ends_with(
            "at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50"
        ));
        let text = message(&IAM, "UntagRole", &json!({"RoleName": "r", "TagKeys": ["a,b"]}));
        assert!(
            text.contains("at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: ["),
            "{text}"
        );
        let text = message(&IAM, "GetAccountAuthorizationDetails", &json!({"Filter": ["Robot"]}));
        assert!(text.contains("Member must satisfy enum value set: [User, Role, "), "{text}");
        let text = message(
            &STS,
            "AssumeRole",
            &json!({"RoleArn": "arn:aws:iam::123456789012:role/r", "RoleSessionName": "s"}),
        );
        assert!(text.contains("'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2"));
    }
}
