//! One change to a pipeline, and what of the account it touches.

use std::collections::BTreeMap;

use pipewright_model::kinds::EndpointType;
use pipewright_model::settings::Field;
use serde_json::{Value, json};

use super::endpoint::{is_needed, spelled, ssl_modes};
use super::migration::task_settings;

/// One of a pipeline's resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Its subnet group.
    SubnetGroup,
    /// Its instance.
    Instance,
    /// Its source endpoint.
    Source,
    /// Its target endpoint.
    Target,
    /// Its task, or its serverless replication config.
    Task,
    /// The subscription to events of it.
    Events,
}

/// What a change does to the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Touched {
    /// These fields of these resources, each field with its new value.
    Fields(BTreeMap<Part, BTreeMap<String, Value>>),
    /// Tags of all resources that the pipeline's own document declares.
    AllTags(BTreeMap<String, String>),
    /// What its endpoint checks the server with.
    Certificate,
    /// Whether its task runs.
    Run,
    /// Everything: its documents go.
    Everything,
}

/// One change to a pipeline.
#[derive(Debug, Clone)]
pub struct Change {
    /// Which of the sample's documents, from 0; the pipeline is the first.
    pub document: usize,
    /// Where in the document, as a JSON pointer; empty for all documents.
    pub pointer: String,
    /// What is there afterwards; none to remove it.
    pub value: Option<Value>,
    /// What it does.
    pub touched: Touched,
}

impl Change {
    /// That everything goes.
    pub(super) fn removal() -> Self {
        Self { document: 0, pointer: String::new(), value: None, touched: Touched::Everything }
    }

    /// The documents after the change.
    ///
    /// # Panics
    /// If these are not the documents that the change is of.
    pub fn apply(&self, documents: &[Value]) -> Vec<Value> {
        let Some((parent, key)) = self.pointer.rsplit_once('/') else { return Vec::new() };
        let mut documents = documents.to_vec();
        let mut at = &mut documents[self.document];
        for key in parent.split('/').skip(1) {
            at = at.as_object_mut().expect("a mapping").entry(key).or_insert_with(|| json!({}));
        }
        let members = at.as_object_mut().expect("a mapping");
        match &self.value {
            Some(value) => members.insert(key.to_owned(), value.clone()),
            None => members.remove(key),
        };
        documents
    }
}

/// A value is set in the pipeline's document, and a field of a part is then shown with a value.
pub(super) fn set(pointer: &str, value: Value, part: Part, field: &str, shown: Value) -> Change {
    let fields = BTreeMap::from([(field.to_owned(), shown)]);
    Change {
        document: 0,
        pointer: pointer.to_owned(),
        value: Some(value),
        touched: Touched::Fields(BTreeMap::from([(part, fields)])),
    }
}

