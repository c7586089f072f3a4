//! `adopt`, `release` and `transfer` on the sandbox: shown first, made with `--yes`.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

#[allow(dead_code, unreachable_pub, reason = "shared by several test programs")]
mod common;

use common::{Workplace, controller, pipeline};
use serde_json::json;

const RECONCILE: &str = "reconcile specs --once --sandbox --sandbox-speed max";

fn converged(pipelines: &[&str]) -> Workplace {
    let place = Workplace::with_pipelines("data-platform", pipelines);
    place.run(RECONCILE).expect(0);
    place
}

#[test]
fn what_is_released_can_be_adopted_again() {
    let place = converged(&["orders"]);
    let shown = place.run("release specs orders --sandbox");
    insta::assert_snapshot!(shown.all(), @"
    exit 2
    --- stdout
    Environment prod (account 111122223333, us-east-1), scope data-platform

    Changes of owners
      ~ release  subnet-group/data-platform-orders  [none]  specs/orders.yaml:1
          stays as it is, owned by nobody
          owners: data-platform (orders) → nobody
      ~ release  instance/data-platform-orders  [none]  specs/orders.yaml:1
          stays as it is, owned by nobody
          owners: data-platform (orders) → nobody
      ~ release  endpoint/data-platform-orders-source  [none]  specs/orders.yaml:1
          stays as it is, owned by nobody
          owners: data-platform (orders) → nobody
      ~ release  endpoint/data-platform-orders-target  [none]  specs/orders.yaml:1
          stays as it is, owned by nobody
          owners: data-platform (orders) → nobody
      ~ release  task/data-platform-orders  [none]  specs/orders.yaml:1
          stays as it is, owned by nobody
          owners: data-platform (orders) → nobody

    Warnings
      ! subnet-group/data-platform-orders: orders still declares it: until that is gone, plans report a conflict, `exists but not owned`  specs/orders.yaml:1
      ! instance/data-platform-orders: orders still declares it: until that is gone, plans report a conflict, `exists but not owned`  specs/orders.yaml:1
      ! endpoint/data-platform-orders-source: orders still declares it: until that is gone, plans report a conflict, `exists but not owned`  specs/orders.yaml:1
      ! endpoint/data-platform-orders-target: orders still declares it: until that is gone, plans report a conflict, `exists but not owned`  specs/orders.yaml:1
      ! task/data-platform-orders: orders still declares it: until that is gone, plans report a conflict, `exists but not owned`  specs/orders.yaml:1

    Shared roles as they are
      role/dms-cloudwatch-logs-role: owned by data-platform (orders)
      role/dms-vpc-role: owned by data-platform (orders)

    Plan: 0 to create, 0 to update, 0 to delete, 5 owner changes, 0 unchanged.
    --- stderr
    nothing was written: give --yes to do it
    ");
    place.run("plan specs --sandbox --detailed-exitcode").expect(0);
    let done = place.run("release specs orders --sandbox --yes").expect(0);
    let (plan, outcome) = done.stdout.split_at(shown.stdout.len());
    assert_eq!(plan, shown.stdout);
    insta::assert_snapshot!(outcome, @"

    Applied 5 changes. Converged: nothing left to do.
      role/dms-cloudwatch-logs-role: owned by data-platform (orders)
      role/dms-vpc-role: owned by data-platform (orders)
    ");
    assert!(place.run("plan specs --sandbox").expect(3).stdout.contains("exists but not owned"));
    // Nothing was deleted, and the marks alone come back.
    let adopted = place.run("adopt specs --all --sandbox --yes").expect(0);
    insta::assert_snapshot!(adopted.result(), @"
    exit 0
    Environment prod (account 111122223333, us-east-1), scope data-platform

    Changes of owners
      ~ adopt  subnet-group/data-platform-orders  [none]  specs/orders.yaml:1
          exists but not owned
          owners: nobody → data-platform (orders)
          tags.pipewright:scope: + data-platform
          tags.pipewright:spec:  + orders
          tags.pipewright:uid:   + 1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40
      ~ adopt  instance/data-platform-orders  [none]  specs/orders.yaml:1
          exists but not owned
          owners: nobody → data-platform (orders)
          tags.pipewright:scope: + data-platform
          tags.pipewright:spec:  + orders
          tags.pipewright:uid:   + 1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40
      ~ adopt  endpoint/data-platform-orders-source  [none]  specs/orders.yaml:1
          exists but not owned
          owners: nobody → data-platform (orders)
          tags.pipewright:applied: + c3fcddaff7a29c2a
          tags.pipewright:scope:   + data-platform
          tags.pipewright:spec:    + orders
          tags.pipewright:uid:     + 1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40
      ~ adopt  endpoint/data-platform-orders-target  [none]  specs/orders.yaml:1
          exists but not owned
          owners: nobody → data-platform (orders)
          tags.pipewright:applied: + 77ec3c171e6d5cb0
          tags.pipewright:scope:   + data-platform
          tags.pipewright:spec:    + orders
          tags.pipewright:uid:     + 1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40
      ~ adopt  task/data-platform-orders  [none]  specs/orders.yaml:1
          exists but not owned
          owners: nobody → data-platform (orders)
          tags.pipewright:applied: + 1c46c95b7ceaaadc
          tags.pipewright:scope:   + data-platform
          tags.pipewright:spec:    + orders
          tags.pipewright:uid:     + 1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40

    Warnings
      ! role/dms-cloudwatch-logs-role: is owned by data-platform already  specs/orders.yaml:1
      ! role/dms-vpc-role: is owned by data-platform already  specs/orders.yaml:1

    Shared roles as they are
      role/dms-cloudwatch-logs-role: owned by data-platform (orders)
      role/dms-vpc-role: owned by data-platform (orders)

    Plan: 0 to create, 0 to update, 0 to delete, 5 owner changes, 0 unchanged.

    Applied 5 changes. Converged: nothing left to do.
      role/dms-cloudwatch-logs-role: owned by data-platform (orders)
      role/dms-vpc-role: owned by data-platform (orders)
    ");
    place.run("plan specs --sandbox --detailed-exitcode").expect(0);
    let again = place.run("adopt specs orders --sandbox --yes").expect(0);
    assert!(again.stdout.contains("instance/data-platform-orders: is owned by data-platform already"));
}

#[test]
fn what_no_spec_declares_any_more_can_be_released() {
    let place = converged(&["orders", "users"]);
    place.remove("specs/users.yaml");
    place.run("release specs users --sandbox --yes").expect(0);
    let plan = place.run("plan specs --sandbox --format json").expect(0).json();
    assert_eq!(plan["summary"], json!({"update": 2}), "only the roles' lists of specs: {plan}");
    let gone = place.run("release specs users --sandbox --yes").expect(1);
    insta::assert_snapshot!(gone.stderr, @"
    error: `users` stands for nothing
    hint: name a document (`orders`, `Endpoint/warehouse`) or a resource (`instance/orders`); `pipewright status` lists them
    ");
}

#[test]
fn a_pipeline_goes_to_another_scope_without_a_moment_of_no_owner() {
    let place = converged(&["orders", "users"]);
    place.write("theirs/controller.yaml", &controller("reporting", "identifierPrefix: data-platform"));
    let shown =
        place.run("transfer specs orders --to reporting/1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40 --sandbox");
    insta::assert_snapshot!(shown.all(), @"
    exit 2
    --- stdout
    Environment prod (account 111122223333, us-east-1), scope data-platform

    Changes of owners
      ~ join      role/dms-cloudwatch-logs-role  [none]  specs/orders.yaml:1
          needed by orders, for which reporting becomes an owner first
          owners: data-platform (orders, users) → data-platform (orders, users), reporting (orders)
      ~ join      role/dms-vpc-role  [none]  specs/orders.yaml:1
          needed by orders, for which reporting becomes an owner first
          owners: data-platform (orders, users) → data-platform (orders, users), reporting (orders)
      ~ transfer  subnet-group/data-platform-orders  [none]  specs/orders.yaml:1
          goes to the scope reporting with the uid 1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40, as orders
          owners: data-platform (orders) → reporting (orders)
      ~ transfer  instance/data-platform-orders  [none]  specs/orders.yaml:1
          goes to the scope reporting with the uid 1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40, as orders
          owners: data-platform (orders) → reporting (orders)
      ~ transfer  endpoint/data-platform-orders-source  [none]  specs/orders.yaml:1
          goes to the scope reporting with the uid 1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40, as orders
          owners: data-platform (orders) → reporting (orders)
      ~ transfer  endpoint/data-platform-orders-target  [none]  specs/orders.yaml:1
          goes to the scope reporting with the uid 1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40, as orders
          owners: data-platform (orders) → reporting (orders)
      ~ transfer  task/data-platform-orders  [none]  specs/orders.yaml:1
          goes to the scope reporting with the uid 1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40, as orders
          owners: data-platform (orders) → reporting (orders)

    Warnings
      ! in the specs of reporting, orders must keep its identifiers: subnet-group `identifier: data-platform-orders`, instance `identifier: data-platform-orders`, endpoint `identifier: data-platform-orders-source`, endpoint `identifier: data-platform-orders-target`, task `identifier: data-platform-orders`; or the Controller's `identifierPrefix` must give them

    Shared roles as they are
      role/dms-cloudwatch-logs-role: owned by data-platform (orders, users)
      role/dms-vpc-role: owned by data-platform (orders, users)

    Plan: 0 to create, 0 to update, 0 to delete, 7 owner changes, 0 unchanged.
    --- stderr
    nothing was written: give --yes to do it
    ");
    let json = place.run("transfer specs orders --to reporting/1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40 --sandbox --format json").expect(2).json();
    let role = &json["resource_changes"][1];
    assert_eq!(role["owners"]["after"], json!({"data-platform": "orders users", "reporting": "orders"}));
    place
        .run("transfer specs orders --to reporting/1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40 --sandbox --yes")
        .expect(0);

    // The old root still has the document: a conflict that names the new owner, and nothing is deleted.
    let old = place.run("plan specs --sandbox --format json").expect(3).json();
    assert_eq!(old["report"]["conflicts"][0]["message"], "exists and is owned by scope reporting");
    assert_eq!(old["summary"], json!({}), "{old}");
    // The document moves: the new root has nothing to do, and the old one leaves the roles with it.
    place.remove("specs/orders.yaml");
    place.write("theirs/orders.yaml", &pipeline("orders"));
    place.run("plan theirs --sandbox --detailed-exitcode").expect(0);
    let left = place.run(RECONCILE).expect(0);
    assert!(left.stdout.contains("role/dms-vpc-role: owned by data-platform (users), reporting (orders)"));
    place.run("plan specs --sandbox --detailed-exitcode").expect(0);
    place.run("plan theirs --sandbox --detailed-exitcode").expect(0);
    // Nothing is left of it to transfer again.
    place
        .run("transfer specs orders --to reporting/1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40 --sandbox --yes")
        .expect(0);
}

#[test]
fn taking_over_from_another_scope_is_said_by_name() {
    let place = converged(&["orders"]);
    place.write("theirs/controller.yaml", &controller("reporting", "identifierPrefix: data-platform"));
    place.write("theirs/orders.yaml", &pipeline("orders"));
    let refused = place.run("adopt theirs orders --sandbox --yes").expect(3);
    assert!(refused.stdout.contains("`--from scope/data-platform`"), "{}", refused.stdout);
    let markdown =
        place.run("adopt theirs orders --from scope/data-platform --sandbox --format markdown").expect(2);
    insta::assert_snapshot!(markdown.stdout, @"
    ## Pipewright plan: prod

    Account 111122223333, us-east-1, scope `reporting`.

    **Plan: 0 to create, 0 to update, 0 to delete, 5 owner changes, 0 unchanged.**

    ### ⚠️ Changes of owners (5)

    - **adopt** `subnet-group/data-platform-orders`: is owned by scope data-platform, and is taken over from there; owners: data-platform (orders) → reporting (orders) — `theirs/orders.yaml:1`
      <details><summary>2 fields</summary>

      ```diff
      + tags.pipewright:imported-from: scope/data-platform
      - tags.pipewright:scope: data-platform
      + tags.pipewright:scope: reporting
      ```

      </details>

    - **adopt** `instance/data-platform-orders`: is owned by scope data-platform, and is taken over from there; owners: data-platform (orders) → reporting (orders) — `theirs/orders.yaml:1`
      <details><summary>2 fields</summary>

      ```diff
      + tags.pipewright:imported-from: scope/data-platform
      - tags.pipewright:scope: data-platform
      + tags.pipewright:scope: reporting
      ```

      </details>

    - **adopt** `endpoint/data-platform-orders-source`: is owned by scope data-platform, and is taken over from there; owners: data-platform (orders) → reporting (orders) — `theirs/orders.yaml:1`
      <details><summary>2 fields</summary>

      ```diff
      + tags.pipewright:imported-from: scope/data-platform
      - tags.pipewright:scope: data-platform
      + tags.pipewright:scope: reporting
      ```

      </details>

    - **adopt** `endpoint/data-platform-orders-target`: is owned by scope data-platform, and is taken over from there; owners: data-platform (orders) → reporting (orders) — `theirs/orders.yaml:1`
      <details><summary>2 fields</summary>

      ```diff
      + tags.pipewright:imported-from: scope/data-platform
      - tags.pipewright:scope: data-platform
      + tags.pipewright:scope: reporting
      ```

      </details>

    - **adopt** `task/data-platform-orders`: is owned by scope data-platform, and is taken over from there; owners: data-platform (orders) → reporting (orders) — `theirs/orders.yaml:1`
      <details><summary>2 fields</summary>

      ```diff
      + tags.pipewright:imported-from: scope/data-platform
      - tags.pipewright:scope: data-platform
      + tags.pipewright:scope: reporting
      ```

      </details>


    ### Warnings (2)

    - `role/dms-cloudwatch-logs-role`: is owned by reporting already — `theirs/orders.yaml:1`
    - `role/dms-vpc-role`: is owned by reporting already — `theirs/orders.yaml:1`

    <details><summary>Shared roles as they are</summary>

    - `role/dms-cloudwatch-logs-role`: owned by data-platform (orders), reporting (orders)
    - `role/dms-vpc-role`: owned by data-platform (orders), reporting (orders)

    </details>
    ");
    place.run("adopt theirs orders --from scope/data-platform --sandbox --yes").expect(0);
    place.run("plan theirs --sandbox --detailed-exitcode").expect(0);
    // The former owner is told whose it is.
    assert!(place.run("plan specs --sandbox").expect(3).stdout.contains("is owned by scope reporting"));
}

#[test]
fn wrong_usage() {
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    for (arguments, expected) in [
        ("adopt specs --sandbox", "<NAME>"),
        ("adopt specs orders --all --sandbox", "cannot be used with"),
        ("adopt specs orders --from reporting --sandbox", "scope/NAME"),
        ("release specs --sandbox", "<NAME>"),
        ("transfer specs orders --sandbox", "--to <SCOPE[/UID]>"),
        ("transfer specs orders --to Reporting --sandbox", "not a valid name"),
        ("transfer specs orders --to reporting/1 --sandbox", "1f0c9a52-7d3e"),
        ("release specs orders sale --sandbox", "`sale` stands for nothing"),
    ] {
        let ran = place.run(arguments).expect(1);
        assert!(ran.stderr.contains(expected), "{arguments}: {}", ran.stderr);
    }
}
