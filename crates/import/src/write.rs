//! Specs as YAML text: fields in the order in which people read them.

use pipewright_spec::Tables;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value as Json;

use crate::ImportError;

/// A mapping whose fields keep their order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Fields(Vec<(String, Yaml)>);

/// A value of a spec.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Yaml {
    /// A scalar, or a document that is taken as it is.
    Json(Json),
    /// A list.
    List(Vec<Yaml>),
    /// A mapping.
    Map(Fields),
    /// What stands under `migration.tables`.
    Tables(Tables),
}

impl Fields {
    /// Adds a field, if there is a value for it.
    pub(crate) fn add(&mut self, name: &str, value: impl IntoYaml) {
        if let Some(value) = value.into_yaml() {
            self.0.push((name.to_owned(), value));
        }
    }

    /// The same as a value.
    pub(crate) fn with(mut self, name: &str, value: impl IntoYaml) -> Self {
        self.add(name, value);
        self
    }

    /// Adds the fields of another mapping.
    pub(crate) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What a field can be given; nothing leaves the field out.
pub(crate) trait IntoYaml {
    fn into_yaml(self) -> Option<Yaml>;
}

impl IntoYaml for Yaml {
    fn into_yaml(self) -> Option<Yaml> {
        Some(self)
    }
}

impl IntoYaml for Json {
    fn into_yaml(self) -> Option<Yaml> {
        Some(Yaml::Json(self))
    }
}

impl IntoYaml for Fields {
    fn into_yaml(self) -> Option<Yaml> {
        (!self.is_empty()).then_some(Yaml::Map(self))
    }
}

impl IntoYaml for &str {
    fn into_yaml(self) -> Option<Yaml> {
        Some(Yaml::Json(self.into()))
    }
}

impl IntoYaml for String {
    fn into_yaml(self) -> Option<Yaml> {
        Some(Yaml::Json(self.into()))
    }
}

impl IntoYaml for i64 {
    fn into_yaml(self) -> Option<Yaml> {
        Some(Yaml::Json(self.into()))
    }
}

impl IntoYaml for bool {
    fn into_yaml(self) -> Option<Yaml> {
        Some(Yaml::Json(self.into()))
    }
}

impl<T: IntoYaml> IntoYaml for Option<T> {
    fn into_yaml(self) -> Option<Yaml> {
        self.and_then(IntoYaml::into_yaml)
    }
}

impl<T: IntoYaml> IntoYaml for Vec<T> {
    fn into_yaml(self) -> Option<Yaml> {
        Some(Yaml::List(self.into_iter().filter_map(IntoYaml::into_yaml).collect()))
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Serialize for Yaml {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Json(json) => json.serialize(serializer),
            Self::List(items) => items.serialize(serializer),
            Self::Map(fields) => fields.serialize(serializer),
            Self::Tables(tables) => tables.serialize(serializer),
        }
    }
}

/// A spec file of these documents under this comment.
pub(crate) fn file(comment: &str, documents: &[Fields]) -> Result<String, ImportError> {
    let mut text: String =
        comment.lines().map(|line| format!("# {line}").trim_end().to_owned() + "\n").collect();
    for (index, document) in documents.iter().enumerate() {
        if index > 0 {
            text.push_str("---\n");
        }
        text.push_str(&serde_yaml::to_string(document)?);
        if !text.ends_with('\n') {
            text.push('\n');
        }
    }
    Ok(text)
}
