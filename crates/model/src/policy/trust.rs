//! Trust policies: who must be able to assume a role, whether a document lets them, and how it is widened.
//!
//! # Guarantees
//! - A document is widened by statements of its own; what others wrote stays as it was written.
//! - A statement that Pipewright writes bears its scope in its `Sid`, and only such statements of the own
//!   scope are ever taken out.
//! - A conditional statement counts as serving only if it lets every call through that will be made. Any
//!   condition that is not understood counts as in the way.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::pattern::{covers, covers_arn};
use super::same::{account, canonical_statement, texts};
use super::{is_empty, statements, strings};
use crate::Scope;

/// Who assumes a role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Principal {
    /// An AWS service, such as `dms.amazonaws.com`.
    Service(String),
    /// An account, by its id, or an IAM user or role, by its ARN.
    Aws(String),
}

impl Principal {
    /// The name.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Service(name) | Self::Aws(name) => name,
        }
    }
}

/// One that must be able to assume a role, and for what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TrustNeed {
    /// Who.
    pub principal: Principal,
    /// The accounts for which it calls (`aws:SourceAccount`). Empty where that is not known.
    pub source_accounts: BTreeSet<String>,
    /// Patterns of the ARNs for which it calls (`aws:SourceArn`). Empty where they are not known.
    pub source_arns: BTreeSet<String>,
    /// Whether a statement that is written for it is limited to these accounts and ARNs.
    pub limited: bool,
}

impl TrustNeed {
    fn statement(&self, sid: &str) -> Map<String, Value> {
        let principal = match &self.principal {
            Principal::Service(name) => json!({"Service": name}),
            Principal::Aws(name) => json!({"AWS": name}),
        };
        let mut condition = Map::new();
        if self.limited && !self.source_accounts.is_empty() {
            condition
                .insert("StringEquals".to_owned(), json!({"aws:SourceAccount": list(&self.source_accounts)}));
        }
        if self.limited && !self.source_arns.is_empty() {
            condition.insert("ArnLike".to_owned(), json!({"aws:SourceArn": list(&self.source_arns)}));
        }
        let mut statement = Map::from_iter([
            ("Sid".to_owned(), json!(sid)),
            ("Effect".to_owned(), json!("Allow")),
            ("Principal".to_owned(), principal),
            ("Action".to_owned(), json!("sts:AssumeRole")),
        ]);
        if !condition.is_empty() {
            statement.insert("Condition".to_owned(), Value::Object(condition));
        }
        statement
    }

    /// Whether a document lets it assume the role. Says nothing of denials.
    pub fn is_met_by(&self, trust: &Value) -> bool {
        statements(trust).any(|statement| {
            has_effect(statement, "Allow")
                && is_about_assuming(statement)
                && names(statement.get("Principal"), &self.principal)
                && conditions(statement).all(|(operator, key, values)| self.passes(&operator, &key, &values))
        })
    }

    /// Whether each of its calls meets a condition. `false` where that is in doubt.
    fn passes(&self, operator: &str, key: &str, values: &BTreeSet<String>) -> bool {
        let known = match key {
            "aws:sourceaccount" => &self.source_accounts,
            "aws:sourcearn" => &self.source_arns,
            _ => return false,
        };
        let Some(compare) = comparison(operator) else { return false };
        !known.is_empty() && known.iter().all(|known| values.iter().any(|value| compare(value, known)))
    }

    /// Whether none of its calls meets a condition. `false` where that is in doubt.
    fn escapes(&self, operator: &str, key: &str, values: &BTreeSet<String>) -> bool {
        if let Some(positive) = negated(operator) {
            return self.passes(positive, key, values);
        }
        // Two accounts are the same or have nothing in common; of patterns of ARNs that is not easily told.
        key == "aws:sourceaccount"
            && matches!(operator, "stringequals" | "stringlike")
            && !self.source_accounts.is_empty()
            && self.source_accounts.iter().all(|known| !values.iter().any(|value| covers(value, known)))
    }
}

