"""Synthesises the two stacks of the fixtures anew: app.py OUT writes OUT/OrdersStack.template.json and LedgerStack's."""

import sys

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
import cdk_dms_replication as dms


def stack(app, name):
    # The oldest synthesizer: its templates name assets by parameters, which an import must live with.
    return cdk.Stack(app, name, synthesizer=cdk.LegacyStackSynthesizer(), analytics_reporting=False)


def orders(app):
    """A pipeline on an instance, from MySQL to Aurora PostgreSQL."""
    scope = stack(app, "OrdersStack")
    role = iam.Role(scope, "SecretsRole", assumed_by=iam.ServicePrincipal(f"dms.{cdk.Aws.REGION}.amazonaws.com"))
    dms.DmsMigrationPipeline(
        scope,
        "Orders",
        vpc=ec2.Vpc(scope, "Vpc", nat_gateways=1, max_azs=2),
        migration_type=dms.MigrationType.FULL_LOAD_AND_CDC,
        replication_instance_class=dms.ReplicationInstanceClass.R6I_LARGE,
        allocated_storage=200,
        multi_az=True,
        engine_version="3.5.4",
        network_type=dms.NetworkType.IPV4,
        dns_name_servers=["10.0.0.2"],
        source_endpoint=dms.SourceEndpointOptions(
            engine=dms.EndpointEngine.MYSQL,
            server_name="mysql.internal.example.com",
            port=3306,
            username="dms",
            password=cdk.SecretValue.secrets_manager("orders/mysql", json_field="password"),
            extra_connection_attributes="initstmt=SET time_zone=UTC",
            my_sql_settings=dms.MySqlSettings(
                server_timezone="UTC", events_poll_interval=5, parallel_load_threads=2
            ),
        ),
        target_endpoint=dms.TargetEndpointOptions(
            engine=dms.EndpointEngine.AURORA_POSTGRESQL,
            database_name="orders",
            postgre_sql_settings=dms.PostgreSqlSettings(
                secrets_manager_secret_id="arn:aws:secretsmanager:us-east-1:111122223333:secret:orders-aurora-AbCdEf",
                secrets_manager_access_role_arn=role.role_arn,
                after_connect_script="SET session_replication_role='replica'",
                max_file_size=32768,
            ),
        ),
        table_mappings=dms.TableMappings()
        .include_schema("shop")
        .exclude_table("shop", "audit_log")
        .rename_schema("shop", "public")
        .to_lower_case_table("shop", "%")
        .remove_column("shop", "customers", "ssn")
        .to_json(),
        task_settings=dms.TaskSettings()
        .with_full_load_sub_tasks(16)
        .with_batch_apply(True, 5, 60)
        .with_data_error_policy(dms.ErrorAction.IGNORE_RECORD, 100, dms.ErrorAction.IGNORE_RECORD)
        .with_logging("SOURCE_CAPTURE", dms.LoggingLevel.LOGGER_SEVERITY_DEFAULT)
        .to_json(),
    )
    cdk.Tags.of(scope).add("team", "commerce")


def ledger(app):
    """A serverless pipeline, from PostgreSQL to S3."""
    scope = stack(app, "LedgerStack")
    dms.DmsServerlessPipeline(
        scope,
        "Ledger",
        vpc=ec2.Vpc(scope, "Vpc", nat_gateways=1, max_azs=2),
        migration_type=dms.MigrationType.FULL_LOAD_AND_CDC,
        min_capacity_units=2,
        max_capacity_units=16,
        preferred_maintenance_window="sun:04:00-sun:04:30",
        create_dms_service_roles=False,
        source_endpoint=dms.SourceEndpointOptions(
            engine=dms.EndpointEngine.POSTGRES,
            server_name="pg.internal.example.com",
            port=5432,
            username="dms",
            password=cdk.SecretValue.secrets_manager("ledger-pg"),
            database_name="ledger",
            postgre_sql_settings=dms.PostgreSqlSettings(
                heartbeat_enable=True, plugin_name=dms.PostgresCdcPlugin.PG_LOGICAL
            ),
        ),
        target_endpoint=dms.TargetEndpointOptions(
            engine=dms.EndpointEngine.S3,
            s3_settings=dms.S3Settings(
                bucket_name="ledger-archive",
                service_access_role_arn="arn:aws:iam::111122223333:role/dms-archive-writer",
                cdc_inserts_and_updates=True,
                data_format=dms.S3DataFormat.PARQUET,
            ),
        ),
        table_mappings=dms.TableMappings().include_schema("public").to_json(),
    )


app = cdk.App(outdir=sys.argv[1], analytics_reporting=False)
orders(app)
ledger(app)
app.synth()
