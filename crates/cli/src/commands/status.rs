//! `status`: how every pipeline is.

use pipewright_plan::{PlanOptions, Status, render};
use serde::Serialize;

use super::{desired, load_some, pretty};
use crate::args::{self, Format};
use crate::cloud::Cloud;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;

/// The status of every environment.
#[derive(Serialize)]
struct StatusJson {
    format_version: &'static str,
    environments: Vec<Status>,
}

/// Observes each environment and shows its conditions. Writes nothing to AWS.
pub(crate) async fn run(args: &args::Status, printer: &Printer) -> Result<Exit, Failure> {
    let tree = load_some(&args.specs)?;
    let cloud = Cloud::open(&args.place).await?;
    let environments = desired(&tree, &args.place.environments, &cloud).await?;
    let options = PlanOptions { drain_grace: args.drain.drain_grace, ..PlanOptions::default() };
    let mut exit = Exit::Done;
    let mut statuses = Vec::new();
    for desired in &environments {
        let (_, observed) = cloud.observe(desired).await?;
        let plan = pipewright_plan::plan(desired, &observed, &options);
        exit = exit.max(Exit::of_plan(&plan, false));
        statuses.push(pipewright_plan::status(desired, &observed, &plan));
    }
    cloud.close().await;
    let text = match args.format {
        Format::Text => {
            let style = printer.style();
            let texts: Vec<String> =
                statuses.iter().map(|status| render::status_text(status, style)).collect();
            texts.join("\n")
        }
        Format::Json => {
            pretty(&StatusJson { format_version: render::FORMAT_VERSION, environments: statuses })? + "\n"
        }
    };
    printer.result(&text);
    Ok(exit)
}
