//! Errors in DMS's words. Where a wording has been seen on AWS, its place is named.

use serde_json::Value;

use crate::api::AwsError;

fn fault(code: &'static str, message: impl Into<String>) -> AwsError {
    AwsError::new(400, code, message)
}

pub(super) fn unknown_operation(operation: &str) -> AwsError {
    fault("UnknownOperationException", format!("The emulator has no operation {operation}"))
}

pub(super) fn serialization(message: impl Into<String>) -> AwsError {
    fault("SerializationException", message)
}

pub(super) fn validation(message: impl Into<String>) -> AwsError {
    fault("ValidationException", message)
}

pub(super) fn invalid_value(message: impl Into<String>) -> AwsError {
    fault("InvalidParameterValueException", message)
}

pub(super) fn invalid_combination(message: impl Into<String>) -> AwsError {
    fault("InvalidParameterCombinationException", message)
}

pub(super) fn invalid_state(message: impl Into<String>) -> AwsError {
    fault("InvalidResourceStateFault", message)
}

pub(super) fn not_found(message: impl Into<String>) -> AwsError {
    fault("ResourceNotFoundFault", message)
}

/// `No Endpoints found matching provided filters`, as scripts on GitHub match it.
pub(super) fn no_match(plural: &str) -> AwsError {
    not_found(format!("No {plural} found matching provided filters"))
}

/// `ReplicationEndpoint "xxx" already in use`
/// (<https://github.com/hashicorp/terraform-provider-aws>, `internal/service/dms/endpoint_test.go`).
pub(super) fn already_exists(kind: &str, identifier: &str, arn: &str) -> AwsError {
    let mut error = fault("ResourceAlreadyExistsFault", format!("{kind} \"{identifier}\" already in use"));
    error.extra.insert("resourceArn".to_owned(), Value::from(arn));
    error
}

pub(super) fn quota(what: &str, most: usize) -> AwsError {
    fault("ResourceQuotaExceededFault", format!("The quota of {most} {what} has been reached"))
}

pub(super) fn storage_quota(most: i64) -> AwsError {
    fault("StorageQuotaExceededFault", format!("The storage quota of {most} GB has been exceeded"))
}

pub(super) fn invalid_subnet(message: impl Into<String>) -> AwsError {
    fault("InvalidSubnet", message)
}

pub(super) fn too_few_zones() -> AwsError {
    let message = "Replication Subnet Group doesn't meet availability zone coverage requirement. Please add subnets to cover at \
         least 2 availability zones. Current coverage: 1";
    fault("ReplicationSubnetGroupDoesNotCoverEnoughAZs", message)
}

pub(super) fn role_not_configured(arn: &str) -> AwsError {
    fault("AccessDeniedFault", format!("The IAM Role {arn} is not configured properly."))
}

pub(super) fn key_not_accessible(key: &str) -> AwsError {
    fault("KMSKeyNotAccessibleFault", format!("The specified KMS key '{key}' is not accessible"))
}
