"""The same script of IAM calls against moto and against the emulator: the same answers, or an explained difference.

The table of differences is part of docs/sandbox.md, and a test there compares it with EXPLAINED below.
"""
import json

import pytest
from botocore.exceptions import ClientError

from conftest import ACCOUNT, client
from scenario import VPC_POLICY, trust

LOGS_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonDMSCloudWatchLogsRole"
INLINE = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]}
)


def statement(**changes):
    whole = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", **changes}
    return json.dumps({"Version": "2012-10-17", "Statement": [{k: v for k, v in whole.items() if v is not None}]})


def tags(*pairs):
    return [{"Key": key, "Value": value} for key, value in pairs]


MANY = tags(*((f"key{number:02}", "v") for number in range(50)))

# Name of the step, operation, arguments.
SCRIPT = [
    ("create", "create_role", {"RoleName": "one", "AssumeRolePolicyDocument": trust("dms.amazonaws.com"),
                               "Description": "first", "Tags": tags(("a", "1"), ("b", ""))}),
    ("create with a path", "create_role", {"RoleName": "two", "Path": "/team/",
                                           "AssumeRolePolicyDocument": trust("dms.amazonaws.com"), "MaxSessionDuration": 7200}),
    ("create again", "create_role", {"RoleName": "one", "AssumeRolePolicyDocument": trust("dms.amazonaws.com")}),
    ("create again in capitals", "create_role", {"RoleName": "ONE", "AssumeRolePolicyDocument": trust("dms.amazonaws.com")}),
    ("create, trust is not JSON", "create_role", {"RoleName": "three", "AssumeRolePolicyDocument": "{"}),
    ("create, unknown service", "create_role", {"RoleName": "three", "AssumeRolePolicyDocument": trust("dsm.amazonaws.com")}),
    ("create, twice the same tag", "create_role", {"RoleName": "three", "Tags": tags(("k", "1"), ("K", "2")),
                                                   "AssumeRolePolicyDocument": trust("dms.amazonaws.com")}),
    ("create, name with a space", "create_role", {"RoleName": "a b", "AssumeRolePolicyDocument": trust("dms.amazonaws.com")}),
    ("create, name too long", "create_role", {"RoleName": "r" * 65, "AssumeRolePolicyDocument": trust("dms.amazonaws.com")}),
    ("get", "get_role", {"RoleName": "one"}),
    ("get the second", "get_role", {"RoleName": "two"}),
    ("get, missing", "get_role", {"RoleName": "nobody"}),
    ("list", "list_roles", {}),
    ("list by prefix", "list_roles", {"PathPrefix": "/team/"}),
    ("list a page", "list_roles", {"MaxItems": 1}),
    ("tag", "tag_role", {"RoleName": "one", "Tags": tags(("c", "3"), ("B", "two"))}),
    ("tags", "list_role_tags", {"RoleName": "one"}),
    ("tags, a page", "list_role_tags", {"RoleName": "one", "MaxItems": 2}),
    ("untag", "untag_role", {"RoleName": "one", "TagKeys": ["a", "never there"]}),
    ("tags after untag", "list_role_tags", {"RoleName": "one"}),
    ("tag, missing role", "tag_role", {"RoleName": "nobody", "Tags": tags(("a", "1"))}),
    ("untag, missing role", "untag_role", {"RoleName": "nobody", "TagKeys": ["a"]}),
    ("tags, missing role", "list_role_tags", {"RoleName": "nobody"}),
    ("tag, bad character in key", "tag_role", {"RoleName": "one", "Tags": tags(("a,b", "1"))}),
    ("tag, bad character in value", "tag_role", {"RoleName": "one", "Tags": tags(("a", "x,y"))}),
    ("tag, key too long", "tag_role", {"RoleName": "one", "Tags": tags(("k" * 129, "1"))}),
    ("tag, value too long", "tag_role", {"RoleName": "one", "Tags": tags(("k", "v" * 257))}),
    ("tag, 51 at once", "tag_role", {"RoleName": "one", "Tags": [*MANY, *tags(("one", "more"))]}),
    ("tag, twice the same", "tag_role", {"RoleName": "one", "Tags": tags(("k", "1"), ("k", "2"))}),
    ("tag, reserved prefix", "tag_role", {"RoleName": "one", "Tags": tags(("aws:x", "1"))}),
    ("tag, more than 50 together", "tag_role", {"RoleName": "one", "Tags": MANY}),
    ("attach", "attach_role_policy", {"RoleName": "one", "PolicyArn": VPC_POLICY}),
    ("attach again", "attach_role_policy", {"RoleName": "one", "PolicyArn": VPC_POLICY}),
    ("attach a second", "attach_role_policy", {"RoleName": "one", "PolicyArn": LOGS_POLICY}),
    ("attach, missing policy", "attach_role_policy", {"RoleName": "one", "PolicyArn": "arn:aws:iam::aws:policy/NoSuchPolicy"}),
    ("attach, missing role", "attach_role_policy", {"RoleName": "nobody", "PolicyArn": VPC_POLICY}),
    ("attached", "list_attached_role_policies", {"RoleName": "one"}),
    ("attached, missing role", "list_attached_role_policies", {"RoleName": "nobody"}),
    ("delete while attached", "delete_role", {"RoleName": "one"}),
    ("detach", "detach_role_policy", {"RoleName": "one", "PolicyArn": LOGS_POLICY}),
    ("detach again", "detach_role_policy", {"RoleName": "one", "PolicyArn": LOGS_POLICY}),
    ("detach the last", "detach_role_policy", {"RoleName": "one", "PolicyArn": VPC_POLICY}),
    ("put", "put_role_policy", {"RoleName": "one", "PolicyName": "p", "PolicyDocument": INLINE}),
    ("put, missing role", "put_role_policy", {"RoleName": "nobody", "PolicyName": "p", "PolicyDocument": INLINE}),
    ("put, not JSON", "put_role_policy", {"RoleName": "one", "PolicyName": "q", "PolicyDocument": "{"}),
    ("put, no action", "put_role_policy", {"RoleName": "one", "PolicyName": "q", "PolicyDocument": statement(Action=None)}),
    ("put, no resource", "put_role_policy", {"RoleName": "one", "PolicyName": "q", "PolicyDocument": statement(Resource=None)}),
    ("put, action without vendor", "put_role_policy",
     {"RoleName": "one", "PolicyName": "q", "PolicyDocument": statement(Action="GetObject")}),
    ("put, resource is no ARN", "put_role_policy",
     {"RoleName": "one", "PolicyName": "q", "PolicyDocument": statement(Resource="bucket")}),
    ("put, unknown effect", "put_role_policy", {"RoleName": "one", "PolicyName": "q", "PolicyDocument": statement(Effect="Maybe")}),
    ("inline", "list_role_policies", {"RoleName": "one"}),
    ("inline document", "get_role_policy", {"RoleName": "one", "PolicyName": "p"}),
    ("inline, missing", "get_role_policy", {"RoleName": "one", "PolicyName": "nothing"}),
    ("delete with an inline policy", "delete_role", {"RoleName": "one"}),
    ("delete inline", "delete_role_policy", {"RoleName": "one", "PolicyName": "p"}),
    ("delete inline again", "delete_role_policy", {"RoleName": "one", "PolicyName": "p"}),
    ("trust", "update_assume_role_policy", {"RoleName": "one", "PolicyDocument": trust("redshift.amazonaws.com")}),
    ("trust is not JSON", "update_assume_role_policy", {"RoleName": "one", "PolicyDocument": "{"}),
    ("trust, other action", "update_assume_role_policy", {"RoleName": "one", "PolicyDocument": json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "dms.amazonaws.com"}, "Action": "s3:*"}]})}),
    ("trust with a resource", "update_assume_role_policy", {"RoleName": "one", "PolicyDocument": statement(
        Action="sts:AssumeRole", Principal={"Service": "dms.amazonaws.com"})}),
    ("trust, missing role", "update_assume_role_policy", {"RoleName": "nobody", "PolicyDocument": trust("dms.amazonaws.com")}),
    ("trust reads back", "get_role", {"RoleName": "one"}),
    ("update", "update_role", {"RoleName": "one", "Description": "changed", "MaxSessionDuration": 3600}),
    ("update, missing role", "update_role", {"RoleName": "nobody", "Description": "x"}),
    ("policy", "get_policy", {"PolicyArn": VPC_POLICY}),
    ("policy, missing", "get_policy", {"PolicyArn": "arn:aws:iam::aws:policy/NoSuchPolicy"}),
    ("policy version", "get_policy_version", {"PolicyArn": VPC_POLICY, "VersionId": "v4"}),
    ("policy version, missing", "get_policy_version", {"PolicyArn": VPC_POLICY, "VersionId": "v99"}),
    ("instance profiles", "list_instance_profiles_for_role", {"RoleName": "one"}),
    ("instance profiles, missing role", "list_instance_profiles_for_role", {"RoleName": "nobody"}),
    ("delete", "delete_role", {"RoleName": "one"}),
    ("delete again", "delete_role", {"RoleName": "one"}),
    ("delete the second", "delete_role", {"RoleName": "two"}),
    ("list, empty", "list_roles", {}),
]

