//! The tags in which Pipewright records ownership.
//!
//! IAM allows 50 tags a role, keys of at most 128 and values of at most 256 characters out of
//! letters, digits, spaces and `_.:/=+-@` (IAM User Guide, "Tagging IAM resources").

mod owner;

use std::collections::BTreeMap;
use std::fmt;

use sha2::{Digest, Sha256};

use crate::Timestamp;
use crate::kinds::hex;

pub use owner::{OWNER_PREFIX, Owners, listed, owner_key, owner_value, owners};

/// Tags of one resource, by key.
pub type Tags = BTreeMap<String, String>;

/// `pipewright:origin`: on a shared role, whether Pipewright made it (`created`) or found it (`adopted`).
pub const ORIGIN: &str = "pipewright:origin";
/// `pipewright:drain`: on a shared role whose deletion is pending.
pub const DRAIN: &str = "pipewright:drain";
/// `pipewright:attached:<digits>:<scope>`: on a shared role, that this scope attached the managed policy whose
/// ARN's SHA-256 begins with these digits.
pub const ATTACHED_PREFIX: &str = "pipewright:attached:";
/// `pipewright:scope`: on a regional resource, the one scope that owns it.
pub const SCOPE: &str = "pipewright:scope";
/// `pipewright:uid`: on a regional resource, the uid of the `Controller` that owns it, where that has one.
pub const UID: &str = "pipewright:uid";
/// `pipewright:spec`: on a regional resource, the spec document that declares it.
pub const SPEC: &str = "pipewright:spec";
/// `pipewright:retain`: on a regional resource whose spec says `deletionPolicy: retain`.
pub const RETAIN: &str = "pipewright:retain";
/// `pipewright:paused`: on a task that Pipewright stopped for a change and that must run again.
pub const PAUSED: &str = "pipewright:paused";
/// `pipewright:replaced-by`: on a task that goes because another one takes its place: that one's identifier. A
/// task that still has that identifier itself is only about to be replaced.
pub const REPLACED_BY: &str = "pipewright:replaced-by";
/// `pipewright:approved`: on a task that is being replaced, what was approved for that, so that a later pass goes on.
pub const APPROVED: &str = "pipewright:approved";
/// `pipewright:continues`: on a task that took the place of another and went on from its position, the migration
/// type that it has by its spec. It loads nothing, and so is of the type `cdc` in AWS.
pub const CONTINUES: &str = "pipewright:continues";
/// `pipewright:recovery`: on a task or a serverless replication that failed by itself, how often it was resumed
/// and when last, in the words of [`RecoveryMark`](crate::kinds::RecoveryMark).
pub const RECOVERY: &str = "pipewright:recovery";
/// `pipewright:hold`: on a task or a serverless replication config that a person wants neither started nor
/// stopped, and why. Only people write and remove it.
pub const HOLD: &str = "pipewright:hold";
/// `pipewright:table-reloads`: on a task or a serverless replication whose tables were in error, how often such
/// tables were loaded again and when last, in the same words.
pub const TABLE_RELOADS: &str = "pipewright:table-reloads";
/// `pipewright:applied`: on an endpoint or a task, a hash of the settings last sent, since AWS does not
/// return all of them.
pub const APPLIED: &str = "pipewright:applied";
/// `pipewright:secrets`: on an endpoint, what is remembered of the secrets last sent, in the form of
/// [`RotationKeys::remembered`](crate::RotationKeys::remembered).
pub const SECRETS: &str = "pipewright:secrets";
/// `pipewright:secret-version`: on an endpoint whose secret DMS reads itself, the version with which its connections
/// were tested.
pub const SECRET_VERSION: &str = "pipewright:secret-version";
/// `pipewright:imported-from`: on a regional resource that was taken over from others, whose it was, in the
/// words of [`FormerOwner`](crate::FormerOwner) with a space between two. A CloudFormation stack's own tags
/// cannot be removed, and count as released where this names the stack.
pub const IMPORTED_FROM: &str = "pipewright:imported-from";
/// `pipewright:protect`: on a regional resource whose spec says `protect: true`. It outlasts the spec.
pub const PROTECT: &str = "pipewright:protect";
/// The tag that CloudFormation puts on what a stack makes; nobody else can write or remove it.
pub const CLOUDFORMATION_STACK: &str = "aws:cloudformation:stack-name";
/// What every tag key of Pipewright's own starts with.
pub const PREFIX: &str = "pipewright:";

/// The value of [`ORIGIN`] on a role that Pipewright made.
pub const CREATED: &str = "created";
/// The value of [`ORIGIN`] on a role that was there before and was joined.
pub const ADOPTED: &str = "adopted";

