//! Whom a trust document lets assume its role, on which conditions.
//!
//! A condition that cannot be judged here counts against the caller: an `Allow` on it lets nobody in, a `Deny` on it
//! keeps everybody out.

use serde_json::{Map, Value};

use super::policy_document::{statements, strings};
use crate::permissions::{Condition, Keys};

/// What a stored trust document allows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trust {
    statements: Vec<Statement>,
}

/// A statement about `sts:AssumeRole`.
#[derive(Debug, Clone, PartialEq)]
struct Statement {
    allows: bool,
    /// `Principal`, or `NotPrincipal` if `inverted`.
    principal: Value,
    inverted: bool,
    /// None: it has one that cannot be judged.
    conditions: Option<Vec<Condition>>,
}

/// A service that assumes a role for one of its resources. Both of its keys are there when DMS calls (DMS User Guide,
/// "Cross-service confused deputy prevention").
#[derive(Debug, Clone, Copy)]
pub(crate) struct ServiceCall<'a> {
    /// `dms.amazonaws.com` for one.
    pub service: &'a str,
    /// `aws:SourceAccount`.
    pub account: &'a str,
    /// `aws:SourceArn`; None where it is not known what the service says.
    pub source_arn: Option<&'a str>,
}

impl Trust {
    /// Reads a document that IAM accepted before.
    pub(crate) fn parse(document: &str) -> Trust {
        let document: Map<String, Value> = serde_json::from_str(document).unwrap_or_default();
        let assumes = |statement: &&Value| {
            let actions = strings(statement.get("Action")).unwrap_or_default();
            actions
                .iter()
                .any(|action| matches!(action.to_lowercase().as_str(), "sts:assumerole" | "sts:assumerole*"))
        };
        let all = statements(&document).unwrap_or_default().into_iter().filter(assumes);
        Trust { statements: all.map(Statement::read).collect() }
    }

    /// Whether a service may assume the role.
    pub(crate) fn allows_service(&self, call: &ServiceCall<'_>) -> bool {
        let mut keys = Keys::from([("aws:sourceaccount".to_owned(), vec![call.account.to_owned()])]);
        keys.extend(call.source_arn.map(|arn| ("aws:sourcearn".to_owned(), vec![arn.to_owned()])));
        self.allows(&keys, |principal| named(principal, "Service").contains(&call.service))
    }

    /// Whether a caller may: named itself, by its account, or by everybody. The keys are those of its call.
    pub(crate) fn allows_caller(&self, account: &str, arn: &str, keys: &Keys) -> bool {
        self.allows(keys, |principal| {
            principal == "*"
                || named(principal, "AWS").into_iter().any(|named| {
                    named == "*"
                        || named == account
                        || named == arn
                        || named.ends_with(&format!(":iam::{account}:root"))
                        || is_session_of(named, arn)
                })
        })
    }

    fn allows(&self, keys: &Keys, is_named: impl Fn(&Value) -> bool) -> bool {
        let hits = |statement: &&Statement| {
            let holds =
                |conditions: &Vec<Condition>| conditions.iter().all(|condition| condition.holds(keys));
            let judged = statement.conditions.as_ref().map_or(!statement.allows, holds);
            judged && is_named(&statement.principal) != statement.inverted
        };
        let mut hitting = self.statements.iter().filter(hits).peekable();
        hitting.peek().is_some() && hitting.all(|statement| statement.allows)
    }
}

impl Statement {
    fn read(statement: &Value) -> Statement {
        let inverted = statement.get("NotPrincipal").is_some();
        Statement {
            allows: statement["Effect"] == "Allow",
            principal: statement[if inverted { "NotPrincipal" } else { "Principal" }].clone(),
            inverted,
            conditions: conditions(statement),
        }
    }
}

fn conditions(statement: &Value) -> Option<Vec<Condition>> {
    let operators = statement.get("Condition").and_then(Value::as_object).into_iter().flatten();
    let keys = operators.flat_map(|(operator, keys)| {
        keys.as_object().into_iter().flatten().map(move |(key, values)| (operator, key, values))
    });
    keys.map(|(operator, key, values)| Condition::read(operator, key, values.clone()).ok()).collect()
}

