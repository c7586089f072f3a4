//! A plan as text for a terminal.
//!
//! First what a reviewer must not miss: conflicts, what a guard stopped, deletes, stopped tasks, changes
//! of owners. Then updates, creates, tests and starts, waits and warnings. What is as it should be is
//! only counted. The last line sums up.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use similar::{Algorithm, ChangeTag, TextDiff};

use super::Style;
use super::value::{inline, is_document, leaves, lines, shown};
use crate::{
    Action, Change, ChangeKey, Disruption, FieldDiff, Finding, OwnerDiff, Ownership, Part, Plan, Step,
};

/// The plan as text that ends with a line break.
pub fn text(plan: &Plan, style: Style) -> String {
    let mut page = Page { style, text: String::new() };
    let environment = &plan.environment;
    page.text =
        heading(&environment.name, &environment.account_id, &environment.region, plan.scope.as_str(), style);
    if plan.is_empty() && plan.unread.is_empty() && plan.report == crate::Report::default() {
        page.blank();
        page.line(&style.green(&nothing_to_do(plan)));
        page.roles(plan);
        return page.text;
    }
    page.unread(plan);
    page.findings("Conflicts", "!", &plan.report.conflicts, Style::red);
    page.findings("Stopped by a safety guard", "!", &plan.report.blocked, Style::red);
    let groups = Groups::of(plan);
    page.changes("Deletes", &groups.deletes);
    page.changes("Running tasks that are stopped or restarted", &groups.stops);
    page.changes("Changes of owners", &groups.owners);
    page.changes("Updates", &groups.updates);
    page.changes("Creates", &groups.creates);
    page.changes("Tests and starts", &groups.starts);
    page.changes("Waits for AWS", &groups.waits);
    page.findings("Held back for now", "…", &plan.report.waiting, Style::yellow);
    page.findings("Warnings", "!", &plan.report.warnings, Style::yellow);
    page.roles(plan);
    page.blank();
    page.line(&style.bold(&summary(plan)));
    page.text
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
                Action::Join | Action::Leave | Action::Adopt | Action::Release => &mut groups.owners,
                Action::Update if changes_owners(change) => &mut groups.owners,
                Action::Update => &mut groups.updates,
                Action::Create => &mut groups.creates,
                Action::Test | Action::Start | Action::Resume => &mut groups.starts,
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

struct Page {
    style: Style,
    text: String,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn blank(&mut self) {
        if !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    fn section(&mut self, title: &str) {
        self.blank();
        self.line(&self.style.bold(title));
    }

    fn findings(
        &mut self,
        title: &str,
        symbol: &str,
        findings: &[Finding],
        paint: fn(Style, &str) -> String,
    ) {
        if findings.is_empty() {
            return;
        }
        self.section(title);
        for Finding { resource, ownership, message, hint, place } in findings {
            let message = clean(message);
            let ownership =
                ownership.as_ref().map(ToString::to_string).filter(|words| !message.contains(words.as_str()));
            let state = ownership.map(|words| format!("[{}] ", clean(&words))).unwrap_or_default();
            let about = resource.as_ref().map(|id| format!("{id}: ")).unwrap_or_default();
            let place = place.as_ref().map(|place| format!("  {place}")).unwrap_or_default();
            self.line(&format!(
                "  {} {about}{state}{message}{}",
                paint(self.style, symbol),
                self.style.faint(&place)
            ));
            if let Some(hint) = hint {
                self.line(&format!("      {} {}", self.style.cyan("hint:"), clean(hint)));
            }
        }
    }

    fn unread(&mut self, plan: &Plan) {
        if plan.unread.is_empty() {
            return;
        }
        self.section("Could not be read: this plan is not complete, and deletes nothing");
        for (kind, reason) in &plan.unread {
            self.line(&format!("  {} {kind}: {}", self.style.red("!"), clean(reason)));
        }
    }

    fn changes(&mut self, title: &str, changes: &[&Change]) {
        if changes.is_empty() {
            return;
        }
        self.section(title);
        let width = changes.iter().map(|change| change.action.as_str().len()).max().unwrap_or(0);
        for change in changes {
            self.change(change, width);
        }
    }

    fn change(&mut self, change: &Change, width: usize) {
        let Change { key, action, ownership: _, disruption, reason, fields, owners, steps, needs: _, place } =
            change;
        let symbol = symbol(*action, self.style);
        let place = place.as_ref().map(|place| format!("  {place}")).unwrap_or_default();
        let class = format!("[{}]", disruption.as_str());
        let class = if *disruption >= Disruption::StopsTask { self.style.red(&class) } else { class };
        self.line(&format!(
            "  {symbol} {:width$}  {}  {class}{}",
            action.as_str(),
            self.style.bold(&key.resource.to_string()),
            self.style.faint(&place)
        ));
        self.line(&format!("      {}", clean(reason)));
        if let Some(owners) = owners {
            self.owners(owners);
        }
        self.fields(fields, *action == Action::Create);
        // One call and the wait for it say no more than the verb.
        if steps.iter().filter(|step| !matches!(step, Step::Wait(_))).count() > 1 {
            for (index, step) in steps.iter().enumerate() {
                self.line(&self.style.faint(&format!("      {}. {}", index + 1, clean(&step.to_string()))));
            }
        }
    }

    fn owners(&mut self, OwnerDiff { before, after }: &OwnerDiff) {
        if before == after {
            return;
        }
        let named = |owners: &BTreeMap<String, String>| {
            if owners.is_empty() { "nobody".to_owned() } else { clean(&owner_list(owners)) }
        };
        self.line(&format!("      owners: {} → {}", named(before), named(after)));
    }

    /// One line a leaf, aligned; documents as line diffs below their name.
    fn fields(&mut self, fields: &[FieldDiff], is_new: bool) {
        let mut rows: Vec<(String, String)> = Vec::new();
        let mut documents: Vec<(&str, String)> = Vec::new();
        for FieldDiff { path, before, after } in fields {
            let (before, after) = (shown(path, before), shown(path, after));
            if is_document(&before) || is_document(&after) {
                documents.push((path, self.document(&before, &after)));
            } else if before.is_null() {
                let sign = if is_new { "" } else { "+ " };
                rows.extend(
                    leaves(path, &after)
                        .into_iter()
                        .map(|(path, value)| (path, self.style.green(&format!("{sign}{}", inline(&value))))),
                );
            } else if after.is_null() {
                rows.push((path.clone(), self.style.red(&format!("- {}", inline(&before)))));
            } else {
                let arrow =
                    format!("{} → {}", self.style.red(&inline(&before)), self.style.green(&inline(&after)));
                rows.push((path.clone(), arrow));
            }
        }
        let width = rows.iter().map(|(path, _)| path.chars().count() + 1).max().unwrap_or(0);
        for (path, value) in rows {
            self.line(&format!("      {:width$} {value}", format!("{path}:")));
        }
        for (path, body) in documents {
            self.line(&format!("      {path}:"));
            for line in body.lines() {
                self.line(&format!("        {line}"));
            }
        }
    }

    fn document(&self, before: &serde_json::Value, after: &serde_json::Value) -> String {
        let old = if before.is_null() { String::new() } else { lines(before) };
        let new = if after.is_null() { String::new() } else { lines(after) };
        if old.is_empty() {
            return new.lines().map(|line| self.style.green(line) + "\n").collect();
        }
        let mut text = String::new();
        let diff = TextDiff::configure().algorithm(Algorithm::Patience).diff_lines(&old, &new);
        for (index, group) in diff.grouped_ops(2).iter().enumerate() {
            if index > 0 {
                let _ = writeln!(text, "{}", self.style.faint("  …"));
            }
            for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
                let line = change.value().trim_end_matches('\n');
                let _ = match change.tag() {
                    ChangeTag::Equal => writeln!(text, "  {line}"),
                    ChangeTag::Delete => writeln!(text, "{}", self.style.red(&format!("- {line}"))),
                    ChangeTag::Insert => writeln!(text, "{}", self.style.green(&format!("+ {line}"))),
                };
            }
        }
        text
    }

    fn roles(&mut self, plan: &Plan) {
        let roles: Vec<_> =
            plan.roles.iter().filter(|(_, role)| !matches!(role.ownership, Ownership::Absent)).collect();
        if roles.is_empty() {
            return;
        }
        self.section("Shared roles as they are");
        for (name, role) in roles {
            let state = if role.owners.is_empty() {
                role.ownership.to_string()
            } else {
                let adopted = role.origin.as_deref() == Some("adopted");
                let origin = if adopted { ", there before Pipewright" } else { "" };
                format!("owned by {}{origin}", owner_list(&role.owners))
            };
            self.line(&format!("  role/{name}: {}", clean(&state)));
        }
    }
}

fn nothing_to_do(plan: &Plan) -> String {
    format!("No changes. {} as specified.", are(plan.unchanged.len(), "resource"))
}

fn are(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun} is") } else { format!("{count} {noun}s are") }
}

