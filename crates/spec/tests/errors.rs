//! Every way in which specs can be wrong gives an error that says where and what to do.

mod common;

use common::{CONTROLLER, PIPELINE, errors, errors_of, pipeline_with, read};
use pipewright_spec::{Source, load_sources};

#[test]
fn what_is_valid_is_valid() {
    assert!(read(&[("specs/controller.yaml", CONTROLLER), ("specs/a.yaml", PIPELINE)]).is_ok());
}

#[test]
fn a_tab_in_the_indentation() {
    insta::assert_snapshot!(errors("kind:\n\tPipeline\n"), @"
    error: a tab cannot indent YAML
     --> specs/a.yaml:2:2
      |
    2 |     Pipeline
      |     ^
      |
      = hint: indent with spaces

    1 error
    ");
}

#[test]
fn text_that_is_no_yaml_hides_no_other_document() {
    let text = format!("kind: [Pipeline\n---\n{}", pipeline_with("type: full-load", "type: full"));
    insta::assert_snapshot!(errors(&text), @"
    error: this is not valid YAML: unclosed bracket '['
     --> specs/a.yaml:1:7
      |
    1 | kind: [Pipeline
      |       ^

    error: `full` is not possible here
      --> specs/a.yaml:20:11
       |
    20 |     type: full
       |           ^^^^
       |
       = hint: did you mean `full-load`?

    2 errors
    ");
}

#[test]
fn a_key_twice() {
    let text = pipeline_with("    port: 3306\n", "    port: 3306\n    port: 3307\n");
    insta::assert_snapshot!(errors(&text), @"
    error: the key `port` is there twice
      --> specs/a.yaml:13:5
       |
    13 |     port: 3307
       |     ^^^^
       |
      ::: specs/a.yaml:12:5
       |
    12 |     port: 3306
       |     ---- first here
       |
       = hint: keep one of the two

    1 error
    ");
}

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

    error: one of `instance`, `instanceRef` is missing here
     --> specs/a.yaml:5:12
      |
    5 |   compute: {}
      |            ^

    5 errors
    ");
}

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
fn an_alias_bomb() {
    let mut text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (name, of) in ["b", "c", "d", "e", "f", "g", "h"].iter().zip(["a", "b", "c", "d", "e", "f", "g"]) {
        text += &format!(
            "{name}: &{name} [*{of}, *{of}, *{of}, *{of}, *{of}, *{of}, *{of}, *{of}, *{of}, *{of}]\n"
        );
    }
    insta::assert_snapshot!(errors(&text), @"
    error: the document's aliases expand to more than 100000 nodes
     --> specs/a.yaml:5:36
      |
    5 | e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]
      |                                    ^
      |
      = hint: write the values out, or use fewer aliases of aliases

    1 error
    ");
}

#[test]
fn an_anchor_that_contains_itself() {
    insta::assert_snapshot!(errors("kind: &a\n  spec: [*a]\n"), @"
    error: this alias stands for something that contains the alias itself
     --> specs/a.yaml:2:10
      |
    2 |   spec: [*a]
      |          ^
      |
      = hint: an anchor must not be used inside of what it names

    1 error
    ");
}

#[test]
fn an_alias_of_nothing() {
    insta::assert_snapshot!(errors("kind: *a\n"), @"
    error: this is not valid YAML: alias references unknown anchor
     --> specs/a.yaml:1:7
      |
    1 | kind: *a
      |       ^

    1 error
    ");
}

#[test]
fn nesting_too_deep() {
    insta::assert_snapshot!(errors(&"[".repeat(5000)), @"
    error: lists and mappings are nested more than 32 deep
     --> specs/a.yaml:1:256
      |
    1 | ...[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[...
      |                                                                    ^

    1 error
    ");
    insta::assert_snapshot!(errors(&format!("a: {}1{}\n", "[".repeat(100), "]".repeat(100))), @"
    error: lists and mappings are nested more than 32 deep
     --> specs/a.yaml:1:35
      |
    1 | a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]...
      |                                   ^

    1 error
    ");
    // Each alias is one level deeper than the one before.
    let mut text = "a0: &a0 [x]\n".to_owned();
    for level in 1..100 {
        text += &format!("a{level}: &a{level} [*a{}]\n", level - 1);
    }
    insta::assert_snapshot!(errors(&text), @"
    error: lists and mappings are nested more than 32 deep
      --> specs/a.yaml:32:12
       |
    32 | a31: &a31 [*a30]
       |            ^

    1 error
    ");
}

#[test]
fn too_many_documents() {
    let text = "---\na: 1\n".repeat(10_001);
    let errors = errors(&text);
    assert_eq!(errors.matches("more than 10000 documents").count(), 1);
    assert!(errors.contains("--> specs/a.yaml:19999:1"), "{}", &errors[errors.len() - 500..]);
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
fn two_kinds_of_credentials() {
    let text = pipeline_with(
        "{username: dms, passwordFrom: {env: MYSQL_PASSWORD}}",
        "\n      username: dms\n      passwordFrom: {env: MYSQL_PASSWORD}\n      secretsManager: {secretId: s, accessRoleArn: \"arn:aws:iam::111122223333:role/r\"}",
    );
    insta::assert_snapshot!(errors(&text), @r#"
    error: `serverName` cannot stand beside `credentials.secretsManager`
      --> specs/a.yaml:11:5
       |
    11 |     serverName: mysql.example.com
       |     ^^^^^^^^^^
       |
       = hint: DMS takes host and port from the secret: remove `serverName`

    error: `port` cannot stand beside `credentials.secretsManager`
      --> specs/a.yaml:12:5
       |
    12 |     port: 3306
       |     ^^^^
       |
       = hint: DMS takes host and port from the secret: remove `port`

    error: `username` cannot stand beside `secretsManager`
      --> specs/a.yaml:14:17
       |
    14 |       username: dms
       |                 ^^^
       |
       = hint: DMS takes the user from the secret: remove `username`

    error: `secretsManager` cannot stand beside `passwordFrom`
      --> specs/a.yaml:16:7
       |
    16 |       secretsManager: {secretId: s, accessRoleArn: "arn:aws:iam::111122223333:role/r"}
       |       ^^^^^^^^^^^^^^
       |
      ::: specs/a.yaml:15:7
       |
    15 |       passwordFrom: {env: MYSQL_PASSWORD}
       |       ------------ the other one
       |
       = hint: keep exactly one of `secretsManager`, `passwordFrom`, `iam`

    4 errors
    "#);
}

#[test]
fn credentials_that_are_incomplete_or_in_clear() {
    let text =
        pipeline_with("{username: dms, passwordFrom: {env: MYSQL_PASSWORD}}", "{passwordFrom: hunter2}");
    insta::assert_snapshot!(errors(&text), @"
    error: the field `username` is missing here
      --> specs/a.yaml:13:18
       |
    13 |     credentials: {passwordFrom: *******}
       |                  ^

    error: a password must not be written in a spec
      --> specs/a.yaml:13:33
       |
    13 |     credentials: {passwordFrom: *******}
       |                                 ^^^^^^^
       |
       = hint: say where it is read: `passwordFrom: {env: NAME}` or `passwordFrom: {file: PATH}`

    2 errors
    ");
    let text = pipeline_with(
        "{username: dms, passwordFrom: {env: MYSQL_PASSWORD}}",
        "{username: dms, password: hunter2}",
    );
    insta::assert_snapshot!(errors(&text), @"
    error: one of `secretsManager`, `passwordFrom`, `iam` is missing here
      --> specs/a.yaml:13:18
       |
    13 |     credentials: {username: dms, password: *******}
       |                  ^

    error: unknown field `password`
      --> specs/a.yaml:13:34
       |
    13 |     credentials: {username: dms, password: *******}
       |                                  ^^^^^^^^
       |
       = hint: did you mean `passwordFrom`?

    2 errors
    ");
    let text = pipeline_with("    credentials: {username: dms, passwordFrom: {env: MYSQL_PASSWORD}}\n", "");
    insta::assert_snapshot!(errors(&text), @"
    error: an endpoint of the engine mysql needs `credentials`
      --> specs/a.yaml:10:5
       |
    10 |     engine: mysql
       |     ^
       |
       = hint: give `credentials: {secretsManager: {secretId, accessRoleArn}}`

    1 error
    ");
    let text = pipeline_with(
        "port: 3306",
        "port: 3306\n    extraConnectionAttributes: \"a=b;asm_password=hunter2\"",
    );
    insta::assert_snapshot!(errors(&text), @"
    error: a password among the extra connection attributes would be seen by everybody
      --> specs/a.yaml:13:32
       |
    13 |     extraConnectionAttributes: **************************
       |                                ^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = hint: use `credentials`, or the setting of that name, with {env: …} or {file: …}

    1 error
    ");
}

#[test]
fn a_password_in_a_spec_is_not_shown() {
    let wrong = [
        pipeline_with("{env: MYSQL_PASSWORD}", "hunter2"),
        pipeline_with("{env: MYSQL_PASSWORD}", "\n          hunter2\n      "),
        pipeline_with("passwordFrom: {env: MYSQL_PASSWORD}", "password: hunter2"),
        pipeline_with("port: 3306", "port: 3306\n    settings: {serverTimezon: UTC, password: \"hunter2\"}"),
        pipeline_with(
            "port: 3306",
            "port: 3306\n    extraConnectionAttributes: \"asm_password=hunter2;x=y\"",
        ),
    ];
    for text in wrong {
        let errors = read(&[("specs/controller.yaml", CONTROLLER), ("specs/a.yaml", &text)]).unwrap_err();
        assert!(!errors.render(false).contains("hunter2"), "{}", errors.render(false));
        assert!(!errors.to_json().to_string().contains("hunter2"));
        assert!(!format!("{errors:?}").contains("hunter2"), "{errors:?}");
    }
}

#[test]
fn engines_on_the_wrong_side() {
    let text = PIPELINE.replace("engine: mysql", "engine: redshift\n    databaseName: a").replace("engine: s3\n    settings: {bucketName: archive, serviceAccessRoleArn: \"arn:aws:iam::111122223333:role/s3\"}", "engine: mongodb\n    serverName: a\n    port: 1");
    insta::assert_snapshot!(errors(&text), @"
    error: the engine redshift can only be a target, not a source
      --> specs/a.yaml:10:13
       |
    10 |     engine: redshift
       |             ^^^^^^^^
       |
       = hint: engines that can be a source: aurora, aurora-postgresql, aurora-postgresql-serverless, aurora-serverless, azure-sql-managed-instance, azuredb, db2, db2-zos, dms-transfer, docdb, gcp-mysql, mariadb, mongodb, mysql, oracle, postgres, s3, sqlserver, sybase

    error: the engine mongodb can only be a source, not a target
      --> specs/a.yaml:16:13
       |
    16 |     engine: mongodb
       |             ^^^^^^^
       |
       = hint: engines that can be a target: aurora, aurora-postgresql, aurora-postgresql-serverless, aurora-serverless, babelfish, db2-zos, dms-transfer, docdb, dynamodb, elasticsearch, kafka, kinesis, mariadb, mysql, neptune, opensearch, oracle, postgres, redis, redshift, redshift-serverless, s3, sqlserver, sybase, timestream

    2 errors
    ");
    let text = pipeline_with(
        "  target:\n    engine: s3\n    settings: {bucketName: archive, serviceAccessRoleArn: \"arn:aws:iam::111122223333:role/s3\"}\n",
        "  targetRef: crm\n",
    );
    let endpoint = "apiVersion: pipewright.dev/v1\nkind: Endpoint\nmetadata: {name: crm}\nspec: {type: source, engine: mysql, serverName: a, port: 1, credentials: {username: a, passwordFrom: {env: A}}}\n";
    insta::assert_snapshot!(errors(&format!("{text}---\n{endpoint}")), @"
    error: Endpoint `crm` is not a target
      --> specs/a.yaml:14:14
       |
    14 |   targetRef: crm
       |              ^^^
       |
      ::: specs/a.yaml:21:18
       |
    21 | metadata: {name: crm}
       |                  --- declared here
       |
       = hint: name an Endpoint of `type: target`

    1 error
    ");
}

#[test]
fn settings_that_the_engine_does_not_have() {
    let text = pipeline_with("port: 3306", "port: 3306\n    settings: {serverTimeZone: UTC, ServerTimezone: UTC, username: a, targetDbType: many, eventsPollInterval: soon}")
        .replace("bucketName: archive", "bucketNam: archive, useCsvNoSupValue: \"yes\", encodingType: plain, rfc4180: 1");
    insta::assert_snapshot!(errors(&text), @r#"
    error: the engine mysql has no setting `serverTimeZone`
      --> specs/a.yaml:13:16
       |
    13 |     settings: {serverTimeZone: UTC, ServerTimezone: UTC, username: a, targetDbType: many, eventsPollInterval: soon}
       |                ^^^^^^^^^^^^^^
       |
       = hint: did you mean `serverTimezone`?

    error: the engine mysql has no setting `ServerTimezone`
      --> specs/a.yaml:13:37
       |
    13 |     settings: {serverTimeZone: UTC, ServerTimezone: UTC, username: a, targetDbType: many, eventsPollInterval: soon}
       |                                     ^^^^^^^^^^^^^^
       |
       = hint: did you mean `serverTimezone`?

    error: `username` is no setting of its own here
      --> specs/a.yaml:13:58
       |
    13 |     settings: {serverTimeZone: UTC, ServerTimezone: UTC, username: a, targetDbType: many, eventsPollInterval: soon}
       |                                                          ^^^^^^^^
       |
       = hint: give it as `credentials.username`

    error: `many` is not possible here
      --> specs/a.yaml:13:85
       |
    13 |     settings: {serverTimeZone: UTC, ServerTimezone: UTC, username: a, targetDbType: many, eventsPollInterval: soon}
       |                                                                                     ^^^^
       |
       = hint: use one of `specific-database`, `multiple-databases`

    error: expected a whole number, found text
      --> specs/a.yaml:13:111
       |
    13 |     settings: {serverTimeZone: UTC, ServerTimezone: UTC, username: a, targetDbType: many, eventsPollInterval: soon}
       |                                                                                                               ^^^^

    error: an endpoint of the engine s3 needs `settings.bucketName`
      --> specs/a.yaml:17:15
       |
    17 |     settings: {bucketNam: archive, useCsvNoSupValue: "yes", encodingType: plain, rfc4180: 1, serviceAccessRoleArn: "arn:aws:iam::111...
       |               ^

    error: the engine s3 has no setting `bucketNam`
      --> specs/a.yaml:17:16
       |
    17 |     settings: {bucketNam: archive, useCsvNoSupValue: "yes", encodingType: plain, rfc4180: 1, serviceAccessRoleArn: "arn:aws:iam::111...
       |                ^^^^^^^^^
       |
       = hint: did you mean `bucketName`?

    error: expected true or false, found text
      --> specs/a.yaml:17:54
       |
    17 |     settings: {bucketNam: archive, useCsvNoSupValue: "yes", encodingType: plain, rfc4180: 1, serviceAccessRoleArn: "arn:aws:iam::111...
       |                                                      ^^^^^
       |
       = hint: write true, without quotes

    error: expected true or false, found the number 1
      --> specs/a.yaml:17:91
       |
    17 |     settings: {bucketNam: archive, useCsvNoSupValue: "yes", encodingType: plain, rfc4180: 1, serviceAccessRoleArn: "arn:aws:iam::111...
       |                                                                                           ^

    9 errors
    "#);
    let text = pipeline_with(
        "engine: s3\n    settings: {bucketName: archive, serviceAccessRoleArn: \"arn:aws:iam::111122223333:role/s3\"}",
        "engine: redis\n    serverName: a\n    settings: {serverName: a, authPassword: hunter2}",
    );
    insta::assert_snapshot!(errors(&text), @"
    error: an endpoint of the engine redis has no `serverName`
      --> specs/a.yaml:16:5
       |
    16 |     serverName: a
       |     ^^^^^^^^^^
       |
       = hint: it is reached by its `settings`: remove `serverName`

    error: an endpoint of the engine redis needs `settings.port`
      --> specs/a.yaml:17:15
       |
    17 |     settings: {serverName: a, authPassword: *******}
       |               ^

    error: `authPassword` is a secret, which must not be written in a spec
      --> specs/a.yaml:17:45
       |
    17 |     settings: {serverName: a, authPassword: *******}
       |                                             ^^^^^^^
       |
       = hint: say where it is read: `authPassword: {env: NAME}` or `authPassword: {file: PATH}`

    3 errors
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
    let text = pipeline_with(
        "    instance:\n      class: dms.t3.medium\n      subnetGroup: {subnetIds: [subnet-1, subnet-2]}\n",
        "    serverless: {maxCapacityUnits: 4}\n",
    );
    insta::assert_snapshot!(errors(&text), @"
    error: DMS Serverless is not supported by this version
     --> specs/a.yaml:6:17
      |
    6 |     serverless: {maxCapacityUnits: 4}
      |                 ^
      |
      = hint: use `instance` or `instanceRef`

    1 error
    ");
}

#[test]
fn migrations_that_cannot_be() {
    let text = pipeline_with(
        "    tables: {include: [shop.*]}\n",
        "    tables:\n      include: [shop, shop.a, .b, shop.a]\n      rename: [{schema: a, to: \"b*\"}, {schema: a, to: c}, {schema: \"\", to: d}]\n    mappingsFile: m.json\n    settings: {TargetMetdata: {}, Logging: {CloudWatchLogGroup: a}, FullLoadSettings: [], FullLoadSettings: {}}\n    cdc: {startPosition: a, startTime: yesterday, stopPosition: now}\n",
    );
    insta::assert_snapshot!(errors(&text), @r#"
    error: `shop` is not a pattern `schema.table`
      --> specs/a.yaml:20:17
       |
    20 |       include: [shop, shop.a, .b, shop.a]
       |                 ^^^^
       |
       = hint: write `shop.*` for all tables of the schema shop

    error: `.b` is not a pattern `schema.table`
      --> specs/a.yaml:20:31
       |
    20 |       include: [shop, shop.a, .b, shop.a]
       |                               ^^
       |
       = hint: write `schema.table`, for example shop.orders or shop.*

    error: the new name cannot have a wildcard
      --> specs/a.yaml:21:32
       |
    21 |       rename: [{schema: a, to: "b*"}, {schema: a, to: c}, {schema: "", to: d}]
       |                                ^^^^

    error: `` is not possible here
      --> specs/a.yaml:21:68
       |
    21 |       rename: [{schema: a, to: "b*"}, {schema: a, to: c}, {schema: "", to: d}]
       |                                                                    ^^
       |
       = hint: write a text that is not empty and has no control characters

    error: `mappingsFile` cannot stand beside `tables`
      --> specs/a.yaml:22:5
       |
    22 |     mappingsFile: m.json
       |     ^^^^^^^^^^^^
       |
      ::: specs/a.yaml:19:5
       |
    19 |     tables:
       |     ------ the other one
       |
       = hint: keep exactly one of `tables`, `mappings`, `mappingsFile`

    error: DMS has no task settings `TargetMetdata`
      --> specs/a.yaml:23:16
       |
    23 |     settings: {TargetMetdata: {}, Logging: {CloudWatchLogGroup: a}, FullLoadSettings: [], FullLoadSettings: {}}
       |                ^^^^^^^^^^^^^
       |
       = hint: did you mean `TargetMetadata`?

    error: DMS sets `CloudWatchLogGroup` itself and refuses it
      --> specs/a.yaml:23:65
       |
    23 |     settings: {TargetMetdata: {}, Logging: {CloudWatchLogGroup: a}, FullLoadSettings: [], FullLoadSettings: {}}
       |                                                                 ^
       |
       = hint: remove it

    error: the key `FullLoadSettings` is there twice
      --> specs/a.yaml:23:91
       |
    23 |     settings: {TargetMetdata: {}, Logging: {CloudWatchLogGroup: a}, FullLoadSettings: [], FullLoadSettings: {}}
       |                                                                                           ^^^^^^^^^^^^^^^^
       |
      ::: specs/a.yaml:23:69
       |
    23 |     settings: {TargetMetdata: {}, Logging: {CloudWatchLogGroup: a}, FullLoadSettings: [], FullLoadSettings: {}}
       |                                                                     ---------------- first here
       |
       = hint: keep one of the two

    error: a full load captures no changes, so `cdc` has no effect
      --> specs/a.yaml:24:5
       |
    24 |     cdc: {startPosition: a, startTime: yesterday, stopPosition: now}
       |     ^^^
       |
       = hint: remove `cdc`, or set `type: full-load-and-cdc` or `type: cdc`

    error: `startTime` cannot stand beside `startPosition`
      --> specs/a.yaml:24:29
       |
    24 |     cdc: {startPosition: a, startTime: yesterday, stopPosition: now}
       |                             ^^^^^^^^^
       |
      ::: specs/a.yaml:24:11
       |
    24 |     cdc: {startPosition: a, startTime: yesterday, stopPosition: now}
       |           ------------- the other one
       |
       = hint: keep exactly one of `startPosition`, `startTime`

    error: `yesterday` is not a time
      --> specs/a.yaml:24:40
       |
    24 |     cdc: {startPosition: a, startTime: yesterday, stopPosition: now}
       |                                        ^^^^^^^^^
       |
       = hint: write it in RFC 3339, with a time zone: "2026-01-31T12:00:00Z"

    error: `now` is not a stop position
      --> specs/a.yaml:24:65
       |
    24 |     cdc: {startPosition: a, startTime: yesterday, stopPosition: now}
       |                                                                 ^^^
       |
       = hint: write server_time: or commit_time: and a time, for example server_time:2026-01-31T12:00:00

    12 errors
    "#);
    let text = pipeline_with(
        "    tables: {include: [shop.*]}\n",
        "    tables: {include: []}\n    cdc: {startTime: yesterday, stopPosition: now}\n",
    );
    insta::assert_snapshot!(errors(&text), @r#"
    error: no table is included
      --> specs/a.yaml:19:23
       |
    19 |     tables: {include: []}
       |                       ^
       |
       = hint: name at least one, for example shop.*

    error: a full load captures no changes, so `cdc` has no effect
      --> specs/a.yaml:20:5
       |
    20 |     cdc: {startTime: yesterday, stopPosition: now}
       |     ^^^
       |
       = hint: remove `cdc`, or set `type: full-load-and-cdc` or `type: cdc`

    error: `yesterday` is not a time
      --> specs/a.yaml:20:22
       |
    20 |     cdc: {startTime: yesterday, stopPosition: now}
       |                      ^^^^^^^^^
       |
       = hint: write it in RFC 3339, with a time zone: "2026-01-31T12:00:00Z"

    error: `now` is not a stop position
      --> specs/a.yaml:20:47
       |
    20 |     cdc: {startTime: yesterday, stopPosition: now}
       |                                               ^^^
       |
       = hint: write server_time: or commit_time: and a time, for example server_time:2026-01-31T12:00:00

    4 errors
    "#);
    let text = pipeline_with(
        "    tables: {include: [shop.*]}\n",
        "    mappings:\n      rules:\n        - {rule-type: selection, rule-id: 1, rule-name: a}\n        - {rule-type: selection, rule-id: \"1\"}\n",
    );
    insta::assert_snapshot!(errors(&text), @r#"
    error: the field `rule-name` is missing in this rule
      --> specs/a.yaml:22:11
       |
    22 |         - {rule-type: selection, rule-id: "1"}
       |           ^

    error: two rules have the rule-id `1`
      --> specs/a.yaml:22:43
       |
    22 |         - {rule-type: selection, rule-id: "1"}
       |                                           ^^^
       |
      ::: specs/a.yaml:21:43
       |
    21 |         - {rule-type: selection, rule-id: 1, rule-name: a}
       |                                           - the other one

    2 errors
    "#);
    let text = pipeline_with("    tables: {include: [shop.*]}\n", "    mappings: {rule: []}\n");
    insta::assert_snapshot!(errors(&text), @r#"
    error: a table-mapping document needs a list `rules` that is not empty
      --> specs/a.yaml:19:15
       |
    19 |     mappings: {rule: []}
       |               ^
       |
       = hint: see "Using table mapping to specify task settings" in the DMS User Guide

    1 error
    "#);
}

#[test]
fn mapping_files_that_are_missing_or_wrong() {
    let text = pipeline_with("    tables: {include: [shop.*]}\n", "    mappingsFile: maps/m.json\n");
    insta::assert_snapshot!(errors(&text), @"
    error: the table mappings cannot be read from specs/maps/m.json: there is no such file
      --> specs/a.yaml:19:19
       |
    19 |     mappingsFile: maps/m.json
       |                   ^^^^^^^^^^^

    1 error
    ");
    let files = |json: &'static str| {
        [("specs/controller.yaml", CONTROLLER), ("specs/a.yaml", text.as_str()), ("specs/maps/m.json", json)]
    };
    insta::assert_snapshot!(errors_of(&files("{\"rules\": [")), @"
    error: the table mappings cannot be read from specs/maps/m.json: it is not JSON: line 1, column 11
      --> specs/a.yaml:19:19
       |
    19 |     mappingsFile: maps/m.json
       |                   ^^^^^^^^^^^

    1 error
    ");
    insta::assert_snapshot!(errors_of(&files("{\"rules\": [{\"rule-id\": \"1\", \"rule-type\": \"selection\"}]}")), @"
    error: the table mappings cannot be read from specs/maps/m.json: its rule 1 has no `rule-name`
      --> specs/a.yaml:19:19
       |
    19 |     mappingsFile: maps/m.json
       |                   ^^^^^^^^^^^

    1 error
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

#[test]
fn windows_line_ends_byte_order_marks_and_wide_characters_do_not_move_places() {
    let text =
        format!("\u{feff}# größe 東京\r\n{}", pipeline_with("full-load", "fullload").replace('\n', "\r\n"));
    insta::assert_snapshot!(errors(&text), @"
    error: `fullload` is not possible here
      --> specs/a.yaml:19:11
       |
    19 |     type: fullload
       |           ^^^^^^^^
       |
       = hint: did you mean `full-load`?

    1 error
    ");
    let text = pipeline_with("{name: orders}", "{name: orders, labels: {東京: \"größe\", wrong: 1}}");
    insta::assert_snapshot!(errors(&text), @r#"
    error: expected text, found the number 1
     --> specs/a.yaml:3:55
      |
    3 | metadata: {name: orders, labels: {東京: "größe", wrong: 1}}
      |                                                         ^
      |
      = hint: put it in quotes: "1"

    1 error
    "#);
}

#[test]
fn keys_that_are_no_text() {
    insta::assert_snapshot!(errors("? [a, b]\n: c\n"), @"
    error: a key must be text, not a list or a mapping
     --> specs/a.yaml:1:3
      |
    1 | ? [a, b]
      |   ^

    1 error
    ");
    insta::assert_snapshot!(errors("5: x\ntrue: y\n"), @"
    error: the field `apiVersion` is missing here
     --> specs/a.yaml:1:1
      |
    1 | 5: x
      | ^

    error: the field `kind` is missing here
     --> specs/a.yaml:1:1
      |
    1 | 5: x
      | ^

    error: the field `metadata` is missing here
     --> specs/a.yaml:1:1
      |
    1 | 5: x
      | ^

    error: unknown field `5`
     --> specs/a.yaml:1:1
      |
    1 | 5: x
      | ^
      |
      = hint: the fields here are `apiVersion`, `kind`, `metadata`, `spec`

    error: unknown field `true`
     --> specs/a.yaml:2:1
      |
    2 | true: y
      | ^^^^
      |
      = hint: the fields here are `apiVersion`, `kind`, `metadata`, `spec`

    5 errors
    ");
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