/// The principals of one kind.
fn named<'a>(principal: &'a Value, kind: &str) -> Vec<&'a str> {
    strings(principal.get(kind)).unwrap_or_default()
}

/// Whether `arn`, a session `arn:aws:sts::1:assumed-role/Name/session`, is of the role `named`.
fn is_session_of(named: &str, arn: &str) -> bool {
    let role = |arn: &str| {
        let (head, resource) = arn.rsplit_once(":role/")?;
        Some((head.rsplit(':').next()?.to_owned(), resource.rsplit('/').next()?.to_owned()))
    };
    let session = |arn: &str| {
        let (head, resource) = arn.rsplit_once(":assumed-role/")?;
        Some((head.rsplit(':').next()?.to_owned(), resource.split('/').next()?.to_owned()))
    };
    role(named).is_some_and(|role| session(arn) == Some(role))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const DMS: ServiceCall<'_> = ServiceCall {
        service: "dms.amazonaws.com",
        account: "111122223333",
        source_arn: Some("arn:aws:dms:us-east-1:111122223333:rep:ABC"),
    };

    fn statement(effect: &str, condition: &Value) -> Value {
        json!({"Effect": effect, "Principal": {"Service": "dms.amazonaws.com"}, "Action": "sts:AssumeRole",
            "Condition": condition})
    }

    fn lets_dms_in(statements: &Value) -> bool {
        Trust::parse(&json!({"Statement": statements}).to_string()).allows_service(&DMS)
    }

    #[test]
    fn a_service_is_let_in_if_its_call_meets_the_conditions() {
        for met in [
            json!({}),
            json!({"StringEquals": {"AWS:SourceAccount": ["1", "111122223333"]}}),
            json!({"ArnLike": {"aws:SourceArn": "arn:aws:dms:*:111122223333:*"}}),
            json!({"ArnEquals": {"aws:SourceArn": "arn:aws:dms:us-east-1:111122223333:rep:*"},
                "StringLike": {"aws:SourceAccount": "1111*"}}),
        ] {
            assert!(lets_dms_in(&json!([statement("Allow", &met)])), "{met}");
        }
        for unmet in [
            json!({"StringEquals": {"aws:SourceAccount": "444455556666"}}),
            json!({"ArnLike": {"aws:SourceArn": "arn:aws:dms:eu-west-1:111122223333:*"}}),
            // Each part of an ARN is compared by itself.
            json!({"ArnLike": {"aws:SourceArn": "arn:aws:dms:*"}}),
            json!({"StringEquals": {"aws:SourceAccount": "111122223333"}, "Bool": {"aws:SecureTransport": "true"}}),
            json!({"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}),
        ] {
            assert!(!lets_dms_in(&json!([statement("Allow", &unmet)])), "{unmet}");
        }
    }

    #[test]
    fn a_denial_counts_if_its_conditions_are_met_or_cannot_be_judged() {
        let allow = statement("Allow", &json!({}));
        let elsewhere = json!({"StringNotEquals": {"aws:SourceAccount": "111122223333"}});
        assert!(lets_dms_in(&json!([allow, statement("Deny", &elsewhere)])));
        for condition in [
            json!({}),
            json!({"StringEquals": {"aws:SourceAccount": "111122223333"}}),
            json!({"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}),
        ] {
            assert!(!lets_dms_in(&json!([allow, statement("Deny", &condition)])), "{condition}");
        }
        let others = json!({"Effect": "Deny", "NotPrincipal": {"Service": "dms.amazonaws.com"},
            "Action": "sts:AssumeRole"});
        assert!(lets_dms_in(&json!([allow, others])), "it spares DMS");
        assert!(!lets_dms_in(&json!([])));
    }

    #[test]
    fn a_caller_needs_the_external_id() {
        let trust = Trust::parse(
            &json!({"Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"},
                "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "x"}}}})
            .to_string(),
        );
        let with = |id: &str| Keys::from([("sts:externalid".to_owned(), vec![id.to_owned()])]);
        let arn = "arn:aws:iam::111122223333:user/u";
        assert!(trust.allows_caller("111122223333", arn, &with("x")));
        assert!(!trust.allows_caller("111122223333", arn, &with("y")));
        assert!(!trust.allows_caller("111122223333", arn, &Keys::new()));
    }
}
