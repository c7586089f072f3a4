#!/usr/bin/env python3
"""Cut the parts of botocore's API models that this crate needs.

    extract.py BOTOCORE_DATA_DIR OUT_DIR

Keeps operations, shapes, constraints and error codes; drops documentation. The structure is botocore's own.
"""
import gzip
import json
import pathlib
import sys

OPERATIONS = {
    ("cloudwatch", "2010-08-01"): ["GetMetricData"],
    ("iam", "2010-05-08"): """
        AddRoleToInstanceProfile AttachRolePolicy CreateInstanceProfile CreateRole CreateServiceLinkedRole
        DeleteInstanceProfile DeleteRole DeleteRolePolicy DeleteServiceLinkedRole DetachRolePolicy
        GetAccountAuthorizationDetails GetInstanceProfile GetPolicy GetPolicyVersion GetRole GetRolePolicy
        GetServiceLinkedRoleDeletionStatus ListAttachedRolePolicies ListInstanceProfiles ListInstanceProfilesForRole
        ListRolePolicies ListRoles ListRoleTags PutRolePolicy RemoveRoleFromInstanceProfile TagRole UntagRole
        UpdateAssumeRolePolicy UpdateRole""".split(),
    ("secretsmanager", "2017-10-17"): ["CreateSecret", "DeleteSecret", "GetSecretValue", "PutSecretValue"],
    ("sts", "2011-06-15"): ["AssumeRole", "GetCallerIdentity"],
    ("dms", "2016-01-01"): """
        AddTagsToResource ApplyPendingMaintenanceAction CancelReplicationTaskAssessmentRun CreateEndpoint
        CreateEventSubscription CreateReplicationConfig CreateReplicationInstance CreateReplicationSubnetGroup
        CreateReplicationTask DeleteCertificate DeleteConnection DeleteEndpoint DeleteEventSubscription
        DeleteReplicationConfig DeleteReplicationInstance DeleteReplicationSubnetGroup DeleteReplicationTask
        DeleteReplicationTaskAssessmentRun DescribeAccountAttributes DescribeApplicableIndividualAssessments
        DescribeCertificates DescribeConnections DescribeEndpointTypes DescribeEndpoints DescribeEngineVersions
        DescribeEventCategories DescribeEventSubscriptions DescribeEvents DescribeOrderableReplicationInstances
        DescribePendingMaintenanceActions DescribeReplicationConfigs DescribeReplicationInstances
        DescribeReplicationSubnetGroups DescribeReplicationTableStatistics DescribeReplicationTaskAssessmentRuns
        DescribeReplicationTaskIndividualAssessments DescribeReplicationTasks DescribeReplications
        DescribeTableStatistics ImportCertificate ListTagsForResource ModifyEndpoint ModifyEventSubscription
        ModifyReplicationConfig ModifyReplicationInstance ModifyReplicationSubnetGroup ModifyReplicationTask
        MoveReplicationTask RebootReplicationInstance ReloadReplicationTables ReloadTables RemoveTagsFromResource
        StartReplication StartReplicationTask StartReplicationTaskAssessmentRun StopReplication
        StopReplicationTask TestConnection""".split(),
}
KEPT = ("type", "required", "members", "member", "key", "value", "enum", "min", "max", "pattern", "flattened",
        "locationName", "sensitive")


def references(shape):
    found = list(shape.get("members", {}).values())
    found += [shape[part] for part in ("member", "key", "value") if part in shape]
    return [reference["shape"] for reference in found]


def cut(model, names):
    operations, wanted = {}, []
    for name in names:
        source = model["operations"][name]
        kept = {}
        if "input" in source:
            kept["input"] = source["input"]["shape"]
        if "output" in source:
            kept["output"] = source["output"]["shape"]
            if "resultWrapper" in source["output"]:
                kept["resultWrapper"] = source["output"]["resultWrapper"]
        wanted += [kept[part] for part in ("input", "output") if part in kept]
        operations[name] = kept
    shapes = {}
    while wanted:
        name = wanted.pop()
        if name in shapes:
            continue
        source = model["shapes"][name]
        shape = {key: source[key] for key in KEPT if key in source}
        for part in ("member", "key", "value"):
            if part in shape:
                shape[part] = {k: v for k, v in shape[part].items() if k in ("shape", "locationName")}
        if "members" in shape:
            shape["members"] = {
                member: {k: v for k, v in reference.items() if k in ("shape", "locationName")}
                for member, reference in shape["members"].items()
            }
        shapes[name] = shape
        wanted += references(shape)
    return {
        "metadata": {key: model["metadata"][key] for key in ("apiVersion", "xmlNamespace", "serviceId") if key in model["metadata"]},
        "operations": operations,
        "shapes": dict(sorted(shapes.items())),
    }


def main():
    data, out = map(pathlib.Path, sys.argv[1:3])
    for (service, version), names in OPERATIONS.items():
        with gzip.open(data / service / version / "service-2.json.gz") as file:
            model = json.load(file)
        text = json.dumps(cut(model, names), separators=(",", ":"), ensure_ascii=False)
        (out / f"{service}.json").write_text(text + "\n")


main()
