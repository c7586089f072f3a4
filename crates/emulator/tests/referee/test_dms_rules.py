"""What DMS refuses, in which words. Statuses that pass in seconds are held still: a fast emulator brings its directory to
the state that a test needs, and one whose clock runs as ours serves the test from there."""
import subprocess

import pytest
from botocore.exceptions import ClientError

from conftest import ACCOUNT, client
from scenario import MAPPINGS, VPC_POLICY, Pipeline, endpoint, service_role, subnet_group, task, trust


def refusal(call, **arguments):
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    answer = refused.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    return answer["Error"]["Code"], answer["Error"]["Message"]


class World:
    """A pipeline whose tasks are ready, stopped and running, and a clock that runs as ours."""

    def __init__(self, start_emulator, directory):
        fast = start_emulator("--directory", directory, "--speed", "3000")
        account = type("Account", (), {"dms": client("dms", fast.url), "iam": client("iam", fast.url)})
        made = Pipeline(account, "rule")
        self.instance, self.source, self.target, self.ready = made.instance, made.source, made.target, made.task
        for name in ("running", "stopped"):
            other = task(account.dms, f"rule-{name}", made.instance, made.source, made.target)["ReplicationTaskArn"]
            setattr(self, name, other)
            made.task = other
            made.start()
            made.await_task("replication_task_running")
        account.dms.stop_replication_task(ReplicationTaskArn=self.stopped)
        made.task = self.stopped
        made.await_task("replication_task_stopped")
        self.untested = endpoint(account.dms, "rule-untested", "target")["EndpointArn"]
        self.unconnected = task(account.dms, "rule-unconnected", made.instance, made.source, self.untested)["ReplicationTaskArn"]
        fast.close()
        self.url = start_emulator("--directory", directory, "--speed", "1").url
        self.dms = client("dms", self.url)


@pytest.fixture(scope="module")
def world(start_emulator, tmp_path_factory):
    return World(start_emulator, str(tmp_path_factory.mktemp("rules")))


def test_statuses_outlive_the_process(world):
    tasks = world.dms.describe_replication_tasks()["ReplicationTasks"]
    assert {row["ReplicationTaskArn"]: row["Status"] for row in tasks} == {
        world.ready: "ready", world.running: "running", world.stopped: "stopped", world.unconnected: "ready",
    }


def test_a_first_start_is_not_repeated(world):
    call = world.dms.start_replication_task
    code, message = refusal(call, ReplicationTaskArn=world.stopped, StartReplicationTaskType="start-replication")
    assert code == "InvalidParameterCombinationException"
    assert "Start Type : START_REPLICATION, valid only for tasks running for the first time" in message


def test_a_start_needs_tested_connections(world):
    call = world.dms.start_replication_task
    code, message = refusal(call, ReplicationTaskArn=world.unconnected, StartReplicationTaskType="start-replication")
    assert code == "InvalidResourceStateFault"
    wanted = "Test connection for replication instance rule-instance and endpoint rule-untested should be successful"
    assert message.startswith(wanted), message


def test_a_running_task_cannot_be_changed_started_or_deleted(world):
    dms = world.dms
    code, message = refusal(dms.modify_replication_task, ReplicationTaskArn=world.running, TableMappings=MAPPINGS)
    assert code == "InvalidResourceStateFault" and "cannot be modified while it is" in message
    start = {"ReplicationTaskArn": world.running, "StartReplicationTaskType": "resume-processing"}
    assert refusal(dms.start_replication_task, **start)[0] == "InvalidResourceStateFault"
    assert refusal(dms.delete_replication_task, ReplicationTaskArn=world.running)[0] == "InvalidResourceStateFault"
    move = {"ReplicationTaskArn": world.running, "TargetReplicationInstanceArn": world.instance}
    assert refusal(dms.move_replication_task, **move)[0] == "InvalidResourceStateFault"


def test_an_endpoint_of_a_running_task_cannot_be_changed(world):
    code, _ = refusal(world.dms.modify_endpoint, EndpointArn=world.source, ServerName="elsewhere")
    assert code == "InvalidResourceStateFault"


def test_only_a_running_task_is_stopped_and_starting_is_not_running(world):
    dms = world.dms
    assert refusal(dms.stop_replication_task, ReplicationTaskArn=world.stopped)[0] == "InvalidResourceStateFault"
    started = dms.start_replication_task(ReplicationTaskArn=world.ready, StartReplicationTaskType="start-replication")
    assert started["ReplicationTask"]["Status"] == "starting"
    assert refusal(dms.stop_replication_task, ReplicationTaskArn=world.ready)[0] == "InvalidResourceStateFault"


