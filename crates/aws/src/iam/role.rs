//! Roles: trust, attached policies, tags.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::types::{AttachedPolicy, Role, Tag};
use percent_encoding::percent_decode_str;
use pipewright_engine::{CallError, ErrorClass};
use pipewright_model::kinds::RoleObserved;
use pipewright_model::tags::Tags;
use pipewright_model::{Live, LiveBody};
use serde_json::Value;

use super::Iam;
use crate::error::{Named, absent_is_fine, refused};

const CREATE_ROLE: &str = "iam:CreateRole";
const TAG_ROLE: &str = "iam:TagRole";

/// A role with its tags, attached and inline policies; `None` if there is none of this name.
pub(crate) async fn get(iam: &Iam, name: &str) -> Result<Option<Live>, CallError> {
    match read(iam, name).await {
        // Also where it goes between two of the calls.
        Err(error) if error.class == ErrorClass::NotFound => Ok(None),
        other => other.map(Some),
    }
}

async fn read(iam: &Iam, name: &str) -> Result<Live, CallError> {
    const GET_ROLE: &str = "iam:GetRole";
    let answer = iam.client.get_role().role_name(name).send().await.named(GET_ROLE)?;
    let role =
        answer.role.ok_or_else(|| refused(GET_ROLE, "UnreadableAnswer", "the answer holds no role"))?;
    let tags: Tags = role.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect();
    let body = RoleObserved {
        role_id: role.role_id().to_owned(),
        path: role.path().to_owned(),
        trust: document(role.assume_role_policy_document().unwrap_or_default()),
        managed_policies: attached_policies(iam, name).await?,
        inline_policies: inline_policies(iam, name).await?,
        permissions_boundary: role.permissions_boundary.and_then(|set| set.permissions_boundary_arn),
    };
    Ok(Live { arn: role.arn, tags, body: LiveBody::ServiceRole(body) })
}

/// The names of all roles under a path.
pub(crate) async fn names_under(iam: &Iam, path: &str) -> Result<BTreeSet<String>, CallError> {
    let roles = iam.client.list_roles().path_prefix(path).into_paginator().items().send();
    let roles: Vec<Role> = roles.collect::<Result<_, _>>().await.named("iam:ListRoles")?;
    Ok(roles.into_iter().map(|role| role.role_name).collect())
}

async fn attached_policies(iam: &Iam, name: &str) -> Result<BTreeSet<String>, CallError> {
    let policies = iam.client.list_attached_role_policies().role_name(name).into_paginator().items().send();
    let policies: Vec<AttachedPolicy> =
        policies.collect::<Result<_, _>>().await.named("iam:ListAttachedRolePolicies")?;
    Ok(policies.into_iter().filter_map(|policy| policy.policy_arn).collect())
}

async fn inline_policies(iam: &Iam, role: &str) -> Result<BTreeMap<String, Value>, CallError> {
    let names = iam.client.list_role_policies().role_name(role).into_paginator().items().send();
    let names: Vec<String> = names.collect::<Result<_, _>>().await.named("iam:ListRolePolicies")?;
    let mut all = BTreeMap::new();
    for name in names {
        let policy = iam
            .client
            .get_role_policy()
            .role_name(role)
            .policy_name(&name)
            .send()
            .await
            .named("iam:GetRolePolicy")?;
        all.insert(name, document(&policy.policy_document));
    }
    Ok(all)
}

/// A policy document: IAM answers it percent-encoded. One that is no JSON stays the text it is, which
/// is equal to no document and trusts nobody.
fn document(encoded: &str) -> Value {
    let text = percent_decode_str(encoded).decode_utf8_lossy();
    serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text.into_owned()))
}

/// What a new role is made of.
pub(crate) struct NewRole<'a> {
    pub(crate) name: &'a str,
    pub(crate) path: &'a str,
    pub(crate) description: &'a str,
    pub(crate) trust: &'a Value,
    pub(crate) boundary: Option<&'a str>,
    pub(crate) tags: &'a Tags,
}

