//! Documents whose fields or values are wrong.

use crate::common::{CONTROLLER, PIPELINE, errors, pipeline_with, read};

#[test]
fn several_errors_in_one_document() {
    let text = pipeline_with("class: dms.t3.medium", "clas: dms.t3.medium\n      allocatedStorage: lots")
        .replace("engine: mysql", "engine: mysq")
        .replace("port: 3306", "port: 70000")
        .replace("full-load", "fullload")
        .replace("shop.*", "shop");
    insta::assert_snapshot!(errors(&text), @"
    error: unknown field `clas`
     --> specs/a.yaml:7:7
      |
    7 |       clas: dms.t3.medium
      |       ^^^^
      |
      = hint: did you mean `class`?

    error: expected a whole number, found text
     --> specs/a.yaml:8:25
      |
    8 |       allocatedStorage: lots
      |                         ^^^^

    error: DMS has no engine `mysq`
      --> specs/a.yaml:11:13
       |
    11 |     engine: mysq
       |             ^^^^
       |
       = hint: did you mean `mysql`?

    error: expected a whole number from 1 to 65535, found 70000
      --> specs/a.yaml:13:11
       |
    13 |     port: 70000
       |           ^^^^^

    error: `fullload` is not possible here
      --> specs/a.yaml:19:11
       |
    19 |     type: fullload
       |           ^^^^^^^^
       |
       = hint: did you mean `full-load`?

    error: `shop` is not a pattern `schema.table`
      --> specs/a.yaml:20:24
       |
    20 |     tables: {include: [shop]}
       |                        ^^^^
       |
       = hint: write `shop.*` for all tables of the schema shop

    6 errors
    ");
}

#[test]
fn values_of_the_wrong_type() {
    let text = pipeline_with("class: dms.t3.medium", "class: dms.t3.medium\n      engineVersion: 3.5\n      multiAz: yes\n      allocatedStorage: \"50\"\n      vpcSecurityGroupIds: sg-1\n      tags: [a]\n      kmsKeyId:")
        .replace("metadata: {name: orders}", "metadata: orders");
    insta::assert_snapshot!(errors(&text), @r#"
    error: expected a mapping, found text
     --> specs/a.yaml:3:11
      |
    3 | metadata: orders
      |           ^^^^^^

    error: expected text, found the number 3.5
     --> specs/a.yaml:8:22
      |
    8 |       engineVersion: 3.5
      |                      ^^^
      |
      = hint: put it in quotes: "3.5"

    error: expected true or false, found text
     --> specs/a.yaml:9:16
      |
    9 |       multiAz: yes
      |                ^^^
      |
      = hint: write true, without quotes

    error: expected a whole number, found text
      --> specs/a.yaml:10:25
       |
    10 |       allocatedStorage: "50"
       |                         ^^^^
       |
       = hint: write 50, without quotes

    error: expected a list, found text
      --> specs/a.yaml:11:28
       |
    11 |       vpcSecurityGroupIds: sg-1
       |                            ^^^^

    error: expected a mapping of tag keys to values, found a list
      --> specs/a.yaml:12:13
       |
    12 |       tags: [a]
       |             ^

    error: `kmsKeyId` has no value
      --> specs/a.yaml:13:7
       |
    13 |       kmsKeyId:
       |       ^^^^^^^^
       |
       = hint: give it a value, or remove the field

    7 errors
    "#);
}

#[test]
fn unknown_kind_version_and_fields_of_the_envelope() {
    let text = "apiVersion: pipewright.dev/v2\nkind: Pipline\nmetadata: {name: a}\nspec: {}\nstatus: {}\n---\njust text\n---\n[1, 2]\n";
    insta::assert_snapshot!(errors(text), @"
    error: unknown apiVersion `pipewright.dev/v2`
     --> specs/a.yaml:1:13
      |
    1 | apiVersion: pipewright.dev/v2
      |             ^^^^^^^^^^^^^^^^^
      |
      = hint: this version of Pipewright reads `pipewright.dev/v1`

    error: unknown kind `Pipline`
     --> specs/a.yaml:2:7
      |
    2 | kind: Pipline
      |       ^^^^^^^
      |
      = hint: did you mean `Pipeline`?

    error: unknown field `status`
     --> specs/a.yaml:5:1
      |
    5 | status: {}
      | ^^^^^^
      |
      = hint: the fields here are `apiVersion`, `kind`, `metadata`, `spec`

    error: expected a document with `apiVersion`, `kind`, `metadata` and `spec`, found text
     --> specs/a.yaml:7:1
      |
    7 | just text
      | ^^^^^^^^^

    error: expected a document with `apiVersion`, `kind`, `metadata` and `spec`, found a list
     --> specs/a.yaml:9:1
      |
    9 | [1, 2]
      | ^

    5 errors
    ");
}

#[test]
fn fields_that_are_missing() {
    let text = "apiVersion: pipewright.dev/v1\nkind: Pipeline\nmetadata: {}\nspec:\n  compute: {}\n";
    insta::assert_snapshot!(errors(text), @"
    error: the field `name` is missing here
     --> specs/a.yaml:3:11
      |
    3 | metadata: {}
      |           ^

    error: one of `source`, `sourceRef` is missing here
     --> specs/a.yaml:5:3
      |
    5 |   compute: {}
      |   ^

    error: one of `target`, `targetRef` is missing here
     --> specs/a.yaml:5:3
      |
    5 |   compute: {}
      |   ^

    error: the field `migration` is missing here
     --> specs/a.yaml:5:3
      |
    5 |   compute: {}
      |   ^

    error: one of `instance`, `instanceRef`, `serverless` is missing here
     --> specs/a.yaml:5:12
      |
    5 |   compute: {}
      |            ^

    5 errors
    ");
}

#[test]
fn names_that_are_none() {
    let text = pipeline_with("name: orders", "name: Orders_2");
    insta::assert_snapshot!(errors(&text), @"
    error: `Orders_2` is not a valid name
     --> specs/a.yaml:3:18
      |
    3 | metadata: {name: Orders_2}
      |                  ^^^^^^^^
      |
      = hint: use at most 63 lower-case letters, digits and single hyphens, starting with a letter

    1 error
    ");
}

#[test]
fn instances_that_cannot_be() {
    let text = pipeline_with(
        "class: dms.t3.medium\n      subnetGroup: {subnetIds: [subnet-1, subnet-2]}",
        "class: t3.medium\n      allocatedStorage: 4\n      multiAz: true\n      availabilityZone: us-east-1a\n      preferredMaintenanceWindow: sun:04:00-sun:04:10\n      networkType: ipv6\n      vpcSecurityGroupIds: [group]\n      subnetGroup: {subnetIds: [subnet-1, subnet-1]}\n      subnetGroupRef: net",
    );
    insta::assert_snapshot!(errors(&text), @"
    error: `t3.medium` is not a replication instance class
     --> specs/a.yaml:7:14
      |
    7 |       class: t3.medium
      |              ^^^^^^^^^
      |
      = hint: classes start with `dms.`, for example dms.t3.medium

    error: expected a whole number from 5 to 6144, found 4
     --> specs/a.yaml:8:25
      |
    8 |       allocatedStorage: 4
      |                         ^

    error: an instance in several availability zones cannot be placed in one
      --> specs/a.yaml:10:7
       |
    10 |       availabilityZone: us-east-1a
       |       ^^^^^^^^^^^^^^^^
       |
       = hint: remove `availabilityZone`, or set `multiAz: false`

    error: `sun:04:00-sun:04:10` is not a maintenance window
      --> specs/a.yaml:11:35
       |
    11 |       preferredMaintenanceWindow: sun:04:00-sun:04:10
       |                                   ^^^^^^^^^^^^^^^^^^^
       |
       = hint: write day and time of begin and end in UTC, at least 30 minutes apart: sun:04:00-sun:04:30

    error: `ipv6` is not possible here
      --> specs/a.yaml:12:20
       |
    12 |       networkType: ipv6
       |                    ^^^^
       |
       = hint: did you mean `IPV4`?

    error: `group` is not the id of a security group
      --> specs/a.yaml:13:29
       |
    13 |       vpcSecurityGroupIds: [group]
       |                             ^^^^^
       |
       = hint: write it as sg-0123456789abcdef0

    error: a replication subnet group needs at least two subnets
      --> specs/a.yaml:14:32
       |
    14 |       subnetGroup: {subnetIds: [subnet-1, subnet-1]}
       |                                ^
       |
       = hint: name subnets of at least two availability zones

    error: `subnetGroupRef` cannot stand beside `subnetGroup`
      --> specs/a.yaml:15:7
       |
    15 |       subnetGroupRef: net
       |       ^^^^^^^^^^^^^^
       |
      ::: specs/a.yaml:14:7
       |
    14 |       subnetGroup: {subnetIds: [subnet-1, subnet-1]}
       |       ----------- the other one
       |
       = hint: keep exactly one of `subnetGroup`, `subnetGroupRef`

    error: there is no ReplicationSubnetGroup `net`
      --> specs/a.yaml:15:23
       |
    15 |       subnetGroupRef: net
       |                       ^^^
       |
       = hint: add a document of kind ReplicationSubnetGroup with that name

    9 errors
    ");
}

#[test]
fn tags_that_aws_would_refuse() {
    let text = pipeline_with(
        "{name: orders}",
        "{name: orders, labels: {\"aws:a\": b, \"pipewright:scope\": x, \"a,b\": c, d: \"{}\", e: 1}}",
    );
    insta::assert_snapshot!(errors(&text), @r#"
    error: tags that start with `aws:` are AWS's own
     --> specs/a.yaml:3:35
      |
    3 | metadata: {name: orders, labels: {"aws:a": b, "pipewright:scope": x, "a,b": c, d: "{}", e: 1}}
      |                                   ^^^^^^^

    error: tags that start with `pipewright:` are Pipewright's own
     --> specs/a.yaml:3:47
      |
    3 | metadata: {name: orders, labels: {"aws:a": b, "pipewright:scope": x, "a,b": c, d: "{}", e: 1}}
      |                                               ^^^^^^^^^^^^^^^^^^

    error: a tag's key has 1 to 128 letters, digits, spaces and _ . : / = + - @
     --> specs/a.yaml:3:70
      |
    3 | metadata: {name: orders, labels: {"aws:a": b, "pipewright:scope": x, "a,b": c, d: "{}", e: 1}}
      |                                                                      ^^^^^

    error: the value of the tag `d` is not possible
     --> specs/a.yaml:3:83
      |
    3 | metadata: {name: orders, labels: {"aws:a": b, "pipewright:scope": x, "a,b": c, d: "{}", e: 1}}
      |                                                                                   ^^^^
      |
      = hint: use at most 256 letters, digits, spaces and _ . : / = + - @

    error: expected text, found the number 1
     --> specs/a.yaml:3:92
      |
    3 | metadata: {name: orders, labels: {"aws:a": b, "pipewright:scope": x, "a,b": c, d: "{}", e: 1}}
      |                                                                                            ^
      |
      = hint: put it in quotes: "1"

    5 errors
    "#);
}

#[test]
fn errors_as_json() {
    let text = format!("{}---\n{}", PIPELINE, pipeline_with("full-load", "fullload"));
    let errors = read(&[("specs/controller.yaml", CONTROLLER), ("specs/a.yaml", &text)]).unwrap_err();
    insta::assert_snapshot!(format!("{:#}", errors.to_json()), @r#"
    [
      {
        "also": [
          {
            "column": 18,
            "file": "specs/a.yaml",
            "label": "the other one",
            "line": 3
          }
        ],
        "column": 18,
        "file": "specs/a.yaml",
        "hint": null,
        "line": 23,
        "message": "two documents are Pipeline `orders`"
      },
      {
        "also": [],
        "column": 11,
        "file": "specs/a.yaml",
        "hint": "did you mean `full-load`?",
        "line": 38,
        "message": "`fullload` is not possible here"
      }
    ]
    "#);
}

#[test]
fn labels_and_tags_that_are_too_many_together() {
    let many = |prefix: &str| (0..30).map(|n| format!("{prefix}{n}: x")).collect::<Vec<_>>().join(", ");
    let text = pipeline_with("{name: orders}", &format!("{{name: orders, labels: {{{}}}}}", many("a")))
        .replace("class: dms.t3.medium", &format!("class: dms.t3.medium\n      tags: {{{}}}", many("b")));
    insta::assert_snapshot!(errors(&text), @"
    error: orders has 60 tags together with its labels
     --> specs/a.yaml:1:1
      |
    1 | apiVersion: pipewright.dev/v1
      | ^
      |
      = hint: at most 40 are possible

    1 error
    ");
}
