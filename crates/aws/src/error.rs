//! What a failed call of the SDK means for what to do next.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_databasemigration::error::ProvideErrorMetadata;
use aws_sdk_databasemigration::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use pipewright_engine::{CallError, ErrorClass};
use pipewright_model::Secret;

/// Names the operation of a failed call and classifies its error.
pub(crate) trait Named<T> {
    /// The result with its error classified, as one of `operation`, for example `dms:CreateEndpoint`.
    fn named(self, operation: &str) -> Result<T, CallError>;
}

impl<T, E> Named<T> for Result<T, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    fn named(self, operation: &str) -> Result<T, CallError> {
        self.map_err(|error| classify(operation, &error))
    }
}

/// What a call gives when that the thing is gone already is as good.
pub(crate) fn absent_is_fine(result: Result<(), CallError>) -> Result<(), CallError> {
    match result {
        Err(error) if error.class == ErrorClass::NotFound => Ok(()),
        other => other,
    }
}

/// A call that was not made, because what it needs is missing or wrong.
pub(crate) fn refused(operation: &str, code: &str, message: impl Into<String>) -> CallError {
    CallError {
        operation: operation.to_owned(),
        class: ErrorClass::Invalid,
        code: code.to_owned(),
        message: message.into(),
        request_id: None,
    }
}

/// Strikes out of an error every secret that the failed call carried: AWS may repeat parameters in its
/// messages.
pub(crate) fn redacted<'a>(mut error: CallError, secrets: impl IntoIterator<Item = &'a Secret>) -> CallError {
    for secret in secrets {
        let value = secret.expose();
        if value.is_empty() {
            continue;
        }
        error.message = error.message.replace(value, Secret::REDACTED);
        // A message may quote the request's JSON.
        let quoted = serde_json::Value::from(value).to_string();
        let quoted = quoted.trim_matches('"');
        if quoted != value {
            error.message = error.message.replace(quoted, Secret::REDACTED);
        }
    }
    error
}

fn classify<E>(operation: &str, error: &SdkError<E, HttpResponse>) -> CallError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let request_id = error.request_id().map(str::to_owned);
    let (class, code, message) = match error {
        SdkError::ServiceError(answer) => {
            let body = answer.raw().body().bytes().map(String::from_utf8_lossy).unwrap_or_default();
            let code = answer.err().code().or_else(|| element(&body, "Code")).unwrap_or_default();
            let message = answer.err().message().or_else(|| element(&body, "Message")).unwrap_or_default();
            let status = answer.raw().status().as_u16();
            let class = class_of(code, message, status);
            let text = with_hint(code, message);
            let code = if code.is_empty() { format!("HTTP {status}") } else { code.to_owned() };
            (class, code, text)
        }
        _ => unanswered(error),
    };
    CallError { operation: operation.to_owned(), class, code, message, request_id }
}

/// The text of the first XML element of this name. Servers that answer before they know the service, in
/// XML where JSON was asked for or with the error one level deeper, are not understood by the SDK.
fn element<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = body.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    Some(text)
}

/// The class of an error that AWS answered with.
fn class_of(code: &str, message: &str, status: u16) -> ErrorClass {
    match code {
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "RequestLimitExceeded"
        | "TooManyRequests"
        | "TooManyRequestsException"
        | "SlowDown" => ErrorClass::Throttled,
        // DMS says so of a role that was made a moment ago, for up to about two minutes, and of one
        // that is really wrong, for ever. The engine tries again for a bounded time.
        "AccessDeniedFault" if message.contains("is not configured properly") => ErrorClass::RoleNotReady,
        "ConcurrentModification" | "ConcurrentModificationException" => ErrorClass::Concurrent,
        "EntityAlreadyExists" | "EntityAlreadyExistsException" | "ResourceAlreadyExistsFault" => {
            ErrorClass::AlreadyExists
        }
        "NoSuchEntity" | "NoSuchEntityException" | "ResourceNotFoundFault" | "ResourceNotFoundException" => {
            ErrorClass::NotFound
        }
        "InvalidResourceStateFault" | "DeleteConflict" | "DeleteConflictException" => {
            ErrorClass::InvalidState
        }
        "ExpiredToken"
        | "ExpiredTokenException"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "IncompleteSignature"
        | "IncompleteSignatureException"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "UnauthorizedOperation"
        | "OptInRequired" => ErrorClass::AccessDenied,
        _ if code.contains("AccessDenied") => ErrorClass::AccessDenied,
        // An answer in a form that the SDK finds no code in, of a proxy for example.
        _ if matches!(status, 401 | 403) => ErrorClass::AccessDenied,
        _ if status == 429 => ErrorClass::Throttled,
        _ if status >= 500 => ErrorClass::Transient,
        _ => ErrorClass::Invalid,
    }
}

