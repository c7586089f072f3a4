"""Faults and disturbances by script: what the failures of botocore's waiters and retries are for."""
import json
import urllib.error
import urllib.request

import boto3
import botocore.exceptions
import pytest
from botocore.config import Config
from botocore.exceptions import WaiterError

from conftest import REGION, client
from scenario import Pipeline, instance, service_role, subnet_group, wait_for


class Sandbox:
    """An emulator of its own, since scripts act in the account of its settings."""

    def __init__(self, url):
        self.url = url
        self.dms, self.iam = client("dms", url), client("iam", url)

    def request(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_sandbox/{path}", data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def disturb(self, kind, **arguments):
        self.request("POST", "script", {"disturbances": [{"kind": kind, **arguments}]})

    def fault(self, effect, operation, nth=1):
        self.request("POST", "script", {"faults": [{"operation": operation, "nth": nth, "effect": effect}]})


@pytest.fixture(scope="module")
def sandbox(start_emulator):
    return Sandbox(start_emulator("--speed", "2000").url)


@pytest.fixture(scope="module")
def pipeline(sandbox):
    return Pipeline(sandbox, "fault")


def failure(call, *arguments):
    with pytest.raises(WaiterError) as failed:
        call(*arguments)
    assert "Max attempts exceeded" not in str(failed.value)
    return failed.value.last_response


def test_a_failed_connection_test(sandbox, pipeline):
    sandbox.disturb("endpointUnreachable", endpoint="fault-target", reason="Cannot connect")
    sandbox.dms.test_connection(ReplicationInstanceArn=pipeline.instance, EndpointArn=pipeline.target)
    answer = failure(wait_for, sandbox.dms, "test_connection_succeeds", "endpoint-arn", pipeline.target)
    assert "Cannot connect" in answer["Connections"][0]["LastFailureMessage"]
    sandbox.disturb("endpointUnreachable", endpoint="fault-target", reason=None)
    sandbox.dms.test_connection(ReplicationInstanceArn=pipeline.instance, EndpointArn=pipeline.target)
    wait_for(sandbox.dms, "test_connection_succeeds", "endpoint-arn", pipeline.target)


def test_a_failed_task(sandbox, pipeline):
    pipeline.start()
    pipeline.await_task("replication_task_running")
    sandbox.disturb("taskFails", task="fault-task", reason="Last Error Fatal error")
    for waiter in ("replication_task_running", "replication_task_stopped", "replication_task_ready", "replication_task_deleted"):
        answer = failure(wait_for, sandbox.dms, waiter, "replication-task-arn", pipeline.task)
        assert answer["ReplicationTasks"][0]["LastFailureMessage"] == "Last Error Fatal error"
    pipeline.start("resume-processing")
    pipeline.await_task("replication_task_running")


@pytest.mark.parametrize("status", ["incompatible-network", "incompatible-credentials", "inaccessible-encryption-credentials"])
def test_a_failed_instance(sandbox, pipeline, status):
    arn = instance(sandbox.dms, f"fault-{status}", pipeline.group)["ReplicationInstanceArn"]
    sandbox.disturb("instanceStatus", instance=f"fault-{status}", status=status)
    failure(wait_for, sandbox.dms, "replication_instance_available", "replication-instance-arn", arn)


def retrying(service, url):
    """A client as its users have it: it retries."""
    return boto3.client(
        service, endpoint_url=url, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test",
        config=Config(retries={"mode": "standard", "total_max_attempts": 3}),
    )


@pytest.mark.parametrize("effect", ["throttle", "internalError", "dropConnectionAfter"])
@pytest.mark.parametrize(("service", "operation", "call"), [
    ("dms", "DescribeAccountAttributes", "describe_account_attributes"),
    ("iam", "ListRoles", "list_roles"),
    ("sts", "GetCallerIdentity", "get_caller_identity"),
])
def test_botocore_knows_these_failures_as_passing_ones(sandbox, effect, service, operation, call):
    sandbox.fault(effect, operation)
    getattr(retrying(service, sandbox.url), call)()


def test_a_call_may_take_effect_though_its_answer_is_lost(sandbox):
    iam = client("iam", sandbox.url)
    sandbox.fault("dropConnectionAfter", "CreateRole")
    with pytest.raises(botocore.exceptions.HTTPClientError):
        service_role(iam, name="half-answered")
    with pytest.raises(iam.exceptions.EntityAlreadyExistsException):
        service_role(iam, name="half-answered")


def test_the_nth_call_is_struck(sandbox, pipeline):
    sandbox.fault("throttle", "CreateReplicationSubnetGroup", nth=2)
    subnet_group(sandbox.dms, "fault-first")
    with pytest.raises(botocore.exceptions.ClientError, match="Rate exceeded"):
        subnet_group(sandbox.dms, "fault-second")
    subnet_group(sandbox.dms, "fault-second")


def test_calls_are_recorded(sandbox):
    sandbox.request("DELETE", "calls")
    sandbox.iam.list_roles()
    with pytest.raises(sandbox.iam.exceptions.NoSuchEntityException):
        sandbox.iam.delete_role(RoleName="nobody")
    calls = sandbox.request("GET", "calls")["calls"]
    seen = [(call["service"], call["operation"], call["status"], call["mutating"], call["error"]) for call in calls]
    assert seen == [("iam", "ListRoles", 200, False, None), ("iam", "DeleteRole", 404, True, "NoSuchEntity")]


def test_a_wrong_script_is_refused_with_the_reason(sandbox):
    with pytest.raises(urllib.error.HTTPError) as refused:
        sandbox.disturb("taskFails", task="no-such-task", reason="x")
    assert refused.value.code == 400 and b"no-such-task" in refused.value.read()


def test_the_page_shows_what_is_inside(sandbox, pipeline):
    with urllib.request.urlopen(sandbox.url) as page:
        assert page.headers["Content-Type"].startswith("text/html")
        assert "fault-instance" in page.read().decode()


def test_loads_and_lost_positions_are_counted(start_emulator):
    sandbox = Sandbox(start_emulator("--speed", "2000").url)
    pipeline = Pipeline(sandbox, "counted")

    def counted():
        answer = sandbox.request("GET", "migrations")
        assert [migration["arn"] for migration in answer["migrations"]] == [pipeline.task]
        return answer["loads"], answer["reloads"], answer["lostPositions"]

    def run(kind):
        pipeline.start(kind)
        pipeline.await_task("replication_task_running")
        sandbox.dms.stop_replication_task(ReplicationTaskArn=pipeline.task)
        pipeline.await_task("replication_task_stopped")

    run("start-replication")
    run("resume-processing")
    assert counted() == (1, 0, 0)
    run("reload-target")
    assert counted() == (2, 1, 1)
    sandbox.dms.delete_replication_task(ReplicationTaskArn=pipeline.task)
    assert counted() == (2, 1, 2)
