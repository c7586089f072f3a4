//! CloudWatch, as far as DMS writes to it: how far tasks and serverless replications are behind.
//!
//! GetMetricData of single metrics, without expressions. The limits are those of the API reference; where AWS's words are not
//! public, the messages are the emulator's.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::api::{AwsError, Context, Records};
use crate::dms::{self, check_output, validate, without_nulls};
use crate::query::CLOUDWATCH;

/// The most queries of a call.
const MAX_QUERIES: usize = 500;
/// DMS writes one value a minute.
const MINUTE: u64 = 60;
const STATISTICS: [&str; 5] = ["Average", "Maximum", "Minimum", "SampleCount", "Sum"];

/// Answers one operation of CloudWatch.
pub(crate) fn handle(
    operation: &str,
    input: &Map<String, Value>,
    cx: &mut Context<'_>,
    iam: &dyn Records,
) -> Result<Value, AwsError> {
    let input = &without_nulls(input);
    validate(&CLOUDWATCH, operation, input)?;
    let output = get_metric_data(input, cx, iam)?;
    check_output(&CLOUDWATCH, operation, &output);
    Ok(output)
}

fn get_metric_data(
    input: &Map<String, Value>,
    cx: &mut Context<'_>,
    iam: &dyn Records,
) -> Result<Value, AwsError> {
    for member in ["NextToken", "MaxDatapoints", "LabelOptions"] {
        if input.contains_key(member) {
            return Err(refused(format!("The emulator has no {member}")));
        }
    }
    let seconds = |member: &str| input.get(member).and_then(Value::as_f64).unwrap_or_default().max(0.0);
    let (start, end) = (seconds("StartTime"), seconds("EndTime"));
    if start >= end {
        return Err(refused("The parameter StartTime must be less than the parameter EndTime."));
    }
    let span = (Duration::from_secs_f64(start).as_secs(), Duration::from_secs_f64(end).as_secs());
    let queries = input.get("MetricDataQueries").and_then(Value::as_array);
    let queries: Vec<&Value> = queries.into_iter().flatten().collect();
    if queries.is_empty() || queries.len() > MAX_QUERIES {
        return Err(refused(format!("MetricDataQueries must have 1 to {MAX_QUERIES} members")));
    }
    let mut ids = BTreeSet::new();
    let mut results = Vec::new();
    for query in queries {
        let id = query["Id"].as_str().unwrap_or_default();
        if !is_id(id) {
            return Err(refused(format!(
                "The Id {id} must begin with a small letter, and have letters, digits and _"
            )));
        }
        if !ids.insert(id) {
            return Err(refused(format!("The Id {id} is not unique")));
        }
        let asked = Query::read(query)?;
        if query["ReturnData"] == json!(false) {
            continue;
        }
        let mut points = asked.points(span, cx, iam);
        if input.get("ScanBy") != Some(&json!("TimestampAscending")) {
            points.reverse();
        }
        let (times, values): (Vec<u64>, Vec<f64>) = points.into_iter().unzip();
        results.push(json!({
            "Id": id,
            "Label": query["Label"].as_str().unwrap_or(asked.name),
            "Timestamps": times,
            "Values": values,
            "StatusCode": "Complete",
        }));
    }
    Ok(json!({"MetricDataResults": results, "Messages": []}))
}

fn is_id(id: &str) -> bool {
    id.starts_with(|first: char| first.is_ascii_lowercase())
        && id.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// One metric, as it is asked for.
struct Query<'a> {
    namespace: &'a str,
    name: &'a str,
    dimensions: BTreeMap<&'a str, &'a str>,
    period: u64,
    statistic: &'a str,
}

impl<'a> Query<'a> {
    fn read(query: &'a Value) -> Result<Self, AwsError> {
        for member in ["Expression", "AccountId", "Period"] {
            if !query[member].is_null() {
                return Err(refused(format!("The emulator has no {member} of a query")));
            }
        }
        let Some(asked) = query["MetricStat"].as_object() else {
            return Err(refused("A query has either MetricStat or Expression"));
        };
        let period = asked["Period"].as_u64().unwrap_or_default();
        if period == 0 || !period.is_multiple_of(MINUTE) {
            return Err(refused(format!("The Period {period} is no multiple of 60")));
        }
        let statistic = asked["Stat"].as_str().unwrap_or_default();
        if !STATISTICS.contains(&statistic) {
            return Err(refused(format!("The emulator has no Stat {statistic}")));
        }
        let metric = &asked["Metric"];
        let dimensions = metric["Dimensions"].as_array().into_iter().flatten();
        Ok(Query {
            namespace: metric["Namespace"].as_str().unwrap_or_default(),
            name: metric["MetricName"].as_str().unwrap_or_default(),
            dimensions: dimensions
                .filter_map(|one| Some((one["Name"].as_str()?, one["Value"].as_str()?)))
                .collect(),
            period,
            statistic,
        })
    }

    /// The values of every period that begins in `span`, in the order of time. A minute has its value once it is over. What
    /// nobody writes has no values, which is no fault.
    fn points(&self, (start, end): (u64, u64), cx: &mut Context<'_>, iam: &dyn Records) -> Vec<(u64, f64)> {
        let Some(metric) = dms::metric((self.namespace, self.name), &self.dimensions, cx, iam) else {
            return Vec::new();
        };
        let periods =
            (start.div_ceil(self.period)..end.div_ceil(self.period)).map(|index| index * self.period);
        periods
            .filter_map(|period| {
                let minutes = (period..period + self.period).step_by(60);
                let over = minutes.filter(|minute| Duration::from_secs(minute + MINUTE) <= cx.now);
                let values: Vec<f64> =
                    over.filter_map(|minute| metric.at(Duration::from_secs(minute + MINUTE - 1))).collect();
                self.statistic_of(&values).map(|value| (period, value))
            })
            .collect()
    }

    fn statistic_of(&self, values: &[f64]) -> Option<f64> {
        if values.is_empty() {
            return None;
        }
        let count = f64::from(u32::try_from(values.len()).unwrap_or(u32::MAX));
        let sum: f64 = values.iter().sum();
        Some(match self.statistic {
            "Average" => sum / count,
            "Maximum" => values.iter().copied().fold(f64::MIN, f64::max),
            "Minimum" => values.iter().copied().fold(f64::MAX, f64::min),
            "SampleCount" => count,
            _ => sum,
        })
    }
}

fn refused(message: impl Into<String>) -> AwsError {
    AwsError::new(400, "ValidationError", message)
}
