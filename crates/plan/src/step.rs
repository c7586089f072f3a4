//! Steps: the smallest pieces of an apply. Each is one AWS mutation, one wait, or one check.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use pipewright_model::kinds::{
    AssessmentGate, CdcStart, CertificateDeclared, ComputeDeclared, EndpointDeclared,
    EventSubscriptionDeclared, InstanceDeclared, MigrationType, ReplicationConfigDeclared,
    SubnetGroupDeclared, TableName, TaskDeclared,
};
use pipewright_model::tags::{SECRETS, Tags};
use pipewright_model::{Kind, Ref, ResourceId, Timestamp};
use serde::Serialize;
use serde_json::Value;

use crate::StepKind;

/// One step of a change.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// One AWS call that changes something.
    Call(Mutation),
    /// A wait for AWS, or for time to pass.
    Wait(Wait),
    /// A last look before something that cannot be undone. If it fails, the change stops there, what
    /// `undo` says is done, and the next pass plans anew.
    Check {
        /// What must hold.
        guard: Guard,
        /// What to put back if it does not.
        undo: Vec<Mutation>,
    },
}

/// One AWS call that changes something.
#[expect(missing_docs, reason = "the fields are the parameters of the AWS call that the variant names")]
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Mutation {
    /// iam:CreateRole, with its tags in the same call.
    CreateRole {
        role: String,
        path: String,
        description: String,
        trust: Value,
        permissions_boundary: Option<String>,
        tags: Tags,
    },
    /// iam:UpdateAssumeRolePolicy.
    UpdateTrust { role: String, trust: Value },
    /// iam:AttachRolePolicy.
    AttachRolePolicy { role: String, policy_arn: String },
    /// iam:DetachRolePolicy.
    DetachRolePolicy { role: String, policy_arn: String },
    /// iam:PutRolePolicy.
    PutRolePolicy { role: String, policy: String, document: Value },
    /// iam:DeleteRolePolicy.
    DeleteRolePolicy { role: String, policy: String },
    /// iam:TagRole.
    TagRole { role: String, tags: Tags },
    /// iam:TagRole with a drain mark; the drain begins with the call, unless it began before. `pass` is
    /// not part of what a plan is: each pass has its own.
    MarkDrain {
        role: String,
        scope: String,
        role_id: String,
        since: Option<Timestamp>,
        #[serde(skip)]
        pass: Timestamp,
    },
    /// iam:UntagRole.
    UntagRole { role: String, keys: BTreeSet<String> },
    /// iam:DeleteRole.
    DeleteRole { role: String },
    /// dms:CreateReplicationSubnetGroup.
    CreateSubnetGroup { id: ResourceId, declared: SubnetGroupDeclared, tags: Tags },
    /// dms:ModifyReplicationSubnetGroup; always with every subnet.
    ModifySubnetGroup { id: ResourceId, declared: SubnetGroupDeclared },
    /// dms:DeleteReplicationSubnetGroup.
    DeleteSubnetGroup { id: ResourceId },
    /// dms:CreateReplicationInstance.
    CreateInstance { id: ResourceId, declared: InstanceDeclared, tags: Tags },
    /// dms:ModifyReplicationInstance with what is `Some` in `declared` and its class; applied
    /// immediately.
    ModifyInstance { id: ResourceId, declared: InstanceDeclared },
    /// dms:DeleteReplicationInstance.
    DeleteInstance { id: ResourceId },
    /// dms:ImportCertificate.
    ImportCertificate { id: ResourceId, declared: CertificateDeclared, tags: Tags },
    /// dms:DeleteCertificate.
    DeleteCertificate { id: ResourceId },
    /// dms:CreateEventSubscription.
    CreateEventSubscription { id: ResourceId, declared: EventSubscriptionDeclared, tags: Tags },
    /// dms:ModifyEventSubscription; it cannot change the sources.
    ModifyEventSubscription { id: ResourceId, declared: EventSubscriptionDeclared },
    /// dms:DeleteEventSubscription.
    DeleteEventSubscription { id: ResourceId },
    /// dms:CreateEndpoint.
    CreateEndpoint { id: ResourceId, declared: Box<EndpointDeclared>, tags: Tags },
    /// dms:ModifyEndpoint, with settings merged (`ExactSettings` false).
    ModifyEndpoint { id: ResourceId, declared: Box<EndpointDeclared> },
    /// dms:DeleteEndpoint.
    DeleteEndpoint { id: ResourceId },
    /// dms:TestConnection. That the pair is already being tested is as good.
    TestConnection { instance: Ref, endpoint: Ref },
    /// dms:CreateReplicationTask.
    CreateTask {
        id: ResourceId,
        declared: TaskDeclared,
        tags: Tags,
        /// The task from whose recovery checkpoint its change capture begins.
        #[serde(skip_serializing_if = "Option::is_none")]
        continues: Option<ResourceId>,
    },
    /// dms:ModifyReplicationTask with another identifier and nothing else. The ARN stays.
    RenameTask { id: ResourceId, to: ResourceId },
    /// dms:ModifyReplicationTask with what is `Some`.
    ModifyTask {
        id: ResourceId,
        migration_type: Option<MigrationType>,
        table_mappings: Option<Value>,
        settings: Option<Value>,
        cdc_start: Option<CdcStart>,
        cdc_stop_position: Option<String>,
    },
    /// dms:MoveReplicationTask.
    MoveTask { id: ResourceId, to: Ref },
    /// dms:StartReplicationTaskAssessmentRun, with the name of the run.
    AssessTask { id: ResourceId, run: String, assessment: AssessmentGate },
    /// dms:StartReplicationTask.
    StartTask { id: ResourceId, start: StartType, cdc_start: Option<CdcStart> },
    /// dms:ReloadTables of a task, dms:ReloadReplicationTables of a replication config.
    ReloadTables { id: ResourceId, tables: BTreeSet<TableName> },
    /// dms:StopReplicationTask.
    StopTask { id: ResourceId },
    /// dms:DeleteReplicationTask.
    DeleteTask { id: ResourceId },
    /// dms:CreateReplicationConfig.
    CreateReplicationConfig { id: ResourceId, declared: Box<ReplicationConfigDeclared>, tags: Tags },
    /// dms:ModifyReplicationConfig with what is `Some`.
    ModifyReplicationConfig {
        id: ResourceId,
        source: Option<Ref>,
        target: Option<Ref>,
        compute: Option<Box<ComputeDeclared>>,
        migration_type: Option<MigrationType>,
        table_mappings: Option<Value>,
        settings: Option<Value>,
        supplemental_settings: Option<Value>,
    },
    /// dms:StartReplication.
    StartReplication {
        id: ResourceId,
        start: StartType,
        cdc_start: Option<CdcStart>,
        cdc_stop_position: Option<String>,
    },
    /// dms:StopReplication.
    StopReplication { id: ResourceId },
    /// dms:DeleteReplicationConfig, and with it its replication.
    DeleteReplicationConfig { id: ResourceId },
    /// dms:AddTagsToResource.
    AddTags { id: ResourceId, tags: Tags },
    /// dms:RemoveTagsFromResource.
    RemoveTags { id: ResourceId, keys: BTreeSet<String> },
}

