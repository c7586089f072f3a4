//! What ends a command early, and what its user can do about it.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

use pipewright_aws::ConnectError;
use pipewright_emulator::{PolicyError, ScriptError, StartError};
use pipewright_engine::{CallError, ErrorClass, ObserveError, ProgressError};
use pipewright_forge::{ForgeError, PlaceError};
use pipewright_import::ImportError;
use pipewright_model::InvalidName;
use pipewright_spec::Diagnostics;

/// Why a command could not do what it was asked. Its text never repeats its source.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The specs are not valid.
    #[error("the specs are not valid")]
    Specs(#[source] Diagnostics),
    /// The language of `tables` cannot say what a DMS table-mapping document says.
    #[error("`tables` cannot say the same")]
    Tables(#[source] Diagnostics),
    /// AWS cannot be called as asked.
    #[error("cannot prepare to call AWS for environment `{environment}`")]
    Connect { environment: String, source: ConnectError },
    /// The account could not be observed.
    #[error("cannot observe environment `{environment}`")]
    Observe { environment: String, source: Box<ObserveError> },
    /// How far a pipeline has come could not be read.
    #[error("cannot look at environment `{environment}`")]
    Progress { environment: String, source: Box<ProgressError> },
    /// The sandbox could not start.
    #[error("cannot start the sandbox")]
    Sandbox(#[source] StartError),
    /// A script of faults cannot be played.
    #[error("cannot play the script")]
    Script(#[source] ScriptError),
    /// A file holds no policy document.
    #[error("{} is not an IAM policy document", file.display())]
    Policy { file: PathBuf, source: PolicyError },
    /// Something of this machine's.
    #[error("cannot {what}")]
    Io { what: String, source: io::Error },
    /// Something could not be put as JSON.
    #[error("cannot write JSON")]
    Json(#[source] serde_json::Error),
    /// No pipeline of the specs has this name.
    #[error("the specs have no pipeline `{0}`")]
    NoPipeline(String),
    /// The Controller has no environment of this name.
    #[error("the Controller has no environment `{0}`")]
    NoEnvironment(String),
    /// A file that is to hold a plan and does not.
    #[error("{} holds no plan: {why}", file.display())]
    NoPlan { file: PathBuf, why: String },
    /// The plan that was reviewed is of other environments.
    #[error("the reviewed plan has no environment `{0}`, and nothing was done")]
    NotReviewed(String),
    /// It is not known where a comment goes.
    #[error("cannot tell where the comment goes")]
    Place(#[source] PlaceError),
    /// A comment could not be posted.
    #[error("cannot post the comment of environment `{environment}`")]
    Post { environment: String, source: ForgeError },
    /// Names that neither documents nor resources have.
    #[error("{} stands for nothing", list(.0))]
    StandForNothing(BTreeSet<String>),
    /// What another tool declares could not be imported.
    #[error("cannot import {}", file.display())]
    Import { file: PathBuf, source: ImportError },
    /// A file that would be written is there already.
    #[error("{} exists already, and nothing was written", .0.display())]
    Exists(PathBuf),
    /// A directory below a Controller, in which there must not be another one.
    #[error("{} is a part of the spec root {}, and nothing was written", directory.display(), root.display())]
    PartOf { directory: PathBuf, root: PathBuf },
    /// A directory of other things than specs.
    #[error("{} is not empty and holds no specs, and nothing was written", .0.display())]
    NoSpecs(PathBuf),
    /// A name that no Controller can have.
    #[error("the Controller cannot have this name")]
    Name(#[source] InvalidName),
    /// The system gave no random numbers.
    #[error("cannot make a uid")]
    Random(#[source] getrandom::Error),
    /// A file to write lies where none can.
    #[error("cannot write {}: it is a directory", .0.display())]
    IsDirectory(PathBuf),
}

impl Failure {
    /// An account that could not be observed.
    pub(crate) fn observe(environment: &str, source: ObserveError) -> Self {
        Self::Observe { environment: environment.to_owned(), source: Box::new(source) }
    }

    /// A pipeline of which could not be read how far it has come.
    pub(crate) fn progress(environment: &str, source: ProgressError) -> Self {
        match source {
            ProgressError::Account(source) => Self::observe(environment, source),
            source @ ProgressError::Call { .. } => {
                Self::Progress { environment: environment.to_owned(), source: Box::new(source) }
            }
        }
    }

    /// What the reader can do.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Observe { environment, source } => match source.as_ref() {
                ObserveError::Identity(error) => Some(identity_hint(error)),
                ObserveError::WrongAccount { expected, .. } => Some(format!(
                    "use credentials of account {expected}, or put the right `accountId` into environment \
                     `{environment}` of the Controller document"
                )),
                ObserveError::Stopped => None,
            },
            Self::StandForNothing(_) => Some(
                "name a document (`orders`, `Endpoint/warehouse`) or a resource (`instance/orders`); `pipewright \
                 status` lists them"
                    .to_owned(),
            ),
            Self::NoPlan { .. } => Some("give the file that `pipewright plan --out FILE` wrote".to_owned()),
            Self::NotReviewed(_) => Some(
                "plan again with the same PATHs and `--environment`, or reconcile only the reviewed ones: \
                 --environment NAME"
                    .to_owned(),
            ),
            Self::Place(PlaceError::Missing(name)) => {
                Some(format!("run it in CI, where {name} is set, or set it to what CI would"))
            }
            Self::Place(PlaceError::NoPullRequest(_)) => {
                Some("run it for a pull request, or name one: --number N".to_owned())
            }
            Self::Post { source: ForgeError::Refused { status: 401 | 403 | 404, .. }, .. } => Some(
                "check that the token may write comments: `permissions: {pull-requests: write}` of a GitHub workflow; a project \
                 access token with the scope `api` of GitLab. Runs for forks have no such token"
                    .to_owned(),
            ),
            Self::PartOf { root, .. } => {
                Some(format!("its Controller is the root's: pipewright init {}", root.display()))
            }
            Self::NoSpecs(_) => {
                Some("give a directory of specs, or one that is empty or not there yet".to_owned())
            }
            Self::Name(_) => Some("give it another: --name NAME".to_owned()),
            Self::Place(PlaceError::Api(..))
            | Self::Post { .. }
            | Self::Specs(_)
            | Self::Tables(_)
            | Self::Connect { .. }
            | Self::Progress { .. }
            | Self::Sandbox(_)
            | Self::Script(_)
            | Self::Policy { .. }
            | Self::Io { .. }
            | Self::Json(_)
            | Self::NoPipeline(_)
            | Self::NoEnvironment(_)
            | Self::Import { .. }
            | Self::Exists(_)
            | Self::Random(_)
            | Self::IsDirectory(_) => None,
        }
    }
}

fn list(names: &BTreeSet<String>) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn identity_hint(error: &CallError) -> String {
    match error.class {
        ErrorClass::AccessDenied => {
            "check the credentials: environment variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a \
             profile (--profile), SSO or the role of the task; and that they may assume the environment's \
             `assumeRoleArn`"
        }
        ErrorClass::Throttled => "AWS asks for fewer calls; try again in a minute",
        ErrorClass::Transient => {
            "check that AWS can be reached from here, or the URL given with --endpoint-url, and that \
             credentials can be found; to try without AWS: --sandbox"
        }
        _ => "to try without AWS: --sandbox",
    }
    .to_owned()
}
