//! The regional kinds: how each compares, and which steps each change takes. One file a kind, the same
//! shape in each.

pub(crate) mod certificate;
mod changes;
pub(crate) mod endpoint;
pub(crate) mod event_subscription;
pub(crate) mod instance;
pub(crate) mod migration;
pub(crate) mod replication_config;
mod secrets;
pub(crate) mod subnet_group;
pub(crate) mod task;

use pipewright_model::kinds::FixedRole;
use pipewright_model::tags::{APPLIED, PROTECT, RETAIN, SCOPE, SECRETS, SPEC, Tags, UID};
use pipewright_model::{
    Body, Declared, DeletionPolicy, Desired, Live, LiveBody, Observed, Ref, ResourceId, Scope,
};
use serde_json::{Value, json};

pub(crate) use self::changes::{Changes, disruption};
use crate::{FieldDiff, Mutation, Step, Wait};

/// How a live resource differs from what is declared.
#[derive(Debug, Default)]
pub(crate) struct Difference {
    /// The fields that differ.
    fields: Vec<FieldDiff>,
    /// What is worth knowing.
    notes: Vec<String>,
    /// The steps that change those fields that can be changed.
    steps: Vec<Step>,
}

/// Compares one resource. `None` if the live thing is of another kind, which cannot be.
pub(crate) fn difference(
    id: &ResourceId,
    declared: &Body,
    live: &Live,
    desired: &Desired,
    observed: &Observed,
) -> Option<Changes> {
    let sent = applied(declared).is_some_and(|hash| live.tags.get(APPLIED) == Some(&hash));
    let mut difference = match (declared, &live.body) {
        (Body::SubnetGroup(declared), LiveBody::SubnetGroup(live)) => {
            subnet_group::difference(id, declared, live)
        }
        (Body::Instance(declared), LiveBody::Instance(live)) => instance::difference(id, declared, live),
        (Body::Certificate(declared), LiveBody::Certificate(live)) => {
            certificate::difference(declared, live, sent)
        }
        (Body::Endpoint(declared), LiveBody::Endpoint(live)) => {
            endpoint::difference(id, declared, live, sent, observed)
        }
        (Body::Task(declared), LiveBody::Task(task)) => {
            let declared = &migration::as_continued(declared, &live.tags);
            task::difference(id, declared, task, sent, observed)
        }
        (Body::ReplicationConfig(declared), LiveBody::ReplicationConfig(live)) => {
            replication_config::difference(id, declared, live, sent, observed)
        }
        (Body::EventSubscription(declared), LiveBody::EventSubscription(live)) => {
            event_subscription::difference(id, declared, live)
        }
        _ => return None,
    };
    if let (Body::Endpoint(endpoint), Some(keys)) = (declared, &desired.rotation.keys) {
        secrets::compare(id, endpoint, &live.tags, keys, &mut difference);
    }
    Some(Changes::of(id.kind, difference, &live.body))
}

/// What waits for a maintenance window, and goes on waiting: what is changed at once takes it along.
pub(crate) fn waits_for_window(declared: &Body, live: &LiveBody, differs: bool) -> Option<String> {
    match (declared, live) {
        (Body::Instance(declared), LiveBody::Instance(live)) => {
            instance::waiting(live).filter(|_| !(differs && declared.apply_immediately))
        }
        _ => None,
    }
}

/// The steps that make a resource.
pub(crate) fn create(id: &ResourceId, declared: &Body, tags: Tags) -> Vec<Step> {
    let id = id.clone();
    let settled = Step::Wait(Wait::Settled(id.clone()));
    match declared.clone() {
        Body::SubnetGroup(declared) => vec![Step::Call(Mutation::CreateSubnetGroup { id, declared, tags })],
        Body::Instance(declared) => {
            vec![Step::Call(Mutation::CreateInstance { id, declared, tags }), settled]
        }
        Body::Endpoint(declared) => {
            let declared = Box::new(declared);
            vec![Step::Call(Mutation::CreateEndpoint { id, declared, tags }), settled]
        }
        Body::Certificate(declared) => vec![Step::Call(Mutation::ImportCertificate { id, declared, tags })],
        Body::Task(declared) => {
            let declared = Box::new(declared);
            vec![Step::Call(Mutation::CreateTask { id, declared, tags, continues: None }), settled]
        }
        Body::ReplicationConfig(declared) => {
            let declared = Box::new(declared);
            vec![Step::Call(Mutation::CreateReplicationConfig { id, declared, tags }), settled]
        }
        Body::EventSubscription(declared) => {
            vec![Step::Call(Mutation::CreateEventSubscription { id, declared, tags }), settled]
        }
        Body::ServiceRole(_) | Body::Connection(_) => Vec::new(),
    }
}

