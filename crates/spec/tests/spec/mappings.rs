//! The language of table mappings: what it compiles to, what is wrong with it, what is odd.

use serde_json::{Value, json};

use crate::common::{controller_with_key, errors, pipeline_with, read};

fn tree(tables: &str) -> pipewright_spec::SpecTree {
    let text = pipeline_with("    tables: {include: [shop.*]}\n", tables);
    read(&[("specs/controller.yaml", &controller_with_key()), ("specs/a.yaml", &text)])
        .unwrap_or_else(|errors| panic!("{}", errors.render(false)))
}

/// The rules without ids and names, which depend on nothing else.
fn rules(tables: &str) -> Vec<Value> {
    let mut rules = tree(tables).table_mappings().remove(0).document["rules"].as_array().unwrap().clone();
    for rule in &mut rules {
        let members = rule.as_object_mut().unwrap();
        let id = members.remove("rule-id").unwrap();
        let name = members.remove("rule-name").unwrap();
        assert!(name.as_str().unwrap().ends_with(&format!("-{}", id.as_str().unwrap())));
    }
    rules
}

fn warnings(tables: &str) -> String {
    tree(tables).warnings(pipewright_model::Timestamp::default()).render(false)
}

#[test]
fn selections_with_filters_and_load_order() {
    let found = rules(
        "    tables:\n      include:\n        - schema: shop\n          table: orders[_]*\n          tableType: view\n          loadOrder: 2\n          filters:\n            - {column: a, any: [{eq: 1}, {between: [b, c]}]}\n            - {column: d, any: [{lte: 2.5}, {isNull: false}]}\n",
    );
    assert_eq!(
        found,
        [json!({
            "rule-type": "selection",
            "rule-action": "include",
            "object-locator": {"schema-name": "shop", "table-name": "orders[_]%", "table-type": "view"},
            "load-order": "2",
            "filters": [
                {"filter-type": "source", "column-name": "a", "filter-conditions": [
                    {"filter-operator": "eq", "value": "1"},
                    {"filter-operator": "between", "start-value": "b", "end-value": "c"},
                ]},
                {"filter-type": "source", "column-name": "d", "filter-conditions": [
                    {"filter-operator": "ste", "value": "2.5"},
                    {"filter-operator": "notnull"},
                ]},
            ],
        })]
    );
}

#[test]
fn changes_of_schemas_tables_and_columns() {
    let found = rules(
        "    tables:\n      include: [shop.*]\n      transform:\n        - {schema: shop, convert: uppercase}\n        - {schema: shop, table: a, replaceSuffix: {from: x, to: y}}\n        - {schema: shop, table: a, column: \"p*\", removeColumn: true}\n        - {schema: shop, table: a, addColumn: {name: n, dataType: {type: string, length: 9}, expression: $m}}\n        - {schema: shop, table: a, definePrimaryKey: {name: k, columns: [n]}}\n        - {schema: shop, table: a, addBeforeImageColumns: {}}\n        - {schema: shop, table: a, column: c, mask: {type: digits-mask, character: \"#\"}}\n        - {schema: shop, table: a, tableTablespace: t, rename: u}\n",
    );
    let locator = |more: Value| {
        let mut locator = json!({"schema-name": "shop", "table-name": "a"});
        locator.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        locator
    };
    let rule = |action: &str, target: &str, locator: Value, more: Value| {
        let mut rule = json!({"rule-type": "transformation", "rule-action": action, "rule-target": target,
            "object-locator": locator});
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        rule
    };
    let none = || json!({});
    assert_eq!(
        found[1..],
        [
            rule("convert-uppercase", "schema", json!({"schema-name": "shop"}), none()),
            rule("replace-suffix", "table", locator(none()), json!({"value": "y", "old-value": "x"})),
            rule("remove-column", "column", locator(json!({"column-name": "p%"})), none()),
            rule(
                "add-column",
                "column",
                locator(none()),
                json!({"value": "n", "expression": "$m", "data-type": {"type": "string", "length": 9}}),
            ),
            rule(
                "define-primary-key",
                "table",
                locator(none()),
                json!({"primary-key-def": {"name": "k", "columns": ["n"]}}),
            ),
            rule(
                "add-before-image-columns",
                "column",
                locator(none()),
                json!({"before-image-def":
                    {"column-prefix": "BI_", "column-suffix": "", "column-filter": "pk-only"}}),
            ),
            rule(
                "data-masking-digits-mask",
                "column",
                locator(json!({"column-name": "c"})),
                json!({"value": "#"}),
            ),
            rule(
                "rename",
                "table-tablespace",
                locator(json!({"table-tablespace-name": "t"})),
                json!({"value": "u"}),
            ),
        ]
    );
}

