//! Replication tasks.

use pipewright_model::kinds::{CdcStart, TaskDeclared, TaskObserved};
use pipewright_model::{Observed, ResourceId, same_mappings};
use serde_json::json;

use super::migration::TaskTerms;
use super::{Difference, arn_of, name_of, settle_unreturned};
use crate::diff::{Fields, document};
use crate::{Mutation, Step, Wait};

/// Compares a task. The steps are those of a task that is at rest; the planner stops it first.
pub(crate) fn difference(
    id: &ResourceId,
    declared: &TaskDeclared,
    live: &TaskObserved,
    sent: bool,
    observed: &Observed,
) -> Difference {
    let TaskDeclared {
        source,
        target,
        instance,
        migration_type,
        table_mappings,
        settings,
        cdc_start,
        cdc_stop_position,
        run: _,
        recovery: _,
        table_reloads: _,
        stop_to_change: _,
        test_connections: _,
        start_gates: _,
    } = declared;

    let mut fields = Fields::default();
    let migration_type =
        (migration_type.as_str() != live.migration_type).then_some(*migration_type).inspect(|declared| {
            fields.push("migrationType", json!(live.migration_type), json!(declared));
        });
    let mappings = (!same_mappings(table_mappings, &live.table_mappings)).then(|| {
        fields.push("tableMappings", live.table_mappings.clone(), table_mappings.clone());
        table_mappings.clone()
    });
    let compared = document("settings", settings, &live.settings, &TaskTerms);
    let unsent = !sent && !compared.unreturned.is_empty();
    let new_settings = (unsent || !compared.fields.is_empty()).then(|| settings.clone());
    fields.0.extend(compared.fields);
    // A start time is not returned, and a start position is moved by AWS once a task has run.
    let start = cdc_start.clone().filter(|start| match start {
        CdcStart::Position(position) => {
            live.status == "ready" && live.cdc_start_position.as_ref() != Some(position)
        }
        CdcStart::Time(_) => false,
    });
    if let Some(CdcStart::Position(position)) = &start {
        fields.push("cdc.startPosition", json!(live.cdc_start_position), json!(position));
    }
    let stop = cdc_stop_position.clone().filter(|stop| live.cdc_stop_position.as_ref() != Some(stop));
    if let Some(stop) = &stop {
        fields.push("cdc.stopPosition", json!(live.cdc_stop_position), json!(stop));
    }

    let mut modify = Vec::new();
    if unsent || !fields.0.is_empty() {
        modify.push(Step::Call(Mutation::ModifyTask {
            id: id.clone(),
            migration_type,
            table_mappings: mappings,
            settings: new_settings,
            cdc_start: start,
            cdc_stop_position: stop,
        }));
        modify.push(Step::Wait(Wait::Settled(id.clone())));
    }
    let mut relocate = Vec::new();
    if arn_of(instance, observed) != Some(&live.instance_arn) {
        fields.push("instance", json!(name_of(&live.instance_arn, observed)), json!(instance.to_string()));
        relocate.push(Step::Call(Mutation::MoveTask { id: id.clone(), to: instance.clone() }));
        relocate.push(Step::Wait(Wait::Settled(id.clone())));
    }
    // One whose move failed can only be moved.
    let steps = if live.status == "failed-move" { [relocate, modify] } else { [modify, relocate] };

    for (path, reference, arn) in [("source", source, &live.source_arn), ("target", target, &live.target_arn)]
    {
        if arn_of(reference, observed) != Some(arn) {
            fields.push(path, json!(name_of(arn, observed)), json!(reference.to_string()));
        }
    }

    let mut difference = Difference { fields: fields.0, notes: Vec::new(), steps: steps.concat() };
    settle_unreturned(compared.unreturned, sent, &mut difference);
    difference
}
