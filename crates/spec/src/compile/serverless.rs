//! Serverless pipelines: their replication configs.

use std::collections::BTreeSet;

use pipewright_model::kinds::{ComputeDeclared, ReplicationConfigDeclared};
use pipewright_model::{Body as ModelBody, Kind, Ref, ResourceId};

use super::keep::given;
use super::pipeline::{cdc_start, cdc_stop, recovery, seen, stops_to_change, table_reloads, task_settings};
use super::{Compiler, Origin};
use crate::documents::{PipelineSpec, ServerlessSpec};
use crate::sources::At;

impl Compiler<'_> {
    /// Declares the replication config of a serverless pipeline. Tells its identity, and all resources that
    /// it is made of. Nothing if a name stands for nothing, which was reported already.
    pub(super) fn replication_config(
        &mut self,
        index: usize,
        origin: &Origin<'_>,
        at: At,
        spec: &PipelineSpec,
        serverless: &ServerlessSpec,
    ) -> Option<(ResourceId, BTreeSet<ResourceId>)> {
        let (source, target) = self.ends(origin, at, spec)?;
        let subnet_group = match (&serverless.subnet_group, &serverless.subnet_group_ref) {
            (Some(group), _) => Some(Ref::Managed(self.subnet_group(group, origin, at))),
            (None, Some(reference)) => Some(self.reference(reference, Kind::SubnetGroup)?),
            (None, None) => None,
        };
        let given = given(serverless.identifier.as_ref(), serverless.import.as_ref());
        let id = self.identifiers.make(Kind::ReplicationConfig, origin.name, "", given, at);
        let mut resources = BTreeSet::from([id.clone()]);
        for part in [&source, &target].into_iter().chain(&subnet_group) {
            resources.extend(seen(part).cloned());
        }
        resources.extend(self.certificates([&source, &target]));
        let start_gates = self.start_gates(spec);
        let migration = &spec.migration;
        let run = spec.run.as_ref();
        let body = ModelBody::ReplicationConfig(ReplicationConfigDeclared {
            source,
            target,
            compute: compute(serverless, subnet_group),
            migration_type: migration.r#type.into(),
            table_mappings: self.tree.mappings_of(index, migration),
            settings: task_settings(migration),
            supplemental_settings: serverless
                .supplemental_settings
                .as_ref()
                .map(|document| document.0.to_json()),
            cdc_start: cdc_start(migration),
            cdc_stop_position: cdc_stop(migration),
            run: run.and_then(|run| run.desired).map(Into::into).unwrap_or_default(),
            recovery: recovery(run),
            table_reloads: table_reloads(run),
            stop_to_change: stops_to_change(spec),
            start_gates,
        });
        self.declare(id.clone(), origin, serverless.tags.as_ref(), body);
        self.keep(&id, origin, serverless.import.as_ref(), serverless.protect);
        Some((id, resources))
    }
}

fn compute(spec: &ServerlessSpec, subnet_group: Option<Ref>) -> ComputeDeclared {
    ComputeDeclared {
        min_capacity_units: spec.min_capacity_units.as_ref().map(|units| units.0),
        max_capacity_units: spec.max_capacity_units.0,
        multi_az: spec.multi_az,
        availability_zone: spec.availability_zone.as_ref().map(|zone| zone.0.clone()),
        dns_name_servers: spec
            .dns_name_servers
            .as_ref()
            .map(|servers| servers.iter().map(|server| server.0.clone()).collect()),
        kms_key_id: spec.kms_key_id.clone(),
        preferred_maintenance_window: spec
            .preferred_maintenance_window
            .as_ref()
            .map(|window| window.0.clone()),
        subnet_group,
        vpc_security_group_ids: spec
            .vpc_security_group_ids
            .as_ref()
            .map(|groups| groups.iter().map(|group| group.0.clone()).collect()),
    }
}
