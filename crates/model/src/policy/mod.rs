//! IAM policy documents, read by their meaning rather than their text.
//!
//! The same document has many spellings: a lone statement or a list, a string or a list of one, lists
//! in any order, a principal as `"*"` or `{"AWS": "*"}` (IAM User Guide, "Grammar of the IAM JSON policy
//! language").

mod inline;
mod pattern;
mod same;
mod trust;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

pub use inline::{INLINE_PREFIX, denial_of_allowed, inline_name, inline_owner};
pub use same::same;
pub use trust::{Principal, TrustNeed, denial, foreign_statement, trust_document, with_trust};

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

/// The trust policy of a new role that these services may assume.
pub fn trust_for<'a>(services: impl IntoIterator<Item = &'a String>) -> Value {
    json!({"Version": "2012-10-17", "Statement": [allow(services)]})
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
    }
}
