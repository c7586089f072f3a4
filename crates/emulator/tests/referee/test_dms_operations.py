"""DMS: every operation of a pipeline's life answers what boto3 parses, in the members of the model, with AWS's echoes."""
import datetime
import json

import pytest
from botocore.exceptions import ClientError

from scenario import MAPPINGS, Pipeline, endpoint, ensure_service_role, instance, subnet_group, task, connect, wait_for


@pytest.fixture(scope="module")
def pipeline(account):
    return Pipeline(account, "op")


def one(answer, member):
    (item,) = answer[member]
    return item


def by(name, *values):
    return [{"Name": name, "Values": list(values)}]


def test_subnet_groups(account):
    dms = account.dms
    ensure_service_role(account.iam)
    made = subnet_group(dms, "Mixed-Case")
    assert made["ReplicationSubnetGroupIdentifier"] == "mixed-case"
    assert {subnet["SubnetIdentifier"] for subnet in made["Subnets"]} == {"subnet-0a000000000000001", "subnet-0b000000000000002"}
    dms.modify_replication_subnet_group(
        ReplicationSubnetGroupIdentifier="mixed-case",
        ReplicationSubnetGroupDescription="changed",
        SubnetIds=["subnet-0a000000000000001", "subnet-0c000000000000003"],
    )
    read = one(dms.describe_replication_subnet_groups(Filters=by("replication-subnet-group-id", "mixed-case")), "ReplicationSubnetGroups")
    assert read["ReplicationSubnetGroupDescription"] == "changed"
    dms.delete_replication_subnet_group(ReplicationSubnetGroupIdentifier="mixed-case")
    with pytest.raises(dms.exceptions.ResourceNotFoundFault):
        dms.describe_replication_subnet_groups(Filters=by("replication-subnet-group-id", "mixed-case"))


def test_instances(account, pipeline):
    dms = account.dms
    read = one(dms.describe_replication_instances(Filters=by("replication-instance-arn", pipeline.instance)), "ReplicationInstances")
    assert read["ReplicationInstanceStatus"] == "available"
    assert isinstance(read["InstanceCreateTime"], datetime.datetime)
    assert read["ReplicationSubnetGroup"]["ReplicationSubnetGroupIdentifier"] == pipeline.group
    with pytest.raises(dms.exceptions.InvalidResourceStateFault):
        dms.delete_replication_instance(ReplicationInstanceArn=pipeline.instance)
    with pytest.raises(dms.exceptions.ResourceAlreadyExistsFault) as again:
        instance(dms, "op-instance", pipeline.group, wait=False)
    assert again.value.response["resourceArn"] == pipeline.instance
    made = instance(dms, "op-spare", pipeline.group)["ReplicationInstanceArn"]
    dms.modify_replication_instance(ReplicationInstanceArn=made, AllocatedStorage=100, ApplyImmediately=True)
    wait_for(dms, "replication_instance_available", "replication-instance-arn", made)
    read = one(dms.describe_replication_instances(Filters=by("replication-instance-arn", made)), "ReplicationInstances")
    assert read["AllocatedStorage"] == 100
    dms.delete_replication_instance(ReplicationInstanceArn=made)
    wait_for(dms, "replication_instance_deleted", "replication-instance-arn", made)


def test_endpoints(account, pipeline):
    dms = account.dms
    read = one(dms.describe_endpoints(Filters=by("endpoint-arn", pipeline.source)), "Endpoints")
    assert (read["EndpointType"].upper(), read["EndpointIdentifier"], read["SslMode"]) == ("SOURCE", "op-source", "none")
    assert "Password" not in read
    dms.modify_endpoint(EndpointArn=pipeline.source, ServerName="other.example.internal")
    wait_for(dms, "test_connection_succeeds", "endpoint-arn", pipeline.source)
    read = one(dms.describe_endpoints(Filters=by("endpoint-arn", pipeline.source)), "Endpoints")
    assert read["ServerName"] == "other.example.internal"
    with pytest.raises(dms.exceptions.InvalidResourceStateFault):
        dms.delete_endpoint(EndpointArn=pipeline.source)
    kinesis = dms.create_endpoint(
        EndpointIdentifier="op-kinesis", EndpointType="target", EngineName="kinesis",
        KinesisSettings={"StreamArn": f"arn:aws:kinesis:us-east-1:{account.number}:stream/s", "MessageFormat": "json",
                         "ServiceAccessRoleArn": f"arn:aws:iam::{account.number}:role/streams"},
    )["Endpoint"]
    assert kinesis["KinesisSettings"]["MessageFormat"] == "json"
    dms.delete_endpoint(EndpointArn=kinesis["EndpointArn"])
    wait_for(dms, "endpoint_deleted", "endpoint-arn", kinesis["EndpointArn"])


