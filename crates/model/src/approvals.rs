//! Approvals: that somebody has agreed to what cannot be taken back.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use crate::{SpecPlace, Timestamp};

/// What is not done unless it is approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Approval {
    /// Starting what waits for a word of a person.
    Start,
    /// Loading tables again from the beginning.
    ReloadsTarget,
    /// Giving up a change-capture position.
    LosesPosition,
    /// Deleting something to make it anew.
    Destroys,
}

impl Approval {
    /// Every approval there is.
    pub const ALL: [Self; 4] = [Self::Start, Self::ReloadsTarget, Self::LosesPosition, Self::Destroys];

    /// The word of specs and of the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::ReloadsTarget => "reloads-target",
            Self::LosesPosition => "loses-position",
            Self::Destroys => "destroys",
        }
    }

    /// The approval that a word stands for.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|approval| approval.as_str() == word)
    }
}

impl fmt::Display for Approval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One approval that a spec gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// What is approved.
    pub approval: Approval,
    /// Until when it counts: what lies in a repository must not stay armed.
    pub until: Timestamp,
    /// Where it is written.
    pub place: SpecPlace,
}

/// Who approves, and what for how long: in specs and on the command line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Approvals {
    /// Those of specs, by the document that gives them, as the spec tag records it. They are about what that
    /// document declares.
    pub in_specs: BTreeMap<String, Vec<Given>>,
    /// Those of the command line, each for one document or, without one, for all. They count for that run.
    pub on_command_line: BTreeSet<(Approval, Option<String>)>,
}

/// What an approval rests on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Basis {
    /// The command line of this run.
    CommandLine,
    /// A spec: where it says so, and until when.
    Spec {
        /// Where it is written.
        place: SpecPlace,
        /// Until when it counts.
        until: Timestamp,
    },
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CommandLine => f.write_str("on the command line"),
            Self::Spec { place, until } => write!(f, "at {place}, until {}", until.rfc3339()),
        }
    }
}

impl Approvals {
    /// What allows this for the resources of a document at this time; `None` if nothing does. Of several, the one
    /// that counts longest; of a run, its command line first.
    pub fn allows(&self, spec: &str, approval: Approval, now: Timestamp) -> Option<Basis> {
        let named = (approval, Some(spec.to_owned()));
        if self.on_command_line.contains(&(approval, None)) || self.on_command_line.contains(&named) {
            return Some(Basis::CommandLine);
        }
        let given =
            self.of(spec, approval).filter(|given| given.until > now).max_by_key(|given| given.until)?;
        Some(Basis::Spec { place: given.place.clone(), until: given.until })
    }

    /// The approval of a spec that ran out last, if it gives none that counts.
    pub fn expired(&self, spec: &str, approval: Approval, now: Timestamp) -> Option<&Given> {
        let last = self.of(spec, approval).max_by_key(|given| given.until)?;
        (last.until <= now).then_some(last)
    }

    fn of(&self, spec: &str, approval: Approval) -> impl Iterator<Item = &Given> {
        self.in_specs.get(spec).into_iter().flatten().filter(move |given| given.approval == approval)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(approval: Approval, line: u32, until: u64) -> Given {
        let place = SpecPlace { file: "orders.yaml".to_owned(), line };
        Given { approval, until: Timestamp::from_secs(until), place }
    }

    #[test]
    fn an_approval_counts_for_its_document_its_class_and_until_its_end() {
        let orders = vec![given(Approval::Destroys, 3, 100), given(Approval::Destroys, 4, 200)];
        let approvals = Approvals {
            in_specs: BTreeMap::from([("orders".to_owned(), orders)]),
            on_command_line: BTreeSet::new(),
        };
        let at = Timestamp::from_secs;
        let allows = |spec, approval, now| approvals.allows(spec, approval, at(now));
        assert_eq!(
            allows("orders", Approval::Destroys, 50).unwrap().to_string(),
            "at orders.yaml:4, until 1970-01-01T00:03:20Z"
        );
        assert!(allows("orders", Approval::Destroys, 199).is_some());
        assert_eq!(allows("orders", Approval::Destroys, 200), None);
        assert_eq!(allows("billing", Approval::Destroys, 50), None);
        assert_eq!(allows("orders", Approval::ReloadsTarget, 50), None);
        assert_eq!(approvals.expired("orders", Approval::Destroys, at(199)), None);
        assert_eq!(approvals.expired("orders", Approval::Destroys, at(200)).unwrap().place.line, 4);
    }

    #[test]
    fn the_command_line_approves_for_one_document_or_for_all() {
        let one = (Approval::Start, Some("orders".to_owned()));
        let approvals = Approvals {
            in_specs: BTreeMap::new(),
            on_command_line: BTreeSet::from([one, (Approval::Destroys, None)]),
        };
        let allows = |spec, approval| approvals.allows(spec, approval, Timestamp::default()).is_some();
        assert!(allows("orders", Approval::Start) && !allows("billing", Approval::Start));
        assert!(allows("billing", Approval::Destroys) && !allows("billing", Approval::LosesPosition));
    }

    #[test]
    fn every_word_stands_for_its_approval() {
        for approval in Approval::ALL {
            assert_eq!(Approval::of_word(approval.as_str()), Some(approval));
        }
        assert_eq!(Approval::of_word("in-place"), None);
    }
}
