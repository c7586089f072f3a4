//! Event subscriptions.

use std::collections::BTreeSet;

use pipewright_model::ResourceId;
use pipewright_model::kinds::{EventSubscriptionDeclared, EventSubscriptionObserved};

use super::Difference;
use crate::diff::Fields;
use crate::{Mutation, Step, Wait};

/// Compares an event subscription; the order of sources and categories means nothing.
pub(crate) fn difference(
    id: &ResourceId,
    declared: &EventSubscriptionDeclared,
    live: &EventSubscriptionObserved,
) -> Difference {
    let EventSubscriptionDeclared { sns_topic_arn, source_type, sources: _, event_categories, enabled } =
        declared;
    let mut fields = Fields::default();
    fields.compare("snsTopicArn", Some(sns_topic_arn), &live.sns_topic_arn);
    let categories: BTreeSet<String> =
        live.event_categories.iter().map(|category| category.to_lowercase()).collect();
    fields.compare("eventCategories", event_categories.as_ref(), &categories);
    fields.compare("enabled", enabled.as_ref(), &live.enabled);
    fields.compare("sourceType", Some(&source_type.as_str().to_owned()), &live.source_type);
    let source_ids = live.source_ids.iter().map(|id| id.to_lowercase()).collect();
    fields.compare("sources", Some(&declared.source_ids()), &source_ids);

    let modify = Mutation::ModifyEventSubscription { id: id.clone(), declared: declared.clone() };
    Difference {
        fields: fields.0,
        notes: Vec::new(),
        steps: vec![Step::Call(modify), Step::Wait(Wait::Settled(id.clone()))],
    }
}

/// The steps that delete a subscription; DMS refuses while it is being made or changed.
pub(crate) fn delete(id: ResourceId, live: &EventSubscriptionObserved) -> Vec<Step> {
    let mut steps = Vec::new();
    if matches!(live.status.as_str(), "creating" | "modifying") {
        steps.push(Step::Wait(Wait::Settled(id.clone())));
    }
    steps.push(Step::Call(Mutation::DeleteEventSubscription { id: id.clone() }));
    steps.push(Step::Wait(Wait::Gone(id)));
    steps
}
