//! Managed policies attached to roles, and inline policies.

use serde_json::{Map, Value, json};

use super::record::{encode, role_now, role_read, save};
use super::{errors, managed, paging, path_prefix, policy_document, text};
use crate::api::{AwsError, Context};

/// The default quota `PoliciesPerRole`.
const POLICIES_PER_ROLE: usize = 10;
/// The characters, white space left out, that all inline policies of a role may have together.
const INLINE_SIZE: usize = 10_240;

pub(super) fn attach(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    let arn = policy_arn(input)?;
    let mut role = role_now(cx, text(input, "RoleName"))?;
    role.refuse_service_linked()?;
    let policy = managed::by_arn(arn, cx.partition).ok_or_else(|| managed::not_attachable(arn))?;
    if policy.path.starts_with("/aws-service-role/") {
        let message = "Cannot attach a Service Role Policy to a Customer Role.";
        return Err(AwsError::new(400, "PolicyNotAttachable", message));
    }
    if role.attached.iter().any(|attached| attached == arn) {
        return Ok(json!({}));
    }
    if role.attached.len() >= POLICIES_PER_ROLE {
        return Err(errors::quota("PoliciesPerRole", POLICIES_PER_ROLE));
    }
    role.attached.push(arn.to_owned());
    save(cx, &role);
    Ok(json!({}))
}

pub(super) fn detach(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    let arn = policy_arn(input)?;
    let mut role = role_now(cx, text(input, "RoleName"))?;
    role.refuse_service_linked()?;
    let before = role.attached.len();
    role.attached.retain(|attached| attached != arn);
    if role.attached.len() == before {
        return Err(errors::no_such_entity(format!("Policy {arn} was not found.")));
    }
    save(cx, &role);
    Ok(json!({}))
}

pub(super) fn list_attached(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    let role = role_read(cx, text(input, "RoleName"))?;
    let prefix = path_prefix(input);
    let mut attached: Vec<_> = role
        .attached
        .iter()
        .filter(|arn| managed::by_arn(arn, cx.partition).is_none_or(|policy| policy.path.starts_with(prefix)))
        .map(|arn| (arn.clone(), attached_json(arn)))
        .collect();
    attached.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(Value::Object(paging::page(input, "AttachedPolicies", attached)?))
}

pub(super) fn put(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    let mut role = role_now(cx, text(input, "RoleName"))?;
    role.refuse_service_linked()?;
    let document = text(input, "PolicyDocument");
    policy_document::check_permissions(document)?;
    role.inline.insert(text(input, "PolicyName").to_owned(), document.to_owned());
    if role.inline.values().map(|document| policy_document::size(document)).sum::<usize>() > INLINE_SIZE {
        let message = format!("Maximum policy size of {INLINE_SIZE} bytes exceeded for role {}", role.name);
        return Err(errors::limit_exceeded(message));
    }
    save(cx, &role);
    Ok(json!({}))
}

pub(super) fn get(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    let name = text(input, "PolicyName");
    let role = role_read(cx, text(input, "RoleName"))?;
    let document = role.inline.get(name).ok_or_else(|| no_such_policy(name))?;
    Ok(json!({"RoleName": role.name, "PolicyName": name, "PolicyDocument": encode(document)}))
}

pub(super) fn delete(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    let name = text(input, "PolicyName");
    let mut role = role_now(cx, text(input, "RoleName"))?;
    role.refuse_service_linked()?;
    role.inline.remove(name).ok_or_else(|| no_such_policy(name))?;
    save(cx, &role);
    Ok(json!({}))
}

pub(super) fn list(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    let role = role_read(cx, text(input, "RoleName"))?;
    let names = role.inline.into_keys().map(|name| (name.clone(), json!(name)));
    Ok(Value::Object(paging::page(input, "PolicyNames", names)?))
}

/// An element of `AttachedPolicies`.
pub(super) fn attached_json(arn: &str) -> Value {
    json!({"PolicyName": arn.rsplit('/').next(), "PolicyArn": arn})
}

fn policy_arn(input: &Map<String, Value>) -> Result<&str, AwsError> {
    let arn = text(input, "PolicyArn");
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", "", _, resource] if resource.starts_with("policy/") => Ok(arn),
        _ => Err(errors::invalid_input(format!("ARN {arn} is not valid."))),
    }
}

fn no_such_policy(name: &str) -> AwsError {
    errors::no_such_entity(format!("The role policy with name {name} cannot be found."))
}
