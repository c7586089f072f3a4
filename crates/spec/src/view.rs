//! Which of the specs of a root are looked at.

use std::collections::BTreeSet;

use pipewright_model::Environment;

use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::documents::Document;
use crate::read::{did_you_mean, one_of};
use crate::spec_tree::SpecTree;

impl SpecTree {
    /// Looks only at the documents of these files.
    pub(crate) fn choose_files(&mut self, files: &BTreeSet<String>) -> Result<(), Diagnostics> {
        let chosen =
            self.documents.iter().filter(|document| files.contains(self.sources.name(document.at.file)));
        let chosen: BTreeSet<String> = chosen.filter_map(Document::spec).collect();
        if chosen.is_empty() {
            let place = Place::whole(files.first().cloned().unwrap_or_default());
            let message = "no document here declares anything";
            return Err(Diagnostics(vec![Diagnostic::new(place, message)]));
        }
        self.only = Some(chosen);
        Ok(())
    }

    /// Looks only at the specs of these names, among those that are looked at so far: pipelines by name, others as
    /// `Kind/name`. No names change nothing.
    pub(crate) fn choose_names(&mut self, names: &[String]) -> Result<(), Diagnostics> {
        if names.is_empty() {
            return Ok(());
        }
        let known: BTreeSet<String> =
            self.only.clone().unwrap_or_else(|| self.documents.iter().filter_map(Document::spec).collect());
        let (mut chosen, mut found) = (BTreeSet::new(), Vec::new());
        for name in names {
            let spec = name.strip_prefix("Pipeline/").unwrap_or(name);
            if known.contains(spec) {
                chosen.insert(spec.to_owned());
                continue;
            }
            let same_name = known.iter().find(|known| known.rsplit('/').next() == Some(spec));
            let hint = same_name
                .map(|known| format!("did you mean `{known}`?"))
                .or_else(|| did_you_mean(spec, known.iter().map(String::as_str)))
                .unwrap_or_else(|| one_of("the specs are", known.iter().map(String::as_str).take(10)));
            let shown: String = name.chars().take(100).collect();
            found.push(
                Diagnostic::new(self.controller_place(), format!("no spec is called `{shown}`")).hint(hint),
            );
        }
        if !found.is_empty() {
            return Err(Diagnostics(found));
        }
        self.only = Some(chosen);
        Ok(())
    }

    /// The environments of the specs that are looked at, in the order of the Controller.
    pub fn environments_in_view(&self) -> Vec<&Environment> {
        let Some(only) = &self.only else { return self.environments.iter().collect() };
        let is_of = |environment: &&Environment| {
            self.documents.iter().any(|document| {
                document.spec().is_some_and(|spec| only.contains(&spec))
                    && self.environment_of(document) == Some(*environment)
            })
        };
        self.environments.iter().filter(is_of).collect()
    }

    /// The file that the Controller is in, for errors about the specs as a whole.
    fn controller_place(&self) -> Place {
        let controller = self.documents.iter().find(|document| document.kind == "Controller");
        controller.map_or_else(Place::default, |document| Place::whole(self.sources.name(document.at.file)))
    }
}
