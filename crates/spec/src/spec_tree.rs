//! All documents of a spec root together: what they may refer to, and what they must not repeat.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use pipewright_model::{Desired, Environment, Policy, Scope, Timestamp};
use serde_json::Value as Json;

use crate::certificates::PemFile;
use crate::check::Check;
use crate::compile::Compiler;
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::documents::{self, Body, Document, EnvironmentSpec, MigrationSpec, PolicySpec, RotationSpec};
use crate::mappings;
use crate::read::{Reader, did_you_mean, one_of};
use crate::secrets::SecretSource;
use crate::sources::{Source, Sources};
use crate::tree::{self, Node};

/// The first document of every kind and name, by its place among all.
pub(crate) type Index = BTreeMap<(&'static str, String), usize>;

/// A spec root, read and validated.
#[derive(Debug, Clone)]
pub struct SpecTree {
    pub(crate) sources: Sources,
    pub(crate) documents: Vec<Document>,
    index: Index,
    /// The table mappings that pipelines take from files, by the pipeline document's index.
    pub(crate) mapping_files: BTreeMap<usize, Node>,
    pem_files: Vec<PemFile>,
    pub(crate) scope: Scope,
    pub(crate) environments: Vec<Environment>,
    pub(crate) policy: Policy,
    pub(crate) rotation: Option<RotationSpec>,
    /// The secrets of AWS Secrets Manager that are asked for in each environment, by ARN or name.
    stored_secrets: BTreeMap<String, BTreeSet<String>>,
    /// Whether an endpoint is sent a secret.
    sends_secrets: bool,
    /// What AWS identifiers start with, its hyphen included; empty for nothing.
    pub(crate) prefix: String,
    /// The specs that are looked at, as the spec tag records them, if not all are.
    pub(crate) only: Option<BTreeSet<String>>,
}

/// The table mappings of one pipeline.
#[derive(Debug, Clone, PartialEq)]
pub struct TableMappings {
    /// The pipeline's name.
    pub pipeline: String,
    /// The document in DMS's own JSON, `{rules: […]}`.
    pub document: Json,
}

impl SpecTree {
    /// The table mappings of every pipeline, in the order of the documents.
    pub fn table_mappings(&self) -> Vec<TableMappings> {
        let pipelines = self.documents.iter().enumerate().filter_map(|(index, document)| {
            let (Some(Body::Pipeline(pipeline)), Some(name)) = (&document.body, &document.name) else {
                return None;
            };
            let document = self.mappings_of(index, &pipeline.migration);
            Some(TableMappings { pipeline: name.value.clone(), document })
        });
        pipelines.collect()
    }

    /// The table mappings of the pipeline at this place among the documents.
    pub(crate) fn mappings_of(&self, index: usize, migration: &MigrationSpec) -> Json {
        match (&migration.tables, &migration.mappings) {
            (Some(tables), _) => mappings::compile(tables),
            (None, Some(document)) => document.0.to_json(),
            (None, None) => self.mapping_files.get(&index).map(Node::to_json).unwrap_or_default(),
        }
    }

    /// What probably is not meant in these specs, each with its place, at this time: certificates expire.
    pub fn warnings(&self, now: Timestamp) -> Diagnostics {
        let pipelines =
            self.documents.iter().enumerate().filter_map(|(index, document)| match &document.body {
                Some(Body::Pipeline(pipeline)) => Some((self.mapping_files.get(&index), pipeline)),
                _ => None,
            });
        let of_mappings = pipelines
            .flat_map(|(file, pipeline)| mappings::warnings(&pipeline.migration, file, &self.sources));
        let of_pem_files = self.pem_files.iter().flat_map(|file| file.warnings(&self.sources, now));
        let of_controller = self.controller_without_uid().into_iter().chain(self.secrets_without_key());
        let of_approvals = self.expired_approvals(now);
        let all = of_mappings.chain(of_pem_files).chain(of_approvals).chain(of_controller);
        Diagnostics::sorted(all.collect())
    }

    /// Secrets that are sent, and nothing by which another one would be noticed.
    fn secrets_without_key(&self) -> Option<Diagnostic> {
        let has_key = self.rotation.as_ref().is_some_and(|rotation| rotation.key_from.is_some());
        if !self.sends_secrets || has_key {
            return None;
        }
        let controller = self.documents.iter().find(|document| document.kind == "Controller")?;
        let place = self.sources.place(controller.name.as_ref().map_or(controller.at, |name| name.at));
        let message = "endpoints are sent passwords, and one that changes alone would not be noticed";
        let hint =
            "give a key under which it is remembered which one was sent: `rotation: {keyFrom: {env: NAME}}`";
        Some(Diagnostic::warning(place, message).hint(hint))
    }

    /// The secrets of AWS Secrets Manager that [`desired`](Self::desired) will ask for in this environment, by
    /// ARN or name.
    pub fn stored_secrets(&self, environment: &Environment) -> BTreeSet<String> {
        self.stored_secrets.get(&environment.name).cloned().unwrap_or_default()
    }

    /// The controller's identity in ownership tags: the name of the `Controller` document.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The other regions of an environment's account in which the `Controller` works.
    pub fn other_regions(&self, environment: &Environment) -> BTreeSet<String> {
        let account = self.environments.iter().filter(|other| other.account_id == environment.account_id);
        account.map(|other| other.region.clone()).filter(|region| *region != environment.region).collect()
    }

    /// The accounts and regions, as the `Controller` document lists them.
    pub fn environments(&self) -> &[Environment] {
        &self.environments
    }

    /// The first document of a kind and name: its place among all, and itself.
    pub(crate) fn document(&self, kind: &'static str, name: &str) -> Option<(usize, &Document)> {
        let index = *self.index.get(&(kind, name.to_owned()))?;
        Some((index, self.documents.get(index)?))
    }

    /// What the specs ask for in one environment. The secrets that `passwordFrom`, secret settings and
    /// certificates name are asked of `secrets`; one that is not there is an error.
    pub fn desired(&self, environment: &str, secrets: &dyn SecretSource) -> Result<Desired, Diagnostics> {
        let Some(environment) = self.environments.iter().find(|known| known.name == environment) else {
            let names = || self.environments.iter().map(|known| known.name.as_str());
            let hint =
                did_you_mean(environment, names()).unwrap_or_else(|| one_of("the environments are", names()));
            let place = self.documents.iter().find(|document| document.kind == "Controller");
            let place = place.map_or_else(Place::default, |document| self.sources.place(document.at));
            let message = format!("the Controller has no environment `{environment}`");
            return Err(Diagnostics(vec![Diagnostic::new(place, message).hint(hint)]));
        };
        let mut compiler = Compiler::new(self, environment, Some(secrets));
        let desired = compiler.run();
        if compiler.found.is_empty() { Ok(desired) } else { Err(Diagnostics::sorted(compiler.found)) }
    }

    /// What the specs declare in an environment, as [`desired`](Self::desired) and without anything secret: for what
    /// draws or compares specs. Nothing may be planned from it, since certificates have content that stands for the true one.
    pub fn declared(&self, environment: &Environment) -> Desired {
        Compiler::new(self, environment, None).run()
    }

    /// Reads and validates sources; `found` are errors so far, `read_file` reads what specs name.
    pub(crate) fn build(
        files: Vec<Source>,
        mut found: Vec<Diagnostic>,
        read_file: &dyn Fn(&str) -> Result<Vec<u8>, String>,
    ) -> Result<Self, Diagnostics> {
        let mut sources = Sources::default();
        let mut nodes = Vec::new();
        let mut count = 0;
        let mut unread = !found.is_empty();
        for file in files {
            match sources.add(file) {
                Ok(index) => {
                    let before = found.len();
                    nodes.extend(tree::documents(&sources, index, &mut count, &mut found));
                    unread |= found.len() > before;
                }
                Err(error) => {
                    found.push(*error);
                    unread = true;
                }
            }
        }
        let mut reader = Reader::new(&sources);
        let mut read = Vec::new();
        for node in &nodes {
            reader.document = read.len();
            if let Some(document) = documents::read(node, &mut reader) {
                read.push(document);
            } else {
                unread = true;
                let document = read.len();
                reader.references.retain(|reference| reference.document != document);
            }
        }
        let Reader { found: errors, references, .. } = reader;
        found.extend(errors);
        let mapping_files = mapping_files(&mut sources, &read, read_file, &mut found);

        let mut check =
            Check { sources: &sources, documents: &read, index: Index::new(), found: &mut found, unread };
        check.names();
        check.references(&references);
        check.cycles(&references);
        check.directions();
        let controller = check.controller();
        let pem_files = check.pem_files(read_file);
        let index = check.index;

        let Some((scope, controller)) = controller else { return Err(Diagnostics::sorted(found)) };
        let scope = match &controller.uid {
            Some(uid) => scope.with_uid(uid.0.clone()),
            None => scope,
        };
        let prefix = match controller.identifier_prefix.as_ref().map(|prefix| prefix.0.as_str()) {
            None => format!("{scope}-"),
            Some("") => String::new(),
            Some(prefix) => format!("{prefix}-"),
        };
        let environments: Vec<Environment> =
            controller.environments.iter().map(EnvironmentSpec::to_model).collect();
        let policy = controller.policy.as_ref().map(PolicySpec::to_model).unwrap_or_default();
        let mut tree = Self {
            sources,
            documents: read,
            index,
            mapping_files,
            pem_files,
            scope,
            environments,
            policy,
            rotation: controller.rotation,
            stored_secrets: BTreeMap::new(),
            sends_secrets: false,
            prefix,
            only: None,
        };
        let mut stored_secrets = BTreeMap::new();
        let mut sends_secrets = false;
        for environment in &tree.environments {
            let mut compiler = Compiler::new(&tree, environment, None);
            compiler.run();
            found.append(&mut compiler.found);
            stored_secrets.insert(environment.name.clone(), compiler.stored_secrets);
            sends_secrets |= compiler.sends_secrets;
        }
        (tree.stored_secrets, tree.sends_secrets) = (stored_secrets, sends_secrets);
        if found.is_empty() { Ok(tree) } else { Err(Diagnostics::sorted(found)) }
    }
}

/// Reads the table mappings that pipelines keep in files, by the pipeline document's index. A file that several
/// name is read once.
fn mapping_files(
    sources: &mut Sources,
    documents: &[Document],
    read_file: &dyn Fn(&str) -> Result<Vec<u8>, String>,
    found: &mut Vec<Diagnostic>,
) -> BTreeMap<usize, Node> {
    let mut by_path: BTreeMap<String, Option<Node>> = BTreeMap::new();
    let mut by_document = BTreeMap::new();
    for (index, document) in documents.iter().enumerate() {
        let Some(Body::Pipeline(pipeline)) = &document.body else { continue };
        let Some(file) = &pipeline.migration.mappings_file else { continue };
        let path = beside(sources.name(file.at.file), &file.value);
        if !by_path.contains_key(&path) {
            let bytes = match read_file(&path) {
                Ok(bytes) => bytes,
                Err(why) => {
                    let message = format!("the table mappings cannot be read from {path}: {why}");
                    found.push(Diagnostic::new(sources.place(file.at), message));
                    continue;
                }
            };
            let source = Source { name: path.clone(), bytes };
            let read = mappings::read_document(sources, source).map_err(|errors| found.extend(errors)).ok();
            by_path.insert(path.clone(), read);
        }
        if let Some(Some(node)) = by_path.get(&path) {
            by_document.insert(index, node.clone());
        }
    }
    by_document
}

/// The path of a file that a spec file names: relative to the spec file's directory.
pub(crate) fn beside(spec_file: &str, path: &str) -> String {
    let joined = Path::new(spec_file).parent().unwrap_or_else(|| Path::new("")).join(path);
    let mut plain = PathBuf::new();
    for component in joined.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if plain.file_name().is_some() => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_beside_the_spec_that_names_them() {
        assert_eq!(beside("specs/a.yaml", "maps/m.json"), "specs/maps/m.json");
        assert_eq!(beside("specs/team/a.yaml", "./../m.json"), "specs/m.json");
        assert_eq!(beside("a.yaml", "m.json"), "m.json");
        assert_eq!(beside("a.yaml", "/etc/m.json"), "/etc/m.json");
    }
}
