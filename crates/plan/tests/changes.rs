//! What changing each field does: every field is in the table, and plans do what the table says.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use pipewright_model::kinds::{InstanceDeclared, TaskDeclared};
use pipewright_model::{Desired, FieldChange, Kind, LiveBody, change_of};
use pipewright_plan::{Part, Plan, PlanOptions, plan};
use pipewright_testkit::{converged, desired, edit_endpoint, edit_instance, edit_task, id, serverless};
use serde_json::{Value, json};

/// The path by which plans show a declared field.
fn paths(field: &str, value: &Value) -> Vec<String> {
    match field {
        "cdcStart" => vec!["cdc.startPosition".to_owned(), "cdc.startTime".to_owned()],
        "cdcStopPosition" => vec!["cdc.stopPosition".to_owned()],
        "compute" => value.as_object().unwrap().keys().map(|name| format!("compute.{name}")).collect(),
        field => vec![field.to_owned()],
    }
}

#[test]
fn every_declared_field_has_its_change() {
    for desired in [desired("a", &["orders"]), serverless("a", &["orders"])] {
        for (id, declared) in &desired.resources {
            if matches!(id.kind, Kind::ServiceRole | Kind::Connection) {
                continue;
            }
            let Value::Object(fields) = serde_json::to_value(&declared.body).unwrap() else {
                panic!("{id} has no fields");
            };
            for (field, value) in &fields {
                for path in paths(field, value) {
                    assert!(change_of(id.kind, &path).is_some(), "{} {path}", id.kind);
                }
            }
        }
    }
    assert_eq!(change_of(Kind::Instance, "colour"), None);
}

/// A field and a change of it.
type Edit<T> = (&'static str, fn(&mut T));

/// The plan of an account that was as declared before the edit.
fn after(edit: impl FnOnce(&mut Desired)) -> (Desired, Plan) {
    let mut wanted = desired("a", &["orders"]);
    let mut observed = converged(&wanted);
    for live in observed.resources.values_mut() {
        if let LiveBody::Endpoint(endpoint) = &mut live.body {
            endpoint.kms_key_id = Some("arn:aws:kms:us-east-1:111122223333:key/8b0bca8d".to_owned());
        }
    }
    edit(&mut wanted);
    let plan = plan(&wanted, &observed, &PlanOptions::default());
    (wanted, plan)
}

/// Asserts that a plan does with the one field that differs what the table says.
fn check(kind: Kind, name: &str, path: &str, (wanted, plan): &(Desired, Plan)) {
    let change = change_of(kind, path).unwrap();
    let id = id(wanted, kind, name);
    let blocked = plan.report.blocked.iter().any(|finding| finding.resource.as_ref() == Some(&id));
    let is_held = matches!(change, FieldChange::HeldBack | FieldChange::Replaced);
    assert_eq!(blocked, is_held, "{kind} {path}");
    let pauses = plan.changes.iter().any(|change| change.key.part == Part::Pause);
    let stops = matches!(change, FieldChange::StopsTask | FieldChange::StopsUsers | FieldChange::MovesTask);
    assert_eq!(pauses, stops, "{kind} {path}");
    if blocked {
        return;
    }
    let planned =
        plan.changes.iter().find(|change| change.key.resource == id && change.key.part == Part::Main);
    let planned = planned.unwrap_or_else(|| panic!("{kind} {path}: nothing is planned"));
    assert!(planned.fields.iter().any(|field| field.path == path), "{kind} {path}: {:?}", planned.fields);
    if change != FieldChange::StopsUsers {
        assert_eq!(planned.disruption.as_str(), change.as_str(), "{kind} {path}");
    }
}

#[test]
fn plans_of_instances_do_what_the_table_says() {
    let edits: [Edit<InstanceDeclared>; 8] = [
        ("class", |instance| instance.class = "dms.r6i.large".to_owned()),
        ("engineVersion", |instance| instance.engine_version = Some("3.9.9".to_owned())),
        ("allocatedStorage", |instance| instance.allocated_storage = Some(77)),
        ("multiAz", |instance| instance.multi_az = Some(true)),
        ("networkType", |instance| instance.network_type = Some("DUAL".to_owned())),
        ("publiclyAccessible", |instance| instance.publicly_accessible = Some(false)),
        ("availabilityZone", |instance| instance.availability_zone = Some("us-east-1f".to_owned())),
        ("kmsKeyId", |instance| instance.kms_key_id = Some("0a1b2c3d".to_owned())),
    ];
    for (path, edit) in edits {
        check(Kind::Instance, "orders", path, &after(|wanted| edit_instance(wanted, "orders", edit)));
    }
}

#[test]
fn plans_of_endpoints_do_what_the_table_says() {
    let port = after(|wanted| edit_endpoint(wanted, "orders-source", |endpoint| endpoint.port = Some(3307)));
    check(Kind::Endpoint, "orders-source", "port", &port);
    let key = after(|wanted| {
        edit_endpoint(wanted, "orders-source", |endpoint| endpoint.kms_key_id = Some("0a1b2c3d".to_owned()));
    });
    check(Kind::Endpoint, "orders-source", "kmsKeyId", &key);
}

#[test]
fn plans_of_tasks_do_what_the_table_says() {
    let edits: [Edit<TaskDeclared>; 3] = [
        ("settings.TargetMetadata.BatchApplyEnabled", |task| {
            task.settings = json!({"TargetMetadata": {"BatchApplyEnabled": true}});
        }),
        ("settings.ValidationSettings.ValidationOnly", |task| {
            task.settings = json!({"ValidationSettings": {"ValidationOnly": true}});
        }),
        ("cdc.stopPosition", |task| {
            task.cdc_stop_position = Some("server_time:2026-01-31T12:00:00".to_owned());
        }),
    ];
    for (path, edit) in edits {
        check(Kind::Task, "orders", path, &after(|wanted| edit_task(wanted, "orders", edit)));
    }
    let moved = after(|wanted| {
        let mut other = wanted.resources[&id(wanted, Kind::Instance, "orders")].clone();
        other.spec = "other".to_owned();
        let to = id(wanted, Kind::Instance, "other");
        wanted.resources.insert(to.clone(), other);
        edit_task(wanted, "orders", |task| task.instance = pipewright_model::Ref::Managed(to));
    });
    check(Kind::Task, "orders", "instance", &moved);
}
