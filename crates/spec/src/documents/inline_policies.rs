//! Inline policies, checked as IAM's grammar demands (IAM User Guide, "Grammar of the IAM JSON policy
//! language").

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value as Json, json};

use crate::read::{Located, Read, Reader, did_you_mean, exactly_one, one_of, repeated_keys, unknown_word};
use crate::tree::{Entry, Node, Value};

/// Policy documents by name.
#[derive(Debug, Clone)]
pub(crate) struct InlinePolicies(pub(crate) BTreeMap<String, Located<Json>>);

impl Read for InlinePolicies {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let Value::Map(entries) = &node.value else {
            reader.wrong_type(node, "a mapping of names to policy documents");
            return None;
        };
        repeated_keys(entries, reader);
        let before = reader.found.len();
        let mut policies = BTreeMap::new();
        for Entry { key, key_at, node } in entries {
            if !is_policy_name(key) {
                let hint = "use letters, digits and + = , . @ - _";
                reader.error_with_hint(*key_at, "this cannot be the name of a policy", hint);
            }
            document(node, reader);
            policies.insert(key.clone(), Located { value: node.to_json(), at: *key_at });
        }
        (reader.found.len() == before).then_some(Self(policies))
    }
}

impl JsonSchema for InlinePolicies {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "InlinePolicies".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let texts = one_or_many(&json!({"type": "string"}));
        let values = one_or_many(&json!({"type": ["string", "number", "boolean"]}));
        let statement = json!({
            "type": "object",
            "required": ["Effect"],
            "allOf": [
                {"oneOf": [{"required": ["Action"]}, {"required": ["NotAction"]}]},
                {"oneOf": [{"required": ["Resource"]}, {"required": ["NotResource"]}]},
            ],
            "properties": {
                "Sid": {
                    "type": "string", "pattern": "^[A-Za-z0-9]*$",
                    "description": "A name of the statement, letters and digits.",
                },
                "Effect": {"enum": EFFECTS, "description": "Whether it allows or denies."},
                "Action": described("The actions, such as `s3:PutObject`.", texts.clone()),
                "NotAction": described("All actions but these.", texts.clone()),
                "Resource": described("ARNs, `*` and `?` in them stand for any text and character.", texts.clone()),
                "NotResource": described("All resources but these.", texts),
                "Condition": {
                    "type": "object",
                    "description": "When it holds: operators, each with keys and their values.",
                    "additionalProperties": {"type": "object", "additionalProperties": values},
                },
            },
            "additionalProperties": false,
        });
        json_schema!({
            "type": "object",
            "propertyNames": {"pattern": "^[\\w+=,.@-]+$"},
            "additionalProperties": {
                "type": "object",
                "required": ["Version", "Statement"],
                "properties": {
                    "Version": {"enum": VERSIONS, "description": "The version of IAM's language: `2012-10-17`."},
                    "Id": {"type": "string", "description": "A name of the document."},
                    "Statement": described("What is allowed and what is denied.", one_or_many(&statement)),
                },
                "additionalProperties": false,
            },
        })
    }
}

const VERSIONS: [&str; 2] = ["2012-10-17", "2008-10-17"];
const EFFECTS: [&str; 2] = ["Allow", "Deny"];

fn described(description: &str, mut schema: Json) -> Json {
    schema["description"] = json!(description);
    schema
}

/// The schema of an element that is one of something or a list of it.
fn one_or_many(one: &Json) -> Json {
    json!({"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]})
}

/// The characters of policy names (IAM API reference, `PutRolePolicy`); how long one may be depends on the
/// scope that its name in AWS begins with.
fn is_policy_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"+=,.@-_".contains(&b))
}

fn document(node: &Node, reader: &mut Reader<'_>) {
    let Some(entries) = elements(node, &["Version", "Id", "Statement"], "a policy document", reader) else {
        return;
    };
    match node.get("Version") {
        None => reader.error_with_hint(
            node.at,
            "the field `Version` is missing here",
            "write `Version: \"2012-10-17\"`; without it IAM reads the policy as one of 2008",
        ),
        Some(version) => {
            if let Some(word) = String::read(version, reader)
                && !VERSIONS.contains(&word.as_str())
            {
                unknown_word(&word, &VERSIONS, version, reader);
            }
        }
    }
    let statements = match entries.iter().find(|entry| entry.key == "Statement").map(|entry| &entry.node) {
        None => return reader.error(node.at, "the field `Statement` is missing here"),
        Some(Node { value: Value::List(items), at }) if items.is_empty() => {
            return reader.error(*at, "a policy needs a statement");
        }
        Some(Node { value: Value::List(items), .. }) => items.iter().collect(),
        Some(one) => vec![one],
    };
    let mut sids = BTreeSet::new();
    for node in statements {
        statement(node, reader);
        if let Some(sid) = node.get("Sid")
            && let Some(text) = sid.as_str()
            && !sids.insert(text)
        {
            reader.error(sid.at, format!("two statements of this policy have the Sid `{text}`"));
        }
    }
}

