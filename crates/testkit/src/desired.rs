//! What the specs of some pipelines ask for.

use std::collections::{BTreeMap, BTreeSet};

use pipewright_model::kinds::{
    ComputeDeclared, ConnectionDeclared, EndpointDeclared, EndpointType, FixedRole, InstanceDeclared,
    MigrationType, Recovery, ReplicationConfigDeclared, RoleDeclared, Run, SubnetGroupDeclared, TaskDeclared,
};
use pipewright_model::{
    Adopt, Approvals, Body, Declared, DeletionPolicy, Desired, Environment, Kind, Pipeline, Policy, Ref,
    ResourceId, Scope, SpecPlace,
};
use serde_json::{Value, json};

/// The account of everything built here.
pub const ACCOUNT: &str = "111122223333";
/// The region of everything built here.
pub const REGION: &str = "us-east-1";

/// The specs of these pipelines, each with a subnet group, an instance, two endpoints and a task of its
/// own, in one scope. Names start with the scope's.
///
/// # Panics
/// If `scope` is not a valid scope name.
pub fn desired(scope: &str, pipelines: &[&str]) -> Desired {
    let mut desired = Desired {
        scope: Scope::new(scope).expect("a valid scope name"),
        environment: Environment {
            name: "test".to_owned(),
            account_id: ACCOUNT.to_owned(),
            region: REGION.to_owned(),
            assume_role_arn: None,
        },
        other_regions: BTreeSet::new(),
        // Most tests end with specs that ask for nothing.
        policy: Policy { allow_empty: true, ..Policy::default() },
        resources: BTreeMap::new(),
        pipelines: BTreeMap::new(),
        complete: true,
        approvals: Approvals::default(),
        only: None,
    };
    for name in pipelines {
        add_pipeline(&mut desired, name);
    }
    if !pipelines.is_empty() {
        let needed_by: BTreeSet<String> = pipelines.iter().map(|&name| name.to_owned()).collect();
        for role in [FixedRole::VPC, FixedRole::CLOUDWATCH_LOGS] {
            let body = Body::ServiceRole(role.declared("aws", needed_by.clone(), true));
            let declared = Declared { adopt: Adopt::IfCompatible, ..declared(pipelines[0], body) };
            desired.resources.insert(ResourceId::role(role.name), declared);
        }
    }
    desired
}

/// The shared roles that these pipelines of one scope need, and nothing else of theirs.
///
/// # Panics
/// If `scope` is not a valid scope name.
pub fn roles_of(scope: &str, pipelines: &[&str]) -> Desired {
    let mut desired = desired(scope, pipelines);
    desired.resources.retain(|id, _| id.kind == Kind::ServiceRole);
    desired.pipelines.clear();
    desired
}

/// The specs of `count` pipelines that share instances, at most `per_instance` on each, named
/// `p000`, `p001`, …; instances and their subnet groups are `shared-0`, `shared-1`, …
///
/// # Panics
/// If `scope` is not a valid scope name, or `per_instance` is zero.
pub fn sharing(scope: &str, count: usize, per_instance: usize) -> Desired {
    let names: Vec<String> = (0..count).map(|n| format!("p{n:03}")).collect();
    let mut desired = desired(scope, &names.iter().map(String::as_str).collect::<Vec<_>>());
    for (n, name) in names.iter().enumerate() {
        let shared = format!("shared-{}", n / per_instance);
        for kind in [Kind::SubnetGroup, Kind::Instance] {
            let own = desired.resources.remove(&id(&desired, kind, name)).expect("made above");
            let shared = id(&desired, kind, &shared);
            desired.resources.entry(shared).or_insert(own);
        }
        let (group, instance) =
            (id(&desired, Kind::SubnetGroup, &shared), id(&desired, Kind::Instance, &shared));
        edit_instance(&mut desired, &shared, |instance| instance.subnet_group = Some(Ref::Managed(group)));
        edit_task(&mut desired, name, |task| task.instance = Ref::Managed(instance.clone()));
        for side in ["source", "target"] {
            let endpoint = id(&desired, Kind::Endpoint, &format!("{name}-{side}"));
            let own = ResourceId::connection(&id(&desired, Kind::Instance, name), &endpoint);
            let mut connection = desired.resources.remove(&own).expect("made above");
            if let Body::Connection(connection) = &mut connection.body {
                connection.instance = Ref::Managed(instance.clone());
            }
            desired.resources.insert(ResourceId::connection(&instance, &endpoint), connection);
        }
    }
    desired
}

