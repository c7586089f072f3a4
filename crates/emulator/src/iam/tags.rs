//! Tags of roles. Keys compare without case; a write keeps the case of the newest key.

use serde_json::{Map, Value, json};

use super::record::{Role, Tag, role_now, role_read, save, tags_json};
use super::{errors, paging, text};
use crate::api::{AwsError, Context};

/// The tags that a role may have.
const TAGS_PER_ROLE: usize = 50;

pub(super) fn tag(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    let tags = from_input(input)?;
    let mut role = role_now(cx, text(input, "RoleName"))?;
    for tag in tags {
        match role.tags.iter_mut().find(|existing| same_key(&existing.key, &tag.key)) {
            Some(existing) => *existing = tag,
            None => role.tags.push(tag),
        }
    }
    if role.tags.len() > TAGS_PER_ROLE {
        return Err(errors::limit_exceeded("The number of tags has reached the maximum limit."));
    }
    save(cx, &role);
    Ok(json!({}))
}

pub(super) fn untag(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    let mut role = role_now(cx, text(input, "RoleName"))?;
    let keys: Vec<&str> = strings(input, "TagKeys").collect();
    role.tags.retain(|tag| !keys.iter().any(|key| same_key(key, &tag.key)));
    save(cx, &role);
    Ok(json!({}))
}

pub(super) fn list(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    let role = role_read(cx, text(input, "RoleName"))?;
    Ok(Value::Object(paging::page(input, "Tags", sorted(&role))?))
}

/// The tags of a request, checked beyond what the model says.
pub(super) fn from_input(input: &Map<String, Value>) -> Result<Vec<Tag>, AwsError> {
    let given = input.get("Tags").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut tags: Vec<Tag> = Vec::with_capacity(given.len());
    for tag in given {
        let part = |name: &str| tag[name].as_str().unwrap_or_default().to_owned();
        let tag = Tag { key: part("Key"), value: part("Value") };
        if tag.key.to_lowercase().starts_with("aws:") {
            return Err(errors::invalid_input("Caller is an end user and not allowed to mutate system tags"));
        }
        if tags.iter().any(|other| same_key(&other.key, &tag.key)) {
            let message = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
            return Err(errors::invalid_input(message));
        }
        tags.push(tag);
    }
    Ok(tags)
}

fn sorted(role: &Role) -> Vec<(String, Value)> {
    let mut tags: Vec<_> = role.tags.iter().map(|tag| (tag.key.to_lowercase(), tag)).collect();
    tags.sort_by(|one, other| one.0.cmp(&other.0));
    tags.into_iter().map(|(key, tag)| (key, tags_json(std::slice::from_ref(tag))[0].take())).collect()
}

fn same_key(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

fn strings<'a>(input: &'a Map<String, Value>, name: &str) -> impl Iterator<Item = &'a str> {
    input.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}