/// The changes that this pipeline can have, in groups of one sort; none is empty. `others` are other
/// values of the settings of its endpoint of this direction.
pub(super) fn changes(
    document: &Value,
    engine: &str,
    direction: EndpointType,
    others: &[(&'static Field, Value)],
) -> Vec<Vec<Change>> {
    let spec = &document["spec"];
    let mut groups = vec![
        // Twice, since there are so many of them.
        changed_settings(spec, direction, others),
        changed_settings(spec, direction, others),
        removed_settings(spec, engine, direction, others),
        connection(spec, direction),
        task(spec),
        mappings(spec),
        compute(&spec["compute"]),
        tags(document, direction),
        run(spec),
        vec![Change::removal()],
    ];
    groups.retain(|group| !group.is_empty());
    groups
}

pub(super) fn endpoint_part(direction: EndpointType) -> Part {
    match direction {
        EndpointType::Source => Part::Source,
        EndpointType::Target => Part::Target,
    }
}

fn changed_settings(
    spec: &Value,
    direction: EndpointType,
    others: &[(&'static Field, Value)],
) -> Vec<Change> {
    let side = direction.as_str();
    others
        .iter()
        // That a secret changed cannot be seen.
        .filter(|(field, other)| !field.secret && spec[side]["settings"][spelled(field.name)] != *other)
        .map(|(field, other)| {
            let pointer = format!("/spec/{side}/settings/{}", spelled(field.name));
            set(
                &pointer,
                other.clone(),
                endpoint_part(direction),
                &format!("settings.{}", field.name),
                other.clone(),
            )
        })
        .collect()
}

/// A setting that is no longer declared is left as it is.
fn removed_settings(
    spec: &Value,
    engine: &str,
    direction: EndpointType,
    others: &[(&'static Field, Value)],
) -> Vec<Change> {
    let side = direction.as_str();
    let there = |field: &Field| spec[side]["settings"].get(spelled(field.name)).is_some();
    others
        .iter()
        .filter(|(field, _)| !field.secret && there(field) && !is_needed(engine, direction, field))
        .map(|(field, _)| Change {
            document: 0,
            pointer: format!("/spec/{side}/settings/{}", spelled(field.name)),
            value: None,
            touched: Touched::Fields(BTreeMap::from([(endpoint_part(direction), BTreeMap::new())])),
        })
        .collect()
}

fn connection(spec: &Value, direction: EndpointType) -> Vec<Change> {
    let side = direction.as_str();
    let endpoint = &spec[side];
    let of = |field: &str, value: Value| {
        set(&format!("/spec/{side}/{field}"), value.clone(), endpoint_part(direction), field, value)
    };
    let mut changes = vec![of("extraConnectionAttributes", json!("oneMore=1"))];
    if endpoint.get("serverName").is_some() {
        changes.push(of("serverName", json!("moved.internal.example.com")));
        changes.push(of("port", json!(endpoint["port"].as_i64().unwrap_or_default() % 65_535 + 1)));
        let credentials = &endpoint["credentials"]["username"];
        let pointer = format!("/spec/{side}/credentials/username");
        let user = json!(format!("{}2", credentials.as_str().unwrap_or_default()));
        changes.push(set(&pointer, user.clone(), endpoint_part(direction), "username", user));
    }
    if endpoint.get("credentials").is_some() {
        changes.push(of("databaseName", json!("elsewhere")));
        let now = endpoint["sslMode"].as_str().unwrap_or("none");
        let modes = ssl_modes(endpoint["engine"].as_str().unwrap_or_default()).iter();
        changes.extend(modes.filter(|mode| **mode != now).map(|mode| of("sslMode", json!(mode))));
    }
    changes
}

fn task(spec: &Value) -> Vec<Change> {
    let migration = &spec["migration"];
    let mut changes = Vec::new();
    for (section, member, values) in task_settings() {
        for value in values {
            if migration["settings"][section][member] == value {
                continue;
            }
            let pointer = format!("/spec/migration/settings/{section}/{member}");
            let (field, shown) = match value.get(0) {
                Some(component) => ("SORTER].Severity", component["Severity"].clone()),
                None => ("", value.clone()),
            };
            let field = match field {
                "" => format!("settings.{section}.{member}"),
                field => format!("settings.{section}.{member}[{field}"),
            };
            changes.push(set(&pointer, value, Part::Task, &field, shown));
        }
    }
    if migration["type"] != "full-load" {
        let stop = json!("commit_time:2041-01-31T12:00:00");
        changes.push(set(
            "/spec/migration/cdc/stopPosition",
            stop.clone(),
            Part::Task,
            "cdc.stopPosition",
            stop,
        ));
    }
    changes
}

fn mappings(spec: &Value) -> Vec<Change> {
    let migration = &spec["migration"];
    let (pointer, list, more) = if migration.get("tables").is_some() {
        ("/spec/migration/tables/include", &migration["tables"]["include"], json!("another_one.*"))
    } else {
        let rule = json!({
            "rule-type": "selection", "rule-id": "1000", "rule-name": "another-one",
            "object-locator": {"schema-name": "another_one", "table-name": "%"}, "rule-action": "include",
        });
        ("/spec/migration/mappings/rules", &migration["mappings"]["rules"], rule)
    };
    let now = list.as_array().cloned().unwrap_or_default();
    let mut longer = now.clone();
    longer.push(more);
    let mut changes = vec![longer];
    if now.len() > 1 {
        changes.push(now[1..].to_vec());
    }
    let change = |list: Vec<Value>| set(pointer, json!(list), Part::Task, "tableMappings", Value::Null);
    changes.into_iter().map(change).collect()
}

fn compute(compute: &Value) -> Vec<Change> {
    match (compute.get("instance"), compute.get("serverless")) {
        (Some(settings), _) => instance(settings),
        (None, Some(settings)) => serverless(settings),
        (None, None) => Vec::new(),
    }
}

fn instance(instance: &Value) -> Vec<Change> {
    let of = |field: &str, value: Value| {
        set(&format!("/spec/compute/instance/{field}"), value.clone(), Part::Instance, field, value)
    };
    let mut changes = vec![
        of("allocatedStorage", json!(instance["allocatedStorage"].as_i64().unwrap_or(400) + 50)),
        of("class", json!("dms.c5.2xlarge")),
        of("preferredMaintenanceWindow", json!("mon:01:00-mon:02:00")),
        of("vpcSecurityGroupIds", json!(["sg-0another"])),
        of("autoMinorVersionUpgrade", json!(instance["autoMinorVersionUpgrade"] == json!(false))),
        of("networkType", json!(if instance["networkType"] == "DUAL" { "IPV4" } else { "DUAL" })),
    ];
    // The newest is what an instance has that names none.
    if instance.get("engineVersion").is_some() {
        changes.push(of("engineVersion", json!("3.5.3")));
    }
    if instance.get("availabilityZone").is_none() {
        changes.push(of("multiAz", json!(instance["multiAz"] != json!(true))));
    }
    changes.extend(subnet_group(instance, "/spec/compute/instance"));
    changes
}

/// What can always be changed of a serverless replication.
fn serverless(serverless: &Value) -> Vec<Change> {
    let of = |field: &str, value: Value| {
        let pointer = format!("/spec/compute/serverless/{field}");
        set(&pointer, value.clone(), Part::Task, &format!("compute.{field}"), value)
    };
    let mut changes = vec![
        of("maxCapacityUnits", json!(if serverless["maxCapacityUnits"] == 384 { 256 } else { 384 })),
        of("minCapacityUnits", json!(if serverless["minCapacityUnits"] == 2 { 4 } else { 2 })),
        of("preferredMaintenanceWindow", json!("mon:01:00-mon:02:00")),
        of("vpcSecurityGroupIds", json!(["sg-0another"])),
        of("dnsNameServers", json!(["10.9.8.7"])),
    ];
    if serverless.get("availabilityZone").is_none() {
        changes.push(of("multiAz", json!(serverless["multiAz"] != json!(true))));
    }
    changes.extend(subnet_group(serverless, "/spec/compute/serverless"));
    changes
}

fn subnet_group(compute: &Value, pointer: &str) -> Vec<Change> {
    let Some(group) = compute.get("subnetGroup") else { return Vec::new() };
    let of = |field: &str, value: Value| {
        let pointer = format!("{pointer}/subnetGroup/{field}");
        set(&pointer, value.clone(), Part::SubnetGroup, field, value)
    };
    let mut subnets = group["subnetIds"].as_array().cloned().unwrap_or_default();
    // Subnets are a set, shown in order.
    subnets.insert(0, json!("subnet-00000000a"));
    vec![of("subnetIds", json!(subnets)), of("description", json!("Described anew"))]
}

fn tags(document: &Value, direction: EndpointType) -> Vec<Change> {
    let one = |pointer: &str, part: Part| {
        set(&format!("{pointer}/another"), json!("tag"), part, "tags.another", json!("tag"))
    };
    let (compute, part) = match document.pointer("/spec/compute/serverless") {
        Some(_) => ("/spec/compute/serverless", Part::Task),
        None => ("/spec/compute/instance", Part::Instance),
    };
    let mut changes = vec![
        one(&format!("/spec/{}/tags", direction.as_str()), endpoint_part(direction)),
        one(&format!("{compute}/tags"), part),
        Change {
            document: 0,
            pointer: "/metadata/labels/another".to_owned(),
            value: Some(json!("label")),
            touched: Touched::AllTags(BTreeMap::from([("another".to_owned(), "label".to_owned())])),
        },
    ];
    if document.pointer(&format!("{compute}/subnetGroup")).is_some() {
        changes.push(one(&format!("{compute}/subnetGroup/tags"), Part::SubnetGroup));
    }
    changes
}

fn run(spec: &Value) -> Vec<Change> {
    let to = if spec["run"]["desired"] == "stopped" { "running" } else { "stopped" };
    let pointer = "/spec/run/desired".to_owned();
    vec![Change { document: 0, pointer, value: Some(json!(to)), touched: Touched::Run }]
}
