//! What a pipeline moves, and how.

use std::borrow::Cow;

use pipewright_model::kinds::MigrationType;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::scalars::{Line, Rfc3339, StopPosition};
use crate::mappings::Pattern;
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
        /// The tables, by patterns.
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
        /// DMS: no unless given. They are sent as they are written.
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
    /// The tables that are moved, by patterns `schema.table`. `*` stands for any characters, and so does
    /// `%`; `_` stands for any one character and `[_]` for itself, as in DMS. For engines without schemas,
    /// such as MySQL, the schema is the database.
    pub(crate) struct TablesSpec {
        /// The tables to move, for example `shop.*`.
        #[schemars(length(min = 1))]
        include: Located<Vec<Located<Pattern>>>,
        /// Tables to leave out of those.
        exclude: Option<Vec<Located<Pattern>>>,
        /// Schemas and tables that get another name in the target.
        rename: Option<Vec<Located<RenameSpec>>>,
    }
}

impl Checks for TablesSpec {
    fn check(&self, _: &Node, reader: &mut Reader<'_>) {
        if self.include.is_empty() {
            reader.error_with_hint(
                self.include.at,
                "no table is included",
                "name at least one, for example shop.*",
            );
        }
        let patterns = self.include.iter().chain(self.exclude.iter().flatten());
        let mut first = std::collections::BTreeMap::new();
        for pattern in patterns {
            let key = (&pattern.schema, &pattern.table);
            if let Some(at) = first.insert(key, pattern.at) {
                let place = reader.sources.place(pattern.at);
                let earlier = reader.sources.place(at);
                let message = format!("`{}` is named twice", reader.sources.written(pattern.at));
                reader.found.push(crate::Diagnostic::new(place, message).also(earlier, "first here"));
            }
        }
        let mut first = std::collections::BTreeMap::new();
        for rename in self.rename.iter().flatten() {
            let key = (&rename.schema, &rename.table);
            if let Some(at) = first.insert(key, rename.at) {
                let place = reader.sources.place(rename.at);
                let earlier = reader.sources.place(at);
                reader.found.push(
                    crate::Diagnostic::new(place, "the same is renamed twice").also(earlier, "first here"),
                );
            }
        }
    }
}

record! {
    /// Another name for a schema or, with `table`, for a table.
    pub(crate) struct RenameSpec {
        /// The schema in the source.
        schema: Line,
        /// The table in the source; without it, the schema itself is renamed.
        table: Option<Line>,
        /// The name in the target.
        to: Located<Line>,
    }
}

impl Checks for RenameSpec {
    fn check(&self, _: &Node, reader: &mut Reader<'_>) {
        if self.to.0.contains(['*', '%']) {
            reader.error(self.to.at, "the new name cannot have a wildcard");
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
