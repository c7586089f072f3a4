//! `mappings`: the table mappings that pipelines compile to, what they do with a table, and the way back.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use pipewright_spec::{Explanation, Source, TableMappings, explain, tables_of};
use serde_json::json;

use super::{load, pretty};
use crate::args::{Format, Mappings};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;

/// Prints the document of each pipeline, or what becomes of one table.
pub(crate) fn run(args: &Mappings, printer: &Printer) -> Result<Exit, Failure> {
    if let Some(file) = &args.from {
        return from_json(file, args.format, printer);
    }
    let tree = load(&args.paths)?;
    let mut pipelines = tree.table_mappings();
    if let Some(wanted) = &args.pipeline {
        pipelines.retain(|mappings| mappings.pipeline == *wanted);
        if pipelines.is_empty() {
            return Err(Failure::NoPipeline(wanted.clone()));
        }
    }
    let explanations: Option<Vec<Explanation>> = args.table.as_ref().map(|name| {
        let column = name.column.as_deref();
        pipelines
            .iter()
            .map(|mappings| explain(&mappings.document, &name.schema, &name.table, column))
            .collect()
    });
    let text = match (&explanations, args.format) {
        (Some(explanations), Format::Text) => pipelines
            .iter()
            .zip(explanations)
            .map(|(mappings, found)| told(&mappings.pipeline, found))
            .collect(),
        (Some(explanations), Format::Json) => {
            let all: Vec<_> = pipelines
                .iter()
                .zip(explanations)
                .map(|(mappings, found)| json!({"pipeline": mappings.pipeline, "table": found}))
                .collect();
            pretty(&json!({"format_version": "1.0", "pipelines": all}))? + "\n"
        }
        (None, Format::Json) => {
            let all: Vec<_> = pipelines
                .iter()
                .map(|mappings| json!({"pipeline": mappings.pipeline, "document": mappings.document}))
                .collect();
            pretty(&json!({"format_version": "1.0", "pipelines": all}))? + "\n"
        }
        (None, Format::Text) => documents(&pipelines)?,
    };
    printer.result(&text);
    Ok(Exit::Done)
}

/// Prints DMS's own JSON in the language of specs.
fn from_json(file: &Path, format: Format, printer: &Printer) -> Result<Exit, Failure> {
    let name = file.display().to_string();
    let bytes = fs::read(file).map_err(|source| Failure::Io { what: format!("read {name}"), source })?;
    let tables = tables_of(Source { name, bytes }).map_err(Failure::Tables)?;
    printer.result(&match format {
        Format::Json => pretty(&json!({"format_version": "1.0", "tables": tables}))? + "\n",
        Format::Text => {
            tables.to_string().lines().fold("tables:\n".to_owned(), |all, line| all + "  " + line + "\n")
        }
    });
    Ok(Exit::Done)
}

/// The documents, each under the name of its pipeline; alone, one is plain JSON that DMS takes.
fn documents(pipelines: &[TableMappings]) -> Result<String, Failure> {
    let mut text = String::new();
    for mappings in pipelines {
        if pipelines.len() > 1 {
            let _ = writeln!(text, "# {}", mappings.pipeline);
        }
        text.push_str(&pretty(&mappings.document)?);
        text.push('\n');
    }
    Ok(text)
}

fn told(pipeline: &str, found: &Explanation) -> String {
    let Explanation { schema, table, column, moved, target_schema, target_table, target_column, rules } =
        found;
    let unknown = "(not defined)";
    let or_unknown = |name: &Option<String>| name.clone().unwrap_or_else(|| unknown.to_owned());
    let dotted = |column: Option<String>| column.map(|column| format!(".{column}")).unwrap_or_default();
    let source = format!("{schema}.{table}{}", dotted(column.clone()));
    let mut text = if *moved {
        let target_column = column.as_ref().map(|_| or_unknown(target_column));
        let (schema, table) = (or_unknown(target_schema), or_unknown(target_table));
        format!("{pipeline}: {source} -> {schema}.{table}{}\n", dotted(target_column))
    } else {
        format!("{pipeline}: {source} is not moved\n")
    };
    for rule in rules {
        let _ = writeln!(text, "  rule {} ({}): {}", rule.id, rule.name, rule.effect);
    }
    if rules.is_empty() {
        text.push_str("  no rule is about it\n");
    }
    text
}
