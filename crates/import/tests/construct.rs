//! Templates that the CDK construct cdk-dms-replication synthesised, as specs. See `fixtures/README.md`.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

use pipewright_import::{Import, ImportError, Options, PhysicalIds, cloudformation};

const ORDERS: &str = include_str!("fixtures/orders.template.json");
const LEDGER: &str = include_str!("fixtures/ledger.template.json");
const ORDERS_STACK: &str = include_str!("fixtures/orders.stack-resources.json");
const LEDGER_STACK: &str = include_str!("fixtures/ledger.stack-resources.json");

fn made(resources: &str) -> Options {
    let mut physical_ids = PhysicalIds::default();
    physical_ids.add(resources).unwrap();
    Options { physical_ids, ..Options::default() }
}

fn stack() -> Options {
    made(ORDERS_STACK)
}

fn orders() -> Import {
    import(ORDERS, &stack())
}

/// What comes out of a template; it is valid unless something is missing.
fn import(template: &str, options: &Options) -> Import {
    match cloudformation(template, options) {
        Ok(import) => import,
        Err(ImportError::Invalid(found)) => panic!("{}", found.render(false)),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_classic_pipeline_becomes_valid_specs() {
    let import = orders();
    assert_eq!(import.missing, []);
    assert_eq!(import.files.keys().collect::<Vec<_>>(), ["controller.yaml", "orders.yaml"]);
    insta::assert_snapshot!(import.files["orders.yaml"]);
    insta::assert_snapshot!(import.files["controller.yaml"]);
    insta::assert_debug_snapshot!((import.secrets, import.notes));
}

#[test]
fn the_same_template_gives_the_same_specs() {
    assert_eq!(orders(), orders());
}

#[test]
fn what_the_template_does_not_tell_is_listed_under_a_name_by_which_it_can_be_given() {
    let import = cloudformation(ORDERS, &Options::default()).unwrap();
    let missing: Vec<String> = import
        .missing
        .iter()
        .map(|missing| format!("{} {} {}", missing.resource, missing.property, missing.name))
        .collect();
    insta::assert_snapshot!(missing.join("\n"));
    let values = import.missing.into_iter().map(|missing| {
        let value = match missing.property.as_str() {
            "AccountId" => "111122223333",
            "Region" => "us-east-1",
            "SubnetIds" if missing.name.contains("Subnet1") => "subnet-1",
            "SubnetIds" => "subnet-2",
            "VpcSecurityGroupIds" => "sg-1",
            "SecretsManagerAccessRoleArn" => "arn:aws:iam::111122223333:role/dms-secrets",
            _ => "given",
        };
        (missing.name, value.to_owned())
    });
    let options = Options {
        values: values.collect(),
        account_id: Some("111122223333".to_owned()),
        region: Some("us-east-1".to_owned()),
        ..Options::default()
    };
    assert_eq!(cloudformation(ORDERS, &options).unwrap().missing, []);
}

#[test]
fn secrets_of_the_template_are_not_copied() {
    let template =
        ORDERS.replace("{{resolve:secretsmanager:orders/mysql:SecretString:password::}}", "hunter2");
    let import = cloudformation(&template, &stack()).unwrap();
    assert!(!format!("{import:?}").contains("hunter2"));
    assert!(import.files["orders.yaml"].contains("ORDERS_SOURCE_PASSWORD"));
}

#[test]
fn a_serverless_pipeline_asks_for_what_only_its_stack_knows() {
    let import = cloudformation(LEDGER, &Options::default()).unwrap();
    assert_eq!(import.files.keys().collect::<Vec<_>>(), ["controller.yaml", "ledger.yaml"]);
    insta::assert_snapshot!(import.files["ledger.yaml"]);
}

#[test]
fn a_serverless_pipeline_becomes_valid_specs_with_what_its_stack_made() {
    let import = import(LEDGER, &made(LEDGER_STACK));
    assert_eq!(import.missing, []);
    insta::assert_snapshot!(import.files["ledger.yaml"]);
    assert_eq!(import.secrets.len(), 1);
}
