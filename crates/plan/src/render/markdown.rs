//! A plan as Markdown for the comment of a pull request.
//!
//! Each change is one line that stays visible; its fields and steps are collapsed below it. Where the
//! whole would be longer than the platform takes, details go first and lines after them, both from the
//! least important end, and the text says how much was left out.

use std::fmt::Write as _;

use super::sections::{
    Entries, Section, Weight, approvals, is_quiet, nothing_to_do, owner_list, partial_view,
    roles_as_they_are, sections, summary,
};
use super::text::clean;
use super::value::{inline, is_document, leaves, line_diff, lines, shown};
use crate::{Change, Disruption, FieldDiff, Finding, Forced, OwnerDiff, Ownership, Plan, Step};

/// The longest comment that GitHub takes is 65,536 characters; this leaves a margin for what is put
/// around the plan. In bytes, which are never fewer than characters.
pub const MARKDOWN_BUDGET: usize = 60_000;

/// The plan as Markdown of at most `budget` bytes, as far as its heading and summary allow.
pub fn markdown(plan: &Plan, budget: usize) -> String {
    let environment = &plan.environment;
    let mut head = format!(
        "## Pipewright plan: {}\n\nAccount {}, {}, scope {}.\n\n",
        escaped(&environment.name),
        escaped(&environment.account_id),
        escaped(&environment.region),
        code(plan.scope.as_str()),
    );
    if let Some(only) = &plan.only {
        let _ = write!(head, "{}\n\n", escaped(&partial_view(only)));
    }
    if is_quiet(plan) {
        let _ = writeln!(head, "{}", nothing_to_do(plan));
        return head;
    }
    let _ = writeln!(head, "**{}**", summary(plan));
    for (kind, reason) in &plan.unread {
        let _ = write!(
            head,
            "\n> [!CAUTION]\n> {kind} could not be read, so this plan is not complete and deletes nothing: {}\n",
            escaped(reason)
        );
    }
    for line in approvals(plan) {
        let _ = write!(head, "\n> [!IMPORTANT]\n> {}\n", escaped(&line));
    }
    let mut body: Vec<Block> = sections(plan).iter().map(Block::of).collect();
    let tail = owners_now(plan);
    let left = budget.saturating_sub(head.len() + tail.len() + LEFT_OUT_ROOM);
    let left_out = shorten(&mut body, left);
    for block in &body {
        block.write(&mut head);
    }
    head.push_str(&left_out);
    head.push_str(&tail);
    head
}

/// What the note of what was left out may take.
const LEFT_OUT_ROOM: usize = 300;

/// One section on its way to Markdown.
struct Block {
    title: &'static str,
    weight: Weight,
    /// How many entries it has, shown or not.
    count: usize,
    entries: Vec<Entry>,
}

/// One change or finding: a line, and what is collapsed below it.
struct Entry {
    line: String,
    detail: Option<String>,
}

impl Entry {
    fn length(&self) -> usize {
        self.line.len() + self.detail.as_ref().map_or(0, String::len)
    }
}

impl Block {
    fn of(section: &Section<'_>) -> Self {
        let entries: Vec<Entry> = match &section.entries {
            Entries::Findings(findings) => findings.iter().map(finding).collect(),
            Entries::Changes(changes) => changes.iter().map(|change| self::change(change)).collect(),
        };
        Self { title: section.title, weight: section.weight, count: entries.len(), entries }
    }

    fn heading(&self) -> String {
        let sign = if self.weight == Weight::Alarm { "⚠️ " } else { "" };
        format!("\n### {sign}{} ({})\n\n", self.title, self.count)
    }

    fn length(&self) -> usize {
        self.heading().len() + self.entries.iter().map(Entry::length).sum::<usize>()
    }

    fn write(&self, text: &mut String) {
        if self.entries.is_empty() {
            return;
        }
        text.push_str(&self.heading());
        for Entry { line, detail } in &self.entries {
            text.push_str(line);
            text.push_str(detail.as_deref().unwrap_or_default());
        }
    }
}

/// Takes details, and then whole lines, from the end until the rest fits, and says what is missing.
fn shorten(blocks: &mut [Block], budget: usize) -> String {
    let mut length: usize = blocks.iter().map(Block::length).sum();
    let (mut details, mut entries) = (0, 0);
    for entry in blocks.iter_mut().rev().flat_map(|block| block.entries.iter_mut().rev()) {
        if length <= budget {
            break;
        }
        if let Some(detail) = entry.detail.take() {
            length -= detail.len();
            details += 1;
        }
    }
    for block in blocks.iter_mut().rev() {
        while length > budget
            && let Some(entry) = block.entries.pop()
        {
            length -= entry.length();
            entries += 1;
        }
    }
    if details + entries == 0 {
        return String::new();
    }
    format!(
        "\n> [!NOTE]\n> This comment is cut to the size that it may have: {entries} entries and the details of \
         {details} are not shown. The whole plan is what `pipewright plan` prints, and the file of its `--out`.\n"
    )
}

