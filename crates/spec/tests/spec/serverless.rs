//! DMS Serverless: what `compute.serverless` asks for, and what is wrong with it.

use pipewright_model::kinds::{CdcStart, ReplicationConfigDeclared, Run};
use pipewright_model::{Body, Desired, Kind, ResourceId};

use crate::common::{CONTROLLER, PIPELINE, desired, errors, pipeline_with};

const INSTANCE: &str =
    "    instance:\n      class: dms.t3.medium\n      subnetGroup: {subnetIds: [subnet-1, subnet-2]}\n";

fn on_serverless(serverless: &str) -> String {
    pipeline_with(INSTANCE, &format!("    serverless:\n{serverless}"))
}

fn one(pipeline: &str) -> Desired {
    desired(&[("specs/controller.yaml", CONTROLLER), ("specs/a.yaml", pipeline)])
}

fn config<'a>(desired: &'a Desired, name: &str) -> &'a ReplicationConfigDeclared {
    match &desired.resources[&ResourceId::new(Kind::ReplicationConfig, name)].body {
        Body::ReplicationConfig(config) => config,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_serverless_pipeline_has_neither_instance_nor_connections_nor_a_task() {
    let desired = one(&on_serverless("      maxCapacityUnits: 4\n"));
    let ids: Vec<String> = desired.resources.keys().map(ToString::to_string).collect();
    insta::assert_snapshot!(ids.join("\n"), @"
    role/dms-cloudwatch-logs-role
    role/dms-vpc-role
    endpoint/data-platform-orders-source
    endpoint/data-platform-orders-target
    replication-config/data-platform-orders
    ");
    let pipeline = &desired.pipelines["orders"];
    assert_eq!(pipeline.task.to_string(), "replication-config/data-platform-orders");
    assert!(pipeline.resources.iter().eq(desired.resources.keys()), "{:?}", pipeline.resources);
}

#[test]
fn every_field_arrives() {
    let text = on_serverless(
        "      minCapacityUnits: 2\n      maxCapacityUnits: 256\n      multiAz: true\n\
         \x20     dnsNameServers: [10.0.0.2, \"2001:db8::1\"]\n      kmsKeyId: alias/dms\n\
         \x20     preferredMaintenanceWindow: sun:04:00-sun:05:00\n      vpcSecurityGroupIds: [sg-1]\n\
         \x20     subnetGroup: {subnetIds: [subnet-1, subnet-2]}\n\
         \x20     supplementalSettings: {a: {b: 1}}\n      identifier: Shop\n      tags: {tier: gold}\n",
    )
    .replace(
        "type: full-load\n",
        "type: cdc\n    cdc: {startPosition: \"42\", stopPosition: \"server_time:2030-01-31T12:00:00\"}\n",
    ) + "  run: {desired: stopped, onChange: report}\n";
    let desired = one(&text);
    let config = config(&desired, "shop");
    insta::assert_snapshot!(serde_json::to_string_pretty(config).unwrap(), @r#"
    {
      "source": {
        "managed": "endpoint/data-platform-orders-source"
      },
      "target": {
        "managed": "endpoint/data-platform-orders-target"
      },
      "compute": {
        "minCapacityUnits": 2,
        "maxCapacityUnits": 256,
        "multiAz": true,
        "dnsNameServers": [
          "10.0.0.2",
          "2001:db8::1"
        ],
        "kmsKeyId": "alias/dms",
        "preferredMaintenanceWindow": "sun:04:00-sun:05:00",
        "subnetGroup": {
          "managed": "subnet-group/data-platform-orders"
        },
        "vpcSecurityGroupIds": [
          "sg-1"
        ]
      },
      "migrationType": "cdc",
      "tableMappings": {
        "rules": [
          {
            "filters": [],
            "object-locator": {
              "schema-name": "shop",
              "table-name": "%"
            },
            "rule-action": "include",
            "rule-id": "258834817",
            "rule-name": "include-shop-all-258834817",
            "rule-type": "selection"
          }
        ]
      },
      "settings": {
        "Logging": {
          "EnableLogging": true
        }
      },
      "supplementalSettings": {
        "a": {
          "b": 1
        }
      },
      "cdcStart": {
        "position": "42"
      },
      "cdcStopPosition": "server_time:2030-01-31T12:00:00",
      "run": "stopped",
      "stopToChange": false
    }
    "#);
    assert_eq!(config.cdc_start, Some(CdcStart::Position("42".to_owned())));
    assert_eq!(config.run, Run::Stopped);
    let declared = &desired.resources[&ResourceId::new(Kind::ReplicationConfig, "shop")];
    assert_eq!(declared.tags["tier"], "gold");
    let group = ResourceId::new(Kind::SubnetGroup, "data-platform-orders");
    assert!(desired.pipelines["orders"].resources.contains(&group));
}

#[test]
fn a_shared_subnet_group_is_named_by_reference() {
    let group = "---\napiVersion: pipewright.dev/v1\nkind: ReplicationSubnetGroup\nmetadata: {name: net}\n\
                 spec: {subnetIds: [subnet-1, subnet-2]}\n";
    let text = on_serverless("      maxCapacityUnits: 4\n      subnetGroupRef: net\n") + group;
    let desired = one(&text);
    let group = ResourceId::new(Kind::SubnetGroup, "data-platform-net");
    let config = config(&desired, "data-platform-orders");
    assert_eq!(config.compute.subnet_group.as_ref().and_then(|group| group.managed()), Some(&group));
    assert!(desired.pipelines["orders"].resources.contains(&group));
}

#[test]
fn the_logs_role_is_needed_only_with_logging() {
    let text =
        on_serverless("      maxCapacityUnits: 4\n") + "    settings: {Logging: {EnableLogging: false}}\n";
    let desired = one(&text);
    assert!(desired.resources.contains_key(&ResourceId::role("dms-vpc-role")));
    assert!(!desired.resources.contains_key(&ResourceId::role("dms-cloudwatch-logs-role")));
}

#[test]
fn everything_that_is_wrong_is_told_with_its_place() {
    let text = on_serverless(
        "      minCapacityUnits: 16\n      maxCapacityUnits: 8\n      multiAz: true\n\
         \x20     availabilityZone: us-east-1a\n      dnsNameServers: [a, b, c, d, e]\n\
         \x20     subnetGroup: {subnetIds: [subnet-1, subnet-2]}\n      subnetGroupRef: net\n\
         \x20     class: dms.t3.medium\n",
    ) + "  identifier: mine\n";
    insta::assert_snapshot!(errors(&text), @"
    error: a serverless replication in several availability zones cannot be placed in one
      --> specs/a.yaml:10:7
       |
    10 |       availabilityZone: us-east-1a
       |       ^^^^^^^^^^^^^^^^
       |
       = hint: remove `availabilityZone`, or set `multiAz: false`

    error: expected one to four name servers, found 5
      --> specs/a.yaml:11:23
       |
    11 |       dnsNameServers: [a, b, c, d, e]
       |                       ^

    error: `a` is not an IP address
      --> specs/a.yaml:11:24
       |
    11 |       dnsNameServers: [a, b, c, d, e]
       |                        ^
       |
       = hint: write it as 10.0.0.2

    error: `b` is not an IP address
      --> specs/a.yaml:11:27
       |
    11 |       dnsNameServers: [a, b, c, d, e]
       |                           ^
       |
       = hint: write it as 10.0.0.2

    error: `c` is not an IP address
      --> specs/a.yaml:11:30
       |
    11 |       dnsNameServers: [a, b, c, d, e]
       |                              ^
       |
       = hint: write it as 10.0.0.2

    error: `d` is not an IP address
      --> specs/a.yaml:11:33
       |
    11 |       dnsNameServers: [a, b, c, d, e]
       |                                 ^
       |
       = hint: write it as 10.0.0.2

    error: `e` is not an IP address
      --> specs/a.yaml:11:36
       |
    11 |       dnsNameServers: [a, b, c, d, e]
       |                                    ^
       |
       = hint: write it as 10.0.0.2

    error: `subnetGroupRef` cannot stand beside `subnetGroup`
      --> specs/a.yaml:13:7
       |
    13 |       subnetGroupRef: net
       |       ^^^^^^^^^^^^^^
       |
      ::: specs/a.yaml:12:7
       |
    12 |       subnetGroup: {subnetIds: [subnet-1, subnet-2]}
       |       ----------- the other one
       |
       = hint: keep exactly one of `subnetGroup`, `subnetGroupRef`

    error: there is no ReplicationSubnetGroup `net`
      --> specs/a.yaml:13:23
       |
    13 |       subnetGroupRef: net
       |                       ^^^
       |
       = hint: add a document of kind ReplicationSubnetGroup with that name

    error: unknown field `class`
      --> specs/a.yaml:14:7
       |
    14 |       class: dms.t3.medium
       |       ^^^^^
       |
       = hint: the fields here are `maxCapacityUnits`, `minCapacityUnits`, `multiAz`, `availabilityZone`, `dnsNameServers`, `kmsKeyId`, `preferredMaintenanceWindow`, `vpcSecurityGroupIds`, `subnetGroup`, `subnetGroupRef`, `supplementalSettings`, `identifier`, `import`, `protect`, `tags`

    error: a serverless pipeline has no task that this could name
      --> specs/a.yaml:26:3
       |
    26 |   identifier: mine
       |   ^^^^^^^^^^
       |
       = hint: set `identifier` or `import` of `compute.serverless` for the replication config

    11 errors
    ");
    insta::assert_snapshot!(errors(&on_serverless("      maxCapacityUnits: 3\n")), @"
    error: DMS does not offer 3 capacity units
     --> specs/a.yaml:7:25
      |
    7 |       maxCapacityUnits: 3
      |                         ^
      |
      = hint: use one of 1, 2, 4, 8, 16, 32, 64, 128, 192, 256, 384

    1 error
    ");
    insta::assert_snapshot!(errors(&on_serverless("      {maxCapacityUnits: 8, minCapacityUnits: 16}\n")), @"
    error: the least capacity, 16, is more than the most, 8
     --> specs/a.yaml:7:47
      |
    7 |       {maxCapacityUnits: 8, minCapacityUnits: 16}
      |                                               ^^
      |
      = hint: lower it, or raise `maxCapacityUnits`

    1 error
    ");
    insta::assert_snapshot!(errors(&PIPELINE.replace(INSTANCE, "    {serverless: {maxCapacityUnits: 8}, instanceRef: x}\n")), @"
    error: `instanceRef` cannot stand beside `serverless`
     --> specs/a.yaml:6:41
      |
    6 |     {serverless: {maxCapacityUnits: 8}, instanceRef: x}
      |                                         ^^^^^^^^^^^
      |
     ::: specs/a.yaml:6:6
      |
    6 |     {serverless: {maxCapacityUnits: 8}, instanceRef: x}
      |      ---------- the other one
      |
      = hint: keep exactly one of `instance`, `instanceRef`, `serverless`

    error: there is no ReplicationInstance `x`
     --> specs/a.yaml:6:54
      |
    6 |     {serverless: {maxCapacityUnits: 8}, instanceRef: x}
      |                                                      ^
      |
      = hint: add a document of kind ReplicationInstance with that name

    2 errors
    ");
}
