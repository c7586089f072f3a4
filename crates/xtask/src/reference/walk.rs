//! The fields of a schema, each with what the schema tells of it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// What the schema says of a field's change; what says nothing is changed as the field that it is in.
const CHANGE: &str = "x-pipewright-change";
/// What it says of a record whose fields differ; each of them must say its own.
const BY_FIELD: &str = "by-field";

/// One field, or one setting.
#[derive(Debug)]
pub(super) struct Field {
    /// Dotted; `[]` stands for each entry of a list.
    pub(super) path: String,
    pub(super) ty: String,
    pub(super) required: &'static str,
    pub(super) default: String,
    /// What changing it does; empty where the schema does not say.
    pub(super) change: String,
    pub(super) description: String,
}

/// The fields below a schema, each before those inside it.
pub(super) fn fields(definitions: &Map<String, Value>, schema: &Value, path: &str) -> Vec<Field> {
    let mut walk = Walk { definitions, fields: Vec::new() };
    walk.enter(schema, path, "");
    walk.fields
}

struct Walk<'a> {
    definitions: &'a Map<String, Value>,
    fields: Vec<Field>,
}

impl<'a> Walk<'a> {
    fn resolve(&self, schema: &'a Value) -> &'a Value {
        schema["$ref"]
            .as_str()
            .and_then(|name| self.definitions.get(name.trim_start_matches("#/$defs/")))
            .unwrap_or(schema)
    }

    /// Lists the fields of an object, or of the objects in a list or among alternatives. `change` is what
    /// changing the field does that the schema is of; that of fields that say nothing of their own.
    fn enter(&mut self, schema: &'a Value, path: &str, change: &str) {
        let schema = self.resolve(schema);
        if let Some(items) = schema.get("items") {
            self.enter(items, &format!("{path}[]"), change);
        }
        for option in alternatives(schema) {
            self.enter(option, path, change);
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            // A part that is not a whole definition only narrows what another says.
            if part.get("$ref").is_some() {
                self.enter(part, path, change);
            } else {
                self.narrow(part, path);
            }
        }
        let Some(properties) = schema["properties"].as_object() else { return };
        let always: BTreeSet<&str> = words(&schema["required"]).collect();
        let parts = schema["allOf"].as_array().into_iter().flatten();
        let sometimes: BTreeSet<&str> = std::iter::once(schema)
            .chain(parts)
            .flat_map(alternatives)
            .flat_map(|option| words(&option["required"]))
            .collect();
        for (name, property) in properties {
            let path = join(path, name);
            let resolved = self.resolve(property);
            let description =
                property["description"].as_str().or(resolved["description"].as_str()).unwrap_or_default();
            let required = if always.contains(name.as_str()) {
                "yes"
            } else if sometimes.contains(name.as_str()) {
                "one of these"
            } else {
                "no"
            };
            let change = property[CHANGE].as_str().unwrap_or(change);
            self.fields.push(Field {
                path: path.clone(),
                ty: self.type_of(property),
                required,
                default: default(property, description),
                change: change.to_owned(),
                description: description.replace('\n', " "),
            });
            self.enter(property, &path, if change == BY_FIELD { "" } else { change });
            if property.get("$ref").is_some() {
                self.narrow(property, &path);
            }
        }
    }

    /// Takes over what is said anew of the fields that are listed already.
    fn narrow(&mut self, schema: &'a Value, path: &str) {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let path = join(path, name);
            let says_type = ["$ref", "type", "const", "enum", "anyOf", "oneOf", "allOf"]
                .iter()
                .any(|key| property.get(key).is_some());
            let ty = says_type.then(|| self.type_of(property));
            let Some(field) = self.fields.iter_mut().find(|field| field.path == path) else { continue };
            if let Some(ty) = ty {
                field.ty = ty;
            }
            if let Some(change) = property[CHANGE].as_str() {
                change.clone_into(&mut field.change);
            }
        }
    }

