//! Pipelines on DMS Serverless.

use pipewright_model::Desired;
use pipewright_model::kinds::Run;
use pipewright_testkit::{desired, edit_config, edit_endpoint, serverless};
use serde_json::json;

use super::scenarios::{beside_another_scope, edited_from, from, with};
use super::{Before, Scenario};

fn orders() -> Desired {
    serverless("a", &["orders"])
}

fn stopped() -> Desired {
    with(orders(), |desired| edit_config(desired, "orders", |config| config.run = Run::Stopped))
}

fn batched(desired: &mut Desired) {
    edit_config(desired, "orders", |config| {
        config.settings =
            json!({"Logging": {"EnableLogging": true}, "TargetMetadata": {"BatchApplyEnabled": true}});
    });
}

scenarios! {
    making_a_serverless_pipeline: Scenario::new(Vec::new(), orders()),
    making_a_serverless_pipeline_that_does_not_run: Scenario::new(Vec::new(), stopped()),
    changing_a_serverless_pipeline_that_runs: edited_from(orders(), |desired| {
        edit_endpoint(desired, "orders-source", |endpoint| endpoint.port = Some(3307));
        edit_config(desired, "orders", |config| config.compute.max_capacity_units = 16);
        batched(desired);
    }),
    changing_a_serverless_pipeline_that_is_stopped: edited_from(stopped(), batched),
    changing_a_serverless_pipeline_on_its_way_to_run: Scenario::new(vec![Before::Begun(orders())], with(orders(), batched)),
    stopping_a_serverless_pipeline: from(orders(), stopped()),
    starting_a_serverless_pipeline: from(stopped(), orders()),
    removing_one_serverless_pipeline_of_two: from(serverless("a", &["billing", "orders"]), orders()).losing(1),
    removing_the_last_serverless_pipeline_and_the_roles: from(orders(), desired("a", &[])).losing(1),
    removing_a_serverless_pipeline_on_its_way_to_run: Scenario::new(vec![Before::Begun(orders())], desired("a", &[])).losing(1),
    removing_a_serverless_pipeline_beside_another_scope:
        beside_another_scope(Some(orders()), desired("a", &[])).losing(1),
}
