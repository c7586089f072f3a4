//! A plan as text for a terminal.
//!
//! What is as it should be is only counted. The last line sums up.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Style;
use super::sections::{
    Entries, Weight, approvals, is_quiet, nothing_to_do, owner_list, partial_view, roles_as_they_are,
    sections, summary,
};
use super::value::{GAP, inline, is_document, leaves, line_diff, lines, shown};
use crate::{Action, Change, Disruption, FieldDiff, Finding, Forced, OwnerDiff, Plan, Step};

/// The plan as text that ends with a line break.
pub fn text(plan: &Plan, style: Style) -> String {
    let mut page = Page { style, text: String::new() };
    let environment = &plan.environment;
    page.text =
        heading(&environment.name, &environment.account_id, &environment.region, plan.scope.as_str(), style);
    if let Some(only) = &plan.only {
        page.line(&clean(&partial_view(only)));
    }
    if is_quiet(plan) {
        page.blank();
        page.line(&style.green(&nothing_to_do(plan)));
        page.roles(plan);
        return page.text;
    }
    page.unread(plan);
    page.approvals(plan);
    for section in sections(plan) {
        match section.entries {
            Entries::Findings(findings) => page.findings(section.title, section.weight, findings),
            Entries::Changes(changes) => page.changes(section.title, &changes),
        }
    }
    page.roles(plan);
    page.blank();
    page.line(&style.bold(&summary(plan)));
    page.text
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

    fn findings(&mut self, title: &str, weight: Weight, findings: &[Finding]) {
        let symbol = match weight {
            Weight::Alarm => self.style.red("!"),
            Weight::Change => self.style.yellow("…"),
            Weight::Note => self.style.yellow("!"),
        };
        self.section(title);
        for Finding { resource, ownership, message, hint, reason: _, place } in findings {
            let message = clean(message);
            let ownership =
                ownership.as_ref().map(ToString::to_string).filter(|words| !message.contains(words.as_str()));
            let state = ownership.map(|words| format!("[{}] ", clean(&words))).unwrap_or_default();
            let about = resource.as_ref().map(|id| format!("{id}: ")).unwrap_or_default();
            let place = place.as_ref().map(|place| format!("  {place}")).unwrap_or_default();
            self.line(&format!("  {symbol} {about}{state}{message}{}", self.style.faint(&place)));
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

    fn approvals(&mut self, plan: &Plan) {
        if plan.approvals.is_empty() {
            return;
        }
        self.section("Rests on these approvals");
        for line in approvals(plan) {
            self.line(&format!("  {} {}", self.style.yellow("!"), clean(&line)));
        }
    }

    fn changes(&mut self, title: &str, changes: &[&Change]) {
        self.section(title);
        let width = changes.iter().map(|change| change.action.as_str().len()).max().unwrap_or(0);
        for change in changes {
            self.change(change, width);
        }
    }

    fn change(&mut self, change: &Change, width: usize) {
        let Change {
            key,
            action,
            ownership: _,
            disruption,
            forces,
            reason,
            fields,
            owners,
            steps,
            needs: _,
            place,
        } = change;
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
        for Forced { class, because } in forces {
            self.line(&format!("      {} {}", self.style.red(class.as_str()), clean(because)));
        }
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
        for (sign, line) in line_diff(&old, &new) {
            let _ = match sign {
                '-' => writeln!(text, "{}", self.style.red(&format!("- {line}"))),
                '+' => writeln!(text, "{}", self.style.green(&format!("+ {line}"))),
                _ if line == GAP => writeln!(text, "{}", self.style.faint("  …")),
                _ => writeln!(text, "  {line}"),
            };
        }
        text
    }

    fn roles(&mut self, plan: &Plan) {
        let roles = roles_as_they_are(plan);
        if roles.is_empty() {
            return;
        }
        self.section("Shared roles as they are");
        for (name, state) in roles {
            self.line(&format!("  role/{name}: {}", clean(&state)));
        }
    }
}

fn symbol(action: Action, style: Style) -> String {
    match action {
        Action::Create => style.green("+"),
        Action::Delete => style.red("-"),
        Action::Update
        | Action::Adopt
        | Action::Join
        | Action::Leave
        | Action::Replace
        | Action::Release
        | Action::Transfer
        | Action::Reload => style.yellow("~"),
        Action::Test | Action::Assess | Action::Start | Action::Resume => style.green(">"),
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
