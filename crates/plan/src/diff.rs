//! Comparing declared with live values. No decisions are made here.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::FieldDiff;

/// Field differences, collected one comparison at a time.
#[derive(Debug, Default)]
pub(crate) struct Fields(pub(crate) Vec<FieldDiff>);

impl Fields {
    /// Records a difference if something is declared and the live value is another.
    pub(crate) fn compare<T: Serialize + PartialEq>(&mut self, path: &str, declared: Option<&T>, live: &T) {
        if let Some(declared) = declared
            && declared != live
        {
            self.push(path, to_value(live), to_value(declared));
        }
    }

    /// The same for fields that AWS may leave out.
    pub(crate) fn compare_optional<T: Serialize + PartialEq>(
        &mut self,
        path: &str,
        declared: Option<&T>,
        live: Option<&T>,
    ) {
        if let Some(declared) = declared
            && Some(declared) != live
        {
            self.push(path, live.map_or(Value::Null, to_value), to_value(declared));
        }
    }

    /// Records a difference.
    pub(crate) fn push(&mut self, path: &str, before: Value, after: Value) {
        self.0.push(FieldDiff { path: path.to_owned(), before, after });
    }
}

/// The fields that a new resource is declared with: what serialises to something other than null, an
/// empty list or an empty object.
pub(crate) fn declared_fields(declared: &impl Serialize) -> Vec<FieldDiff> {
    let Value::Object(members) = to_value(declared) else {
        return Vec::new();
    };
    members
        .into_iter()
        .filter(|(_, value)| !is_vacant(value))
        .map(|(path, after)| FieldDiff { path, before: Value::Null, after })
        .collect()
}

fn is_vacant(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

fn to_value(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

/// How two documents of settings compare where the first is partial.
#[derive(Debug, Default)]
pub(crate) struct DocumentDiff {
    /// What is declared and differs.
    pub(crate) fields: Vec<FieldDiff>,
    /// What is declared and not there at all: AWS does not know it, or does not return it.
    pub(crate) unreturned: Vec<(String, Value)>,
}

/// Compares a partial declared document with a whole live one.
///
/// Only declared keys are looked at. Keys are found without regard to case if not exactly, since DMS
/// spells some both ways (`historyTimeslotInMinutes`). Lists of objects with an `Id` are sets keyed by
/// it (`LogComponents`). A declared null is the same as nothing. Where AWS answers nothing or null, it
/// has its default.
pub(crate) fn document(path: &str, declared: &Value, live: &Value, terms: &impl Terms) -> DocumentDiff {
    let mut walk = Walk { terms, diff: DocumentDiff::default() };
    walk.visit(path, declared, Some(live));
    walk.diff
}

/// What is known of the keys of a document, asked by their path.
pub(crate) trait Terms {
    /// Whether the values of a key are words, which DMS spells in several ways.
    fn is_word(&self, path: &str) -> bool;

    /// What AWS takes for a key that is not given; `None` where that is not known.
    fn default_of(&self, _path: &str) -> Option<Value> {
        None
    }
}

struct Walk<'a, T> {
    terms: &'a T,
    diff: DocumentDiff,
}

impl<T: Terms> Walk<'_, T> {
    fn visit(&mut self, path: &str, declared: &Value, live: Option<&Value>) {
        match (declared, live) {
            (Value::Null, None | Some(Value::Null)) => {}
            (declared, None | Some(Value::Null)) if self.is_default(path, declared) => {}
            (Value::Object(members), Some(Value::Object(live))) => {
                for (key, value) in members {
                    let found = live
                        .get(key)
                        .or_else(|| live.iter().find(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, v)| v));
                    self.visit(&join(path, key), value, found);
                }
            }
            (Value::Object(members), None | Some(Value::Null)) => {
                for (key, value) in members {
                    self.visit(&join(path, key), value, None);
                }
            }
            (Value::Array(list), Some(Value::Array(live))) => {
                if let (Some(declared), Some(live)) = (by_id(list), by_id(live)) {
                    for (id, value) in declared {
                        self.visit(&format!("{path}[{id}]"), value, live.get(id).copied());
                    }
                } else if !same_list(list, live, self.folds(path)) {
                    self.diff.fields.push(FieldDiff {
                        path: path.to_owned(),
                        before: Value::Array(live.clone()),
                        after: declared.clone(),
                    });
                }
            }
            (declared, Some(live)) if !live.is_null() => {
                if !same_scalar(declared, live, self.folds(path)) {
                    self.diff.fields.push(FieldDiff {
                        path: path.to_owned(),
                        before: live.clone(),
                        after: declared.clone(),
                    });
                }
            }
            (declared, Some(_null)) => self.diff.fields.push(FieldDiff {
                path: path.to_owned(),
                before: Value::Null,
                after: declared.clone(),
            }),
            (declared, None) => self.diff.unreturned.push((path.to_owned(), declared.clone())),
        }
    }

    fn folds(&self, path: &str) -> bool {
        self.terms.is_word(path)
    }

    fn is_default(&self, path: &str, declared: &Value) -> bool {
        let default = self.terms.default_of(path);
        default.is_some_and(|default| same_scalar(declared, &default, self.folds(path)))
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn by_id(list: &[Value]) -> Option<BTreeMap<&str, &Value>> {
    if list.is_empty() {
        return None;
    }
    list.iter().map(|item| Some((item.get("Id")?.as_str()?, item))).collect()
}

fn same_list(a: &[Value], b: &[Value], folded: bool) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_scalar(a, b, folded))
}

