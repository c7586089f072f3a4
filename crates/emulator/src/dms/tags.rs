//! Tags of every resource that has an ARN.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::record::Object;
use super::{Dms, Input, Output, errors, optional_text, text, texts};
use crate::api::AwsError;

/// The most tags of one resource.
const MOST: usize = 50;

pub(super) fn add(input: &Input, dms: &mut Dms<'_>) -> Output {
    let (kind, mut object) = resource(dms, text(input, "ResourceArn"))?;
    object.tags.extend(from_input(input)?);
    if object.tags.len() > MOST {
        return Err(errors::invalid_value(format!("A resource can have at most {MOST} tags")));
    }
    dms.save(&kind, &object);
    Ok(json!({}))
}

pub(super) fn remove(input: &Input, dms: &mut Dms<'_>) -> Output {
    let (kind, mut object) = resource(dms, text(input, "ResourceArn"))?;
    for key in texts(input, "TagKeys") {
        object.tags.remove(&key);
    }
    dms.save(&kind, &object);
    Ok(json!({}))
}

pub(super) fn list(input: &Input, dms: &mut Dms<'_>) -> Output {
    let one = optional_text(input, "ResourceArn");
    let many = texts(input, "ResourceArnList");
    if one.is_some() != many.is_empty() {
        return Err(errors::invalid_combination(
            "Exactly one of ResourceArn and ResourceArnList must be given",
        ));
    }
    let mut tags = Vec::new();
    for arn in one.into_iter().chain(many.iter().map(String::as_str)) {
        let (_, object) = resource(dms, arn)?;
        tags.extend(object.tags.iter().map(|(key, value)| tag(arn, key, value)));
    }
    Ok(json!({"TagList": tags}))
}

fn tag(arn: &str, key: &str, value: &str) -> Value {
    json!({"Key": key, "Value": value, "ResourceArn": arn})
}

/// The `Tags` of a request, checked.
pub(super) fn from_input(input: &Input) -> Result<BTreeMap<String, String>, AwsError> {
    let mut tags = BTreeMap::new();
    let given = input.get("Tags").and_then(Value::as_array);
    for tag in given.into_iter().flatten().filter_map(Value::as_object) {
        let (key, value) = (text(tag, "Key"), text(tag, "Value"));
        if key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256 {
            return Err(errors::invalid_value(format!(
                "The tag '{key}' is not valid: keys have 1 to 128 characters, values up to 256"
            )));
        }
        if !key.chars().chain(value.chars()).all(allowed) {
            return Err(errors::invalid_value(format!(
                "The tag '{key}' is not valid: keys and values have letters, digits, white space and _.:/=+-@ only"
            )));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(errors::invalid_value(format!(
                "The tag '{key}' is not valid: the prefix aws: is reserved"
            )));
        }
        if tags.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(errors::invalid_value(format!("The tag key '{key}' is given twice")));
        }
    }
    if tags.len() > MOST {
        return Err(errors::invalid_value(format!("A resource can have at most {MOST} tags")));
    }
    Ok(tags)
}

fn allowed(c: char) -> bool {
    c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c)
}

/// The resource of an ARN, with the kind that the ARN names.
fn resource(dms: &Dms<'_>, arn: &str) -> Result<(String, Object), AwsError> {
    let kind = arn.split(':').nth(5).unwrap_or_default();
    let found = dms.load(kind, arn).filter(|object| object.key == arn);
    match found {
        Some(object) => Ok((kind.to_owned(), object)),
        None if !arn.starts_with("arn:") => Err(errors::invalid_value(format!("Invalid resource ARN {arn}"))),
        None => Err(errors::not_found(format!("Resource {arn} could not be found"))),
    }
}
