//! References to AWS resources that somebody else keeps.

use pipewright_model::{Body, Kind, Ref, ResourceId};

use crate::common::{CONTROLLER, desired, errors};

/// A pipeline between things of others, with these references.
fn pipeline(instance: &str, source: &str, target: &str) -> String {
    format!(
        "\
apiVersion: pipewright.dev/v1
kind: Pipeline
metadata: {{name: orders}}
spec:
  compute: {{instanceRef: {instance}}}
  sourceRef: {source}
  targetRef: {target}
  migration: {{type: cdc, tables: {{include: [shop.*]}}}}
"
    )
}

const SOURCE: &str = "{arn: \"arn:aws:dms:us-east-1:111122223333:endpoint:ABC\"}";

#[test]
fn a_pipeline_can_run_between_things_of_others() {
    let text = pipeline("{identifier: Shared}", SOURCE, "{identifier: dw}");
    let desired = desired(&[("specs/controller.yaml", CONTROLLER), ("specs/a.yaml", &text)]);
    let task = ResourceId::new(Kind::Task, "data-platform-orders");
    let Body::Task(body) = &desired.resources[&task].body else { panic!("a task") };
    assert_eq!(body.instance, Ref::ExternalId(ResourceId::new(Kind::Instance, "shared")));
    assert_eq!(body.source, Ref::External("arn:aws:dms:us-east-1:111122223333:endpoint:ABC".to_owned()));
    assert_eq!(body.target, Ref::ExternalId(ResourceId::new(Kind::Endpoint, "dw")));
    // The instance's role is its owner's to provide; the task still logs. The connection to what is named by
    // ARN has no name yet.
    let names: Vec<String> = desired.resources.keys().map(ToString::to_string).collect();
    assert_eq!(names, ["role/dms-cloudwatch-logs-role", "connection/shared/dw", "task/data-platform-orders"]);
}

#[test]
fn arns_of_elsewhere_and_of_other_kinds_are_errors() {
    let text = pipeline(
        "{arn: \"arn:aws:dms:us-east-1:111122223333:endpoint:ABC\"}",
        "{arn: \"arn:aws:dms:eu-west-1:111122223333:endpoint:ABC\"}",
        "{arn: \"arn:aws:dms:us-east-1:999999999999:endpoint:ABC\"}",
    );
    insta::assert_snapshot!(errors(&text));
    let text = pipeline("{arn: x, identifier: y}", "[a]", "{name: warehouse}");
    insta::assert_snapshot!(errors(&text));
}

#[test]
fn what_is_declared_here_is_not_outside() {
    let text = format!(
        "{}---\napiVersion: pipewright.dev/v1\nkind: ReplicationInstance\nmetadata: {{name: shared}}\n\
         spec: {{class: dms.t3.medium}}\n",
        pipeline("{identifier: data-platform-shared}", SOURCE, "{identifier: dw}")
    );
    insta::assert_snapshot!(errors(&text));
}
