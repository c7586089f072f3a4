//! Writes the tables of endpoint settings, and the code that maps them to the AWS SDK's types, from the
//! API model that AWS publishes with botocore.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Map, Value};

const TABLES: &str = "crates/model/src/settings/generated.rs";
const MAPPING: &str = "crates/aws/src/dms/settings/generated.rs";

/// One settings structure of the API.
struct Structure {
    member: String,
    fields: Vec<Field>,
}

/// One field of a settings structure.
struct Field {
    name: String,
    ty: Type,
    required: bool,
    secret: bool,
}

enum Type {
    String,
    Integer,
    Boolean,
    /// The API's name of the enumeration, and its words.
    Enum(String, Vec<String>),
    IntegerList,
}

/// Runs the command with its arguments.
pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    let (model, check) = match arguments {
        [flag, file] if flag == "--model" => (file, false),
        [flag, file, check] | [check, flag, file] if flag == "--model" && check == "--check" => (file, true),
        _ => return Err(crate::USAGE.to_owned()),
    };
    let text = std::fs::read_to_string(model).map_err(|error| format!("{model}: {error}"))?;
    let model: Value = serde_json::from_str(&text).map_err(|error| format!("{model}: {error}"))?;
    let structures = structures(&model).ok_or("this is not the API model of DMS: a shape is missing")?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (path, source) in [(TABLES, tables(&structures)), (MAPPING, mapping(&structures))] {
        let source = format(&source, &root)?;
        let file = root.join(path);
        if !check {
            std::fs::write(&file, source).map_err(|error| format!("{path}: {error}"))?;
        } else if std::fs::read_to_string(&file).map_err(|error| format!("{path}: {error}"))? != source {
            return Err(format!("{path} is not what this model gives"));
        }
    }
    Ok(())
}

