//! One rule of DMS as an entry of the language: the reverse of [`crate::mappings::compile`], rule by rule.
//!
//! Nothing is checked here. What a rule has and an entry cannot say is simply not in the entry.

use serde_json::Value as Json;

use crate::mappings::wildcards::{from_dms, split_at_dot};
use crate::sources::At;
use crate::tree::{Entry, Node, Value};

/// The list that a rule belongs to, and its entry there; nothing for a rule of an unknown type or action.
pub(super) fn entry(rule: &Json, transformed: bool) -> Option<(&'static str, Node)> {
    let action = rule["rule-action"].as_str().unwrap_or_default();
    match rule["rule-type"].as_str()? {
        "selection" => {
            let list = ["include", "explicit", "exclude"].into_iter().find(|list| *list == action)?;
            Some((list, selection(rule)))
        }
        "transformation" => transformation(rule, action, transformed),
        "table-settings" => Some(("settings", table_settings(rule))),
        "object-mapping" => Some(("objectMapping", object_mapping(rule, action))),
        "validation" => Some(("validation", validation(rule))),
        "post-processing" => Some(("objectTags", object_tags(rule)?)),
        _ => None,
    }
}

fn selection(rule: &Json) -> Node {
    let locator = &rule["object-locator"];
    let (schema, table) = (glob(&locator["schema-name"]), glob(&locator["table-name"]));
    let filters = rule["filters"].as_array().filter(|filters| !filters.is_empty());
    let more = [
        ("tableType", given(&locator["table-type"])),
        ("loadOrder", whole(&rule["load-order"])),
        ("filters", filters.map(|filters| list(filters, filter))),
    ];
    if more.iter().all(|(_, value)| value.is_none())
        && let (Some(schema), Some(table)) =
            (schema.as_ref().and_then(Node::as_str), table.as_ref().and_then(Node::as_str))
        && split_at_dot(schema).is_none()
    {
        return text(&format!("{schema}.{table}"));
    }
    map([("schema", schema), ("table", table)].into_iter().chain(more))
}

fn filter(filter: &Json) -> Node {
    let conditions = filter["filter-conditions"].as_array();
    map([
        ("column", given(&filter["column-name"])),
        ("any", conditions.map(|conditions| list(conditions, condition))),
    ])
}

fn condition(condition: &Json) -> Node {
    let value = || given(&condition["value"]);
    let pair = || {
        let bounds = [&condition["start-value"], &condition["end-value"]];
        Some(Node { at: At::default(), value: Value::List(bounds.map(node).into()) })
    };
    match condition["filter-operator"].as_str().unwrap_or_default() {
        "eq" => map([("eq", value())]),
        "noteq" => map([("noteq", value())]),
        "ste" | "lte" => map([("lte", value())]),
        "gte" => map([("gte", value())]),
        "between" => map([("between", pair())]),
        "notbetween" => map([("notbetween", pair())]),
        "null" => map([("isNull", Some(node(&true.into())))]),
        "notnull" => map([("isNull", Some(node(&false.into())))]),
        _ => map([]),
    }
}

