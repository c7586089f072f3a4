//! From validated documents to the desired resources of one environment.

mod approvals;
mod certificate;
mod event_subscription;
mod keep;
mod outside;
mod pipeline;
mod resources;
mod serverless;
mod start_gates;

use std::collections::BTreeMap;

use pipewright_model::{
    Adopt, Body as ModelBody, Declared, DeletionPolicy, Desired, Environment, Pipeline, Ref, ResourceId,
    SpecPlace,
};

use crate::diagnostic::Diagnostic;
use crate::documents::{Body, Document, EnvironmentSpec, NameOf, Tags, Target};
use crate::identifiers::Identifiers;
use crate::roles;
use crate::secrets::SecretSource;
use crate::sources::At;
use crate::spec_tree::SpecTree;

pub(crate) use certificate::HINT as CERTIFICATE_HINT;
pub(crate) use pipeline::logs;

/// Builds the [`Desired`] of one environment, and gathers what is wrong with it.
pub(crate) struct Compiler<'a> {
    tree: &'a SpecTree,
    environment: &'a Environment,
    /// Where secrets are read; none when specs are only validated.
    secrets: Option<&'a dyn SecretSource>,
    pub(crate) found: Vec<Diagnostic>,
    identifiers: Identifiers<'a>,
    resources: BTreeMap<ResourceId, Declared>,
    pipelines: BTreeMap<String, Pipeline>,
    /// The resources of the shared kinds, by the index of their document.
    shared: BTreeMap<usize, ResourceId>,
    /// What documents refer to outside, and where.
    outside: Vec<(Ref, At)>,
}

/// What every resource of one document has in common.
struct Origin<'d> {
    spec: String,
    name: &'d str,
    at: At,
    labels: &'d Tags,
    /// What the document says; none where it says nothing.
    deletion_policy: Option<DeletionPolicy>,
    suspended: bool,
    /// Whether what it declares is protected, unless that says otherwise itself.
    protected: bool,
}

impl<'a> Compiler<'a> {
    pub(crate) fn new(
        tree: &'a SpecTree,
        environment: &'a Environment,
        secrets: Option<&'a dyn SecretSource>,
    ) -> Self {
        Self {
            tree,
            environment,
            secrets,
            found: Vec::new(),
            identifiers: Identifiers::new(&tree.sources, &tree.prefix),
            resources: BTreeMap::new(),
            pipelines: BTreeMap::new(),
            shared: BTreeMap::new(),
            outside: Vec::new(),
        }
    }

    /// The desired resources; complete only if nothing was found wrong.
    pub(crate) fn run(&mut self) -> Desired {
        let tree = self.tree;
        let here: Vec<(usize, &Document)> = tree
            .documents
            .iter()
            .enumerate()
            .filter(|(_, document)| tree.environment_of(document) == Some(self.environment))
            // That two documents have one name was reported; the first stands for both.
            .filter(|(index, document)| {
                let first = document.name.as_ref().and_then(|name| tree.document(document.kind, name));
                first.is_some_and(|(first, _)| first == *index)
            })
            .collect();
        // Subnet groups and certificates before what names them, and both before pipelines.
        for (index, document) in &here {
            if let Some(Body::ReplicationSubnetGroup(_) | Body::Certificate(_)) = document.body {
                self.shared_kind(*index, document);
            }
        }
        for (index, document) in &here {
            if let Some(Body::ReplicationInstance(_) | Body::Endpoint(_)) = document.body {
                self.shared_kind(*index, document);
            }
        }
        for (index, document) in &here {
            if let (Some(Body::Pipeline(spec)), Some(name)) = (&document.body, &document.name) {
                self.pipeline(*index, document, name, spec);
            }
        }
        self.outside_is_outside();
        // What tells of instances and tasks, after them.
        for (index, document) in &here {
            if let Some(Body::EventSubscription(_)) = document.body {
                self.shared_kind(*index, document);
            }
        }
        self.missing_environments();
        self.suspend_shared();
        self.roles();
        self.found.append(&mut self.identifiers.found);
        Desired {
            scope: tree.scope.clone(),
            environment: self.environment.clone(),
            other_regions: tree.other_regions(self.environment),
            policy: tree.policy.clone(),
            resources: std::mem::take(&mut self.resources),
            pipelines: std::mem::take(&mut self.pipelines),
            complete: true,
            approvals: tree.approvals(&here),
            only: tree.only.clone(),
        }
    }

