//! Certificates. Their content cannot be changed: the identifier carries its hash, so that another content
//! is another certificate, which is made before the old one goes.

use pipewright_model::kinds::{CertificateDeclared, CertificateObserved};

use super::Difference;
use crate::diff::Fields;

/// Compares a certificate by the hash of its content. Where AWS does not return the content, that it was
/// `sent` by the tags counts.
pub(crate) fn difference(
    declared: &CertificateDeclared,
    live: &CertificateObserved,
    sent: bool,
) -> Difference {
    let CertificateDeclared { content: _, fingerprint } = declared;
    let mut fields = Fields::default();
    match &live.fingerprint {
        Some(live) => fields.compare("fingerprint", Some(fingerprint), live),
        None if sent => {}
        None => fields.compare_optional("fingerprint", Some(fingerprint), None),
    }
    Difference { fields: fields.0, ..Difference::default() }
}
