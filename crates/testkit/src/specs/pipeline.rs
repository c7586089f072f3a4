//! Random pipelines around an endpoint of one engine.

use std::fmt;

use pipewright_model::kinds::EndpointType;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value, json};

use super::change::{Change, changes};
use super::endpoint::{Endpoint, endpoint, optional};
use super::migration::migration;
use super::places::{Documents, places};
use super::{beside, values, yaml};

/// What every pipeline is called until it gets a name; its other documents' names begin with it.
pub(super) const NAME: &str = "pipeline";

/// What a pipeline runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compute {
    /// A replication instance.
    Instance,
    /// DMS Serverless.
    Serverless,
}

/// A valid pipeline and one change to it.
#[derive(Clone)]
pub struct Sample {
    /// Its documents; the pipeline is the first.
    pub documents: Vec<Value>,
    /// Documents of somebody else, whose resources it refers to. Where it does so by ARN, it has the
    /// `kind/identifier` for now: see [`Sample::resolved`].
    pub theirs: Vec<Value>,
    /// The change.
    pub change: Change,
}

impl Sample {
    /// The pipeline's name.
    pub fn name(&self) -> &str {
        self.documents[0]["metadata"]["name"].as_str().unwrap_or_default()
    }

    /// The same under another name.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        self.with_texts(&|text| text.replace(NAME, name))
    }

    /// The same with ARNs in place of `kind/identifier` of what somebody else made.
    #[must_use]
    pub fn resolved(mut self, arn: &dyn Fn(&str) -> String) -> Self {
        for document in &mut self.documents {
            resolve(document, arn);
        }
        self
    }

    fn with_texts(mut self, edit: &dyn Fn(&str) -> String) -> Self {
        let documents = self.documents.iter_mut().chain(&mut self.theirs);
        documents.chain(&mut self.change.value).for_each(|value| edit_texts(value, edit));
        self
    }
}

fn edit_texts(value: &mut Value, edit: &dyn Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = edit(text),
        Value::Array(items) => items.iter_mut().for_each(|item| edit_texts(item, edit)),
        Value::Object(members) => members.values_mut().for_each(|member| edit_texts(member, edit)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn resolve(value: &mut Value, arn: &dyn Fn(&str) -> String) {
    let Value::Object(members) = value else { return };
    for (key, member) in members {
        match member.get_mut("arn") {
            Some(identifier) if key.ends_with("Ref") => {
                *identifier = json!(arn(identifier.as_str().unwrap_or_default()));
            }
            _ => resolve(member, arn),
        }
    }
}

impl fmt::Debug for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for document in &self.documents {
            writeln!(f, "{}\n---", yaml::text(document))?;
        }
        for document in &self.theirs {
            writeln!(f, "# somebody else's{}\n---", yaml::text(document))?;
        }
        write!(f, "# the change: {:?}", self.change)
    }
}

/// A pipeline that reads from or writes to an endpoint of this engine.
pub fn sample(engine: &'static str, direction: EndpointType, compute: Compute) -> BoxedStrategy<Sample> {
    // The other side is plain, so that what fails is about this engine.
    let other = match direction {
        EndpointType::Source => ("target", "aurora-postgresql"),
        EndpointType::Target => ("source", "mysql"),
    };
    let (word, computed) = match compute {
        Compute::Instance => ("instance", instance()),
        Compute::Serverless => ("serverless", serverless()),
    };
    let beside = (places(), beside::certificate(), prop::option::weighted(0.2, beside::events()));
    let chosen = any::<(Index, Index)>();
    (endpoint(engine, direction), computed, migration(), around(), beside, chosen)
        .prop_map(move |(endpoint, computed, migration, around, beside, (group, which))| {
            let Endpoint { document, others } = endpoint;
            let checks = document.contains_key("certificateRef");
            let mut spec = around;
            spec.insert("compute".to_owned(), json!({word: computed}));
            spec.insert(direction.to_string(), Value::Object(document));
            spec.insert(other.0.to_owned(), plain(other.1));
            spec.insert("migration".to_owned(), Value::Object(migration));
            if compute == Compute::Serverless
                && let Some(identifier) = spec.remove("identifier")
            {
                spec["compute"][word]["identifier"] = identifier;
            }
            let labels = spec.remove("labels").unwrap_or_else(|| json!({}));
            let mut pipeline = super::document("Pipeline", NAME, &Value::Object(spec));
            pipeline["metadata"]["labels"] = labels;

            let mut groups = changes(&pipeline, engine, direction, &others);
            let (places, (certificate, renewal), events) = beside;
            let mut documents = Documents::new(pipeline, &places);
            if checks && documents.is_theirs(&format!("/spec/{direction}")) {
                let spec = Value::Object(certificate);
                documents.theirs.push(super::document("Certificate", &beside::certificate_name(), &spec));
            } else if checks {
                let document = documents.declare("Certificate", &beside::certificate_name(), certificate);
                groups.push(vec![Change { document, ..renewal }]);
            }
            groups.extend(events.map(|events| events.declare(&mut documents)));
            let groups: Vec<Vec<Change>> = groups
                .into_iter()
                .map(|group| group.into_iter().filter_map(|change| documents.relocate(change)).collect())
                .filter(|group: &Vec<Change>| !group.is_empty())
                .collect();
            let change = which.get(group.get(groups.as_slice()).as_slice()).clone();
            Sample { documents: documents.ours, theirs: documents.theirs, change }
        })
        .boxed()
}

