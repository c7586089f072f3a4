//! Plans as comments of pull requests and merge requests.
//!
//! One comment for each plan, found again by a mark in its first line: it is made once, and changed afterwards. What is
//! already as it should be is not written again.

mod error;
mod http;
mod place;
mod sticky;

pub use error::ForgeError;
pub use place::{PlaceError, PullRequest, Token};
pub use sticky::{Posted, Posting, post};
