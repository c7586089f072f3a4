//! The statuses, and how an account gets into each: by calls and by time, and by a disturbance where no call leads there.

use std::time::Duration;

use pipewright_emulator::{Disturbance, Script};
use pipewright_model::kinds::{MigrationType, Run};
use pipewright_model::tags::PAUSED;
use pipewright_model::{Desired, Kind};
use pipewright_testkit::{Lab, desired, edit_config, edit_instance, edit_task, id, serverless};
use serde_json::{Value, json};

/// A status, and the way there.
pub(crate) struct Status {
    pub(crate) name: &'static str,
    /// What is applied first.
    applied: Desired,
    /// What the specs ask for from then on, before they change.
    wanted: Desired,
    way: Vec<Way>,
}

/// A step on the way.
enum Way {
    /// Somebody calls DMS. `@task`, `@instance`, … in the input are the ARNs of what was applied.
    Call(&'static str, Value),
    /// So many seconds pass.
    Pass(u64),
    /// Something happens by itself.
    Happens(Disturbance),
    /// A controller applies what is wanted, and does not wait for what takes AWS time.
    Hasty,
}

/// An account in a status.
pub(crate) struct Prepared {
    pub(crate) lab: Lab,
    pub(crate) wanted: Desired,
}

impl Prepared {
    pub(crate) async fn of(status: &Status) -> Self {
        let lab = Lab::start().await;
        // Maintenance windows are as far off in every run.
        lab.emulator().advance(BEGIN.saturating_sub(lab.emulator().now()));
        let controller = lab.controller().await;
        controller.converge(&status.applied).await;
        // A full load is over by then.
        lab.emulator().advance(Duration::from_mins(10));
        let observed = controller.observe(&status.applied).await;
        let play = |disturbance| {
            let script = Script { disturbances: vec![disturbance], ..Script::default() };
            lab.emulator().play(script).unwrap_or_else(|error| panic!("{}: {error}", status.name));
        };
        for way in &status.way {
            match way {
                Way::Call(operation, input) => {
                    let mut input = input.to_string();
                    for (placeholder, kind, name) in PLACEHOLDERS {
                        let named = observed.resources.get(&id(&status.applied, kind, name));
                        let arn = named.map_or("", |live| live.arn.as_str());
                        input = input.replace(&format!("\"{placeholder}\""), &json!(arn).to_string());
                    }
                    let input = serde_json::from_str(&input).expect("an object");
                    play(Disturbance::Call { operation: (*operation).to_owned(), input });
                }
                Way::Pass(seconds) => lab.emulator().advance(Duration::from_secs(*seconds)),
                Way::Happens(disturbance) => play(disturbance.clone()),
                Way::Hasty => {
                    let mut hasty = controller.clone();
                    hasty.options.wait = false;
                    hasty.pass(&status.wanted).await;
                }
            }
        }
        lab.emulator().reset_calls();
        Self { lab, wanted: status.wanted.clone() }
    }
}

/// A Monday, 2050-01-03T00:00:00Z, after the Unix epoch.
const BEGIN: Duration = Duration::from_hours(701_328);

const PLACEHOLDERS: [(&str, Kind, &str); 6] = [
    ("@task", Kind::Task, "orders"),
    ("@config", Kind::ReplicationConfig, "orders"),
    ("@instance", Kind::Instance, "orders"),
    ("@other", Kind::Instance, "billing"),
    ("@source", Kind::Endpoint, "orders-source"),
    ("@target", Kind::Endpoint, "orders-target"),
];

/// One pipeline, and another's instance and source endpoint without a task.
fn orders() -> Desired {
    let mut desired = desired("a", &["billing", "orders"]);
    let kept = [
        id(&desired, Kind::SubnetGroup, "billing"),
        id(&desired, Kind::Instance, "billing"),
        id(&desired, Kind::Endpoint, "billing-source"),
    ];
    desired
        .resources
        .retain(|id, _| id.kind == Kind::ServiceRole || kept.contains(id) || !id.name.contains("a-billing"));
    desired.pipelines.remove("billing");
    desired
}

fn with(mut desired: Desired, edit: impl FnOnce(&mut Desired)) -> Desired {
    edit(&mut desired);
    desired
}

fn never_started() -> Desired {
    with(orders(), |desired| edit_task(desired, "orders", |task| task.run = Run::Stopped))
}

/// From a running pipeline.
fn running(name: &'static str, way: Vec<Way>) -> Status {
    Status { name, applied: orders(), wanted: orders(), way }
}

/// From one whose task was never started, and is wanted to run from now on.
fn ready(name: &'static str, way: Vec<Way>) -> Status {
    Status { name, applied: never_started(), wanted: orders(), way }
}

/// From one that is declared like this.
fn like(name: &'static str, desired: Desired, way: Vec<Way>) -> Status {
    Status { name, applied: desired.clone(), wanted: desired, way }
}

fn stop() -> Vec<Way> {
    vec![Way::Call("StopReplicationTask", json!({"ReplicationTaskArn": "@task"})), Way::Pass(60)]
}

fn start(kind: &str) -> Way {
    Way::Call(
        "StartReplicationTask",
        json!({"ReplicationTaskArn": "@task", "StartReplicationTaskType": kind}),
    )
}

fn mark() -> Way {
    let tags = json!([{"Key": PAUSED, "Value": "resume-processing"}]);
    Way::Call("AddTagsToResource", json!({"ResourceArn": "@task", "Tags": tags}))
}

fn then(mut way: Vec<Way>, more: Vec<Way>) -> Vec<Way> {
    way.extend(more);
    way
}

fn modify() -> Way {
    let severity = json!({"Logging": {"LogComponents": [
        {"Id": "SOURCE_CAPTURE", "Severity": "LOGGER_SEVERITY_DEBUG"}]}});
    Way::Call(
        "ModifyReplicationTask",
        json!({"ReplicationTaskArn": "@task", "ReplicationTaskSettings": severity.to_string()}),
    )
}

fn relocate() -> Way {
    Way::Call(
        "MoveReplicationTask",
        json!({"ReplicationTaskArn": "@task", "TargetReplicationInstanceArn": "@other"}),
    )
}

fn fails(task: &str) -> Way {
    let reason = "Last Error Fatal error has occurred Stop Reason FATAL_ERROR Error Level FATAL".to_owned();
    Way::Happens(Disturbance::TaskFails { task: task.to_owned(), reason })
}

fn assess() -> Way {
    Way::Call(
        "StartReplicationTaskAssessmentRun",
        json!({"ReplicationTaskArn": "@task", "AssessmentRunName": "by-hand", "ResultLocationBucket": "results",
            "ServiceAccessRoleArn": "arn:aws:iam::111122223333:role/assessments"}),
    )
}

fn delete() -> Way {
    Way::Call("DeleteReplicationTask", json!({"ReplicationTaskArn": "@task"}))
}

/// Statuses of a task that is at rest or at AWS's work, and does not move data.
pub(crate) fn tasks_at_rest() -> Vec<Status> {
    vec![
        ready("creating", vec![delete(), Way::Pass(60), Way::Hasty]),
        ready("ready", vec![]),
        ready("modifying, never started", vec![modify()]),
        running("modifying", then(stop(), vec![modify()])),
        running("moving", then(stop(), vec![relocate()])),
        running(
            "failed-move",
            then(
                stop(),
                vec![relocate(), Way::Happens(Disturbance::MoveFails { task: "a-orders".to_owned() })],
            ),
        ),
        ready("testing, never started", vec![assess()]),
        running("testing", then(stop(), vec![assess()])),
        running("failed", vec![fails("a-orders")]),
        ready("deleting, never started", vec![delete()]),
    ]
}

/// Statuses of a task that has stopped, by why it did.
pub(crate) fn tasks_stopped() -> Vec<Status> {
    let settings = |name: &'static str| {
        with(orders(), |desired| {
            edit_task(desired, "orders", |task| {
                task.settings = json!({"Logging": {"EnableLogging": true}, "FullLoadSettings": {name: true}});
            });
        })
    };
    let loaded = with(orders(), |desired| {
        edit_task(desired, "orders", |task| task.migration_type = MigrationType::FullLoad);
    });
    let until = |kind: &str| {
        with(orders(), |desired| {
            let position = format!("{kind}:2020-01-01T00:00:00");
            edit_task(desired, "orders", |task| task.cdc_stop_position = Some(position));
        })
    };
    vec![
        running("stopped by hand", stop()),
        running("stopped, marked as paused", then(stop(), vec![mark()])),
        like("stopped: FULL_LOAD_ONLY_FINISHED", loaded, vec![]),
        like("stopped: STOPPED_AFTER_FULL_LOAD", settings("StopTaskCachedChangesNotApplied"), vec![]),
        like("stopped: STOPPED_AFTER_CACHED_EVENTS", settings("StopTaskCachedChangesApplied"), vec![]),
        like("stopped: STOPPED_AT_SERVER_TIME", until("server_time"), vec![]),
        like("stopped: STOPPED_AT_COMMIT_TIME", until("commit_time"), vec![]),
    ]
}

