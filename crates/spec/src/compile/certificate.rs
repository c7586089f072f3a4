//! Certificates, whose identifiers end with a hash of their content.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pipewright_model::kinds::{CertificateContent, CertificateDeclared, Fingerprint, pem_certificates};
use pipewright_model::{Body as ModelBody, Kind, ResourceId, Secret, SecretBytes};

use super::{Compiler, Origin};
use crate::documents::{CertificateSpec, SecretRef};
use crate::read::Located;
use crate::sources::At;
use crate::spec_tree::beside;

impl Compiler<'_> {
    pub(super) fn certificate(&mut self, spec: &CertificateSpec, origin: &Origin<'_>, at: At) -> ResourceId {
        // While specs are only validated, nothing is read, and any content stands for the true one.
        let content = self
            .certificate_content(spec)
            .unwrap_or_else(|| CertificateContent::Wallet(SecretBytes::new(Vec::new())));
        let fingerprint: Fingerprint = content.fingerprint();
        let suffix = format!("-{}", fingerprint.short());
        let given = spec
            .identifier
            .as_ref()
            .map(|given| Located { value: format!("{}{suffix}", given.value), at: given.at });
        let id = self.identifiers.make(Kind::Certificate, origin.name, &suffix, given.as_ref(), at);
        let body = ModelBody::Certificate(CertificateDeclared { content, fingerprint });
        self.declare(id.clone(), origin, spec.tags.as_ref(), body);
        id
    }

    /// What is to be imported. Nothing if specs are only validated, or if an error was recorded.
    fn certificate_content(&mut self, spec: &CertificateSpec) -> Option<CertificateContent> {
        if let Some(source) = &spec.pem {
            let (at, bytes) = self.certificate_bytes(source)?;
            let read = bytes.and_then(|bytes| {
                let pem = String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
                check_pem(&pem).map(|()| CertificateContent::Pem(Secret::new(pem)))
            });
            return self.read_or_told(at, read);
        }
        let source = spec.wallet.as_ref()?;
        let (at, bytes) = self.certificate_bytes(source)?;
        let read = bytes.and_then(|bytes| {
            let bytes = if source.env.is_some() {
                STANDARD.decode(bytes.trim_ascii()).map_err(|_| "it is not Base64".to_owned())?
            } else {
                bytes
            };
            if bytes.is_empty() {
                return Err("it is empty".to_owned());
            }
            Ok(CertificateContent::Wallet(SecretBytes::new(bytes)))
        });
        self.read_or_told(at, read)
    }

    /// The bytes that a source holds, with the place that names it.
    fn certificate_bytes(&self, source: &SecretRef) -> Option<(At, Result<Vec<u8>, String>)> {
        let secrets = self.secrets?;
        match (&source.env, &source.file) {
            (Some(name), _) => {
                let value = secrets.env(name).map(String::into_bytes);
                let value =
                    value.ok_or_else(|| format!("the environment variable {} is not set", name.value));
                Some((name.at, value))
            }
            (None, Some(path)) => {
                let file = beside(self.tree.sources.name(path.at.file), path);
                Some((path.at, secrets.file(Path::new(&file)).map_err(|why| format!("{file}: {why}"))))
            }
            (None, None) => None,
        }
    }

    fn read_or_told(
        &mut self,
        at: At,
        read: Result<CertificateContent, String>,
    ) -> Option<CertificateContent> {
        read.map_err(|why| {
            let hint = "give the whole file as the certificate authority or Oracle made it";
            self.error(at, format!("the certificate cannot be used: {why}"), hint);
        })
        .ok()
    }
}

/// Whether a PEM document holds certificates that could be some; AWS looks closer.
fn check_pem(pem: &str) -> Result<(), String> {
    let certificates = pem_certificates(pem);
    if certificates.is_empty() {
        return Err("it holds no `-----BEGIN CERTIFICATE-----` with its end".to_owned());
    }
    for (number, certificate) in (1..).zip(&certificates) {
        // DER of a certificate is a sequence, whose first byte is 0x30 (ITU-T X.690).
        if !STANDARD.decode(certificate).is_ok_and(|der| der.first() == Some(&0x30)) {
            return Err(format!("certificate {number} in it is no certificate in Base64"));
        }
    }
    Ok(())
}
