//! YAML as a tree in which every key and value knows its place.
//!
//! Serde's derived readers stop at a document's first error. This tree is read whole first, so that
//! the typed reader above it can go on after an error and report them all.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_yaml::{DuplicateKeyPolicy, Spanned};

use crate::diagnostic::Diagnostic;
use crate::sources::{At, Sources};

/// The deepest nesting of lists and mappings that is read. The YAML library reads by recursion, and a
/// thread's usual stack of 2 MiB holds about twice as many levels of an unoptimised build.
const MAX_DEPTH: usize = 32;
/// The most nodes that one document may have, and that its aliases may add to it.
const MAX_NODES: usize = 100_000;
/// The most documents in all files together.
const MAX_DOCUMENTS: usize = 10_000;

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) at: At,
    pub(crate) value: Value,
}

/// A YAML value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    /// An integer or another number, as the JSON number that it is.
    Number(serde_json::Number),
    String(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// One key of a mapping and its value. Keys can repeat: the reader says so.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_at: At,
    pub(crate) node: Node,
}

impl Node {
    /// What it is, for messages.
    pub(crate) fn describe(&self) -> String {
        match &self.value {
            Value::Null => "nothing".to_owned(),
            Value::Bool(value) => format!("the boolean {value}"),
            Value::Number(value) => format!("the number {value}"),
            Value::String(_) => "text".to_owned(),
            Value::List(_) => "a list".to_owned(),
            Value::Map(_) => "a mapping".to_owned(),
        }
    }

    /// The value of a key, if this is a mapping that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|e| e.key == key).map(|e| &e.node),
            _ => None,
        }
    }

    /// The place of a key, if this is a mapping that has it.
    pub(crate) fn key_at(&self, key: &str) -> Option<At> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|e| e.key == key).map(|e| e.key_at),
            _ => None,
        }
    }

    /// The text, if it is text.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The same as JSON. Of a repeated key the last value counts.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Number(value) => value.clone().into(),
            Value::String(value) => value.clone().into(),
            Value::List(items) => items.iter().map(Self::to_json).collect(),
            Value::Map(entries) => entries
                .iter()
                .map(|e| (e.key.clone(), e.node.to_json()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.value {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => value.serialize(serializer),
            Value::Number(number) => number.serialize(serializer),
            Value::String(text) => text.serialize(serializer),
            Value::List(items) => items.serialize(serializer),
            Value::Map(entries) => {
                serializer.collect_map(entries.iter().map(|entry| (&entry.key, &entry.node)))
            }
        }
    }
}

/// What the YAML library hands over before places are turned into the file's own.
struct Raw(Value);

type SpannedRaw = Spanned<Raw>;

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor).map(Raw)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        serde_json::Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("a number must be finite"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element::<SpannedRaw>()? {
            items.push(node(item));
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = map.next_entry::<Spanned<String>, SpannedRaw>()? {
            entries.push(Entry { key_at: at(key.referenced), key: key.value, node: node(value) });
        }
        Ok(Value::Map(entries))
    }
}

fn node(raw: SpannedRaw) -> Node {
    Node { at: at(raw.referenced), value: raw.value.0 }
}

/// The place within the document; [`shift`] makes it one within the file.
fn at(location: serde_yaml::Location) -> At {
    let index = |n: Option<u64>| n.and_then(|n| usize::try_from(n).ok()).unwrap_or_default();
    let start = index(location.span().byte_offset());
    At { file: 0, start, end: start + index(location.span().byte_len()) }
}

fn shift(node: &mut Node, file: usize, by: usize) {
    let moved = |at: At| At { file, start: at.start + by, end: at.end + by };
    node.at = moved(node.at);
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| shift(item, file, by)),
        Value::Map(entries) => {
            for entry in entries {
                entry.key_at = moved(entry.key_at);
                shift(&mut entry.node, file, by);
            }
        }
        _ => {}
    }
}

