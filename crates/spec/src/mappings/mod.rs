//! DMS table mappings: which tables a task moves, and under which names.
//!
//! [`compile`] turns the language of `migration.tables` into DMS's own JSON. The ids and names of rules are
//! made from each rule's own content, so that a rule that is added or removed changes no other.

mod compile;
mod explain;
mod ids;
mod pattern;
mod rules;
mod warnings;
mod wildcards;

use serde_json::Value as Json;

pub(crate) use compile::compile;
pub use explain::{AppliedRule, Explanation, explain};
pub(crate) use pattern::{Glob, Pattern};
pub(crate) use wildcards::is_wild;

use crate::diagnostic::Diagnostic;
use crate::documents::MigrationSpec;
use crate::read::Reader;
use crate::sources::{At, Sources};
use crate::tree::{Node, Value};

/// Warns of rules that contradict one another or can have no effect. Those of a file have no place in a spec,
/// and are not looked at.
pub(crate) fn warnings(migration: &MigrationSpec, sources: &Sources) -> Vec<Diagnostic> {
    let rules: Vec<(Json, At)> = match (&migration.tables, &migration.mappings) {
        (Some(tables), _) => {
            compile::rules(tables).into_iter().map(|compiled| (compiled.rule, compiled.at)).collect()
        }
        (None, Some(document)) => match document.0.get("rules").map(|rules| &rules.value) {
            Some(Value::List(rules)) => rules.iter().map(|rule| (rule.to_json(), rule.at)).collect(),
            _ => Vec::new(),
        },
        (None, None) => Vec::new(),
    };
    let (rules, places): (Vec<Json>, Vec<At>) = rules.into_iter().unzip();
    let diagnostic = |finding: warnings::Finding| {
        let place = sources.place(places[finding.rule]);
        let warning = Diagnostic::warning(place, finding.message).hint(finding.hint);
        match finding.other {
            Some((other, label)) => warning.also(sources.place(places[other]), label),
            None => warning,
        }
    };
    warnings::findings(&rules).into_iter().map(diagnostic).collect()
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
