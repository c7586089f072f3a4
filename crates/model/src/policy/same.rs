//! Whether two policy documents say the same.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{is_empty, statements, strings};

/// Whether two documents say the same, however they are written: the order of statements and of lists,
/// a text or a list of one, the case of actions and of condition keys, an account by its id or by the ARN of
/// its root, `"*"` or `{"AWS": "*"}`, `Id` and `Sid`, which grant nothing.
pub fn same(one: &Value, other: &Value) -> bool {
    canonical(one) == canonical(other)
}

/// One spelling for all documents that say the same.
fn canonical(document: &Value) -> Value {
    if !document.is_object() {
        // Not a policy document; equal to itself alone.
        return document.clone();
    }
    // Without a version a document is one of 2008 (IAM User Guide, "IAM JSON policy elements: Version").
    let version = document.get("Version").and_then(Value::as_str).unwrap_or("2008-10-17");
    let all: BTreeSet<String> =
        statements(document).map(|statement| canonical_statement(statement).to_string()).collect();
    json!({"Version": version, "Statement": all})
}

/// One spelling for all statements that say the same.
pub(super) fn canonical_statement(statement: &Map<String, Value>) -> Value {
    let mut plain = Map::new();
    for (element, value) in statement {
        let value = match element.as_str() {
            "Sid" => continue,
            "Condition" if is_empty(value) => continue,
            "Principal" | "NotPrincipal" => principals(value),
            "Action" | "NotAction" => {
                json!(strings(Some(value)).iter().map(|s| s.to_ascii_lowercase()).collect::<BTreeSet<_>>())
            }
            "Resource" | "NotResource" => json!(strings(Some(value)).into_iter().collect::<BTreeSet<_>>()),
            "Condition" => conditions(value),
            _ => value.clone(),
        };
        plain.insert(element.clone(), value);
    }
    Value::Object(plain)
}

fn principals(value: &Value) -> Value {
    let Some(map) = value.as_object() else {
        return json!({"AWS": strings(Some(value)).into_iter().map(account).collect::<BTreeSet<_>>()});
    };
    let mut plain = Map::new();
    for (kind, names) in map {
        let names = strings(Some(names)).into_iter();
        let names: BTreeSet<String> =
            if kind == "AWS" { names.map(account).collect() } else { names.collect() };
        plain.insert(kind.clone(), json!(names));
    }
    Value::Object(plain)
}

/// An account's root is the account; AWS answers the ARN where the id was sent.
pub(super) fn account(principal: String) -> String {
    let parts: Vec<&str> = principal.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", "", id, "root"] => (*id).to_owned(),
        _ => principal,
    }
}

fn conditions(value: &Value) -> Value {
    let mut operators = Map::new();
    for (operator, keys) in value.as_object().into_iter().flatten() {
        let mut plain = Map::new();
        for (key, values) in keys.as_object().into_iter().flatten() {
            plain.insert(key.to_ascii_lowercase(), json!(texts(values)));
        }
        operators.insert(operator.clone(), Value::Object(plain));
    }
    Value::Object(operators)
}

/// The values of a condition as texts: `true` and `"true"` are the same there.
pub(super) fn texts(value: &Value) -> BTreeSet<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match value {
        Value::Array(all) => all.iter().map(text).collect(),
        one => BTreeSet::from([text(one)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_a_document_is_written_makes_no_difference() {
        let one = json!({"Version": "2012-10-17", "Id": "x", "Statement": [
            {"Sid": "A", "Effect": "Allow", "Principal": {"AWS": "111122223333", "Service": ["b", "a"]},
             "Action": "sts:AssumeRole", "Condition": {"Bool": {"aws:SecureTransport": true}}},
            {"Effect": "Deny", "Principal": "*", "Action": ["sts:TagSession"], "Condition": {}}]});
        let other = json!({"Statement": [
            {"Effect": "Deny", "Principal": {"AWS": ["*"]}, "Action": "STS:TagSession"},
            {"Effect": "Allow", "Action": ["sts:assumerole"],
             "Principal": {"AWS": ["arn:aws:iam::111122223333:root"], "Service": ["a", "b"]},
             "Condition": {"Bool": {"AWS:SecureTransport": ["true"]}}}], "Version": "2012-10-17"});
        assert!(same(&one, &other));
        let lone = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}});
        let list = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:*"], "Resource": ["*"]}]});
        assert!(same(&lone, &list));
    }

    #[test]
    fn what_grants_something_else_is_not_the_same() {
        let allow = |resource: &str| {
            json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": resource}]})
        };
        assert!(!same(&allow("a"), &allow("A")), "resources have case");
        let mut denied = allow("a");
        denied["Statement"][0]["Effect"] = json!("Deny");
        assert!(!same(&allow("a"), &denied));
        let mut old = allow("a");
        old.as_object_mut().unwrap().remove("Version");
        assert!(!same(&allow("a"), &old), "variables are text in a document of 2008");
        let mut when = allow("a");
        when["Statement"][0]["Condition"] = json!({"StringEquals": {"aws:SourceAccount": "1"}});
        assert!(!same(&allow("a"), &when));
        assert!(!same(&json!("no json"), &allow("a")));
    }
}
