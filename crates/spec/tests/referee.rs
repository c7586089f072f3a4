//! The JSON Schema, judged by an implementation that nobody here wrote: jsonschema for Python.
//!
//! It takes every document of the examples and of the documentation, and refuses what is wrong in shape
//! wherever that is. Needs the feature `referees` and a Python with jsonschema in `PIPEWRIGHT_TEST_PYTHON`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use pipewright_spec::{Source, json_schema, load_sources};
use serde_json::{Value, json};

/// Fields that hold what users or DMS name.
const FREE: [&str; 5] = ["labels", "tags", "mappings", "supplementalSettings", "boundaries"];

/// Asks the referee.
fn ask(question: &Value) -> Value {
    #[expect(clippy::disallowed_methods, reason = "the test runner says where Python is")]
    let python = std::env::var("PIPEWRIGHT_TEST_PYTHON")
        .expect("PIPEWRIGHT_TEST_PYTHON names a Python with jsonschema; run `cargo xtask test`");
    let mut process = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/referee.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    process.stdin.take().unwrap().write_all(question.to_string().as_bytes()).unwrap();
    let output = process.wait_with_output().unwrap();
    assert!(output.status.success(), "the referee failed");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What is wrong with each document by the schema; none where nothing is.
fn judge(cases: &[Value]) -> Vec<Option<String>> {
    let verdicts = ask(&json!({"schema": json_schema(), "judge": cases}));
    let verdicts = verdicts.as_array().unwrap();
    assert_eq!(verdicts.len(), cases.len());
    verdicts.iter().map(|verdict| verdict.as_str().map(str::to_owned)).collect()
}

/// The documents of texts, by the names of the texts.
fn documents(texts: &BTreeMap<String, String>) -> Vec<(String, Value)> {
    let Value::Object(read) = ask(&json!({"read": texts})) else { panic!("not by name") };
    let each = |(name, documents): (String, Value)| {
        let documents = documents.as_array().unwrap().clone();
        documents.into_iter().map(move |document| (name.clone(), document)).collect::<Vec<_>>()
    };
    read.into_iter().flat_map(each).collect()
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The worked examples.
fn examples() -> BTreeMap<String, String> {
    let files = std::fs::read_dir(repository().join("specs")).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).unwrap())
        })
        .collect()
}

/// Documents that have every record of the format somewhere.
fn everything() -> BTreeMap<String, String> {
    BTreeMap::from([("everything.yaml".to_owned(), include_str!("../src/schema/everything.yaml").to_owned())])
}

/// The YAML in the documentation, by page and line.
fn documentation() -> BTreeMap<String, String> {
    let mut blocks = BTreeMap::new();
    for entry in std::fs::read_dir(repository().join("docs")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let mut block: Option<(usize, String)> = None;
        for (number, line) in std::fs::read_to_string(&path).unwrap().lines().enumerate() {
            match &mut block {
                None if line.trim() == "```yaml" => block = Some((number + 1, String::new())),
                None => {}
                Some(_) if line.trim() == "```" => {
                    let (at, text) = block.take().unwrap();
                    blocks.insert(format!("{}:{at}", path.file_name().unwrap().display()), text);
                }
                Some((_, text)) => text.extend([line, "\n"]),
            }
        }
    }
    blocks
}

/// The part of the schema that a whole document is judged by: that of its kind.
fn part_of_kind(document: &Value) -> String {
    let schema = json_schema();
    let kinds = schema["oneOf"].as_array().unwrap();
    let at = kinds.iter().position(|kind| kind["title"] == document["kind"]);
    format!("#/documents/{}", at.unwrap_or_else(|| panic!("{} is no kind", document["kind"])))
}

/// A part of a document is judged by the records that have its fields.
fn parts_of_fields(name: &str, document: &Value) -> Vec<String> {
    let schema = json_schema();
    let fields: Vec<&String> =
        document.as_object().unwrap_or_else(|| panic!("{name} is no mapping")).keys().collect();
    let has_all = |record: &&str| {
        fields.iter().all(|field| schema["$defs"][record]["properties"].get(field.as_str()).is_some())
    };
    let records = ["PipelineSpec", "MigrationSpec", "TablesSpec", "EndpointSpec"].into_iter().filter(has_all);
    let parts: Vec<String> = records.map(|record| format!("#/$defs/{record}")).collect();
    assert!(!parts.is_empty(), "{name}: no record has {fields:?}");
    parts
}

#[test]
fn the_examples_and_the_documentation_are_valid() {
    let texts: BTreeMap<_, _> = examples().into_iter().chain(everything()).chain(documentation()).collect();
    assert!(texts.len() > 20, "few texts: {:?}", texts.keys());
    let found = documents(&texts);
    let mut cases = Vec::new();
    let mut names = Vec::new();
    for (name, document) in &found {
        let is_whole = document.get("apiVersion").is_some();
        // One whose content is left out shows what is around it.
        let is_shell = document["spec"] == json!({});
        let parts = match (is_whole, is_shell) {
            (true, false) => vec!["#".to_owned()],
            (true, true) => vec![part_of_kind(document)],
            _ => parts_of_fields(name, document),
        };
        for part in parts {
            cases.push(json!({"document": document, "part": part, "partial": !is_whole || is_shell}));
            names.push((name, document));
        }
    }
    let mut taken = BTreeSet::new();
    let mut refused = Vec::new();
    for ((name, document), error) in names.into_iter().zip(judge(&cases)) {
        match error {
            None => drop(taken.insert(document.to_string())),
            Some(error) => refused.push((name, document, error)),
        }
    }
    refused.retain(|(_, document, _)| !taken.contains(&document.to_string()));
    assert!(refused.is_empty(), "{refused:#?}");
}

