//! Changing an account and region: one call for one mutation.

use std::collections::BTreeMap;

use pipewright_engine::{CallError, CloudWrite};
use pipewright_model::kinds::EndpointDeclared;
use pipewright_model::tags::{DRAIN, DrainMark, Tags};
use pipewright_model::{Kind, Ref, ResourceId, Timestamp};
use pipewright_plan::Mutation;

use crate::dms::{
    Dms, assessment, certificate, connection, endpoint, event_subscription, instance, replication_config,
    subnet_group, table_statistics, tags, task,
};
use crate::error::refused;
use crate::iam::{Iam, role};
use crate::sts::Sts;

/// Changes one account and region.
#[derive(Debug, Clone)]
pub struct AwsWrite {
    pub(crate) dms: Dms,
    pub(crate) iam: Iam,
    pub(crate) sts: Sts,
}

impl CloudWrite for AwsWrite {
    #[expect(clippy::too_many_lines, reason = "one arm a mutation, and nothing but its call in it")]
    async fn call(
        &self,
        mutation: &Mutation,
        arns: &BTreeMap<ResourceId, String>,
        now: Timestamp,
    ) -> Result<Option<String>, CallError> {
        let Self { dms, iam, sts } = self;
        let arns = Arns(arns);
        match mutation {
            Mutation::CreateRole { role: name, path, description, trust, permissions_boundary, tags } => {
                let boundary = permissions_boundary.as_deref();
                let new = role::NewRole { name, path, description, trust, boundary, tags };
                return role::create(iam, new).await;
            }
            Mutation::UpdateTrust { role, trust } => role::update_trust(iam, role, trust).await,
            Mutation::AttachRolePolicy { role, policy_arn } => role::attach(iam, role, policy_arn).await,
            Mutation::DetachRolePolicy { role, policy_arn } => role::detach(iam, role, policy_arn).await,
            Mutation::PutRolePolicy { role, policy, document } => {
                role::put_policy(iam, role, policy, document).await
            }
            Mutation::DeleteRolePolicy { role, policy } => role::delete_policy(iam, role, policy).await,
            Mutation::TagRole { role, tags } => role::tag(iam, role, tags).await,
            Mutation::MarkDrain { role, scope, role_id, since, pass } => {
                let (scope, role_id) = (scope.clone(), role_id.clone());
                let mark = DrainMark { scope, role_id, since: since.unwrap_or(now), pass: *pass };
                let tags = Tags::from([(DRAIN.to_owned(), mark.to_string())]);
                role::tag(iam, role, &tags).await
            }
            Mutation::UntagRole { role, keys } => role::untag(iam, role, keys).await,
            Mutation::DeleteRole { role } => role::delete(iam, role).await,

            Mutation::CreateSubnetGroup { id, declared, tags } => {
                // Before the create, so that a failure leaves nothing behind.
                let arn = sts.subnet_group_arn(&id.name).await?;
                subnet_group::create(dms, id, declared, tags).await?;
                return Ok(Some(arn));
            }
            Mutation::ModifySubnetGroup { id, declared } => subnet_group::modify(dms, id, declared).await,
            Mutation::DeleteSubnetGroup { id } => subnet_group::delete(dms, id).await,

            Mutation::CreateInstance { id, declared, tags } => {
                return instance::create(dms, id, declared, tags).await;
            }
            Mutation::ModifyInstance { id, declared } => {
                instance::modify(dms, arns.of("dms:ModifyReplicationInstance", id)?, declared).await
            }
            Mutation::DeleteInstance { id } => {
                instance::delete(dms, arns.of("dms:DeleteReplicationInstance", id)?).await
            }

            Mutation::CreateEndpoint { id, declared, tags } => {
                let certificate =
                    arns.resolve_optional("dms:CreateEndpoint", declared.certificate.as_ref())?;
                let declared = &arns.with_roles("dms:CreateEndpoint", declared)?;
                return endpoint::create(dms, id, declared, certificate, tags).await;
            }
            Mutation::ModifyEndpoint { id, declared } => {
                let operation = "dms:ModifyEndpoint";
                let certificate = arns.resolve_optional(operation, declared.certificate.as_ref())?;
                let declared = &arns.with_roles(operation, declared)?;
                endpoint::modify(dms, arns.of(operation, id)?, declared, certificate).await
            }
            Mutation::DeleteEndpoint { id } => {
                endpoint::delete(dms, arns.of("dms:DeleteEndpoint", id)?).await
            }

            Mutation::ImportCertificate { id, declared, tags } => {
                return certificate::import(dms, id, declared, tags).await;
            }
            Mutation::DeleteCertificate { id } => {
                certificate::delete(dms, arns.of("dms:DeleteCertificate", id)?).await
            }

            Mutation::CreateEventSubscription { id, declared, tags } => {
                // Before the create, so that a failure leaves nothing behind.
                let arn = sts.event_subscription_arn(&id.name).await?;
                event_subscription::create(dms, id, declared, tags).await?;
                return Ok(Some(arn));
            }
            Mutation::ModifyEventSubscription { id, declared } => {
                event_subscription::modify(dms, id, declared).await
            }
            Mutation::DeleteEventSubscription { id } => event_subscription::delete(dms, id).await,

            Mutation::TestConnection { instance, endpoint } => {
                let operation = "dms:TestConnection";
                let instance = arns.resolve(operation, instance)?;
                let endpoint = arns.resolve(operation, endpoint)?;
                connection::test(dms, instance, endpoint).await
            }

            Mutation::CreateTask { id, declared, tags, continues } => {
                let operation = "dms:CreateReplicationTask";
                let ends = task::Ends {
                    source: arns.resolve(operation, &declared.source)?,
                    target: arns.resolve(operation, &declared.target)?,
                    instance: arns.resolve(operation, &declared.instance)?,
                };
                let from = match continues {
                    Some(old) => Some(task::checkpoint(dms, arns.of(operation, old)?).await?),
                    None => declared.cdc_start.clone(),
                };
                return task::create(dms, id, declared, &ends, from.as_ref(), tags).await;
            }
            Mutation::RenameTask { id, to } => {
                task::rename(dms, arns.of("dms:ModifyReplicationTask", id)?, &to.name).await
            }
            Mutation::ModifyTask {
                id,
                migration_type,
                table_mappings,
                settings,
                cdc_start,
                cdc_stop_position,
            } => {
                let changes = task::Changes {
                    migration_type: *migration_type,
                    table_mappings: table_mappings.as_ref(),
                    settings: settings.as_ref(),
                    cdc_start: cdc_start.as_ref(),
                    cdc_stop_position: cdc_stop_position.as_deref(),
                };
                task::modify(dms, arns.of("dms:ModifyReplicationTask", id)?, changes).await
            }
            Mutation::MoveTask { id, to } => {
                let operation = "dms:MoveReplicationTask";
                task::move_to(dms, arns.of(operation, id)?, arns.resolve(operation, to)?).await
            }
            Mutation::AssessTask { id, run, assessment } => {
                let arn = arns.of("dms:StartReplicationTaskAssessmentRun", id)?;
                assessment::start(dms, arn, run, assessment).await
            }
            Mutation::StartTask { id, start, cdc_start } => {
                let arn = arns.of("dms:StartReplicationTask", id)?;
                task::start(dms, arn, *start, cdc_start.as_ref()).await
            }
            Mutation::ReloadTables { id, tables } if id.kind == Kind::ReplicationConfig => {
                let arn = arns.of("dms:ReloadReplicationTables", id)?;
                table_statistics::reload_of_config(dms, arn, tables).await
            }
            Mutation::ReloadTables { id, tables } => {
                table_statistics::reload_of_task(dms, arns.of("dms:ReloadTables", id)?, tables).await
            }
            Mutation::StopTask { id } => task::stop(dms, arns.of("dms:StopReplicationTask", id)?).await,
            Mutation::DeleteTask { id } => task::delete(dms, arns.of("dms:DeleteReplicationTask", id)?).await,

            Mutation::CreateReplicationConfig { id, declared, tags } => {
                let operation = "dms:CreateReplicationConfig";
                let source = arns.resolve(operation, &declared.source)?;
                let target = arns.resolve(operation, &declared.target)?;
                return replication_config::create(dms, id, declared, (source, target), tags).await;
            }
            Mutation::ModifyReplicationConfig {
                id,
                source,
                target,
                compute,
                migration_type,
                table_mappings,
                settings,
                supplemental_settings,
            } => {
                let operation = "dms:ModifyReplicationConfig";
                let changes = replication_config::Changes {
                    source: source.as_ref().map(|source| arns.resolve(operation, source)).transpose()?,
                    target: target.as_ref().map(|target| arns.resolve(operation, target)).transpose()?,
                    compute: compute.as_deref(),
                    migration_type: *migration_type,
                    table_mappings: table_mappings.as_ref(),
                    settings: settings.as_ref(),
                    supplemental_settings: supplemental_settings.as_ref(),
                };
                replication_config::modify(dms, arns.of(operation, id)?, changes).await
            }
            Mutation::StartReplication { id, start, cdc_start, cdc_stop_position } => {
                let arn = arns.of("dms:StartReplication", id)?;
                let start = replication_config::Start {
                    kind: *start,
                    from: cdc_start.as_ref(),
                    until: cdc_stop_position.as_deref(),
                };
                replication_config::start(dms, arn, start).await
            }
            Mutation::StopReplication { id } => {
                replication_config::stop(dms, arns.of("dms:StopReplication", id)?).await
            }
            Mutation::DeleteReplicationConfig { id } => {
                replication_config::delete(dms, arns.of("dms:DeleteReplicationConfig", id)?).await
            }

            Mutation::AddTags { id, tags } => {
                tags::add(dms, arns.of("dms:AddTagsToResource", id)?, tags).await
            }
            Mutation::RemoveTags { id, keys } => {
                tags::remove(dms, arns.of("dms:RemoveTagsFromResource", id)?, keys).await
            }
        }
        .map(|()| None)
    }
}

