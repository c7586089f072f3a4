//! Patterns as specs write them.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::wildcards::{has_whole_sets, split_at_dot, to_dms};
use crate::documents::Line;
use crate::read::{Read, Reader};
use crate::tree::Node;

/// A pattern of tables, `schema.table`, in DMS's wildcards.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pattern {
    pub(crate) schema: String,
    pub(crate) table: String,
}

impl Read for Pattern {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let text = String::read(node, reader)?;
        let shown: String = text.chars().take(60).collect();
        if !check_sets(&text, node, reader) {
            return None;
        }
        match split_at_dot(&text) {
            Some((schema, table)) if !schema.is_empty() && !table.is_empty() => {
                Some(Self { schema: to_dms(schema), table: to_dms(table) })
            }
            split => {
                let hint = if split.is_some() || text.is_empty() {
                    "write `schema.table`, for example shop.orders or shop.*".to_owned()
                } else {
                    format!("write `{shown}.*` for all tables of the schema {shown}")
                };
                reader.error_with_hint(node.at, format!("`{shown}` is not a pattern `schema.table`"), hint);
                None
            }
        }
    }
}

impl JsonSchema for Pattern {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Pattern".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": r"^([^.\[]|\[[^\]]+\])+\..+$"})
    }
}

/// A name of a schema, table or column, or a pattern of such names, in DMS's wildcards.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Glob(pub(crate) String);

impl Read for Glob {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let Line(text) = Line::read(node, reader)?;
        check_sets(&text, node, reader).then(|| Self(to_dms(&text)))
    }
}

impl JsonSchema for Glob {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Glob".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Line::json_schema(generator)
    }
}

fn check_sets(text: &str, node: &Node, reader: &mut Reader<'_>) -> bool {
    let whole = has_whole_sets(text);
    if !whole {
        let hint = "close it, as in [ab] or [a-d]; [[] stands for the bracket itself";
        reader.error_with_hint(node.at, "a `[` begins a set of characters that no `]` ends", hint);
    }
    whole
}
