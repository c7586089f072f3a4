"""The same script of IAM calls against moto and against the emulator: the same answers, or an explained difference.

The table of differences stands in docs/sandbox.md; UPDATE_DOCS=1 writes it anew from EXPLAINED below.
"""
import json

import pytest
from botocore.exceptions import ClientError

from conftest import ACCOUNT, ROOT, client, replace_section
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

DOCUMENT = trust("dms.amazonaws.com")


def creation(name, **changes):
    return {"RoleName": name, "Path": "/pair/", "AssumeRolePolicyDocument": DOCUMENT, **changes}


def inline(document, name="q"):
    return {"RoleName": "one", "PolicyName": name, "PolicyDocument": document}


# Name of the step, operation, arguments. A step that moto lets pass although AWS refuses it uses a role of its own, so
# that the two do not drift apart.
SCRIPT = [
    ("create", "create_role", creation("one", Description="first", Tags=tags(("a", "1"), ("b", "")))),
    ("create with a duration", "create_role", creation("two", MaxSessionDuration=7200)),
    ("create a third", "create_role", creation("three")),
    ("create again", "create_role", creation("one")),
    ("create again in capitals", "create_role", creation("ONE", Path="/other/")),
    ("create, trust is not JSON", "create_role", creation("broken", Path="/other/", AssumeRolePolicyDocument="{")),
    ("create, unknown service", "create_role",
     creation("unknown", Path="/other/", AssumeRolePolicyDocument=trust("dsm.amazonaws.com"))),
    ("create, the same tag twice", "create_role", creation("twice", Tags=tags(("k", "1"), ("K", "2")))),
    ("create, name with a space", "create_role", creation("a b", Path="/other/")),
    ("create, name too long", "create_role", creation("r" * 65, Path="/other/")),
    ("get", "get_role", {"RoleName": "one"}),
    ("get the second", "get_role", {"RoleName": "two"}),
    ("get, missing", "get_role", {"RoleName": "nobody"}),
    ("list", "list_roles", {"PathPrefix": "/pair/"}),
    ("tag", "tag_role", {"RoleName": "one", "Tags": tags(("c", "3"), ("b", "two"))}),
    ("tags", "list_role_tags", {"RoleName": "one"}),
    ("tags, a page", "list_role_tags", {"RoleName": "one", "MaxItems": 2}),
    ("untag", "untag_role", {"RoleName": "one", "TagKeys": ["a", "never there"]}),
    ("tags after untag", "list_role_tags", {"RoleName": "one"}),
    ("tag, missing role", "tag_role", {"RoleName": "nobody", "Tags": tags(("a", "1"))}),
    ("untag, missing role", "untag_role", {"RoleName": "nobody", "TagKeys": ["a"]}),
    ("tags, missing role", "list_role_tags", {"RoleName": "nobody"}),
    ("tag, bad character in key", "tag_role", {"RoleName": "one", "Tags": tags(("a,b", "1"))}),
    ("tag, key too long", "tag_role", {"RoleName": "one", "Tags": tags(("k" * 129, "1"))}),
    ("tag, value too long", "tag_role", {"RoleName": "one", "Tags": tags(("k", "v" * 257))}),
    ("tag, 51 at once", "tag_role", {"RoleName": "one", "Tags": [*MANY, *tags(("one", "more"))]}),
    ("tag, the same twice", "tag_role", {"RoleName": "one", "Tags": tags(("k", "1"), ("k", "2"))}),
    ("tag, key in capitals", "tag_role", {"RoleName": "two", "Tags": tags(("Team", "a"))}),
    ("tag, key in small letters", "tag_role", {"RoleName": "two", "Tags": tags(("team", "b"))}),
    ("tags, keys without case", "list_role_tags", {"RoleName": "two"}),
    ("tag, bad character in value", "tag_role", {"RoleName": "three", "Tags": tags(("a", "x,y"))}),
    ("tag, reserved prefix", "tag_role", {"RoleName": "three", "Tags": tags(("aws:x", "1"))}),
    ("tag, fifty", "tag_role", {"RoleName": "two", "Tags": MANY[:49]}),
    ("tag, one more than fifty", "tag_role", {"RoleName": "two", "Tags": tags(("z1", ""), ("z2", ""))}),
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
    ("put", "put_role_policy", inline(INLINE, "p")),
    ("put, missing role", "put_role_policy", {**inline(INLINE), "RoleName": "nobody"}),
    ("put, not JSON", "put_role_policy", inline("{")),
    ("put, no action", "put_role_policy", inline(statement(Action=None))),
    ("put, no resource", "put_role_policy", inline(statement(Resource=None))),
    ("put, action without vendor", "put_role_policy", inline(statement(Action="GetObject"))),
    ("put, resource is no ARN", "put_role_policy", inline(statement(Resource="bucket"))),
    ("put, unknown effect", "put_role_policy", inline(statement(Effect="Maybe"))),
    ("put, unknown field", "put_role_policy", inline(statement(Colour="red"))),
    ("put, old version", "put_role_policy", inline(INLINE.replace("2012", "2008"))),
    ("inline", "list_role_policies", {"RoleName": "one"}),
    ("inline document", "get_role_policy", {"RoleName": "one", "PolicyName": "p"}),
    ("inline, missing", "get_role_policy", {"RoleName": "one", "PolicyName": "nothing"}),
    ("delete with an inline policy", "delete_role", {"RoleName": "one"}),
    ("delete inline", "delete_role_policy", {"RoleName": "one", "PolicyName": "p"}),
    ("delete inline again", "delete_role_policy", {"RoleName": "one", "PolicyName": "p"}),
    ("trust", "update_assume_role_policy", {"RoleName": "one", "PolicyDocument": trust("redshift.amazonaws.com")}),
    ("trust is not JSON", "update_assume_role_policy", {"RoleName": "one", "PolicyDocument": "{"}),
    ("trust, other action", "update_assume_role_policy", {"RoleName": "one", "PolicyDocument": DOCUMENT.replace("sts:AssumeRole", "s3:*")}),
    ("trust with a resource", "update_assume_role_policy", {"RoleName": "one", "PolicyDocument": statement(
        Action="sts:AssumeRole", Principal={"Service": "dms.amazonaws.com"})}),
    ("trust, missing role", "update_assume_role_policy", {"RoleName": "nobody", "PolicyDocument": DOCUMENT}),
    ("trust reads back", "get_role", {"RoleName": "one"}),
    ("update", "update_role", {"RoleName": "one", "Description": "changed", "MaxSessionDuration": 3600}),
    ("update, missing role", "update_role", {"RoleName": "nobody", "Description": "x"}),
    ("policy", "get_policy", {"PolicyArn": VPC_POLICY}),
    ("policy, missing", "get_policy", {"PolicyArn": "arn:aws:iam::aws:policy/NoSuchPolicy"}),
    ("policy version", "get_policy_version", {"PolicyArn": VPC_POLICY, "VersionId": "v4"}),
    ("policy version, missing", "get_policy_version", {"PolicyArn": VPC_POLICY, "VersionId": "v99"}),
    ("instance profiles", "list_instance_profiles_for_role", {"RoleName": "one"}),
    ("instance profiles, missing role", "list_instance_profiles_for_role", {"RoleName": "nobody"}),
    ("profile", "create_instance_profile", {"InstanceProfileName": "p", "Path": "/pair/"}),
    ("profile again", "create_instance_profile", {"InstanceProfileName": "p"}),
    ("profile takes a role", "add_role_to_instance_profile", {"InstanceProfileName": "p", "RoleName": "one"}),
    ("profile takes a second role", "add_role_to_instance_profile", {"InstanceProfileName": "p", "RoleName": "two"}),
    ("delete while in a profile", "delete_role", {"RoleName": "one"}),
    ("delete the profile with its role", "delete_instance_profile", {"InstanceProfileName": "p"}),
    ("profile gives the role back", "remove_role_from_instance_profile", {"InstanceProfileName": "p", "RoleName": "one"}),
    ("profile, missing", "get_instance_profile", {"InstanceProfileName": "q"}),
    ("delete the profile", "delete_instance_profile", {"InstanceProfileName": "p"}),
    ("delete", "delete_role", {"RoleName": "one"}),
    ("delete again", "delete_role", {"RoleName": "one"}),
    ("delete the second", "delete_role", {"RoleName": "two"}),
    ("delete the third", "delete_role", {"RoleName": "three"}),
    ("list, empty", "list_roles", {"PathPrefix": "/pair/"}),
]

