//! Random valid specs, as the YAML text that a user would write, each with one change to it and what a
//! plan for that change must hold.
//!
//! Everything is made from the tables of engines and settings, so that an engine or a setting which is
//! added there is tried without a word here.

mod change;
mod endpoint;
mod pipeline;
mod values;
mod yaml;

use std::path::Path;

use pipewright_model::Desired;
use pipewright_spec::{SecretSource, Source, load_sources};
use serde_json::{Value, json};

pub use change::{Change, Part, Touched};
pub use pipeline::{Sample, sample};

use crate::desired::{ACCOUNT, REGION};

/// The scope of every spec made here.
pub const SCOPE: &str = "property";

/// What these pipelines ask for, through the loader of spec files.
///
/// # Panics
/// If the loader refuses one, with its errors: only valid specs are made here.
pub fn load(pipelines: &[Value]) -> Desired {
    let controller = json!({
        "apiVersion": "pipewright.dev/v1",
        "kind": "Controller",
        "metadata": {"name": SCOPE},
        "spec": {"environments": [{"name": "test", "accountId": ACCOUNT, "region": REGION}]},
    });
    let sources = std::iter::once(&controller)
        .chain(pipelines)
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
        Some(format!("the secret {name}"))
    }

    fn file(&self, path: &Path) -> Result<Vec<u8>, String> {
        Ok(format!("the secret in {}\n", path.display()).into_bytes())
    }
}
