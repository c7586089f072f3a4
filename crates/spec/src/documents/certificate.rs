//! Certificates: what endpoints check the servers that they connect to with.

use super::credentials::check_env_or_file;
use super::import::identifier_or_import;
use super::scalars::{DeletionPolicyWord, Line};
use super::{EnvironmentSpec, ImportSpec, NameOf, Tags, Target};
use crate::read::{Checks, Located, Reader, exactly_one, record};
use crate::tree::Node;

record! {
    /// A certificate that endpoints name by `certificateRef`: exactly one of `pem`, `wallet`.
    #[schemars(extend("oneOf" = [{"required": ["pem"]}, {"required": ["wallet"]}]))]
    pub(crate) struct CertificateSpec {
        /// The environment that it is in; needed where the Controller has several.
        environment: Option<NameOf<EnvironmentSpec>>,
        /// Where the X.509 certificates are read, in PEM.
        pem: Option<CertificateSource>,
        /// Where an Oracle wallet for SSL (`cwallet.sso`) is read: a file or a binary secret as it is, an
        /// environment variable or a text secret in Base64.
        wallet: Option<CertificateSource>,
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

record! {
    /// Where the content of a certificate is read: exactly one of `env`, `file`, `secretsManager`.
    #[schemars(extend("oneOf" = [
        {"required": ["env"]},
        {"required": ["file"]},
        {"required": ["secretsManager"]},
    ]))]
    pub(crate) struct CertificateSource {
        /// The name of an environment variable of the process that runs Pipewright.
        env: Option<Located<String>>,
        /// The path of a file; a relative one starts at the spec file's directory.
        file: Option<Located<String>>,
        /// A secret of AWS Secrets Manager, which Pipewright reads in the environment's account and region
        /// whenever it plans.
        secrets_manager: Option<StoredSecret>,
    }
}

impl Checks for CertificateSource {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        exactly_one(node, &["env", "file", "secretsManager"], reader);
    }

    fn check(&self, _: &Node, reader: &mut Reader<'_>) {
        check_env_or_file(self.env.as_ref(), self.file.as_ref(), reader);
    }
}

record! {
    /// A secret of AWS Secrets Manager, in its current version.
    pub(crate) struct StoredSecret {
        /// Its ARN or name.
        secret_id: Located<Line>,
        /// The key whose value it is, of a secret that is a JSON object; the whole secret unless given.
        key: Option<Located<Line>>,
    }
}

impl Checks for StoredSecret {}
