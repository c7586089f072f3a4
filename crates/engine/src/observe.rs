//! Reading an account and region into one snapshot.

use std::collections::{BTreeMap, BTreeSet};

use pipewright_model::kinds::{Assessments, FixedRole, Phase, ROLE_PATH, TableName, TableStatistics};
use pipewright_model::{
    Body, Desired, Elsewhere, Environment, Kind, Live, Observed, ResourceId, SecretValue, SecretVersions,
    Timestamp, tags,
};
use pipewright_plan::role_users;

use crate::{CallError, CloudRead, Identity};

/// Why an account could not be observed at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ObserveError {
    /// Who is calling could not be found out.
    #[error("cannot tell which AWS account this is")]
    Identity(#[source] CallError),
    /// The credentials belong to another account than the spec says.
    #[error(
        "environment `{environment}` is account {expected}, and the credentials belong to account {actual} ({caller})"
    )]
    WrongAccount {
        /// The environment.
        environment: String,
        /// The account that the spec names.
        expected: String,
        /// The account of the credentials.
        actual: String,
        /// The caller's ARN.
        caller: String,
    },
    /// The pass was told to stop before the account was read.
    #[error("stopped before the account was read")]
    Stopped,
}

/// Reads what plans of `desired` need: every DMS resource of the kinds that Pipewright manages with its
/// tags, and the shared roles. Costs pages, not resources.
///
/// The account is checked before anything else. A kind that cannot be read, or whose tags cannot, is
/// reported as unread rather than as absent.
pub async fn observe<R: CloudRead>(
    reader: &R,
    desired: &Desired,
    now: Timestamp,
) -> Result<Observed, ObserveError> {
    let environment = &desired.environment;
    let identity = identity(reader, environment).await?;
    let mut observed = Observed {
        account_id: identity.account_id,
        region: environment.region.clone(),
        at: now,
        ..Observed::default()
    };
    // Calls of an SDK are large futures, and these are nine.
    let (
        subnet_groups,
        instances,
        certificates,
        endpoints,
        tasks,
        configs,
        subscriptions,
        connections,
        roles,
    ) = tokio::join!(
        Box::pin(reader.list(Kind::SubnetGroup)),
        Box::pin(reader.list(Kind::Instance)),
        Box::pin(reader.list(Kind::Certificate)),
        Box::pin(reader.list(Kind::Endpoint)),
        Box::pin(reader.list(Kind::Task)),
        Box::pin(reader.list(Kind::ReplicationConfig)),
        Box::pin(reader.list(Kind::EventSubscription)),
        Box::pin(connections(reader, desired)),
        Box::pin(roles(reader, desired)),
    );
    for (kind, listed) in [
        (Kind::SubnetGroup, subnet_groups),
        (Kind::Instance, instances),
        (Kind::Certificate, certificates),
        (Kind::Endpoint, endpoints),
        (Kind::Task, tasks),
        (Kind::ReplicationConfig, configs),
        (Kind::EventSubscription, subscriptions),
        (Kind::Connection, connections),
        (Kind::ServiceRole, roles),
    ] {
        match listed {
            Ok(resources) => observed.resources.extend(resources),
            Err(error) => {
                observed.unread.insert(kind, error.to_string());
            }
        }
    }
    read_tags(reader, &mut observed).await;
    observed.tables_in_error = tables_in_error(reader, desired, &observed).await;
    observed.assessments = assessments(reader, desired, &observed).await;
    observed.elsewhere = elsewhere(reader, desired, &observed).await;
    observed.secret_versions = secret_versions(reader, desired).await;
    Ok(observed)
}

/// Who is calling, if that is the account of the environment.
pub(crate) async fn identity<R: CloudRead>(
    reader: &R,
    environment: &Environment,
) -> Result<Identity, ObserveError> {
    let identity = reader.identity().await.map_err(ObserveError::Identity)?;
    if identity.account_id == environment.account_id {
        return Ok(identity);
    }
    Err(ObserveError::WrongAccount {
        environment: environment.name.clone(),
        expected: environment.account_id.clone(),
        actual: identity.account_id,
        caller: identity.arn,
    })
}

/// Reads secrets of AWS Secrets Manager that specs name, by ARN or name, each as it is now or why it could
/// not be read. As for [`observe`], the account is checked before anything else; for no secrets nothing is
/// called.
pub async fn read_secrets<R: CloudRead>(
    reader: &R,
    environment: &Environment,
    ids: BTreeSet<String>,
) -> Result<BTreeMap<String, Result<SecretValue, CallError>>, ObserveError> {
    let mut secrets = BTreeMap::new();
    if ids.is_empty() {
        return Ok(secrets);
    }
    identity(reader, environment).await?;
    for id in ids {
        let value = reader.secret(&id).await;
        secrets.insert(id, value);
    }
    Ok(secrets)
}

/// The versions of the secrets that endpoints name, where they are looked at: pages of the account's secrets, since
/// asking for one after the other would cost a call for each. A secret of another account is in no list.
async fn secret_versions<R: CloudRead>(reader: &R, desired: &Desired) -> SecretVersions {
    let endpoints = desired.resources.values().filter_map(|declared| match &declared.body {
        Body::Endpoint(endpoint) => endpoint.secret_id(),
        _ => None,
    });
    let ids: BTreeSet<&str> = endpoints.collect();
    if !desired.rotation.secret_versions || ids.is_empty() {
        return SecretVersions::default();
    }
    let listed = match Box::pin(reader.stored_secrets()).await {
        Ok(listed) => listed,
        Err(error) => return SecretVersions { unread: Some(error.to_string()), ..SecretVersions::default() },
    };
    let version = |id: &str| listed.iter().find(|secret| secret.is_called(id))?.current_version.clone();
    let current = ids.into_iter().filter_map(|id| Some((id.to_owned(), version(id)?))).collect();
    SecretVersions { current, unread: None }
}

