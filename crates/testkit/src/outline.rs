//! The few lines of a plan that most tests are about.

use std::fmt::Write as _;

use pipewright_plan::{Change, Finding, Plan};

/// One line a change (`create endpoint/x [none]`) and one a finding (`conflict role/x: …`), in the
/// plan's order; `nothing` for an empty plan without findings.
pub fn outline(plan: &Plan) -> String {
    let mut text = String::new();
    for change in &plan.changes {
        let _ = writeln!(text, "{} {} [{}]", change.action.as_str(), change.key, change.disruption.as_str());
    }
    let report = &plan.report;
    for (word, findings) in [
        ("conflict", &report.conflicts),
        ("blocked", &report.blocked),
        ("waiting", &report.waiting),
        ("warning", &report.warnings),
    ] {
        for Finding { resource, message, .. } in findings {
            let about = resource.as_ref().map(|id| format!(" {id}")).unwrap_or_default();
            let _ = writeln!(text, "{word}{about}: {message}");
        }
    }
    if text.is_empty() { "nothing".to_owned() } else { text.trim_end().to_owned() }
}

/// The steps of the change whose key reads like this, one a line.
///
/// # Panics
/// If there is no such change.
pub fn steps(plan: &Plan, key: &str) -> String {
    let change: &Change = plan
        .changes
        .iter()
        .find(|change| change.key.to_string() == key)
        .unwrap_or_else(|| panic!("no change {key} in:\n{}", outline(plan)));
    change.steps.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
