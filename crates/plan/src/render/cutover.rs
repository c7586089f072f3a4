//! A cutover report as text.

use std::fmt::Write as _;

use super::Style;
use super::text::clean;
use crate::cutover::{CheckResult, CutoverReport, CutoverVerdict};

/// The most tables that are named in a row.
const NAMED: usize = 5;

/// The report as text that ends with a line break.
pub fn cutover_text(report: &CutoverReport, style: Style) -> String {
    let verdict = match report.verdict {
        CutoverVerdict::Ready => style.green("Ready"),
        CutoverVerdict::NotYet => style.yellow("Not ready yet"),
        CutoverVerdict::Failed => style.red("Not ready: somebody must act"),
    };
    let mut text = format!(
        "{}  {verdict}  {}\n",
        style.bold(&format!("{} in {}", report.pipeline, report.environment)),
        style.faint(&report.place.to_string()),
    );
    let width = report.checks.iter().map(|check| check.name.len()).max().unwrap_or(0);
    for check in &report.checks {
        let (word, is_wanted) = match check.result {
            CheckResult::Ok => (style.green("ok     "), false),
            CheckResult::NotYet => (style.yellow("not yet"), true),
            CheckResult::Failed => (style.red("failed "), true),
            CheckResult::NotChecked => (style.faint("–      "), false),
        };
        let _ = write!(text, "  {word}  {:width$}  {}", check.name, clean(&check.found));
        if is_wanted {
            let _ = write!(text, "; wanted: {}", clean(&check.wanted));
        }
        text.push('\n');
        let more = check.tables.len().saturating_sub(NAMED);
        for table in check.tables.iter().take(NAMED) {
            let _ = writeln!(text, "           {}", clean(table));
        }
        if more > 0 {
            let _ = writeln!(text, "           and {more} more");
        }
    }
    let _ = writeln!(text, "Not checked: {}.", report.by_hand.what);
    if let Some(query) = &report.by_hand.query {
        let _ = writeln!(text, "  on a target that is a database, run: {}", clean(query));
    }
    text
}
