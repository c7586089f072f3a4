//! Pipelines that are renamed and moved between files and scopes: nothing is deleted that anybody needs.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use pipewright_aws::{AwsRead, AwsWrite};
use pipewright_engine::{Clock as _, CloudWrite as _};
use pipewright_model::kinds::FixedRole;
use pipewright_model::tags::{self, Tags};
use pipewright_model::{Approval, Desired, FormerOwner, Kind, LiveBody, Observed, ResourceId, Scope, policy};
use pipewright_plan::{Action, HandoverVerb, Mutation, Plan};
use pipewright_spec::{SecretSource, Source, load_sources};
use pipewright_testkit::{Controller, Lab, outline};

/// Specs that name no secrets.
struct NoSecrets;

impl SecretSource for NoSecrets {
    fn env(&self, _: &str) -> Option<String> {
        None
    }

    fn file(&self, path: &Path) -> Result<Vec<u8>, String> {
        Err(format!("{} is asked for", path.display()))
    }
}

/// A spec root: its Controller and these files.
fn root(scope: &str, policy: &str, files: &[(&str, String)]) -> Desired {
    let controller = format!(
        "apiVersion: pipewright.dev/v1\nkind: Controller\nmetadata: {{name: {scope}}}\nspec:\n  environments:\n    \
         - {{name: test, accountId: \"111122223333\", region: us-east-1}}\n  {policy}\n"
    );
    let sources = std::iter::once(("controller.yaml", &controller))
        .chain(files.iter().map(|(name, text)| (*name, text)))
        .map(|(name, text)| Source { name: format!("specs/{name}"), bytes: text.clone().into_bytes() })
        .collect();
    let tree = load_sources(sources).unwrap_or_else(|errors| panic!("{}", errors.render(false)));
    tree.desired("test", &NoSecrets).unwrap()
}

/// How a pipeline names its resources.
#[derive(Clone, Copy)]
enum Naming<'a> {
    /// By the rule.
    Own,
    /// As those of this name are called.
    Kept(&'a str),
    /// Taken over from this owner.
    Imported(&'a str, &'a str),
}

fn pipeline(name: &str, naming: Naming<'_>) -> String {
    let named = |suffix: &str, indent: usize| {
        let indent = " ".repeat(indent);
        match naming {
            Naming::Own => String::new(),
            Naming::Kept(base) => format!("\n{indent}identifier: {base}{suffix}"),
            Naming::Imported(base, from) => {
                format!("\n{indent}import: {{identifier: {base}{suffix}, from: {from}}}")
            }
        }
    };
    let credentials = "credentials: {secretsManager: {secretId: \"arn:aws:secretsmanager:us-east-1:111122223333:secret:db-AbCdEf\", \
                       accessRoleArn: \"arn:aws:iam::111122223333:role/dms-secrets\"}}";
    format!(
        "apiVersion: pipewright.dev/v1\nkind: Pipeline\nmetadata: {{name: {name}}}\nspec:\n  deletionPolicy: delete{}\n  \
         compute:\n    instance:\n      class: dms.t3.medium{}\n      subnetGroup:\n        \
         subnetIds: [subnet-0a1b2c3d, subnet-4e5f6a7b]{}\n  source:\n    engine: mysql\n    {credentials}{}\n  \
         target:\n    engine: aurora-postgresql\n    databaseName: shop\n    {credentials}{}\n  \
         migration: {{type: full-load-and-cdc, tables: {{include: [shop.*]}}}}\n",
        named("", 2),
        named("", 6),
        named("", 8),
        named("-source", 4),
        named("-target", 4),
    )
}

/// The root of a scope with one pipeline in a file of its own.
fn with(scope: &str, name: &str, naming: Naming<'_>) -> Desired {
    root(scope, "", &[("pipeline.yaml", pipeline(name, naming))])
}

fn empty(scope: &str) -> Desired {
    root(scope, "policy: {allowEmpty: true}", &[])
}

/// What exists, by the ids that AWS gave it: a resource that was made anew has another one.
fn made(observed: &Observed) -> BTreeMap<ResourceId, String> {
    let resources = observed.resources.iter().filter(|(id, _)| id.kind != Kind::Connection);
    resources
        .map(|(id, live)| match &live.body {
            LiveBody::ServiceRole(role) => (id.clone(), role.role_id.clone()),
            _ => (id.clone(), live.arn.clone()),
        })
        .collect()
}

/// The kinds of what a plan deletes.
fn kinds_of(plan: &Plan, action: Action) -> Vec<Kind> {
    let changes = plan.changes.iter().filter(|change| change.action == action);
    changes.map(|change| change.key.resource.kind).collect()
}

fn deletes(plan: &Plan) -> Vec<Kind> {
    kinds_of(plan, Action::Delete)
}

