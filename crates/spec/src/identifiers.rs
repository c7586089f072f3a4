//! AWS identifiers: how they are made of prefix and name, and the rules that AWS has for them.

use std::collections::BTreeMap;

use pipewright_model::{Kind, ResourceId};

use crate::diagnostic::Diagnostic;
use crate::read::Located;
use crate::sources::{At, Sources};

/// The identifiers of one environment.
pub(crate) struct Identifiers<'a> {
    sources: &'a Sources,
    /// What identifiers start with, its hyphen included.
    prefix: &'a str,
    taken: BTreeMap<ResourceId, At>,
    pub(crate) found: Vec<Diagnostic>,
}

impl<'a> Identifiers<'a> {
    pub(crate) fn new(sources: &'a Sources, prefix: &'a str) -> Self {
        Self { sources, prefix, taken: BTreeMap::new(), found: Vec::new() }
    }

    /// The identifier of a resource: the one that the spec gives, or `<prefix>-<name><suffix>`. One that
    /// AWS would refuse, or that another resource of the environment has, is recorded as an error.
    pub(crate) fn make(
        &mut self,
        kind: Kind,
        name: &str,
        suffix: &str,
        given: Option<&Located<String>>,
        at: At,
    ) -> ResourceId {
        let (identifier, at) = match given {
            Some(given) => (given.value.clone(), given.at),
            None => (format!("{}{name}{suffix}", self.prefix), at),
        };
        if let Some(wrong) = wrong(kind, &identifier) {
            let shown: String = identifier.chars().take(300).collect();
            let message = format!("the {} identifier `{shown}` {wrong}", words(kind));
            let hint = if given.is_some() {
                "use letters, digits and single hyphens, starting with a letter".to_owned()
            } else {
                format!("set `identifier` of this {} to one of your own", words(kind))
            };
            self.found.push(Diagnostic::new(self.sources.place(at), message).hint(hint));
        }
        let id = ResourceId::new(kind, identifier);
        if let Some(other) = self.taken.insert(id.clone(), at)
            && other != at
        {
            let message = format!("two resources have the {} identifier `{}`", words(kind), id.name);
            self.found.push(
                Diagnostic::new(self.sources.place(at), message)
                    .hint("set `identifier` of one of them")
                    .also(self.sources.place(other), "the other one"),
            );
        }
        id
    }
}

fn words(kind: Kind) -> &'static str {
    match kind {
        Kind::ServiceRole => "service role",
        Kind::SubnetGroup => "subnet group",
        Kind::Instance => "instance",
        Kind::Certificate => "certificate",
        Kind::Endpoint => "endpoint",
        Kind::Connection => "connection",
        Kind::Task => "task",
        Kind::ReplicationConfig => "replication config",
        Kind::EventSubscription => "event subscription",
    }
}

/// What AWS would find wrong with an identifier (DMS API reference, the identifier parameters of the
/// create actions).
fn wrong(kind: Kind, identifier: &str) -> Option<String> {
    let max = match kind {
        Kind::Instance => 63,
        Kind::EventSubscription => 254,
        _ => 255,
    };
    let length = identifier.chars().count();
    let is_letter_or_digit = |c: char| c.is_ascii_alphanumeric();
    // Subnet groups may also have these.
    let extra = if kind == Kind::SubnetGroup { "._" } else { "" };
    if identifier.is_empty() {
        Some("is empty".to_owned())
    } else if length > max {
        Some(format!("has {length} characters; AWS allows {max}"))
    } else if !identifier.chars().all(|c| is_letter_or_digit(c) || c == '-' || extra.contains(c)) {
        Some("has characters that AWS does not allow".to_owned())
    } else if !identifier.starts_with(|c: char| c.is_ascii_alphabetic()) {
        Some("does not start with a letter".to_owned())
    } else if identifier.ends_with('-') || identifier.contains("--") {
        Some("ends with a hyphen or has two in a row".to_owned())
    } else if kind == Kind::SubnetGroup && identifier.eq_ignore_ascii_case("default") {
        Some("is AWS's own".to_owned())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_follow_the_rules_of_aws() {
        assert_eq!(wrong(Kind::Instance, &"a".repeat(63)), None);
        assert_eq!(wrong(Kind::Task, &"a".repeat(255)), None);
        assert_eq!(wrong(Kind::SubnetGroup, "a_b.c"), None);
        for (kind, bad) in [
            (Kind::Instance, "a".repeat(64)),
            (Kind::Task, "a".repeat(256)),
            (Kind::Task, String::new()),
            (Kind::Task, "a_b".to_owned()),
            (Kind::Task, "1a".to_owned()),
            (Kind::Endpoint, "a--b".to_owned()),
            (Kind::Endpoint, "a-".to_owned()),
            (Kind::SubnetGroup, "Default".to_owned()),
        ] {
            assert!(wrong(kind, &bad).is_some(), "{kind} {bad}");
        }
    }
}
