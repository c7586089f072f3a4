//! One HTTP call, with a limit on its time and on the size of its answer.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, DATE, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use crate::{ForgeError, PullRequest};

/// The longest that a call may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest answer: a hundred comments of the greatest length are shorter.
const LONGEST: usize = 32 * 1024 * 1024;
/// The longest part of an answer that an error repeats.
const REPEATED: usize = 300;

/// The HTTP client.
#[derive(Debug, Clone)]
pub(crate) struct Http(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Http {
    pub(crate) fn new() -> Result<Self, ForgeError> {
        let connector = HttpsConnectorBuilder::new()
            .with_native_roots()
            .map_err(ForgeError::Tls)?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self(Client::builder(TokioExecutor::new()).build(connector)))
    }

    /// Makes a call, and reads its answer as JSON. `what` is what errors call it.
    pub(crate) async fn call(
        &self,
        what: &'static str,
        place: &PullRequest,
        (method, url): (Method, String),
        body: Option<&Value>,
    ) -> Result<Value, ForgeError> {
        let mut request = Request::builder()
            .method(method)
            .uri(url)
            .header(USER_AGENT, concat!("pipewright/", env!("CARGO_PKG_VERSION")));
        for (name, value) in place.headers() {
            request = request.header(name, value);
        }
        let content = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let request = request.header(CONTENT_TYPE, "application/json").body(Full::new(content));
        // What a header cannot hold is only in a token.
        let request = request.map_err(|_| ForgeError::Answer {
            what,
            why: "the token has characters that no header can hold".to_owned(),
        })?;
        let unreachable = |why: String| ForgeError::Unreachable { what, why };
        let answer = async {
            let answer = self.0.request(request).await.map_err(|error| unreachable(chain(&error)))?;
            let (head, body) = answer.into_parts();
            let body = Limited::new(body, LONGEST).collect().await;
            let body = body.map_err(|error| unreachable(error.to_string()))?;
            Ok::<_, ForgeError>((head.status, head.headers, body.to_bytes()))
        };
        let (status, headers, body) = tokio::time::timeout(PATIENCE, answer)
            .await
            .map_err(|_| unreachable(format!("none came in {} s", PATIENCE.as_secs())))??;
        if !status.is_success() {
            return Err(refused(what, status, &headers, &body));
        }
        serde_json::from_slice(&body).map_err(|error| ForgeError::Answer { what, why: error.to_string() })
    }
}

fn refused(what: &'static str, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> ForgeError {
    if let Some(after) = rate_limit(status, headers) {
        return ForgeError::RateLimited { what, after };
    }
    ForgeError::Refused { what, status: status.as_u16(), message: message(body) }
}

/// When a call that was one too many may be tried again. GitHub says so with 403 or 429 and `retry-after`, or with
/// `x-ratelimit-remaining: 0` and the time of `x-ratelimit-reset`
/// (<https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api>); GitLab with 429.
fn rate_limit(status: StatusCode, headers: &HeaderMap) -> Option<Duration> {
    if !matches!(status, StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS) {
        return None;
    }
    let text = |name: &str| headers.get(name)?.to_str().ok();
    let number = |name: &str| text(name)?.parse::<u64>().ok();
    if let Some(seconds) = number(RETRY_AFTER.as_str()) {
        return Some(Duration::from_secs(seconds));
    }
    let is_used_up = number("x-ratelimit-remaining") == Some(0);
    if !is_used_up && status == StatusCode::FORBIDDEN {
        return None;
    }
    // By the clock of the server, which is in the answer.
    let now = text(DATE.as_str()).and_then(seconds_of_date);
    let wait = number("x-ratelimit-reset").zip(now).map(|(reset, now)| reset.saturating_sub(now));
    Some(Duration::from_secs(wait.unwrap_or(60)))
}

/// The seconds since 1970 of a date such as `Sun, 06 Nov 1994 08:49:37 GMT`.
fn seconds_of_date(date: &str) -> Option<u64> {
    let date = httpdate::parse_http_date(date).ok()?;
    date.duration_since(SystemTime::UNIX_EPOCH).ok().map(|since| since.as_secs())
}

/// What an answer says went wrong: `message` and the messages of `errors`, or `error`.
fn message(body: &[u8]) -> String {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let words = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let mut parts: Vec<String> = ["message", "error"].iter().filter_map(|key| words(&answer[*key])).collect();
    for error in answer["errors"].as_array().into_iter().flatten() {
        parts.extend(words(error.get("message").unwrap_or(error)));
    }
    if parts.is_empty() {
        parts.push("it gives no reason".to_owned());
    }
    let text: String = parts.join("; ").chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.chars().take(REPEATED).collect()
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_answers_are_read() {
        assert_eq!(seconds_of_date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(seconds_of_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(seconds_of_date("Thu, 29 Feb 2024 23:59:59 GMT"), Some(1_709_251_199));
        assert_eq!(seconds_of_date("Wed, 25 Nov 2026 20:00:00 GMT"), Some(1_795_636_800));
        assert_eq!(seconds_of_date("yesterday"), None);
    }

    #[test]
    fn a_rate_limit_is_told_from_a_lack_of_rights() {
        let of = |status: u16, headers: &[(&'static str, &'static str)]| {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.insert(*name, http::HeaderValue::from_static(value));
            }
            rate_limit(StatusCode::from_u16(status).unwrap_or_default(), &map).map(|after| after.as_secs())
        };
        assert_eq!(of(403, &[]), None);
        assert_eq!(of(403, &[("x-ratelimit-remaining", "12")]), None);
        assert_eq!(of(422, &[("retry-after", "5")]), None);
        assert_eq!(of(403, &[("retry-after", "5")]), Some(5));
        assert_eq!(of(429, &[]), Some(60));
        let reset = [
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "90"),
            ("date", "Thu, 01 Jan 1970 00:01:00 GMT"),
        ];
        assert_eq!(of(403, &reset), Some(30));
    }

    #[test]
    fn what_an_answer_says_is_shortened_and_holds_no_control_characters() {
        let told = message(
            b"{\"message\": \"Validation Failed\", \"errors\": [{\"message\": \"body is too\\nlong\"}]}",
        );
        assert_eq!(told, "Validation Failed; body is too long");
        assert_eq!(message(b"<html>"), "it gives no reason");
        assert_eq!(message(format!("{{\"message\": \"{}\"}}", "x".repeat(1000)).as_bytes()).len(), REPEATED);
    }
}