fn transformation(rule: &Json, action: &str, transformed: bool) -> Option<(&'static str, Node)> {
    let locator = &rule["object-locator"];
    // A schema's own rule may name all of its tables.
    let of_schema = rule["rule-target"] == "schema" && locator["table-name"] == "%";
    let table = if of_schema { None } else { glob(&locator["table-name"]) };
    let about = [
        ("schema", glob(&locator["schema-name"])),
        ("table", table),
        ("column", glob(&locator["column-name"])),
        ("columnType", given(&locator["data-type"])),
        ("tableTablespace", glob(&locator["table-tablespace-name"])),
        ("indexTablespace", glob(&locator["index-tablespace-name"])),
    ];
    let value = given(&rule["value"]);
    if action == "rename" && !transformed && about[3..].iter().all(|(_, given)| given.is_none()) {
        return Some(("rename", map(about.into_iter().chain([("to", value)]))));
    }
    let replace = || Some(map([("from", given(&rule["old-value"])), ("to", value.clone())]));
    let yes = || Some(node(&true.into()));
    let change = match action {
        "rename" => ("rename", value),
        "convert-lowercase" => ("convert", Some(text("lowercase"))),
        "convert-uppercase" => ("convert", Some(text("uppercase"))),
        "add-prefix" => ("addPrefix", value),
        "remove-prefix" => ("removePrefix", value),
        "replace-prefix" => ("replacePrefix", replace()),
        "add-suffix" => ("addSuffix", value),
        "remove-suffix" => ("removeSuffix", value),
        "replace-suffix" => ("replaceSuffix", replace()),
        "remove-column" => ("removeColumn", yes()),
        "include-column" => ("includeColumn", yes()),
        "add-column" => {
            let data_type = data_type(&rule["data-type"]);
            let expression = given(&rule["expression"]);
            ("addColumn", Some(map([("name", value), ("dataType", data_type), ("expression", expression)])))
        }
        "change-data-type" => ("changeDataType", data_type(&rule["data-type"])),
        "define-primary-key" => ("definePrimaryKey", Some(primary_key(&rule["primary-key-def"]))),
        "add-before-image-columns" => {
            ("addBeforeImageColumns", Some(before_image(&rule["before-image-def"])))
        }
        _ => {
            let ty = action.strip_prefix("data-masking-")?;
            ("mask", Some(map([("type", Some(text(ty))), ("character", value)])))
        }
    };
    Some(("transform", map(about.into_iter().chain([change]))))
}

fn data_type(data_type: &Json) -> Option<Node> {
    data_type.is_object().then(|| {
        map([
            ("type", given(&data_type["type"])),
            ("length", whole(&data_type["length"])),
            ("precision", whole(&data_type["precision"])),
            ("scale", whole(&data_type["scale"])),
        ])
    })
}

fn primary_key(key: &Json) -> Node {
    map([
        ("name", given(&key["name"])),
        ("origin", given(&key["origin"])),
        ("columns", given(&key["columns"])),
    ])
}

fn before_image(image: &Json) -> Node {
    let unless =
        |name: &str, default: &str| given(&image[name]).filter(|node| node.as_str() != Some(default));
    map([
        ("prefix", unless("column-prefix", "BI_")),
        ("suffix", unless("column-suffix", "")),
        ("columns", unless("column-filter", "pk-only")),
    ])
}

fn table_settings(rule: &Json) -> Node {
    let locator = &rule["object-locator"];
    let (load, lobs) = (&rule["parallel-load"], &rule["lob-settings"]);
    let parallel = load.is_object().then(|| {
        map([
            ("type", given(&load["type"])),
            ("partitions", given(&load["partitions"])),
            ("subpartitions", given(&load["subpartitions"])),
            ("columns", given(&load["columns"])),
            ("boundaries", given(&load["boundaries"])),
            ("numberOfPartitions", whole(&load["number-of-partitions"])),
            ("collectionCountFromMetadata", flag(&load["collection-count-from-metadata"])),
            ("maxRecordsSkipPerPage", whole(&load["max-records-skip-per-page"])),
            ("batchSize", whole(&load["batch-size"])),
        ])
    });
    let lobs = lobs
        .is_object()
        .then(|| map([("mode", given(&lobs["mode"])), ("bulkMaxSize", whole(&lobs["bulk-max-size"]))]));
    map([
        ("schema", given(&locator["schema-name"])),
        ("table", given(&locator["table-name"])),
        ("parallelLoad", parallel),
        ("lobSettings", lobs),
    ])
}

