//! `plan`: what `reconcile` would do.

use std::ffi::OsStr;

use pipewright_engine::Clock as _;
use pipewright_plan::{Plan as Planned, PlanOptions, render};
use serde::Serialize;

use super::{desired, load_some, pretty, write_whole};
use crate::args::{Plan, PlanFormat, Planning};
use crate::clock::AnyClock;
use crate::cloud::Cloud;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;

/// The plans of several environments.
#[derive(Serialize)]
struct PlansJson {
    format_version: &'static str,
    plans: Vec<render::PlanJson>,
}

/// Shows the plan of each environment.
pub(crate) async fn run(args: &Plan, printer: &Printer) -> Result<Exit, Failure> {
    let plans = plans(&args.planning, printer).await?;
    let all: Vec<&Planned> = plans.iter().collect();
    printer.result(&rendered(&all, args.format, printer.style())?);
    finish(&args.planning, &all)
}

/// Observes each environment and plans it.
pub(super) async fn plans(args: &Planning, printer: &Printer) -> Result<Vec<Planned>, Failure> {
    let tree = load_some(&args.specs)?;
    printer.warnings(&tree.warnings(AnyClock::Real.now()));
    let cloud = Cloud::open(&args.place).await?;
    let mut environments = desired(&tree, &args.place.environments, &cloud).await?;
    for desired in &mut environments {
        desired.policy.allow_empty |= args.allow_empty;
        desired.approvals.on_command_line.extend(args.approve.iter().cloned());
    }
    let options = PlanOptions { drain_grace: args.drain.drain_grace, ..PlanOptions::default() };
    let mut plans = Vec::new();
    for desired in &environments {
        let (_, observed) = cloud.observe(desired).await?;
        plans.push(pipewright_plan::plan(desired, &observed, &options));
    }
    cloud.close().await;
    Ok(plans)
}

/// Writes the files that were asked for, and tells the exit code.
pub(super) fn finish(args: &Planning, plans: &[&Planned]) -> Result<Exit, Failure> {
    for path in &args.out {
        let format = match path.extension().and_then(OsStr::to_str) {
            Some("md") => PlanFormat::Markdown,
            Some("html") => PlanFormat::Html,
            _ => PlanFormat::Json,
        };
        write_whole(path, &rendered(plans, format, render::Style::PLAIN)?)?;
    }
    let exits = plans.iter().map(|plan| Exit::of_plan(plan, args.detailed_exitcode));
    Ok(exits.max().unwrap_or(Exit::Done))
}

/// The plans of all environments, as they are printed.
pub(super) fn rendered(
    plans: &[&Planned],
    format: PlanFormat,
    style: render::Style,
) -> Result<String, Failure> {
    let join = |texts: Vec<String>| texts.join("\n");
    match format {
        PlanFormat::Text => Ok(join(plans.iter().map(|plan| render::text(plan, style)).collect())),
        PlanFormat::Markdown => {
            // What one comment may hold is shared by the environments in it.
            let budget = render::MARKDOWN_BUDGET / plans.len().max(1);
            Ok(join(plans.iter().map(|plan| render::markdown(plan, budget)).collect()))
        }
        PlanFormat::Html => Ok(render::html(plans)),
        PlanFormat::Json => json(plans),
    }
}

/// One plan as it is, several in a list.
fn json(plans: &[&Planned]) -> Result<String, Failure> {
    let mut documents: Vec<render::PlanJson> = plans.iter().map(|plan| render::json(plan)).collect();
    let text = match documents.pop() {
        Some(only) if documents.is_empty() => pretty(&only)?,
        last => {
            documents.extend(last);
            pretty(&PlansJson { format_version: render::FORMAT_VERSION, plans: documents })?
        }
    };
    Ok(text + "\n")
}