/// Statuses of a task that moves data, or is about to.
pub(crate) fn tasks_at_work() -> Vec<Status> {
    let resume = || start("resume-processing");
    vec![
        ready(
            "starting for the first time",
            vec![test(), test_target(), Way::Pass(60), start("start-replication")],
        ),
        running("starting again", then(stop(), vec![resume()])),
        running("starting, marked as paused", then(stop(), vec![mark(), resume()])),
        running("running", vec![]),
        running("running, marked as paused", vec![mark()]),
        running("stopping", vec![Way::Call("StopReplicationTask", json!({"ReplicationTaskArn": "@task"}))]),
        running(
            "stopping, marked as paused",
            vec![mark(), Way::Call("StopReplicationTask", json!({"ReplicationTaskArn": "@task"}))],
        ),
    ]
}

fn test() -> Way {
    Way::Call("TestConnection", json!({"ReplicationInstanceArn": "@instance", "EndpointArn": "@source"}))
}

fn test_target() -> Way {
    Way::Call("TestConnection", json!({"ReplicationInstanceArn": "@instance", "EndpointArn": "@target"}))
}

fn on_serverless(name: &'static str, way: Vec<Way>) -> Status {
    let desired = serverless("a", &["orders"]);
    Status { name, applied: desired.clone(), wanted: desired, way }
}

