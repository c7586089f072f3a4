//! Connections: the outcome of testing an endpoint from an instance.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::endpoints;
use super::instances;
use super::listing::Listing;
use super::record::{CONNECTION, ENDPOINT, INSTANCE, Object};
use super::{Dms, Input, Output, errors, text};
use crate::durations;

const TESTING: Duration = durations::TEST_CONNECTION;
const DELETING: Duration = Duration::from_secs(5);

pub(super) fn test(input: &Input, dms: &mut Dms<'_>) -> Output {
    let instance = dms.instance(text(input, "ReplicationInstanceArn"))?;
    let endpoint = dms.endpoint(text(input, "EndpointArn"))?;
    if instance.text("ReplicationInstanceStatus") != "available" {
        return Err(instances::not_available(&instance));
    }
    if endpoint.text("Status") != "active" {
        return Err(endpoints::not_active(&endpoint));
    }
    let known = dms.load(CONNECTION, &key(&instance.key, &endpoint.key));
    if let Some(status) = known.as_ref().map(|connection| connection.text("Status")) {
        match status {
            "testing" => {
                return Err(errors::invalid_state(format!(
                    "Connection of replication instance {} and endpoint {} is already being tested",
                    instance.text("ReplicationInstanceIdentifier"),
                    endpoint.text("EndpointIdentifier")
                )));
            }
            "deleting" => {
                return Err(errors::invalid_state("The connection is being deleted"));
            }
            _ => {}
        }
    } else {
        let most = dms.config.quotas.endpoints_per_instance;
        let connected = dms.all(CONNECTION);
        let connected =
            connected.iter().filter(|connection| connection.text("ReplicationInstanceArn") == instance.key);
        if connected.count() >= most {
            return Err(errors::quota("endpoints of a replication instance", most));
        }
    }
    let connection = begin(&instance, &endpoint, known, Duration::ZERO, dms);
    Ok(json!({"Connection": connection.shown}))
}

/// ModifyEndpoint tests every connection of the endpoint again, by itself, once the change is made
/// (<https://github.com/hashicorp/terraform-provider-aws/issues/46139>).
pub(super) fn test_again(endpoint: &Object, dms: &mut Dms<'_>) {
    for connection in dms.all(CONNECTION) {
        if connection.text("EndpointArn") != endpoint.key {
            continue;
        }
        if let Some(instance) = dms.load(INSTANCE, connection.text("ReplicationInstanceArn")) {
            begin(&instance, endpoint, Some(connection), Duration::from_secs(5), dms);
        }
    }
}

pub(super) fn describe(input: &Input, dms: &mut Dms<'_>) -> Output {
    let filters: &[(&str, &[&str])] =
        &[("endpoint-arn", &["EndpointArn"]), ("replication-instance-arn", &["ReplicationInstanceArn"])];
    let mut connections: Vec<Map<String, Value>> = Vec::new();
    for mut connection in dms.all(CONNECTION) {
        // Identifiers may have changed since the test.
        for (kind, arn, identifier) in [
            (ENDPOINT, "EndpointArn", "EndpointIdentifier"),
            (INSTANCE, "ReplicationInstanceArn", "ReplicationInstanceIdentifier"),
        ] {
            if let Some(object) = dms.load(kind, connection.text(arn)) {
                connection.set(identifier, object.text(identifier));
            }
        }
        connections.push(connection.shown);
    }
    Listing::new("Connections", "Connections", filters).page(input, connections)
}

pub(super) fn delete(input: &Input, dms: &mut Dms<'_>) -> Output {
    let key = key(text(input, "ReplicationInstanceArn"), text(input, "EndpointArn"));
    let Some(mut connection) = dms.load(CONNECTION, &key) else {
        return Err(errors::not_found("Connection could not be found"));
    };
    if matches!(connection.text("Status"), "testing" | "deleting") {
        return Err(errors::invalid_state(format!(
            "The connection is in {} state and cannot be deleted",
            connection.text("Status")
        )));
    }
    connection.set("Status", "deleting");
    connection.ahead.clear();
    connection.then_gone(dms.now + DELETING);
    dms.save(CONNECTION, &connection);
    Ok(json!({"Connection": connection.shown}))
}

impl Dms<'_> {
    /// Whether the last test of this pair succeeded and nothing has changed since.
    pub(super) fn is_connected(&self, instance: &str, endpoint: &str) -> bool {
        self.load(CONNECTION, &key(instance, endpoint))
            .is_some_and(|connection| connection.text("Status") == "successful")
    }
}

fn key(instance: &str, endpoint: &str) -> String {
    format!("{instance}|{endpoint}")
}

fn begin(
    instance: &Object,
    endpoint: &Object,
    known: Option<Object>,
    delay: Duration,
    dms: &mut Dms<'_>,
) -> Object {
    let new = known.is_none();
    let mut connection = known.unwrap_or_else(|| Object::new(key(&instance.key, &endpoint.key), Map::new()));
    connection.set("ReplicationInstanceArn", instance.key.as_str());
    connection.set("EndpointArn", endpoint.key.as_str());
    connection.set("Status", "testing");
    connection.set("EndpointIdentifier", endpoint.text("EndpointIdentifier"));
    connection.set("ReplicationInstanceIdentifier", instance.text("ReplicationInstanceIdentifier"));
    connection.shown.remove("LastFailureMessage");
    connection.ahead.clear();
    let outcome = match problem(endpoint, dms) {
        None => json!({"Status": "successful"}),
        Some(problem) => {
            json!({"Status": "failed", "LastFailureMessage": format!("Test Endpoint failed: {problem}")})
        }
    };
    connection.then(dms.now + delay + TESTING, outcome);
    if new {
        return dms.add(CONNECTION, connection);
    }
    dms.save(CONNECTION, &connection);
    connection
}

/// Why the endpoint cannot be reached. There is no network here: hosts of the reserved domain `.invalid` (RFC 2606)
/// are the ones that cannot be found.
pub(super) fn problem(endpoint: &Object, dms: &Dms<'_>) -> Option<String> {
    let engine = endpoint.text("EngineName");
    if matches!(engine, "redshift" | "redshift-serverless")
        && let Some(problem) = dms.redshift_role_problem(&endpoint.key)
    {
        return Some(problem);
    }
    if let Some(reason) = endpoint.hidden.get("unreachable").and_then(Value::as_str) {
        return Some(reason.to_owned());
    }
    let host = endpoint.text("ServerName");
    host.trim_end_matches('.').ends_with(".invalid").then(|| {
        format!("Application-Status: 1020912, Application-Message: Cannot connect to {engine} server, Unknown host '{host}'")
    })
}
