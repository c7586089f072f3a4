//! Which SSL modes the endpoints of an engine can have.

use serde_json::{Map, Value};

use super::{errors, optional_text, text};
use crate::api::AwsError;

/// Modes beside `none`, by engine (<https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Security.SSL.html>). Engines
/// without a server, such as `s3`, have none of them: AWS refuses with InvalidParameterCombinationException
/// (<https://github.com/hashicorp/terraform-provider-aws/issues/31821>).
const MODES: [(&[&str], &[&str]); 7] = [
    (&["mysql", "mariadb", "aurora", "aurora-serverless", "gcp-mysql"], &["verify-ca", "verify-full"]),
    (&["sqlserver", "azuredb", "azure-sql-managed-instance", "mongodb"], &["require", "verify-full"]),
    (
        &["postgres", "aurora-postgresql", "aurora-postgresql-serverless"],
        &["require", "verify-ca", "verify-full"],
    ),
    (&["oracle", "db2", "db2-zos"], &["verify-ca"]),
    (&["sybase"], &["verify-full"]),
    // The table does not name these; the API reference gives them all modes
    // (<https://docs.aws.amazon.com/dms/latest/APIReference/API_DocDbDataProviderSettings.html>).
    (&["docdb", "babelfish"], &["require", "verify-ca", "verify-full"]),
    (&["redshift", "redshift-serverless"], &[]),
];

/// Refuses a mode that the engine does not have, and one that needs a certificate without it.
pub(super) fn check(shown: &Map<String, Value>) -> Result<(), AwsError> {
    let (engine, mode) = (text(shown, "EngineName"), text(shown, "SslMode"));
    if mode == "none" {
        return Ok(());
    }
    let modes = MODES.iter().find(|(engines, _)| engines.contains(&engine)).map(|(_, modes)| *modes);
    if !modes.unwrap_or_default().contains(&mode) {
        return Err(errors::invalid_combination(format!(
            "SSL mode {mode} is not supported for engine {engine}"
        )));
    }
    let certificate = optional_text(shown, "CertificateArn").unwrap_or_default();
    if mode.starts_with("verify") && certificate.is_empty() {
        return Err(errors::invalid_combination(format!(
            "A CA certificate must be specified for SSL mode {mode}"
        )));
    }
    Ok(())
}