/// The steps that delete a resource that looks like this.
pub(crate) fn delete(id: &ResourceId, live: &LiveBody) -> Vec<Step> {
    let gone = Step::Wait(Wait::Gone(id.clone()));
    let id = id.clone();
    if live.status() == "deleting" {
        return vec![gone];
    }
    match live {
        LiveBody::SubnetGroup(_) => vec![Step::Call(Mutation::DeleteSubnetGroup { id }), gone],
        LiveBody::Instance(_) => vec![Step::Call(Mutation::DeleteInstance { id }), gone],
        LiveBody::Endpoint(_) => vec![Step::Call(Mutation::DeleteEndpoint { id }), gone],
        LiveBody::Task(live) => migration::delete(id, live.migration()),
        LiveBody::ReplicationConfig(live) => migration::delete(id, live.migration()),
        LiveBody::Certificate(_) => vec![Step::Call(Mutation::DeleteCertificate { id }), gone],
        LiveBody::EventSubscription(live) => event_subscription::delete(id, live),
        LiveBody::ServiceRole(_) | LiveBody::Connection(_) => Vec::new(),
    }
}

/// The declared resources that a resource cannot be made without.
pub(crate) fn needs(declared: &Body) -> Vec<&ResourceId> {
    refs(declared).into_iter().filter_map(Ref::managed).collect()
}

/// Every resource that a resource names, declared or outside.
pub(crate) fn refs(declared: &Body) -> Vec<&Ref> {
    match declared {
        Body::ServiceRole(_) | Body::SubnetGroup(_) | Body::Certificate(_) => Vec::new(),
        Body::Endpoint(endpoint) => endpoint.certificate.iter().chain(endpoint.roles.values()).collect(),
        Body::EventSubscription(subscription) => subscription.sources.iter().collect(),
        Body::Instance(instance) => instance.subnet_group.iter().collect(),
        Body::Connection(connection) => vec![&connection.instance, &connection.endpoint],
        Body::Task(task) => vec![&task.source, &task.target, &task.instance],
        Body::ReplicationConfig(config) => {
            [&config.source, &config.target].into_iter().chain(&config.compute.subnet_group).collect()
        }
    }
}

/// The shared roles that DMS wants before a resource can be made.
pub(crate) fn needed_roles(declared: &Body) -> Vec<FixedRole> {
    match declared {
        Body::SubnetGroup(_) | Body::Instance(_) => vec![FixedRole::VPC],
        Body::Task(_) => vec![FixedRole::CLOUDWATCH_LOGS],
        Body::ReplicationConfig(_) => vec![FixedRole::VPC, FixedRole::CLOUDWATCH_LOGS],
        Body::Endpoint(endpoint) if endpoint.engine.starts_with("redshift") => {
            vec![FixedRole::ACCESS_FOR_ENDPOINT]
        }
        Body::Endpoint(_)
        | Body::ServiceRole(_)
        | Body::Connection(_)
        | Body::Certificate(_)
        | Body::EventSubscription(_) => Vec::new(),
    }
}

