//! Where passwords, keys and the content of certificates are read.

use std::path::Path;

use pipewright_model::{Rotation, RotationKey, RotationKeys, Secret, SecretBytes, SecretValue};
use serde_json::Value as Json;

use super::Compiler;
use crate::documents::SecretRef;
use crate::sources::At;
use crate::spec_tree::beside;

impl Compiler<'_> {
    /// How rotated secrets are noticed.
    pub(super) fn rotation(&mut self) -> Rotation {
        let Some(spec) = &self.tree.rotation else { return Rotation::default() };
        let current = spec.key_from.as_ref().and_then(|from| self.rotation_key(from));
        let previous = spec.previous_key_from.as_ref().and_then(|from| self.rotation_key(from));
        Rotation {
            keys: current.map(|current| RotationKeys { current, previous }),
            secret_versions: spec.secret_versions.unwrap_or_default(),
        }
    }

    fn rotation_key(&mut self, reference: &SecretRef) -> Option<RotationKey> {
        let secret = self.secret(reference)?;
        let key = RotationKey::new(SecretBytes::new(secret.expose().as_bytes()));
        if key.is_none() {
            let least = RotationKey::MIN_BYTES;
            let message = format!("the key has fewer than {least} bytes, and could be guessed");
            self.error(reference.at(), message, "make one at random: `openssl rand -base64 32`");
        }
        key
    }

    /// The text of a secret. Nothing if specs are only validated, or if an error was recorded.
    pub(super) fn secret(&mut self, reference: &SecretRef) -> Option<Secret> {
        let (at, value) = self.secret_value(reference)?;
        match value.and_then(text) {
            Ok(text) => {
                let text = text.expose();
                let text = text.strip_suffix('\n').unwrap_or(text);
                let text = text.strip_suffix('\r').unwrap_or(text);
                if text.is_empty() {
                    self.error(at, "the secret is empty".to_owned(), "put the password there");
                    return None;
                }
                Some(Secret::new(text))
            }
            Err(why) => {
                let message = match reference.env {
                    Some(_) => why,
                    None => format!("the secret cannot be read: {why}"),
                };
                self.error(at, message, "give it to the process that runs Pipewright");
                None
            }
        }
    }

    /// What a source holds, with the place that names it. Nothing if specs are only validated.
    pub(super) fn secret_value(&mut self, source: &SecretRef) -> Option<(At, Result<SecretValue, String>)> {
        if let Some(stored) = &source.secrets_manager {
            self.stored_secrets.insert(stored.secret_id.0.clone());
        }
        let secrets = self.secrets?;
        if let Some(name) = &source.env {
            let value = secrets.env(name).map(|text| SecretValue::Text(Secret::new(text)));
            let value = value.ok_or_else(|| format!("the environment variable {} is not set", name.value));
            return Some((name.at, value));
        }
        if let Some(path) = &source.file {
            let file = beside(self.tree.sources.name(path.at.file), path);
            let bytes = secrets.file(Path::new(&file)).map_err(|why| format!("{file}: {why}"));
            return Some((path.at, bytes.map(|bytes| SecretValue::Binary(SecretBytes::new(bytes)))));
        }
        let stored = source.secrets_manager.as_ref()?;
        let value = secrets.secrets_manager(&stored.secret_id.0);
        Some(match (&stored.key, value) {
            (Some(key), Ok(value)) => (key.at, member(&value, &key.0)),
            (_, value) => (stored.secret_id.at, value),
        })
    }
}

/// A secret that must be text.
pub(super) fn text(value: SecretValue) -> Result<Secret, String> {
    match value {
        SecretValue::Text(text) => Ok(text),
        SecretValue::Binary(bytes) => {
            let text = String::from_utf8(bytes.expose().to_vec());
            text.map(Secret::new).map_err(|_| "it is not UTF-8".to_owned())
        }
    }
}

/// The text of one key of a secret that is a JSON object. What the secret holds is not told.
fn member(secret: &SecretValue, key: &str) -> Result<SecretValue, String> {
    let SecretValue::Text(text) = secret else {
        return Err("the secret is binary, and has no keys".to_owned());
    };
    match serde_json::from_str(text.expose()) {
        Ok(Json::Object(members)) => match members.get(key) {
            Some(Json::String(value)) => Ok(SecretValue::Text(Secret::new(value))),
            Some(_) => Err(format!("the value of `{key}` in the secret is not a text")),
            None => Err(format!("the secret has no key `{key}`")),
        },
        _ => Err("the secret is not a JSON object, and has no keys".to_owned()),
    }
}
