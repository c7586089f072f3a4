//! A CloudFormation template, read from JSON or from YAML with the short forms of intrinsic functions.

use std::collections::BTreeMap;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value as Json, json};
use serde_yaml::Tagged;

use crate::ImportError;

/// The parts of a template that say what its resources are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Template {
    pub(crate) parameters: BTreeMap<String, Parameter>,
    pub(crate) mappings: Map<String, Json>,
    pub(crate) conditions: Map<String, Json>,
    pub(crate) resources: BTreeMap<String, Resource>,
}

/// A parameter of a template.
#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    /// The declared type, such as `String` or `List<AWS::EC2::Subnet::Id>`.
    pub(crate) ty: String,
    pub(crate) default: Option<Json>,
    /// Whether its value is secret (`NoEcho`).
    pub(crate) no_echo: bool,
}

/// A resource as it is declared, its intrinsic functions not resolved.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    pub(crate) ty: String,
    pub(crate) properties: Map<String, Json>,
    /// The condition without which it is not made.
    pub(crate) condition: Option<String>,
    /// Whether CloudFormation keeps it when the stack goes.
    pub(crate) retain: bool,
}

impl Template {
    /// Reads a template. An error never repeats the template's text, which may hold secrets.
    pub(crate) fn read(text: &str) -> Result<Self, ImportError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let document = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|error| ImportError::NotRead {
                what: "JSON",
                line: error.line() as u64,
                column: error.column() as u64,
            })?
        } else {
            let Node(document) = serde_yaml::from_str(text).map_err(|error| {
                let (line, column) =
                    error.location().map_or((0, 0), |location| (location.line(), location.column()));
                ImportError::NotRead { what: "YAML", line, column }
            })?;
            document
        };
        Self::of(&document)
    }

    fn of(document: &Json) -> Result<Self, ImportError> {
        let section = |name: &str| document.get(name).and_then(Json::as_object).cloned().unwrap_or_default();
        let Some(resources) = document.get("Resources").and_then(Json::as_object) else {
            return Err(ImportError::NoTemplate);
        };
        let resources = resources
            .iter()
            .filter_map(|(name, resource)| {
                let text = |key: &str| resource.get(key).and_then(Json::as_str).map(str::to_owned);
                let resource = Resource {
                    ty: text("Type")?,
                    properties: resource
                        .get("Properties")
                        .and_then(Json::as_object)
                        .cloned()
                        .unwrap_or_default(),
                    condition: text("Condition"),
                    retain: text("DeletionPolicy").is_some_and(|policy| policy.starts_with("Retain")),
                };
                Some((name.clone(), resource))
            })
            .collect();
        let parameters = section("Parameters")
            .into_iter()
            .map(|(name, parameter)| {
                let no_echo = match parameter.get("NoEcho") {
                    Some(Json::Bool(no_echo)) => *no_echo,
                    Some(Json::String(word)) => word.eq_ignore_ascii_case("true"),
                    _ => false,
                };
                let ty = parameter.get("Type").and_then(Json::as_str).unwrap_or("String").to_owned();
                let default = parameter.get("Default").cloned();
                (name, Parameter { ty, default, no_echo })
            })
            .collect();
        Ok(Self { parameters, mappings: section("Mappings"), conditions: section("Conditions"), resources })
    }
}

/// A YAML node as JSON, with `!Sub x` as `{"Fn::Sub": x}`.
struct Node(Json);

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Tagged(Untagged(value), tag) = Tagged::<Untagged>::deserialize(deserializer)?;
        Ok(Self(match tag.as_deref().and_then(|tag| tag.strip_prefix('!')) {
            Some(name) if !name.is_empty() && !name.starts_with('!') => long_form(name, value),
            _ => value,
        }))
    }
}

/// The long form of an intrinsic function.
fn long_form(name: &str, value: Json) -> Json {
    match (name, value) {
        ("Ref" | "Condition", value) => json!({ name: value }),
        // The short form writes the logical id and the attribute as one text.
        ("GetAtt", Json::String(text)) => match text.split_once('.') {
            Some((resource, attribute)) => json!({"Fn::GetAtt": [resource, attribute]}),
            None => json!({"Fn::GetAtt": [text]}),
        },
        (name, value) => json!({ format!("Fn::{name}"): value }),
    }
}

/// A node without its own tag; its children keep theirs.
struct Untagged(Json);

impl<'de> Deserialize<'de> for Untagged {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor).map(Self)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_none<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        Node::deserialize(deserializer).map(|node| node.0)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        Node::deserialize(deserializer).map(|node| node.0)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(Node(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let mut map = Map::new();
        while let Some((key, Node(value))) = entries.next_entry::<String, Node>()? {
            map.insert(key, value);
        }
        Ok(Json::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms_are_read_as_their_long_forms() {
        let text = "
Parameters:
  Secret: {Type: String, NoEcho: true}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Task:
    Type: AWS::DMS::ReplicationTask
    Condition: IsProd
    DeletionPolicy: Retain
    Properties:
      SourceEndpointArn: !Ref Source
      A: !GetAtt Role.Arn
      B: !Sub '${AWS::Region}-x'
      C: !If [IsProd, !Join ['-', [a, !Ref B]], !Ref 'AWS::NoValue']
      D: !Sub
        - '${x}'
        - {x: !Select [0, [a, b]]}
      Version: 2012-10-17
      Port: 3306
";
        let template = Template::read(text).unwrap();
        assert!(template.parameters["Secret"].no_echo);
        assert_eq!(template.conditions["IsProd"], json!({"Fn::Equals": [{"Ref": "Stage"}, "prod"]}));
        let task = &template.resources["Task"];
        assert!(task.retain && task.condition.as_deref() == Some("IsProd"));
        assert_eq!(
            Json::Object(task.properties.clone()),
            json!({
                "SourceEndpointArn": {"Ref": "Source"},
                "A": {"Fn::GetAtt": ["Role", "Arn"]},
                "B": {"Fn::Sub": "${AWS::Region}-x"},
                "C": {"Fn::If": ["IsProd", {"Fn::Join": ["-", ["a", {"Ref": "B"}]]}, {"Ref": "AWS::NoValue"}]},
                "D": {"Fn::Sub": ["${x}", {"x": {"Fn::Select": [0, ["a", "b"]]}}]},
                "Version": "2012-10-17",
                "Port": 3306,
            })
        );
    }

    #[test]
    fn what_is_no_template_is_an_error_with_its_place() {
        for (text, error) in [
            ("{", "it is not JSON that can be read: line 1, column 1"),
            ("a: [", "it is not YAML that can be read: line 1, column 4"),
            ("a: b", "it is not a CloudFormation template: it has no mapping `Resources`"),
        ] {
            assert_eq!(Template::read(text).unwrap_err().to_string(), error);
        }
    }
}
