//! Changes of owner that are asked for by name: what each plans in every situation.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use insta::assert_snapshot;
use pipewright_model::kinds::FixedRole;
use pipewright_model::tags::{self, Tags};
use pipewright_model::{
    Adopt, Body, DeletionPolicy, Desired, FormerOwner, Kind, Observed, ResourceId, Scope,
};
use pipewright_plan::{Handover, HandoverVerb, Plan, PlanOptions, hand_over};
use pipewright_testkit::{converged, desired, edit_instance, id, live_role, outline, sharing, steps};

const UID: &str = "1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40";
const THEIRS: &str = "a2b4c6d8-0000-4000-8000-0123456789ab";

fn adopt(from: Option<&str>) -> HandoverVerb {
    HandoverVerb::Adopt { from: from.map(|from| FormerOwner::parse(from).unwrap()) }
}

fn to(scope: &str) -> HandoverVerb {
    HandoverVerb::Transfer { to: Scope::new(scope).unwrap() }
}

fn planned(verb: HandoverVerb, names: &[&str], wanted: &Desired, observed: &Observed) -> Plan {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let (handover, unknown) = Handover::named(verb, &names, wanted, observed);
    assert_eq!(unknown, BTreeSet::new());
    hand_over(wanted, observed, &PlanOptions::default(), &handover)
}

/// The account in which everything is in place and nobody owns any of it.
fn unowned(wanted: &Desired) -> Observed {
    let mut observed = converged(wanted);
    for live in observed.resources.values_mut() {
        live.tags.retain(|key, _| !key.starts_with(tags::PREFIX));
    }
    observed
}

