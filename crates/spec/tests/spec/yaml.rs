//! Text that is no YAML, or YAML that is more than specs need.

use crate::common::{CONTROLLER, PIPELINE, errors, pipeline_with, read};

#[test]
fn what_is_valid_is_valid() {
    assert!(read(&[("specs/controller.yaml", CONTROLLER), ("specs/a.yaml", PIPELINE)]).is_ok());
}

#[test]
fn a_tab_in_the_indentation() {
    insta::assert_snapshot!(errors("kind:\n\tPipeline\n"), @"
    error: a tab cannot indent YAML
     --> specs/a.yaml:2:2
      |
    2 |     Pipeline
      |     ^
      |
      = hint: indent with spaces

    1 error
    ");
}

#[test]
fn text_that_is_no_yaml_hides_no_other_document() {
    let text = format!("kind: [Pipeline\n---\n{}", pipeline_with("type: full-load", "type: full"));
    insta::assert_snapshot!(errors(&text), @"
    error: this is not valid YAML: unclosed bracket '['
     --> specs/a.yaml:1:7
      |
    1 | kind: [Pipeline
      |       ^

    error: `full` is not possible here
      --> specs/a.yaml:20:11
       |
    20 |     type: full
       |           ^^^^
       |
       = hint: did you mean `full-load`?

    2 errors
    ");
}

#[test]
fn a_key_twice() {
    let text = pipeline_with("    port: 3306\n", "    port: 3306\n    port: 3307\n");
    insta::assert_snapshot!(errors(&text), @"
    error: the key `port` is there twice
      --> specs/a.yaml:13:5
       |
    13 |     port: 3307
       |     ^^^^
       |
      ::: specs/a.yaml:12:5
       |
    12 |     port: 3306
       |     ---- first here
       |
       = hint: keep one of the two

    1 error
    ");
}

#[test]
fn an_alias_bomb() {
    let tens = ["a", "b", "c", "d", "e", "f", "g", "h"].windows(2).map(|pair| {
        format!("{}: &{} [{}]\n", pair[1], pair[1], vec![format!("*{}", pair[0]); 10].join(", "))
    });
    let text = format!("a: &a [x, x, x, x, x, x, x, x, x, x]\n{}", tens.collect::<String>());
    insta::assert_snapshot!(errors(&text), @"
    error: the document's aliases expand to more than 100000 nodes
     --> specs/a.yaml:5:36
      |
    5 | e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]
      |                                    ^
      |
      = hint: write the values out, or use fewer aliases of aliases

    1 error
    ");
}

#[test]
fn an_anchor_that_contains_itself() {
    insta::assert_snapshot!(errors("kind: &a\n  spec: [*a]\n"), @"
    error: this alias stands for something that contains the alias itself
     --> specs/a.yaml:2:10
      |
    2 |   spec: [*a]
      |          ^
      |
      = hint: an anchor must not be used inside of what it names

    1 error
    ");
}

#[test]
fn an_alias_of_nothing() {
    insta::assert_snapshot!(errors("kind: *a\n"), @"
    error: this is not valid YAML: alias references unknown anchor
     --> specs/a.yaml:1:7
      |
    1 | kind: *a
      |       ^

    1 error
    ");
}

#[test]
fn nesting_too_deep() {
    insta::assert_snapshot!(errors(&"[".repeat(5000)), @"
    error: lists and mappings are nested more than 32 deep
     --> specs/a.yaml:1:256
      |
     ::: 
    1 | [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[...
      |                                                                                                     ^

    1 error
    ");
    insta::assert_snapshot!(errors(&format!("a: {}1{}\n", "[".repeat(100), "]".repeat(100))), @"
    error: lists and mappings are nested more than 32 deep
     --> specs/a.yaml:1:35
      |
    1 | a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]...
      |                                   ^

    1 error
    ");
    // Each alias is one level deeper than the one before.
    let deeper = (1..100).map(|level| format!("a{level}: &a{level} [*a{}]\n", level - 1));
    let text = format!("a0: &a0 [x]\n{}", deeper.collect::<String>());
    insta::assert_snapshot!(errors(&text), @"
    error: lists and mappings are nested more than 32 deep
      --> specs/a.yaml:32:12
       |
    32 | a31: &a31 [*a30]
       |            ^

    1 error
    ");
}

#[test]
fn too_many_documents() {
    let text = "---\nx\n".repeat(10_001);
    let errors = errors(&text);
    assert_eq!(errors.matches("more than 10000 documents").count(), 1);
    assert!(errors.contains("--> specs/a.yaml:19999:1"), "{}", &errors[errors.len() - 500..]);
}

#[test]
fn windows_line_ends_byte_order_marks_and_wide_characters_do_not_move_places() {
    let text =
        format!("\u{feff}# größe 東京\r\n{}", pipeline_with("full-load", "fullload").replace('\n', "\r\n"));
    insta::assert_snapshot!(errors(&text), @"
    error: `fullload` is not possible here
      --> specs/a.yaml:19:11
       |
    19 |     type: fullload
       |           ^^^^^^^^
       |
       = hint: did you mean `full-load`?

    1 error
    ");
    let text = pipeline_with("{name: orders}", "{name: orders, labels: {東京: \"größe\", wrong: 1}}");
    insta::assert_snapshot!(errors(&text), @r#"
    error: expected text, found the number 1
     --> specs/a.yaml:3:55
      |
    3 | metadata: {name: orders, labels: {東京: "größe", wrong: 1}}
      |                                                         ^
      |
      = hint: put it in quotes: "1"

    1 error
    "#);
}

#[test]
fn keys_that_are_no_text() {
    insta::assert_snapshot!(errors("? [a, b]\n: c\n"), @"
    error: a key must be text, not a list or a mapping
     --> specs/a.yaml:1:3
      |
    1 | ? [a, b]
      |   ^

    1 error
    ");
    insta::assert_snapshot!(errors("5: x\ntrue: y\n"), @"
    error: the field `apiVersion` is missing here
     --> specs/a.yaml:1:1
      |
    1 | 5: x
      | ^

    error: the field `kind` is missing here
     --> specs/a.yaml:1:1
      |
    1 | 5: x
      | ^

    error: the field `metadata` is missing here
     --> specs/a.yaml:1:1
      |
    1 | 5: x
      | ^

    error: unknown field `5`
     --> specs/a.yaml:1:1
      |
    1 | 5: x
      | ^
      |
      = hint: the fields here are `apiVersion`, `kind`, `metadata`, `spec`

    error: unknown field `true`
     --> specs/a.yaml:2:1
      |
    2 | true: y
      | ^^^^
      |
      = hint: the fields here are `apiVersion`, `kind`, `metadata`, `spec`

    5 errors
    ");
}

#[test]
fn a_very_long_line_is_shown_in_part() {
    let long = "x".repeat(100_000);
    let text = pipeline_with("{name: orders}", &format!("{{name: orders, labels: {{é: {long}}}, b: c}}"));
    let errors = errors(&text);
    assert!(errors.len() < 3000, "{}", errors.len());
    insta::assert_snapshot!(errors, @"
    error: the value of the tag `é` is not possible
     --> specs/a.yaml:3:38
      |
    3 | ...é: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
      |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^...^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = hint: use at most 256 letters, digits, spaces and _ . : / = + - @

    error: unknown field `b`
     --> specs/a.yaml:3:100041
      |
     ::: 
    3 | xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}, b: c}
      |                                                                                                     ^
      |
      = hint: the fields here are `name`, `labels`

    2 errors
    ");
}
