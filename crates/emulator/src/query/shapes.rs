//! The API model of a service: which members a request and an answer may have.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

/// The model of CloudWatch, cut from botocore.
pub(crate) static CLOUDWATCH: LazyLock<Service> =
    LazyLock::new(|| Service::parse(include_str!("../../model/cloudwatch.json")));
/// The model of IAM, cut from botocore.
pub(crate) static IAM: LazyLock<Service> =
    LazyLock::new(|| Service::parse(include_str!("../../model/iam.json")));
/// The model of STS, cut from botocore.
pub(crate) static STS: LazyLock<Service> =
    LazyLock::new(|| Service::parse(include_str!("../../model/sts.json")));

/// The model of DMS, cut from botocore.
pub(crate) static DMS: LazyLock<Service> =
    LazyLock::new(|| Service::parse(include_str!("../../model/dms.json")));

/// The model of Secrets Manager, cut from botocore.
pub(crate) static SECRETS_MANAGER: LazyLock<Service> =
    LazyLock::new(|| Service::parse(include_str!("../../model/secretsmanager.json")));

/// A service: its operations and the shapes they refer to.
#[derive(Debug, Deserialize)]
pub(crate) struct Service {
    pub metadata: Metadata,
    pub operations: BTreeMap<String, Operation>,
    shapes: BTreeMap<String, Shape>,
    #[serde(skip)]
    patterns: BTreeMap<String, Regex>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Metadata {
    pub api_version: String,
    /// Empty for DMS and Secrets Manager, which speak JSON.
    #[serde(default)]
    pub xml_namespace: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Operation {
    pub input: Option<String>,
    pub output: Option<String>,
    pub result_wrapper: Option<String>,
}

/// One shape with its constraints.
#[derive(Debug, Deserialize)]
pub(crate) struct Shape {
    #[serde(rename = "type")]
    pub kind: Kind,
    #[serde(default)]
    pub required: Vec<String>,
    #[serde(default)]
    pub members: BTreeMap<String, Reference>,
    pub member: Option<Reference>,
    #[serde(default, rename = "enum")]
    pub values: Vec<String>,
    pub min: Option<i64>,
    pub max: Option<i64>,
    pub pattern: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Structure,
    List,
    String,
    Integer,
    Long,
    Double,
    Boolean,
    Blob,
    Timestamp,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Reference {
    pub shape: String,
}

impl Service {
    fn parse(text: &str) -> Self {
        let mut service: Service = serde_json::from_str(text).expect("the embedded model is well-formed");
        service.patterns = service
            .shapes
            .values()
            .filter_map(|shape| shape.pattern.as_ref())
            .map(|pattern| (pattern.clone(), compile(pattern)))
            .collect();
        service
    }

    /// The shape of this name.
    pub(crate) fn shape(&self, name: &str) -> &Shape {
        &self.shapes[name]
    }

    /// Whether the whole of `text` matches a pattern of this model.
    pub(crate) fn matches(&self, pattern: &str, text: &str) -> bool {
        self.patterns.get(pattern).is_some_and(|regex| regex.is_match(text))
    }
}

/// The model's patterns are Java's, where `\w` and `\d` are ASCII and a match is of the whole string.
fn compile(pattern: &str) -> Regex {
    let ascii = pattern.replace(r"\w", "A-Za-z0-9_").replace(r"\d", "0-9");
    Regex::new(&format!(r"\A(?:{ascii})\z")).expect("the embedded model has valid patterns")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_of_the_models_compiles() {
        assert!(IAM.patterns.len() > 10 && STS.patterns.len() > 5);
    }

    #[test]
    fn patterns_are_ascii_and_whole() {
        let names = r"[\w+=,.@-]+";
        assert!(IAM.matches(names, "dms-vpc-role"));
        assert!(!IAM.matches(names, "rôle"));
        assert!(!IAM.matches(names, "two words"));
        let tags = r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+";
        assert!(IAM.matches(tags, "pipewright:owner:équipe 1"));
        assert!(!IAM.matches(tags, "a,b"));
    }
}
