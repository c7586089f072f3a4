//! The service roles of an account: those that specs need without asking for them, and those that they
//! declare.

mod document;

use std::collections::BTreeSet;

use pipewright_model::kinds::{CalledFrom, EndpointType, FixedRole, RoleDeclared, partition_of};
use pipewright_model::{Adopt, Environment};

pub(crate) use document::named;

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
    /// Its name in AWS.
    pub(crate) name: String,
    /// The first of the specs that need it.
    pub(crate) spec: String,
    pub(crate) body: RoleDeclared,
    pub(crate) adopt: Adopt,
    /// Whether all of them are suspended.
    pub(crate) suspended: bool,
    /// The first of their documents.
    pub(crate) at: At,
}

/// One document's part in that.
struct Use<'a> {
    document: &'a Document,
    /// The spec: a pipeline by its name, other kinds as `Kind/name`.
    spec: String,
    /// The names of the roles.
    roles: Vec<String>,
    /// Whether it wants them managed.
    manage: bool,
    adopt: Option<&'a Located<AdoptWord>>,
    suspended: bool,
}

/// The service roles that all environments of the account of this one need.
pub(crate) fn needs(tree: &SpecTree, environment: &Environment, found: &mut Vec<Diagnostic>) -> Vec<Need> {
    let account = &environment.account_id;
    let here = |document: &&Document| {
        tree.environment_of(document).is_some_and(|environment| environment.account_id == *account)
    };
    let all: Vec<Use<'_>> =
        tree.documents.iter().filter(here).flat_map(|document| uses_of(tree, document)).collect();
    let documents = document::of_account(tree, account);
    let mut names: Vec<&str> = FixedRole::ALL.iter().map(|role| role.name).collect();
    for name in all.iter().flat_map(|user| &user.roles) {
        // IAM compares names without regard to case.
        if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            names.push(name);
        }
    }
    let mut needs = Vec::new();
    for name in names {
        let is_it = |role: &String| role.eq_ignore_ascii_case(name);
        let users: Vec<&Use<'_>> = all.iter().filter(|user| user.roles.iter().any(is_it)).collect();
        let Some(first) = users.first() else { continue };
        let needed_by: BTreeSet<String> = users.iter().map(|user| user.spec.clone()).collect();
        let spec = needed_by.first().cloned().unwrap_or_default();
        let manage = users.iter().any(|user| user.manage);
        let mut body = match FixedRole::named(name) {
            Some(fixed) => fixed.declared(partition_of(&environment.region), needed_by, manage),
            None => RoleDeclared { needed_by, manage, ..RoleDeclared::default() },
        };
        body.called_from = Some(CalledFrom {
            account_id: account.clone(),
            regions: users
                .iter()
                .filter_map(|user| tree.environment_of(user.document))
                .map(|environment| environment.region.clone())
                .collect(),
        });
        let declaring: Vec<_> = documents.iter().filter(|role| is_it(&role.name)).collect();
        document::unite(tree, &declaring, &mut body, found);
        needs.push(Need {
            name: name.to_owned(),
            spec,
            body,
            adopt: adopt(tree, &users, found),
            suspended: users.iter().all(|user| user.suspended),
            at: first.document.at,
        });
    }
    needs
}

/// What the documents say about joining a role that is there. Two that contradict are an error.
fn adopt(tree: &SpecTree, users: &[&Use<'_>], found: &mut Vec<Diagnostic>) -> Adopt {
    let mut words = users.iter().filter_map(|user| user.adopt);
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

/// What a document needs: the roles whose names DMS fixes, and those that it names or declares.
fn uses_of<'a>(tree: &'a SpecTree, document: &'a Document) -> Vec<Use<'a>> {
    let (Some(name), Some(body), Some(called)) = (&document.name, &document.body, document.spec()) else {
        return Vec::new();
    };
    let fixed = |spec: String, roles: Vec<FixedRole>, settings: Option<&'a ServiceRolesSpec>| Use {
        document,
        spec,
        roles: roles.iter().map(|role| role.name.to_owned()).collect(),
        manage: settings.and_then(|settings| settings.manage).unwrap_or(true),
        adopt: settings.and_then(|settings| settings.adopt.as_ref()),
        suspended: false,
    };
    // What a role is like that has a document, that document says alone.
    let named = |spec: String, endpoints: &[&EndpointSpec]| {
        let refs = endpoints.iter().flat_map(|endpoint| endpoint.role_refs());
        let roles = refs.filter_map(|(_, name)| Some(named(tree, name)?.name)).collect();
        Use { document, spec, roles, manage: false, adopt: None, suspended: false }
    };
    match body {
        Body::Controller(_) | Body::Certificate(_) | Body::EventSubscription(_) => Vec::new(),
        Body::Pipeline(spec) => {
            let ends = ends(tree, spec);
            let suspended = spec.suspend.unwrap_or_default();
            let fixed = fixed(called.clone(), roles_of(tree, spec), spec.service_roles.as_ref());
            let named = named(called, &ends.iter().collect::<Vec<_>>());
            vec![Use { suspended, ..fixed }, Use { suspended, ..named }]
        }
        Body::ReplicationInstance(spec) => {
            vec![fixed(called, vec![FixedRole::VPC], spec.service_roles.as_ref())]
        }
        Body::ReplicationSubnetGroup(spec) => {
            vec![fixed(called, vec![FixedRole::VPC], spec.service_roles.as_ref())]
        }
        Body::Endpoint(spec) => {
            let is_target = EndpointType::from(spec.r#type) == EndpointType::Target;
            let endpoint = spec.inline();
            let stages = is_target && stages_in_s3(&endpoint);
            let roles = if stages { vec![FixedRole::ACCESS_FOR_ENDPOINT] } else { Vec::new() };
            vec![fixed(called.clone(), roles, spec.service_roles.as_ref()), named(called, &[&endpoint])]
        }
        Body::ServiceRole(spec) => vec![Use {
            document,
            spec: called,
            roles: vec![document::name_of(tree, name, spec)],
            manage: true,
            adopt: spec.adopt.as_ref(),
            suspended: false,
        }],
    }
}

/// The endpoints of a pipeline that specs declare: its own and those that it names.
fn ends(tree: &SpecTree, spec: &PipelineSpec) -> Vec<EndpointSpec> {
    let own = [spec.source.as_ref().map(|end| &end.0), spec.target.as_ref().map(|end| &end.0)];
    let named = [&spec.source_ref, &spec.target_ref].map(|reference| {
        let name = reference.as_ref().and_then(RefTo::name)?;
        endpoint(tree, &name.name).map(EndpointDocumentSpec::inline)
    });
    own.into_iter().flatten().cloned().chain(named.into_iter().flatten()).collect()
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
