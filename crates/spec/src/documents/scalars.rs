//! Texts with a rule of their own: names, account ids, ARNs, tags.

use std::borrow::Cow;

use pipewright_model::{DeletionPolicy, Scope};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::read::{Read, Reader, choice, integer};
use crate::tree::Node;

/// The most characters of a document's name: those of a replication instance's identifier.
const MAX_NAME: usize = 63;

/// Whether a name has only lower-case letters, digits and single hyphens, starts with a letter and
/// does not end with a hyphen.
fn is_name(name: &str, max: usize) -> bool {
    name.len() <= max
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && !name.ends_with('-')
        && !name.contains("--")
}

/// Declares a text that must pass a test, with the pattern that says the same to editors.
macro_rules! text {
    ($(#[$meta:meta])* $name:ident, $pattern:literal, $expected:literal, $hint:literal, $test:expr) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) struct $name(pub(crate) String);

        impl Read for $name {
            fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
                let text = String::read(node, reader)?;
                let test: fn(&str) -> bool = $test;
                if test(&text) {
                    return Some(Self(text));
                }
                let shown: String = text.chars().take(80).collect();
                reader.error_with_hint(node.at, format!("`{shown}` is not {}", $expected), $hint);
                None
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({"type": "string", "pattern": $pattern})
            }
        }
    };
}

text!(
    /// The name of a document.
    Name,
    "^(?=.{1,63}$)[a-z](-?[a-z0-9])*$",
    "a valid name",
    "use at most 63 lower-case letters, digits and single hyphens, starting with a letter",
    |text| is_name(text, MAX_NAME)
);

text!(
    /// The uid of a Controller.
    Uid,
    "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
    "a UUID",
    "write the output of `uuidgen` in lower case: 1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40",
    |text| {
        let lengths: Vec<usize> = text.split('-').map(str::len).collect();
        lengths == [8, 4, 4, 4, 12]
            && text.bytes().all(|b| b == b'-' || b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    }
);

text!(
    /// An AWS region.
    Region,
    "^[a-z]{2}(-[a-z]+)+-[0-9]$",
    "an AWS region",
    "write it as AWS does, for example us-east-1",
    |text| {
        let parts: Vec<&str> = text.split('-').collect();
        parts.len() >= 3
            && parts[0].len() == 2
            && parts[..parts.len() - 1]
                .iter()
                .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase()))
            && parts[parts.len() - 1].len() == 1
            && parts[parts.len() - 1].bytes().all(|b| b.is_ascii_digit())
    }
);

text!(
    /// The ARN of an IAM role.
    RoleArn,
    "^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$",
    "the ARN of an IAM role",
    "write it as arn:aws:iam::111122223333:role/name",
    |text| {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        matches!(parts.as_slice(), ["arn", partition, "iam", "", account, role]
            if partition.starts_with("aws") && is_account(account)
                && role.strip_prefix("role/").is_some_and(|name| !name.is_empty()))
    }
);

text!(
    /// The name of an IAM role.
    RoleName,
    r"^[A-Za-z0-9_+=,.@-]{1,64}$",
    "the name of an IAM role",
    "use at most 64 letters, digits and + = , . @ - _",
    |text| is_role_name(text)
);

/// The rule of IAM for names of roles (IAM API reference, `CreateRole`).
pub(crate) fn is_role_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b))
}

text!(
    /// A service, as trust policies name it.
    ServicePrincipal,
    r"^[a-z0-9][a-z0-9.-]*\.amazonaws\.com(\.cn)?$",
    "the name of a service",
    "write it as in a trust policy: dms.amazonaws.com, or dms.us-east-1.amazonaws.com for one region",
    |text| {
        let name = text.strip_suffix(".cn").unwrap_or(text).strip_suffix(".amazonaws.com");
        name.is_some_and(|name| {
            !name.is_empty()
                && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-".contains(&b))
        })
    }
);

text!(
    /// The ARN of a managed policy.
    PolicyArn,
    "^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/.+$",
    "the ARN of a managed policy",
    "write it as arn:aws:iam::aws:policy/NAME, or with an account's id in place of the second aws",
    |text| {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        matches!(parts.as_slice(), ["arn", partition, "iam", "", account, policy]
            if partition.starts_with("aws") && (*account == "aws" || is_account(account))
                && policy.strip_prefix("policy/").is_some_and(|name| !name.is_empty()))
    }
);

text!(
    /// The id of a VPC subnet.
    SubnetId,
    "^subnet-[0-9a-z]+$",
    "the id of a subnet",
    "write it as subnet-0123456789abcdef0",
    |text| is_vpc_id(text, "subnet-")
);

text!(
    /// The id of a VPC security group.
    SecurityGroupId,
    "^sg-[0-9a-z]+$",
    "the id of a security group",
    "write it as sg-0123456789abcdef0",
    |text| is_vpc_id(text, "sg-")
);

text!(
    /// The ARN of a DMS certificate.
    CertificateArn,
    "^arn:aws[a-z-]*:dms:.+:cert:.+$",
    "the ARN of a DMS certificate",
    "write it as arn:aws:dms:us-east-1:111122223333:cert:NAME",
    |text| text.starts_with("arn:aws") && text.contains(":dms:") && text.contains(":cert:")
);

text!(
    /// A KMS key, by its id, an alias, or the ARN of either.
    KmsKey,
    "^(arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:)?(key/|alias/)?[A-Za-z0-9/_-]+$",
    "a KMS key",
    "write its id, alias/NAME, or the ARN of the key or alias",
    is_kms_key
);

