//! Roles as they are stored: every role with the versions that a stale read may still answer.

use std::collections::BTreeMap;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::errors;
use crate::api::{AwsError, Context, Records};

/// The kind under which roles are stored; the key is the name in lower case, since names differ by more than case.
const KIND: &str = "role";

/// Policy documents are percent-encoded in answers, as RFC 3986 wants.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A role with all that hangs on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Role {
    pub name: String,
    pub path: String,
    pub id: String,
    pub arn: String,
    pub created: Duration,
    /// The trust document as it was sent.
    pub trust: String,
    pub description: Option<String>,
    /// Seconds, where a request named them.
    pub max_session_duration: Option<i64>,
    pub max_signin_session_duration: Option<i64>,
    pub permissions_boundary: Option<String>,
    pub tags: Vec<Tag>,
    /// The ARNs of attached managed policies, in the order of attachment.
    pub attached: Vec<String>,
    /// Inline policies: name to document as it was sent.
    pub inline: BTreeMap<String, String>,
    pub last_used: Option<LastUse>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tag {
    pub key: String,
    pub value: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LastUse {
    pub at: Duration,
    pub region: String,
}

impl Role {
    /// Roles under this path belong to a service.
    pub(crate) fn is_service_linked(&self) -> bool {
        self.path.starts_with("/aws-service-role/")
    }

    /// Refuses a change of a role that belongs to a service.
    pub(super) fn refuse_service_linked(&self) -> Result<(), AwsError> {
        if self.is_service_linked() { Err(errors::protected_role(&self.name)) } else { Ok(()) }
    }

    /// The members that every answer about a role has.
    pub(super) fn core(&self) -> Map<String, Value> {
        let mut map = Map::from_iter([
            ("Path".to_owned(), json!(self.path)),
            ("RoleName".to_owned(), json!(self.name)),
            ("RoleId".to_owned(), json!(self.id)),
            ("Arn".to_owned(), json!(self.arn)),
            ("CreateDate".to_owned(), json!(self.created.as_secs())),
            ("AssumeRolePolicyDocument".to_owned(), json!(encode(&self.trust))),
        ]);
        if let Some(description) = &self.description {
            map.insert("Description".to_owned(), json!(description));
        }
        if let Some(seconds) = self.max_signin_session_duration {
            map.insert("MaxSigninSessionDuration".to_owned(), json!(seconds));
        }
        map
    }

    /// The tags, the boundary and the last use: what GetRole says and ListRoles does not.
    pub(super) fn details(&self) -> Map<String, Value> {
        let mut map = Map::new();
        if !self.tags.is_empty() {
            map.insert("Tags".to_owned(), tags_json(&self.tags));
        }
        if let Some(arn) = &self.permissions_boundary {
            let boundary = json!({"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": arn});
            map.insert("PermissionsBoundary".to_owned(), boundary);
        }
        map
    }

    /// `RoleLastUsed`, an empty structure for a role that was never used.
    pub(super) fn last_used(&self) -> Value {
        match &self.last_used {
            Some(used) => json!({"LastUsedDate": used.at.as_secs(), "Region": used.region}),
            None => json!({}),
        }
    }
}

pub(super) fn tags_json(tags: &[Tag]) -> Value {
    tags.iter().map(|tag| json!({"Key": tag.key, "Value": tag.value})).collect()
}

/// Percent-encodes a policy document.
pub(super) fn encode(document: &str) -> String {
    utf8_percent_encode(document, ENCODED).to_string()
}

/// A role's history, no longer than stale reads need. The last version is what writes see.
#[derive(Debug, Serialize, Deserialize)]
struct History {
    versions: Vec<Version>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Version {
    at: Duration,
    /// None: there was no such role from then on.
    role: Option<Role>,
}

impl History {
    fn load(records: &dyn Records, name: &str) -> Option<History> {
        let stored = records.get(KIND, &name.to_lowercase())?;
        serde_json::from_value(stored).ok()
    }

    fn newest(self) -> Option<Role> {
        self.versions.into_iter().last()?.role
    }

    /// The version that a read sees which lags by `window`.
    fn seen(mut self, now: Duration, window: Duration) -> Option<Role> {
        let index = self.seen_index(now, window)?;
        self.versions.swap_remove(index).role
    }

    fn seen_index(&self, now: Duration, window: Duration) -> Option<usize> {
        self.versions.iter().rposition(|version| version.at + window <= now)
    }
}

/// The role that writes act on. The name must match in case too.
pub(super) fn role_now(cx: &Context<'_>, name: &str) -> Result<Role, AwsError> {
    role_by_name(cx.records, name).filter(|role| role.name == name).ok_or_else(|| errors::no_such_role(name))
}

/// The role of this name in the newest state, whatever the case of the name.
pub(crate) fn role_by_name(records: &dyn Records, name: &str) -> Option<Role> {
    History::load(records, name)?.newest()
}

/// The role in a stored object of `kind`, in the newest state.
pub(crate) fn newest(kind: &str, stored: &Value) -> Option<Role> {
    if kind != KIND {
        return None;
    }
    serde_json::from_value::<History>(stored.clone()).ok()?.newest()
}

/// The role that reads, and other services such as DMS, see at `now` where IAM lags by `window`.
pub(crate) fn role_seen(records: &dyn Records, name: &str, now: Duration, window: Duration) -> Option<Role> {
    History::load(records, name)?.seen(now, window).filter(|role| role.name == name)
}

/// The role that a read of this request sees.
pub(super) fn role_read(cx: &Context<'_>, name: &str) -> Result<Role, AwsError> {
    role_seen(cx.records, name, cx.now, cx.config.iam_propagation).ok_or_else(|| errors::no_such_role(name))
}

/// All roles that a read of this request sees, ordered by name without case.
pub(super) fn roles_read(cx: &Context<'_>) -> Vec<(String, Role)> {
    let window = cx.config.iam_propagation;
    let histories = cx.records.list(KIND).into_iter();
    histories
        .filter_map(|(key, value)| {
            Some((key, serde_json::from_value::<History>(value).ok()?.seen(cx.now, window)?))
        })
        .collect()
}

/// How many roles there are in the newest state, those of services left out, as the quota counts.
pub(super) fn count_now(cx: &Context<'_>) -> usize {
    let histories = cx.records.list(KIND).into_iter();
    let roles = histories.filter_map(|(_, value)| serde_json::from_value::<History>(value).ok()?.newest());
    roles.filter(|role| !role.is_service_linked()).count()
}

/// Writes a role as of now.
pub(super) fn save(cx: &mut Context<'_>, role: &Role) {
    append(cx, &role.name, Some(role.clone()));
}

/// Removes a role as of now; stale reads may still see it.
pub(super) fn remove(cx: &mut Context<'_>, name: &str) {
    append(cx, name, None);
}

/// Notes a use of the role. It is not a version of its own: nobody decides by it.
pub(crate) fn note_use(records: &mut dyn Records, name: &str, used: &LastUse) {
    let Some(mut history) = History::load(records, name) else {
        return;
    };
    for role in history.versions.iter_mut().filter_map(|version| version.role.as_mut()) {
        role.last_used = Some(used.clone());
    }
    records.put(KIND, &name.to_lowercase(), json!(history));
}

fn append(cx: &mut Context<'_>, name: &str, role: Option<Role>) {
    let mut history = History::load(cx.records, name).unwrap_or(History { versions: Vec::new() });
    history.versions.push(Version { at: cx.now, role });
    // What lies before the version that a read sees can never be seen again.
    if let Some(seen) = history.seen_index(cx.now, cx.config.iam_propagation) {
        history.versions.drain(..seen);
    }
    let key = name.to_lowercase();
    if history.versions.iter().all(|version| version.role.is_none()) {
        cx.records.delete(KIND, &key);
    } else {
        cx.records.put(KIND, &key, json!(history));
    }
}

/// A unique id such as `AROA` and 17 characters of base 32. A counter makes a role that is created again another one.
pub(crate) fn unique_id(cx: &mut Context<'_>, prefix: &str) -> String {
    let count = cx.records.get("sequence", "iam").and_then(|value| value.as_u64()).unwrap_or_default() + 1;
    cx.records.put("sequence", "iam", json!(count));
    let mut id = prefix.to_owned();
    id.push_str(&base32(&Sha256::digest(format!("{}/{prefix}/{count}", cx.account)), 17));
    id
}

/// The first `length` characters of a digest in base 32.
pub(crate) fn base32(bytes: &[u8], length: usize) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    bytes.iter().take(length).map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect()
}
