//! What other tools report as drift though nothing has drifted, each with the report's number. The live
//! documents are recorded: see `crates/emulator/tests/fixtures/live-shapes/README.md`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use pipewright_model::kinds::{EndpointObserved, InstanceObserved, TaskObserved};
use pipewright_model::{Desired, Kind, LiveBody, Observed};
use pipewright_plan::{Plan, PlanOptions, plan};
use pipewright_testkit::{converged, desired, edit_endpoint, edit_instance, edit_task, id};
use serde_json::{Value, json};

/// The task settings that AWS answered for a task that was given none.
fn live_settings() -> Value {
    let recorded: Value = serde_json::from_str(include_str!(
        "../../emulator/tests/fixtures/live-shapes/ReplicationTask.HuntDmsTask.json"
    ))
    .unwrap();
    recorded["liveRaw"]["ReplicationTaskSettings"].clone()
}

fn live_task(observed: &mut Observed, desired: &Desired, edit: impl FnOnce(&mut TaskObserved)) {
    match &mut observed.resources.get_mut(&id(desired, Kind::Task, "orders")).unwrap().body {
        LiveBody::Task(task) => edit(task),
        other => panic!("not a task: {other:?}"),
    }
}

fn live_source(observed: &mut Observed, desired: &Desired, edit: impl FnOnce(&mut EndpointObserved)) {
    match &mut observed.resources.get_mut(&id(desired, Kind::Endpoint, "orders-source")).unwrap().body {
        LiveBody::Endpoint(endpoint) => edit(endpoint),
        other => panic!("not an endpoint: {other:?}"),
    }
}

fn live_instance(observed: &mut Observed, desired: &Desired, edit: impl FnOnce(&mut InstanceObserved)) {
    match &mut observed.resources.get_mut(&id(desired, Kind::Instance, "orders")).unwrap().body {
        LiveBody::Instance(instance) => edit(instance),
        other => panic!("not an instance: {other:?}"),
    }
}

fn plan_of(desired: &Desired, observed: &Observed) -> Plan {
    plan(desired, observed, &PlanOptions::default())
}

/// The plan for a task that declares `declared` and that AWS answers as the recorded one, with `given`
/// laid over it.
fn task_plan(declared: &Value, given: impl FnOnce(&mut Value)) -> Plan {
    let mut desired = desired("a", &["orders"]);
    edit_task(&mut desired, "orders", |task| task.settings = declared.clone());
    let mut observed = converged(&desired);
    let mut live = live_settings();
    given(&mut live);
    live_task(&mut observed, &desired, |task| task.settings = live);
    plan_of(&desired, &observed)
}

fn differing(plan: &Plan) -> Vec<&str> {
    let mut paths: Vec<&str> = plan
        .changes
        .iter()
        .flat_map(|change| &change.fields)
        .map(|field| field.path.as_str())
        .filter(|path| !path.starts_with("tags."))
        .collect();
    paths.dedup();
    paths
}

#[track_caller]
fn assert_no_drift(plan: &Plan) {
    assert!(plan.is_empty() && plan.report.blocked.is_empty(), "{:#?}", differing(plan));
}

#[test]
fn terraform_provider_aws_19883_a_partial_document_is_compared_only_in_its_part() {
    let declared = json!({"TargetMetadata": {"LobMaxSize": 32}, "Logging": {"EnableLogging": false}});
    assert_no_drift(&task_plan(&declared, |_| {}));
    let other = json!({"TargetMetadata": {"LobMaxSize": 64}, "Logging": {"EnableLogging": false}});
    assert_eq!(differing(&task_plan(&other, |_| {})), ["settings.TargetMetadata.LobMaxSize"]);
}

#[test]
fn terraform_provider_aws_31136_the_log_group_and_stream_that_aws_fills_in_are_no_difference() {
    let declared = json!({"Logging": {"EnableLogging": true}});
    let plan = task_plan(&declared, |live| {
        live["Logging"]["EnableLogging"] = json!(true);
        live["Logging"]["CloudWatchLogGroup"] = json!("dms-tasks-a");
        live["Logging"]["CloudWatchLogStream"] = json!("dms-task-JAZD5FLSEZBIJJPPVDPAE7VLHA");
    });
    assert_no_drift(&plan);
}

