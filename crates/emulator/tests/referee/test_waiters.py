"""botocore's waiters of DMS resources succeed where they should and fail where they should, on statuses alone."""
import pytest
from botocore.exceptions import WaiterError

from scenario import Pipeline, endpoint, instance, task, wait_for


@pytest.fixture(scope="module")
def pipeline(account):
    return Pipeline(account, "waiter")


def fails_at_once(dms, waiter, filter_name, arn):
    """The waiter sees a status that it knows as a failure: it must not run out of attempts."""
    with pytest.raises(WaiterError) as failed:
        wait_for(dms, waiter, filter_name, arn)
    assert "Max attempts exceeded" not in str(failed.value), failed.value


def test_of_instances(account, pipeline):
    dms = account.dms
    arn = instance(dms, "waiter-second", pipeline.group, wait=False)["ReplicationInstanceArn"]
    wait_for(dms, "replication_instance_available", "replication-instance-arn", arn)
    fails_at_once(dms, "replication_instance_deleted", "replication-instance-arn", arn)
    dms.delete_replication_instance(ReplicationInstanceArn=arn)
    fails_at_once(dms, "replication_instance_available", "replication-instance-arn", arn)
    wait_for(dms, "replication_instance_deleted", "replication-instance-arn", arn)


def test_of_endpoints(account, pipeline):
    dms = account.dms
    arn = endpoint(dms, "waiter-spare", "target")["EndpointArn"]
    fails_at_once(dms, "endpoint_deleted", "endpoint-arn", arn)
    dms.test_connection(ReplicationInstanceArn=pipeline.instance, EndpointArn=arn)
    wait_for(dms, "test_connection_succeeds", "endpoint-arn", arn)
    dms.delete_connection(EndpointArn=arn, ReplicationInstanceArn=pipeline.instance)
    dms.delete_endpoint(EndpointArn=arn)
    wait_for(dms, "endpoint_deleted", "endpoint-arn", arn)


def test_of_tasks(account, pipeline):
    dms = account.dms
    arn = task(dms, "waiter-other", pipeline.instance, pipeline.source, pipeline.target, wait=False)["ReplicationTaskArn"]
    fails_at_once(dms, "replication_task_running", "replication-task-arn", arn)
    wait_for(dms, "replication_task_ready", "replication-task-arn", arn)
    fails_at_once(dms, "replication_task_deleted", "replication-task-arn", arn)
    fails_at_once(dms, "replication_task_stopped", "replication-task-arn", arn)
    dms.start_replication_task(ReplicationTaskArn=arn, StartReplicationTaskType="start-replication")
    fails_at_once(dms, "replication_task_ready", "replication-task-arn", arn)
    wait_for(dms, "replication_task_running", "replication-task-arn", arn)
    dms.stop_replication_task(ReplicationTaskArn=arn)
    wait_for(dms, "replication_task_stopped", "replication-task-arn", arn)
    fails_at_once(dms, "replication_task_running", "replication-task-arn", arn)
    dms.delete_replication_task(ReplicationTaskArn=arn)
    fails_at_once(dms, "replication_task_ready", "replication-task-arn", arn)
    wait_for(dms, "replication_task_deleted", "replication-task-arn", arn)
