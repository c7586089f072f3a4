//! Taking over what exists: the statement of a spec, and whose the resource was.

use std::fmt;

use serde::Serialize;

use crate::tags::{self, Tags};

/// A spec's statement that an existing resource is to become this scope's.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Import {
    /// Whose it was. Without it, only a resource that nobody's marks are on is taken over.
    pub from: Option<FormerOwner>,
}

/// Whose a resource is by its marks, before it is taken over.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FormerOwner {
    /// A CloudFormation stack: this one, or any where none is named.
    CloudFormation(Option<String>),
    /// Terraform.
    Terraform,
    /// ACK, the AWS controllers for Kubernetes.
    Ack,
    /// Another scope of Pipewright, or this scope under another uid.
    Scope(String),
}

impl FormerOwner {
    /// Reads `cloudformation`, `cloudformation/STACK`, `terraform`, `ack` or `scope/NAME`.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once('/') {
            None => match text {
                "cloudformation" => Some(Self::CloudFormation(None)),
                "terraform" => Some(Self::Terraform),
                "ack" => Some(Self::Ack),
                _ => None,
            },
            Some(("cloudformation", stack)) if !stack.is_empty() => {
                Some(Self::CloudFormation(Some(stack.to_owned())))
            }
            Some(("scope", name)) if crate::Scope::new(name).is_ok() => Some(Self::Scope(name.to_owned())),
            Some(_) => None,
        }
    }

    /// Whose a resource is by its tags: a scope before any other tool, since its mark is the more exact.
    pub fn of(tags: &Tags) -> Option<Self> {
        if let Some(scope) = tags.get(tags::SCOPE) {
            return Some(Self::Scope(scope.clone()));
        }
        Self::of_tool(tags)
    }

    /// The tool other than Pipewright that marked a resource as its own.
    pub fn of_tool(tags: &Tags) -> Option<Self> {
        if let Some(stack) = tags.get(tags::CLOUDFORMATION_STACK) {
            return Some(Self::CloudFormation(Some(stack.clone())));
        }
        let mark = tags::foreign_mark(tags)?;
        Some(if mark.starts_with("ACK") { Self::Ack } else { Self::Terraform })
    }

    /// Whether a statement that names this owner covers a resource that is `actual`'s.
    pub fn covers(&self, actual: &Self) -> bool {
        matches!((self, actual), (Self::CloudFormation(None), Self::CloudFormation(_))) || self == actual
    }
}

impl fmt::Display for FormerOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CloudFormation(None) => f.write_str("cloudformation"),
            Self::CloudFormation(Some(stack)) => write!(f, "cloudformation/{stack}"),
            Self::Terraform => f.write_str("terraform"),
            Self::Ack => f.write_str("ack"),
            Self::Scope(name) => write!(f, "scope/{name}"),
        }
    }
}

impl Serialize for FormerOwner {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_are_read_as_they_are_written() {
        for text in ["cloudformation", "cloudformation/net", "terraform", "ack", "scope/reporting"] {
            assert_eq!(FormerOwner::parse(text).map(|owner| owner.to_string()).as_deref(), Some(text));
        }
        for bad in ["", "scope", "scope/", "scope/A", "cloudformation/", "pulumi", "terraform/x"] {
            assert_eq!(FormerOwner::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_scope_counts_before_a_tool_and_any_stack_covers_each() {
        let mut tags = Tags::from([(tags::CLOUDFORMATION_STACK.to_owned(), "net".to_owned())]);
        let stack = FormerOwner::of(&tags).unwrap();
        assert!(FormerOwner::CloudFormation(None).covers(&stack));
        assert!(!FormerOwner::CloudFormation(Some("other".to_owned())).covers(&stack));
        tags.insert(tags::SCOPE.to_owned(), "reporting".to_owned());
        assert_eq!(FormerOwner::of(&tags), Some(FormerOwner::Scope("reporting".to_owned())));
        assert_eq!(FormerOwner::of_tool(&tags), Some(stack));
    }
}
