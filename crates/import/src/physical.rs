//! What the stack made: the physical ids of its resources, and the identifiers behind their ARNs.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::ImportError;

/// What is known of a stack beside its template.
#[derive(Debug, Clone, Default)]
pub struct PhysicalIds {
    /// The physical id of each resource by its logical id.
    ids: BTreeMap<String, String>,
    /// AWS identifiers by ARN.
    identifiers: BTreeMap<String, String>,
    /// The stack's own ARN.
    stack: Option<String>,
}

impl PhysicalIds {
    /// Takes in what an AWS command printed as JSON: `aws cloudformation describe-stack-resources` or
    /// `list-stack-resources`; or `aws dms describe-endpoints` and its like, which tell the identifiers of
    /// the resources whose physical id is an ARN.
    pub fn add(&mut self, text: &str) -> Result<(), ImportError> {
        let document: Json = serde_json::from_str(text).map_err(|error| ImportError::NotRead {
            what: "JSON",
            line: error.line() as u64,
            column: error.column() as u64,
        })?;
        let lists = document.as_object().into_iter().flatten().filter_map(|(_, list)| list.as_array());
        let mut count = 0;
        for item in lists.flatten().filter_map(Json::as_object) {
            let text = |name: &str| item.get(name).and_then(Json::as_str).map(str::to_owned);
            if let (Some(logical), Some(physical)) = (text("LogicalResourceId"), text("PhysicalResourceId")) {
                self.ids.insert(logical, physical);
                self.stack = text("StackId").or(self.stack.take());
                count += 1;
                continue;
            }
            for name in item.keys().filter_map(|key| key.strip_suffix("Arn")) {
                if let (Some(arn), Some(identifier)) =
                    (text(&format!("{name}Arn")), text(&format!("{name}Identifier")))
                {
                    self.identifiers.insert(arn, identifier);
                    count += 1;
                }
            }
        }
        if count == 0 { Err(ImportError::NoPhysicalIds) } else { Ok(()) }
    }

    /// The physical id of a resource.
    pub(crate) fn id(&self, logical: &str) -> Option<&str> {
        self.ids.get(logical).map(String::as_str)
    }

    /// The AWS identifier of the resource of this ARN.
    pub(crate) fn identifier(&self, arn: &str) -> Option<&str> {
        self.identifiers.get(arn).map(String::as_str)
    }

    /// The stack's name.
    pub(crate) fn stack_name(&self) -> Option<&str> {
        self.stack.as_deref()?.split('/').nth(1)
    }

    /// Partition, region and account, from the stack's ARN or else from one of a DMS resource.
    pub(crate) fn place(&self) -> Option<(&str, &str, &str)> {
        let mut arns = self.stack.iter().chain(self.ids.values()).chain(self.identifiers.keys());
        arns.find_map(|arn| {
            let mut parts = arn.split(':');
            let is_arn = parts.next() == Some("arn");
            let (partition, service) = (parts.next()?, parts.next()?);
            let is_regional = ["cloudformation", "dms"].contains(&service);
            (is_arn && is_regional).then_some((partition, parts.next()?, parts.next()?))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_identifiers_are_taken_from_what_aws_prints() {
        let mut ids = PhysicalIds::default();
        ids.add(
            r#"{"StackResources": [{"LogicalResourceId": "Source", "ResourceType": "AWS::DMS::Endpoint",
                "PhysicalResourceId": "arn:aws:dms:us-east-1:111122223333:endpoint:ABC",
                "StackId": "arn:aws:cloudformation:us-east-1:111122223333:stack/Orders/1-2-3"}]}"#,
        )
        .unwrap();
        ids.add(
            r#"{"Endpoints": [{"EndpointArn": "arn:aws:dms:us-east-1:111122223333:endpoint:ABC",
                "EndpointIdentifier": "source-xyz"}]}"#,
        )
        .unwrap();
        assert_eq!(ids.identifier(ids.id("Source").unwrap()), Some("source-xyz"));
        assert_eq!(ids.place(), Some(("aws", "us-east-1", "111122223333")));
        assert_eq!(ids.stack_name(), Some("Orders"));
        assert!(ids.add("{}").is_err() && ids.add("[").is_err());
    }
}
