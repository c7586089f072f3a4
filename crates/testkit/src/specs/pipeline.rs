//! Random pipelines around an endpoint of one engine.

use std::fmt;

use pipewright_model::kinds::EndpointType;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value, json};

use super::change::{Change, changes};
use super::endpoint::{Endpoint, endpoint, optional};
use super::{values, yaml};

/// A valid pipeline and one change to it.
#[derive(Clone)]
pub struct Sample {
    /// The document.
    pub document: Value,
    /// The change.
    pub change: Change,
}

impl Sample {
    /// The pipeline's name.
    pub fn name(&self) -> &str {
        self.document["metadata"]["name"].as_str().unwrap_or_default()
    }

    /// The same under another name.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.document["metadata"]["name"] = json!(name);
        self
    }
}

impl fmt::Debug for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n# the change: {:?}", yaml::text(&self.document), self.change)
    }
}

/// A pipeline that reads from or writes to an endpoint of this engine.
pub fn sample(engine: &'static str, direction: EndpointType) -> BoxedStrategy<Sample> {
    // The other side is plain, so that what fails is about this engine.
    let other = match direction {
        EndpointType::Source => ("target", "aurora-postgresql"),
        EndpointType::Target => ("source", "mysql"),
    };
    (endpoint(engine, direction), instance(), migration(), around(), any::<(Index, Index)>())
        .prop_map(move |(endpoint, instance, migration, around, (group, which))| {
            let Endpoint { document, others } = endpoint;
            let mut spec = around;
            spec.insert("compute".to_owned(), json!({"instance": instance}));
            spec.insert(direction.to_string(), Value::Object(document));
            spec.insert(other.0.to_owned(), plain(other.1));
            spec.insert("migration".to_owned(), Value::Object(migration));
            let labels = spec.remove("labels").unwrap_or_else(|| json!({}));
            let document = json!({
                "apiVersion": "pipewright.dev/v1",
                "kind": "Pipeline",
                "metadata": {"name": "pipeline", "labels": labels},
                "spec": spec,
            });
            let groups = changes(&document, engine, direction, &others);
            let group = group.get(&groups);
            let change = which.get(group).clone();
            Sample { document, change }
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

fn instance() -> BoxedStrategy<Map<String, Value>> {
    let subnets = prop::collection::btree_set("subnet-[0-9a-f]{8}", 2..4);
    let group =
        (subnets, optional(vec![("description", 0.4, values::text()), ("tags", 0.2, values::tags())]))
            .prop_map(|(subnets, mut group)| {
                group.insert("subnetIds".to_owned(), json!(subnets));
                Value::Object(group)
            });
    let class = select(&["dms.t3.medium", "dms.c5.large", "dms.r6i.xlarge"][..]);
    let groups = prop::collection::btree_set("sg-[0-9a-f]{8}", 1..3).prop_map(|groups| json!(groups));
    let zone = select(&["us-east-1a", "us-east-1b"][..]).prop_map(|zone| json!(zone));
    let window = select(&["sun:04:00-sun:04:30", "Wed:23:45-thu:00:30"][..]).prop_map(|window| json!(window));
    let servers = prop::collection::vec("10\\.0\\.0\\.[1-9]", 1..5).prop_map(|servers| json!(servers));
    let flag = || any::<bool>().prop_map(|flag| json!(flag)).boxed();
    let more = optional(vec![
        ("allocatedStorage", 0.5, (5..400).prop_map(|size| json!(size)).boxed()),
        ("multiAz", 0.3, flag()),
        ("engineVersion", 0.3, select(&["3.5.1", "3.5.2"][..]).prop_map(|version| json!(version)).boxed()),
        ("autoMinorVersionUpgrade", 0.3, flag()),
        ("publiclyAccessible", 0.3, flag()),
        ("preferredMaintenanceWindow", 0.3, window.boxed()),
        ("availabilityZone", 0.2, zone.boxed()),
        ("kmsKeyId", 0.2, values::key()),
        ("networkType", 0.2, select(&["IPV4", "DUAL"][..]).prop_map(|kind| json!(kind)).boxed()),
        ("dnsNameServers", 0.2, servers.boxed()),
        ("vpcSecurityGroupIds", 0.3, groups.boxed()),
        ("tags", 0.2, values::tags()),
        ("subnetGroup", 0.8, group.boxed()),
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

/// Members of the task settings document with values that DMS takes (DMS User Guide, "Specifying task
/// settings").
pub(super) fn task_settings() -> Vec<(&'static str, &'static str, Vec<Value>)> {
    let flags = || vec![json!(true), json!(false)];
    let severity = |severity| json!([{"Id": "SORTER", "Severity": severity}]);
    vec![
        ("TargetMetadata", "BatchApplyEnabled", flags()),
        ("TargetMetadata", "LobMaxSize", vec![json!(16), json!(32), json!(64)]),
        ("TargetMetadata", "TargetSchema", vec![json!("public"), json!("Public")]),
        ("FullLoadSettings", "TargetTablePrepMode", vec![json!("DO_NOTHING"), json!("DROP_AND_CREATE")]),
        ("FullLoadSettings", "MaxFullLoadSubTasks", vec![json!(4), json!(8), json!(49)]),
        ("FullLoadSettings", "CommitRate", vec![json!(10_000), json!(50_000)]),
        ("Logging", "EnableLogContext", flags()),
        (
            "Logging",
            "LogComponents",
            vec![severity("LOGGER_SEVERITY_DEBUG"), severity("LOGGER_SEVERITY_INFO")],
        ),
        ("ControlTablesSettings", "ControlSchema", vec![json!("dms"), json!("DMS")]),
        ("ControlTablesSettings", "HistoryTimeslotInMinutes", vec![json!(5), json!(10)]),
        ("StreamBufferSettings", "StreamBufferCount", vec![json!(3), json!(6)]),
        ("ChangeProcessingTuning", "MemoryLimitTotal", vec![json!(1024), json!(2048)]),
        ("ChangeProcessingTuning", "BatchApplyPreserveTransaction", flags()),
        ("ChangeProcessingDdlHandlingPolicy", "HandleSourceTableDropped", flags()),
        ("ErrorBehavior", "DataErrorPolicy", vec![json!("LOG_ERROR"), json!("STOP_TASK")]),
        ("ErrorBehavior", "RecoverableErrorCount", vec![json!(-1), json!(0), json!(3)]),
        ("ValidationSettings", "EnableValidation", flags()),
    ]
}

fn migration() -> BoxedStrategy<Map<String, Value>> {
    let table = || ("[a-z]{2,5}", "[a-z_]{2,6}|\\*|[a-z]{2,4}%");
    let tables = (
        prop::collection::btree_set(table(), 1..4),
        prop::collection::btree_set("[a-z]{2,5}", 0..2),
        prop::collection::btree_map("[a-z]{2,5}", "[a-z]{2,5}", 0..2),
    )
        .prop_map(|(include, exclude, rename)| {
            let include: Vec<String> =
                include.iter().map(|(schema, table)| format!("{schema}.{table}")).collect();
            let mut tables = json!({"include": include});
            if !exclude.is_empty() {
                // Not among those that are included: no table is named twice.
                let exclude = exclude.iter().map(|table| format!("{table}.x_{table}"));
                tables["exclude"] = exclude.collect();
            }
            if !rename.is_empty() {
                tables["rename"] =
                    rename.iter().map(|(schema, to)| json!({"schema": schema, "to": to})).collect();
            }
            ("tables", tables)
        });
    let rules = prop::collection::btree_map(1..1000_u32, table(), 1..4).prop_map(|rules| {
        let rule = |(id, (schema, table)): (&u32, &(String, String))| {
            json!({
                "rule-type": "selection",
                "rule-id": id.to_string(),
                "rule-name": format!("rule-{id}"),
                "object-locator": {"schema-name": schema, "table-name": table},
                "rule-action": "include",
            })
        };
        ("mappings", json!({"rules": rules.iter().map(rule).collect::<Vec<_>>()}))
    });
    let settings: Vec<_> = task_settings()
        .into_iter()
        .map(|(section, member, values)| {
            prop::option::weighted(0.2, select(values).prop_map(move |value| (section, member, value)))
        })
        .collect();
    let kind = select(&["full-load", "cdc", "full-load-and-cdc"][..]);
    (kind, prop_oneof![2 => tables.boxed(), 1 => rules.boxed()], settings, any::<bool>())
        .prop_map(|(kind, (how, which), settings, stops)| {
            let mut migration = Map::new();
            migration.insert("type".to_owned(), json!(kind));
            migration.insert(how.to_owned(), which);
            if stops && kind != "full-load" {
                let cdc = json!({"stopPosition": "server_time:2040-01-31T12:00:00"});
                migration.insert("cdc".to_owned(), cdc);
            }
            let mut sections = Map::new();
            for (section, member, value) in settings.into_iter().flatten() {
                let members = sections.entry(section).or_insert_with(|| json!({}));
                members[member] = value;
            }
            if !sections.is_empty() {
                migration.insert("settings".to_owned(), Value::Object(sections));
            }
            migration
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
