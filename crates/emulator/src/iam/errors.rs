//! IAM's errors in IAM's words.

use crate::api::AwsError;

pub(super) fn no_such_role(name: &str) -> AwsError {
    AwsError::new(404, "NoSuchEntity", format!("The role with name {name} cannot be found."))
}

pub(super) fn no_such_entity(message: impl Into<String>) -> AwsError {
    AwsError::new(404, "NoSuchEntity", message)
}

pub(super) fn role_exists(name: &str) -> AwsError {
    AwsError::new(409, "EntityAlreadyExists", format!("Role with name {name} already exists."))
}

pub(super) fn delete_conflict(message: &str) -> AwsError {
    AwsError::new(409, "DeleteConflict", message)
}

/// Quotas are named as in Service Quotas, `RolesPerAccount` for one.
pub(super) fn quota(name: &str, limit: usize) -> AwsError {
    limit_exceeded(format!("Cannot exceed quota for {name}: {limit}"))
}

pub(super) fn limit_exceeded(message: impl Into<String>) -> AwsError {
    AwsError::new(409, "LimitExceeded", message)
}

pub(super) fn malformed(message: impl Into<String>) -> AwsError {
    AwsError::new(400, "MalformedPolicyDocument", message)
}

pub(super) fn invalid_input(message: impl Into<String>) -> AwsError {
    AwsError::new(400, "InvalidInput", message)
}

/// As seen on live AWS, <https://github.com/gruntwork-io/cloud-nuke/issues/880>.
pub(super) fn protected_role(name: &str) -> AwsError {
    let message = format!(
        "Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
    );
    AwsError::new(400, "UnmodifiableEntity", message)
}