fn begun(name: &'static str, more: Vec<Way>) -> Status {
    let wanted = serverless("a", &["orders"]);
    let applied =
        with(wanted.clone(), |desired| edit_config(desired, "orders", |config| config.run = Run::Stopped));
    Status { name, applied, wanted, way: more }
}

/// Statuses of a serverless replication, on its way to run and after.
pub(crate) fn replications() -> Vec<Status> {
    let start = || {
        Way::Call(
            "StartReplication",
            json!({"ReplicationConfigArn": "@config", "StartReplicationType": "start-replication"}),
        )
    };
    let stop = || Way::Call("StopReplication", json!({"ReplicationConfigArn": "@config"}));
    let modify = || {
        Way::Call(
            "ModifyReplicationConfig",
            json!({"ReplicationConfigArn": "@config", "ComputeConfig": {"MaxCapacityUnits": 4}}),
        )
    };
    let unreachable = |reason: Option<&str>| {
        let reason = reason.map(str::to_owned);
        Way::Happens(Disturbance::EndpointUnreachable { endpoint: "a-orders-source".to_owned(), reason })
    };
    vec![
        begun("created", vec![]),
        begun("initializing", vec![start()]),
        begun("preparing_metadata_resources", vec![start(), Way::Pass(30)]),
        begun("testing_connection", vec![start(), Way::Pass(90)]),
        begun("fetching_metadata", vec![start(), Way::Pass(150)]),
        begun("calculating_capacity", vec![start(), Way::Pass(210)]),
        begun("provisioning_capacity", vec![start(), Way::Pass(270)]),
        begun("replication_starting", vec![start(), Way::Pass(570)]),
        on_serverless("running", vec![]),
        on_serverless("stopping", vec![stop()]),
        on_serverless("stopped", vec![stop(), Way::Pass(60)]),
        begun("modifying, never started", vec![modify()]),
        on_serverless("modifying", vec![stop(), Way::Pass(60), modify()]),
        on_serverless("failed", vec![fails("a-orders")]),
        begun(
            "failed before it ran",
            vec![unreachable(Some("no route")), start(), Way::Pass(150), unreachable(None)],
        ),
        begun(
            "deleting",
            vec![Way::Call("DeleteReplicationConfig", json!({"ReplicationConfigArn": "@config"}))],
        ),
    ]
}

