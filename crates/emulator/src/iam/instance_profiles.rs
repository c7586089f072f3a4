//! Instance profiles, as far as they keep a role from being deleted. Their reads do not lag.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::record::{Role, Tag, role_now, role_read, tags_json, unique_id};
use super::{errors, optional_text, paging, path_prefix, roles, tags, text};
use crate::api::{AwsError, Context};

/// The kind under which profiles are stored; the key is the name in lower case.
const KIND: &str = "instance-profile";

#[derive(Debug, Serialize, Deserialize)]
struct InstanceProfile {
    name: String,
    path: String,
    id: String,
    arn: String,
    created: Duration,
    tags: Vec<Tag>,
    /// The name of its role; there is at most one.
    role: Option<String>,
}

impl InstanceProfile {
    fn json(&self, cx: &Context<'_>) -> Value {
        let role = self.role.as_ref().and_then(|name| role_now(cx, name).ok());
        let mut answer = json!({
            "Path": self.path,
            "InstanceProfileName": self.name,
            "InstanceProfileId": self.id,
            "Arn": self.arn,
            "CreateDate": self.created.as_secs(),
            "Roles": role.iter().map(Role::core).collect::<Vec<_>>(),
        });
        if !self.tags.is_empty() {
            answer["Tags"] = tags_json(&self.tags);
        }
        answer
    }

    fn save(&self, cx: &mut Context<'_>) {
        cx.records.put(KIND, &self.name.to_lowercase(), json!(self));
    }
}

pub(super) fn create(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    let name = text(input, "InstanceProfileName");
    let tags = tags::from_input(input)?;
    if cx.records.get(KIND, &name.to_lowercase()).is_some() {
        let message = format!("Instance Profile {name} already exists.");
        return Err(AwsError::new(409, "EntityAlreadyExists", message));
    }
    let path = optional_text(input, "Path").unwrap_or("/");
    let profile = InstanceProfile {
        name: name.to_owned(),
        path: path.to_owned(),
        id: unique_id(cx, "AIPA"),
        arn: format!("arn:{}:iam::{}:instance-profile{path}{name}", cx.partition, cx.account),
        created: cx.now,
        tags,
        role: None,
    };
    profile.save(cx);
    Ok(json!({"InstanceProfile": profile.json(cx)}))
}

pub(super) fn get(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    let profile = existing(input, cx)?;
    Ok(json!({"InstanceProfile": profile.json(cx)}))
}

pub(super) fn delete(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    let profile = existing(input, cx)?;
    if profile.role.is_some() {
        return Err(errors::delete_conflict(roles::IN_INSTANCE_PROFILE));
    }
    cx.records.delete(KIND, &profile.name.to_lowercase());
    Ok(json!({}))
}

pub(super) fn add_role(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    let mut profile = existing(input, cx)?;
    let role = role_now(cx, text(input, "RoleName"))?;
    role.refuse_service_linked()?;
    if profile.role.is_some() {
        return Err(errors::quota("InstanceSessionsPerInstanceProfile", 1));
    }
    profile.role = Some(role.name);
    profile.save(cx);
    Ok(json!({}))
}

pub(super) fn remove_role(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    let mut profile = existing(input, cx)?;
    let name = text(input, "RoleName");
    if profile.role.as_deref() != Some(name) {
        let message = format!("Role {name} in Instance Profile {} cannot be found.", profile.name);
        return Err(errors::no_such_entity(message));
    }
    profile.role = None;
    profile.save(cx);
    Ok(json!({}))
}

pub(super) fn list(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    let prefix = path_prefix(input);
    let profiles = all(cx).into_iter().filter(|profile| profile.path.starts_with(prefix));
    page(input, cx, profiles)
}

pub(super) fn list_for_role(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    let role = role_read(cx, text(input, "RoleName"))?;
    let profiles = all(cx).into_iter().filter(|profile| profile.role.as_ref() == Some(&role.name));
    page(input, cx, profiles)
}

/// The profiles of a role, as GetAccountAuthorizationDetails answers them.
pub(super) fn of_role(role: &Role, cx: &Context<'_>) -> Value {
    let profiles = all(cx).into_iter().filter(|profile| profile.role.as_ref() == Some(&role.name));
    profiles.map(|profile| profile.json(cx)).collect()
}

/// Whether the role is in an instance profile.
pub(super) fn hold(role: &str, cx: &Context<'_>) -> bool {
    all(cx).iter().any(|profile| profile.role.as_deref() == Some(role))
}

fn page(
    input: &Map<String, Value>,
    cx: &Context<'_>,
    profiles: impl Iterator<Item = InstanceProfile>,
) -> Result<Value, AwsError> {
    let items = profiles.map(|profile| (profile.name.to_lowercase(), profile.json(cx)));
    Ok(Value::Object(paging::page(input, "InstanceProfiles", items)?))
}

fn all(cx: &Context<'_>) -> Vec<InstanceProfile> {
    let stored = cx.records.list(KIND).into_iter();
    stored.filter_map(|(_, value)| serde_json::from_value(value).ok()).collect()
}

fn existing(input: &Map<String, Value>, cx: &Context<'_>) -> Result<InstanceProfile, AwsError> {
    let name = text(input, "InstanceProfileName");
    let stored = cx.records.get(KIND, &name.to_lowercase());
    let profile: Option<InstanceProfile> = stored.and_then(|value| serde_json::from_value(value).ok());
    profile
        .filter(|profile| profile.name == name)
        .ok_or_else(|| errors::no_such_entity(format!("Instance Profile {name} cannot be found.")))
}
