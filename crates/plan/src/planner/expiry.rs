//! Certificates that expire.

use std::time::Duration;

use pipewright_model::{Body, LiveBody};

use super::Draft;

/// How long before a certificate expires that is told: time to ask an authority for another one.
const NOTICE: Duration = Duration::from_hours(30 * 24);

/// Warns of declared certificates that have expired or soon will.
pub(super) fn warn(draft: &mut Draft<'_>) {
    let (desired, now) = (draft.desired, draft.observed.at);
    for (id, declared) in &desired.resources {
        let (Body::Certificate(_), Some(live)) = (&declared.body, draft.live(id)) else { continue };
        let LiveBody::Certificate(certificate) = &live.body else { continue };
        let Some(valid_to) = certificate.valid_to.filter(|valid_to| *valid_to <= now + NOTICE) else {
            continue;
        };
        let verb = if valid_to <= now { "has expired" } else { "expires" };
        let message =
            format!("{verb} on {}: from then on, connections that check with it fail", valid_to.rfc3339());
        let hint = "ask the authority for another one, and put it where the spec reads this one: it is imported \
                    beside, and endpoints go over to it";
        draft.warn_with_hint(id, message, hint.to_owned());
    }
}