/// A document with one thing wrong with its shape, and what that is.
struct Mutant {
    what: String,
    document: Value,
}

/// Every way to spoil one field of a document: an unknown one beside it, no value, a value of a type that no
/// field has.
fn mutants(document: &Value, paths: &[String]) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    for pointer in paths {
        let (parent, _) = pointer.rsplit_once('/').unwrap();
        // DMS answers null for a section of task settings that is not in use, and takes it back.
        let may_be_null =
            pointer.contains("/migration/settings/") && document.pointer(pointer).unwrap().is_object();
        let nothing = (!may_be_null).then_some(("no value", Value::Null));
        for (how, spoil) in nothing.into_iter().chain([("a wrong type", json!([[[]]]))]) {
            let mut document = document.clone();
            *document.pointer_mut(pointer).unwrap() = spoil;
            mutants.push(Mutant { what: format!("{pointer}: {how}"), document });
        }
        let mut document = document.clone();
        document.pointer_mut(parent).unwrap()["zzz"] = json!(1);
        mutants.push(Mutant { what: format!("{pointer}: an unknown field beside it"), document });
    }
    mutants
}

/// The pointers to the fields of a document that are not in `seen`, wherever in lists they stand.
fn fields(document: &Value, seen: &mut BTreeSet<String>) -> Vec<String> {
    let mut paths = Vec::new();
    walk(document, "", &mut paths);
    paths.retain(|pointer| {
        let parts = pointer.split('/').filter(|part| part.parse::<usize>().is_err());
        seen.insert(format!("{} {}", document["kind"], parts.collect::<Vec<_>>().join("/")))
    });
    paths
}

/// The pointers to all fields of a document, down to what is free.
fn walk(value: &Value, pointer: &str, paths: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            let allows_unknown = members.get("allowUnknownSettings") == Some(&json!(true));
            for (name, member) in members {
                let pointer = format!("{pointer}/{name}");
                paths.push(pointer.clone());
                if !(FREE.contains(&name.as_str()) || allows_unknown && name == "settings") {
                    walk(member, &pointer, paths);
                }
            }
        }
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                walk(item, &format!("{pointer}/{n}"), paths);
            }
        }
        _ => {}
    }
}

#[test]
fn what_is_wrong_in_shape_is_refused_wherever_it_is() {
    let mut spoiled = Vec::new();
    let mut seen = BTreeSet::new();
    for (_, document) in &documents(&everything()) {
        let part = part_of_kind(document);
        let mutants = mutants(document, &fields(document, &mut seen));
        spoiled.extend(mutants.into_iter().map(|mutant| (part.clone(), mutant)));
    }
    assert!(spoiled.len() > 500, "only {} documents", spoiled.len());
    let cases: Vec<Value> = spoiled
        .iter()
        .map(|(part, mutant)| json!({"document": mutant.document, "part": part, "partial": false}))
        .collect();
    let taken: Vec<&str> = spoiled
        .iter()
        .zip(judge(&cases))
        .filter(|(_, error)| error.is_none())
        .map(|((_, mutant), _)| mutant.what.as_str())
        .collect();
    assert!(taken.is_empty(), "taken by the schema:\n{}", taken.join("\n"));
}

/// The examples with one document spoiled, as the loader takes them.
fn is_loaded(all: &[(String, Value)], at: usize, spoiled: &Value) -> bool {
    let source = |(n, (_, document)): (usize, &(String, Value))| {
        // JSON is YAML.
        let text = if n == at { spoiled } else { document }.to_string();
        Source { name: format!("specs/{n}.yaml"), bytes: text.into_bytes() }
    };
    let directory = repository().join("specs/certificates");
    let beside = std::fs::read_dir(&directory).unwrap().map(|entry| {
        let path = entry.unwrap().path();
        let name = format!("specs/certificates/{}", path.file_name().unwrap().to_string_lossy());
        Source { name, bytes: std::fs::read(path).unwrap() }
    });
    load_sources(all.iter().enumerate().map(source).chain(beside).collect()).is_ok()
}

#[test]
fn the_loader_takes_nothing_that_the_schema_refuses() {
    let all = documents(&examples());
    assert!(is_loaded(&all, 0, &all[0].1), "the examples themselves are loaded");
    let mut cases = Vec::new();
    let mut loaded = Vec::new();
    let mut seen = BTreeSet::new();
    for (at, (name, document)) in all.iter().enumerate() {
        let paths = fields(document, &mut seen);
        let mut mutants = mutants(document, &paths);
        for pointer in &paths {
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            let mut document = document.clone();
            document.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
            mutants.push(Mutant { what: format!("{pointer}: left out"), document });
        }
        for mutant in mutants {
            loaded.push((format!("{name}: {}", mutant.what), is_loaded(&all, at, &mutant.document)));
            cases
                .push(json!({"document": mutant.document, "part": part_of_kind(document), "partial": false}));
        }
    }
    let mut wrong = Vec::new();
    for ((what, is_loaded), refused) in loaded.iter().zip(judge(&cases)) {
        match refused {
            Some(error) if *is_loaded => {
                wrong.push(format!("{what}: loaded, and refused by the schema: {error}"));
            }
            None if !is_loaded && !what.ends_with("left out") => {
                wrong.push(format!("{what}: not loaded, and taken by the schema"));
            }
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
