//! `plan`: what `reconcile` would do.

use pipewright_engine::{Clock as _, observe};
use pipewright_plan::{PlanOptions, render};
use serde::Serialize;

use super::{desired, load_some, pretty, write_whole};
use crate::args::{Plan, PlanFormat};
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

/// Observes each environment and shows its plan.
pub(crate) async fn run(args: &Plan, printer: &Printer) -> Result<Exit, Failure> {
    let tree = load_some(&args.specs)?;
    printer.warnings(&tree.warnings());
    let mut environments = desired(&tree, &args.place.environments)?;
    for desired in &mut environments {
        desired.policy.allow_empty |= args.allow_empty;
    }
    let cloud = Cloud::open(&args.place).await?;
    let options = PlanOptions { drain_grace: args.drain.drain_grace, ..PlanOptions::default() };
    let mut plans = Vec::new();
    for desired in &environments {
        let connection = cloud.connect(desired).await?;
        let observed = Box::pin(observe(connection.reader.as_ref(), desired, cloud.clock().now()))
            .await
            .map_err(|source| Failure::observe(&desired.environment.name, source))?;
        plans.push(pipewright_plan::plan(desired, &observed, &options));
    }
    cloud.close().await;

    let json = || -> Result<String, Failure> {
        let mut documents: Vec<render::PlanJson> = plans.iter().map(render::json).collect();
        let text = match documents.pop() {
            Some(only) if documents.is_empty() => pretty(&only)?,
            last => {
                documents.extend(last);
                pretty(&PlansJson { format_version: render::FORMAT_VERSION, plans: documents })?
            }
        };
        Ok(text + "\n")
    };
    match args.format {
        PlanFormat::Text => {
            let texts: Vec<String> = plans.iter().map(|plan| render::text(plan, printer.style())).collect();
            printer.result(&texts.join("\n"));
        }
        PlanFormat::Markdown => {
            // What one comment may hold is shared by the environments in it.
            let budget = render::MARKDOWN_BUDGET / plans.len().max(1);
            let texts: Vec<String> = plans.iter().map(|plan| render::markdown(plan, budget)).collect();
            printer.result(&texts.join("\n"));
        }
        PlanFormat::Json => printer.result(&json()?),
    }
    if let Some(path) = &args.out {
        write_whole(path, &json()?)?;
    }
    let exits = plans.iter().map(|plan| Exit::of_plan(plan, args.detailed_exitcode));
    Ok(exits.max().unwrap_or(Exit::Done))
}
