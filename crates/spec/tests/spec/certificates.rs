//! Certificates: their content, where it is read, and the SSL modes that need one.

use std::path::Path;

use pipewright_model::kinds::CertificateContent;
use pipewright_model::{Adopt, Body, Desired, Kind, Secret, SecretBytes, SecretValue, Timestamp};
use pipewright_spec::{Diagnostics, SecretSource, SpecTree};

use crate::common::{CONTROLLER, controller_with_uid, errors, errors_of, pipeline_with, read};

const PEM: &str = include_str!("../../../../specs/certificates/crm-ca.pem");

/// One certificate with this source.
fn certificate(source: &str) -> String {
    format!("apiVersion: pipewright.dev/v1\nkind: Certificate\nmetadata: {{name: ca}}\nspec:\n  {source}\n")
}

fn tree(source: &str, pem: &str) -> Result<SpecTree, Diagnostics> {
    let text = certificate(source);
    read(&[("specs/controller.yaml", &controller_with_uid()), ("specs/a.yaml", &text), ("specs/ca.pem", pem)])
}

fn with_pem(pem: &str) -> String {
    let text = certificate("pem: {file: ca.pem}");
    errors_of(&[("specs/controller.yaml", CONTROLLER), ("specs/a.yaml", &text), ("specs/ca.pem", pem)])
}

/// Secrets Manager with three secrets, and a file.
struct Stored;

impl SecretSource for Stored {
    fn env(&self, _: &str) -> Option<String> {
        None
    }

    fn file(&self, _: &Path) -> Result<Vec<u8>, String> {
        Ok(PEM.as_bytes().to_vec())
    }

    fn secrets_manager(&self, secret_id: &str) -> Result<SecretValue, String> {
        match secret_id {
            "pem" => Ok(SecretValue::Text(Secret::new(PEM))),
            "json" => {
                let text = serde_json::json!({"pem": PEM, "wallet": "aHVudGVyMg==", "count": 1});
                Ok(SecretValue::Text(Secret::new(text.to_string())))
            }
            "binary" => Ok(SecretValue::Binary(SecretBytes::new(*b"hunter2"))),
            _ => Err("secretsmanager:GetSecretValue: ResourceNotFoundException".to_owned()),
        }
    }
}

fn stored(source: &str) -> Result<Desired, Diagnostics> {
    tree(source, PEM).unwrap_or_else(|errors| panic!("{}", errors.render(false))).desired("prod", &Stored)
}

