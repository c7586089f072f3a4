//! What becomes of one table: an interpreter of DMS's own JSON.
//!
//! The meaning of rules is that of the DMS User Guide, "Selection rules and actions", "Transformation rules
//! and actions" and "Using source filters": a table is moved if a rule includes it and none excludes it; the
//! filters of a rule must all hold, of the conditions of one filter any; DMS applies one change of name to
//! one object, and does not say which where there are several.

use serde::Serialize;
use serde_json::Value as Json;

use super::rules::{Rule, rules};

/// What becomes of a table, or of one of its columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The schema in the source.
    pub schema: String,
    /// The table in the source.
    pub table: String,
    /// The column in the source, if one was asked for.
    pub column: Option<String>,
    /// Whether it is moved.
    pub moved: bool,
    /// The schema in the target; nothing if it is not moved, or if DMS does not say.
    pub target_schema: Option<String>,
    /// The table in the target; nothing if it is not moved, or if DMS does not say.
    pub target_table: Option<String>,
    /// The column in the target; nothing if none was asked for, it is not moved, or DMS does not say.
    pub target_column: Option<String>,
    /// The rules that are about it, in the order in which they count.
    pub rules: Vec<AppliedRule>,
}

/// A rule that is about a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AppliedRule {
    /// The rule's id.
    pub id: String,
    /// The rule's name.
    pub name: String,
    /// What it does, in words.
    pub effect: String,
}

/// Says what a DMS table-mapping document does with a table, or with one of its columns.
pub fn explain(document: &Json, schema: &str, table: &str, column: Option<&str>) -> Explanation {
    let rules = rules(document);
    let here: Vec<&Rule<'_>> = rules.iter().filter(|rule| rule.matches_table(schema, table)).collect();
    let included = here.iter().any(|rule| rule.selects());
    let excluded = here.iter().any(|rule| rule.excludes());
    let mut explanation = Explanation {
        schema: schema.to_owned(),
        table: table.to_owned(),
        column: column.map(str::to_owned),
        moved: included && !excluded,
        target_schema: None,
        target_table: None,
        target_column: None,
        rules: Vec::new(),
    };
    for rule in here.iter().filter(|rule| rule.is_selection()) {
        explanation.push(rule, selection(rule));
    }
    if !explanation.moved {
        return explanation;
    }
    explanation.target_schema = explanation.rename(&here, "schema", schema);
    explanation.target_table = explanation.rename(&here, "table", table);
    if let Some(column) = column {
        explanation.column(&here, column);
    }
    for rule in &here {
        let is_about = column.is_none_or(|column| rule.matches_column(column));
        let is_told = rule.is_selection() || (rule.renames() && is_name(rule.target, column));
        if is_about && !is_told && (column.is_none() || rule.target == "column") {
            explanation.push(rule, effect(rule));
        }
    }
    explanation
}

fn is_name(target: &str, column: Option<&str>) -> bool {
    matches!(target, "schema" | "table") || (target == "column" && column.is_some())
}

impl Explanation {
    fn push(&mut self, rule: &Rule<'_>, effect: String) {
        self.rules.push(AppliedRule { id: rule.id(), name: rule.text("rule-name").to_owned(), effect });
    }

