//! Random valid specs, as the YAML text that a user would write, each with one change to it and what a
//! plan for that change must hold.
//!
//! Everything is made from the tables of engines and settings, so that an engine or a setting which is
//! added there is tried without a word here.

mod beside;
mod change;
mod endpoint;
mod migration;
mod pipeline;
mod places;
mod values;
mod yaml;

use std::path::Path;

use pipewright_model::Desired;
use pipewright_spec::{SecretSource, Source, load_sources};
use serde_json::{Value, json};

pub use change::{Change, Part, Touched};
pub use pipeline::{Compute, Sample, sample};

use crate::desired::{ACCOUNT, REGION};

/// The scope of the pipelines made here.
pub const SCOPE: &str = "property";

/// The scope of what they refer to outside.
pub const THEIR_SCOPE: &str = "theirs";

/// A document of a kind.
fn document(kind: &str, name: &str, spec: &Value) -> Value {
    json!({"apiVersion": "pipewright.dev/v1", "kind": kind, "metadata": {"name": name}, "spec": spec})
}

/// What these documents of a scope ask for, through the loader of spec files.
///
/// # Panics
/// If the loader refuses one, with its errors: only valid specs are made here.
pub fn load(scope: &str, documents: &[Value]) -> Desired {
    let environment = json!({"name": "test", "accountId": ACCOUNT, "region": REGION});
    let controller = document("Controller", scope, &json!({"environments": [environment]}));
    let sources = std::iter::once(&controller)
        .chain(documents)
        .enumerate()
        .map(|(n, document)| Source {
            name: format!("specs/{n}.yaml"),
            bytes: yaml::text(document).into_bytes(),
        })
        .collect();
    let tree = load_sources(sources).unwrap_or_else(|errors| panic!("{}", errors.render(false)));
    tree.desired("test", &Secrets).unwrap_or_else(|errors| panic!("{}", errors.render(false)))
}

/// Every secret that a spec names is there.
struct Secrets;

impl SecretSource for Secrets {
    fn env(&self, name: &str) -> Option<String> {
        Some(beside::pem(name).unwrap_or_else(|| format!("the secret {name}")))
    }

    fn file(&self, path: &Path) -> Result<Vec<u8>, String> {
        Ok(beside::wallet(path))
    }
}
