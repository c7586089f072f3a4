//! From DMS's own JSON back to the language of table mappings.

use pipewright_spec::{Diagnostics, Source, Tables, tables_of};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use crate::common::{CONTROLLER, pipeline_with, read};

fn back(document: &str) -> Result<Tables, Diagnostics> {
    tables_of(Source { name: "mappings.json".to_owned(), bytes: document.as_bytes().to_vec() })
}

/// What `tables` compile to; nothing where they are not valid.
fn compiled(tables: &str) -> Option<Value> {
    let indented: Vec<String> = tables.lines().map(|line| format!("      {line}\n")).collect();
    let tables = format!("    tables:\n{}", indented.concat());
    let text = pipeline_with("    tables: {include: [shop.*]}\n", &tables);
    let tree = read(&[("specs/controller.yaml", CONTROLLER), ("specs/a.yaml", &text)]).ok()?;
    Some(tree.table_mappings().remove(0).document)
}

fn yaml(document: &Value) -> String {
    back(&document.to_string()).unwrap_or_else(|errors| panic!("{}", errors.render(false))).to_string()
}

/// A document as cdk-dms-replication 0.3.0 writes it.
const CONSTRUCT: &str = r#"{"rules": [
  {"rule-type": "selection", "rule-id": "1", "rule-name": "1",
   "object-locator": {"schema-name": "shop", "table-name": "%"}, "rule-action": "include"},
  {"rule-type": "selection", "rule-id": "2", "rule-name": "2",
   "object-locator": {"schema-name": "shop", "table-name": "audit_log"}, "rule-action": "exclude"},
  {"rule-type": "transformation", "rule-id": "3", "rule-name": "3", "rule-target": "schema",
   "object-locator": {"schema-name": "shop", "table-name": "%"}, "rule-action": "rename", "value": "public"},
  {"rule-type": "transformation", "rule-id": "4", "rule-name": "4", "rule-target": "table",
   "object-locator": {"schema-name": "shop", "table-name": "%"}, "rule-action": "convert-lowercase"},
  {"rule-type": "transformation", "rule-id": "5", "rule-name": "5", "rule-target": "column",
   "object-locator": {"schema-name": "shop", "table-name": "customers", "column-name": "ssn"},
   "rule-action": "remove-column"}
]}"#;

