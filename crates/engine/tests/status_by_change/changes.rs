//! The wanted changes, as edits of the specs.

use std::collections::BTreeSet;

use pipewright_model::kinds::{MigrationType, Run};
use pipewright_model::{DeletionPolicy, Desired, Kind, Ref, Secret};
use pipewright_testkit::{check_with, edit_config, edit_endpoint, edit_instance, edit_task, id};
use serde_json::{Value, json};

/// What the specs say otherwise than what was applied.
pub(crate) struct Change {
    pub(crate) name: &'static str,
    pub(crate) edit: fn(&mut Desired),
    /// Whether it deletes what captures changes, and so gives up its position.
    pub(crate) deletes: bool,
}

fn change(name: &'static str, edit: fn(&mut Desired)) -> Change {
    Change { name, edit, deletes: false }
}

fn deleting(name: &'static str, edit: fn(&mut Desired)) -> Change {
    Change { name, edit, deletes: true }
}

pub(crate) fn of_tasks() -> Vec<Change> {
    let mut changes = vec![
        change("nothing", |_| {}),
        change("table mappings", |desired| {
            edit_task(desired, "orders", |task| rename_table(&mut task.table_mappings));
        }),
        change("settings", batch),
        change("migration type", |desired| {
            edit_task(desired, "orders", |task| task.migration_type = MigrationType::Cdc);
        }),
        change("CDC stop position", |desired| {
            edit_task(desired, "orders", |task| {
                // The loader refuses one of a task that follows no changes.
                task.cdc_stop_position =
                    Some(late()).filter(|_| task.migration_type != MigrationType::FullLoad);
            });
        }),
        change("another instance", move_task),
        change("run: stopped", |desired| edit_task(desired, "orders", |task| task.run = Run::Stopped)),
        change("run: unmanaged", |desired| edit_task(desired, "orders", |task| task.run = Run::Unmanaged)),
        change("run: unmanaged and settings", |desired| {
            edit_task(desired, "orders", |task| task.run = Run::Unmanaged);
            batch(desired);
        }),
        change("onChange: report and settings", |desired| {
            edit_task(desired, "orders", |task| task.stop_to_change = false);
            batch(desired);
        }),
        change("another source endpoint", |desired| {
            let other = id(desired, Kind::Endpoint, "billing-source");
            edit_task(desired, "orders", |task| task.source = Ref::Managed(other));
        }),
        change("everything at once", |desired| {
            move_task(desired);
            batch(desired);
            port(desired);
            edit_instance(desired, "orders", |instance| "dms.r6i.large".clone_into(&mut instance.class));
        }),
    ];
    changes.extend(of_endpoint_fields());
    changes.push(change("instance class", class));
    changes.extend(of_documents());
    changes
}

fn of_endpoint_fields() -> Vec<Change> {
    vec![
        change("source port", port),
        change("source credentials", |desired| {
            edit_endpoint(desired, "orders-source", |endpoint| {
                endpoint.username = Some("dms".to_owned());
                endpoint.password = Some(Secret::new("not-shown"));
            });
        }),
        change("source certificate", |desired| check_with(desired, "orders-source", b"wallet")),
    ]
}

/// Changes of what a document says about all that it declares, or of whether it is there.
fn of_documents() -> Vec<Change> {
    vec![
        change("tags", |desired| {
            for declared in desired.resources.values_mut() {
                declared.tags.insert("team".to_owned(), "commerce".to_owned());
            }
        }),
        change("deletionPolicy: retain", |desired| {
            for (id, declared) in &mut desired.resources {
                if id.kind != Kind::ServiceRole {
                    declared.deletion_policy = DeletionPolicy::Retain;
                }
            }
        }),
        change("suspended", |desired| {
            batch_any(desired);
            for pipeline in desired.pipelines.values_mut() {
                pipeline.suspended = true;
            }
            desired.resources.values_mut().for_each(|declared| declared.suspended = true);
        }),
        deleting("document removed", |desired| {
            desired.pipelines.clear();
            desired.resources.clear();
        }),
    ]
}

pub(crate) fn of_replications() -> Vec<Change> {
    let mut changes = vec![
        change("nothing", |_| {}),
        change("table mappings", |desired| {
            edit_config(desired, "orders", |config| rename_table(&mut config.table_mappings));
        }),
        change("settings", batch_any),
        change("most capacity units", |desired| {
            edit_config(desired, "orders", |config| config.compute.max_capacity_units = 16);
        }),
        change("migration type", |desired| {
            edit_config(desired, "orders", |config| config.migration_type = MigrationType::Cdc);
        }),
        change("CDC stop position", |desired| {
            edit_config(desired, "orders", |config| config.cdc_stop_position = Some(late()));
        }),
        change("run: stopped", |desired| edit_config(desired, "orders", |config| config.run = Run::Stopped)),
        change("run: unmanaged and settings", |desired| {
            edit_config(desired, "orders", |config| config.run = Run::Unmanaged);
            batch_any(desired);
        }),
        change("onChange: report and settings", |desired| {
            edit_config(desired, "orders", |config| config.stop_to_change = false);
            batch_any(desired);
        }),
    ];
    changes.extend(of_endpoint_fields());
    changes.extend(of_documents());
    changes
}