fn object_mapping(rule: &Json, action: &str) -> Node {
    let (locator, how) = (&rule["object-locator"], &rule["mapping-parameters"]);
    let attributes = how["attribute-mappings"].as_array();
    map([
        ("schema", glob(&locator["schema-name"])),
        ("table", glob(&locator["table-name"])),
        ("action", Some(text(action)).filter(|_| action != "map-record-to-record")),
        ("targetTableName", given(&rule["target-table-name"])),
        ("kafkaTargetTopic", given(&rule["kafka-target-topic"])),
        ("partitionKeyType", given(&how["partition-key-type"])),
        ("partitionKeyName", given(&how["partition-key-name"])),
        ("partitionKeyValue", given(&how["partition-key"]["value"])),
        ("sortKeyName", given(&how["sort-key-name"])),
        ("excludeColumns", given(&how["exclude-columns"])),
        ("attributeMappings", attributes.map(|attributes| list(attributes, attribute))),
    ])
}

fn attribute(attribute: &Json) -> Node {
    map([
        ("targetAttributeName", given(&attribute["target-attribute-name"])),
        ("attributeType", given(&attribute["attribute-type"])),
        ("attributeSubType", given(&attribute["attribute-sub-type"])),
        ("value", given(&attribute["value"])),
    ])
}

fn validation(rule: &Json) -> Node {
    let locator = &rule["object-locator"];
    map([
        ("schema", glob(&locator["schema-name"])),
        ("table", glob(&locator["table-name"])),
        ("column", glob(&locator["column-name"])),
        ("columnType", given(&locator["data-type"])),
        ("sourceFunction", given(&rule["source-function"])),
        ("targetFunction", given(&rule["target-function"])),
    ])
}

fn object_tags(rule: &Json) -> Option<Node> {
    let locator = &rule["object-locator"];
    let tags: Option<Vec<(&str, Option<Node>)>> = rule["tag-set"]
        .as_array()?
        .iter()
        .map(|tag| Some((tag["key"].as_str()?, given(&tag["value"]))))
        .collect();
    Some(map([
        ("schema", glob(&locator["schema-name"])),
        ("table", glob(&locator["table-name"])),
        ("tags", Some(map(tags?))),
    ]))
}

/// A mapping of those members that are given, in this order.
fn map<'a>(members: impl IntoIterator<Item = (&'a str, Option<Node>)>) -> Node {
    let entry = |(name, value): (&str, Option<Node>)| {
        Some(Entry { key: name.to_owned(), key_at: At::default(), node: value? })
    };
    Node { at: At::default(), value: Value::Map(members.into_iter().filter_map(entry).collect()) }
}

fn list(items: &[Json], item: fn(&Json) -> Node) -> Node {
    Node { at: At::default(), value: Value::List(items.iter().map(item).collect()) }
}

fn text(text: &str) -> Node {
    Node { at: At::default(), value: Value::String(text.to_owned()) }
}

fn node(json: &Json) -> Node {
    let value = match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => Value::Number(number.clone()),
        Json::String(text) => Value::String(text.clone()),
        Json::Array(items) => return list(items, node),
        Json::Object(members) => {
            return map(members.iter().map(|(name, value)| (name.as_str(), Some(node(value)))));
        }
    };
    Node { at: At::default(), value }
}

/// A value, if it is not null.
fn given(json: &Json) -> Option<Node> {
    (!json.is_null()).then(|| node(json))
}

/// A pattern in the language's wildcards.
fn glob(json: &Json) -> Option<Node> {
    json.as_str().map(|pattern| text(&from_dms(pattern)))
}

/// A number, which DMS may have as text.
fn whole(json: &Json) -> Option<Node> {
    let number = json.as_str().and_then(|text| text.parse::<i64>().ok());
    number.map(|number| node(&number.into())).or_else(|| given(json))
}

/// True or false, which DMS may have as text.
fn flag(json: &Json) -> Option<Node> {
    let flag = json.as_str().and_then(|text| text.parse::<bool>().ok());
    flag.map(|flag| node(&flag.into())).or_else(|| given(json))
}