/// What is declared, and under which identifier.
#[track_caller]
fn content(source: &str) -> (String, CertificateContent) {
    let desired = stored(source).unwrap_or_else(|errors| panic!("{}", errors.render(false)));
    let (id, declared) = desired.resources.into_iter().find(|(id, _)| id.kind == Kind::Certificate).unwrap();
    match declared.body {
        Body::Certificate(certificate) => (id.name, certificate.content),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_pem_file_is_checked_where_it_is_named() {
    insta::assert_snapshot!(with_pem("nothing"), @"
    error: the certificate cannot be used: it holds no `-----BEGIN CERTIFICATE-----` with its end
     --> specs/a.yaml:5:15
      |
    5 |   pem: {file: ca.pem}
      |               ^^^^^^
      |
      = hint: give all certificates of the authority as it made them, and no key; or Oracle's `cwallet.sso`

    1 error
    ");
    let begin = "-----BEGIN CERTIFICATE-----";
    insta::assert_snapshot!(with_pem(&format!("{begin}\n!!\n-----END CERTIFICATE-----\n")), @"
    error: the certificate cannot be used: certificate 1 in it is no certificate in Base64
     --> specs/a.yaml:5:15
      |
    5 |   pem: {file: ca.pem}
      |               ^^^^^^
      |
      = hint: give all certificates of the authority as it made them, and no key; or Oracle's `cwallet.sso`

    1 error
    ");
    insta::assert_snapshot!(with_pem(&format!("{PEM}{begin}\nMAA=\n-----END CERTIFICATE-----\n")), @"
    error: the certificate cannot be used: certificate 2 in it: ASN.1 DER message is incomplete: expected 3, actual 2 at DER byte 2
     --> specs/a.yaml:5:15
      |
    5 |   pem: {file: ca.pem}
      |               ^^^^^^
      |
      = hint: give all certificates of the authority as it made them, and no key; or Oracle's `cwallet.sso`

    1 error
    ");
    let key = "-----BEGIN EC PRIVATE KEY-----\nhunter2\n-----END EC PRIVATE KEY-----\n";
    let with_key = with_pem(&format!("{PEM}{key}"));
    assert!(!with_key.contains("hunter2"));
    insta::assert_snapshot!(with_key, @"
    error: the certificate cannot be used: it holds a private key
     --> specs/a.yaml:5:15
      |
    5 |   pem: {file: ca.pem}
      |               ^^^^^^
      |
      = hint: give all certificates of the authority as it made them, and no key; or Oracle's `cwallet.sso`

    1 error
    ");
    insta::assert_snapshot!(errors(&certificate("pem: {file: lost.pem}")), @"
    error: the certificate cannot be used: specs/lost.pem: there is no such file
     --> specs/a.yaml:5:15
      |
    5 |   pem: {file: lost.pem}
      |               ^^^^^^^^
      |
      = hint: give all certificates of the authority as it made them, and no key; or Oracle's `cwallet.sso`

    1 error
    ");
}

#[test]
fn a_file_of_another_machine_is_not_missed() {
    assert!(tree("pem: {file: /etc/ssl/not-here.pem}", "").is_ok());
}

#[test]
fn certificates_that_are_not_valid_are_warned_of() {
    let tree = tree("pem: {file: ca.pem}", PEM).unwrap();
    let at = |year: u64| tree.warnings(Timestamp::from_secs((year - 1970) * 31_557_600)).render(false);
    insta::assert_snapshot!(at(1971), @"
    warning: the certificate is not valid before 2020-01-01
     --> specs/a.yaml:5:15
      |
    5 |   pem: {file: ca.pem}
      |               ^^^^^^
      |
      = hint: servers with a certificate that it signed are refused: ask the authority for a new one

    1 warning
    ");
    assert_eq!(at(2060), Diagnostics::default().render(false));
    insta::assert_snapshot!(at(2200), @"
    warning: the certificate has expired on 2120-01-01
     --> specs/a.yaml:5:15
      |
    5 |   pem: {file: ca.pem}
      |               ^^^^^^
      |
      = hint: servers with a certificate that it signed are refused: ask the authority for a new one

    1 warning
    ");
}

#[test]
fn the_content_comes_from_secrets_manager_too() {
    let (name, pem) = content("pem: {secretsManager: {secretId: pem}}");
    assert_eq!(pem, CertificateContent::Pem(Secret::new(PEM)));
    assert_eq!(content("pem: {file: ca.pem}").0, name);
    assert_eq!(content("pem: {secretsManager: {secretId: json, key: pem}}"), (name, pem));
    let wallet = CertificateContent::Wallet(SecretBytes::new(*b"hunter2"));
    assert_eq!(content("wallet: {secretsManager: {secretId: binary}}").1, wallet);
    assert_eq!(content("wallet: {secretsManager: {secretId: json, key: wallet}}").1, wallet);
}

#[test]
fn a_secret_that_cannot_be_used_is_told_and_not_shown() {
    let mut all = String::new();
    for source in [
        "pem: {secretsManager: {secretId: lost}}",
        "pem: {secretsManager: {secretId: json, key: lost}}",
        "pem: {secretsManager: {secretId: json, key: count}}",
        "pem: {secretsManager: {secretId: binary, key: pem}}",
        "pem: {secretsManager: {secretId: binary}}",
        "wallet: {secretsManager: {secretId: json}}",
    ] {
        let errors = stored(source).unwrap_err().render(false);
        assert!(!errors.contains("hunter2") && !errors.contains("aHVudGVyMg"), "{errors}");
        all.push_str(&errors.lines().take(2).collect::<Vec<_>>().join("\n"));
        all.push('\n');
    }
    insta::assert_snapshot!(all, @"
    error: the certificate cannot be used: secretsmanager:GetSecretValue: ResourceNotFoundException
     --> specs/a.yaml:5:36
    error: the certificate cannot be used: the secret has no key `lost`
     --> specs/a.yaml:5:47
    error: the certificate cannot be used: the value of `count` in the secret is not a text
     --> specs/a.yaml:5:47
    error: the certificate cannot be used: the secret is binary, and has no keys
     --> specs/a.yaml:5:49
    error: the certificate cannot be used: it holds no `-----BEGIN CERTIFICATE-----` with its end
     --> specs/a.yaml:5:36
    error: the certificate cannot be used: it is not Base64
     --> specs/a.yaml:5:39
    ");
}

#[test]
fn the_secrets_that_will_be_asked_for_are_known_beforehand() {
    let tree = tree("pem: {secretsManager: {secretId: pipewright/ca}}", "").unwrap();
    let ids = tree.stored_secrets(&tree.environments()[0]);
    assert_eq!(ids.into_iter().collect::<Vec<_>>(), ["pipewright/ca"]);
}

#[test]
fn what_is_imported_keeps_its_identifier() {
    let desired = stored("pem: {file: ca.pem}\n  import: {identifier: old-ca}").unwrap();
    let (id, declared) = desired.resources.iter().find(|(id, _)| id.kind == Kind::Certificate).unwrap();
    assert_eq!((id.name.as_str(), declared.adopt), ("old-ca", Adopt::Always));
}

#[test]
fn an_engine_has_only_some_ssl_modes() {
    let mysql = pipeline_with("    engine: mysql\n", "    engine: mysql\n    sslMode: require\n");
    insta::assert_snapshot!(errors(&mysql), @"
    error: the engine mysql has no `sslMode: require`
      --> specs/a.yaml:11:14
       |
    11 |     sslMode: require
       |              ^^^^^^^
       |
       = hint: it has `none`, `verify-ca`, `verify-full`

    1 error
    ");
    let s3 = pipeline_with("    engine: s3\n", "    engine: s3\n    sslMode: require\n");
    insta::assert_snapshot!(errors(&s3), @"
    error: the engine s3 has no `sslMode: require`
      --> specs/a.yaml:16:14
       |
    16 |     sslMode: require
       |              ^^^^^^^
       |
       = hint: remove `sslMode`: its connections are not encrypted by this setting

    1 error
    ");
}
