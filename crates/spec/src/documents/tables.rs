//! The language of table mappings: which tables a pipeline moves, and what becomes of them.
//!
//! The facts are those of the DMS User Guide, "Using table mapping to specify task settings", "Using source
//! filters", "Custom validation" and the sections on Kinesis, Kafka, DynamoDB and S3 targets.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::scalars::{Line, Whole};
use super::transform::TransformSpec;
use super::{ObjectMappingSpec, Tags};
use crate::mappings::{Glob, Pattern, from_dms, is_wild};
use crate::read::{Checks, Located, Read, Reader, choice, exactly_one, record};
use crate::tree::{Node, Value};

record! {
    /// The tables that are moved, and what becomes of them. In patterns, `*` stands for any characters, and
    /// so does `%`; `_` stands for any one character, `[ab]` and `[a-d]` for one of these, and `[_]` for an
    /// underscore, as in DMS. For engines without schemas, such as MySQL, the schema is the database.
    #[schemars(extend("anyOf" = [{"required": ["include"]}, {"required": ["explicit"]}]))]
    pub(crate) struct TablesSpec {
        /// The tables to move, for example `shop.*`. Needed unless there is `explicit`.
        #[schemars(length(min = 1))]
        include: Option<Located<Vec<Located<SelectionSpec>>>>,
        /// Single tables to move, by their exact names.
        explicit: Option<Vec<Located<SelectionSpec>>>,
        /// Tables to leave out of those.
        exclude: Option<Vec<Located<SelectionSpec>>>,
        /// Schemas, tables and columns that get another name in the target.
        rename: Option<Vec<Located<RenameSpec>>>,
        /// What else is changed on the way to the target, one change an entry.
        transform: Option<Vec<Located<TransformSpec>>>,
        /// How single tables are loaded.
        settings: Option<Vec<Located<TableSettingsSpec>>>,
        /// How rows become records of a Kinesis stream, a Kafka topic or a DynamoDB table.
        object_mapping: Option<Vec<Located<ObjectMappingSpec>>>,
        /// How single columns are compared where data is validated.
        validation: Option<Vec<Located<ValidationSpec>>>,
        /// Tags of the objects that an S3 target writes.
        object_tags: Option<Vec<Located<ObjectTagsSpec>>>,
    }
}

impl Checks for TablesSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        if node.get("include").is_none() && node.get("explicit").is_none() {
            reader.error_with_hint(
                node.at,
                "the field `include` is missing here",
                "name the tables to move, for example shop.*",
            );
        }
    }

    fn check(&self, _: &Node, reader: &mut Reader<'_>) {
        if let Some(include) = &self.include
            && include.is_empty()
        {
            reader.error_with_hint(
                include.at,
                "no table is included",
                "name at least one, for example shop.*",
            );
        }
        self.check_selections(reader);
        let mut first = std::collections::BTreeMap::new();
        for rename in self.rename.iter().flatten() {
            let key = (&rename.schema, &rename.table, &rename.column);
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

impl TablesSpec {
    /// The selections by action, in the words of DMS.
    pub(crate) fn selections(&self) -> impl Iterator<Item = (&'static str, &Located<SelectionSpec>)> {
        let include = self.include.iter().flat_map(|include| include.iter()).map(|table| ("include", table));
        let explicit = self.explicit.iter().flatten().map(|table| ("explicit", table));
        let exclude = self.exclude.iter().flatten().map(|table| ("exclude", table));
        include.chain(explicit).chain(exclude)
    }

    fn check_selections(&self, reader: &mut Reader<'_>) {
        let mut first = std::collections::BTreeMap::new();
        for (action, selection) in self.selections() {
            // The same table with other filters, or as a view, is another selection.
            let key = (&selection.pattern, selection.has_more().then_some(selection.at));
            if let Some(at) = first.insert(key, selection.at) {
                let place = reader.sources.place(selection.at);
                let earlier = reader.sources.place(at);
                let Pattern { schema, table } = &selection.pattern;
                let message = format!("`{}.{}` is named twice", from_dms(schema), from_dms(table));
                reader.found.push(crate::Diagnostic::new(place, message).also(earlier, "first here"));
            }
            let wild = is_wild(&selection.pattern.schema) || is_wild(&selection.pattern.table);
            if action == "explicit" && wild {
                reader.error_with_hint(
                    selection.at,
                    "a table that is named explicitly cannot have a wildcard for any characters",
                    "put it under `include`",
                );
            }
            if action == "exclude" && (!selection.filters.is_empty() || selection.load_order.is_some()) {
                reader.error_with_hint(
                    selection.at,
                    "what is left out has neither filters nor a load order",
                    "remove them, or put the table under `include`",
                );
            }
        }
    }
}

/// Tables, as a pattern or with more about them.
#[derive(Debug, Clone)]
pub(crate) struct SelectionSpec {
    pub(crate) pattern: Pattern,
    pub(crate) table_type: Option<TableType>,
    pub(crate) load_order: Option<i32>,
    pub(crate) filters: Vec<Located<FilterSpec>>,
}

impl SelectionSpec {
    /// Whether it says more than the pattern.
    pub(crate) fn has_more(&self) -> bool {
        let Self { pattern: _, table_type, load_order, filters } = self;
        table_type.is_some() || load_order.is_some() || !filters.is_empty()
    }
}

impl Read for SelectionSpec {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if !matches!(node.value, Value::Map(_)) {
            let pattern = Pattern::read(node, reader)?;
            return Some(Self { pattern, table_type: None, load_order: None, filters: Vec::new() });
        }
        let TableSelection { schema, table, table_type, load_order, filters } =
            TableSelection::read(node, reader)?;
        Some(Self {
            pattern: Pattern { schema: schema.0, table: table.0 },
            table_type,
            load_order: load_order.map(|order| order.0),
            filters: filters.unwrap_or_default(),
        })
    }
}

impl JsonSchema for SelectionSpec {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "SelectionSpec".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let pattern = Pattern::json_schema(generator);
        let table = generator.subschema_for::<TableSelection>();
        json_schema!({"anyOf": [pattern, table]})
    }
}