/// What to do about an error of the credentials, after AWS's own words.
fn with_hint(code: &str, message: &str) -> String {
    let hint = match code {
        "ExpiredToken" | "ExpiredTokenException" => "renew the credentials, for example by `aws sso login`",
        "InvalidClientTokenId" | "UnrecognizedClientException" => {
            "AWS does not know this access key: check which credentials are in use and the region's partition"
        }
        "SignatureDoesNotMatch" | "InvalidSignatureException" => {
            "check the secret access key, and that this machine's clock is right"
        }
        _ => return message.to_owned(),
    };
    if message.is_empty() { hint.to_owned() } else { format!("{message} ({hint})") }
}

/// Class, code and message of an error that is no answer of AWS's.
fn unanswered<E>(error: &SdkError<E, HttpResponse>) -> (ErrorClass, String, String)
where
    E: Error + Send + Sync + 'static,
{
    if let Some(credentials) = find::<CredentialsError>(error) {
        return no_credentials(credentials);
    }
    let (class, code) = match error {
        SdkError::TimeoutError(_) => (ErrorClass::Transient, "Timeout"),
        SdkError::DispatchFailure(_) => (ErrorClass::Transient, "NoAnswer"),
        // An answer that ends early or cannot be read: the call may have taken effect.
        SdkError::ResponseError(_) => (ErrorClass::Transient, "UnreadableAnswer"),
        _ => (ErrorClass::Invalid, "InvalidRequest"),
    };
    // The outermost text only repeats the code in other words.
    (class, code.to_owned(), chain(error.source().unwrap_or(error)))
}

/// Class, code and message of credentials that could not be had.
fn no_credentials(error: &CredentialsError) -> (ErrorClass, String, String) {
    let unreachable = find::<ConnectorError>(error).is_some_and(|found| found.is_io() || found.is_timeout());
    let (class, code) = match error {
        CredentialsError::CredentialsNotLoaded(_) => (ErrorClass::AccessDenied, "NoCredentials"),
        CredentialsError::ProviderTimedOut(_) => (ErrorClass::Transient, "NoCredentials"),
        _ if unreachable => (ErrorClass::Transient, "NoCredentials"),
        _ => (ErrorClass::AccessDenied, "CredentialsFailed"),
    };
    let message = format!(
        "{} (check AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or `aws sso login`; where a role \
         is assumed, whether it trusts the caller)",
        chain(error)
    );
    (class, code.to_owned(), message)
}

