//! `run.startAfter`: what a first start waits for.

use pipewright_model::kinds::{Chosen, PipelineGate, StartGates, Until};
use pipewright_model::{Body, Desired, Timestamp};

use crate::common::{CONTROLLER, PIPELINE, Secrets, errors_of, read};

/// The pipeline of that name with this `startAfter`.
fn pipeline(name: &str, start_after: &str) -> String {
    let text = PIPELINE.replace("{name: orders}", &format!("{{name: {name}}}"));
    format!("{text}  run:\n    startAfter: {start_after}\n")
}

fn gates(desired: &Desired, name: &str) -> (StartGates, Option<bool>) {
    match &desired.resources[&desired.pipelines[name].task].body {
        Body::Task(task) => (task.start_gates.clone(), Some(task.test_connections)),
        Body::ReplicationConfig(config) => (config.start_gates.clone(), None),
        other => panic!("moves no data: {other:?}"),
    }
}

fn one(start_after: &str) -> (StartGates, Option<bool>) {
    let files = [
        ("specs/controller.yaml", CONTROLLER),
        ("specs/a.yaml", &pipeline("orders", start_after)),
        ("specs/b.yaml", &pipeline("billing", "immediately")),
        ("specs/c.yaml", &pipeline("customers", "{}")),
    ];
    let tree = read(&files).unwrap_or_else(|found| panic!("{}", found.render(false)));
    let desired = tree.desired("prod", &Secrets).unwrap_or_else(|found| panic!("{}", found.render(false)));
    gates(&desired, "orders")
}

#[test]
fn the_short_form_says_what_the_long_one_says_of_connections() {
    for (short, long) in
        [("connectionsSuccessful", "{connections: successful}"), ("immediately", "{connections: untested}")]
    {
        assert_eq!(one(short), one(long));
    }
    assert_eq!(one("{}"), (StartGates::default(), Some(true)));
    assert_eq!(one("immediately").1, Some(false));
}

#[test]
fn dates_and_pipelines_are_gates() {
    let (gates, tested) =
        one("{date: 2027-01-15T10:00:00+02:00, pipelines: [customers, {name: billing, until: finished}]}");
    let gate = |name: &str, until| PipelineGate { name: name.to_owned(), until };
    assert_eq!(gates.date, Some(Timestamp::from_secs(1_800_000_000)));
    assert_eq!(gates.pipelines, [gate("customers", Until::Loaded), gate("billing", Until::Finished)]);
    assert_eq!(tested, Some(true));
}

#[test]
fn an_approval_is_wanted_only_where_the_spec_says_so() {
    assert!(one("{approval: required}").0.approval);
    for without in ["{approval: none}", "{}", "immediately"] {
        assert!(!one(without).0.approval, "{without}");
    }
}