record! {
    /// Tables, with more about them than a pattern says.
    pub(crate) struct TableSelection {
        /// The schema in the source, or a pattern of schemas.
        schema: Glob,
        /// The table in the source, or a pattern of tables.
        table: Glob,
        /// Whether tables, views or both are meant: `table` unless given. Views are moved by full loads only.
        table_type: Option<TableType>,
        /// Tables with a higher number are loaded first.
        load_order: Option<Whole<0, 2_147_483_647>>,
        /// Which rows are moved: those that every filter takes. For tables with exact names only.
        filters: Option<Vec<Located<FilterSpec>>>,
    }
}

impl Checks for TableSelection {}

choice! {
    /// What a selection means.
    pub(crate) enum TableType {
        /// Tables.
        Table = "table",
        /// Views.
        View = "view",
        /// Both.
        All = "all",
    }
}

record! {
    /// Which rows are moved, by one column's value.
    pub(crate) struct FilterSpec {
        /// The column; its name is case-sensitive.
        column: Line,
        /// The conditions; a row is moved if any of them holds.
        #[schemars(length(min = 1))]
        any: Located<Vec<ConditionSpec>>,
    }
}

impl Checks for FilterSpec {
    fn check(&self, _: &Node, reader: &mut Reader<'_>) {
        if self.any.is_empty() {
            reader.error_with_hint(
                self.any.at,
                "a filter without conditions",
                "write at least one, for example {gte: 10}",
            );
        }
    }
}

const CONDITIONS: [&str; 7] = ["eq", "noteq", "lte", "gte", "between", "notbetween", "isNull"];

record! {
    /// A condition on a column's value: exactly one of these.
    #[schemars(extend("oneOf" = [
        {"required": ["eq"]}, {"required": ["noteq"]}, {"required": ["lte"]}, {"required": ["gte"]},
        {"required": ["between"]}, {"required": ["notbetween"]}, {"required": ["isNull"]},
    ]))]
    pub(crate) struct ConditionSpec {
        /// It equals this.
        eq: Option<Scalar>,
        /// It does not equal this.
        noteq: Option<Scalar>,
        /// It is this or less.
        lte: Option<Scalar>,
        /// It is this or more.
        gte: Option<Scalar>,
        /// It is one of two values or between them.
        #[schemars(length(equal = 2))]
        between: Option<Located<Vec<Scalar>>>,
        /// It is neither of two values nor between them.
        #[schemars(length(equal = 2))]
        notbetween: Option<Located<Vec<Scalar>>>,
        /// True: it is null or empty. False: it is not.
        is_null: Option<bool>,
    }
}

impl Checks for ConditionSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        exactly_one(node, &CONDITIONS, reader);
    }

    fn check(&self, _: &Node, reader: &mut Reader<'_>) {
        for pair in [&self.between, &self.notbetween].into_iter().flatten() {
            if pair.len() != 2 {
                let message = format!("expected two values, found {}", pair.len());
                reader.error_with_hint(pair.at, message, "write the lower and the upper bound: [10, 20]");
            }
        }
    }
}

