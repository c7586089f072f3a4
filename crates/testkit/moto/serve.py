#!/usr/bin/env python3
"""Serves moto (https://github.com/getmoto/moto, Apache-2.0) as a referee that nobody of this project wrote.

    serve.py [--port PORT] [--sign] [--settle] [--until-eof]

The first line of stdout is the URL. With --sign a second line holds an access key id and its secret, apart by a space;
from then on moto verifies every signature (its INITIAL_NO_AUTH_ACTION_COUNT is 0) and allows that key everything.
--until-eof ends the server when stdin closes, so that it never outlives the test that started it.

moto's own, untouched: all of IAM and STS; of DMS the eighteen operations CreateEndpoint, CreateReplicationInstance,
CreateReplicationSubnetGroup, CreateReplicationTask, DeleteEndpoint, DeleteReplicationInstance,
DeleteReplicationSubnetGroup, DeleteReplicationTask, DescribeConnections, DescribeEndpoints,
DescribeReplicationInstances, DescribeReplicationSubnetGroups, DescribeReplicationTasks, ListTagsForResource,
ModifyReplicationInstance, StartReplicationTask, StopReplicationTask and TestConnection. Any other operation of DMS
answers HTTP 500. This launcher adds only that kinds which moto does not have can be listed: there are none of them.

Always changed, since no typed SDK can read the answer otherwise: timestamps of tasks and instances are epoch seconds,
as the awsJson protocol wants, not ISO 8601 strings.

Also always changed: the body of a form is kept as it came, so that the signature is checked against what was signed.
moto parses it and encodes it anew, in Python's way (`+` for a space), which only boto3 signs.

Changed with --settle, where moto stands still and a controller would wait for ever:
- an endpoint is `active`, not `creating`;
- a task that was created is `ready`, not `creating`;
- testing a connection again answers that connection, not HTTP 500;
- the tags of a subnet group are found under its ARN (moto keeps them under its identifier, and has no ARN).
"""
import argparse
import datetime
import json
import os
import signal
import sys
import threading

# Read when moto is imported.
os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
os.environ.setdefault("INITIAL_NO_AUTH_ACTION_COUNT", "inf")

import boto3  # noqa: E402
from moto import settings  # noqa: E402
from moto.core.authorization import ActionAuthenticatorMixin  # noqa: E402
from moto.core.responses import BaseResponse  # noqa: E402
from moto.dms import models  # noqa: E402
from moto.dms.responses import DatabaseMigrationServiceResponse  # noqa: E402
from moto.moto_server.threaded_moto_server import ThreadedMotoServer  # noqa: E402

# The member that lists the resources, by the method of moto that an operation is looked up under.
ABSENT_KINDS = {
    "describe_replication_configs": "ReplicationConfigs",
    "describe_replications": "Replications",
    "describe_certificates": "Certificates",
    "describe_event_subscriptions": "EventSubscriptionsList",
}

TIMESTAMPS = (
    "ReplicationTaskCreationDate ReplicationTaskStartDate FreshStartDate StartDate StopDate FullLoadStartDate "
    "FullLoadFinishDate InstanceCreateTime FreeUntil"
).split()


def with_epoch_seconds(value):
    """Turns ISO 8601 strings under the names of timestamps into epoch seconds, and drops nulls."""
    if isinstance(value, list):
        return [with_epoch_seconds(item) for item in value]
    if not isinstance(value, dict):
        return value
    changed = {}
    for key, item in value.items():
        if key in TIMESTAMPS and isinstance(item, str):
            moment = datetime.datetime.fromisoformat(item)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=datetime.timezone.utc)
            item = moment.timestamp()
        if item is not None:
            changed[key] = with_epoch_seconds(item)
    return changed


def wrap(cls, name, change):
    """Replaces a method by `change(original, self, ...)`."""
    original = getattr(cls, name)
    setattr(cls, name, lambda self, *args, **kwargs: change(original, self, *args, **kwargs))


def epoch_seconds(original, self):
    return with_epoch_seconds(original(self))


def with_body_as_it_came(original, self, request, *args, **kwargs):
    if hasattr(request, "get_data"):
        request.get_data(cache=True)
    return original(self, request, *args, **kwargs)


def list_nothing(member):
    return lambda self: json.dumps({member: []})


def settled(status):
    def create(original, self, *args, **kwargs):
        created = original(self, *args, **kwargs)
        created.status = status
        return created

    return create


def test_again(original, self, replication_instance_arn, endpoint_arn):
    for connection in self.connections:
        if (connection.replication_instance_arn, connection.endpoint_arn) == (replication_instance_arn, endpoint_arn):
            return connection
    return original(self, replication_instance_arn=replication_instance_arn, endpoint_arn=endpoint_arn)


def tags_by_arn(original, self, resource_arn_list):
    found = []
    for arn in resource_arn_list:
        group = arn.rpartition(":subgrp:")[2] if ":subgrp:" in arn else None
        for tag in original(self, [group or arn]):
            found.append({**tag, "ResourceArn": arn})
    return found


def require_signatures(url):
    """Makes a user that may do everything, then lets moto check signatures. Answers the user's key."""
    iam = boto3.client(
        "iam", endpoint_url=url, region_name="us-east-1", aws_access_key_id="setup", aws_secret_access_key="setup"
    )
    iam.create_user(UserName="controller")
    iam.attach_user_policy(UserName="controller", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    key = iam.create_access_key(UserName="controller")["AccessKey"]
    settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
    ActionAuthenticatorMixin.request_count = 0
    return key["AccessKeyId"], key["SecretAccessKey"]


def main():
    parser = argparse.ArgumentParser(description="Serve moto on the loopback interface.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--sign", action="store_true", help="verify signatures; print a key")
    parser.add_argument("--settle", action="store_true", help="endpoints become active and tasks ready")
    parser.add_argument("--until-eof", action="store_true", help="end when stdin closes")
    options = parser.parse_args()

    for operation, member in ABSENT_KINDS.items():
        # A moto that has the operation keeps its own.
        if not hasattr(DatabaseMigrationServiceResponse, operation):
            setattr(DatabaseMigrationServiceResponse, operation, list_nothing(member))
    wrap(BaseResponse, "setup_class", with_body_as_it_came)
    wrap(models.FakeReplicationTask, "to_dict", epoch_seconds)
    wrap(models.FakeReplicationInstance, "to_dict", epoch_seconds)
    if options.settle:
        backend = models.DatabaseMigrationServiceBackend
        wrap(backend, "create_endpoint", settled("active"))
        wrap(backend, "create_replication_task", settled("ready"))
        wrap(backend, "test_connection", test_again)
        wrap(backend, "list_tags_for_resource", tags_by_arn)

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=options.port, verbose=False)
    server.start()
    url = "http://{}:{}".format(*server.get_host_and_port())
    key = require_signatures(url) if options.sign else None
    print(url, flush=True)
    if key:
        print(*key, flush=True)

    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    if options.until_eof:
        threading.Thread(target=lambda: (sys.stdin.read(), done.set()), daemon=True).start()
    done.wait()
    server.stop()


if __name__ == "__main__":
    main()
