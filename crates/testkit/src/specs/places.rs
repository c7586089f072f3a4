//! Where the parts of a pipeline are declared: in its own document, in documents of their own that it
//! names, or in those of somebody else.

use pipewright_model::{Kind, ResourceId};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::THEIR_SCOPE;
use super::change::{Change, Touched};
use super::pipeline::NAME;

/// Where a part is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In the pipeline's document.
    Inline,
    /// In a document of its own.
    Document,
    /// By somebody else, and named by its identifier.
    OutsideByIdentifier,
    /// By somebody else, and named by its ARN.
    OutsideByArn,
}

/// Where the parts of one pipeline are declared.
#[derive(Debug, Clone)]
pub(super) struct Places {
    source: Place,
    target: Place,
    instance: Place,
    subnet_group: Place,
}

/// Any places. Most are inline, as in most specs.
pub(super) fn places() -> BoxedStrategy<Places> {
    let place = || {
        prop_oneof![
            12 => Just(Place::Inline),
            3 => Just(Place::Document),
            1 => select(&[Place::OutsideByIdentifier, Place::OutsideByArn][..]),
        ]
    };
    (place(), place(), place(), place())
        .prop_map(|(source, target, instance, subnet_group)| Places {
            source,
            target,
            instance,
            subnet_group,
        })
        .boxed()
}

/// A pipeline and what it names, in as many documents as there are places.
#[derive(Debug, Clone)]
pub(super) struct Documents {
    /// The scope's own; the pipeline is the first.
    pub(super) ours: Vec<Value>,
    /// Somebody else's.
    pub(super) theirs: Vec<Value>,
    /// Where parts went: the JSON pointer of what was inline, and in which of our documents it is now.
    moved: Vec<(&'static str, Option<usize>)>,
}

impl Documents {
    /// Takes the parts of a pipeline apart.
    pub(super) fn new(pipeline: Value, places: &Places) -> Self {
        let mut documents = Self { ours: vec![pipeline], theirs: Vec::new(), moved: Vec::new() };
        // What somebody else keeps is theirs with all that is in it.
        let group = match places.instance {
            Place::OutsideByArn | Place::OutsideByIdentifier => Place::Inline,
            Place::Inline | Place::Document => places.subnet_group,
        };
        for compute in ["/spec/compute/instance/subnetGroup", "/spec/compute/serverless/subnetGroup"] {
            documents.place(compute, Kind::SubnetGroup, "subnets", group);
        }
        documents.place("/spec/compute/instance", Kind::Instance, "instance", places.instance);
        documents.place("/spec/source", Kind::Endpoint, "source", places.source);
        documents.place("/spec/target", Kind::Endpoint, "target", places.target);
        documents
    }

    fn place(&mut self, pointer: &'static str, kind: Kind, name: &str, place: Place) {
        if place == Place::Inline || self.ours[0].pointer(pointer).is_none() {
            return;
        }
        let (parent, key) = pointer.rsplit_once('/').unwrap_or_default();
        let parent = self.ours[0].pointer_mut(parent).and_then(Value::as_object_mut).expect("a mapping");
        let Some(Value::Object(mut spec)) = parent.remove(key) else { panic!("{pointer} is no mapping") };
        let document = format!("{NAME}-{name}");
        let theirs = ResourceId::new(kind, format!("{THEIR_SCOPE}-{document}"));
        let reference = match place {
            Place::Inline | Place::Document => json!(document),
            Place::OutsideByIdentifier => json!({"identifier": theirs.name}),
            // Whoever made it knows the ARN.
            Place::OutsideByArn => json!({"arn": theirs.to_string()}),
        };
        parent.insert(format!("{key}Ref"), reference);
        let word = match kind {
            Kind::SubnetGroup => "ReplicationSubnetGroup",
            Kind::Instance => "ReplicationInstance",
            _ => "Endpoint",
        };
        if kind == Kind::Endpoint {
            spec.insert("type".to_owned(), json!(name));
        }
        if place == Place::Document {
            self.moved.push((pointer, Some(self.ours.len())));
            self.declare(word, &document, spec);
        } else {
            self.moved.push((pointer, None));
            self.theirs.push(super::document(word, &document, &Value::Object(spec)));
        }
    }

    /// Adds one of our documents, which is kept or deleted like the pipeline.
    pub(super) fn declare(&mut self, kind: &str, name: &str, mut spec: Map<String, Value>) -> usize {
        if let Some(policy) = self.ours[0].pointer("/spec/deletionPolicy") {
            spec.insert("deletionPolicy".to_owned(), policy.clone());
        }
        self.ours.push(super::document(kind, name, &Value::Object(spec)));
        self.ours.len() - 1
    }

    /// Whether a part that was inline is now somebody else's.
    pub(super) fn is_theirs(&self, pointer: &str) -> bool {
        self.moved.iter().any(|(moved, to)| *moved == pointer && to.is_none())
    }

    /// The same change where the parts are now; none to what somebody else keeps.
    pub(super) fn relocate(&self, change: Change) -> Option<Change> {
        if change.document > 0 || change.touched == Touched::Everything {
            return Some(change);
        }
        for (moved, to) in &self.moved {
            let Some(rest) = change.pointer.strip_prefix(moved).filter(|rest| rest.starts_with('/')) else {
                continue;
            };
            let document = (*to)?;
            return Some(Change { document, pointer: format!("/spec{rest}"), ..change });
        }
        Some(change)
    }
}
