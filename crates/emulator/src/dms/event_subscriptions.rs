//! Event subscriptions.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::events;
use super::listing::Listing;
use super::record::{EVENT_SUBSCRIPTION, INSTANCE, Object, TASK};
use super::{Dms, Input, Output, boolean, errors, optional_text, tags, text, texts};
use crate::api::AwsError;

const CHANGING: Duration = Duration::from_secs(10);

pub(super) fn create(input: &Input, dms: &mut Dms<'_>) -> Output {
    let name = text(input, "SubscriptionName");
    let allowed = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if name.is_empty() || name.len() > 254 || !allowed {
        return Err(errors::invalid_value(
            "The parameter SubscriptionName must have 1 to 254 letters, digits and hyphens",
        ));
    }
    check_topic(text(input, "SnsTopicArn"))?;
    let arn = dms.arn(EVENT_SUBSCRIPTION, name);
    if dms.load(EVENT_SUBSCRIPTION, &arn).is_some() {
        return Err(errors::already_exists("EventSubscription", name, &arn));
    }
    let most = dms.config.quotas.event_subscriptions;
    if dms.all(EVENT_SUBSCRIPTION).len() >= most {
        return Err(errors::quota("event subscriptions", most));
    }
    let mut subscription = Object::new(arn, Map::new());
    subscription.set("CustomerAwsId", dms.account);
    subscription.set("CustSubscriptionId", name);
    subscription.set("SnsTopicArn", text(input, "SnsTopicArn"));
    subscription.set("SubscriptionCreationTime", events::date_time(dms.now));
    subscription.set("Enabled", boolean(input, "Enabled").unwrap_or(true));
    let sources = texts(input, "SourceIds");
    set_source(&mut subscription, input)?;
    check_sources(&sources, subscription.text("SourceType"), dms)?;
    subscription.set("SourceIdsList", sources);
    subscription.tags = tags::from_input(input)?;
    begin(&mut subscription, "creating", dms);
    let subscription = dms.add(EVENT_SUBSCRIPTION, subscription);
    Ok(json!({"EventSubscription": subscription.shown}))
}

pub(super) fn describe(input: &Input, dms: &mut Dms<'_>) -> Output {
    let mut subscriptions = dms.all(EVENT_SUBSCRIPTION);
    if let Some(name) = optional_text(input, "SubscriptionName").filter(|name| !name.is_empty()) {
        subscriptions.retain(|subscription| subscription.text("CustSubscriptionId") == name);
        if subscriptions.is_empty() {
            return Err(not_found(name));
        }
    }
    // The ARN is no member of the answer, but filters know it.
    let wanted = input.get("Filters").and_then(Value::as_array);
    let mut input = input.clone();
    if let Some(filters) = wanted {
        let filters: Vec<Value> = filters.iter().map(by_name).collect();
        input.insert("Filters".to_owned(), Value::Array(filters));
    }
    let filters: &[(&str, &[&str])] = &[("event-subscription-id", &["CustSubscriptionId"])];
    let shown = subscriptions.into_iter().map(|subscription| subscription.shown);
    Listing::new("EventSubscriptionsList", "Event Subscriptions", filters).page(&input, shown.collect())
}

pub(super) fn modify(input: &Input, dms: &mut Dms<'_>) -> Output {
    let mut subscription = idle(input, dms)?;
    if let Some(topic) = optional_text(input, "SnsTopicArn") {
        check_topic(topic)?;
        subscription.set("SnsTopicArn", topic);
    }
    if let Some(enabled) = boolean(input, "Enabled") {
        subscription.set("Enabled", enabled);
    }
    set_source(&mut subscription, input)?;
    begin(&mut subscription, "modifying", dms);
    dms.save(EVENT_SUBSCRIPTION, &subscription);
    Ok(json!({"EventSubscription": subscription.shown}))
}

pub(super) fn delete(input: &Input, dms: &mut Dms<'_>) -> Output {
    let mut subscription = idle(input, dms)?;
    subscription.set("Status", "deleting");
    subscription.ahead.clear();
    subscription.then_gone(dms.now + CHANGING);
    dms.save(EVENT_SUBSCRIPTION, &subscription);
    Ok(json!({"EventSubscription": subscription.shown}))
}

fn not_found(name: &str) -> AwsError {
    errors::not_found(format!("Event Subscription \"{name}\" not found."))
}

