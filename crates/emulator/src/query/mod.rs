//! The AWS Query protocol: form parameters in, XML out, both by the shapes of the API model.

mod form;
#[cfg(test)]
mod properties;
mod render;
mod shapes;
mod validate;

pub(crate) use form::{parameters, parse};
pub(crate) use render::{error_document, response_document};
pub(crate) use shapes::{CLOUDWATCH, DMS, IAM, Kind, SECRETS_MANAGER, STS, Service};
pub(crate) use validate::validate;

use crate::api::AwsError;

/// The answer to an operation that this service does not have.
pub(crate) fn no_such_operation(service: &Service, operation: &str) -> AwsError {
    let version = &service.metadata.api_version;
    AwsError::new(400, "InvalidAction", format!("Could not find operation {operation} for version {version}"))
}
