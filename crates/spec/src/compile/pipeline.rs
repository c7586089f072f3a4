//! Pipelines on instances: their tasks, and the connections that these need.

use std::collections::BTreeSet;

use pipewright_model::kinds::{
    CdcStart, ConnectionDeclared, EndpointType, Recovery, StartGates, TaskDeclared,
};
use pipewright_model::{Body as ModelBody, Declared, Kind, Pipeline, Ref, ResourceId};
use serde_json::{Map, Value as Json, json};

use super::keep::given;
use super::{Compiler, Origin};
use crate::documents::{
    ComputeSpec, Document, MigrationSpec, OnChange, PipelineSpec, RecoverySpec, RunSpec, StartAfter,
    TablesInErrorSpec, seconds,
};
use crate::read::Located;
use crate::sources::At;

impl Compiler<'_> {
    pub(super) fn pipeline(
        &mut self,
        index: usize,
        document: &Document,
        name: &Located<String>,
        spec: &PipelineSpec,
    ) {
        let origin = Origin {
            spec: name.value.clone(),
            name,
            at: document.at,
            labels: &document.labels,
            deletion_policy: spec.deletion_policy.map(Into::into),
            suspended: spec.suspend.unwrap_or_default(),
            protected: spec.protect.unwrap_or_default(),
        };
        let made = match &spec.compute.serverless {
            Some(serverless) => self.replication_config(index, &origin, name.at, spec, serverless),
            None => self.task_on_instance(index, &origin, name.at, spec),
        };
        let Some((task, resources)) = made else { return };
        let pipeline = Pipeline {
            name: name.value.clone(),
            place: self.place(document.at),
            resources,
            task,
            suspended: origin.suspended,
        };
        self.pipelines.insert(name.value.clone(), pipeline);
    }

    /// Declares the task of a pipeline on an instance, and what it needs. Tells its identity, and all
    /// resources that it is made of. Nothing if a name stands for nothing, which was reported already.
    fn task_on_instance(
        &mut self,
        index: usize,
        origin: &Origin<'_>,
        at: At,
        spec: &PipelineSpec,
    ) -> Option<(ResourceId, BTreeSet<ResourceId>)> {
        let ComputeSpec { instance, instance_ref, serverless: _ } = &spec.compute;
        let instance = match (instance, instance_ref) {
            (Some(instance), _) => Some(Ref::Managed(self.instance(instance, origin, at))),
            (None, Some(reference)) => self.reference(reference, Kind::Instance),
            (None, None) => None,
        };
        let ends = self.ends(origin, at, spec);
        let (instance, (source, target)) = (instance?, ends?);
        let parts = Parts { instance, source, target };
        let given = given(spec.identifier.as_ref(), spec.import.as_ref());
        let task = self.identifiers.make(Kind::Task, origin.name, "", given, at);
        let mut resources = BTreeSet::from([task.clone()]);
        for part in [&parts.instance, &parts.source, &parts.target] {
            resources.extend(seen(part).cloned());
        }
        if let Some(Declared { body: ModelBody::Instance(instance), .. }) =
            parts.instance.managed().and_then(|instance| self.resources.get(instance))
        {
            resources.extend(instance.subnet_group.as_ref().and_then(seen).cloned());
        }
        resources.extend(self.certificates([&parts.source, &parts.target]));
        if tests_connections(spec) {
            resources.extend(self.connections(origin, &parts));
        }
        let gates = self.start_gates(spec);
        let body = ModelBody::Task(self.task(index, spec, parts, gates));
        self.declare(task.clone(), origin, None, body);
        self.keep(&task, origin, spec.import.as_ref(), spec.protect);
        Some((task, resources))
    }

    /// The source and target of a pipeline. Nothing if a name stands for nothing, which was reported
    /// already.
    pub(super) fn ends(&mut self, origin: &Origin<'_>, at: At, spec: &PipelineSpec) -> Option<(Ref, Ref)> {
        let source = match (&spec.source, &spec.source_ref) {
            (Some(source), _) => {
                Some(Ref::Managed(self.endpoint(&source.0, EndpointType::Source, "-source", origin, at)))
            }
            (None, Some(reference)) => self.reference(reference, Kind::Endpoint),
            (None, None) => None,
        };
        let target = match (&spec.target, &spec.target_ref) {
            (Some(target), _) => {
                Some(Ref::Managed(self.endpoint(&target.0, EndpointType::Target, "-target", origin, at)))
            }
            (None, Some(reference)) => self.reference(reference, Kind::Endpoint),
            (None, None) => None,
        };
        Some((source?, target?))
    }

    /// The certificates that these endpoints check their servers with, as far as specs declare both.
    pub(super) fn certificates(&self, endpoints: [&Ref; 2]) -> Vec<ResourceId> {
        let certificate_of = |endpoint: &Ref| match &self.resources.get(endpoint.managed()?)?.body {
            ModelBody::Endpoint(endpoint) => endpoint.certificate.as_ref().and_then(Ref::managed).cloned(),
            _ => None,
        };
        endpoints.into_iter().filter_map(certificate_of).collect()
    }

    /// The connections between a pipeline's instance and its endpoints. One with a side that is named by
    /// ARN has no name before the account was read; the planner tests it all the same.
    fn connections(&mut self, origin: &Origin<'_>, parts: &Parts) -> Vec<ResourceId> {
        let Parts { instance, source, target } = parts;
        let mut connections = Vec::new();
        for endpoint in [source, target] {
            let (Some(instance_id), Some(endpoint_id)) = (seen(instance), seen(endpoint)) else { continue };
            let id = ResourceId::connection(instance_id, endpoint_id);
            // Pipelines that share both sides share the connection; the first declares it.
            if !self.resources.contains_key(&id) {
                let body = ConnectionDeclared { instance: instance.clone(), endpoint: endpoint.clone() };
                self.declare(id.clone(), origin, None, ModelBody::Connection(body));
            }
            connections.push(id);
        }
        connections
    }

    fn task(&self, index: usize, spec: &PipelineSpec, parts: Parts, gates: StartGates) -> TaskDeclared {
        let migration = &spec.migration;
        let run = spec.run.as_ref();
        TaskDeclared {
            source: parts.source,
            target: parts.target,
            instance: parts.instance,
            migration_type: migration.r#type.into(),
            table_mappings: self.tree.mappings_of(index, migration),
            settings: task_settings(migration),
            cdc_start: cdc_start(migration),
            cdc_stop_position: cdc_stop(migration),
            run: run.and_then(|run| run.desired).map(Into::into).unwrap_or_default(),
            recovery: recovery(run),
            table_reloads: table_reloads(run),
            stop_to_change: stops_to_change(spec),
            test_connections: tests_connections(spec),
            start_gates: gates,
        }
    }
}