/// Statuses of the source endpoint and of its connection.
pub(crate) fn endpoints() -> Vec<Status> {
    let modify = || Way::Call("ModifyEndpoint", json!({"EndpointArn": "@source", "Port": 3310}));
    let unreachable = |reason: Option<&str>| {
        let reason = reason.map(str::to_owned);
        Way::Happens(Disturbance::EndpointUnreachable { endpoint: "a-orders-source".to_owned(), reason })
    };
    vec![
        running("active", vec![]),
        running("active, task stopped", stop()),
        running("modifying", then(stop(), vec![modify()])),
        running("active, connection being tested", then(stop(), vec![modify(), Way::Pass(10)])),
        running("active, connection tested while it runs", vec![test()]),
        running(
            "active, connection failed once",
            then(stop(), vec![unreachable(Some("no route")), test(), Way::Pass(60), unreachable(None)]),
        ),
        ready(
            "deleting",
            vec![delete(), Way::Pass(60), Way::Call("DeleteEndpoint", json!({"EndpointArn": "@source"}))],
        ),
    ]
}

/// Statuses of the instance.
pub(crate) fn instances() -> Vec<Status> {
    let modify = |immediately: bool| {
        Way::Call(
            "ModifyReplicationInstance",
            json!({"ReplicationInstanceArn": "@instance", "AllocatedStorage": 60, "ApplyImmediately": immediately}),
        )
    };
    let broken = |status: &str| {
        Way::Happens(Disturbance::InstanceStatus {
            instance: "a-orders".to_owned(),
            status: status.to_owned(),
        })
    };
    let older = with(orders(), |desired| {
        edit_instance(desired, "orders", |instance| {
            instance.engine_version = Some("3.5.3".to_owned());
            instance.auto_minor_version_upgrade = Some(true);
        });
    });
    let upgrade = Way::Call(
        "ApplyPendingMaintenanceAction",
        json!({"ReplicationInstanceArn": "@instance", "ApplyAction": "version-upgrade", "OptInType": "immediate"}),
    );
    let gone = vec![delete(), Way::Pass(60)];
    let delete_instance =
        || Way::Call("DeleteReplicationInstance", json!({"ReplicationInstanceArn": "@instance"}));
    vec![
        ready("creating", then(gone, vec![delete_instance(), Way::Pass(600), Way::Hasty])),
        running("available", vec![]),
        running("modifying", vec![modify(true)]),
        running("available, a change waits for the window", vec![modify(false)]),
        running(
            "rebooting",
            vec![Way::Call("RebootReplicationInstance", json!({"ReplicationInstanceArn": "@instance"}))],
        ),
        like("upgrading", older, vec![upgrade]),
        running(
            "storage-full",
            vec![Way::Happens(Disturbance::StorageFull { instance: "a-orders".to_owned() })],
        ),
        running("failed", vec![broken("failed")]),
        running("incompatible-network", vec![broken("incompatible-network")]),
        ready("deleting", vec![delete(), Way::Pass(60), delete_instance()]),
    ]
}
