//! Typed reading of the tree, which goes on after an error.

mod fields;
mod macros;
mod words;

use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::diagnostic::Diagnostic;
use crate::sources::{At, Sources};
use crate::tree::{Node, Value};

pub(crate) use fields::{Fields, exactly_one, repeated_keys};
pub(crate) use macros::{choice, record, shared};
pub(crate) use words::{camel_case, did_you_mean, one_of, unknown_word};

/// What the reader gathers beside the values: errors, and names that refer to other documents.
pub(crate) struct Reader<'a> {
    pub(crate) sources: &'a Sources,
    pub(crate) found: Vec<Diagnostic>,
    pub(crate) references: Vec<Reference>,
    /// The index of the document that is being read.
    pub(crate) document: usize,
    /// The fields of every record that was read, by its type's name.
    #[cfg(test)]
    pub(crate) seen: std::collections::BTreeMap<&'static str, Vec<String>>,
}

/// A name in one document that stands for another document.
#[derive(Debug, Clone)]
pub(crate) struct Reference {
    /// The index of the document that holds it.
    pub(crate) document: usize,
    /// The kind of the document that it names.
    pub(crate) kind: &'static str,
    /// The name.
    pub(crate) name: String,
    pub(crate) at: At,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(sources: &'a Sources) -> Self {
        Self {
            sources,
            found: Vec::new(),
            references: Vec::new(),
            document: 0,
            #[cfg(test)]
            seen: std::collections::BTreeMap::new(),
        }
    }

    /// Records an error at a place.
    pub(crate) fn error(&mut self, at: At, message: impl Into<String>) {
        let place = self.sources.place(at);
        self.found.push(Diagnostic::new(place, message));
    }

    /// Records an error at a place, with advice.
    pub(crate) fn error_with_hint(&mut self, at: At, message: impl Into<String>, hint: impl Into<String>) {
        let place = self.sources.place(at);
        self.found.push(Diagnostic::new(place, message).hint(hint));
    }

    /// Records an error about what is, or may be, a secret: it is not shown.
    pub(crate) fn error_about_secret(&mut self, at: At, message: impl Into<String>, hint: impl Into<String>) {
        let place = self.sources.place(at).hidden();
        self.found.push(Diagnostic::new(place, message).hint(hint));
    }

    pub(crate) fn wrong_type(&mut self, node: &Node, expected: &str) {
        let message = format!("expected {expected}, found {}", node.describe());
        let written = self.sources.written(node.at);
        match &node.value {
            Value::Number(_) | Value::Bool(_) if expected == "text" => {
                let hint = format!("put it in quotes: \"{written}\"");
                self.error_with_hint(node.at, message, hint);
            }
            Value::String(text) if expected == "true or false" => {
                let hint = match text.to_lowercase().as_str() {
                    "yes" | "y" | "on" | "true" => "write true, without quotes",
                    "no" | "n" | "off" | "false" => "write false, without quotes",
                    _ => "write true or false, without quotes",
                };
                self.error_with_hint(node.at, message, hint);
            }
            Value::String(text) if expected == "a whole number" && text.parse::<i64>().is_ok() => {
                self.error_with_hint(node.at, message, format!("write {text}, without quotes"));
            }
            Value::Null => self.error_with_hint(node.at, message, "give it a value, or remove the field"),
            _ => self.error(node.at, message),
        }
    }
}

/// A type that can be read from a node. `None` means that an error was recorded.
pub(crate) trait Read: Sized {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self>;

    /// What stands in for a field that is not there; `None` where it must be.
    fn absent() -> Option<Self> {
        None
    }
}

/// What a record demands beyond its fields' types.
pub(crate) trait Checks {
    /// Demands on which fields there are. Called even if a field's value is wrong.
    fn check_fields(_node: &Node, _reader: &mut Reader<'_>) {}

    /// Demands on the values.
    fn check(&self, _node: &Node, _reader: &mut Reader<'_>) {}
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Located<T> {
    pub(crate) value: T,
    pub(crate) at: At,
}

impl<T> Deref for Located<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: Read> Read for Located<T> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        T::read(node, reader).map(|value| Self { value, at: node.at })
    }
}

impl<T: JsonSchema> JsonSchema for Located<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

impl<T: Read> Read for Option<T> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        T::read(node, reader).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let Value::List(items) = &node.value else {
            reader.wrong_type(node, "a list");
            return None;
        };
        // Every item is read before the first failure counts.
        let read: Vec<Option<T>> = items.iter().map(|item| T::read(item, reader)).collect();
        read.into_iter().collect()
    }
}

impl Read for String {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::String(text) if text.contains('\0') => {
                reader.error(node.at, "text cannot hold the character U+0000");
                None
            }
            Value::String(text) => Some(text.clone()),
            _ => {
                reader.wrong_type(node, "text");
                None
            }
        }
    }
}

impl Read for bool {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let Value::Bool(value) = node.value else {
            reader.wrong_type(node, "true or false");
            return None;
        };
        Some(value)
    }
}

impl Read for i32 {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        integer(node, i64::from(i32::MIN), i64::from(i32::MAX), reader)
    }
}

impl Read for u32 {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        integer(node, 0, i64::from(u32::MAX), reader)
    }
}

/// Reads a whole number of a range; `None` means that an error was recorded.
pub(crate) fn integer<T: TryFrom<i64>>(
    node: &Node,
    min: i64,
    max: i64,
    reader: &mut Reader<'_>,
) -> Option<T> {
    let Value::Number(number) = &node.value else {
        reader.wrong_type(node, "a whole number");
        return None;
    };
    let read = number.as_i64().filter(|n| (min..=max).contains(n)).and_then(|n| T::try_from(n).ok());
    if read.is_none() {
        reader.error(node.at, format!("expected a whole number from {min} to {max}, found {number}"));
    }
    read
}
