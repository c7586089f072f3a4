//! `docs/coming-from.md`: the specs that it shows are valid, are applied and need nothing more; and every property and
//! variable of the tools has its row.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

#[allow(dead_code, unreachable_pub, reason = "shared by several test programs")]
mod common;

use std::path::{Path, PathBuf};

use common::{Ran, Workplace};

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

fn page() -> String {
    std::fs::read_to_string(docs().join("coming-from.md")).unwrap()
}

/// The spec files, by name.
fn files() -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = std::fs::read_dir(docs().join("coming-from"))
        .unwrap()
        .map(Result::unwrap)
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, std::fs::read_to_string(entry.path()).unwrap())
        })
        .collect();
    files.sort();
    files
}

/// Without the comments that it begins with.
fn content(file: &str) -> String {
    let lines = file.lines().skip_while(|line| line.starts_with('#') || line.is_empty());
    lines.fold(String::new(), |text, line| text + line + "\n")
}

#[test]
fn what_the_page_shows_are_the_files() {
    let page = page();
    let shown: Vec<&str> =
        page.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    let mut contents: Vec<String> =
        files().iter().filter(|(name, _)| name != "controller.yaml").map(|(_, text)| content(text)).collect();
    assert!(!contents.is_empty());
    let mut shown: Vec<String> = shown.into_iter().map(str::to_owned).collect();
    shown.sort();
    contents.sort();
    assert_eq!(shown, contents);
}

#[test]
fn what_the_page_shows_is_applied_and_needs_nothing_more() {
    let place = Workplace::new();
    for (name, text) in files() {
        place.write(&format!("specs/{name}"), &text);
    }
    let run = |arguments: &str| {
        let mut command = place.command(arguments);
        command.env("PIPEWRIGHT_ROTATION_KEY", "a key of tests, long enough");
        command.env("ORDERS_SOURCE_PASSWORD", "secret").env("PIPEWRIGHT_SANDBOX_SPEED", "max");
        Ran::of(command.output().unwrap())
    };
    run("validate specs --deny-warnings").expect(0);
    run("reconcile specs --once --wait --sandbox").expect(0);
    let plan = run("plan specs --sandbox --detailed-exitcode").expect(0);
    assert!(plan.stdout.contains("No changes."), "{}", plan.all());
}

/// The properties of `DmsMigrationPipelineProps`, `DmsServerlessPipelineProps`, `DmsReplicationInstanceProps`,
/// `DmsReplicationTaskProps` and `DmsEndpointProps`, and the methods of `TableMappings` and `TaskSettings`, of
/// cdk-dms-replication 0.3.0.
const CONSTRUCT: &str = "allocatedStorage cdcStartPosition cdcStartTime cdcStopPosition createDmsServiceRoles \
    dnsNameServers enableCloudWatchLogs encryptionKey engineVersion existingSourceEndpoint existingTargetEndpoint \
    logRetention migrationType multiAz networkType removalPolicy replicationInstanceClass sourceEndpoint \
    tableMappings targetEndpoint taskSettings vpc vpcSubnets kmsKey maxCapacityUnits minCapacityUnits \
    preferredMaintenanceWindow replicationConfigIdentifier securityGroups autoMinorVersionUpgrade publiclyAccessible \
    replicationInstanceIdentifier replicationInstanceArn replicationTaskIdentifier tags certificateArn databaseName \
    endpointIdentifier endpointType engine extraConnectionAttributes password port serverName sslMode username \
    mySqlSettings postgreSqlSettings addColumn addPrefixToSchema addPrefixToTable addSuffixToSchema addSuffixToTable \
    excludeSchema excludeTable explicitTable includeSchema includeTable mapToDynamoDb removeColumn renameColumn \
    renameSchema renameTable withBatchApply withCommitRate withDataErrorPolicy withFullLoadSubTasks withLobMode \
    withLogging withLoggingEnabled withRecovery withTargetTablePrepMode";

/// The variables of terraform-aws-modules/dms/aws 2.6.1 (`variables.tf`).
const MODULE: &str = "create tags create_iam_roles iam_role_permissions_boundary iam_role_tags \
    enable_redshift_target_permissions create_repl_subnet_group repl_subnet_group_description repl_subnet_group_name \
    repl_subnet_group_subnet_ids repl_subnet_group_tags create_repl_instance repl_instance_allocated_storage \
    repl_instance_auto_minor_version_upgrade repl_instance_allow_major_version_upgrade \
    repl_instance_apply_immediately repl_instance_availability_zone repl_instance_engine_version \
    repl_instance_kms_key_arn repl_instance_multi_az repl_instance_network_type \
    repl_instance_preferred_maintenance_window repl_instance_publicly_accessible repl_instance_class \
    repl_instance_id repl_instance_subnet_group_id repl_instance_vpc_security_group_ids repl_instance_tags \
    repl_instance_timeouts repl_config_timeouts endpoints s3_endpoints replication_tasks event_subscriptions \
    event_subscription_timeouts certificates create_access_iam_role access_iam_role_name \
    access_iam_role_use_name_prefix access_iam_role_path access_iam_role_description \
    access_iam_role_permissions_boundary access_iam_role_tags access_iam_role_policies create_access_policy \
    access_iam_statements access_kms_key_arns access_secret_arns access_source_s3_bucket_arns \
    access_target_s3_bucket_arns access_target_elasticsearch_arns access_target_kinesis_arns \
    access_target_dynamodb_table_arns";

#[test]
fn every_property_and_variable_has_its_row() {
    let page = page();
    let (construct, module) = page.split_once("\n## terraform-aws-dms\n").unwrap();
    for (part, names) in [(construct, CONSTRUCT), (module, MODULE)] {
        // The first cell of a row names what the row is about.
        let named: String = part
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split(" | ").next())
            .collect::<Vec<_>>()
            .join("\n`");
        let missing: Vec<&str> = names
            .split_whitespace()
            .filter(|name| !format!("`{named}").contains(&format!("`{name}`")))
            .collect();
        assert_eq!(missing, Vec::<&str>::new());
    }
}
