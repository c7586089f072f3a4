//! What DMS offers: instance classes, engine versions, engines, and the account's quotas.

use serde_json::{Map, Value, json};

use super::listing::Listing;
use super::record::{ENDPOINT, INSTANCE, SUBNET_GROUP, TASK};
use super::{Dms, Input, Output, errors, integer};
use crate::api::AwsError;

/// The engine version of an instance that names none.
pub(super) const DEFAULT_ENGINE_VERSION: &str = "3.5.4";

/// Engine versions on offer, oldest first
/// (<https://docs.aws.amazon.com/dms/latest/userguide/CHAP_ReleaseNotes.html>).
pub(super) const ENGINE_VERSIONS: [&str; 5] = ["3.5.1", "3.5.2", "3.5.3", "3.5.4", "3.6.1"];

/// An instance class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Class {
    pub name: String,
    /// Gigabytes of an instance that names none: 50 for burstable classes, else 100
    /// (<https://docs.aws.amazon.com/dms/latest/userguide/CHAP_ReplicationInstance.Types.html>).
    pub default_storage: i64,
}

/// Families and their sizes, of the same page.
const FAMILIES: [(&str, &[&str]); 9] = [
    ("t2", &["micro", "small", "medium", "large"]),
    ("t3", &["micro", "small", "medium", "large"]),
    ("c4", &["large", "xlarge", "2xlarge", "4xlarge"]),
    ("c5", &["large", "xlarge", "2xlarge", "4xlarge", "9xlarge", "12xlarge", "18xlarge", "24xlarge"]),
    (
        "c6i",
        &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "32xlarge"],
    ),
    (
        "c7i",
        &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "48xlarge"],
    ),
    ("r4", &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge"]),
    ("r5", &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge"]),
    (
        "r6i",
        &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "32xlarge"],
    ),
];

fn classes() -> impl Iterator<Item = Class> {
    FAMILIES.into_iter().flat_map(|(family, sizes)| {
        sizes.iter().map(move |size| Class {
            name: format!("dms.{family}.{size}"),
            default_storage: if family.starts_with('t') { 50 } else { 100 },
        })
    })
}

/// The class of this name.
pub(super) fn class(name: &str) -> Result<Class, AwsError> {
    classes()
        .find(|class| class.name == name)
        .ok_or_else(|| errors::invalid_value(format!("Replication Instance Class not found: {name}")))
}

/// The version of this name; `3.5` stands for the newest of its line.
pub(super) fn engine_version(name: &str) -> Result<&'static str, AwsError> {
    let line = format!("{name}.");
    ENGINE_VERSIONS
        .into_iter()
        .rev()
        .find(|version| *version == name || version.starts_with(&line))
        .ok_or_else(|| errors::invalid_value(format!("No replication engine found with version: {name}")))
}

