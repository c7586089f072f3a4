"""The permission mode: the same policy, the same verdicts as moto's; and what moto cannot judge, by what boto3 is answered."""
import json
import urllib.request

import pytest
from botocore.exceptions import ClientError

from conftest import client
from scenario import ensure_service_role, trust


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


POLICIES = {
    "a list of actions": policy({"Effect": "Allow", "Action": ["iam:ListRoles", "iam:GetRole"], "Resource": "*"}),
    "a wildcard": policy({"Effect": "Allow", "Action": "iam:*Role", "Resource": "*"}),
    "everything": policy({"Effect": "Allow", "Action": "*", "Resource": "*"}),
    "everything but": policy({"Effect": "Allow", "NotAction": "iam:DeleteRole", "Resource": "*"}),
    "an explicit deny": policy(
        {"Effect": "Allow", "Action": "iam:*", "Resource": "*"},
        {"Effect": "Deny", "Action": ["iam:Tag*", "iam:CreateRole"], "Resource": "*"},
    ),
    "another service": policy({"Effect": "Allow", "Action": "dms:*", "Resource": "*"}),
}

CALLS = [
    ("list_roles", {}),
    ("create_role", {"RoleName": "r", "AssumeRolePolicyDocument": trust("dms.amazonaws.com")}),
    ("get_role", {"RoleName": "r"}),
    ("tag_role", {"RoleName": "r", "Tags": [{"Key": "k", "Value": "v"}]}),
    ("list_role_tags", {"RoleName": "r"}),
    ("delete_role", {"RoleName": "r"}),
]


def verdicts(iam):
    found = []
    for name, arguments in CALLS:
        try:
            getattr(iam, name)(**arguments)
            found.append((name, "allowed"))
        except ClientError as error:
            refused = error.response["Error"]["Code"] == "AccessDenied"
            assert not refused or error.response["ResponseMetadata"]["HTTPStatusCode"] == 403
            # An allowed call may fail, on a role that could not be made for one.
            found.append((name, "refused" if refused else "allowed"))
    return found


@pytest.fixture(scope="module")
def moto_users(start_moto):
    """Users of moto's, one a policy; once all are made, moto asks the policies."""
    url = start_moto().url
    setup = client("iam", url, judged=False)
    keys = {}
    for number, (name, document) in enumerate(POLICIES.items()):
        setup.create_user(UserName=f"u{number}")
        setup.put_user_policy(UserName=f"u{number}", PolicyName="p", PolicyDocument=document)
        keys[name] = setup.create_access_key(UserName=f"u{number}")["AccessKey"]
    enforce = urllib.request.Request(f"{url}/moto-api/reset-auth", b"0", {"Content-Type": "text/plain"}, method="POST")
    urllib.request.urlopen(enforce).close()
    return {
        name: client("iam", url, key=key["AccessKeyId"], secret=key["SecretAccessKey"], judged=False)
        for name, key in keys.items()
    }


@pytest.mark.parametrize("name", POLICIES)
def test_same_verdicts_as_moto(start_emulator, moto_users, tmp_path, name):
    file = tmp_path / "policy.json"
    file.write_text(POLICIES[name])
    ours = client("iam", start_emulator("--policy", str(file)).url)
    assert verdicts(ours) == verdicts(moto_users[name])


@pytest.fixture(scope="module")
def tagged(start_emulator, tmp_path_factory):
    """May create what it tags as its own, change what is tagged so, and read everything."""
    file = tmp_path_factory.mktemp("policy") / "policy.json"
    file.write_text(
        policy(
            {"Effect": "Allow", "Action": ["dms:Describe*", "dms:ListTagsForResource", "iam:*"], "Resource": "*"},
            {"Effect": "Allow", "Action": ["dms:Create*", "dms:AddTagsToResource"], "Resource": "*",
             "Condition": {"StringEquals": {"aws:RequestTag/pipewright:scope": "prod"}}},
            {"Effect": "Allow", "Action": ["dms:Modify*", "dms:Delete*"], "Resource": "*",
             "Condition": {"StringEquals": {"aws:ResourceTag/pipewright:scope": "prod"}}},
        )
    )
    return start_emulator("--policy", str(file), "--speed", "2000")


def made(dms, name, scope):
    return dms.create_endpoint(
        EndpointIdentifier=name, EndpointType="source", EngineName="mysql", ServerName="h", Username="u", Password="p", Port=3306,
        Tags=[{"Key": "pipewright:scope", "Value": scope}],
    )["Endpoint"]["EndpointArn"]


def refused(call, **arguments):
    with pytest.raises(ClientError) as failed:
        call(**arguments)
    return failed.value.response["Error"]


def test_tags_decide_who_may_create_and_change(tagged):
    dms = client("dms", tagged.url)
    arn = made(dms, "own", "prod")
    dms.modify_endpoint(EndpointArn=arn, ServerName="other")
    with pytest.raises(ClientError) as foreign:
        made(dms, "foreign", "staging")
    error = foreign.value.response["Error"]
    assert error["Code"] == "AccessDeniedException"
    assert error["Message"].startswith("User: arn:aws:iam::123456789012:user/sandbox is not authorized to perform: dms:CreateEndpoint on resource: ")
    assert refused(dms.test_connection, ReplicationInstanceArn=arn, EndpointArn=arn)["Code"] == "AccessDeniedException"
    assert dms.describe_endpoints()["Endpoints"][0]["EndpointIdentifier"] == "own"


def test_the_actions_that_were_used_are_listed(tagged):
    dms, iam = client("dms", tagged.url), client("iam", tagged.url)
    ensure_service_role(iam)
    dms.describe_replication_instances()
    with urllib.request.urlopen(f"{tagged.url}/_sandbox/actions") as answer:
        used = json.load(answer)
    assert {"dms:DescribeReplicationInstances", "iam:CreateRole", "iam:AttachRolePolicy"} <= set(json.dumps(used).replace('"', " ").split())


def test_nobody_is_kept_from_asking_who_they_are(start_emulator, tmp_path):
    file = tmp_path / "policy.json"
    file.write_text(policy({"Effect": "Deny", "Action": "*", "Resource": "*"}))
    url = start_emulator("--policy", str(file)).url
    assert client("sts", url).get_caller_identity()["Account"] == "123456789012"
    assert refused(client("iam", url).list_roles)["Code"] == "AccessDenied"
    assert refused(client("dms", url).describe_endpoints)["Code"] == "AccessDeniedException"
