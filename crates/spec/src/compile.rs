//! From validated documents to the desired resources of one environment.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use pipewright_model::kinds::{
    CdcStart, ConnectionDeclared, EndpointDeclared, EndpointType, InstanceDeclared, SubnetGroupDeclared,
    TaskDeclared,
};
use pipewright_model::{
    Adopt, Body as ModelBody, Declared, DeletionPolicy, Desired, Environment, Kind, Pipeline, Ref,
    ResourceId, Secret, SpecPlace,
};
use serde_json::{Map, Value as Json, json};

use crate::diagnostic::Diagnostic;
use crate::documents::{
    Body, ComputeSpec, Document, EndpointSpec, EnvironmentSpec, InstanceSpec, Line, MigrationSpec, NameOf,
    OnChange, PipelineSpec, SecretRef, StartAfter, SubnetGroupSpec, Tags, seconds,
};
use crate::identifiers::Identifiers;
use crate::mappings;
use crate::read::{Located, Read, Reader};
use crate::roles;
use crate::secrets::SecretSource;
use crate::sources::At;
use crate::spec_tree::{SpecTree, beside};

/// Builds the [`Desired`] of one environment, and gathers what is wrong with it.
pub(crate) struct Compiler<'a> {
    tree: &'a SpecTree,
    environment: &'a Environment,
    /// Where secrets are read; none when specs are only validated.
    secrets: Option<&'a dyn SecretSource>,
    pub(crate) found: Vec<Diagnostic>,
    identifiers: Identifiers<'a>,
    resources: BTreeMap<ResourceId, Declared>,
    /// The resources that the document at hand declares by itself.
    declared_last: Vec<ResourceId>,
    pipelines: BTreeMap<String, Pipeline>,
    /// The resources of the shared kinds, by the index of their document.
    shared: BTreeMap<usize, ResourceId>,
}

