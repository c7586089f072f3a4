//! Who owns a shared role, who joins and leaves it, and until when it drains: by name, in every rendering.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use pipewright_model::kinds::FixedRole;
use pipewright_model::tags::{self, DrainMark};
use pipewright_model::{Desired, Observed, ResourceId, Scope, Timestamp};
use pipewright_plan::render::{self, MARKDOWN_BUDGET, Style};
use pipewright_plan::{Handover, HandoverVerb, Plan, PlanOptions, hand_over, plan, status};
use pipewright_testkit::{converged, desired, edit_task, live_role};
use serde_json::json;

/// A pipeline of `sales` that needs `dms-vpc-role` alone.
fn wanted() -> Desired {
    let mut wanted = desired("sales", &["returns"]);
    edit_task(&mut wanted, "returns", |task| task.settings = json!({"Logging": {"EnableLogging": false}}));
    wanted.resources.remove(&ResourceId::role(FixedRole::CLOUDWATCH_LOGS.name));
    wanted
}

/// Of the three roles, one has two owners, one is still owned by `sales` together with another, and one
/// drains by the mark of this scope.
fn observed(draining: &str) -> Observed {
    let mut observed = Observed { at: Timestamp::from_secs(1_800_000_000), ..Observed::default() };
    let mut add = |role: FixedRole, pairs: &[(&str, &str)]| {
        let mut live = live_role(&role.declared("aws", BTreeSet::new(), true), tags::Tags::new());
        live.tags.extend(pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        live.tags.insert(tags::ORIGIN.to_owned(), tags::CREATED.to_owned());
        observed.resources.insert(ResourceId::role(role.name), live);
    };
    add(
        FixedRole::VPC,
        &[("pipewright:owner:billing", "invoices"), ("pipewright:owner:data-platform", "orders users")],
    );
    add(
        FixedRole::CLOUDWATCH_LOGS,
        &[("pipewright:owner:data-platform", "orders"), ("pipewright:owner:sales", "returns")],
    );
    let mark = DrainMark {
        scope: draining.to_owned(),
        role_id: "AROAEXAMPLE".to_owned(),
        since: Timestamp::from_secs(1_799_999_940),
        pass: Timestamp::from_secs(1_799_999_930),
    };
    add(FixedRole::ACCESS_FOR_ENDPOINT, &[(tags::DRAIN, &mark.to_string())]);
    observed
}

fn planned(observed: &Observed) -> Plan {
    plan(&wanted(), observed, &PlanOptions::default())
}

/// The lines about roles and their owners.
fn about_roles(text: &str) -> String {
    let words = ["role/", "owners", "owned", "drain"];
    let lines: Vec<&str> = text.lines().filter(|line| words.iter().any(|word| line.contains(word))).collect();
    lines.join("\n")
}

#[test]
fn text_names_co_owners_joins_leaves_and_the_end_of_drains() {
    insta::assert_snapshot!(about_roles(&render::text(&planned(&observed("sales")), Style::PLAIN)), @"
      - delete  role/dms-access-for-endpoint  [destroys]
          1. wait until it has drained for 120 s, at 2027-01-15T08:01:00Z
          2. look again: still draining, no owner, no user
          3. mark it as draining still
          5. look again: still draining, no owner, no user
          7. look again: still draining, no owner, no user
    Changes of owners
      ~ leave  role/dms-cloudwatch-logs-role  [none]
          no spec of sales needs it; kept: still owned by data-platform (orders)
          owners: data-platform (orders), sales (returns) → data-platform (orders)
      ~ join   role/dms-vpc-role  [none]  returns.yaml:1
          owners: billing (invoices), data-platform (orders, users) → billing (invoices), data-platform (orders, users), sales (returns)
      role/dms-access-for-endpoint: draining since 2027-01-15T07:59:00Z, when sales left; not deleted before 2027-01-15T08:01:00Z
      role/dms-cloudwatch-logs-role: owned by data-platform (orders), sales (returns)
      role/dms-vpc-role: owned by billing (invoices), data-platform (orders, users)
    ");
    // The drain of another scope.
    insta::assert_snapshot!(about_roles(&render::text(&planned(&observed("billing")), Style::PLAIN)), @"
    Changes of owners
      ~ leave  role/dms-cloudwatch-logs-role  [none]
          no spec of sales needs it; kept: still owned by data-platform (orders)
          owners: data-platform (orders), sales (returns) → data-platform (orders)
      ~ join   role/dms-vpc-role  [none]  returns.yaml:1
          owners: billing (invoices), data-platform (orders, users) → billing (invoices), data-platform (orders, users), sales (returns)
      … role/dms-access-for-endpoint: has no owner, and is left to billing, which began to drain it; if it is still there at 2027-01-16T07:59:00Z, any scope may drain it
      role/dms-access-for-endpoint: draining since 2027-01-15T07:59:00Z, when billing left; not deleted before 2027-01-15T08:01:00Z
      role/dms-cloudwatch-logs-role: owned by data-platform (orders), sales (returns)
      role/dms-vpc-role: owned by billing (invoices), data-platform (orders, users)
    ");
}

#[test]
fn markdown_names_them() {
    let text = render::markdown(&planned(&observed("sales")), MARKDOWN_BUDGET);
    insta::assert_snapshot!(about_roles(&text), @"
    - **delete** `role/dms-access-for-endpoint` **destroys**: nobody owns it any more
      1. wait until it has drained for 120 s, at 2027-01-15T08:01:00Z
      2. look again: still draining, no owner, no user
      3. mark it as draining still
      5. look again: still draining, no owner, no user
      7. look again: still draining, no owner, no user
    ### ⚠️ Changes of owners (2)
    - **leave** `role/dms-cloudwatch-logs-role`: no spec of sales needs it; kept: still owned by data-platform (orders); owners: data-platform (orders), sales (returns) → data-platform (orders)
    - **join** `role/dms-vpc-role`: exists; needed by returns, together with billing (invoices), data-platform (orders users); owners: billing (invoices), data-platform (orders, users) → billing (invoices), data-platform (orders, users), sales (returns) — `returns.yaml:1`
    - `role/dms-access-for-endpoint`: draining since 2027-01-15T07:59:00Z, when sales left; not deleted before 2027-01-15T08:01:00Z
    - `role/dms-cloudwatch-logs-role`: owned by data-platform (orders), sales (returns)
    - `role/dms-vpc-role`: owned by billing (invoices), data-platform (orders, users)
    ");
}

#[test]
fn json_names_them() {
    let json = serde_json::to_value(render::json(&planned(&observed("billing")))).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&json["roles"]).unwrap(), @r#"
    {
      "dms-access-for-endpoint": {
        "drainsUntil": 1800000060000,
        "origin": "created",
        "owners": {},
        "ownership": {
          "by": "billing",
          "since": 1799999940000,
          "state": "draining"
        },
        "roleId": "AROAEXAMPLE"
      },
      "dms-cloudwatch-logs-role": {
        "origin": "created",
        "owners": {
          "data-platform": "orders",
          "sales": "returns"
        },
        "ownership": {
          "state": "coOwned",
          "with": [
            "data-platform"
          ]
        },
        "roleId": "AROAEXAMPLE"
      },
      "dms-vpc-role": {
        "origin": "created",
        "owners": {
          "billing": "invoices",
          "data-platform": "orders users"
        },
        "ownership": {
          "by": "scopes billing, data-platform",
          "state": "foreign"
        },
        "roleId": "AROAEXAMPLE"
      }
    }
    "#);
    let changes = json["resource_changes"].as_array().unwrap();
    let owners: Vec<String> = changes
        .iter()
        .filter(|change| change["kind"] == "role")
        .map(|change| format!("{} {}: {}", change["action"], change["address"], change["owners"]))
        .collect();
    insta::assert_snapshot!(owners.join("\n"), @r#"
    "leave" "role/dms-cloudwatch-logs-role": {"after":{"data-platform":"orders"},"before":{"data-platform":"orders","sales":"returns"}}
    "join" "role/dms-vpc-role": {"after":{"billing":"invoices","data-platform":"orders users","sales":"returns"},"before":{"billing":"invoices","data-platform":"orders users"}}
    "#);
}

#[test]
fn status_names_them() {
    let (wanted, observed) = (wanted(), observed("billing"));
    let status = status(&wanted, &observed, &planned(&observed));
    insta::assert_snapshot!(about_roles(&render::status_text(&status, Style::PLAIN)), @"
    role/dms-access-for-endpoint: draining since 2027-01-15T07:59:00Z, when billing left; not deleted before 2027-01-15T08:01:00Z [created]
    role/dms-cloudwatch-logs-role: owned by data-platform (orders), sales (returns) [created]
    role/dms-vpc-role: owned by billing (invoices), data-platform (orders, users) [created]
    ");
    let json = serde_json::to_value(&status).unwrap();
    assert_eq!(json["roles"]["dms-vpc-role"]["owners"]["data-platform"], "orders users");
    assert_eq!(json["roles"]["dms-access-for-endpoint"]["drainsUntil"], 1_800_000_060_000_u64);
}

#[test]
fn a_change_of_owner_names_the_owner_before_and_after() {
    let wanted = desired("sales", &["returns"]);
    let observed = converged(&wanted);
    let verb = HandoverVerb::Transfer { to: Scope::new("billing").unwrap() };
    let (handover, _) = Handover::named(verb, &["returns".to_owned()], &wanted, &observed);
    let plan = hand_over(&wanted, &observed, &PlanOptions::default(), &handover);
    insta::assert_snapshot!(render::text(&plan, Style::PLAIN), @"
    Environment test (account 111122223333, us-east-1), scope sales

    Changes of owners
      ~ join      role/dms-cloudwatch-logs-role  [none]  returns.yaml:1
          needed by returns, for which billing becomes an owner first
          owners: sales (returns) → billing (returns), sales (returns)
      ~ join      role/dms-vpc-role  [none]  returns.yaml:1
          needed by returns, for which billing becomes an owner first
          owners: sales (returns) → billing (returns), sales (returns)
      ~ transfer  subnet-group/sales-returns  [none]  returns.yaml:1
          goes to the scope billing, as returns
          owners: sales (returns) → billing (returns)
      ~ transfer  instance/sales-returns  [none]  returns.yaml:1
          goes to the scope billing, as returns
          owners: sales (returns) → billing (returns)
      ~ transfer  endpoint/sales-returns-source  [none]  returns.yaml:1
          goes to the scope billing, as returns
          owners: sales (returns) → billing (returns)
      ~ transfer  endpoint/sales-returns-target  [none]  returns.yaml:1
          goes to the scope billing, as returns
          owners: sales (returns) → billing (returns)
      ~ transfer  task/sales-returns  [none]  returns.yaml:1
          goes to the scope billing, as returns
          owners: sales (returns) → billing (returns)

    Warnings
      ! in the specs of billing, returns must keep its identifiers: subnet-group `identifier: sales-returns`, instance `identifier: sales-returns`, endpoint `identifier: sales-returns-source`, endpoint `identifier: sales-returns-target`, task `identifier: sales-returns`; or the Controller's `identifierPrefix` must give them

    Shared roles as they are
      role/dms-cloudwatch-logs-role: owned by sales (returns)
      role/dms-vpc-role: owned by sales (returns)

    Plan: 0 to create, 0 to update, 0 to delete, 7 owner changes, 0 unchanged.
    ");
    insta::assert_snapshot!(render::markdown(&plan, MARKDOWN_BUDGET), @r"
    ## Pipewright plan: test

    Account 111122223333, us-east-1, scope `sales`.

    **Plan: 0 to create, 0 to update, 0 to delete, 7 owner changes, 0 unchanged.**

    ### ⚠️ Changes of owners (7)

    - **join** `role/dms-cloudwatch-logs-role`: needed by returns, for which billing becomes an owner first; owners: sales (returns) → billing (returns), sales (returns) — `returns.yaml:1`
    - **join** `role/dms-vpc-role`: needed by returns, for which billing becomes an owner first; owners: sales (returns) → billing (returns), sales (returns) — `returns.yaml:1`
    - **transfer** `subnet-group/sales-returns`: goes to the scope billing, as returns; owners: sales (returns) → billing (returns) — `returns.yaml:1`
    - **transfer** `instance/sales-returns`: goes to the scope billing, as returns; owners: sales (returns) → billing (returns) — `returns.yaml:1`
    - **transfer** `endpoint/sales-returns-source`: goes to the scope billing, as returns; owners: sales (returns) → billing (returns) — `returns.yaml:1`
    - **transfer** `endpoint/sales-returns-target`: goes to the scope billing, as returns; owners: sales (returns) → billing (returns) — `returns.yaml:1`
    - **transfer** `task/sales-returns`: goes to the scope billing, as returns; owners: sales (returns) → billing (returns) — `returns.yaml:1`

    ### Warnings (1)

    - in the specs of billing, returns must keep its identifiers: subnet-group \`identifier: sales-returns\`, instance \`identifier: sales-returns\`, endpoint \`identifier: sales-returns-source\`, endpoint \`identifier: sales-returns-target\`, task \`identifier: sales-returns\`; or the Controller's \`identifierPrefix\` must give them

    <details><summary>Shared roles as they are</summary>

    - `role/dms-cloudwatch-logs-role`: owned by sales (returns)
    - `role/dms-vpc-role`: owned by sales (returns)

    </details>
    ");
}

#[test]
fn a_drain_does_not_make_every_plan_another_one() {
    for scope in ["sales", "billing"] {
        let observed = observed(scope);
        let later = Observed { at: Timestamp::from_secs(1_800_000_030), ..observed.clone() };
        assert_eq!(planned(&observed).digest(), planned(&later).digest());
    }
}
