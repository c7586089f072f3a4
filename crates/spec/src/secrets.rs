//! Where passwords and the content of certificates come from.

use std::path::Path;

use pipewright_model::SecretValue;

/// Where the secrets that specs name are read: passwords and the content of certificates.
///
/// The program that calls this crate gives it; the crate itself reads neither environment nor files.
pub trait SecretSource {
    /// The value of an environment variable, if it is set.
    fn env(&self, name: &str) -> Option<String>;

    /// The content of a file, or why it cannot be read.
    fn file(&self, path: &Path) -> Result<Vec<u8>, String>;

    /// The current value of a secret of AWS Secrets Manager, by its ARN or name, or why it cannot be read.
    /// [`SpecTree::stored_secrets`](crate::SpecTree::stored_secrets) tells beforehand which will be asked for.
    fn secrets_manager(&self, secret_id: &str) -> Result<SecretValue, String> {
        Err(format!("nobody reads the secret {secret_id} here"))
    }
}
