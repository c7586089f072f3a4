//! What a service of the emulator is written against: its records, its caller, its errors.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::Config;

/// The stored objects of one account (IAM) or of one account and region (DMS), within one transaction.
pub(crate) trait Records {
    /// The object of this kind and key.
    fn get(&self, kind: &str, key: &str) -> Option<Value>;
    /// All objects of this kind, ordered by key.
    fn list(&self, kind: &str) -> Vec<(String, Value)>;
    /// Creates or replaces an object.
    fn put(&mut self, kind: &str, key: &str, value: Value);
    /// Removes an object; does nothing where there is none.
    fn delete(&mut self, kind: &str, key: &str);
}

/// Who signed the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The ARN that GetCallerIdentity answers.
    pub arn: String,
    /// The unique id that GetCallerIdentity answers.
    pub user_id: String,
    /// The access key of the signature; empty for an unsigned request.
    pub access_key_id: String,
    /// The time that the client wrote into the signature, since the Unix epoch. Credentials live in the client's
    /// time, never in virtual time, or a fast clock would expire them at once.
    pub signed_at: Option<Duration>,
}

/// One request, as a service's handler sees it.
pub(crate) struct Context<'a> {
    /// The twelve digits of the account.
    pub account: &'a str,
    /// The region of the credential scope.
    pub region: &'a str,
    /// The partition of the region: `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: &'a str,
    /// Who signed.
    pub caller: Caller,
    /// Virtual time since the Unix epoch.
    pub now: Duration,
    /// The id that the answer carries.
    pub request_id: &'a str,
    /// The emulator's settings.
    pub config: &'a Config,
    /// The objects in reach.
    pub records: &'a mut dyn Records,
}

/// An error as AWS answers it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AwsError {
    /// The HTTP status.
    pub status: u16,
    /// The code: `__type` in awsJson, `Code` in awsQuery.
    pub code: &'static str,
    /// AWS's words.
    pub message: String,
    /// Further members of the error's shape, such as `resourceArn`.
    pub extra: Map<String, Value>,
}

impl AwsError {
    /// An error without further members.
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        AwsError { status, code, message: message.into(), extra: Map::new() }
    }
}

/// Records in memory, for the tests of handlers.
#[cfg(test)]
#[derive(Debug, Default)]
pub(crate) struct Memory(std::collections::BTreeMap<(String, String), Value>);

#[cfg(test)]
impl Records for Memory {
    fn get(&self, kind: &str, key: &str) -> Option<Value> {
        self.0.get(&(kind.to_owned(), key.to_owned())).cloned()
    }

    fn list(&self, kind: &str) -> Vec<(String, Value)> {
        self.0
            .iter()
            .filter(|(id, _)| id.0 == kind)
            .map(|(id, value)| (id.1.clone(), value.clone()))
            .collect()
    }

    fn put(&mut self, kind: &str, key: &str, value: Value) {
        self.0.insert((kind.to_owned(), key.to_owned()), value);
    }

    fn delete(&mut self, kind: &str, key: &str) {
        self.0.remove(&(kind.to_owned(), key.to_owned()));
    }
}
