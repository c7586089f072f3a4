"""Serverless replications and reloading: every operation of them, and the statuses on the way."""
import json
import time

import pytest

from scenario import MAPPINGS, Pipeline, endpoint, ensure_service_role, subnet_group

# The order in which DMS documents the statuses of a serverless replication.
WAY = [
    "created", "initializing", "preparing_metadata_resources", "testing_connection", "fetching_metadata",
    "calculating_capacity", "provisioning_capacity", "replication_starting", "running",
]
TABLES = [{"SchemaName": "shop", "TableName": "orders"}]


@pytest.fixture(scope="module")
def config(account):
    dms = account.dms
    ensure_service_role(account.iam)
    subnet_group(dms, "serverless-group")
    return dms.create_replication_config(
        ReplicationConfigIdentifier="Serverless-One",
        SourceEndpointArn=endpoint(dms, "serverless-source", "source")["EndpointArn"],
        TargetEndpointArn=endpoint(dms, "serverless-target", "target", "aurora-postgresql")["EndpointArn"],
        ComputeConfig={"MaxCapacityUnits": 16, "MinCapacityUnits": 2, "ReplicationSubnetGroupId": "serverless-group"},
        ReplicationType="full-load-and-cdc",
        TableMappings=MAPPINGS,
        Tags=[{"Key": "pipewright:scope", "Value": "referee"}],
    )["ReplicationConfig"]["ReplicationConfigArn"]


def status(dms, arn):
    filters = [{"Name": "replication-config-arn", "Values": [arn]}]
    (replication,) = dms.describe_replications(Filters=filters)["Replications"]
    return replication["Status"]


def until(dms, arn, *wanted):
    """The statuses seen until one of those wanted, without repetitions."""
    seen = []
    for _ in range(20_000):
        now = status(dms, arn)
        if not seen or seen[-1] != now:
            seen.append(now)
        if now in wanted:
            return seen
    raise AssertionError(f"never {wanted}: {seen}")


def behind(account, identifier, tries=100):
    """How far it is behind, in seconds, a value a minute; a minute of virtual time is a thirtieth of a second."""
    dimensions = [{"Name": "ReplicationConfigIdentifier", "Value": identifier}]
    metric = {"Namespace": "AWS/DMS", "MetricName": "CDCLatencyTarget", "Dimensions": dimensions}
    query = {"Id": "q", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Average"}}
    for _ in range(tries):
        found = account.cloudwatch.get_metric_data(
            MetricDataQueries=[query], StartTime=0, EndTime=4_000_000_000)["MetricDataResults"][0]["Values"]
        if found:
            return found
        time.sleep(0.1)
    return []


def test_the_life_of_a_replication(account, config):
    dms = account.dms
    described = dms.describe_replication_configs(Filters=[{"Name": "replication-config-arn", "Values": [config]}])
    (read,) = described["ReplicationConfigs"]
    assert read["ComputeConfig"]["MaxCapacityUnits"] == 16
    assert "FullLoadSettings" in json.loads(read["ReplicationSettings"])
    assert dms.list_tags_for_resource(ResourceArn=config)["TagList"][0]["Value"] == "referee"
    assert status(dms, config) in {"created", "ready"}
    dms.modify_replication_config(ReplicationConfigArn=config, ComputeConfig={"MaxCapacityUnits": 32})
    until(dms, config, "created", "ready")

    dms.start_replication(ReplicationConfigArn=config, StartReplicationType="start-replication")
    with pytest.raises(dms.exceptions.InvalidResourceStateFault):
        dms.delete_replication_config(ReplicationConfigArn=config)
    seen = until(dms, config, "running")
    places = [WAY.index(name) for name in seen]
    assert places == sorted(places)
    with pytest.raises(dms.exceptions.InvalidResourceStateFault):
        dms.modify_replication_config(ReplicationConfigArn=config, ComputeConfig={"MaxCapacityUnits": 64})

    assert behind(account, "serverless-one") and not behind(account, "another", tries=1)
    statistics = dms.describe_replication_table_statistics(ReplicationConfigArn=config)
    assert statistics["ReplicationConfigArn"] == config
    tables = [{"SchemaName": row["SchemaName"], "TableName": row["TableName"]}
              for row in statistics["ReplicationTableStatistics"]][:1]
    dms.reload_replication_tables(ReplicationConfigArn=config, TablesToReload=tables or TABLES)

    dms.stop_replication(ReplicationConfigArn=config)
    assert until(dms, config, "stopped")[-1] == "stopped"
    dms.start_replication(ReplicationConfigArn=config, StartReplicationType="resume-processing")
    until(dms, config, "running")
    dms.stop_replication(ReplicationConfigArn=config)
    until(dms, config, "stopped")
    dms.delete_replication_config(ReplicationConfigArn=config)
    for _ in range(20_000):
        try:
            dms.describe_replication_configs(Filters=[{"Name": "replication-config-arn", "Values": [config]}])
        except dms.exceptions.ResourceNotFoundFault:
            break
    else:
        raise AssertionError("the configuration is never gone")


def test_reloading_tables_of_a_task(account):
    pipeline = Pipeline(account, "reload")
    with pytest.raises(account.dms.exceptions.InvalidResourceStateFault):
        account.dms.reload_tables(ReplicationTaskArn=pipeline.task, TablesToReload=TABLES)
    pipeline.start()
    pipeline.await_task("replication_task_running")
    rows = account.dms.describe_table_statistics(ReplicationTaskArn=pipeline.task)["TableStatistics"]
    tables = [{"SchemaName": row["SchemaName"], "TableName": row["TableName"]} for row in rows][:1]
    answer = account.dms.reload_tables(ReplicationTaskArn=pipeline.task, TablesToReload=tables, ReloadOption="data-reload")
    assert answer["ReplicationTaskArn"] == pipeline.task
