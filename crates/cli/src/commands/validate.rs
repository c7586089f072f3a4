//! `validate`: the specs alone, without AWS.

use serde_json::json;

use super::pretty;
use crate::args::{Format, Validate};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;

/// Prints every error of every file, or that there is none.
pub(crate) fn run(args: &Validate, printer: &Printer) -> Result<Exit, Failure> {
    let loaded = pipewright_spec::load(&args.specs.paths);
    let text = match (&loaded, args.format) {
        (Ok(tree), Format::Text) => {
            let environments: Vec<&str> =
                tree.environments().iter().map(|environment| environment.name.as_str()).collect();
            format!("Valid: scope {}, environments {}.\n", tree.scope(), environments.join(", "))
        }
        (Ok(tree), Format::Json) => {
            let environments = tree.environments();
            pretty(&json!({
                "format_version": "1.0", "valid": true, "scope": tree.scope(), "environments": environments,
                "errors": [],
            }))? + "\n"
        }
        (Err(found), Format::Text) => found.render(printer.style().is_color()),
        (Err(found), Format::Json) => {
            pretty(&json!({"format_version": "1.0", "valid": false, "errors": found.to_json()}))? + "\n"
        }
    };
    printer.result(&text);
    Ok(if loaded.is_ok() { Exit::Done } else { Exit::Error })
}
