//! Tags of the user's own.

use std::borrow::Cow;
use std::collections::BTreeMap;

use pipewright_model::tags;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::read::{Read, Reader, repeated_keys};
use crate::tree::{Node, Value};

/// Tags of AWS resources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tags(pub(crate) BTreeMap<String, String>);

impl Tags {
    /// The most tags of the user's own: AWS allows 50 on a resource, some of which are Pipewright's.
    pub(crate) const MAX: usize = 40;
    /// The most characters of a key (Tagging AWS Resources, "Tag naming limits").
    const MAX_KEY: usize = 128;

    /// These tags, with others that win over them.
    pub(crate) fn with(&self, others: Option<&Self>) -> BTreeMap<String, String> {
        let mut all = self.0.clone();
        all.extend(others.into_iter().flat_map(|tags| tags.0.clone()));
        all
    }
}

impl Read for Tags {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let Value::Map(entries) = &node.value else {
            reader.wrong_type(node, "a mapping of tag keys to values");
            return None;
        };
        repeated_keys(entries, reader);
        if entries.len() > Self::MAX {
            let message = format!("{} tags; at most {} are possible", entries.len(), Self::MAX);
            reader.error_with_hint(node.at, message, "AWS allows 50 tags, and Pipewright needs some of them");
        }
        let mut tags = BTreeMap::new();
        for entry in entries {
            if let Some(wrong) = wrong_key(&entry.key) {
                reader.error(entry.key_at, wrong);
            }
            let Some(value) = String::read(&entry.node, reader) else { continue };
            if value.chars().count() > tags::MAX_VALUE || !value.chars().all(is_tag_character) {
                let message = format!("the value of the tag `{}` is not possible", entry.key);
                reader.error_with_hint(
                    entry.node.at,
                    message,
                    "use at most 256 letters, digits, spaces and _ . : / = + - @",
                );
            }
            tags.insert(entry.key.clone(), value);
        }
        Some(Self(tags))
    }
}

fn wrong_key(key: &str) -> Option<String> {
    let lower = key.to_lowercase();
    if lower.starts_with("aws:") {
        Some("tags that start with `aws:` are AWS's own".to_owned())
    } else if lower.starts_with(tags::PREFIX) {
        Some(format!("tags that start with `{}` are Pipewright's own", tags::PREFIX))
    } else if key.is_empty() || key.chars().count() > Tags::MAX_KEY || !key.chars().all(is_tag_character) {
        Some("a tag's key has 1 to 128 letters, digits, spaces and _ . : / = + - @".to_owned())
    } else {
        None
    }
}

fn is_tag_character(c: char) -> bool {
    c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c)
}

impl JsonSchema for Tags {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Tags".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "maxProperties": Self::MAX,
            "propertyNames": {"minLength": 1, "maxLength": Self::MAX_KEY},
            "additionalProperties": {"type": "string", "maxLength": tags::MAX_VALUE},
        })
    }
}
