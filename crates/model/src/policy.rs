//! IAM policy documents, read by their meaning rather than their text.
//!
//! The same document has many spellings: a lone statement or a list, a string or a list of one, lists
//! in any order, a principal as `"*"` or `{"AWS": "*"}` (IAM User Guide, "Grammar of the IAM JSON policy
//! language").

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// The services that a trust policy lets assume the role without any condition.
pub fn trusted_services(trust: &Value) -> BTreeSet<String> {
    let mut services = BTreeSet::new();
    for statement in statements(trust) {
        let allows = statement.get("Effect").and_then(Value::as_str) == Some("Allow");
        let assumes = strings(statement.get("Action"))
            .iter()
            .any(|action| matches!(action.to_ascii_lowercase().as_str(), "sts:assumerole" | "sts:*" | "*"));
        if allows && assumes && statement.get("Condition").is_none_or(is_empty) {
            services.extend(strings(statement.get("Principal").and_then(|p| p.get("Service"))));
        }
    }
    services
}

/// The services that a trust policy denies explicitly.
pub fn denied_services(trust: &Value) -> BTreeSet<String> {
    statements(trust)
        .filter(|statement| statement.get("Effect").and_then(Value::as_str) == Some("Deny"))
        .flat_map(|statement| strings(statement.get("Principal").and_then(|p| p.get("Service"))))
        .collect()
}

/// The trust policy of a new role that these services may assume.
pub fn trust_for<'a>(services: impl IntoIterator<Item = &'a String>) -> Value {
    json!({"Version": "2012-10-17", "Statement": [allow(services)]})
}

/// A trust policy widened by one statement, so that these services too may assume the role. Every
/// statement that was there stays as it was written.
pub fn widened<'a>(trust: &Value, services: impl IntoIterator<Item = &'a String>) -> Value {
    let mut all: Vec<Value> = statements(trust).cloned().map(Value::Object).collect();
    all.push(allow(services));
    let mut document = trust.as_object().cloned().unwrap_or_default();
    document.entry("Version").or_insert_with(|| json!("2012-10-17"));
    document.insert("Statement".to_owned(), Value::Array(all));
    Value::Object(document)
}

fn allow<'a>(services: impl IntoIterator<Item = &'a String>) -> Value {
    let services: BTreeSet<&String> = services.into_iter().collect();
    let principal = match services.iter().next() {
        Some(only) if services.len() == 1 => json!(only),
        _ => json!(services),
    };
    json!({"Effect": "Allow", "Principal": {"Service": principal}, "Action": "sts:AssumeRole"})
}

fn statements(document: &Value) -> impl Iterator<Item = &Map<String, Value>> {
    let list: &[Value] = match document.get("Statement") {
        Some(Value::Array(list)) => list,
        Some(one @ Value::Object(_)) => std::slice::from_ref(one),
        _ => &[],
    };
    list.iter().filter_map(Value::as_object)
}

fn strings(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn is_empty(value: &Value) -> bool {
    value.as_object().is_some_and(Map::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(items: &[&str]) -> BTreeSet<String> {
        items.iter().map(|item| (*item).to_owned()).collect()
    }

    #[test]
    fn every_spelling_of_the_same_trust_is_read_alike() {
        let plain = json!({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"Service": "dms.amazonaws.com"}}]});
        let lists = json!({"Statement": {"Effect": "Allow", "Action": ["sts:TagSession", "sts:AssumeRole"],
            "Principal": {"Service": ["dms.amazonaws.com"]}, "Condition": {}}});
        for document in [plain, lists] {
            assert_eq!(trusted_services(&document), set(&["dms.amazonaws.com"]));
        }
    }

    #[test]
    fn a_condition_or_a_deny_is_no_plain_trust() {
        let conditional = json!({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"Service": "dms.amazonaws.com"},
            "Condition": {"StringEquals": {"aws:SourceAccount": "1"}}}]});
        assert_eq!(trusted_services(&conditional), set(&[]));
        let denied = json!({"Statement": [{"Effect": "Deny", "Action": "sts:AssumeRole",
            "Principal": {"Service": "dms.amazonaws.com"}}]});
        assert_eq!(trusted_services(&denied), set(&[]));
        assert_eq!(denied_services(&denied), set(&["dms.amazonaws.com"]));
    }

    #[test]
    fn widening_keeps_what_was_there() {
        let theirs = json!({"Version": "2012-10-17", "Id": "theirs", "Statement":
            {"Sid": "a", "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}});
        let wider = widened(&theirs, &set(&["dms.amazonaws.com", "redshift.amazonaws.com"]));
        assert_eq!(wider["Id"], "theirs");
        assert_eq!(wider["Statement"][0], theirs["Statement"]);
        assert_eq!(trusted_services(&wider), set(&["dms.amazonaws.com", "redshift.amazonaws.com"]));
    }
}