/// Reads every document of a file. One that is no YAML becomes an error; the others are still read.
pub(crate) fn documents(
    sources: &Sources,
    file: usize,
    count: &mut usize,
    found: &mut Vec<Diagnostic>,
) -> Vec<Node> {
    let mut nodes = Vec::new();
    let text = sources.text(file);
    for (start, document) in split(text) {
        *count += 1;
        if *count > MAX_DOCUMENTS {
            let at = At { file, start, end: start };
            found.push(
                Diagnostic::new(sources.place(at), format!("more than {MAX_DOCUMENTS} documents"))
                    .hint("split the specs into several spec roots, each with its own Controller"),
            );
            break;
        }
        match parse(document) {
            Ok(mut node) => {
                shift(&mut node, file, start);
                if node.value != Value::Null {
                    nodes.push(node);
                }
            }
            Err(error) => found.push(explain(sources, file, start, &error)),
        }
    }
    nodes
}

/// The documents of a stream, each with its first byte. A line that begins with `---` always starts
/// one, and one that begins with `...` always ends one (YAML 1.2.2, 9.1), so that a document which is
/// no YAML does not hide the errors of those after it.
fn split(text: &str) -> Vec<(usize, &str)> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut at = 0;
    let mut has_content = false;
    for line in text.split_inclusive('\n') {
        let marker = |mark: &str| {
            line.strip_prefix(mark)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
        };
        if marker("---") && has_content {
            parts.push((start, &text[start..at]));
            start = at;
        }
        at += line.len();
        if marker("...") {
            if has_content {
                parts.push((start, &text[start..at]));
            }
            start = at;
            has_content = false;
        } else {
            // Comments and directives before a `---` belong to the document that it starts.
            has_content |= !(line.trim().is_empty() || line.starts_with(['#', '%']));
        }
    }
    if has_content {
        parts.push((start, &text[start..]));
    }
    parts
}

fn parse(text: &str) -> Result<Node, serde_yaml::Error> {
    let options = serde_yaml::options! {
        budget: serde_yaml::budget! {
            max_depth: MAX_DEPTH,
            max_nodes: MAX_NODES,
            max_recorded_anchor_events: MAX_NODES,
            enforce_alias_anchor_ratio: false,
        },
        alias_limits: serde_yaml::alias_limits! {
            max_total_replayed_events: MAX_NODES,
        },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        emit_comments: false,
        // YAML 1.2: `yes`, `on` and `y` are text.
        strict_booleans: true,
        with_snippet: false,
    };
    serde_yaml::from_str_with_options::<SpannedRaw>(text, options).map(node)
}

/// An error of the YAML library in this crate's words.
fn explain(sources: &Sources, file: usize, start: usize, error: &serde_yaml::Error) -> Diagnostic {
    use serde_yaml::Error;
    use serde_yaml::budget::BudgetBreach;

    let at = match error.location() {
        Some(location) => sources.locate(file, start, location.line(), location.column()),
        None => At { file, start, end: start },
    };
    let place = sources.place(at);
    let whole = error.without_snippet().to_string();
    let message = match whole.rfind(" at line ") {
        Some(end) => &whole[..end],
        None => whole.as_str(),
    };
    let error = match error.without_snippet() {
        Error::AliasError { error, .. } => error.as_ref(),
        other => other,
    };
    let too_deep = format!("lists and mappings are nested more than {MAX_DEPTH} deep");
    match error {
        Error::RecursiveReferencesRequireWeakTypes { .. } => {
            Diagnostic::new(place, "this alias stands for something that contains the alias itself")
                .hint("an anchor must not be used inside of what it names")
        }
        Error::AliasReplayLimitExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::Budget {
            breach: BudgetBreach::RecordedAnchorEvents { .. } | BudgetBreach::Aliases { .. },
            ..
        } => Diagnostic::new(place, format!("the document's aliases expand to more than {MAX_NODES} nodes"))
            .hint("write the values out, or use fewer aliases of aliases"),
        Error::Budget { breach: BudgetBreach::Depth { .. }, .. } => Diagnostic::new(place, too_deep),
        Error::Budget { .. } => {
            Diagnostic::new(place, format!("the document has more than {MAX_NODES} nodes"))
                .hint("split it into several documents")
        }
        Error::Unexpected { expected: "string scalar", .. } => {
            Diagnostic::new(place, "a key must be text, not a list or a mapping")
        }
        _ if message == "recursion limit exceeded" => Diagnostic::new(place, too_deep),
        _ if message.contains("tabs disallowed") => {
            Diagnostic::new(place, "a tab cannot indent YAML").hint("indent with spaces")
        }
        _ => Diagnostic::new(place, format!("this is not valid YAML: {message}")),
    }
}
