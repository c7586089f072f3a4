//! The properties of one resource, read one by one: each unknown value is recorded where it is needed.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::Missing;
use crate::resolve::{Resolver, text};
use crate::template::Resource;

/// What was found beside the values themselves.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) missing: BTreeSet<Missing>,
    pub(crate) secrets: BTreeMap<String, String>,
    pub(crate) notes: Vec<String>,
}

/// One resource's properties, or those of a structure in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Properties<'a> {
    pub(crate) resolver: Resolver<'a>,
    pub(crate) logical: &'a str,
    pub(crate) entries: &'a serde_json::Map<String, Json>,
    pub(crate) findings: &'a RefCell<Findings>,
}

impl<'a> Properties<'a> {
    pub(crate) fn of(
        resolver: Resolver<'a>,
        logical: &'a str,
        resource: &'a Resource,
        findings: &'a RefCell<Findings>,
    ) -> Self {
        Self { resolver, logical, entries: &resource.properties, findings }
    }

    /// A property as it is written.
    pub(crate) fn raw(&self, name: &str) -> Option<&'a Json> {
        self.entries.get(name)
    }

    /// A property's value, if it has one that is known.
    pub(crate) fn json(&self, name: &str) -> Option<Json> {
        self.known(name, self.raw(name)?)
    }

    /// What an expression comes to; what is unknown in it is recorded under a property's name.
    pub(crate) fn known(&self, property: &str, value: &Json) -> Option<Json> {
        match self.resolver.resolve(value) {
            Ok(None | Some(Json::Null)) => None,
            Ok(Some(value)) => Some(self.without_dynamic(property, value)),
            Err(unknown) => {
                for unknown in unknown {
                    self.missing(property, &unknown.name, unknown.parameter);
                }
                None
            }
        }
    }

    /// Replaces dynamic references by the values that were given for them; others are recorded.
    fn without_dynamic(&self, property: &str, value: Json) -> Json {
        match value {
            Json::String(text) => {
                let mut text = text;
                for reference in dynamic_references(&text.clone()) {
                    match self.resolver.options.values.get(reference) {
                        Some(value) => text = text.replace(reference, value),
                        None => self.missing(property, reference, false),
                    }
                }
                Json::String(text)
            }
            Json::Array(items) => {
                items.into_iter().map(|item| self.without_dynamic(property, item)).collect()
            }
            Json::Object(entries) => Json::Object(
                entries
                    .into_iter()
                    .map(|(key, value)| (key, self.without_dynamic(property, value)))
                    .collect(),
            ),
            other => other,
        }
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.json(name).map(|value| text(&value))
    }

    pub(crate) fn integer(&self, name: &str) -> Option<Json> {
        let value = self.json(name)?;
        // One that is no number is kept: the validation of the specs says so.
        Some(text(&value).parse::<i64>().map_or(value, Json::from))
    }

    pub(crate) fn boolean(&self, name: &str) -> Option<Json> {
        let value = self.json(name)?;
        Some(match text(&value).to_ascii_lowercase().as_str() {
            "true" => true.into(),
            "false" => false.into(),
            _ => value,
        })
    }

    /// A list of texts, which may be written as one text with commas.
    pub(crate) fn texts(&self, name: &str) -> Option<Vec<String>> {
        Some(match self.json(name)? {
            Json::Array(items) => items.iter().map(text).collect(),
            other => text(&other).split(',').map(|item| item.trim().to_owned()).collect(),
        })
    }

    /// A JSON document, which may be written as a text.
    pub(crate) fn document(&self, name: &str) -> Option<Json> {
        let value = self.json(name)?;
        let Json::String(text) = &value else { return Some(value) };
        let document = serde_json::from_str(text).ok();
        if document.is_none() {
            self.note(&format!("its {name} is not JSON and is left out"));
        }
        document
    }

    /// The tags of the resource; those that AWS keeps for itself are left out.
    pub(crate) fn tags(&self) -> BTreeMap<String, String> {
        let tags = self.json("Tags");
        let items = tags.as_ref().and_then(Json::as_array).into_iter().flatten();
        items
            .filter_map(|tag| Some((text(tag.get("Key")?), text(tag.get("Value")?))))
            .filter(|(key, _)| !key.starts_with("aws:"))
            .collect()
    }

    /// The AWS identifier: what the template says, or what the stack made.
    pub(crate) fn identifier(&self, property: &str) -> Option<String> {
        if let Some(identifier) = self.text(property) {
            return Some(identifier);
        }
        if self.raw(property).is_some() {
            return None; // recorded as unknown already, if it is not AWS::NoValue
        }
        let ids = &self.resolver.options.physical_ids;
        let name = format!("{}.{property}", self.logical);
        let given = self.resolver.options.values.get(&name).map(String::as_str);
        let physical = ids.id(self.logical);
        let identifier = given
            .or_else(|| physical.and_then(|arn| ids.identifier(arn)))
            .or(physical.filter(|id| !id.starts_with("arn:")));
        if identifier.is_none() {
            self.missing(property, &name, false);
        }
        identifier.map(str::to_owned)
    }

    /// Says of properties that no spec has that they are left out.
    pub(crate) fn leave_out(&self, properties: &[(&str, &str)]) {
        for (name, why) in properties {
            if self.raw(name).is_some() {
                self.note(&format!("{name} is left out: {why}"));
            }
        }
    }

    pub(crate) fn note(&self, text: &str) {
        self.findings.borrow_mut().notes.push(format!("{}: {text}", self.logical));
    }

    pub(crate) fn missing(&self, property: &str, name: &str, parameter: bool) {
        self.findings.borrow_mut().missing.insert(Missing {
            resource: self.logical.to_owned(),
            property: property.to_owned(),
            name: name.to_owned(),
            parameter,
        });
    }

    /// Records that an environment variable is to hold a secret.
    pub(crate) fn secret(&self, variable: &str, holds: String) {
        self.findings.borrow_mut().secrets.insert(variable.to_owned(), holds);
    }
}

/// The dynamic references in a text, such as `{{resolve:ssm:/db/host}}`.
pub(crate) fn dynamic_references(text: &str) -> Vec<&str> {
    text.match_indices("{{resolve:")
        .filter_map(|(start, _)| {
            let end = text[start..].find("}}")?;
            Some(&text[start..start + end + 2])
        })
        .collect()
}
