//! Intrinsic functions: what a template's expressions come to.
//!
//! What cannot be known from the template, its parameters and the physical ids is not guessed: it becomes an
//! [`Unknown`], under a name by which its value can be given.

use serde_json::{Map, Value as Json};

use crate::Options;
use crate::template::Template;

/// How many expressions may be nested; conditions that refer to one another in a circle end here.
const MAX_DEPTH: usize = 64;

/// An expression that cannot be resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unknown {
    /// The name under which its value can be given: `Logical.Attribute`, or the expression's own text.
    pub(crate) name: String,
    /// Whether it is a parameter of the template.
    pub(crate) parameter: bool,
}

/// A resolved value, or all that is unknown in it. `None` is `AWS::NoValue`.
pub(crate) type Resolved = Result<Option<Json>, Vec<Unknown>>;

/// Resolves the expressions of one template.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Resolver<'a> {
    pub(crate) template: &'a Template,
    pub(crate) options: &'a Options,
}

impl<'a> Resolver<'a> {
    /// The value of an expression.
    pub(crate) fn resolve(&self, value: &Json) -> Resolved {
        self.value(value, 0)
    }

    /// The logical id of the resource that an expression refers to, if it refers to one of the template.
    pub(crate) fn resource(&self, value: &Json) -> Option<&'a str> {
        let (function, argument) = function(value)?;
        let logical = match function {
            "Ref" => argument.as_str()?,
            "Fn::GetAtt" => argument.as_array()?.first()?.as_str()?,
            "Fn::If" => return self.resource(&self.branch(argument, 0).ok()??),
            _ => return None,
        };
        self.template.resources.get_key_value(logical).map(|(logical, _)| logical.as_str())
    }

    /// Whether a condition holds.
    pub(crate) fn condition(&self, name: &str) -> Result<bool, Vec<Unknown>> {
        self.holds_named(name, 0)
    }

    /// Whether an expression refers to a parameter whose value is secret.
    pub(crate) fn is_secret(&self, value: &Json) -> bool {
        match function(value) {
            Some(("Ref", Json::String(name))) => {
                self.template.parameters.get(name).is_some_and(|parameter| parameter.no_echo)
            }
            _ => false,
        }
    }

    fn value(&self, value: &Json, depth: usize) -> Resolved {
        if depth > MAX_DEPTH {
            return unknown("an expression that is nested too deeply");
        }
        if let Some((function, argument)) = function(value) {
            return self.call(function, argument, depth + 1);
        }
        match value {
            Json::Array(items) => {
                let items = all(items.iter().map(|item| self.value(item, depth + 1)))?;
                Ok(Some(items.into_iter().flatten().collect()))
            }
            Json::Object(entries) => {
                let values = all(entries.values().map(|value| self.value(value, depth + 1)))?;
                let known = entries.keys().zip(values);
                let known = known.filter_map(|(key, value)| Some((key.clone(), value?)));
                Ok(Some(Json::Object(known.collect())))
            }
            other => Ok(Some(other.clone())),
        }
    }

    fn call(&self, function: &str, argument: &Json, depth: usize) -> Resolved {
        match function {
            "Ref" => match argument.as_str() {
                Some("AWS::NoValue") => Ok(None),
                Some(name) => self.reference(name),
                None => unknown("Ref"),
            },
            "Fn::GetAtt" => self.attribute(argument, depth),
            "Fn::If" => match self.branch(argument, depth)? {
                Some(branch) => self.value(&branch, depth),
                None => unknown("Fn::If"),
            },
            "Fn::Sub" => self.substitute(argument, depth),
            "Fn::Join" => match self.arguments(argument, depth)?.as_slice() {
                [Json::String(separator), Json::Array(items)] => {
                    Ok(Some(items.iter().map(text).collect::<Vec<_>>().join(separator).into()))
                }
                _ => unknown("Fn::Join"),
            },
            "Fn::Split" => match self.arguments(argument, depth)?.as_slice() {
                [Json::String(separator), Json::String(text)] => Ok(Some(text.split(separator).collect())),
                _ => unknown("Fn::Split"),
            },
            "Fn::Select" => match self.arguments(argument, depth)?.as_slice() {
                [index, Json::Array(items)] => {
                    let index = text(index).parse::<usize>().ok();
                    index
                        .and_then(|index| items.get(index))
                        .map_or_else(|| unknown("Fn::Select"), |item| Ok(Some(item.clone())))
                }
                _ => unknown("Fn::Select"),
            },
            "Fn::FindInMap" => {
                let keys = self.arguments(argument, depth)?;
                let mut found = Some(&Json::Object(self.template.mappings.clone())).cloned();
                for key in keys.iter().take(3) {
                    found = found.and_then(|map| map.get(text(key)).cloned());
                }
                found.map_or_else(|| unknown("Fn::FindInMap"), |value| Ok(Some(value)))
            }
            "Fn::ToJsonString" => {
                Ok(Some(self.value(argument, depth)?.unwrap_or(Json::Null).to_string().into()))
            }
            "Fn::ImportValue" => {
                let name = self.value(argument, depth)?.as_ref().map(text).unwrap_or_default();
                self.given(&format!("ImportValue:{name}"), false)
            }
            other => self.given(other, false),
        }
    }

    fn arguments(&self, argument: &Json, depth: usize) -> Result<Vec<Json>, Vec<Unknown>> {
        match self.value(argument, depth)? {
            Some(Json::Array(items)) => Ok(items),
            _ => Ok(Vec::new()),
        }
    }

    /// A value that was given by name, or nothing that is known.
    fn given(&self, name: &str, parameter: bool) -> Resolved {
        match self.options.values.get(name) {
            Some(value) => Ok(Some(value.as_str().into())),
            None => Err(vec![Unknown { name: name.to_owned(), parameter }]),
        }
    }

    fn reference(&self, name: &str) -> Resolved {
        if let Some(value) = self.pseudo(name) {
            return Ok(Some(value.into()));
        }
        if let Some(parameter) = self.template.parameters.get(name) {
            let given = self.options.parameters.get(name).map(|value| Json::from(value.as_str()));
            // The default of an SSM parameter is the parameter's name, not its value.
            let default = parameter.default.clone().filter(|_| !parameter.ty.starts_with("AWS::SSM::"));
            return match given.or(default) {
                _ if parameter.no_echo => self.given(name, true),
                Some(Json::String(value)) if parameter.ty.contains("List") => {
                    Ok(Some(value.split(',').map(str::trim).collect()))
                }
                Some(value) => Ok(Some(value)),
                None => self.given(name, true),
            };
        }
        match self.options.physical_ids.id(name) {
            Some(id) => Ok(Some(id.into())),
            None => self.given(name, false),
        }
    }

    fn pseudo(&self, name: &str) -> Option<String> {
        let place = self.options.place();
        match name {
            "AWS::AccountId" => place.account,
            "AWS::Region" => place.region,
            "AWS::Partition" => Some(place.partition),
            "AWS::URLSuffix" => Some(
                if place.partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" }.to_owned(),
            ),
            "AWS::StackName" => self.options.stack_name(),
            _ => None,
        }
    }

    fn attribute(&self, argument: &Json, depth: usize) -> Resolved {
        let parts = self.arguments(argument, depth)?;
        let [logical, attribute] = parts.as_slice() else { return unknown("Fn::GetAtt") };
        let (logical, attribute) = (text(logical), text(attribute));
        if let Some(value) = self.options.values.get(&format!("{logical}.{attribute}")) {
            return Ok(Some(value.as_str().into()));
        }
        let found = self.template.resources.get(&logical).and_then(|resource| {
            let name = |property: &str| {
                let value = self.value(resource.properties.get(property)?, depth).ok()??;
                value.as_str().map(str::to_owned)
            };
            let physical = self.options.physical_ids.id(&logical).map(str::to_owned);
            self.derive(&resource.ty, &attribute, physical, &name)
        });
        match found {
            Some(value) => Ok(Some(value.into())),
            None => self.given(&format!("{logical}.{attribute}"), false),
        }
    }

    /// What an attribute of a resource is, where its physical id tells (CloudFormation User Guide, "Return
    /// values" of each resource type).
    fn derive(
        &self,
        ty: &str,
        attribute: &str,
        physical: Option<String>,
        property: &dyn Fn(&str) -> Option<String>,
    ) -> Option<String> {
        let place = self.options.place();
        let partition = &place.partition;
        let regional = |service: &str, rest: String| {
            let (region, account) = (place.region.as_ref()?, place.account.as_ref()?);
            Some(format!("arn:{partition}:{service}:{region}:{account}:{rest}"))
        };
        match (ty, attribute) {
            ("AWS::IAM::Role", "Arn") => {
                let account = place.account.as_ref()?;
                let path = property("Path").unwrap_or_else(|| "/".to_owned());
                Some(format!(
                    "arn:{partition}:iam::{account}:role{path}{}",
                    physical.or_else(|| property("RoleName"))?
                ))
            }
            ("AWS::KMS::Key", "Arn") => regional("kms", format!("key/{}", physical?)),
            ("AWS::KMS::Key", "KeyId")
            | ("AWS::EC2::SecurityGroup", "GroupId")
            | ("AWS::EC2::Subnet", "SubnetId")
            | ("AWS::SNS::Topic", "TopicArn")
            | ("AWS::SecretsManager::Secret", "Id") => physical,
            ("AWS::S3::Bucket", "Arn") => {
                Some(format!("arn:{partition}:s3:::{}", physical.or_else(|| property("BucketName"))?))
            }
            ("AWS::Kinesis::Stream", "Arn") => {
                regional("kinesis", format!("stream/{}", physical.or_else(|| property("Name"))?))
            }
            _ => None,
        }
    }

    fn substitute(&self, argument: &Json, depth: usize) -> Resolved {
        let (pattern, own) = match argument {
            Json::String(pattern) => (pattern.as_str(), Map::new()),
            Json::Array(parts) => match parts.as_slice() {
                [Json::String(pattern), Json::Object(own)] => (pattern.as_str(), own.clone()),
                _ => return unknown("Fn::Sub"),
            },
            _ => return unknown("Fn::Sub"),
        };
        let mut result = String::new();
        let mut missing = Vec::new();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once("${") {
            result.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                result.push_str("${");
                rest = after;
                continue;
            };
            rest = after;
            if let Some(literal) = name.strip_prefix('!') {
                result.extend(["${", literal, "}"]);
                continue;
            }
            let value = match (own.get(name), name.split_once('.')) {
                (Some(value), _) => self.value(value, depth),
                (None, Some((logical, attribute))) => {
                    self.attribute(&serde_json::json!([logical, attribute]), depth)
                }
                (None, None) => self.reference(name),
            };
            match value {
                Ok(value) => result.push_str(&value.as_ref().map(text).unwrap_or_default()),
                Err(more) => missing.extend(more),
            }
        }
        result.push_str(rest);
        if missing.is_empty() { Ok(Some(result.into())) } else { Err(missing) }
    }

    /// The branch of `Fn::If` that counts.
    fn branch(&self, argument: &Json, depth: usize) -> Result<Option<Json>, Vec<Unknown>> {
        let Some([Json::String(condition), yes, no]) = argument.as_array().map(Vec::as_slice) else {
            return Ok(None);
        };
        Ok(Some(if self.holds_named(condition, depth)? { yes.clone() } else { no.clone() }))
    }

    fn holds_named(&self, name: &str, depth: usize) -> Result<bool, Vec<Unknown>> {
        match self.template.conditions.get(name) {
            Some(condition) if depth <= MAX_DEPTH => self.holds(condition, depth + 1),
            _ => unknown(&format!("Condition:{name}")),
        }
    }

    fn holds(&self, condition: &Json, depth: usize) -> Result<bool, Vec<Unknown>> {
        let Some((function, argument)) = function(condition) else {
            return unknown("Condition");
        };
        let parts = || argument.as_array().into_iter().flatten();
        match function {
            "Condition" => self.holds_named(argument.as_str().unwrap_or_default(), depth),
            "Fn::And" => {
                Ok(all(parts().map(|part| self.holds(part, depth + 1)))?.into_iter().all(|holds| holds))
            }
            "Fn::Or" => {
                Ok(all(parts().map(|part| self.holds(part, depth + 1)))?.into_iter().any(|holds| holds))
            }
            "Fn::Not" => {
                Ok(!all(parts().map(|part| self.holds(part, depth + 1)))?.into_iter().any(|holds| holds))
            }
            "Fn::Equals" => {
                let sides = self.arguments(argument, depth + 1)?;
                Ok(sides.len() == 2 && text(&sides[0]) == text(&sides[1]))
            }
            other => unknown(other),
        }
    }
}

/// The intrinsic function that a value calls, with its argument.
fn function(value: &Json) -> Option<(&str, &Json)> {
    let entries = value.as_object().filter(|entries| entries.len() == 1)?;
    let (name, argument) = entries.iter().next()?;
    (name == "Ref" || name == "Condition" || name.starts_with("Fn::")).then_some((name, argument))
}

fn unknown<T>(name: &str) -> Result<T, Vec<Unknown>> {
    Err(vec![Unknown { name: name.to_owned(), parameter: false }])
}

/// All values, or all that is unknown.
fn all<T>(values: impl Iterator<Item = Result<T, Vec<Unknown>>>) -> Result<Vec<T>, Vec<Unknown>> {
    let mut known = Vec::new();
    let mut missing = Vec::new();
    for value in values {
        match value {
            Ok(value) => known.push(value),
            Err(more) => missing.extend(more),
        }
    }
    if missing.is_empty() { Ok(known) } else { Err(missing) }
}

/// A scalar as text, as CloudFormation puts it into texts.
pub(crate) fn text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
#[path = "resolve_tests.rs"]
mod tests;
