//! Objects as they are stored, and what lies ahead of them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::Dms;
use crate::iam::base32;

/// What an ARN of DMS names: the part after the account.
pub(super) const SUBNET_GROUP: &str = "subgrp";
pub(super) const INSTANCE: &str = "rep";
pub(super) const ENDPOINT: &str = "endpoint";
pub(super) const TASK: &str = "task";
pub(super) const REPLICATION_CONFIG: &str = "replication-config";
pub(super) const CERTIFICATE: &str = "cert";
pub(super) const EVENT_SUBSCRIPTION: &str = "es";
pub(super) const ASSESSMENT_RUN: &str = "assessment-run";
/// Events have no ARN; theirs is a key only.
pub(super) const EVENT: &str = "event";
/// Replications have the ARN of their configuration.
pub(super) const REPLICATION: &str = "replication";
/// Connections have no ARN; their key is made of two.
pub(super) const CONNECTION: &str = "connection";

/// One object. Its key is its ARN.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Object {
    pub key: String,
    /// As the API describes it.
    pub shown: Map<String, Value>,
    /// What the API does not show.
    #[serde(default)]
    pub hidden: Map<String, Value>,
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// In the order of time.
    #[serde(default)]
    pub ahead: Vec<Transition>,
}

/// A change that happens by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Transition {
    /// Virtual time since the epoch.
    pub at: Duration,
    /// Members of the shown object that change; null removes one.
    #[serde(default)]
    pub set: Map<String, Value>,
    /// The object is gone from then on.
    #[serde(default)]
    pub gone: bool,
}

impl Object {
    pub(super) fn new(key: String, shown: Map<String, Value>) -> Self {
        Object { key, shown, hidden: Map::new(), tags: BTreeMap::new(), ahead: Vec::new() }
    }

    /// A shown member that is a string; empty where it is absent.
    pub(super) fn text(&self, name: &str) -> &str {
        super::text(&self.shown, name)
    }

    pub(super) fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.shown.insert(name.to_owned(), value.into());
    }

    /// Sets `set` (an object) at `at`.
    pub(super) fn then(&mut self, at: Duration, set: Value) {
        let set = match set {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        self.ahead.push(Transition { at, set, gone: false });
    }

    /// Goes at `at`.
    pub(super) fn then_gone(&mut self, at: Duration) {
        self.ahead.push(Transition { at, set: Map::new(), gone: true });
    }

    /// The object at `now`.
    pub(super) fn at(mut self, now: Duration) -> Option<Object> {
        let due = self.ahead.partition_point(|transition| transition.at <= now);
        for transition in self.ahead.drain(..due) {
            if transition.gone {
                return None;
            }
            for (name, value) in transition.set {
                if value.is_null() {
                    self.shown.remove(&name);
                } else {
                    self.shown.insert(name, value);
                }
            }
        }
        Some(self)
    }
}

impl Dms<'_> {
    /// The object of this kind and key, as it is now.
    pub(super) fn load(&self, kind: &str, key: &str) -> Option<Object> {
        self.settle(self.records.get(kind, key)?)
    }

    /// All objects of this kind, as they are now, oldest first.
    pub(super) fn all(&self, kind: &str) -> Vec<Object> {
        let stored = self.records.list(kind).into_iter();
        let mut objects: Vec<Object> = stored.filter_map(|(_, value)| self.settle(value)).collect();
        objects.sort_by_key(|object| object.hidden.get("order").and_then(Value::as_u64));
        objects
    }

    fn settle(&self, stored: Value) -> Option<Object> {
        serde_json::from_value::<Object>(stored).ok()?.at(self.now)
    }

    /// Stores a new object behind all others.
    pub(super) fn add(&mut self, kind: &str, mut object: Object) -> Object {
        let order = self.next_number("order");
        object.hidden.insert("order".to_owned(), json!(order));
        self.save(kind, &object);
        object
    }

    pub(super) fn save(&mut self, kind: &str, object: &Object) {
        self.records.put(kind, &object.key, json!(object));
    }

    pub(super) fn drop_object(&mut self, kind: &str, key: &str) {
        self.records.delete(kind, key);
    }

    /// `arn:aws:dms:us-east-1:123456789012:rep:SUFFIX`.
    pub(super) fn arn(&self, kind: &str, suffix: &str) -> String {
        format!("arn:{}:dms:{}:{}:{kind}:{suffix}", self.partition, self.region, self.account)
    }

    /// An ARN with the given ResourceIdentifier, or with 26 characters of base 32 that were never used before.
    pub(super) fn new_arn(&mut self, kind: &str, resource_identifier: Option<&str>) -> String {
        if let Some(suffix) = resource_identifier {
            return self.arn(kind, suffix);
        }
        let number = self.next_number("arn");
        let seed = format!("{}/{}/{kind}/{number}", self.account, self.region);
        self.arn(kind, &base32(&Sha256::digest(seed), 26))
    }

    /// Something that looks random and is the same in every run: `length` characters of base 32 for a seed.
    pub(super) fn fixed_random(&self, seed: &str, length: usize) -> String {
        base32(&Sha256::digest(format!("{}/{}/{seed}", self.account, self.region)), length)
    }

    fn next_number(&mut self, sequence: &str) -> u64 {
        let last = self.records.get("sequence", sequence).and_then(|value| value.as_u64());
        let next = last.unwrap_or_default() + 1;
        self.records.put("sequence", sequence, json!(next));
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_ahead_happens_in_time() {
        let mut object = Object::new("k".to_owned(), Map::new());
        object.set("Status", "creating");
        object.set("Note", "x");
        object.then(Duration::from_secs(10), json!({"Status": "available", "Note": null}));
        object.then_gone(Duration::from_secs(20));
        assert_eq!(object.clone().at(Duration::from_secs(9)), Some(object.clone()));
        let later = object.clone().at(Duration::from_secs(10)).unwrap();
        assert_eq!(later.text("Status"), "available");
        assert!(!later.shown.contains_key("Note"));
        assert_eq!(later.ahead.len(), 1);
        assert_eq!(object.at(Duration::from_secs(25)), None);
    }
}
