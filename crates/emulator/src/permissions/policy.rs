//! Policy documents: statements, and what they say of an action on a resource.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};
use thiserror::Error;

/// Keys of a request's context, such as `aws:TagKeys`, in lower case, with their values.
pub(crate) type Keys = BTreeMap<String, Vec<String>>;

/// An identity-based policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Permissions {
    statements: Vec<Statement>,
}

/// Why a policy document cannot be used.
#[derive(Debug, Error)]
pub enum PolicyError {
    /// The text is no policy document.
    #[error("the policy document is not valid")]
    Parse(#[from] serde_json::Error),
    /// The document says what the emulator cannot judge.
    #[error("statement {statement}: {reason}")]
    Statement {
        /// Its `Sid`, or its number from 1.
        statement: String,
        /// What is wrong, or not supported.
        reason: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Allowed,
    Denied,
    NotAllowed,
}

#[derive(Debug, Clone, PartialEq)]
struct Statement {
    allow: bool,
    actions: Patterns,
    resources: Patterns,
    conditions: Vec<Condition>,
}

/// `Action` and `NotAction`, `Resource` and `NotResource`.
#[derive(Debug, Clone, PartialEq)]
struct Patterns {
    any_of: Vec<String>,
    inverted: bool,
}

/// One operator on one key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Condition {
    quantifier: Quantifier,
    operator: Operator,
    negated: bool,
    if_exists: bool,
    key: String,
    values: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantifier {
    One,
    ForAllValues,
    ForAnyValue,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equals,
    EqualsIgnoreCase,
    Like,
    Arn,
    Null,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Document {
    #[serde(rename = "Version")]
    _version: Option<String>,
    #[serde(rename = "Id")]
    _id: Option<String>,
    statement: OneOrMany<RawStatement>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct RawStatement {
    sid: Option<String>,
    effect: String,
    action: Option<OneOrMany<String>>,
    not_action: Option<OneOrMany<String>>,
    resource: Option<OneOrMany<String>>,
    not_resource: Option<OneOrMany<String>>,
    #[serde(default)]
    condition: BTreeMap<String, Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    fn into_vec(self) -> Vec<T> {
        match self {
            OneOrMany::One(one) => vec![one],
            OneOrMany::Many(many) => many,
        }
    }
}

impl Permissions {
    /// Reads a policy document.
    pub fn parse(text: &str) -> Result<Permissions, PolicyError> {
        let document: Document = serde_json::from_str(text)?;
        let statements = document.statement.into_vec().into_iter().enumerate();
        let statements = statements.map(|(index, raw)| {
            let name = raw.sid.clone().unwrap_or_else(|| (index + 1).to_string());
            Statement::read(raw).map_err(|reason| PolicyError::Statement { statement: name, reason })
        });
        Ok(Permissions { statements: statements.collect::<Result<_, _>>()? })
    }

    pub(super) fn verdict(&self, action: &str, resource: &str, keys: &Keys) -> Verdict {
        let matching =
            || self.statements.iter().filter(|statement| statement.matches(action, resource, keys));
        if matching().any(|statement| !statement.allow) {
            Verdict::Denied
        } else if matching().any(|statement| statement.allow) {
            Verdict::Allowed
        } else {
            Verdict::NotAllowed
        }
    }
}

impl Statement {
    fn read(raw: RawStatement) -> Result<Statement, String> {
        let allow = match raw.effect.as_str() {
            "Allow" => true,
            "Deny" => false,
            other => return Err(format!("Effect is Allow or Deny, not {other}")),
        };
        let mut conditions = Vec::new();
        for (operator, keys) in raw.condition {
            for (key, values) in keys {
                conditions.push(Condition::read(&operator, &key, values)?);
            }
        }
        Ok(Statement {
            allow,
            actions: Patterns::read("Action", raw.action, raw.not_action)?,
            resources: Patterns::read("Resource", raw.resource, raw.not_resource)?,
            conditions,
        })
    }

    fn matches(&self, action: &str, resource: &str, keys: &Keys) -> bool {
        self.actions.hit(|pattern| like(&pattern.to_lowercase(), &action.to_lowercase()))
            && self.resources.hit(|pattern| like(pattern, resource))
            && self.conditions.iter().all(|condition| condition.holds(keys))
    }
}

impl Patterns {
    fn read(
        name: &str,
        given: Option<OneOrMany<String>>,
        not: Option<OneOrMany<String>>,
    ) -> Result<Patterns, String> {
        let (any_of, inverted) = match (given, not) {
            (Some(given), None) => (given.into_vec(), false),
            (None, Some(not)) => (not.into_vec(), true),
            _ => return Err(format!("it has exactly one of {name} and Not{name}")),
        };
        refuse_variables(&any_of)?;
        Ok(Patterns { any_of, inverted })
    }

    fn hit(&self, matches: impl Fn(&str) -> bool) -> bool {
        self.any_of.iter().any(|pattern| matches(pattern)) != self.inverted
    }
}

impl Condition {
    /// Reads it; the reason if it cannot be judged.
    pub(crate) fn read(operator: &str, key: &str, values: Value) -> Result<Condition, String> {
        let (quantifier, rest) = match operator.split_once(':') {
            None => (Quantifier::One, operator),
            Some(("ForAllValues", rest)) => (Quantifier::ForAllValues, rest),
            Some(("ForAnyValue", rest)) => (Quantifier::ForAnyValue, rest),
            Some((other, _)) => return Err(format!("{other} is no quantifier")),
        };
        let (rest, if_exists) = match rest.strip_suffix("IfExists") {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let (operator, negated) = match rest {
            "StringEquals" => (Operator::Equals, false),
            "StringNotEquals" => (Operator::Equals, true),
            "StringEqualsIgnoreCase" | "Bool" => (Operator::EqualsIgnoreCase, false),
            "StringNotEqualsIgnoreCase" => (Operator::EqualsIgnoreCase, true),
            "StringLike" => (Operator::Like, false),
            "StringNotLike" => (Operator::Like, true),
            // ArnEquals and ArnLike are the same to IAM.
            "ArnEquals" | "ArnLike" => (Operator::Arn, false),
            "ArnNotEquals" | "ArnNotLike" => (Operator::Arn, true),
            "Null" => (Operator::Null, false),
            other => return Err(format!("the operator {other} is not supported")),
        };
        let values = match values {
            Value::Array(values) => values,
            one => vec![one],
        };
        let values: Vec<String> = values
            .into_iter()
            .map(|value| match value {
                Value::String(text) => Ok(text),
                Value::Bool(value) => Ok(value.to_string()),
                Value::Number(number) => Ok(number.to_string()),
                other => Err(format!("{other} is no value of a condition")),
            })
            .collect::<Result<_, _>>()?;
        refuse_variables(&values)?;
        Ok(Condition { quantifier, operator, negated, if_exists, key: key.to_lowercase(), values })
    }

    /// Whether a call with these keys meets it.
    pub(crate) fn holds(&self, keys: &Keys) -> bool {
        let present = keys.get(&self.key).map_or(&[][..], Vec::as_slice);
        if self.operator == Operator::Null {
            return self.values.iter().any(|value| (value == "true") == present.is_empty());
        }
        match (self.quantifier, present) {
            // Without a value, all values match and none does.
            (Quantifier::ForAllValues, []) => true,
            (Quantifier::ForAnyValue, []) => self.if_exists,
            (Quantifier::One, []) => self.if_exists || self.negated,
            (Quantifier::ForAllValues, present) => present.iter().all(|value| self.accepts(value)),
            (_, present) => present.iter().any(|value| self.accepts(value)),
        }
    }

    fn accepts(&self, value: &str) -> bool {
        let hit = self.values.iter().any(|wanted| match self.operator {
            Operator::Equals => wanted == value,
            Operator::EqualsIgnoreCase => wanted.eq_ignore_ascii_case(value),
            Operator::Arn => like_arn(wanted, value),
            Operator::Like | Operator::Null => like(wanted, value),
        });
        hit != self.negated
    }
}

fn refuse_variables(texts: &[String]) -> Result<(), String> {
    match texts.iter().find(|text| text.contains("${")) {
        Some(text) => Err(format!("policy variables are not supported: {text}")),
        None => Ok(()),
    }
}

/// `*` stands for any characters, `?` for one.
fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // Where the last star was, and how far the text was then.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&c) if c == '?' || c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match &mut star {
                Some((at, covered)) => {
                    *covered += 1;
                    (p, t) = (*at + 1, *covered);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&c| c == '*')
}

/// Each of the six parts of an ARN is compared by itself (IAM User Guide, "Amazon Resource Name (ARN) condition
/// operators").
fn like_arn(pattern: &str, arn: &str) -> bool {
    let (pattern, arn): (Vec<&str>, Vec<&str>) =
        (pattern.splitn(6, ':').collect(), arn.splitn(6, ':').collect());
    pattern.len() == 6 && arn.len() == 6 && pattern.iter().zip(arn).all(|(pattern, part)| like(pattern, part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permissions(statements: &str) -> Permissions {
        Permissions::parse(&format!("{{\"Version\":\"2012-10-17\",\"Statement\":{statements}}}")).unwrap()
    }

    fn keys(pairs: &[(&str, &[&str])]) -> Keys {
        pairs
            .iter()
            .map(|(key, values)| {
                let values = values.iter().map(|value| (*value).to_owned());
                (key.to_lowercase(), values.collect())
            })
            .collect()
    }

    #[test]
    fn wildcards() {
        assert!(like("arn:*:role/dms-*", "arn:aws:iam::1:role/dms-vpc-role"));
        assert!(like("a*b*c", "aXbYbc"));
        assert!(like("a?c", "abc"));
        assert!(!like("a?c", "ac"));
        assert!(!like("a*b", "a"));
        assert!(like("*", ""));
    }

    #[test]
    fn a_deny_wins_and_nothing_is_allowed_by_itself() {
        let permissions = permissions(
            r#"[{"Effect": "Allow", "Action": "dms:*", "Resource": "*"},
                {"Sid": "No", "Effect": "Deny", "Action": ["DMS:Delete*"], "NotResource": "arn:1"}]"#,
        );
        let verdict = |action: &str, resource: &str| permissions.verdict(action, resource, &Keys::new());
        assert_eq!(verdict("dms:CreateEndpoint", "*"), Verdict::Allowed);
        assert_eq!(verdict("dms:DeleteEndpoint", "arn:2"), Verdict::Denied);
        assert_eq!(verdict("dms:DeleteEndpoint", "arn:1"), Verdict::Allowed);
        assert_eq!(verdict("iam:GetRole", "*"), Verdict::NotAllowed);
    }

    #[test]
    fn conditions() {
        let holds = |condition: &str, keys: &Keys| {
            let permissions = permissions(&format!(
                r#"{{"Effect": "Allow", "Action": "a:b", "Resource": "*", "Condition": {condition}}}"#
            ));
            permissions.verdict("a:b", "r", keys) == Verdict::Allowed
        };
        let tags =
            keys(&[("aws:TagKeys", &["pipewright:a", "pipewright:b"]), ("aws:ResourceTag/team", &["x"])]);
        let none = Keys::new();
        let all = r#"{"ForAllValues:StringLike": {"aws:TagKeys": "pipewright:*"}}"#;
        assert!(holds(all, &tags) && holds(all, &none));
        let any = r#"{"ForAnyValue:StringEquals": {"aws:TagKeys": ["pipewright:b"]}}"#;
        assert!(holds(any, &tags) && !holds(any, &none));
        let equals = r#"{"StringEquals": {"aws:resourcetag/team": ["x", "y"]}}"#;
        assert!(holds(equals, &tags) && !holds(equals, &none));
        let if_exists = r#"{"StringEqualsIfExists": {"aws:ResourceTag/team": "z"}}"#;
        assert!(!holds(if_exists, &tags) && holds(if_exists, &none));
        let not = r#"{"StringNotEquals": {"aws:ResourceTag/team": "x"}}"#;
        assert!(!holds(not, &tags) && holds(not, &none));
        let null = r#"{"Null": {"aws:ResourceTag/team": "true"}}"#;
        assert!(!holds(null, &tags) && holds(null, &none));
    }

    #[test]
    fn what_cannot_be_judged_is_refused() {
        for (statement, reason) in [
            (
                r#"{"Effect": "Allow", "Action": "a", "Resource": "${aws:username}"}"#,
                "statement 1: policy variables are not supported: ${aws:username}",
            ),
            (
                r#"{"Sid": "S", "Effect": "Allow", "Action": "a", "Resource": "*",
                    "Condition": {"DateLessThan": {"aws:CurrentTime": "x"}}}"#,
                "statement S: the operator DateLessThan is not supported",
            ),
            (
                r#"{"Effect": "Allow", "Resource": "*"}"#,
                "statement 1: it has exactly one of Action and NotAction",
            ),
        ] {
            let error = Permissions::parse(&format!("{{\"Statement\":[{statement}]}}")).unwrap_err();
            assert_eq!(error.to_string(), reason);
        }
    }
}
