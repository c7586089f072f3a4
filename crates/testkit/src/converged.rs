//! The account in which everything that is desired is in place.

use std::collections::{BTreeMap, BTreeSet};

use pipewright_model::kinds::{
    CertificateObserved, ComputeDeclared, ComputeObserved, ConnectionObserved, EndpointDeclared,
    EndpointObserved, EventSubscriptionObserved, InstanceDeclared, InstanceObserved,
    ReplicationConfigObserved, RoleDeclared, RoleObserved, SubnetGroupObserved, TaskObserved,
};
use pipewright_model::tags::Tags;
use pipewright_model::{Body, Desired, Kind, Live, LiveBody, Observed, Ref, ResourceId, Timestamp, policy};
use pipewright_plan::{Mutation, PlanOptions, Step};
use serde_json::Value;

use crate::desired::{ACCOUNT, REGION};

/// The account after everything in `desired` was applied, with tasks running and AWS's defaults filled
/// in.
pub fn converged(desired: &Desired) -> Observed {
    let mut observed = Observed {
        account_id: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        at: Timestamp::from_secs(1_800_000_000),
        ..Observed::default()
    };
    let tags = created_tags(desired);
    for (id, declared) in &desired.resources {
        let mut body = live(&declared.body);
        if let (Body::ServiceRole(declared), LiveBody::ServiceRole(role)) = (&declared.body, &mut body) {
            let inline = declared.inline_policies.iter();
            role.inline_policies = inline
                .map(|(name, document)| (policy::inline_name(&desired.scope, name), document.clone()))
                .collect();
        }
        let tags = tags.get(id).cloned().unwrap_or_default();
        observed.resources.insert(id.clone(), Live { arn: arn(id), tags, body });
    }
    observed
}

/// A role as AWS describes it that serves as `declared` asks, with these tags.
pub fn live_role(declared: &RoleDeclared, tags: Tags) -> Live {
    Live {
        arn: format!("arn:aws:iam::{ACCOUNT}:role/dms"),
        tags,
        body: LiveBody::ServiceRole(RoleObserved {
            role_id: "AROAEXAMPLE".to_owned(),
            path: "/".to_owned(),
            trust: policy::trust_for(&declared.trusted_services),
            managed_policies: declared.managed_policies.clone(),
            inline_policies: BTreeMap::new(),
            permissions_boundary: declared.permissions_boundary.clone(),
        }),
    }
}

/// The tags that the create calls would write: asked of a plan for an empty account.
fn created_tags(desired: &Desired) -> BTreeMap<ResourceId, Tags> {
    let plan = pipewright_plan::plan(desired, &Observed::default(), &PlanOptions::default());
    plan.changes
        .iter()
        .flat_map(|change| &change.steps)
        .filter_map(|step| match step {
            Step::Call(Mutation::CreateRole { role, tags, .. }) => {
                Some((ResourceId::role(role), tags.clone()))
            }
            Step::Call(
                Mutation::CreateSubnetGroup { id, tags, .. }
                | Mutation::CreateInstance { id, tags, .. }
                | Mutation::CreateEndpoint { id, tags, .. }
                | Mutation::CreateTask { id, tags, .. }
                | Mutation::CreateReplicationConfig { id, tags, .. }
                | Mutation::ImportCertificate { id, tags, .. }
                | Mutation::CreateEventSubscription { id, tags, .. },
            ) => Some((id.clone(), tags.clone())),
            _ => None,
        })
        .collect()
}

fn arn(id: &ResourceId) -> String {
    if id.kind == Kind::ServiceRole {
        return format!("arn:aws:iam::{ACCOUNT}:role/{}", id.name);
    }
    format!("arn:aws:dms:{REGION}:{ACCOUNT}:{}:{}", id.kind, id.name.replace('/', ":"))
}

fn arn_of(reference: &Ref) -> String {
    match reference {
        Ref::Managed(id) | Ref::ExternalId(id) => arn(id),
        Ref::External(arn) => arn.clone(),
    }
}

/// An endpoint's settings with the ARNs of the roles that it names.
fn settings_of(endpoint: &EndpointDeclared) -> BTreeMap<String, Value> {
    let roles = endpoint.roles.iter().map(|(setting, role)| (setting.clone(), arn_of(role).into()));
    endpoint.settings.clone().into_iter().chain(roles).collect()
}