/// The premigration assessment runs, but only where a task that exists has not run and waits for one.
async fn assessments<R: CloudRead>(reader: &R, desired: &Desired, observed: &Observed) -> Assessments {
    let waits = desired.resources.iter().any(|(id, declared)| {
        let Body::Task(task) = &declared.body else { return false };
        let live = observed.resources.get(id).and_then(|live| live.body.migration());
        task.start_gates.assessment.is_some()
            && live.is_some_and(|live| matches!(live.phase, Phase::Making | Phase::Ready | Phase::Changing))
    });
    if !waits {
        return Assessments::default();
    }
    match Box::pin(reader.assessment_runs()).await {
        Ok(runs) => Assessments { runs, unread: None },
        Err(error) => Assessments { runs: Vec::new(), unread: Some(error.to_string()) },
    }
}

/// Looks into other regions, but only where a shared role of the account is about to go.
async fn elsewhere<R: CloudRead>(reader: &R, desired: &Desired, observed: &Observed) -> Elsewhere {
    let mut elsewhere = Elsewhere::default();
    if desired.other_regions.is_empty() {
        return elsewhere;
    }
    let going = observed.resources.iter().filter(|(id, live)| {
        id.kind == Kind::ServiceRole
            && !desired.resources.contains_key(*id)
            && live.tags.contains_key(tags::ORIGIN)
    });
    let kinds: BTreeSet<Kind> = going.flat_map(|(id, _)| role_users(&id.name)).collect();
    for kind in kinds {
        match reader.elsewhere(kind).await {
            Ok(regions) => {
                for (region, found) in regions {
                    elsewhere.resources.entry(region).or_default().extend(found);
                }
            }
            Err(error) => elsewhere.unread = Some(error.to_string()),
        }
    }
    elsewhere
}

/// Connections matter only to tasks that may have to be started.
async fn connections<R: CloudRead>(
    reader: &R,
    desired: &Desired,
) -> Result<BTreeMap<ResourceId, Live>, CallError> {
    if desired.resources.keys().any(|id| id.kind == Kind::Task) {
        reader.list(Kind::Connection).await
    } else {
        Ok(BTreeMap::new())
    }
}

async fn roles<R: CloudRead>(reader: &R, desired: &Desired) -> Result<BTreeMap<ResourceId, Live>, CallError> {
    let declared = desired.resources.keys().filter(|id| id.kind == Kind::ServiceRole);
    let declared = declared.map(|id| id.name.as_str());
    let mut names: BTreeSet<String> =
        FixedRole::ALL.iter().map(|role| role.name).chain(declared).map(str::to_owned).collect();
    // Those that no spec names any more; a name that differs only in case is the same role's.
    let made = reader.role_names(ROLE_PATH).await?.into_iter();
    let other: Vec<_> =
        made.filter(|made| !names.iter().any(|name| name.eq_ignore_ascii_case(made))).collect();
    names.extend(other);
    let mut roles = BTreeMap::new();
    for name in names {
        if let Some(live) = reader.role(&name).await? {
            roles.insert(ResourceId::role(name), live);
        }
    }
    Ok(roles)
}

/// Adds the tags; without them nobody can tell whose a resource is, so that kinds whose tags cannot be
/// read count as unread.
/// The tables that DMS has given up, of each declared migration that counts any: others cost no call.
async fn tables_in_error<R: CloudRead>(
    reader: &R,
    desired: &Desired,
    observed: &Observed,
) -> BTreeMap<ResourceId, Result<BTreeSet<TableName>, String>> {
    let mut tables = BTreeMap::new();
    for (id, live) in &observed.resources {
        let counts = live.body.migration().is_some_and(|migration| migration.tables_in_error > 0);
        let is_looked_at = desired.resources.get(id).is_some_and(|declared| !declared.suspended);
        if counts && is_looked_at {
            let read = reader.table_statistics(id.kind, &live.arn).await;
            let names = |all: Vec<TableStatistics>| {
                let in_error = all.into_iter().filter(TableStatistics::is_in_error);
                in_error.map(|TableStatistics { schema, table, .. }| TableName { schema, table }).collect()
            };
            tables.insert(id.clone(), read.map(names).map_err(|error| error.to_string()));
        }
    }
    tables
}

async fn read_tags<R: CloudRead>(reader: &R, observed: &mut Observed) {
    let tagged = |id: &ResourceId| !matches!(id.kind, Kind::ServiceRole | Kind::Connection);
    let arns: Vec<String> =
        observed.resources.iter().filter(|(id, _)| tagged(id)).map(|(_, live)| live.arn.clone()).collect();
    if arns.is_empty() {
        return;
    }
    match reader.tags(&arns).await {
        // One that went between the two reads has no tags to tell.
        Ok(mut tags) => observed.resources.retain(|id, live| {
            if !tagged(id) {
                return true;
            }
            tags.remove(&live.arn).map(|tags| live.tags = tags).is_some()
        }),
        Err(error) => {
            for kind in Kind::ALL {
                if observed.resources.keys().any(|id| id.kind == kind && tagged(id)) {
                    observed.unread.insert(kind, format!("its tags could not be read: {error}"));
                }
            }
            observed.resources.retain(|id, _| !tagged(id));
        }
    }
}
