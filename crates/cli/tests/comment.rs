//! `comment`: the plan as one comment of a pull request, over HTTP to something that answers as GitHub does.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

#[allow(dead_code, unreachable_pub, reason = "shared by several test programs")]
mod common;
#[allow(dead_code, reason = "shared with the tests of the crate that calls it")]
#[path = "../../forge/tests/platforms/server.rs"]
mod server;

use axum::http::Method;
use common::{Ran, Workplace};
use serde_json::json;
use server::{Fault, Server};

const COMMENT: &str = "comment specs --github --sandbox --sandbox-speed max --out plan.json";

/// As a workflow of a pull request would run it.
async fn run(place: &Workplace, server: &Server, arguments: &str) -> Ran {
    place.write("event.json", "{\"pull_request\": {\"number\": 7}}");
    let mut command = place.command(arguments);
    command
        .env("GITHUB_TOKEN", "ghs_secret")
        .env("GITHUB_REPOSITORY", "acme/specs")
        .env("GITHUB_API_URL", &server.url)
        .env("GITHUB_EVENT_PATH", place.path().join("event.json"));
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    Ran::of(output)
}

#[tokio::test]
async fn a_plan_is_posted_once_and_changed_with_the_specs() {
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    let server = Server::start().await;
    let first = run(&place, &server, COMMENT).await.expect(0);
    assert_eq!(first.stdout, "The comment of environment prod: made.\n");
    let [(_, text)] = &server.comments()[..] else { panic!("{:?}", server.comments()) };
    assert!(
        text.starts_with("<!-- pipewright plan data-platform/prod -->\n## Pipewright plan: prod\n"),
        "{text}"
    );
    assert!(text.contains("task/data-platform-orders"), "{text}");

    let again = run(&place, &server, COMMENT).await.expect(0);
    assert_eq!(again.stdout, "The comment of environment prod: already says so.\n");
    // What was posted is what is applied.
    place.run("reconcile specs --once --sandbox --sandbox-speed max --plan plan.json").expect(0);
    let after = run(&place, &server, COMMENT).await.expect(0);
    assert_eq!(after.stdout, "The comment of environment prod: changed.\n");
    assert!(server.comments()[0].1.contains("No changes."), "{:?}", server.comments());
    assert_eq!(server.comments().len(), 1);
}

#[tokio::test]
async fn a_comment_that_cannot_be_posted_is_a_failure() {
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    let server = Server::start().await;
    server.fail(
        Method::GET,
        Fault::Answer(403, Vec::new(), json!({"message": "Resource not accessible by integration"})),
    );
    let failed = run(&place, &server, COMMENT).await.expect(1).all();
    assert!(failed.contains("error: cannot post the comment of environment `prod`"), "{failed}");
    assert!(failed.contains("Resource not accessible by integration"), "{failed}");
    assert!(failed.contains("hint: check that the token may write comments"), "{failed}");
    assert!(!failed.contains("ghs_secret"), "{failed}");
}

#[tokio::test]
async fn outside_of_a_pull_request_it_says_what_is_missing() {
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    let told = place.run(COMMENT).expect(1).all();
    assert!(told.contains("GITHUB_TOKEN is not set") && told.contains("hint: run it in CI"), "{told}");
    let server = Server::start().await;
    let told = run(&place, &server, "comment specs --gitlab --sandbox").await.expect(1).all();
    assert!(told.contains("GITLAB_TOKEN is not set"), "{told}");
    assert!(server.calls().is_empty());
    place.run("comment specs --sandbox").expect(1);
}