/// The ARNs that a mutation's references stand for.
struct Arns<'a>(&'a BTreeMap<ResourceId, String>);

impl<'a> Arns<'a> {
    fn of(&self, operation: &str, id: &ResourceId) -> Result<&'a str, CallError> {
        self.0.get(id).map(String::as_str).ok_or_else(|| {
            refused(operation, "UnknownArn", format!("the ARN of {id} is not known: it does not exist yet"))
        })
    }

    /// An endpoint with the ARNs of the roles that it names among its settings.
    fn with_roles(
        &self,
        operation: &str,
        endpoint: &EndpointDeclared,
    ) -> Result<EndpointDeclared, CallError> {
        let mut endpoint = endpoint.clone();
        for (setting, role) in &endpoint.roles {
            endpoint.settings.insert(setting.clone(), self.resolve(operation, role)?.into());
        }
        Ok(endpoint)
    }

    fn resolve_optional(
        &self,
        operation: &str,
        reference: Option<&'a Ref>,
    ) -> Result<Option<&'a str>, CallError> {
        reference.map(|reference| self.resolve(operation, reference)).transpose()
    }

    fn resolve(&self, operation: &str, reference: &'a Ref) -> Result<&'a str, CallError> {
        match reference {
            Ref::Managed(id) | Ref::ExternalId(id) => self.of(operation, id),
            Ref::External(arn) => Ok(arn),
        }
    }
}