pub(crate) fn of_endpoints() -> Vec<Change> {
    let mut changes = vec![
        change("nothing", |_| {}),
        change("source host", |desired| {
            edit_endpoint(desired, "orders-source", |endpoint| {
                endpoint.server_name = Some("replica.internal.example.com".to_owned());
            });
        }),
        change("both ports", |desired| {
            port(desired);
            edit_endpoint(desired, "orders-target", |endpoint| endpoint.port = Some(5433));
        }),
        change("source setting", |desired| {
            edit_endpoint(desired, "orders-source", |endpoint| {
                endpoint.settings.insert("EventsPollInterval".to_owned(), json!(7));
            });
        }),
        change("source KMS key", |desired| {
            edit_endpoint(desired, "orders-source", |endpoint| {
                endpoint.kms_key_id = Some(
                    "arn:aws:kms:us-east-1:111122223333:key/0d990263-7a81-4e2a-9a5a-2a4d2d4b6c11".to_owned(),
                );
            });
        }),
        change("source port and table mappings", |desired| {
            port(desired);
            edit_task(desired, "orders", |task| rename_table(&mut task.table_mappings));
        }),
        change("source port and run: stopped", |desired| {
            port(desired);
            edit_task(desired, "orders", |task| task.run = Run::Stopped);
        }),
        change("source port and onChange: report", |desired| {
            port(desired);
            edit_task(desired, "orders", |task| task.stop_to_change = false);
        }),
        change("source port and another instance", |desired| {
            port(desired);
            move_task(desired);
        }),
    ];
    changes.extend(of_endpoint_fields());
    changes
}

pub(crate) fn of_instances() -> Vec<Change> {
    vec![
        change("nothing", |_| {}),
        change("instance class", class),
        change("storage", storage),
        change("multi-AZ", |desired| {
            edit_instance(desired, "orders", |instance| instance.multi_az = Some(true));
        }),
        change("engine version", |desired| {
            edit_instance(desired, "orders", |instance| instance.engine_version = Some("3.6.1".to_owned()));
        }),
        change("maintenance window", window),
        change("security groups", |desired| {
            edit_instance(desired, "orders", |instance| {
                instance.vpc_security_group_ids = Some(BTreeSet::from(["sg-0a1b2c3d".to_owned()]));
            });
        }),
        change("publicly accessible", |desired| {
            edit_instance(desired, "orders", |instance| instance.publicly_accessible = Some(true));
        }),
        change("class, storage and source port", |desired| {
            class(desired);
            storage(desired);
            port(desired);
        }),
        change("class and settings of its task", |desired| {
            class(desired);
            batch(desired);
        }),
        change("class, and its task moves off", |desired| {
            class(desired);
            move_task(desired);
        }),
        change("its task moves off", move_task),
        change("run: stopped", |desired| edit_task(desired, "orders", |task| task.run = Run::Stopped)),
        change("class, in the maintenance window", |desired| {
            class(desired);
            edit_instance(desired, "orders", |instance| instance.apply_immediately = false);
        }),
    ]
}

fn rename_table(mappings: &mut Value) {
    mappings["rules"][0]["object-locator"]["schema-name"] = json!("sales");
}

fn batched() -> Value {
    json!({"Logging": {"EnableLogging": true}, "TargetMetadata": {"BatchApplyEnabled": true}})
}

fn batch(desired: &mut Desired) {
    edit_task(desired, "orders", |task| task.settings = batched());
}

/// Of a task or a serverless replication, whichever there is.
fn batch_any(desired: &mut Desired) {
    if desired.resources.contains_key(&id(desired, Kind::Task, "orders")) {
        batch(desired);
    } else {
        edit_config(desired, "orders", |config| config.settings = batched());
    }
}

fn move_task(desired: &mut Desired) {
    let to = id(desired, Kind::Instance, "billing");
    edit_task(desired, "orders", |task| task.instance = Ref::Managed(to));
}

fn port(desired: &mut Desired) {
    edit_endpoint(desired, "orders-source", |endpoint| endpoint.port = Some(3307));
}

fn class(desired: &mut Desired) {
    edit_instance(desired, "orders", |instance| "dms.r6i.large".clone_into(&mut instance.class));
}

fn storage(desired: &mut Desired) {
    edit_instance(desired, "orders", |instance| instance.allocated_storage = Some(100));
}

fn window(desired: &mut Desired) {
    edit_instance(desired, "orders", |instance| {
        instance.preferred_maintenance_window = Some("sun:04:00-sun:04:30".to_owned());
    });
}

/// A time that no test reaches.
fn late() -> String {
    "server_time:2099-01-01T00:00:00".to_owned()
}
