//! `diff`: how what two spec roots declare differs, without AWS.

use std::collections::BTreeMap;
use std::path::Path;

use pipewright_model::Desired;
use pipewright_plan::{Plan, compare};

use super::{load, plan};
use crate::args::Diff;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;

/// Prints the difference in each environment that either has, in the renderings of a plan.
pub(crate) fn run(args: &Diff, printer: &Printer) -> Result<Exit, Failure> {
    let before = environments(&args.before)?;
    let after = environments(&args.after)?;
    let nothing = |of: &Desired| Desired { resources: BTreeMap::new(), ..of.clone() };
    let mut plans: Vec<Plan> = Vec::new();
    for (name, new) in &after {
        plans.push(compare(before.get(name).unwrap_or(&nothing(new)), new));
    }
    for (name, old) in &before {
        if !after.contains_key(name) {
            plans.push(compare(old, &nothing(old)));
        }
    }
    let all: Vec<&Plan> = plans.iter().collect();
    printer.result(&plan::rendered(&all, args.format, printer.style())?);
    let differs = plans.iter().any(|plan| !plan.is_empty());
    Ok(if differs && args.detailed_exitcode { Exit::Changes } else { Exit::Done })
}

/// What is declared in each environment, by its name.
fn environments(root: &Path) -> Result<BTreeMap<String, Desired>, Failure> {
    let tree = load(&[root.to_owned()])?;
    let declared = tree.environments().iter().map(|environment| {
        let desired = tree.declared(environment);
        (environment.name.clone(), desired)
    });
    Ok(declared.collect())
}
