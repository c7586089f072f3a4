//! What changing a field does to what runs: one table, by which plans decide and of which the JSON Schema
//! and the reference tell.
//!
//! Sources: the DMS API reference, the pages of the modifying calls (what they take, and in which status);
//! the DMS User Guide, "Modifying a replication instance" (which changes restart it) and "Moving a task".

use crate::Kind;

/// What changing a field does, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FieldChange {
    /// Nothing in AWS but tags changes by it alone.
    Free,
    /// It counts when a migration is started for the first time; a later change does nothing.
    AtFirstStart,
    /// The resource is changed while it works.
    InPlace,
    /// The resource is deleted and made again, which loses nothing.
    MadeAgain,
    /// The migration is stopped for it, and resumed.
    StopsTask,
    /// The endpoint is changed while every migration that uses it is stopped; they are resumed.
    StopsUsers,
    /// The task moves to another instance, for which it is stopped.
    MovesTask,
    /// The instance restarts, and its tasks with it.
    RebootsInstance,
    /// As [`StopsTask`](Self::StopsTask) until it has run; not changed afterwards.
    HeldBackOnceRun,
    /// Not changed: only a replacement could, and that would destroy what is there.
    HeldBack,
    /// It is another resource then: that one is made, and the one that is there is deleted.
    Destroys,
}

impl FieldChange {
    /// The word of the JSON Schema and the reference.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Free => "none",
            Self::AtFirstStart => "at-first-start",
            Self::InPlace => "in-place",
            Self::MadeAgain => "made-again",
            Self::StopsTask | Self::StopsUsers => "stops-task",
            Self::MovesTask => "moves-task",
            Self::RebootsInstance => "reboots-instance",
            Self::HeldBackOnceRun => "held-back-once-run",
            Self::HeldBack => "held-back",
            Self::Destroys => "destroys",
        }
    }
}

/// What changing a declared field of a kind does. `path` is the field's name as plans show it, for example
/// `class`, `compute.maxCapacityUnits` or `settings.TargetMetadata.LobMaxSize`; `None` for what is no
/// field of that kind.
pub fn change_of(kind: Kind, path: &str) -> Option<FieldChange> {
    let section = path.split(['.', '[']).next().unwrap_or(path);
    match kind {
        Kind::SubnetGroup => of_subnet_group(path),
        Kind::Instance => of_instance(path),
        Kind::Certificate => (path == "fingerprint").then_some(FieldChange::HeldBack),
        Kind::Endpoint => of_endpoint(section),
        Kind::Task => of_task(path, section),
        Kind::ReplicationConfig => of_replication_config(path, section),
        Kind::EventSubscription => of_event_subscription(path),
        Kind::ServiceRole | Kind::Connection => None,
    }
}

fn of_subnet_group(path: &str) -> Option<FieldChange> {
    matches!(path, "description" | "subnetIds").then_some(FieldChange::InPlace)
}

fn of_instance(path: &str) -> Option<FieldChange> {
    Some(match path {
        "class" | "engineVersion" => FieldChange::RebootsInstance,
        "allocatedStorage"
        | "autoMinorVersionUpgrade"
        | "multiAz"
        | "networkType"
        | "preferredMaintenanceWindow"
        | "vpcSecurityGroupIds" => FieldChange::InPlace,
        // ModifyReplicationInstance does not take them.
        "availabilityZone" | "dnsNameServers" | "kmsKeyId" | "publiclyAccessible" | "subnetGroup" => {
            FieldChange::HeldBack
        }
        _ => return None,
    })
}

fn of_endpoint(section: &str) -> Option<FieldChange> {
    Some(match section {
        "certificate"
        | "databaseName"
        | "endpointType"
        | "engine"
        | "extraConnectionAttributes"
        | "port"
        | "serverName"
        | "settings"
        | "sslMode"
        | "username" => FieldChange::StopsUsers,
        // AWS returns neither, so that they are sent only along with something else.
        "password" | "secretSettings" => FieldChange::Free,
        // ModifyEndpoint does not take it.
        "kmsKeyId" => FieldChange::HeldBack,
        _ => return None,
    })
}

fn of_task(path: &str, section: &str) -> Option<FieldChange> {
    Some(match (section, path) {
        // DMS User Guide, "Data validation task settings": the one setting that cannot be changed.
        ("settings", "settings.ValidationSettings.ValidationOnly") => FieldChange::HeldBack,
        ("migrationType" | "run" | "settings" | "tableMappings", _) | (_, "cdc.stopPosition") => {
            FieldChange::StopsTask
        }
        (_, "cdc.startPosition" | "cdc.startTime") => FieldChange::AtFirstStart,
        ("instance", _) => FieldChange::MovesTask,
        ("recovery" | "stopToChange" | "tableReloads" | "testConnections", _) => FieldChange::Free,
        ("startGates", _) => FieldChange::AtFirstStart,
        // ModifyReplicationTask does not take them.
        ("source" | "target", _) => FieldChange::HeldBack,
        _ => return None,
    })
}

/// ModifyReplicationConfig takes everything. What the state of a run rests on is changed only before the
/// first run all the same: with another source a position means nothing, and a refusal of AWS would come
/// when the replication is stopped already.
fn of_replication_config(path: &str, section: &str) -> Option<FieldChange> {
    Some(match (section, path) {
        // As for a task.
        ("settings", "settings.ValidationSettings.ValidationOnly") => FieldChange::HeldBack,
        (
            _,
            "compute.dnsNameServers"
            | "compute.maxCapacityUnits"
            | "compute.minCapacityUnits"
            | "compute.multiAz"
            | "compute.preferredMaintenanceWindow"
            | "compute.vpcSecurityGroupIds"
            | "cdc.stopPosition",
        )
        | ("migrationType" | "run" | "settings" | "supplementalSettings" | "tableMappings", _) => {
            FieldChange::StopsTask
        }
        (_, "cdc.startPosition" | "cdc.startTime") => FieldChange::AtFirstStart,
        ("recovery" | "stopToChange" | "tableReloads", _) => FieldChange::Free,
        ("startGates", _) => FieldChange::AtFirstStart,
        (_, "compute.availabilityZone" | "compute.kmsKeyId" | "compute.subnetGroup")
        | ("source" | "target", _) => FieldChange::HeldBackOnceRun,
        _ => return None,
    })
}

fn of_event_subscription(path: &str) -> Option<FieldChange> {
    Some(match path {
        "enabled" | "eventCategories" | "snsTopicArn" => FieldChange::InPlace,
        // ModifyEventSubscription has no SourceIds.
        "sourceType" | "sources" => FieldChange::MadeAgain,
        _ => return None,
    })
}