#[test]
fn loading_object_mapping_validation_and_tags() {
    let found = rules(
        "    tables:\n      include: [shop.*]\n      settings:\n        - {schema: shop, table: a, parallelLoad: {type: ranges, columns: [x], boundaries: [[1]]}, lobSettings: {bulkMaxSize: 8}}\n      objectMapping:\n        - {schema: shop, table: a, kafkaTargetTopic: t, partitionKeyValue: k, attributeMappings: [{targetAttributeName: n, value: {b: \"${c}\"}}]}\n      validation: [{schema: shop, table: a, column: c, targetFunction: f}]\n      objectTags: [{schema: shop, table: a, tags: {team: x}}]\n",
    );
    let locator = json!({"schema-name": "shop", "table-name": "a"});
    assert_eq!(
        found[1..],
        [
            json!({"rule-type": "table-settings", "object-locator": locator,
                "parallel-load": {"type": "ranges", "columns": ["x"], "boundaries": [["1"]]},
                "lob-settings": {"bulk-max-size": "8"}}),
            json!({"rule-type": "object-mapping", "rule-action": "map-record-to-record",
                "object-locator": locator, "kafka-target-topic": "t", "mapping-parameters": {
                    "partition-key": {"value": "k"},
                    "attribute-mappings": [{"target-attribute-name": "n", "value": {"b": "${c}"}}]}}),
            json!({"rule-type": "validation", "rule-target": "column",
                "rule-action": "override-validation-function", "target-function": "f",
                "object-locator": {"schema-name": "shop", "table-name": "a", "column-name": "c"}}),
            json!({"rule-type": "post-processing", "rule-action": "add-tag", "object-locator": locator,
                "tag-set": [{"key": "team", "value": "x"}]}),
        ]
    );
}

#[test]
fn a_rule_more_changes_no_other() {
    let of = |tables: &str| tree(tables).table_mappings().remove(0).document["rules"].clone();
    let before = of("    tables: {include: [shop.*, crm.*]}\n");
    let after = of("    tables: {include: [shop.*, b.c, crm.*], exclude: [shop.a]}\n");
    for rule in before.as_array().unwrap() {
        assert!(after.as_array().unwrap().contains(rule), "{rule}");
    }
    assert_eq!(after.as_array().unwrap().len(), 4);
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let text = pipeline_with(
        "    tables: {include: [shop.*]}\n",
        "    tables:\n      explicit: [\"shop.*\"]\n      transform:\n        - {schema: shop, table: a, removeColumn: true}\n        - {schema: shop, rename: a, convert: lowercase}\n      settings: [{schema: shop, table: \"*\", lobSettings: {bulkMaxSize: 0}}]\n",
    );
    insta::assert_snapshot!(errors(&text));
}

#[test]
fn contradictions_and_rules_without_effect_are_warnings() {
    insta::assert_snapshot!(warnings(
        "    tables:\n      include: [shop.*, crm.leads, {schema: b, table: \"*\", filters: [{column: c, any: [{gte: 1}]}]}]\n      exclude: [crm.*, x.y]\n      transform:\n        - {schema: shop, table: \"*\", convert: lowercase}\n        - {schema: shop, table: orders, rename: o}\n        - {schema: nowhere, table: a, addPrefix: p}\n        - {schema: shop, table: a, column: \"s*\", removeColumn: true}\n        - {schema: shop, table: a, column: ssn, mask: {type: hash-mask}}\n",
    ));
    assert_eq!(warnings("    tables: {include: [shop.*], exclude: [shop.a]}\n"), "0 errors\n");
}

#[test]
fn warnings_about_a_file_point_into_it() {
    let rule = |id: &str, action: &str, table: &str| {
        format!(
            r#"  {{"rule-type": "selection", "rule-id": "{id}", "rule-name": "{id}", "rule-action": "{action}",
   "object-locator": {{"schema-name": "shop", "table-name": "{table}"}}}}"#
        )
    };
    let file = format!("{{\"rules\": [\n{},\n{}\n]}}", rule("1", "include", "a"), rule("2", "exclude", "b"));
    let text = pipeline_with("tables: {include: [shop.*]}", "mappingsFile: m.json");
    let controller = controller_with_key();
    let files = [("specs/controller.yaml", &*controller), ("specs/a.yaml", &text), ("specs/m.json", &file)];
    let warnings = read(&files).unwrap().warnings(pipewright_model::Timestamp::default());
    let places: Vec<String> = warnings.0.iter().map(|warning| warning.place.to_string()).collect();
    assert_eq!(places, ["specs/m.json:4:3"]);
}