fn finding(finding: &Finding) -> Entry {
    let Finding { resource, ownership, message, hint, reason: _, place } = finding;
    let mut line = "- ".to_owned();
    if let Some(id) = resource {
        let _ = write!(line, "{}: ", code(&id.to_string()));
    }
    if let Some(words) =
        ownership.as_ref().map(Ownership::to_string).filter(|words| !message.contains(words.as_str()))
    {
        let _ = write!(line, "\\[{}\\] ", escaped(&words));
    }
    line.push_str(&escaped(message));
    if let Some(hint) = hint {
        let _ = write!(line, ". **What to do:** {}", escaped(hint));
    }
    if let Some(place) = place {
        let _ = write!(line, " — {}", code(&place.to_string()));
    }
    line.push('\n');
    Entry { line, detail: None }
}

fn change(change: &Change) -> Entry {
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
    let mut line = format!("- **{}** {}", action.as_str(), code(&key.resource.to_string()));
    if *disruption >= Disruption::StopsTask {
        let _ = write!(line, " **{}**", disruption.as_str());
    } else if *disruption != Disruption::None {
        let _ = write!(line, " {}", disruption.as_str());
    }
    let _ = write!(line, ": {}", escaped(reason));
    for Forced { class, because } in forces {
        let _ = write!(line, "; **{class}** {}", escaped(because));
    }
    if let Some(OwnerDiff { before, after }) = owners.as_ref().filter(|owners| owners.before != owners.after)
    {
        let named = |owners| {
            let list = owner_list(owners);
            if list.is_empty() { "nobody".to_owned() } else { escaped(&list) }
        };
        let _ = write!(line, "; owners: {} → {}", named(before), named(after));
    }
    if let Some(place) = place {
        let _ = write!(line, " — {}", code(&place.to_string()));
    }
    line.push('\n');
    Entry { line, detail: detail(fields, steps) }
}

/// Fields and steps, collapsed; none where there is nothing to tell.
fn detail(fields: &[FieldDiff], steps: &[Step]) -> Option<String> {
    let diff: String = fields.iter().map(field).collect();
    let several_steps = steps.iter().filter(|step| !matches!(step, Step::Wait(_))).count() > 1;
    if diff.is_empty() && !several_steps {
        return None;
    }
    let mut words = Vec::new();
    if !diff.is_empty() {
        words.push(count(fields.len(), "field"));
    }
    if several_steps {
        words.push(count(steps.len(), "step"));
    }
    let mut text = format!("  <details><summary>{}</summary>\n\n", words.join(", "));
    if !diff.is_empty() {
        let fence = fence(&diff);
        let _ = writeln!(text, "  {fence}diff");
        for line in diff.lines() {
            let _ = writeln!(text, "  {line}");
        }
        let _ = writeln!(text, "  {fence}\n");
    }
    if several_steps {
        for (index, step) in steps.iter().enumerate() {
            let _ = writeln!(text, "  {}. {}", index + 1, escaped(&step.to_string()));
        }
        text.push('\n');
    }
    text.push_str("  </details>\n\n");
    Some(text)
}

fn count(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// One field as lines of a diff.
fn field(FieldDiff { path, before, after }: &FieldDiff) -> String {
    let (before, after) = (shown(path, before), shown(path, after));
    if is_document(&before) || is_document(&after) {
        let old = if before.is_null() { String::new() } else { lines(&before) };
        let new = if after.is_null() { String::new() } else { lines(&after) };
        let mut text = format!("@@ {path} @@\n");
        for (sign, line) in line_diff(&old, &new) {
            let _ = writeln!(text, "{sign} {line}");
        }
        return text;
    }
    let mut text = String::new();
    for (sign, value) in [('-', &before), ('+', &after)] {
        if !value.is_null() {
            for (path, value) in leaves(path, value) {
                let _ = writeln!(text, "{sign} {path}: {}", inline(&value));
            }
        }
    }
    text
}

/// The shared roles as they are, collapsed.
fn owners_now(plan: &Plan) -> String {
    let mut rows = String::new();
    for (name, state) in roles_as_they_are(plan) {
        let _ = writeln!(rows, "- {}: {}", code(&format!("role/{name}")), escaped(&state));
    }
    if rows.is_empty() {
        return rows;
    }
    format!("\n<details><summary>Shared roles as they are</summary>\n\n{rows}\n</details>\n")
}

/// A fence longer than any run of backticks inside.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat((longest + 1).max(3))
}

/// Text as code: shown as it is, whatever it holds.
fn code(text: &str) -> String {
    let text = clean(text);
    let fence = if text.contains('`') { fence(&text) } else { "`".to_owned() };
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// Text in which nothing is markup, a mention or a link.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in clean(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // A zero-width space keeps a name from being mentioned.
            '@' => out.push_str("@\u{200b}"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}
