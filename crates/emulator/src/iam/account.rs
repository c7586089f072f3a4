//! GetAccountAuthorizationDetails: all roles with all that hangs on them, in few pages.

use serde_json::{Map, Value, json};

use super::managed::{self, ManagedPolicy};
use super::record::{Role, encode, roles_read};
use super::{instance_profiles, paging, policies};
use crate::api::{AwsError, Context};

/// The emulator has no users, no groups and no customer-managed policies, so those lists are empty.
/// AWS-managed policies come, as on AWS, where a filter names them or no filter is there, and something uses them.
pub(super) fn authorization_details(
    input: &Map<String, Value>,
    cx: &mut Context<'_>,
) -> Result<Value, AwsError> {
    let filter: Vec<&str> = input
        .get("Filter")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let wants = |kind: &str| filter.is_empty() || filter.contains(&kind);
    let roles = roles_read(cx);
    let mut items: Vec<(String, Value)> = Vec::new();
    if wants("Role") {
        items.extend(roles.iter().map(|(key, role)| (format!("role/{key}"), role_detail(role, cx))));
    }
    if wants("AWSManagedPolicy") {
        let used = roles.iter().flat_map(|(_, role)| role.attached.iter().chain(&role.permissions_boundary));
        let mut used: Vec<&ManagedPolicy> =
            used.filter_map(|arn| managed::by_arn(arn, cx.partition)).collect();
        used.sort_by(|one, other| one.name.cmp(&other.name));
        used.dedup_by(|one, other| one.name == other.name);
        // Keys of policies order after those of roles: `z` follows `role/`.
        items.extend(
            used.iter()
                .map(|policy| (format!("z/{}", policy.name), policy_detail(policy, &roles, cx.partition))),
        );
    }
    let mut page = paging::page(input, "Items", items)?;
    let mut roles = Vec::new();
    let mut policies = Vec::new();
    if let Some(Value::Array(items)) = page.remove("Items") {
        for item in items {
            if item.get("RoleName").is_some() {
                roles.push(item);
            } else {
                policies.push(item);
            }
        }
    }
    page.insert("UserDetailList".to_owned(), json!([]));
    page.insert("GroupDetailList".to_owned(), json!([]));
    page.insert("RoleDetailList".to_owned(), Value::Array(roles));
    page.insert("Policies".to_owned(), Value::Array(policies));
    Ok(Value::Object(page))
}

fn role_detail(role: &Role, cx: &Context<'_>) -> Value {
    let mut detail = role.core();
    // The shape RoleDetail has neither of the two.
    detail.remove("Description");
    detail.remove("MaxSigninSessionDuration");
    detail.extend(role.details());
    detail.insert("InstanceProfileList".to_owned(), instance_profiles::of_role(role, cx));
    let inline = role.inline.iter();
    let inline = inline.map(|(name, text)| json!({"PolicyName": name, "PolicyDocument": encode(text)}));
    detail.insert("RolePolicyList".to_owned(), inline.collect());
    let attached = role.attached.iter().map(|arn| policies::attached_json(arn));
    detail.insert("AttachedManagedPolicies".to_owned(), attached.collect());
    detail.insert("RoleLastUsed".to_owned(), role.last_used());
    Value::Object(detail)
}

fn policy_detail(policy: &ManagedPolicy, roles: &[(String, Role)], partition: &str) -> Value {
    let mut detail = policy.summary(roles, partition);
    detail.insert("PolicyVersionList".to_owned(), json!([policy.version_json()]));
    Value::Object(detail)
}
