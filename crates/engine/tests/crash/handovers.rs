//! Changes of owner that are asked for by name and cut off: asked for again, they are finished.

use std::collections::BTreeSet;

use pipewright_model::{Desired, FormerOwner, Observed, ResourceId, Scope, tags};
use pipewright_plan::HandoverVerb;
use pipewright_testkit::{Lab, desired, outline};

use super::account::{Account, keeps_its_roles};
use super::{Before, Death, Scenario, deaths, ended, killed};

/// A change of owner after others that were made to the end.
struct Handover {
    /// What was applied before, and the specs with which the verbs are run.
    scenario: Scenario,
    before: Option<(HandoverVerb, &'static [&'static str])>,
    verb: HandoverVerb,
    names: &'static [&'static str],
}

impl Handover {
    async fn die_everywhere(&self, name: &str) {
        let specs = &self.scenario.after;
        let prepared = Box::pin(self.prepared()).await;
        let lab = prepared.fork().await;
        let controller = lab.controller().await;
        let there = ids(&controller.observe(specs).await);
        lab.emulator().reset_calls();
        let outcome = Box::pin(controller.hand_over(self.verb.clone(), self.names, specs)).await;
        assert!(outcome.has_converged(), "{name}: {}", outline(&outcome.remaining));
        let calls = lab.emulator().calls();
        let observed = controller.observe(specs).await;
        assert_eq!(ids(&observed), there, "{name}");
        let expected = Account::of(&observed);
        let deaths = deaths(name, &calls);
        for death in &deaths {
            Box::pin(self.die_at(&prepared, *death, &expected)).await;
        }
        ended(deaths.len());
    }

    async fn prepared(&self) -> Lab {
        let lab = Box::pin(self.scenario.prepared()).await;
        if let Some((verb, names)) = &self.before {
            let controller = lab.controller().await;
            Box::pin(controller.hand_over(verb.clone(), names, &self.scenario.after)).await;
        }
        lab
    }

    async fn die_at(&self, prepared: &Lab, (nth, effect): Death, expected: &Account) {
        let when = format!("died at call {nth} ({effect:?})");
        let specs = &self.scenario.after;
        let (_lab, next) = killed(prepared, (nth, effect), async |doomed| {
            doomed.hand_over(self.verb.clone(), self.names, specs).await;
        })
        .await;
        let observed = next.observe(specs).await;
        for other in self.scenario.others() {
            keeps_its_roles(other, &observed, &when);
        }
        if matches!(self.verb, HandoverVerb::Transfer { .. }) {
            owned_throughout(&observed, &when);
        }
        let outcome = Box::pin(next.hand_over(self.verb.clone(), self.names, specs)).await;
        assert!(outcome.has_converged(), "{when}: {}", outline(&outcome.remaining));
        assert_eq!(Account::of(&next.observe(specs).await), *expected, "{when}");
    }
}

fn ids(observed: &Observed) -> BTreeSet<ResourceId> {
    observed.resources.keys().cloned().collect()
}

/// Every resource that can be marked has an owner.
fn owned_throughout(observed: &Observed, when: &str) {
    for (id, live) in observed.resources.iter().filter(|(_, live)| !live.arn.is_empty()) {
        let is_owned = live.tags.contains_key(tags::SCOPE) || !tags::owners(&live.tags).is_empty();
        assert!(is_owned, "{when}: nobody owns {id}");
    }
}

fn orders() -> Desired {
    desired("a", &["orders"])
}

/// After these specs were applied.
fn after(applied: Desired) -> Scenario {
    Scenario::new(vec![Before::Applied(applied.clone())], applied)
}

/// What scope `a` has, declared by scope `b`.
fn declared_by_b() -> Desired {
    Desired { scope: Scope::new("b").unwrap(), ..orders() }
}

fn with_uid(mut specs: Desired, uid: &str) -> Desired {
    specs.scope = specs.scope.with_uid(uid);
    specs
}

fn adopt(from: Option<&str>) -> HandoverVerb {
    HandoverVerb::Adopt { from: from.map(|from| FormerOwner::parse(from).unwrap()) }
}

fn to_b() -> HandoverVerb {
    HandoverVerb::Transfer { to: Scope::new("b").unwrap() }
}

scenarios! {
    adopting_what_nobody_owns: Handover {
        scenario: after(orders()),
        before: Some((HandoverVerb::Release, &["orders", "role/dms-vpc-role", "role/dms-cloudwatch-logs-role"])),
        verb: adopt(None),
        names: &["orders"],
    },
    adopting_from_another_scope: Handover {
        scenario: Scenario::new(vec![Before::Applied(orders())], declared_by_b()),
        before: None,
        verb: adopt(Some("scope/a")),
        names: &["orders"],
    },
    releasing_a_pipeline_and_a_role: Handover {
        scenario: after(orders()),
        before: None,
        verb: HandoverVerb::Release,
        names: &["orders", "role/dms-vpc-role"],
    },
    releasing_what_no_spec_declares: Handover {
        scenario: Scenario::new(vec![Before::Applied(orders())], desired("a", &[])),
        before: None,
        verb: HandoverVerb::Release,
        names: &["task/a-orders", "instance/a-orders", "role/dms-vpc-role"],
    },
    transferring_a_pipeline: Handover {
        scenario: after(orders()),
        before: None,
        verb: to_b(),
        names: &["orders"],
    },
    transferring_to_a_scope_that_owns_the_roles: Handover {
        scenario: Scenario::new(vec![Before::Applied(desired("b", &["billing"])), Before::Applied(orders())], orders()),
        before: None,
        verb: to_b(),
        names: &["orders"],
    },
    transferring_what_has_a_uid_to_a_scope_without_one: Handover {
        scenario: after(with_uid(orders(), "1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40")),
        before: None,
        verb: to_b(),
        names: &["orders"],
    },
}
