//! What the specs of the scopes ask for.

use std::collections::BTreeMap;

use pipewright_model::kinds::{RoleDeclared, RoleObserved};
use pipewright_model::policy::TrustNeed;
use pipewright_model::{Body, Desired, ResourceId, Scope};
use pipewright_testkit::desired;
use serde_json::json;

use crate::decisions::SCOPES;
use crate::state::Scopes;

pub(crate) const ROLE: &str = "dms-vpc-role";
const PIPELINES: [&str; 2] = ["orders", "users"];

/// How a scope is named.
pub(crate) fn scope_named(scope: usize, scopes: Scopes) -> Scope {
    let uids = ["1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40", "a2b4c6d8-0000-4000-8000-0123456789ab"];
    match uids.get(scope) {
        Some(uid) if scopes == Scopes::OneName => Scope::new(SCOPES[0]).expect("a name").with_uid(*uid),
        _ => Scope::new(SCOPES[scope]).expect("a name"),
    }
}

/// What the specs of one scope ask for: each bit is a pipeline, and each pipeline needs the role. Where trust
/// differs, DMS of another region must be able to assume it for each pipeline: of the same region for the
/// first of every scope, of a region of its own for the second.
pub(crate) fn specs_of(scope: usize, specs: u8, scopes: Scopes) -> Desired {
    let which: Vec<usize> = (0..2).filter(|n| specs & (1 << n) != 0).collect();
    let scope_name = scope_named(scope, scopes);
    let mut desired = desired(scope_name.as_str(), &which.iter().map(|n| PIPELINES[*n]).collect::<Vec<_>>());
    desired.resources.retain(|id, _| *id == ResourceId::role(ROLE));
    desired.pipelines = BTreeMap::new();
    desired.scope = scope_name;
    if scopes == Scopes::TrustDiffers {
        for declared in desired.resources.values_mut() {
            let Body::ServiceRole(role) = &mut declared.body else { panic!("not a role: {declared:?}") };
            let regions = ["us-east-1", ["eu-west-1", "ap-south-1", "ca-west-1"][scope]];
            role.trusted_services.extend(which.iter().map(|n| format!("dms.{}.amazonaws.com", regions[*n])));
        }
    }
    if scopes == Scopes::PoliciesDiffer && which.contains(&1) {
        for declared in desired.resources.values_mut() {
            let Body::ServiceRole(role) = &mut declared.body else { panic!("not a role: {declared:?}") };
            role.managed_policies.insert("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess".to_owned());
            let allow = json!({"Effect": "Allow", "Action": "s3:PutObject",
                "Resource": format!("arn:aws:s3:::{}/*", SCOPES[scope])});
            let document = json!({"Version": "2012-10-17", "Statement": [allow]});
            role.inline_policies.insert("write".to_owned(), document);
        }
    }
    desired
}

/// Whether a role lets in whom these specs need, and grants what they need.
pub(crate) fn is_served(role: &RoleObserved, scope: usize, specs: u8, scopes: Scopes) -> bool {
    roles(scope, specs, scopes).all(|needed| {
        needed.trust_needs().iter().all(|need| need.is_met_by(&role.trust))
            && needed.managed_policies.is_subset(&role.managed_policies)
            && needed
                .inline_policies
                .values()
                .all(|document| role.inline_policies.values().any(|live| live == document))
    })
}

/// Whom these specs need the role to let in.
pub(crate) fn trust_needs(scope: usize, specs: u8, scopes: Scopes) -> Vec<TrustNeed> {
    roles(scope, specs, scopes).flat_map(|role| role.trust_needs()).collect()
}

/// The role as these specs declare it, if they need it.
fn roles(scope: usize, specs: u8, scopes: Scopes) -> impl Iterator<Item = RoleDeclared> {
    specs_of(scope, specs, scopes).resources.into_values().map(|declared| match declared.body {
        Body::ServiceRole(role) => role,
        other => panic!("not a role: {other:?}"),
    })
}

/// The specs that an owner's tag names.
pub(crate) fn specs_named(value: &str) -> u8 {
    let named = |pipeline: &str| value.split(' ').any(|word| word == pipeline);
    (0..2).filter(|n| named(PIPELINES[usize::from(*n)])).map(|n: u8| 1 << n).sum()
}
