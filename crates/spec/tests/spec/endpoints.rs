//! Endpoints and their credentials that cannot be.

use crate::common::{CONTROLLER, PIPELINE, errors, pipeline_with, read};

#[test]
fn two_kinds_of_credentials() {
    let text = pipeline_with(
        "{username: dms, passwordFrom: {env: MYSQL_PASSWORD}}",
        "\n      username: dms\n      passwordFrom: {env: MYSQL_PASSWORD}\n      secretsManager: {secretId: s, accessRoleArn: \"arn:aws:iam::111122223333:role/r\"}",
    );
    insta::assert_snapshot!(errors(&text), @r#"
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

    2 errors
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
        pipeline_with(
            "port: 3306",
            &format!(
                "port: 3306\n    settings: {{password: {}hunter2, serverTimezon: UTC}}",
                "x".repeat(1000)
            ),
        ),
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
       = hint: engines that can be a source: aurora, aurora-postgresql, azure-sql-managed-instance, azuredb, db2, db2-zos, dms-transfer, docdb, gcp-mysql, mariadb, mongodb, mysql, oracle, postgres, s3, sqlserver, sybase

    error: the engine mongodb can only be a source, not a target
      --> specs/a.yaml:16:13
       |
    16 |     engine: mongodb
       |             ^^^^^^^
       |
       = hint: engines that can be a target: aurora, aurora-postgresql, aurora-postgresql-serverless, aurora-serverless, babelfish, db2, dms-transfer, docdb, dynamodb, elasticsearch, kafka, kinesis, mariadb, mysql, neptune, opensearch, oracle, postgres, redis, redshift, redshift-serverless, s3, sqlserver, sybase, timestream

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
fn numbers_beyond_what_dms_takes() {
    let text = pipeline_with(
        "engine: s3\n    settings: {bucketName: archive,",
        "engine: s3\n    settings: {bucketName: archive, maxFileSize: 1048577, ignoreHeaderRows: -1,",
    );
    insta::assert_snapshot!(errors(&text), @r#"
    error: expected a whole number from 1 to 1048576, found 1048577
      --> specs/a.yaml:16:50
       |
    16 |     settings: {bucketName: archive, maxFileSize: 1048577, ignoreHeaderRows: -1, serviceAccessRoleArn: "arn:aws:iam::111122223333:rol...
       |                                                  ^^^^^^^

    error: expected a whole number from 0 to 1, found -1
      --> specs/a.yaml:16:77
       |
    16 |     settings: {bucketName: archive, maxFileSize: 1048577, ignoreHeaderRows: -1, serviceAccessRoleArn: "arn:aws:iam::111122223333:rol...
       |                                                                             ^^

    2 errors
    "#);
}

#[test]
fn files_in_s3_whose_tables_are_not_described() {
    let text = pipeline_with(
        "engine: mysql\n    serverName: mysql.example.com\n    port: 3306\n    credentials: {username: dms, passwordFrom: {env: MYSQL_PASSWORD}}",
        "engine: s3\n    settings: {bucketName: b, serviceAccessRoleArn: r}",
    );
    insta::assert_snapshot!(errors(&text), @"
    error: a source of the engine s3 needs `settings.externalTableDefinition`
      --> specs/a.yaml:11:15
       |
    11 |     settings: {bucketName: b, serviceAccessRoleArn: r}
       |               ^

    1 error
    ");
}

#[test]
fn extra_connection_attributes_that_are_settings() {
    let text = pipeline_with(
        "port: 3306",
        "port: 3306\n    extraConnectionAttributes: \"initstmt=SET x=1;EventsPollInterval=5;CleanSrcMetadataOnMismatch=true;username=me\"",
    );
    insta::assert_snapshot!(errors(&text), @"
    error: the extra connection attribute `CleanSrcMetadataOnMismatch` is a setting of its own
      --> specs/a.yaml:13:32
       |
    13 |     extraConnectionAttributes: ***********************************************************************************
       |                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = hint: give it as `settings: {cleanSourceMetadataOnMismatch: …}`

    error: the extra connection attribute `EventsPollInterval` is a setting of its own
      --> specs/a.yaml:13:32
       |
    13 |     extraConnectionAttributes: ***********************************************************************************
       |                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = hint: give it as `settings: {eventsPollInterval: …}`

    error: the extra connection attribute `username` is a setting of its own
      --> specs/a.yaml:13:32
       |
    13 |     extraConnectionAttributes: ***********************************************************************************
       |                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = hint: give it as `credentials.username`

    3 errors
    ");
}

#[test]
fn keys_and_arns_that_cannot_be() {
    let text = pipeline_with("port: 3306", "port: 3306\n    kmsKeyId: arn:aws:s3:::key");
    assert!(errors(&text).contains("`arn:aws:s3:::key` is not a KMS key"));
    for key in [
        "0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f",
        "mrk-0a1b",
        "alias/data/dms",
        "arn:aws:kms:us-east-1:111122223333:alias/a",
        "arn:aws:kms:us-east-1:111122223333:key/0a1b",
    ] {
        let text = pipeline_with("port: 3306", &format!("port: 3306\n    kmsKeyId: \"{key}\""));
        crate::common::desired(&[
            ("specs/controller.yaml", crate::common::CONTROLLER),
            ("specs/a.yaml", &text),
        ]);
    }
    let text = pipeline_with(
        "port: 3306",
        "port: 3306\n    kmsKeyId: arn:aws-cn:kms:cn-north-1:111122223333:key/0a1b",
    );
    insta::assert_snapshot!(errors(&text), @"
    error: `arn:aws-cn:kms:cn-north-1:111122223333:key/0a1b` is not of the partition aws, in which us-east-1 is
     --> specs/a.yaml:1:1
      |
    1 | apiVersion: pipewright.dev/v1
      | ^
      |
      = hint: its ARNs begin with `arn:aws:`

    1 error
    ");
}