/// A version in a form that compares.
pub(super) fn release(version: &str) -> Vec<u32> {
    version.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

pub(super) fn orderable_instances(input: &Input, dms: &mut Dms<'_>) -> Output {
    let zones = dms.zones();
    let offers = ENGINE_VERSIONS.into_iter().flat_map(|version| {
        let zones = &zones;
        classes().filter_map(move |class| {
            let offer = json!({
                "EngineVersion": version,
                "ReplicationInstanceClass": class.name,
                "StorageType": "gp2",
                "MinAllocatedStorage": 5,
                "MaxAllocatedStorage": 6144,
                "DefaultAllocatedStorage": class.default_storage,
                "IncludedAllocatedStorage": class.default_storage,
                "AvailabilityZones": zones,
                "ReleaseStatus": "prod",
            });
            offer.as_object().cloned()
        })
    });
    let offers = offers.collect();
    Listing::new("OrderableReplicationInstances", "Orderable Replication Instances", &[]).cut(input, offers)
}

/// An engine: its name, the name for people, and whether it can be a source and a target.
pub(super) struct Engine {
    pub name: &'static str,
    pub display: &'static str,
    pub source: bool,
    pub target: bool,
}

const fn engine(name: &'static str, display: &'static str, source: bool, target: bool) -> Engine {
    Engine { name, display, source, target }
}

/// The engines that DescribeEndpointTypes lists.
pub(super) const ENGINES: [Engine; 29] = [
    engine("mysql", "MySQL", true, true),
    engine("mariadb", "MariaDB", true, true),
    engine("aurora", "Amazon Aurora MySQL", true, true),
    engine("oracle", "Oracle", true, true),
    engine("postgres", "PostgreSQL", true, true),
    engine("aurora-postgresql", "Amazon Aurora PostgreSQL", true, true),
    engine("aurora-serverless", "Amazon Aurora Serverless MySQL", false, true),
    engine("aurora-postgresql-serverless", "Amazon Aurora Serverless PostgreSQL", false, true),
    engine("sqlserver", "Microsoft SQL Server", true, true),
    engine("babelfish", "Babelfish for Aurora PostgreSQL", false, true),
    engine("azuredb", "Azure SQL Database", true, false),
    engine("azure-sql-managed-instance", "Azure SQL Managed Instance", true, false),
    engine("sybase", "SAP Sybase ASE", true, true),
    engine("db2", "IBM Db2 LUW", true, true),
    engine("db2-zos", "IBM Db2 z/OS", true, false),
    engine("mongodb", "MongoDB", true, false),
    engine("docdb", "Amazon DocumentDB", true, true),
    engine("gcp-mysql", "Google Cloud for MySQL", true, false),
    engine("s3", "Amazon S3", true, true),
    engine("dms-transfer", "DMS Transfer", true, true),
    engine("redshift", "Amazon Redshift", false, true),
    engine("redshift-serverless", "Amazon Redshift Serverless", false, true),
    engine("dynamodb", "Amazon DynamoDB", false, true),
    engine("kinesis", "Amazon Kinesis", false, true),
    engine("kafka", "Kafka", false, true),
    engine("opensearch", "Amazon OpenSearch Service", false, true),
    engine("elasticsearch", "Amazon Elasticsearch Service", false, true),
    engine("redis", "Redis", false, true),
    engine("timestream", "Amazon Timestream", false, true),
];

/// Neptune is an engine that no list of sources or targets shows but CreateEndpoint takes.
const NEPTUNE: Engine = engine("neptune", "Amazon Neptune", false, true);

/// The engine of this name.
pub(super) fn engine_named(name: &str) -> Option<&'static Engine> {
    ENGINES.iter().chain(std::iter::once(&NEPTUNE)).find(|engine| engine.name == name)
}

pub(super) fn endpoint_types(input: &Input) -> Output {
    let mut types: Vec<Map<String, Value>> = Vec::new();
    for engine in ENGINES.iter().chain(std::iter::once(&NEPTUNE)) {
        for (kind, offered) in [("source", engine.source), ("target", engine.target)] {
            let offer = json!({
                "EngineName": engine.name,
                "SupportsCDC": true,
                "EndpointType": kind,
                "EngineDisplayName": engine.display,
                "ReplicationInstanceEngineMinimumVersion": "1.0.0",
            });
            types.extend(offer.as_object().filter(|_| offered).cloned());
        }
    }
    let filters: &[(&str, &[&str])] =
        &[("engine-name", &["EngineName"]), ("endpoint-type", &["EndpointType"])];
    Listing::new("SupportedEndpointTypes", "Endpoint Types", filters).page(input, types)
}

pub(super) fn account_attributes(dms: &mut Dms<'_>) -> Value {
    let quotas = dms.config.quotas.clone();
    let instances = dms.all(INSTANCE);
    let storage: i64 =
        instances.iter().filter_map(|instance| integer(&instance.shown, "AllocatedStorage")).sum();
    let list = [
        ("ReplicationInstances", json!(instances.len()), json!(quotas.instances)),
        ("AllocatedStorage", json!(storage), json!(quotas.storage)),
        ("ReplicationSubnetGroups", json!(dms.all(SUBNET_GROUP).len()), json!(quotas.subnet_groups)),
        ("Endpoints", json!(dms.all(ENDPOINT).len()), json!(quotas.endpoints)),
        ("ReplicationTasks", json!(dms.all(TASK).len()), json!(quotas.tasks)),
    ];
    let list: Vec<Value> = list
        .into_iter()
        .map(|(name, used, max)| json!({"AccountQuotaName": name, "Used": used, "Max": max}))
        .collect();
    // The real identifier is derived from the account and region in a way of AWS's own.
    let unique = format!("dms-{}-{}", dms.region, dms.fixed_random("account", 12).to_lowercase());
    json!({"AccountQuotas": list, "UniqueAccountIdentifier": unique})
}
