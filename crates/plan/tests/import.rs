//! Taking over what exists, and protecting what is there.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use pipewright_model::tags;
use pipewright_model::{Adopt, Desired, FormerOwner, Import, Kind, Observed, ResourceId};
use pipewright_plan::{Plan, PlanOptions, plan};
use pipewright_testkit::{converged, desired, edit_instance, id, outline, steps};

/// The account in which everything is in place, where the instance has other tags.
fn with_instance_tags(tags: &[(&str, &str)]) -> Observed {
    let wanted = desired("a", &["orders"]);
    let mut observed = converged(&wanted);
    let live = observed.resources.get_mut(&id(&wanted, Kind::Instance, "orders")).unwrap();
    live.tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    observed
}

/// The specs with a statement that imports the instance.
fn importing(from: Option<&str>) -> Desired {
    let mut wanted = desired("a", &["orders"]);
    let instance = id(&wanted, Kind::Instance, "orders");
    let declared = wanted.resources.get_mut(&instance).unwrap();
    declared.adopt = Adopt::Always;
    declared.import = Some(Import { from: from.map(|from| FormerOwner::parse(from).unwrap()) });
    wanted
}

fn planned(wanted: &Desired, observed: &Observed) -> Plan {
    plan(wanted, observed, &PlanOptions::default())
}

/// The account after the tags of a plan's only change were written.
fn retagged(wanted: &Desired, mut observed: Observed, plan: &Plan) -> Observed {
    let live = observed.resources.get_mut(&id(wanted, Kind::Instance, "orders")).unwrap();
    for step in &plan.changes[0].steps {
        if let pipewright_plan::Step::Call(pipewright_plan::Mutation::AddTags { tags, .. }) = step {
            live.tags.extend(tags.clone());
        }
    }
    observed
}

#[test]
fn an_unowned_resource_is_adopted_with_its_differences() {
    let mut wanted = importing(None);
    edit_instance(&mut wanted, "orders", |instance| instance.allocated_storage = Some(200));
    let observed = with_instance_tags(&[]);
    let plan = planned(&wanted, &observed);
    insta::assert_snapshot!(outline(&plan), @"adopt instance/a-orders [in-place]");
    // Ownership is recorded first, so that a pass that dies in between goes on.
    insta::assert_snapshot!(steps(&plan, "instance/a-orders"), @r"
    tag pipewright:scope=a, pipewright:spec=orders
    modify
    wait until it is available
    ");
}

#[test]
fn without_an_import_what_nobody_owns_is_a_conflict_that_shows_the_way() {
    let wanted = desired("a", &["orders"]);
    let plan = planned(&wanted, &with_instance_tags(&[]));
    let conflict = &plan.report.conflicts[0];
    assert_eq!(conflict.message, "exists but not owned");
    assert!(conflict.hint.as_ref().unwrap().contains("`import: {identifier: a-orders}`"), "{conflict:?}");
}

#[test]
fn what_others_marked_is_taken_over_only_by_a_statement_that_names_them() {
    let stack = [("aws:cloudformation:stack-name", "net")];
    let terraform = [("ManagedBy", "Terraform")];
    let ack = [("services.k8s.aws/namespace", "dms")];
    let scope = [(tags::SCOPE, "reporting"), (tags::SPEC, "orders")];
    let marks: [(&str, &[(&str, &str)]); 4] = [
        ("cloudformation/net", &stack),
        ("terraform", &terraform),
        ("ack", &ack),
        ("scope/reporting", &scope),
    ];
    for (owner, live) in marks {
        for (other, _) in marks {
            let wanted = importing(Some(other));
            let plan = planned(&wanted, &with_instance_tags(live));
            if other == owner {
                assert_eq!(outline(&plan), "adopt instance/a-orders [none]", "{owner}");
            } else {
                assert_eq!(plan.report.conflicts.len(), 1, "{owner} is not {other}:\n{}", outline(&plan));
                assert!(plan.changes.is_empty());
            }
        }
        let wanted = importing(None);
        let plan = planned(&wanted, &with_instance_tags(live));
        let hint = plan.report.conflicts[0].hint.clone().unwrap();
        assert!(hint.contains(&format!("from: {owner}")), "{hint}");
    }
}

#[test]
fn a_stack_whose_marks_cannot_be_removed_counts_as_released_by_the_record_of_the_import() {
    let wanted = importing(Some("cloudformation"));
    let observed = with_instance_tags(&[("aws:cloudformation:stack-name", "net")]);
    let adopting = planned(&wanted, &observed);
    let observed = retagged(&wanted, observed, &adopting);
    assert_eq!(outline(&planned(&wanted, &observed)), "nothing");
    // The statement has done its work.
    assert_eq!(outline(&planned(&desired("a", &["orders"]), &observed)), "nothing");

    // Another stack that takes it afterwards is not released: it is left alone, also by a prune.
    let mut moved = observed;
    let live = moved.resources.get_mut(&id(&wanted, Kind::Instance, "orders")).unwrap();
    live.tags.insert("aws:cloudformation:stack-name".to_owned(), "other".to_owned());
    let contested = outline(&planned(&desired("a", &["orders"]), &moved));
    assert!(
        contested.contains("conflict instance/a-orders: exists and is owned by CloudFormation stack other"),
        "{contested}"
    );
    let gone = planned(&desired("a", &[]), &moved);
    assert!(gone.changes.iter().all(|change| change.key.resource.kind != Kind::Instance), "{gone:?}");
}

#[test]
fn a_resource_to_import_that_is_not_there_is_not_made() {
    let wanted = importing(None);
    let mut observed = with_instance_tags(&[]);
    let instance = id(&wanted, Kind::Instance, "orders");
    observed.resources.remove(&instance);
    let plan = planned(&wanted, &observed);
    assert_eq!(plan.report.blocked[0].message, "is to be imported, and does not exist");
    assert!(plan.changes.iter().all(|change| change.key.resource != instance), "{}", outline(&plan));
}

#[test]
fn protection_outlasts_the_spec_and_can_be_taken_back() {
    let mut wanted = desired("a", &["orders"]);
    let instance = id(&wanted, Kind::Instance, "orders");
    wanted.resources.get_mut(&instance).unwrap().protected = true;
    let observed = converged(&wanted);
    assert_eq!(observed.resources[&instance].tags[tags::PROTECT], "true");
    assert_eq!(outline(&planned(&wanted, &observed)), "nothing");

    let gone = planned(&desired("a", &[]), &observed);
    assert_eq!(gone.report.blocked[0].message, "orders no longer declares it, and it is protected");
    let kept: Vec<&ResourceId> = vec![&instance];
    assert!(gone.changes.iter().all(|change| !kept.contains(&&change.key.resource)), "{}", outline(&gone));
    // What it needs stays too.
    let group = id(&wanted, Kind::SubnetGroup, "orders");
    assert!(gone.changes.iter().all(|change| change.key.resource != group));
    assert!(gone.changes.iter().all(|change| change.key.resource != ResourceId::role("dms-vpc-role")));

    let unprotected = planned(&desired("a", &["orders"]), &observed);
    insta::assert_snapshot!(steps(&unprotected, "instance/a-orders"), @"untag pipewright:protect");
}