/// The structures that CreateEndpoint takes, out of the model; `None` if the model is not of that form.
fn structures(model: &Value) -> Option<Vec<Structure>> {
    let shapes = model.get("shapes")?.as_object()?;
    let mut found = Vec::new();
    for (member, target) in members(shapes.get("CreateEndpointMessage")?)? {
        if !member.ends_with("Settings") {
            continue;
        }
        let shape = shapes.get(target.get("shape")?.as_str()?)?;
        let required: Vec<&str> = shape
            .get("required")
            .and_then(Value::as_array)
            .map(|list| list.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let mut fields = Vec::new();
        for (name, target) in members(shape)? {
            let shape_name = target.get("shape")?.as_str()?;
            let shape = shapes.get(shape_name)?;
            fields.push(Field {
                name: name.clone(),
                ty: field_type(shape_name, shape)?,
                required: required.contains(&name.as_str()),
                secret: shape.get("sensitive") == Some(&Value::Bool(true)),
            });
        }
        found.push(Structure { member: member.clone(), fields });
    }
    Some(found)
}

fn members(shape: &Value) -> Option<&Map<String, Value>> {
    shape.get("members")?.as_object()
}

fn field_type(name: &str, shape: &Value) -> Option<Type> {
    Some(match (shape.get("type")?.as_str()?, shape.get("enum")) {
        ("string", Some(words)) => {
            let words = words.as_array()?.iter().map(|word| word.as_str().map(str::to_owned));
            Type::Enum(name.to_owned(), words.collect::<Option<_>>()?)
        }
        ("string", None) => Type::String,
        ("integer", _) => Type::Integer,
        ("boolean", _) => Type::Boolean,
        ("list", _) if shape.get("member")?.get("shape")?.as_str()? == "Integer" => Type::IntegerList,
        _ => return None,
    })
}

const HEAD: &str = "// Written by `cargo xtask endpoint-settings` from the API model of DMS 2016-01-01 that botocore\n\
                    // ships (data/dms/2016-01-01/service-2.json, Apache-2.0). Do not edit.\n\n";

/// The source of the tables.
fn tables(structures: &[Structure]) -> String {
    let mut out = String::from(HEAD);
    out.push_str("super::tables! {\n");
    for structure in structures {
        push(&mut out, &format!("    {} {{\n", structure.member));
        for field in &structure.fields {
            let marks: Vec<&str> = [(field.required, "required"), (field.secret, "secret")]
                .into_iter()
                .filter_map(|(on, mark)| on.then_some(mark))
                .collect();
            let marks = if marks.is_empty() { String::new() } else { format!("[{}] ", marks.join(", ")) };
            let ty = match &field.ty {
                Type::String => "String".to_owned(),
                Type::Integer => "Integer".to_owned(),
                Type::Boolean => "Boolean".to_owned(),
                Type::Enum(_, words) => format!("Enum({words:?})"),
                Type::IntegerList => "List(crate::settings::FieldType::Integer)".to_owned(),
            };
            push(&mut out, &format!("        {}: {marks}{ty};\n", field.name));
        }
        out.push_str("    }\n");
    }
    out.push_str("}\n");
    out
}

/// The source of the mapping to the SDK's types and back.
fn mapping(structures: &[Structure]) -> String {
    let mut out = String::from(HEAD);
    out.push_str(
        "use aws_sdk_databasemigration::types;\n\nuse super::{Error, Found, Given};\n\n\
         /// Sets the settings member of a call, or of any other builder that has these members.\n\
         macro_rules! set_member {\n    ($builder:expr, $member:expr, $given:expr) => {{\n\
         use $crate::dms::settings::generated as given;\n        match $member {\n",
    );
    for Structure { member, .. } in structures {
        let snake = snake_case(member);
        push(
            &mut out,
            &format!("            \"{member}\" => Ok($builder.{snake}(given::{snake}($given)?)),\n"),
        );
    }
    out.push_str(
        "            _ => Err($crate::dms::settings::Error::unknown_structure($member)),\n        }\n    }};\n}\n\
         pub(super) use set_member;\n\n\
         /// What an endpoint has in one of its settings members; `None` if it has no such member.\n\
         pub(super) fn found(endpoint: &types::Endpoint, member: &str) -> Option<Found> {\n    match member {\n",
    );
    for Structure { member, .. } in structures {
        let snake = snake_case(member);
        push(&mut out, &format!("        \"{member}\" => endpoint.{snake}().map(found_{snake}),\n"));
    }
    out.push_str("        _ => None,\n    }\n}\n");
    for structure in structures {
        write_structure(&mut out, structure);
    }
    out
}

fn write_structure(out: &mut String, structure: &Structure) {
    let snake = snake_case(&structure.member);
    let ty = camel_case(&structure.member);
    push(
        out,
        &format!(
            "\npub(super) fn {snake}(given: &Given<'_>) -> Result<types::{ty}, Error> {{\n    \
             let built = types::{ty}::builder()\n"
        ),
    );
    for field in &structure.fields {
        let (name, method) = (&field.name, snake_case(&field.name));
        let read = match &field.ty {
            _ if field.secret => format!("given.secret(\"{name}\")"),
            Type::String => format!("given.string(\"{name}\")?"),
            Type::Integer => format!("given.integer(\"{name}\")?"),
            Type::Boolean => format!("given.boolean(\"{name}\")?"),
            Type::Enum(..) => format!("given.word(\"{name}\")?"),
            Type::IntegerList => format!("given.integers(\"{name}\")?"),
        };
        push(out, &format!("        .set_{method}({read})\n"));
    }
    // The SDK's builders fail only where a member is required.
    if structure.fields.iter().any(|field| field.required) {
        out.push_str("        .build()?;\n    Ok(built)\n}\n");
    } else {
        out.push_str("        .build();\n    Ok(built)\n}\n");
    }
    push(
        out,
        &format!("\nfn found_{snake}(from: &types::{ty}) -> Found {{\n    let mut found = Found::new();\n"),
    );
    for field in structure.fields.iter().filter(|field| !field.secret) {
        let (name, method) = (&field.name, snake_case(&field.name));
        let line = match (&field.ty, field.required) {
            (Type::String, true) => format!("found.string(\"{name}\", Some(from.{method}()))"),
            (Type::String, false) => format!("found.string(\"{name}\", from.{method}())"),
            (Type::Integer, true) => format!("found.integer(\"{name}\", Some(from.{method}()))"),
            (Type::Integer, false) => format!("found.integer(\"{name}\", from.{method}())"),
            (Type::Boolean, true) => format!("found.boolean(\"{name}\", Some(from.{method}()))"),
            (Type::Boolean, false) => format!("found.boolean(\"{name}\", from.{method}())"),
            (Type::Enum(enumeration, _), required) => {
                let word = format!("types::{}::as_str", camel_case(enumeration));
                if required {
                    format!("found.string(\"{name}\", Some({word}(from.{method}())))")
                } else {
                    format!("found.string(\"{name}\", from.{method}().map({word}))")
                }
            }
            (Type::IntegerList, _) => format!("found.integers(\"{name}\", from.{method}())"),
        };
        push(out, &format!("    {line};\n"));
    }
    out.push_str("    found\n}\n");
}

fn push(out: &mut String, text: &str) {
    // Writing to a `String` cannot fail.
    let _ = write!(out, "{text}");
}

/// The words of an API name, as the SDK's code generator (smithy-rs) splits them: `MySQLSettings` is
/// `My`, `SQL`, `Settings`, and a digit belongs to the word before it.
fn words(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    for (at, &char) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let after = chars.get(at + 1);
        // Within a run of capitals, only the last one before a small letter begins a word.
        let in_run = before.is_some_and(|before| before.is_ascii_uppercase());
        let starts = char.is_ascii_uppercase() && (!in_run || after.is_some_and(char::is_ascii_lowercase));
        match words.last_mut() {
            Some(word) if !starts => word.push(char),
            _ => words.push(char.to_string()),
        }
    }
    words
}