/// The last line of a plan.
fn summary(plan: &Plan) -> String {
    let count = |wanted: &[Action]| plan.changes.iter().filter(|c| wanted.contains(&c.action)).count();
    let is_owner_change = |change: &&Change| {
        change.action != Action::Create
            && (changes_owners(change)
                || matches!(change.action, Action::Join | Action::Leave | Action::Adopt | Action::Release))
    };
    let owner_changes = plan.changes.iter().filter(is_owner_change).count();
    let updates = plan.changes.iter().filter(|c| c.action == Action::Update && !changes_owners(c)).count();
    let mut parts = vec![
        format!("{} to create", count(&[Action::Create])),
        format!("{updates} to update"),
        format!("{} to delete", count(&[Action::Delete])),
    ];
    let optional = [
        (owner_changes, if owner_changes == 1 { "owner change" } else { "owner changes" }),
        (count(&[Action::Test]), "to test"),
        (count(&[Action::Start, Action::Resume]), "to start"),
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

fn symbol(action: Action, style: Style) -> String {
    match action {
        Action::Create => style.green("+"),
        Action::Delete => style.red("-"),
        Action::Update | Action::Adopt | Action::Join | Action::Leave | Action::Release => style.yellow("~"),
        Action::Test | Action::Start | Action::Resume => style.green(">"),
        Action::Pause | Action::Stop => style.red("|"),
        Action::Await => style.yellow("…"),
    }
}

/// The line that names an environment.
pub(super) fn heading(name: &str, account_id: &str, region: &str, scope: &str, style: Style) -> String {
    format!(
        "{} (account {account_id}, {region}), scope {scope}\n",
        style.bold(&format!("Environment {name}"))
    )
}

/// Text from elsewhere without control characters, which a terminal would obey.
pub(super) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
