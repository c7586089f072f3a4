//! Signature Version 4 in the Authorization header: who calls, from which region, and whether the signature holds.
//!
//! The account follows from the access key: that of the session for temporary credentials; the key itself where it
//! has twelve digits, which is how one server plays several accounts; else the configured account.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::HeaderMap;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};

use crate::Config;
use crate::api::{AwsError, Caller};
use crate::sessions::Session;

/// How far the client's clock may be off, either way.
const SKEW: Duration = Duration::from_mins(5);

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The parts of an HTTP request that a signature covers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SignedRequest<'a> {
    pub method: &'a str,
    /// As it came, still encoded.
    pub path: &'a str,
    /// As it came, without `?`.
    pub query: &'a str,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
}

/// What the Authorization header tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub account: String,
    pub region: String,
    /// The signing name; empty for an unsigned request.
    pub service: String,
    pub caller: Caller,
}

/// Why a request is refused before its service sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AuthError {
    /// There is no Authorization header.
    Missing,
    /// The header does not say all that it must.
    Incomplete(String),
    /// The access key or the session token is not known.
    UnknownKey,
    /// The session is over.
    SessionExpired,
    /// The signature is another one, or of another time or scope.
    Mismatch(String),
}

impl AuthError {
    /// The error of IAM and STS.
    pub(crate) fn into_query_error(self) -> AwsError {
        match self {
            AuthError::Missing => {
                AwsError::new(403, "MissingAuthenticationToken", "Request is missing Authentication Token")
            }
            AuthError::Incomplete(message) => AwsError::new(400, "IncompleteSignature", message),
            AuthError::UnknownKey => AwsError::new(
                403,
                "InvalidClientTokenId",
                "The security token included in the request is invalid.",
            ),
            AuthError::SessionExpired => {
                AwsError::new(403, "ExpiredToken", "The security token included in the request is expired")
            }
            AuthError::Mismatch(message) => AwsError::new(403, "SignatureDoesNotMatch", message),
        }
    }

    /// The error of DMS.
    pub(crate) fn into_json_error(self) -> AwsError {
        match self {
            AuthError::Missing => {
                AwsError::new(400, "MissingAuthenticationTokenException", "Missing Authentication Token")
            }
            AuthError::Incomplete(message) => AwsError::new(400, "IncompleteSignatureException", message),
            AuthError::UnknownKey => AwsError::new(
                400,
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            ),
            AuthError::SessionExpired => AwsError::new(
                400,
                "ExpiredTokenException",
                "The security token included in the request is expired",
            ),
            AuthError::Mismatch(message) => AwsError::new(400, "InvalidSignatureException", message),
        }
    }
}

/// Tells who signed. With configured credentials the signature must be there and hold at `real_now`, the time since
/// the Unix epoch; without them an unsigned request is the configured account's, and only a session token is checked.
pub(crate) fn identify(
    request: &SignedRequest<'_>,
    config: &Config,
    real_now: Duration,
) -> Result<Identity, AuthError> {
    let Some(authorization) = header(request.headers, "authorization") else {
        if config.credentials.is_some() {
            return Err(AuthError::Missing);
        }
        return Ok(unsigned(config));
    };
    let authorization = Authorization::parse(&authorization)?;
    let signed_at = signed_at(request.headers, &authorization)?;
    let session = header(request.headers, "x-amz-security-token")
        .map(|token| open_session(config, &token, authorization.access_key_id))
        .transpose()?;
    if let Some(configured) = &config.credentials {
        let secret = match &session {
            Some(session) => session.credentials(config).secret_access_key,
            None if authorization.access_key_id == configured.access_key_id
                || names_account(authorization.access_key_id) =>
            {
                configured.secret_access_key.clone()
            }
            None => return Err(AuthError::UnknownKey),
        };
        check_time(&signed_at, real_now)?;
        verify(request, &authorization, &secret)?;
    }
    if session.as_ref().is_some_and(|session| session.expires <= real_now.as_secs()) {
        return Err(AuthError::SessionExpired);
    }
    Ok(identity(&authorization, session.as_ref(), config, signed_at.0))
}

fn unsigned(config: &Config) -> Identity {
    Identity {
        account: config.account_id.clone(),
        region: config.region.clone(),
        service: String::new(),
        caller: user(&config.account_id, &config.region, "", None),
    }
}

