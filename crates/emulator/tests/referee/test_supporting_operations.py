"""What surrounds a pipeline: reboots and maintenance, certificates, event subscriptions and events, assessments."""
import datetime

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from scenario import Pipeline, wait_for


@pytest.fixture(scope="module")
def pipeline(account):
    return Pipeline(account, "support")


def by(name, *values):
    return [{"Name": name, "Values": list(values)}]


def until(call, done):
    """Calls until the answer is as wanted."""
    for _ in range(20_000):
        answer = call()
        if done(answer):
            return answer
    raise AssertionError(f"never done: {answer}")


def test_reboot_and_maintenance(account, pipeline):
    dms = account.dms
    made = dms.reboot_replication_instance(ReplicationInstanceArn=pipeline.instance)["ReplicationInstance"]
    assert made["ReplicationInstanceStatus"] == "rebooting"
    wait_for(dms, "replication_instance_available", "replication-instance-arn", pipeline.instance)
    with pytest.raises(ClientError) as single:
        dms.reboot_replication_instance(ReplicationInstanceArn=pipeline.instance, ForceFailover=True)
    assert single.value.response["Error"]["Code"] == "InvalidParameterCombinationException"

    versions = [row["Version"] for row in dms.describe_engine_versions()["EngineVersions"]]
    assert len(versions) > 1 and len(set(versions)) == len(versions)
    # An instance of the first patch of a release has a newer patch pending, where the catalogue has one.
    for version in versions:
        old = dms.create_replication_instance(
            ReplicationInstanceIdentifier=f"support-{version.replace('.', '-')}", ReplicationInstanceClass="dms.t3.medium",
            EngineVersion=version, ReplicationSubnetGroupIdentifier=pipeline.group,
        )["ReplicationInstance"]["ReplicationInstanceArn"]
        wait_for(dms, "replication_instance_available", "replication-instance-arn", old)
        pending = dms.describe_pending_maintenance_actions(ReplicationInstanceArn=old)["PendingMaintenanceActions"]
        if pending:
            break
    else:
        raise AssertionError("no version of the catalogue has a newer patch")
    (action,) = pending[0]["PendingMaintenanceActionDetails"]
    assert pending[0]["ResourceIdentifier"] == old
    dms.apply_pending_maintenance_action(ReplicationInstanceArn=old, ApplyAction=action["Action"], OptInType="immediate")
    wait_for(dms, "replication_instance_available", "replication-instance-arn", old)
    (row,) = dms.describe_replication_instances(Filters=by("replication-instance-arn", old))["ReplicationInstances"]
    assert row["EngineVersion"] != version
    left = until(dms.describe_pending_maintenance_actions, lambda answer: old not in {
        row["ResourceIdentifier"] for row in answer["PendingMaintenanceActions"]})
    assert "PendingMaintenanceActions" in left


def pem():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "db.example.internal")])
    begin = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(begin).not_valid_after(begin + datetime.timedelta(days=365)).sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def test_certificates(account):
    dms = account.dms
    document = pem()
    made = dms.import_certificate(CertificateIdentifier="Root-CA", CertificatePem=document)["Certificate"]
    assert made["KeyLength"] == 2048 and made["SigningAlgorithm"] == "SHA256withRSA"
    assert made["ValidToDate"] - made["ValidFromDate"] == datetime.timedelta(days=365)
    wallet = bytes(range(256))
    dms.import_certificate(CertificateIdentifier="wallet", CertificateWallet=wallet, Tags=[{"Key": "k", "Value": "v"}])
    (read,) = dms.describe_certificates(Filters=by("certificate-id", "wallet"))["Certificates"]
    assert read["CertificateWallet"] == wallet
    with pytest.raises(dms.exceptions.InvalidCertificateFault):
        dms.import_certificate(CertificateIdentifier="broken", CertificatePem="-----BEGIN CERTIFICATE-----\nno\n")
    with pytest.raises(dms.exceptions.ResourceAlreadyExistsFault):
        dms.import_certificate(CertificateIdentifier="root-ca", CertificatePem=document)
    secured = dms.create_endpoint(
        EndpointIdentifier="support-secured", EndpointType="source", EngineName="mysql", Username="u", Password="p",
        ServerName="db", Port=3306, SslMode="verify-ca", CertificateArn=made["CertificateArn"],
    )["Endpoint"]
    assert secured["CertificateArn"] == made["CertificateArn"]
    with pytest.raises(dms.exceptions.InvalidResourceStateFault):
        dms.delete_certificate(CertificateArn=made["CertificateArn"])
    dms.delete_endpoint(EndpointArn=secured["EndpointArn"])
    wait_for(dms, "endpoint_deleted", "endpoint-arn", secured["EndpointArn"])
    dms.delete_certificate(CertificateArn=made["CertificateArn"])
    walked = [row["CertificateIdentifier"] for page in dms.get_paginator("describe_certificates").paginate()
              for row in page["Certificates"]]
    assert walked == ["wallet"]


def test_ssl_modes_of_engines(account):
    dms = account.dms
    server = {"EndpointType": "source", "ServerName": "db", "Port": 1, "Username": "u", "Password": "p"}
    for engine, mode in [("mysql", "require"), ("oracle", "verify-full"), ("postgres", "verify-ca"), ("mongodb", "verify-ca")]:
        with pytest.raises(dms.exceptions.ClientError) as refused:
            dms.create_endpoint(EndpointIdentifier="support-ssl", EngineName=engine, SslMode=mode, **server)
        assert refused.value.response["Error"]["Code"] == "InvalidParameterCombinationException"
    made = dms.create_endpoint(EndpointIdentifier="support-ssl", EngineName="postgres", SslMode="require", **server)
    dms.delete_endpoint(EndpointArn=made["Endpoint"]["EndpointArn"])


