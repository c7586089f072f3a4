//! Where passwords come from: the environment and files of this process.

use std::io::Read as _;
use std::path::Path;

use pipewright_spec::SecretSource;

/// The longest file that is taken for a password, in bytes.
const MAX_BYTES: u64 = 64 * 1024;

/// The process's own environment and files.
pub(crate) struct ProcessSecrets;

impl SecretSource for ProcessSecrets {
    #[expect(clippy::disallowed_methods, reason = "this is the shell that reads the environment")]
    fn env(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
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
}
