//! Documents beside a pipeline that are about it: the certificate of its endpoint, and a subscription to
//! its events.

use std::path::Path;

use pipewright_model::kinds::EventSourceType;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use serde_json::{Map, Value, json};

use super::change::{Change, Part, Touched, set};
use super::endpoint::optional;
use super::pipeline::NAME;
use super::places::Documents;
use super::{THEIR_SCOPE, values};
use crate::desired::{ACCOUNT, REGION};

/// The name by which the endpoint refers to its certificate.
pub(super) fn certificate_name() -> String {
    format!("{NAME}-ca")
}

/// Two certificates that the tests of the emulator read too.
const CERTIFICATES: [(&str, &str); 2] = [
    ("RSA", include_str!("../../../emulator/tests/fixtures/rsa.pem")),
    ("EC", include_str!("../../../emulator/tests/fixtures/ec.pem")),
];

/// The PEM document that is in an environment variable: certificates in the order in which they are named.
pub(super) fn pem(variable: &str) -> Option<String> {
    let names = variable.strip_prefix("PEM_")?;
    names.split('_').map(|name| Some(CERTIFICATES.iter().find(|known| known.0 == name)?.1)).collect()
}

/// The wallet in a file.
pub(super) fn wallet(path: &Path) -> Vec<u8> {
    format!("the secret in {}\n", path.display()).into_bytes()
}

/// A certificate document's spec, and its change to another content.
pub(super) fn certificate() -> BoxedStrategy<(Map<String, Value>, Change)> {
    let pems = &["PEM_RSA", "PEM_EC", "PEM_RSA_EC", "PEM_EC_RSA"][..];
    let pem = (select(pems), select(pems), values::tags())
        .prop_filter_map("the same", |(now, then, tags)| {
            (now != then).then(|| ("pem", "env", now.to_owned(), then.to_owned(), tags))
        });
    let wallet = (values::word(), values::tags())
        .prop_map(|(name, tags)| ("wallet", "file", name.clone(), format!("{name}-renewed"), tags));
    prop_oneof![3 => pem.boxed(), 1 => wallet.boxed()]
        .prop_map(|(content, place, now, then, tags)| {
            let change = Change {
                document: 0,
                pointer: format!("/spec/{content}/{place}"),
                value: Some(json!(then)),
                touched: Touched::Certificate,
            };
            let spec = [(content.to_owned(), json!({place: now})), ("tags".to_owned(), tags)];
            (Map::from_iter(spec), change)
        })
        .boxed()
}

/// A subscription to events of what a pipeline is made of.
#[derive(Debug, Clone)]
pub(super) struct Events {
    about: EventSourceType,
    /// Of this pipeline only, or of all in the region.
    of_one: bool,
    more: Map<String, Value>,
    /// Another topic, for a change.
    other: Value,
    /// Which other categories.
    category: Index,
}

fn topic() -> BoxedStrategy<Value> {
    values::word().prop_map(|name| json!(format!("arn:aws:sns:{REGION}:{ACCOUNT}:{name}"))).boxed()
}

/// Any subscription.
pub(super) fn events() -> BoxedStrategy<Events> {
    let about = select(&[EventSourceType::ReplicationTask, EventSourceType::ReplicationInstance][..]);
    about
        .prop_flat_map(|about| {
            let known = about.categories();
            let categories =
                subsequence(known, 1..known.len()).prop_map(|categories| json!(categories)).boxed();
            let more = optional(vec![
                ("snsTopicArn", 1.0, topic()),
                ("eventCategories", 0.5, categories),
                ("enabled", 0.5, any::<bool>().prop_map(|flag| json!(flag)).boxed()),
                ("tags", 0.3, values::tags()),
            ]);
            (Just(about), any::<bool>(), more, topic(), any::<Index>())
        })
        .prop_map(|(about, of_one, more, other, category)| Events { about, of_one, more, other, category })
        .boxed()
}

impl Events {
    /// What can be named as the source of its events; nothing of a serverless replication can.
    fn source(&self, documents: &Documents) -> Option<String> {
        if documents.ours[0].pointer("/spec/compute/serverless").is_some() {
            return None;
        }
        let is_theirs = self.about == EventSourceType::ReplicationInstance
            && documents.is_theirs("/spec/compute/instance");
        Some(if is_theirs { format!("{THEIR_SCOPE}-{NAME}-instance") } else { NAME.to_owned() })
    }

    /// Declares it beside a pipeline. Tells its changes.
    pub(super) fn declare(self, documents: &mut Documents) -> Vec<Change> {
        let source = self.source(documents);
        let mut spec = self.more.clone();
        spec.insert("sourceType".to_owned(), json!(self.about.as_str()));
        if let Some(source) = source.as_ref().filter(|_| self.of_one) {
            spec.insert("sources".to_owned(), json!([source]));
        }
        let document = documents.declare("EventSubscription", &format!("{NAME}-events"), spec);

        let of = |field: &str, value: Value| Change {
            document,
            ..set(&format!("/spec/{field}"), value.clone(), Part::Events, field, value)
        };
        let mut changes = vec![
            of("snsTopicArn", self.other),
            of("enabled", json!(self.more.get("enabled") == Some(&json!(false)))),
            Change {
                document,
                ..set("/spec/tags/another", json!("tag"), Part::Events, "tags.another", json!("tag"))
            },
        ];
        let category = json!([self.category.get(self.about.categories())]);
        if self.more.get("eventCategories") != Some(&category) {
            changes.push(of("eventCategories", category));
        }
        if let Some(source) = source {
            // Which identifier this is, the document does not say.
            let sources = set("/spec/sources", json!([source]), Part::Events, "sources", Value::Null);
            let value = sources.value.clone().filter(|_| !self.of_one);
            changes.push(Change { document, value, ..sources });
        }
        changes
    }
}
