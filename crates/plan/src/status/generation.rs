//! Which edition of a pipeline's specs a status is about.

use pipewright_model::{Desired, Pipeline};
use serde_json::{Value, json};

use crate::digest;

/// A hash of what a pipeline's documents and those that it refers to declare of its resources. Where they lie
/// and how they are written is not in it, and neither are secrets, of which a new value is not noticed.
pub(super) fn of(pipeline: &Pipeline, desired: &Desired) -> String {
    let resources: Vec<Value> = pipeline
        .resources
        .iter()
        .filter_map(|id| Some((id, desired.resources.get(id)?)))
        .map(|(id, declared)| {
            json!({
                "id": id.to_string(),
                "tags": declared.tags,
                "deletionPolicy": declared.deletion_policy,
                "adopt": declared.adopt,
                "protect": declared.protected,
                "import": declared.import,
                "body": declared.body,
            })
        })
        .collect();
    let declares = json!({"name": pipeline.name, "suspend": pipeline.suspended, "resources": resources});
    digest::hex(declares.to_string().as_bytes())[..12].to_owned()
}