/// How a task or a serverless replication is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StartType {
    /// For the first time, from the beginning.
    StartReplication,
    /// From where it stopped.
    ResumeProcessing,
}

/// What is waited for.
#[expect(missing_docs, reason = "the variants say what their fields are")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Wait {
    /// That the resource is settled and usable: an instance `available`, an endpoint `active`, a task
    /// or a serverless replication neither starting, stopping nor being changed.
    Settled(ResourceId),
    /// That the last connection test succeeded.
    Connected(ResourceId),
    /// That the task or serverless replication runs, or already finished.
    Started(ResourceId),
    /// That the task or serverless replication has stopped.
    Stopped(ResourceId),
    /// That the resource is gone.
    Gone(ResourceId),
    /// That a shared role's drain, by this scope's mark, has lasted for the grace time. `since` is when
    /// it began, where the mark was there already.
    Drained { role: String, role_id: String, scope: String, since: Option<Timestamp>, grace: Duration },
    /// That the drain mark of this pass can be read: whatever shows it is not older than it is.
    Marked {
        role: String,
        role_id: String,
        scope: String,
        #[serde(skip)]
        pass: Timestamp,
    },
}

impl Wait {
    /// The resource waited for.
    pub fn resource(&self) -> ResourceId {
        match self {
            Self::Settled(id)
            | Self::Connected(id)
            | Self::Started(id)
            | Self::Stopped(id)
            | Self::Gone(id) => id.clone(),
            Self::Drained { role, .. } | Self::Marked { role, .. } => ResourceId::role(role),
        }
    }
}

/// What must still hold before a step that cannot be undone.
#[expect(missing_docs, reason = "the variants say what their fields are")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Guard {
    /// The role has this unique id and no owner.
    RoleOwnerless { role: String, role_id: String },
    /// The role has this unique id, its trust policy is as it was read, and nobody owns it but these.
    RoleAsRead { role: String, role_id: String, trust: Value, owners: BTreeSet<String> },
    /// The role has this unique id, no owner and a drain mark of this scope as old as the grace time,
    /// and no resource of the kinds `unused_by` in the region needs it. If `pass` is given, the mark is
    /// the one that this pass wrote.
    RoleDeletable {
        role: String,
        role_id: String,
        scope: String,
        #[serde(skip)]
        pass: Option<Timestamp>,
        grace: Duration,
        unused_by: BTreeSet<Kind>,
    },
}

/// How a step reads in a plan and while it runs.
impl Step {
    /// What it is.
    pub fn kind(&self) -> StepKind {
        match self {
            Self::Call(_) => StepKind::Call,
            Self::Wait(_) => StepKind::Wait,
            Self::Check { .. } => StepKind::Check,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(mutation) => mutation.fmt(f),
            Self::Wait(wait) => wait.fmt(f),
            Self::Check { guard, .. } => guard.fmt(f),
        }
    }
}

