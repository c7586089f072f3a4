"""The referee itself: it finds what it is there to find."""
from xml.etree import ElementTree

import botocore.session
import pytest

from conftest import check_members, check_xml


def shape_of(service, operation):
    return botocore.session.get_session().get_service_model(service).operation_model(operation).output_shape


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ({"Endpoints": [{"EndpointIdentifier": "e", "Port": 1, "S3Settings": {"CsvDelimiter": ","}}]}, None),
        ({"Endpoints": [{"EndpointColour": "red"}]}, ".Endpoints[0].EndpointColour is not in the model"),
        ({"Endpoints": [{"S3Settings": {"Colour": 1}}]}, ".Endpoints[0].S3Settings.Colour is not in the model"),
        ({"Endpoints": {"EndpointIdentifier": "e"}}, ".Endpoints: {'EndpointIdentifier': 'e'} is not a list"),
        ({"Endpoints": [{"Port": "3306"}]}, ".Endpoints[0].Port: '3306' is not an integer"),
        ({"Endpoints": [{"S3Settings": {"EnableStatistics": "true"}}]},
         ".Endpoints[0].S3Settings.EnableStatistics: 'true' is not a boolean"),
    ],
)
def test_json(answer, fault):
    faults = []
    check_members(answer, shape_of("dms", "DescribeEndpoints"), "", faults)
    assert faults == ([fault] if fault else [])


def test_a_timestamp_is_a_number():
    faults = []
    answer = {"ReplicationInstances": [{"InstanceCreateTime": "2026-01-01T00:00:00Z"}]}
    check_members(answer, shape_of("dms", "DescribeReplicationInstances"), "", faults)
    assert len(faults) == 1 and "timestamp" in faults[0]


def test_xml():
    faults = []
    good = "<R><Roles><member><Path>/</Path></member></Roles></R>"
    check_xml(ElementTree.fromstring(good), shape_of("iam", "ListRoles"), "", faults)
    assert faults == []
    bad = "<R><Roles><item><Path><x/></Path><Colour/></item></Roles></R>"
    check_xml(ElementTree.fromstring(bad), shape_of("iam", "ListRoles"), "", faults)
    assert faults == [
        ".Roles.item is not a member element", ".Roles[0].Path has elements but is a scalar",
        ".Roles[0].Colour is not in the model",
    ]
