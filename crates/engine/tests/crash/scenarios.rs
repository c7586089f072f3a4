//! The catalogue.

use std::collections::BTreeSet;

use pipewright_model::kinds::{FixedRole, PipelineGate, RoleDeclared, Run, Until};
use pipewright_model::tags::Tags;
use pipewright_model::{
    Adopt, Approval, Body, DeletionPolicy, Desired, Kind, Mode, Ref, ResourceId, RotationKey, RotationKeys,
    Secret, SecretBytes, policy,
};
use pipewright_plan::Mutation;
use pipewright_testkit::{
    add_role, desired, edit_endpoint, edit_instance, edit_task, id, policy_on_everything, sharing,
    write_to_s3,
};
use serde_json::json;

use super::{Before, Scenario};

const VPC: &str = "dms-vpc-role";
const LOGS: &str = "dms-cloudwatch-logs-role";

pub(crate) fn orders() -> Desired {
    desired("a", &["orders"])
}

/// From specs that were applied to others.
pub(crate) fn from(before: Desired, after: Desired) -> Scenario {
    Scenario::new(vec![Before::Applied(before)], after)
}

/// From one applied pipeline to one that is changed like this.
pub(crate) fn edited(edit: impl FnOnce(&mut Desired)) -> Scenario {
    edited_from(orders(), edit)
}

pub(crate) fn edited_from(before: Desired, edit: impl FnOnce(&mut Desired)) -> Scenario {
    let mut after = before.clone();
    edit(&mut after);
    from(before, after)
}

/// The same where another scope has a pipeline of its own.
pub(crate) fn beside_another_scope(before: Option<Desired>, after: Desired) -> Scenario {
    let mut steps = vec![Before::Applied(desired("b", &["billing"]))];
    steps.extend(before.map(Before::Applied));
    Scenario::new(steps, after)
}

fn role<'a>(desired: &'a mut Desired, name: &str) -> &'a mut RoleDeclared {
    match &mut desired.resources.get_mut(&ResourceId::role(name)).expect("a role").body {
        Body::ServiceRole(role) => role,
        other => panic!("not a role: {other:?}"),
    }
}

pub(crate) fn with(mut desired: Desired, edit: impl FnOnce(&mut Desired)) -> Desired {
    edit(&mut desired);
    desired
}

fn adopting(adopt: Adopt) -> Desired {
    with(orders(), |desired| {
        for name in [VPC, LOGS] {
            desired.resources.get_mut(&ResourceId::role(name)).expect("a role").adopt = adopt;
        }
    })
}

/// A role that somebody made by hand; with its policy or without.
pub(crate) fn made_by_hand(role: FixedRole, serves: bool) -> Vec<Mutation> {
    let declared = role.declared("aws", BTreeSet::new(), true);
    let mut calls = vec![Mutation::CreateRole {
        role: role.name.to_owned(),
        path: "/".to_owned(),
        description: "made by hand".to_owned(),
        trust: policy::trust_for(&declared.trusted_services),
        permissions_boundary: None,
        tags: Tags::new(),
    }];
    if serves {
        let attach = |policy_arn| Mutation::AttachRolePolicy { role: role.name.to_owned(), policy_arn };
        calls.extend(declared.managed_policies.into_iter().map(attach));
    }
    calls
}

/// One pipeline whose task does not write logs, so that it needs one role less.
fn without_logs() -> Desired {
    with(orders(), |desired| {
        edit_task(desired, "orders", |task| task.settings = json!({"Logging": {"EnableLogging": false}}));
        desired.resources.remove(&ResourceId::role(LOGS));
    })
}

fn stopped() -> Desired {
    with(orders(), |desired| edit_task(desired, "orders", |task| task.run = Run::Stopped))
}

/// One pipeline that writes to Redshift, for which a third role is needed.
fn to_redshift() -> Desired {
    with(orders(), |desired| {
        edit_endpoint(desired, "orders-target", |endpoint| "redshift".clone_into(&mut endpoint.engine));
        let role = FixedRole::ACCESS_FOR_ENDPOINT;
        let mut declared = desired.resources[&ResourceId::role(VPC)].clone();
        declared.body = Body::ServiceRole(role.declared("aws", BTreeSet::from(["orders".to_owned()]), true));
        desired.resources.insert(ResourceId::role(role.name), declared);
    })
}

