"""Signatures of botocore, right and wrong, over both protocols."""
import datetime
from unittest import mock

import pytest
from botocore.exceptions import ClientError

from conftest import client

KEY, SECRET = "AKIAREFEREE000000000", "the referee's secret"


@pytest.fixture(scope="module")
def url(start_emulator):
    return start_emulator("--credentials", f"{KEY}:{SECRET}").url


CALLS = {
    "iam": lambda made: made.list_roles(),
    "sts": lambda made: made.get_caller_identity(),
    "dms": lambda made: made.describe_account_attributes(),
}

# Case, service: HTTP status and code. IAM and STS answer 403, DMS answers 400 with the names of its protocol.
REFUSALS = {
    "wrong secret": {"query": (403, "SignatureDoesNotMatch"), "json": (400, "InvalidSignatureException")},
    "unknown key": {"query": (403, "InvalidClientTokenId"), "json": (400, "UnrecognizedClientException")},
    "forged token": {"query": (403, "InvalidClientTokenId"), "json": (400, "UnrecognizedClientException")},
    "an hour late": {"query": (403, "SignatureDoesNotMatch"), "json": (400, "InvalidSignatureException")},
    "unsigned": {"query": (403, "MissingAuthenticationToken"), "json": (400, "MissingAuthenticationTokenException")},
}


@pytest.mark.parametrize("service", CALLS)
def test_a_right_signature_is_accepted(url, service):
    CALLS[service](client(service, url, key=KEY, secret=SECRET))


@pytest.mark.parametrize("service", CALLS)
@pytest.mark.parametrize("case", REFUSALS)
def test_a_wrong_one_is_refused(url, service, case):
    key, secret = ("AKIAUNKNOWN", SECRET) if case == "unknown key" else (KEY, SECRET)
    secret = "another" if case == "wrong secret" else secret
    made = client(service, url, key=key, secret=secret, token="forged" if case == "forged token" else None)
    if case == "unsigned":
        made.meta.events.register("before-send", strip_authorization)
    with pytest.raises(ClientError) as refused:
        if case == "an hour late":
            late = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) - datetime.timedelta(hours=1)
            with mock.patch("botocore.auth.get_current_datetime", return_value=late):
                CALLS[service](made)
        else:
            CALLS[service](made)
    answer = refused.value.response
    found = (answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"])
    assert found == REFUSALS[case]["json" if service == "dms" else "query"]
    if case == "an hour late":
        assert answer["Error"]["Message"].startswith("Signature expired: ")


def strip_authorization(request, **_):
    del request.headers["Authorization"]


def test_temporary_credentials_sign(url):
    sts = client("sts", url, key=KEY, secret=SECRET)
    role = "arn:aws:iam::210987654321:role/OrganizationAccountAccessRole"
    session = sts.assume_role(RoleArn=role, RoleSessionName="referee")["Credentials"]
    keys = {"key": session["AccessKeyId"], "token": session["SessionToken"]}
    assert client("sts", url, secret=session["SecretAccessKey"], **keys).get_caller_identity()["Account"] == "210987654321"
    client("dms", url, secret=session["SecretAccessKey"], **keys).describe_account_attributes()
    with pytest.raises(ClientError) as refused:
        client("iam", url, secret="wrong", **keys).list_roles()
    assert refused.value.response["Error"]["Code"] == "SignatureDoesNotMatch"
