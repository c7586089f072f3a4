//! What every rendering of a plan for people shows, and in which order.
//!
//! First what a reviewer must not miss: conflicts, what a guard stopped, deletes, stopped tasks, changes
//! of owners. Then updates, creates, tests and starts, waits and warnings.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Action, Approved, Change, ChangeKey, Disruption, Finding, OwnerDiff, Ownership, Part, Plan, Report,
    RoleSummary,
};

/// How much a reviewer must see a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// It must not be missed.
    Alarm,
    /// It is what the plan does, or waits for.
    Change,
    /// It is worth knowing.
    Note,
}

/// One section.
pub(super) struct Section<'a> {
    pub(super) title: &'static str,
    pub(super) weight: Weight,
    pub(super) entries: Entries<'a>,
}

/// What a section lists; never nothing.
pub(super) enum Entries<'a> {
    Findings(&'a [Finding]),
    Changes(Vec<&'a Change>),
}

/// The sections of a plan that list something, the most important first.
pub(super) fn sections(plan: &Plan) -> Vec<Section<'_>> {
    let report = &plan.report;
    let Groups { deletes, stops, owners, updates, creates, starts, waits } = Groups::of(plan);
    let findings = |title, weight, findings| Section { title, weight, entries: Entries::Findings(findings) };
    let changes = |title, weight, changes| Section { title, weight, entries: Entries::Changes(changes) };
    let all = [
        findings("Conflicts", Weight::Alarm, &report.conflicts),
        findings("Stopped by a safety guard", Weight::Alarm, &report.blocked),
        changes("Deletes", Weight::Alarm, deletes),
        changes("Running tasks that are stopped or restarted", Weight::Alarm, stops),
        changes("Changes of owners", Weight::Alarm, owners),
        changes("Updates", Weight::Change, updates),
        changes("Creates", Weight::Change, creates),
        changes("Tests and starts", Weight::Change, starts),
        changes("Waits for AWS", Weight::Change, waits),
        findings("Held back for now", Weight::Change, &report.waiting),
        findings("Warnings", Weight::Note, &report.warnings),
    ];
    all.into_iter()
        .filter(|section| match &section.entries {
            Entries::Findings(findings) => !findings.is_empty(),
            Entries::Changes(changes) => !changes.is_empty(),
        })
        .collect()
}

/// Whether a plan says nothing at all but that everything is as specified.
pub(super) fn is_quiet(plan: &Plan) -> bool {
    plan.is_empty() && plan.unread.is_empty() && plan.report == Report::default()
}

/// Owners as people read them: `data-platform (billing, orders), reporting (users)`.
pub fn owner_list(owners: &BTreeMap<String, String>) -> String {
    let mut list: Vec<String> = Vec::new();
    for (scope, specs) in owners {
        let specs = specs.split_whitespace().collect::<Vec<_>>().join(", ");
        list.push(if specs.is_empty() { scope.clone() } else { format!("{scope} ({specs})") });
    }
    list.join(", ")
}

/// The shared roles that exist, by name, each with what is to be said of its owners.
pub(super) fn roles_as_they_are(plan: &Plan) -> Vec<(&str, String)> {
    let there = plan.roles.iter().filter(|(_, role)| role.ownership != Ownership::Absent);
    let state = |role: &RoleSummary| {
        let adopted = role.origin.as_deref() == Some("adopted") && !role.owners.is_empty();
        let origin = if adopted { ", there before Pipewright" } else { "" };
        format!("{}{origin}", owners_of(role))
    };
    there.map(|(name, role)| (name.as_str(), state(role))).collect()
}

/// Who owns a role, by name; or until when it drains.
pub(super) fn owners_of(role: &RoleSummary) -> String {
    match (role.owners.is_empty(), role.drains_until) {
        (false, _) => format!("owned by {}", owner_list(&role.owners)),
        (true, None) => role.ownership.to_string(),
        (true, Some(until)) => format!("{}; not deleted before {}", role.ownership, until.rfc3339()),
    }
}

/// That a plan or status is of a part of the specs only, and of which.
pub fn partial_view(only: &BTreeSet<String>) -> String {
    let specs = only.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    format!("Partial view: only {specs} and what they need; nothing is deleted or left.")
}

/// The approvals that a plan rests on, a line each.
pub(super) fn approvals(plan: &Plan) -> impl Iterator<Item = String> {
    plan.approvals
        .iter()
        .map(|Approved { spec, approval, by }| format!("{approval} for {spec}: approved {by}"))
}

/// The one line of a quiet plan.
pub(super) fn nothing_to_do(plan: &Plan) -> String {
    format!("No changes. {} as specified.", are(plan.unchanged.len(), "resource"))
}

fn are(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun} is") } else { format!("{count} {noun}s are") }
}

