//! DMS: a resource a file.
//!
//! Objects are stored as AWS describes them, with the changes that lie ahead ([`record::Transition`]); what is true at
//! an instant is computed from that when it is read. So a status needs no timer, and survives the process.

mod assessments;
mod catalog;
mod certificates;
mod connections;
mod disturb;
mod endpoint_defaults;
mod endpoints;
mod errors;
mod event_subscriptions;
mod events;
mod instances;
mod listing;
mod maintenance;
mod metrics;
mod migrations;
mod model;
mod names;
mod progress;
#[cfg(test)]
mod properties;
mod record;
mod replication_configs;
mod replications;
mod roles;
mod settings;
mod ssl;
mod subnet_groups;
mod tables;
mod tags;
mod task_settings;
mod tasks;

use std::time::Duration;

use serde_json::{Map, Value};

pub(crate) use metrics::metric;
pub(crate) use migrations::migrations;
pub use migrations::{Migration, Migrations};
pub(crate) use model::{check_output, parse, validate, without_nulls};

use crate::Config;
use crate::api::{AwsError, Context, Records};
use crate::query::DMS;
use crate::script::Disturbance;

/// One request to DMS in one account and region.
struct Dms<'a> {
    account: &'a str,
    region: &'a str,
    partition: &'a str,
    now: Duration,
    config: &'a Config,
    records: &'a mut dyn Records,
    /// The account's IAM objects.
    iam: &'a dyn Records,
}

type Input = Map<String, Value>;
type Output = Result<Value, AwsError>;

/// Answers one DMS operation.
pub(crate) fn handle(operation: &str, input: &Input, cx: &mut Context<'_>, iam: &dyn Records) -> Output {
    let input = &without_nulls(input);
    validate(&DMS, operation, input)?;
    let output = route(operation, input, &mut Dms::new(cx, iam))?;
    check_output(&DMS, operation, &output);
    Ok(output)
}

/// Makes something happen to a resource.
pub(crate) fn disturb(
    disturbance: &Disturbance,
    cx: &mut Context<'_>,
    iam: &dyn Records,
) -> Result<(), String> {
    disturb::disturb(disturbance, &mut Dms::new(cx, iam))
}

/// Name and status of a stored object at `now`, for people.
pub(crate) fn summary(kind: &str, value: &Value, now: Duration) -> Option<(String, String)> {
    let names = [
        "ReplicationTaskIdentifier",
        "ReplicationConfigIdentifier",
        "EndpointIdentifier",
        "ReplicationInstanceIdentifier",
        "ReplicationSubnetGroupIdentifier",
        "CertificateIdentifier",
        "CustSubscriptionId",
        "AssessmentRunName",
    ];
    if kind == record::EVENT {
        return None;
    }
    let object: record::Object = serde_json::from_value(value.clone()).ok()?;
    let object = object.at(now)?;
    let mut name = names.iter().map(|name| object.text(name)).find(|name| !name.is_empty())?.to_owned();
    if kind == record::CONNECTION {
        name = format!("{} \u{2192} {name}", object.text("ReplicationInstanceIdentifier"));
    }
    let status = ["Status", "ReplicationInstanceStatus", "SubnetGroupStatus"]
        .iter()
        .map(|member| object.text(member))
        .find(|status| !status.is_empty());
    Some((name, status.unwrap_or_default().to_owned()))
}

/// The tags of a stored resource.
pub(crate) fn tags_of(records: &dyn Records, kind: &str, arn: &str) -> Vec<(String, String)> {
    let object =
        records.get(kind, arn).and_then(|stored| serde_json::from_value::<record::Object>(stored).ok());
    object.map_or_else(Vec::new, |object| object.tags.into_iter().collect())
}

impl<'a> Dms<'a> {
    fn new(cx: &'a mut Context<'_>, iam: &'a dyn Records) -> Self {
        Dms {
            account: cx.account,
            region: cx.region,
            partition: cx.partition,
            now: cx.now,
            config: cx.config,
            records: &mut *cx.records,
            iam,
        }
    }
}

