//! `import`: that an AWS resource exists already and is to be taken over.

use std::borrow::Cow;

use pipewright_model::{FormerOwner, Import};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::read::{Checks, Located, Read, Reader, exactly_one, record};
use crate::tree::Node;

record! {
    /// An existing AWS resource that becomes this controller's, with the differences that the plan shows.
    pub(crate) struct ImportSpec {
        /// Its AWS identifier.
        identifier: Located<String>,
        /// Whose it is by its marks: `cloudformation`, `cloudformation/STACK`, `terraform`, `ack` or
        /// `scope/NAME`. Without it, only a resource that nobody marked is taken over.
        from: Option<FormerOwnerWord>,
    }
}

impl Checks for ImportSpec {}

impl ImportSpec {
    pub(crate) fn to_model(&self) -> Import {
        Import { from: self.from.as_ref().map(|from| from.0.clone()) }
    }
}

/// Records an error where a resource has an identifier and imports one.
pub(super) fn identifier_or_import(node: &Node, reader: &mut Reader<'_>) {
    if node.get("identifier").is_some() && node.get("import").is_some() {
        exactly_one(node, &["identifier", "import"], reader);
    }
}

/// Whose an imported resource was.
#[derive(Debug, Clone)]
pub(crate) struct FormerOwnerWord(FormerOwner);

impl Read for FormerOwnerWord {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let text = String::read(node, reader)?;
        if let Some(owner) = FormerOwner::parse(&text) {
            return Some(Self(owner));
        }
        let shown: String = text.chars().take(80).collect();
        reader.error_with_hint(
            node.at,
            format!("`{shown}` is not an owner that a resource can be imported from"),
            "write cloudformation, cloudformation/STACK, terraform, ack or scope/NAME",
        );
        None
    }
}

impl JsonSchema for FormerOwnerWord {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "FormerOwner".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^(cloudformation(/.+)?|terraform|ack|scope/[a-z](-?[a-z0-9])*)$",
        })
    }
}