#[test]
fn gates_that_cannot_be() {
    let files = [
        ("specs/controller.yaml", CONTROLLER),
        (
            "specs/a.yaml",
            &pipeline(
                "orders",
                "{date: tomorrow, pipelines: [customer, {name: billing, until: done}, 3], after: x}",
            ),
        ),
        ("specs/b.yaml", &pipeline("billing", "[connectionsSuccessful]")),
        ("specs/c.yaml", &pipeline("customers", "{pipelines: [billing, {name: billing, until: running}]}")),
    ];
    insta::assert_snapshot!(errors_of(&files), @r#"
    error: `tomorrow` is not a time
      --> specs/a.yaml:21:24
       |
    21 |     startAfter: {date: tomorrow, pipelines: [customer, {name: billing, until: done}, 3], after: x}
       |                        ^^^^^^^^
       |
       = hint: write it in RFC 3339, with a time zone: "2026-01-31T12:00:00Z"

    error: there is no Pipeline `customer`
      --> specs/a.yaml:21:46
       |
    21 |     startAfter: {date: tomorrow, pipelines: [customer, {name: billing, until: done}, 3], after: x}
       |                                              ^^^^^^^^
       |
       = hint: did you mean `customers`?

    error: `done` is not possible here
      --> specs/a.yaml:21:79
       |
    21 |     startAfter: {date: tomorrow, pipelines: [customer, {name: billing, until: done}, 3], after: x}
       |                                                                               ^^^^
       |
       = hint: use one of `running`, `loaded`, `finished`

    error: expected the name of a pipeline, or `{name: …, until: …}`, found the number 3
      --> specs/a.yaml:21:86
       |
    21 |     startAfter: {date: tomorrow, pipelines: [customer, {name: billing, until: done}, 3], after: x}
       |                                                                                      ^

    error: unknown field `after`
      --> specs/a.yaml:21:90
       |
    21 |     startAfter: {date: tomorrow, pipelines: [customer, {name: billing, until: done}, 3], after: x}
       |                                                                                          ^^^^^
       |
       = hint: the fields here are `connections`, `date`, `pipelines`, `assessment`, `approval`

    error: expected connectionsSuccessful, immediately, or what it waits for, found a list
      --> specs/b.yaml:21:17
       |
    21 |     startAfter: [connectionsSuccessful]
       |                 ^

    error: `billing` is waited for twice
      --> specs/c.yaml:21:46
       |
    21 |     startAfter: {pipelines: [billing, {name: billing, until: running}]}
       |                                              ^^^^^^^
       |
       = hint: remove one of the two

    7 errors
    "#);
}

#[test]
fn a_circle_names_every_edge() {
    let files = [
        ("specs/controller.yaml", CONTROLLER),
        ("specs/a.yaml", &pipeline("orders", "{pipelines: [billing]}")),
        ("specs/b.yaml", &pipeline("billing", "{pipelines: [{name: customers, until: running}]}")),
        ("specs/c.yaml", &pipeline("customers", "{pipelines: [orders]}")),
    ];
    insta::assert_snapshot!(errors_of(&files), @"
    error: Pipeline `orders` refers to Pipeline `billing`, and that leads back here
      --> specs/a.yaml:21:30
       |
    21 |     startAfter: {pipelines: [billing]}
       |                              ^^^^^^^
       |
      ::: specs/b.yaml:21:37
       |
    21 |     startAfter: {pipelines: [{name: customers, until: running}]}
       |                                     --------- Pipeline `billing` refers to Pipeline `customers`
       |
      ::: specs/c.yaml:21:30
       |
    21 |     startAfter: {pipelines: [orders]}
       |                              ------ Pipeline `customers` refers to Pipeline `orders`

    1 error
    ");
}

#[test]
fn a_pipeline_waits_only_for_its_own_environment() {
    let controller =
        CONTROLLER.to_owned() + "    - {name: test, accountId: \"111122223333\", region: eu-west-1}\n";
    let placed = |name: &str, environment: &str, start_after: &str| {
        pipeline(name, start_after).replacen("spec:\n", &format!("spec:\n  environment: {environment}\n"), 1)
    };
    let files = [
        ("specs/controller.yaml", controller.as_str()),
        ("specs/a.yaml", &placed("orders", "prod", "{pipelines: [billing]}")),
        ("specs/b.yaml", &placed("billing", "test", "{}")),
    ];
    insta::assert_snapshot!(errors_of(&files), @"
    error: Pipeline `billing` is in the environment test, and this one in prod
      --> specs/a.yaml:22:30
       |
    22 |     startAfter: {pipelines: [billing]}
       |                              ^^^^^^^
       |
       = hint: a pipeline waits only for those of its own environment

    1 error
    ");
}

#[test]
fn an_assessment_is_a_gate() {
    let required = "serviceAccessRoleArn: \"arn:aws:iam::111122223333:role/dms-assess\", resultBucket: b";
    let gate = |more: &str| one(&format!("{{assessment: {{{required}{more}}}}}")).0.assessment.unwrap();
    let plain = gate("");
    assert_eq!((plain.chosen, plain.refuses_warnings), (Chosen::All, false));
    let names = || ["target-tables-exist".to_owned()].into();
    assert_eq!(gate(", only: [target-tables-exist]").chosen, Chosen::Only(names()));
    assert_eq!(gate(", except: [target-tables-exist]").chosen, Chosen::Except(names()));
    let full = gate(", resultFolder: f, warnings: refuse");
    assert_eq!((full.result_folder.as_deref(), full.refuses_warnings), (Some("f"), true));
    assert!(one("{}").0.assessment.is_none());
}

#[test]
fn assessments_that_cannot_be() {
    let role = "serviceAccessRoleArn: \"arn:aws:iam::111122223333:role/r\"";
    let instance = PIPELINE.split_once("    instance:\n").unwrap().1.split_once("  source:").unwrap().0;
    let serverless = pipeline("billing", &format!("{{assessment: {{{role}, resultBucket: b}}}}"))
        .replace(&format!("    instance:\n{instance}"), "    serverless: {maxCapacityUnits: 4}\n");
    let files = [
        ("specs/controller.yaml", CONTROLLER),
        ("specs/a.yaml", &pipeline("orders", &format!("{{assessment: {{{role}, only: [a], except: []}}}}"))),
        ("specs/b.yaml", &serverless),
    ];
    insta::assert_snapshot!(errors_of(&files), @r#"
    error: the field `resultBucket` is missing here
      --> specs/a.yaml:21:30
       |
    21 |     startAfter: {assessment: {serviceAccessRoleArn: "arn:aws:iam::111122223333:role/r", only: [a], except: []}}
       |                              ^

    error: `except` cannot stand beside `only`
      --> specs/a.yaml:21:100
       |
    21 |     startAfter: {assessment: {serviceAccessRoleArn: "arn:aws:iam::111122223333:role/r", only: [a], except: []}}
       |                                                                                                    ^^^^^^
       |
      ::: specs/a.yaml:21:89
       |
    21 |     startAfter: {assessment: {serviceAccessRoleArn: "arn:aws:iam::111122223333:role/r", only: [a], except: []}}
       |                                                                                         ---- the other one
       |
       = hint: keep exactly one of `only`, `except`

    error: `except` names none
      --> specs/a.yaml:21:108
       |
    21 |     startAfter: {assessment: {serviceAccessRoleArn: "arn:aws:iam::111122223333:role/r", only: [a], except: []}}
       |                                                                                                            ^
       |
       = hint: name an individual assessment, such as `target-tables-exist`, or remove the field

    error: a serverless pipeline cannot be assessed before it is started
      --> specs/b.yaml:19:18
       |
    19 |     startAfter: {assessment: {serviceAccessRoleArn: "arn:aws:iam::111122223333:role/r", resultBucket: b}}
       |                  ^^^^^^^^^^
       |
       = hint: remove `assessment`: DMS Serverless assesses only as a part of a start

    4 errors
    "#);
}