fn is_kms_key(text: &str) -> bool {
    let is_id = |id: &str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let is_alias = |resource: &str| {
        resource.strip_prefix("alias/").is_some_and(|name| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_-".contains(&b))
        })
    };
    if !text.starts_with("arn:") {
        return is_id(text) || is_alias(text);
    }
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    matches!(parts.as_slice(), ["arn", partition, "kms", region, account, resource]
        if partition.starts_with("aws") && !region.is_empty() && is_account(account)
            && (is_alias(resource) || resource.strip_prefix("key/").is_some_and(is_id)))
}

text!(
    /// The ARN of an SNS topic.
    TopicArn,
    "^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:.+$",
    "the ARN of an SNS topic",
    "write it as arn:aws:sns:us-east-1:111122223333:name",
    |text| {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        matches!(parts.as_slice(), ["arn", partition, "sns", region, account, name]
            if partition.starts_with("aws") && !region.is_empty() && is_account(account) && !name.is_empty())
    }
);

text!(
    /// A replication instance class.
    InstanceClass,
    r"^dms\.[a-z0-9]+\.[a-z0-9]+$",
    "a replication instance class",
    "classes start with `dms.`, for example dms.t3.medium",
    |text| {
        let parts: Vec<&str> = text.split('.').collect();
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        matches!(parts.as_slice(), ["dms", family, size] if is_word(family) && is_word(size))
    }
);

text!(
    /// A weekly maintenance window, in UTC.
    MaintenanceWindow,
    "^[A-Za-z]{3}:[0-2][0-9]:[0-5][0-9]-[A-Za-z]{3}:[0-2][0-9]:[0-5][0-9]$",
    "a maintenance window",
    "write day and time of begin and end in UTC, at least 30 minutes apart: sun:04:00-sun:04:30",
    is_maintenance_window
);

/// Whether a text is `ddd:hh:mm-ddd:hh:mm` and at least 30 minutes long.
fn is_maintenance_window(text: &str) -> bool {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    const WEEK: usize = 7 * 24 * 60;
    let minutes = |text: &str| -> Option<usize> {
        let parts: Vec<&str> = text.split(':').collect();
        let [day, hour, minute] = parts.as_slice() else { return None };
        let day = DAYS.iter().position(|name| name.eq_ignore_ascii_case(day))?;
        let number = |text: &str, below: usize| -> Option<usize> {
            let digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| text.parse().ok()).flatten().filter(|n| *n < below)
        };
        Some((day * 24 + number(hour, 24)?) * 60 + number(minute, 60)?)
    };
    let Some((from, to)) = text.split_once('-') else { return false };
    match (minutes(from), minutes(to)) {
        (Some(from), Some(to)) => (to + WEEK - from) % WEEK >= 30,
        _ => false,
    }
}

text!(
    /// A text that is not empty and has no control characters.
    Line,
    r"^[^\x00-\x1f\x7f]+$",
    "possible here",
    "write a text that is not empty and has no control characters",
    |text| !text.is_empty() && !text.chars().any(char::is_control)
);

text!(
    /// A point in time.
    Rfc3339,
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}T.+$",
    "a time",
    "write it in RFC 3339, with a time zone: \"2026-01-31T12:00:00Z\"",
    |text| seconds(text).is_some()
);

/// The seconds since the Unix epoch of an RFC 3339 time.
pub(crate) fn seconds(time: &str) -> Option<i64> {
    time.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
}

text!(
    /// Where change capture ends.
    StopPosition,
    "^(server_time|commit_time):.+$",
    "a stop position",
    "write server_time: or commit_time: and a time, for example server_time:2026-01-31T12:00:00",
    |text| {
        ["server_time:", "commit_time:"]
            .iter()
            .any(|start| text.strip_prefix(start).is_some_and(|time| !time.is_empty()))
    }
);

text!(
    /// What AWS identifiers start with.
    IdentifierPrefix,
    "^(?=.{0,40}$)([A-Za-z](-?[A-Za-z0-9])*)?$",
    "possible at the start of AWS identifiers",
    "use at most 40 letters, digits and single hyphens, starting with a letter; or \"\" for none",
    |text| text.is_empty() || is_name(&text.to_ascii_lowercase(), Scope::MAX_LENGTH)
);

/// A whole number of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Whole<const MIN: i32, const MAX: i32>(pub(crate) i32);

impl<const MIN: i32, const MAX: i32> Read for Whole<MIN, MAX> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        integer(node, i64::from(MIN), i64::from(MAX), reader).map(Self)
    }
}

impl<const MIN: i32, const MAX: i32> JsonSchema for Whole<MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Whole{MIN}To{MAX}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "integer", "minimum": MIN, "maximum": MAX})
    }
}

fn is_vpc_id(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix)
        .is_some_and(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
}

pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

choice! {
    /// What happens to an AWS resource when its spec goes.
    pub(crate) enum DeletionPolicyWord {
        /// It is deleted.
        Delete = "delete",
        /// It stays, and is no longer managed.
        Retain = "retain",
    }
}

impl From<DeletionPolicyWord> for DeletionPolicy {
    fn from(word: DeletionPolicyWord) -> Self {
        match word {
            DeletionPolicyWord::Delete => Self::Delete,
            DeletionPolicyWord::Retain => Self::Retain,
        }
    }
}