/// The `Sid` of the statement of a document that keeps this one from assuming the role, empty where it has
/// none; `None` if nothing does. A condition that is not understood counts as met.
pub fn denial(trust: &Value, need: &TrustNeed) -> Option<String> {
    let hits = |statement: &&Map<String, Value>| {
        let named = match statement.get("NotPrincipal") {
            Some(spared) => !names(Some(spared), &need.principal),
            None => names(statement.get("Principal"), &need.principal),
        };
        has_effect(statement, "Deny")
            && is_about_assuming(statement)
            && named
            && !conditions(statement).any(|(operator, key, values)| need.escapes(&operator, &key, &values))
    };
    let statement = statements(trust).find(hits)?;
    Some(statement.get("Sid").and_then(Value::as_str).unwrap_or_default().to_owned())
}

/// The first statement of a document that no scope wrote and that does more than let DMS, of any region, or
/// `services`, which the role is for too, assume it: in words, with its `Sid` if it has one.
pub fn foreign_statement(trust: &Value, services: &[&str]) -> Option<String> {
    let is_expected = |name: &String| {
        let is_of_aws = name.ends_with(".amazonaws.com") || name.ends_with(".amazonaws.com.cn");
        services.contains(&name.as_str()) || (name.starts_with("dms.") && is_of_aws)
    };
    let is_plain = |statement: &Map<String, Value>| {
        let named = statement.get("Principal").and_then(Value::as_object).filter(|named| named.len() == 1);
        let named = named.and_then(|named| named.get("Service")).map(|named| strings(Some(named)));
        has_effect(statement, "Allow") && named.is_some_and(|named| named.iter().all(&is_expected))
    };
    let sid = |statement: &Map<String, Value>| {
        statement.get("Sid").and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let statement =
        statements(trust).find(|statement| !is_sid_of_a_scope(&sid(statement)) && !is_plain(statement))?;
    let sid = sid(statement);
    Some(if sid.is_empty() { "a statement".to_owned() } else { format!("the statement {sid}") })
}

/// Whether some scope writes such a `Sid`.
fn is_sid_of_a_scope(sid: &str) -> bool {
    let name_and_number = sid.strip_prefix(SID).and_then(|rest| rest.rsplit_once('N'));
    name_and_number.is_some_and(|(name, number)| {
        let is_name = |b: u8| b == b'X' || b.is_ascii_lowercase() || b.is_ascii_digit();
        !name.is_empty()
            && name.bytes().all(is_name)
            && !number.is_empty()
            && number.bytes().all(|b| b.is_ascii_digit())
    })
}

const SID: &str = "PipewrightOf";

/// What the `Sid` of every statement begins with that this scope writes. IAM allows letters and digits
/// there; names of scopes have no capitals, so that two scopes never have the same.
fn sid_prefix(scope: &Scope) -> String {
    let name: String = scope.as_str().chars().map(|c| if c == '-' { 'X' } else { c }).collect();
    format!("{SID}{name}N")
}

/// The trust policy of a new role that all of these may assume.
pub fn trust_document(needs: &BTreeSet<TrustNeed>, scope: &Scope) -> Value {
    with_trust(&json!({"Version": "2012-10-17", "Statement": []}), needs, scope, false)
}

/// A trust policy widened so that all of these may assume the role. Every statement stays as it was written,
/// except that, if `narrow`, those that this scope once wrote for what it no longer needs are taken out. If
/// nothing is to be changed, the document comes back as it is.
pub fn with_trust(trust: &Value, needs: &BTreeSet<TrustNeed>, scope: &Scope, narrow: bool) -> Value {
    let prefix = sid_prefix(scope);
    let own = |statement: &Map<String, Value>| {
        let number = statement.get("Sid").and_then(Value::as_str).and_then(|sid| sid.strip_prefix(&prefix));
        number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
    };
    let meant: Vec<Value> = needs.iter().map(|need| canonical_statement(&need.statement(""))).collect();
    let mut kept: Vec<Map<String, Value>> = statements(trust)
        .filter(|statement| !(narrow && own(statement) && !meant.contains(&canonical_statement(statement))))
        .cloned()
        .collect();
    let before = statements(trust).count();
    let mut changed = kept.len() != before;
    for need in needs {
        let so_far = json!({"Statement": kept});
        if !need.is_met_by(&so_far) {
            let sids: BTreeSet<&str> =
                kept.iter().filter_map(|statement| statement.get("Sid").and_then(Value::as_str)).collect();
            let free =
                (1..=kept.len() + 1).map(|n| format!("{prefix}{n}")).find(|sid| !sids.contains(sid.as_str()));
            kept.push(need.statement(&free.unwrap_or_default()));
            changed = true;
        }
    }
    if !changed {
        return trust.clone();
    }
    let mut document = trust.as_object().cloned().unwrap_or_default();
    document.entry("Version").or_insert_with(|| json!("2012-10-17"));
    document.insert("Statement".to_owned(), json!(kept));
    Value::Object(document)
}

fn list(values: &BTreeSet<String>) -> Value {
    match values.iter().next() {
        Some(only) if values.len() == 1 => json!(only),
        _ => json!(values),
    }
}

pub(super) fn has_effect(statement: &Map<String, Value>, effect: &str) -> bool {
    statement.get("Effect").and_then(Value::as_str) == Some(effect)
}

fn is_about_assuming(statement: &Map<String, Value>) -> bool {
    let matches = |value: &str| covers(&value.to_ascii_lowercase(), "sts:assumerole");
    match statement.get("NotAction") {
        Some(spared) => !strings(Some(spared)).iter().any(|action| matches(action)),
        None => strings(statement.get("Action")).iter().any(|action| matches(action)),
    }
}

/// Whether a `Principal` element stands for this one.
fn names(element: Option<&Value>, principal: &Principal) -> bool {
    let Some(element) = element else { return false };
    if element.as_str() == Some("*") {
        return true;
    }
    let (kind, name) = match principal {
        Principal::Service(name) => ("Service", name.clone()),
        Principal::Aws(name) => ("AWS", account(name.clone())),
    };
    let named = strings(element.get(kind)).into_iter().map(account).any(|named| named == name);
    named || strings(element.get("AWS")).iter().any(|named| named == "*")
}

/// The conditions of a statement: operator and key in lower case, and the values.
fn conditions(statement: &Map<String, Value>) -> impl Iterator<Item = (String, String, BTreeSet<String>)> {
    let condition = statement.get("Condition").filter(|condition| !is_empty(condition));
    // One that is no mapping is a condition that nobody understands.
    let broken = condition.filter(|condition| !condition.is_object());
    let broken = broken.map(|_| (String::new(), String::new(), BTreeSet::new()));
    let plain = condition.and_then(Value::as_object).into_iter().flatten().flat_map(|(operator, keys)| {
        let operator = operator.to_ascii_lowercase();
        // Both keys are there whenever a service calls.
        let operator = operator.strip_suffix("ifexists").unwrap_or(&operator).to_owned();
        keys.as_object()
            .into_iter()
            .flatten()
            .map(move |(key, values)| (operator.clone(), key.to_ascii_lowercase(), texts(values)))
    });
    broken.into_iter().chain(plain)
}

/// How an operator compares a value of a condition with what the call has, which may be a pattern.
fn comparison(operator: &str) -> Option<fn(&str, &str) -> bool> {
    Some(match operator {
        "stringequals" => |value, known| value == known && !known.contains(['*', '?']),
        "stringlike" => covers,
        "arnequals" | "arnlike" => covers_arn,
        _ => return None,
    })
}

fn negated(operator: &str) -> Option<&'static str> {
    Some(match operator {
        "stringnotequals" => "stringequals",
        "stringnotlike" => "stringlike",
        "arnnotequals" | "arnnotlike" => "arnlike",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
