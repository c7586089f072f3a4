//! Where secrets come from: the environment and files of this process, and AWS Secrets Manager.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use pipewright_engine::CallError;
use pipewright_model::SecretValue;
use pipewright_spec::SecretSource;

/// The longest file that is taken for a password or a certificate, in bytes. The certificates of all
/// authorities of RDS together are a sixth of it.
const MAX_BYTES: u64 = 1024 * 1024;

/// A variable of this process's environment.
#[expect(clippy::disallowed_methods, reason = "this is the shell that reads the environment")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The process's own environment and files, and the secrets that were read of AWS Secrets Manager.
pub(crate) struct ProcessSecrets {
    /// By ARN or name, as specs name them.
    pub(crate) stored: BTreeMap<String, Result<SecretValue, CallError>>,
}

impl SecretSource for ProcessSecrets {
    fn env(&self, name: &str) -> Option<String> {
        variable(name)
    }

    fn file(&self, path: &Path) -> Result<Vec<u8>, String> {
        let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
        let mut bytes = Vec::new();
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(format!("it is longer than {MAX_BYTES} bytes"));
        }
        Ok(bytes)
    }

    fn secrets_manager(&self, secret_id: &str) -> Result<SecretValue, String> {
        match self.stored.get(secret_id) {
            Some(Ok(value)) => Ok(value.clone()),
            Some(Err(error)) => Err(error.to_string()),
            None => Err(format!("the secret {secret_id} was not read")),
        }
    }
}