    /// The name in the target; none where several rules give one.
    fn rename(&mut self, here: &[&Rule<'_>], target: &str, name: &str) -> Option<String> {
        let renaming: Vec<&&Rule<'_>> =
            here.iter().filter(|rule| rule.renames() && rule.target == target).collect();
        for rule in &renaming {
            let mut effect = format!("{} {target} to {}", rule.action, rule.renamed(name));
            if renaming.len() > 1 {
                effect.push_str("; another rule names it as well, and DMS does not say which counts");
            }
            self.push(rule, effect);
        }
        match renaming.as_slice() {
            [] => Some(name.to_owned()),
            [only] => Some(only.renamed(name)),
            _ => None,
        }
    }

    fn column(&mut self, here: &[&Rule<'_>], column: &str) {
        let about: Vec<&Rule<'_>> = here.iter().copied().filter(|rule| rule.target == "column").collect();
        let included: Vec<&&Rule<'_>> = about.iter().filter(|rule| rule.action == "include-column").collect();
        let left_out = !included.is_empty() && !included.iter().any(|rule| rule.matches_column(column));
        let removed = about.iter().any(|rule| rule.action == "remove-column" && rule.matches_column(column));
        let here: Vec<&Rule<'_>> = about.into_iter().filter(|rule| rule.matches_column(column)).collect();
        let name = self.rename(&here, "column", column);
        self.moved = !left_out && !removed;
        self.target_column = name.filter(|_| self.moved);
    }
}

fn selection(rule: &Rule<'_>) -> String {
    let mut effect = rule.action.to_owned();
    let filters = rule.json.get("filters").and_then(Json::as_array);
    let filters: Vec<String> = filters.into_iter().flatten().map(filter).collect();
    if !filters.is_empty() {
        effect.push_str(" rows where ");
        effect.push_str(&filters.join(" and "));
    }
    match rule.json.get("load-order") {
        Some(Json::String(order)) => effect.push_str(&format!(", load order {order}")),
        Some(Json::Number(order)) => effect.push_str(&format!(", load order {order}")),
        _ => {}
    }
    effect
}

fn filter(filter: &Json) -> String {
    let text = |value: &Json, name: &str| match value.get(name) {
        Some(Json::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let column = text(filter, "column-name");
    let conditions = filter.get("filter-conditions").and_then(Json::as_array);
    let conditions: Vec<String> = conditions
        .into_iter()
        .flatten()
        .map(|condition| {
            let value = text(condition, "value");
            let (start, end) = (text(condition, "start-value"), text(condition, "end-value"));
            match text(condition, "filter-operator").as_str() {
                "eq" => format!("{column} = {value}"),
                "noteq" => format!("{column} <> {value}"),
                "lte" | "ste" => format!("{column} <= {value}"),
                "gte" => format!("{column} >= {value}"),
                "between" => format!("{column} between {start} and {end}"),
                "notbetween" => format!("{column} not between {start} and {end}"),
                "null" => format!("{column} is null"),
                "notnull" => format!("{column} is not null"),
                other => format!("{column} {other} {value}"),
            }
        })
        .collect();
    match conditions.as_slice() {
        [only] => only.clone(),
        several => format!("({})", several.join(" or ")),
    }
}

fn effect(rule: &Rule<'_>) -> String {
    let kind = if rule.action.is_empty() { rule.kind } else { rule.action };
    let column = rule.json.get("object-locator").and_then(|locator| locator.get("column-name"));
    let column = column.and_then(Json::as_str);
    let words: Vec<&str> =
        [Some(kind), column, Some(rule.text("value")), Some(rule.text("kafka-target-topic"))]
            .into_iter()
            .flatten()
            .filter(|word| !word.is_empty())
            .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Json {
        let locator = |table: &str| json!({"schema-name": "shop", "table-name": table});
        json!({"rules": [
            {"rule-type": "selection", "rule-id": "1", "rule-name": "a", "rule-action": "include",
                "object-locator": locator("%")},
            {"rule-type": "selection", "rule-id": "2", "rule-name": "b", "rule-action": "exclude",
                "object-locator": locator("audit%")},
            {"rule-type": "selection", "rule-id": "3", "rule-name": "c", "rule-action": "include",
                "object-locator": locator("orders"), "load-order": "2", "filters": [
                    {"column-name": "id", "filter-conditions": [{"filter-operator": "gte", "value": "7"},
                        {"filter-operator": "null"}]}]},
            {"rule-type": "transformation", "rule-id": "4", "rule-name": "d", "rule-action": "rename",
                "rule-target": "schema", "object-locator": {"schema-name": "shop"}, "value": "public"},
            {"rule-type": "transformation", "rule-id": "5", "rule-name": "e", "rule-action": "replace-prefix",
                "rule-target": "table", "object-locator": locator("ord%"), "value": "new_", "old-value": "ord"},
            {"rule-type": "transformation", "rule-id": "6", "rule-name": "f", "rule-action": "remove-column",
                "rule-target": "column",
                "object-locator": {"schema-name": "shop", "table-name": "%", "column-name": "secret%"}},
        ]})
    }

    #[test]
    fn a_table_is_followed_to_the_target() {
        let orders = explain(&document(), "shop", "orders", None);
        assert!(orders.moved);
        assert_eq!(orders.target_schema.as_deref(), Some("public"));
        assert_eq!(orders.target_table.as_deref(), Some("new_ers"));
        let effects: Vec<&str> = orders.rules.iter().map(|rule| rule.effect.as_str()).collect();
        assert_eq!(
            effects,
            [
                "include",
                "include rows where (id >= 7 or id is null), load order 2",
                "rename schema to public",
                "replace-prefix table to new_ers",
                "remove-column secret%",
            ]
        );
    }

    #[test]
    fn what_is_excluded_or_not_included_stays() {
        let audit = explain(&document(), "shop", "audit_log", None);
        assert!(!audit.moved && audit.target_table.is_none() && audit.rules.len() == 2);
        assert!(explain(&document(), "crm", "orders", None).rules.is_empty());
    }

    #[test]
    fn columns_are_removed_or_keep_their_names() {
        let secret = explain(&document(), "shop", "users", Some("secret_key"));
        assert!(!secret.moved && secret.target_column.is_none());
        let name = explain(&document(), "shop", "users", Some("name"));
        assert!(name.moved);
        assert_eq!(name.target_column.as_deref(), Some("name"));
    }

    #[test]
    fn of_two_names_dms_does_not_say_which_counts() {
        let mut document = document();
        let rule = json!({"rule-type": "transformation", "rule-id": "9", "rule-name": "g",
            "rule-action": "convert-uppercase", "rule-target": "table",
            "object-locator": {"schema-name": "%", "table-name": "%"}});
        document["rules"].as_array_mut().unwrap().push(rule);
        assert_eq!(explain(&document, "shop", "orders", None).target_table, None);
        assert_eq!(explain(&document, "shop", "users", None).target_table.as_deref(), Some("USERS"));
    }
}
