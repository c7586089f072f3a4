//! Names that stand for other documents.

use std::borrow::Cow;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::scalars::{Line, Name};
use crate::read::{Checks, Located, Read, Reader, Reference, exactly_one, record};
use crate::sources::At;
use crate::tree::{Node, Value};

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

record! {
    /// A resource that somebody else keeps, by ARN or by AWS identifier: exactly one of the two. It is only
    /// read, never changed, tagged or deleted.
    #[schemars(extend("oneOf" = [{"required": ["arn"]}, {"required": ["identifier"]}]))]
    pub(crate) struct OutsideSpec {
        /// Its ARN, of the same account and region.
        arn: Option<Located<Line>>,
        /// Its AWS identifier.
        identifier: Option<Located<Line>>,
    }
}

impl Checks for OutsideSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        exactly_one(node, &["arn", "identifier"], reader);
    }
}

/// What a document refers to: another document of the kind `K` by its name, or an AWS resource outside.
#[derive(Debug, Clone)]
pub(crate) enum RefTo<K> {
    Name(NameOf<K>),
    Outside(OutsideSpec),
}

impl<K> RefTo<K> {
    /// The document that it names, if it names one.
    pub(crate) fn name(&self) -> Option<&NameOf<K>> {
        match self {
            Self::Name(name) => Some(name),
            Self::Outside(_) => None,
        }
    }
}

impl<K: Target> Read for RefTo<K> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::String(_) => NameOf::read(node, reader).map(Self::Name),
            Value::Map(_) => OutsideSpec::read(node, reader).map(Self::Outside),
            _ => {
                reader.wrong_type(node, "a name, `{arn: …}` or `{identifier: …}`");
                None
            }
        }
    }
}

impl<K: Target> JsonSchema for RefTo<K> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("RefTo{}", K::KIND).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let name = NameOf::<K>::json_schema(generator);
        let outside = generator.subschema_for::<OutsideSpec>();
        json_schema!({"anyOf": [name, outside]})
    }
}
