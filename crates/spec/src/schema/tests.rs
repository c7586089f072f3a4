//! The schema, the reader and the committed copy say the same.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::documents;
use crate::read::Reader;
use crate::sources::{Source, Sources};
use crate::tree;

/// Documents that have every record of the format somewhere.
const EVERYTHING: &str = include_str!("everything.yaml");

/// The fields of every record that the reader reads in [`EVERYTHING`], by the record's name.
fn read_everything() -> BTreeMap<String, BTreeSet<String>> {
    let mut sources = Sources::default();
    let file = sources
        .add(Source { name: "everything.yaml".to_owned(), bytes: EVERYTHING.as_bytes().to_vec() })
        .unwrap();
    let mut found = Vec::new();
    let nodes = tree::documents(&sources, file, &mut 0, &mut found);
    let mut reader = Reader::new(&sources);
    for node in &nodes {
        assert!(documents::read(node, &mut reader).is_some());
    }
    found.append(&mut reader.found);
    assert_eq!(crate::Diagnostics(found).render(false), "0 errors\n");
    let fields = |(name, fields): (&str, Vec<String>)| (name.to_owned(), fields.into_iter().collect());
    reader.seen.into_iter().filter(|(name, _)| *name != "Document").map(fields).collect()
}

#[test]
fn the_reader_and_the_schema_know_the_same_fields() {
    let schema = json_schema();
    let structures: Vec<&str> = settings::structures().iter().map(|structure| structure.member).collect();
    let in_schema: BTreeMap<String, BTreeSet<String>> = schema["$defs"]
        .as_object()
        .unwrap()
        .iter()
        // The tables of settings are of DMS's own names, and have tests of their own.
        .filter(|(name, _)| !structures.contains(&name.as_str()) && *name != "TaskSettings")
        .filter_map(|(name, definition)| {
            let properties = definition.get("properties")?.as_object()?;
            Some((name.clone(), properties.keys().cloned().collect()))
        })
        .collect();
    assert_eq!(read_everything(), in_schema);
}

#[test]
fn the_schema_knows_the_kinds_that_the_reader_knows() {
    let schema = json_schema();
    let documents = schema["oneOf"].as_array().unwrap();
    let in_schema: Vec<&str> =
        documents.iter().map(|document| document["properties"]["kind"]["const"].as_str().unwrap()).collect();
    assert_eq!(documents::kinds().collect::<Vec<_>>(), in_schema);
}

#[test]
fn no_field_may_be_null_and_every_field_is_explained() {
    fn walk(schema: &Value, path: &str) {
        match schema {
            Value::Object(object) => {
                assert_ne!(object.get("type"), Some(&json!("null")), "{path}");
                // Conditions repeat properties of the record around them, which has a type.
                if let (Some(Value::Object(properties)), true) =
                    (object.get("properties"), object.contains_key("type"))
                {
                    for (name, property) in properties {
                        let explained =
                            property.get("description").is_some() || property.get("$ref").is_some();
                        assert!(explained, "{path}/{name} has no description");
                    }
                }
                object.iter().for_each(|(key, value)| walk(value, &format!("{path}/{key}")));
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, path)),
            _ => {}
        }
    }
    walk(&json_schema(), "");
}

#[test]
fn the_committed_copy_is_the_schema() {
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema/pipewright.schema.json");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    let generated = format!("{:#}\n", json_schema());
    assert!(
        committed == generated,
        "docs/schema/pipewright.schema.json is out of date; run\n    \
         cargo run -p pipewright-cli -- schema > docs/schema/pipewright.schema.json"
    );
}

#[test]
fn the_reference_names_every_field() {
    let pages = [include_str!("../../../../docs/spec.md"), include_str!("../../../../docs/mappings.md")];
    let reference = pages.join("\n");
    let code: String = reference.split('`').skip(1).step_by(2).collect::<Vec<_>>().join(" ");
    let words: BTreeSet<&str> = code.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    for (record, fields) in read_everything() {
        for field in fields {
            assert!(
                words.contains(field.as_str()),
                "docs/spec.md and docs/mappings.md do not name `{field}` of {record}"
            );
        }
    }
    for engine in &engines::ENGINES {
        assert!(reference.contains(&format!("`{}`", engine.name)), "{}", engine.name);
    }
}
