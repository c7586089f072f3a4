//! Roles: create, read, list, update, delete.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::record::{Role, count_now, role_by_name, role_now, role_read, roles_read, save, unique_id};
use super::{
    errors, instance_profiles, managed, optional_text, paging, path_prefix, policy_document, record, tags,
    text,
};
use crate::api::{AwsError, Context};

/// Seconds of a session where the role names none.
pub(crate) const DEFAULT_SESSION: i64 = 3600;
/// The default quota `RolesPerAccount`.
const ROLES_PER_ACCOUNT: usize = 1000;

pub(super) const IN_INSTANCE_PROFILE: &str =
    "Cannot delete entity, must remove roles from instance profile first.";

pub(super) fn create(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    let name = text(input, "RoleName");
    let path = optional_text(input, "Path").unwrap_or("/");
    if path.starts_with("/aws-service-role/") {
        return Err(errors::invalid_input(
            "Cannot create a role in the path /aws-service-role/, which is reserved.",
        ));
    }
    let trust = text(input, "AssumeRolePolicyDocument");
    policy_document::check_trust(trust, cx)?;
    let tags = tags::from_input(input)?;
    let boundary = optional_text(input, "PermissionsBoundary");
    if let Some(arn) = boundary.filter(|arn| managed::by_arn(arn, cx.partition).is_none()) {
        return Err(errors::no_such_entity(format!("Scope ARN: {arn} does not exist or is not attachable.")));
    }
    if role_by_name(cx.records, name).is_some() {
        return Err(errors::role_exists(name));
    }
    if count_now(cx) >= ROLES_PER_ACCOUNT {
        return Err(errors::quota("RolesPerAccount", ROLES_PER_ACCOUNT));
    }
    let role = Role {
        name: name.to_owned(),
        path: path.to_owned(),
        id: unique_id(cx, "AROA"),
        arn: format!("arn:{}:iam::{}:role{path}{name}", cx.partition, cx.account),
        created: cx.now,
        trust: trust.to_owned(),
        description: optional_text(input, "Description").filter(|text| !text.is_empty()).map(str::to_owned),
        max_session_duration: input.get("MaxSessionDuration").and_then(Value::as_i64),
        max_signin_session_duration: input.get("MaxSigninSessionDuration").and_then(Value::as_i64),
        permissions_boundary: boundary.map(str::to_owned),
        tags,
        attached: Vec::new(),
        inline: BTreeMap::new(),
        last_used: None,
    };
    save(cx, &role);
    let mut answer = role.core();
    answer.extend(role.details());
    if let Some(seconds) = role.max_session_duration {
        answer.insert("MaxSessionDuration".to_owned(), json!(seconds));
    }
    Ok(json!({"Role": answer}))
}

pub(super) fn get(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    let role = role_read(cx, text(input, "RoleName"))?;
    let mut answer = listed(&role);
    answer.extend(role.details());
    answer.insert("RoleLastUsed".to_owned(), role.last_used());
    Ok(json!({"Role": answer}))
}

pub(super) fn list(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    let prefix = path_prefix(input);
    let roles = roles_read(cx).into_iter().filter(|(_, role)| role.path.starts_with(prefix));
    let page = paging::page(input, "Roles", roles.map(|(key, role)| (key, Value::Object(listed(&role)))))?;
    Ok(Value::Object(page))
}

pub(super) fn delete(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    let role = role_now(cx, text(input, "RoleName"))?;
    role.refuse_service_linked()?;
    if instance_profiles::hold(&role.name, cx) {
        return Err(errors::delete_conflict(IN_INSTANCE_PROFILE));
    }
    if !role.attached.is_empty() {
        return Err(errors::delete_conflict("Cannot delete entity, must detach all policies first."));
    }
    if !role.inline.is_empty() {
        return Err(errors::delete_conflict("Cannot delete entity, must delete policies first."));
    }
    record::remove(cx, &role.name);
    Ok(json!({}))
}

pub(super) fn update(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    let mut role = role_now(cx, text(input, "RoleName"))?;
    let duration = input.get("MaxSessionDuration").and_then(Value::as_i64);
    // The description of a service-linked role may be edited, its other properties may not.
    if duration.is_some() {
        role.refuse_service_linked()?;
    }
    let signin = input.get("MaxSigninSessionDuration").and_then(Value::as_i64);
    if input.get("ResetMaxSigninSessionDuration") == Some(&Value::Bool(true)) {
        if signin.is_some() {
            let message =
                "MaxSigninSessionDuration and ResetMaxSigninSessionDuration cannot be used together.";
            return Err(errors::invalid_input(message));
        }
        role.max_signin_session_duration = None;
    }
    if let Some(description) = optional_text(input, "Description") {
        role.description = Some(description.to_owned()).filter(|text| !text.is_empty());
    }
    role.max_session_duration = duration.or(role.max_session_duration);
    role.max_signin_session_duration = signin.or(role.max_signin_session_duration);
    save(cx, &role);
    Ok(json!({}))
}

pub(super) fn update_trust(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    let mut role = role_now(cx, text(input, "RoleName"))?;
    role.refuse_service_linked()?;
    let trust = text(input, "PolicyDocument");
    policy_document::check_trust(trust, cx)?;
    trust.clone_into(&mut role.trust);
    save(cx, &role);
    Ok(json!({}))
}

/// A role as ListRoles answers it: no tags, no boundary, no last use.
fn listed(role: &Role) -> Map<String, Value> {
    let mut answer = role.core();
    let seconds = role.max_session_duration.unwrap_or(DEFAULT_SESSION);
    answer.insert("MaxSessionDuration".to_owned(), json!(seconds));
    answer
}