/// The live resources that AWS will not let go of this one for, since they use it.
pub(crate) fn live_users<'a>(id: &ResourceId, observed: &'a Observed) -> Vec<&'a ResourceId> {
    let Some(live) = observed.resources.get(id) else {
        return Vec::new();
    };
    observed
        .resources
        .iter()
        .filter(|(_, user)| match &user.body {
            LiveBody::Instance(instance) => {
                matches!(live.body, LiveBody::SubnetGroup(_)) && instance.subnet_group == id.name
            }
            LiveBody::Endpoint(endpoint) => {
                matches!(live.body, LiveBody::Certificate(_)) && endpoint::checks_with(endpoint, &live.arn)
            }
            LiveBody::Task(task) => {
                [&task.source_arn, &task.target_arn, &task.instance_arn].contains(&&live.arn)
                    || task.moving_to.as_ref() == Some(&live.arn)
            }
            LiveBody::ReplicationConfig(config) => match &live.body {
                LiveBody::SubnetGroup(_) => config.compute.subnet_group.as_ref() == Some(&id.name),
                _ => [&config.source_arn, &config.target_arn].contains(&&live.arn),
            },
            _ => false,
        })
        .map(|(id, _)| id)
        .collect()
}

/// The ARN that a reference stands for, if what it names exists.
pub(crate) fn arn_of<'a>(reference: &'a Ref, observed: &'a Observed) -> Option<&'a str> {
    match reference {
        Ref::External(arn) => Some(arn),
        Ref::Managed(id) | Ref::ExternalId(id) => observed.resources.get(id).map(|live| live.arn.as_str()),
    }
}

/// What people call the resource with this ARN.
pub(crate) fn name_of(arn: &str, observed: &Observed) -> String {
    observed.by_arn(arn).map_or_else(|| Ref::External(arn.to_owned()).to_string(), |(id, _)| id.to_string())
}

/// The tags that a declared regional resource carries: the user's own, the marks of ownership, and what was
/// sent.
pub(crate) fn tags(id: &ResourceId, declared: &Declared, desired: &Desired) -> Tags {
    let mut tags = declared.tags.clone();
    tags.extend(marks(declared, &desired.scope));
    tags.extend(applied(&declared.body).map(|hash| (APPLIED.to_owned(), hash)));
    if let (Body::Endpoint(endpoint), Some(keys)) = (&declared.body, &desired.rotation.keys) {
        tags.extend(keys.remembered(id, endpoint).map(|marks| (SECRETS.to_owned(), marks)));
    }
    tags
}

/// The tags that say whose a declared regional resource is, and how it is kept.
pub(crate) fn marks(declared: &Declared, scope: &Scope) -> Tags {
    let mut marks = owner_marks(scope, &declared.spec);
    if declared.deletion_policy == DeletionPolicy::Retain {
        marks.insert(RETAIN.to_owned(), "true".to_owned());
    }
    if declared.protected {
        marks.insert(PROTECT.to_owned(), "true".to_owned());
    }
    marks
}

/// The tags that say whose a regional resource is.
pub(crate) fn owner_marks(scope: &Scope, spec: &str) -> Tags {
    let mut marks = Tags::from([(SCOPE.to_owned(), scope.to_string()), (SPEC.to_owned(), spec.to_owned())]);
    marks.extend(scope.uid().map(|uid| (UID.to_owned(), uid.to_owned())));
    marks
}

/// A hash of the declared settings, which tells whether they were sent although AWS does not return
/// them. No secret goes into it.
fn applied(declared: &Body) -> Option<String> {
    let settings: Value = match declared {
        Body::Endpoint(endpoint) => json!([endpoint.settings, endpoint.extra_connection_attributes]),
        Body::Task(task) => json!([task.settings]),
        Body::ReplicationConfig(config) => json!([config.settings, config.supplemental_settings]),
        // The content is a secret or as good as one; its hash is not.
        Body::Certificate(certificate) => json!([certificate.fingerprint]),
        Body::ServiceRole(_)
        | Body::SubnetGroup(_)
        | Body::Instance(_)
        | Body::Connection(_)
        | Body::EventSubscription(_) => return None,
    };
    Some(crate::digest::hex(settings.to_string().as_bytes())[..16].to_owned())
}

/// What of a declared settings document AWS does not return: a note once it was sent, a difference
/// before.
fn settle_unreturned(unreturned: Vec<(String, Value)>, sent: bool, difference: &mut Difference) {
    for (path, value) in unreturned {
        if sent {
            difference.notes.push(format!("{path} was sent, and AWS does not return it"));
        } else {
            difference.fields.push(FieldDiff { path, before: Value::Null, after: value });
        }
    }
}