impl fmt::Display for Mutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateRole { .. } => f.write_str("create the role with its owner tag"),
            Self::UpdateTrust { .. } => f.write_str("widen the trust policy"),
            Self::AttachRolePolicy { policy_arn, .. } => write!(f, "attach {}", short(policy_arn)),
            Self::DetachRolePolicy { policy_arn, .. } => write!(f, "detach {}", short(policy_arn)),
            Self::PutRolePolicy { policy, .. } => write!(f, "put the inline policy {policy}"),
            Self::DeleteRolePolicy { policy, .. } => write!(f, "delete the inline policy {policy}"),
            Self::TagRole { tags, .. } | Self::AddTags { tags, .. } => {
                write!(f, "tag {}", tags.iter().map(shown_tag).collect::<Vec<_>>().join(", "))
            }
            Self::MarkDrain { since: None, .. } => f.write_str("mark it as draining"),
            Self::MarkDrain { .. } => f.write_str("mark it as draining still"),
            Self::UntagRole { keys, .. } | Self::RemoveTags { keys, .. } => {
                write!(f, "untag {}", keys.iter().map(String::as_str).collect::<Vec<_>>().join(", "))
            }
            Self::DeleteRole { .. } => f.write_str("delete the role"),
            Self::CreateTask { continues: Some(old), .. } => {
                write!(f, "create, to go on from the checkpoint of {old}")
            }
            Self::RenameTask { to, .. } => write!(f, "rename to {}", to.name),
            Self::CreateSubnetGroup { .. }
            | Self::CreateInstance { .. }
            | Self::CreateEndpoint { .. }
            | Self::CreateTask { .. }
            | Self::CreateReplicationConfig { .. }
            | Self::CreateEventSubscription { .. } => f.write_str("create"),
            Self::ImportCertificate { .. } => f.write_str("import"),
            Self::ModifyInstance { declared, .. } if !declared.apply_immediately => {
                f.write_str("modify, in the maintenance window")
            }
            Self::ModifySubnetGroup { .. }
            | Self::ModifyInstance { .. }
            | Self::ModifyEndpoint { .. }
            | Self::ModifyEventSubscription { .. }
            | Self::ModifyTask { .. }
            | Self::ModifyReplicationConfig { .. } => f.write_str("modify"),
            Self::DeleteSubnetGroup { .. }
            | Self::DeleteInstance { .. }
            | Self::DeleteEndpoint { .. }
            | Self::DeleteCertificate { .. }
            | Self::DeleteEventSubscription { .. }
            | Self::DeleteTask { .. }
            | Self::DeleteReplicationConfig { .. } => f.write_str("delete"),
            Self::TestConnection { .. } => f.write_str("test the connection"),
            Self::MoveTask { to, .. } => write!(f, "move to {to}"),
            Self::AssessTask { run, .. } => write!(f, "assess, as {run}"),
            Self::StartTask { start, .. } | Self::StartReplication { start, .. } => match start {
                StartType::StartReplication => f.write_str("start"),
                StartType::ResumeProcessing => f.write_str("resume"),
            },
            Self::ReloadTables { tables, .. } => {
                let names = tables.iter().map(ToString::to_string).collect::<Vec<_>>();
                write!(f, "reload {}", names.join(", "))
            }
            Self::StopTask { .. } | Self::StopReplication { .. } => f.write_str("stop"),
        }
    }
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settled(id) => match id.kind {
                Kind::Instance => f.write_str("wait until it is available"),
                Kind::Task | Kind::ReplicationConfig => f.write_str("wait until it is ready"),
                _ => f.write_str("wait until it is active"),
            },
            Self::Connected(_) => f.write_str("wait until the test succeeds"),
            Self::Started(_) => f.write_str("wait until it runs"),
            Self::Stopped(_) => f.write_str("wait until it has stopped"),
            Self::Gone(_) => f.write_str("wait until it is gone"),
            Self::Drained { grace, since, .. } => {
                write!(f, "wait until it has drained for {} s", grace.as_secs())?;
                since.map_or(Ok(()), |since| write!(f, ", at {}", (since + *grace).rfc3339()))
            }
            Self::Marked { .. } => f.write_str("wait until the mark can be read"),
        }
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RoleOwnerless { .. } => f.write_str("look again: no owner"),
            Self::RoleAsRead { .. } => f.write_str("look again: trust policy and owners as they were"),
            Self::RoleDeletable { .. } => f.write_str("look again: still draining, no owner, no user"),
        }
    }
}

/// What is remembered of secrets is not shown.
fn shown_tag((key, value): (&String, &String)) -> String {
    if key == SECRETS { key.clone() } else { format!("{key}={value}") }
}

/// The last part of an ARN, which is what people read.
fn short(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