fn route(operation: &str, input: &Input, dms: &mut Dms<'_>) -> Output {
    match operation {
        "CreateReplicationSubnetGroup" => subnet_groups::create(input, dms),
        "DescribeReplicationSubnetGroups" => subnet_groups::describe(input, dms),
        "ModifyReplicationSubnetGroup" => subnet_groups::modify(input, dms),
        "DeleteReplicationSubnetGroup" => subnet_groups::delete(input, dms),
        "CreateReplicationInstance" => instances::create(input, dms),
        "DescribeReplicationInstances" => instances::describe(input, dms),
        "ModifyReplicationInstance" => instances::modify(input, dms),
        "DeleteReplicationInstance" => instances::delete(input, dms),
        "CreateEndpoint" => endpoints::create(input, dms),
        "DescribeEndpoints" => endpoints::describe(input, dms),
        "ModifyEndpoint" => endpoints::modify(input, dms),
        "DeleteEndpoint" => endpoints::delete(input, dms),
        "TestConnection" => connections::test(input, dms),
        "DescribeConnections" => connections::describe(input, dms),
        "DeleteConnection" => connections::delete(input, dms),
        "CreateReplicationTask" => tasks::create(input, dms),
        "DescribeReplicationTasks" => tasks::describe(input, dms),
        "ModifyReplicationTask" => tasks::modify(input, dms),
        "MoveReplicationTask" => tasks::relocate(input, dms),
        "StartReplicationTask" => tasks::start(input, dms),
        "StopReplicationTask" => tasks::stop(input, dms),
        "DeleteReplicationTask" => tasks::delete(input, dms),
        "DescribeTableStatistics" => tasks::table_statistics(input, dms),
        "ReloadTables" => tasks::reload_tables(input, dms),
        "CreateReplicationConfig" => replication_configs::create(input, dms),
        "DescribeReplicationConfigs" => replication_configs::describe(input, dms),
        "ModifyReplicationConfig" => replication_configs::modify(input, dms),
        "DeleteReplicationConfig" => replication_configs::delete(input, dms),
        "StartReplication" => replications::start(input, dms),
        "StopReplication" => replications::stop(input, dms),
        "DescribeReplications" => replications::describe(input, dms),
        "DescribeReplicationTableStatistics" => replications::table_statistics(input, dms),
        "ReloadReplicationTables" => replications::reload_tables(input, dms),
        "ImportCertificate" => certificates::import(input, dms),
        "DescribeCertificates" => certificates::describe(input, dms),
        "DeleteCertificate" => certificates::delete(input, dms),
        "CreateEventSubscription" => event_subscriptions::create(input, dms),
        "DescribeEventSubscriptions" => event_subscriptions::describe(input, dms),
        "ModifyEventSubscription" => event_subscriptions::modify(input, dms),
        "DeleteEventSubscription" => event_subscriptions::delete(input, dms),
        "DescribeEvents" => events::describe(input, dms),
        "DescribeEventCategories" => Ok(events::describe_categories(input)),
        "RebootReplicationInstance" => maintenance::reboot(input, dms),
        "DescribeEngineVersions" => maintenance::engine_versions(input),
        "DescribePendingMaintenanceActions" => maintenance::pending(input, dms),
        "ApplyPendingMaintenanceAction" => maintenance::apply(input, dms),
        "StartReplicationTaskAssessmentRun" => assessments::start(input, dms),
        "DescribeReplicationTaskAssessmentRuns" => assessments::describe(input, dms),
        "CancelReplicationTaskAssessmentRun" => assessments::cancel(input, dms),
        "DeleteReplicationTaskAssessmentRun" => assessments::delete(input, dms),
        "DescribeReplicationTaskIndividualAssessments" => assessments::individual(input, dms),
        "DescribeApplicableIndividualAssessments" => assessments::describe_applicable(input, dms),
        "AddTagsToResource" => tags::add(input, dms),
        "RemoveTagsFromResource" => tags::remove(input, dms),
        "ListTagsForResource" => tags::list(input, dms),
        "DescribeAccountAttributes" => Ok(catalog::account_attributes(dms)),
        "DescribeOrderableReplicationInstances" => catalog::orderable_instances(input, dms),
        "DescribeEndpointTypes" => catalog::endpoint_types(input),
        _ => Err(errors::unknown_operation(operation)),
    }
}

/// Whether an operation changes state.
pub(crate) fn is_mutating(operation: &str) -> bool {
    !(operation.starts_with("Describe") || operation.starts_with("List"))
}

/// A member that is a string; empty where it is absent.
fn text<'a>(input: &'a Input, name: &str) -> &'a str {
    input.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn optional_text<'a>(input: &'a Input, name: &str) -> Option<&'a str> {
    input.get(name).and_then(Value::as_str)
}

fn boolean(input: &Input, name: &str) -> Option<bool> {
    input.get(name).and_then(Value::as_bool)
}

fn integer(input: &Input, name: &str) -> Option<i64> {
    input.get(name).and_then(Value::as_i64)
}

/// A member that is a list of strings.
fn texts(input: &Input, name: &str) -> Vec<String> {
    let items = input.get(name).and_then(Value::as_array);
    items.into_iter().flatten().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

/// Seconds since the epoch, to the millisecond, as awsJson writes a timestamp.
fn timestamp(time: Duration) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit 53 bits for long")]
    let seconds = time.as_millis() as f64 / 1000.0;
    Value::from(seconds)
}
