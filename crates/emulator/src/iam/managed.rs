//! The AWS-managed policies that the emulator knows. It has no customer-managed ones.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::record::{Role, base32, encode, roles_read};
use super::{errors, text};
use crate::api::{AwsError, Context};

/// A managed policy with its default version, the only one that the emulator keeps.
#[derive(Debug, Deserialize)]
pub(super) struct ManagedPolicy {
    #[serde(skip)]
    pub name: String,
    pub path: String,
    pub version: String,
    /// Epoch seconds.
    pub created: u64,
    /// Epoch seconds.
    pub updated: u64,
    pub document: Value,
}

static POLICIES: LazyLock<BTreeMap<String, ManagedPolicy>> = LazyLock::new(|| {
    let text = include_str!("../../model/managed-policies.json");
    let mut policies: BTreeMap<String, ManagedPolicy> =
        serde_json::from_str(text).expect("the embedded policies are well-formed");
    for (name, policy) in &mut policies {
        policy.name.clone_from(name);
    }
    policies
});

impl ManagedPolicy {
    pub(super) fn arn(&self, partition: &str) -> String {
        format!("arn:{partition}:iam::aws:policy{}{}", self.path, self.name)
    }

    /// The members that GetPolicy and GetAccountAuthorizationDetails answer.
    pub(super) fn summary(&self, roles: &[(String, Role)], partition: &str) -> Map<String, Value> {
        let arn = self.arn(partition);
        let attachments = roles.iter().filter(|(_, role)| role.attached.contains(&arn)).count();
        let boundaries =
            roles.iter().filter(|(_, role)| role.permissions_boundary.as_ref() == Some(&arn)).count();
        let id = format!("ANPA{}", base32(&Sha256::digest(&self.name), 17));
        Map::from_iter([
            ("PolicyName".to_owned(), json!(self.name)),
            ("PolicyId".to_owned(), json!(id)),
            ("Arn".to_owned(), json!(arn)),
            ("Path".to_owned(), json!(self.path)),
            ("DefaultVersionId".to_owned(), json!(self.version)),
            ("AttachmentCount".to_owned(), json!(attachments)),
            ("PermissionsBoundaryUsageCount".to_owned(), json!(boundaries)),
            ("IsAttachable".to_owned(), json!(true)),
            ("CreateDate".to_owned(), json!(self.created)),
            ("UpdateDate".to_owned(), json!(self.updated)),
        ])
    }

    pub(super) fn version_json(&self) -> Value {
        json!({"Document": encode(&self.document.to_string()), "VersionId": self.version, "IsDefaultVersion": true,
            "CreateDate": self.updated})
    }
}

pub(super) fn get(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    let policy = existing(input, cx)?;
    Ok(json!({"Policy": policy.summary(&roles_read(cx), cx.partition)}))
}

pub(super) fn get_version(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    let policy = existing(input, cx)?;
    let version = text(input, "VersionId");
    if version != policy.version {
        let arn = text(input, "PolicyArn");
        return Err(errors::no_such_entity(format!(
            "Policy {arn} version {version} does not exist or is not attachable."
        )));
    }
    Ok(json!({"PolicyVersion": policy.version_json()}))
}

/// The policy of this ARN in this partition.
pub(super) fn by_arn(arn: &str, partition: &str) -> Option<&'static ManagedPolicy> {
    let policy = POLICIES.get(arn.rsplit('/').next()?)?;
    (policy.arn(partition) == arn).then_some(policy)
}

pub(super) fn not_attachable(arn: &str) -> AwsError {
    errors::no_such_entity(format!("Policy {arn} does not exist or is not attachable."))
}

fn existing(input: &Map<String, Value>, cx: &Context<'_>) -> Result<&'static ManagedPolicy, AwsError> {
    let arn = text(input, "PolicyArn");
    by_arn(arn, cx.partition).ok_or_else(|| errors::no_such_entity(format!("Policy {arn} was not found.")))
}
