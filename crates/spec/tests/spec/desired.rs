//! What valid specs ask for.

use std::collections::BTreeSet;

use pipewright_model::kinds::{CdcStart, EndpointDeclared, MigrationType, RoleDeclared, Run, TaskDeclared};
use pipewright_model::{Adopt, Body, DeletionPolicy, Desired, Kind, Ref, ResourceId};
use serde_json::{Value, json};

use crate::common::{CONTROLLER, PIPELINE, Secrets, desired, pipeline_with, read};

/// Another pipeline, on a shared instance and endpoints.
const SHARED: &str = "\
apiVersion: pipewright.dev/v1
kind: ReplicationSubnetGroup
metadata: {name: net}
spec: {subnetIds: [subnet-1, subnet-2]}
---
apiVersion: pipewright.dev/v1
kind: ReplicationInstance
metadata: {name: shared}
spec: {class: dms.t3.medium, subnetGroupRef: net, deletionPolicy: retain}
---
apiVersion: pipewright.dev/v1
kind: Endpoint
metadata: {name: warehouse}
spec:
  type: target
  engine: redshift
  databaseName: dw
  credentials: {secretsManager: {secretId: dw, accessRoleArn: \"arn:aws:iam::111122223333:role/secrets\"}}
---
apiVersion: pipewright.dev/v1
kind: Endpoint
metadata: {name: crm}
spec:
  type: source
  engine: postgres
  serverName: crm.example.com
  port: 5432
  databaseName: crm
  credentials: {username: dms, iam: {accessRoleArn: \"arn:aws:iam::111122223333:role/connect\"}}
---
apiVersion: pipewright.dev/v1
kind: Pipeline
metadata: {name: customers}
spec:
  compute: {instanceRef: shared}
  sourceRef: crm
  targetRef: warehouse
  migration:
    type: cdc
    tables: {include: [public.*]}
    settings: {Logging: {EnableLogging: false}}
    cdc: {startTime: \"2026-01-31T13:00:00+01:00\"}
  run: {desired: stopped, startAfter: immediately, onChange: report}
";

fn one(pipeline: &str) -> Desired {
    desired(&[("specs/controller.yaml", CONTROLLER), ("specs/a.yaml", pipeline)])
}

fn task<'a>(desired: &'a Desired, name: &str) -> &'a TaskDeclared {
    match &desired.resources[&ResourceId::new(Kind::Task, name)].body {
        Body::Task(task) => task,
        other => panic!("{other:?}"),
    }
}

fn endpoint<'a>(desired: &'a Desired, name: &str) -> &'a EndpointDeclared {
    match &desired.resources[&ResourceId::new(Kind::Endpoint, name)].body {
        Body::Endpoint(endpoint) => endpoint,
        other => panic!("{other:?}"),
    }
}

fn role<'a>(desired: &'a Desired, name: &str) -> &'a RoleDeclared {
    match &desired.resources[&ResourceId::role(name)].body {
        Body::ServiceRole(role) => role,
        other => panic!("{other:?}"),
    }
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn rules(tables: &str) -> Vec<Value> {
    let desired = one(&pipeline_with("tables: {include: [shop.*]}", tables));
    task(&desired, "data-platform-orders").table_mappings["rules"].as_array().unwrap().clone()
}

