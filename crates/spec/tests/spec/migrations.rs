//! Migrations that cannot be.

use crate::common::{CONTROLLER, errors, errors_of, pipeline_with};

#[test]
fn migrations_that_cannot_be() {
    let text = pipeline_with(
        "    tables: {include: [shop.*]}\n",
        "    tables:\n      include: [shop, shop.a, .b, shop.a]\n      rename: [{schema: a, to: \"b*\"}, {schema: a, to: c}, {schema: \"\", to: d}]\n    mappingsFile: m.json\n    settings: {TargetMetdata: {}, Logging: {CloudWatchLogGroup: a}, FullLoadSettings: [], FullLoadSettings: {}}\n    cdc: {startPosition: a, startTime: yesterday, stopPosition: now}\n",
    );
    insta::assert_snapshot!(errors(&text), @r#"
    error: `shop` is not a pattern `schema.table`
      --> specs/a.yaml:20:17
       |
    20 |       include: [shop, shop.a, .b, shop.a]
       |                 ^^^^
       |
       = hint: write `shop.*` for all tables of the schema shop

    error: `.b` is not a pattern `schema.table`
      --> specs/a.yaml:20:31
       |
    20 |       include: [shop, shop.a, .b, shop.a]
       |                               ^^
       |
       = hint: write `schema.table`, for example shop.orders or shop.*

    error: the new name cannot have a wildcard
      --> specs/a.yaml:21:32
       |
    21 |       rename: [{schema: a, to: "b*"}, {schema: a, to: c}, {schema: "", to: d}]
       |                                ^^^^

    error: `` is not possible here
      --> specs/a.yaml:21:68
       |
    21 |       rename: [{schema: a, to: "b*"}, {schema: a, to: c}, {schema: "", to: d}]
       |                                                                    ^^
       |
       = hint: write a text that is not empty and has no control characters

    error: `mappingsFile` cannot stand beside `tables`
      --> specs/a.yaml:22:5
       |
    22 |     mappingsFile: m.json
       |     ^^^^^^^^^^^^
       |
      ::: specs/a.yaml:19:5
       |
    19 |     tables:
       |     ------ the other one
       |
       = hint: keep exactly one of `tables`, `mappings`, `mappingsFile`

    error: DMS has no task settings `TargetMetdata`
      --> specs/a.yaml:23:16
       |
    23 |     settings: {TargetMetdata: {}, Logging: {CloudWatchLogGroup: a}, FullLoadSettings: [], FullLoadSettings: {}}
       |                ^^^^^^^^^^^^^
       |
       = hint: did you mean `TargetMetadata`?

    error: DMS sets `CloudWatchLogGroup` itself and refuses it
      --> specs/a.yaml:23:65
       |
    23 |     settings: {TargetMetdata: {}, Logging: {CloudWatchLogGroup: a}, FullLoadSettings: [], FullLoadSettings: {}}
       |                                                                 ^
       |
       = hint: remove it

    error: expected a mapping of settings, found a list
      --> specs/a.yaml:23:87
       |
    23 |     settings: {TargetMetdata: {}, Logging: {CloudWatchLogGroup: a}, FullLoadSettings: [], FullLoadSettings: {}}
       |                                                                                       ^

    error: the key `FullLoadSettings` is there twice
      --> specs/a.yaml:23:91
       |
    23 |     settings: {TargetMetdata: {}, Logging: {CloudWatchLogGroup: a}, FullLoadSettings: [], FullLoadSettings: {}}
       |                                                                                           ^^^^^^^^^^^^^^^^
       |
      ::: specs/a.yaml:23:69
       |
    23 |     settings: {TargetMetdata: {}, Logging: {CloudWatchLogGroup: a}, FullLoadSettings: [], FullLoadSettings: {}}
       |                                                                     ---------------- first here
       |
       = hint: keep one of the two

    error: a full load captures no changes, so `cdc` has no effect
      --> specs/a.yaml:24:5
       |
    24 |     cdc: {startPosition: a, startTime: yesterday, stopPosition: now}
       |     ^^^
       |
       = hint: remove `cdc`, or set `type: full-load-and-cdc` or `type: cdc`

    error: `startTime` cannot stand beside `startPosition`
      --> specs/a.yaml:24:29
       |
    24 |     cdc: {startPosition: a, startTime: yesterday, stopPosition: now}
       |                             ^^^^^^^^^
       |
      ::: specs/a.yaml:24:11
       |
    24 |     cdc: {startPosition: a, startTime: yesterday, stopPosition: now}
       |           ------------- the other one
       |
       = hint: keep exactly one of `startPosition`, `startTime`

    error: `yesterday` is not a time
      --> specs/a.yaml:24:40
       |
    24 |     cdc: {startPosition: a, startTime: yesterday, stopPosition: now}
       |                                        ^^^^^^^^^
       |
       = hint: write it in RFC 3339, with a time zone: "2026-01-31T12:00:00Z"

    error: `now` is not a stop position
      --> specs/a.yaml:24:65
       |
    24 |     cdc: {startPosition: a, startTime: yesterday, stopPosition: now}
       |                                                                 ^^^
       |
       = hint: write server_time: or commit_time: and a time, for example server_time:2026-01-31T12:00:00

    13 errors
    "#);
}

#[test]
fn a_migration_of_no_tables() {
    let text = pipeline_with(
        "    tables: {include: [shop.*]}\n",
        "    tables: {include: []}\n    cdc: {startTime: yesterday, stopPosition: now}\n",
    );
    insta::assert_snapshot!(errors(&text), @r#"
    error: no table is included
      --> specs/a.yaml:19:23
       |
    19 |     tables: {include: []}
       |                       ^
       |
       = hint: name at least one, for example shop.*

    error: a full load captures no changes, so `cdc` has no effect
      --> specs/a.yaml:20:5
       |
    20 |     cdc: {startTime: yesterday, stopPosition: now}
       |     ^^^
       |
       = hint: remove `cdc`, or set `type: full-load-and-cdc` or `type: cdc`

    error: `yesterday` is not a time
      --> specs/a.yaml:20:22
       |
    20 |     cdc: {startTime: yesterday, stopPosition: now}
       |                      ^^^^^^^^^
       |
       = hint: write it in RFC 3339, with a time zone: "2026-01-31T12:00:00Z"

    error: `now` is not a stop position
      --> specs/a.yaml:20:47
       |
    20 |     cdc: {startTime: yesterday, stopPosition: now}
       |                                               ^^^
       |
       = hint: write server_time: or commit_time: and a time, for example server_time:2026-01-31T12:00:00

    4 errors
    "#);
}

#[test]
fn mappings_with_rules_that_clash() {
    let text = pipeline_with(
        "    tables: {include: [shop.*]}\n",
        "    mappings:\n      rules:\n        - {rule-type: selection, rule-id: 1, rule-name: a}\n        - {rule-type: selection, rule-id: \"1\"}\n",
    );
    insta::assert_snapshot!(errors(&text), @r#"
    error: the field `rule-name` is missing in this rule
      --> specs/a.yaml:22:11
       |
    22 |         - {rule-type: selection, rule-id: "1"}
       |           ^

    error: two rules have the rule-id `1`
      --> specs/a.yaml:22:43
       |
    22 |         - {rule-type: selection, rule-id: "1"}
       |                                           ^^^
       |
      ::: specs/a.yaml:21:43
       |
    21 |         - {rule-type: selection, rule-id: 1, rule-name: a}
       |                                           - the other one

    2 errors
    "#);
}

#[test]
fn mappings_without_rules() {
    let text = pipeline_with("    tables: {include: [shop.*]}\n", "    mappings: {rule: []}\n");
    insta::assert_snapshot!(errors(&text), @r#"
    error: a table-mapping document needs a list `rules` that is not empty
      --> specs/a.yaml:19:15
       |
    19 |     mappings: {rule: []}
       |               ^
       |
       = hint: see "Using table mapping to specify task settings" in the DMS User Guide

    1 error
    "#);
}

#[test]
fn mappings_that_select_nothing() {
    let rule = "{rule-type: transformation, rule-id: \"1\", rule-name: a}";
    let text = pipeline_with("tables: {include: [shop.*]}", &format!("mappings: {{rules: [{rule}]}}"));
    insta::assert_snapshot!(errors(&text), @r#"
    error: a table-mapping document needs at least one rule of the type selection
      --> specs/a.yaml:19:15
       |
    19 |     mappings: {rules: [{rule-type: transformation, rule-id: "1", rule-name: a}]}
       |               ^

    1 error
    "#);
}

#[test]
fn mapping_files_that_are_missing_or_wrong() {
    let text = pipeline_with("    tables: {include: [shop.*]}\n", "    mappingsFile: maps/m.json\n");
    insta::assert_snapshot!(errors(&text), @"
    error: the table mappings cannot be read from specs/maps/m.json: there is no such file
      --> specs/a.yaml:19:19
       |
    19 |     mappingsFile: maps/m.json
       |                   ^^^^^^^^^^^

    1 error
    ");
    let files = |json: &'static str| {
        [("specs/controller.yaml", CONTROLLER), ("specs/a.yaml", text.as_str()), ("specs/maps/m.json", json)]
    };
    insta::assert_snapshot!(errors_of(&files("{\n\t\"rules\": [")), @r#"
    error: this is not valid JSON: EOF while parsing a list
     --> specs/maps/m.json:2:11
      |
    2 |     "rules": [
      |              ^

    1 error
    "#);
    insta::assert_snapshot!(errors_of(&files("{\n  \"rules\": [\n    {\"rule-id\": 1, \"é\": tru}]}")), @r#"
    error: this is not valid JSON: expected ident
     --> specs/maps/m.json:3:28
      |
    3 |     {"rule-id": 1, "é": tru}]}
      |                            ^

    1 error
    "#);
    insta::assert_snapshot!(errors_of(&files("[]")), @"
    error: expected a mapping, found a list
     --> specs/maps/m.json:1:1
      |
    1 | []
      | ^^

    1 error
    ");
    insta::assert_snapshot!(errors_of(&files("{\"rules\": []}")), @r#"
    error: a table-mapping document needs a list `rules` that is not empty
     --> specs/maps/m.json:1:1
      |
    1 | {"rules": []}
      | ^^^^^^^^^^^^^
      |
      = hint: see "Using table mapping to specify task settings" in the DMS User Guide

    1 error
    "#);
    insta::assert_snapshot!(errors_of(&files("{\"rules\": [\n  {\"rule-id\": \"1\", \"rule-type\": \"selection\"}]}")), @r#"
    error: the field `rule-name` is missing in this rule
     --> specs/maps/m.json:2:3
      |
    2 |   {"rule-id": "1", "rule-type": "selection"}]}
      |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

    1 error
    "#);
    insta::assert_snapshot!(errors_of(&files(
        "{\"rules\": [\r\n\t{\"rule-id\": \"é\", \"rule-name\": \"é\", \"rule-id\": \"2\", \"rule-type\": \"selection\"}\r\n]}"
    )), @r#"
    error: the key `rule-id` is there twice
     --> specs/maps/m.json:2:37
      |
    2 |     {"rule-id": "é", "rule-name": "é", "rule-id": "2", "rule-type": "selection"}
      |                                        ^^^^^^^^^
      |
     ::: specs/maps/m.json:2:3
      |
    2 |     {"rule-id": "é", "rule-name": "é", "rule-id": "2", "rule-type": "selection"}
      |      --------- first here
      |
      = hint: keep one of the two

    1 error
    "#);
}

#[test]
fn a_mapping_file_that_two_pipelines_name_is_told_of_once() {
    let text = pipeline_with("    tables: {include: [shop.*]}\n", "    mappingsFile: maps/m.json\n");
    let other = text.replace("{name: orders}", "{name: ledger}");
    let files = [
        ("specs/controller.yaml", CONTROLLER),
        ("specs/a.yaml", text.as_str()),
        ("specs/b.yaml", other.as_str()),
        ("specs/maps/m.json", "{\"rules\": 1}"),
    ];
    assert!(errors_of(&files).ends_with("1 error\n"));
}

#[test]
fn rules_of_unknown_types_and_rules_with_one_id_are_errors() {
    let rule = |ty: &str, id: &str, name: &str| {
        format!(
            r#"{{"rule-type": "{ty}", "rule-id": {id}, "rule-name": "{name}", "rule-action": "include",
                "object-locator": {{"schema-name": "{name}", "table-name": "%"}}}}"#
        )
    };
    let one_line = |rules: &[String]| format!(r#"{{"rules": [{}]}}"#, rules.join(", ")).replace('\n', "");
    let wrong_type = one_line(&[rule("selection", "1", "a"), rule("transformations", "2", "b")]);
    let same_id = one_line(&[rule("selection", "1", "a"), rule("selection", "\"1\"", "b")]);
    let same_name = one_line(&[rule("selection", "1", "a"), rule("validation", "2", "a")]);

    for (json, message) in [
        (&wrong_type, "error: DMS has no rules of the type `transformations`"),
        (&same_id, "error: two rules have the rule-id `1`"),
        (&same_name, "error: two rules have the rule-name `a`"),
    ] {
        let from = "    tables: {include: [shop.*]}\n";
        let found = errors(&pipeline_with(from, &format!("    mappings: {json}\n")));
        assert!(found.contains(message) && found.contains("--> specs/a.yaml:19:"), "{found}");
        assert!(found.ends_with("1 error\n"), "{found}");
        let text = pipeline_with(from, "    mappingsFile: m.json\n");
        let files = [
            ("specs/controller.yaml", CONTROLLER),
            ("specs/a.yaml", text.as_str()),
            ("specs/m.json", json.as_str()),
        ];
        let found = errors_of(&files);
        assert!(found.contains(message) && found.contains("--> specs/m.json:1:"), "{found}");
        assert!(found.ends_with("1 error\n"), "{found}");
    }
}