fn tag(observed: &mut Observed, id: &ResourceId, pairs: &[(&str, &str)]) {
    let live = observed.resources.get_mut(id).unwrap();
    live.tags.extend(pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
}

/// Every change only writes or removes tags.
fn only_tags(plan: &Plan) {
    for step in plan.changes.iter().flat_map(|change| &change.steps) {
        let text = step.to_string();
        assert!(text.starts_with("tag ") || text.starts_with("untag "), "{text}");
    }
}

#[test]
fn adopt_takes_what_nobody_owns_by_tags_alone() {
    let mut wanted = desired("a", &["orders"]);
    let observed = unowned(&wanted);
    // A difference is told and left to the next plan.
    edit_instance(&mut wanted, "orders", |instance| instance.allocated_storage = Some(200));
    let plan = planned(adopt(None), &["orders"], &wanted, &observed);
    only_tags(&plan);
    assert_snapshot!(outline(&plan), @"
    join role/dms-cloudwatch-logs-role [none]
    join role/dms-vpc-role [none]
    adopt subnet-group/a-orders [none]
    adopt instance/a-orders [none]
    adopt endpoint/a-orders-source [none]
    adopt endpoint/a-orders-target [none]
    adopt task/a-orders [none]
    warning instance/a-orders: differs from its spec, and `pipewright reconcile` will change it: allocatedStorage
    ");
    assert_snapshot!(steps(&plan, "instance/a-orders"), @"tag pipewright:scope=a, pipewright:spec=orders");
    assert_snapshot!(steps(&plan, "role/dms-vpc-role"), @"tag pipewright:origin=adopted, pipewright:owner:a=orders");
}

#[test]
fn adopt_writes_how_the_specs_keep_it() {
    let mut wanted = desired("a", &["orders"]);
    wanted.scope = wanted.scope.with_uid(UID);
    let observed = unowned(&wanted);
    let instance = wanted.resources.get_mut(&id(&wanted, Kind::Instance, "orders")).unwrap();
    instance.deletion_policy = DeletionPolicy::Retain;
    instance.protected = true;
    let plan = planned(adopt(None), &["instance/a-orders"], &wanted, &observed);
    assert_snapshot!(steps(&plan, "instance/a-orders"), @"tag pipewright:protect=true, pipewright:retain=true, pipewright:scope=a, pipewright:spec=orders, pipewright:uid=1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40");
    assert_eq!(plan.changes.len(), 1);
}

#[test]
fn adopt_takes_what_another_marked_only_if_it_is_named() {
    let wanted = desired("a", &["orders"]);
    let mut observed = unowned(&wanted);
    let instance = id(&wanted, Kind::Instance, "orders");
    tag(&mut observed, &instance, &[(tags::SCOPE, "reporting"), (tags::SPEC, "sales")]);
    for from in [None, Some("scope/other"), Some("terraform")] {
        let plan = planned(adopt(from), &["instance/a-orders"], &wanted, &observed);
        assert_eq!(outline(&plan), "conflict instance/a-orders: exists and is owned by scope reporting");
        assert!(plan.report.conflicts[0].hint.as_ref().unwrap().contains("`--from scope/reporting`"));
    }
    let plan = planned(adopt(Some("scope/reporting")), &["instance/a-orders"], &wanted, &observed);
    assert_snapshot!(outline(&plan), @"adopt instance/a-orders [none]");
    assert_snapshot!(steps(&plan, "instance/a-orders"), @"tag pipewright:imported-from=scope/reporting, pipewright:scope=a, pipewright:spec=orders");
}

#[test]
fn adopt_makes_nothing_and_takes_nothing_twice() {
    let wanted = desired("a", &["orders"]);
    let mut observed = converged(&wanted);
    observed.resources.remove(&id(&wanted, Kind::Task, "orders"));
    let everything = Handover::of_everything(adopt(None), &wanted);
    let plan = hand_over(&wanted, &observed, &PlanOptions::default(), &everything);
    assert_snapshot!(outline(&plan), @"
    waiting task/a-orders: does not exist; `pipewright reconcile` makes it
    warning role/dms-cloudwatch-logs-role: is owned by a already
    warning role/dms-vpc-role: is owned by a already
    warning subnet-group/a-orders: is owned by a already
    warning instance/a-orders: is owned by a already
    warning endpoint/a-orders-source: is owned by a already
    warning endpoint/a-orders-target: is owned by a already
    ");
}

#[test]
fn adopt_joins_a_role_as_far_as_the_specs_let_it() {
    let role = ResourceId::role("dms-vpc-role");
    let declared = FixedRole::VPC.declared("aws", BTreeSet::new(), true);
    let with = |tags: Tags, serves: bool| {
        let mut observed = Observed::default();
        let mut live = live_role(&declared, tags);
        if let pipewright_model::LiveBody::ServiceRole(body) = &mut live.body
            && !serves
        {
            body.managed_policies.clear();
        }
        observed.resources.insert(role.clone(), live);
        observed
    };
    let saying = |adopt: Adopt| {
        let mut wanted = desired("a", &["orders"]);
        wanted.resources.get_mut(&role).unwrap().adopt = adopt;
        wanted
    };
    let plan_of = |said: Adopt, observed: &Observed| {
        outline(&planned(adopt(None), &["role/dms-vpc-role"], &saying(said), observed))
    };
    // Asked for by name, `never` does not stand in the way.
    assert_snapshot!(plan_of(Adopt::Never, &with(Tags::new(), true)), @"join role/dms-vpc-role [none]");
    assert_snapshot!(plan_of(Adopt::Never, &with(Tags::new(), false)), @"conflict role/dms-vpc-role: exists but not owned, and does not serve as it is: arn:aws:iam::aws:policy/service-role/AmazonDMSVPCManagementRole is not attached");
    assert_snapshot!(plan_of(Adopt::Always, &with(Tags::new(), false)), @"join role/dms-vpc-role [in-place]");
    let terraform = Tags::from([("ManagedBy".to_owned(), "Terraform".to_owned())]);
    assert_snapshot!(plan_of(Adopt::IfCompatible, &with(terraform, true)), @"conflict role/dms-vpc-role: exists and is managed by Terraform (ManagedBy=Terraform)");
}

#[test]
fn adopt_is_about_what_specs_declare() {
    let wanted = desired("a", &["orders"]);
    let observed = converged(&desired("b", &["sales"]));
    let plan = planned(adopt(None), &["instance/b-sales"], &wanted, &observed);
    assert_snapshot!(outline(&plan), @"blocked instance/b-sales: is not declared by any spec");
}

#[test]
fn release_takes_every_mark_off_and_tells_of_the_document() {
    let wanted = desired("a", &["billing", "orders"]);
    let observed = converged(&wanted);
    let plan = planned(HandoverVerb::Release, &["orders"], &wanted, &observed);
    only_tags(&plan);
    assert_snapshot!(outline(&plan), @"
    release subnet-group/a-orders [none]
    release instance/a-orders [none]
    release endpoint/a-orders-source [none]
    release endpoint/a-orders-target [none]
    release task/a-orders [none]
    warning subnet-group/a-orders: orders still declares it: until that is gone, plans report a conflict, `exists but not owned`
    warning instance/a-orders: orders still declares it: until that is gone, plans report a conflict, `exists but not owned`
    warning endpoint/a-orders-source: orders still declares it: until that is gone, plans report a conflict, `exists but not owned`
    warning endpoint/a-orders-target: orders still declares it: until that is gone, plans report a conflict, `exists but not owned`
    warning task/a-orders: orders still declares it: until that is gone, plans report a conflict, `exists but not owned`
    ");
    assert_snapshot!(steps(&plan, "task/a-orders"), @"untag pipewright:applied, pipewright:scope, pipewright:spec");
    // The document is gone: nothing to tell of.
    let plan = planned(HandoverVerb::Release, &["orders"], &desired("a", &["billing"]), &observed);
    assert_snapshot!(outline(&plan), @"
    release subnet-group/a-orders [none]
    release instance/a-orders [none]
    release endpoint/a-orders-source [none]
    release endpoint/a-orders-target [none]
    release task/a-orders [none]
    ");
}

#[test]
fn release_of_a_role_by_its_last_owner_keeps_it_for_ever() {
    let wanted = desired("a", &["orders"]);
    let mut observed = converged(&wanted);
    let nothing = desired("a", &[]);
    let plan = planned(HandoverVerb::Release, &["role/dms-vpc-role"], &nothing, &observed);
    only_tags(&plan);
    assert_snapshot!(outline(&plan), @"release role/dms-vpc-role [none]");
    assert_snapshot!(steps(&plan, "role/dms-vpc-role"), @"untag pipewright:origin, pipewright:owner:a");
    // Beside others, the record that Pipewright made it is theirs to act on.
    let role = ResourceId::role("dms-vpc-role");
    tag(&mut observed, &role, &[("pipewright:owner:b", "sales")]);
    let plan = planned(HandoverVerb::Release, &["role/dms-vpc-role"], &wanted, &observed);
    assert_snapshot!(outline(&plan), @"
    release role/dms-vpc-role [none]
    warning role/dms-vpc-role: is still needed by orders, and the next pass joins it again
    ");
    assert_snapshot!(steps(&plan, "role/dms-vpc-role"), @"untag pipewright:owner:a");
    assert_snapshot!(plan.changes[0].reason, @"stays as it is, owned by b (sales)");
}

#[test]
fn release_is_about_what_is_owned_and_not_paused() {
    let wanted = desired("a", &["orders"]);
    let mut observed = converged(&wanted);
    tag(&mut observed, &id(&wanted, Kind::Task, "orders"), &[(tags::PAUSED, "resume-processing")]);
    tag(&mut observed, &id(&wanted, Kind::Instance, "orders"), &[(tags::SCOPE, "b")]);
    observed.resources.get_mut(&id(&wanted, Kind::SubnetGroup, "orders")).unwrap().tags.clear();
    observed.resources.remove(&id(&wanted, Kind::Endpoint, "orders-source"));
    let plan = planned(HandoverVerb::Release, &["orders"], &wanted, &observed);
    assert_snapshot!(outline(&plan), @"
    release endpoint/a-orders-target [none]
    conflict instance/a-orders: is not a's to release: it is owned by scope b
    blocked task/a-orders: was stopped for a change, and nothing would start it again
    waiting endpoint/a-orders-source: does not exist, and there is nothing to release
    warning subnet-group/a-orders: is owned by nobody, and there is nothing to release
    warning endpoint/a-orders-target: orders still declares it: until that is gone, plans report a conflict, `exists but not owned`
    ");
}

#[test]
fn transfer_gives_roles_first_and_each_resource_in_one_call() {
    let mut wanted = desired("a", &["billing", "orders"]);
    wanted.scope = wanted.scope.with_uid(UID);
    let observed = converged(&wanted);
    let to = Scope::new("reporting").unwrap().with_uid(THEIRS);
    let plan = planned(HandoverVerb::Transfer { to }, &["orders"], &wanted, &observed);
    only_tags(&plan);
    assert_snapshot!(outline(&plan), @"
    join role/dms-cloudwatch-logs-role [none]
    join role/dms-vpc-role [none]
    transfer subnet-group/a-orders [none]
    transfer instance/a-orders [none]
    transfer endpoint/a-orders-source [none]
    transfer endpoint/a-orders-target [none]
    transfer task/a-orders [none]
    warning: in the specs of reporting, orders must keep its identifiers: subnet-group `identifier: a-orders`, instance `identifier: a-orders`, endpoint `identifier: a-orders-source`, endpoint `identifier: a-orders-target`, task `identifier: a-orders`; or the Controller's `identifierPrefix` must give them
    ");
    assert_snapshot!(steps(&plan, "role/dms-vpc-role"), @"tag pipewright:owner:reporting=uid=a2b4c6d8 orders");
    assert_snapshot!(steps(&plan, "task/a-orders"), @"tag pipewright:scope=reporting, pipewright:spec=orders, pipewright:uid=a2b4c6d8-0000-4000-8000-0123456789ab");
    for change in plan.changes.iter().filter(|change| change.key.resource.kind != Kind::ServiceRole) {
        let needs: Vec<String> = change.needs.iter().map(ToString::to_string).collect();
        assert_eq!(needs, ["role/dms-cloudwatch-logs-role", "role/dms-vpc-role"], "{}", change.key);
    }
}

#[test]
fn transfer_to_a_scope_without_a_uid_takes_the_own_one_off_before() {
    let mut wanted = desired("a", &["orders"]);
    wanted.scope = wanted.scope.with_uid(UID);
    let plan = planned(to("b"), &["orders"], &wanted, &converged(&wanted));
    assert_snapshot!(steps(&plan, "task/a-orders"), @"
    untag pipewright:uid
    tag pipewright:scope=b, pipewright:spec=orders
    ");
}

#[test]
fn transfer_of_what_others_of_the_scope_use_is_refused_and_names_them() {
    let wanted = sharing("a", 2, 2);
    let observed = converged(&wanted);
    let plan = planned(to("b"), &["instance/a-shared-0"], &wanted, &observed);
    assert_snapshot!(outline(&plan), @"blocked instance/a-shared-0: is used by task/a-p000 of p000, task/a-p001 of p001, which would stay");
    // A user that goes alone is told how to refer to what stays.
    let plan = planned(to("b"), &["task/a-p001"], &wanted, &observed);
    assert_snapshot!(outline(&plan), @"
    join role/dms-cloudwatch-logs-role [none]
    join role/dms-vpc-role [none]
    transfer task/a-p001 [none]
    warning instance/a-shared-0: stays, and task/a-p001 uses it: the other specs refer to it as `{identifier: a-shared-0}`
    warning endpoint/a-p001-source: stays, and task/a-p001 uses it: the other specs refer to it as `{identifier: a-p001-source}`
    warning endpoint/a-p001-target: stays, and task/a-p001 uses it: the other specs refer to it as `{identifier: a-p001-target}`
    warning: in the specs of b, p001 must keep its identifiers: task `identifier: a-p001`; or the Controller's `identifierPrefix` must give them
    ");
}

#[test]
fn transfer_is_all_or_nothing() {
    let wanted = desired("a", &["orders"]);
    let mut observed = converged(&wanted);
    tag(&mut observed, &id(&wanted, Kind::Endpoint, "orders-source"), &[(tags::SCOPE, "c")]);
    let plan = planned(to("b"), &["orders"], &wanted, &observed);
    assert_snapshot!(outline(&plan), @"conflict endpoint/a-orders-source: is not a's to transfer: owned by scope c");

    let mut unread = converged(&wanted);
    unread.unread.insert(Kind::Task, "throttled".to_owned());
    unread.resources.retain(|id, _| id.kind != Kind::Task);
    assert_snapshot!(outline(&planned(to("b"), &["orders"], &wanted, &unread)), @"waiting task/a-orders: could not be read: throttled");

    let mut full = converged(&wanted);
    let many: Vec<(String, String)> = (0..48).map(|n| (format!("k{n}"), "v".to_owned())).collect();
    full.resources.get_mut(&ResourceId::role("dms-vpc-role")).unwrap().tags.extend(many);
    assert_snapshot!(outline(&planned(to("b"), &["orders"], &wanted, &full)), @"conflict role/dms-vpc-role: carries 50 of 50 tags, so that b cannot become an owner");
}

#[test]
fn transfer_to_oneself_or_of_a_role_is_refused() {
    let wanted = desired("a", &["orders"]);
    let observed = converged(&wanted);
    assert_snapshot!(outline(&planned(to("a"), &["orders"], &wanted, &observed)), @"blocked: a is the scope of these specs");
    assert_snapshot!(outline(&planned(to("b"), &["role/dms-vpc-role"], &wanted, &observed)), @"blocked role/dms-vpc-role: is shared: each scope that needs it owns it");
}

#[test]
fn transfer_to_one_of_two_roots_of_one_name_does_not_take_the_roles_of_the_other() {
    let wanted = desired("a", &["orders"]);
    let mut observed = converged(&wanted);
    let theirs = Scope::new("b").unwrap().with_uid(THEIRS);
    let another = Scope::new("b").unwrap().with_uid(UID);
    let tag_of_another = tags::owner_value(&another, &BTreeSet::from(["sales".to_owned()]));
    tag(&mut observed, &ResourceId::role("dms-vpc-role"), &[("pipewright:owner:b", &tag_of_another)]);
    let plan = planned(HandoverVerb::Transfer { to: theirs }, &["orders"], &wanted, &observed);
    assert!(plan.changes.is_empty(), "{}", outline(&plan));
    let message = &plan.report.conflicts[0].message;
    assert!(message.starts_with("cannot be owned by b as well") && message.contains("1f0c9a52"), "{message}");
    let plan = planned(HandoverVerb::Transfer { to: another }, &["orders"], &wanted, &observed);
    assert!(plan.report.conflicts.is_empty() && !plan.changes.is_empty(), "{}", outline(&plan));
}

#[test]
fn transfer_goes_on_where_it_was_cut_off() {
    let wanted = desired("a", &["orders"]);
    let mut observed = converged(&wanted);
    tag(&mut observed, &ResourceId::role("dms-vpc-role"), &[("pipewright:owner:b", "orders")]);
    tag(&mut observed, &id(&wanted, Kind::Instance, "orders"), &[(tags::SCOPE, "b")]);
    // Also where the document is gone by then.
    for wanted in [wanted, desired("a", &[])] {
        let plan = planned(to("b"), &["orders"], &wanted, &observed);
        let keys: Vec<String> = plan.changes.iter().map(|change| change.key.to_string()).collect();
        assert_eq!(
            keys,
            [
                "role/dms-cloudwatch-logs-role",
                "subnet-group/a-orders",
                "endpoint/a-orders-source",
                "endpoint/a-orders-target",
                "task/a-orders",
            ]
        );
    }
}

#[test]
fn what_is_not_known_is_said() {
    let mut wanted = desired("a", &["orders"]);
    let observed = converged(&wanted);
    let names =
        ["order", "instance/orders", "connection/a-orders/a-orders-source", "sales"].map(str::to_owned);
    let (handover, unknown) = Handover::named(HandoverVerb::Release, &names, &wanted, &observed);
    assert_eq!((handover.resources.len(), unknown.len()), (0, 4));
    // A role that is declared under a name is found for adopt alone.
    if let Body::ServiceRole(role) =
        &mut wanted.resources.get_mut(&ResourceId::role("dms-vpc-role")).unwrap().body
    {
        role.needed_by.insert("sales".to_owned());
    }
    let (handover, unknown) = Handover::named(adopt(None), &["sales".to_owned()], &wanted, &observed);
    assert_eq!((handover.resources.len(), unknown.len()), (1, 0));
}