/// The first error of this type among an error and its causes.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// An error and what caused it, each once, in one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        let more = error.to_string();
        if !text.ends_with(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        next = error.source();
    }
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use aws_sdk_sts::error::ErrorMetadata;
    use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityError;

    use super::*;

    #[test]
    fn codes_are_classified_by_what_to_do_next() {
        for (code, message, status, class) in [
            ("ThrottlingException", "Rate exceeded", 400, ErrorClass::Throttled),
            ("Throttling", "Rate exceeded", 400, ErrorClass::Throttled),
            ("", "", 429, ErrorClass::Throttled),
            ("", "", 403, ErrorClass::AccessDenied),
            ("", "", 503, ErrorClass::Transient),
            ("InternalFailure", "", 500, ErrorClass::Transient),
            (
                "AccessDeniedFault",
                "The IAM Role arn:aws:iam::1:role/dms-vpc-role is not configured properly.",
                400,
                ErrorClass::RoleNotReady,
            ),
            ("AccessDeniedFault", "no", 400, ErrorClass::AccessDenied),
            ("AccessDeniedException", "no", 400, ErrorClass::AccessDenied),
            ("AccessDenied", "no", 403, ErrorClass::AccessDenied),
            ("KMSAccessDeniedFault", "no", 400, ErrorClass::AccessDenied),
            ("ExpiredTokenException", "", 400, ErrorClass::AccessDenied),
            ("ConcurrentModification", "", 409, ErrorClass::Concurrent),
            ("EntityAlreadyExists", "", 409, ErrorClass::AlreadyExists),
            ("ResourceAlreadyExistsFault", "", 400, ErrorClass::AlreadyExists),
            ("NoSuchEntity", "", 404, ErrorClass::NotFound),
            ("ResourceNotFoundFault", "", 400, ErrorClass::NotFound),
            ("InvalidResourceStateFault", "", 400, ErrorClass::InvalidState),
            ("DeleteConflict", "", 409, ErrorClass::InvalidState),
            ("ResourceQuotaExceededFault", "", 400, ErrorClass::Invalid),
            ("InvalidParameterValueException", "", 400, ErrorClass::Invalid),
        ] {
            assert_eq!(class_of(code, message, status), class, "{code} {status}");
        }
    }

    #[test]
    fn an_error_that_the_sdk_does_not_understand_is_read_from_the_answer() {
        let body = "<ErrorResponse><Errors><Error><Code>SignatureDoesNotMatch</Code>\
                    <Message>The signature differs.</Message></Error></Errors></ErrorResponse>";
        let answer = HttpResponse::new(403.try_into().unwrap(), body.into());
        let error = GetCallerIdentityError::generic(ErrorMetadata::builder().build());
        let error = classify("sts:GetCallerIdentity", &SdkError::service_error(error, answer));
        assert_eq!((error.class, error.code.as_str()), (ErrorClass::AccessDenied, "SignatureDoesNotMatch"));
        assert!(error.message.starts_with("The signature differs. (check"), "{}", error.message);
    }

    #[test]
    fn secrets_that_aws_repeats_are_struck_out() {
        let secrets = [Secret::new("hunter\"2"), Secret::new(""), Secret::new("tiger")];
        let error = refused(
            "dms:CreateEndpoint",
            "InvalidParameterValueException",
            r#"bad value hunter"2 in {"Password": "hunter\"2", "AsmPassword": "tiger"}"#,
        );
        assert_eq!(
            redacted(error, &secrets).message,
            r#"bad value (sensitive) in {"Password": "(sensitive)", "AsmPassword": "(sensitive)"}"#
        );
    }

    #[test]
    fn no_answer_is_transient_and_missing_credentials_are_not() {
        type Failed = SdkError<GetCallerIdentityError, HttpResponse>;
        let classified = |error: &Failed| classify("sts:GetCallerIdentity", error);

        let timeout = classified(&Failed::timeout_error("30 s have passed"));
        assert_eq!((timeout.class, timeout.code.as_str()), (ErrorClass::Transient, "Timeout"));

        let refused = ConnectorError::io("connection refused".into());
        let refused = classified(&Failed::dispatch_failure(refused));
        assert_eq!((refused.class, refused.code.as_str()), (ErrorClass::Transient, "NoAnswer"));
        assert_eq!(refused.message, "io error: connection refused");

        let none = ConnectorError::other(CredentialsError::not_loaded("no\n profile").into(), None);
        let none = classified(&Failed::dispatch_failure(none));
        assert_eq!((none.class, none.code.as_str()), (ErrorClass::AccessDenied, "NoCredentials"));
        assert!(none.message.contains("no profile (check AWS_PROFILE"), "{}", none.message);

        let unreachable = CredentialsError::provider_error(ConnectorError::io("no route".into()));
        let unreachable =
            classified(&Failed::dispatch_failure(ConnectorError::other(unreachable.into(), None)));
        assert_eq!(unreachable.class, ErrorClass::Transient);
    }
}
