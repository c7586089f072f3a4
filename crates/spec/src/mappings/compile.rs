//! From the language of `migration.tables` to DMS's own JSON.

use serde_json::{Map, Value as Json, json};

use super::{Glob, Pattern, ids};
use crate::documents::{
    ConditionSpec, DataTypeSpec, FilterSpec, LobSettingsSpec, ObjectMappingSpec, ObjectTagsSpec,
    ParallelLoadSpec, PrimaryKeySpec, RenameSpec, SelectionSpec, TableSettingsSpec, TablesSpec,
    TransformSpec, ValidationSpec,
};
use crate::read::Located;
use crate::sources::At;

/// A rule of DMS, and where the spec asks for it.
#[derive(Debug, Clone)]
pub(super) struct Compiled {
    pub(super) rule: Json,
    pub(super) at: At,
}

/// A rule that has neither id nor name yet.
struct Draft {
    at: At,
    /// What the id is made of.
    content: String,
    /// What the name is made of.
    words: Vec<String>,
    body: Map<String, Json>,
}

/// Compiles the language to a DMS table-mapping document.
pub(crate) fn compile(tables: &TablesSpec) -> Json {
    let rules: Vec<Json> = rules(tables).into_iter().map(|compiled| compiled.rule).collect();
    json!({ "rules": rules })
}

/// The same, rule by rule.
pub(super) fn rules(tables: &TablesSpec) -> Vec<Compiled> {
    let TablesSpec {
        include: _,
        explicit: _,
        exclude: _,
        rename,
        transform,
        settings,
        object_mapping,
        validation,
        object_tags,
    } = tables;
    let mut drafts: Vec<Draft> =
        tables.selections().map(|(action, selected)| selection(action, selected).at(selected.at)).collect();
    drafts.extend(all(rename.as_ref(), renaming));
    drafts.extend(all(transform.as_ref(), transformation));
    drafts.extend(all(settings.as_ref(), table_settings));
    drafts.extend(all(object_mapping.as_ref(), object_mapping_rule));
    drafts.extend(all(validation.as_ref(), validation_rule));
    drafts.extend(all(object_tags.as_ref(), object_tags_rule));
    let contents: Vec<String> = drafts.iter().map(|draft| draft.content.clone()).collect();
    drafts.into_iter().zip(ids::ids(&contents)).map(|(draft, id)| draft.identified(id)).collect()
}

/// The rules of one list of the language.
fn all<T>(list: Option<&Vec<Located<T>>>, rule: fn(&T) -> Draft) -> impl Iterator<Item = Draft> {
    list.into_iter().flatten().map(move |item| rule(&item.value).at(item.at))
}

impl Draft {
    /// A rule whose id is made of all that it says.
    fn new(words: &[&str], body: Map<String, Json>) -> Self {
        let content = Json::Object(body.clone()).to_string();
        Self { at: At::default(), content, words: words.iter().map(|&word| word.to_owned()).collect(), body }
    }

    fn at(self, at: At) -> Self {
        Self { at, ..self }
    }

    fn identified(self, id: u32) -> Compiled {
        let Self { at, content: _, words, mut body } = self;
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        body.insert("rule-id".to_owned(), json!(id.to_string()));
        body.insert("rule-name".to_owned(), json!(ids::name(&words, id)));
        Compiled { rule: Json::Object(body), at }
    }
}

