"""IAM and STS: every operation answers what boto3 parses, in the members of the model."""
import json

import pytest
from botocore.exceptions import ClientError

from scenario import VPC_POLICY, trust

INLINE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]}


def test_a_role_from_creation_to_deletion(account):
    iam = account.iam
    document = trust("dms.amazonaws.com")
    tags = [{"Key": "pipewright:owner:équipe", "Value": "orders billing"}, {"Key": "empty", "Value": ""}]
    created = iam.create_role(
        RoleName="whole", Path="/team/", AssumeRolePolicyDocument=document, Description="a & b < c\r\nd",
        MaxSessionDuration=7200, Tags=tags, PermissionsBoundary="arn:aws:iam::aws:policy/PowerUserAccess",
    )["Role"]
    assert created["Arn"] == f"arn:aws:iam::{account.number}:role/team/whole"
    read = iam.get_role(RoleName="whole")["Role"]
    # boto3 decodes policy documents into objects.
    assert read["AssumeRolePolicyDocument"] == json.loads(document)
    assert read["Description"] == "a & b < c\r\nd"
    assert sorted(read["Tags"], key=lambda tag: tag["Key"]) == sorted(tags, key=lambda tag: tag["Key"])
    assert (read["RoleId"], read["CreateDate"]) == (created["RoleId"], created["CreateDate"])
    assert read["PermissionsBoundary"]["PermissionsBoundaryArn"].endswith("/PowerUserAccess")
    assert read["RoleLastUsed"] == {}

    iam.attach_role_policy(RoleName="whole", PolicyArn=VPC_POLICY)
    assert iam.list_attached_role_policies(RoleName="whole")["AttachedPolicies"] == [
        {"PolicyName": "AmazonDMSVPCManagementRole", "PolicyArn": VPC_POLICY}
    ]
    iam.put_role_policy(RoleName="whole", PolicyName="inline", PolicyDocument=json.dumps(INLINE))
    assert iam.list_role_policies(RoleName="whole")["PolicyNames"] == ["inline"]
    assert iam.get_role_policy(RoleName="whole", PolicyName="inline")["PolicyDocument"] == INLINE

    iam.tag_role(RoleName="whole", Tags=[{"Key": "EMPTY", "Value": "no more"}])
    iam.untag_role(RoleName="whole", TagKeys=["pipewright:owner:équipe"])
    assert iam.list_role_tags(RoleName="whole")["Tags"] == [{"Key": "EMPTY", "Value": "no more"}]

    iam.update_role(RoleName="whole", Description="", MaxSessionDuration=3600)
    wider = trust("dms.amazonaws.com", "redshift.amazonaws.com")
    iam.update_assume_role_policy(RoleName="whole", PolicyDocument=wider)
    read = iam.get_role(RoleName="whole")["Role"]
    assert read["AssumeRolePolicyDocument"] == json.loads(wider) and "Description" not in read

    details = iam.get_account_authorization_details(Filter=["Role"])["RoleDetailList"]
    (detail,) = [role for role in details if role["RoleName"] == "whole"]
    assert detail["RolePolicyList"] == [{"PolicyName": "inline", "PolicyDocument": INLINE}]
    assert detail["AttachedManagedPolicies"][0]["PolicyArn"] == VPC_POLICY
    assert iam.list_instance_profiles_for_role(RoleName="whole")["InstanceProfiles"] == []

    iam.detach_role_policy(RoleName="whole", PolicyArn=VPC_POLICY)
    iam.delete_role_policy(RoleName="whole", PolicyName="inline")
    iam.delete_role(RoleName="whole")
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_role(RoleName="whole")


def test_managed_policies(account):
    iam = account.iam
    policy = iam.get_policy(PolicyArn=VPC_POLICY)["Policy"]
    version = iam.get_policy_version(PolicyArn=VPC_POLICY, VersionId=policy["DefaultVersionId"])["PolicyVersion"]
    assert "ec2:CreateNetworkInterface" in version["Document"]["Statement"][0]["Action"]
    # Everything, the AWS-managed policies in use too.
    iam.create_role(RoleName="user-of-it", AssumeRolePolicyDocument=trust("dms.amazonaws.com"))
    iam.attach_role_policy(RoleName="user-of-it", PolicyArn=VPC_POLICY)
    everything = iam.get_account_authorization_details()
    assert [policy["Arn"] for policy in everything["Policies"]] == [VPC_POLICY]
    iam.detach_role_policy(RoleName="user-of-it", PolicyArn=VPC_POLICY)
    iam.delete_role(RoleName="user-of-it")


