//! The engines' own endpoint settings: which structure of the DMS API an engine takes, and which
//! fields that structure has.
//!
//! The tables in `generated.rs` are written by `cargo xtask endpoint-settings` from the API model that
//! AWS publishes; nothing in them is written by hand. Fields keep the API's own names. What they are for, and
//! their defaults and limits, is in `notes.rs`.

mod attributes;
mod generated;
mod notes;

pub use attributes::of_attribute;
pub use notes::Note;

/// One of the API's settings structures, for example `MySQLSettings`.
#[derive(Debug)]
pub struct Structure {
    /// Its name as a member of CreateEndpoint and of Endpoint, for example `MySQLSettings`.
    pub member: &'static str,
    /// Its fields, in order of name.
    pub fields: &'static [Field],
}

/// One field of a settings structure.
#[derive(Debug)]
pub struct Field {
    /// The API's name, for example `ServerTimezone`.
    pub name: &'static str,
    /// What it holds.
    pub ty: FieldType,
    /// Whether the API refuses the structure without it.
    pub required: bool,
    /// Whether it holds a secret. AWS never returns it.
    pub secret: bool,
}

/// What a field of a settings structure holds. The API model gives no ranges and no lengths; those that are
/// documented are in its [`Note`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// Text.
    String,
    /// A whole number of 32 bits.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// One of these words.
    Enum(&'static [&'static str]),
    /// A list of these.
    List(&'static FieldType),
}

impl Structure {
    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// AWS's page about this structure.
    pub fn reference(&self) -> String {
        format!("https://docs.aws.amazon.com/dms/latest/APIReference/API_{}.html", self.member)
    }
}

/// All settings structures, in order of name.
pub fn structures() -> &'static [Structure] {
    generated::STRUCTURES
}

/// The settings structure of this member name, for example `MySQLSettings`.
pub fn structure(member: &str) -> Option<&'static Structure> {
    structures().iter().find(|structure| structure.member == member)
}

/// The engines that DMS knows, each with the member of CreateEndpoint that takes its settings (DMS API
/// reference, `CreateEndpoint`, `EngineName`; DMS User Guide, the chapters on sources and targets).
pub const ENGINES: &[(&str, &str)] = &[
    ("aurora", "MySQLSettings"),
    ("aurora-postgresql", "PostgreSQLSettings"),
    ("aurora-postgresql-serverless", "PostgreSQLSettings"),
    ("aurora-serverless", "MySQLSettings"),
    ("azure-sql-managed-instance", "MicrosoftSQLServerSettings"),
    ("azuredb", "MicrosoftSQLServerSettings"),
    ("babelfish", "MicrosoftSQLServerSettings"),
    ("db2", "IBMDb2Settings"),
    ("db2-zos", "IBMDb2Settings"),
    ("dms-transfer", "DmsTransferSettings"),
    ("docdb", "DocDbSettings"),
    ("dynamodb", "DynamoDbSettings"),
    ("elasticsearch", "ElasticsearchSettings"),
    ("gcp-mysql", "GcpMySQLSettings"),
    ("kafka", "KafkaSettings"),
    ("kinesis", "KinesisSettings"),
    ("mariadb", "MySQLSettings"),
    ("mongodb", "MongoDbSettings"),
    ("mysql", "MySQLSettings"),
    ("neptune", "NeptuneSettings"),
    ("opensearch", "ElasticsearchSettings"),
    ("oracle", "OracleSettings"),
    ("postgres", "PostgreSQLSettings"),
    ("redis", "RedisSettings"),
    ("redshift", "RedshiftSettings"),
    ("redshift-serverless", "RedshiftSettings"),
    ("s3", "S3Settings"),
    ("sqlserver", "MicrosoftSQLServerSettings"),
    ("sybase", "SybaseSettings"),
    ("timestream", "TimestreamSettings"),
];

/// The member of CreateEndpoint that takes an engine's settings, for example `MySQLSettings` for
/// `mariadb`; `None` for an engine that DMS does not know.
pub fn member_of(engine: &str) -> Option<&'static str> {
    ENGINES.iter().find(|(name, _)| *name == engine).map(|(_, member)| *member)
}

/// Writes the table of structures out of their short form in `generated.rs`.
macro_rules! tables {
    ($($member:ident { $($name:ident: $([$($mark:ident),*])? $ty:ident $(($($argument:tt)*))?;)* })*) => {
        pub(super) static STRUCTURES: &[$crate::settings::Structure] = &[$($crate::settings::Structure {
            member: stringify!($member),
            fields: &[$($crate::settings::Field {
                name: stringify!($name),
                ty: $crate::settings::FieldType::$ty $((&$($argument)*))?,
                required: $crate::settings::marked(&[$($(stringify!($mark)),*)?], "required"),
                secret: $crate::settings::marked(&[$($(stringify!($mark)),*)?], "secret"),
            }),*],
        }),*];
    };
}
use tables;

/// Whether `marks` has `mark`; in constants, strings cannot be compared by `==`.
const fn marked(marks: &[&str], mark: &str) -> bool {
    let mut at = 0;
    while at < marks.len() {
        if same(marks[at].as_bytes(), mark.as_bytes()) {
            return true;
        }
        at += 1;
    }
    false
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_engine_has_a_structure_and_every_structure_an_engine() {
        for (engine, member) in ENGINES {
            assert!(structure(member).is_some(), "{engine}");
            assert_eq!(member_of(engine), Some(*member));
        }
        for structure in structures() {
            assert!(ENGINES.iter().any(|(_, member)| *member == structure.member), "{}", structure.member);
        }
        assert_eq!(member_of("MySQL"), None);
    }

    #[test]
    fn the_tables_have_what_the_api_model_has() {
        // Counted in the API model of 2016-01-01: 19 structures, 301 fields, 32 of them enumerations.
        let fields = || structures().iter().flat_map(|structure| structure.fields);
        assert_eq!(structures().len(), 19);
        assert_eq!(fields().count(), 301);
        assert_eq!(fields().filter(|field| matches!(field.ty, FieldType::Enum(_))).count(), 32);
    }

    #[test]
    fn secrets_are_the_fields_that_hold_passwords_and_keys() {
        for structure in structures() {
            for field in structure.fields {
                let holds_secret = field.name.ends_with("Password") || field.name == "SecurityDbEncryption";
                assert_eq!(field.secret, holds_secret, "{}.{}", structure.member, field.name);
            }
        }
    }

    #[test]
    fn fields_say_what_they_hold() {
        let mysql = structure("MySQLSettings").unwrap();
        assert_eq!(
            mysql.field("TargetDbType").unwrap().ty,
            FieldType::Enum(&["specific-database", "multiple-databases"])
        );
        let redis = structure("RedisSettings").unwrap();
        assert!(redis.field("Port").unwrap().required);
        assert!(!redis.field("AuthType").unwrap().required);
        assert_eq!(
            structure("OracleSettings").unwrap().field("ExtraArchivedLogDestIds").unwrap().ty,
            FieldType::List(&FieldType::Integer)
        );
    }
}
