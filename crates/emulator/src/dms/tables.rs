//! Table mappings: which documents are valid, and which tables a task would find.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::errors;
use crate::api::AwsError;

/// A table of a source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Table {
    pub schema: String,
    pub name: String,
}

const RULE_TYPES: [&str; 6] =
    ["selection", "transformation", "table-settings", "object-mapping", "validation", "post-processing"];
const TARGETS: [&str; 5] = ["schema", "table", "column", "table-tablespace", "index-tablespace"];
const TRANSFORMATIONS: [&str; 18] = [
    "rename",
    "convert-lowercase",
    "convert-uppercase",
    "add-prefix",
    "remove-prefix",
    "replace-prefix",
    "add-suffix",
    "remove-suffix",
    "replace-suffix",
    "add-column",
    "include-column",
    "remove-column",
    "change-data-type",
    "define-primary-key",
    "add-before-image-columns",
    "data-masking-digits-mask",
    "data-masking-digits-randomize",
    "data-masking-hash-mask",
];
const SELECTIONS: [&str; 3] = ["include", "exclude", "explicit"];

/// Refuses a document that DMS would.
pub(super) fn check(document: &str) -> Result<(), AwsError> {
    let rules = rules(document)?;
    let mut ids = BTreeSet::new();
    let mut names = BTreeSet::new();
    for rule in &rules {
        let id = plain(&rule["rule-id"]);
        let name = plain(&rule["rule-name"]);
        if id.is_empty() || name.is_empty() {
            return Err(failed(&id, "All rules in the mapping must have a ruleId and a ruleName"));
        }
        if !ids.insert(id.clone()) {
            return Err(failed(&id, "All rules in the mapping must have a unique ruleId"));
        }
        if !names.insert(name) {
            return Err(failed(&id, "All rules in the mapping must have a unique ruleName"));
        }
        let kind = rule["rule-type"].as_str().unwrap_or_default();
        if !RULE_TYPES.contains(&kind) {
            return Err(failed(&id, &format!("The rule type '{kind}' is not valid")));
        }
        if !rule["object-locator"].is_object() {
            return Err(failed(&id, "object locator cannot be null"));
        }
        if kind == "transformation" {
            check_transformation(rule, &id)?;
        }
        if kind == "table-settings" && ["schema-name", "table-name"].iter().any(|name| !is_exact(rule, name))
        {
            // The message is that of the User Guide, "Using parallel load".
            return Err(failed(&id, "Exact schema and table name required when using table settings rule."));
        }
        if kind == "selection" {
            let action = rule["rule-action"].as_str().unwrap_or_default();
            if !SELECTIONS.contains(&action) {
                return Err(failed(&id, &format!("The rule action '{action}' is not valid")));
            }
            let locator = &rule["object-locator"];
            let given = |member: &str| locator[member].as_str().is_some_and(|name| !name.is_empty());
            let table = given("table-name") || given("table-type");
            if !given("schema-name") || !table {
                return Err(failed(&id, "The object locator needs schema-name and table-name"));
            }
        }
    }
    let selected = rules.iter().any(|rule| {
        rule["rule-type"] == "selection"
            && (rule["rule-action"] == "include" || rule["rule-action"] == "explicit")
    });
    if selected {
        Ok(())
    } else {
        let message =
            "Error in mapping rules. At least one selection rule with the action include is needed.";
        Err(errors::invalid_value(message))
    }
}

/// The actions and targets of the User Guide's "Transformation rules and actions".
fn check_transformation(rule: &Value, id: &str) -> Result<(), AwsError> {
    let action = rule["rule-action"].as_str().unwrap_or_default();
    let target = rule["rule-target"].as_str().unwrap_or_default();
    if !TARGETS.contains(&target) {
        return Err(failed(id, &format!("The rule target '{target}' is not valid")));
    }
    if !TRANSFORMATIONS.contains(&action) {
        return Err(failed(id, &format!("The rule action '{action}' is not valid")));
    }
    let needs_value = ["rename", "add-column"].contains(&action)
        || action.ends_with("-prefix")
        || action.ends_with("-suffix");
    if needs_value && rule["value"].as_str().is_none_or(str::is_empty) {
        return Err(failed(id, &format!("The rule action '{action}' needs a value")));
    }
    Ok(())
}

/// Whether a rule's locator has a name without wildcards for any characters.
fn is_exact(rule: &Value, member: &str) -> bool {
    rule["object-locator"][member].as_str().is_some_and(|name| !name.is_empty() && !name.contains('%'))
}