NO_ROLE = "AWS says `The role with name … cannot be found.`; moto has words of its own"
ANSWER = "AWS's CreateRole answers neither `RoleLastUsed` nor a default `MaxSessionDuration`; moto answers both"
POSITION = "AWS names the position, `tags.1.member`, and ends without a full stop; moto writes `tags.X.member`"

# Step: how the emulator differs from moto, and why. The kinds, which the test checks:
# - wording: the same code and HTTP status in other words;
# - stricter: the emulator refuses, as AWS does, what moto lets pass;
# - members: both succeed, with other members.
EXPLAINED = {
    "create": ("members", ANSWER),
    "create with a duration": ("members", ANSWER),
    "create a third": ("members", ANSWER),
    "create again in capitals": ("stricter", "role names are unique without regard to case"),
    "create, trust is not JSON": ("stricter", "moto checks trust documents in UpdateAssumeRolePolicy only"),
    "create, unknown service": ("stricter", "AWS knows its services and refuses any other principal"),
    "create, name with a space": ("stricter", "the model's pattern of role names"),
    "create, name too long": ("stricter", "role names have at most 64 characters"),
    "get, missing": ("wording", NO_ROLE),
    "tag, missing role": ("wording", NO_ROLE),
    "untag, missing role": ("wording", NO_ROLE),
    "tags, missing role": ("wording", NO_ROLE),
    "tag, bad character in key": ("wording", POSITION),
    "tag, key too long": ("wording", POSITION),
    "tag, value too long": ("wording", POSITION),
    "tag, 51 at once": ("wording", "the value in the message is JSON here, a Python list in moto"),
    "tags, keys without case": ("members", "keys of one role compare without case; moto keeps both"),
    "tag, bad character in value": ("stricter", "the model's pattern of tag values; moto checks keys only"),
    "tag, reserved prefix": ("stricter", "keys beginning with `aws:` are AWS's own"),
    "tag, one more than fifty": ("stricter", "a role has at most 50 tags; moto counts those of one call"),
    "attach, missing role": ("wording", NO_ROLE),
    "attached, missing role": ("wording", NO_ROLE),
    "put, missing role": ("wording", NO_ROLE),
    "inline, missing": ("wording", "AWS says `The role policy with name … cannot be found.`"),
    "trust is not JSON": ("wording", "AWS says `This policy contains invalid Json`"),
    "trust, other action": ("wording", "AWS says `AssumeRole policy may only specify STS AssumeRole actions.`"),
    "trust with a resource": ("wording", "AWS ends without a full stop"),
    "trust, missing role": ("wording", NO_ROLE),
    "update, missing role": ("wording", NO_ROLE),
    "policy": ("members", "moto answers `Tags` and lacks `PermissionsBoundaryUsageCount`, and counts an attachment too many"),
    "policy, missing": ("wording", "AWS says `Policy … was not found.`"),
    "policy version, missing": ("wording", "AWS says `Policy … version … does not exist or is not attachable.`"),
    "instance profiles": ("members", "moto lacks `IsTruncated`"),
    "instance profiles, missing role": ("stricter", "moto does not look for the role"),
    "profile": ("members", "moto answers an empty `Tags`"),
    "profile, missing": ("wording", "AWS says `Instance Profile … cannot be found.`"),
    "delete again": ("wording", NO_ROLE),
}

