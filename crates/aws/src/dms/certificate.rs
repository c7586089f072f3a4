//! Certificates.

use std::collections::BTreeMap;

use aws_sdk_databasemigration::primitives::Blob;
use aws_sdk_databasemigration::types::Certificate;
use pipewright_engine::CallError;
use pipewright_model::kinds::{CertificateContent, CertificateDeclared, CertificateObserved, Fingerprint};
use pipewright_model::tags::Tags;
use pipewright_model::{Kind, Live, LiveBody, ResourceId, Timestamp};

use super::{Dms, PAGE_SIZE, Page, filled, pages, tags};
use crate::error::{Named, absent_is_fine, redacted};

const IMPORT: &str = "dms:ImportCertificate";

/// Every certificate. DMS gives ten at once unless asked for more (DMS API reference,
/// DescribeCertificates).
pub(crate) async fn list(dms: &Dms) -> Result<BTreeMap<ResourceId, Live>, CallError> {
    let certificates = pages(|marker| async move {
        let answer = dms
            .client()
            .await
            .describe_certificates()
            .max_records(PAGE_SIZE)
            .set_marker(marker)
            .send()
            .await
            .named("dms:DescribeCertificates")?;
        Ok(Page { items: answer.certificates, marker: answer.marker })
    })
    .await?;
    Ok(certificates
        .into_iter()
        .map(|certificate| {
            let name = certificate.certificate_identifier().unwrap_or_default();
            let id = ResourceId::new(Kind::Certificate, name);
            let live = Live {
                arn: certificate.certificate_arn().unwrap_or_default().to_owned(),
                tags: Tags::new(),
                body: LiveBody::Certificate(observed(certificate)),
            };
            (id, live)
        })
        .collect())
}

fn observed(certificate: Certificate) -> CertificateObserved {
    let wallet = certificate.certificate_wallet.map(Blob::into_inner).filter(|wallet| !wallet.is_empty());
    let fingerprint = filled(certificate.certificate_pem)
        .map(|pem| Fingerprint::of_pem(&pem))
        .or_else(|| wallet.map(|wallet| Fingerprint::of_wallet(&wallet)));
    let valid_to = certificate.valid_to_date.and_then(|date| u64::try_from(date.secs()).ok());
    CertificateObserved { fingerprint, valid_to: valid_to.map(Timestamp::from_secs) }
}

/// Makes a certificate; its ARN.
pub(crate) async fn import(
    dms: &Dms,
    id: &ResourceId,
    declared: &CertificateDeclared,
    tags: &Tags,
) -> Result<Option<String>, CallError> {
    let call =
        dms.client().await.import_certificate().certificate_identifier(&id.name).set_tags(tags::of(tags));
    let (call, secret) = match &declared.content {
        CertificateContent::Pem(pem) => (call.certificate_pem(pem.expose()), Some(pem)),
        CertificateContent::Wallet(wallet) => (call.certificate_wallet(Blob::new(wallet.expose())), None),
    };
    let answer = call.send().await.named(IMPORT).map_err(|error| redacted(error, secret))?;
    Ok(answer.certificate.and_then(|certificate| certificate.certificate_arn))
}

/// Deletes a certificate. That it is gone is as good.
pub(crate) async fn delete(dms: &Dms, arn: &str) -> Result<(), CallError> {
    let done = dms
        .client()
        .await
        .delete_certificate()
        .certificate_arn(arn)
        .send()
        .await
        .named("dms:DeleteCertificate");
    absent_is_fine(done.map(drop))
}