def test_connections(account, pipeline):
    dms = account.dms
    found = dms.describe_connections(Filters=by("replication-instance-arn", pipeline.instance))["Connections"]
    assert {connection["EndpointArn"] for connection in found} == {pipeline.source, pipeline.target}
    other = endpoint(dms, "op-other", "target")["EndpointArn"]
    connect(dms, pipeline.instance, other)
    dms.delete_connection(EndpointArn=other, ReplicationInstanceArn=pipeline.instance)
    dms.delete_endpoint(EndpointArn=other)
    wait_for(dms, "endpoint_deleted", "endpoint-arn", other)


def test_tasks(account, pipeline):
    dms = account.dms
    read = one(dms.describe_replication_tasks(Filters=by("replication-task-arn", pipeline.task)), "ReplicationTasks")
    assert json.loads(read["TableMappings"]) == json.loads(MAPPINGS)
    assert "FullLoadSettings" in json.loads(read["ReplicationTaskSettings"])
    without = one(dms.describe_replication_tasks(Filters=by("replication-task-arn", pipeline.task), WithoutSettings=True), "ReplicationTasks")
    assert not without.get("ReplicationTaskSettings")
    settings = json.dumps({"FullLoadSettings": {"MaxFullLoadSubTasks": 4}})
    dms.modify_replication_task(ReplicationTaskArn=pipeline.task, ReplicationTaskSettings=settings)
    wait_until(dms, pipeline.task, "ready")
    pipeline.start()
    with pytest.raises(dms.exceptions.InvalidResourceStateFault):
        dms.modify_replication_task(ReplicationTaskArn=pipeline.task, ReplicationTaskSettings=settings)
    pipeline.await_task("replication_task_running")
    statistics = dms.describe_table_statistics(ReplicationTaskArn=pipeline.task)
    assert statistics["ReplicationTaskArn"] == pipeline.task
    dms.stop_replication_task(ReplicationTaskArn=pipeline.task)
    wait_until(dms, pipeline.task, "stopped")
    with pytest.raises(ClientError) as refused:
        pipeline.start("start-replication")
    assert refused.value.response["Error"]["Code"] == "InvalidParameterCombinationException"
    pipeline.start("resume-processing")
    pipeline.await_task("replication_task_running")
    dms.stop_replication_task(ReplicationTaskArn=pipeline.task)
    wait_until(dms, pipeline.task, "stopped")


def test_moving_a_task(account, pipeline):
    dms = account.dms
    other = instance(dms, "op-second", pipeline.group)["ReplicationInstanceArn"]
    connect(dms, other, pipeline.source, pipeline.target)
    moving = task(dms, "op-moving", pipeline.instance, pipeline.source, pipeline.target)["ReplicationTaskArn"]
    dms.move_replication_task(ReplicationTaskArn=moving, TargetReplicationInstanceArn=other)
    wait_until(dms, moving, "ready", "stopped")
    read = one(dms.describe_replication_tasks(Filters=by("replication-task-arn", moving)), "ReplicationTasks")
    assert read["ReplicationInstanceArn"] == other
    dms.delete_replication_task(ReplicationTaskArn=moving)
    wait_for(dms, "replication_task_deleted", "replication-task-arn", moving)


def test_tags(account, pipeline):
    dms = account.dms
    dms.add_tags_to_resource(ResourceArn=pipeline.task, Tags=[{"Key": "colour", "Value": "blue"}])
    own = dms.list_tags_for_resource(ResourceArn=pipeline.task)["TagList"]
    assert {tag["Key"]: tag["Value"] for tag in own} == {"pipewright:scope": "referee", "colour": "blue"}
    dms.remove_tags_from_resource(ResourceArn=pipeline.task, TagKeys=["colour"])
    both = dms.list_tags_for_resource(ResourceArnList=[pipeline.task, pipeline.source])["TagList"]
    assert {(tag["ResourceArn"], tag["Key"]) for tag in both} == {
        (pipeline.task, "pipewright:scope"), (pipeline.source, "pipewright:scope")
    }


def test_account_and_catalogues(account):
    dms = account.dms
    attributes = dms.describe_account_attributes()
    quotas = {quota["AccountQuotaName"]: quota for quota in attributes["AccountQuotas"]}
    assert quotas["ReplicationInstances"]["Max"] == 60
    orderable = dms.describe_orderable_replication_instances()["OrderableReplicationInstances"]
    assert "dms.t3.medium" in {row["ReplicationInstanceClass"] for row in orderable}
    types = dms.describe_endpoint_types()["SupportedEndpointTypes"]
    assert {"mysql", "s3", "aurora-postgresql"} <= {row["EngineName"] for row in types}


def statuses(dms, arn):
    return [row["Status"] for row in dms.describe_replication_tasks(Filters=by("replication-task-arn", arn))["ReplicationTasks"]]


def wait_until(dms, arn, *wanted):
    for _ in range(3000):
        (status,) = statuses(dms, arn)
        if status in wanted:
            return status
    raise AssertionError(f"{arn} stays {status}")

