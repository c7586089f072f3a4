"""The AWS CLI, pointed at the emulator as docs/sandbox.md says."""
import json
import os
import subprocess
import sys

from conftest import ACCOUNT, REGION
from scenario import VPC_POLICY, trust


def aws(url, *arguments):
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_PAGER": "",
    }
    command = [sys.executable, "-c", "import sys, awscli.clidriver; sys.exit(awscli.clidriver.main())", *arguments, "--output", "json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else {}


def test_the_cli_works_with_an_endpoint_url(start_emulator):
    url = start_emulator().url
    assert aws(url, "sts", "get-caller-identity")["Account"] == ACCOUNT
    aws(url, "iam", "create-role", "--role-name", "dms-vpc-role", "--assume-role-policy-document", trust("dms.amazonaws.com"))
    aws(url, "iam", "attach-role-policy", "--role-name", "dms-vpc-role", "--policy-arn", VPC_POLICY)
    assert aws(url, "iam", "get-role", "--role-name", "dms-vpc-role")["Role"]["RoleName"] == "dms-vpc-role"
    aws(url, "dms", "create-replication-subnet-group", "--replication-subnet-group-identifier", "cli",
        "--replication-subnet-group-description", "from the CLI", "--subnet-ids", "subnet-0a1", "subnet-0b2")
    (group,) = aws(url, "dms", "describe-replication-subnet-groups")["ReplicationSubnetGroups"]
    assert group["ReplicationSubnetGroupIdentifier"] == "cli"
