//! YAML as people write it: block mappings and lists, and text in quotes.

use std::fmt::Write as _;

use serde_json::Value;

/// A document.
pub(super) fn text(document: &Value) -> String {
    let mut text = String::new();
    write(&mut text, document, 0);
    text
}

fn write(text: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (key, value) in members {
                let _ = write!(text, "\n{}{key}:", "  ".repeat(depth));
                write(text, value, depth + 1);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                let _ = write!(text, "\n{}-", "  ".repeat(depth));
                write(text, item, depth + 1);
            }
        }
        // JSON is YAML.
        other => {
            let _ = write!(text, " {other}");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn documents_are_written_in_blocks() {
        let document = json!({"a": {"b": [1, "two", {"c": true}]}, "d": {}, "e": "\"x\": é"});
        assert_eq!(
            text(&document),
            "\na:\n  b:\n    - 1\n    - \"two\"\n    -\n      c: true\nd: {}\ne: \"\\\"x\\\": é\""
        );
    }
}
