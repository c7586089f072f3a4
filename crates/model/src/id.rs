//! Identifiers of resources and of controllers.

use std::fmt;

use serde::{Serialize, Serializer};

/// The kinds of AWS resource that Pipewright manages, in the order in which they are created.
///
/// Deletes run in the reverse order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An IAM role that DMS itself needs; account-wide and shared.
    ServiceRole,
    /// A DMS replication subnet group.
    SubnetGroup,
    /// A DMS replication instance.
    Instance,
    /// A DMS certificate, which endpoints check servers with.
    Certificate,
    /// A DMS source or target endpoint.
    Endpoint,
    /// The tested connection between one instance and one endpoint.
    Connection,
    /// A DMS replication task.
    Task,
    /// A DMS Serverless replication config, and the replication that runs by it.
    ReplicationConfig,
    /// A DMS event subscription, which tells an SNS topic what happens to instances and tasks.
    EventSubscription,
}

impl Kind {
    /// Every kind, in creation order.
    pub const ALL: [Self; 9] = [
        Self::ServiceRole,
        Self::SubnetGroup,
        Self::Instance,
        Self::Certificate,
        Self::Endpoint,
        Self::Connection,
        Self::Task,
        Self::ReplicationConfig,
        Self::EventSubscription,
    ];

    /// The word for this kind in plans, logs and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ServiceRole => "role",
            Self::SubnetGroup => "subnet-group",
            Self::Instance => "instance",
            Self::Certificate => "certificate",
            Self::Endpoint => "endpoint",
            Self::Connection => "connection",
            Self::Task => "task",
            Self::ReplicationConfig => "replication-config",
            Self::EventSubscription => "event-subscription",
        }
    }

    /// Whether resources of this kind move data: they are started and stopped.
    pub fn moves_data(self) -> bool {
        matches!(self, Self::Task | Self::ReplicationConfig)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What identifies one resource within an account and region: its kind and its name in AWS.
///
/// The name is in lower case for the kinds whose identifiers DMS lowercases.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId {
    /// The kind.
    pub kind: Kind,
    /// The AWS identifier: role name, or replication subnet group, instance, certificate, endpoint, task or
    /// replication config identifier, event subscription name; for a connection `<instance>/<endpoint>`.
    pub name: String,
}

impl ResourceId {
    /// The resource of this kind and AWS name; DMS identifiers are lowercased as DMS does.
    pub fn new(kind: Kind, name: impl Into<String>) -> Self {
        let name = name.into();
        let name = if kind == Kind::ServiceRole { name } else { name.to_lowercase() };
        Self { kind, name }
    }

    /// The IAM role of this name.
    pub fn role(name: impl Into<String>) -> Self {
        Self::new(Kind::ServiceRole, name)
    }

    /// The connection between an instance and an endpoint.
    pub fn connection(instance: &Self, endpoint: &Self) -> Self {
        Self::new(Kind::Connection, format!("{}/{}", instance.name, endpoint.name))
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}

impl Serialize for ResourceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// How one resource names another: one that the specs declare, or one outside, by ARN or identifier.
///
/// What is outside is only read: it is never changed, tagged or deleted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Ref {
    /// A resource that the specs declare; its ARN is known once it exists.
    Managed(ResourceId),
    /// A resource that somebody else keeps, by ARN.
    External(String),
    /// A resource that somebody else keeps in the same account and region, by identifier.
    ExternalId(ResourceId),
}

impl Ref {
    /// The declared resource, if it is one.
    pub fn managed(&self) -> Option<&ResourceId> {
        match self {
            Self::Managed(id) => Some(id),
            Self::External(_) | Self::ExternalId(_) => None,
        }
    }

    /// Whether it names something that the specs do not declare.
    pub fn is_outside(&self) -> bool {
        self.managed().is_none()
    }
}

impl Ref {
    /// The AWS identifier: the name, or the last part of an ARN. That is the identifier of subnet groups
    /// (`arn:…:subgrp:<identifier>`); other DMS resources have ARNs that do not tell it.
    pub fn last_part(&self) -> &str {
        match self {
            Self::Managed(id) | Self::ExternalId(id) => &id.name,
            Self::External(arn) => arn.rsplit(':').next().unwrap_or(arn),
        }
    }
}

impl fmt::Display for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Managed(id) | Self::ExternalId(id) => id.fmt(f),
            Self::External(arn) => f.write_str(arn),
        }
    }
}

/// One controller's identity in ownership tags: the name of the `Controller` document.
///
/// Lower-case letters, digits and hyphens, starting with a letter, at most 40 characters, so that the
/// owner tag's key stays within IAM's 128 and identifiers that start with it stay readable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    name: String,
    uid: Option<String>,
}

impl Scope {
    /// The longest scope name, in characters.
    pub const MAX_LENGTH: usize = 40;

    /// Checks and wraps a scope name.
    pub fn new(name: impl Into<String>) -> Result<Self, InvalidName> {
        let name = name.into();
        let starts_with_letter = name.starts_with(|c: char| c.is_ascii_lowercase());
        let charset = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        let hyphens = !name.ends_with('-') && !name.contains("--");
        if starts_with_letter && charset && hyphens && name.len() <= Self::MAX_LENGTH {
            Ok(Self { name, uid: None })
        } else {
            Err(InvalidName { name, max: Self::MAX_LENGTH })
        }
    }

    /// The same scope with the `uid` of its `Controller` document, which tells it from another spec root
    /// whose Controller has the same name.
    #[must_use]
    pub fn with_uid(self, uid: impl Into<String>) -> Self {
        Self { uid: Some(uid.into()), ..self }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// The uid, if the `Controller` document has one.
    pub fn uid(&self) -> Option<&str> {
        self.uid.as_deref()
    }

    /// The first eight digits of the uid, which stand for it where there is little room.
    pub fn uid_digits(&self) -> Option<&str> {
        self.uid().map(|uid| uid.split_at_checked(8).map_or(uid, |(digits, _)| digits))
    }

    /// What this spec root is called where another one whose Controller has the same name must be told from
    /// it: `<scope>/<first digits of the uid>`, or the scope alone where there is no uid.
    pub fn root_name(&self) -> String {
        self.uid_digits().map_or_else(|| self.name.clone(), |digits| format!("{}/{digits}", self.name))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}

/// A name that does not follow the rule for names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidName {
    /// The name as given.
    pub name: String,
    /// The most characters it may have.
    pub max: usize,
}

impl fmt::Display for InvalidName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not a valid name: use at most {} lower-case letters, digits and single hyphens, \
             starting with a letter and not ending with a hyphen",
            self.name, self.max
        )
    }
}

impl std::error::Error for InvalidName {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dms_identifiers_are_lowercased_and_role_names_are_not() {
        assert_eq!(ResourceId::new(Kind::Endpoint, "Orders-SRC").to_string(), "endpoint/orders-src");
        assert_eq!(ResourceId::role("MyRole").to_string(), "role/MyRole");
    }

    #[test]
    fn scope_names_are_checked() {
        for good in ["a", "data-platform", "team1"] {
            assert!(Scope::new(good).is_ok(), "{good}");
        }
        let long = "a".repeat(41);
        for bad in ["", "1a", "A", "a_b", "a--b", "a-", "a b", long.as_str()] {
            assert!(Scope::new(bad).is_err(), "{bad}");
        }
    }
}