/// A text, a number or a boolean, as the text that DMS takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scalar(pub(crate) String);

impl Read for Scalar {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Number(number) => Some(Self(number.to_string())),
            Value::Bool(value) => Some(Self(value.to_string())),
            _ => String::read(node, reader).map(Self),
        }
    }
}

impl JsonSchema for Scalar {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Scalar".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "number", "boolean"]})
    }
}

record! {
    /// Another name for a schema or, with `table`, for a table or, with `column`, for a column.
    pub(crate) struct RenameSpec {
        /// The schema in the source.
        schema: Glob,
        /// The table in the source; without it, the schema itself is renamed.
        table: Option<Glob>,
        /// The column in the source; without it, the table or schema is renamed.
        column: Option<Glob>,
        /// The name in the target.
        to: Located<Line>,
    }
}

impl Checks for RenameSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        needs(node, "column", "table", reader);
    }

    fn check(&self, _: &Node, reader: &mut Reader<'_>) {
        if self.to.0.contains(['*', '%']) {
            reader.error(self.to.at, "the new name cannot have a wildcard");
        }
    }
}

/// Records an error if there is a field and not another that it needs.
pub(super) fn needs(node: &Node, field: &str, needed: &str, reader: &mut Reader<'_>) {
    if let Some(at) = node.key_at(field)
        && node.get(needed).is_none()
    {
        let hint = format!("name the {needed} as well, or * for every one");
        reader.error_with_hint(at, format!("`{field}` needs `{needed}` beside it"), hint);
    }
}

record! {
    /// How one table is loaded.
    pub(crate) struct TableSettingsSpec {
        /// The schema, by its exact name.
        schema: Located<Line>,
        /// The table or view, by its exact name.
        table: Located<Line>,
        /// How its rows are read and written in parallel.
        parallel_load: Option<ParallelLoadSpec>,
        /// How its large objects (LOBs) are moved.
        lob_settings: Option<LobSettingsSpec>,
    }
}

impl Checks for TableSettingsSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        if node.get("parallelLoad").is_none() && node.get("lobSettings").is_none() {
            let hint = "give it `parallelLoad` or `lobSettings`";
            reader.error_with_hint(node.at, "these settings say nothing", hint);
        }
    }

    fn check(&self, _: &Node, reader: &mut Reader<'_>) {
        for name in [&self.schema, &self.table] {
            if name.0.contains(['*', '%']) {
                reader.error_with_hint(
                    name.at,
                    "table settings are for one table: DMS refuses wildcards here",
                    "write one entry for each table",
                );
            }
        }
    }
}

record! {
    /// How the rows of a table are loaded in parallel.
    pub(crate) struct ParallelLoadSpec {
        /// How the table is cut into segments.
        r#type: ParallelLoadType,
        /// With `partitions-list`: the names of partitions.
        partitions: Option<Vec<Line>>,
        /// With `partitions-list`, for Oracle: the names of subpartitions.
        subpartitions: Option<Vec<Line>>,
        /// With `ranges`: at most ten columns whose values bound the segments.
        #[schemars(length(min = 1, max = 10))]
        columns: Option<Located<Vec<Line>>>,
        /// With `ranges`: the upper bound of each segment but the last, a value for each column.
        boundaries: Option<Vec<Located<Vec<Scalar>>>>,
        /// With `partitions-auto`, for MongoDB and DocumentDB: how many segments. DMS: 16.
        number_of_partitions: Option<Whole<1, 1_000_000>>,
        /// With `partitions-auto`, for MongoDB and DocumentDB: whether the number of documents is taken from
        /// the collection's metadata, rather than counted. DMS: true.
        collection_count_from_metadata: Option<bool>,
        /// With `partitions-auto`, for MongoDB and DocumentDB: how many documents are skipped at once to find
        /// the bounds. DMS: 10000.
        max_records_skip_per_page: Option<Whole<1, 2_147_483_647>>,
        /// With `partitions-auto`, for MongoDB and DocumentDB: how many documents one batch holds. DMS: 0,
        /// which leaves it to the server.
        batch_size: Option<Whole<0, 2_147_483_647>>,
    }
}