/// The same as [`desired`] on DMS Serverless: each pipeline has a subnet group, two endpoints and a
/// replication config of its own.
///
/// # Panics
/// If `scope` is not a valid scope name.
pub fn serverless(scope: &str, pipelines: &[&str]) -> Desired {
    let mut desired = desired(scope, pipelines);
    for name in pipelines {
        let group = id(&desired, Kind::SubnetGroup, name);
        let instance = id(&desired, Kind::Instance, name);
        let config = id(&desired, Kind::ReplicationConfig, name);
        let task = desired.resources.remove(&id(&desired, Kind::Task, name)).expect("made above");
        let Body::Task(body) = task.body else { panic!("not a task") };
        let body = Body::ReplicationConfig(ReplicationConfigDeclared {
            source: body.source,
            target: body.target,
            compute: ComputeDeclared {
                min_capacity_units: Some(2),
                max_capacity_units: 8,
                multi_az: None,
                availability_zone: None,
                dns_name_servers: None,
                kms_key_id: None,
                preferred_maintenance_window: None,
                subnet_group: Some(Ref::Managed(group)),
                vpc_security_group_ids: None,
            },
            migration_type: body.migration_type,
            table_mappings: body.table_mappings,
            settings: body.settings,
            supplemental_settings: None,
            cdc_start: body.cdc_start,
            cdc_stop_position: body.cdc_stop_position,
            run: body.run,
            recovery: body.recovery,
            table_reloads: body.table_reloads,
            stop_to_change: body.stop_to_change,
            start_gates: body.start_gates,
        });
        desired.resources.insert(config.clone(), Declared { body, ..task });
        desired.resources.remove(&instance);
        let pipeline = desired.pipelines.get_mut(*name).expect("made above");
        pipeline.resources.retain(|id| !matches!(id.kind, Kind::Instance | Kind::Connection | Kind::Task));
        pipeline.resources.insert(config.clone());
        pipeline.task = config;
    }
    desired.resources.retain(|id, _| id.kind != Kind::Connection);
    desired
}

/// The resource of this kind that belongs to a pipeline; for endpoints, `name` is `<pipeline>-source` or
/// `<pipeline>-target`.
pub fn id(desired: &Desired, kind: Kind, name: &str) -> ResourceId {
    ResourceId::new(kind, format!("{}-{name}", desired.scope))
}

/// Changes a declared endpoint.
///
/// # Panics
/// If there is none of that name.
pub fn edit_endpoint(desired: &mut Desired, name: &str, edit: impl FnOnce(&mut EndpointDeclared)) {
    match body(desired, Kind::Endpoint, name) {
        Body::Endpoint(endpoint) => edit(endpoint),
        other => panic!("not an endpoint: {other:?}"),
    }
}

/// Changes a declared instance.
///
/// # Panics
/// If there is none of that name.
pub fn edit_instance(desired: &mut Desired, name: &str, edit: impl FnOnce(&mut InstanceDeclared)) {
    match body(desired, Kind::Instance, name) {
        Body::Instance(instance) => edit(instance),
        other => panic!("not an instance: {other:?}"),
    }
}

/// Changes a declared task.
///
/// # Panics
/// If there is none of that name.
pub fn edit_task(desired: &mut Desired, name: &str, edit: impl FnOnce(&mut TaskDeclared)) {
    match body(desired, Kind::Task, name) {
        Body::Task(task) => edit(task),
        other => panic!("not a task: {other:?}"),
    }
}

/// Changes a declared serverless replication config.
///
/// # Panics
/// If there is none of that name.
pub fn edit_config(desired: &mut Desired, name: &str, edit: impl FnOnce(&mut ReplicationConfigDeclared)) {
    match body(desired, Kind::ReplicationConfig, name) {
        Body::ReplicationConfig(config) => edit(config),
        other => panic!("not a replication config: {other:?}"),
    }
}

/// Adds the role of a `ServiceRole` document, which DMS may assume, with these inline policies.
pub fn add_role(desired: &mut Desired, name: &str, inline: &[(&str, Value)]) {
    let body = Body::ServiceRole(RoleDeclared {
        needed_by: BTreeSet::from([format!("ServiceRole/{name}")]),
        trusted_services: BTreeSet::from(["dms.amazonaws.com".to_owned()]),
        inline_policies: inline
            .iter()
            .map(|(policy, document)| ((*policy).to_owned(), document.clone()))
            .collect(),
        manage: true,
        ..RoleDeclared::default()
    });
    let declared = Declared { adopt: Adopt::IfCompatible, ..declared(&format!("ServiceRole/{name}"), body) };
    desired.resources.insert(ResourceId::role(name), declared);
}

/// Lets a pipeline write to S3 by this role.
///
/// # Panics
/// If there is no such pipeline.
pub fn write_to_s3(desired: &mut Desired, pipeline: &str, role: &str) {
    edit_endpoint(desired, &format!("{pipeline}-target"), |endpoint| {
        *endpoint = EndpointDeclared {
            engine: "s3".to_owned(),
            server_name: None,
            port: None,
            database_name: None,
            settings: BTreeMap::from([("BucketName".to_owned(), json!("archive"))]),
            roles: BTreeMap::from([(
                "ServiceAccessRoleArn".to_owned(),
                Ref::Managed(ResourceId::role(role)),
            )]),
            ..endpoint.clone()
        };
    });
}