/// `event-subscription-arn` as a filter for the name that ends the ARN.
fn by_name(filter: &Value) -> Value {
    if filter["Name"] != "event-subscription-arn" {
        return filter.clone();
    }
    let names = filter["Values"].as_array().into_iter().flatten();
    let names: Vec<&str> = names.filter_map(|arn| arn.as_str()?.rsplit(':').next()).collect();
    json!({"Name": "event-subscription-id", "Values": names})
}

fn idle(input: &Input, dms: &Dms<'_>) -> Result<Object, AwsError> {
    let name = text(input, "SubscriptionName");
    let subscription =
        dms.load(EVENT_SUBSCRIPTION, &dms.arn(EVENT_SUBSCRIPTION, name)).ok_or_else(|| not_found(name))?;
    if matches!(subscription.text("Status"), "active" | "no-permission" | "topic-not-exist") {
        Ok(subscription)
    } else {
        Err(errors::invalid_state(format!(
            "Event Subscription {name} is in {} state",
            subscription.text("Status")
        )))
    }
}

fn begin(subscription: &mut Object, status: &str, dms: &Dms<'_>) {
    subscription.set("Status", status);
    subscription.ahead.clear();
    let lost =
        subscription.hidden.get("lost").filter(|lost| lost["topic"] == subscription.shown["SnsTopicArn"]);
    let then = lost.map_or_else(|| json!("active"), |lost| lost["status"].clone());
    subscription.then(dms.now + CHANGING, json!({"Status": then}));
}

/// Puts a subscription into the status of one whose topic is gone or closed to DMS
/// (<https://docs.aws.amazon.com/dms/latest/APIReference/API_EventSubscription.html>), for as long as it has that topic.
pub(super) fn lose_topic(subscription: &mut Object, status: &str) -> Result<(), String> {
    if !matches!(status, "no-permission" | "topic-not-exist") {
        return Err(format!("a subscription cannot be {status}: it can be no-permission or topic-not-exist"));
    }
    let topic = subscription.shown["SnsTopicArn"].clone();
    subscription.hidden.insert("lost".to_owned(), json!({"topic": topic, "status": status}));
    subscription.set("Status", status);
    subscription.ahead.clear();
    Ok(())
}

/// There is no SNS here: a topic exists where its ARN is well-formed.
fn check_topic(arn: &str) -> Result<(), AwsError> {
    let parts: Vec<&str> = arn.split(':').collect();
    let good = matches!(parts.as_slice(), ["arn", _, "sns", region, account, name]
        if !region.is_empty() && account.len() == 12 && !name.is_empty());
    if good {
        Ok(())
    } else {
        let message = format!("SNS topic ARN {arn} is not valid");
        Err(AwsError::new(400, "SNSInvalidTopicFault", message))
    }
}

fn set_source(subscription: &mut Object, input: &Input) -> Result<(), AwsError> {
    if let Some(kind) = optional_text(input, "SourceType") {
        if events::categories(kind).is_none() {
            return Err(errors::invalid_value(format!(
                "Source type {kind} is not valid: it is replication-instance or replication-task"
            )));
        }
        subscription.set("SourceType", kind);
    }
    if input.contains_key("EventCategories") {
        let given = texts(input, "EventCategories");
        let kind = subscription.text("SourceType");
        let known = events::categories(kind).unwrap_or_default();
        if let Some(strange) = given.iter().find(|category| !known.contains(&category.as_str())) {
            return Err(errors::invalid_value(format!(
                "Event category {strange} is not valid for source type {kind}"
            )));
        }
        subscription.set("EventCategoriesList", given);
    }
    Ok(())
}

fn check_sources(ids: &[String], kind: &str, dms: &Dms<'_>) -> Result<(), AwsError> {
    let (record, member) = match kind {
        "replication-task" => (TASK, "ReplicationTaskIdentifier"),
        _ => (INSTANCE, "ReplicationInstanceIdentifier"),
    };
    if !ids.is_empty() && kind.is_empty() {
        return Err(errors::invalid_combination("SourceType must be specified where SourceIds are"));
    }
    let known = dms.all(record);
    match ids.iter().find(|id| !known.iter().any(|object| object.text(member) == id.as_str())) {
        Some(id) => Err(errors::not_found(format!("Source {id} of type {kind} not found."))),
        None => Ok(()),
    }
}
