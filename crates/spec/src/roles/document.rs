//! The `ServiceRole` documents of an account, and what several say of one role together.

use std::collections::BTreeMap;

use pipewright_model::Environment;
use pipewright_model::kinds::{FixedRole, RoleDeclared, dms_principals};
use pipewright_model::policy::{self, inline_name};

use crate::diagnostic::Diagnostic;
use crate::documents::{Body, NameOf, ServiceRoleSpec, Tags, is_role_name};
use crate::read::Located;
use crate::sources::At;
use crate::spec_tree::SpecTree;

/// The characters, white space left out, that all inline policies of a role may have together (IAM User
/// Guide, "IAM and AWS STS quotas").
const INLINE_SIZE: usize = 10_240;
/// The most characters of the name of an inline policy (IAM API reference, `PutRolePolicy`).
const POLICY_NAME: usize = 128;

/// A `ServiceRole` document.
pub(crate) struct RoleDocument<'a> {
    /// The role's name in AWS.
    pub(crate) name: String,
    pub(crate) environment: &'a Environment,
    spec: &'a ServiceRoleSpec,
    labels: &'a Tags,
    /// Where its name is.
    at: At,
}

/// The document of this name, if there is one.
pub(crate) fn named<'a>(tree: &'a SpecTree, name: &NameOf<ServiceRoleSpec>) -> Option<RoleDocument<'a>> {
    let (index, _) = tree.document("ServiceRole", &name.name)?;
    read(tree, index)
}

/// The documents of one account.
pub(super) fn of_account<'a>(tree: &'a SpecTree, account: &str) -> Vec<RoleDocument<'a>> {
    let all = (0..tree.documents.len()).filter_map(|index| read(tree, index));
    all.filter(|role| role.environment.account_id == account).collect()
}

fn read(tree: &SpecTree, index: usize) -> Option<RoleDocument<'_>> {
    let document = &tree.documents[index];
    let (Body::ServiceRole(spec), Some(name)) = (document.body.as_ref()?, &document.name) else {
        return None;
    };
    let environment = tree.environment_of(document)?;
    Some(RoleDocument {
        name: name_of(tree, name, spec),
        environment,
        spec,
        labels: &document.labels,
        at: name.at,
    })
}

/// The name in AWS of the role that a document declares.
pub(super) fn name_of(tree: &SpecTree, name: &Located<String>, spec: &ServiceRoleSpec) -> String {
    match &spec.role_name {
        Some(given) => FixedRole::named(&given.0).map_or(given.0.as_str(), |fixed| fixed.name).to_owned(),
        None => format!("{}{}", tree.prefix, name.value),
    }
}

/// Adds to a role what documents say of it. What two of them say otherwise, and what IAM would refuse, is an
/// error.
pub(super) fn unite(
    tree: &SpecTree,
    documents: &[&RoleDocument<'_>],
    body: &mut RoleDeclared,
    found: &mut Vec<Diagnostic>,
) {
    let error = |at: At, message: String| Diagnostic::new(tree.sources.place(at), message);
    let mut policies: BTreeMap<&String, At> = BTreeMap::new();
    let mut size = 0;
    for RoleDocument { name, environment, spec, labels, at } in documents {
        if !labels.0.is_empty() {
            let message = "a service role gets no tags of your own".to_owned();
            found.push(error(*at, message).hint("remove `metadata.labels`: its tags say who owns it"));
        }
        if !is_role_name(name) {
            let message = format!("the role would be named `{name}`, which IAM does not allow");
            found.push(error(*at, message).hint("set `roleName`, of at most 64 characters"));
        }
        match &spec.trust {
            Some(services) => body.trusted_services.extend(services.iter().map(|service| service.0.clone())),
            // Those of a role whose name DMS fixes are there.
            None if FixedRole::named(name).is_none() => {
                body.trusted_services.extend(dms_principals(&environment.region));
            }
            None => {}
        }
        body.limit_trust |= spec.limit_trust.unwrap_or_default();
        body.managed_policies.extend(spec.managed_policies.iter().flatten().map(|arn| arn.0.clone()));
        let Some(inline) = &spec.inline_policies else { continue };
        for (policy, document) in &inline.value.0 {
            let longest = POLICY_NAME - inline_name(&tree.scope, "").len();
            if policy.len() > longest {
                let message = format!(
                    "the name of this policy has {} characters, and may have {longest}",
                    policy.len()
                );
                let hint = format!("in AWS it is named {}", inline_name(&tree.scope, policy));
                found.push(error(document.at, message).hint(hint));
            }
            match body.inline_policies.get(policy) {
                Some(other) if policy::same(other, &document.value) => {}
                Some(_) => {
                    let message = format!("two documents give the role {name} another policy `{policy}`");
                    found.push(
                        error(document.at, message)
                            .hint("give one of the two another name")
                            .also(tree.sources.place(policies[policy]), "the other one"),
                    );
                }
                None => {
                    let text = document.value.to_string();
                    size += text.chars().filter(|c| !c.is_whitespace()).count();
                    body.inline_policies.insert(policy.clone(), document.value.clone());
                    policies.insert(policy, document.at);
                }
            }
        }
        if size > INLINE_SIZE {
            let message = format!(
                "the inline policies of the role {name} have {size} characters together; IAM allows {INLINE_SIZE}"
            );
            found.push(error(inline.at, message).hint("keep some in managed policies, or in another role"));
        }
    }
    let boundaries = documents.iter().filter_map(|role| role.spec.permissions_boundary.as_ref());
    let boundaries = boundaries.map(|arn| (arn.at, &arn.0));
    body.permissions_boundary = agreed(tree, boundaries, "permissionsBoundary", found);
    let descriptions = documents.iter().filter_map(|role| role.spec.description.as_ref());
    let descriptions = descriptions.map(|text| (text.at, &text.0));
    body.description = agreed(tree, descriptions, "description", found);
}

/// The one value that all give who give one.
fn agreed<'a>(
    tree: &SpecTree,
    mut values: impl Iterator<Item = (At, &'a String)>,
    field: &str,
    found: &mut Vec<Diagnostic>,
) -> Option<String> {
    let (first, value) = values.next()?;
    if let Some((other, _)) = values.find(|(_, other)| *other != value) {
        let message = format!("documents that share a service role do not agree on `{field}`");
        found.push(
            Diagnostic::new(tree.sources.place(other), message)
                .hint("say the same in all documents of the account, or say it once")
                .also(tree.sources.place(first), "another one"),
        );
    }
    Some(value.clone())
}