fn statement(node: &Node, reader: &mut Reader<'_>) {
    const ELEMENTS: [&str; 7] =
        ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"];
    if elements(node, &ELEMENTS, "a statement", reader).is_none() {
        return;
    }
    if let Some(sid) = node.get("Sid")
        && let Some(text) = String::read(sid, reader)
        && !text.bytes().all(|b| b.is_ascii_alphanumeric())
    {
        reader.error(sid.at, "a Sid has only letters and digits");
    }
    match node.get("Effect") {
        None => reader.error(node.at, "the field `Effect` is missing here"),
        Some(effect) => {
            if let Some(word) = String::read(effect, reader)
                && !EFFECTS.contains(&word.as_str())
            {
                unknown_word(&word, &EFFECTS, effect, reader);
            }
        }
    }
    exactly_one(node, &["Action", "NotAction"], reader);
    exactly_one(node, &["Resource", "NotResource"], reader);
    for element in ["Action", "NotAction"] {
        for (text, node) in texts(node.get(element), reader) {
            let is_action = text.split_once(':').is_some_and(|(service, action)| {
                !service.is_empty() && !action.is_empty() && !text.contains(char::is_whitespace)
            });
            if text != "*" && !is_action {
                let hint = "write it as service:Action, for example s3:PutObject, or \"*\"";
                reader.error_with_hint(node.at, format!("`{}` is no action", short(text)), hint);
            }
        }
    }
    for element in ["Resource", "NotResource"] {
        for (text, node) in texts(node.get(element), reader) {
            if text != "*" && !(text.starts_with("arn:") && text.splitn(6, ':').count() == 6) {
                let hint = "write an ARN, for example arn:aws:s3:::bucket/*, or \"*\"";
                reader.error_with_hint(node.at, format!("`{}` is no resource", short(text)), hint);
            }
        }
    }
    if let Some(condition) = node.get("Condition") {
        conditions(condition, reader);
    }
}

/// Operators, each with keys, each with values.
fn conditions(node: &Node, reader: &mut Reader<'_>) {
    let Value::Map(operators) = &node.value else {
        return reader.wrong_type(node, "a mapping of operators, such as `StringEquals`");
    };
    repeated_keys(operators, reader);
    for Entry { node, .. } in operators {
        let Value::Map(keys) = &node.value else {
            reader.wrong_type(node, "a mapping of condition keys");
            continue;
        };
        repeated_keys(keys, reader);
        for Entry { node, .. } in keys {
            let values = match &node.value {
                Value::List(items) => items.as_slice(),
                _ => std::slice::from_ref(node),
            };
            for value in values {
                if matches!(value.value, Value::List(_) | Value::Map(_) | Value::Null) {
                    reader.wrong_type(value, "a value or a list of values");
                }
            }
        }
    }
}

/// The texts of an element that is one or a list of them; anything else is an error.
fn texts<'n>(element: Option<&'n Node>, reader: &mut Reader<'_>) -> Vec<(&'n str, &'n Node)> {
    let items = match element {
        None => return Vec::new(),
        Some(Node { value: Value::List(items), at }) => {
            if items.is_empty() {
                reader.error(*at, "this list is empty");
            }
            items.as_slice()
        }
        Some(one) => std::slice::from_ref(one),
    };
    let read = items.iter().filter(|node| String::read(node, reader).is_some());
    read.filter_map(|node| Some((node.as_str()?, node))).collect()
}

/// The elements of a mapping; those that are not known are errors.
fn elements<'n>(node: &'n Node, known: &[&str], what: &str, reader: &mut Reader<'_>) -> Option<&'n [Entry]> {
    let Value::Map(entries) = &node.value else {
        reader.wrong_type(node, what);
        return None;
    };
    repeated_keys(entries, reader);
    for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
        let hint = if entry.key.ends_with("Principal") {
            "remove it: an inline policy is about its role alone; who may assume the role is `trust`"
                .to_owned()
        } else {
            let names = known.iter().copied();
            did_you_mean(&entry.key, names.clone()).unwrap_or_else(|| one_of("the fields here are", names))
        };
        reader.error_with_hint(entry.key_at, format!("{what} has no `{}` here", short(&entry.key)), hint);
    }
    Some(entries)
}

fn short(text: &str) -> String {
    text.chars().take(60).collect()
}