    fn error(&mut self, at: At, message: String, hint: &str) {
        let place = self.tree.sources.place(at);
        self.found.push(Diagnostic::new(place, message).hint(hint));
    }

    /// Documents that do not say which of several environments they are in.
    fn missing_environments(&mut self) {
        let tree = self.tree;
        if tree.environments.len() < 2 {
            return;
        }
        for document in &tree.documents {
            if document.is_placed() && document.environment().is_none() {
                let names: Vec<&str> = tree.environments.iter().map(|known| known.name.as_str()).collect();
                let hint = format!("set `spec.environment` to one of {}", names.join(", "));
                self.error(
                    document.name.as_ref().map_or(document.at, |name| name.at),
                    "the Controller has several environments, and this document does not say which"
                        .to_owned(),
                    &hint,
                );
            }
        }
    }

    fn place(&self, at: At) -> SpecPlace {
        let place = self.tree.sources.place(at);
        SpecPlace { file: place.file, line: place.line }
    }

    fn declare(&mut self, id: ResourceId, origin: &Origin<'_>, tags: Option<&Tags>, body: ModelBody) {
        let tags = origin.labels.with(tags);
        if tags.len() > Tags::MAX {
            let message = format!("{} has {} tags together with its labels", origin.spec, tags.len());
            self.error(origin.at, message, &format!("at most {} are possible", Tags::MAX));
        }
        self.partitions(origin.at, &body);
        let declared = Declared {
            spec: origin.spec.clone(),
            place: self.place(origin.at),
            tags,
            deletion_policy: origin.deletion_policy.unwrap_or_default(),
            adopt: Adopt::Never,
            import: None,
            protected: false,
            suspended: origin.suspended,
            body,
        };
        self.resources.insert(id, declared);
    }

    /// An ARN of another partition than the region's names nothing that DMS could use there.
    fn partitions(&mut self, at: At, body: &ModelBody) {
        let region = self.environment.region.clone();
        let partition = pipewright_model::kinds::partition_of(&region);
        let mut arns = Vec::new();
        gather_arns(&serde_json::to_value(body).unwrap_or_default(), &mut arns);
        for arn in arns.iter().filter(|arn| arn.split(':').nth(1) != Some(partition)) {
            let message = format!("`{arn}` is not of the partition {partition}, in which {region} is");
            self.error(at, message, &format!("its ARNs begin with `arn:{partition}:`"));
        }
    }

