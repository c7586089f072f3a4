//! What is changed on the way to the target: the transformation rules of DMS.

use super::scalars::{Line, Whole};
use super::tables::needs;
use crate::mappings::{Glob, is_wild};
use crate::read::{Checks, Located, Reader, choice, exactly_one, record};
use crate::tree::Node;

/// The fields of a transformation that say what is done.
const ACTIONS: [&str; 15] = [
    "rename",
    "convert",
    "addPrefix",
    "removePrefix",
    "replacePrefix",
    "addSuffix",
    "removeSuffix",
    "replaceSuffix",
    "removeColumn",
    "includeColumn",
    "addColumn",
    "changeDataType",
    "definePrimaryKey",
    "addBeforeImageColumns",
    "mask",
];

record! {
    /// One change. What is changed is the deepest that is named: the column, the tablespace, the table or
    /// the schema. Exactly one of the other fields says how.
    pub(crate) struct TransformSpec {
        /// The schema in the source, or a pattern of schemas.
        schema: Glob,
        /// The table in the source, or a pattern of tables.
        table: Option<Glob>,
        /// The column in the source, or a pattern of columns.
        column: Option<Glob>,
        /// Only columns of this data type.
        column_type: Option<Line>,
        /// The tablespace of the table (Oracle).
        table_tablespace: Option<Glob>,
        /// The tablespace of the table's indexes (Oracle).
        index_tablespace: Option<Glob>,
        /// It gets this name.
        rename: Option<Located<Line>>,
        /// Its name is put in lower or upper case.
        convert: Option<LetterCase>,
        /// This is put before its name.
        add_prefix: Option<Line>,
        /// This is taken away from the beginning of its name.
        remove_prefix: Option<Line>,
        /// The beginning of its name is replaced.
        replace_prefix: Option<ReplaceSpec>,
        /// This is put after its name.
        add_suffix: Option<Line>,
        /// This is taken away from the end of its name.
        remove_suffix: Option<Line>,
        /// The end of its name is replaced.
        replace_suffix: Option<ReplaceSpec>,
        /// True: the column is not moved.
        remove_column: Option<True>,
        /// True: of the table, only the columns that are included like this are moved.
        include_column: Option<True>,
        /// The table gets one more column.
        add_column: Option<AddColumnSpec>,
        /// The column gets another data type.
        change_data_type: Option<DataTypeSpec>,
        /// The table gets a primary key or a unique index.
        define_primary_key: Option<PrimaryKeySpec>,
        /// The table gets columns with the values before each change.
        add_before_image_columns: Option<BeforeImageSpec>,
        /// What the column holds is hidden (DMS 3.5.4 and newer).
        mask: Option<MaskSpec>,
    }
}

impl Checks for TransformSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        exactly_one(node, &ACTIONS, reader);
        for field in ["column", "tableTablespace", "indexTablespace"] {
            needs(node, field, "table", reader);
        }
        needs(node, "columnType", "column", reader);
        let deepest: Vec<&str> = ["column", "tableTablespace", "indexTablespace"]
            .into_iter()
            .filter(|field| node.get(field).is_some())
            .collect();
        if deepest.len() > 1 {
            exactly_one(node, &["column", "tableTablespace", "indexTablespace"], reader);
        }
        let of_columns = ["removeColumn", "includeColumn", "changeDataType", "mask"];
        let of_tables = ["addColumn", "definePrimaryKey", "addBeforeImageColumns"];
        for action in of_columns {
            if let Some(at) = node.key_at(action)
                && node.get("column").is_none()
            {
                let hint = "name the `column`, or a pattern of columns";
                reader.error_with_hint(at, format!("`{action}` is for columns"), hint);
            }
        }
        for action in of_tables {
            let Some(at) = node.key_at(action) else { continue };
            if node.get("table").is_none() || !deepest.is_empty() {
                let hint = "name `schema` and `table`, and nothing deeper";
                reader.error_with_hint(at, format!("`{action}` is for tables"), hint);
            }
        }
    }

    fn check(&self, _: &Node, reader: &mut Reader<'_>) {
        if let Some(name) = &self.rename
            && name.0.contains(['*', '%'])
        {
            reader.error(name.at, "the new name cannot have a wildcard");
        }
    }
}

/// A field that is only ever written `true`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct True;

impl crate::read::Read for True {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if bool::read(node, reader)? {
            return Some(Self);
        }
        reader.error_with_hint(node.at, "false says nothing here", "write true, or remove the entry");
        None
    }
}

impl schemars::JsonSchema for True {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "True".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "boolean", "const": true})
    }
}

choice! {
    /// The case of letters.
    pub(crate) enum LetterCase {
        /// a, b, c.
        Lowercase = "lowercase",
        /// A, B, C.
        Uppercase = "uppercase",
    }
}

record! {
    /// A part of a name, and what stands for it in the target.
    pub(crate) struct ReplaceSpec {
        /// What the name has in the source.
        from: Line,
        /// What it has in the target.
        to: Line,
    }
}

impl Checks for ReplaceSpec {}

record! {
    /// A column that the target has and the source has not.
    pub(crate) struct AddColumnSpec {
        /// Its name.
        name: Line,
        /// Its data type.
        data_type: DataTypeSpec,
        /// What it holds, in SQLite's syntax; `$NAME` is the column NAME of the source.
        expression: Option<Line>,
    }
}

impl Checks for AddColumnSpec {}

