//! Certificates, whose identifiers end with a hash of their content.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pipewright_model::kinds::{CertificateContent, CertificateDeclared, Fingerprint};
use pipewright_model::{Body as ModelBody, Kind, ResourceId, Secret, SecretBytes, SecretValue};
use serde_json::Value as Json;

use super::{Compiler, Origin};
use crate::documents::{CertificateSource, CertificateSpec};
use crate::pem;
use crate::read::Located;
use crate::sources::At;
use crate::spec_tree::beside;

/// What to do about content that cannot be imported.
pub(crate) const HINT: &str =
    "give all certificates of the authority as it made them, and no key; or Oracle's `cwallet.sso`";

impl Compiler<'_> {
    pub(super) fn certificate(&mut self, spec: &CertificateSpec, origin: &Origin<'_>, at: At) -> ResourceId {
        // While specs are only validated, nothing secret is read, and any content stands for the true one.
        let content = self
            .certificate_content(spec)
            .unwrap_or_else(|| CertificateContent::Wallet(SecretBytes::new(Vec::new())));
        let fingerprint: Fingerprint = content.fingerprint();
        let id = if let Some(import) = &spec.import {
            let given = Some(&import.identifier);
            self.identifiers.make(Kind::Certificate, origin.name, "", given, at)
        } else {
            let suffix = format!("-{}", fingerprint.short());
            let given = spec
                .identifier
                .as_ref()
                .map(|given| Located { value: format!("{}{suffix}", given.value), at: given.at });
            self.identifiers.make(Kind::Certificate, origin.name, &suffix, given.as_ref(), at)
        };
        let body = ModelBody::Certificate(CertificateDeclared { content, fingerprint });
        self.declare(id.clone(), origin, spec.tags.as_ref(), body);
        self.keep(&id, origin, spec.import.as_ref(), None);
        id
    }

    /// What is to be imported. Nothing if specs are only validated, or if an error was recorded.
    fn certificate_content(&mut self, spec: &CertificateSpec) -> Option<CertificateContent> {
        let source = spec.pem.as_ref().or(spec.wallet.as_ref())?;
        let (at, value) = self.certificate_value(source)?;
        let content = value.and_then(if spec.pem.is_some() { of_pem } else { of_wallet });
        content.map_err(|why| self.error(at, format!("the certificate cannot be used: {why}"), HINT)).ok()
    }

    /// What a source holds, with the place that names it.
    fn certificate_value(&self, source: &CertificateSource) -> Option<(At, Result<SecretValue, String>)> {
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

fn of_pem(value: SecretValue) -> Result<CertificateContent, String> {
    let pem = match value {
        SecretValue::Text(text) => text,
        SecretValue::Binary(bytes) => {
            let text =
                String::from_utf8(bytes.expose().to_vec()).map_err(|_| "it is not UTF-8".to_owned())?;
            Secret::new(text)
        }
    };
    pem::read(pem.expose())?;
    Ok(CertificateContent::Pem(pem))
}

/// A wallet is bytes: text stands for them in Base64.
fn of_wallet(value: SecretValue) -> Result<CertificateContent, String> {
    let wallet = match value {
        SecretValue::Binary(bytes) => bytes,
        SecretValue::Text(text) => {
            let bytes = STANDARD.decode(text.expose().trim_ascii());
            SecretBytes::new(bytes.map_err(|_| "it is not Base64".to_owned())?)
        }
    };
    if wallet.expose().is_empty() {
        return Err("it is empty".to_owned());
    }
    Ok(CertificateContent::Wallet(wallet))
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
