//! Which crate may depend on which. The rooms of the house, and their doors: see docs/architecture.md.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Every crate of the workspace with the workspace crates that it may depend on, apart from what only
/// its tests need.
const ALLOWED: &[(&str, &[&str])] = &[
    ("pipewright-model", &[]),
    ("pipewright-spec", &["pipewright-model"]),
    ("pipewright-import", &["pipewright-model", "pipewright-spec"]),
    ("pipewright-plan", &["pipewright-model"]),
    ("pipewright-engine", &["pipewright-model", "pipewright-plan"]),
    ("pipewright-aws", &["pipewright-model", "pipewright-plan", "pipewright-engine"]),
    // Nothing of ours, so that it cannot share our bugs.
    ("pipewright-emulator", &[]),
    // Knows neither plans nor AWS.
    ("pipewright-forge", &[]),
    ("pipewright-daemon", &["pipewright-model", "pipewright-spec", "pipewright-plan", "pipewright-engine"]),
    (
        "pipewright-cli",
        &[
            "pipewright-model",
            "pipewright-spec",
            "pipewright-import",
            "pipewright-plan",
            "pipewright-engine",
            "pipewright-aws",
            "pipewright-emulator",
            "pipewright-daemon",
            "pipewright-forge",
        ],
    ),
    // For tests only: nothing that ships may depend on it.
    (
        "pipewright-testkit",
        &[
            "pipewright-model",
            "pipewright-spec",
            "pipewright-plan",
            "pipewright-engine",
            "pipewright-aws",
            "pipewright-emulator",
        ],
    ),
    ("xtask", &[]),
];

fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo metadata runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    metadata["packages"].as_array().expect("packages").clone()
}

fn name(value: &Value) -> String {
    value["name"].as_str().expect("a name").to_owned()
}

/// The dependencies of a package that ship, build dependencies included.
fn shipped(package: &Value) -> BTreeSet<String> {
    let dependencies = package["dependencies"].as_array().expect("dependencies");
    dependencies.iter().filter(|dependency| dependency["kind"] != "dev").map(name).collect()
}

#[test]
fn crates_depend_only_on_those_below_them() {
    let allowed: BTreeMap<&str, BTreeSet<&str>> =
        ALLOWED.iter().map(|(name, may)| (*name, may.iter().copied().collect())).collect();
    let packages = packages();
    let members: BTreeSet<String> = packages.iter().map(name).collect();
    assert_eq!(members, allowed.keys().map(|&name| name.to_owned()).collect::<BTreeSet<_>>());
    for package in &packages {
        let package_name = name(package);
        for dependency in shipped(package) {
            assert!(
                !members.contains(&dependency)
                    || allowed[package_name.as_str()].contains(dependency.as_str()),
                "{package_name} must not depend on {dependency}"
            );
        }
    }
}

#[test]
fn only_one_crate_names_the_aws_sdk() {
    for package in packages() {
        let package_name = name(&package);
        let sdk = shipped(&package).into_iter().find(|dependency| dependency.starts_with("aws-"));
        assert!(
            sdk.is_none() || package_name == "pipewright-aws",
            "{package_name} must not depend on {sdk:?}"
        );
    }
}

#[test]
fn pure_crates_have_no_runtime() {
    for package in packages() {
        if ["pipewright-model", "pipewright-plan"].contains(&name(&package).as_str()) {
            let shipped = shipped(&package);
            assert!(!shipped.contains("tokio") && !shipped.contains("tracing"), "{shipped:?}");
        }
    }
}
