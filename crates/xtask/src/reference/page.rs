//! The pages: one a document kind, one of the settings of each engine, one of task settings, an index.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::walk::{self, Field};

const GENERATED: &str =
    "<!-- Written by `cargo xtask reference` from docs/schema/pipewright.schema.json; do not edit. -->\n";
const ENGINE_SETTINGS: &str = "engine-settings.md";
const TASK_SETTINGS: &str = "task-settings.md";

/// What the words of the column of changes mean.
const CHANGES: &str = "\n## What a change does\n\n\
Plans decide by the same table that this column is made of, and say it again of each change before it is made.\n\n\
| a change | what happens |\n|---|---|\n\
| `none` | Nothing that runs notices: tags, ownership, or what Pipewright itself does. Secrets too: AWS never returns them, so that a new one is sent only with another change of its endpoint. |\n\
| `at-first-start` | It counts when the migration is started for the first time; a later change does nothing. |\n\
| `in-place` | The resource is changed while it works. |\n\
| `made-again` | The resource holds nothing that could be lost: it is deleted and made again. |\n\
| `stops-task` | Every migration that uses it and runs is stopped, and resumed when the change is made; where `run.onChange` is `report`, the change is held back instead. |\n\
| `moves-task` | The task is stopped, moved to another instance and resumed. |\n\
| `reboots-instance` | The instance restarts, and its tasks with it. |\n\
| `held-back-once-run` | As `stops-task` until it has run for the first time, then as `held-back`. |\n\
| `replaced` | Another task takes the place of this one under its identifier, with an [approval](../spec.md#approvals); one that never ran is made again. |\n\
| `held-back` | Only a replacement could change it, which would lose what is there. The plan says so and changes nothing. |\n\
| `destroys` | It is another resource then: that one is made, and the one that is there is deleted, unless it is protected, retained or still in use. |\n\
| `by-field` | Each field in it says its own. |\n\n\
A field without which AWS chooses is not compared while it is not given: to take it out changes nothing. Defaults of \
engines' settings and of task settings are DMS's.\n";

/// Every page, by its file name.
pub(super) fn pages(schema: &Value) -> Result<BTreeMap<String, String>, String> {
    let definitions = schema["$defs"].as_object().ok_or("the schema has no definitions")?;
    let documents = schema["oneOf"].as_array().ok_or("the schema has no documents")?;
    let mut pages = BTreeMap::new();
    let mut index = format!(
        "{GENERATED}\n# Reference\n\nEvery field of the [spec format](../spec.md), with its type, default and meaning, and what \
         changing it does.\n\n"
    );
    for document in documents {
        let kind = document["title"].as_str().ok_or("a document has no kind")?;
        let name = format!("{}.md", file_name(kind));
        let mut fields = walk::fields(definitions, document, "");
        for field in &mut fields {
            if field.path == "spec.migration.settings" {
                let _ = write!(field.description, " They are [listed]({TASK_SETTINGS}).");
            } else if matches!(
                &*field.path,
                "spec.settings" | "spec.source.settings" | "spec.target.settings"
            ) {
                let _ = write!(field.description, " They are [listed by engine]({ENGINE_SETTINGS}).");
            }
        }
        let _ = writeln!(index, "- [{kind}]({name})");
        let text = format!(
            "{GENERATED}\n# {kind}\n\n{}\n\n{}",
            description(definitions, &document["properties"]["spec"]),
            table(&fields)?
        );
        pages.insert(name, text);
    }
    let _ =
        writeln!(index, "- [settings of each engine]({ENGINE_SETTINGS})\n- [task settings]({TASK_SETTINGS})");
    index.push_str(CHANGES);
    pages.insert("README.md".to_owned(), index);
    pages.insert(ENGINE_SETTINGS.to_owned(), engine_settings(definitions)?);
    let settings = definitions.get("TaskSettings").ok_or("the schema has no task settings")?;
    let text = format!(
        "{GENERATED}\n# Task settings\n\n`migration.settings` of a [Pipeline](pipeline.md). {}\n\n{}",
        description(definitions, settings),
        table(&walk::fields(definitions, settings, ""))?
    );
    pages.insert(TASK_SETTINGS.to_owned(), text);
    Ok(pages)
}

/// One section for each structure of settings, with the engines that take it.
fn engine_settings(definitions: &Map<String, Value>) -> Result<String, String> {
    let rules = definitions["EndpointSpec"]["allOf"].as_array().ok_or("an endpoint has no settings")?;
    let mut text = format!(
        "{GENERATED}\n# Settings of each engine\n\n`settings` of an [Endpoint](endpoint.md), and of a [Pipeline](pipeline.md)'s source and target.\n"
    );
    let mut engines: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for rule in rules {
        let engine = &rule["if"]["properties"]["engine"];
        let names = engine["const"]
            .as_str()
            .into_iter()
            .chain(engine["enum"].as_array().into_iter().flatten().filter_map(Value::as_str));
        let settings = rule["then"]["properties"]["settings"]["$ref"].as_str();
        let Some(settings) = settings.map(|name| name.trim_start_matches("#/$defs/")) else { continue };
        let needed: Vec<String> = rule["then"]["properties"]["settings"]["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|name| Some(format!("`{}`", name.as_str()?)))
            .collect();
        let needs = if needed.is_empty() { String::new() } else { format!(" (needs {})", needed.join(", ")) };
        engines.entry(settings).or_default().extend(names.map(|name| format!("`{name}`{needs}")));
    }
    for (structure, engines) in engines {
        let schema = definitions.get(structure).ok_or_else(|| format!("the schema has no {structure}"))?;
        let fields = walk::fields(definitions, schema, "");
        let _ = write!(text, "\n## {structure}\n\nEngines: {}.\n\n{}", engines.join(", "), table(&fields)?);
    }
    Ok(text)
}

/// What a schema, or what it stands for, says of itself.
fn description(definitions: &Map<String, Value>, schema: &Value) -> String {
    let named = schema["$ref"].as_str().and_then(|name| definitions.get(name.trim_start_matches("#/$defs/")));
    let text = schema["description"].as_str().or_else(|| named?["description"].as_str());
    text.unwrap_or_default().replace('\n', " ")
}

/// `ReplicationInstance` as `replication-instance`.
fn file_name(kind: &str) -> String {
    let mut name = String::new();
    for letter in kind.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

/// The table of fields; an error if the schema does not say of one what it holds or what changing it does.
fn table(fields: &[Field]) -> Result<String, String> {
    let mut text =
        "| field | type | required | default | a change | description |\n|---|---|---|---|---|---|\n"
            .to_owned();
    for Field { path, ty, required, default, change, description } in fields {
        if ty.is_empty() || change.is_empty() || description.is_empty() {
            return Err(format!("the schema does not say of `{path}` its type, change and description"));
        }
        let path = format!("`{path}`");
        let cells =
            [path.as_str(), ty, required, default, change, description].map(|cell| cell.replace('|', "\\|"));
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    Ok(text)
}
