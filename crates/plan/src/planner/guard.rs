//! The last look at a plan: limits on deletes.

use pipewright_model::ResourceId;

use super::Draft;
use crate::{Action, Finding, Ownership};

/// Takes every delete and leave out of a plan that deletes more than the policy allows.
pub(super) fn apply(draft: &mut Draft<'_>) {
    let deletes = draft.changes.values().filter(|change| change.action == Action::Delete).count();
    let destroys = |action| matches!(action, Action::Delete | Action::Leave | Action::Release);
    let destroyed = draft.changes.values().filter(|change| destroys(change.action)).count();
    if draft.desired.resources.is_empty() && destroyed > 0 && !draft.desired.policy.allow_empty {
        draft.changes.retain(|_, change| !destroys(change.action));
        draft.report.blocked.push(Finding {
            resource: None::<ResourceId>,
            ownership: None,
            message: format!(
                "the specs ask for nothing here, and the plan deletes or lets go of everything: {destroyed} in all"
            ),
            hint: Some(
                "nothing was deleted; check that these are the right specs, and if everything is meant to go, \
                 give `--allow-empty`, or set `policy: {allowEmpty: true}` in the Controller"
                    .to_owned(),
            ),
            reason: None,
            place: None,
        });
        return;
    }
    let Some(message) = excess(draft, deletes) else {
        return;
    };
    draft.changes.retain(|_, change| !destroys(change.action));
    draft.report.blocked.push(Finding {
        resource: None::<ResourceId>,
        ownership: None,
        message,
        hint: Some(
            "nothing was deleted; if these deletes are meant, raise the limit in the Controller's `policy` \
             for this change, or remove fewer specs at a time"
                .to_owned(),
        ),
        reason: None,
        place: None,
    });
}

fn excess(draft: &Draft<'_>, deletes: usize) -> Option<String> {
    let policy = &draft.desired.policy;
    if deletes == 0 {
        return None;
    }
    if let Some(max) = policy.max_deletes
        && deletes > max as usize
    {
        return Some(format!(
            "the plan deletes {deletes} resources, and the policy allows {max} (`maxDeletes`)"
        ));
    }
    let owned = draft
        .observed
        .resources
        .values()
        .filter(|live| Ownership::is_own(&live.tags, &draft.desired.scope))
        .count()
        .max(1);
    if let Some(max) = policy.max_delete_percent
        && deletes * 100 > owned * max as usize
    {
        return Some(format!(
            "the plan deletes {deletes} of {owned} owned resources, and the policy allows {max} % \
             (`maxDeletePercent`)"
        ));
    }
    None
}
