//! Account ids, which YAML takes for numbers.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::scalars::is_account;
use crate::read::{Read, Reader};
use crate::tree::{Node, Value};

/// An AWS account id: twelve digits, in quotes or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AccountId(pub(crate) String);

impl Read for AccountId {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let text = match &node.value {
            Value::String(text) => text.clone(),
            // The number as it is written: its value would have lost leading zeros.
            Value::Number(_) => reader.sources.written(node.at).to_owned(),
            _ => {
                reader.wrong_type(node, "an account id of twelve digits");
                return None;
            }
        };
        if is_account(&text) {
            return Some(Self(text));
        }
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let (message, hint) = if digits {
            let message = format!("an account id has twelve digits, this one has {}", text.len());
            let hint = if text.len() < 12 {
                format!("if leading zeros were lost, put it in quotes: \"{text:0>12}\"")
            } else {
                "copy it again from the AWS console".to_owned()
            };
            (message, hint)
        } else {
            (
                "this is not an account id".to_owned(),
                "write its twelve digits in quotes: \"111122223333\"".to_owned(),
            )
        };
        reader.error_with_hint(node.at, message, hint);
        None
    }
}

impl JsonSchema for AccountId {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "AccountId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "integer"],
            "pattern": "^[0-9]{12}$",
            "minimum": 100_000_000_000_u64,
            "maximum": 999_999_999_999_u64,
        })
    }
}
