//! A read-only page that shows what is inside.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::Value;

use crate::dms;
use crate::emulator::Shared;
use crate::iam;

/// How many calls the page lists.
const CALLS: usize = 50;

const STYLE: &str = "body{font:14px/1.5 system-ui,sans-serif;margin:2rem;color:#222;background:#fff}\
table{border-collapse:collapse;margin-bottom:2rem}th,td{text-align:left;padding:.2rem 1rem .2rem 0;\
border-bottom:1px solid #ddd;font-variant-numeric:tabular-nums}\
@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}th,td{border-color:#444}}";

/// One row: what, where, and how it is.
struct Row {
    scope: String,
    kind: String,
    name: String,
    status: String,
}

/// The page as HTML.
pub(crate) fn render(shared: &Shared) -> String {
    let now = shared.clock.now();
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Sandbox</title><style>{STYLE}</style>\
         <h1>Sandbox</h1><p>DMS, IAM and STS of an account that does not exist. Virtual time: {}.</p>\
         <h2>Resources</h2>",
        escape(&date(now))
    );
    let rows = rows(shared, now);
    if rows.is_empty() {
        page.push_str("<p>Nothing yet.</p>");
    } else {
        page.push_str("<table><tr><th>Account<th>Kind<th>Name<th>Status</tr>");
        for row in rows {
            let cells = [row.scope, row.kind, row.name, row.status];
            page.push_str("<tr>");
            for cell in cells {
                page.push_str("<td>");
                page.push_str(&escape(&cell));
            }
            page.push_str("</tr>");
        }
        page.push_str("</table>");
    }
    page.push_str("<h2>Last calls</h2><table><tr><th>Time<th>Call<th>Resource<th>Answer</tr>");
    for call in shared.calls.all().iter().rev().take(CALLS) {
        let outcome = call.error.clone().unwrap_or_else(|| call.status.to_string());
        // Writing to a string cannot fail.
        let _ = write!(
            page,
            "<tr><td>{}<td>{}:{}<td>{}<td>{}</tr>",
            escape(&date(call.at)),
            call.service,
            escape(&call.operation),
            escape(call.resource.as_deref().unwrap_or_default()),
            escape(&outcome)
        );
    }
    page.push_str("</table></html>");
    page
}

fn rows(shared: &Shared, now: Duration) -> Vec<Row> {
    let state = shared.state();
    state
        .store
        .objects()
        .filter_map(|((scope, kind, _), value)| {
            let (name, status) = dms::summary(kind, value, now).or_else(|| iam_summary(kind, value))?;
            Some(Row { scope: scope.clone(), kind: kind.clone(), name, status })
        })
        .collect()
}

fn iam_summary(kind: &str, value: &Value) -> Option<(String, String)> {
    let role = iam::newest(kind, value)?;
    let status = format!("{} policies, {} tags", role.attached.len() + role.inline.len(), role.tags.len());
    Some((role.name, status))
}

fn date(time: Duration) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or_default();
    jiff::Timestamp::from_second(seconds).unwrap_or_default().strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
