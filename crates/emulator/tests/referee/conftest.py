"""The referees' ground: servers started for a test, and clients whose every raw answer is checked against the model."""
import json
import os
import pathlib
import subprocess
import sys
from xml.etree import ElementTree

import boto3
import pytest
from botocore.config import Config

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[3]
REGION = "us-east-1"
ACCOUNT = "123456789012"

# Errors that any operation may answer, whatever its model lists.
COMMON_ERRORS = {
    "AccessDenied", "AccessDeniedException", "ExpiredToken", "ExpiredTokenException", "IncompleteSignature",
    "InternalFailure", "InvalidAction", "InvalidClientTokenId", "InvalidParameterCombinationException",
    "InvalidParameterValueException", "InvalidQueryParameter", "InvalidSignatureException", "MalformedInput",
    "MissingAuthenticationToken", "MissingAuthenticationTokenException", "SerializationException", "ServiceFailure",
    "SignatureDoesNotMatch", "Throttling", "ThrottlingException", "UnknownOperationException",
    "UnrecognizedClientException", "ValidationError", "ValidationException",
}


class Server:
    """A process that serves AWS's protocols and prints its URL on the first line."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        assert self.url.startswith("http://"), f"{command} printed {self.url!r} instead of its URL"

    def close(self):
        self.process.stdin.close()
        self.process.terminate()
        self.process.wait(timeout=30)
        self.process.stdout.close()

    def kill(self):
        self.process.kill()
        self.process.wait(timeout=30)


class Recorder:
    """What was called, and with which answer, over the whole run."""

    def __init__(self):
        # "dms:CreateEndpoint": the files of the tests that called it. Whether a waiter sees a thing once more before it
        # is gone is a matter of speed, so these hold calls, not successes.
        self.refereed_by = {}
        self.succeeded = set()
        self.faults = []

    def called(self, name):
        test = os.environ.get("PYTEST_CURRENT_TEST", "").partition("::")[0]
        self.refereed_by.setdefault(name, set()).add(pathlib.PurePath(test).name)


RECORDER = Recorder()


def check_members(value, shape, path, faults):
    """Collects what a JSON answer has and its shape has not."""
    if value is None:
        return
    kind = shape.type_name
    if kind == "structure":
        if not isinstance(value, dict):
            return faults.append(f"{path}: {value!r} is not a structure")
        members = {member.serialization.get("name", name): member for name, member in shape.members.items()}
        for name, item in value.items():
            if name in members:
                check_members(item, members[name], f"{path}.{name}", faults)
            else:
                faults.append(f"{path}.{name} is not in the model")
    elif kind == "list":
        if not isinstance(value, list):
            return faults.append(f"{path}: {value!r} is not a list")
        for index, item in enumerate(value):
            check_members(item, shape.member, f"{path}[{index}]", faults)
    elif kind == "map":
        for key, item in value.items():
            check_members(item, shape.value, f"{path}.{key}", faults)
    elif kind in ("integer", "long"):
        if not isinstance(value, int) or isinstance(value, bool):
            faults.append(f"{path}: {value!r} is not an integer")
    elif kind in ("float", "double"):
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            faults.append(f"{path}: {value!r} is not a number")
    elif kind == "boolean":
        if not isinstance(value, bool):
            faults.append(f"{path}: {value!r} is not a boolean")
    elif kind == "timestamp":
        iso = shape.serialization.get("timestampFormat") == "iso8601"
        if not isinstance(value, str if iso else (int, float)) or isinstance(value, bool):
            faults.append(f"{path}: {value!r} is not a timestamp of its format")
    elif not isinstance(value, str):
        faults.append(f"{path}: {value!r} is not a string")


def check_xml(element, shape, path, faults):
    """The same for the XML of the query protocol."""
    children = [(child.tag.rpartition("}")[2], child) for child in element]
    if shape.type_name == "structure":
        for name, child in children:
            if name in shape.members:
                check_xml(child, shape.members[name], f"{path}.{name}", faults)
            else:
                faults.append(f"{path}.{name} is not in the model")
    elif shape.type_name == "list":
        for index, (name, child) in enumerate(children):
            if name != "member":
                faults.append(f"{path}.{name} is not a member element")
            check_xml(child, shape.member, f"{path}[{index}]", faults)
    elif children:
        faults.append(f"{path} has elements but is a scalar")


def check_answer(operation_model, response_dict, **_):
    """Runs on every raw answer, before boto3's own parser, which drops silently what it does not know."""
    service = operation_model.service_model.service_name
    name = f"{service}:{operation_model.name}"
    faults = []
    RECORDER.called(name)
    if "x-amzn-requestid" not in {key.lower() for key in response_dict["headers"]}:
        faults.append("the answer has no x-amzn-RequestId")
    if response_dict["status_code"] < 300:
        RECORDER.succeeded.add(name)
        shape = operation_model.output_shape
        if service in ("cloudwatch", "dms", "secretsmanager"):
            check_members(json.loads(response_dict["body"] or b"{}"), shape, "", faults)
        else:
            root = ElementTree.fromstring(response_dict["body"])
            for child in root:
                tag = child.tag.rpartition("}")[2]
                if tag == f"{operation_model.name}Result" and shape is not None:
                    check_xml(child, shape, "", faults)
                elif tag != "ResponseMetadata":
                    faults.append(f"{tag} does not belong into the answer")
    RECORDER.faults += [f"{name}: {fault}" for fault in faults]


