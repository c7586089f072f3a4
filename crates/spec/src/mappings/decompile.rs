//! From DMS's own JSON to the language of `migration.tables`, where the language says the same.
//!
//! Each rule is put as an entry, and what the entries compile to must mean what the rules mean. So nothing that
//! this module does not know of can be lost.

mod entries;

use std::fmt;

use pipewright_model::same_mappings;
use serde::ser::{Serialize, Serializer};
use serde_json::{Value as Json, json};

use super::{compile, read_document};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::documents::TablesSpec;
use crate::read::{Read as _, Reader};
use crate::sources::{At, Source, Sources};
use crate::tree::{Entry, Node, Value};

/// The lists of the language, in the order in which it is compiled.
const LISTS: [&str; 9] = [
    "include",
    "explicit",
    "exclude",
    "rename",
    "transform",
    "settings",
    "objectMapping",
    "validation",
    "objectTags",
];

const HINT: &str = "keep the document as it is, under `mappings` or in a `mappingsFile`";

/// What stands under `migration.tables` of a spec; serialised, its fields are in the order in which people read
/// them.
#[derive(Debug, Clone, PartialEq)]
pub struct Tables(Node);

/// As YAML, from the first field on.
impl fmt::Display for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_yaml::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for Tables {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// The language of `migration.tables` for a DMS table-mapping document in JSON.
///
/// What it compiles to does the same: only ids, names and the order of rules, which mean nothing to DMS, can be
/// others. Of what comes from this language, they are the same as well. A document that is wrong, or has a rule
/// that the language cannot say, gives every such error at its place.
pub fn tables_of(source: Source) -> Result<Tables, Diagnostics> {
    let mut sources = Sources::default();
    let document = read_document(&mut sources, source).map_err(Diagnostics::sorted)?;
    let mut reader = Reader::new(&sources);
    let tables = put(&document, &mut reader);
    if reader.found.is_empty()
        && let Some(spec) = TablesSpec::read(&tables, &mut reader)
    {
        compare(&document, &spec, &mut reader);
    }
    let mut found = reader.found;
    if found.is_empty() {
        return Ok(Tables(tables));
    }
    for diagnostic in &mut found {
        diagnostic.hint = Some(HINT.to_owned());
    }
    Err(Diagnostics::sorted(found))
}

fn rules(document: &Node) -> &[Node] {
    match document.get("rules").map(|rules| &rules.value) {
        Some(Value::List(rules)) => rules,
        _ => &[],
    }
}

/// Puts each rule into its list. Every node of an entry has the place of its rule.
fn put(document: &Node, reader: &mut Reader<'_>) -> Node {
    if let Value::Map(entries) = &document.value {
        for entry in entries.iter().filter(|entry| entry.key != "rules") {
            reader.error(entry.key_at, "`tables` has nothing beside rules");
        }
    }
    let mut lists: [Vec<Node>; LISTS.len()] = Default::default();
    for rule in rules(document) {
        // A rename after another change stays after it.
        let transformed = !lists[4].is_empty();
        match entries::entry(&rule.to_json(), transformed) {
            Some((list, mut entry)) => {
                place(&mut entry, rule.at);
                if let Some(index) = LISTS.iter().position(|&name| name == list) {
                    lists[index].push(entry);
                }
            }
            None => reader.error(rule.at, "`tables` has no word for what this rule does"),
        }
    }
    let entries = LISTS.iter().zip(lists).filter(|(_, items)| !items.is_empty()).map(|(name, items)| {
        let node = Node { at: document.at, value: Value::List(items) };
        Entry { key: (*name).to_owned(), key_at: document.at, node }
    });
    Node { at: document.at, value: Value::Map(entries.collect()) }
}

/// Records an error for each rule that means another thing after it was compiled again.
fn compare(document: &Node, tables: &TablesSpec, reader: &mut Reader<'_>) {
    for compiled in compile::rules(tables) {
        let Some(rule) = rules(document).iter().find(|rule| rule.at == compiled.at) else { continue };
        let rule = rule.to_json();
        if !same_mappings(&json!({"rules": [&rule]}), &json!({"rules": [&compiled.rule]})) {
            let member = other_member(&rule, &compiled.rule);
            let message = format!("`tables` has no words for the `{member}` of this rule");
            let place = reader.sources.place(compiled.at);
            reader.found.push(Diagnostic::new(place, message));
        }
    }
}

/// The path of the first member of a rule that is another one after it was compiled again.
fn other_member(rule: &Json, compiled: &Json) -> String {
    let (Json::Object(members), Json::Object(others)) = (rule, compiled) else { return String::new() };
    let is_identity = |name: &str| name == "rule-id" || name == "rule-name";
    let mut names = members.keys().chain(others.keys()).filter(|name| !is_identity(name));
    let Some(name) = names.find(|name| members.get(*name) != others.get(*name)) else {
        return String::new();
    };
    let inner = match (members.get(name), others.get(name)) {
        (Some(member), Some(other)) => other_member(member, other),
        _ => String::new(),
    };
    if inner.is_empty() { name.clone() } else { format!("{name}.{inner}") }
}

fn place(node: &mut Node, at: At) {
    node.at = at;
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| place(item, at)),
        Value::Map(entries) => {
            for entry in entries {
                entry.key_at = at;
                place(&mut entry.node, at);
            }
        }
        _ => {}
    }
}