fn creates(plan: &Plan) -> Vec<Kind> {
    kinds_of(plan, Action::Create)
}

fn owners_of(observed: &Observed, role: &str) -> BTreeMap<String, String> {
    tags::owners(&observed.resources[&ResourceId::role(role)].tags)
}

const ROLES: [&str; 2] = ["dms-vpc-role", "dms-cloudwatch-logs-role"];

async fn start() -> (Lab, Controller<AwsRead, AwsWrite>) {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    (lab, controller)
}

#[tokio::test]
async fn a_pipeline_that_is_renamed_and_keeps_its_identifiers_keeps_its_resources() {
    let (_lab, controller) = start().await;
    let before = with("a", "orders", Naming::Own);
    controller.converge(&before).await;
    let there = made(&controller.observe(&before).await);

    let renamed = with("a", "billing", Naming::Kept("a-orders"));
    let plan = controller.plan(&renamed).await;
    assert!(plan.changes.iter().all(|change| change.action == Action::Update), "{}", outline(&plan));
    controller.converge(&renamed).await;
    let observed = controller.observe(&renamed).await;
    assert_eq!(made(&observed), there);
    for (id, live) in observed.resources.iter().filter(|(_, live)| live.tags.contains_key(tags::SCOPE)) {
        assert_eq!(live.tags[tags::SPEC], "billing", "{id}");
    }
    for role in ROLES {
        assert_eq!(owners_of(&observed, role), BTreeMap::from([("a".to_owned(), "billing".to_owned())]));
    }
    assert_eq!(outline(&controller.plan(&renamed).await), "nothing");
}

#[tokio::test]
async fn a_pipeline_that_is_renamed_outright_goes_on_once_that_is_approved() {
    let (lab, controller) = start().await;
    controller.converge(&with("a", "orders", Naming::Own)).await;
    // What was loaded is not loaded again.
    lab.emulator().advance(std::time::Duration::from_hours(1));
    let there = made(&controller.observe(&with("a", "orders", Naming::Own)).await);

    let mut renamed = with("a", "billing", Naming::Own);
    let plan = controller.plan(&renamed).await;
    assert!(
        !deletes(&plan).contains(&Kind::Task) && !creates(&plan).contains(&Kind::Task),
        "{}",
        outline(&plan)
    );
    let blocked = &plan.report.blocked[0];
    assert_eq!(
        blocked.message,
        "is not made (task/a-orders moves the same, and goes); to replace it needs an approval of `destroys`"
    );
    let hint = blocked.hint.as_deref().unwrap();
    assert!(
        hint.starts_with(
            "if orders was renamed to billing, keep its resources by writing their names as `identifier`"
        ),
        "{hint}"
    );
    assert!(hint.contains("`--approve destroys=billing`"), "{hint}");
    controller.pass(&renamed).await;
    let running = made(&controller.observe(&renamed).await);
    assert!(
        running.contains_key(&ResourceId::new(Kind::Task, "a-orders")),
        "it goes on as long as nobody approves"
    );
    assert!(!running.contains_key(&ResourceId::new(Kind::Task, "a-billing")));

    renamed.approvals.on_command_line.insert((Approval::Destroys, None));
    let plan = controller.plan(&renamed).await;
    assert_eq!(
        deletes(&plan),
        [Kind::SubnetGroup, Kind::Instance, Kind::Endpoint, Kind::Endpoint, Kind::Task]
    );
    controller.converge(&renamed).await;
    // The roles that both names need were never let go of.
    let after = made(&controller.observe(&renamed).await);
    for role in ROLES.map(ResourceId::role) {
        assert_eq!(after[&role], there[&role]);
    }
    let counted = lab.emulator().migrations();
    assert_eq!((counted.reloads, counted.lost_positions), (0, 0), "{counted:?}");
    // What is left of the approval changes nothing any more.
    renamed.approvals.on_command_line.clear();
    assert_eq!(outline(&controller.plan(&renamed).await), "nothing");
}

#[tokio::test]
async fn a_pipeline_that_is_renamed_is_not_begun_beside_one_that_stays() {
    let (_lab, controller) = start().await;
    let kept = pipeline("orders", Naming::Own).replace("deletionPolicy: delete", "deletionPolicy: retain");
    controller.converge(&root("a", "", &[("pipeline.yaml", kept)])).await;
    let mut renamed = with("a", "billing", Naming::Own);
    renamed.approvals.on_command_line.insert((Approval::Destroys, None));
    let plan = controller.plan(&renamed).await;
    assert_eq!(
        plan.report.blocked[0].message,
        "is not made while task/a-orders moves the same between the same databases: its spec said \
         `deletionPolicy: retain`"
    );
    assert!(!creates(&plan).contains(&Kind::Task), "{}", outline(&plan));
}

