//! The rules of a DMS table-mapping document, as far as they say what they are about.

use serde_json::Value as Json;

use super::wildcards::Pattern;

/// A rule of DMS's own JSON, read leniently: what is missing is empty.
#[derive(Debug, Clone)]
pub(super) struct Rule<'a> {
    pub(super) json: &'a Json,
    pub(super) kind: &'a str,
    pub(super) action: &'a str,
    /// What a transformation changes: `schema`, `table`, `column`, …
    pub(super) target: &'a str,
    schema: Pattern,
    /// None where a rule is about a schema as a whole.
    table: Option<Pattern>,
    column: Option<Pattern>,
}

/// The rules of a document, in its order.
pub(super) fn rules(document: &Json) -> Vec<Rule<'_>> {
    let rules = document.get("rules").and_then(Json::as_array);
    rules.into_iter().flatten().map(Rule::new).collect()
}

impl<'a> Rule<'a> {
    pub(super) fn new(json: &'a Json) -> Self {
        let word = |name: &str| json.get(name).and_then(Json::as_str).unwrap_or_default();
        let located = |name: &str| json.get("object-locator")?.get(name)?.as_str();
        Self {
            json,
            kind: word("rule-type"),
            action: word("rule-action"),
            target: word("rule-target"),
            schema: Pattern::new(located("schema-name").unwrap_or("%")),
            table: located("table-name").map(Pattern::new),
            column: located("column-name").map(Pattern::new),
        }
    }

    /// Its id as text.
    pub(super) fn id(&self) -> String {
        match self.json.get("rule-id") {
            Some(Json::String(id)) => id.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        }
    }

    pub(super) fn text(&self, name: &str) -> &'a str {
        self.json.get(name).and_then(Json::as_str).unwrap_or_default()
    }

    pub(super) fn is_selection(&self) -> bool {
        self.kind == "selection"
    }

    /// Whether it selects tables, rather than leaving them out.
    pub(super) fn selects(&self) -> bool {
        self.is_selection() && (self.action == "include" || self.action == "explicit")
    }

    pub(super) fn excludes(&self) -> bool {
        self.is_selection() && self.action == "exclude"
    }

    pub(super) fn matches_table(&self, schema: &str, table: &str) -> bool {
        self.schema.matches(schema) && self.table.as_ref().is_none_or(|pattern| pattern.matches(table))
    }

    pub(super) fn matches_column(&self, column: &str) -> bool {
        self.column.as_ref().is_none_or(|pattern| pattern.matches(column))
    }

    /// Whether there can be a table that both rules are about.
    pub(super) fn meets(&self, other: &Self) -> bool {
        meet(Some(&self.schema), Some(&other.schema)) && meet(self.table.as_ref(), other.table.as_ref())
    }

    /// Whether there can be a column that both rules are about.
    pub(super) fn meets_in_columns(&self, other: &Self) -> bool {
        self.meets(other) && meet(self.column.as_ref(), other.column.as_ref())
    }

    /// Whether it is about every table that the other is about.
    pub(super) fn covers(&self, other: &Self) -> bool {
        self.schema.covers(&other.schema) && cover(self.table.as_ref(), other.table.as_ref())
    }

    /// The same of columns.
    pub(super) fn covers_columns(&self, other: &Self) -> bool {
        self.covers(other) && cover(self.column.as_ref(), other.column.as_ref())
    }

    /// Whether it gives its object another name.
    pub(super) fn renames(&self) -> bool {
        const PARTS: [&str; 3] = ["add-", "remove-", "replace-"];
        let affix = |end: &str| {
            PARTS.iter().any(|part| self.action.strip_prefix(part).is_some_and(|rest| rest == end))
        };
        self.kind == "transformation"
            && (self.action == "rename"
                || self.action.starts_with("convert-")
                || affix("prefix")
                || affix("suffix"))
    }

    /// The name that it gives to an object of this name.
    pub(super) fn renamed(&self, name: &str) -> String {
        let value = self.text("value");
        let old = self.text("old-value");
        match self.action {
            "rename" => value.to_owned(),
            "convert-lowercase" => name.to_lowercase(),
            "convert-uppercase" => name.to_uppercase(),
            "add-prefix" => format!("{value}{name}"),
            "add-suffix" => format!("{name}{value}"),
            "remove-prefix" => name.strip_prefix(value).unwrap_or(name).to_owned(),
            "remove-suffix" => name.strip_suffix(value).unwrap_or(name).to_owned(),
            "replace-prefix" => match name.strip_prefix(old) {
                Some(rest) => format!("{value}{rest}"),
                None => name.to_owned(),
            },
            "replace-suffix" => match name.strip_suffix(old) {
                Some(rest) => format!("{rest}{value}"),
                None => name.to_owned(),
            },
            _ => name.to_owned(),
        }
    }
}

/// A pattern that is not there stands for everything.
fn meet(a: Option<&Pattern>, b: Option<&Pattern>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.meets(b),
        _ => true,
    }
}

fn cover(a: Option<&Pattern>, b: Option<&Pattern>) -> bool {
    match (a, b) {
        (None, _) => true,
        (Some(a), Some(b)) => a.covers(b),
        (Some(a), None) => a.covers(&Pattern::new("%")),
    }
}