/// A plan in one line.
pub(super) fn summary(plan: &Plan) -> String {
    let count = |wanted: &[Action]| plan.changes.iter().filter(|c| wanted.contains(&c.action)).count();
    let is_owner_change = |change: &&Change| {
        change.action != Action::Create
            && (changes_owners(change)
                || matches!(
                    change.action,
                    Action::Join | Action::Leave | Action::Adopt | Action::Release | Action::Transfer
                ))
    };
    let owner_changes = plan.changes.iter().filter(is_owner_change).count();
    let updates = plan.changes.iter().filter(|c| c.action == Action::Update && !changes_owners(c)).count();
    let mut parts = vec![
        format!("{} to create", count(&[Action::Create])),
        format!("{updates} to update"),
        format!("{} to delete", count(&[Action::Delete])),
    ];
    let optional = [
        (count(&[Action::Replace]), "to replace"),
        (owner_changes, if owner_changes == 1 { "owner change" } else { "owner changes" }),
        (count(&[Action::Test]), "to test"),
        (count(&[Action::Assess]), "to assess"),
        (count(&[Action::Start, Action::Resume]), "to start"),
        (count(&[Action::Reload]), "to reload"),
        (count(&[Action::Pause, Action::Stop]), "to stop"),
        (count(&[Action::Await]), "to wait for"),
        (plan.report.waiting.len(), "held back"),
        (plan.report.blocked.len(), "stopped by a guard"),
        (
            plan.report.conflicts.len(),
            if plan.report.conflicts.len() == 1 { "conflict" } else { "conflicts" },
        ),
    ];
    parts.extend(
        optional.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")),
    );
    parts.push(format!("{} unchanged", plan.unchanged.len()));
    format!("Plan: {}.", parts.join(", "))
}

/// The sections that a plan's changes are shown in. Every change is in exactly one.
#[derive(Default)]
struct Groups<'a> {
    deletes: Vec<&'a Change>,
    stops: Vec<&'a Change>,
    owners: Vec<&'a Change>,
    updates: Vec<&'a Change>,
    creates: Vec<&'a Change>,
    starts: Vec<&'a Change>,
    waits: Vec<&'a Change>,
}

impl<'a> Groups<'a> {
    fn of(plan: &'a Plan) -> Self {
        let around_stops = around_stops(plan);
        let mut groups = Self::default();
        for change in &plan.changes {
            let group = match change.action {
                Action::Delete => &mut groups.deletes,
                _ if around_stops.contains(&change.key) => &mut groups.stops,
                Action::Join | Action::Leave | Action::Adopt | Action::Release | Action::Transfer => {
                    &mut groups.owners
                }
                Action::Update if changes_owners(change) => &mut groups.owners,
                Action::Update | Action::Reload | Action::Replace => &mut groups.updates,
                Action::Create => &mut groups.creates,
                Action::Test | Action::Assess | Action::Start | Action::Resume => &mut groups.starts,
                Action::Pause | Action::Stop => &mut groups.stops,
                Action::Await => &mut groups.waits,
            };
            group.push(change);
        }
        // Kinds are in creation order, and deletes run in the reverse.
        groups.deletes.sort_by_key(|change| std::cmp::Reverse(change.key.resource.kind));
        in_order_of_work(&mut groups.stops, plan);
        groups
    }
}

/// The changes that stop tasks, and all that can only happen while they are stopped or after: shown
/// together, so that stop, change and resume are seen in one place.
fn around_stops(plan: &Plan) -> BTreeSet<ChangeKey> {
    let mut keys: BTreeSet<ChangeKey> = plan
        .changes
        .iter()
        .filter(|change| {
            change.key.part == Part::Pause
                || (change.disruption >= Disruption::StopsTask && change.action != Action::Delete)
        })
        .map(|change| change.key.clone())
        .collect();
    loop {
        let more: Vec<ChangeKey> = plan
            .changes
            .iter()
            .filter(|change| !keys.contains(&change.key) && !change.needs.is_disjoint(&keys))
            .map(|change| change.key.clone())
            .collect();
        if more.is_empty() {
            return keys;
        }
        keys.extend(more);
    }
}

/// Puts changes after those that they need; otherwise the plan's order stays.
fn in_order_of_work(changes: &mut [&Change], plan: &Plan) {
    let needs: BTreeMap<&ChangeKey, &BTreeSet<ChangeKey>> =
        plan.changes.iter().map(|change| (&change.key, &change.needs)).collect();
    let mut depths: BTreeMap<&ChangeKey, usize> = BTreeMap::new();
    // Needs have no cycles, and no chain is longer than the plan.
    for _ in 0..needs.len() {
        let before = depths.clone();
        for (&key, of) in &needs {
            let depth = of.iter().filter_map(|need| Some(before.get(need)? + 1)).max().unwrap_or(0);
            depths.insert(key, depth);
        }
        if depths == before {
            break;
        }
    }
    changes.sort_by_key(|change| depths.get(&change.key).copied().unwrap_or(0));
}

fn changes_owners(change: &Change) -> bool {
    change.owners.as_ref().is_some_and(|OwnerDiff { before, after }| before != after)
}
