//! The HTTP front: one request in, one answer out, faults in between.

use std::future::pending;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use tokio::net::TcpListener;

use crate::dispatch::{self, Answer, Incoming};
use crate::emulator::Shared;
use crate::faults::Effect;

/// More than any request of these services needs: a table mapping may be a few megabytes.
const MAX_BODY: usize = 8 * 1024 * 1024;

/// Serves until the emulator is told to stop.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let stop = shared.stop.clone();
    let router = Router::new().fallback(handle).with_state(shared);
    let serving = axum::serve(listener, router).with_graceful_shutdown(async move { stop.cancelled().await });
    if let Err(error) = serving.await {
        tracing::error!(%error, "the emulator's server stopped");
    }
}

async fn handle(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return plain(
            StatusCode::PAYLOAD_TOO_LARGE,
            "The request body is incomplete or larger than 8 MiB.\n",
        );
    };
    let incoming = Incoming {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        headers: &parts.headers,
        body: &body,
    };
    // No await lies between the arrival and the effect: a client that goes away cannot cancel half a call.
    let answer = dispatch::answer(&shared, &incoming);
    match answer.fault {
        Some(Effect::HoldBefore | Effect::HoldAfter) => {
            shared.faults.note_caught();
            tokio::select! {
                () = shared.stop.cancelled() => plain(StatusCode::SERVICE_UNAVAILABLE, "The emulator stops.\n"),
                () = pending() => unreachable!("pending never resolves"),
            }
        }
        Some(Effect::DropConnectionAfter) => broken_off(&answer),
        _ => respond(&answer, Body::from(answer.body.clone())),
    }
}

/// Promises the whole body, sends half, and breaks the connection.
fn broken_off(answer: &Answer) -> Response<Body> {
    let half = Bytes::copy_from_slice(&answer.body[..answer.body.len() / 2]);
    let cut = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    let mut response = respond(answer, Body::new(Half(Some(half), Some(cut))));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(answer.body.len()));
    response
}

/// A body that fails after its first frame.
struct Half(Option<Bytes>, Option<std::io::Error>);

impl axum::body::HttpBody for Half {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, std::io::Error>>> {
        let next = match self.0.take() {
            Some(half) => Some(Ok(http_body::Frame::data(half))),
            None => self.1.take().map(Err),
        };
        std::task::Poll::Ready(next)
    }
}

fn respond(answer: &Answer, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    if let Ok(id) = HeaderValue::from_str(&answer.request_id) {
        headers.insert("x-amzn-requestid", id);
    }
    for (name, value) in &answer.headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(*name, value);
        }
    }
    response
}

fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response
}
