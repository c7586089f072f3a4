//! Form parameters such as `Tags.member.1.Key=a` become the nested JSON that the operation's input shape describes.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::shapes::{Kind, Service};
use crate::api::AwsError;

/// No input shape of the models nests deeper than this.
const MAX_DEPTH: usize = 16;

/// Decodes a form body. A parameter that is there twice is refused, as one that is not UTF-8.
pub(crate) fn parameters(body: &[u8]) -> Result<BTreeMap<String, String>, AwsError> {
    let text = std::str::from_utf8(body).map_err(|_| malformed("The request body is not UTF-8"))?;
    let mut parameters = BTreeMap::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decode(name)?;
        if parameters.insert(name.clone(), decode(value)?).is_some() {
            return Err(malformed(format!("Duplicate parameter: {name}")));
        }
    }
    Ok(parameters)
}

/// Nests the parameters of `operation` by its input shape. `Action` and `Version` are not part of the input.
pub(crate) fn parse(
    service: &Service,
    operation: &str,
    parameters: &BTreeMap<String, String>,
) -> Result<Map<String, Value>, AwsError> {
    let mut root = Node::default();
    for (name, value) in parameters {
        if name != "Action" && name != "Version" {
            root.insert(name, value)?;
        }
    }
    let described =
        service.operations.get(operation).ok_or_else(|| super::no_such_operation(service, operation))?;
    let Some(input) = described.input.as_deref() else {
        return root.children.keys().next().map_or(Ok(Map::new()), |name| Err(unknown(name)));
    };
    match root.build(service, input, "")? {
        Value::Object(map) => Ok(map),
        _ => Ok(Map::new()),
    }
}

#[derive(Default)]
struct Node<'a> {
    value: Option<&'a str>,
    children: BTreeMap<&'a str, Node<'a>>,
}

impl<'a> Node<'a> {
    fn insert(&mut self, name: &'a str, value: &'a str) -> Result<(), AwsError> {
        if name.split('.').count() > MAX_DEPTH {
            return Err(unknown(name));
        }
        let leaf = name.split('.').fold(self, |node, segment| node.children.entry(segment).or_default());
        leaf.value = Some(value);
        Ok(())
    }

    fn build(&self, service: &Service, shape_name: &str, path: &str) -> Result<Value, AwsError> {
        let shape = service.shape(shape_name);
        match shape.kind {
            Kind::Structure => {
                if self.value.is_some() {
                    return Err(unknown(path));
                }
                let mut map = Map::new();
                for (&name, child) in &self.children {
                    let path = join(path, name);
                    let member = shape.members.get(name).ok_or_else(|| unknown(&path))?;
                    map.insert(name.to_owned(), child.build(service, &member.shape, &path)?);
                }
                Ok(Value::Object(map))
            }
            Kind::List => {
                self.build_list(service, shape.member.as_ref().map_or("", |member| &member.shape), path)
            }
            Kind::String | Kind::Timestamp | Kind::Blob | Kind::Double => Ok(Value::from(self.scalar(path)?)),
            Kind::Integer | Kind::Long => {
                let text = self.scalar(path)?;
                let number: i64 = text.parse().map_err(|_| not_a(text, "an integer"))?;
                Ok(Value::from(number))
            }
            // No request that comes as a form has one.
            Kind::Map => Err(unknown(path)),
            Kind::Boolean => match self.scalar(path)? {
                "true" => Ok(Value::Bool(true)),
                "false" => Ok(Value::Bool(false)),
                text => Err(not_a(text, "a boolean")),
            },
        }
    }

    /// A list is `Name.member.1`, `Name.member.2`…; an empty one is `Name=`.
    fn build_list(&self, service: &Service, member: &str, path: &str) -> Result<Value, AwsError> {
        match (self.value, self.children.len()) {
            (Some(""), 0) => return Ok(Value::Array(Vec::new())),
            (None, 1) => {}
            _ => return Err(unknown(path)),
        }
        let Some(list) = self.children.get("member") else {
            return Err(unknown(path));
        };
        if list.value.is_some() {
            return Err(unknown(path));
        }
        let mut items = BTreeMap::new();
        for (&index, child) in &list.children {
            let path = format!("{path}.member.{index}");
            let number: u32 =
                index.parse().ok().filter(|&number| number > 0).ok_or_else(|| unknown(&path))?;
            items.insert(number, child.build(service, member, &path)?);
        }
        Ok(Value::Array(items.into_values().collect()))
    }

