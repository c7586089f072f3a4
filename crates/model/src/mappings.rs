//! Comparing table mappings: by what the rules do, not by how they are written.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Whether two table-mapping documents do the same.
///
/// Stopping a running task is a disturbance, so it is not done for what changes nothing: the ids, names and
/// order of rules; members that are null, as the console and older SDKs write them; an empty list of filters;
/// numbers as text; and members that say what DMS does without them.
pub fn same_mappings(a: &Value, b: &Value) -> bool {
    match (meaning(a), meaning(b)) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

/// The rules of a document as a set, if it has rules.
fn meaning(document: &Value) -> Option<BTreeSet<String>> {
    let rules = document.get("rules")?.as_array()?;
    Some(rules.iter().map(|rule| canonical(rule).to_string()).collect())
}

fn canonical(rule: &Value) -> Value {
    let mut rule = plain(rule);
    let Value::Object(members) = &mut rule else { return rule };
    members.remove("rule-id");
    members.remove("rule-name");
    let of_schema = members.get("rule-target").is_some_and(|target| target == "schema");
    // A table is meant where the type is not said ("Selection rules and actions").
    if let Some(Value::Object(locator)) = members.get_mut("object-locator") {
        remove_default(locator, "table-type", "table");
        // What is changed is the schema, whichever tables it has; some tools name all of them.
        if of_schema {
            remove_default(locator, "table-name", "%");
        }
    }
    if let Some(Value::Object(key)) = members.get_mut("primary-key-def") {
        remove_default(key, "origin", "primary-key");
    }
    // "Transformation rules and actions", `before-image-def`.
    if let Some(Value::Object(image)) = members.get_mut("before-image-def") {
        remove_default(image, "column-prefix", "BI_");
        remove_default(image, "column-suffix", "");
        remove_default(image, "column-filter", "pk-only");
    }
    rule
}

fn remove_default(members: &mut Map<String, Value>, name: &str, default: &str) {
    if members.get(name).and_then(Value::as_str) == Some(default) {
        members.remove(name);
    }
}

/// A value without what says nothing, numbers and booleans as text.
fn plain(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .filter(|(name, value)| !says_nothing(name, value))
                .map(|(name, value)| (name.clone(), word(name, plain(value))))
                .collect(),
        ),
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Number(number) => Value::String(number.to_string()),
        Value::Bool(flag) => Value::String(flag.to_string()),
        Value::Null | Value::String(_) => value.clone(),
    }
}

fn says_nothing(name: &str, value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty() && name == "filters",
        _ => false,
    }
}

/// Two names of one filter operator ("Using source filters").
fn word(name: &str, value: Value) -> Value {
    if name == "filter-operator" && value == "lte" { Value::String("ste".to_owned()) } else { value }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(rule: &Value) -> Value {
        json!({"rules": [rule]})
    }

    #[test]
    fn the_order_ids_and_names_of_rules_do_not_count() {
        let a = json!({"rules": [
            {"rule-id": "1", "rule-name": "a", "rule-action": "include"},
            {"rule-id": "2", "rule-name": "b", "rule-action": "exclude"},
        ]});
        let b = json!({"rules": [
            {"rule-name": "x", "rule-id": 20, "rule-action": "exclude"},
            {"rule-id": 10, "rule-name": "y", "rule-action": "include"},
        ]});
        assert!(same_mappings(&a, &b));
        assert!(!same_mappings(&a, &json!({"rules": []})));
        assert!(!same_mappings(&a, &Value::Null));
    }

    /// <https://github.com/aws/aws-cli/issues/7057>: the console writes members that it has no value for.
    #[test]
    fn aws_cli_7057_members_that_are_null_do_not_count() {
        let live = json!({"rule-type": "transformation", "rule-id": "2", "rule-name": "l", "rule-target": "table",
            "value": null, "object-locator": {"schema-name": "%", "table-name": "%"},
            "rule-action": "convert-lowercase", "load-order": null, "before-image-def": null, "tag-set": null});
        let declared = json!({"rule-type": "transformation", "rule-id": "7", "rule-name": "m",
            "rule-target": "table", "object-locator": {"schema-name": "%", "table-name": "%"},
            "rule-action": "convert-lowercase"});
        assert!(same_mappings(&document(&declared), &document(&live)));
    }

    #[test]
    fn defaults_empty_filters_and_numbers_as_text_do_not_count() {
        let declared = json!({"rule-action": "include", "filters": [], "load-order": 2,
            "object-locator": {"schema-name": "a", "table-name": "b"}});
        let live = json!({"rule-action": "include", "load-order": "2",
            "object-locator": {"schema-name": "a", "table-name": "b", "table-type": "table"}});
        assert!(same_mappings(&document(&declared), &document(&live)));
        let filter =
            |operator: &str| json!({"filters": [{"filter-conditions": [{"filter-operator": operator}]}]});
        assert!(same_mappings(&document(&filter("lte")), &document(&filter("ste"))));
        let image = |definition: Value| {
            document(&json!({"rule-action": "add-before-image-columns", "before-image-def": definition}))
        };
        let defaults = json!({"column-prefix": "BI_", "column-suffix": "", "column-filter": "pk-only"});
        assert!(same_mappings(&image(json!({})), &image(defaults)));
        assert!(!same_mappings(&image(json!({})), &image(json!({"column-filter": "all"}))));
        assert!(!same_mappings(&document(&filter("gte")), &document(&filter("ste"))));
    }

    /// cdk-dms-replication writes a schema's rules with all of its tables.
    #[test]
    fn all_tables_of_a_schema_that_is_changed_itself_do_not_count() {
        let rule = |target: &str, locator: Value| {
            document(&json!({"rule-type": "transformation", "rule-target": target, "rule-action": "rename",
                "value": "b", "object-locator": locator}))
        };
        let (schema, tables) = (json!({"schema-name": "a"}), json!({"schema-name": "a", "table-name": "%"}));
        assert!(same_mappings(&rule("schema", schema.clone()), &rule("schema", tables.clone())));
        assert!(!same_mappings(&rule("table", schema.clone()), &rule("table", tables)));
        let one = json!({"schema-name": "a", "table-name": "t"});
        assert!(!same_mappings(&rule("schema", schema), &rule("schema", one)));
    }

    #[test]
    fn what_a_rule_does_counts() {
        let rule = |table: &str| {
            json!({"rule-action": "include",
            "object-locator": {"schema-name": "a", "table-name": table}})
        };
        assert!(!same_mappings(&document(&rule("b")), &document(&rule("B"))));
        let view = json!({"rule-action": "include",
            "object-locator": {"schema-name": "a", "table-name": "b", "table-type": "view"}});
        assert!(!same_mappings(&document(&rule("b")), &document(&view)));
        let excluded = |columns: Value| json!({"mapping-parameters": {"exclude-columns": columns}});
        assert!(!same_mappings(&document(&excluded(json!([]))), &document(&excluded(json!(["a"])))));
    }
}