def test_secrets(account):
    secrets = account.secrets
    made = secrets.create_secret(Name="pipewright/ca", SecretString="one")
    assert made["ARN"].startswith(f"arn:aws:secretsmanager:us-east-1:{account.number}:secret:pipewright/ca-")
    with pytest.raises(secrets.exceptions.ResourceExistsException):
        secrets.create_secret(Name="pipewright/ca", SecretString="one")
    put = secrets.put_secret_value(SecretId=made["ARN"], SecretBinary=b"\x00two")
    read = secrets.get_secret_value(SecretId="pipewright/ca")
    assert (read["SecretBinary"], read["VersionId"], read["VersionStages"]) == (b"\x00two", put["VersionId"], ["AWSCURRENT"])
    assert secrets.get_secret_value(SecretId=made["ARN"], VersionStage="AWSPREVIOUS")["SecretString"] == "one"
    for name in ("pipewright/a", "pipewright/b"):
        secrets.create_secret(Name=name)
    pages = list(secrets.get_paginator("list_secrets").paginate(PaginationConfig={"PageSize": 2}))
    listed = [secret for page in pages for secret in page["SecretList"]]
    assert [secret["Name"] for secret in listed] == ["pipewright/a", "pipewright/b", "pipewright/ca"]
    assert len(pages) == 2
    assert "SecretVersionsToStages" not in listed[0]
    assert listed[2]["SecretVersionsToStages"] == {
        put["VersionId"]: ["AWSCURRENT"], made["VersionId"]: ["AWSPREVIOUS"]}
    assert not any("SecretString" in secret for secret in listed)
    with pytest.raises(secrets.exceptions.InvalidNextTokenException):
        secrets.list_secrets(NextToken="?")
    for lost in ["pipewright/lost", made["ARN"][:-1] + "!"]:
        with pytest.raises(secrets.exceptions.ResourceNotFoundException):
            secrets.get_secret_value(SecretId=lost)
    with pytest.raises(secrets.exceptions.InvalidParameterException):
        secrets.put_secret_value(SecretId="pipewright/ca", SecretString="a", SecretBinary=b"b")
    secrets.delete_secret(SecretId="pipewright/ca", RecoveryWindowInDays=7)
    with pytest.raises(secrets.exceptions.InvalidRequestException):
        secrets.get_secret_value(SecretId="pipewright/ca")


def test_event_subscriptions(account, pipeline):
    dms = account.dms
    topic = f"arn:aws:sns:us-east-1:{account.number}:alerts"
    made = dms.create_event_subscription(
        SubscriptionName="alerts", SnsTopicArn=topic, SourceType="replication-task",
        EventCategories=["failure", "state change"], Enabled=True, Tags=[{"Key": "k", "Value": "v"}],
    )["EventSubscription"]
    assert (made["CustSubscriptionId"], made["Status"]) == ("alerts", "creating")

    def described():
        (row,) = dms.describe_event_subscriptions(SubscriptionName="alerts")["EventSubscriptionsList"]
        return row

    until(described, lambda row: row["Status"] == "active")
    dms.modify_event_subscription(SubscriptionName="alerts", Enabled=False)
    row = until(described, lambda row: row["Status"] == "active")
    assert row["Enabled"] is False and sorted(row["EventCategoriesList"]) == ["failure", "state change"]
    with pytest.raises(dms.exceptions.ResourceAlreadyExistsFault):
        dms.create_event_subscription(SubscriptionName="alerts", SnsTopicArn=topic)
    dms.delete_event_subscription(SubscriptionName="alerts")

    def gone():
        try:
            return described()
        except dms.exceptions.ResourceNotFoundFault:
            return None

    until(gone, lambda row: row is None)


def test_events_and_their_categories(account, pipeline):
    dms = account.dms
    groups = dms.describe_event_categories()["EventCategoryGroupList"]
    assert {"replication-instance", "replication-task"} <= {group["SourceType"] for group in groups}
    events = dms.describe_events(SourceType="replication-instance", Duration=20_160)["Events"]
    assert "support-instance" in {event["SourceIdentifier"] for event in events}
    assert all(isinstance(event["Date"], datetime.datetime) for event in events)


def test_assessment_runs(account, pipeline):
    dms = account.dms
    applicable = dms.describe_applicable_individual_assessments(ReplicationTaskArn=pipeline.task)["IndividualAssessmentNames"]
    assert applicable

    started = dms.start_replication_task_assessment_run(
        ReplicationTaskArn=pipeline.task, ServiceAccessRoleArn=f"arn:aws:iam::{account.number}:role/assess",
        ResultLocationBucket="results", AssessmentRunName="first",
    )
    arn = started["ReplicationTaskAssessmentRun"]["ReplicationTaskAssessmentRunArn"]
    only = by("replication-task-assessment-run-arn", arn)

    def row():
        (run,) = dms.describe_replication_task_assessment_runs(Filters=only)["ReplicationTaskAssessmentRuns"]
        return run

    run = until(row, lambda run: run["Status"] not in {"provisioning", "starting", "running"})
    assert run["Status"] == "passed"
    individual = dms.describe_replication_task_individual_assessments(Filters=only)["ReplicationTaskIndividualAssessments"]
    assert {one["IndividualAssessmentName"] for one in individual} == set(applicable)
    dms.delete_replication_task_assessment_run(ReplicationTaskAssessmentRunArn=arn)
