"""Runs last: every operation that the emulator implements has succeeded at least once in this run."""
import botocore.session
import pytest
from botocore.exceptions import ClientError

from conftest import RECORDER, client

UNKNOWN = {"UnknownOperationException", "InvalidAction"}


def dummy(shape, depth=0):
    """The smallest value that boto3's parameter validation accepts."""
    kind = shape.type_name
    if kind == "structure":
        return {name: dummy(shape.members[name], depth + 1) for name in shape.required_members}
    if kind == "list":
        return [dummy(shape.member, depth + 1)] if shape.metadata.get("min") else []
    if kind == "map":
        return {}
    if kind in ("integer", "long", "float", "double"):
        return shape.metadata.get("min", 1)
    if kind == "boolean":
        return False
    if kind == "timestamp":
        return 0
    if kind == "blob":
        return b""
    return shape.enum[0] if getattr(shape, "enum", None) else "x" * max(1, shape.metadata.get("min", 1))


@pytest.mark.parametrize("service", ["dms", "iam", "sts"])
def test_every_implemented_operation_was_refereed(start_emulator, service, request):
    if request.session.testscollected < 50:
        pytest.skip("only a whole run can tell")
    model = botocore.session.get_session().get_service_model(service)
    made = client(service, start_emulator().url)
    made.meta.events.unregister("before-parse")
    made.meta.events.unregister("after-call")
    refereed = set(RECORDER.succeeded)
    missing = []
    for name in model.operation_names:
        operation = model.operation_model(name)
        arguments = dummy(operation.input_shape) if operation.input_shape else {}
        try:
            made._make_api_call(name, arguments)
            known = True
        except ClientError as error:
            known = error.response["Error"]["Code"] not in UNKNOWN
        if known and f"{service}:{name}" not in refereed:
            missing.append(name)
    assert missing == []
