//! The emulator's own HTTP interface, beside those of AWS: under `/_sandbox/`, and a page at `/`.
//!
//! | request | effect |
//! |---|---|
//! | `POST /_sandbox/script` | plays a [`Script`] |
//! | `DELETE /_sandbox/faults` | disarms all faults and interruptions |
//! | `POST /_sandbox/advance` `{"seconds": 60}` | moves virtual time |
//! | `GET /_sandbox/clock` | virtual time, in seconds since the Unix epoch |
//! | `GET /_sandbox/calls`, `DELETE /_sandbox/calls` | the record of calls; forgets it |
//! | `GET /_sandbox/actions` | the actions of IAM that the calls needed |
//! | `GET /_sandbox/migrations` | how often was loaded, and which positions were lost |
//! | `GET /_sandbox/objects` | what is stored |
//!
//! Writes want the content type `application/json`, which no form of a foreign web page can send.

use std::time::Duration;

use axum::http::header;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::dispatch::{Answer, Incoming};
use crate::emulator::Shared;
use crate::page;
use crate::script::Script;

/// Answers where the request is for the emulator itself.
pub(crate) fn answer(shared: &Shared, incoming: &Incoming<'_>) -> Option<Answer> {
    if incoming.method == "GET" && incoming.path == "/" && incoming.query.is_empty() {
        return Some(answered(200, "text/html; charset=utf-8", page::render(shared)));
    }
    let name = incoming.path.strip_prefix("/_sandbox/")?;
    let typed = incoming
        .headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if incoming.method == "POST" && !typed {
        return Some(refused(415, "the content type must be application/json"));
    }
    Some(match (incoming.method, name) {
        ("POST", "script") => play(shared, incoming.body),
        ("DELETE", "faults") => {
            shared.faults.clear();
            done(&json!({}))
        }
        ("POST", "advance") => advance(shared, incoming.body),
        ("GET", "clock") => done(&json!({"virtualTime": shared.clock.now().as_secs_f64()})),
        ("GET", "calls") => done(&calls(shared)),
        ("DELETE", "calls") => {
            shared.reset_calls();
            done(&json!({}))
        }
        ("GET", "actions") => done(&json!({"actions": shared.actions()})),
        ("GET", "migrations") => done(&json!(shared.migrations())),
        ("GET", "objects") => done(&objects(shared)),
        _ => refused(404, "there is no such thing under /_sandbox/"),
    })
}

fn play(shared: &Shared, body: &[u8]) -> Answer {
    let script = Script::parse(&String::from_utf8_lossy(body));
    match script.and_then(|script| shared.play(script)) {
        Ok(()) => done(&json!({})),
        Err(error) => {
            let source = std::error::Error::source(&error).map(|source| format!(": {source}"));
            refused(400, &format!("{error}{}", source.unwrap_or_default()))
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: f64,
}

fn advance(shared: &Shared, body: &[u8]) -> Answer {
    let by = serde_json::from_slice::<Advance>(body)
        .map_err(|error| error.to_string())
        .and_then(|advance| Duration::try_from_secs_f64(advance.seconds).map_err(|error| error.to_string()));
    match by {
        Ok(by) => {
            shared.advance(by);
            done(&json!({"virtualTime": shared.clock.now().as_secs_f64()}))
        }
        Err(error) => refused(400, &error),
    }
}

fn calls(shared: &Shared) -> Value {
    let calls = shared.calls.all().into_iter().map(|call| {
        json!({
            "service": call.service,
            "operation": call.operation,
            "resource": call.resource,
            "at": call.at.as_secs_f64(),
            "mutating": call.mutating,
            "status": call.status,
            "error": call.error,
        })
    });
    json!({"calls": calls.collect::<Vec<_>>()})
}

fn objects(shared: &Shared) -> Value {
    let state = shared.state();
    let objects = state
        .store
        .objects()
        .map(|((scope, kind, key), value)| json!({"scope": scope, "kind": kind, "key": key, "value": value}));
    json!({"objects": objects.collect::<Vec<_>>()})
}

fn done(body: &Value) -> Answer {
    answered(200, "application/json", body.to_string())
}

fn refused(status: u16, message: &str) -> Answer {
    answered(status, "application/json", json!({"message": message}).to_string())
}

fn answered(status: u16, content_type: &'static str, body: String) -> Answer {
    Answer { content_type, ..Answer::new(status, body.into_bytes(), String::new()) }
}