#[test]
fn the_whole_of_one_pipeline() {
    let desired = one(PIPELINE);
    let shown: Vec<String> = desired
        .resources
        .iter()
        .map(|(id, declared)| format!("{id}: {}", serde_json::to_string_pretty(&declared.body).unwrap()))
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    role/dms-cloudwatch-logs-role: {
      "neededBy": [
        "orders"
      ],
      "trustedServices": [
        "dms.amazonaws.com"
      ],
      "managedPolicies": [
        "arn:aws:iam::aws:policy/service-role/AmazonDMSCloudWatchLogsRole"
      ],
      "manage": true
    }
    role/dms-vpc-role: {
      "neededBy": [
        "orders"
      ],
      "trustedServices": [
        "dms.amazonaws.com"
      ],
      "managedPolicies": [
        "arn:aws:iam::aws:policy/service-role/AmazonDMSVPCManagementRole"
      ],
      "manage": true
    }
    subnet-group/data-platform-orders: {
      "description": "Managed by Pipewright for orders",
      "subnetIds": [
        "subnet-1",
        "subnet-2"
      ]
    }
    instance/data-platform-orders: {
      "class": "dms.t3.medium",
      "allocatedStorage": null,
      "multiAz": null,
      "engineVersion": null,
      "autoMinorVersionUpgrade": null,
      "publiclyAccessible": null,
      "preferredMaintenanceWindow": null,
      "availabilityZone": null,
      "kmsKeyId": null,
      "networkType": null,
      "dnsNameServers": null,
      "subnetGroup": {
        "managed": "subnet-group/data-platform-orders"
      },
      "vpcSecurityGroupIds": null
    }
    endpoint/data-platform-orders-source: {
      "endpointType": "source",
      "engine": "mysql",
      "serverName": "mysql.example.com",
      "port": 3306,
      "databaseName": null,
      "username": "dms",
      "password": "(sensitive)",
      "sslMode": null,
      "certificate": null,
      "kmsKeyId": null,
      "extraConnectionAttributes": null,
      "settings": {},
      "secretSettings": {}
    }
    endpoint/data-platform-orders-target: {
      "endpointType": "target",
      "engine": "s3",
      "serverName": null,
      "port": null,
      "databaseName": null,
      "username": null,
      "password": null,
      "sslMode": null,
      "certificate": null,
      "kmsKeyId": null,
      "extraConnectionAttributes": null,
      "settings": {
        "BucketName": "archive",
        "ServiceAccessRoleArn": "arn:aws:iam::111122223333:role/s3"
      },
      "secretSettings": {}
    }
    connection/data-platform-orders/data-platform-orders-source: {
      "instance": {
        "managed": "instance/data-platform-orders"
      },
      "endpoint": {
        "managed": "endpoint/data-platform-orders-source"
      }
    }
    connection/data-platform-orders/data-platform-orders-target: {
      "instance": {
        "managed": "instance/data-platform-orders"
      },
      "endpoint": {
        "managed": "endpoint/data-platform-orders-target"
      }
    }
    task/data-platform-orders: {
      "source": {
        "managed": "endpoint/data-platform-orders-source"
      },
      "target": {
        "managed": "endpoint/data-platform-orders-target"
      },
      "instance": {
        "managed": "instance/data-platform-orders"
      },
      "migrationType": "full-load",
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
      "cdcStart": null,
      "cdcStopPosition": null,
      "run": "running",
      "stopToChange": true,
      "testConnections": true
    }
    "#);
    assert!(desired.resources.values().all(|declared| declared.spec == "orders"));
    assert!(desired.resources.values().all(|declared| declared.place.to_string() == "specs/a.yaml:1"));
    let pipeline = &desired.pipelines["orders"];
    assert_eq!(pipeline.resources, desired.resources.keys().cloned().collect());
    assert_eq!(pipeline.task, ResourceId::new(Kind::Task, "data-platform-orders"));
}

#[test]
fn secrets_are_read_and_never_shown() {
    let desired = one(PIPELINE);
    let source = endpoint(&desired, "data-platform-orders-source");
    assert_eq!(source.password.as_ref().unwrap().expose(), "hunter2");
    assert_eq!(source.username.as_deref(), Some("dms"));
    assert!(!format!("{desired:?}").contains("hunter2"));

    let redis =
        "engine: redis\n    settings: {serverName: a, port: 6379, authPassword: {file: secrets/token}}";
    let s3 = "engine: s3\n    settings: {bucketName: archive, serviceAccessRoleArn: \"arn:aws:iam::111122223333:role/s3\"}";
    let desired = one(&pipeline_with(s3, redis));
    let target = endpoint(&desired, "data-platform-orders-target");
    assert_eq!(target.secret_settings["AuthPassword"].expose(), "t0ken");
    assert_eq!(serde_json::to_value(&target.settings).unwrap(), json!({"ServerName": "a", "Port": 6379}));
}

