//! Names that stand for other documents.

use std::borrow::Cow;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::scalars::Name;
use crate::read::{Read, Reader, Reference};
use crate::sources::At;
use crate::tree::Node;

/// A kind of document that others name.
pub(crate) trait Target: std::fmt::Debug + Clone {
    /// The kind, as documents write it.
    const KIND: &'static str;
}

/// The name of another document, of the kind `K`.
#[derive(Debug, Clone)]
pub(crate) struct NameOf<K> {
    pub(crate) name: String,
    pub(crate) at: At,
    kind: PhantomData<K>,
}

impl<K: Target> Read for NameOf<K> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let name = String::read(node, reader)?;
        let document = reader.document;
        reader.references.push(Reference { document, kind: K::KIND, name: name.clone(), at: node.at });
        Some(Self { name, at: node.at, kind: PhantomData })
    }
}

impl<K: Target> JsonSchema for NameOf<K> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("NameOf{}", K::KIND).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Name::json_schema(generator)
    }
}
