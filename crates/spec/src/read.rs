//! Typed reading of the tree, which goes on after an error.
//!
//! [`record!`] and [`choice!`] declare a type once: its fields for the reader and, by schemars, for the
//! JSON Schema.

use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::diagnostic::Diagnostic;
use crate::sources::{At, Sources};
use crate::tree::{Entry, Node, Value};

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

/// The fields of a mapping, while a record is read from it.
pub(crate) struct Fields<'n> {
    node: &'n Node,
    entries: &'n [Entry],
    /// The fields that an unknown one is probably meant to be.
    meant: Vec<String>,
}

impl<'n> Fields<'n> {
    /// The mapping's fields; unknown and repeated ones are recorded as errors.
    pub(crate) fn of(
        node: &'n Node,
        record: &'static str,
        known: &[String],
        reader: &mut Reader<'_>,
    ) -> Option<Self> {
        #[cfg(test)]
        reader.seen.insert(record, known.to_vec());
        let _ = record;
        let Value::Map(entries) = &node.value else {
            reader.wrong_type(node, "a mapping");
            return None;
        };
        repeated_keys(entries, reader);
        let mut meant = Vec::new();
        for entry in entries.iter().filter(|entry| !known.contains(&entry.key)) {
            let names = known.iter().map(String::as_str);
            let hint = match nearest(&entry.key, names.clone()) {
                Some(name) => {
                    meant.push(name.to_owned());
                    format!("did you mean `{name}`?")
                }
                None => one_of("the fields here are", names),
            };
            reader.error_with_hint(entry.key_at, format!("unknown field `{}`", entry.key), hint);
        }
        Some(Self { node, entries, meant })
    }

    /// The value of a field. `None` means that an error was recorded.
    pub(crate) fn take<T: Read>(&self, name: &str, reader: &mut Reader<'_>) -> Option<T> {
        if let Some(entry) = self.entries.iter().find(|entry| entry.key == name) {
            if entry.node.value == Value::Null {
                let message = format!("`{name}` has no value");
                reader.error_with_hint(entry.key_at, message, "give it a value, or remove the field");
                return None;
            }
            return T::read(&entry.node, reader);
        }
        let absent = T::absent();
        if absent.is_none() && !self.meant.iter().any(|meant| meant == name) {
            reader.error(self.node.at, format!("the field `{name}` is missing here"));
        }
        absent
    }
}

/// Records an error for each key that a mapping has twice, naming both places.
pub(crate) fn repeated_keys(entries: &[Entry], reader: &mut Reader<'_>) {
    let mut first = std::collections::BTreeMap::new();
    for entry in entries {
        if let Some(at) = first.insert(entry.key.as_str(), entry.key_at) {
            let place = reader.sources.place(entry.key_at);
            let earlier = reader.sources.place(at);
            reader.found.push(
                Diagnostic::new(place, format!("the key `{}` is there twice", entry.key))
                    .hint("keep one of the two")
                    .also(earlier, "first here"),
            );
        }
    }
}

/// Records an error unless exactly one of these fields is there.
pub(crate) fn exactly_one(node: &Node, names: &[&str], reader: &mut Reader<'_>) {
    let Value::Map(entries) = &node.value else { return };
    let there: Vec<&Entry> = entries.iter().filter(|entry| names.contains(&entry.key.as_str())).collect();
    let choice = quoted(names.iter().copied());
    match there.as_slice() {
        [_] => {}
        [] => reader.error(node.at, format!("one of {choice} is missing here")),
        [first, others @ ..] => {
            for other in others {
                if other.key == first.key {
                    continue;
                }
                let message = format!("`{}` cannot stand beside `{}`", other.key, first.key);
                let diagnostic = Diagnostic::new(reader.sources.place(other.key_at), message)
                    .also(reader.sources.place(first.key_at), "the other one")
                    .hint(format!("keep exactly one of {choice}"));
                reader.found.push(diagnostic);
            }
        }
    }
}

/// Names in backquotes, with commas.
pub(crate) fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// A hint that lists what is possible.
pub(crate) fn one_of<'a>(lead: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    format!("{lead} {}", quoted(names))
}

/// A hint that names the candidate nearest to what was written, if one is near.
pub(crate) fn did_you_mean<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    nearest(written, candidates).map(|name| format!("did you mean `{name}`?"))
}