#[test]
fn terraform_provider_aws_34348_log_components_in_another_order_are_the_same() {
    let mut declared = live_settings()["Logging"]["LogComponents"].clone();
    declared.as_array_mut().unwrap().reverse();
    let declared = json!({"Logging": {"EnableLogging": false, "LogComponents": declared}});
    assert_no_drift(&task_plan(&declared, |_| {}));
    let one = json!({"Logging": {"EnableLogging": false,
        "LogComponents": [{"Id": "SORTER", "Severity": "LOGGER_SEVERITY_DEBUG"}]}});
    assert_eq!(differing(&task_plan(&one, |_| {})), ["settings.Logging.LogComponents[SORTER].Severity"]);
}

#[test]
fn terraform_provider_aws_35573_a_setting_that_aws_does_not_return_is_a_warning() {
    let declared = json!({"ValidationSettings": {"ThreadCount": 9}, "Logging": {"EnableLogging": false}});
    let plan = task_plan(&declared, |_| {});
    assert_no_drift(&plan);
    let warnings: Vec<&str> = plan.report.warnings.iter().map(|found| found.message.as_str()).collect();
    assert_eq!(warnings, ["settings.ValidationSettings.ThreadCount was sent, and AWS does not return it"]);
}

#[test]
fn terraform_provider_aws_36598_blocks_that_aws_answers_as_null_have_their_defaults() {
    let declared = json!({"Logging": {"EnableLogging": false}, "TTSettings": null,
        "BeforeImageSettings": {"EnableBeforeImage": false, "FieldName": "", "ColumnFilter": "pk-only"}});
    let plan = task_plan(&declared, |_| {});
    assert_no_drift(&plan);
    assert!(plan.report.warnings.is_empty(), "{:?}", plan.report.warnings);
}

#[test]
fn terraform_provider_aws_43974_the_whole_document_read_back_is_no_difference() {
    assert_no_drift(&task_plan(&live_settings(), |_| {}));
}

#[test]
fn terraform_provider_aws_45376_words_in_another_case_and_numbers_as_text_are_the_same() {
    let declared = json!({"Logging": {"EnableLogging": false},
        "FullLoadSettings": {"TargetTablePrepMode": "DROP_AND_CREATE", "CommitRate": 10000}});
    let plan = task_plan(&declared, |live| {
        live["FullLoadSettings"]["TargetTablePrepMode"] = json!("drop-and-create");
        live["FullLoadSettings"]["CommitRate"] = json!("10000");
    });
    assert_no_drift(&plan);
    // A name is no word: its case counts.
    let declared = json!({"Logging": {"EnableLogging": false}, "TargetMetadata": {"TargetSchema": "Shop"}});
    let plan = task_plan(&declared, |live| live["TargetMetadata"]["TargetSchema"] = json!("shop"));
    assert_eq!(differing(&plan), ["settings.TargetMetadata.TargetSchema"]);
}

#[test]
fn cdk_real_drift_1557_both_spellings_of_the_history_timeslot_are_one_setting() {
    for spelling in ["historyTimeslotInMinutes", "HistoryTimeslotInMinutes"] {
        for kept in ["historyTimeslotInMinutes", "HistoryTimeslotInMinutes"] {
            let declared =
                json!({"Logging": {"EnableLogging": false}, "ControlTablesSettings": {spelling: 5}});
            let plan = task_plan(&declared, |live| {
                let live = live["ControlTablesSettings"].as_object_mut().unwrap();
                live.retain(|name, _| !name.ends_with("TimeslotInMinutes") || name == kept);
            });
            assert_no_drift(&plan);
        }
    }
}

#[test]
fn cloudformation_roadmap_2563_a_key_given_by_id_is_the_key_that_aws_answers_by_arn() {
    let mut desired = desired("a", &["orders"]);
    let key = "0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f";
    edit_endpoint(&mut desired, "orders-source", |endpoint| endpoint.kms_key_id = Some(key.to_owned()));
    let mut observed = converged(&desired);
    let arn = format!("arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/{key}");
    live_source(&mut observed, &desired, |endpoint| endpoint.kms_key_id = Some(arn.clone()));
    assert_no_drift(&plan_of(&desired, &observed));
    // Another key is one, and nothing is replaced for it.
    live_source(&mut observed, &desired, |endpoint| endpoint.kms_key_id = Some(arn.replace("0a1b", "ffff")));
    let plan = plan_of(&desired, &observed);
    assert!(plan.is_empty());
    assert_eq!(plan.report.blocked.len(), 1);
}

