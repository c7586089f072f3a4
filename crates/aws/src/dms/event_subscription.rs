//! Event subscriptions. DMS calls them by name, and their ARN by no call.

use std::collections::BTreeMap;

use aws_sdk_databasemigration::types::EventSubscription;
use pipewright_engine::CallError;
use pipewright_model::kinds::{EventSubscriptionDeclared, EventSubscriptionObserved};
use pipewright_model::tags::Tags;
use pipewright_model::{Kind, Live, LiveBody, ResourceId};

use super::{Dms, PAGE_SIZE, Page, pages, tags};
use crate::error::{Named, absent_is_fine};
use crate::sts::Sts;

/// Every event subscription.
pub(crate) async fn list(dms: &Dms, sts: &Sts) -> Result<BTreeMap<ResourceId, Live>, CallError> {
    let subscriptions = pages(|marker| async move {
        let answer = dms
            .client()
            .await
            .describe_event_subscriptions()
            .max_records(PAGE_SIZE)
            .set_marker(marker)
            .send()
            .await
            .named("dms:DescribeEventSubscriptions")?;
        Ok(Page { items: answer.event_subscriptions_list, marker: answer.marker })
    })
    .await?;
    let mut all = BTreeMap::new();
    for subscription in subscriptions {
        let name = subscription.cust_subscription_id().unwrap_or_default().to_owned();
        let live = Live {
            arn: sts.event_subscription_arn(&name).await?,
            tags: Tags::new(),
            body: LiveBody::EventSubscription(observed(subscription)),
        };
        all.insert(ResourceId::new(Kind::EventSubscription, name), live);
    }
    Ok(all)
}

fn observed(subscription: EventSubscription) -> EventSubscriptionObserved {
    EventSubscriptionObserved {
        sns_topic_arn: subscription.sns_topic_arn.unwrap_or_default(),
        source_type: subscription.source_type.unwrap_or_default(),
        source_ids: subscription.source_ids_list.unwrap_or_default().into_iter().collect(),
        event_categories: subscription.event_categories_list.unwrap_or_default().into_iter().collect(),
        enabled: subscription.enabled,
        status: subscription.status.unwrap_or_default(),
    }
}

/// Makes a subscription.
pub(crate) async fn create(
    dms: &Dms,
    id: &ResourceId,
    declared: &EventSubscriptionDeclared,
    tags: &Tags,
) -> Result<(), CallError> {
    let sources: Vec<String> = declared.source_ids().into_iter().collect();
    dms.client()
        .await
        .create_event_subscription()
        .subscription_name(&id.name)
        .sns_topic_arn(&declared.sns_topic_arn)
        .source_type(declared.source_type.as_str())
        .set_source_ids((!sources.is_empty()).then_some(sources))
        .set_event_categories(categories(declared))
        .set_enabled(declared.enabled)
        .set_tags(tags::of(tags))
        .send()
        .await
        .named("dms:CreateEventSubscription")?;
    Ok(())
}

/// Changes a subscription; its sources stay.
pub(crate) async fn modify(
    dms: &Dms,
    id: &ResourceId,
    declared: &EventSubscriptionDeclared,
) -> Result<(), CallError> {
    dms.client()
        .await
        .modify_event_subscription()
        .subscription_name(&id.name)
        .sns_topic_arn(&declared.sns_topic_arn)
        .source_type(declared.source_type.as_str())
        .set_event_categories(categories(declared))
        .set_enabled(declared.enabled)
        .send()
        .await
        .named("dms:ModifyEventSubscription")?;
    Ok(())
}

/// Deletes a subscription. That it is gone is as good.
pub(crate) async fn delete(dms: &Dms, id: &ResourceId) -> Result<(), CallError> {
    let done = dms
        .client()
        .await
        .delete_event_subscription()
        .subscription_name(&id.name)
        .send()
        .await
        .named("dms:DeleteEventSubscription");
    absent_is_fine(done.map(drop))
}

fn categories(declared: &EventSubscriptionDeclared) -> Option<Vec<String>> {
    declared.event_categories.as_ref().map(|categories| categories.iter().cloned().collect())
}
