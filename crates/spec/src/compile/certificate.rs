//! Certificates, whose identifiers end with a hash of their content.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pipewright_model::kinds::{CertificateContent, CertificateDeclared, Fingerprint};
use pipewright_model::{Body as ModelBody, Kind, ResourceId, SecretBytes, SecretValue};

use super::secrets::text;
use super::{Compiler, Origin};
use crate::documents::CertificateSpec;
use crate::pem;
use crate::read::Located;
use crate::sources::At;

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
        let (at, value) = self.secret_value(source)?;
        let content = value.and_then(if spec.pem.is_some() { of_pem } else { of_wallet });
        content.map_err(|why| self.error(at, format!("the certificate cannot be used: {why}"), HINT)).ok()
    }
}

fn of_pem(value: SecretValue) -> Result<CertificateContent, String> {
    let pem = text(value)?;
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
