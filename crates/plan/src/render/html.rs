//! Plans as a page: one HTML file that needs nothing else, neither a network nor a script.
//!
//! It says what the Markdown says, in the same order, and leaves nothing out. What is long is collapsed.

use std::fmt::Write as _;

use super::sections::{
    Entries, Section, Weight, approvals, is_quiet, nothing_to_do, owner_list, partial_view,
    roles_as_they_are, sections, summary,
};
use super::text::clean;
use super::value::{inline, inline_diff, is_document, leaves, lines, shown};
use crate::{Action, Change, Disruption, FieldDiff, Finding, Forced, OwnerDiff, Ownership, Plan, Step};

const STYLE: &str = include_str!("plan.css");

/// The plans of all environments as one page.
pub fn html(plans: &[&Plan]) -> String {
    let names: Vec<String> = plans.iter().map(|plan| escaped(&plan.environment.name)).collect();
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Pipewright plan: {}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>Pipewright plan</h1>\n",
        names.join(", ")
    );
    for plan in plans {
        environment(&mut page, plan);
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn environment(page: &mut String, plan: &Plan) {
    let environment = &plan.environment;
    let _ = write!(
        page,
        "<section aria-label=\"Environment {name}\">\n<h2>Environment {name}</h2>\n\
         <p class=\"faint\">Account {}, {}, scope <code>{}</code>, digest <code>{}</code></p>\n",
        escaped(&environment.account_id),
        escaped(&environment.region),
        escaped(plan.scope.as_str()),
        &plan.digest()[..12],
        name = escaped(&environment.name),
    );
    if let Some(only) = &plan.only {
        let _ = writeln!(page, "<p>{}</p>", escaped(&partial_view(only)));
    }
    if is_quiet(plan) {
        let _ = writeln!(page, "<p class=\"summary green\">{}</p>", escaped(&nothing_to_do(plan)));
    } else {
        let _ = writeln!(page, "<p class=\"summary\">{}</p>", escaped(&summary(plan)));
        for line in approvals(plan) {
            let _ = writeln!(page, "<p>Rests on an approval: {}</p>", escaped(&line));
        }
        for (kind, reason) in &plan.unread {
            let _ = writeln!(
                page,
                "<p class=\"red\">{kind} could not be read, so this plan is not complete and deletes nothing: {}</p>",
                escaped(reason)
            );
        }
        for section in sections(plan) {
            self::section(page, &section);
        }
    }
    let roles = roles_as_they_are(plan);
    if !roles.is_empty() {
        page.push_str("<h3>Shared roles as they are</h3>\n<table>\n<tr><th scope=\"col\">Role</th><th scope=\"col\">Owners</th></tr>\n");
        for (name, state) in roles {
            let _ = writeln!(
                page,
                "<tr><td><code>{}</code></td><td>{}</td></tr>",
                escaped(name),
                escaped(&state)
            );
        }
        page.push_str("</table>\n");
    }
    page.push_str("</section>\n");
}

fn section(page: &mut String, section: &Section<'_>) {
    let is_alarm = section.weight == Weight::Alarm;
    let class = if is_alarm { " class=\"alarm\"" } else { "" };
    let count = match &section.entries {
        Entries::Findings(findings) => findings.len(),
        Entries::Changes(changes) => changes.len(),
    };
    let _ = writeln!(page, "<h3{class}>{} ({count})</h3>", escaped(section.title));
    match &section.entries {
        Entries::Findings(findings) => findings.iter().for_each(|found| finding(page, found, is_alarm)),
        Entries::Changes(changes) => changes.iter().for_each(|one| change(page, one, is_alarm)),
    }
}

fn entry_class(is_alarm: bool) -> &'static str {
    if is_alarm { "entry alarm-entry" } else { "entry" }
}

fn finding(page: &mut String, finding: &Finding, is_alarm: bool) {
    let Finding { resource, ownership, message, hint, reason: _, place } = finding;
    let _ = write!(page, "<div class=\"{}\"><div class=\"plain\">", entry_class(is_alarm));
    write_place(page, place.as_ref());
    if let Some(id) = resource {
        let _ = write!(page, "<code>{}</code>: ", escaped(&id.to_string()));
    }
    let words =
        ownership.as_ref().map(Ownership::to_string).filter(|words| !message.contains(words.as_str()));
    if let Some(words) = words {
        let _ = write!(page, "<span class=\"badge\">{}</span> ", escaped(&words));
    }
    page.push_str(&escaped(message));
    if let Some(hint) = hint {
        let _ = write!(page, "<p class=\"hint\"><strong>What to do:</strong> {}</p>", escaped(hint));
    }
    page.push_str("</div></div>\n");
}

