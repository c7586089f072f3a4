//! Rotated secrets: what is told of passwords that were sent and do not work.

use pipewright_model::tags::SECRETS;
use pipewright_model::{Body, LiveBody};

use super::Draft;

/// Warns of connections whose last test failed although every secret of the endpoint was sent.
pub(super) fn warn(draft: &mut Draft<'_>) {
    let (desired, observed) = (draft.desired, draft.observed);
    let Some(keys) = &desired.rotation.keys else { return };
    for (id, declared) in &desired.resources {
        let (Body::Endpoint(endpoint), Some(live)) = (&declared.body, draft.live(id)) else { continue };
        let remembered = live.tags.get(SECRETS).map(String::as_str);
        if remembered.is_none() || !keys.unsent(id, endpoint, remembered).is_empty() {
            continue;
        }
        for (connection, tested) in &observed.resources {
            let LiveBody::Connection(tested) = &tested.body else { continue };
            if tested.endpoint_arn != live.arn || tested.status != "failed" {
                continue;
            }
            let why = &tested.last_failure_message;
            let message = format!("its secrets were sent, and the last test of {connection} failed: {why}");
            let hint = "if it is the password that does not work, correct the secret where the spec reads it: the \
                        next pass sends it, tests again, and lets go on what it paused";
            let finding = draft.finding(id, message).with_hint(hint.to_owned());
            draft.report.warnings.push(finding);
        }
    }
}
