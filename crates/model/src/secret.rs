//! Values that must never be shown.

use std::fmt;

use serde::{Serialize, Serializer};

/// A secret value, such as a password.
///
/// It cannot be printed, logged or serialised: `Debug` and `Serialize` give a fixed text, there is no
/// `Display`, and the only way to the value is [`Secret::expose`], which only the code that sends it
/// to AWS calls.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// What stands in place of a secret wherever one would be shown.
    pub const REDACTED: &'static str = "(sensitive)";

    /// Wraps a secret value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::REDACTED)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Self::REDACTED)
    }
}

/// A secret that is bytes rather than text, such as an Oracle wallet; the same rules as for [`Secret`].
#[derive(Clone, PartialEq, Eq)]
pub struct SecretBytes(Vec<u8>);

impl SecretBytes {
    /// Wraps secret bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes themselves.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Secret::REDACTED)
    }
}

impl Serialize for SecretBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Secret::REDACTED)
    }
}

/// The value of a secret as AWS Secrets Manager keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretValue {
    /// Text.
    Text(Secret),
    /// Bytes.
    Binary(SecretBytes),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_shown() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret:?}"), "(sensitive)");
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"(sensitive)\"");
        assert_eq!(secret.expose(), "hunter2");
        let bytes = SecretBytes::new(*b"hunter2");
        assert_eq!(format!("{bytes:?}"), "(sensitive)");
        assert_eq!(serde_json::to_string(&bytes).unwrap(), "\"(sensitive)\"");
    }
}
