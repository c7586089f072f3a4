//! A first apply takes hardly longer than AWS itself does.

use pipewright_testkit::{Makespan, sharing};

#[tokio::test]
async fn a_first_apply_is_within_a_tenth_of_the_critical_path_or_the_api_budget() {
    for (count, per_instance) in [(1, 1), (10, 1), (10, 10)] {
        let made = Makespan::measure(&sharing("a", count, per_instance)).await;
        let ratio = made.ratio();
        assert!(
            (1.0..=1.10).contains(&ratio),
            "{count} pipelines, {per_instance} an instance: {ratio} of {made:?}"
        );
    }
}
