//! A delete whose answer is lost is not made again: by then the name may be somebody else's role.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use pipewright_emulator::{Effect, Fault};
use pipewright_model::ResourceId;
use pipewright_testkit::{Lab, outline, roles_of};

#[tokio::test]
async fn after_a_lost_answer_the_account_is_looked_at_again() {
    for effect in [Effect::DropConnectionAfter, Effect::InternalError, Effect::Throttle] {
        let lab = Lab::start().await;
        let controller = lab.controller().await;
        Box::pin(controller.converge(&roles_of("a", &["orders"]))).await;
        lab.emulator().reset_calls();
        lab.emulator().inject(Fault { operation: Some("DeleteRole".to_owned()), nth: 1, effect });
        let outcome = Box::pin(controller.pass(&roles_of("a", &[]))).await;
        assert!(outcome.has_converged(), "{effect:?}:\n{}", outline(&outcome.remaining));

        let observed = Box::pin(controller.observe(&roles_of("a", &[]))).await;
        assert!(!observed.resources.contains_key(&ResourceId::role("dms-vpc-role")), "{effect:?}");
        // Between two deletes there is always a look.
        let mut deleted = BTreeSet::new();
        let mut count = 0;
        for call in lab.emulator().calls() {
            let role = call.resource.unwrap_or_default();
            match call.operation.as_str() {
                "DeleteRole" => {
                    count += 1;
                    assert!(deleted.insert(role), "{effect:?}: deleted again without a look");
                }
                "GetRole" => {
                    deleted.remove(&role);
                }
                _ => {}
            }
        }
        assert_eq!(count, if effect == Effect::DropConnectionAfter { 2 } else { 3 }, "of two roles");
    }
}