def test_a_pair_is_tested_once_at_a_time(world):
    pair = {"ReplicationInstanceArn": world.instance, "EndpointArn": world.untested}
    assert world.dms.test_connection(**pair)["Connection"]["Status"] == "testing"
    code, message = refusal(world.dms.test_connection, **pair)
    assert code == "InvalidResourceStateFault" and "already being tested" in message


def test_a_change_of_an_instance_must_change_something(world):
    code, message = refusal(world.dms.modify_replication_instance, ReplicationInstanceArn=world.instance, AllocatedStorage=50)
    assert (code, message) == ("InvalidParameterCombinationException", "No modifications were requested")


def test_what_is_used_cannot_be_deleted(world):
    dms = world.dms
    code, message = refusal(dms.delete_replication_subnet_group, ReplicationSubnetGroupIdentifier="rule-group")
    assert code == "InvalidResourceStateFault"
    assert message == (
        "Cannot delete the subnet group 'rule-group' because at least one database instance: rule-instance is still using it."
    )
    assert refusal(dms.delete_replication_instance, ReplicationInstanceArn=world.instance)[0] == "InvalidResourceStateFault"
    assert refusal(dms.delete_endpoint, EndpointArn=world.target)[0] == "InvalidResourceStateFault"


def test_an_assessment_holds_its_task_until_it_is_over_or_cancelled(world):
    dms = world.dms
    run = {"ReplicationTaskArn": world.unconnected, "ServiceAccessRoleArn": f"arn:aws:iam::{ACCOUNT}:role/assess",
           "ResultLocationBucket": "results", "AssessmentRunName": "held"}
    started = dms.start_replication_task_assessment_run(**run)["ReplicationTaskAssessmentRun"]
    (row,) = dms.describe_replication_tasks(Filters=[{"Name": "replication-task-arn", "Values": [world.unconnected]}])["ReplicationTasks"]
    assert row["Status"] == "testing"
    assert refusal(dms.delete_replication_task, ReplicationTaskArn=world.unconnected)[0] == "InvalidResourceStateFault"
    arn = {"ReplicationTaskAssessmentRunArn": started["ReplicationTaskAssessmentRunArn"]}
    assert refusal(dms.delete_replication_task_assessment_run, **arn)[0] == "InvalidResourceStateFault"
    assert dms.cancel_replication_task_assessment_run(**arn)["ReplicationTaskAssessmentRun"]["Status"] == "cancelling"
    assert refusal(dms.cancel_replication_task_assessment_run, **arn)[0] == "InvalidResourceStateFault"


def test_a_subnet_group_covers_two_zones(world):
    group = {"ReplicationSubnetGroupIdentifier": "narrow", "ReplicationSubnetGroupDescription": "d", "SubnetIds": ["subnet-0a1"]}
    assert refusal(world.dms.create_replication_subnet_group, **group)[0] == "ReplicationSubnetGroupDoesNotCoverEnoughAZs"


def test_wrong_requests_are_refused_by_the_model(world):
    for arguments in (
        {"MaxRecords": 5},
        {"MaxRecords": 501},
        {"Marker": "not a marker of ours"},
        {"Filters": [{"Name": "colour", "Values": ["red"]}]},
    ):
        code, _ = refusal(world.dms.describe_endpoints, **arguments)
        assert code in {"InvalidParameterValueException", "ValidationException"}, arguments


def test_dms_vpc_role_must_serve(start_emulator):
    url = start_emulator("--speed", "3000").url
    iam, dms = client("iam", url), client("dms", url)
    group = {"ReplicationSubnetGroupIdentifier": "g", "ReplicationSubnetGroupDescription": "d",
             "SubnetIds": ["subnet-0a1", "subnet-0b2"]}
    expected = ("AccessDeniedFault", f"The IAM Role arn:aws:iam::{ACCOUNT}:role/dms-vpc-role is not configured properly.")
    assert refusal(dms.create_replication_subnet_group, **group) == expected
    service_role(iam)
    iam.detach_role_policy(RoleName="dms-vpc-role", PolicyArn=VPC_POLICY)
    assert refusal(dms.create_replication_subnet_group, **group) == expected
    iam.delete_role(RoleName="dms-vpc-role")
    service_role(iam)
    dms.create_replication_subnet_group(**group)


