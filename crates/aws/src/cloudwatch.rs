//! CloudWatch: how far tasks and serverless replications are behind.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricDataResult, MetricStat, ScanBy};
use pipewright_engine::CallError;
use pipewright_model::Timestamp;
use pipewright_model::kinds::{Datapoint, Latency, Measured};

use crate::error::Named;

/// How far back a value counts as one of now. DMS writes one a minute, and CloudWatch may have it some minutes later.
const LOOK_BACK: Duration = Duration::from_mins(15);
/// Seconds between two values of DMS (DMS User Guide, "AWS DMS metrics").
const PERIOD: i32 = 60;

/// The CloudWatch client.
#[derive(Debug, Clone)]
pub(crate) struct CloudWatch(Client);

impl CloudWatch {
    pub(crate) fn new(config: &SdkConfig) -> Self {
        Self(Client::new(config))
    }

    /// The newest values of both latencies at `now`.
    pub(crate) async fn latency(&self, of: Measured<'_>, now: Timestamp) -> Result<Latency, CallError> {
        let since = now.as_secs().saturating_sub(LOOK_BACK.as_secs());
        let answer = self
            .0
            .get_metric_data()
            .set_metric_data_queries(Some(queries(of)))
            .start_time(DateTime::from_secs(i64::try_from(since).unwrap_or(i64::MAX)))
            .end_time(DateTime::from_secs(i64::try_from(now.as_secs()).unwrap_or(i64::MAX)))
            .scan_by(ScanBy::TimestampDescending)
            .send()
            .await
            .named("cloudwatch:GetMetricData")?;
        let results = answer.metric_data_results.unwrap_or_default();
        Ok(Latency { source: newest(&results, "source"), target: newest(&results, "target") })
    }
}

/// Both metrics by all the names that they may have.
fn queries(of: Measured<'_>) -> Vec<MetricDataQuery> {
    let mut queries = Vec::new();
    for (id, metric) in [("source", "CDCLatencySource"), ("target", "CDCLatencyTarget")] {
        for (index, dimensions) in names(of).into_iter().enumerate() {
            let metric = Metric::builder()
                .namespace("AWS/DMS")
                .metric_name(metric)
                .set_dimensions(Some(dimensions))
                .build();
            let stat = MetricStat::builder().metric(metric).period(PERIOD).stat("Maximum").build();
            queries.push(MetricDataQuery::builder().id(format!("{id}{index}")).metric_stat(stat).build());
        }
    }
    queries
}

/// The dimensions that name the metrics of something.
///
/// A task goes by the last part of its ARN, and its instance by its identifier (the pattern of AWS/DMS in
/// <https://github.com/prometheus-community/yet-another-cloudwatch-exporter>). For serverless replications AWS documents no
/// dimension; dashboards have one of the config, by its identifier or by the last part of its ARN.
fn names(of: Measured<'_>) -> Vec<Vec<Dimension>> {
    let last = |arn: &str| arn.rsplit(':').next().unwrap_or_default().to_owned();
    let dimension = |name: &str, value: &str| Dimension::builder().name(name).value(value).build();
    match of {
        Measured::Task { arn, instance } => vec![vec![
            dimension("ReplicationInstanceIdentifier", instance),
            dimension("ReplicationTaskIdentifier", &last(arn)),
        ]],
        Measured::Replication { arn, name } => [name.to_owned(), last(arn)]
            .iter()
            .map(|value| vec![dimension("ReplicationConfigIdentifier", value)])
            .collect(),
    }
}

/// The newest value of the metrics whose id begins so.
fn newest(results: &[MetricDataResult], id: &str) -> Option<Datapoint> {
    results
        .iter()
        .filter(|result| result.id().is_some_and(|found| found.starts_with(id)))
        .flat_map(|result| result.timestamps().iter().zip(result.values()))
        .filter_map(|(at, value)| {
            let at = Timestamp::from_secs(u64::try_from(at.secs()).ok()?);
            Some(Datapoint { at, value: Duration::try_from_secs_f64(*value).ok()? })
        })
        .max_by_key(|point| point.at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_value_of_all_names_counts() {
        let result = |id: &str, points: &[(i64, f64)]| {
            let (times, values): (Vec<i64>, Vec<f64>) = points.iter().copied().unzip();
            MetricDataResult::builder()
                .id(id)
                .set_timestamps(Some(times.into_iter().map(DateTime::from_secs).collect()))
                .set_values(Some(values))
                .build()
        };
        let results = [
            result("source0", &[(120, 3.0), (60, 9.0)]),
            result("source1", &[(180, 1.5)]),
            result("target0", &[]),
        ];
        let expected = Datapoint { at: Timestamp::from_secs(180), value: Duration::from_millis(1500) };
        assert_eq!(newest(&results, "source"), Some(expected));
        assert_eq!(newest(&results, "target"), None);
    }
}
