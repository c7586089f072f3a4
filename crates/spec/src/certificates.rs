//! The certificates that specs keep beside them, checked without AWS and without secrets.

use std::path::Path;

use pipewright_model::Timestamp;

use crate::check::Check;
use crate::compile::CERTIFICATE_HINT;
use crate::diagnostic::Diagnostic;
use crate::documents::Body;
use crate::pem::{self, Validity};
use crate::sources::{At, Sources};
use crate::spec_tree::beside;

/// The certificates of one PEM file, and where specs name it.
#[derive(Debug, Clone)]
pub(crate) struct PemFile {
    at: At,
    certificates: Vec<Validity>,
}

impl Check<'_> {
    /// Reads the PEM files that specs name. Nothing in them is secret. A file that is not there is an error
    /// only where its path is relative: one with an absolute path may be on another machine.
    pub(crate) fn pem_files(&mut self, read: &dyn Fn(&str) -> Result<Vec<u8>, String>) -> Vec<PemFile> {
        let mut files = Vec::new();
        for document in self.documents {
            let Some(Body::Certificate(certificate)) = &document.body else { continue };
            let Some(file) = certificate.pem.as_ref().and_then(|pem| pem.file.as_ref()) else { continue };
            let path = beside(self.sources.name(file.at.file), &file.value);
            let text = match read(&path) {
                Err(_) if Path::new(&file.value).is_absolute() => continue,
                Err(why) => Err(format!("{path}: {why}")),
                Ok(bytes) => String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned()),
            };
            match text.and_then(|text| pem::read(&text)) {
                Ok(certificates) => files.push(PemFile { at: file.at, certificates }),
                Err(why) => {
                    let message = format!("the certificate cannot be used: {why}");
                    self.found
                        .push(Diagnostic::new(self.sources.place(file.at), message).hint(CERTIFICATE_HINT));
                }
            }
        }
        files
    }
}

impl PemFile {
    /// A warning for each certificate that is not valid at this time.
    pub(crate) fn warnings<'a>(
        &'a self,
        sources: &'a Sources,
        now: Timestamp,
    ) -> impl Iterator<Item = Diagnostic> + 'a {
        (1..).zip(&self.certificates).filter_map(move |(number, certificate)| {
            let objection = certificate.objection(now)?;
            let which = if self.certificates.len() > 1 {
                format!("certificate {number} in the file")
            } else {
                "the certificate".to_owned()
            };
            let message = format!("{which} {objection}");
            let hint =
                "servers with a certificate that it signed are refused: ask the authority for a new one";
            Some(Diagnostic::warning(sources.place(self.at), message).hint(hint))
        })
    }
}
