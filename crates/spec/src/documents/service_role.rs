//! Service roles: what DMS reads from and writes to other services by.

use pipewright_model::kinds::FixedRole;

use super::inline_policies::InlinePolicies;
use super::scalars::{Line, PolicyArn, RoleName, ServicePrincipal};
use super::{AdoptWord, EnvironmentSpec, NameOf, Target};
use crate::read::{Checks, Located, Reader, record};
use crate::tree::{Node, Value};

record! {
    /// An IAM role that endpoints name by `accessRoleRef`, or more for one of the three whose names DMS fixes.
    /// Controllers share a role by what each adds to it; nobody takes away what is another's.
    pub(crate) struct ServiceRoleSpec {
        /// The environment whose account it is in; needed where the Controller has several.
        environment: Option<NameOf<EnvironmentSpec>>,
        /// The role's name in AWS, if not the one made of prefix and name.
        role_name: Option<Located<RoleName>>,
        /// What it is for, set when it is made.
        description: Option<Located<Line>>,
        /// The services that may assume it; `dms.amazonaws.com` and the DMS of the environment's region
        /// unless given, and for a role whose name DMS fixes those that DMS demands.
        trust: Option<Vec<ServicePrincipal>>,
        /// Whether DMS may assume it only for this account and the regions of what needs it
        /// (`aws:SourceAccount`, `aws:SourceArn`): false unless given.
        limit_trust: Option<bool>,
        /// The ARNs of the managed policies that are attached.
        managed_policies: Option<Vec<PolicyArn>>,
        /// Policies of the role's own, by name: IAM policy documents, written as YAML.
        inline_policies: Option<Located<InlinePolicies>>,
        /// The ARN of the policy that limits what the role can be allowed; set when the role is made, and
        /// compared afterwards.
        permissions_boundary: Option<Located<PolicyArn>>,
        /// Whether a role that exists and that nobody owns may be joined: `ifCompatible` unless given.
        adopt: Option<Located<AdoptWord>>,
    }
}

impl Checks for ServiceRoleSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        let has = |field: &str| {
            node.get(field).is_some_and(|node| match &node.value {
                Value::Map(entries) => !entries.is_empty(),
                Value::List(items) => !items.is_empty(),
                _ => true,
            })
        };
        if let Some(trust) = node.get("trust").filter(|_| !has("trust")) {
            let hint = "remove the field: then DMS may assume the role";
            reader.error_with_hint(trust.at, "`trust` is empty", hint);
        }
        let name = node.get("roleName").and_then(Node::as_str);
        let fixed = name.is_some_and(|name| FixedRole::named(name).is_some());
        if !fixed && !has("managedPolicies") && !has("inlinePolicies") {
            let hint = "give `inlinePolicies` or `managedPolicies`";
            reader.error_with_hint(node.at, "this role would be allowed nothing", hint);
        }
    }

    fn check(&self, _: &Node, reader: &mut Reader<'_>) {
        if let Some(description) = &self.description
            && description.0.chars().count() > 1000
        {
            reader.error(description.at, "a role's description has at most 1000 characters");
        }
    }
}

impl Target for ServiceRoleSpec {
    const KIND: &'static str = "ServiceRole";
}
