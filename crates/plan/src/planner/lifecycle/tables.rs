//! Tables that DMS has given up while the others go on: reported, or loaded again where the spec says so.
//!
//! The conditions for a reload are in the DMS User Guide, "Reloading tables during a task": the task runs, and
//! loads; at most ten tables at once; what is in a target table stays there with `DO_NOTHING`.

use std::collections::BTreeSet;

use pipewright_model::kinds::{MigrationObserved, Phase, RecoveryMark, TableName};
use pipewright_model::tags::{TABLE_RELOADS, Tags};
use pipewright_model::{Live, Timestamp};

use super::Task;
use super::recover::forget;
use crate::planner::{Draft, change};
use crate::recovery::{Next, keeps_rows, next};
use crate::{Action, Change, ChangeKey, Disruption, Finding, Mutation, Ownership, Part, Reason, Step};

/// The most tables that are loaded again at once.
const MOST: usize = 10;

/// Plans what is done about tables in error of one that runs.
pub(super) fn look(draft: &mut Draft<'_>, task: &Task<'_>, live: &Live, observed: MigrationObserved<'_>) {
    let mark = RecoveryMark::under(TABLE_RELOADS, &live.tags);
    let Some(tables) = in_error(draft, task) else {
        let now = draft.observed.at;
        let lasts = task.body.recovery.reset_after;
        if matches!(mark, Some(Ok(mark)) if now.since(mark.last) >= lasts && observed.tables_in_error == 0) {
            forget(draft, task, TABLE_RELOADS);
        }
        return;
    };
    let most = task.body.table_reloads;
    let why_not = match &mark {
        _ if most == 0 => Some("its spec does not say `tablesInError: {action: reload}`"),
        Some(Err(_)) => Some("its tag pipewright:table-reloads is not Pipewright's: take it off"),
        _ if observed.migration_type == "cdc" => Some("it only captures changes, and loads nothing"),
        _ if keeps_rows(&observed) => {
            Some("with `TargetTablePrepMode: DO_NOTHING` their rows would come twice: empty them first")
        }
        _ => None,
    };
    if let Some(why_not) = why_not {
        return report(draft, task, &tables, &format!("not loaded again: {why_not}"));
    }
    let mark = mark.and_then(Result::ok);
    let attempts = mark.map_or(0, |mark| mark.attempts);
    let last = mark.map(|mark| mark.last);
    match next(task.body.recovery, most, attempts, last, draft.observed.at) {
        Next::Now { attempt } => reload(draft, task, tables, (attempt, most), draft.observed.at),
        Next::Later { attempt, until } => {
            let message = format!(
                "{} in error, and loaded again at {}: attempt {attempt} of {most}",
                named(&tables),
                until.rfc3339()
            );
            draft.waiting_for(task.id, Reason::ReloadingTables, message);
        }
        Next::NoMore => {
            report(draft, task, &tables, &format!("not loaded again any more: it was done {attempts} times"));
        }
    }
}

/// Tells of tables in error of one that is done: only what runs can load them again.
pub(super) fn tell(draft: &mut Draft<'_>, task: &Task<'_>, observed: MigrationObserved<'_>) {
    if observed.phase == Phase::Stopped
        && let Some(tables) = in_error(draft, task)
    {
        report(draft, task, &tables, "not loaded again: it does not run any more");
    }
}

/// The tables in error, if there are any that can be named. Those that could not be read are told.
fn in_error(draft: &mut Draft<'_>, task: &Task<'_>) -> Option<BTreeSet<TableName>> {
    match draft.observed.tables_in_error.get(task.id)? {
        Ok(tables) => Some(tables.clone()).filter(|tables| !tables.is_empty()),
        Err(error) => {
            draft.waiting_for(
                task.id,
                Reason::Unknown,
                format!("has tables in error, which could not be read: {error}"),
            );
            None
        }
    }
}

fn reload(
    draft: &mut Draft<'_>,
    task: &Task<'_>,
    tables: BTreeSet<TableName>,
    (attempt, most): (u32, u32),
    now: Timestamp,
) {
    let tables: BTreeSet<TableName> = tables.into_iter().take(MOST).collect();
    let mark = RecoveryMark { attempts: attempt, last: now };
    let tags = Tags::from([(TABLE_RELOADS.to_owned(), mark.to_string())]);
    draft.add(Change {
        key: ChangeKey::new(task.id, Part::Run),
        disruption: Disruption::ReloadsTarget,
        reason: format!(
            "{} in error, and its spec says `tablesInError: {{action: reload}}`: attempt {attempt} of {most}",
            named(&tables)
        ),
        steps: vec![
            // Counted first, so that an attempt that is cut short counts.
            Step::Call(Mutation::AddTags { id: task.id.clone(), tags }),
            Step::Call(Mutation::ReloadTables { id: task.id.clone(), tables }),
        ],
        ..change(task.id, Action::Reload, Ownership::Owned, Some(task.declared))
    });
}

fn report(draft: &mut Draft<'_>, task: &Task<'_>, tables: &BTreeSet<TableName>, why_not: &str) {
    let message = format!("{} in error, and {why_not}", named(tables));
    let hint = "see why in its log, cure that, and load them again by hand with ReloadTables".to_owned();
    let finding = draft.finding(task.id, message).with_hint(hint);
    draft.report.warnings.push(Finding { reason: Some(Reason::TablesInError), ..finding });
}

/// `has table shop.orders` or `has tables a.b, a.c and 5 more`.
fn named(tables: &BTreeSet<TableName>) -> String {
    let names: Vec<String> = tables.iter().take(MOST).map(ToString::to_string).collect();
    let more = match tables.len() - names.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let noun = if tables.len() == 1 { "table" } else { "tables" };
    format!("has {noun} {}{more}", names.join(", "))
}
