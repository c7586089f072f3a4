//! What a pipeline moves, and how.

use std::borrow::Cow;

use pipewright_model::kinds::MigrationType;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::TablesSpec;
use super::scalars::{Line, Rfc3339, StopPosition};
use crate::read::{Checks, Located, Read, Reader, choice, exactly_one, record, repeated_keys};
use crate::tree::{Node, Value};

record! {
    /// What the pipeline moves, and how: exactly one of `tables`, `mappings`, `mappingsFile` says which
    /// tables.
    #[schemars(extend("oneOf" = [
        {"required": ["tables"]}, {"required": ["mappings"]}, {"required": ["mappingsFile"]},
    ]))]
    pub(crate) struct MigrationSpec {
        /// What is there now, changes, or both.
        r#type: MigrationWord,
        /// The tables, and what becomes of them.
        tables: Option<TablesSpec>,
        /// The tables, as a DMS table-mapping document: `{rules: […]}`.
        mappings: Option<JsonDocument>,
        /// A JSON file with a DMS table-mapping document; a relative path starts at the spec file's
        /// directory.
        mappings_file: Option<Located<String>>,
        /// The part of the DMS task settings document that matters to you, in DMS's own names:
        /// `{TargetMetadata: {BatchApplyEnabled: true}}`. The rest is left to AWS, and is not compared.
        settings: Option<JsonDocument>,
        /// Whether `settings` may have names that this version does not know, for those that are new in
        /// DMS: false unless given. They are sent as they are written.
        #[expect(dead_code, reason = "read while `settings` is checked, before there is this record")]
        allow_unknown_settings: Option<bool>,
        /// Where change capture begins and ends.
        cdc: Option<CdcSpec>,
    }
}

impl Checks for MigrationSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        exactly_one(node, &["tables", "mappings", "mappingsFile"], reader);
        if let Some(mappings) = node.get("mappings") {
            crate::mappings::check(mappings, reader);
        }
        crate::task_settings::check(node, reader);
        if let (Some("full-load"), Some(at)) = (node.get("type").and_then(Node::as_str), node.key_at("cdc")) {
            reader.error_with_hint(
                at,
                "a full load captures no changes, so `cdc` has no effect",
                "remove `cdc`, or set `type: full-load-and-cdc` or `type: cdc`",
            );
        }
    }
}

choice! {
    /// What a task moves.
    pub(crate) enum MigrationWord {
        /// What is there now, once.
        FullLoad = "full-load",
        /// Changes only.
        Cdc = "cdc",
        /// What is there now, then changes.
        FullLoadAndCdc = "full-load-and-cdc",
    }
}

impl From<MigrationWord> for MigrationType {
    fn from(word: MigrationWord) -> Self {
        match word {
            MigrationWord::FullLoad => Self::FullLoad,
            MigrationWord::Cdc => Self::Cdc,
            MigrationWord::FullLoadAndCdc => Self::FullLoadAndCdc,
        }
    }
}

record! {
    /// Where change capture begins and ends.
    pub(crate) struct CdcSpec {
        /// A native position, such as a log sequence number or a checkpoint. Not with `startTime`.
        start_position: Option<Line>,
        /// A time in RFC 3339, for example `2026-01-31T12:00:00Z`. Not with `startPosition`.
        #[schemars(extend("format" = "date-time"))]
        start_time: Option<Rfc3339>,
        /// Where to stop: `server_time:2026-01-31T12:00:00` or `commit_time:2026-01-31T12:00:00`.
        stop_position: Option<StopPosition>,
    }
}

impl Checks for CdcSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        if node.get("startPosition").is_some() && node.get("startTime").is_some() {
            exactly_one(node, &["startPosition", "startTime"], reader);
        }
    }
}

/// A JSON document that is taken as it is written.
#[derive(Debug, Clone)]
pub(crate) struct JsonDocument(pub(crate) Node);

impl Read for JsonDocument {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if !matches!(node.value, Value::Map(_)) {
            reader.wrong_type(node, "a mapping");
            return None;
        }
        all_repeated_keys(node, reader);
        Some(Self(node.clone()))
    }
}

/// Records an error for each key that any mapping in here has twice.
pub(crate) fn all_repeated_keys(node: &Node, reader: &mut Reader<'_>) {
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| all_repeated_keys(item, reader)),
        Value::Map(entries) => {
            repeated_keys(entries, reader);
            for entry in entries {
                all_repeated_keys(&entry.node, reader);
            }
        }
        _ => {}
    }
}

impl JsonSchema for JsonDocument {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "JsonDocument".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "object"})
    }
}
