//! What other tools report as changed on every run though nothing is, each named after the report. Live
//! values are as AWS answered them (go-to-k/cdk-real-drift, Apache-2.0). Each test also shows that a real
//! difference in the same place is seen.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use pipewright_model::kinds::{EndpointObserved, InstanceObserved, TaskObserved};
use pipewright_model::{Desired, Kind, LiveBody, Observed};
use pipewright_plan::{PlanOptions, plan};
use pipewright_testkit::{converged, desired, edit_endpoint, edit_instance, edit_task, id, outline};
use serde_json::{Value, json};

const TASK: &str = "task/a-orders";

/// What AWS answered for a task that declares no settings.
fn live_settings() -> Value {
    let shape = include_str!("../../emulator/tests/fixtures/live-shapes/ReplicationTask.HuntDmsTask.json");
    serde_json::from_str::<Value>(shape).unwrap()["liveRaw"]["ReplicationTaskSettings"].clone()
}

/// The changes that are planned for what these specs declare, once AWS answers like this.
fn planned(wanted: &Desired, observed: &Observed) -> String {
    outline(&plan(wanted, observed, &PlanOptions::default()))
}

/// One pipeline whose task declares these settings, and the account with AWS's whole document.
fn with_task_settings(declared: Value) -> (Desired, Observed) {
    let mut wanted = desired("a", &["orders"]);
    edit_task(&mut wanted, "orders", |task| task.settings = declared);
    let mut observed = converged(&wanted);
    task(&mut observed, &wanted, |task| task.settings = live_settings());
    (wanted, observed)
}

fn task(observed: &mut Observed, desired: &Desired, edit: impl FnOnce(&mut TaskObserved)) {
    match &mut observed.resources.get_mut(&id(desired, Kind::Task, "orders")).unwrap().body {
        LiveBody::Task(task) => edit(task),
        other => panic!("not a task: {other:?}"),
    }
}

fn source(observed: &mut Observed, desired: &Desired, edit: impl FnOnce(&mut EndpointObserved)) {
    match &mut observed.resources.get_mut(&id(desired, Kind::Endpoint, "orders-source")).unwrap().body {
        LiveBody::Endpoint(endpoint) => edit(endpoint),
        other => panic!("not an endpoint: {other:?}"),
    }
}

fn instance(observed: &mut Observed, desired: &Desired, edit: impl FnOnce(&mut InstanceObserved)) {
    match &mut observed.resources.get_mut(&id(desired, Kind::Instance, "orders")).unwrap().body {
        LiveBody::Instance(instance) => edit(instance),
        other => panic!("not an instance: {other:?}"),
    }
}

/// Nothing is planned for settings that AWS has, and something for others.
fn compares(same: Value, other: Value) {
    let (wanted, observed) = with_task_settings(same);
    assert_eq!(planned(&wanted, &observed), "nothing");
    let (wanted, observed) = with_task_settings(other);
    assert!(planned(&wanted, &observed).contains(&format!("update {TASK} ")));
}

/// #19883, #31136, #34348: keys that nobody declared, and that AWS fills in, come back as differences.
#[test]
fn terraform_provider_aws_31136_what_aws_fills_into_task_settings_is_no_difference() {
    compares(
        json!({"TargetMetadata": {"LobMaxSize": 32}, "Logging": {"EnableLogging": false}}),
        json!({"TargetMetadata": {"LobMaxSize": 64}}),
    );
}

/// #35573, #36598: log components come back in another order, with those that nobody named.
#[test]
fn terraform_provider_aws_36598_log_components_are_a_set() {
    let components = |severity| {
        json!({"Logging": {"LogComponents": [
            {"Id": "SORTER", "Severity": severity},
            {"Id": "IO", "Severity": "LOGGER_SEVERITY_DEFAULT"},
        ]}})
    };
    compares(components("LOGGER_SEVERITY_DEFAULT"), components("LOGGER_SEVERITY_DEBUG"));
}

/// #43974, #45376: a key that AWS takes and does not return is a difference for ever.
#[test]
fn terraform_provider_aws_45376_a_setting_that_was_sent_and_is_not_returned_is_a_warning() {
    let (wanted, observed) = with_task_settings(json!({"NewSection": {"NewKey": 1}}));
    assert_eq!(
        planned(&wanted, &observed),
        "warning task/a-orders: settings.NewSection.NewKey was sent, and AWS does not return it"
    );
    let mut anew = wanted.clone();
    edit_task(&mut anew, "orders", |task| task.settings = json!({"NewSection": {"NewKey": 2}}));
    assert!(planned(&anew, &observed).contains(&format!("update {TASK} ")));
}

/// CloudFormation roadmap #2565, cdk-real-drift #1557: both spellings of one setting are answered.
#[test]
fn cloudformation_roadmap_2565_both_spellings_of_the_history_timeslot_are_one() {
    for spelling in ["historyTimeslotInMinutes", "HistoryTimeslotInMinutes"] {
        compares(
            json!({"ControlTablesSettings": {spelling: 5}}),
            json!({"ControlTablesSettings": {spelling: 10}}),
        );
    }
}

