//! Where a comment goes: the pull request or merge request, and how its API is called.

use std::fmt;

use http::{Method, Uri};
use serde_json::Value;

/// A credential of the platform. It cannot be printed.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Wraps a token.
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(sensitive)")
    }
}

/// A pull request of GitHub or a merge request of GitLab.
#[derive(Debug, Clone)]
pub struct PullRequest {
    platform: Platform,
    /// The address of the API, without a slash at the end.
    api: String,
    /// `owner/name`, or the id of the project.
    repository: String,
    number: u64,
    token: Token,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Platform {
    GitHub,
    GitLab,
}

/// Why it is not known where a comment goes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// Something is not set.
    #[error("{0} is not set")]
    Missing(&'static str),
    /// This run is of no pull request.
    #[error("this run is of no pull request: {0}")]
    NoPullRequest(String),
    /// The address of the API cannot be used.
    #[error("the address of the API, {0}, cannot be used: {1}")]
    Api(String, &'static str),
}

impl PullRequest {
    /// The pull request of a run of GitHub Actions, from the variables that it sets
    /// (<https://docs.github.com/en/actions/reference/workflows-and-actions/variables>); `event` is the content of the file that
    /// `GITHUB_EVENT_PATH` names.
    pub fn of_github(
        variable: &dyn Fn(&str) -> Option<String>,
        event: Option<&str>,
        number: Option<u64>,
    ) -> Result<Self, PlaceError> {
        let token = set(variable, "GITHUB_TOKEN")?;
        let repository = set(variable, "GITHUB_REPOSITORY")?;
        let api = variable("GITHUB_API_URL").unwrap_or_else(|| "https://api.github.com".to_owned());
        let number = number
            .or_else(|| number_of_event(event?))
            .or_else(|| number_of_ref(&variable("GITHUB_REF")?))
            .ok_or_else(|| {
                PlaceError::NoPullRequest("neither its event nor GITHUB_REF names one".to_owned())
            })?;
        Self { platform: Platform::GitHub, api, repository, number, token: Token(token) }.checked()
    }

    /// The merge request of a job of GitLab CI, from the variables that it sets
    /// (<https://docs.gitlab.com/ci/variables/predefined_variables/>). The job's own token cannot write notes, so that
    /// `GITLAB_TOKEN` is needed.
    pub fn of_gitlab(
        variable: &dyn Fn(&str) -> Option<String>,
        number: Option<u64>,
    ) -> Result<Self, PlaceError> {
        let token = set(variable, "GITLAB_TOKEN")?;
        let repository = set(variable, "CI_PROJECT_ID")?;
        let api = variable("CI_API_V4_URL").unwrap_or_else(|| "https://gitlab.com/api/v4".to_owned());
        let number = number
            .or_else(|| variable("CI_MERGE_REQUEST_IID")?.parse().ok())
            .ok_or_else(|| PlaceError::NoPullRequest("CI_MERGE_REQUEST_IID is not set".to_owned()))?;
        Self { platform: Platform::GitLab, api, repository, number, token: Token(token) }.checked()
    }

    /// A token goes to nobody who could be overheard.
    fn checked(mut self) -> Result<Self, PlaceError> {
        let refuse = |why| Err(PlaceError::Api(self.api.clone(), why));
        let Ok(uri) = self.api.parse::<Uri>() else { return refuse("it is no URL") };
        let is_local = matches!(uri.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if is_local => {}
            Some("http") => return refuse("it is not https, and the token would be readable on its way"),
            _ => return refuse("it does not begin with https://"),
        }
        if self.platform == Platform::GitHub
            && !self.repository.split_once('/').is_some_and(|(owner, name)| is_name(owner) && is_name(name))
        {
            return Err(PlaceError::Missing("GITHUB_REPOSITORY as owner/name"));
        }
        if self.platform == Platform::GitLab && !is_name(&self.repository) {
            return Err(PlaceError::Missing("CI_PROJECT_ID as a number"));
        }
        self.api.truncate(self.api.trim_end_matches('/').len());
        Ok(self)
    }

    /// The comments, a hundred a page, from page 1.
    pub(crate) fn list(&self, page: usize) -> String {
        format!("{}?per_page=100&page={page}", self.create())
    }

    /// Where a comment is made.
    pub(crate) fn create(&self) -> String {
        let Self { api, repository, number, .. } = self;
        match self.platform {
            Platform::GitHub => format!("{api}/repos/{repository}/issues/{number}/comments"),
            Platform::GitLab => format!("{api}/projects/{repository}/merge_requests/{number}/notes"),
        }
    }

    /// How and where a comment is changed.
    pub(crate) fn update(&self, id: u64) -> (Method, String) {
        let Self { api, repository, .. } = self;
        match self.platform {
            Platform::GitHub => (Method::PATCH, format!("{api}/repos/{repository}/issues/comments/{id}")),
            Platform::GitLab => (Method::PUT, format!("{}/{id}", self.create())),
        }
    }

    /// The headers of every call.
    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        let Token(token) = &self.token;
        match self.platform {
            Platform::GitHub => vec![
                ("authorization", format!("Bearer {token}")),
                ("accept", "application/vnd.github+json".to_owned()),
                ("x-github-api-version", "2022-11-28".to_owned()),
            ],
            Platform::GitLab => vec![("private-token", token.clone())],
        }
    }
}

fn set(variable: &dyn Fn(&str) -> Option<String>, name: &'static str) -> Result<String, PlaceError> {
    variable(name).filter(|value| !value.is_empty()).ok_or(PlaceError::Missing(name))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// The number in the event of a pull request, or of a comment on one.
fn number_of_event(event: &str) -> Option<u64> {
    let event: Value = serde_json::from_str(event).ok()?;
    event["pull_request"]["number"].as_u64().or_else(|| {
        let issue = &event["issue"];
        issue.get("pull_request")?;
        issue["number"].as_u64()
    })
}

/// The number in `refs/pull/<number>/merge`.
fn number_of_ref(name: &str) -> Option<u64> {
    name.strip_prefix("refs/pull/")?.split('/').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(set: &'static [(&'static str, &'static str)]) -> impl Fn(&str) -> Option<String> {
        move |name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    }

    const ACTIONS: &[(&str, &str)] = &[("GITHUB_TOKEN", "ghs_x"), ("GITHUB_REPOSITORY", "acme/specs")];

    #[test]
    fn the_number_comes_from_the_event_the_ref_or_the_caller() {
        let of = |event, number| PullRequest::of_github(&variables(ACTIONS), event, number);
        let number = |event| of(Some(event), None).map(|place| place.number);
        assert_eq!(number("{\"pull_request\": {\"number\": 7}}"), Ok(7));
        assert_eq!(number("{\"issue\": {\"number\": 8, \"pull_request\": {}}}"), Ok(8));
        assert!(number("{\"issue\": {\"number\": 8}}").is_err(), "an issue is no pull request");
        assert!(number("{\"ref\": \"refs/heads/main\"}").is_err() && number("").is_err());
        assert_eq!(of(None, Some(9)).map(|place| place.number), Ok(9));
        assert_eq!(number_of_ref("refs/pull/12/merge"), Some(12));
        assert_eq!(number_of_ref("refs/heads/main"), None);
    }

    #[test]
    fn a_token_is_neither_printed_nor_sent_where_it_could_be_read() {
        let place = PullRequest::of_github(&variables(ACTIONS), None, Some(1));
        assert!(!format!("{place:?}").contains("ghs_x"));
        for (api, is_taken) in [
            ("https://github.example.com/api/v3/", true),
            ("http://127.0.0.1:8080", true),
            ("http://github.example.com", false),
            ("ftp://github.example.com", false),
            ("github.example.com", false),
        ] {
            let variable = |name: &str| match name {
                "GITHUB_API_URL" => Some(api.to_owned()),
                name => variables(ACTIONS)(name),
            };
            assert_eq!(PullRequest::of_github(&variable, None, Some(1)).is_ok(), is_taken, "{api}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let missing = |of: Result<PullRequest, PlaceError>| of.map(|place| place.number).unwrap_err();
        assert_eq!(
            missing(PullRequest::of_github(&variables(&[]), None, Some(1))),
            PlaceError::Missing("GITHUB_TOKEN")
        );
        assert_eq!(
            missing(PullRequest::of_gitlab(&variables(&[("GITLAB_TOKEN", "")]), Some(1))),
            PlaceError::Missing("GITLAB_TOKEN")
        );
        let strange = &[("GITLAB_TOKEN", "x"), ("CI_PROJECT_ID", "../../user")];
        assert!(PullRequest::of_gitlab(&variables(strange), Some(1)).is_err());
    }
}