fn identity(
    authorization: &Authorization<'_>,
    session: Option<&Session>,
    config: &Config,
    at: Duration,
) -> Identity {
    let key = authorization.access_key_id;
    let region = if authorization.region.is_empty() { &config.region } else { authorization.region };
    let (account, caller) = if let Some(session) = session {
        let caller = Caller {
            arn: session.arn(),
            user_id: session.user_id(),
            access_key_id: key.to_owned(),
            signed_at: Some(at),
        };
        (session.account.clone(), caller)
    } else {
        let account = if names_account(key) { key } else { &config.account_id };
        (account.to_owned(), user(account, region, key, Some(at)))
    };
    Identity { account, region: region.to_owned(), service: authorization.service.to_owned(), caller }
}

/// Long-term keys belong to one user an account.
fn user(account: &str, region: &str, access_key_id: &str, signed_at: Option<Duration>) -> Caller {
    let partition = partition_of(region);
    Caller {
        arn: format!("arn:{partition}:iam::{account}:user/sandbox"),
        user_id: format!("AIDA{}", crate::iam::base32(&Sha256::digest(account), 17)),
        access_key_id: access_key_id.to_owned(),
        signed_at,
    }
}

/// The partition of a region.
pub(crate) fn partition_of(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    }
}

fn names_account(access_key_id: &str) -> bool {
    access_key_id.len() == 12 && access_key_id.bytes().all(|b| b.is_ascii_digit())
}

fn open_session(config: &Config, token: &str, access_key_id: &str) -> Result<Session, AuthError> {
    let session = Session::open(config, token).ok_or(AuthError::UnknownKey)?;
    if session.credentials(config).access_key_id == access_key_id {
        Ok(session)
    } else {
        Err(AuthError::UnknownKey)
    }
}

/// `AWS4-HMAC-SHA256 Credential=KEY/20150830/us-east-1/iam/aws4_request, SignedHeaders=host;x-amz-date, Signature=hex`
#[derive(Debug)]
struct Authorization<'a> {
    access_key_id: &'a str,
    date: &'a str,
    region: &'a str,
    service: &'a str,
    signed_headers: Vec<&'a str>,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    fn parse(header: &'a str) -> Result<Self, AuthError> {
        let Some(rest) = header.strip_prefix("AWS4-HMAC-SHA256") else {
            return Err(AuthError::Incomplete(
                "Unsupported authorization algorithm; use AWS4-HMAC-SHA256.".to_owned(),
            ));
        };
        let parts: BTreeMap<&str, &str> = rest
            .split(',')
            .filter_map(|part| part.trim().split_once('='))
            .map(|(name, value)| (name, value.trim()))
            .collect();
        let missing: Vec<String> = ["Credential", "Signature", "SignedHeaders"]
            .iter()
            .filter(|name| parts.get(*name).is_none_or(|value| value.is_empty()))
            .map(|name| format!("Authorization header requires '{name}' parameter."))
            .collect();
        if !missing.is_empty() {
            return Err(AuthError::Incomplete(missing.join(" ")));
        }
        // The key comes first and may hold slashes; the scope after it has four parts.
        let mut scope = parts["Credential"].rsplitn(5, '/');
        let mut next = || scope.next().unwrap_or_default();
        let (terminator, service, region, date, access_key_id) = (next(), next(), next(), next(), next());
        if terminator != "aws4_request" || access_key_id.is_empty() {
            let message = "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term";
            return Err(AuthError::Incomplete(format!("{message}, got '{}'", parts["Credential"])));
        }
        let signed_headers = parts["SignedHeaders"].split(';').collect();
        Ok(Authorization {
            access_key_id,
            date,
            region,
            service,
            signed_headers,
            signature: parts["Signature"],
        })
    }

    fn scope(&self) -> String {
        format!("{}/{}/{}/aws4_request", self.date, self.region, self.service)
    }
}

