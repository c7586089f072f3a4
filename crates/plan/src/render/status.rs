//! The status of an environment as text.

use std::fmt::Write as _;

use super::Style;
use super::sections::{owners_of, partial_view};
use super::text::{clean, heading};
use crate::{ConditionType, PipelineStatus, Status};

/// The status as text that ends with a line break.
pub fn status_text(status: &Status, style: Style) -> String {
    let Status { scope, environment, account_id, region, pipelines, roles, undeclared, unread, only } =
        status;
    let mut text = heading(environment, account_id, region, scope.as_str(), style);
    if let Some(only) = only {
        let _ = writeln!(text, "{}", clean(&partial_view(only)));
    }
    if pipelines.is_empty() && only.is_none() {
        text.push_str("\nNo spec declares a pipeline for this environment.\n");
    }
    let width = pipelines.iter().map(|pipeline| pipeline.name.chars().count()).max().unwrap_or(0);
    for pipeline in pipelines {
        text.push('\n');
        push_pipeline(&mut text, pipeline, width, style);
    }
    if !roles.is_empty() {
        let _ = writeln!(text, "\n{}", style.bold("Shared roles"));
    }
    for (name, role) in roles {
        let origin = role.origin.as_deref().map(|origin| format!(" [{origin}]")).unwrap_or_default();
        let _ = writeln!(text, "  role/{name}: {}{}", clean(&owners_of(role)), clean(&origin));
    }
    if !undeclared.is_empty() {
        let _ = writeln!(text, "\n{}", style.bold("Owned, and declared by no spec any more"));
    }
    for id in undeclared {
        let _ = writeln!(text, "  {id}");
    }
    if !unread.is_empty() {
        let _ = writeln!(text, "\n{}", style.bold("Could not be read"));
    }
    for (kind, reason) in unread {
        let _ = writeln!(text, "  {kind}: {}", clean(reason));
    }
    text
}

fn push_pipeline(text: &mut String, pipeline: &PipelineStatus, width: usize, style: Style) {
    let headline = pipeline.headline();
    let word = match headline.kind {
        ConditionType::Ready if !headline.status => style.yellow("NotReady"),
        ConditionType::Ready => style.green("Ready"),
        ConditionType::Reconciling => style.yellow("Reconciling"),
        ConditionType::Stalled => style.red("Stalled"),
    };
    let name = format!("{:width$}", pipeline.name);
    let _ = writeln!(
        text,
        "{}  {word} ({}): {}  {}",
        style.bold(&name),
        headline.reason,
        clean(&headline.message),
        style.faint(&pipeline.place.to_string())
    );
    let resources = pipeline.resources.iter().map(|resource| {
        let loaded = resource.full_load_progress.map(|percent| format!(", full load {percent} %"));
        (
            resource.id.to_string(),
            format!("{}{}", clean(&resource.status), loaded.unwrap_or_default()),
            &resource.ownership,
        )
    });
    let resources: Vec<_> = resources.collect();
    let width = resources.iter().map(|(id, ..)| id.chars().count()).max().unwrap_or(0);
    let status_width = resources.iter().map(|(_, status, _)| status.chars().count()).max().unwrap_or(0);
    for (id, status, ownership) in &resources {
        let line = format!("  {id:width$}  {status:status_width$}  {}", clean(&ownership.to_string()));
        text.push_str(line.trim_end());
        text.push('\n');
    }
}