/// No pipeline, and one role that may do this.
fn only_role(scope: &str, action: &str) -> Desired {
    with(desired(scope, &[]), |desired| {
        add_role(desired, "archive", &[("use", policy_on_everything("Allow", action))]);
    })
}

/// The same with the managed policies of these roles.
fn with_policies(desired: Desired, of: &[FixedRole]) -> Desired {
    with(desired, |desired| {
        let policies = of.iter().map(|role| role.managed_policy_arn("aws"));
        role(desired, "archive").managed_policies.extend(policies);
    })
}

/// One pipeline that writes to S3 by a role of this name.
fn to_s3(name: &str) -> Desired {
    with(orders(), |desired| {
        add_role(desired, name, &[("write", policy_on_everything("Allow", "s3:PutObject"))]);
        write_to_s3(desired, "orders", name);
    })
}

fn retained() -> Desired {
    with(orders(), |desired| {
        for (id, declared) in &mut desired.resources {
            if id.kind != Kind::ServiceRole {
                declared.deletion_policy = DeletionPolicy::Retain;
            }
        }
    })
}

const KEY: &str = "a key of tests, long enough";
const OTHER_KEY: &str = "another key of tests, long enough";

/// One pipeline whose source is sent this password, which is remembered under a key.
fn sent(password: &str, current: &str, previous: Option<&str>) -> Desired {
    let key = |text: &str| RotationKey::new(SecretBytes::new(text.as_bytes())).expect("a long key");
    with(orders(), |desired| {
        edit_endpoint(desired, "orders-source", |source| {
            source.username = Some("dms".to_owned());
            source.password = Some(Secret::new(password));
        });
        desired.rotation.keys = Some(RotationKeys { current: key(current), previous: previous.map(key) });
    })
}

/// Two pipelines, of which the second is started once the first runs.
fn one_after_the_other() -> Desired {
    with(desired("a", &["billing", "orders"]), |desired| {
        edit_task(desired, "billing", |task| {
            let first = PipelineGate { name: "orders".to_owned(), until: Until::Running };
            task.start_gates.pipelines.push(first);
        });
    })
}

/// The one pipeline under another name, between the same databases; it may take the place of the former one.
fn renamed() -> Desired {
    let before = orders();
    with(desired("a", &["billing"]), |desired| {
        for end in ["source", "target"] {
            let Body::Endpoint(former) =
                &before.resources[&id(&before, Kind::Endpoint, &format!("orders-{end}"))].body
            else {
                continue;
            };
            edit_endpoint(desired, &format!("billing-{end}"), |endpoint| {
                endpoint.server_name.clone_from(&former.server_name);
            });
        }
        desired.approvals.on_command_line.extend(Approval::ALL.map(|approval| (approval, None)));
    })
}

fn batched(task: &mut pipewright_model::kinds::TaskDeclared) {
    task.settings =
        json!({"Logging": {"EnableLogging": true}, "TargetMetadata": {"BatchApplyEnabled": true}});
}

