//! DMS table mappings: which tables a task moves, and under which names.
//!
//! [`compile`] turns the language of `migration.tables` into DMS's own JSON. The ids and names of rules are
//! made from each rule's own content, so that a rule that is added or removed changes no other.

mod compile;
mod decompile;
mod explain;
mod ids;
mod pattern;
mod rules;
mod warnings;
mod wildcards;

use serde_json::Value as Json;

pub(crate) use compile::compile;
pub use decompile::{Tables, tables_of};
pub use explain::{AppliedRule, Explanation, explain};
pub(crate) use pattern::{Glob, Pattern};
pub(crate) use wildcards::{from_dms, is_wild};

use crate::diagnostic::Diagnostic;
use crate::documents::{JsonDocument, MigrationSpec};
use crate::json;
use crate::read::{Read as _, Reader, did_you_mean, one_of};
use crate::sources::{At, Source, Sources};
use crate::tree::{Node, Value};

/// The types of rules that DMS has (DMS User Guide, "Specifying table selection and transformations rules using
/// JSON" and the pages beside it).
const RULE_TYPES: [&str; 6] =
    ["selection", "transformation", "table-settings", "object-mapping", "validation", "post-processing"];

/// A word as errors show it.
fn shown(word: &str) -> String {
    word.chars().take(60).collect()
}

/// An id or a name of a rule; a number is the same as its digits in quotes.
fn plain(value: &Json) -> String {
    value.to_string().replace('"', "")
}

/// Warns of rules that contradict one another or can have no effect; `file` is what the pipeline's mapping file
/// holds.
pub(crate) fn warnings(migration: &MigrationSpec, file: Option<&Node>, sources: &Sources) -> Vec<Diagnostic> {
    let document = migration.mappings.as_ref().map(|document| &document.0).or(file);
    let rules: Vec<(Json, At)> = match (&migration.tables, document) {
        (Some(tables), _) => {
            compile::rules(tables).into_iter().map(|compiled| (compiled.rule, compiled.at)).collect()
        }
        (None, Some(document)) => match document.get("rules").map(|rules| &rules.value) {
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
            let value = plain(&node.to_json());
            if let Some(at) = first.insert(value.clone(), node.at) {
                let place = reader.sources.place(node.at);
                let earlier = reader.sources.place(at);
                let message = format!("two rules have the {name} `{}`", shown(&value));
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
        let Some(node) = rule.get("rule-type") else { continue };
        let ty = node.as_str().unwrap_or_default();
        if !RULE_TYPES.contains(&ty) {
            let hint = did_you_mean(ty, RULE_TYPES).unwrap_or_else(|| one_of("the types are", RULE_TYPES));
            let message = format!("DMS has no rules of the type `{}`", shown(&plain(&node.to_json())));
            reader.error_with_hint(node.at, message, hint);
        }
    }
}

/// Reads a file with a DMS table-mapping document, and checks it.
pub(crate) fn read_document(sources: &mut Sources, source: Source) -> Result<Node, Vec<Diagnostic>> {
    let file = sources.add(source).map_err(|error| vec![*error])?;
    let node = json::read(sources, file).map_err(|error| vec![*error])?;
    let mut reader = Reader::new(sources);
    check(&node, &mut reader);
    // Says what `check` leaves to it: that it is an object, and that no key is there twice.
    let _ = JsonDocument::read(&node, &mut reader);
    if reader.found.is_empty() { Ok(node) } else { Err(reader.found) }
}