#[tokio::test]
async fn a_document_that_moves_between_files_and_folders_changes_nothing() {
    let (_lab, controller) = start().await;
    let text = |name| pipeline(name, Naming::Own);
    controller
        .converge(&root("a", "", &[("orders.yaml", text("orders")), ("users.yaml", text("users"))]))
        .await;
    for files in [
        vec![("team/one/orders.yaml", text("orders")), ("users.yml", text("users"))],
        vec![("all.yaml", format!("{}---\n{}", text("users"), text("orders")))],
    ] {
        assert_eq!(outline(&controller.plan(&root("a", "", &files)).await), "nothing");
    }
}

#[tokio::test]
async fn flux_338_a_pipeline_that_is_imported_by_another_scope_is_not_deleted_by_the_former_one() {
    let (_lab, controller) = start().await;
    let former = with("a", "orders", Naming::Own);
    controller.converge(&former).await;
    let there = made(&controller.observe(&former).await);

    // The new owner first: it joins the roles before the former one leaves them.
    let new = with("b", "orders", Naming::Imported("a-orders", "scope/a"));
    let outcome = controller.converge(&new).await;
    assert_eq!(deletes(&outcome.first), []);
    // As long as the former one has the document, it is told whose the resources are.
    let contested = controller.plan(&former).await;
    assert_eq!(deletes(&contested), []);
    assert!(outline(&contested).contains("conflict task/a-orders: exists and is owned by scope b"));

    let left = controller.converge(&empty("a")).await;
    let actions: BTreeSet<Action> = left.first.changes.iter().map(|change| change.action).collect();
    assert_eq!(actions, BTreeSet::from([Action::Leave]), "{}", outline(&left.first));
    let observed = controller.observe(&new).await;
    assert_eq!(made(&observed), there);
    for role in ROLES {
        assert_eq!(owners_of(&observed, role).into_keys().collect::<Vec<_>>(), ["b"]);
    }
    assert_eq!(outline(&controller.plan(&new).await), "nothing");
}

#[tokio::test]
async fn flux_338_a_pipeline_that_is_transferred_has_an_owner_at_every_moment() {
    let (_lab, controller) = start().await;
    let former = with("a", "orders", Naming::Own);
    controller.converge(&former).await;
    let there = made(&controller.observe(&former).await);

    let to = Scope::new("b").unwrap();
    let outcome = controller.hand_over(HandoverVerb::Transfer { to }, &["orders"], &former).await;
    assert!(outcome.has_converged(), "{}", outline(&outcome.remaining));
    // With the document still there: a conflict that names the new owner, no delete, no tag.
    let contested = controller.plan(&former).await;
    assert!(contested.changes.is_empty(), "{}", outline(&contested));
    assert!(outline(&contested).contains("conflict instance/a-orders: exists and is owned by scope b"));
    // The new scope finds everything in place.
    let new = with("b", "orders", Naming::Kept("a-orders"));
    assert_eq!(outline(&controller.plan(&new).await), "nothing");
    // With the document gone the former scope leaves the roles, and then has nothing to do.
    controller.converge(&empty("a")).await;
    assert_eq!(outline(&controller.plan(&empty("a")).await), "nothing");
    assert_eq!(made(&controller.observe(&new).await), there);
    assert_eq!(outline(&controller.plan(&new).await), "nothing");
}

#[tokio::test]
async fn a_file_that_is_only_moved_is_deleted_by_the_former_scope_unless_a_guard_holds_it() {
    let (_lab, controller) = start().await;
    let file = |naming| ("orders.yaml", pipeline("orders", naming));
    let keeps = ("users.yaml", pipeline("users", Naming::Own));
    controller.converge(&root("a", "", &[file(Naming::Own), keeps.clone()])).await;

    // The former scope runs first, and finds a document gone: the limit on deletes is what stands between.
    let former = root("a", "policy: {maxDeletes: 2}", std::slice::from_ref(&keeps));
    let held = controller.pass(&former).await;
    assert_eq!(deletes(&held.first), []);
    assert!(
        outline(&held.first).contains("blocked: the plan deletes 5 resources"),
        "{}",
        outline(&held.first)
    );
    // Once the new one has taken over, there is nothing left to delete.
    let new = root("b", "", &[file(Naming::Imported("a-orders", "scope/a"))]);
    controller.converge(&new).await;
    let after = controller.converge(&former).await;
    assert_eq!(deletes(&after.first), []);
    assert_eq!(outline(&controller.plan(&new).await), "nothing");
    assert_eq!(outline(&controller.plan(&former).await), "nothing");
}

