//! How the values of fields are written.

use std::fmt::Write as _;

use pipewright_model::Secret;
use serde_json::{Map, Value};
use similar::{Algorithm, ChangeTag, TextDiff};

/// The most characters of a JSON value that stays on one line.
const LINE: usize = 88;

/// A value as it may be shown: references by name, and passwords in connection attributes struck out.
pub(super) fn shown(path: &str, value: &Value) -> Value {
    match value {
        Value::String(text) if path == "extraConnectionAttributes" => Value::String(without_passwords(text)),
        Value::Object(members) => match reference(members) {
            Some(name) => name.clone(),
            None => {
                Value::Object(members.iter().map(|(key, value)| (key.clone(), shown(key, value))).collect())
            }
        },
        Value::Array(list) => Value::Array(list.iter().map(|item| shown("", item)).collect()),
        other => other.clone(),
    }
}

/// Whether a value is so nested that it reads best as a document of lines.
pub(crate) fn is_document(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.values().any(is_document),
        Value::Array(list) => list.iter().any(|item| item.is_object() || item.is_array()),
        _ => false,
    }
}

/// The leaves of a value that is not a document, each with its dotted path.
pub(super) fn leaves(path: &str, value: &Value) -> Vec<(String, Value)> {
    match value {
        Value::Object(members) if !members.is_empty() => {
            members.iter().flat_map(|(key, value)| leaves(&format!("{path}.{key}"), value)).collect()
        }
        leaf => vec![(path.to_owned(), leaf.clone())],
    }
}

/// A value on one line: text without quotes.
pub(super) fn inline(value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() => "\"\"".to_owned(),
        Value::String(text) => text.escape_debug().to_string().replace("\\'", "'").replace("\\\"", "\""),
        Value::Array(list) => list.iter().map(inline).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// A document as lines: JSON in which what fits on a line stays on one.
pub(super) fn lines(value: &Value) -> String {
    let mut text = String::new();
    write_lines(value, 0, "", &mut text);
    text
}

/// What stands for the lines between two parts of a line diff.
pub(super) const GAP: &str = "…";

/// A line of a diff in parts, each with whether it is the part that differs from the other side's line.
pub(super) type Parts = Vec<(bool, String)>;

/// What differs between two texts, line by line: the sign `-`, `+` or a space, and the line. Only two
/// lines of what is the same are kept around each difference.
pub(super) fn line_diff(old: &str, new: &str) -> Vec<(char, String)> {
    let whole = |parts: Parts| parts.into_iter().map(|(_, part)| part).collect();
    inline_diff(old, new).into_iter().map(|(sign, parts)| (sign, whole(parts))).collect()
}

/// As [`line_diff`], with the words that differ within a changed line apart.
pub(super) fn inline_diff(old: &str, new: &str) -> Vec<(char, Parts)> {
    let diff = TextDiff::configure().algorithm(Algorithm::Patience).diff_lines(old, new);
    let mut found = Vec::new();
    for (index, group) in diff.grouped_ops(2).iter().enumerate() {
        if index > 0 {
            found.push((' ', vec![(false, GAP.to_owned())]));
        }
        for change in group.iter().flat_map(|op| diff.iter_inline_changes(op)) {
            let sign = match change.tag() {
                ChangeTag::Equal => ' ',
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            let parts = change
                .iter_strings_lossy()
                .map(|(is_marked, part)| (is_marked, part.trim_end_matches('\n').to_owned()))
                .filter(|(_, part)| !part.is_empty())
                .collect();
            found.push((sign, parts));
        }
    }
    found
}

fn write_lines(value: &Value, depth: usize, after: &str, text: &mut String) {
    let flat = value.to_string();
    let indent = "  ".repeat(depth);
    let fits = indent.len() + flat.chars().count() <= LINE;
    match value {
        Value::Object(members) if !fits && !members.is_empty() => {
            text.push_str("{\n");
            for (index, (key, value)) in members.iter().enumerate() {
                let _ = write!(text, "{indent}  {}: ", Value::String(key.clone()));
                write_lines(value, depth + 1, comma(index, members.len()), text);
            }
            let _ = writeln!(text, "{indent}}}{after}");
        }
        Value::Array(list) if !fits && !list.is_empty() => {
            text.push_str("[\n");
            for (index, value) in list.iter().enumerate() {
                text.push_str(&indent);
                text.push_str("  ");
                write_lines(value, depth + 1, comma(index, list.len()), text);
            }
            let _ = writeln!(text, "{indent}]{after}");
        }
        _ => {
            let _ = writeln!(text, "{flat}{after}");
        }
    }
}

fn comma(index: usize, length: usize) -> &'static str {
    if index + 1 < length { "," } else { "" }
}

/// The name in a serialised reference to another resource.
fn reference(members: &Map<String, Value>) -> Option<&Value> {
    let (key, name) = members.iter().next()?;
    (members.len() == 1 && matches!(key.as_str(), "managed" | "external") && name.is_string()).then_some(name)
}

/// Connection attributes with the values of those that hold a password struck out.
fn without_passwords(attributes: &str) -> String {
    attributes
        .split(';')
        .map(|pair| match pair.split_once('=') {
            Some((name, _)) if is_secret_name(name) => format!("{name}={}", Secret::REDACTED),
            _ => pair.to_owned(),
        })
        .collect::<Vec<_>>()
        .join(";")
}

fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["password", "passwd", "pwd", "secret", "encryption", "token"].iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_fits_stays_on_one_line() {
        let rule = |id: &str| json!({"rule-id": id, "rule-type": "selection", "rule-action": "include", "rule-name": "a-long-name"});
        assert_eq!(lines(&json!({"rules": []})), "{\"rules\":[]}\n");
        insta::assert_snapshot!(lines(&json!({"rules": [rule("1"), rule("2")]})), @r#"
        {
          "rules": [
            {
              "rule-action": "include",
              "rule-id": "1",
              "rule-name": "a-long-name",
              "rule-type": "selection"
            },
            {
              "rule-action": "include",
              "rule-id": "2",
              "rule-name": "a-long-name",
              "rule-type": "selection"
            }
          ]
        }
        "#);
    }

    #[test]
    fn passwords_in_connection_attributes_are_struck_out() {
        let value =
            shown("extraConnectionAttributes", &json!("a=1;asmPassword=x;securityDbEncryption=y;b=2"));
        assert_eq!(value, "a=1;asmPassword=(sensitive);securityDbEncryption=(sensitive);b=2");
    }

    #[test]
    fn references_are_shown_by_name_and_control_characters_never() {
        assert_eq!(shown("source", &json!({"managed": "endpoint/a"})), "endpoint/a");
        assert_eq!(inline(&json!("a\u{1b}[31m\n\"b\" c's")), "a\\u{1b}[31m\\n\"b\" c's");
    }
}