/// CloudFormation roadmap #2563, #2564: what AWS fills into an instance is reported as drift.
#[test]
fn cloudformation_roadmap_2564_defaults_of_an_instance_are_no_difference() {
    let mut wanted = desired("a", &["orders"]);
    edit_instance(&mut wanted, "orders", |instance| instance.allocated_storage = None);
    let mut observed = converged(&wanted);
    instance(&mut observed, &wanted, |instance| {
        instance.allocated_storage = 100;
        instance.auto_minor_version_upgrade = true;
        instance.publicly_accessible = true;
        instance.preferred_maintenance_window = "fri:08:20-fri:08:50".to_owned();
        instance.engine_version = "3.5.4".to_owned();
    });
    assert_eq!(planned(&wanted, &observed), "nothing");
    edit_instance(&mut wanted, "orders", |instance| instance.auto_minor_version_upgrade = Some(false));
    assert_eq!(planned(&wanted, &observed), "update instance/a-orders [in-place]");
}

/// CloudFormation roadmap #2577: a KMS key that is named by id or alias comes back as an ARN.
#[test]
fn cloudformation_roadmap_2577_a_kms_key_is_the_same_in_every_form() {
    let live = "arn:aws:kms:us-east-1:111111111111:key/8b0bca8d-7f3f-4f19-bebf-bf6c72f3f1e6";
    let with_key = |key: &str| {
        let mut wanted = desired("a", &["orders"]);
        edit_endpoint(&mut wanted, "orders-source", |endpoint| endpoint.kms_key_id = Some(key.to_owned()));
        let mut observed = converged(&wanted);
        source(&mut observed, &wanted, |endpoint| endpoint.kms_key_id = Some(live.to_owned()));
        planned(&wanted, &observed)
    };
    for key in [live, "8b0bca8d-7f3f-4f19-bebf-bf6c72f3f1e6", "alias/aws/dms"] {
        assert_eq!(with_key(key), "nothing", "{key}");
    }
    assert!(with_key("00000000-7f3f-4f19-bebf-bf6c72f3f1e6").contains("cannot be changed in place"));
}

/// cdk-real-drift #1557: an S3 endpoint comes back without the key that it was made with.
#[test]
fn cdk_real_drift_1557_the_key_that_an_s3_endpoint_does_not_return_is_no_difference() {
    let mut wanted = desired("a", &["orders"]);
    edit_endpoint(&mut wanted, "orders-source", |endpoint| {
        "s3".clone_into(&mut endpoint.engine);
        endpoint.kms_key_id = Some("alias/archive".to_owned());
    });
    let mut observed = converged(&wanted);
    source(&mut observed, &wanted, |endpoint| endpoint.kms_key_id = None);
    assert_eq!(planned(&wanted, &observed), "nothing");
}

/// ACK's dms-controller compares settings as text: tasks are stopped and changed for ever.
#[test]
fn ack_dms_controller_settings_and_mappings_are_compared_by_what_they_mean() {
    compares(
        json!({"TargetMetadata": {"SupportLobs": "true", "LobMaxSize": 32}}),
        json!({"TargetMetadata": {"SupportLobs": "false"}}),
    );
    let rule = |id: Value, schema: &str| {
        json!({"rule-id": id, "rule-name": schema, "rule-type": "selection", "rule-action": "include",
            "object-locator": {"schema-name": schema, "table-name": "%"}})
    };
    let mut wanted = desired("a", &["orders"]);
    edit_task(&mut wanted, "orders", |task| {
        task.table_mappings = json!({"rules": [rule(json!("1"), "shop"), rule(json!("2"), "crm")]});
    });
    let mut observed = converged(&wanted);
    task(&mut observed, &wanted, |task| {
        task.table_mappings = json!({"rules": [rule(json!(2), "crm"), rule(json!(1), "shop")]});
    });
    assert_eq!(planned(&wanted, &observed), "nothing");
    task(&mut observed, &wanted, |task| task.table_mappings = json!({"rules": [rule(json!(1), "shop")]}));
    assert!(planned(&wanted, &observed).contains(&format!("update {TASK} ")));
}

/// Extra connection attributes come back in another order.
#[test]
fn extra_connection_attributes_are_a_set_of_pairs() {
    let mut wanted = desired("a", &["orders"]);
    edit_endpoint(&mut wanted, "orders-source", |endpoint| {
        endpoint.extra_connection_attributes = Some("b=2;a=1".to_owned());
    });
    let mut observed = converged(&wanted);
    let answered = |observed: &mut Observed, text: &str| {
        source(observed, &wanted, |endpoint| endpoint.extra_connection_attributes = Some(text.to_owned()));
    };
    answered(&mut observed, "A=1; b=2;");
    assert_eq!(planned(&wanted, &observed), "nothing");
    answered(&mut observed, "a=1;b=3;");
    assert!(planned(&wanted, &observed).contains("update endpoint/a-orders-source "));
}

/// DMS spells words of enumerations in several ways.
#[test]
fn enumerations_are_the_same_however_aws_spells_them() {
    let mut wanted = desired("a", &["orders"]);
    edit_endpoint(&mut wanted, "orders-source", |endpoint| {
        "mongodb".clone_into(&mut endpoint.engine);
        endpoint.settings.insert("AuthMechanism".to_owned(), json!("mongodb_cr"));
    });
    let mut observed = converged(&wanted);
    let answered = |observed: &mut Observed, word: &str| {
        source(observed, &wanted, |endpoint| {
            endpoint.settings.insert("AuthMechanism".to_owned(), json!(word));
        });
    };
    answered(&mut observed, "mongodb-cr");
    assert_eq!(planned(&wanted, &observed), "nothing");
    answered(&mut observed, "scram-sha-1");
    assert!(planned(&wanted, &observed).contains("update endpoint/a-orders-source "));
}