/// Makes a role with its tags, so that there is no moment in which it has no owner; its ARN.
pub(crate) async fn create(iam: &Iam, role: NewRole<'_>) -> Result<Option<String>, CallError> {
    let answer = iam
        .client
        .create_role()
        .role_name(role.name)
        .path(role.path)
        .set_permissions_boundary(role.boundary.map(str::to_owned))
        .description(role.description)
        .assume_role_policy_document(role.trust.to_string())
        .set_tags(Some(tag_list(CREATE_ROLE, role.tags)?))
        .send()
        .await
        .named(CREATE_ROLE)?;
    Ok(answer.role.map(|role| role.arn))
}

/// Replaces the trust policy.
pub(crate) async fn update_trust(iam: &Iam, role: &str, trust: &Value) -> Result<(), CallError> {
    iam.client
        .update_assume_role_policy()
        .role_name(role)
        .policy_document(trust.to_string())
        .send()
        .await
        .named("iam:UpdateAssumeRolePolicy")?;
    Ok(())
}

/// Writes an inline policy; one of the same name is replaced.
pub(crate) async fn put_policy(
    iam: &Iam,
    role: &str,
    policy: &str,
    document: &Value,
) -> Result<(), CallError> {
    iam.client
        .put_role_policy()
        .role_name(role)
        .policy_name(policy)
        .policy_document(document.to_string())
        .send()
        .await
        .named("iam:PutRolePolicy")?;
    Ok(())
}

/// Deletes an inline policy. That it is not there, or the role gone, is as good.
pub(crate) async fn delete_policy(iam: &Iam, role: &str, policy: &str) -> Result<(), CallError> {
    let done = iam
        .client
        .delete_role_policy()
        .role_name(role)
        .policy_name(policy)
        .send()
        .await
        .named("iam:DeleteRolePolicy");
    absent_is_fine(done.map(drop))
}

/// Attaches a managed policy; one that is attached already stays so.
pub(crate) async fn attach(iam: &Iam, role: &str, policy_arn: &str) -> Result<(), CallError> {
    iam.client
        .attach_role_policy()
        .role_name(role)
        .policy_arn(policy_arn)
        .send()
        .await
        .named("iam:AttachRolePolicy")?;
    Ok(())
}

/// Detaches a managed policy. That it is not attached, or the role gone, is as good.
pub(crate) async fn detach(iam: &Iam, role: &str, policy_arn: &str) -> Result<(), CallError> {
    let done = iam
        .client
        .detach_role_policy()
        .role_name(role)
        .policy_arn(policy_arn)
        .send()
        .await
        .named("iam:DetachRolePolicy");
    absent_is_fine(done.map(drop))
}

/// Adds tags, and replaces those of the same keys.
pub(crate) async fn tag(iam: &Iam, role: &str, tags: &Tags) -> Result<(), CallError> {
    iam.client
        .tag_role()
        .role_name(role)
        .set_tags(Some(tag_list(TAG_ROLE, tags)?))
        .send()
        .await
        .named(TAG_ROLE)?;
    Ok(())
}

/// Removes tags. That the role is gone is as good.
pub(crate) async fn untag(iam: &Iam, role: &str, keys: &BTreeSet<String>) -> Result<(), CallError> {
    let done = iam
        .client
        .untag_role()
        .role_name(role)
        .set_tag_keys(Some(keys.iter().cloned().collect()))
        .send()
        .await
        .named("iam:UntagRole");
    absent_is_fine(done.map(drop))
}

/// Deletes a role. That it is gone is as good.
pub(crate) async fn delete(iam: &Iam, role: &str) -> Result<(), CallError> {
    let done = iam.client.delete_role().role_name(role).send().await.named("iam:DeleteRole");
    absent_is_fine(done.map(drop))
}

fn tag_list(operation: &str, tags: &Tags) -> Result<Vec<Tag>, CallError> {
    tags.iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect::<Result<_, _>>()
        .map_err(|error| refused(operation, "InvalidTag", error.to_string()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn policy_documents_are_decoded() {
        assert_eq!(document("%7B%22Version%22%3A%222012-10-17%22%7D"), json!({"Version": "2012-10-17"}));
        assert_eq!(document(r#"{"Version":"2012-10-17"}"#), json!({"Version": "2012-10-17"}));
        assert_eq!(document("no%20json"), json!("no json"));
    }
}
