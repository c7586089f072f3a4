//! Comments, posted over HTTP to something that answers as GitHub and GitLab do.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod server;

use std::time::Duration;

use axum::http::Method;
use pipewright_forge::{ForgeError, Posted, Posting, PullRequest, post};
use serde_json::json;
use server::{Fault, Server, github};

const NAME: &str = "data-platform/prod";
const MARK: &str = "<!-- pipewright plan data-platform/prod -->\n";

/// As in earnest, without the pauses.
fn posting() -> Posting {
    Posting { pause: Duration::ZERO, ..Posting::with_budget(60_000) }
}

async fn say(place: &PullRequest, text: &str) -> Result<Posted, ForgeError> {
    let text = text.to_owned();
    post(place, NAME, &move |budget| text.chars().take(budget).collect(), &posting()).await
}

#[tokio::test]
async fn a_comment_is_made_once_and_changed_afterwards() {
    let server = Server::start().await;
    for place in [server.github(), server.gitlab()] {
        server.content.lock().unwrap().comments = vec![(1, "a person's".to_owned())];
        assert_eq!(say(&place, "one").await.unwrap(), Posted::Created);
        assert_eq!(say(&place, "two").await.unwrap(), Posted::Updated);
        assert_eq!(say(&place, "two").await.unwrap(), Posted::Unchanged);
        assert_eq!(server.comments(), [(1, "a person's".to_owned()), (2, format!("{MARK}two"))]);
    }
    let calls = server.calls();
    assert_eq!(calls[0], "GET /repos/acme/specs/issues/7/comments?per_page=100&page=1");
    assert_eq!(calls[3], "PATCH /repos/acme/specs/issues/comments/2");
    assert_eq!(calls[8], "PUT /api/v4/projects/42/merge_requests/7/notes/2");
    let content = server.content.lock().unwrap();
    assert_eq!(content.headers[0]["authorization"], "Bearer ghs_secret");
    assert_eq!(content.headers[0]["user-agent"].to_str().unwrap().split('/').next(), Some("pipewright"));
    assert_eq!(content.headers[5]["private-token"], "glpat-secret");
}

#[tokio::test]
async fn each_scope_and_environment_has_a_comment_of_its_own() {
    let server = Server::start().await;
    for name in ["a/prod", "a/stage", "b/prod", "a/prod"] {
        post(&server.github(), name, &|_| name.to_owned(), &posting()).await.unwrap();
    }
    assert_eq!(server.comments().len(), 3);
}

#[tokio::test]
async fn a_comment_on_the_second_page_is_found() {
    let server = Server::start().await;
    let others = (1..=120).map(|id| (id, format!("comment {id}")));
    server.content.lock().unwrap().comments = others.chain([(121, format!("{MARK}one"))]).collect();
    assert_eq!(say(&server.github(), "two").await.unwrap(), Posted::Updated);
    assert_eq!(server.comments().len(), 121);
}

#[tokio::test]
async fn a_comment_of_somebody_else_with_the_mark_is_left_alone() {
    let server = Server::start().await;
    server.content.lock().unwrap().comments =
        vec![(1, format!("{MARK}not ours")), (2, format!("see\n{MARK}"))];
    server.content.lock().unwrap().of_others = vec![1];
    assert_eq!(say(&server.github(), "one").await.unwrap(), Posted::Created);
    assert_eq!(say(&server.github(), "two").await.unwrap(), Posted::Updated);
    let comments = server.comments();
    assert_eq!((comments.len(), comments[0].1.as_str()), (3, format!("{MARK}not ours").as_str()));
    assert_eq!(comments[2].1, format!("{MARK}two"));
}

#[tokio::test]
async fn a_refusal_is_an_error_that_says_why_and_holds_no_token() {
    let server = Server::start().await;
    for status in [401, 403, 404, 422] {
        server.fail(
            Method::GET,
            Fault::Answer(status, Vec::new(), json!({"message": "Resource not accessible"})),
        );
        let error = say(&server.github(), "one").await.unwrap_err();
        let told = format!("{error} {error:?}");
        assert!(told.contains(&format!("listing the comments was refused with {status}")), "{told}");
        assert!(told.contains("Resource not accessible") && !told.contains("ghs_secret"), "{told}");
    }
    assert_eq!(server.calls().len(), 4, "what cannot pass is not tried again");
    assert!(server.comments().is_empty());
}

#[tokio::test]
async fn what_is_too_long_for_the_platform_is_given_fewer_bytes() {
    let server = Server::start().await;
    server.content.lock().unwrap().longest = 20_000;
    assert_eq!(say(&server.github(), &"x".repeat(90_000)).await.unwrap(), Posted::Created);
    assert_eq!(server.comments()[0].1.len(), 15_000);
    server.content.lock().unwrap().longest = 100;
    let error = say(&server.github(), &"y".repeat(90_000)).await.unwrap_err();
    assert!(error.to_string().contains("refused with 422: Validation Failed; body is too long"), "{error}");
}

#[tokio::test]
async fn a_rate_limit_is_waited_for_unless_it_takes_too_long() {
    let server = Server::start().await;
    let limited = |after: &str| {
        let headers = vec![("retry-after", after.to_owned())];
        Fault::Answer(403, headers, json!({"message": "You have exceeded a secondary rate limit"}))
    };
    server.fail(Method::GET, limited("0"));
    server.fail(Method::POST, limited("0"));
    assert_eq!(say(&server.github(), "one").await.unwrap(), Posted::Created);
    server.fail(Method::GET, limited("3600"));
    let error = say(&server.github(), "two").await.unwrap_err();
    assert!(error.to_string().contains("it may be tried again in 3600 s"), "{error}");
}

#[tokio::test]
async fn an_answer_that_is_lost_makes_no_second_comment() {
    let server = Server::start().await;
    server.fail(Method::POST, Fault::Lost);
    assert_eq!(say(&server.github(), "one").await.unwrap(), Posted::Unchanged);
    server.fail(Method::PATCH, Fault::Lost);
    assert_eq!(say(&server.github(), "two").await.unwrap(), Posted::Unchanged);
    assert_eq!(server.comments(), [(1, format!("{MARK}two"))]);
}

#[tokio::test]
async fn errors_of_the_server_pass_and_a_server_that_is_not_there_is_an_error() {
    let server = Server::start().await;
    for _ in 0..3 {
        server.fail(Method::GET, Fault::Answer(502, Vec::new(), json!({})));
    }
    assert_eq!(say(&server.github(), "one").await.unwrap(), Posted::Created);
    for _ in 0..4 {
        server.fail(Method::GET, Fault::Answer(500, Vec::new(), json!({})));
    }
    let error = say(&server.github(), "two").await.unwrap_err();
    assert!(error.to_string().contains("refused with 500: it gives no reason"), "{error}");
    // Nobody listens on a port that was just given back.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = say(&github(&url).unwrap(), "one").await.unwrap_err();
    assert!(error.to_string().contains("listing the comments got no answer"), "{error}");
}

#[tokio::test]
async fn an_answer_that_is_no_list_of_comments_is_an_error() {
    let server = Server::start().await;
    for body in [json!({"comments": []}), json!([{"id": "1"}])] {
        server.fail(Method::GET, Fault::Answer(200, Vec::new(), body));
        let error = say(&server.github(), "one").await.unwrap_err();
        assert!(error.to_string().contains("got an answer that is not understood"), "{error}");
    }
}