/// The time that was signed, and as it was written.
fn signed_at(
    headers: &HeaderMap,
    authorization: &Authorization<'_>,
) -> Result<(Duration, String), AuthError> {
    let Some(written) = header(headers, "x-amz-date").or_else(|| header(headers, "date")) else {
        let message = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.";
        return Err(AuthError::Incomplete(message.to_owned()));
    };
    let read = DateTime::strptime("%Y%m%dT%H%M%SZ", &written).ok();
    let read = read.and_then(|date| TimeZone::UTC.to_timestamp(date).ok());
    let seconds = read.and_then(|time| u64::try_from(time.as_second()).ok());
    let Some(seconds) = seconds else {
        let message = format!("Date must be in ISO-8601 'basic format'. Got '{written}'.");
        return Err(AuthError::Incomplete(message));
    };
    if !written.starts_with(authorization.date) || authorization.date.len() != 8 {
        let (scoped, sent) = (authorization.date, written.get(..8).unwrap_or_default());
        return Err(AuthError::Mismatch(format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{scoped}' != '{sent}', from '{written}'."
        )));
    }
    Ok((Duration::from_secs(seconds), written))
}

fn check_time(signed: &(Duration, String), real_now: Duration) -> Result<(), AuthError> {
    let (at, written) = (signed.0, &signed.1);
    let (now, earliest, latest) = (basic(real_now), real_now.saturating_sub(SKEW), real_now + SKEW);
    if at < earliest {
        let message =
            format!("Signature expired: {written} is now earlier than {} ({now} - 5 min.)", basic(earliest));
        return Err(AuthError::Mismatch(message));
    }
    if at > latest {
        let message = format!(
            "Signature not yet current: {written} is still later than {} ({now} + 5 min.)",
            basic(latest)
        );
        return Err(AuthError::Mismatch(message));
    }
    Ok(())
}

/// ISO 8601 basic format.
fn basic(time: Duration) -> String {
    let timestamp =
        i64::try_from(time.as_secs()).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    timestamp.unwrap_or_default().strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn verify(
    request: &SignedRequest<'_>,
    authorization: &Authorization<'_>,
    secret: &str,
) -> Result<(), AuthError> {
    if !authorization.signed_headers.contains(&"host") {
        let message = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.";
        return Err(AuthError::Mismatch(message.to_owned()));
    }
    let date =
        header(request.headers, "x-amz-date").or_else(|| header(request.headers, "date")).unwrap_or_default();
    let canonical = canonical_request(request, &authorization.signed_headers);
    let digest = hex(&Sha256::digest(canonical));
    let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{}\n{digest}", authorization.scope());
    let mut key = format!("AWS4{secret}").into_bytes();
    for part in [authorization.date, authorization.region, authorization.service, "aws4_request"] {
        key = hmac(&key, part).finalize().into_bytes().to_vec();
    }
    let given = unhex(authorization.signature).unwrap_or_default();
    hmac(&key, &to_sign).verify_slice(&given).map_err(|_| {
        AuthError::Mismatch(
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
             Access Key and signing method. Consult the service documentation for details."
                .to_owned(),
        )
    })
}

fn canonical_request(request: &SignedRequest<'_>, signed_headers: &[&str]) -> String {
    let path: Vec<String> =
        request.path.split('/').map(|segment| utf8_percent_encode(segment, UNRESERVED).to_string()).collect();
    let mut pairs: Vec<(String, String)> = request
        .query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (encode_again(name), encode_again(value)))
        .collect();
    pairs.sort();
    let query: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut canonical = format!("{}\n{}\n{}\n", request.method, path.join("/"), query.join("&"));
    for name in signed_headers {
        let value = header(request.headers, name).unwrap_or_default();
        canonical.extend([name, ":", &value, "\n"]);
    }
    format!("{canonical}\n{}\n{}", signed_headers.join(";"), hex(&Sha256::digest(request.body)))
}

fn encode_again(text: &str) -> String {
    let decoded: Vec<u8> = percent_decode_str(text).collect();
    percent_encoding::percent_encode(&decoded, UNRESERVED).to_string()
}

/// A header's values, joined by commas, each trimmed and with runs of spaces made one.
fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let values: Vec<String> = headers
        .get_all(name)
        .iter()
        .map(|value| {
            String::from_utf8_lossy(value.as_bytes()).split_whitespace().collect::<Vec<_>>().join(" ")
        })
        .collect();
    (!values.is_empty()).then(|| values.join(","))
}

fn hmac(key: &[u8], data: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(data.as_bytes());
    mac
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests;
