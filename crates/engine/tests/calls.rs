//! What passes cost: pages, not resources.

use pipewright_testkit::{Lab, sharing};

#[tokio::test]
async fn a_no_op_pass_over_a_hundred_pipelines_costs_at_most_25_calls() {
    let lab = Lab::start().await;
    let controller = lab.controller().await;
    let wanted = sharing("a", 100, 40);
    controller.converge(&wanted).await;
    lab.emulator().reset_calls();
    let outcome = controller.converge(&wanted).await;
    assert!(outcome.first.is_empty());
    let calls: Vec<String> = lab.emulator().calls().into_iter().map(|call| call.operation).collect();
    assert!(calls.len() <= 25, "{}: {calls:?}", calls.len());
}