#[test]
fn a_secret_that_is_not_there_is_an_error_of_desired_alone() {
    let text = pipeline_with("{env: MYSQL_PASSWORD}", "{env: NOT_SET}");
    let tree = read(&[("specs/controller.yaml", CONTROLLER), ("specs/a.yaml", &text)]).unwrap();
    insta::assert_snapshot!(tree.desired("prod", &Secrets).unwrap_err().render(false), @"
    error: the environment variable NOT_SET is not set
      --> specs/a.yaml:13:54
       |
    13 |     credentials: {username: dms, passwordFrom: {env: NOT_SET}}
       |                                                      ^^^^^^^
       |
       = hint: give it to the process that runs Pipewright

    1 error
    ");
    let text = pipeline_with("{env: MYSQL_PASSWORD}", "{file: /run/secrets/nothing}");
    let tree = read(&[("specs/controller.yaml", CONTROLLER), ("specs/a.yaml", &text)]).unwrap();
    insta::assert_snapshot!(tree.desired("prod", &Secrets).unwrap_err().render(false), @"
    error: the secret cannot be read: /run/secrets/nothing: there is no such file or directory
      --> specs/a.yaml:13:55
       |
    13 |     credentials: {username: dms, passwordFrom: {file: /run/secrets/nothing}}
       |                                                       ^^^^^^^^^^^^^^^^^^^^
       |
       = hint: give it to the process that runs Pipewright

    1 error
    ");
}

#[test]
fn an_environment_that_is_not_there() {
    let tree = read(&[("specs/controller.yaml", CONTROLLER)]).unwrap();
    insta::assert_snapshot!(tree.desired("prd", &Secrets).unwrap_err().render(false), @"
    error: the Controller has no environment `prd`
     --> specs/controller.yaml:1:1
      |
    1 | apiVersion: pipewright.dev/v1
      | ^
      |
      = hint: did you mean `prod`?

    1 error
    ");
}

#[test]
fn what_pipelines_share() {
    let desired = one(SHARED);
    let instance = ResourceId::new(Kind::Instance, "data-platform-shared");
    let task = task(&desired, "data-platform-customers");
    assert_eq!(task.instance, Ref::Managed(instance.clone()));
    assert_eq!(task.source, Ref::Managed(ResourceId::new(Kind::Endpoint, "data-platform-crm")));
    assert_eq!(task.target, Ref::Managed(ResourceId::new(Kind::Endpoint, "data-platform-warehouse")));
    let declared = &desired.resources[&instance];
    assert_eq!(declared.spec, "ReplicationInstance/shared");
    assert_eq!(declared.deletion_policy, DeletionPolicy::Retain);
    assert_eq!(declared.place.to_string(), "specs/a.yaml:6");
    let resources = &desired.pipelines["customers"].resources;
    assert!(resources.contains(&ResourceId::new(Kind::SubnetGroup, "data-platform-net")));
}

#[test]
fn how_a_task_runs() {
    let desired = one(SHARED);
    let customers = task(&desired, "data-platform-customers");
    assert_eq!(customers.run, Run::Stopped);
    assert!(!customers.stop_to_change);
    assert!(!customers.test_connections);
    assert_eq!(customers.migration_type, MigrationType::Cdc);
    assert_eq!(customers.cdc_start, Some(CdcStart::Time(1_769_860_800)));
    assert_eq!(customers.settings, json!({"Logging": {"EnableLogging": false}}));
    assert!(!desired.resources.keys().any(|id| id.kind == Kind::Connection));
    let desired = one(PIPELINE);
    assert_eq!(task(&desired, "data-platform-orders").settings, json!({"Logging": {"EnableLogging": true}}));
}

#[test]
fn iam_authentication_is_a_setting() {
    let desired = one(SHARED);
    let crm = endpoint(&desired, "data-platform-crm");
    assert_eq!(
        serde_json::to_value(&crm.settings).unwrap(),
        json!({"AuthenticationMethod": "iam", "ServiceAccessRoleArn": "arn:aws:iam::111122223333:role/connect"})
    );
    assert_eq!(crm.username.as_deref(), Some("dms"));
}

#[test]
fn service_roles_are_derived() {
    let both = format!("{SHARED}---\n{PIPELINE}");
    let desired = one(&both);
    let vpc = role(&desired, "dms-vpc-role");
    let users = ["ReplicationInstance/shared", "ReplicationSubnetGroup/net", "customers", "orders"];
    assert_eq!(vpc.needed_by, names(&users));
    assert_eq!(
        vpc.managed_policies,
        names(&["arn:aws:iam::aws:policy/service-role/AmazonDMSVPCManagementRole"])
    );
    // `customers` has turned logging off.
    assert_eq!(role(&desired, "dms-cloudwatch-logs-role").needed_by, names(&["orders"]));
    let access = role(&desired, "dms-access-for-endpoint");
    assert_eq!(access.needed_by, names(&["Endpoint/warehouse", "customers"]));
    assert_eq!(access.trusted_services, names(&["dms.amazonaws.com", "redshift.amazonaws.com"]));
    let declared = &desired.resources[&ResourceId::role("dms-vpc-role")];
    assert_eq!(declared.adopt, Adopt::IfCompatible);
    assert!(desired.pipelines["customers"].resources.contains(&ResourceId::role("dms-access-for-endpoint")));
    assert!(!desired.pipelines["orders"].resources.contains(&ResourceId::role("dms-access-for-endpoint")));
}

#[test]
fn environments_of_one_account_share_their_roles() {
    let controller = CONTROLLER.replace(
        "    - {name: prod",
        "    - {name: cn, accountId: \"999922223333\", region: cn-north-1}\n    \
         - {name: test, accountId: \"111122223333\", region: eu-west-1}\n    - {name: prod",
    );
    let pipeline = |name: &str, environment: &str| {
        PIPELINE
            .replace("{name: orders}", &format!("{{name: {name}}}"))
            .replace("spec:\n", &format!("spec:\n  environment: {environment}\n"))
    };
    let chinese = pipeline("c", "cn").replace("arn:aws:", "arn:aws-cn:");
    let text = [pipeline("a", "prod"), pipeline("b", "test"), chinese].join("---\n");
    let tree = read(&[("specs/controller.yaml", &controller), ("specs/a.yaml", &text)]).unwrap();
    for environment in ["prod", "test"] {
        let desired = tree.desired(environment, &Secrets).unwrap();
        assert_eq!(role(&desired, "dms-vpc-role").needed_by, names(&["a", "b"]));
        assert_eq!(desired.pipelines.len(), 1);
    }
    let desired = tree.desired("cn", &Secrets).unwrap();
    assert_eq!(role(&desired, "dms-vpc-role").needed_by, names(&["c"]));
    assert_eq!(
        role(&desired, "dms-vpc-role").managed_policies,
        names(&["arn:aws-cn:iam::aws:policy/service-role/AmazonDMSVPCManagementRole"])
    );
}

#[test]
fn roles_that_somebody_else_keeps() {
    let unmanaged = format!("{PIPELINE}  serviceRoles: {{manage: false}}\n");
    assert!(!role(&one(&unmanaged), "dms-vpc-role").manage);
    let both = format!("{unmanaged}---\n{}", pipeline_with("{name: orders}", "{name: billing}"));
    let desired = one(&both);
    assert!(role(&desired, "dms-vpc-role").manage);
    assert_eq!(role(&desired, "dms-vpc-role").needed_by, names(&["billing", "orders"]));
    let never = format!("{PIPELINE}  serviceRoles: {{adopt: never}}\n");
    assert_eq!(one(&never).resources[&ResourceId::role("dms-vpc-role")].adopt, Adopt::Never);
}

#[test]
fn what_is_shared_rests_only_if_all_its_users_do() {
    let second = SHARED[SHARED.rfind("apiVersion").unwrap()..].replace("name: customers", "name: leads");
    let suspended =
        |desired: &Desired, kind, name: &str| desired.resources[&ResourceId::new(kind, name)].suspended;
    let one_of_two = one(&format!("{SHARED}  suspend: true\n---\n{second}"));
    assert!(suspended(&one_of_two, Kind::Task, "data-platform-customers"));
    assert!(!suspended(&one_of_two, Kind::Task, "data-platform-leads"));
    assert!(!suspended(&one_of_two, Kind::Instance, "data-platform-shared"));
    assert!(!suspended(&one_of_two, Kind::ServiceRole, "dms-vpc-role"));
    let both = one(&format!("{SHARED}  suspend: true\n---\n{second}  suspend: true\n"));
    assert!(suspended(&both, Kind::Instance, "data-platform-shared"));
    assert!(suspended(&both, Kind::SubnetGroup, "data-platform-net"));
    assert!(suspended(&both, Kind::Endpoint, "data-platform-crm"));
    assert!(both.pipelines["leads"].suspended);
}

#[test]
fn a_suspended_pipeline_rests_as_a_whole() {
    let desired = one(&format!("{PIPELINE}  suspend: true\n"));
    assert!(desired.resources.values().all(|declared| declared.suspended));
}

#[test]
fn labels_are_tags_and_a_resource_s_own_tags_win() {
    let text = pipeline_with("{name: orders}", "{name: orders, labels: {team: commerce, tier: \"1\"}}")
        .replace("class: dms.t3.medium", "class: dms.t3.medium\n      tags: {tier: \"2\"}");
    let desired = one(&text);
    let tags = |kind, name: &str| {
        serde_json::to_value(&desired.resources[&ResourceId::new(kind, name)].tags).unwrap()
    };
    assert_eq!(tags(Kind::Instance, "data-platform-orders"), json!({"team": "commerce", "tier": "2"}));
    assert_eq!(tags(Kind::Task, "data-platform-orders"), json!({"team": "commerce", "tier": "1"}));
    assert_eq!(tags(Kind::ServiceRole, "dms-vpc-role"), json!({}));
}

#[test]
fn identifiers_of_ones_own() {
    let text = pipeline_with("  migration:", "  identifier: Orders-Task\n  migration:")
        .replace("class: dms.t3.medium", "class: dms.t3.medium\n      identifier: orders-instance");
    let no_prefix = format!("{CONTROLLER}  identifierPrefix: \"\"\n");
    let desired = desired(&[("specs/controller.yaml", &no_prefix), ("specs/a.yaml", &text)]);
    let ids: Vec<String> = desired.resources.keys().map(ToString::to_string).collect();
    insta::assert_snapshot!(ids.join("\n"), @"
    role/dms-cloudwatch-logs-role
    role/dms-vpc-role
    subnet-group/orders
    instance/orders-instance
    endpoint/orders-source
    endpoint/orders-target
    connection/orders-instance/orders-source
    connection/orders-instance/orders-target
    task/orders-task
    ");
}

#[test]
fn table_patterns_become_rules() {
    let tables = "tables:\n      include: [shop.*, crm.customers]\n      exclude: [shop.audit_log]\n      \
                  rename: [{schema: shop, to: public}, {schema: crm, table: customers, to: people}]";
    insta::assert_snapshot!(format!("{:#}", json!(rules(tables))), @r#"
    [
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
      },
      {
        "filters": [],
        "object-locator": {
          "schema-name": "crm",
          "table-name": "customers"
        },
        "rule-action": "include",
        "rule-id": "79708532",
        "rule-name": "include-crm-customers-79708532",
        "rule-type": "selection"
      },
      {
        "filters": [],
        "object-locator": {
          "schema-name": "shop",
          "table-name": "audit_log"
        },
        "rule-action": "exclude",
        "rule-id": "353984812",
        "rule-name": "exclude-shop-audit-log-353984812",
        "rule-type": "selection"
      },
      {
        "object-locator": {
          "schema-name": "shop"
        },
        "rule-action": "rename",
        "rule-id": "148728981",
        "rule-name": "rename-shop-public-148728981",
        "rule-target": "schema",
        "rule-type": "transformation",
        "value": "public"
      },
      {
        "object-locator": {
          "schema-name": "crm",
          "table-name": "customers"
        },
        "rule-action": "rename",
        "rule-id": "737531474",
        "rule-name": "rename-crm-customers-people-737531474",
        "rule-target": "table",
        "rule-type": "transformation",
        "value": "people"
      }
    ]
    "#);
}

#[test]
fn a_rule_more_changes_no_other_rule() {
    let before = rules("tables: {include: [shop.*, crm.*], rename: [{schema: shop, to: public}]}");
    let after = rules(
        "tables: {include: [aaa.*, shop.*, crm.*], exclude: [shop.x], rename: [{schema: crm, to: b}, {schema: shop, to: public}]}",
    );
    for rule in &before {
        assert!(after.contains(rule), "{rule}");
    }
    let distinct =
        |name: &str| after.iter().map(|rule| rule[name].to_string()).collect::<BTreeSet<_>>().len();
    assert_eq!(distinct("rule-id"), after.len());
    assert_eq!(distinct("rule-name"), after.len());
}

#[test]
fn mappings_are_taken_as_they_are_written() {
    let mappings = "mappings:\n      rules:\n        - {rule-type: selection, rule-id: \"7\", rule-name: mine, \
                    object-locator: {schema-name: a, table-name: \"%\"}, rule-action: include, filters: []}";
    let rule = json!({
        "rule-type": "selection", "rule-id": "7", "rule-name": "mine",
        "object-locator": {"schema-name": "a", "table-name": "%"}, "rule-action": "include", "filters": [],
    });
    assert_eq!(rules(mappings), std::slice::from_ref(&rule));
    let file = serde_json::to_string(&json!({"rules": [rule]})).unwrap();
    let text = pipeline_with("tables: {include: [shop.*]}", "mappingsFile: maps/m.json");
    let files = [
        ("specs/controller.yaml", CONTROLLER),
        ("specs/a.yaml", text.as_str()),
        ("specs/maps/m.json", file.as_str()),
    ];
    let desired = desired(&files);
    assert_eq!(task(&desired, "data-platform-orders").table_mappings["rules"], json!([rule]));
}

#[test]
fn the_same_specs_in_other_files_ask_for_the_same() {
    let apart =
        desired(&[("specs/z.yaml", CONTROLLER), ("specs/b.yaml", PIPELINE), ("specs/a.yaml", SHARED)]);
    let together = one(&format!("{PIPELINE}---\n{SHARED}"));
    let bodies = |desired: &Desired| {
        let body = |(id, declared): (&ResourceId, &pipewright_model::Declared)| {
            format!("{id} {} {:?}", declared.spec, declared.body)
        };
        desired.resources.iter().map(body).collect::<Vec<_>>()
    };
    // A role's spec is the first that needs it by name, wherever that stands.
    assert_eq!(bodies(&apart), bodies(&together));
}

#[test]
fn anchors_aliases_and_merges_are_read() {
    let text = format!(
        "{}---\n{}",
        pipeline_with(
            "tables: {include: [shop.*]}",
            "tables: {include: &tables [shop.*], exclude: [shop.a]}"
        ),
        pipeline_with("{name: orders}", "{name: copy}").replace(
            "{username: dms, passwordFrom: {env: MYSQL_PASSWORD}}",
            "{<<: &login {username: dms}, passwordFrom: {env: MYSQL_PASSWORD}}"
        ),
    );
    let desired = one(&text);
    assert_eq!(endpoint(&desired, "data-platform-copy-source").username.as_deref(), Some("dms"));
}

#[test]
fn host_and_port_beside_a_secret_are_for_readers_and_not_sent() {
    let secret = "{secretsManager: {secretId: s, accessRoleArn: \"arn:aws:iam::111122223333:role/r\"}}";
    let text = pipeline_with("{username: dms, passwordFrom: {env: MYSQL_PASSWORD}}", secret);
    let desired = desired(&[("specs/c.yaml", CONTROLLER), ("specs/a.yaml", &text)]);
    let id = ResourceId::new(Kind::Endpoint, "data-platform-orders-source");
    let Body::Endpoint(endpoint) = &desired.resources[&id].body else { panic!("not an endpoint") };
    assert_eq!((&endpoint.server_name, endpoint.port), (&None, None));
    assert_eq!(endpoint.settings["SecretsManagerSecretId"], "s");
}