fn live(declared: &Body) -> LiveBody {
    match declared {
        Body::ServiceRole(role) => live_role(role, Tags::new()).body,
        Body::SubnetGroup(group) => LiveBody::SubnetGroup(SubnetGroupObserved {
            description: group.description.clone(),
            subnet_ids: group.subnet_ids.clone(),
            status: "Complete".to_owned(),
        }),
        Body::Instance(declared) => LiveBody::Instance(instance(declared)),
        Body::Endpoint(endpoint) => LiveBody::Endpoint(EndpointObserved {
            endpoint_type: endpoint.endpoint_type,
            engine: endpoint.engine.clone(),
            server_name: endpoint.server_name.clone(),
            port: endpoint.port,
            database_name: endpoint.database_name.clone(),
            username: endpoint.username.clone(),
            ssl_mode: Some(endpoint.ssl_mode.clone().unwrap_or_else(|| "none".to_owned())),
            certificate_arn: endpoint.certificate.as_ref().map(arn_of),
            kms_key_id: None,
            extra_connection_attributes: endpoint.extra_connection_attributes.clone(),
            settings: settings_of(endpoint),
            status: "active".to_owned(),
        }),
        Body::Certificate(certificate) => {
            let fingerprint = Some(certificate.fingerprint.clone());
            LiveBody::Certificate(CertificateObserved { fingerprint, valid_to: None })
        }
        Body::EventSubscription(subscription) => LiveBody::EventSubscription(EventSubscriptionObserved {
            sns_topic_arn: subscription.sns_topic_arn.clone(),
            source_type: subscription.source_type.to_string(),
            source_ids: subscription.source_ids(),
            event_categories: subscription.event_categories.clone().unwrap_or_default(),
            enabled: subscription.enabled.unwrap_or(true),
            status: "active".to_owned(),
        }),
        Body::Connection(connection) => LiveBody::Connection(ConnectionObserved {
            instance_arn: arn_of(&connection.instance),
            endpoint_arn: arn_of(&connection.endpoint),
            status: "successful".to_owned(),
            last_failure_message: String::new(),
        }),
        Body::Task(task) => LiveBody::Task(TaskObserved {
            source_arn: arn_of(&task.source),
            target_arn: arn_of(&task.target),
            instance_arn: arn_of(&task.instance),
            moving_to: None,
            migration_type: task.migration_type.to_string(),
            table_mappings: task.table_mappings.clone(),
            settings: task.settings.clone(),
            cdc_start_position: None,
            cdc_stop_position: task.cdc_stop_position.clone(),
            status: "running".to_owned(),
            stop_reason: String::new(),
            last_failure_message: String::new(),
            stopped_at: None,
            recovery_checkpoint: None,
            full_load_progress: Some(100),
            tables_in_error: 0,
        }),
        Body::ReplicationConfig(config) => LiveBody::ReplicationConfig(ReplicationConfigObserved {
            source_arn: arn_of(&config.source),
            target_arn: arn_of(&config.target),
            compute: compute(&config.compute),
            migration_type: config.migration_type.to_string(),
            table_mappings: config.table_mappings.clone(),
            settings: config.settings.clone(),
            supplemental_settings: config.supplemental_settings.clone().unwrap_or_default(),
            cdc_stop_position: config.cdc_stop_position.clone(),
            status: "running".to_owned(),
            stop_reason: String::new(),
            last_failure_message: String::new(),
            stopped_at: None,
            recovery_checkpoint: None,
            full_load_progress: Some(100),
            tables_in_error: 0,
            has_run: true,
        }),
    }
}

fn instance(instance: &InstanceDeclared) -> InstanceObserved {
    InstanceObserved {
        class: instance.class.clone(),
        allocated_storage: instance.allocated_storage.unwrap_or(100),
        multi_az: instance.multi_az.unwrap_or(false),
        engine_version: instance.engine_version.clone().unwrap_or_else(|| "3.6.1".to_owned()),
        auto_minor_version_upgrade: instance.auto_minor_version_upgrade.unwrap_or(true),
        publicly_accessible: instance.publicly_accessible.unwrap_or(true),
        preferred_maintenance_window: instance
            .preferred_maintenance_window
            .clone()
            .unwrap_or_else(|| "sun:04:00-sun:04:30".to_owned()),
        availability_zone: "us-east-1a".to_owned(),
        kms_key_id: format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/8b0bca8d"),
        network_type: "IPV4".to_owned(),
        dns_name_servers: instance.dns_name_servers.clone().unwrap_or_default(),
        subnet_group: instance
            .subnet_group
            .as_ref()
            .and_then(Ref::managed)
            .map_or_else(|| "default".to_owned(), |id| id.name.clone()),
        vpc_security_group_ids: instance
            .vpc_security_group_ids
            .clone()
            .unwrap_or_else(|| BTreeSet::from(["sg-0default".to_owned()])),
        status: "available".to_owned(),
        pending: BTreeMap::new(),
    }
}

fn compute(declared: &ComputeDeclared) -> ComputeObserved {
    ComputeObserved {
        min_capacity_units: declared.min_capacity_units.or(Some(1)),
        max_capacity_units: Some(declared.max_capacity_units),
        multi_az: declared.multi_az.unwrap_or(false),
        availability_zone: declared.availability_zone.clone().or_else(|| Some(format!("{REGION}a"))),
        dns_name_servers: declared.dns_name_servers.clone().unwrap_or_default(),
        kms_key_id: Some(format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/8b0bca8d")),
        preferred_maintenance_window: declared
            .preferred_maintenance_window
            .clone()
            .or_else(|| Some("sun:04:00-sun:04:30".to_owned())),
        subnet_group: declared.subnet_group.as_ref().and_then(Ref::managed).map(|id| id.name.clone()),
        vpc_security_group_ids: declared
            .vpc_security_group_ids
            .clone()
            .unwrap_or_else(|| BTreeSet::from(["sg-0default".to_owned()])),
    }
}
