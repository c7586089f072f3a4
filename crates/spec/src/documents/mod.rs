//! The documents of a spec tree as they are written: an envelope, and a `spec` by kind.

mod account;
mod approval;
mod assessment;
mod certificate;
mod compute;
mod controller;
mod credentials;
mod endpoint;
mod event_subscription;
mod import;
mod inline_policies;
mod migration;
mod names;
mod object_mapping;
mod pipeline;
mod recovery;
mod scalars;
mod secret_ref;
mod serverless;
mod service_role;
mod ssl;
mod start_after;
mod tables;
mod tags;
mod transform;

pub(crate) use approval::ApprovalSpec;
pub(crate) use assessment::AssessmentSpec;
pub(crate) use certificate::CertificateSpec;
pub(crate) use compute::{
    ApplyChanges, ComputeSpec, InstanceSpec, ReplicationInstanceSpec, ReplicationSubnetGroupSpec,
    SubnetGroupSpec,
};
pub(crate) use controller::{ControllerSpec, EnvironmentSpec, PolicySpec, RotationSpec};
pub(crate) use endpoint::{EndpointDocumentSpec, EndpointSpec};
pub(crate) use event_subscription::EventSubscriptionSpec;
pub(crate) use import::ImportSpec;
pub(crate) use migration::{JsonDocument, MigrationSpec};
pub(crate) use names::{NameOf, OutsideSpec, RefTo, Target};
pub(crate) use object_mapping::ObjectMappingSpec;
pub(crate) use pipeline::{AdoptWord, OnChange, PipelineSpec, RunSpec, ServiceRolesSpec};
pub(crate) use recovery::{RecoverySpec, TablesInErrorSpec};
pub(crate) use scalars::{DeletionPolicyWord, Line, Name, is_role_name, seconds};
pub(crate) use secret_ref::SecretRef;
pub(crate) use serverless::ServerlessSpec;
pub(crate) use service_role::ServiceRoleSpec;
pub(crate) use start_after::{ApprovalGate, StartAfter};
pub(crate) use tables::{
    ConditionSpec, FilterSpec, LobSettingsSpec, ObjectTagsSpec, ParallelLoadSpec, RenameSpec, Scalar,
    SelectionSpec, TableSettingsSpec, TablesSpec, ValidationSpec,
};
pub(crate) use tags::Tags;
pub(crate) use transform::{DataTypeSpec, PrimaryKeySpec, TransformSpec};

use crate::read::{Checks, Fields, Located, Read, Reader, did_you_mean, one_of, record};
use crate::sources::At;
use crate::tree::{Node, Value};

/// The value of `apiVersion` in every document.
pub(crate) const API_VERSION: &str = "pipewright.dev/v1";

record! {
    /// What identifies the document.
    pub(crate) struct Metadata {
        /// The name: at most 63 lower-case letters, digits and single hyphens, starting with a letter.
        /// Unique among the documents of one kind.
        name: Located<Name>,
        /// Tags that every AWS resource of this document gets. A resource's own `tags` win.
        labels: Option<Located<Tags>>,
    }
}

impl Checks for Metadata {}

/// One document: who it is and, if its `spec` could be read, what it says.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) kind: &'static str,
    /// The name, if there is one. Where it is not valid, the document has no `body`.
    pub(crate) name: Option<Located<String>>,
    /// The beginning of the document.
    pub(crate) at: At,
    pub(crate) labels: Tags,
    pub(crate) body: Option<Body>,
}

impl Document {
    /// What the spec tag calls it: a pipeline by its name, others `Kind/name`. The Controller declares nothing.
    pub(crate) fn spec(&self) -> Option<String> {
        let name = self.name.as_ref()?;
        match self.body.as_ref()? {
            Body::Controller(_) => None,
            Body::Pipeline(_) => Some(name.value.clone()),
            _ => Some(format!("{}/{}", self.kind, name.value)),
        }
    }
}

