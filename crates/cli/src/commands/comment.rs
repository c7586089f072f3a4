//! `comment`: the plan as one comment of a pull request.

use std::path::Path;

use pipewright_forge::{Posted, Posting, PullRequest, post};
use pipewright_plan::{Plan as Planned, render};

use super::plan::{finish, plans};
use crate::args::Comment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::secrets::variable;

/// Plans each environment, and makes or changes its comment. That it could not be posted is an error, whatever the plan says.
pub(crate) async fn run(args: &Comment, printer: &Printer) -> Result<Exit, Failure> {
    let place = if args.platform.github {
        let event =
            variable("GITHUB_EVENT_PATH").and_then(|path| std::fs::read_to_string(Path::new(&path)).ok());
        PullRequest::of_github(&variable, event.as_deref(), args.number)
    } else {
        PullRequest::of_gitlab(&variable, args.number)
    };
    // Before AWS is asked anything.
    let place = place.map_err(Failure::Place)?;
    let plans = plans(&args.planning, printer).await?;
    let all: Vec<&Planned> = plans.iter().collect();
    let exit = finish(&args.planning, &all)?;
    for plan in &plans {
        let environment = &plan.environment.name;
        let name = format!("{}/{environment}", plan.scope);
        let body = |budget| render::markdown(plan, budget);
        let posting = Posting::with_budget(render::MARKDOWN_BUDGET);
        let posted = post(&place, &name, &body, &posting)
            .await
            .map_err(|source| Failure::Post { environment: environment.clone(), source })?;
        let done = match posted {
            Posted::Created => "made",
            Posted::Updated => "changed",
            Posted::Unchanged => "already says so",
        };
        printer.result(&format!("The comment of environment {environment}: {done}.\n"));
    }
    Ok(exit)
}