/// The resources that a task runs between.
struct Parts {
    instance: Ref,
    source: Ref,
    target: Ref,
}

/// The resource that a reference names by identifier; none for an ARN.
pub(super) fn seen(reference: &Ref) -> Option<&ResourceId> {
    match reference {
        Ref::Managed(id) | Ref::ExternalId(id) => Some(id),
        Ref::External(_) => None,
    }
}

/// What is done about it when it fails by itself.
pub(super) fn recovery(run: Option<&RunSpec>) -> Recovery {
    run.and_then(|run| run.recovery.as_ref()).map(RecoverySpec::policy).unwrap_or_default()
}

/// How often tables that DMS has given up are loaded again.
pub(super) fn table_reloads(run: Option<&RunSpec>) -> u32 {
    run.and_then(|run| run.tables_in_error.as_ref()).map(TablesInErrorSpec::reloads).unwrap_or_default()
}

/// Where change capture begins.
pub(super) fn cdc_start(migration: &MigrationSpec) -> Option<CdcStart> {
    let cdc = migration.cdc.as_ref()?;
    match (&cdc.start_position, &cdc.start_time) {
        (Some(position), _) => Some(CdcStart::Position(position.0.clone())),
        (None, Some(time)) => seconds(&time.0).map(CdcStart::Time),
        (None, None) => None,
    }
}

/// Where change capture ends.
pub(super) fn cdc_stop(migration: &MigrationSpec) -> Option<String> {
    migration.cdc.as_ref()?.stop_position.as_ref().map(|stop| stop.0.clone())
}

/// Whether what runs may be stopped to be changed.
pub(super) fn stops_to_change(spec: &PipelineSpec) -> bool {
    spec.run.as_ref().and_then(|run| run.on_change) != Some(OnChange::Report)
}

/// Whether a pipeline's task starts only once its connections were tested.
fn tests_connections(spec: &PipelineSpec) -> bool {
    let start_after = spec.run.as_ref().and_then(|run| run.start_after.as_ref());
    start_after.is_none_or(StartAfter::tests_connections)
}

/// The declared part of the task settings: what the spec says, with logging on unless it says
/// otherwise.
pub(super) fn task_settings(migration: &MigrationSpec) -> Json {
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
