//! Where passwords come from.

use std::path::Path;

/// Where the passwords that specs name by `passwordFrom` are read.
///
/// The program that calls this crate gives it; the crate itself reads neither environment nor files.
pub trait SecretSource {
    /// The value of an environment variable, if it is set.
    fn env(&self, name: &str) -> Option<String>;

    /// The content of a file, or why it cannot be read.
    fn file(&self, path: &Path) -> Result<Vec<u8>, String>;
}
