//! What documents approve.

use std::collections::{BTreeMap, BTreeSet};

use pipewright_model::{Approvals, Given, SpecPlace, Timestamp};

use crate::diagnostic::Diagnostic;
use crate::documents::{ApprovalSpec, Body, Document, seconds};
use crate::spec_tree::SpecTree;

impl SpecTree {
    /// What these documents approve, each for itself.
    pub(super) fn approvals(&self, documents: &[(usize, &Document)]) -> Approvals {
        let mut in_specs = BTreeMap::new();
        for (_, document) in documents {
            let given: Vec<Given> =
                document.approvals().iter().map(|approval| self.given(approval)).collect();
            if let (Some(spec), false) = (document.spec(), given.is_empty()) {
                in_specs.insert(spec, given);
            }
        }
        Approvals { in_specs, on_command_line: BTreeSet::new() }
    }

    fn given(&self, approval: &ApprovalSpec) -> Given {
        let place = self.sources.place(approval.allow.at);
        Given {
            approval: approval.allow.value.into(),
            until: until(approval),
            place: SpecPlace { file: place.file, line: place.line },
        }
    }

    /// Warns of approvals that do not count any more.
    pub(crate) fn expired_approvals(&self, now: Timestamp) -> impl Iterator<Item = Diagnostic> {
        let all = self.documents.iter().flat_map(Document::approvals);
        all.filter(move |approval| until(approval) <= now).map(|approval| {
            let message = format!("this approval of `{}` has run out", approval.allow.value.word());
            Diagnostic::warning(self.sources.place(approval.allow.at), message)
                .hint("remove it, or give it another `until` if it is still to count")
        })
    }
}

/// Until when it counts. What lies before 1970 has run out in any case.
fn until(approval: &ApprovalSpec) -> Timestamp {
    let seconds = seconds(&approval.until.0).and_then(|seconds| u64::try_from(seconds).ok());
    Timestamp::from_secs(seconds.unwrap_or_default())
}

impl Document {
    /// What it approves.
    fn approvals(&self) -> &[ApprovalSpec] {
        match &self.body {
            Some(Body::Pipeline(spec)) => spec.approvals.as_deref().unwrap_or_default(),
            Some(Body::Endpoint(spec)) => spec.approvals.as_deref().unwrap_or_default(),
            _ => &[],
        }
    }
}
