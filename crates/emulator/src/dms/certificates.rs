//! Certificates for TLS to databases.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use x509_cert::Certificate;
use x509_cert::der::asn1::UintRef;
use x509_cert::der::{Decode, DecodePem, Reader, SliceReader};
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use super::listing::Listing;
use super::record::{CERTIFICATE, ENDPOINT, Object};
use super::{Dms, Input, Output, errors, names, optional_text, tags, text, timestamp};
use crate::api::AwsError;

/// A wallet of Oracle may have so many bytes
/// (<https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Limits.html> names no limit; this is ours).
const LARGEST: usize = 1024 * 1024;

pub(super) fn import(input: &Input, dms: &mut Dms<'_>) -> Output {
    let identifier = names::identifier("CertificateIdentifier", text(input, "CertificateIdentifier"), 255)?;
    let pem = optional_text(input, "CertificatePem").filter(|pem| !pem.is_empty());
    let wallet = optional_text(input, "CertificateWallet").filter(|wallet| !wallet.is_empty());
    let parsed = match (pem, wallet) {
        (Some(pem), None) => parse(pem)?,
        (None, Some(wallet)) if wallet.len() <= LARGEST => Map::new(),
        (None, Some(_)) => return Err(invalid("The wallet is too large")),
        _ => {
            return Err(errors::invalid_combination(
                "Exactly one of CertificatePem and CertificateWallet must be given",
            ));
        }
    };
    let key = dms.key_arn(optional_text(input, "KmsKeyId"))?;
    let existing = dms.all(CERTIFICATE);
    if let Some(same) =
        existing.iter().find(|certificate| certificate.text("CertificateIdentifier") == identifier)
    {
        return Err(errors::already_exists("Certificate", &identifier, &same.key));
    }
    if existing.len() >= dms.config.quotas.certificates {
        return Err(errors::quota("certificates", dms.config.quotas.certificates));
    }
    let arn = dms.new_arn(CERTIFICATE, None);
    let mut certificate = Object::new(arn.clone(), parsed);
    certificate.set("CertificateIdentifier", identifier);
    certificate.set("CertificateArn", arn);
    certificate.set("CertificateCreationDate", timestamp(dms.now));
    certificate.set("CertificateOwner", dms.account);
    certificate.set("KmsKeyId", key);
    for name in ["CertificatePem", "CertificateWallet"] {
        if let Some(value) = optional_text(input, name) {
            certificate.set(name, value);
        }
    }
    certificate.tags = tags::from_input(input)?;
    let certificate = dms.add(CERTIFICATE, certificate);
    Ok(json!({"Certificate": certificate.shown}))
}

pub(super) fn describe(input: &Input, dms: &mut Dms<'_>) -> Output {
    let filters: &[(&str, &[&str])] =
        &[("certificate-arn", &["CertificateArn"]), ("certificate-id", &["CertificateIdentifier"])];
    let certificates = dms.all(CERTIFICATE).into_iter().map(|certificate| certificate.shown);
    let listing = Listing { default: 10, ..Listing::new("Certificates", "Certificates", filters) };
    listing.page(input, certificates.collect())
}

pub(super) fn delete(input: &Input, dms: &mut Dms<'_>) -> Output {
    let certificate = dms.certificate(text(input, "CertificateArn"))?;
    let user =
        dms.all(ENDPOINT).into_iter().find(|endpoint| endpoint.text("CertificateArn") == certificate.key);
    if let Some(endpoint) = user {
        return Err(errors::invalid_state(format!(
            "Certificate {} is used by endpoint {}",
            certificate.text("CertificateIdentifier"),
            endpoint.text("EndpointIdentifier")
        )));
    }
    dms.drop_object(CERTIFICATE, &certificate.key);
    Ok(json!({"Certificate": certificate.shown}))
}

impl Dms<'_> {
    /// The certificate of this ARN.
    pub(super) fn certificate(&self, arn: &str) -> Result<Object, AwsError> {
        self.load(CERTIFICATE, arn)
            .ok_or_else(|| errors::not_found(format!("Certificate \"{arn}\" not found.")))
    }
}

fn invalid(reason: &str) -> AwsError {
    AwsError::new(400, "InvalidCertificateFault", reason)
}

/// What DMS tells of the first certificate of a PEM document.
fn parse(pem: &str) -> Result<Map<String, Value>, AwsError> {
    let begin = "-----BEGIN CERTIFICATE-----";
    let end = "-----END CERTIFICATE-----";
    let first = pem.find(begin).and_then(|start| {
        let length = pem[start..].find(end)? + end.len();
        Some(&pem[start..start + length])
    });
    let first = first.ok_or_else(|| invalid("The certificate is not a PEM document"))?;
    // The decoder is strict about line lengths; real files are not.
    let body: String = first[begin.len()..first.len() - end.len()].split_whitespace().collect();
    let certificate = match STANDARD.decode(&body) {
        Ok(der) => Certificate::from_der(&der),
        Err(_) => Certificate::from_pem(first),
    };
    let certificate =
        certificate.map_err(|error| invalid(&format!("The certificate cannot be read: {error}")))?;
    let body = certificate.tbs_certificate();
    let validity = body.validity();
    let mut members = Map::new();
    members.insert("ValidFromDate".to_owned(), timestamp(validity.not_before.to_unix_duration()));
    members.insert("ValidToDate".to_owned(), timestamp(validity.not_after.to_unix_duration()));
    let algorithm = certificate.signature_algorithm().oid.to_string();
    members.insert("SigningAlgorithm".to_owned(), json!(algorithm_name(&algorithm)));
    if let Some(bits) = key_length(body.subject_public_key_info()) {
        members.insert("KeyLength".to_owned(), json!(bits));
    }
    Ok(members)
}

/// Algorithms by the names that Java, and so DMS, gives them.
fn algorithm_name(oid: &str) -> &str {
    match oid {
        "1.2.840.113549.1.1.5" => "SHA1withRSA",
        "1.2.840.113549.1.1.11" => "SHA256withRSA",
        "1.2.840.113549.1.1.12" => "SHA384withRSA",
        "1.2.840.113549.1.1.13" => "SHA512withRSA",
        "1.2.840.10045.4.3.2" => "SHA256withECDSA",
        "1.2.840.10045.4.3.3" => "SHA384withECDSA",
        "1.2.840.10045.4.3.4" => "SHA512withECDSA",
        other => other,
    }
}

/// Bits of an RSA key's modulus, or of the field of an elliptic curve.
fn key_length(key: &SubjectPublicKeyInfoOwned) -> Option<usize> {
    let bytes = key.subject_public_key.raw_bytes();
    match key.algorithm.oid.to_string().as_str() {
        "1.2.840.113549.1.1.1" => {
            let mut reader = SliceReader::new(bytes).ok()?;
            reader
                .sequence(|reader| {
                    let modulus = UintRef::decode(reader)?;
                    UintRef::decode(reader)?;
                    Ok::<_, x509_cert::der::Error>(modulus.as_bytes().len() * 8)
                })
                .ok()
        }
        // An uncompressed point is a sign and two coordinates.
        "1.2.840.10045.2.1" => Some(bytes.len().saturating_sub(1) / 2 * 8),
        _ => None,
    }
}