# What no two accounts have in common.
VOLATILE = {"ResponseMetadata", "RoleId", "InstanceProfileId", "CreateDate", "UpdateDate", "PolicyId", "Marker"}


def stable(value):
    if isinstance(value, dict):
        return {key: stable(item) for key, item in sorted(value.items()) if key not in VOLATILE}
    if isinstance(value, list):
        # moto orders roles by their random ids.
        return sorted((stable(item) for item in value), key=json.dumps)
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
    # moto is not the one under test: its answers need not be in the model.
    theirs = client("iam", start_moto().url, judged=False)
    return {
        name: (outcome(ours, operation, arguments), outcome(theirs, operation, arguments))
        for name, operation, arguments in SCRIPT
    }


@pytest.mark.parametrize("step", [name for name, _, _ in SCRIPT])
def test_same_answer_as_moto(answers, step):
    ours, theirs = answers[step]
    if step not in EXPLAINED:
        assert ours == theirs
        return
    assert ours != theirs, "the difference is gone: remove its explanation"
    kind, _ = EXPLAINED[step]
    if kind == "wording":
        assert (ours[1]["code"], ours[1]["status"]) == (theirs[1]["code"], theirs[1]["status"])
    else:
        assert (ours[0], theirs[0]) == ("error" if kind == "stricter" else "answer", "answer")


def test_the_differences_are_documented():
    assert set(EXPLAINED) <= {name for name, _, _ in SCRIPT}
    rows = [f"| {step} | {kind} | {reason} |" for step, (kind, reason) in EXPLAINED.items()]
    same = len(SCRIPT) - len(EXPLAINED)
    table = [f"{len(SCRIPT)} steps, {same} with the same answer, {len(EXPLAINED)} explained:", "",
             "| step | difference | why |", "|---|---|---|", *rows]
    replace_section(ROOT / "docs/sandbox.md", "moto differences", "\n".join(table))
