//! What is held back until somebody approves it.

use std::fmt::Write as _;

use pipewright_model::{Approval, ResourceId};

use super::Draft;
use crate::Approved;

/// Whether this is approved for the resources of a document; if so, the plan records that it rests on that.
pub(super) fn is_given(draft: &mut Draft<'_>, spec: &str, approval: Approval) -> bool {
    let Some(by) = draft.desired.approvals.allows(spec, approval, draft.observed.at) else { return false };
    draft.approvals.insert(Approved { spec: spec.to_owned(), approval, by });
    true
}

/// The same for one change, which is held back with the way out if it is not approved. `because` says what
/// makes it need the approval.
pub(super) fn given(
    draft: &mut Draft<'_>,
    id: &ResourceId,
    spec: &str,
    approval: Approval,
    because: &str,
) -> bool {
    if is_given(draft, spec, approval) {
        return true;
    }
    let hint = hint(draft, spec, &[approval]);
    draft.block(id, format!("needs an approval of `{approval}`: {because}"), hint);
    false
}

/// How to give these approvals to a document: on the command line and, where there is one, in the document.
pub(super) fn hint(draft: &Draft<'_>, spec: &str, approvals: &[Approval]) -> String {
    let words = |of: fn(&str, &Approval) -> String, between: &str| {
        approvals.iter().map(|approval| of(spec, approval)).collect::<Vec<_>>().join(between)
    };
    let mut hint =
        format!("run with {}", words(|spec, approval| format!("`--approve {approval}={spec}`"), " "));
    if draft.desired.resources.values().any(|declared| declared.spec == spec) {
        let entries = words(|_, approval| format!("{{allow: {approval}, until: <time>}}"), ", ");
        let _ = write!(hint, ", or write `approvals: [{entries}]` in {spec}");
    }
    let expired = approvals
        .iter()
        .find_map(|&approval| draft.desired.approvals.expired(spec, approval, draft.observed.at));
    if let Some(expired) = expired {
        let _ = write!(hint, " (the one at {} ran out at {})", expired.place, expired.until.rfc3339());
    }
    hint
}
