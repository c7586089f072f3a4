//! The rules for identifiers, as the API reference states them.

use super::{Input, errors, optional_text};
use crate::api::AwsError;

/// Letters, digits and single hyphens, a letter first, no hyphen last; at most `longest`. Answers it in lower case.
pub(super) fn identifier(member: &str, given: &str, longest: usize) -> Result<String, AwsError> {
    if given.is_empty() {
        return Err(errors::invalid_value(format!(
            "The parameter {member} must be provided and must not be blank."
        )));
    }
    let characters = given.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let starts = given.bytes().next().is_some_and(|b| b.is_ascii_alphabetic());
    if !characters || !starts || given.ends_with('-') || given.contains("--") || given.len() > longest {
        return Err(errors::invalid_value(format!(
            "The parameter {member} is not a valid identifier. Identifiers must begin with a letter; must contain only \
             ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens. \
             They have at most {longest} characters."
        )));
    }
    Ok(given.to_ascii_lowercase())
}

/// The ResourceIdentifier of a create call.
pub(super) fn resource_identifier(input: &Input) -> Result<Option<&str>, AwsError> {
    let Some(given) = optional_text(input, "ResourceIdentifier") else {
        return Ok(None);
    };
    identifier("ResourceIdentifier", given, 31)?;
    Ok(Some(given))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers() {
        assert_eq!(identifier("X", "My-Endpoint-1", 63).unwrap(), "my-endpoint-1");
        for bad in ["", "1a", "a_b", "a--b", "a-", "é", "a b"] {
            let error = identifier("X", bad, 63).unwrap_err();
            assert_eq!(error.code, "InvalidParameterValueException", "{bad}");
        }
        assert!(identifier("X", &"a".repeat(64), 63).is_err());
    }
}
