//! Plans that were reviewed: the file that `plan --out` wrote, and how a fresh plan differs from it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use pipewright_plan::{Plan, render};
use serde_json::{Value, json};

use crate::failure::Failure;

/// The plans of a file, by environment.
#[derive(Debug)]
pub(crate) struct Reviewed(BTreeMap<String, Value>);

impl Reviewed {
    /// Reads a file that `plan --out` or `plan --format json` wrote.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let name = || path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|source| Failure::Io { what: format!("read {}", name()), source })?;
        let no_plan = |why: String| Failure::NoPlan { file: path.to_owned(), why };
        let document: Value = serde_json::from_str(&text).map_err(|error| no_plan(error.to_string()))?;
        let version = document["format_version"].as_str().unwrap_or_default();
        let (ours, major) =
            (render::FORMAT_VERSION, |version: &str| version.split('.').next().map(str::to_owned));
        if major(version) != major(ours) {
            return Err(no_plan(format!("its format_version is `{version}`, and this version reads {ours}")));
        }
        let plans = match document.get("plans") {
            Some(Value::Array(plans)) => plans.clone(),
            _ => vec![document],
        };
        let mut by_environment = BTreeMap::new();
        for plan in plans {
            let (Some(environment), Some(_)) =
                (plan["environment"]["name"].as_str(), plan["digest"].as_str())
            else {
                return Err(no_plan("a plan in it has no environment or no digest".to_owned()));
            };
            by_environment.insert(environment.to_owned(), plan);
        }
        Ok(Self(by_environment))
    }

    /// The digest of an environment's plan.
    pub(crate) fn digest(&self, environment: &str) -> Option<&str> {
        self.0.get(environment)?["digest"].as_str()
    }

    /// What of a fresh plan is not as in the one that was reviewed.
    pub(crate) fn difference(&self, fresh: &Plan) -> String {
        let reviewed = self.0.get(&fresh.environment.name).unwrap_or(&Value::Null);
        let fresh = json!(render::json(fresh));
        let mut text = String::new();
        let (before, after) = (changes(reviewed), changes(&fresh));
        for (name, change) in &after {
            match before.get(name) {
                None => {
                    let _ = writeln!(text, "  + {} {name}: not in the reviewed plan", word(change));
                }
                Some(old) => fields(&mut text, name, old, change),
            }
        }
        for (name, change) in before.iter().filter(|(name, _)| !after.contains_key(*name)) {
            let _ = writeln!(text, "  - {} {name}: in the reviewed plan only", word(change));
        }
        // What the changes rest on.
        for member in ["scope", "environment", "roles", "report", "unchanged", "unread", "only"] {
            leaves(&mut text, member, &reviewed[member], &fresh[member]);
        }
        if text.is_empty() {
            text.push_str("  ~ what the steps send is not the same\n");
        }
        text
    }
}

/// The changes of a plan by resource and part.
fn changes(plan: &Value) -> BTreeMap<String, &Value> {
    let changes = plan["resource_changes"].as_array().into_iter().flatten();
    let name = |change: &Value| {
        let (address, part) = (change["address"].as_str(), change["part"].as_str());
        let part = part.filter(|part| *part != "main").map(|part| format!(" ({part})")).unwrap_or_default();
        format!("{}{part}", address.unwrap_or_default())
    };
    changes.map(|change| (name(change), change)).collect()
}

fn word(change: &Value) -> &str {
    change["action"].as_str().unwrap_or("change")
}

fn fields(text: &mut String, name: &str, old: &Value, new: &Value) {
    let (Some(before), Some(after)) = (old.as_object(), new.as_object()) else { return };
    for key in before.keys().chain(after.keys().filter(|key| !before.contains_key(*key))) {
        leaves(text, &format!("{name} {key}"), &old[key], &new[key]);
    }
}

/// One line for each value that differs, objects by their members.
fn leaves(text: &mut String, path: &str, old: &Value, new: &Value) {
    match (old, new) {
        _ if old == new => {}
        (Value::Object(before), Value::Object(after)) => {
            for key in before.keys().chain(after.keys().filter(|key| !before.contains_key(*key))) {
                leaves(text, &format!("{path}.{key}"), &old[key], &new[key]);
            }
        }
        _ => {
            let _ = writeln!(text, "  ~ {path}: {old} → {new}");
        }
    }
}
