//! JSON as a tree in which every key and value knows its place, as [`crate::tree`] has it for YAML.

use serde_json::Value as Json;

use crate::diagnostic::Diagnostic;
use crate::sources::{At, Sources};
use crate::tree::{Entry, Node, Value};

/// Reads a file as one JSON value (RFC 8259).
pub(crate) fn read(sources: &Sources, file: usize) -> Result<Node, Box<Diagnostic>> {
    let text = sources.text(file);
    if let Err(error) = serde_json::from_str::<Json>(text) {
        let at = sources.at_byte(file, error.line(), error.column());
        let whole = error.to_string();
        let why = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(why, _)| why);
        return Err(Box::new(Diagnostic::new(sources.place(at), format!("this is not valid JSON: {why}"))));
    }
    Ok(Scanner { text, file, next: 0 }.value())
}

/// Finds the places in a text that is known to be JSON.
struct Scanner<'a> {
    text: &'a str,
    file: usize,
    next: usize,
}

impl Scanner<'_> {
    fn value(&mut self) -> Node {
        let start = self.peek_at();
        let value = match self.byte() {
            Some(b'{') => Value::Map(self.entries()),
            Some(b'[') => Value::List(self.items()),
            Some(b'"') => Value::String(self.string()),
            _ => self.literal(),
        };
        Node { at: self.since(start), value }
    }

    fn entries(&mut self) -> Vec<Entry> {
        let mut entries = Vec::new();
        self.next += 1;
        while self.peek() == Some(b'"') {
            let start = self.next;
            let key = self.string();
            let key_at = self.since(start);
            self.peek_at();
            self.next += 1; // the colon
            entries.push(Entry { key, key_at, node: self.value() });
            if self.peek() == Some(b',') {
                self.next += 1;
            }
        }
        self.next += 1;
        entries
    }

    fn items(&mut self) -> Vec<Node> {
        let mut items = Vec::new();
        self.next += 1;
        while !matches!(self.peek(), None | Some(b']')) {
            items.push(self.value());
            if self.peek() == Some(b',') {
                self.next += 1;
            }
        }
        self.next += 1;
        items
    }

    fn string(&mut self) -> String {
        let start = self.next;
        self.next += 1;
        while let Some(byte) = self.byte() {
            self.next += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                break;
            }
        }
        self.parsed(start).as_str().unwrap_or_default().to_owned()
    }

    fn literal(&mut self) -> Value {
        let start = self.next;
        while self.byte().is_some_and(|byte| !b",]} \t\r\n".contains(&byte)) {
            self.next += 1;
        }
        match self.parsed(start) {
            Json::Bool(value) => Value::Bool(value),
            Json::Number(number) => Value::Number(number),
            _ => Value::Null,
        }
    }

    fn parsed(&self, start: usize) -> Json {
        let text = self.text.get(start..self.next).unwrap_or_default();
        serde_json::from_str(text).unwrap_or_default()
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.next).copied()
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        while self.byte().is_some_and(|byte| b" \t\r\n".contains(&byte)) {
            self.next += 1;
        }
        self.byte()
    }

    fn peek_at(&mut self) -> usize {
        self.peek();
        self.next
    }

    fn since(&self, start: usize) -> At {
        At { file: self.file, start, end: self.next }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sources::Source;

    fn sources(text: &str) -> Sources {
        let mut sources = Sources::default();
        sources.add(Source { name: "m.json".to_owned(), bytes: text.as_bytes().to_vec() }).unwrap();
        sources
    }

    #[test]
    fn every_key_and_value_knows_its_place() {
        let sources = sources("\t{ \"a\\\"b\": [1,\n {\"é\": \"x\\\\\"} , null], \"c\" : -1.5e3 }\n");
        let node = read(&sources, 0).unwrap();
        let Value::Map(entries) = &node.value else { panic!() };
        assert_eq!(sources.written(entries[0].key_at), "\"a\\\"b\"");
        assert_eq!(entries[0].key, "a\"b");
        let Value::List(items) = &entries[0].node.value else { panic!() };
        let written: Vec<&str> = items.iter().map(|item| sources.written(item.at)).collect();
        assert_eq!(written, ["1", "{\"é\": \"x\\\\\"}", "null"]);
        assert_eq!(sources.written(entries[1].node.at), "-1.5e3");
    }

    fn json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            any::<String>().prop_map(Json::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|map| Json::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_read_is_what_serde_json_reads(json in json(), pretty in any::<bool>()) {
            let text =
                if pretty { serde_json::to_string_pretty(&json).unwrap() } else { json.to_string() };
            prop_assert_eq!(read(&sources(&text), 0).unwrap().to_json(), json);
        }
    }
}