/// What every resource of one document has in common.
struct Origin<'d> {
    spec: String,
    name: &'d str,
    at: At,
    labels: &'d Tags,
    deletion_policy: DeletionPolicy,
    suspended: bool,
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
            declared_last: Vec::new(),
            pipelines: BTreeMap::new(),
            shared: BTreeMap::new(),
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
        // Subnet groups before the instances that name them, and both before pipelines.
        for (index, document) in &here {
            if let Some(Body::ReplicationSubnetGroup(_)) = document.body {
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
        self.missing_environments();
        self.suspend_shared();
        self.roles();
        self.found.append(&mut self.identifiers.found);
        Desired {
            scope: tree.scope.clone(),
            environment: self.environment.clone(),
            policy: tree.policy.clone(),
            resources: std::mem::take(&mut self.resources),
            pipelines: std::mem::take(&mut self.pipelines),
            complete: true,
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
        let declared = Declared {
            spec: origin.spec.clone(),
            place: self.place(origin.at),
            tags,
            deletion_policy: origin.deletion_policy,
            adopt: Adopt::Never,
            suspended: origin.suspended,
            body,
        };
        self.declared_last.push(id.clone());
        self.resources.insert(id, declared);
    }

    fn shared_kind(&mut self, index: usize, document: &Document) {
        let (Some(name), Some(body)) = (&document.name, &document.body) else { return };
        let deletion_policy = match body {
            Body::Endpoint(spec) => spec.deletion_policy,
            Body::ReplicationInstance(spec) => spec.deletion_policy,
            Body::ReplicationSubnetGroup(spec) => spec.deletion_policy,
            Body::Controller(_) | Body::Pipeline(_) => return,
        };
        let origin = Origin {
            spec: format!("{}/{}", document.kind, name.value),
            name,
            at: document.at,
            labels: &document.labels,
            deletion_policy: deletion_policy.map(Into::into).unwrap_or_default(),
            suspended: false,
        };
        let id = match body {
            Body::ReplicationSubnetGroup(spec) => self.subnet_group(&spec.inline(), &origin, name.at),
            Body::ReplicationInstance(spec) => self.instance(&spec.inline(), &origin, name.at),
            Body::Endpoint(spec) => self.endpoint(&spec.inline(), spec.r#type.into(), "", &origin, name.at),
            Body::Controller(_) | Body::Pipeline(_) => return,
        };
        self.shared.insert(index, id);
    }

    fn subnet_group(&mut self, spec: &SubnetGroupSpec, origin: &Origin<'_>, at: At) -> ResourceId {
        let id = self.identifiers.make(Kind::SubnetGroup, origin.name, "", spec.identifier.as_ref(), at);
        let description = match &spec.description {
            Some(text) => text.0.clone(),
            None => format!("Managed by Pipewright for {}", origin.spec),
        };
        let subnet_ids = spec.subnet_ids.iter().map(|id| id.0.clone()).collect();
        let body = ModelBody::SubnetGroup(SubnetGroupDeclared { description, subnet_ids });
        self.declare(id.clone(), origin, spec.tags.as_ref(), body);
        id
    }

    fn instance(&mut self, spec: &InstanceSpec, origin: &Origin<'_>, at: At) -> ResourceId {
        let subnet_group = match (&spec.subnet_group, &spec.subnet_group_ref) {
            (Some(group), _) => Some(self.subnet_group(group, origin, at)),
            (None, Some(name)) => self.shared(name),
            (None, None) => None,
        };
        let id = self.identifiers.make(Kind::Instance, origin.name, "", spec.identifier.as_ref(), at);
        let body = ModelBody::Instance(InstanceDeclared {
            class: spec.class.0.clone(),
            allocated_storage: spec.allocated_storage.map(|storage| storage.0),
            multi_az: spec.multi_az,
            engine_version: spec.engine_version.clone(),
            auto_minor_version_upgrade: spec.auto_minor_version_upgrade,
            publicly_accessible: spec.publicly_accessible,
            preferred_maintenance_window: spec
                .preferred_maintenance_window
                .as_ref()
                .map(|window| window.0.clone()),
            availability_zone: spec.availability_zone.as_ref().map(|zone| zone.0.clone()),
            kms_key_id: spec.kms_key_id.clone(),
            network_type: spec.network_type.map(|kind| kind.as_str().to_owned()),
            subnet_group: subnet_group.map(Ref::Managed),
            vpc_security_group_ids: spec
                .vpc_security_group_ids
                .as_ref()
                .map(|groups| groups.iter().map(|group| group.0.clone()).collect()),
        });
        self.declare(id.clone(), origin, spec.tags.as_ref(), body);
        id
    }

    fn endpoint(
        &mut self,
        spec: &EndpointSpec,
        endpoint_type: EndpointType,
        suffix: &str,
        origin: &Origin<'_>,
        at: At,
    ) -> ResourceId {
        let id = self.identifiers.make(Kind::Endpoint, origin.name, suffix, spec.identifier.as_ref(), at);
        let engine = spec.engine.value.0;
        let (mut settings, secrets) = match &spec.settings {
            Some(settings) => crate::engines::settings(engine, &settings.0),
            None => (BTreeMap::new(), Vec::new()),
        };
        let mut secret_settings = BTreeMap::new();
        for (name, node) in secrets {
            let mut reader = Reader::new(&self.tree.sources);
            if let Some(reference) = SecretRef::read(&node, &mut reader)
                && let Some(secret) = self.secret(&reference)
            {
                secret_settings.insert(name, secret);
            }
        }
        let mut password = None;
        if let Some(credentials) = &spec.credentials {
            if let Some(secret) = &credentials.secrets_manager {
                settings.insert("SecretsManagerSecretId".to_owned(), json!(secret.secret_id.0));
                settings.insert("SecretsManagerAccessRoleArn".to_owned(), json!(secret.access_role_arn.0));
            }
            if let Some(iam) = &credentials.iam {
                settings.insert("AuthenticationMethod".to_owned(), json!("iam"));
                settings.insert("ServiceAccessRoleArn".to_owned(), json!(iam.access_role_arn.0));
            }
            password = credentials.password_from.as_ref().and_then(|from| self.secret(&from.0));
        }
        let line = |line: &Option<Located<Line>>| line.as_ref().map(|line| line.0.clone());
        let body = ModelBody::Endpoint(EndpointDeclared {
            endpoint_type,
            engine: engine.name.to_owned(),
            server_name: line(&spec.server_name),
            port: spec.port.as_ref().map(|port| port.0),
            database_name: line(&spec.database_name),
            username: spec.credentials.as_ref().and_then(|credentials| line(&credentials.username)),
            password,
            ssl_mode: spec.ssl_mode.as_ref().map(|mode| mode.as_str().to_owned()),
            certificate_arn: spec.certificate_arn.as_ref().map(|arn| arn.0.clone()),
            kms_key_id: spec.kms_key_id.clone(),
            extra_connection_attributes: spec
                .extra_connection_attributes
                .as_ref()
                .map(|text| text.value.clone()),
            settings,
            secret_settings,
        });
        self.declare(id.clone(), origin, spec.tags.as_ref(), body);
        id
    }

    fn pipeline(&mut self, index: usize, document: &Document, name: &Located<String>, spec: &PipelineSpec) {
        let origin = Origin {
            spec: name.value.clone(),
            name,
            at: document.at,
            labels: &document.labels,
            deletion_policy: spec.deletion_policy.map(Into::into).unwrap_or_default(),
            suspended: spec.suspend.unwrap_or_default(),
        };
        self.declared_last.clear();
        let ComputeSpec { instance, instance_ref, serverless } = &spec.compute;
        let instance = match (instance, instance_ref, serverless) {
            (_, _, Some(never)) => match *never {},
            (Some(instance), ..) => Some(self.instance(instance, &origin, name.at)),
            (None, Some(name), None) => self.shared(name),
            (None, None, None) => None,
        };
        let source = match (&spec.source, &spec.source_ref) {
            (Some(source), _) => {
                Some(self.endpoint(&source.0, EndpointType::Source, "-source", &origin, name.at))
            }
            (None, Some(name)) => self.shared(name),
            (None, None) => None,
        };
        let target = match (&spec.target, &spec.target_ref) {
            (Some(target), _) => {
                Some(self.endpoint(&target.0, EndpointType::Target, "-target", &origin, name.at))
            }
            (None, Some(name)) => self.shared(name),
            (None, None) => None,
        };
        // What a name does not stand for was reported already.
        let (Some(instance), Some(source), Some(target)) = (instance, source, target) else { return };
        let task = self.identifiers.make(Kind::Task, name, "", spec.identifier.as_ref(), name.at);
        let run = spec.run.as_ref();
        let test_connections = run.and_then(|run| run.start_after) != Some(StartAfter::Immediately);
        if test_connections {
            for endpoint in [&source, &target] {
                let body = ModelBody::Connection(ConnectionDeclared {
                    instance: Ref::Managed(instance.clone()),
                    endpoint: Ref::Managed(endpoint.clone()),
                });
                let id = ResourceId::connection(&instance, endpoint);
                // Pipelines that share both sides share the connection; the first declares it.
                if !self.resources.contains_key(&id) {
                    self.declare(id, &origin, None, body);
                }
            }
        }
        let mut resources: BTreeSet<ResourceId> = self.declared_last.drain(..).collect();
        resources.extend([instance.clone(), source.clone(), target.clone(), task.clone()]);
        if test_connections {
            resources.insert(ResourceId::connection(&instance, &source));
            resources.insert(ResourceId::connection(&instance, &target));
        }
        if let Some(Declared { body: ModelBody::Instance(declared), .. }) = self.resources.get(&instance)
            && let Some(Ref::Managed(group)) = &declared.subnet_group
        {
            resources.insert(group.clone());
        }
        let migration = &spec.migration;
        let cdc = migration.cdc.as_ref();
        let cdc_start = cdc.and_then(|cdc| match (&cdc.start_position, &cdc.start_time) {
            (Some(position), _) => Some(CdcStart::Position(position.0.clone())),
            (None, Some(time)) => seconds(&time.0).map(CdcStart::Time),
            (None, None) => None,
        });
        let body = ModelBody::Task(TaskDeclared {
            source: Ref::Managed(source),
            target: Ref::Managed(target),
            instance: Ref::Managed(instance),
            migration_type: migration.r#type.into(),
            table_mappings: self.table_mappings(index, migration),
            settings: task_settings(migration),
            cdc_start,
            cdc_stop_position: cdc.and_then(|cdc| cdc.stop_position.as_ref()).map(|stop| stop.0.clone()),
            run: run.and_then(|run| run.desired).map(Into::into).unwrap_or_default(),
            stop_to_change: run.and_then(|run| run.on_change) != Some(OnChange::Report),
            test_connections,
        });
        self.declare(task.clone(), &origin, None, body);
        let pipeline = Pipeline {
            name: name.value.clone(),
            place: self.place(document.at),
            resources,
            task,
            suspended: origin.suspended,
        };
        self.pipelines.insert(name.value.clone(), pipeline);
    }

    fn table_mappings(&self, index: usize, migration: &MigrationSpec) -> Json {
        match (&migration.tables, &migration.mappings) {
            (Some(tables), _) => mappings::compile(tables),
            (None, Some(document)) => document.0.to_json(),
            (None, None) => self.tree.mapping_files.get(&index).cloned().unwrap_or_default(),
        }
    }

    /// The resource of a shared document that a name stands for, if it is in this environment.
    fn shared<K: crate::documents::Target>(&mut self, name: &NameOf<K>) -> Option<ResourceId> {
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
        let needs = roles::needs(self.tree, &self.environment.account_id, &mut self.found);
        for need in needs {
            let id = ResourceId::role(need.role.name);
            for name in &need.needed_by {
                if let Some(pipeline) = self.pipelines.get_mut(name) {
                    pipeline.resources.insert(id.clone());
                }
            }
            let partition = pipewright_model::kinds::partition_of(&self.environment.region);
            let declared = Declared {
                spec: need.needed_by.first().cloned().unwrap_or_default(),
                place: self.place(need.at),
                tags: BTreeMap::new(),
                deletion_policy: DeletionPolicy::Delete,
                adopt: need.adopt,
                suspended: need.suspended,
                body: ModelBody::ServiceRole(need.role.declared(partition, need.needed_by, need.manage)),
            };
            self.resources.insert(id, declared);
        }
    }

    /// The value of a secret. Nothing if specs are only validated, or if an error was recorded.
    fn secret(&mut self, reference: &SecretRef) -> Option<Secret> {
        let secrets = self.secrets?;
        let (at, value) = match (&reference.env, &reference.file) {
            (Some(name), _) => {
                let value = secrets.env(name);
                (name.at, value.ok_or_else(|| format!("the environment variable {} is not set", name.value)))
            }
            (None, Some(path)) => {
                let file = beside(self.tree.sources.name(path.at.file), path);
                let value = secrets
                    .file(Path::new(&file))
                    .and_then(|bytes| String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned()));
                let value = value.map_err(|why| format!("the secret cannot be read from {file}: {why}"));
                (path.at, value)
            }
            (None, None) => return None,
        };
        match value.map(|text| text.strip_suffix('\n').map(str::to_owned).unwrap_or(text)) {
            Ok(text) if text.trim_end_matches('\r').is_empty() => {
                self.error(at, "the secret is empty".to_owned(), "put the password there");
                None
            }
            Ok(text) => Some(Secret::new(text.strip_suffix('\r').unwrap_or(&text))),
            Err(message) => {
                self.error(at, message, "give it to the process that runs Pipewright");
                None
            }
        }
    }
}

/// The declared part of the task settings: what the spec says, with logging on unless it says
/// otherwise.
fn task_settings(migration: &MigrationSpec) -> Json {
    let mut settings = match migration.settings.as_ref().map(|settings| settings.0.to_json()) {
        Some(Json::Object(settings)) => settings,
        _ => Map::new(),
    };
    let logging = settings.entry("Logging").or_insert_with(|| json!({}));
    if let Json::Object(logging) = logging {
        logging.entry("EnableLogging").or_insert(json!(true));
    }
    Json::Object(settings)
}

/// Whether a migration's task writes logs to CloudWatch Logs.
pub(crate) fn logs(migration: &MigrationSpec) -> bool {
    task_settings(migration)["Logging"]["EnableLogging"] != json!(false)
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