#[tokio::test]
async fn argo_cd_22607_deleting_one_owner_keeps_what_another_uses() {
    let (_lab, controller) = start().await;
    let former = with("a", "orders", Naming::Own);
    controller.converge(&former).await;
    // Another scope runs a task of its own on this one's instance, and so needs its instance and the roles.
    let borrowing = pipeline("sales", Naming::Own).replace(
        "    instance:\n      class: dms.t3.medium\n      subnetGroup:\n        subnetIds: [subnet-0a1b2c3d, subnet-4e5f6a7b]\n",
        "    instanceRef: {identifier: a-orders}\n",
    );
    let user = root("b", "", &[("sales.yaml", borrowing)]);
    controller.converge(&user).await;
    let there = made(&controller.observe(&user).await);

    let outcome = controller.pass(&empty("a")).await;
    let observed = controller.observe(&user).await;
    let after = made(&observed);
    for kept in [
        "subnet-group/a-orders",
        "instance/a-orders",
        "task/b-sales",
        "role/dms-vpc-role",
        "role/dms-cloudwatch-logs-role",
    ] {
        let find = |all: &BTreeMap<ResourceId, String>| {
            all.iter().find(|(id, _)| id.to_string() == kept).map(|(_, made)| made.clone())
        };
        assert!(find(&there).is_some(), "{kept}");
        assert_eq!(find(&after), find(&there), "{kept}");
    }
    assert!(!after.keys().any(|id| id.to_string() == "task/a-orders"), "what nobody else uses goes");
    assert!(
        outline(&outcome.remaining).contains(
            "waiting instance/a-orders: no spec declares it, and it is kept: task/b-sales still uses it"
        ),
        "{}",
        outline(&outcome.remaining)
    );
    // The role that the kept instance needs is not left either.
    assert!(owners_of(&observed, "dms-vpc-role").contains_key("a"));
    assert_eq!(outline(&controller.plan(&user).await), "nothing");
}

#[tokio::test]
async fn ack_2102_renaming_a_pipeline_keeps_a_role_that_was_there_before() {
    let (_lab, controller) = start().await;
    let declared = FixedRole::VPC.declared("aws", BTreeSet::new(), true);
    let role = FixedRole::VPC.name.to_owned();
    let mut calls = vec![Mutation::CreateRole {
        role: role.clone(),
        description: "made by hand".to_owned(),
        path: "/".to_owned(),
        trust: policy::trust_for(&declared.trusted_services),
        permissions_boundary: None,
        tags: Tags::new(),
    }];
    calls.extend(
        declared
            .managed_policies
            .into_iter()
            .map(|policy_arn| Mutation::AttachRolePolicy { role: role.clone(), policy_arn }),
    );
    for call in &calls {
        controller.writer.call(call, &BTreeMap::new(), controller.clock.now()).await.unwrap();
    }
    let vpc = ResourceId::role(role);
    let id_of = async |desired: &Desired| made(&controller.observe(desired).await)[&vpc].clone();
    let before = id_of(&empty("a")).await;

    for desired in [with("a", "orders", Naming::Own), with("a", "billing", Naming::Own), empty("a")] {
        controller.converge(&desired).await;
        assert_eq!(id_of(&desired).await, before);
    }
    // It is as it was found, without a mark.
    let live = controller.observe(&empty("a")).await.resources[&vpc].clone();
    assert_eq!(live.tags, Tags::new());
}

#[tokio::test]
async fn what_is_adopted_by_name_needs_nothing_more() {
    let (_lab, controller) = start().await;
    let wanted = with("a", "orders", Naming::Own);
    controller.converge(&wanted).await;
    let there = made(&controller.observe(&wanted).await);
    let released =
        controller.hand_over(HandoverVerb::Release, &["orders", "role/dms-vpc-role"], &wanted).await;
    assert!(released.has_converged());
    // Nobody owns it, and with the document gone nobody deletes it.
    assert_eq!(deletes(&controller.converge(&empty("a")).await.first), [Kind::ServiceRole; 0]);
    assert_eq!(made(&controller.observe(&wanted).await), there);

    let adopted = controller.hand_over(HandoverVerb::Adopt { from: None }, &["orders"], &wanted).await;
    assert!(adopted.has_converged(), "{}", outline(&adopted.remaining));
    assert_eq!(outline(&controller.plan(&wanted).await), "nothing");
    // From another scope, by its name alone.
    let new = with("b", "orders", Naming::Kept("a-orders"));
    let refused = controller.hand_over(HandoverVerb::Adopt { from: None }, &["orders"], &new).await;
    assert_eq!(refused.remaining.report.conflicts.len(), 5);
    let from = FormerOwner::parse("scope/a");
    let taken = controller.hand_over(HandoverVerb::Adopt { from }, &["orders"], &new).await;
    assert!(taken.has_converged(), "{}", outline(&taken.remaining));
    assert_eq!(outline(&controller.plan(&new).await), "nothing");
    assert_eq!(made(&controller.observe(&new).await), there);
}