/// What a document says, by kind.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    Controller(Box<ControllerSpec>),
    Pipeline(Box<PipelineSpec>),
    Endpoint(Box<EndpointDocumentSpec>),
    ReplicationInstance(Box<ReplicationInstanceSpec>),
    ReplicationSubnetGroup(Box<ReplicationSubnetGroupSpec>),
    Certificate(Box<CertificateSpec>),
    EventSubscription(Box<EventSubscriptionSpec>),
    ServiceRole(Box<ServiceRoleSpec>),
}

/// A kind of document: its name, and how its `spec` is read.
type Kind = (&'static str, fn(&Fields<'_>, &mut Reader<'_>) -> Option<Body>);

/// Every kind of document.
const KINDS: [Kind; 8] = [
    ("Controller", |fields, reader| Some(Body::Controller(fields.take("spec", reader)?))),
    ("Pipeline", |fields, reader| Some(Body::Pipeline(fields.take("spec", reader)?))),
    ("Endpoint", |fields, reader| Some(Body::Endpoint(fields.take("spec", reader)?))),
    ("ReplicationInstance", |fields, reader| Some(Body::ReplicationInstance(fields.take("spec", reader)?))),
    ("ReplicationSubnetGroup", |fields, reader| {
        Some(Body::ReplicationSubnetGroup(fields.take("spec", reader)?))
    }),
    ("Certificate", |fields, reader| Some(Body::Certificate(fields.take("spec", reader)?))),
    ("EventSubscription", |fields, reader| Some(Body::EventSubscription(fields.take("spec", reader)?))),
    ("ServiceRole", |fields, reader| Some(Body::ServiceRole(fields.take("spec", reader)?))),
];

/// The names of all kinds of document.
pub(crate) fn kinds() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(name, _)| *name)
}

impl<T: Read> Read for Box<T> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        T::read(node, reader).map(Self::new)
    }
}

/// Reads a document. `None` means that not even its kind could be read.
pub(crate) fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Document> {
    if !matches!(node.value, Value::Map(_)) {
        reader.wrong_type(node, "a document with `apiVersion`, `kind`, `metadata` and `spec`");
        return None;
    }
    let known = ["apiVersion", "kind", "metadata", "spec"].map(str::to_owned);
    let fields = Fields::of(node, "Document", &known, reader)?;
    if let Some(version) = fields.take::<Located<String>>("apiVersion", reader)
        && *version != API_VERSION
    {
        let hint = format!("this version of Pipewright reads `{API_VERSION}`");
        reader.error_with_hint(version.at, format!("unknown apiVersion `{}`", short(&version)), hint);
    }
    let kind = fields.take::<Located<String>>("kind", reader);
    let metadata = fields.take::<Metadata>("metadata", reader);
    let kind = kind?;
    let Some((kind, read_spec)) = KINDS.iter().find(|(name, _)| name == &*kind) else {
        let hint = did_you_mean(&kind, kinds()).unwrap_or_else(|| one_of("the kinds are", kinds()));
        reader.error_with_hint(kind.at, format!("unknown kind `{}`", short(&kind)), hint);
        return None;
    };
    let body = read_spec(&fields, reader).filter(|_| metadata.is_some());
    // A name that is well written counts even if the labels beside it are wrong: what refers to it
    // must not be reported as well.
    let name = match &metadata {
        Some(metadata) => Some(Located { value: metadata.name.value.0.clone(), at: metadata.name.at }),
        None => node
            .get("metadata")
            .and_then(|metadata| metadata.get("name"))
            .and_then(|name| Some(Located { value: name.as_str()?.to_owned(), at: name.at })),
    };
    let labels = metadata.and_then(|metadata| metadata.labels).map(|labels| labels.value);
    Some(Document { kind, name, at: node.at, labels: labels.unwrap_or_default(), body })
}

/// A text cut to what an error can show.
fn short(text: &str) -> String {
    text.chars().take(60).collect()
}
