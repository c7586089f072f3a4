//! `graph`: what specs declare, drawn.

use pipewright_model::{Desired, Environment};
use pipewright_plan::render;

use super::load;
use crate::args::{Graph, GraphFormat};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;

/// Prints the graph of each environment that specs are in, or of those that are named.
pub(crate) fn run(args: &Graph, printer: &Printer) -> Result<Exit, Failure> {
    let tree = load(&args.specs.paths)?;
    let known = |name: &String| tree.environments().iter().any(|environment| environment.name == *name);
    if let Some(unknown) = args.environments.iter().find(|name| !known(name)) {
        return Err(Failure::NoEnvironment(unknown.clone()));
    }
    let is_wanted = |environment: &&Environment| {
        args.environments.is_empty() || args.environments.contains(&environment.name)
    };
    let environments: Vec<Desired> = tree
        .environments()
        .iter()
        .filter(is_wanted)
        .map(|environment| tree.declared(environment))
        .filter(|desired| !desired.resources.is_empty())
        .collect();
    let graph = render::Graph::of(&environments);
    printer.result(&match args.format {
        GraphFormat::Dot => graph.dot(),
        GraphFormat::Mermaid => graph.mermaid(),
    });
    Ok(Exit::Done)
}
