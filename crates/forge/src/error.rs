//! Why a comment could not be posted.

use std::time::Duration;

/// Why a comment could not be posted. No text of it holds the token.
#[derive(Debug, thiserror::Error)]
pub enum ForgeError {
    /// The answer says no.
    #[error("{what} was refused with {status}: {message}")]
    Refused {
        /// What was asked for, such as `listing the comments`.
        what: &'static str,
        /// The HTTP status.
        status: u16,
        /// What the answer says, shortened.
        message: String,
    },
    /// Too many calls.
    #[error("{what} was refused, since too many calls were made; it may be tried again in {} s", after.as_secs())]
    RateLimited {
        /// What was asked for.
        what: &'static str,
        /// When it may be tried again.
        after: Duration,
    },
    /// No answer came.
    #[error("{what} got no answer: {why}")]
    Unreachable {
        /// What was asked for.
        what: &'static str,
        /// What the network says.
        why: String,
    },
    /// The answer is not what the API documents.
    #[error("{what} got an answer that is not understood: {why}")]
    Answer {
        /// What was asked for.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// TLS could not be set up.
    #[error("the certificates of the system cannot be read")]
    Tls(#[source] std::io::Error),
}

impl ForgeError {
    /// Whether the same may succeed when it is tried again.
    pub(crate) fn passes(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::RateLimited { .. } => true,
            Self::Refused { status, .. } => *status >= 500,
            Self::Answer { .. } | Self::Tls(_) => false,
        }
    }

    /// Whether the comment was longer than the platform takes: GitHub answers 422 and "body is too long", GitLab 400 and
    /// "note is too long".
    pub(crate) fn is_too_long(&self) -> bool {
        matches!(self, Self::Refused { status: 400 | 413 | 422, message, .. } if message.contains("too long"))
    }
}
