"""botocore's paginators walk 250 objects: every one once, in pages of the size that was asked for."""
import pytest

from scenario import ensure_service_role, instance, subnet_group

COUNT = 250


@pytest.fixture(scope="module")
def dms(account):
    ensure_service_role(account.iam)
    for number in range(COUNT):
        account.dms.create_endpoint(
            EndpointIdentifier=f"page-{number:03}",
            EndpointType="source",
            EngineName="mysql",
            Username="u",
            Password="p",
            ServerName="db",
            Port=3306,
        )
    return account.dms


@pytest.mark.parametrize("size", [20, 37, 100])
def test_endpoints(dms, size):
    pages = list(dms.get_paginator("describe_endpoints").paginate(PaginationConfig={"PageSize": size}))
    assert [len(page["Endpoints"]) for page in pages[:-1]] == [size] * (len(pages) - 1)
    names = [endpoint["EndpointIdentifier"] for page in pages for endpoint in page["Endpoints"]]
    assert sorted(names) == [f"page-{number:03}" for number in range(COUNT)]


def test_with_a_filter(dms):
    filters = [{"Name": "endpoint-id", "Values": [f"page-{number:03}" for number in range(0, COUNT, 2)]}]
    pages = dms.get_paginator("describe_endpoints").paginate(Filters=filters, PaginationConfig={"PageSize": 50})
    names = [endpoint["EndpointIdentifier"] for page in pages for endpoint in page["Endpoints"]]
    assert sorted(names) == [f"page-{number:03}" for number in range(0, COUNT, 2)]


def test_tags_of_many_resources_in_one_call(dms):
    pages = dms.get_paginator("describe_endpoints").paginate()
    arns = [endpoint["EndpointArn"] for page in pages for endpoint in page["Endpoints"]][:100]
    for arn in arns:
        dms.add_tags_to_resource(ResourceArn=arn, Tags=[{"Key": "n", "Value": arn[-4:]}])
    found = dms.list_tags_for_resource(ResourceArnList=arns)["TagList"]
    assert {tag["ResourceArn"]: tag["Value"] for tag in found} == {arn: arn[-4:] for arn in arns}


def test_subnet_groups_connections_and_catalogues(dms):
    for number in range(30):
        subnet_group(dms, f"page-{number:02}")
    pages = list(dms.get_paginator("describe_replication_subnet_groups").paginate(PaginationConfig={"PageSize": 20}))
    names = [group["ReplicationSubnetGroupIdentifier"] for page in pages for group in page["ReplicationSubnetGroups"]]
    assert sorted(names) == [f"page-{number:02}" for number in range(30)]
    arn = instance(dms, "page-instance", "page-00")["ReplicationInstanceArn"]
    endpoints = dms.describe_endpoints(MaxRecords=100)["Endpoints"][:25]
    for endpoint in endpoints:
        dms.test_connection(ReplicationInstanceArn=arn, EndpointArn=endpoint["EndpointArn"])
    pages = dms.get_paginator("describe_connections").paginate(PaginationConfig={"PageSize": 20})
    walked = [connection["EndpointArn"] for page in pages for connection in page["Connections"]]
    assert sorted(walked) == sorted(endpoint["EndpointArn"] for endpoint in endpoints)
    whole = [row for page in dms.get_paginator("describe_endpoint_types").paginate() for row in page["SupportedEndpointTypes"]]
    small = [row for page in dms.get_paginator("describe_endpoint_types").paginate(PaginationConfig={"PageSize": 20})
             for row in page["SupportedEndpointTypes"]]
    assert small == whole
