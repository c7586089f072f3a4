//! The service roles that specs need without asking for them.

use std::collections::BTreeSet;

use pipewright_model::Adopt;
use pipewright_model::kinds::{EndpointType, FixedRole};

use crate::compile::logs;
use crate::diagnostic::Diagnostic;
use crate::documents::{
    AdoptWord, Body, Document, EndpointDocumentSpec, EndpointSpec, PipelineSpec, RefTo, ServiceRolesSpec,
};
use crate::read::Located;
use crate::sources::At;
use crate::spec_tree::SpecTree;

/// One service role, and who needs it.
pub(crate) struct Need {
    pub(crate) role: FixedRole,
    /// The specs that need it: pipelines by name, shared kinds as `Kind/name`.
    pub(crate) needed_by: BTreeSet<String>,
    /// The regions that these specs are in.
    pub(crate) regions: BTreeSet<String>,
    /// Whether any of them wants it managed.
    pub(crate) manage: bool,
    pub(crate) adopt: Adopt,
    /// Whether all of them are suspended.
    pub(crate) suspended: bool,
    /// The first of their documents.
    pub(crate) at: At,
}

/// One document's part in that.
struct Use<'a> {
    document: &'a Document,
    spec: String,
    roles: Vec<FixedRole>,
    settings: Option<&'a ServiceRolesSpec>,
    suspended: bool,
}

/// The service roles that all environments of one account need.
pub(crate) fn needs(tree: &SpecTree, account: &str, found: &mut Vec<Diagnostic>) -> Vec<Need> {
    let all: Vec<Use<'_>> = tree
        .documents
        .iter()
        .filter(|document| {
            tree.environment_of(document).is_some_and(|environment| environment.account_id == account)
        })
        .filter_map(|document| use_of(tree, document))
        .collect();
    let mut needs = Vec::new();
    for role in FixedRole::ALL {
        let users: Vec<&Use<'_>> = all.iter().filter(|user| user.roles.contains(&role)).collect();
        let Some(first) = users.first() else { continue };
        needs.push(Need {
            role,
            needed_by: users.iter().map(|user| user.spec.clone()).collect(),
            regions: users
                .iter()
                .filter_map(|user| tree.environment_of(user.document))
                .map(|environment| environment.region.clone())
                .collect(),
            manage: users.iter().any(|user| manages(user.settings)),
            adopt: adopt(tree, &users, found),
            suspended: users.iter().all(|user| user.suspended),
            at: first.document.at,
        });
    }
    needs
}

fn manages(settings: Option<&ServiceRolesSpec>) -> bool {
    settings.and_then(|settings| settings.manage).unwrap_or(true)
}

/// What the documents say about joining a role that is there. Two that contradict are an error.
fn adopt(tree: &SpecTree, users: &[&Use<'_>], found: &mut Vec<Diagnostic>) -> Adopt {
    let mut words = users.iter().filter_map(|user| user.settings?.adopt.as_ref());
    let Some(first) = words.next() else { return Adopt::IfCompatible };
    let other: Option<&Located<AdoptWord>> = words.find(|word| word.value != first.value);
    if let Some(other) = other {
        let message = "documents that share a service role do not agree on `adopt`";
        found.push(
            Diagnostic::new(tree.sources.place(other.at), message)
                .hint("say the same in all documents of the account, or say it once")
                .also(tree.sources.place(first.at), "another one"),
        );
    }
    first.value.into()
}

fn use_of<'a>(tree: &SpecTree, document: &'a Document) -> Option<Use<'a>> {
    let name = &document.name.as_ref()?.value;
    let shared = |roles, settings| Use {
        document,
        spec: format!("{}/{name}", document.kind),
        roles,
        settings,
        suspended: false,
    };
    match document.body.as_ref()? {
        Body::Controller(_) | Body::Certificate(_) | Body::EventSubscription(_) => None,
        Body::Pipeline(spec) => Some(Use {
            document,
            spec: name.clone(),
            roles: roles_of(tree, spec),
            settings: spec.service_roles.as_ref(),
            suspended: spec.suspend.unwrap_or_default(),
        }),
        Body::ReplicationInstance(spec) => Some(shared(vec![FixedRole::VPC], spec.service_roles.as_ref())),
        Body::ReplicationSubnetGroup(spec) => Some(shared(vec![FixedRole::VPC], spec.service_roles.as_ref())),
        Body::Endpoint(spec) => {
            let is_target = EndpointType::from(spec.r#type) == EndpointType::Target;
            let roles = if is_target && stages_in_s3(&spec.inline()) {
                vec![FixedRole::ACCESS_FOR_ENDPOINT]
            } else {
                Vec::new()
            };
            Some(shared(roles, spec.service_roles.as_ref()))
        }
    }
}

fn roles_of(tree: &SpecTree, spec: &PipelineSpec) -> Vec<FixedRole> {
    let mut roles = Vec::new();
    // DMS places instances and serverless replications into a VPC. One that somebody else keeps is that other's to provide for.
    if !matches!(spec.compute.instance_ref, Some(RefTo::Outside(_))) {
        roles.push(FixedRole::VPC);
    }
    if logs(&spec.migration) {
        roles.push(FixedRole::CLOUDWATCH_LOGS);
    }
    let target = spec.target.as_ref().map(|target| &target.0);
    let named = spec.target_ref.as_ref().and_then(RefTo::name);
    let named = named.and_then(|name| endpoint(tree, &name.name));
    if target.is_some_and(stages_in_s3) || named.is_some_and(|named| stages_in_s3(&named.inline())) {
        roles.push(FixedRole::ACCESS_FOR_ENDPOINT);
    }
    roles
}

fn endpoint<'a>(tree: &'a SpecTree, name: &str) -> Option<&'a EndpointDocumentSpec> {
    match &tree.document("Endpoint", name)?.1.body {
        Some(Body::Endpoint(spec)) => Some(spec),
        _ => None,
    }
}

/// Whether DMS loads through S3 by `dms-access-for-endpoint`: Redshift targets do.
fn stages_in_s3(endpoint: &EndpointSpec) -> bool {
    endpoint.engine.value.0.name.starts_with("redshift")
}