    /// The type, for people.
    fn type_of(&self, schema: &'a Value) -> String {
        let schema = self.resolve(schema);
        if let Some(word) = schema.get("const") {
            return format!("`{}`", text(word));
        }
        if let Some(words) = schema["enum"].as_array() {
            return words.iter().map(|word| format!("`{}`", text(word))).collect::<Vec<_>>().join(", ");
        }
        let whole = schema["allOf"].as_array().into_iter().flatten().find(|part| part.get("$ref").is_some());
        if let (Some(whole), None) = (whole, schema.get("type")) {
            return self.type_of(whole);
        }
        let names: Vec<&str> = schema["type"].as_str().into_iter().chain(words(&schema["type"])).collect();
        let options = ["anyOf", "oneOf"].iter().find_map(|key| schema[*key].as_array());
        if let (Some(options), true) = (options, names.is_empty()) {
            let options: Vec<String> = options.iter().map(|option| self.type_of(option)).collect();
            let all_words = options.iter().all(|option| option.starts_with('`'));
            return options.join(if all_words { ", " } else { " or " });
        }
        if names.is_empty() {
            return "anything".to_owned();
        }
        let names = names.into_iter().filter(|name| *name != "null");
        names.map(|name| self.type_named(name, schema)).collect::<Vec<_>>().join(" or ")
    }

    fn type_named(&self, name: &str, schema: &'a Value) -> String {
        match name {
            "string" => match (schema["format"].as_str(), schema["maxLength"].as_u64()) {
                (Some(format), _) => format!("text ({format})"),
                (None, Some(most)) => format!("text of at most {most}"),
                (None, None) => "text".to_owned(),
            },
            "integer" | "number" => match (limit(&schema["minimum"]), limit(&schema["maximum"])) {
                (Some(least), Some(most)) => format!("{name} {least} to {most}"),
                (Some(least), None) => format!("{name} from {least}"),
                (None, Some(most)) => format!("{name} up to {most}"),
                (None, None) => name.to_owned(),
            },
            "array" => {
                let least = schema["minItems"].as_u64().map(|n| format!(", at least {n}"));
                let most = schema["maxItems"].as_u64().map(|n| format!(", at most {n}"));
                let of =
                    schema.get("items").map_or_else(|| "anything".to_owned(), |items| self.type_of(items));
                format!("list of {of}{}{}", least.unwrap_or_default(), most.unwrap_or_default())
            }
            "object" => match schema.get("additionalProperties") {
                Some(values @ Value::Object(_)) => format!("map of {}", self.type_of(values)),
                _ => "object".to_owned(),
            },
            other => other.to_owned(),
        }
    }
}

/// A number's limit, unless it is only that of 32 bits.
fn limit(limit: &Value) -> Option<i64> {
    limit.as_i64().filter(|limit| ![i32::MIN, i32::MAX].map(i64::from).contains(limit))
}

/// The schemas of which one holds, or at least one.
fn alternatives(schema: &Value) -> impl Iterator<Item = &Value> {
    ["anyOf", "oneOf"].into_iter().filter_map(|key| schema[key].as_array()).flatten()
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn words(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The default that the schema has, or that its description tells: `X unless given`, `AWS's default is
/// X`.
fn default(schema: &Value, description: &str) -> String {
    if let Some(value) = schema.get("default") {
        return match text(value).as_str() {
            "" => "empty".to_owned(),
            text => format!("`{}`", text.escape_debug()),
        };
    }
    let description = description.replace('\n', " ");
    if let Some((before, _)) = description.split_once(" unless given") {
        let start = [": ", "; ", ". "].iter().filter_map(|mark| Some(before.rfind(mark)? + mark.len())).max();
        let told = before[start.unwrap_or_default()..].split(',').next().unwrap_or_default();
        // What AWS chooses and what is made of something else is no value.
        let is_value =
            told.starts_with('`') || matches!(told, "true" | "false") || told.parse::<i64>().is_ok();
        return if is_value { format!("`{}`", told.trim_matches('`')) } else { String::new() };
    }
    if let Some((_, after)) = description.split_once("AWS's default is ") {
        return format!("`{}` (AWS's)", after.split(['.', ',', ';']).next().unwrap_or_default());
    }
    String::new()
}
