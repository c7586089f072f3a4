//! The worked examples in `specs/` are valid and say what their comments promise.

use std::path::{Path, PathBuf};

use pipewright_model::Desired;
use pipewright_spec::{SecretSource, SpecTree, load};

/// Nothing in the examples needs a secret; a certificate is in a file beside them.
struct NoSecrets;

impl SecretSource for NoSecrets {
    fn env(&self, _: &str) -> Option<String> {
        None
    }

    fn file(&self, path: &Path) -> Result<Vec<u8>, String> {
        std::fs::read(path).map_err(|error| error.to_string())
    }
}

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs")
}

fn tree() -> SpecTree {
    load(&[examples()]).unwrap_or_else(|errors| panic!("{}", errors.render(false)))
}

fn desired() -> Desired {
    tree().desired("sandbox", &NoSecrets).unwrap_or_else(|errors| panic!("{}", errors.render(false)))
}

#[test]
fn they_are_valid_and_this_is_what_they_ask_for() {
    let desired = desired();
    let ids: Vec<String> = desired.resources.keys().map(ToString::to_string).collect();
    insta::assert_snapshot!(ids.join("\n"), @"
    role/dms-access-for-endpoint
    role/dms-cloudwatch-logs-role
    role/dms-vpc-role
    subnet-group/data-platform-events
    subnet-group/data-platform-ledger
    subnet-group/data-platform-orders
    subnet-group/data-platform-orders-archive
    subnet-group/data-platform-shared
    instance/data-platform-ledger
    instance/data-platform-orders
    instance/data-platform-orders-archive
    instance/data-platform-shared
    certificate/data-platform-crm-ca-cf04092b
    endpoint/data-platform-crm
    endpoint/data-platform-customers-target
    endpoint/data-platform-events-source
    endpoint/data-platform-events-target
    endpoint/data-platform-leads-target
    endpoint/data-platform-ledger-source
    endpoint/data-platform-ledger-target
    endpoint/data-platform-orders-archive-source
    endpoint/data-platform-orders-archive-target
    endpoint/data-platform-orders-source
    endpoint/data-platform-orders-target
    connection/data-platform-ledger/data-platform-ledger-source
    connection/data-platform-ledger/data-platform-ledger-target
    connection/data-platform-orders-archive/data-platform-orders-archive-source
    connection/data-platform-orders-archive/data-platform-orders-archive-target
    connection/data-platform-orders/data-platform-orders-source
    connection/data-platform-orders/data-platform-orders-target
    connection/data-platform-shared/data-platform-crm
    connection/data-platform-shared/data-platform-customers-target
    connection/data-platform-shared/data-platform-leads-target
    task/data-platform-customers
    task/data-platform-leads
    task/data-platform-ledger
    task/data-platform-orders
    task/data-platform-orders-archive
    replication-config/data-platform-events
    event-subscription/data-platform-crm-failures
    ");
    assert_eq!(tree().scope().as_str(), "data-platform");
}

#[test]
fn each_names_the_schema_in_its_first_line() {
    let files = std::fs::read_dir(examples()).unwrap().map(|entry| entry.unwrap().path());
    for path in files.filter(|path| path.is_file()) {
        let text = std::fs::read_to_string(&path).unwrap();
        let schema =
            text.strip_prefix("# yaml-language-server: $schema=").and_then(|rest| rest.lines().next());
        let schema = schema.unwrap_or_else(|| panic!("{} does not name the schema", path.display()));
        assert!(examples().join(schema).is_file(), "{schema}");
    }
}

#[test]
fn pipelines_share_what_the_shared_instance_declares() {
    let desired = desired();
    let shared = [
        "instance/data-platform-shared",
        "endpoint/data-platform-crm",
        "event-subscription/data-platform-crm-failures",
    ];
    for name in ["customers", "leads"] {
        let resources: Vec<String> =
            desired.pipelines[name].resources.iter().map(ToString::to_string).collect();
        assert!(shared.iter().all(|id| resources.iter().any(|resource| resource == id)), "{resources:?}");
    }
}
