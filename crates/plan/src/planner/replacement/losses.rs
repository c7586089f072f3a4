//! What the replacement of a task loses, and whether the new one can go on from the old one's position.

use pipewright_model::kinds::{
    EndpointDeclared, EndpointObserved, MigrationType, TaskDeclared, TaskObserved,
};
use pipewright_model::tags::CONTINUES;
use pipewright_model::{Approval, Body, Declared, Kind, Live, LiveBody, Observed, Ref, ResourceId};
use serde_json::Value;

use crate::Forced;
use crate::kinds;
use crate::kinds::migration::MigrationDeclared;
use crate::planner::Draft;

/// What a replacement loses.
pub(super) struct Losses {
    /// Whether the new task goes on from the position of the old one.
    pub(super) continues: bool,
    /// What cannot be taken back, and what makes it so.
    pub(super) forces: Vec<Forced>,
}

impl Losses {
    /// Of a task with these properties that takes the place of a live one; `because` says what asks for it.
    pub(super) fn of(draft: &Draft<'_>, declared: &Declared, live: &Live, because: &str) -> Self {
        let (Body::Task(new), LiveBody::Task(old)) = (&declared.body, &live.body) else {
            return Self::anew(&declared.body, because);
        };
        let source = same_database(draft, &new.source, &old.source_arn);
        let target = same_database(draft, &new.target, &old.target_arn);
        let continues = Position { draft, new, old, live }.carries_over(source, target);
        let old_type = type_of(old, live);
        let loads = new.migration_type != MigrationType::Cdc;
        let mut forces = Vec::new();
        let mut force = |class| forces.push(Forced { class, because: because.to_owned() });
        if loads && !continues {
            force(Approval::ReloadsTarget);
        }
        let follows_on = loads && new.migration_type != MigrationType::FullLoad && source;
        if old_type != MigrationType::FullLoad.as_str() && !continues && !follows_on {
            force(Approval::LosesPosition);
        }
        // The old task goes, and its table statistics.
        force(Approval::Destroys);
        Self { continues, forces }
    }

    /// Of a serverless replication, which begins anew under another identifier.
    fn anew(declared: &Body, because: &str) -> Self {
        let Body::ReplicationConfig(config) = declared else {
            return Self { continues: false, forces: Vec::new() };
        };
        let loads = config.migration_type != MigrationType::Cdc;
        let class = if loads { Approval::ReloadsTarget } else { Approval::LosesPosition };
        let force = |class| Forced { class, because: because.to_owned() };
        Self { continues: false, forces: vec![force(class), force(Approval::Destroys)] }
    }

    /// The approvals that it needs.
    pub(super) fn classes(&self) -> impl Iterator<Item = Approval> {
        self.forces.iter().map(|forced| forced.class)
    }
}

/// The migration type that a task has by its spec.
fn type_of<'a>(task: &'a TaskObserved, live: &'a Live) -> &'a str {
    live.tags.get(CONTINUES).map_or(task.migration_type.as_str(), String::as_str)
}

struct Position<'a> {
    draft: &'a Draft<'a>,
    new: &'a TaskDeclared,
    old: &'a TaskObserved,
    live: &'a Live,
}

impl Position<'_> {
    /// Whether the new task can begin where the old one stopped, with nothing loaded again.
    fn carries_over(&self, same_source: bool, same_target: bool) -> bool {
        let Self { draft, new, old, live } = self;
        if !same_source || old.recovery_checkpoint.is_none() || !can_begin_anywhere(draft.observed, old) {
            return false;
        }
        let old_type = type_of(old, live);
        match new.migration_type {
            MigrationType::FullLoad => false,
            MigrationType::Cdc => old_type != MigrationType::FullLoad.as_str(),
            MigrationType::FullLoadAndCdc => {
                let is_loaded = live.tags.contains_key(CONTINUES) || old.full_load_progress == Some(100);
                same_target && is_loaded && old_type == new.migration_type.as_str()
            }
        }
    }
}

