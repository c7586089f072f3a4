//! A controller that dies while it resumes: the attempt counts, and the next one goes on.

use pipewright_emulator::{Effect, Fault};
use pipewright_testkit::{desired, serverless};

use super::{MINUTE, Watch};

#[tokio::test]
async fn an_attempt_that_was_cut_short_counts_and_the_next_controller_goes_on() {
    for wanted in [desired("a", &["orders"]), serverless("a", &["orders"])] {
        let due = Watch::running(wanted.clone()).await;
        due.fails("Last Error Task error");
        due.lab.emulator().advance(2 * MINUTE);
        due.lab.emulator().reset_calls();

        // What the pass does: it counts, then resumes.
        let undisturbed = Watch::of(due.lab.fork().await, wanted.clone()).await;
        undisturbed.controller.pass(&wanted).await;
        let changing: Vec<(u64, String)> = (1..)
            .zip(undisturbed.lab.emulator().calls())
            .filter(|(_, call)| call.mutating)
            .map(|(nth, call)| (nth, call.operation))
            .collect();
        let operations: Vec<&str> = changing.iter().map(|(_, operation)| operation.as_str()).collect();
        assert_eq!(operations.len(), 2, "{operations:?}");
        assert_eq!(operations[0], "AddTagsToResource");
        assert!(operations[1].starts_with("StartReplication"), "{operations:?}");

        for (nth, operation) in &changing {
            for effect in [Effect::HoldBefore, Effect::HoldAfter] {
                let watch = Watch::of(due.lab.fork().await, wanted.clone()).await;
                watch.lab.emulator().reset_calls();
                watch.lab.emulator().inject(Fault { operation: None, nth: *nth, effect });
                let held = watch.lab.emulator().held();
                let doomed = watch.lab.controller().await;
                tokio::select! {
                    () = held => {}
                    _ = Box::pin(doomed.pass(&wanted)) => {}
                }
                watch.lab.emulator().clear_faults();
                watch.until_it_runs().await;
                let (attempts, _) = watch.attempts().await.unwrap();
                let starts = watch.starts();
                assert_eq!(starts, 1, "{operation} ({effect:?}): it is resumed once");
                assert!(
                    usize::try_from(attempts).unwrap() >= starts,
                    "{operation} ({effect:?}): every attempt counts, {attempts} of {starts}"
                );
                watch.controller.converge(&wanted).await;
                watch.nothing_was_lost();
            }
        }
    }
}
