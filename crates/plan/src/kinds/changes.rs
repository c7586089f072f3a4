//! What is done about the fields of a resource that differ: by the table of what changing each does.

use std::collections::BTreeSet;

use pipewright_model::{FieldChange, Kind, LiveBody, change_of};

use super::Difference;
use crate::{Disruption, FieldDiff, Step};

/// How a live resource differs from what is declared, and what changing that does.
#[derive(Debug)]
pub(crate) struct Changes {
    /// What is changed.
    pub(crate) fields: Vec<FieldDiff>,
    /// What only a replacement could change.
    pub(crate) forcing: Vec<FieldDiff>,
    /// What is worth knowing.
    pub(crate) notes: Vec<String>,
    /// The steps that change `fields`.
    pub(crate) steps: Vec<Step>,
    /// What changing `fields` does.
    effects: BTreeSet<FieldChange>,
    /// Whether a replacement loses nothing.
    pub(crate) replaceable: bool,
    /// Whether it can be replaced once what it loses is approved.
    pub(crate) replaceable_with_approval: bool,
}

impl Changes {
    /// Parts what can be changed of what cannot.
    pub(super) fn of(kind: Kind, difference: Difference, live: &LiveBody) -> Self {
        let Difference { fields, notes, steps } = difference;
        let has_run = live.migration().is_some_and(|migration| migration.has_run);
        let effect = |field: &FieldDiff| of_field(kind, &field.path);
        let (forcing, fields): (Vec<_>, Vec<_>) =
            fields.into_iter().partition(|field| is_forcing(effect(field), has_run));
        let replaceable = forcing.iter().all(|field| effect(field) == FieldChange::MadeAgain);
        let is_replaced = |field| matches!(effect(field), FieldChange::Replaced | FieldChange::MadeAgain);
        let replaceable_with_approval = forcing.iter().all(is_replaced);
        let effects = fields.iter().map(effect).collect();
        Self { fields, forcing, notes, steps, effects, replaceable, replaceable_with_approval }
    }

    /// What changing the fields does to what runs.
    pub(crate) fn disruption(&self) -> Disruption {
        self.effects.iter().copied().map(disruption).max().unwrap_or(Disruption::None)
    }

    /// Whether a migration itself must be stopped for it.
    pub(crate) fn stops_itself(&self) -> bool {
        self.effects.iter().any(|effect| {
            matches!(effect, FieldChange::StopsTask | FieldChange::MovesTask | FieldChange::HeldBackOnceRun)
        })
    }

    /// Whether the migrations that use it must be stopped for it.
    pub(crate) fn stops_users(&self) -> bool {
        self.effects.contains(&FieldChange::StopsUsers)
    }
}

/// What is not in the table is not changed.
fn of_field(kind: Kind, path: &str) -> FieldChange {
    change_of(kind, path).unwrap_or(FieldChange::HeldBack)
}

fn is_forcing(effect: FieldChange, has_run: bool) -> bool {
    match effect {
        FieldChange::HeldBackOnceRun => has_run,
        FieldChange::MadeAgain | FieldChange::Replaced | FieldChange::HeldBack | FieldChange::Destroys => {
            true
        }
        FieldChange::Free
        | FieldChange::AtFirstStart
        | FieldChange::InPlace
        | FieldChange::StopsTask
        | FieldChange::StopsUsers
        | FieldChange::MovesTask
        | FieldChange::RebootsInstance => false,
    }
}

/// What a change of one resource does, as its plan says; that others stop for it is a change of theirs.
pub(crate) fn disruption(effect: FieldChange) -> Disruption {
    match effect {
        FieldChange::Free => Disruption::None,
        FieldChange::InPlace | FieldChange::MadeAgain | FieldChange::StopsUsers => Disruption::InPlace,
        FieldChange::AtFirstStart | FieldChange::StopsTask | FieldChange::HeldBackOnceRun => {
            Disruption::StopsTask
        }
        FieldChange::MovesTask => Disruption::MovesTask,
        FieldChange::RebootsInstance => Disruption::RebootsInstance,
        FieldChange::Replaced | FieldChange::HeldBack | FieldChange::Destroys => Disruption::Destroys,
    }
}
