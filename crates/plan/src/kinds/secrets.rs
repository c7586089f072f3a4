//! The secrets of endpoints, which AWS does not return: what the tag remembers of them stands for what is there.

use std::collections::BTreeSet;

use pipewright_model::kinds::EndpointDeclared;
use pipewright_model::tags::{SECRETS, Tags};
use pipewright_model::{ResourceId, RotationKeys, Unsent};
use serde_json::json;

use super::Difference;
use crate::{FieldDiff, Mutation, Step};

/// Adds the secrets that are to be sent to how an endpoint differs. Words stand for their values.
///
/// The tag goes before they are sent and comes after, so that at no moment it says what is not so: were it left
/// meanwhile, a pass that dies between the two and specs that take the secret back would hide that the one was sent.
pub(super) fn compare(
    id: &ResourceId,
    declared: &EndpointDeclared,
    tags: &Tags,
    keys: &RotationKeys,
    difference: &mut Difference,
) {
    let remembered = tags.get(SECRETS);
    let unsent = keys.unsent(id, declared, remembered.map(String::as_str));
    if unsent.is_empty() {
        return;
    }
    difference.fields.extend(unsent.into_iter().map(|(path, why)| {
        let (before, after) = match why {
            Unsent::Rotated => ("as last sent", "rotated"),
            Unsent::Unknown => ("not recorded", "sent"),
            Unsent::OtherKey => ("recorded with another key", "sent"),
        };
        FieldDiff { path, before: json!(before), after: json!(after) }
    }));
    if remembered.is_some() {
        let forget = Mutation::RemoveTags { id: id.clone(), keys: BTreeSet::from([SECRETS.to_owned()]) };
        difference.steps.insert(0, Step::Call(forget));
    }
}