    fn scalar(&self, path: &str) -> Result<&'a str, AwsError> {
        match self.value {
            Some(value) if self.children.is_empty() => Ok(value),
            _ => Err(unknown(path)),
        }
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn decode(text: &str) -> Result<String, AwsError> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8();
    decoded.map(std::borrow::Cow::into_owned).map_err(|_| malformed("A parameter is not UTF-8"))
}

/// AWS ignores parameters that it does not know. The emulator refuses them: they are somebody's mistake.
fn unknown(name: &str) -> AwsError {
    AwsError::new(400, "InvalidQueryParameter", format!("The parameter {name} is not recognized"))
}

fn malformed(message: impl Into<String>) -> AwsError {
    AwsError::new(400, "MalformedQueryString", message)
}

fn not_a(text: &str, what: &str) -> AwsError {
    AwsError::new(400, "MalformedInput", format!("The value '{text}' is not {what}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::shapes::IAM;
    use super::*;

    fn form(operation: &str, body: &str) -> Result<Value, AwsError> {
        let parameters = parameters(body.as_bytes())?;
        parse(&IAM, operation, &parameters).map(Value::Object)
    }

    #[test]
    fn nests_structures_and_lists_in_numeric_order() {
        let body = "Action=TagRole&Version=2010-05-08&RoleName=dms-vpc-role&Tags.member.10.Key=b&Tags.member.10.Value=\
                    &Tags.member.2.Key=a+c&Tags.member.2.Value=x%3Dy";
        assert_eq!(
            form("TagRole", body).unwrap(),
            json!({"RoleName": "dms-vpc-role", "Tags": [{"Key": "a c", "Value": "x=y"}, {"Key": "b", "Value": ""}]})
        );
    }

    #[test]
    fn reads_numbers_booleans_and_empty_lists() {
        assert_eq!(form("ListRoles", "MaxItems=5").unwrap(), json!({"MaxItems": 5}));
        assert_eq!(
            form("UpdateRole", "RoleName=r&ResetMaxSigninSessionDuration=true").unwrap(),
            json!({"RoleName": "r", "ResetMaxSigninSessionDuration": true})
        );
        assert_eq!(
            form("UntagRole", "RoleName=r&TagKeys=").unwrap(),
            json!({"RoleName": "r", "TagKeys": []})
        );
        assert_eq!(form("ListRoles", "MaxItems=many").unwrap_err().code, "MalformedInput");
    }

    #[test]
    fn refuses_what_the_model_does_not_have() {
        for body in [
            "RoleName=r&Colour=red",
            "RoleName.member.1=r",
            "RoleName=r&Tags.1.Key=a",
            "RoleName=r&Tags.member.x.Key=a",
            "RoleName=r&Tags.member.0.Key=a",
            "RoleName=r&Tags.member.1.Colour=a",
            "RoleName=r&Tags.member.1=a",
            "RoleName=r&Tags=a",
        ] {
            assert_eq!(form("TagRole", body).unwrap_err().code, "InvalidQueryParameter", "{body}");
        }
        let deep = "a.".repeat(100_000);
        assert_eq!(form("TagRole", &deep).unwrap_err().code, "InvalidQueryParameter");
    }

    #[test]
    fn refuses_duplicates_and_bad_utf8() {
        assert_eq!(form("GetRole", "RoleName=a&RoleName=b").unwrap_err().code, "MalformedQueryString");
        assert_eq!(form("GetRole", "RoleName=%ff").unwrap_err().code, "MalformedQueryString");
        assert_eq!(parameters(b"RoleName=\xff").unwrap_err().code, "MalformedQueryString");
    }
}