/// Whether another task can begin at a position of this one's source. A PostgreSQL source must name a replication
/// slot for that; without one, each task makes its own, which goes with it (DMS User Guide, "Using a PostgreSQL
/// database as an AWS DMS source", `slotName`).
fn can_begin_anywhere(observed: &Observed, old: &TaskObserved) -> bool {
    let Some((_, LiveBody::Endpoint(source))) =
        observed.by_arn(&old.source_arn).map(|(id, live)| (id, &live.body))
    else {
        return false;
    };
    let names_slot = source.settings.contains_key("SlotName")
        || source
            .extra_connection_attributes
            .as_ref()
            .is_some_and(|attributes| attributes.to_ascii_lowercase().contains("slotname="));
    !source.engine.contains("postgres") || names_slot
}

/// Whether what is declared reads and writes the same databases as what is there. Any doubt says no.
pub(super) fn between_the_same(draft: &Draft<'_>, declared: &Body, live: &Live) -> bool {
    let Some(new) = MigrationDeclared::of(declared) else { return false };
    let (source, target) = match &live.body {
        LiveBody::Task(old) => (&old.source_arn, &old.target_arn),
        LiveBody::ReplicationConfig(old) => (&old.source_arn, &old.target_arn),
        _ => return false,
    };
    same_database(draft, new.source, source) && same_database(draft, new.target, target)
}

/// Whether a declared endpoint stands for the same database as the live one of this ARN. Any doubt says no.
fn same_database(draft: &Draft<'_>, declared: &Ref, arn: &str) -> bool {
    let observed = draft.observed;
    if kinds::arn_of(declared, observed) == Some(arn) {
        return true;
    }
    let Some((id, old)) = observed.by_arn(arn) else { return false };
    let LiveBody::Endpoint(old_body) = &old.body else { return false };
    match declared {
        Ref::Managed(new) => match draft.desired.resources.get(new).map(|declared| &declared.body) {
            Some(body @ Body::Endpoint(new)) => {
                names_as_much(new, old_body) && only_access_differs(draft, id, body, old)
            }
            _ => false,
        },
        Ref::External(_) | Ref::ExternalId(_) => {
            let new = observed.resolve(declared).filter(|(id, _)| id.kind == Kind::Endpoint);
            matches!(new.map(|(_, live)| &live.body), Some(LiveBody::Endpoint(new)) if alike(new, old_body))
        }
    }
}

/// Whether all that differs is how the database is reached, not which it is.
fn only_access_differs(draft: &Draft<'_>, id: &ResourceId, declared: &Body, old: &Live) -> bool {
    const ACCESS: [&str; 6] =
        ["certificate", "kmsKeyId", "password", "secretSettings", "sslMode", "username"];
    kinds::difference(id, declared, old, draft.desired, draft.observed).is_some_and(|changes| {
        let mut fields = changes.fields.iter().chain(&changes.forcing);
        fields.all(|field| ACCESS.contains(&field.path.split('.').next().unwrap_or_default()))
    })
}

/// Whether a declared endpoint says all that the live one has of where it is: what is not declared is not compared.
fn names_as_much(declared: &EndpointDeclared, live: &EndpointObserved) -> bool {
    /// The settings that say where something is.
    const PLACES: [&str; 12] = [
        "AsmServer",
        "BabelfishDatabaseName",
        "Broker",
        "BucketFolder",
        "BucketName",
        "CdcPath",
        "DatabaseName",
        "EndpointUri",
        "SecretsManagerSecretId",
        "ServerName",
        "StreamArn",
        "Topic",
    ];
    let undeclared =
        |setting: &str| !declared.settings.contains_key(setting) && !declared.roles.contains_key(setting);
    // AWS answers these two in the settings as well.
    let is_echo = |value: &Value| {
        let text = value.as_str().unwrap_or_default();
        text.is_empty()
            || [&live.server_name, &live.database_name].into_iter().flatten().any(|name| name == text)
    };
    declared.server_name.is_some() == live.server_name.is_some()
        && declared.database_name.is_some() == live.database_name.is_some()
        && !PLACES
            .iter()
            .any(|place| undeclared(place) && live.settings.get(*place).is_some_and(|value| !is_echo(value)))
}

fn alike(new: &EndpointObserved, old: &EndpointObserved) -> bool {
    new.engine == old.engine
        && new.server_name == old.server_name
        && new.port == old.port
        && new.database_name == old.database_name
        && new.extra_connection_attributes == old.extra_connection_attributes
        && new.settings == old.settings
}
