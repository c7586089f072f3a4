//! An account without what differs from one run to the next: ARNs, ids, times.

use std::collections::BTreeMap;

use pipewright_model::tags::{self, Tags};
use pipewright_model::{Body, Desired, LiveBody, Observed};

/// What is there: by resource, its tags and what its specs could say.
#[derive(Debug, PartialEq)]
pub(crate) struct Account(BTreeMap<String, (Tags, LiveBody)>);

impl Account {
    pub(crate) fn of(observed: &Observed) -> Self {
        let name = |arn: &str| observed.by_arn(arn).map_or_else(|| arn.to_owned(), |(id, _)| id.to_string());
        let resources = observed.resources.iter().map(|(id, live)| {
            let mut body = live.body.clone();
            match &mut body {
                LiveBody::ServiceRole(role) => role.role_id.clear(),
                // AWS picks one by the ARN.
                LiveBody::Instance(instance) => instance.preferred_maintenance_window.clear(),
                LiveBody::Connection(connection) => {
                    connection.instance_arn = name(&connection.instance_arn);
                    connection.endpoint_arn = name(&connection.endpoint_arn);
                }
                LiveBody::Endpoint(endpoint) => {
                    endpoint.certificate_arn = endpoint.certificate_arn.as_deref().map(name);
                }
                LiveBody::ReplicationConfig(config) => {
                    for arn in [&mut config.source_arn, &mut config.target_arn] {
                        *arn = name(arn);
                    }
                    config.compute.preferred_maintenance_window = None;
                    config.recovery_checkpoint = None;
                    config.full_load_progress = None;
                    unlog(&mut config.settings);
                }
                LiveBody::Task(task) => {
                    for arn in [&mut task.source_arn, &mut task.target_arn, &mut task.instance_arn] {
                        *arn = name(arn);
                    }
                    task.recovery_checkpoint = None;
                    // A task that goes on from another's checkpoint: when that was, and not whether, is by chance.
                    task.cdc_start_position = task.cdc_start_position.take().map(|_| "checkpoint".to_owned());
                    task.full_load_progress = None;
                    unlog(&mut task.settings);
                }
                _ => {}
            }
            let mut tags = live.tags.clone();
            // A mark on a role that stays, since it is in use, means nothing.
            tags.remove(tags::DRAIN);
            (id.to_string(), (tags, body))
        });
        Self(resources.collect())
    }
}

/// AWS names the logs by the ARN.
fn unlog(settings: &mut serde_json::Value) {
    if let Some(logging) = settings.get_mut("Logging") {
        logging["CloudWatchLogGroup"] = serde_json::Value::Null;
        logging["CloudWatchLogStream"] = serde_json::Value::Null;
    }
}

/// Every role that these specs need is there, and says so.
pub(crate) fn keeps_its_roles(desired: &Desired, observed: &Observed, when: &str) {
    for (id, declared) in &desired.resources {
        let Body::ServiceRole(role) = &declared.body else { continue };
        if !role.manage {
            continue;
        }
        let owners = observed.resources.get(id).map(|live| tags::owners(&live.tags)).unwrap_or_default();
        assert_eq!(
            owners.get(desired.scope.as_str()),
            Some(&tags::listed(&desired.scope, &role.needed_by)),
            "{when}: {id} of {}",
            desired.scope
        );
    }
}