fn plain(engine: &str) -> Value {
    json!({
        "engine": engine,
        "serverName": format!("{engine}.internal.example.com"),
        "port": 4000,
        "databaseName": "shop",
        "credentials": {"username": "dms", "passwordFrom": {"env": "PASSWORD"}},
    })
}

fn subnet_group() -> BoxedStrategy<Value> {
    let subnets = prop::collection::btree_set("subnet-[0-9a-f]{8}", 2..4);
    (subnets, optional(vec![("description", 0.4, values::text()), ("tags", 0.2, values::tags())]))
        .prop_map(|(subnets, mut group)| {
            group.insert("subnetIds".to_owned(), json!(subnets));
            Value::Object(group)
        })
        .boxed()
}

fn flag() -> BoxedStrategy<Value> {
    any::<bool>().prop_map(|flag| json!(flag)).boxed()
}

fn zone() -> BoxedStrategy<Value> {
    select(&["us-east-1a", "us-east-1b"][..]).prop_map(|zone| json!(zone)).boxed()
}

fn window() -> BoxedStrategy<Value> {
    select(&["sun:04:00-sun:04:30", "Wed:23:45-thu:00:30"][..]).prop_map(|window| json!(window)).boxed()
}

fn security_groups() -> BoxedStrategy<Value> {
    prop::collection::btree_set("sg-[0-9a-f]{8}", 1..3).prop_map(|groups| json!(groups)).boxed()
}

fn name_servers() -> BoxedStrategy<Value> {
    prop::collection::btree_set(1..255_u8, 1..4)
        .prop_map(|hosts| {
            let servers: Vec<String> = hosts.iter().map(|host| format!("10.0.0.{host}")).collect();
            json!(servers)
        })
        .boxed()
}

fn serverless() -> BoxedStrategy<Map<String, Value>> {
    let more = optional(vec![
        ("minCapacityUnits", 0.5, select(&[1, 2][..]).prop_map(|units| json!(units)).boxed()),
        ("multiAz", 0.3, flag()),
        ("availabilityZone", 0.2, zone()),
        ("dnsNameServers", 0.2, name_servers()),
        ("kmsKeyId", 0.2, values::key()),
        ("preferredMaintenanceWindow", 0.3, window()),
        ("vpcSecurityGroupIds", 0.3, security_groups()),
        ("tags", 0.2, values::tags()),
        ("subnetGroup", 0.8, subnet_group()),
    ]);
    (select(&[4, 8, 16, 64, 384][..]), more)
        .prop_map(|(most, mut serverless)| {
            serverless.insert("maxCapacityUnits".to_owned(), json!(most));
            if serverless.get("multiAz") == Some(&json!(true)) {
                serverless.remove("availabilityZone");
            }
            serverless
        })
        .boxed()
}

fn instance() -> BoxedStrategy<Map<String, Value>> {
    let class = select(&["dms.t3.medium", "dms.c5.large", "dms.r6i.xlarge"][..]);
    let more = optional(vec![
        ("allocatedStorage", 0.5, (5..400).prop_map(|size| json!(size)).boxed()),
        ("multiAz", 0.3, flag()),
        ("engineVersion", 0.3, select(&["3.5.1", "3.5.2"][..]).prop_map(|version| json!(version)).boxed()),
        ("autoMinorVersionUpgrade", 0.3, flag()),
        ("publiclyAccessible", 0.3, flag()),
        ("preferredMaintenanceWindow", 0.3, window()),
        ("availabilityZone", 0.2, zone()),
        ("kmsKeyId", 0.2, values::key()),
        ("networkType", 0.2, select(&["IPV4", "DUAL"][..]).prop_map(|kind| json!(kind)).boxed()),
        ("dnsNameServers", 0.2, name_servers()),
        ("vpcSecurityGroupIds", 0.3, security_groups()),
        ("tags", 0.2, values::tags()),
        ("subnetGroup", 0.8, subnet_group()),
    ]);
    (class, more)
        .prop_map(|(class, mut instance)| {
            instance.insert("class".to_owned(), json!(class));
            if instance.get("multiAz") == Some(&json!(true)) {
                instance.remove("availabilityZone");
            }
            instance
        })
        .boxed()
}

/// What else a pipeline can say; `labels` belong to the document.
fn around() -> BoxedStrategy<Map<String, Value>> {
    let run = optional(vec![
        (
            "desired",
            0.5,
            select(&["running", "stopped", "unmanaged"][..]).prop_map(|word| json!(word)).boxed(),
        ),
        ("onChange", 0.3, select(&["stop-and-resume", "report"][..]).prop_map(|word| json!(word)).boxed()),
    ]);
    optional(vec![
        ("run", 0.5, run.prop_map(Value::Object).boxed()),
        ("labels", 0.3, values::tags()),
        ("deletionPolicy", 0.2, select(&["delete", "retain"][..]).prop_map(|word| json!(word)).boxed()),
        ("identifier", 0.1, values::word().prop_map(|word| json!(format!("Task-{word}"))).boxed()),
    ])
}