choice! {
    /// How a table is cut into segments.
    pub(crate) enum ParallelLoadType {
        /// By all of its partitions.
        PartitionsAuto = "partitions-auto",
        /// By all of its subpartitions (Oracle).
        SubpartitionsAuto = "subpartitions-auto",
        /// By the partitions that are listed.
        PartitionsList = "partitions-list",
        /// By ranges of column values.
        Ranges = "ranges",
        /// Not at all.
        None = "none",
    }
}

impl Checks for ParallelLoadSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        let kind = node.get("type").and_then(Node::as_str).unwrap_or_default().to_owned();
        let fields = [
            ("partitions", "partitions-list"),
            ("subpartitions", "partitions-list"),
            ("columns", "ranges"),
            ("boundaries", "ranges"),
            ("numberOfPartitions", "partitions-auto"),
            ("collectionCountFromMetadata", "partitions-auto"),
            ("maxRecordsSkipPerPage", "partitions-auto"),
            ("batchSize", "partitions-auto"),
        ];
        for (field, of) in fields {
            if let Some(at) = node.key_at(field)
                && kind != of
            {
                let hint = format!("remove it, or set `type: {of}`");
                reader.error_with_hint(at, format!("`{field}` is for `type: {of}`"), hint);
            }
        }
        let lacks = |names: &[&str]| names.iter().all(|name| node.get(name).is_none());
        if kind == "ranges" && (lacks(&["columns"]) || lacks(&["boundaries"])) {
            reader.error(node.at, "`type: ranges` needs `columns` and `boundaries`");
        }
        if kind == "partitions-list" && lacks(&["partitions", "subpartitions"]) {
            reader.error(node.at, "`type: partitions-list` needs `partitions` or `subpartitions`");
        }
    }

    fn check(&self, _: &Node, reader: &mut Reader<'_>) {
        let Some(columns) = &self.columns else { return };
        if columns.is_empty() || columns.len() > 10 {
            let message = format!("expected one to ten columns, found {}", columns.len());
            reader.error(columns.at, message);
        }
        for boundary in self.boundaries.iter().flatten() {
            if boundary.len() != columns.len() {
                let message = format!(
                    "expected a value for each of {} columns, found {}",
                    columns.len(),
                    boundary.len()
                );
                reader.error_with_hint(boundary.at, message, "give as many values as `columns` has names");
            }
        }
    }
}

record! {
    /// How the large objects of a table are moved.
    pub(crate) struct LobSettingsSpec {
        /// `limited` unless given.
        mode: Option<LobMode>,
        /// The largest object that is moved inline, in KB. Not zero in `limited` mode, which cuts off what is
        /// larger.
        bulk_max_size: Option<Located<Whole<0, 2_147_483_647>>>,
    }
}

impl Checks for LobSettingsSpec {
    fn check(&self, _: &Node, reader: &mut Reader<'_>) {
        if let (None | Some(LobMode::Limited), Some(size)) = (self.mode, &self.bulk_max_size)
            && size.0 == 0
        {
            let hint = "give the size of the largest object in KB, or set `mode: unlimited`";
            reader.error_with_hint(size.at, "limited LOB mode needs a `bulkMaxSize` above zero", hint);
        }
    }
}

choice! {
    /// How large objects are moved.
    pub(crate) enum LobMode {
        /// Inline, cut off at the largest size.
        Limited = "limited",
        /// Whole, whatever their size.
        Unlimited = "unlimited",
        /// As the task settings say.
        None = "none",
    }
}

record! {
    /// How a column is compared where data is validated.
    pub(crate) struct ValidationSpec {
        /// The schema in the source, or a pattern of schemas.
        schema: Glob,
        /// The table in the source, or a pattern of tables.
        table: Glob,
        /// The column in the source, or a pattern of columns.
        column: Glob,
        /// Only columns of this data type.
        column_type: Option<Line>,
        /// The SQL expression that is read from the source; `${column-name}` is the column.
        source_function: Option<Line>,
        /// The SQL expression that is read from the target.
        target_function: Option<Line>,
    }
}

impl Checks for ValidationSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        if node.get("sourceFunction").is_none() && node.get("targetFunction").is_none() {
            let hint = "give it `sourceFunction`, `targetFunction` or both";
            reader.error_with_hint(node.at, "this validation compares as DMS does without it", hint);
        }
    }
}

record! {
    /// Tags of the objects that an S3 target writes.
    pub(crate) struct ObjectTagsSpec {
        /// The schema in the source, or a pattern of schemas.
        schema: Glob,
        /// The table in the source, or a pattern of tables.
        table: Glob,
        /// The tags, by key.
        tags: Tags,
    }
}

impl Checks for ObjectTagsSpec {}
