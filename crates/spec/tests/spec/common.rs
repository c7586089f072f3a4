//! Specs to break in tests.

use std::path::Path;

use pipewright_model::Desired;
use pipewright_spec::{Diagnostics, SecretSource, Source, SpecTree, load_sources};

/// A controller of one environment.
pub(crate) const CONTROLLER: &str = "\
apiVersion: pipewright.dev/v1
kind: Controller
metadata: {name: data-platform}
spec:
  environments:
    - {name: prod, accountId: \"111122223333\", region: us-east-1}
";

/// The same with a uid.
pub(crate) fn controller_with_uid() -> String {
    CONTROLLER.replacen("spec:\n", "spec:\n  uid: 1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40\n", 1)
}

/// The same with a key under which passwords are remembered, for tests that read no secret.
pub(crate) fn controller_with_key() -> String {
    controller_with_uid().replacen("spec:\n", "spec:\n  rotation: {keyFrom: {env: KEY}}\n", 1)
}

/// A pipeline with everything of its own.
pub(crate) const PIPELINE: &str = "\
apiVersion: pipewright.dev/v1
kind: Pipeline
metadata: {name: orders}
spec:
  compute:
    instance:
      class: dms.t3.medium
      subnetGroup: {subnetIds: [subnet-1, subnet-2]}
  source:
    engine: mysql
    serverName: mysql.example.com
    port: 3306
    credentials: {username: dms, passwordFrom: {env: MYSQL_PASSWORD}}
  target:
    engine: s3
    settings: {bucketName: archive, serviceAccessRoleArn: \"arn:aws:iam::111122223333:role/s3\"}
  migration:
    type: full-load
    tables: {include: [shop.*]}
";

/// The environment variable and the file that specs of tests name.
pub(crate) struct Secrets;

impl SecretSource for Secrets {
    fn env(&self, name: &str) -> Option<String> {
        (name == "MYSQL_PASSWORD").then(|| "hunter2".to_owned())
    }

    fn file(&self, path: &Path) -> Result<Vec<u8>, String> {
        if path == Path::new("specs/secrets/token") {
            Ok(b"t0ken\n".to_vec())
        } else {
            Err("there is no such file or directory".to_owned())
        }
    }
}

/// Validates files given as name and content.
pub(crate) fn read(files: &[(&str, &str)]) -> Result<SpecTree, Diagnostics> {
    let source =
        |(name, text): &(&str, &str)| Source { name: (*name).to_owned(), bytes: text.as_bytes().to_vec() };
    load_sources(files.iter().map(source).collect())
}

/// What is wrong with one file, the controller being in another.
#[track_caller]
pub(crate) fn errors(text: &str) -> String {
    errors_of(&[("specs/controller.yaml", CONTROLLER), ("specs/a.yaml", text)])
}

/// What is wrong with these files.
#[track_caller]
pub(crate) fn errors_of(files: &[(&str, &str)]) -> String {
    read(files).expect_err("these specs are not valid").render(false)
}

/// The one pipeline with some text replaced.
#[track_caller]
pub(crate) fn pipeline_with(from: &str, to: &str) -> String {
    assert_eq!(PIPELINE.matches(from).count(), 1, "{from}");
    PIPELINE.replace(from, to)
}

/// What valid files ask for in their only environment.
#[track_caller]
pub(crate) fn desired(files: &[(&str, &str)]) -> Desired {
    let tree = read(files).unwrap_or_else(|errors| panic!("{}", errors.render(false)));
    let environment = tree.environments()[0].name.clone();
    tree.desired(&environment, &Secrets).unwrap_or_else(|errors| panic!("{}", errors.render(false)))
}
