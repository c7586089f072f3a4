//! Rules that contradict one another, or that can have no effect.
//!
//! Patterns are compared as patterns, without knowing which tables there are: a warning means that no table
//! could make the rule count.

use serde_json::Value as Json;

use super::rules::Rule;
use super::wildcards::is_wild;

/// What is odd about a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// The rule, by its place in the document.
    pub(super) rule: usize,
    /// Another rule that has to do with it, and what it is.
    pub(super) other: Option<(usize, &'static str)>,
    pub(super) message: String,
    pub(super) hint: &'static str,
}

/// Finds what is odd about these rules.
pub(super) fn findings(rules: &[Json]) -> Vec<Finding> {
    let rules: Vec<Rule<'_>> = rules.iter().map(Rule::new).collect();
    let mut found = Vec::new();
    for (index, rule) in rules.iter().enumerate() {
        if rule.selects() {
            found.extend(shadowed(&rules, index, rule));
            found.extend(filters(index, rule));
        } else if rule.excludes() {
            if !rules.iter().any(|other| other.selects() && other.meets(rule)) {
                let hint = "remove it, or include what it is to be taken from";
                found.push(Finding::new(index, "this leaves out nothing that is included", hint));
            }
        } else {
            found.extend(unselected(&rules, index, rule));
            found.extend(twice(&rules, index, rule));
            found.extend(removed(&rules, index, rule));
        }
    }
    found
}

impl Finding {
    fn new(rule: usize, message: &str, hint: &'static str) -> Self {
        Self { rule, other: None, message: message.to_owned(), hint }
    }

    fn with(self, other: usize, label: &'static str) -> Self {
        Self { other: Some((other, label)), ..self }
    }
}

fn shadowed(rules: &[Rule<'_>], index: usize, rule: &Rule<'_>) -> Option<Finding> {
    let other = rules.iter().position(|other| other.excludes() && other.covers(rule))?;
    let hint = "remove one of the two: what is excluded is never moved";
    Some(
        Finding::new(index, "nothing of this is moved, since all of it is excluded", hint)
            .with(other, "excluded here"),
    )
}

fn filters(index: usize, rule: &Rule<'_>) -> Option<Finding> {
    let has_filters = rule.json["filters"].as_array().is_some_and(|filters| !filters.is_empty());
    let locator = &rule.json["object-locator"];
    let wild = ["schema-name", "table-name"].iter().any(|name| locator[*name].as_str().is_some_and(is_wild));
    let hint = "give each table that has filters an entry of its own";
    (has_filters && wild)
        .then(|| Finding::new(index, "DMS applies filters only to tables with exact names", hint))
}

/// A rule about tables none of which is moved.
fn unselected(rules: &[Rule<'_>], index: usize, rule: &Rule<'_>) -> Option<Finding> {
    if !rules.iter().any(|other| other.selects() && other.meets(rule)) {
        let hint = "include the table, or correct the names: they are case-sensitive";
        return Some(Finding::new(index, "this is about nothing that is included", hint));
    }
    let other = rules.iter().position(|other| other.excludes() && other.covers(rule))?;
    let hint = "remove one of the two";
    Some(Finding::new(index, "this is only about what is excluded", hint).with(other, "excluded here"))
}

/// A second rule that says the same kind of thing of the same object.
fn twice(rules: &[Rule<'_>], index: usize, rule: &Rule<'_>) -> Option<Finding> {
    let earlier = || rules[..index].iter().enumerate().filter(|(_, other)| other.kind == rule.kind);
    let same_target = |other: &Rule<'_>| other.target == rule.target && other.meets_in_columns(rule);
    if rule.renames() {
        let (other, _) = earlier().find(|(_, other)| other.renames() && same_target(other))?;
        let message = format!("two rules can give one {} a name, and DMS applies one of them", rule.target);
        let hint = "give them patterns that have nothing in common";
        return Some(Finding::new(index, &message, hint).with(other, "the other one"));
    }
    let again = match (rule.kind, rule.action) {
        ("table-settings", _) => earlier().find(|(_, other)| other.meets(rule)),
        (_, "define-primary-key" | "add-before-image-columns") => {
            earlier().find(|(_, other)| other.action == rule.action && other.meets(rule))
        }
        (_, "change-data-type") => {
            earlier().find(|(_, other)| other.action == rule.action && same_target(other))
        }
        (_, "add-column") => earlier().find(|(_, other)| {
            other.action == rule.action && other.text("value") == rule.text("value") && other.meets(rule)
        }),
        _ => None,
    };
    let (other, _) = again?;
    Some(
        Finding::new(index, "this says again what another rule says of the same", "keep one of the two")
            .with(other, "the other one"),
    )
}

/// A rule about columns that are removed.
fn removed(rules: &[Rule<'_>], index: usize, rule: &Rule<'_>) -> Option<Finding> {
    if rule.target != "column" || matches!(rule.action, "remove-column" | "add-column") {
        return None;
    }
    // A rule without columns is about all of them, and one about removed ones is not all it says.
    rule.json["object-locator"].get("column-name")?;
    let other =
        rules.iter().position(|other| other.action == "remove-column" && other.covers_columns(rule))?;
    let hint = "remove one of the two";
    Some(Finding::new(index, "this is only about columns that are removed", hint).with(other, "removed here"))
}
