"""How far tasks are behind, as boto3 reads it from CloudWatch. It speaks JSON there; the Rust SDK speaks CBOR."""
import time

import botocore.exceptions
import pytest

from scenario import Pipeline

MINUTE = 60


@pytest.fixture(scope="module")
def running(account):
    pipeline = Pipeline(account, "behind")
    pipeline.start()
    pipeline.await_task("replication_task_running")
    return pipeline


def query(pipeline, metric, query_id="q", period=MINUTE, stat="Average", instance="behind-instance"):
    dimensions = [
        {"Name": "ReplicationInstanceIdentifier", "Value": instance},
        {"Name": "ReplicationTaskIdentifier", "Value": pipeline.task.rpartition(":")[2]},
    ]
    metric = {"Namespace": "AWS/DMS", "MetricName": metric, "Dimensions": dimensions}
    return {"Id": query_id, "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}}


def read(account, pipeline, *queries, hours=1, **more):
    task = account.dms.describe_replication_tasks(
        Filters=[{"Name": "replication-task-arn", "Values": [pipeline.task]}])["ReplicationTasks"][0]
    begin = task["ReplicationTaskStartDate"].timestamp()
    return account.cloudwatch.get_metric_data(
        MetricDataQueries=list(queries), StartTime=begin, EndTime=begin + hours * 3600, **more)["MetricDataResults"]


def test_a_running_task_has_a_value_a_minute(account, running):
    def both():
        return read(account, running, query(running, "CDCLatencySource", "a"), query(running, "CDCLatencyTarget", "b"))

    # Three minutes of virtual time are a tenth of a second.
    for _ in range(100):
        results = both()
        if len(results[0]["Values"]) >= 3:
            break
        time.sleep(0.1)
    assert len(results[0]["Values"]) >= 3
    assert [result["Id"] for result in results] == ["a", "b"]
    for result in results:
        assert result["StatusCode"] == "Complete" and set(result["Values"]) == {1.0}
        times = [at.timestamp() for at in result["Timestamps"]]
        assert all(earlier - later == MINUTE for earlier, later in zip(times, times[1:])), "the newest comes first"
    rising = read(account, running, query(running, "CDCLatencySource"), ScanBy="TimestampAscending")[0]["Timestamps"]
    assert rising == sorted(rising)


def test_what_nobody_writes_has_no_values(account, running):
    for nothing in (query(running, "CDCLatencySource", instance="another"), query(running, "NoSuchMetric")):
        assert read(account, running, nothing)[0]["Values"] == []


@pytest.mark.parametrize("change", [
    {"period": 90}, {"query_id": "Upper"}, {"stat": "p12.5.7"},
])
def test_what_cloudwatch_refuses(account, running, change):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        read(account, running, query(running, "CDCLatencySource", **change))
    assert refused.value.response["Error"]["Code"] == "ValidationError"


def test_an_empty_span_and_the_same_id_twice_are_refused(account, running):
    with pytest.raises(botocore.exceptions.ClientError, match="StartTime must be less than the parameter EndTime"):
        read(account, running, query(running, "CDCLatencySource"), hours=0)
    with pytest.raises(botocore.exceptions.ClientError, match="not unique"):
        read(account, running, query(running, "CDCLatencySource"), query(running, "CDCLatencyTarget"))