def test_service_linked_role(account):
    role = account.iam.create_service_linked_role(AWSServiceName="dms.amazonaws.com")["Role"]
    with pytest.raises(account.iam.exceptions.UnmodifiableEntityException):
        account.iam.delete_role(RoleName=role["RoleName"])
    task = account.iam.delete_service_linked_role(RoleName=role["RoleName"])["DeletionTaskId"]
    assert account.iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED"


def test_instance_profiles(account):
    iam = account.iam
    iam.create_role(RoleName="held", AssumeRolePolicyDocument=trust("ec2.amazonaws.com"))
    iam.create_instance_profile(InstanceProfileName="holder", Tags=[{"Key": "a", "Value": "b"}])
    iam.get_waiter("instance_profile_exists").wait(InstanceProfileName="holder", WaiterConfig={"Delay": 0.02, "MaxAttempts": 1})
    iam.add_role_to_instance_profile(InstanceProfileName="holder", RoleName="held")
    (profile,) = iam.list_instance_profiles()["InstanceProfiles"]
    assert profile["Roles"][0]["RoleName"] == "held"
    assert iam.list_instance_profiles_for_role(RoleName="held")["InstanceProfiles"] == [profile]
    with pytest.raises(iam.exceptions.DeleteConflictException):
        iam.delete_role(RoleName="held")
    iam.remove_role_from_instance_profile(InstanceProfileName="holder", RoleName="held")
    iam.delete_role(RoleName="held")
    iam.delete_instance_profile(InstanceProfileName="holder")
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_instance_profile(InstanceProfileName="holder")


def test_waiters_and_paginators(account):
    iam = account.iam
    for number in range(250):
        iam.create_role(RoleName=f"page-{number:03}", Path="/pages/", AssumeRolePolicyDocument=trust("dms.amazonaws.com"))
    iam.get_waiter("role_exists").wait(RoleName="page-007", WaiterConfig={"Delay": 0.02, "MaxAttempts": 1})
    iam.get_waiter("policy_exists").wait(PolicyArn=VPC_POLICY, WaiterConfig={"Delay": 0.02, "MaxAttempts": 1})
    pages = list(iam.get_paginator("list_roles").paginate(PathPrefix="/pages/", PaginationConfig={"PageSize": 30}))
    names = [role["RoleName"] for page in pages for role in page["Roles"]]
    assert len(pages) == 9 and names == [f"page-{number:03}" for number in range(250)]
    details = iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 60})
    listed = [role["RoleName"] for page in details for role in page["RoleDetailList"]]
    assert len([name for name in listed if name.startswith("page-")]) == 250
    tags = [{"Key": f"key-{number:02}", "Value": str(number)} for number in range(50)]
    iam.tag_role(RoleName="page-000", Tags=tags)
    walked = iam.get_paginator("list_role_tags").paginate(RoleName="page-000", PaginationConfig={"PageSize": 7})
    assert [tag for page in walked for tag in page["Tags"]] == tags
    for name in names:
        iam.delete_role(RoleName=name)


def test_sessions_act_in_the_account_of_their_role(account, emulator):
    from conftest import client

    member = "210987654321"
    role = f"arn:aws:iam::{member}:role/OrganizationAccountAccessRole"
    session = account.sts.assume_role(RoleArn=role, RoleSessionName="referee", DurationSeconds=900)["Credentials"]
    keys = {"key": session["AccessKeyId"], "secret": session["SecretAccessKey"], "token": session["SessionToken"]}
    identity = client("sts", emulator.url, **keys).get_caller_identity()
    assert identity["Account"] == member
    assert identity["Arn"] == f"arn:aws:sts::{member}:assumed-role/OrganizationAccountAccessRole/referee"
    there = client("iam", emulator.url, **keys)
    there.create_role(RoleName="over-there", AssumeRolePolicyDocument=trust("dms.amazonaws.com"))
    with pytest.raises(account.iam.exceptions.NoSuchEntityException):
        account.iam.get_role(RoleName="over-there")
    with pytest.raises(ClientError) as refused:
        account.sts.assume_role(RoleArn=f"arn:aws:iam::{member}:role/nobody", RoleSessionName="referee")
    assert refused.value.response["Error"]["Code"] == "AccessDenied"