/// The tables that the rules select. There is no database here: a pattern finds the same few tables every time.
pub(super) fn selected(document: &str) -> Vec<Table> {
    let rules = rules(document).unwrap_or_default();
    let of_action = |action: &'static [&'static str]| {
        rules
            .iter()
            .filter(move |rule| {
                rule["rule-type"] == "selection"
                    && rule["rule-action"].as_str().is_some_and(|given| action.contains(&given))
            })
            .map(|rule| {
                let locator = &rule["object-locator"];
                let pattern = |member: &str| locator[member].as_str().unwrap_or("%").to_owned();
                (pattern("schema-name"), pattern("table-name"))
            })
    };
    let found: BTreeSet<Table> = of_action(&["include", "explicit"])
        .flat_map(|(schema, table)| {
            let schema = schema.replace('%', "schema_1");
            let names: Vec<String> = if table.contains('%') {
                (1..=3).map(|n| table.replace('%', &format!("table_{n}"))).collect()
            } else {
                vec![table]
            };
            names.into_iter().map(move |name| Table { schema: schema.clone(), name })
        })
        .collect();
    let excluded: Vec<(String, String)> = of_action(&["exclude"]).collect();
    found
        .into_iter()
        .filter(|table| {
            !excluded
                .iter()
                .any(|(schema, name)| matches(schema, &table.schema) && matches(name, &table.name))
        })
        .collect()
}

/// `Invalid Table Mappings document` (<https://github.com/boto/botocore/issues/1121>).
fn rules(document: &str) -> Result<Vec<Value>, AwsError> {
    let parsed: Option<Value> = serde_json::from_str(document).ok();
    parsed
        .and_then(|document| document.get("rules")?.as_array().cloned())
        .filter(|rules| rules.iter().all(Value::is_object))
        .ok_or_else(|| errors::invalid_value("Invalid Table Mappings document. Document is not valid."))
}

/// Ids may be strings or numbers.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

fn failed(id: &str, reason: &str) -> AwsError {
    errors::invalid_value(format!(
        "Error in mapping rules. Rule with ruleId = {id} failed validation. {reason}"
    ))
}

/// `%` stands for any characters.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('%') {
        None => pattern == text,
        Some((head, rest)) => text.strip_prefix(head).is_some_and(|tail| {
            let ends = tail.char_indices().map(|(at, _)| at).chain([tail.len()]);
            ends.into_iter().any(|at| matches(rest, &tail[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rule(id: &str, action: &str, schema: &str, table: &str) -> Value {
        json!({"rule-type": "selection", "rule-id": id, "rule-name": id, "rule-action": action,
            "object-locator": {"schema-name": schema, "table-name": table}})
    }

    #[test]
    fn patterns() {
        assert!(matches("%", ""));
        assert!(matches("a%c", "abc"));
        assert!(!matches("a%c", "ab"));
        assert!(matches("%é%", "aéb"));
    }

    #[test]
    fn selected_tables_without_the_excluded() {
        let document = json!({"rules": [
            rule("1", "include", "shop", "%"), rule("2", "exclude", "shop", "%_2"), rule("3", "include", "a", "b")]});
        let names: Vec<String> = selected(&document.to_string())
            .into_iter()
            .map(|table| format!("{}.{}", table.schema, table.name))
            .collect();
        assert_eq!(names, ["a.b", "shop.table_1", "shop.table_3"]);
    }

    #[test]
    fn wrong_documents_are_refused() {
        let same = json!({"rules": [rule("1", "include", "a", "b"), rule("1", "include", "c", "d")]});
        let error = check(&same.to_string()).unwrap_err();
        assert!(error.message.contains("must have a unique ruleId"), "{error:?}");
        let none = json!({"rules": [rule("1", "exclude", "a", "b")]});
        assert!(check(&none.to_string()).is_err());
        assert!(check("{").unwrap_err().message.starts_with("Invalid Table Mappings document"));
        assert!(check(&json!({"rules": [rule("1", "keep", "a", "b")]}).to_string()).is_err());
    }

    #[test]
    fn rules_beside_selections_are_checked() {
        let with = |more: Value| check(&json!({"rules": [rule("1", "include", "a", "%"), more]}).to_string());
        let message = |more: Value| with(more).unwrap_err().message;
        let settings = |table: &str| {
            json!({"rule-type": "table-settings", "rule-id": "2", "rule-name": "2",
                "object-locator": {"schema-name": "a", "table-name": table}})
        };
        assert!(with(settings("b")).is_ok());
        assert!(
            message(settings("%"))
                .ends_with("Exact schema and table name required when using table settings rule.")
        );
        let no_locator = json!({"rule-type": "validation", "rule-id": "2", "rule-name": "2"});
        assert!(message(no_locator).ends_with("object locator cannot be null"));
        let change = |action: &str, target: &str| {
            json!({"rule-type": "transformation", "rule-id": "2", "rule-name": "2", "rule-action": action,
                "rule-target": target, "object-locator": {"schema-name": "a"}, "value": "b"})
        };
        assert!(with(change("rename", "schema")).is_ok());
        assert!(with(change("rename", "database")).is_err() && with(change("erase", "schema")).is_err());
        let nameless = json!({"rule-type": "transformation", "rule-id": "2", "rule-name": "2",
            "rule-action": "rename", "rule-target": "schema", "object-locator": {"schema-name": "a"}});
        assert!(with(nameless).is_err());
    }
}
