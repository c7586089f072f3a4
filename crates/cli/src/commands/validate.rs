//! `validate`: the specs alone, without AWS.

use pipewright_engine::Clock as _;
use serde_json::json;

use super::pretty;
use crate::args::{Format, Validate};
use crate::clock::AnyClock;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;

/// Prints every error of every file, or that there is none.
pub(crate) fn run(args: &Validate, printer: &Printer) -> Result<Exit, Failure> {
    let loaded = pipewright_spec::load(&args.specs.paths);
    let now = AnyClock::Real.now();
    let warnings = loaded.as_ref().map(|tree| tree.warnings(now)).unwrap_or_default();
    let text = match (&loaded, args.format) {
        (Ok(tree), Format::Text) => {
            let environments: Vec<&str> =
                tree.environments().iter().map(|environment| environment.name.as_str()).collect();
            let warned = if warnings.0.is_empty() {
                String::new()
            } else {
                warnings.render(printer.style().is_color()) + "\n"
            };
            format!("{warned}Valid: scope {}, environments {}.\n", tree.scope(), environments.join(", "))
        }
        (Ok(tree), Format::Json) => {
            let environments = tree.environments();
            pretty(&json!({
                "format_version": "1.0", "valid": true, "scope": tree.scope(), "environments": environments,
                "errors": [], "warnings": warnings.to_json(),
            }))? + "\n"
        }
        (Err(found), Format::Text) => found.render(printer.style().is_color()),
        (Err(found), Format::Json) => {
            pretty(&json!({"format_version": "1.0", "valid": false, "errors": found.to_json()}))? + "\n"
        }
    };
    printer.result(&text);
    let denied = args.deny_warnings && !warnings.0.is_empty();
    Ok(if loaded.is_ok() && !denied { Exit::Done } else { Exit::Error })
}
