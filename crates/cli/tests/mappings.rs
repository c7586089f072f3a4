//! The compiled table mappings, and what they do with a table.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

#[allow(dead_code, unreachable_pub, reason = "shared by several test programs")]
mod common;

use common::Workplace;

fn workplace() -> Workplace {
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    let text = std::fs::read_to_string(place.path().join("specs/orders.yaml")).unwrap();
    let start = text.find("    tables:").unwrap();
    let line = text[start..].lines().next().unwrap().to_owned();
    let tables = "    tables:\n      include: [shop.*]\n      exclude: [shop.audit]\n      rename: [{schema: shop, to: public}]\n      transform:\n        - {schema: shop, table: \"tmp_*\", removePrefix: tmp_}";
    place.edit("specs/orders.yaml", &line, tables);
    place
}

#[test]
fn the_document_is_printed_as_dms_takes_it() {
    let document = workplace().run("mappings specs --pipeline orders").expect(0).json();
    let rules = document["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 4);
    assert_eq!(rules[0]["object-locator"]["schema-name"], "shop");
    let json = workplace().run("mappings specs --format json").expect(0).json();
    assert_eq!(json["pipelines"][0]["document"], document);
}

#[test]
fn a_table_is_followed_to_the_target() {
    let place = workplace();
    insta::assert_snapshot!(place.run("mappings specs --table shop.tmp_orders").all());
    insta::assert_snapshot!(place.run("mappings specs --table shop.audit").all());
    let json = place.run("mappings specs --table shop.users.name --format json").expect(0).json();
    assert_eq!(json["pipelines"][0]["table"]["targetColumn"], "name");
}

#[test]
fn what_is_not_there_is_an_error() {
    let place = workplace();
    insta::assert_snapshot!(place.run("mappings specs --pipeline order").all());
    assert!(place.run("mappings specs --table shop").expect(1).all().contains("such as shop.orders"));
}

#[test]
fn warnings_fail_only_if_they_are_denied() {
    let place = workplace();
    place.edit("specs/orders.yaml", "exclude: [shop.audit]", "exclude: [crm.audit]");
    insta::assert_snapshot!(place.run("validate specs").all());
    let json = place.run("validate specs --deny-warnings --format json").expect(1).json();
    assert_eq!((json["valid"].as_bool(), json["warnings"].as_array().map(Vec::len)), (Some(true), Some(1)));
}

#[test]
fn plans_warn_on_stderr_and_keep_their_output_and_exit_code() {
    let place = workplace();
    place.edit("specs/orders.yaml", "exclude: [shop.audit]", "exclude: [crm.audit]");
    let warned = place.run("plan specs --sandbox --format json").expect(0);
    assert!(warned.all().contains("warning: ") && warned.all().contains("crm.audit"), "{}", warned.all());
    warned.json();
    let quiet = place.run("plan specs --sandbox --quiet").expect(0);
    assert!(!quiet.all().contains("warning: "), "{}", quiet.all());
}

/// A mapping document with one rule more than an inclusion.
fn with_json(more: &str) -> Workplace {
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    let rule = r#"{"rule-type": "selection", "rule-id": "1", "rule-name": "a", "rule-action": "include", "object-locator": {"schema-name": "shop", "table-name": "%"}}"#;
    std::fs::write(place.path().join("m.json"), format!("{{\"rules\": [\n  {rule},\n  {more}\n]}}\n"))
        .unwrap();
    place
}

#[test]
fn a_document_of_dms_is_printed_as_the_language_where_that_says_the_same() {
    let place = with_json(
        r#"{"rule-type": "transformation", "rule-id": "2", "rule-name": "b", "rule-action": "rename", "rule-target": "schema", "object-locator": {"schema-name": "shop"}, "value": "public"}"#,
    );
    insta::assert_snapshot!(place.run("mappings --from m.json").expect(0).all(), @"
    exit 0
    --- stdout
    tables:
      include:
      - shop.*
      rename:
      - schema: shop
        to: public
    --- stderr
    ");
    let json = place.run("mappings --from m.json --format json").expect(0).json();
    assert_eq!(json["tables"]["include"][0], "shop.*");
    let place = with_json(
        r#"{"rule-type": "selection", "rule-id": "2", "rule-name": "b", "rule-action": "hide", "object-locator": {"schema-name": "shop", "table-name": "a"}}"#,
    );
    insta::assert_snapshot!(place.run("mappings --from m.json").expect(1).all(), @r#"
    exit 1
    --- stdout
    --- stderr
    error: `tables` has no word for what this rule does
     --> m.json:3:3
      |
    3 |   {"rule-type": "selection", "rule-id": "2", "rule-name": "b", "rule-action": "hide", "object-locator": {"schema-name": "shop", "table-name": "a"}}
      |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = hint: keep the document as it is, under `mappings` or in a `mappingsFile`

    1 error
    "#);
    insta::assert_snapshot!(place.run("mappings --from n.json").expect(1).all(), @"
    exit 1
    --- stdout
    --- stderr
    error: cannot read n.json
      caused by: No such file or directory (os error 2)
    ");
}
