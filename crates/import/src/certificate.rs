//! AWS::DMS::Certificate: what a certificate's content is read from.

use crate::names;
use crate::properties::Properties;
use crate::write::Fields;

/// Whether the template has the certificate's content, without which there is nothing to declare.
pub(crate) fn has_content(certificate: &Properties<'_>) -> bool {
    content(certificate).is_some()
}

/// The fields of a certificate. DMS cannot change certificates, and those of specs carry a hash of their
/// content in their name, so that the stack's own is not taken over: its content is imported again. It is
/// not copied: a text that is called a certificate may hold a private key as well.
pub(crate) fn fields(certificate: &Properties<'_>, name: &str) -> Fields {
    let Some((field, property)) = content(certificate) else { return Fields::default() };
    let variable = names::variable(&[name, field]);
    let holds = match field {
        "wallet" => format!("the {property} of {}, in Base64 as it is", certificate.logical),
        _ => format!("the {property} of {}, in Base64", certificate.logical),
    };
    certificate.secret(&variable, holds);
    certificate.note(
        "DMS imports its content again under another name, and endpoints are pointed to that; tasks that run are \
         paused meanwhile. What the stack made stays as it is",
    );
    Fields::default().with(field, Fields::default().with("env", variable))
}

/// The field of a spec, and the property of the template with its content.
fn content(certificate: &Properties<'_>) -> Option<(&'static str, &'static str)> {
    [("pem", "CertificatePem"), ("wallet", "CertificateWallet")]
        .into_iter()
        .find(|(_, property)| certificate.raw(property).is_some())
}