    fn shared_kind(&mut self, index: usize, document: &Document) {
        let (Some(name), Some(body), Some(spec)) = (&document.name, &document.body, document.spec()) else {
            return;
        };
        let deletion_policy = match body {
            Body::Endpoint(spec) => spec.deletion_policy,
            Body::ReplicationInstance(spec) => spec.deletion_policy,
            Body::ReplicationSubnetGroup(spec) => spec.deletion_policy,
            Body::Certificate(spec) => spec.deletion_policy,
            Body::EventSubscription(spec) => spec.deletion_policy,
            Body::Controller(_) | Body::Pipeline(_) | Body::ServiceRole(_) => return,
        };
        let origin = Origin {
            spec,
            name,
            at: document.at,
            labels: &document.labels,
            deletion_policy: deletion_policy.map(Into::into),
            suspended: false,
            protected: false,
        };
        let id = match body {
            Body::ReplicationSubnetGroup(spec) => self.subnet_group(&spec.inline(), &origin, name.at),
            Body::ReplicationInstance(spec) => self.instance(&spec.inline(), &origin, name.at),
            Body::Endpoint(spec) => self.endpoint(&spec.inline(), spec.r#type.into(), "", &origin, name.at),
            Body::Certificate(spec) => self.certificate(spec, &origin, name.at),
            Body::EventSubscription(spec) => self.event_subscription(spec, &origin, name.at),
            Body::Controller(_) | Body::Pipeline(_) | Body::ServiceRole(_) => return,
        };
        self.shared.insert(index, id);
    }

    /// The resource of a shared document that a name stands for, if it is in this environment.
    fn shared<K: Target>(&mut self, name: &NameOf<K>) -> Option<ResourceId> {
        let (index, document) = self.tree.document(K::KIND, &name.name)?;
        if let Some(id) = self.shared.get(&index) {
            return Some(id.clone());
        }
        if let Some(other) = self.tree.environment_of(document)
            && other != self.environment
        {
            let message = format!(
                "{} `{}` is in the environment {}, not in {}",
                K::KIND,
                name.name,
                other.name,
                self.environment.name
            );
            self.error(name.at, message, "resources of one pipeline are in one account and region");
        }
        None
    }

    /// What several pipelines use rests only if all of them do.
    fn suspend_shared(&mut self) {
        let mut suspended: BTreeMap<&ResourceId, bool> = BTreeMap::new();
        for pipeline in self.pipelines.values() {
            for id in &pipeline.resources {
                *suspended.entry(id).or_insert(true) &= pipeline.suspended;
            }
        }
        for (id, suspended) in suspended {
            if let Some(declared) = self.resources.get_mut(id) {
                declared.suspended = suspended;
            }
        }
    }

    /// The service roles that this account's environments need together, so that all of them keep the
    /// same owner tag.
    fn roles(&mut self) {
        let needs = roles::needs(self.tree, self.environment, &mut self.found);
        for need in needs {
            let id = ResourceId::role(need.name);
            for name in &need.body.needed_by {
                if let Some(pipeline) = self.pipelines.get_mut(name) {
                    pipeline.resources.insert(id.clone());
                }
            }
            let body = ModelBody::ServiceRole(need.body);
            self.partitions(need.at, &body);
            let declared = Declared {
                spec: need.spec,
                place: self.place(need.at),
                tags: BTreeMap::new(),
                deletion_policy: DeletionPolicy::Delete,
                adopt: need.adopt,
                import: None,
                protected: false,
                suspended: need.suspended,
                body,
            };
            self.resources.insert(id, declared);
        }
    }
}

impl Document {
    /// Whether it is in some environment; the Controller is in none.
    fn is_placed(&self) -> bool {
        !matches!(self.body, None | Some(Body::Controller(_)))
    }

    /// The environment that it names.
    fn environment(&self) -> Option<&NameOf<EnvironmentSpec>> {
        match self.body.as_ref()? {
            Body::Controller(_) => None,
            Body::Pipeline(spec) => spec.environment.as_ref(),
            Body::Endpoint(spec) => spec.environment.as_ref(),
            Body::ReplicationInstance(spec) => spec.environment.as_ref(),
            Body::ReplicationSubnetGroup(spec) => spec.environment.as_ref(),
            Body::Certificate(spec) => spec.environment.as_ref(),
            Body::EventSubscription(spec) => spec.environment.as_ref(),
            Body::ServiceRole(spec) => spec.environment.as_ref(),
        }
    }
}

impl SpecTree {
    /// The environment that a document is in; the only one there is, unless it says which.
    pub(crate) fn environment_of(&self, document: &Document) -> Option<&Environment> {
        match (document.environment(), self.environments.as_slice()) {
            (Some(named), all) => all.iter().find(|environment| environment.name == named.name),
            (None, [only]) if document.is_placed() => Some(only),
            (None, _) => None,
        }
    }
}

/// The texts in a value that are ARNs of AWS.
fn gather_arns(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text)
            if text.starts_with("arn:aws") && !text.contains(char::is_whitespace) =>
        {
            found.push(text.clone());
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| gather_arns(item, found)),
        serde_json::Value::Object(members) => {
            members.values().for_each(|member| gather_arns(member, found));
        }
        _ => {}
    }
}