/// A policy document of one statement that allows or denies an action on everything.
pub fn policy_on_everything(effect: &str, action: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, "Resource": "*"}]})
}

fn body<'a>(desired: &'a mut Desired, kind: Kind, name: &str) -> &'a mut Body {
    let id = id(desired, kind, name);
    &mut desired.resources.get_mut(&id).unwrap_or_else(|| panic!("no {id}")).body
}

/// What a spec declares, with nothing said about it.
pub(crate) fn declared(spec: &str, body: Body) -> Declared {
    Declared {
        spec: spec.to_owned(),
        place: SpecPlace { file: format!("{spec}.yaml"), line: 1 },
        tags: BTreeMap::new(),
        deletion_policy: DeletionPolicy::Delete,
        adopt: Adopt::Never,
        import: None,
        protected: false,
        suspended: false,
        body,
    }
}

fn add_pipeline(desired: &mut Desired, name: &str) {
    let group = id(desired, Kind::SubnetGroup, name);
    let instance = id(desired, Kind::Instance, name);
    let source = id(desired, Kind::Endpoint, &format!("{name}-source"));
    let target = id(desired, Kind::Endpoint, &format!("{name}-target"));
    let task = id(desired, Kind::Task, name);
    let connections = [&source, &target].map(|endpoint| {
        let body = Body::Connection(ConnectionDeclared {
            instance: Ref::Managed(instance.clone()),
            endpoint: Ref::Managed(endpoint.clone()),
        });
        (ResourceId::connection(&instance, endpoint), body)
    });
    let mut resources = vec![
        (
            group.clone(),
            Body::SubnetGroup(SubnetGroupDeclared {
                description: format!("Subnets of {name}"),
                subnet_ids: BTreeSet::from(["subnet-0a1b2c3d".to_owned(), "subnet-4e5f6a7b".to_owned()]),
            }),
        ),
        (
            instance.clone(),
            Body::Instance(InstanceDeclared {
                class: "dms.t3.medium".to_owned(),
                allocated_storage: Some(50),
                multi_az: Some(false),
                engine_version: None,
                auto_minor_version_upgrade: None,
                publicly_accessible: None,
                preferred_maintenance_window: None,
                availability_zone: None,
                kms_key_id: None,
                network_type: None,
                dns_name_servers: None,
                subnet_group: Some(Ref::Managed(group)),
                vpc_security_group_ids: None,
            }),
        ),
        (source.clone(), endpoint(name, EndpointType::Source, "mysql", 3306)),
        (target.clone(), endpoint(name, EndpointType::Target, "aurora-postgresql", 5432)),
        (
            task.clone(),
            Body::Task(TaskDeclared {
                source: Ref::Managed(source),
                target: Ref::Managed(target),
                instance: Ref::Managed(instance),
                migration_type: MigrationType::FullLoadAndCdc,
                table_mappings: json!({"rules": [{
                    "rule-type": "selection", "rule-id": "1", "rule-name": "include-shop",
                    "object-locator": {"schema-name": "shop", "table-name": "%"}, "rule-action": "include",
                }]}),
                settings: json!({"Logging": {"EnableLogging": true}}),
                cdc_start: None,
                cdc_stop_position: None,
                run: Run::Running,
                recovery: Recovery::default(),
                table_reloads: 0,
                stop_to_change: true,
                test_connections: true,
                start_gates: pipewright_model::kinds::StartGates::default(),
            }),
        ),
    ];
    resources.extend(connections);
    desired.pipelines.insert(
        name.to_owned(),
        Pipeline {
            name: name.to_owned(),
            place: SpecPlace { file: format!("{name}.yaml"), line: 1 },
            resources: resources.iter().map(|(id, _)| id.clone()).collect(),
            task,
            suspended: false,
        },
    );
    desired.resources.extend(resources.into_iter().map(|(id, body)| (id, declared(name, body))));
}

/// Every pipeline has databases of its own.
fn endpoint(pipeline: &str, endpoint_type: EndpointType, engine: &str, port: i32) -> Body {
    Body::Endpoint(EndpointDeclared {
        endpoint_type,
        engine: engine.to_owned(),
        server_name: Some(format!("{pipeline}-{engine}.internal.example.com")),
        port: Some(port),
        database_name: Some("shop".to_owned()),
        username: None,
        password: None,
        ssl_mode: None,
        certificate: None,
        kms_key_id: None,
        extra_connection_attributes: None,
        settings: BTreeMap::new(),
        roles: BTreeMap::new(),
        secret_settings: BTreeMap::new(),
    })
}
