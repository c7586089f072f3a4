//! Random values of single fields.

use pipewright_model::settings::{Field, FieldType, Structure};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::desired::{ACCOUNT, REGION};

/// A value that DMS would take for a setting of this structure.
pub(super) fn setting(structure: &Structure, field: &Field) -> BoxedStrategy<Value> {
    if field.secret {
        return "[A-Z]{1,8}".prop_map(|name| json!({"env": name})).boxed();
    }
    match field.name {
        "StreamArn" => {
            word().prop_map(|name| json!(format!("arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/{name}"))).boxed()
        }
        "Broker" => word().prop_map(|name| json!(format!("{name}.example.com:9092"))).boxed(),
        "EndpointUri" => word().prop_map(|name| json!(format!("https://{name}.example.com"))).boxed(),
        "ServerName" => host(),
        "Port" => port(),
        name if name.ends_with("RoleArn") => role(),
        name if name.ends_with("Arn") => word()
            .prop_map(|name| json!(format!("arn:aws:acm:{REGION}:{ACCOUNT}:certificate/{name}")))
            .boxed(),
        name if name.ends_with("KmsKeyId") => key(),
        name if name.ends_with("BucketName") => {
            word().prop_map(|name| json!(format!("bucket-{name}"))).boxed()
        }
        name => match structure.note(name).and_then(|note| note.limits) {
            Some((least, most)) => (least..=most).prop_map(|number| json!(number)).boxed(),
            None => of_type(field.ty),
        },
    }
}

fn of_type(ty: FieldType) -> BoxedStrategy<Value> {
    match ty {
        FieldType::String => text(),
        FieldType::Integer => (0..100_000_i32).prop_map(|number| json!(number)).boxed(),
        FieldType::Boolean => any::<bool>().prop_map(|flag| json!(flag)).boxed(),
        FieldType::Enum(words) => select(words).prop_map(|word| json!(word)).boxed(),
        FieldType::List(item) => {
            prop::collection::vec(of_type(*item), 1..4).prop_map(|list| json!(list)).boxed()
        }
    }
}

/// Text of one line, with what YAML or a comparison could stumble over.
pub(super) fn text() -> BoxedStrategy<Value> {
    prop_oneof![
        6 => "[a-z][a-z0-9_]{0,11}".boxed(),
        2 => "[!-~]([ -~]{0,14}[!-~])?".boxed(),
        1 => "[a-zäöüßéñ日本語]{1,8}".boxed(),
        1 => select(&["true", "no", "~", "null", "007", "1e3", "0x1F", "-", "*a", "&a", "#x", "a: b", "1.0", "y"][..])
            .prop_map(str::to_owned)
            .boxed(),
    ]
    .prop_map(|text| json!(text))
    .boxed()
}

/// A lower-case name.
pub(super) fn word() -> BoxedStrategy<String> {
    "[a-z][a-z0-9]{2,7}".boxed()
}

/// The name of a host.
pub(super) fn host() -> BoxedStrategy<Value> {
    word().prop_map(|name| json!(format!("{name}.internal.example.com"))).boxed()
}

/// A TCP port.
pub(super) fn port() -> BoxedStrategy<Value> {
    (1..65_536).prop_map(|port| json!(port)).boxed()
}

/// The ARN of an IAM role.
pub(super) fn role() -> BoxedStrategy<Value> {
    word().prop_map(|name| json!(format!("arn:aws:iam::{ACCOUNT}:role/{name}"))).boxed()
}

/// A KMS key, in any of the forms that AWS takes.
pub(super) fn key() -> BoxedStrategy<Value> {
    prop_oneof![
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}".boxed(),
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
            .prop_map(|id| format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{id}"))
            .boxed(),
        word().prop_map(|name| format!("alias/{name}")).boxed(),
        word().prop_map(|name| format!("arn:aws:kms:{REGION}:{ACCOUNT}:alias/{name}")).boxed(),
    ]
    .prop_map(|key| json!(key))
    .boxed()
}

/// Tags of a user.
pub(super) fn tags() -> BoxedStrategy<Value> {
    prop::collection::btree_map("[A-Za-z][A-Za-z0-9_.:/=+@-]{0,8}", "[A-Za-z0-9_.:/=+@-]{1,8}", 0..3)
        .prop_map(|tags| json!(tags))
        .boxed()
}