/// Members, without those that are not given.
fn members<const N: usize>(members: [(&str, Option<Json>); N]) -> Map<String, Json> {
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

#[expect(clippy::unnecessary_wraps, reason = "it stands among members that may not be given")]
fn text(text: &str) -> Option<Json> {
    Some(json!(text))
}

fn selection(action: &str, selection: &SelectionSpec) -> Draft {
    let SelectionSpec { pattern: Pattern { schema, table }, table_type, load_order, filters } = selection;
    let more = members([
        ("table-type", table_type.map(|word| json!(word.word()))),
        ("load-order", load_order.map(|order| json!(order.to_string()))),
        ("filters", (!filters.is_empty()).then(|| filters.iter().map(|one| filter(one)).collect())),
    ]);
    let words = ["selection", action, schema.as_str(), table.as_str()];
    let mut content = words.join("\0");
    if !more.is_empty() {
        content.push('\0');
        content.push_str(&Json::Object(more.clone()).to_string());
    }
    let mut locator = json!({"schema-name": schema, "table-name": table});
    let mut body = members([
        ("rule-type", text("selection")),
        ("rule-action", text(action)),
        ("filters", Some(json!([]))),
    ]);
    for (name, value) in more {
        if name == "table-type" {
            locator[name] = value;
        } else {
            body.insert(name, value);
        }
    }
    body.insert("object-locator".to_owned(), locator);
    Draft { content, ..Draft::new(&words[1..], body) }
}

fn filter(filter: &FilterSpec) -> Json {
    let FilterSpec { column, any } = filter;
    let conditions: Vec<Json> = any.iter().map(condition).collect();
    json!({"filter-type": "source", "column-name": column.0, "filter-conditions": conditions})
}

fn condition(condition: &ConditionSpec) -> Json {
    let ConditionSpec { eq, noteq, lte, gte, between, notbetween, is_null } = condition;
    // `ste` is the older name of `lte`, which every version of DMS knows.
    let single = [("eq", eq), ("noteq", noteq), ("ste", lte), ("gte", gte)];
    for (operator, value) in single {
        if let Some(value) = value {
            return json!({"filter-operator": operator, "value": value.0});
        }
    }
    for (operator, pair) in [("between", between), ("notbetween", notbetween)] {
        if let Some(pair) = pair {
            let bound = |index: usize| pair.get(index).map_or("", |value| value.0.as_str());
            return json!({
                "filter-operator": operator, "start-value": bound(0), "end-value": bound(1),
            });
        }
    }
    json!({"filter-operator": if *is_null == Some(false) { "notnull" } else { "null" }})
}

fn renaming(rename: &RenameSpec) -> Draft {
    let RenameSpec { schema, table, column, to } = rename;
    named(schema, table.as_ref(), column.as_ref(), &to.0)
}

fn named(schema: &Glob, table: Option<&Glob>, column: Option<&Glob>, to: &str) -> Draft {
    let (schema, table) = (schema.0.as_str(), table.map(|table| table.0.as_str()));
    let column = column.map(|column| column.0.as_str());
    let target = match (table, column) {
        (_, Some(_)) => "column",
        (Some(_), None) => "table",
        (None, None) => "schema",
    };
    let body = members([
        ("rule-type", text("transformation")),
        ("rule-action", text("rename")),
        ("rule-target", text(target)),
        (
            "object-locator",
            Some(Json::Object(members([
                ("schema-name", text(schema)),
                ("table-name", table.and_then(text)),
                ("column-name", column.and_then(text)),
            ]))),
        ),
        ("value", text(to)),
    ]);
    let mut words = vec!["transformation", "rename", schema, table.unwrap_or("")];
    words.extend(column);
    words.push(to);
    Draft { content: words.join("\0"), ..Draft::new(&words[1..], body) }
}

fn transformation(transform: &TransformSpec) -> Draft {
    let TransformSpec {
        schema,
        table,
        column,
        column_type,
        table_tablespace,
        index_tablespace,
        rename,
        convert,
        add_prefix,
        remove_prefix,
        replace_prefix,
        add_suffix,
        remove_suffix,
        replace_suffix,
        remove_column,
        include_column,
        add_column,
        change_data_type,
        define_primary_key,
        add_before_image_columns,
        mask,
    } = transform;
    // A plain rename is the same rule, with the same id, wherever it stands.
    if let (Some(to), None, None, None) = (rename, column_type, table_tablespace, index_tablespace) {
        return named(schema, table.as_ref(), column.as_ref(), &to.0);
    }
    let glob = |glob: &Option<Glob>| glob.as_ref().map(|glob| json!(glob.0));
    let locator = members([
        ("schema-name", text(&schema.0)),
        ("table-name", glob(table)),
        ("column-name", glob(column)),
        ("data-type", column_type.as_ref().map(|line| json!(line.0))),
        ("table-tablespace-name", glob(table_tablespace)),
        ("index-tablespace-name", glob(index_tablespace)),
    ]);
    let mut target = deepest(transform);
    // What is read has exactly one of these; the last arm is for a rename.
    let (action, more) = if let Some(letters) = convert {
        (format!("convert-{}", letters.word()), Map::new())
    } else if let Some(prefix) = add_prefix {
        ("add-prefix".to_owned(), members([("value", text(&prefix.0))]))
    } else if let Some(prefix) = remove_prefix {
        ("remove-prefix".to_owned(), members([("value", text(&prefix.0))]))
    } else if let Some(replace) = replace_prefix {
        let more = members([("value", text(&replace.to.0)), ("old-value", text(&replace.from.0))]);
        ("replace-prefix".to_owned(), more)
    } else if let Some(suffix) = add_suffix {
        ("add-suffix".to_owned(), members([("value", text(&suffix.0))]))
    } else if let Some(suffix) = remove_suffix {
        ("remove-suffix".to_owned(), members([("value", text(&suffix.0))]))
    } else if let Some(replace) = replace_suffix {
        let more = members([("value", text(&replace.to.0)), ("old-value", text(&replace.from.0))]);
        ("replace-suffix".to_owned(), more)
    } else if remove_column.is_some() {
        ("remove-column".to_owned(), Map::new())
    } else if include_column.is_some() {
        ("include-column".to_owned(), Map::new())
    } else if let Some(added) = add_column {
        target = "column";
        let more = members([
            ("value", text(&added.name.0)),
            ("expression", added.expression.as_ref().map(|line| json!(line.0))),
            ("data-type", Some(data_type(&added.data_type))),
        ]);
        ("add-column".to_owned(), more)
    } else if let Some(changed) = change_data_type {
        ("change-data-type".to_owned(), members([("data-type", Some(data_type(changed)))]))
    } else if let Some(key) = define_primary_key {
        ("define-primary-key".to_owned(), members([("primary-key-def", Some(primary_key(key)))]))
    } else if let Some(image) = add_before_image_columns {
        target = "column";
        let definition = json!({
            "column-prefix": image.prefix.as_deref().unwrap_or("BI_"),
            "column-suffix": image.suffix.as_deref().unwrap_or(""),
            "column-filter": image.columns.map_or("pk-only", |filter| filter.word()),
        });
        ("add-before-image-columns".to_owned(), members([("before-image-def", Some(definition))]))
    } else if let Some(mask) = mask {
        let character = mask.character.as_ref().map(|character| json!(character.0));
        (format!("data-masking-{}", mask.r#type.word()), members([("value", character)]))
    } else {
        let name = rename.as_ref().map(|name| json!(name.0));
        ("rename".to_owned(), members([("value", name)]))
    };
    let mut body = members([
        ("rule-type", text("transformation")),
        ("rule-action", text(&action)),
        ("rule-target", text(target)),
        ("object-locator", Some(Json::Object(locator))),
    ]);
    body.extend(more);
    let table = table.as_ref().map_or("", |table| table.0.as_str());
    let column = column.as_ref().map_or("", |column| column.0.as_str());
    Draft::new(&[&action, &schema.0, table, column], body)
}

/// What a transformation changes, in the word of DMS: the deepest that it names.
fn deepest(transform: &TransformSpec) -> &'static str {
    let TransformSpec { table, column, table_tablespace, index_tablespace, .. } = transform;
    match (column, table_tablespace, index_tablespace, table) {
        (Some(_), ..) => "column",
        (_, Some(_), ..) => "table-tablespace",
        (_, _, Some(_), _) => "index-tablespace",
        (.., Some(_)) => "table",
        _ => "schema",
    }
}

fn primary_key(key: &PrimaryKeySpec) -> Json {
    let PrimaryKeySpec { name, origin, columns } = key;
    let columns: Vec<&str> = columns.iter().map(|column| column.0.as_str()).collect();
    Json::Object(members([
        ("name", text(&name.0)),
        ("origin", origin.map(|origin| json!(origin.word()))),
        ("columns", Some(json!(columns))),
    ]))
}

fn data_type(data_type: &DataTypeSpec) -> Json {
    let DataTypeSpec { r#type, length, precision, scale } = data_type;
    Json::Object(members([
        ("type", text(r#type.word())),
        ("length", length.map(|length| json!(length.0))),
        ("precision", precision.map(|precision| json!(precision.0))),
        ("scale", scale.map(|scale| json!(scale.0))),
    ]))
}

fn table_settings(settings: &TableSettingsSpec) -> Draft {
    let TableSettingsSpec { schema, table, parallel_load, lob_settings } = settings;
    let (schema, table) = (schema.0.as_str(), table.0.as_str());
    let body = members([
        ("rule-type", text("table-settings")),
        ("object-locator", Some(json!({"schema-name": schema, "table-name": table}))),
        ("parallel-load", parallel_load.as_ref().map(parallel)),
        ("lob-settings", lob_settings.as_ref().map(lobs)),
    ]);
    Draft::new(&["settings", schema, table], body)
}

fn parallel(load: &ParallelLoadSpec) -> Json {
    let ParallelLoadSpec {
        r#type,
        partitions,
        subpartitions,
        columns,
        boundaries,
        number_of_partitions,
        collection_count_from_metadata,
        max_records_skip_per_page,
        batch_size,
    } = load;
    let lines = |lines: &[crate::documents::Line]| lines.iter().map(|line| json!(line.0)).collect::<Json>();
    let bounds = |bounds: &Vec<Located<Vec<crate::documents::Scalar>>>| -> Json {
        bounds.iter().map(|bound| bound.iter().map(|value| json!(value.0)).collect::<Json>()).collect()
    };
    Json::Object(members([
        ("type", text(r#type.word())),
        ("partitions", partitions.as_deref().map(lines)),
        ("subpartitions", subpartitions.as_deref().map(lines)),
        ("columns", columns.as_ref().map(|columns| lines(columns))),
        ("boundaries", boundaries.as_ref().map(bounds)),
        ("number-of-partitions", number_of_partitions.map(|number| json!(number.0))),
        ("collection-count-from-metadata", collection_count_from_metadata.map(|it| json!(it.to_string()))),
        ("max-records-skip-per-page", max_records_skip_per_page.map(|number| json!(number.0))),
        ("batch-size", batch_size.map(|number| json!(number.0))),
    ]))
}

fn lobs(settings: &LobSettingsSpec) -> Json {
    let LobSettingsSpec { mode, bulk_max_size } = settings;
    Json::Object(members([
        ("mode", mode.map(|mode| json!(mode.word()))),
        ("bulk-max-size", bulk_max_size.as_ref().map(|size| json!(size.0.to_string()))),
    ]))
}

fn object_mapping_rule(mapping: &ObjectMappingSpec) -> Draft {
    let ObjectMappingSpec {
        schema,
        table,
        action,
        target_table_name,
        kafka_target_topic,
        partition_key_type,
        partition_key_name,
        partition_key_value,
        sort_key_name,
        exclude_columns,
        attribute_mappings,
    } = mapping;
    let line = |line: &Option<crate::documents::Line>| line.as_ref().map(|line| json!(line.0));
    let attributes = attribute_mappings.as_ref().map(|attributes| -> Json {
        attributes
            .iter()
            .map(|attribute| {
                Json::Object(members([
                    ("target-attribute-name", text(&attribute.target_attribute_name.0)),
                    ("attribute-type", attribute.attribute_type.map(|word| json!(word.word()))),
                    ("attribute-sub-type", line(&attribute.attribute_sub_type)),
                    ("value", Some(attribute.value.value.0.to_json())),
                ]))
            })
            .collect()
    });
    let parameters = members([
        ("partition-key-type", partition_key_type.map(|word| json!(word.word()))),
        ("partition-key-name", line(partition_key_name)),
        ("partition-key", partition_key_value.as_ref().map(|value| json!({"value": value.0}))),
        ("sort-key-name", line(sort_key_name)),
        (
            "exclude-columns",
            exclude_columns.as_ref().map(|columns| columns.iter().map(|column| json!(column.0)).collect()),
        ),
        ("attribute-mappings", attributes),
    ]);
    let action = action.map_or("map-record-to-record", |word| word.word());
    let body = members([
        ("rule-type", text("object-mapping")),
        ("rule-action", text(action)),
        ("object-locator", Some(json!({"schema-name": schema.0, "table-name": table.0}))),
        ("target-table-name", line(target_table_name)),
        ("kafka-target-topic", line(kafka_target_topic)),
        ("mapping-parameters", (!parameters.is_empty()).then_some(Json::Object(parameters))),
    ]);
    Draft::new(&[action, &schema.0, &table.0], body)
}

fn validation_rule(validation: &ValidationSpec) -> Draft {
    let ValidationSpec { schema, table, column, column_type, source_function, target_function } = validation;
    let line = |line: &Option<crate::documents::Line>| line.as_ref().map(|line| json!(line.0));
    let locator = members([
        ("schema-name", text(&schema.0)),
        ("table-name", text(&table.0)),
        ("column-name", text(&column.0)),
        ("data-type", line(column_type)),
    ]);
    let body = members([
        ("rule-type", text("validation")),
        ("rule-target", text("column")),
        ("rule-action", text("override-validation-function")),
        ("object-locator", Some(Json::Object(locator))),
        ("source-function", line(source_function)),
        ("target-function", line(target_function)),
    ]);
    Draft::new(&["validation", &schema.0, &table.0, &column.0], body)
}

fn object_tags_rule(tags: &ObjectTagsSpec) -> Draft {
    let ObjectTagsSpec { schema, table, tags } = tags;
    let set: Json = tags.0.iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
    let body = members([
        ("rule-type", text("post-processing")),
        ("rule-action", text("add-tag")),
        ("object-locator", Some(json!({"schema-name": schema.0, "table-name": table.0}))),
        ("tag-set", Some(set)),
    ]);
    Draft::new(&["tags", &schema.0, &table.0], body)
}
