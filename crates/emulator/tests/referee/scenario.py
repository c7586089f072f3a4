"""Building blocks of the referees' scenarios: what a controller sets up before it can migrate anything."""
import json

VPC_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonDMSVPCManagementRole"
MAPPINGS = json.dumps(
    {
        "rules": [
            {
                "rule-type": "selection",
                "rule-id": "1",
                "rule-name": "1",
                "object-locator": {"schema-name": "shop", "table-name": "%"},
                "rule-action": "include",
            }
        ]
    }
)


def trust(*services):
    statement = {"Effect": "Allow", "Principal": {"Service": list(services)}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def service_role(iam, name="dms-vpc-role", policy=VPC_POLICY, tags=()):
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust("dms.amazonaws.com"), Tags=list(tags))["Role"]
    iam.attach_role_policy(RoleName=name, PolicyArn=policy)
    return role


def ensure_service_role(iam):
    if "dms-vpc-role" not in {role["RoleName"] for role in iam.list_roles()["Roles"]}:
        service_role(iam)


def subnet_group(dms, name="group"):
    return dms.create_replication_subnet_group(
        ReplicationSubnetGroupIdentifier=name,
        ReplicationSubnetGroupDescription="for the referee",
        SubnetIds=["subnet-0a000000000000001", "subnet-0b000000000000002"],
    )["ReplicationSubnetGroup"]


def instance(dms, name="instance", group="group", wait=True):
    made = dms.create_replication_instance(
        ReplicationInstanceIdentifier=name,
        ReplicationInstanceClass="dms.t3.medium",
        AllocatedStorage=50,
        ReplicationSubnetGroupIdentifier=group,
        Tags=[{"Key": "pipewright:scope", "Value": "referee"}],
    )["ReplicationInstance"]
    if wait:
        wait_for(dms, "replication_instance_available", "replication-instance-arn", made["ReplicationInstanceArn"])
    return made


def endpoint(dms, name, side, engine="mysql"):
    return dms.create_endpoint(
        EndpointIdentifier=name,
        EndpointType=side,
        EngineName=engine,
        Username="migrator",
        Password="not a real password",
        ServerName="db.example.internal",
        Port=3306,
        DatabaseName="shop",
        Tags=[{"Key": "pipewright:scope", "Value": "referee"}],
    )["Endpoint"]


def connect(dms, instance_arn, *endpoint_arns):
    for arn in endpoint_arns:
        dms.test_connection(ReplicationInstanceArn=instance_arn, EndpointArn=arn)
        wait_for(dms, "test_connection_succeeds", "endpoint-arn", arn)


def task(dms, name, instance_arn, source_arn, target_arn, migration="full-load-and-cdc", wait=True):
    made = dms.create_replication_task(
        ReplicationTaskIdentifier=name,
        SourceEndpointArn=source_arn,
        TargetEndpointArn=target_arn,
        ReplicationInstanceArn=instance_arn,
        MigrationType=migration,
        TableMappings=MAPPINGS,
        Tags=[{"Key": "pipewright:scope", "Value": "referee"}],
    )["ReplicationTask"]
    if wait:
        wait_for(dms, "replication_task_ready", "replication-task-arn", made["ReplicationTaskArn"])
    return made


def wait_for(dms, waiter, filter_name, *values, attempts=600):
    """botocore's own waiter; only its delay is shortened, since virtual time runs fast."""
    dms.get_waiter(waiter).wait(
        Filters=[{"Name": filter_name, "Values": list(values)}], WaiterConfig={"Delay": 0.02, "MaxAttempts": attempts}
    )


class Pipeline:
    """A complete pipeline with a running task."""

    def __init__(self, account, prefix):
        self.dms = dms = account.dms
        ensure_service_role(account.iam)
        self.group = f"{prefix}-group"
        subnet_group(dms, self.group)
        self.instance = instance(dms, f"{prefix}-instance", self.group)["ReplicationInstanceArn"]
        self.source = endpoint(dms, f"{prefix}-source", "source")["EndpointArn"]
        self.target = endpoint(dms, f"{prefix}-target", "target", "aurora-postgresql")["EndpointArn"]
        connect(dms, self.instance, self.source, self.target)
        self.task = task(dms, f"{prefix}-task", self.instance, self.source, self.target)["ReplicationTaskArn"]

    def start(self, kind="start-replication"):
        self.dms.start_replication_task(ReplicationTaskArn=self.task, StartReplicationTaskType=kind)

    def await_task(self, waiter):
        wait_for(self.dms, waiter, "replication-task-arn", self.task)
