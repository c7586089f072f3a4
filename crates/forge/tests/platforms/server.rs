//! The part of the APIs of GitHub and GitLab that is called, with their errors.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use pipewright_forge::{PlaceError, PullRequest};
use serde_json::{Value, json};

/// What goes wrong with a call.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// It is answered so, with these headers, and does nothing.
    Answer(u16, Vec<(&'static str, String)>, Value),
    /// It does what it should, and the answer is lost.
    Lost,
}

/// The comments of one pull request, and the calls that were made.
#[derive(Default)]
pub(crate) struct Content {
    pub(crate) comments: Vec<(u64, String)>,
    pub(crate) calls: Vec<(Method, String)>,
    pub(crate) headers: Vec<HeaderMap>,
    pub(crate) faults: VecDeque<(Method, Fault)>,
    /// Comments that the token may not change.
    pub(crate) of_others: Vec<u64>,
    /// The longest body, in characters.
    pub(crate) longest: usize,
}

pub(crate) type Shared = Arc<Mutex<Content>>;

pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) content: Shared,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let content = Shared::new(Mutex::new(Content { longest: 65_536, ..Content::default() }));
        let app = Router::new().fallback(answer).with_state(Arc::clone(&content));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, content }
    }

    pub(crate) fn fail(&self, method: Method, fault: Fault) {
        self.content.lock().unwrap().faults.push_back((method, fault));
    }

    pub(crate) fn comments(&self) -> Vec<(u64, String)> {
        self.content.lock().unwrap().comments.clone()
    }

    pub(crate) fn calls(&self) -> Vec<String> {
        self.content.lock().unwrap().calls.iter().map(|(method, path)| format!("{method} {path}")).collect()
    }

    /// Pull request 7 of a repository.
    pub(crate) fn github(&self) -> PullRequest {
        github(&self.url).unwrap()
    }

    /// Merge request 7 of a project.
    pub(crate) fn gitlab(&self) -> PullRequest {
        let variable = |name: &str| match name {
            "GITLAB_TOKEN" => Some("glpat-secret".to_owned()),
            "CI_PROJECT_ID" => Some("42".to_owned()),
            "CI_MERGE_REQUEST_IID" => Some("7".to_owned()),
            "CI_API_V4_URL" => Some(format!("{}/api/v4", self.url)),
            _ => None,
        };
        PullRequest::of_gitlab(&variable, None).unwrap()
    }
}

pub(crate) fn github(url: &str) -> Result<PullRequest, PlaceError> {
    let variable = |name: &str| match name {
        "GITHUB_TOKEN" => Some("ghs_secret".to_owned()),
        "GITHUB_REPOSITORY" => Some("acme/specs".to_owned()),
        "GITHUB_API_URL" => Some(url.to_owned()),
        "GITHUB_REF" => Some("refs/pull/7/merge".to_owned()),
        _ => None,
    };
    PullRequest::of_github(&variable, None, None)
}

async fn answer(
    State(content): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut content = content.lock().unwrap();
    content.calls.push((method.clone(), uri.to_string()));
    content.headers.push(headers);
    let fault = match content.faults.front() {
        Some((of, _)) if *of == method => content.faults.pop_front().map(|(_, fault)| fault),
        _ => None,
    };
    if let Some(Fault::Answer(status, headers, body)) = fault {
        let mut response = (StatusCode::from_u16(status).unwrap(), body.to_string()).into_response();
        for (name, value) in headers {
            response.headers_mut().insert(name, value.parse().unwrap());
        }
        return response;
    }
    let response = content.answer(&method, uri.path(), uri.query().unwrap_or_default(), &body);
    drop(content);
    if matches!(fault, Some(Fault::Lost)) {
        // The connection ends without an answer.
        panic!("the answer is lost");
    }
    response
}

impl Content {
    fn answer(&mut self, method: &Method, path: &str, query: &str, body: &[u8]) -> Response {
        let not_found =
            || (StatusCode::NOT_FOUND, json!({"message": "Not Found"}).to_string()).into_response();
        let list = ["/repos/acme/specs/issues/7/comments", "/api/v4/projects/42/merge_requests/7/notes"];
        let one = ["/repos/acme/specs/issues/comments/", "/api/v4/projects/42/merge_requests/7/notes/"];
        let text = serde_json::from_slice::<Value>(body)
            .ok()
            .and_then(|body| body["body"].as_str().map(str::to_owned));
        if text.as_ref().is_some_and(|text| text.chars().count() > self.longest) {
            let errors =
                json!([{"code": "custom", "message": "body is too long (maximum is 65536 characters)"}]);
            let body = json!({"message": "Validation Failed", "errors": errors});
            return (StatusCode::UNPROCESSABLE_ENTITY, body.to_string()).into_response();
        }
        let shown = |(id, body): &(u64, String)| json!({"id": id, "body": body});
        if list.contains(&path) {
            match (method.as_str(), text) {
                ("GET", _) => {
                    let page: usize =
                        query.rsplit("&page=").next().and_then(|page| page.parse().ok()).unwrap_or(1);
                    let page: Vec<Value> =
                        self.comments.iter().skip((page - 1) * 100).take(100).map(shown).collect();
                    return json!(page).to_string().into_response();
                }
                ("POST", Some(text)) => {
                    let id = self.comments.iter().map(|(id, _)| *id).max().unwrap_or(0) + 1;
                    self.comments.push((id, text));
                    let made = self.comments.last().map(shown).unwrap_or_default();
                    return (StatusCode::CREATED, made.to_string()).into_response();
                }
                _ => return not_found(),
            }
        }
        let Some(id) = one.iter().find_map(|start| path.strip_prefix(start)?.parse::<u64>().ok()) else {
            return not_found();
        };
        if self.of_others.contains(&id) {
            return (StatusCode::FORBIDDEN, json!({"message": "Resource not accessible"}).to_string())
                .into_response();
        }
        let is_update = matches!(method.as_str(), "PATCH" | "PUT");
        match (self.comments.iter_mut().find(|(of, _)| *of == id), text) {
            (Some(comment), Some(text)) if is_update => {
                comment.1 = text;
                shown(comment).to_string().into_response()
            }
            _ => not_found(),
        }
    }
}
