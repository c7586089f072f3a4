//! DMS table mappings: which tables a task moves, and under which names.
//!
//! The ids and names of rules are made from each rule's own content, so that a rule that is added or
//! removed changes no other.

use std::borrow::Cow;
use std::collections::BTreeSet;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use crate::documents::{RenameSpec, TablesSpec};
use crate::read::{Read, Reader};
use crate::tree::{Node, Value};

/// A pattern of tables, `schema.table`, in DMS's wildcards.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pattern {
    pub(crate) schema: String,
    pub(crate) table: String,
}

impl Read for Pattern {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let text = String::read(node, reader)?;
        let shown: String = text.chars().take(60).collect();
        match text.split_once('.') {
            Some((schema, table)) if !schema.is_empty() && !table.is_empty() => {
                Some(Self { schema: wildcards(schema), table: wildcards(table) })
            }
            _ => {
                let hint = if text.contains('.') || text.is_empty() {
                    "write `schema.table`, for example shop.orders or shop.*".to_owned()
                } else {
                    format!("write `{shown}.*` for all tables of the schema {shown}")
                };
                reader.error_with_hint(node.at, format!("`{shown}` is not a pattern `schema.table`"), hint);
                None
            }
        }
    }
}

impl JsonSchema for Pattern {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Pattern".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": r"^[^.]+\..+$"})
    }
}

fn wildcards(pattern: &str) -> String {
    pattern.replace('*', "%")
}

/// Compiles patterns and renames to a DMS table-mapping document.
pub(crate) fn compile(tables: &TablesSpec) -> Json {
    let include = tables.include.iter().map(|pattern| ("include", &pattern.value));
    let exclude = tables.exclude.iter().flatten().map(|pattern| ("exclude", &pattern.value));
    let mut rules = Vec::new();
    let mut taken = BTreeSet::new();
    for (action, Pattern { schema, table }) in include.chain(exclude) {
        let (id, name) = identity(&["selection", action, schema, table], &mut taken);
        rules.push(json!({
            "rule-type": "selection",
            "rule-id": id,
            "rule-name": name,
            "object-locator": {"schema-name": schema, "table-name": table},
            "rule-action": action,
            "filters": [],
        }));
    }
    for RenameSpec { schema, table, to } in tables.rename.iter().flatten().map(|rename| &rename.value) {
        let schema = wildcards(&schema.0);
        let table = table.as_ref().map(|table| wildcards(&table.0));
        let target = if table.is_some() { "table" } else { "schema" };
        let mut locator = json!({"schema-name": schema});
        if let Some(table) = &table {
            locator["table-name"] = json!(table);
        }
        let parts = ["transformation", "rename", &schema, table.as_deref().unwrap_or(""), to.0.as_str()];
        let (id, name) = identity(&parts, &mut taken);
        rules.push(json!({
            "rule-type": "transformation",
            "rule-id": id,
            "rule-name": name,
            "rule-target": target,
            "object-locator": locator,
            "rule-action": "rename",
            "value": to.0.as_str(),
        }));
    }
    json!({ "rules": rules })
}

/// A rule's numeric id, unique in the document, and its name, both made of its content.
fn identity(parts: &[&str], taken: &mut BTreeSet<u32>) -> (String, String) {
    let digest = Sha256::digest(parts.join("\0"));
    let mut id = digest.iter().take(4).fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte)) % 1_000_000_000;
    while id == 0 || !taken.insert(id) {
        id += 1;
    }
    let words = parts[1..].join(" ").replace('%', " all ");
    let readable: Vec<String> = words
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let mut name = readable.join("-");
    name.truncate(80);
    (id.to_string(), format!("{name}-{id}"))
}

/// Checks a DMS table-mapping document that a spec gives as it is.
pub(crate) fn check(document: &Node, reader: &mut Reader<'_>) {
    if !matches!(document.value, Value::Map(_)) {
        return; // the reader says so
    }
    let rules = match document.get("rules").map(|rules| &rules.value) {
        Some(Value::List(rules)) if !rules.is_empty() => rules,
        _ => {
            reader.error_with_hint(
                document.at,
                "a table-mapping document needs a list `rules` that is not empty",
                "see \"Using table mapping to specify task settings\" in the DMS User Guide",
            );
            return;
        }
    };
    for name in ["rule-id", "rule-name"] {
        let mut first = std::collections::BTreeMap::new();
        for rule in rules {
            let Some(node) = rule.get(name) else { continue };
            let value = node.to_json().to_string().replace('"', "");
            if let Some(at) = first.insert(value.clone(), node.at) {
                let place = reader.sources.place(node.at);
                let earlier = reader.sources.place(at);
                let message = format!("two rules have the {name} `{value}`");
                reader.found.push(crate::Diagnostic::new(place, message).also(earlier, "the other one"));
            }
        }
    }
    if !rules.iter().any(|rule| rule.get("rule-type").and_then(Node::as_str) == Some("selection")) {
        reader.error(document.at, "a table-mapping document needs at least one rule of the type selection");
    }
    for rule in rules {
        for name in ["rule-type", "rule-id", "rule-name"] {
            if rule.get(name).is_none() {
                reader.error(rule.at, format!("the field `{name}` is missing in this rule"));
            }
        }
    }
}

/// Checks a DMS table-mapping document from a file; says what is wrong with it.
pub(crate) fn parse_file(bytes: &[u8]) -> Result<Json, String> {
    let document: Json = serde_json::from_slice(bytes)
        .map_err(|error| format!("it is not JSON: line {}, column {}", error.line(), error.column()))?;
    let rules = document.get("rules").and_then(Json::as_array).filter(|rules| !rules.is_empty());
    let Some(rules) = rules else {
        return Err("it has no list `rules` that is not empty".to_owned());
    };
    for name in ["rule-type", "rule-id", "rule-name"] {
        if let Some(at) = rules.iter().position(|rule| rule.get(name).is_none()) {
            return Err(format!("its rule {} has no `{name}`", at + 1));
        }
    }
    if !rules.iter().any(|rule| rule["rule-type"] == "selection") {
        return Err("it has no rule of the type selection".to_owned());
    }
    Ok(document)
}
