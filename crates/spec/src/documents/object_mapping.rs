//! How rows become records of streams, topics and tables of other kinds: the object-mapping rules of DMS.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::migration::all_repeated_keys;
use super::scalars::Line;
use crate::mappings::Glob;
use crate::read::{Checks, Located, Read, Reader, choice, record};
use crate::tree::{Node, Value};

record! {
    /// How the rows of tables become records of a Kinesis stream, a Kafka topic or a DynamoDB table.
    pub(crate) struct ObjectMappingSpec {
        /// The schema in the source, or a pattern of schemas.
        schema: Glob,
        /// The table in the source, or a pattern of tables.
        table: Glob,
        /// What becomes of columns that are not excluded: `map-record-to-record` unless given.
        action: Option<ObjectMappingAction>,
        /// The table or record type in the target. DynamoDB needs it.
        target_table_name: Option<Line>,
        /// The Kafka topic, if not that of the endpoint's settings.
        kafka_target_topic: Option<Line>,
        /// What the partition key is made of (Kinesis, Kafka).
        partition_key_type: Option<PartitionKeyType>,
        /// The attribute that is the partition key.
        partition_key_name: Option<Line>,
        /// A constant partition key (Kinesis, Kafka).
        partition_key_value: Option<Located<Line>>,
        /// The attribute that is the sort key (DynamoDB).
        sort_key_name: Option<Line>,
        /// Columns that get no attribute of their own.
        exclude_columns: Option<Vec<Line>>,
        /// The attributes that are made of columns.
        attribute_mappings: Option<Vec<Located<AttributeSpec>>>,
    }
}

impl Checks for ObjectMappingSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        if let (Some(at), Some(_)) = (node.key_at("partitionKeyValue"), node.get("partitionKeyName")) {
            let hint = "keep one of the two";
            reader.error_with_hint(at, "`partitionKeyValue` cannot stand beside `partitionKeyName`", hint);
        }
    }
}

choice! {
    /// What becomes of columns.
    pub(crate) enum ObjectMappingAction {
        /// Each becomes an attribute of its own.
        MapRecordToRecord = "map-record-to-record",
        /// All become attributes of one document, `_doc`.
        MapRecordToDocument = "map-record-to-document",
    }
}

choice! {
    /// What a partition key is made of.
    pub(crate) enum PartitionKeyType {
        /// The primary key of the row.
        PrimaryKey = "primary-key",
        /// The names of schema and table.
        SchemaTable = "schema-table",
        /// The transaction.
        TransactionId = "transaction-id",
        /// The attribute that `partitionKeyName` names.
        AttributeName = "attribute-name",
    }
}

record! {
    /// One attribute of the records in the target.
    pub(crate) struct AttributeSpec {
        /// Its name.
        target_attribute_name: Line,
        /// Whether it is a single value or a document.
        attribute_type: Option<AttributeType>,
        /// The type of the value: `string`, `number`, `json`, `dynamodb-map` and so on.
        attribute_sub_type: Option<Line>,
        /// What it holds: a text or a document, in which `${NAME}` is the column NAME.
        value: Template,
    }
}

impl Checks for AttributeSpec {}

choice! {
    /// Whether an attribute is a single value or a document.
    pub(crate) enum AttributeType {
        /// A single value.
        Scalar = "scalar",
        /// A document.
        Document = "document",
    }
}

/// A text or a document with columns in it, as it is written.
#[derive(Debug, Clone)]
pub(crate) struct Template(pub(crate) Node);

impl Read for Template {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if !matches!(node.value, Value::String(_) | Value::Map(_)) {
            reader.wrong_type(node, "a text or a mapping");
            return None;
        }
        all_repeated_keys(node, reader);
        Some(Self(node.clone()))
    }
}

impl JsonSchema for Template {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Template".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "object"]})
    }
}
