//! Writes the reference of the spec format, `docs/reference/`, from its JSON Schema.

mod page;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

/// The schema that the pages are made of.
const SCHEMA: &str = "docs/schema/pipewright.schema.json";
/// Where the pages are.
const PAGES: &str = "docs/reference";

/// Runs the command with its arguments.
pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    let check = match arguments {
        [] => false,
        [flag] if flag == "--check" => true,
        _ => return Err(crate::USAGE.to_owned()),
    };
    let root = crate::test::root()?;
    let text = std::fs::read_to_string(root.join(SCHEMA)).map_err(|error| format!("{SCHEMA}: {error}"))?;
    let schema: Value = serde_json::from_str(&text).map_err(|error| format!("{SCHEMA}: {error}"))?;
    let pages = page::pages(&schema)?;
    let directory = root.join(PAGES);
    let stale: Vec<String> =
        committed(&directory)?.into_iter().filter(|name| !pages.contains_key(name)).collect();
    if check { compare(&directory, &pages, &stale) } else { write(&directory, &pages, &stale) }
}

/// The names of the files that are in the directory now.
fn committed(directory: &Path) -> Result<BTreeSet<String>, String> {
    if !directory.exists() {
        return Ok(BTreeSet::new());
    }
    let entries = std::fs::read_dir(directory).map_err(|error| format!("{PAGES}: {error}"))?;
    entries
        .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
        .collect::<Result<_, _>>()
        .map_err(|error| format!("{PAGES}: {error}"))
}

fn compare(directory: &Path, pages: &BTreeMap<String, String>, stale: &[String]) -> Result<(), String> {
    let differing = pages
        .iter()
        .filter(|(name, text)| std::fs::read_to_string(directory.join(name)).ok().as_ref() != Some(text))
        .map(|(name, _)| name);
    let wrong: Vec<String> = differing.chain(stale).map(|name| format!("{PAGES}/{name}")).collect();
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("not what {SCHEMA} gives; run `cargo xtask reference`:\n  {}", wrong.join("\n  ")))
}

fn write(directory: &Path, pages: &BTreeMap<String, String>, stale: &[String]) -> Result<(), String> {
    std::fs::create_dir_all(directory).map_err(|error| format!("{PAGES}: {error}"))?;
    for (name, text) in pages {
        std::fs::write(directory.join(name), text).map_err(|error| format!("{PAGES}/{name}: {error}"))?;
    }
    for name in stale {
        std::fs::remove_file(directory.join(name)).map_err(|error| format!("{PAGES}/{name}: {error}"))?;
    }
    Ok(())
}
