//! What PEM documents hold: X.509 certificates, and what they must not.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pipewright_model::Timestamp;
use pipewright_model::kinds::pem_certificates;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;
use x509_cert::time::Time;

/// From when to when a certificate is valid (RFC 5280, 4.1.2.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Validity {
    not_before: Moment,
    not_after: Moment,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Moment {
    at: Timestamp,
    /// The day, such as `2026-01-31`.
    day: String,
}

impl Validity {
    /// What is wrong with the validity at this time, if anything is.
    pub(crate) fn objection(&self, now: Timestamp) -> Option<String> {
        if now > self.not_after.at {
            Some(format!("has expired on {}", self.not_after.day))
        } else if now < self.not_before.at {
            Some(format!("is not valid before {}", self.not_before.day))
        } else {
            None
        }
    }
}

/// The validity of each certificate in a PEM document, in order; or why the document cannot be imported.
pub(crate) fn read(pem: &str) -> Result<Vec<Validity>, String> {
    // Also one of the kinds ENCRYPTED, RSA and EC.
    if pem.contains("PRIVATE KEY-----") {
        return Err("it holds a private key".to_owned());
    }
    let certificates = pem_certificates(pem);
    if certificates.is_empty() {
        return Err("it holds no `-----BEGIN CERTIFICATE-----` with its end".to_owned());
    }
    let read = (1..).zip(&certificates).map(|(number, certificate)| {
        let der = STANDARD.decode(certificate);
        let der = der.map_err(|_| format!("certificate {number} in it is no certificate in Base64"))?;
        let certificate =
            Certificate::from_der(&der).map_err(|why| format!("certificate {number} in it: {why}"))?;
        let validity = certificate.tbs_certificate().validity();
        Ok(Validity { not_before: moment(validity.not_before), not_after: moment(validity.not_after) })
    });
    read.collect()
}

fn moment(time: Time) -> Moment {
    let at = Timestamp::from_secs(time.to_unix_duration().as_secs());
    let date = time.to_date_time();
    Moment { at, day: format!("{}-{:02}-{:02}", date.year(), date.month(), date.day()) }
}
