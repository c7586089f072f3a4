//! What a document approves that cannot be taken back.

use pipewright_model::Approval;

use super::scalars::Rfc3339;
use crate::read::{Checks, Located, choice, record};

record! {
    /// That the resources of a document may be changed in a way that cannot be taken back.
    pub(crate) struct ApprovalSpec {
        /// What is approved.
        allow: Located<ApprovalWord>,
        /// Until when, in RFC 3339, for example `2026-12-01T00:00:00Z`. It counts no longer from then on, so
        /// that it does not stay armed in the repository.
        #[schemars(extend("format" = "date-time"))]
        until: Rfc3339,
    }
}

impl Checks for ApprovalSpec {}

impl ApprovalSpec {
    /// Whether it is about endpoints, which hold no tables and no position.
    pub(crate) fn is_of_endpoints(&self) -> bool {
        self.allow.value == ApprovalWord::Destroys
    }
}

choice! {
    /// What can be approved.
    pub(crate) enum ApprovalWord {
        /// Starting what waits for the word of a person.
        Start = "start",
        /// Loading tables again from the beginning.
        ReloadsTarget = "reloads-target",
        /// Giving up a change-capture position.
        LosesPosition = "loses-position",
        /// Deleting something to make it anew.
        Destroys = "destroys",
    }
}

impl From<ApprovalWord> for Approval {
    fn from(word: ApprovalWord) -> Self {
        match word {
            ApprovalWord::Start => Self::Start,
            ApprovalWord::ReloadsTarget => Self::ReloadsTarget,
            ApprovalWord::LosesPosition => Self::LosesPosition,
            ApprovalWord::Destroys => Self::Destroys,
        }
    }
}