# Step: why the emulator answers otherwise than moto.
EXPLAINED = {
}

# What no two accounts have in common.
VOLATILE = {"ResponseMetadata", "RoleId", "CreateDate", "UpdateDate", "PolicyId", "Marker"}


def stable(value):
    if isinstance(value, dict):
        return {key: stable(item) for key, item in sorted(value.items()) if key not in VOLATILE}
    if isinstance(value, list):
        return [stable(item) for item in value]
    return value


def outcome(iam, operation, arguments):
    try:
        return "answer", stable(getattr(iam, operation)(**arguments))
    except ClientError as error:
        found = error.response["Error"]
        return "error", {
            "code": found["Code"],
            "status": error.response["ResponseMetadata"]["HTTPStatusCode"],
            "message": found["Message"],
        }


@pytest.fixture(scope="module")
def answers(start_emulator, start_moto):
    ours = client("iam", start_emulator().url, key=ACCOUNT)
    theirs = client("iam", start_moto().url)
    # moto is not the one under test: its answers need not be in the model.
    theirs.meta.events.unregister("before-parse")
    return {
        name: (outcome(ours, operation, arguments), outcome(theirs, operation, arguments))
        for name, operation, arguments in SCRIPT
    }


@pytest.mark.parametrize("step", [name for name, _, _ in SCRIPT])
def test_same_answer_as_moto(answers, step):
    ours, theirs = answers[step]
    if step in EXPLAINED:
        assert ours != theirs, "the difference is gone: remove its explanation"
    else:
        assert ours == theirs


def test_every_explanation_belongs_to_a_step():
    assert set(EXPLAINED) <= {name for name, _, _ in SCRIPT}