#[test]
fn the_document_of_a_construct_becomes_the_language() {
    insta::assert_snapshot!(back(CONSTRUCT).unwrap().to_string(), @r#"
    include:
    - shop.*
    exclude:
    - shop.audit_log
    rename:
    - schema: shop
      to: public
    transform:
    - schema: shop
      table: "*"
      convert: lowercase
    - schema: shop
      table: customers
      column: ssn
      removeColumn: true
    "#);
}

/// The console writes members that it has no value for, and numbers both ways.
#[test]
fn what_says_nothing_is_left_out() {
    let document = json!({"rules": [
        {"rule-type": "selection", "rule-id": 7, "rule-name": "a", "rule-action": "include", "filters": [],
         "load-order": "2", "object-locator": {"schema-name": "a.b", "table-name": "t[%]", "table-type": "table"}},
        {"rule-type": "transformation", "rule-id": 8, "rule-name": "b", "rule-action": "add-before-image-columns",
         "rule-target": "column", "value": null, "object-locator": {"schema-name": "a", "table-name": "t"},
         "before-image-def": {"column-suffix": "_old", "column-filter": "pk-only"}},
    ]});
    insta::assert_snapshot!(yaml(&document), @"
    include:
    - schema: a.b
      table: t[%]
      tableType: table
      loadOrder: 2
    transform:
    - schema: a
      table: t
      addBeforeImageColumns:
        suffix: _old
    ");
}

#[test]
fn what_the_language_cannot_say_is_told_with_its_place() {
    let document = r#"{"rules": [
  {"rule-type": "selection", "rule-id": "1", "rule-name": "1", "rule-action": "include",
   "object-locator": {"schema-name": "a", "table-name": "*"}},
  {"rule-type": "selection", "rule-id": "2", "rule-name": "2", "rule-action": "include",
   "object-locator": {"schema-name": "a", "table-name": "b"},
   "filters": [{"filter-type": "target", "column-name": "c", "filter-conditions": [{"filter-operator": "null"}]}]},
  {"rule-type": "transformation", "rule-id": "3", "rule-name": "3", "rule-target": "table",
   "rule-action": "rename", "object-locator": {"schema-name": "a"}, "value": "x"}
]}"#;
    insta::assert_snapshot!(back(document).unwrap_err().render(false), @r#"
    error: `tables` has no words for the `object-locator.table-name` of this rule
     --> mappings.json:2:3
      |
    2 |   {"rule-type": "selection", "rule-id": "1", "rule-name": "1", "rule-action": "include",
      |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = hint: keep the document as it is, under `mappings` or in a `mappingsFile`

    error: `tables` has no words for the `filters` of this rule
     --> mappings.json:4:3
      |
    4 |   {"rule-type": "selection", "rule-id": "2", "rule-name": "2", "rule-action": "include",
      |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = hint: keep the document as it is, under `mappings` or in a `mappingsFile`

    error: `tables` has no words for the `rule-target` of this rule
     --> mappings.json:7:3
      |
    7 |   {"rule-type": "transformation", "rule-id": "3", "rule-name": "3", "rule-target": "table",
      |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = hint: keep the document as it is, under `mappings` or in a `mappingsFile`

    3 errors
    "#);
    let unknown = CONSTRUCT.replace("convert-lowercase", "convert-camelcase");
    insta::assert_snapshot!(back(&unknown).unwrap_err().render(false), @r#"
    error: `tables` has no word for what this rule does
     --> mappings.json:8:3
      |
    8 |   {"rule-type": "transformation", "rule-id": "4", "rule-name": "4", "rule-target": "table",
      |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = hint: keep the document as it is, under `mappings` or in a `mappingsFile`

    1 error
    "#);
    let twice = CONSTRUCT.replace("audit_log", "%").replace("exclude", "include");
    insta::assert_snapshot!(back(&twice).unwrap_err().render(false), @r#"
    error: `shop.*` is named twice
     --> mappings.json:4:3
      |
    4 |   {"rule-type": "selection", "rule-id": "2", "rule-name": "2",
      |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
     ::: mappings.json:2:3
      |
    2 |   {"rule-type": "selection", "rule-id": "1", "rule-name": "1",
      |   ------------------------------------------------------------ first here
      |
      = hint: keep the document as it is, under `mappings` or in a `mappingsFile`

    1 error
    "#);
    let beside = CONSTRUCT.replace("{\"rules\"", "{\"note\": 1, \"rules\"");
    assert!(back(&beside).unwrap_err().render(false).contains("`tables` has nothing beside rules"));
    assert!(back("{\"rules\": []}").is_err());
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z]{1,6}",
        1 => vec(select(vec!["*", "%", "_", "[_]", "[*]", "[%]", "[a-c]", "b", "É"]), 1..5).prop_map(|parts| parts.concat()),
    ]
}

/// Texts that YAML could take for something else.
fn line() -> impl Strategy<Value = Value> {
    select(vec!["a", "10", "true", "null", "a: b", "#", "$a || 'b'", "${c}", "- x", "é"])
        .prop_map(Value::from)
}

fn flag() -> impl Strategy<Value = Value> {
    any::<bool>().prop_map(Value::from)
}

fn object(members: Vec<(&'static str, BoxedStrategy<Option<Value>>)>) -> impl Strategy<Value = Value> {
    let (names, values): (Vec<_>, Vec<_>) = members.into_iter().unzip();
    values.prop_map(move |values| {
        let given = names.iter().zip(values).filter_map(|(name, value)| Some(((*name).to_owned(), value?)));
        Value::Object(given.collect())
    })
}

fn must(strategy: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Option<Value>> {
    strategy.prop_map(Some).boxed()
}

fn may(strategy: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Option<Value>> {
    option::of(strategy).boxed()
}

fn glob() -> impl Strategy<Value = Value> {
    name().prop_map(Value::from)
}

fn word(words: &'static [&'static str]) -> impl Strategy<Value = Value> {
    select(words).prop_map(Value::from)
}

fn one_of(members: Vec<(&'static str, BoxedStrategy<Value>)>) -> impl Strategy<Value = Map<String, Value>> {
    select((0..members.len()).collect::<Vec<_>>()).prop_flat_map(move |index| {
        let (name, value) = members[index].clone();
        value.prop_map(move |value| Map::from_iter([(name.to_owned(), value)]))
    })
}

fn selection() -> impl Strategy<Value = Value> {
    let pair = || vec(line(), 2).prop_map(Value::from).boxed();
    let condition = one_of(vec![
        ("eq", line().boxed()),
        ("noteq", any::<i32>().prop_map(Value::from).boxed()),
        ("lte", line().boxed()),
        ("gte", line().boxed()),
        ("between", pair()),
        ("notbetween", pair()),
        ("isNull", flag().boxed()),
    ])
    .prop_map(Value::Object);
    let filter =
        object(vec![("column", must(line())), ("any", must(vec(condition, 1..3).prop_map(Value::from)))]);
    prop_oneof![
        ("[a-z%_]{1,4}", name()).prop_map(|(schema, table)| json!(format!("{schema}.{table}"))),
        object(vec![
            ("schema", must(glob())),
            ("table", must(glob())),
            ("tableType", may(word(&["table", "view", "all"]))),
            ("loadOrder", may((0..9).prop_map(Value::from))),
            ("filters", may(vec(filter, 1..3).prop_map(Value::from))),
        ]),
    ]
}

fn transform() -> impl Strategy<Value = Value> {
    let replace = || object(vec![("from", must(line())), ("to", must(line()))]).boxed();
    let data_type = || {
        object(vec![
            ("type", must(word(&["string", "int8", "numeric"]))),
            ("length", may((0..99).prop_map(Value::from))),
            ("precision", may((0..99).prop_map(Value::from))),
            ("scale", may((0..9).prop_map(Value::from))),
        ])
    };
    let of_any = one_of(vec![
        ("rename", "[a-z]{1,5}".prop_map(Value::from).boxed()),
        ("convert", word(&["lowercase", "uppercase"]).boxed()),
        ("addPrefix", line().boxed()),
        ("removePrefix", line().boxed()),
        ("replacePrefix", replace()),
        ("addSuffix", line().boxed()),
        ("removeSuffix", line().boxed()),
        ("replaceSuffix", replace()),
    ]);
    let of_columns = one_of(vec![
        ("removeColumn", Just(json!(true)).boxed()),
        ("includeColumn", Just(json!(true)).boxed()),
        ("changeDataType", data_type().boxed()),
        ("mask", Just(json!({"type": "digits-mask", "character": "#"})).boxed()),
        ("mask", Just(json!({"type": "hash-mask"})).boxed()),
    ]);
    let image = object(vec![
        ("prefix", may(word(&["BI_", "a"]))),
        ("suffix", may(word(&["", "b"]))),
        ("columns", may(word(&["pk-only", "non-lob", "all"]))),
    ]);
    let key = object(vec![
        ("name", must(line())),
        ("origin", may(word(&["primary-key", "unique-index"]))),
        ("columns", must(vec("[a-z]{1,3}", 1..3).prop_map(Value::from))),
    ]);
    let added =
        object(vec![("name", must(line())), ("dataType", must(data_type())), ("expression", may(line()))]);
    let of_tables = one_of(vec![
        ("addColumn", added.boxed()),
        ("definePrimaryKey", key.boxed()),
        ("addBeforeImageColumns", image.boxed()),
    ]);
    let columns = object(vec![
        ("schema", must(glob())),
        ("table", must(glob())),
        ("column", must(glob())),
        ("columnType", may(line())),
    ]);
    let tablespaces = one_of(vec![("tableTablespace", glob().boxed()), ("indexTablespace", glob().boxed())]);
    let located = |more: Map<String, Value>, mut about: Map<String, Value>| {
        about.extend(more);
        Value::Object(about)
    };
    let map = |value: Value| value.as_object().cloned().unwrap_or_default();
    let schema = object(vec![("schema", must(glob()))]).prop_map(map).boxed();
    let table = object(vec![("schema", must(glob())), ("table", must(glob()))]).prop_map(map).boxed();
    let column = columns.prop_map(map).boxed();
    let tablespace = (table.clone(), tablespaces).prop_map(|(mut table, tablespace)| {
        table.extend(tablespace);
        table
    });
    prop_oneof![
        (of_any, prop_oneof![schema, table.clone(), column.clone(), tablespace.boxed()])
            .prop_map(move |(change, about)| located(change, about)),
        (of_columns, column).prop_map(move |(change, about)| located(change, about)),
        (of_tables, table).prop_map(move |(change, about)| located(change, about)),
    ]
}

fn settings() -> impl Strategy<Value = Value> {
    let load = prop_oneof![
        Just(json!({"type": "subpartitions-auto"})),
        Just(json!({"type": "ranges", "columns": ["a", "b"], "boundaries": [[1, "x"], ["2", true]]})),
        Just(json!({"type": "partitions-list", "partitions": ["10"], "subpartitions": ["b"]})),
        object(vec![
            ("type", must(Just(json!("partitions-auto")))),
            ("numberOfPartitions", may((1..99).prop_map(Value::from))),
            ("collectionCountFromMetadata", may(flag())),
            ("maxRecordsSkipPerPage", may((1..99).prop_map(Value::from))),
            ("batchSize", may((0..99).prop_map(Value::from))),
        ]),
    ];
    let lobs = object(vec![
        ("mode", may(word(&["limited", "unlimited", "none"]))),
        ("bulkMaxSize", may((1..99).prop_map(Value::from))),
    ]);
    object(vec![
        ("schema", must(Just(json!("shop")))),
        ("table", must("[a-z.]{1,6}".prop_map(Value::from))),
        ("parallelLoad", must(load)),
        ("lobSettings", may(lobs)),
    ])
}

fn object_mapping() -> impl Strategy<Value = Value> {
    let attribute = object(vec![
        ("targetAttributeName", must(line())),
        ("attributeType", may(word(&["scalar", "document"]))),
        ("attributeSubType", may(line())),
        ("value", must(prop_oneof![line(), Just(json!({"M": {"S": "${a}", "n": [1, null]}}))])),
    ]);
    object(vec![
        ("schema", must(glob())),
        ("table", must(glob())),
        ("action", may(word(&["map-record-to-record", "map-record-to-document"]))),
        ("targetTableName", may(line())),
        ("kafkaTargetTopic", may(line())),
        ("partitionKeyType", may(word(&["primary-key", "attribute-name"]))),
        ("partitionKeyValue", may(line())),
        ("sortKeyName", may(line())),
        ("excludeColumns", may(vec(line(), 0..3).prop_map(Value::from))),
        ("attributeMappings", may(vec(attribute, 0..3).prop_map(Value::from))),
    ])
}

fn validation() -> impl Strategy<Value = Value> {
    object(vec![
        ("schema", must(glob())),
        ("table", must(glob())),
        ("column", must(glob())),
        ("columnType", may(line())),
        ("sourceFunction", must(line())),
        ("targetFunction", may(line())),
    ])
}

fn object_tags() -> impl Strategy<Value = Value> {
    let tags = btree_map("[a-z]{1,4}", line(), 1..3).prop_map(|tags| json!(tags));
    object(vec![("schema", must(glob())), ("table", must(glob())), ("tags", must(tags))])
}

fn rename() -> impl Strategy<Value = Value> {
    let to = || must("[a-z]{1,5}".prop_map(Value::from));
    prop_oneof![
        object(vec![("schema", must(glob())), ("to", to())]),
        object(vec![("schema", must(glob())), ("table", must(glob())), ("to", to())]),
        object(vec![
            ("schema", must(glob())),
            ("table", must(glob())),
            ("column", must(glob())),
            ("to", to())
        ]),
    ]
}

fn tables() -> impl Strategy<Value = Value> {
    let list = |strategy: BoxedStrategy<Value>| may(vec(strategy, 1..4).prop_map(Value::from));
    let plain = ("[a-z]{1,4}", "[a-z]{1,4}").prop_map(|(schema, table)| json!(format!("{schema}.{table}")));
    object(vec![
        ("include", must(vec(selection(), 1..4).prop_map(Value::from))),
        ("explicit", list(plain.clone().boxed())),
        ("exclude", list(plain.boxed())),
        ("rename", list(rename().boxed())),
        ("transform", list(transform().boxed())),
        ("settings", list(settings().boxed())),
        ("objectMapping", list(object_mapping().boxed())),
        ("validation", list(validation().boxed())),
        ("objectTags", list(object_tags().boxed())),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Ids, names and the order of rules as well.
    #[test]
    fn what_the_language_compiled_to_comes_back_as_the_same(tables in tables()) {
        let document = compiled(&serde_json::to_string_pretty(&tables).unwrap());
        prop_assume!(document.is_some());
        let document = document.unwrap();
        let text = yaml(&document);
        prop_assert_eq!(compiled(&text), Some(document), "{}", text);
    }
}
