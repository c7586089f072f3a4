//! `Pipeline`: one migration, from a source to a target.

use pipewright_model::Adopt;
use pipewright_model::kinds::Run;

use super::endpoint::{SourceSpec, TargetSpec};
use super::import::identifier_or_import;
use super::recovery::{RecoverySpec, TablesInErrorSpec};
use super::start_after::StartAfter;
use super::{
    ApprovalSpec, ComputeSpec, DeletionPolicyWord, EndpointDocumentSpec, EnvironmentSpec, ImportSpec,
    MigrationSpec, NameOf, RefTo, Target,
};
use crate::read::{Checks, Located, Reader, choice, exactly_one, record};
use crate::tree::Node;

record! {
    /// One migration: what it runs on, where it reads and writes, and what it moves.
    #[schemars(extend("allOf" = [
        {"oneOf": [{"required": ["source"]}, {"required": ["sourceRef"]}]},
        {"oneOf": [{"required": ["target"]}, {"required": ["targetRef"]}]},
    ]))]
    pub(crate) struct PipelineSpec {
        /// The environment that it is in; needed where the Controller has several.
        environment: Option<NameOf<EnvironmentSpec>>,
        /// What the migration runs on.
        compute: ComputeSpec,
        /// Where it reads. Not with `sourceRef`.
        source: Option<SourceSpec>,
        /// The name of an `Endpoint` document of `type: source`; or a source endpoint that somebody else
        /// keeps, as `{arn: …}` or `{identifier: …}`. Not with `source`.
        source_ref: Option<RefTo<EndpointDocumentSpec>>,
        /// Where it writes. Not with `targetRef`.
        target: Option<TargetSpec>,
        /// The name of an `Endpoint` document of `type: target`; or a target endpoint that somebody else
        /// keeps, as `{arn: …}` or `{identifier: …}`. Not with `target`.
        target_ref: Option<RefTo<EndpointDocumentSpec>>,
        /// What it moves, and how.
        migration: MigrationSpec,
        /// Whether and how the task is kept running.
        run: Option<RunSpec>,
        /// The service roles that it needs.
        service_roles: Option<ServiceRolesSpec>,
        /// What happens to its AWS resources when this document goes: `delete` unless given. Shared
        /// service roles are always left to those who still need them.
        deletion_policy: Option<DeletionPolicyWord>,
        /// Whether nothing at all is changed for it for now. Its resources are not deleted either.
        suspend: Option<bool>,
        /// The AWS identifier of its task, if not the one made of prefix and name.
        identifier: Option<Located<String>>,
        /// An existing task to take over, instead of `identifier`.
        import: Option<ImportSpec>,
        /// Whether none of its AWS resources may be deleted, also when this document goes: false unless
        /// given. A resource's own `protect` wins.
        protect: Option<bool>,
        /// What may be done to its resources although it cannot be taken back. None unless given.
        approvals: Option<Vec<ApprovalSpec>>,
    }
}

impl Checks for PipelineSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        exactly_one(node, &["source", "sourceRef"], reader);
        exactly_one(node, &["target", "targetRef"], reader);
        if node.get("compute").is_some_and(|compute| compute.get("serverless").is_some()) {
            check_serverless(node, reader);
        }
        identifier_or_import(node, reader);
    }
}

/// What only a task has.
fn check_serverless(node: &Node, reader: &mut Reader<'_>) {
    if let Some(at) = node.key_at("identifier").or_else(|| node.key_at("import")) {
        reader.error_with_hint(
            at,
            "a serverless pipeline has no task that this could name",
            "set `identifier` or `import` of `compute.serverless` for the replication config",
        );
    }
    let start_after = node.get("run").and_then(|run| run.get("startAfter"));
    // DMS User Guide, "AWS DMS Serverless premigration": an assessment is part of StartReplication, and cannot be made
    // without it.
    if let Some(at) = start_after.and_then(|gates| gates.key_at("assessment")) {
        reader.error_with_hint(
            at,
            "a serverless pipeline cannot be assessed before it is started",
            "remove `assessment`: DMS Serverless assesses only as a part of a start",
        );
    }
}

impl Target for PipelineSpec {
    const KIND: &'static str = "Pipeline";
}

record! {
    /// Whether and how a task is kept running.
    pub(crate) struct RunSpec {
        /// What is wanted of the task: `running` unless given.
        desired: Option<DesiredRun>,
        /// When it is first started: `connectionsSuccessful` unless given, or what it waits for. What has run
        /// once is not held up again.
        start_after: Option<StartAfter>,
        /// What happens when a running task must be changed: `stop-and-resume` unless given.
        on_change: Option<OnChange>,
        /// What happens when it fails by itself.
        recovery: Option<RecoverySpec>,
        /// What happens to tables that DMS has given up while the others go on: they are reported unless given.
        tables_in_error: Option<TablesInErrorSpec>,
    }
}

impl Checks for RunSpec {}

choice! {
    /// What is wanted of a task.
    pub(crate) enum DesiredRun {
        /// Started once it can be, and resumed when it was stopped.
        Running = "running",
        /// Stopped when it runs.
        Stopped = "stopped",
        /// Neither started nor stopped; only paused and resumed around a change.
        Unmanaged = "unmanaged",
    }
}

impl From<DesiredRun> for Run {
    fn from(word: DesiredRun) -> Self {
        match word {
            DesiredRun::Running => Self::Running,
            DesiredRun::Stopped => Self::Stopped,
            DesiredRun::Unmanaged => Self::Unmanaged,
        }
    }
}

choice! {
    /// What happens when a running task must be changed.
    pub(crate) enum OnChange {
        /// It is stopped, changed and resumed.
        StopAndResume = "stop-and-resume",
        /// The change is reported and not made.
        Report = "report",
    }
}

record! {
    /// The IAM roles whose names DMS fixes, and which all pipelines of an account share.
    pub(crate) struct ServiceRolesSpec {
        /// Whether Pipewright creates and keeps them: true unless given. If not, they are only checked.
        manage: Option<bool>,
        /// Whether a role that exists and that nobody owns may be joined: `ifCompatible` unless given.
        adopt: Option<Located<AdoptWord>>,
    }
}

impl Checks for ServiceRolesSpec {}

choice! {
    /// Whether a role that exists and that nobody owns may be joined.
    pub(crate) enum AdoptWord {
        /// Never: that it exists is a conflict.
        Never = "never",
        /// If it already serves as it is.
        IfCompatible = "ifCompatible",
        /// Always; what it lacks is added.
        Always = "always",
    }
}

impl From<AdoptWord> for Adopt {
    fn from(word: AdoptWord) -> Self {
        match word {
            AdoptWord::Never => Self::Never,
            AdoptWord::IfCompatible => Self::IfCompatible,
            AdoptWord::Always => Self::Always,
        }
    }
}
