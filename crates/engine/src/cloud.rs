//! What the engine needs of a cloud: one trait to read it, another to change it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::future::Future;

use pipewright_model::kinds::{AssessmentRun, Latency, Measured, TableStatistics};
use pipewright_model::tags::Tags;
use pipewright_model::{Kind, Live, ResourceId, SecretValue, Timestamp};
use pipewright_plan::Mutation;

/// Reading an account and region. Nothing here changes anything.
pub trait CloudRead: Send + Sync + 'static {
    /// Who is calling (sts:GetCallerIdentity).
    fn identity(&self) -> impl Future<Output = Result<Identity, CallError>> + Send;

    /// Every resource of one DMS kind, all pages, without tags. Not for roles.
    fn list(&self, kind: Kind) -> impl Future<Output = Result<BTreeMap<ResourceId, Live>, CallError>> + Send;

    /// Every resource of one DMS kind in the other regions of the account that the controller works in,
    /// by region. For a reader that knows only one region there are none.
    fn elsewhere(
        &self,
        kind: Kind,
    ) -> impl Future<Output = Result<BTreeMap<String, BTreeMap<ResourceId, Live>>, CallError>> + Send {
        let _ = kind;
        async { Ok(BTreeMap::new()) }
    }

    /// How each table of a task or of the replication of a config is, all pages. `kind` is that of the ARN.
    fn table_statistics(
        &self,
        kind: Kind,
        arn: &str,
    ) -> impl Future<Output = Result<Vec<TableStatistics>, CallError>> + Send;

    /// Every premigration assessment run of tasks, all pages.
    fn assessment_runs(&self) -> impl Future<Output = Result<Vec<AssessmentRun>, CallError>> + Send;

    /// How far something is behind its source: the newest values of CloudWatch at the time `now`.
    fn latency(
        &self,
        of: Measured<'_>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Latency, CallError>> + Send;

    /// The tags of these DMS resources, by ARN, in as few calls as AWS allows. An ARN that no longer
    /// exists is left out.
    fn tags(&self, arns: &[String])
    -> impl Future<Output = Result<BTreeMap<String, Tags>, CallError>> + Send;

    /// One IAM role with its tags and policies; `None` if there is none of that name.
    fn role(&self, name: &str) -> impl Future<Output = Result<Option<Live>, CallError>> + Send;

    /// The names of the IAM roles whose path begins with this one.
    fn role_names(&self, path: &str) -> impl Future<Output = Result<BTreeSet<String>, CallError>> + Send;

    /// Every secret of AWS Secrets Manager that can be listed, all pages, without values.
    fn stored_secrets(&self) -> impl Future<Output = Result<Vec<StoredSecret>, CallError>> + Send;

    /// The current value of a secret of AWS Secrets Manager, by its ARN or name.
    fn secret(&self, id: &str) -> impl Future<Output = Result<SecretValue, CallError>> + Send;
}

/// A secret of AWS Secrets Manager, without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSecret {
    /// Its ARN, which ends with a hyphen and six characters that Secrets Manager chose.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// The id of the version `AWSCURRENT`; none for a secret that has no value yet.
    pub current_version: Option<String>,
}

impl StoredSecret {
    /// Whether an ARN, whole or without the characters that Secrets Manager chose, or a name stands for it.
    pub(crate) fn is_called(&self, id: &str) -> bool {
        let partial = self.arn.rsplit_once('-').map(|(partial, _)| partial);
        self.name == id || self.arn == id || partial == Some(id)
    }
}

/// Changing an account and region: one AWS call each.
pub trait CloudWrite: Send + Sync + 'static {
    /// Makes the one call that `mutation` stands for, at the time `now`.
    ///
    /// `arns` holds the ARNs of the resources that exist or were made by earlier steps. What was made
    /// is returned with its ARN.
    fn call(
        &self,
        mutation: &Mutation,
        arns: &BTreeMap<ResourceId, String>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<String>, CallError>> + Send;
}

/// Who is calling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The twelve-digit account id.
    pub account_id: String,
    /// The caller's ARN.
    pub arn: String,
}

/// An AWS call that failed. Its text never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallError {
    /// The operation, such as `dms:CreateEndpoint`.
    pub operation: String,
    /// What it means for what to do next.
    pub class: ErrorClass,
    /// AWS's error code, or a short word for what went wrong before AWS answered.
    pub code: String,
    /// AWS's message.
    pub message: String,
    /// AWS's request id, where there is one.
    pub request_id: Option<String>,
}

/// What a failed call means for what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// Too many calls: try again later.
    Throttled,
    /// No answer, a time-out or a server error: it may or may not have taken effect.
    Transient,
    /// A service role that was made lately is not known to DMS yet
    /// (`AccessDeniedFault … is not configured properly`): try again for a bounded time.
    RoleNotReady,
    /// Somebody changed the same IAM object at the same time: try again.
    Concurrent,
    /// The thing to be made is there already.
    AlreadyExists,
    /// The thing is not there.
    NotFound,
    /// The thing's status does not allow it now.
    InvalidState,
    /// The caller may not do it.
    AccessDenied,
    /// Anything else: trying again would not help.
    Invalid,
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.operation, self.code)?;
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        if let Some(id) = &self.request_id {
            write!(f, " (request {id})")?;
        }
        Ok(())
    }
}

impl std::error::Error for CallError {}