#[test]
fn cloudformation_roadmap_2564_an_s3_endpoint_without_a_key_is_no_difference() {
    let mut desired = desired("a", &["orders"]);
    edit_endpoint(&mut desired, "orders-source", |endpoint| {
        endpoint.kms_key_id = Some("alias/data".to_owned());
    });
    let mut observed = converged(&desired);
    live_source(&mut observed, &desired, |endpoint| endpoint.kms_key_id = None);
    assert_no_drift(&plan_of(&desired, &observed));
}

#[test]
fn cloudformation_roadmap_2565_what_aws_fills_in_on_an_instance_is_no_difference() {
    let mut desired = desired("a", &["orders"]);
    edit_instance(&mut desired, "orders", |instance| {
        instance.allocated_storage = None;
        instance.engine_version = None;
        instance.preferred_maintenance_window = None;
        instance.network_type = None;
        instance.publicly_accessible = None;
    });
    let mut observed = converged(&desired);
    live_instance(&mut observed, &desired, |instance| {
        instance.allocated_storage = 100;
        instance.engine_version = "3.6.1".to_owned();
        instance.preferred_maintenance_window = "fri:08:20-fri:08:50".to_owned();
        instance.network_type = "IPV4".to_owned();
        instance.publicly_accessible = true;
    });
    assert_no_drift(&plan_of(&desired, &observed));
}

#[test]
fn cloudformation_roadmap_2577_attributes_in_another_order_or_answered_as_settings_are_the_same() {
    let mut desired = desired("a", &["orders"]);
    edit_endpoint(&mut desired, "orders-source", |endpoint| {
        endpoint.extra_connection_attributes = Some("initstmt=SET x=1;someFlag=true".to_owned());
    });
    let mut observed = converged(&desired);
    live_source(&mut observed, &desired, |endpoint| {
        endpoint.extra_connection_attributes =
            Some("SomeFlag=Y;eventsPollInterval=5;initstmt=SET x=1;".to_owned());
    });
    assert_no_drift(&plan_of(&desired, &observed));
    live_source(&mut observed, &desired, |endpoint| {
        endpoint.extra_connection_attributes = Some("initstmt=SET x=1;".to_owned());
    });
    let plan = plan_of(&desired, &observed);
    assert_no_drift(&plan);
    assert_eq!(plan.report.warnings.len(), 1, "{:?}", plan.report.warnings);
    live_source(&mut observed, &desired, |endpoint| {
        endpoint.extra_connection_attributes = Some("initstmt=SET x=2;someFlag=true".to_owned());
    });
    assert_eq!(differing(&plan_of(&desired, &observed)), ["extraConnectionAttributes"]);
}

#[test]
fn moj_modernisation_platform_7378_a_minor_version_that_aws_installed_is_not_taken_back() {
    let mut desired = desired("a", &["orders"]);
    edit_instance(&mut desired, "orders", |instance| {
        instance.engine_version = Some("3.5.3".to_owned());
        instance.auto_minor_version_upgrade = Some(true);
    });
    let mut observed = converged(&desired);
    live_instance(&mut observed, &desired, |instance| {
        instance.auto_minor_version_upgrade = true;
        instance.engine_version = "3.5.4".to_owned();
    });
    assert_no_drift(&plan_of(&desired, &observed));
}

#[test]
fn validation_only_cannot_be_changed_and_nothing_is_replaced_for_it() {
    let declared =
        json!({"Logging": {"EnableLogging": false}, "ValidationSettings": {"ValidationOnly": true}});
    let plan = task_plan(&declared, |live| live["ValidationSettings"] = json!({"ValidationOnly": false}));
    assert!(plan.is_empty(), "{:?}", differing(&plan));
    assert_eq!(plan.report.blocked.len(), 1);
}