def test_dms_sees_a_new_role_only_after_a_while(start_emulator, tmp_path):
    directory = str(tmp_path)
    slow = start_emulator("--directory", directory, "--speed", "1", "--iam-propagation", "600")
    service_role(client("iam", slow.url))
    with pytest.raises(ClientError, match="is not configured properly"):
        subnet_group(client("dms", slow.url), "late")
    with pytest.raises(client("iam", slow.url).exceptions.NoSuchEntityException):
        client("iam", slow.url).get_role(RoleName="dms-vpc-role")
    slow.close()
    fast = start_emulator("--directory", directory, "--speed", "3000", "--iam-propagation", "600")
    dms = client("dms", fast.url)
    for _ in range(5000):
        try:
            subnet_group(dms, "late")
            break
        except dms.exceptions.AccessDeniedFault:
            continue
    assert client("iam", fast.url).get_role(RoleName="dms-vpc-role")["Role"]["RoleName"] == "dms-vpc-role"
    dms.describe_replication_subnet_groups(Filters=[{"Name": "replication-subnet-group-id", "Values": ["late"]}])


def test_calls_are_limited_to_a_bucket_of_two_hundred(start_emulator):
    dms = client("dms", start_emulator("--throttle", "--speed", "1").url)
    for _ in range(200):
        dms.describe_account_attributes()
    with pytest.raises(ClientError) as refused:
        for _ in range(10_000):
            dms.describe_account_attributes()
    assert refused.value.response["Error"]["Code"] == "ThrottlingException"
    # Another region has a bucket of its own.
    client("dms", dms.meta.endpoint_url, region="eu-west-1").describe_account_attributes()


def test_what_was_answered_survives_a_kill(start_emulator, tmp_path):
    directory = str(tmp_path)
    first = start_emulator("--directory", directory)
    service_role(client("iam", first.url), tags=[{"Key": "k", "Value": "v"}])
    subnet_group(client("dms", first.url), "kept")
    first.kill()
    second = start_emulator("--directory", directory)
    assert client("iam", second.url).get_role(RoleName="dms-vpc-role")["Role"]["Tags"] == [{"Key": "k", "Value": "v"}]
    (group,) = client("dms", second.url).describe_replication_subnet_groups()["ReplicationSubnetGroups"]
    assert group["ReplicationSubnetGroupIdentifier"] == "kept"


def test_accounts_and_regions_are_apart(emulator):
    one, other = client("iam", emulator.url, key="111111111111"), client("iam", emulator.url, key="222222222222")
    service_role(one)
    with pytest.raises(other.exceptions.NoSuchEntityException):
        other.get_role(RoleName="dms-vpc-role")
    here = client("dms", emulator.url, key="111111111111", region="eu-west-1")
    there = client("dms", emulator.url, key="111111111111", region="eu-central-1")
    subnet_group(here, "apart")
    arn = "arn:aws:dms:eu-west-1:111111111111:subgrp:apart"
    assert here.list_tags_for_resource(ResourceArn=arn)["TagList"] == []
    assert there.describe_replication_subnet_groups()["ReplicationSubnetGroups"] == []


def test_partitions_change_every_arn(emulator):
    for region, partition in (("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")):
        iam = client("iam", emulator.url, key="333333333333", region=region)
        role = iam.create_role(RoleName=f"role-{partition}", AssumeRolePolicyDocument=trust("dms.amazonaws.com"))["Role"]
        assert role["Arn"] == f"arn:{partition}:iam::333333333333:role/role-{partition}"
        iam.attach_role_policy(
            RoleName=role["RoleName"], PolicyArn=f"arn:{partition}:iam::aws:policy/service-role/AmazonDMSVPCManagementRole"
        )
        made = endpoint(client("dms", emulator.url, key="333333333333", region=region), "e", "source")
        assert made["EndpointArn"].startswith(f"arn:{partition}:dms:{region}:333333333333:endpoint:")


def test_a_directory_serves_one_process(start_emulator, emulator_command, tmp_path):
    start_emulator("--directory", str(tmp_path))
    second = subprocess.run([*emulator_command, "--directory", str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert second.returncode != 0 and second.stdout == ""
    assert str(tmp_path) in second.stderr and "in use" in second.stderr