fn snake_case(name: &str) -> String {
    words(name).join("_").to_ascii_lowercase()
}

fn camel_case(name: &str) -> String {
    words(name).iter().map(|word| word[..1].to_owned() + &word[1..].to_ascii_lowercase()).collect()
}

/// Formats Rust source as `cargo fmt` would in the repository at `root`.
fn format(source: &str, root: &Path) -> Result<String, String> {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .arg(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("rustfmt: {error}"))?;
    let mut stdin = rustfmt.stdin.take().ok_or("rustfmt: no standard input")?;
    let text = source.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = rustfmt.wait_with_output().map_err(|error| format!("rustfmt: {error}"))?;
    writer.join().map_err(|_| "rustfmt: the writer failed")?.map_err(|error| format!("rustfmt: {error}"))?;
    if !output.status.success() {
        return Err("rustfmt refused what was generated".to_owned());
    }
    String::from_utf8(output.stdout).map_err(|error| format!("rustfmt: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_those_of_the_sdk() {
        for (api, snake, camel) in [
            ("MySQLSettings", "my_sql_settings", "MySqlSettings"),
            ("IBMDb2Settings", "ibm_db2_settings", "IbmDb2Settings"),
            ("S3BucketName", "s3_bucket_name", "S3BucketName"),
            ("MaxKBytesPerRead", "max_k_bytes_per_read", "MaxKBytesPerRead"),
            ("UseBFile", "use_b_file", "UseBFile"),
            ("Rfc4180", "rfc4180", "Rfc4180"),
        ] {
            assert_eq!(snake_case(api), snake);
            assert_eq!(camel_case(api), camel);
        }
    }

    #[test]
    fn another_document_is_refused() {
        assert!(structures(&serde_json::json!({"shapes": {}})).is_none());
    }
}
