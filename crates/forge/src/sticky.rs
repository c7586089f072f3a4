//! One comment for each plan: made once, and changed afterwards.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::http::Http;
use crate::{ForgeError, PullRequest};

/// How a comment is posted.
#[derive(Debug, Clone)]
pub struct Posting {
    /// The longest body that is tried first, in bytes. If the platform finds it too long, a half and a quarter of that.
    pub budget: usize,
    /// How often it is tried in all.
    pub tries: u32,
    /// The pause after the first failure that passes; it doubles.
    pub pause: Duration,
    /// The longest that is waited where too many calls were made.
    pub longest_wait: Duration,
}

impl Posting {
    /// With at most so many bytes.
    pub fn with_budget(budget: usize) -> Self {
        Self { budget, tries: 4, pause: Duration::from_secs(1), longest_wait: Duration::from_mins(2) }
    }
}

/// What became of a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posted {
    /// There was none.
    Created,
    /// It said something else.
    Updated,
    /// It says that already.
    Unchanged,
}

/// The most pages of comments that are looked through.
const PAGES: usize = 100;
/// Comments on a page.
const PAGE: usize = 100;

/// Posts what `body` gives for a number of bytes. `name` tells the comment from others of Pipewright's; it is found again by
/// that.
///
/// # Errors
/// Where it could not be posted, after what passes was tried again.
pub async fn post(
    place: &PullRequest,
    name: &str,
    body: &(dyn Fn(usize) -> String + Sync),
    posting: &Posting,
) -> Result<Posted, ForgeError> {
    let http = Http::new()?;
    let mark = mark(name);
    let mut budget = posting.budget;
    let mut pause = posting.pause;
    let mut tried = 0;
    loop {
        let text = format!("{mark}\n{}", body(budget.saturating_sub(mark.len() + 1)));
        let error = match upsert(&http, place, &mark, &text).await {
            Ok(posted) => return Ok(posted),
            Err(error) => error,
        };
        tried += 1;
        if error.is_too_long() && budget > posting.budget / 4 {
            budget /= 2;
            continue;
        }
        if tried >= posting.tries || !error.passes() {
            return Err(error);
        }
        let wait = match &error {
            ForgeError::RateLimited { after, .. } if *after > posting.longest_wait => return Err(error),
            ForgeError::RateLimited { after, .. } => *after,
            _ => pause,
        };
        tokio::time::sleep(wait).await;
        pause *= 2;
    }
}

/// The first line of a comment, which is not shown.
fn mark(name: &str) -> String {
    let name: String =
        name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/')).collect();
    // Two hyphens would end the comment.
    format!("<!-- pipewright plan {} -->", name.replace("--", "-"))
}

/// Looks for the comment, and makes or changes it. To be made again as a whole: what a call without an answer did is seen then.
async fn upsert(http: &Http, place: &PullRequest, mark: &str, text: &str) -> Result<Posted, ForgeError> {
    let payload = json!({"body": text});
    for (id, found) in comments(http, place, mark).await? {
        if found == text {
            return Ok(Posted::Unchanged);
        }
        match http.call("changing the comment", place, place.update(id), Some(&payload)).await {
            Ok(_) => return Ok(Posted::Updated),
            // Somebody else's with the same mark, or gone since.
            Err(ForgeError::Refused { status: 403 | 404, .. }) => {}
            Err(error) => return Err(error),
        }
    }
    http.call("making the comment", place, (Method::POST, place.create()), Some(&payload)).await?;
    Ok(Posted::Created)
}

/// The comments with this mark, oldest first: each with its id and text.
async fn comments(http: &Http, place: &PullRequest, mark: &str) -> Result<Vec<(u64, String)>, ForgeError> {
    let what = "listing the comments";
    let mut found = Vec::new();
    for page in 1..=PAGES {
        let answer = http.call(what, place, (Method::GET, place.list(page)), None).await?;
        let Value::Array(comments) = answer else {
            return Err(ForgeError::Answer { what, why: "it is no list".to_owned() });
        };
        let count = comments.len();
        for comment in comments {
            let (Some(id), Some(body)) = (comment["id"].as_u64(), comment["body"].as_str()) else {
                return Err(ForgeError::Answer { what, why: "a comment has no id or no body".to_owned() });
            };
            // GitHub may answer with the line ends of Windows.
            let body = body.replace("\r\n", "\n");
            if body.lines().next() == Some(mark) {
                found.push((id, body));
            }
        }
        if count < PAGE {
            break;
        }
    }
    found.sort_by_key(|(id, _)| *id);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_cannot_be_ended_by_a_name() {
        assert_eq!(mark("data-platform/prod"), "<!-- pipewright plan data-platform/prod -->");
        assert_eq!(mark("a-->\n<b>"), "<!-- pipewright plan a-b -->");
    }
}