def check_error_code(parsed, model, **_):
    """An error that the operation's model does not list and that is no common one would surprise a typed client."""
    if "Error" not in parsed:
        return
    listed = {shape.metadata.get("error", {}).get("code") or shape.name for shape in model.error_shapes}
    code = parsed["Error"]["Code"]
    if code not in listed | COMMON_ERRORS:
        RECORDER.faults.append(f"{model.service_model.service_name}:{model.name}: error {code} is not in the model")


def client(service, url, key="test", secret="test", token=None, region=REGION, judged=True):
    """A client of one service. A judged one checks every answer against the model."""
    made = boto3.client(
        service,
        endpoint_url=url,
        region_name=region,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(parameter_validation=True, retries={"total_max_attempts": 1}, read_timeout=30),
    )
    if judged:
        made.meta.events.register("before-parse", check_answer)
        made.meta.events.register("after-call", check_error_code)
    return made


def replace_section(path, name, text):
    """Compares a generated section of a document with `text`, or writes it where UPDATE_DOCS is set."""
    begin, end = f"<!-- begin {name} (generated) -->", f"<!-- end {name} -->"
    document = path.read_text()
    head, _, rest = document.partition(begin)
    assert rest, f"{path} has no section {name}"
    wanted = f"{head}{begin}\n{text}\n{end}{rest.partition(end)[2]}"
    if os.environ.get("UPDATE_DOCS"):
        path.write_text(wanted)
    assert path.read_text() == wanted, f"{path}: section {name} is stale; run with UPDATE_DOCS=1"


@pytest.fixture(scope="session")
def emulator_command():
    command = os.environ.get("EMULATOR_COMMAND")
    assert command, "EMULATOR_COMMAND must name the command that serves the emulator; run.sh sets it"
    return command.split()


@pytest.fixture(scope="session")
def start_emulator(emulator_command):
    """Starts an emulator with further arguments; all end with the session."""
    servers = []

    def start(*arguments):
        servers.append(Server([*emulator_command, *arguments]))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture(scope="session")
def start_moto():
    servers = []

    def start(*arguments):
        command = [sys.executable, str(ROOT / "crates/testkit/moto/serve.py"), "--until-eof", *arguments]
        servers.append(Server(command))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture(scope="session")
def emulator(start_emulator):
    """One emulator for the whole run, fast enough that instances take less than a second."""
    return start_emulator("--speed", "2000")


@pytest.fixture(scope="module")
def account(request, emulator):
    """Clients in an account of the module's own, so that modules do not see each other's resources."""
    number = 100_000_000_000 + sum(ord(letter) * 131**place for place, letter in enumerate(request.module.__name__)) % 10**11
    return Account(emulator.url, str(number))


class Account:
    """The services, seen from one account; its access key is its number."""

    def __init__(self, url, number):
        self.number = number
        names = ("cloudwatch", "dms", "iam", "secretsmanager", "sts")
        self.cloudwatch, self.dms, self.iam, self.secrets, self.sts = (client(name, url, key=number) for name in names)


@pytest.fixture(autouse=True)
def no_faults():
    """Fails the test during which an answer left the model."""
    before = len(RECORDER.faults)
    yield
    assert RECORDER.faults[before:] == []
