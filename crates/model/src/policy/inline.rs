//! Inline policies of a role that several scopes own: whose each is, and whether one denies what another
//! allows.

use serde_json::{Map, Value};

use super::pattern::covers;
use super::trust::has_effect;
use super::{is_empty, statements, strings};
use crate::Scope;

/// What the name of every inline policy begins with that Pipewright writes.
pub const INLINE_PREFIX: &str = "pipewright.";

/// The name in AWS of a policy that the specs of a scope call `name`: each scope writes and deletes only its
/// own, so that scopes which write at the same time do not disturb one another.
pub fn inline_name(scope: &Scope, name: &str) -> String {
    format!("{INLINE_PREFIX}{scope}.{name}")
}

/// The scope whose inline policy this is, by the policy's name in AWS; names of scopes have no dot.
pub fn inline_owner(policy: &str) -> Option<&str> {
    Some(policy.strip_prefix(INLINE_PREFIX)?.split_once('.')?.0)
}

/// The `Sid`, empty where it has none, of a statement of `theirs` that denies, without a condition, something
/// that a statement of `ours` allows: every call on the resources of one of its patterns by one of its
/// actions. `None` if there is no such statement, or if that is in doubt.
pub fn denial_of_allowed(theirs: &Value, ours: &Value) -> Option<String> {
    let unconditional = |statement: &Map<String, Value>| statement.get("Condition").is_none_or(is_empty);
    let denial =
        statements(theirs).filter(|deny| has_effect(deny, "Deny") && unconditional(deny)).find(|deny| {
            statements(ours).filter(|allow| has_effect(allow, "Allow")).any(|allow| {
                let lower = |text: String| text.to_ascii_lowercase();
                reaches(deny, allow, ("Action", "NotAction"), lower)
                    && reaches(deny, allow, ("Resource", "NotResource"), |text| text)
            })
        })?;
    Some(denial.get("Sid").and_then(Value::as_str).unwrap_or_default().to_owned())
}

/// Whether a denial certainly covers one of the patterns of an element of what is allowed.
fn reaches(
    deny: &Map<String, Value>,
    allow: &Map<String, Value>,
    (element, excluding): (&str, &str),
    fold: impl Fn(String) -> String,
) -> bool {
    let patterns = |statement: &Map<String, Value>, element: &str| -> Vec<String> {
        strings(statement.get(element)).into_iter().map(&fold).collect()
    };
    let (hit, spared) = (patterns(deny, element), patterns(deny, excluding));
    patterns(allow, element).iter().any(|allowed| {
        let covering = |pattern: &String| covers(pattern, allowed);
        // What is spared is known for sure only of what stands for one thing.
        let not_spared =
            deny.contains_key(excluding) && !allowed.contains(['*', '?']) && !spared.iter().any(covering);
        hit.iter().any(covering) || not_spared
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_name_of_a_policy_tells_its_scope() {
        let scope = Scope::new("data-platform").unwrap();
        assert_eq!(inline_name(&scope, "write.bucket"), "pipewright.data-platform.write.bucket");
        assert_eq!(inline_owner("pipewright.data-platform.write.bucket"), Some("data-platform"));
        assert_eq!(inline_owner("pipewright.broken"), None);
        assert_eq!(inline_owner("write-bucket"), None);
    }

    #[test]
    fn a_denial_counts_where_it_certainly_covers_what_is_allowed() {
        let ours = json!({"Statement": [
            {"Effect": "Allow", "Action": ["s3:PutObject", "s3:List*"], "Resource": "arn:aws:s3:::orders/*"}]});
        let deny = |more: Value| {
            let mut statement = json!({"Sid": "No", "Effect": "Deny"});
            statement.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({"Statement": statement})
        };
        for more in [
            json!({"Action": "*", "Resource": "*"}),
            json!({"Action": "S3:putobject", "Resource": "arn:aws:s3:::*"}),
            json!({"Action": ["s3:L*"], "Resource": ["arn:aws:s3:::orders/*"], "Condition": {}}),
            json!({"NotAction": "s3:Get*", "Resource": "*"}),
        ] {
            assert_eq!(denial_of_allowed(&deny(more.clone()), &ours).as_deref(), Some("No"), "{more}");
        }
        for more in [
            json!({"Action": "s3:GetObject", "Resource": "*"}),
            json!({"Action": "s3:PutObject", "Resource": "arn:aws:s3:::orders/secret/*"}),
            json!({"Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}),
            json!({"NotAction": "s3:*", "Resource": "*"}),
            json!({"Action": "*", "NotResource": "arn:aws:s3:::orders/*"}),
        ] {
            assert_eq!(denial_of_allowed(&deny(more.clone()), &ours), None, "{more}");
        }
    }
}
