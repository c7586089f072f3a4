//! Documents that do not fit together.

use crate::common::{CONTROLLER, PIPELINE, errors, errors_of, pipeline_with, read};
use pipewright_spec::{Source, load_sources};

#[test]
fn a_reference_to_nothing() {
    let text = pipeline_with(
        "    instance:\n      class: dms.t3.medium\n      subnetGroup: {subnetIds: [subnet-1, subnet-2]}\n",
        "    instanceRef: shard\n",
    )
    .replace("spec:\n", "spec:\n  environment: production\n");
    let shared = "apiVersion: pipewright.dev/v1\nkind: ReplicationInstance\nmetadata: {name: shared}\nspec: {class: dms.t3.medium, subnetGroupRef: net}\n";
    insta::assert_snapshot!(errors(&format!("{text}---\n{shared}")), @"
    error: there is no environment `production`
     --> specs/a.yaml:5:16
      |
    5 |   environment: production
      |                ^^^^^^^^^^
      |
      = hint: the known names are `prod`

    error: there is no ReplicationInstance `shard`
     --> specs/a.yaml:7:18
      |
    7 |     instanceRef: shard
      |                  ^^^^^
      |
      = hint: did you mean `shared`?

    error: there is no ReplicationSubnetGroup `net`
      --> specs/a.yaml:23:46
       |
    23 | spec: {class: dms.t3.medium, subnetGroupRef: net}
       |                                              ^^^
       |
       = hint: add a document of kind ReplicationSubnetGroup with that name

    3 errors
    ");
}

#[test]
fn one_name_in_two_files() {
    let files =
        [("specs/a.yaml", PIPELINE), ("specs/b.yaml", PIPELINE), ("specs/controller.yaml", CONTROLLER)];
    insta::assert_snapshot!(errors_of(&files), @"
    error: two documents are Pipeline `orders`
     --> specs/b.yaml:3:18
      |
    3 | metadata: {name: orders}
      |                  ^^^^^^
      |
     ::: specs/a.yaml:3:18
      |
    3 | metadata: {name: orders}
      |                  ------ the other one

    1 error
    ");
}

#[test]
fn two_resources_with_one_identifier() {
    let text = format!("{}---\n{}", PIPELINE, pipeline_with("{name: orders}", "{name: orders2}"))
        .replace("port: 3306", "port: 3306\n    identifier: Shop");
    insta::assert_snapshot!(errors(&text), @"
    error: two resources have the endpoint identifier `shop`
      --> specs/a.yaml:34:17
       |
    34 |     identifier: Shop
       |                 ^^^^
       |
      ::: specs/a.yaml:13:17
       |
    13 |     identifier: Shop
       |                 ---- the other one
       |
       = hint: set `identifier` of one of them

    1 error
    ");
}

#[test]
fn identifiers_that_aws_would_refuse() {
    let long = "a".repeat(63);
    let text = pipeline_with("name: orders", &format!("name: {long}"))
        .replace("port: 3306", "port: 3306\n    identifier: shop_1");
    insta::assert_snapshot!(errors(&text), @"
    error: the instance identifier `data-platform-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa` has 77 characters; AWS allows 63
     --> specs/a.yaml:3:18
      |
    3 | metadata: {name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}
      |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = hint: set `identifier` of this instance to one of your own

    error: the endpoint identifier `shop_1` has characters that AWS does not allow
      --> specs/a.yaml:13:17
       |
    13 |     identifier: shop_1
       |                 ^^^^^^
       |
       = hint: use letters, digits and single hyphens, starting with a letter

    2 errors
    ");
}

#[test]
fn files_that_are_too_large_or_not_utf8() {
    let source = |name: &str, bytes: Vec<u8>| Source { name: name.to_owned(), bytes };
    let errors = load_sources(vec![
        source("specs/controller.yaml", CONTROLLER.as_bytes().to_vec()),
        source("specs/large.yaml", vec![b' '; 2 * 1024 * 1024]),
        source("specs/latin1.yaml", b"a: b\nname: caf\xe9\n".to_vec()),
        source("specs/utf16.yaml", vec![0xff, 0xfe, b'a', 0]),
    ]);
    insta::assert_snapshot!(errors.unwrap_err().render(false), @"
    error: the file has 2097152 bytes; at most 1048576 (1 MiB) are read
    --> specs/large.yaml
     = hint: split it into several files, or move it out of the spec directory if it is no spec

    error: the file is not UTF-8; the first byte that cannot be read is in line 2
    --> specs/latin1.yaml
     = hint: save the file in the UTF-8 encoding

    error: the file is not UTF-8; the first byte that cannot be read is in line 1
    --> specs/utf16.yaml
     = hint: save the file in the UTF-8 encoding

    3 errors
    ");
}

#[test]
fn no_controller_and_two_controllers() {
    insta::assert_snapshot!(errors_of(&[("specs/a.yaml", PIPELINE)]), @"
    error: there is no Controller document among the specs
    --> specs/a.yaml
     = hint: add one: it names the scope, accounts and regions; or give its path as well

    1 error
    ");
    let files = [("one/controller.yaml", CONTROLLER), ("two/controller.yaml", CONTROLLER)];
    insta::assert_snapshot!(errors_of(&files), @"
    error: there are two Controller documents
     --> two/controller.yaml:1:1
      |
    1 | apiVersion: pipewright.dev/v1
      | ^
      |
     ::: one/controller.yaml:1:1
      |
    1 | apiVersion: pipewright.dev/v1
      | - the other one
      |
      = hint: one spec root has one Controller: give the path of one root

    1 error
    ");
    insta::assert_snapshot!(errors_of(&[("specs/a.yaml", "# nothing\n---\n---\n")]), @"
    error: there is no Controller document among the specs
    --> specs/a.yaml
     = hint: add one: it names the scope, accounts and regions; or give its path as well

    1 error
    ");
}

#[test]
fn controllers_that_are_wrong() {
    let text = "\
apiVersion: pipewright.dev/v1
kind: Controller
metadata: {name: data-platform}
spec:
  environments:
    - {name: a, accountId: 11122223333, region: us-east-1}
    - {name: a, accountId: 1111-2222-3333, region: useast1, assumeRoleArn: pipewright}
    - {name: b, accountId: 1e3, region: us-east-1}
  policy: {mode: upsert, maxDeletes: -1, maxDeletePercent: 101}
  identifierPrefix: _
";
    insta::assert_snapshot!(errors_of(&[("specs/a.yaml", text)]), @r#"
    error: an account id has twelve digits, this one has 11
     --> specs/a.yaml:6:28
      |
    6 |     - {name: a, accountId: 11122223333, region: us-east-1}
      |                            ^^^^^^^^^^^
      |
      = hint: if leading zeros were lost, put it in quotes: "011122223333"

    error: this is not an account id
     --> specs/a.yaml:7:28
      |
    7 |     - {name: a, accountId: 1111-2222-3333, region: useast1, assumeRoleArn: pipewright}
      |                            ^^^^^^^^^^^^^^
      |
      = hint: write its twelve digits in quotes: "111122223333"

    error: `useast1` is not an AWS region
     --> specs/a.yaml:7:52
      |
    7 |     - {name: a, accountId: 1111-2222-3333, region: useast1, assumeRoleArn: pipewright}
      |                                                    ^^^^^^^
      |
      = hint: write it as AWS does, for example us-east-1

    error: `pipewright` is not the ARN of an IAM role
     --> specs/a.yaml:7:76
      |
    7 |     - {name: a, accountId: 1111-2222-3333, region: useast1, assumeRoleArn: pipewright}
      |                                                                            ^^^^^^^^^^
      |
      = hint: write it as arn:aws:iam::111122223333:role/name

    error: this is not an account id
     --> specs/a.yaml:8:28
      |
    8 |     - {name: b, accountId: 1e3, region: us-east-1}
      |                            ^^^
      |
      = hint: write its twelve digits in quotes: "111122223333"

    error: `upsert` is not possible here
     --> specs/a.yaml:9:18
      |
    9 |   policy: {mode: upsert, maxDeletes: -1, maxDeletePercent: 101}
      |                  ^^^^^^
      |
      = hint: did you mean `upsert-only`?

    error: expected a whole number from 0 to 4294967295, found -1
     --> specs/a.yaml:9:38
      |
    9 |   policy: {mode: upsert, maxDeletes: -1, maxDeletePercent: 101}
      |                                      ^^

    error: expected a whole number from 0 to 100, found 101
     --> specs/a.yaml:9:60
      |
    9 |   policy: {mode: upsert, maxDeletes: -1, maxDeletePercent: 101}
      |                                                            ^^^

    error: `_` is not possible at the start of AWS identifiers
      --> specs/a.yaml:10:21
       |
    10 |   identifierPrefix: _
       |                     ^
       |
       = hint: use at most 40 letters, digits and single hyphens, starting with a letter; or "" for none

    9 errors
    "#);
    let long = CONTROLLER.replace("data-platform", &"a".repeat(50));
    insta::assert_snapshot!(errors_of(&[("specs/a.yaml", &long)]), @"
    error: `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa` is not a valid name: use at most 40 lower-case letters, digits and single hyphens, starting with a letter and not ending with a hyphen
     --> specs/a.yaml:3:18
      |
    3 | metadata: {name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}
      |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

    1 error
    ");
    let none =
        "apiVersion: pipewright.dev/v1\nkind: Controller\nmetadata: {name: a}\nspec: {environments: []}\n";
    insta::assert_snapshot!(errors_of(&[("specs/a.yaml", none)]), @"
    error: there is no environment
     --> specs/a.yaml:4:22
      |
    4 | spec: {environments: []}
      |                      ^
      |
      = hint: name at least one account and region: {name, accountId, region}

    1 error
    ");
}

#[test]
fn an_account_id_without_quotes_is_taken_as_it_is_written() {
    let text = CONTROLLER.replace("\"111122223333\"", "011122223333");
    let tree = read(&[("specs/controller.yaml", &text)]).unwrap();
    assert_eq!(tree.environments()[0].account_id, "011122223333");
}

#[test]
fn which_environment() {
    let two = CONTROLLER.replace(
        "    - {name: prod",
        "    - {name: test, accountId: \"111122223333\", region: us-east-1}\n    - {name: prod",
    );
    insta::assert_snapshot!(errors_of(&[("specs/a.yaml", PIPELINE), ("specs/controller.yaml", &two)]), @"
    error: the Controller has several environments, and this document does not say which
     --> specs/a.yaml:3:18
      |
    3 | metadata: {name: orders}
      |                  ^^^^^^
      |
      = hint: set `spec.environment` to one of test, prod

    1 error
    ");
    let instance = "apiVersion: pipewright.dev/v1\nkind: ReplicationInstance\nmetadata: {name: shared}\nspec: {environment: test, class: dms.t3.medium}\n";
    let pipeline = pipeline_with(
        "    instance:\n      class: dms.t3.medium\n      subnetGroup: {subnetIds: [subnet-1, subnet-2]}\n",
        "    instanceRef: shared\n",
    )
    .replace("spec:\n", "spec:\n  environment: prod\n");
    let files =
        [("specs/a.yaml", pipeline.as_str()), ("specs/b.yaml", instance), ("specs/controller.yaml", &two)];
    insta::assert_snapshot!(errors_of(&files), @"
    error: ReplicationInstance `shared` is in the environment test, not in prod
     --> specs/a.yaml:7:18
      |
    7 |     instanceRef: shared
      |                  ^^^^^^
      |
      = hint: resources of one pipeline are in one account and region

    1 error
    ");
}

#[test]
fn roles_on_which_specs_do_not_agree() {
    let text = format!("{}---\n{}", PIPELINE, pipeline_with("{name: orders}", "{name: orders2}"));
    let text = text.replacen("  migration:", "  serviceRoles: {adopt: never}\n  migration:", 1).replace(
        "    tables: {include: [shop.*]}\n---",
        "    tables: {include: [shop.*]}\n  deletionPolicy: retain\n---",
    );
    let text = format!("{text}  serviceRoles: {{adopt: always}}\n");
    insta::assert_snapshot!(errors(&text), @"
    error: documents that share a service role do not agree on `adopt`
      --> specs/a.yaml:42:25
       |
    42 |   serviceRoles: {adopt: always}
       |                         ^^^^^^
       |
      ::: specs/a.yaml:17:25
       |
    17 |   serviceRoles: {adopt: never}
       |                         ----- another one
       |
       = hint: say the same in all documents of the account, or say it once

    1 error
    ");
}