scenarios! {
    // Making and removing.
    making_a_pipeline: Scenario::new(Vec::new(), orders()),
    making_a_second_pipeline: from(orders(), desired("a", &["billing", "orders"])),
    making_two_pipelines_on_one_instance: Scenario::new(Vec::new(), sharing("a", 2, 2)),
    making_a_pipeline_whose_task_does_not_run: Scenario::new(Vec::new(), stopped()),
    making_a_pipeline_to_redshift: Scenario::new(Vec::new(), to_redshift()),
    removing_one_pipeline_of_two: from(desired("a", &["billing", "orders"]), orders()).losing(1),
    removing_the_last_pipeline_and_the_roles: from(orders(), desired("a", &[])).losing(1),
    removing_one_of_two_on_one_instance: from(sharing("a", 2, 2), sharing("a", 1, 2)).losing(1),
    renaming_a_pipeline: from(orders(), desired("a", &["billing"])).losing(1),
    renaming_a_pipeline_between_the_same_databases:
        Scenario::new(vec![Before::Applied(orders()), Before::Loaded], renamed()),
    starting_one_pipeline_after_another: Scenario::new(Vec::new(), one_after_the_other()),
    removing_what_is_retained: from(retained(), desired("a", &[])),
    removing_nothing_where_deletes_are_off: from(
        orders(),
        with(desired("a", &["billing"]), |desired| desired.policy.mode = Mode::UpsertOnly)
    ),
    removing_a_pipeline_whose_task_was_stopped: from(stopped(), desired("a", &[])),

    // Changing.
    changing_what_needs_a_stopped_task: edited(|desired| {
        edit_endpoint(desired, "orders-source", |endpoint| endpoint.port = Some(3307));
        edit_task(desired, "orders", batched);
    }),
    changing_an_endpoint_that_two_tasks_read: {
        let before = with(sharing("a", 2, 2), |desired| {
            let source = id(desired, Kind::Endpoint, "p000-source");
            edit_task(desired, "p001", |task| task.source = Ref::Managed(source.clone()));
        });
        edited_from(before, |desired| {
            edit_endpoint(desired, "p000-source", |endpoint| endpoint.port = Some(3307));
        })
    },
    sending_a_rotated_password: from(sent("first-password", KEY, None), sent("second-password", KEY, None)),
    remembering_passwords_under_another_key: from(
        sent("first-password", KEY, None),
        sent("first-password", OTHER_KEY, Some(KEY))
    ),
    changing_both_endpoints: edited(|desired| {
        edit_endpoint(desired, "orders-source", |endpoint| endpoint.port = Some(3307));
        edit_endpoint(desired, "orders-target", |endpoint| endpoint.port = Some(5433));
    }),
    changing_the_tables: edited(|desired| {
        edit_task(desired, "orders", |task| {
            task.table_mappings["rules"][0]["object-locator"]["schema-name"] = json!("sales");
        });
    }),
    changing_a_task_that_is_stopped: edited_from(stopped(), |desired| edit_task(desired, "orders", batched)),
    moving_a_task_to_another_instance: edited_from(desired("a", &["billing", "orders"]), |desired| {
        let to = id(desired, Kind::Instance, "billing");
        edit_task(desired, "orders", |task| task.instance = Ref::Managed(to));
    }),
    moving_and_changing_a_task: edited_from(desired("a", &["billing", "orders"]), |desired| {
        let to = id(desired, Kind::Instance, "billing");
        edit_task(desired, "orders", |task| {
            task.instance = Ref::Managed(to);
            batched(task);
        });
    }),
    changing_the_class_of_an_instance: edited(|desired| {
        edit_instance(desired, "orders", |instance| "dms.r6i.large".clone_into(&mut instance.class));
    }),
    changing_storage_and_standby_of_an_instance: edited(|desired| {
        edit_instance(desired, "orders", |instance| {
            instance.allocated_storage = Some(100);
            instance.multi_az = Some(true);
        });
    }),
    changing_an_instance_and_its_task: edited(|desired| {
        edit_instance(desired, "orders", |instance| instance.allocated_storage = Some(100));
        edit_task(desired, "orders", batched);
    }),
    changing_the_subnets: edited(|desired| {
        let group = id(desired, Kind::SubnetGroup, "orders");
        if let Body::SubnetGroup(group) = &mut desired.resources.get_mut(&group).expect("a group").body {
            group.subnet_ids.insert("subnet-8c9d0e1f".to_owned());
        }
    }),
    stopping_a_task: from(orders(), stopped()),
    starting_a_task: from(stopped(), orders()),
    tagging_everything: edited(|desired| {
        for declared in desired.resources.values_mut() {
            declared.tags.insert("team".to_owned(), "commerce".to_owned());
        }
    }),
    handing_resources_to_another_spec: edited(|desired| {
        for declared in desired.resources.values_mut() {
            declared.spec = "orders-anew".to_owned();
        }
    }),
    retaining_what_was_to_be_deleted: from(orders(), retained()),
    deleting_what_was_to_be_retained: from(retained(), orders()),
    changing_one_pipeline_and_removing_another: from(
        desired("a", &["billing", "orders"]),
        with(orders(), |desired| edit_task(desired, "orders", batched))
    ).losing(1),

    // Shared roles.
    joining_roles_of_another_scope: beside_another_scope(None, orders()),
    leaving_roles_that_another_scope_owns: beside_another_scope(Some(orders()), desired("a", &[])).losing(1),
    renaming_a_pipeline_beside_another_scope: beside_another_scope(Some(orders()), desired("a", &["returns"])).losing(1),
    needing_one_role_less: from(orders(), without_logs()),
    needing_one_role_more: from(without_logs(), orders()),
    needing_one_role_less_beside_another_scope: beside_another_scope(Some(orders()), without_logs()),
    adopting_roles_that_serve: Scenario::new(vec![
            Before::ByHand(made_by_hand(FixedRole::VPC, true)),
            Before::ByHand(made_by_hand(FixedRole::CLOUDWATCH_LOGS, true)),
        ], orders()),
    adopting_roles_that_lack_something: Scenario::new(vec![
            Before::ByHand(made_by_hand(FixedRole::VPC, false)),
            Before::ByHand(made_by_hand(FixedRole::CLOUDWATCH_LOGS, false)),
        ], adopting(Adopt::Always)),
    being_in_conflict_about_one_role: Scenario::new(vec![Before::ByHand(made_by_hand(FixedRole::CLOUDWATCH_LOGS, false))], orders()),
    leaving_adopted_roles: Scenario::new(vec![
            Before::ByHand(made_by_hand(FixedRole::VPC, true)),
            Before::Applied(orders()),
        ], desired("a", &[])).losing(1),
    no_longer_managing_the_roles: edited(|desired| {
        for name in [VPC, LOGS] {
            role(desired, name).manage = false;
        }
    }),
    finishing_a_drain_that_another_pass_began: Scenario::new(vec![Before::Applied(orders()), Before::Begun(desired("a", &[]))], desired("a", &[])).losing(1),
    coming_back_during_the_own_drain: Scenario::new(vec![Before::Applied(orders()), Before::Begun(desired("a", &[]))], orders()),
    mending_a_role_that_lost_its_policy: Scenario::new(vec![
            Before::Applied(orders()),
            Before::ByHand(vec![Mutation::DetachRolePolicy {
                role: VPC.to_owned(),
                policy_arn: FixedRole::VPC.managed_policy_arn("aws"),
            }]),
        ], orders()),

    // Roles that documents declare.
    making_a_role_and_an_endpoint_that_names_it: Scenario::new(Vec::new(), to_s3("archive")),
    removing_a_role_and_the_endpoint_that_names_it: from(to_s3("archive"), desired("a", &[])).losing(1),
    naming_another_role: from(to_s3("archive"), to_s3("other")),
    joining_a_role_and_adding_to_it: Scenario::new(vec![Before::Applied(only_role("b", "s3:GetObject"))], only_role("a", "s3:PutObject")),
    changing_what_a_role_is_allowed: Scenario::new(vec![
            Before::Applied(only_role("b", "s3:GetObject")),
            Before::Applied(only_role("a", "s3:PutObject")),
        ], only_role("a", "s3:ListBucket")),
    leaving_a_role_that_another_scope_added_to: Scenario::new(vec![
            Before::Applied(only_role("b", "s3:GetObject")),
            Before::Applied(only_role("a", "s3:PutObject")),
        ], desired("a", &[])),
    attaching_to_a_role_and_no_longer: from(
        with_policies(only_role("a", "s3:PutObject"), &[FixedRole::ACCESS_FOR_ENDPOINT]),
        with_policies(only_role("a", "s3:PutObject"), &[FixedRole::CLOUDWATCH_LOGS])
    ),
    removing_a_role_with_all_its_policies: from(
        with_policies(only_role("a", "s3:PutObject"), &[FixedRole::ACCESS_FOR_ENDPOINT]),
        desired("a", &[])
    ),

    // Beside others.
    making_what_another_scope_has_by_the_same_name: beside_another_scope(Some(orders()), desired("a", &["billing", "orders"])).reloading(1),
    suspending_one_pipeline_while_another_changes: from(
        desired("a", &["billing", "orders"]),
        with(desired("a", &["billing", "orders"]), |desired| {
            edit_task(desired, "billing", batched);
            edit_task(desired, "orders", batched);
            let orders = desired.pipelines.get_mut("orders").expect("a pipeline");
            orders.suspended = true;
            for id in orders.resources.clone() {
                if let Some(declared) = desired.resources.get_mut(&id) {
                    declared.suspended = true;
                }
            }
        })
    ),
}