/// The candidate nearest to what was written, if one is near.
fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Quadratic time in the length: nobody mistypes a field by hundreds of characters.
    if written.len() > 100 {
        return None;
    }
    let lower = written.to_lowercase();
    candidates
        .into_iter()
        .map(|name| {
            let candidate = name.to_lowercase();
            let nearness = strsim::normalized_damerau_levenshtein(&lower, &candidate);
            let is_start = lower.len() >= 3 && candidate.starts_with(&lower);
            (if is_start { nearness.max(0.7 + nearness / 10.0) } else { nearness }, name)
        })
        .filter(|(nearness, _)| *nearness >= 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// `allocatedStorage` for `allocated_storage`, as serde and schemars spell it.
pub(crate) fn camel_case(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    let mut upper = false;
    for c in name.trim_start_matches("r#").chars() {
        if c == '_' {
            upper = true;
        } else if upper {
            camel.push(c.to_ascii_uppercase());
            upper = false;
        } else {
            camel.push(c);
        }
    }
    camel
}

/// Declares a record: a struct, its reader, and its part of the JSON Schema.
macro_rules! record {
    (
        $(#[$meta:meta])*
        pub(crate) struct $name:ident { $($(#[$field_meta:meta])* $field:ident: $ty:ty,)* }
    ) => {
        #[derive(Debug, Clone, schemars::JsonSchema)]
        $(#[$meta])*
        #[schemars(rename_all = "camelCase", deny_unknown_fields)]
        pub(crate) struct $name {
            $($(#[$field_meta])* pub(crate) $field: $ty,)*
        }

        impl $crate::read::Read for $name {
            fn read(
                node: &$crate::tree::Node,
                reader: &mut $crate::read::Reader<'_>,
            ) -> Option<Self> {
                let known = [$($crate::read::camel_case(stringify!($field))),*];
                let fields = $crate::read::Fields::of(node, stringify!($name), &known, reader)?;
                <Self as $crate::read::Checks>::check_fields(node, reader);
                $(let $field = fields.take(&$crate::read::camel_case(stringify!($field)), reader);)*
                let record = Self { $($field: $field?,)* };
                $crate::read::Checks::check(&record, node, reader);
                Some(record)
            }
        }
    };
}

/// Declares a choice of words: an enumeration, its reader, and its part of the JSON Schema.
macro_rules! choice {
    (
        $(#[$meta:meta])*
        pub(crate) enum $name:ident { $($(#[$word_meta:meta])* $variant:ident = $word:literal,)* }
    ) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, schemars::JsonSchema)]
        $(#[$meta])*
        pub(crate) enum $name {
            $($(#[$word_meta])* #[schemars(rename = $word)] $variant,)*
        }

        impl $crate::read::Read for $name {
            fn read(
                node: &$crate::tree::Node,
                reader: &mut $crate::read::Reader<'_>,
            ) -> Option<Self> {
                let word = <String as $crate::read::Read>::read(node, reader)?;
                match word.as_str() {
                    $($word => Some(Self::$variant),)*
                    _ => {
                        $crate::read::unknown_word(&word, &[$($word),*], node, reader);
                        None
                    }
                }
            }
        }
    };
}

/// Declares a record twice: as a part of a pipeline, and as the `spec` of a document of its own, which
/// has a few more fields.
macro_rules! shared {
    (
        $(#[$inline_meta:meta])* inline $inline:ident;
        $(#[$document_meta:meta])* document $document:ident { $($extra:tt)* }
        fields { $($(#[$meta:meta])* $field:ident: $ty:ty,)* }
    ) => {
        $crate::read::record! {
            $(#[$inline_meta])*
            pub(crate) struct $inline { $($(#[$meta])* $field: $ty,)* }
        }
        $crate::read::record! {
            $(#[$document_meta])*
            pub(crate) struct $document { $($extra)* $($(#[$meta])* $field: $ty,)* }
        }
        impl $document {
            /// The same as a part of a pipeline.
            pub(crate) fn inline(&self) -> $inline {
                $inline { $($field: self.$field.clone(),)* }
            }
        }
    };
}

pub(crate) use {choice, record, shared};

/// Records the error of a word that is none of those possible.
pub(crate) fn unknown_word(word: &str, words: &[&str], node: &Node, reader: &mut Reader<'_>) {
    let hint = did_you_mean(word, words.iter().copied())
        .unwrap_or_else(|| one_of("use one of", words.iter().copied()));
    let shown: String = word.chars().take(60).collect();
    reader.error_with_hint(node.at, format!("`{shown}` is not possible here"), hint);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelled_as_schemars_spells_them() {
        assert_eq!(camel_case("vpc_security_group_ids"), "vpcSecurityGroupIds");
        assert_eq!(camel_case("r#type"), "type");
        assert_eq!(camel_case("class"), "class");
    }

    #[test]
    fn near_names_are_suggested_and_far_ones_are_not() {
        let names = ["allocatedStorage", "class"];
        assert_eq!(
            did_you_mean("allocatedstorge", names).as_deref(),
            Some("did you mean `allocatedStorage`?")
        );
        assert_eq!(did_you_mean("zzz", names), None);
    }
}
