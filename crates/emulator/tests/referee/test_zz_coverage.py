"""Runs last: every operation that the emulator implements has succeeded at least once in this run."""
import botocore.session
import pytest
from botocore.exceptions import ClientError

from conftest import RECORDER, ROOT, client, replace_section

UNKNOWN = {"UnknownOperation", "UnknownOperationException", "InvalidAction"}


def dummy(shape):
    """The smallest value that boto3's parameter validation accepts."""
    kind = shape.type_name
    if kind == "structure":
        names = shape.required_members or (list(shape.members)[:1] if shape.is_tagged_union else [])
        return {name: dummy(shape.members[name]) for name in names}
    if kind == "list":
        return [dummy(shape.member)] if shape.metadata.get("min") else []
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


def implemented(service, url):
    """The operations of a service that the emulator knows, and all that its model has."""
    model = botocore.session.get_session().get_service_model(service)
    made = client(service, url, judged=False)
    known = set()
    for name in model.operation_names:
        operation = model.operation_model(name)
        try:
            made._make_api_call(name, dummy(operation.input_shape) if operation.input_shape else {})
            known.add(name)
        except ClientError as error:
            if error.response["Error"]["Code"] not in UNKNOWN:
                known.add(name)
    return known, model.operation_names


@pytest.fixture(scope="module")
def coverage(start_emulator, request):
    if request.session.testscollected < 100:
        pytest.skip("only a whole run can tell")
    url = start_emulator().url
    return {service: implemented(service, url) for service in ("cloudwatch", "dms", "iam", "secretsmanager", "sts")}


@pytest.mark.parametrize("service", ["cloudwatch", "dms", "iam", "secretsmanager", "sts"])
def test_every_implemented_operation_was_refereed(coverage, service):
    known, _ = coverage[service]
    assert sorted(name for name in known if f"{service}:{name}" not in RECORDER.refereed_by) == []


def test_the_coverage_is_documented(coverage):
    """For DMS all operations of the model; of the others, some of which have hundreds, those that the emulator has."""
    lines = []
    for service, (known, everything) in coverage.items():
        lines += [f"**{service}**: {len(known)} of {len(everything)} operations.", "",
                  "| operation | implemented | refereed by |", "|---|---|---|"]
        for name in sorted(everything if service == "dms" else known):
            judges = ", ".join(f"`{judge}`" for judge in sorted(RECORDER.refereed_by.get(f"{service}:{name}", [])))
            lines.append(f"| {name} | {'yes' if name in known else 'no'} | {judges if name in known else ''} |")
        lines.append("")
    replace_section(ROOT / "docs/sandbox.md", "coverage", "\n".join(lines).rstrip())