/// Whether two values mean the same to DMS: numbers and booleans also as text; `folded`, words without
/// regard to case and to `-` and `_`, which DMS exchanges in enumerations (`mongodb-cr`, `mongodb_cr`).
fn same_scalar(declared: &Value, live: &Value, folded: bool) -> bool {
    match (declared, live) {
        (Value::Array(a), Value::Array(b)) => same_list(a, b, folded),
        (Value::Object(_), _) | (_, Value::Object(_)) => declared == live,
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (a, b) => match (text(a), text(b)) {
            (Some(a), Some(b)) => a == b || (folded && fold(&a) == fold(&b)),
            _ => a == b,
        },
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn fold(word: &str) -> String {
    word.to_ascii_lowercase().replace('_', "-")
}

/// Extra connection attributes as pairs; names are compared without regard to case.
pub(crate) fn attribute_pairs(attributes: &str) -> BTreeMap<String, String> {
    attributes
        .split(';')
        .filter(|pair| !pair.trim().is_empty())
        .map(|pair| match pair.split_once('=') {
            Some((name, value)) => (name.trim().to_ascii_lowercase(), value.trim().to_owned()),
            None => (pair.trim().to_ascii_lowercase(), String::new()),
        })
        .collect()
}

/// Whether two values of an extra connection attribute mean the same: yes and no have several
/// spellings (DMS User Guide, the chapters on endpoint settings: `true`, `y`, `false`, `n`).
pub(crate) fn same_attribute(a: &str, b: &str) -> bool {
    let flag = |value: &str| match value.to_ascii_lowercase().as_str() {
        "true" | "y" | "yes" => Some(true),
        "false" | "n" | "no" => Some(false),
        _ => None,
    };
    a == b || (flag(a).is_some() && flag(a) == flag(b))
}

/// Whether two ways to name a KMS key can be the same key: two ARNs are compared whole, an id and an
/// ARN by id; an alias cannot be told from here, and is taken to be the same.
pub(crate) fn same_kms_key(declared: &str, live: &str) -> bool {
    let is_alias = |key: &str| key.starts_with("alias/") || key.contains(":alias/");
    let id = |key: &str| key.rsplit('/').next().unwrap_or(key).to_ascii_lowercase();
    let both_arns = declared.starts_with("arn:") && live.starts_with("arn:");
    is_alias(declared)
        || is_alias(live)
        || if both_arns { declared.eq_ignore_ascii_case(live) } else { id(declared) == id(live) }
}

/// Whether version `a` is newer than version `b`, compared by their dotted numbers.
pub(crate) fn is_newer(a: &str, b: &str) -> bool {
    let numbers =
        |version: &str| -> Vec<u64> { version.split('.').map(|part| part.parse().unwrap_or(0)).collect() };
    numbers(a) > numbers(b)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Every value is a word, and nothing has a default.
    struct Words;

    impl Terms for Words {
        fn is_word(&self, _path: &str) -> bool {
            true
        }
    }

    #[test]
    fn only_declared_keys_of_a_document_are_compared() {
        let live = json!({"Logging": {"EnableLogging": true, "CloudWatchLogGroup": "x"},
            "ErrorBehavior": {"DataErrorPolicy": "LOG_ERROR"}});
        assert!(document("", &json!({"Logging": {"EnableLogging": true}}), &live, &Words).fields.is_empty());
        let diff = document("", &json!({"ErrorBehavior": {"DataErrorPolicy": "STOP_TASK"}}), &live, &Words);
        assert_eq!(diff.fields.len(), 1);
        assert_eq!(diff.fields[0].path, "ErrorBehavior.DataErrorPolicy");
    }

    #[test]
    fn both_spellings_of_the_history_timeslot_are_one() {
        let live = json!({"ControlTablesSettings": {"historyTimeslotInMinutes": 5}});
        let declared = json!({"ControlTablesSettings": {"HistoryTimeslotInMinutes": "5"}});
        let diff = document("", &declared, &live, &Words);
        assert!(diff.fields.is_empty() && diff.unreturned.is_empty(), "{diff:?}");
    }

    #[test]
    fn log_components_are_a_set() {
        let live = json!([{"Id": "A", "Severity": "X"}, {"Id": "B", "Severity": "Y"}]);
        assert!(document("", &json!([{"Id": "B", "Severity": "Y"}]), &live, &Words).fields.is_empty());
        let diff = document("L", &json!([{"Id": "B", "Severity": "Z"}]), &live, &Words);
        assert_eq!(diff.fields[0].path, "L[B].Severity");
    }

    #[test]
    fn a_declared_key_that_is_not_returned_is_noted_and_no_difference() {
        let diff = document("", &json!({"New": {"Key": 1}}), &json!({}), &Words);
        assert!(diff.fields.is_empty());
        assert_eq!(diff.unreturned, [("New.Key".to_owned(), json!(1))]);
    }

    #[test]
    fn enumerations_fold_and_names_do_not() {
        assert!(same_scalar(&json!("mongodb-cr"), &json!("MONGODB_CR"), true));
        assert!(!same_scalar(&json!("Folder"), &json!("folder"), false));
        assert!(same_scalar(&json!(true), &json!("true"), false));
    }

    #[test]
    fn kms_keys_are_compared_by_id() {
        for place in ["aws:kms:us-east-1", "aws-cn:kms:cn-north-1", "aws-us-gov:kms:us-gov-west-1"] {
            let arn = format!("arn:{place}:111122223333:key/0a1b");
            let alias = format!("arn:{place}:111122223333:alias/x");
            for same in ["0a1b", "0A1B", "alias/x", &alias, &arn] {
                assert!(same_kms_key(same, &arn), "{same} {arn}");
            }
            assert!(!same_kms_key("ffff", &arn));
            assert!(!same_kms_key("arn:aws:kms:eu-west-1:111122223333:key/0a1b", &arn));
        }
    }

    #[test]
    fn versions_are_compared_by_number() {
        assert!(is_newer("3.10.1", "3.9.4") && !is_newer("3.5.4", "3.5.4"));
    }
}
