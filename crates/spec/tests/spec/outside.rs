//! References to AWS resources that somebody else keeps.

use pipewright_model::{Adopt, Body, DeletionPolicy, FormerOwner, Import, Kind, Ref, ResourceId};

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

#[test]
fn imports_take_over_by_identifier_and_stay_when_their_spec_goes() {
    let text = crate::common::pipeline_with(
        "      class: dms.t3.medium\n",
        "      class: dms.t3.medium\n      import: {identifier: Old-One, from: cloudformation/net}\n      protect: true\n",
    );
    let wanted = desired(&[("specs/controller.yaml", CONTROLLER), ("specs/a.yaml", &text)]);
    let instance = &wanted.resources[&ResourceId::new(Kind::Instance, "old-one")];
    assert_eq!(instance.adopt, Adopt::Always);
    assert_eq!(instance.deletion_policy, DeletionPolicy::Retain);
    assert!(instance.protected);
    let from = FormerOwner::CloudFormation(Some("net".to_owned()));
    assert_eq!(instance.import, Some(Import { from: Some(from) }));
    let task = &wanted.resources[&ResourceId::new(Kind::Task, "data-platform-orders")];
    assert_eq!(
        (task.adopt, task.deletion_policy, task.protected),
        (Adopt::Never, DeletionPolicy::Delete, false)
    );

    let deleted =
        text.replace("spec:\n  compute:", "spec:\n  protect: true\n  deletionPolicy: delete\n  compute:");
    let wanted = desired(&[("specs/controller.yaml", CONTROLLER), ("specs/a.yaml", &deleted)]);
    let instance = &wanted.resources[&ResourceId::new(Kind::Instance, "old-one")];
    assert_eq!(instance.deletion_policy, DeletionPolicy::Delete);
    assert!(wanted.resources[&ResourceId::new(Kind::Task, "data-platform-orders")].protected);
}

#[test]
fn an_import_needs_an_owner_that_can_be_and_no_identifier_beside_it() {
    let text = crate::common::pipeline_with(
        "      class: dms.t3.medium\n",
        "      class: dms.t3.medium\n      identifier: mine\n      import: {identifier: old, from: pulumi}\n",
    );
    insta::assert_snapshot!(errors(&text));
}

#[test]
fn an_event_subscription_can_be_taken_over() {
    let subscription = |how: &str| {
        format!(
            "\
apiVersion: pipewright.dev/v1
kind: EventSubscription
metadata: {{name: alarms}}
spec:
  snsTopicArn: arn:aws:sns:us-east-1:111122223333:alarms
  sourceType: replication-task
{how}"
        )
    };
    let text = subscription("  import: {identifier: old-alarms, from: cloudformation/net}\n");
    let desired = desired(&[("specs/controller.yaml", CONTROLLER), ("specs/a.yaml", &text)]);
    let declared = &desired.resources[&ResourceId::new(Kind::EventSubscription, "old-alarms")];
    assert_eq!(declared.adopt, Adopt::Always);
    assert_eq!(
        declared.import,
        Some(Import { from: Some(FormerOwner::parse("cloudformation/net").unwrap()) })
    );
    assert_eq!(declared.deletion_policy, DeletionPolicy::Retain);
    let both = errors(&subscription("  identifier: mine\n  import: {identifier: old}\n"));
    assert!(both.contains("`import` cannot stand beside `identifier`"), "{both}");
}

#[test]
fn a_subscription_to_a_pipelines_instance_means_the_one_of_others_that_it_runs_on() {
    let sources = |instance: &str| {
        let text = format!(
            "{}---\napiVersion: pipewright.dev/v1\nkind: EventSubscription\nmetadata: {{name: alarms}}\nspec:\n  \
             snsTopicArn: arn:aws:sns:us-east-1:111122223333:alarms\n  sourceType: replication-instance\n  \
             sources: [orders]\n",
            pipeline(instance, SOURCE, "{identifier: dw}")
        );
        let desired = desired(&[("specs/controller.yaml", CONTROLLER), ("specs/a.yaml", &text)]);
        let id = ResourceId::new(Kind::EventSubscription, "data-platform-alarms");
        let Body::EventSubscription(declared) = &desired.resources[&id].body else {
            panic!("a subscription")
        };
        declared.sources.iter().cloned().collect::<Vec<_>>()
    };
    let instance = |name| [Ref::ExternalId(ResourceId::new(Kind::Instance, name))];
    assert_eq!(sources("{identifier: Shared}"), instance("shared"));
    // An ARN does not tell the identifier, so that the name stands for itself.
    assert_eq!(sources("{arn: \"arn:aws:dms:us-east-1:111122223333:rep:ABC\"}"), instance("orders"));
}
