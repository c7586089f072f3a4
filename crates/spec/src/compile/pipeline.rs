//! Pipelines: their tasks, and the connections that these need.

use std::collections::BTreeSet;

use pipewright_model::kinds::{CdcStart, ConnectionDeclared, EndpointType, TaskDeclared};
use pipewright_model::{Body as ModelBody, Declared, Kind, Pipeline, Ref, ResourceId};
use serde_json::{Map, Value as Json, json};

use super::{Compiler, Origin};
use crate::documents::{ComputeSpec, Document, MigrationSpec, OnChange, PipelineSpec, StartAfter, seconds};
use crate::mappings;
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
            deletion_policy: spec.deletion_policy.map(Into::into).unwrap_or_default(),
            suspended: spec.suspend.unwrap_or_default(),
        };
        let Some(parts) = self.parts(&origin, name.at, spec) else { return };
        let task = self.identifiers.make(Kind::Task, name, "", spec.identifier.as_ref(), name.at);
        let mut resources = BTreeSet::from([
            parts.instance.clone(),
            parts.source.clone(),
            parts.target.clone(),
            task.clone(),
        ]);
        if let Some(Declared { body: ModelBody::Instance(instance), .. }) =
            self.resources.get(&parts.instance)
        {
            resources.extend(instance.subnet_group.as_ref().and_then(Ref::managed).cloned());
        }
        for endpoint in [&parts.source, &parts.target] {
            if let Some(Declared { body: ModelBody::Endpoint(endpoint), .. }) = self.resources.get(endpoint) {
                resources.extend(endpoint.certificate.as_ref().and_then(Ref::managed).cloned());
            }
        }
        if tests_connections(spec) {
            resources.extend(self.connections(&origin, &parts));
        }
        let body = ModelBody::Task(self.task(index, spec, parts));
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

    /// What a pipeline's task needs. Nothing if a name stands for nothing, which was reported already.
    fn parts(&mut self, origin: &Origin<'_>, at: At, spec: &PipelineSpec) -> Option<Parts> {
        let ComputeSpec { instance, instance_ref, serverless } = &spec.compute;
        let instance = match (instance, instance_ref, serverless) {
            (_, _, Some(never)) => match *never {},
            (Some(instance), ..) => Some(self.instance(instance, origin, at)),
            (None, Some(name), None) => self.shared(name),
            (None, None, None) => None,
        };
        let source = match (&spec.source, &spec.source_ref) {
            (Some(source), _) => Some(self.endpoint(&source.0, EndpointType::Source, "-source", origin, at)),
            (None, Some(name)) => self.shared(name),
            (None, None) => None,
        };
        let target = match (&spec.target, &spec.target_ref) {
            (Some(target), _) => Some(self.endpoint(&target.0, EndpointType::Target, "-target", origin, at)),
            (None, Some(name)) => self.shared(name),
            (None, None) => None,
        };
        Some(Parts { instance: instance?, source: source?, target: target? })
    }

    /// The connections between a pipeline's instance and its endpoints.
    fn connections(&mut self, origin: &Origin<'_>, parts: &Parts) -> [ResourceId; 2] {
        let Parts { instance, source, target } = parts;
        [source, target].map(|endpoint| {
            let id = ResourceId::connection(instance, endpoint);
            // Pipelines that share both sides share the connection; the first declares it.
            if !self.resources.contains_key(&id) {
                let body = ConnectionDeclared {
                    instance: Ref::Managed(instance.clone()),
                    endpoint: Ref::Managed(endpoint.clone()),
                };
                self.declare(id.clone(), origin, None, ModelBody::Connection(body));
            }
            id
        })
    }

    fn task(&self, index: usize, spec: &PipelineSpec, parts: Parts) -> TaskDeclared {
        let migration = &spec.migration;
        let cdc = migration.cdc.as_ref();
        let cdc_start = cdc.and_then(|cdc| match (&cdc.start_position, &cdc.start_time) {
            (Some(position), _) => Some(CdcStart::Position(position.0.clone())),
            (None, Some(time)) => seconds(&time.0).map(CdcStart::Time),
            (None, None) => None,
        });
        let run = spec.run.as_ref();
        TaskDeclared {
            source: Ref::Managed(parts.source),
            target: Ref::Managed(parts.target),
            instance: Ref::Managed(parts.instance),
            migration_type: migration.r#type.into(),
            table_mappings: self.table_mappings(index, migration),
            settings: task_settings(migration),
            cdc_start,
            cdc_stop_position: cdc.and_then(|cdc| cdc.stop_position.as_ref()).map(|stop| stop.0.clone()),
            run: run.and_then(|run| run.desired).map(Into::into).unwrap_or_default(),
            stop_to_change: run.and_then(|run| run.on_change) != Some(OnChange::Report),
            test_connections: tests_connections(spec),
        }
    }

    fn table_mappings(&self, index: usize, migration: &MigrationSpec) -> Json {
        match (&migration.tables, &migration.mappings) {
            (Some(tables), _) => mappings::compile(tables),
            (None, Some(document)) => document.0.to_json(),
            (None, None) => self.tree.mapping_files.get(&index).cloned().unwrap_or_default(),
        }
    }
}

/// The resources that a task runs between.
struct Parts {
    instance: ResourceId,
    source: ResourceId,
    target: ResourceId,
}

/// Whether a pipeline's task starts only once its connections were tested.
fn tests_connections(spec: &PipelineSpec) -> bool {
    spec.run.as_ref().and_then(|run| run.start_after) != Some(StartAfter::Immediately)
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
