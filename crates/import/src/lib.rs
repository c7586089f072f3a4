//! What other tools declare, as Pipewright specs.
//!
//! [`cloudformation`] turns a CloudFormation template, such as the AWS CDK synthesises, into specs that take
//! over what its stack made. Nothing is guessed: what the template, its parameters and the stack's physical
//! ids do not tell is listed in [`Import::missing`], each under a name by which it can be given. Secrets are
//! never copied: specs refer to the environment variable that is to hold them.
//!
//! No I/O, no clock.

mod certificate;
mod convert;
mod endpoint;
mod event_subscription;
mod mappings;
mod names;
mod physical;
mod properties;
mod resolve;
mod task_settings;
mod template;
mod write;

use std::collections::BTreeMap;

use pipewright_spec::{Diagnostics, Source};

pub use physical::PhysicalIds;

/// What is known beside the template.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The name of the Controller document, which is the scope; the stack's name unless given.
    pub scope: Option<String>,
    /// Values of the template's parameters. Without one, its default counts.
    pub parameters: BTreeMap<String, String>,
    /// Values of what cannot be resolved, by the names in [`Import::missing`].
    pub values: BTreeMap<String, String>,
    /// What the stack made.
    pub physical_ids: PhysicalIds,
    /// The account, if the physical ids do not tell it.
    pub account_id: Option<String>,
    /// The region, if the physical ids do not tell it.
    pub region: Option<String>,
    /// The stack's name, if the physical ids do not tell it.
    pub stack_name: Option<String>,
}

/// Where a stack is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StackPlace {
    pub(crate) partition: String,
    pub(crate) region: Option<String>,
    pub(crate) account: Option<String>,
}

impl Options {
    pub(crate) fn place(&self) -> StackPlace {
        let known = self.physical_ids.place();
        let region = self.region.clone().or_else(|| known.map(|(_, region, _)| region.to_owned()));
        let account = self.account_id.clone().or_else(|| known.map(|(_, _, account)| account.to_owned()));
        let partition = match region.as_deref() {
            Some(region) if region.starts_with("cn-") => "aws-cn",
            Some(region) if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        };
        StackPlace { partition: partition.to_owned(), region, account }
    }

    pub(crate) fn stack_name(&self) -> Option<String> {
        self.stack_name.clone().or_else(|| self.physical_ids.stack_name().map(str::to_owned))
    }
}

/// What an import came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Import {
    /// The spec files, by name, in order of name.
    pub files: BTreeMap<String, String>,
    /// What must be given before the specs can be written.
    pub missing: Vec<Missing>,
    /// The environment variables that must hold secrets whenever Pipewright plans.
    pub secrets: Vec<SecretVariable>,
    /// What the reader must know: what is left out, and why.
    pub notes: Vec<String>,
}

/// A value that an import needs and does not know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// The logical id of the resource that needs it; empty where the whole stack does.
    pub resource: String,
    /// The property of that resource.
    pub property: String,
    /// The name under which it can be given in [`Options::values`] or, of a parameter, in
    /// [`Options::parameters`].
    pub name: String,
    /// Whether it is a parameter of the template.
    pub parameter: bool,
}

/// An environment variable that specs read a secret from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecretVariable {
    /// Its name.
    pub name: String,
    /// What it is to hold, for people; never the secret itself.
    pub holds: String,
}

/// Why an import is impossible.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The text is not what it should be. The text itself is not shown: it may hold secrets.
    #[error("it is not {what} that can be read: line {line}, column {column}")]
    NotRead {
        /// JSON or YAML.
        what: &'static str,
        /// The line, from 1.
        line: u64,
        /// The column, from 1.
        column: u64,
    },
    /// A document without resources.
    #[error("it is not a CloudFormation template: it has no mapping `Resources`")]
    NoTemplate,
    /// A template without a task, configuration or endpoint of DMS.
    #[error("the template has no resource of DMS")]
    NothingOfDms,
    /// A document that tells no physical id.
    #[error(
        "it tells no physical ids: give what `aws cloudformation describe-stack-resources` or `aws dms \
         describe-endpoints` prints"
    )]
    NoPhysicalIds,
    /// The specs could not be put as YAML.
    #[error("the specs cannot be written as YAML")]
    Yaml(#[from] serde_yaml::ser::Error),
    /// The specs are not valid. This means that the template holds something that DMS refuses, or that this
    /// import does it wrong; either way nothing may be written.
    #[error("the specs that come out of it are not valid")]
    Invalid(#[source] Diagnostics),
}

/// Turns a CloudFormation template into specs. They were validated if nothing is missing.
pub fn cloudformation(template: &str, options: &Options) -> Result<Import, ImportError> {
    let import = unvalidated(template, options)?;
    if import.missing.is_empty() {
        let sources = import
            .files
            .iter()
            .map(|(name, text)| Source { name: name.clone(), bytes: text.clone().into_bytes() });
        pipewright_spec::load_sources(sources.collect()).map_err(ImportError::Invalid)?;
    }
    Ok(import)
}

/// The same before the specs were validated.
fn unvalidated(template: &str, options: &Options) -> Result<Import, ImportError> {
    let template = template::Template::read(template)?;
    let import = convert::convert(&template, options)?;
    Ok(import)
}
