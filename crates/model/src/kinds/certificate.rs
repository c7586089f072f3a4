//! Certificates: what endpoints check the servers that they connect to with.

use std::fmt::{self, Write as _};

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{Secret, SecretBytes, Timestamp};

/// A certificate as the specs declare it. DMS has no call that changes one: other content is another
/// certificate, under another identifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CertificateDeclared {
    /// What is imported. Not shown, since a wallet holds private keys.
    pub content: CertificateContent,
    /// A hash of the content.
    pub fingerprint: Fingerprint,
}

/// What can be imported as a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum CertificateContent {
    /// One or several X.509 certificates in PEM.
    Pem(Secret),
    /// An Oracle wallet for SSL (`cwallet.sso`).
    Wallet(SecretBytes),
}

impl CertificateContent {
    /// The hash by which contents are compared.
    pub fn fingerprint(&self) -> Fingerprint {
        match self {
            Self::Pem(pem) => Fingerprint::of_pem(pem.expose()),
            Self::Wallet(wallet) => Fingerprint::of_wallet(wallet.expose()),
        }
    }
}

/// A certificate as AWS describes it. It has no status: once imported, it can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateObserved {
    /// The hash of its content, if AWS returned the content.
    pub fingerprint: Option<Fingerprint>,
    /// Until when it is valid; none for a wallet, of which AWS does not tell.
    pub valid_to: Option<Timestamp>,
}

/// The SHA-256 of a certificate's content, as sixty-four hexadecimal digits.
///
/// PEM documents with the same certificates in the same order have the same fingerprint: line breaks,
/// spaces and what stands between the certificates do not count, since AWS may return them otherwise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The fingerprint of a PEM document.
    pub fn of_pem(pem: &str) -> Self {
        let mut hash = Sha256::new();
        for certificate in pem_certificates(pem) {
            hash.update(certificate.as_bytes());
            hash.update(b"\n");
        }
        Self(hex(&hash.finalize()))
    }

    /// The fingerprint of an Oracle wallet.
    pub fn of_wallet(wallet: &[u8]) -> Self {
        Self(hex(&Sha256::digest(wallet)))
    }

    /// All sixty-four digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first eight digits, which end the certificate's AWS identifier.
    pub fn short(&self) -> &str {
        &self.0[..8]
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The Base64 texts of the certificates in a PEM document, without white space, in their order.
pub fn pem_certificates(pem: &str) -> Vec<String> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    pem.split(BEGIN)
        .skip(1)
        .filter_map(|rest| rest.split_once(END))
        .map(|(body, _)| body.split_whitespace().collect())
        .collect()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_certificates_of_a_pem_document_count() {
        let plain = "-----BEGIN CERTIFICATE-----\nAAAA\nBBBB\n-----END CERTIFICATE-----\n";
        let other =
            "subject=/CN=x\r\n-----BEGIN CERTIFICATE-----\r\nAAAABB\r\nBB\r\n-----END CERTIFICATE-----";
        assert_eq!(pem_certificates(other), ["AAAABBBB"]);
        assert_eq!(Fingerprint::of_pem(plain), Fingerprint::of_pem(other));
        assert_ne!(Fingerprint::of_pem(plain), Fingerprint::of_pem(&plain.repeat(2)));
        assert_eq!(pem_certificates("-----BEGIN CERTIFICATE-----\nAAAA"), Vec::<String>::new());
    }
}
