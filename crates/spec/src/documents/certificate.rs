//! Certificates: what endpoints check the servers that they connect to with.

use super::import::identifier_or_import;
use super::scalars::DeletionPolicyWord;
use super::{EnvironmentSpec, ImportSpec, NameOf, SecretRef, Tags, Target};
use crate::read::{Checks, Located, Reader, exactly_one, record};
use crate::tree::Node;

record! {
    /// A certificate that endpoints name by `certificateRef`: exactly one of `pem`, `wallet`.
    #[schemars(extend("oneOf" = [{"required": ["pem"]}, {"required": ["wallet"]}]))]
    pub(crate) struct CertificateSpec {
        /// The environment that it is in; needed where the Controller has several.
        environment: Option<NameOf<EnvironmentSpec>>,
        /// Where the X.509 certificates are read, in PEM.
        pem: Option<SecretRef>,
        /// Where an Oracle wallet for SSL (`cwallet.sso`) is read: a file or a binary secret as it is, an
        /// environment variable or a text secret in Base64.
        wallet: Option<SecretRef>,
        /// What the AWS identifier starts with, if not prefix and name; a hash of the content follows.
        identifier: Option<Located<String>>,
        /// An existing certificate with this content to take over, instead of `identifier`.
        import: Option<ImportSpec>,
        /// What happens to it when this document goes: `delete` unless given.
        deletion_policy: Option<DeletionPolicyWord>,
        /// Tags of this certificate, which win over the document's `labels`.
        tags: Option<Tags>,
    }
}

impl Checks for CertificateSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        exactly_one(node, &["pem", "wallet"], reader);
        identifier_or_import(node, reader);
    }
}

impl Target for CertificateSpec {
    const KIND: &'static str = "Certificate";
}