fn change(page: &mut String, change: &Change, is_alarm: bool) {
    let Change { key, action, ownership: _, disruption, forces, reason, fields, owners, steps, needs, place } =
        change;
    let mut line = String::new();
    write_place(&mut line, place.as_ref());
    let _ = write!(
        line,
        "<strong class=\"{}\">{}</strong> <code>{}</code>",
        colour(*action),
        action.as_str(),
        escaped(&key.resource.to_string())
    );
    if *disruption != Disruption::None {
        let class = if *disruption >= Disruption::StopsTask { "badge red" } else { "badge" };
        let _ = write!(line, " <span class=\"{class}\">{}</span>", disruption.as_str());
    }
    let _ = write!(line, " <span class=\"faint\">{}</span>", escaped(reason));
    for Forced { class, because } in forces {
        let _ = write!(line, "<br><strong class=\"red\">{class}</strong> {}", escaped(because));
    }
    if let Some(OwnerDiff { before, after }) = owners.as_ref().filter(|owners| owners.before != owners.after)
    {
        let named = |owners| {
            let list = owner_list(owners);
            if list.is_empty() { "nobody".to_owned() } else { escaped(&list) }
        };
        let _ = write!(line, "<br>owners: {} → {}", named(before), named(after));
    }
    let mut body = String::new();
    write_fields(&mut body, fields);
    if !steps.is_empty() {
        write_steps(&mut body, steps);
    }
    if !needs.is_empty() {
        let after: Vec<String> =
            needs.iter().map(|need| format!("<code>{}</code>", escaped(&need.to_string()))).collect();
        let _ = writeln!(body, "<p class=\"hint faint\">after {}</p>", after.join(", "));
    }
    let class = entry_class(is_alarm);
    if body.is_empty() {
        let _ = writeln!(page, "<div class=\"{class}\"><div class=\"plain\">{line}</div></div>");
    } else {
        let _ = writeln!(
            page,
            "<details class=\"{class}\"><summary>{line}</summary>\n<div class=\"body\">\n{body}</div></details>"
        );
    }
}

fn write_place(page: &mut String, place: Option<&pipewright_model::SpecPlace>) {
    if let Some(place) = place {
        let _ = write!(page, "<span class=\"place faint mono\">{}</span>", escaped(&place.to_string()));
    }
}

/// One row a leaf; documents as line diffs below the table.
fn write_fields(body: &mut String, fields: &[FieldDiff]) {
    let (mut rows, mut documents) = (String::new(), String::new());
    for FieldDiff { path, before, after } in fields {
        let (before, after) = (shown(path, before), shown(path, after));
        if is_document(&before) || is_document(&after) {
            let _ = write!(documents, "<p class=\"hint mono\">{}</p>\n<pre>", escaped(path));
            write_document(&mut documents, &before, &after);
            documents.push_str("</pre>\n");
        } else if before.is_null() {
            for (path, value) in leaves(path, &after) {
                row(&mut rows, &path, "", &inline(&value));
            }
        } else {
            let new = if after.is_null() { String::new() } else { inline(&after) };
            row(&mut rows, path, &inline(&before), &new);
        }
    }
    if !rows.is_empty() {
        let _ = writeln!(
            body,
            "<table>\n<tr><th scope=\"col\">Field</th><th scope=\"col\">Live</th><th scope=\"col\">Declared</th></tr>\n{rows}</table>"
        );
    }
    body.push_str(&documents);
}

fn row(rows: &mut String, path: &str, before: &str, after: &str) {
    let _ = writeln!(
        rows,
        "<tr><th scope=\"row\" class=\"mono\">{}</th><td class=\"mono red\">{}</td><td class=\"mono green\">{}</td></tr>",
        escaped(path),
        escaped(before),
        escaped(after)
    );
}

fn write_document(text: &mut String, before: &serde_json::Value, after: &serde_json::Value) {
    let old = if before.is_null() { String::new() } else { lines(before) };
    let new = if after.is_null() { String::new() } else { lines(after) };
    for (sign, parts) in inline_diff(&old, &new) {
        let class = match sign {
            '-' => "line old",
            '+' => "line new",
            _ => "line",
        };
        let _ = write!(text, "<span class=\"{class}\">{sign} ");
        for (is_marked, part) in parts {
            let part = escaped(&part);
            let _ = if is_marked { write!(text, "<mark>{part}</mark>") } else { write!(text, "{part}") };
        }
        text.push_str("</span>");
    }
}

fn write_steps(body: &mut String, steps: &[Step]) {
    body.push_str("<ol class=\"steps\">\n");
    for step in steps {
        let _ = writeln!(body, "<li>{}</li>", escaped(&step.to_string()));
    }
    body.push_str("</ol>\n");
}

fn colour(action: Action) -> &'static str {
    match action {
        Action::Create | Action::Test | Action::Assess | Action::Start | Action::Resume => "green",
        Action::Delete | Action::Replace | Action::Pause | Action::Stop => "red",
        Action::Update
        | Action::Adopt
        | Action::Join
        | Action::Leave
        | Action::Release
        | Action::Transfer
        | Action::Reload
        | Action::Await => "amber",
    }
}

/// Text in which nothing is markup.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in clean(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}
