"""The launcher of moto that other tests use: a pipeline's life works there, typed clients can read the answers, and
signatures are verified."""
import datetime
import urllib.request

import pytest
from botocore.exceptions import ClientError

from conftest import RECORDER, client
from scenario import MAPPINGS, endpoint, service_role, subnet_group


def key_of(server):
    return dict(zip(("key", "secret"), server.process.stdout.readline().split(), strict=True))


@pytest.fixture(scope="module")
def settled(start_moto):
    return start_moto("--settle")


@pytest.fixture(autouse=True)
def not_the_emulator():
    """What moto answers must not count as refereed."""
    tests, succeeded = {name: set(tests) for name, tests in RECORDER.refereed_by.items()}, set(RECORDER.succeeded)
    yield
    RECORDER.refereed_by, RECORDER.succeeded = tests, succeeded


def test_a_pipeline_from_creation_to_deletion(settled):
    dms = client("dms", settled.url)
    service_role(client("iam", settled.url, judged=False))
    # Its answers to these stay within the model; those about endpoints have nulls and an engine that is gone from it.
    made = dms.create_replication_subnet_group(
        ReplicationSubnetGroupIdentifier="group", ReplicationSubnetGroupDescription="d", SubnetIds=["subnet-a", "subnet-b"],
        Tags=[{"Key": "k", "Value": "v"}],
    )["ReplicationSubnetGroup"]
    arn = f"arn:aws:dms:us-east-1:123456789012:subgrp:{made['ReplicationSubnetGroupIdentifier']}"
    assert dms.list_tags_for_resource(ResourceArnList=[arn])["TagList"] == [{"Key": "k", "Value": "v", "ResourceArn": arn}]
    instance = dms.create_replication_instance(ReplicationInstanceIdentifier="i", ReplicationInstanceClass="dms.t3.medium")
    instance = instance["ReplicationInstance"]
    assert isinstance(instance["InstanceCreateTime"], datetime.datetime)
    unjudged = client("dms", settled.url, judged=False)
    ends = [endpoint(unjudged, side, side) for side in ("source", "target")]
    assert [end["Status"] for end in ends] == ["active", "active"]
    for end in ends:
        for _ in range(2):
            dms.test_connection(ReplicationInstanceArn=instance["ReplicationInstanceArn"], EndpointArn=end["EndpointArn"])
    assert {row["Status"] for row in dms.describe_connections()["Connections"]} <= {"testing", "successful"}
    task = dms.create_replication_task(
        ReplicationTaskIdentifier="t", SourceEndpointArn=ends[0]["EndpointArn"], TargetEndpointArn=ends[1]["EndpointArn"],
        ReplicationInstanceArn=instance["ReplicationInstanceArn"], MigrationType="cdc", TableMappings=MAPPINGS,
    )["ReplicationTask"]
    assert task["Status"] == "ready" and isinstance(task["ReplicationTaskCreationDate"], datetime.datetime)
    arn = {"ReplicationTaskArn": task["ReplicationTaskArn"]}
    started = dms.start_replication_task(**arn, StartReplicationTaskType="start-replication")["ReplicationTask"]
    assert started["Status"] == "running" and isinstance(started["ReplicationTaskStats"]["StartDate"], datetime.datetime)
    assert dms.stop_replication_task(**arn)["ReplicationTask"]["Status"] == "stopped"
    dms.delete_replication_task(**arn)
    for end in ends:
        unjudged.delete_endpoint(EndpointArn=end["EndpointArn"])
    dms.delete_replication_instance(ReplicationInstanceArn=instance["ReplicationInstanceArn"])
    dms.delete_replication_subnet_group(ReplicationSubnetGroupIdentifier="group")


def test_without_settle_moto_is_left_as_it_is(start_moto):
    dms = client("dms", start_moto().url, judged=False)
    assert endpoint(dms, "e", "source")["Status"] == "creating"
    subnet_group(dms)
    with pytest.raises(ClientError) as absent:
        dms.describe_account_attributes()
    assert absent.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


def test_signatures_are_verified(start_moto):
    server = start_moto("--sign")
    keys = key_of(server)
    client("iam", server.url, judged=False, **keys).list_roles()
    client("dms", server.url, judged=False, **keys).describe_endpoints()
    for wrong in ({**keys, "secret": "wrong"}, {**keys, "key": "AKIAUNKNOWN"}):
        for service, call in (("iam", "list_roles"), ("dms", "describe_endpoints")):
            with pytest.raises(ClientError) as refused:
                getattr(client(service, server.url, judged=False, **wrong), call)()
            assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_it_ends_with_its_standard_input(start_moto):
    server = start_moto()
    urllib.request.urlopen(f"{server.url}/moto-api/data.json").close()
    server.process.stdin.close()
    assert server.process.wait(timeout=30) == 0
