//! The fields of mappings: which there are, which are missing, which are there twice.

use std::collections::BTreeMap;

use super::words::{nearest, one_of, quoted};
use super::{Read, Reader};
use crate::diagnostic::Diagnostic;
use crate::tree::{Entry, Node, Value};

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
    let mut first = BTreeMap::new();
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