record! {
    /// A data type of DMS.
    pub(crate) struct DataTypeSpec {
        /// Which.
        r#type: DataTypeWord,
        /// The length of texts and bytes.
        length: Option<Whole<0, 2_147_483_647>>,
        /// The digits of numbers, or of a time's fraction.
        precision: Option<Whole<0, 2_147_483_647>>,
        /// The digits after the point.
        scale: Option<Whole<0, 2_147_483_647>>,
    }
}

impl Checks for DataTypeSpec {}

choice! {
    /// The data types of DMS (User Guide, "Data types for AWS Database Migration Service").
    pub(crate) enum DataTypeWord {
        /// Text of bytes.
        String = "string",
        /// Text of two-byte characters.
        Wstring = "wstring",
        /// Binary data.
        Bytes = "bytes",
        /// True or false.
        Boolean = "boolean",
        /// A day.
        Date = "date",
        /// A time of day.
        Time = "time",
        /// A day and a time.
        Datetime = "datetime",
        /// A signed number of one byte.
        Int1 = "int1",
        /// A signed number of two bytes.
        Int2 = "int2",
        /// A signed number of four bytes.
        Int4 = "int4",
        /// A signed number of eight bytes.
        Int8 = "int8",
        /// A number with a fixed precision and scale.
        Numeric = "numeric",
        /// A floating-point number of four bytes.
        Real4 = "real4",
        /// A floating-point number of eight bytes.
        Real8 = "real8",
        /// A number from zero on, of one byte.
        Uint1 = "uint1",
        /// A number from zero on, of two bytes.
        Uint2 = "uint2",
        /// A number from zero on, of four bytes.
        Uint4 = "uint4",
        /// A number from zero on, of eight bytes.
        Uint8 = "uint8",
        /// Large binary data.
        Blob = "blob",
        /// Large text.
        Clob = "clob",
        /// Large text of two-byte characters.
        Nclob = "nclob",
    }
}

record! {
    /// A primary key or unique index of the target.
    pub(crate) struct PrimaryKeySpec {
        /// Its name.
        name: Line,
        /// `primary-key` unless given.
        origin: Option<KeyOrigin>,
        /// The columns, in order.
        #[schemars(length(min = 1))]
        columns: Located<Vec<Line>>,
    }
}

impl Checks for PrimaryKeySpec {
    fn check(&self, _: &Node, reader: &mut Reader<'_>) {
        if self.columns.is_empty() {
            reader.error(self.columns.at, "a key needs at least one column");
        }
        for column in self.columns.iter().filter(|column| is_wild(&column.0)) {
            let hint = "name each column of the key";
            reader.error_with_hint(self.columns.at, format!("`{}` is no name of a column", column.0), hint);
        }
    }
}

choice! {
    /// What a key is made as.
    pub(crate) enum KeyOrigin {
        /// A primary key.
        PrimaryKey = "primary-key",
        /// A unique index.
        UniqueIndex = "unique-index",
    }
}

record! {
    /// Which columns get a second column with the value before each change, and its name.
    pub(crate) struct BeforeImageSpec {
        /// What their names begin with: `BI_` unless given. Not both this and `suffix` may be empty.
        prefix: Option<String>,
        /// What their names end with.
        suffix: Option<String>,
        /// Which columns: `pk-only` unless given.
        columns: Option<ColumnFilter>,
    }
}

impl Checks for BeforeImageSpec {
    fn check(&self, node: &Node, reader: &mut Reader<'_>) {
        let no_suffix = self.suffix.as_deref().unwrap_or_default().is_empty();
        if self.prefix.as_deref() == Some("") && no_suffix {
            let hint = "give it a `prefix` or a `suffix`";
            reader.error_with_hint(node.at, "the new columns would have the names of the old ones", hint);
        }
    }
}

choice! {
    /// Which columns have before images.
    pub(crate) enum ColumnFilter {
        /// Those of the primary key.
        PkOnly = "pk-only",
        /// Those that hold no large object.
        NonLob = "non-lob",
        /// All.
        All = "all",
    }
}

record! {
    /// How what a column holds is hidden.
    pub(crate) struct MaskSpec {
        /// How.
        r#type: MaskType,
        /// With `digits-mask`: the character that stands for each digit.
        character: Option<Located<Line>>,
    }
}

impl Checks for MaskSpec {
    fn check(&self, node: &Node, reader: &mut Reader<'_>) {
        match (self.r#type, &self.character) {
            (MaskType::DigitsMask, None) => {
                let hint = "for example `character: \"#\"`";
                reader.error_with_hint(node.at, "`digits-mask` needs a `character`", hint);
            }
            (MaskType::DigitsMask, Some(character)) => {
                let mut chars = character.0.chars();
                let single = matches!((chars.next(), chars.next()), (Some(c), None) if c.is_ascii_graphic());
                if !single {
                    let hint = "use one printable ASCII character, such as #";
                    reader.error_with_hint(character.at, "this is not one character that can be shown", hint);
                }
            }
            (_, Some(character)) => {
                reader.error_with_hint(character.at, "only `digits-mask` has a character", "remove it");
            }
            (_, None) => {}
        }
    }
}

choice! {
    /// How what a column holds is hidden.
    pub(crate) enum MaskType {
        /// Each digit is replaced by a character.
        DigitsMask = "digits-mask",
        /// Each digit is replaced by a random one.
        DigitsRandomize = "digits-randomize",
        /// The whole is replaced by a hash.
        HashMask = "hash-mask",
    }
}