/// The most tags a role can carry.
pub const MAX_TAGS: usize = 50;
/// The most characters of a tag's value.
pub const MAX_VALUE: usize = 256;

/// The key of the record that this scope attached the managed policy of this ARN. Each scope writes and removes
/// only its own, so that they do not disturb one another.
pub fn attached_key(policy_arn: &str, scope: &crate::Scope) -> String {
    format!("{}{scope}", attached_start(policy_arn))
}

/// Whether it is recorded that some scope attached the managed policy of this ARN.
pub fn is_attached_by_a_scope(tags: &Tags, policy_arn: &str) -> bool {
    let start = attached_start(policy_arn);
    tags.keys().any(|key| key.starts_with(&start))
}

/// Whether a key is that of such a record of this scope.
pub fn is_attached_key_of(key: &str, scope: &crate::Scope) -> bool {
    let rest = key.strip_prefix(ATTACHED_PREFIX).and_then(|rest| rest.split_once(':'));
    rest.is_some_and(|(_, whose)| whose == scope.as_str())
}

fn attached_start(policy_arn: &str) -> String {
    format!("{ATTACHED_PREFIX}{}:", hex(&Sha256::digest(policy_arn.as_bytes())[..6]))
}

/// A pending deletion of a shared role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrainMark {
    /// The scope that left last, as [`Scope::root_name`](crate::Scope::root_name) calls it.
    pub scope: String,
    /// The role's unique id when the mark was written: a role made again under the same name has
    /// another.
    pub role_id: String,
    /// When the drain began.
    pub since: Timestamp,
    /// When the pass that wrote the mark read the account. A read that shows the mark of a pass is at
    /// least as new as what that pass wrote.
    pub pass: Timestamp,
}

impl DrainMark {
    /// Reads the mark of a role's tags: `None` where there is none, an error where there is one that
    /// cannot be understood.
    pub fn of(tags: &Tags) -> Option<Result<Self, String>> {
        let value = tags.get(DRAIN)?;
        let parts: Vec<&str> = value.split(' ').collect();
        let [scope, role_id, seconds, millis] = parts.as_slice() else {
            return Some(Err(value.clone()));
        };
        let (Ok(seconds), Ok(millis)) = (seconds.parse(), millis.parse()) else {
            return Some(Err(value.clone()));
        };
        Some(Ok(Self {
            scope: (*scope).to_owned(),
            role_id: (*role_id).to_owned(),
            since: Timestamp::from_secs(seconds),
            pass: Timestamp::from_millis(millis),
        }))
    }
}

impl fmt::Display for DrainMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scope, role_id, since, pass } = self;
        write!(f, "{scope} {role_id} {} {}", since.as_secs(), pass.as_millis())
    }
}

/// The other tool that marked a resource as its own, if one did.
pub fn foreign_mark(tags: &Tags) -> Option<String> {
    tags.iter().find_map(|(key, value)| match key.as_str() {
        CLOUDFORMATION_STACK => Some(format!("CloudFormation stack {value}")),
        "services.k8s.aws/namespace" | "services.k8s.aws/controller-version" => {
            Some(format!("ACK ({key}={value})"))
        }
        "TerraformWorkspace" | "terraform" | "Terraform" => Some(format!("Terraform ({key}={value})")),
        _ if value.eq_ignore_ascii_case("terraform") => Some(format!("Terraform ({key}={value})")),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drain_mark_survives_its_own_text() {
        let mark = DrainMark {
            scope: "a".into(),
            role_id: "AROAEXAMPLE".into(),
            since: Timestamp::from_secs(1_700_000_000),
            pass: Timestamp::from_millis(1_700_000_000_123),
        };
        let tags = Tags::from([(DRAIN.to_owned(), mark.to_string())]);
        assert_eq!(DrainMark::of(&tags), Some(Ok(mark)));
        let broken = Tags::from([(DRAIN.to_owned(), "soon".to_owned())]);
        assert_eq!(DrainMark::of(&broken), Some(Err("soon".to_owned())));
        assert_eq!(DrainMark::of(&Tags::new()), None);
    }

    #[test]
    fn other_tools_are_recognised_by_their_marks() {
        let tags = |key: &str, value: &str| Tags::from([(key.to_owned(), value.to_owned())]);
        assert_eq!(
            foreign_mark(&tags("aws:cloudformation:stack-name", "net")).as_deref(),
            Some("CloudFormation stack net")
        );
        assert!(foreign_mark(&tags("ManagedBy", "Terraform")).is_some());
        assert!(foreign_mark(&tags("services.k8s.aws/namespace", "dms")).is_some());
        assert_eq!(foreign_mark(&tags("team", "commerce")), None);
    }
}
