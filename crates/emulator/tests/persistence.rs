//! What a directory keeps.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use pipewright_emulator::{ClockMode, Config, Emulator, StartError};
use serde_json::json;
use support::{Sandbox, directory, manual};

fn config(directory: &std::path::Path) -> Config {
    Config { directory: Some(directory.to_owned()), ..manual() }
}

#[test]
fn another_process_finds_everything() {
    let directory = directory("finds-everything");
    let sandbox = Sandbox::with(config(&directory));
    sandbox.client().create_vpc_role();
    let endpoint = sandbox.endpoint("e", "source");
    sandbox.ok(
        "CreateReplicationInstance",
        json!({"ReplicationInstanceIdentifier": "ri", "ReplicationInstanceClass": "dms.t3.micro"}),
    );
    sandbox.ok("AddTagsToResource", json!({"ResourceArn": endpoint, "Tags": [{"Key": "k", "Value": "v"}]}));
    sandbox.ok("DeleteEndpoint", json!({"EndpointArn": endpoint}));
    sandbox.advance(599);
    let before = sandbox.emulator.now();
    sandbox.stop();

    let sandbox = Sandbox::with(config(&directory));
    assert_eq!(sandbox.emulator.now(), before);
    let instances = sandbox.ok("DescribeReplicationInstances", json!({}));
    assert_eq!(instances["ReplicationInstances"][0]["ReplicationInstanceStatus"], "creating");
    sandbox.advance(1);
    let instances = sandbox.ok("DescribeReplicationInstances", json!({}));
    assert_eq!(instances["ReplicationInstances"][0]["ReplicationInstanceStatus"], "available");
    assert_eq!(sandbox.ok("DescribeEndpoints", json!({}))["Endpoints"], json!([]));
    // ARNs are never given twice.
    assert_ne!(sandbox.endpoint("e", "source"), endpoint);
    let role = sandbox.client().iam("GetRole", &[("RoleName", "dms-vpc-role")]);
    assert!(role.contains("<RoleName>dms-vpc-role</RoleName>"), "{role}");
}

#[test]
fn a_directory_has_one_user() {
    let directory = directory("one-user");
    let first = Sandbox::with(config(&directory));
    let second = first.block_on(Emulator::start(config(&directory))).unwrap_err();
    assert!(matches!(second, StartError::InUse(_)));
    assert!(second.to_string().contains("is in use by another process"), "{second}");
    first.stop();
    Sandbox::with(config(&directory)).stop();
}

#[test]
fn virtual_time_never_goes_backwards() {
    let directory = directory("time");
    let fast = Config { clock: ClockMode::Scaled(1e6), ..config(&directory) };
    let sandbox = Sandbox::with(fast);
    let before = sandbox.emulator.now();
    // A read notes the time as well as a write: whoever saw a status must not see an earlier one.
    sandbox.ok("DescribeEndpoints", json!({}));
    let seen = sandbox.emulator.calls()[0].at;
    assert!(seen > before);
    sandbox.stop();
    let slow = Config { clock: ClockMode::Scaled(1.0), ..config(&directory) };
    let sandbox = Sandbox::with(slow);
    assert!(sandbox.emulator.now() >= seen);
}

#[test]
fn the_last_handle_stops_the_emulator() {
    let directory = directory("last-handle");
    let sandbox = Sandbox::with(config(&directory));
    let client = sandbox.client();
    drop(sandbox);
    assert!(client.dms("DescribeEndpoints", &json!({})).is_err());
}

#[test]
fn a_directory_of_another_version_is_refused() {
    let directory = directory("version");
    std::fs::create_dir_all(&directory).unwrap();
    let database = redb::Database::create(directory.join("objects.redb")).unwrap();
    let transaction = database.begin_write().unwrap();
    let meta: redb::TableDefinition<'_, &str, u64> = redb::TableDefinition::new("meta");
    transaction.open_table(meta).unwrap().insert("format", 99).unwrap();
    transaction.commit().unwrap();
    drop(database);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let refused = runtime.block_on(Emulator::start(config(&directory))).unwrap_err();
    assert!(refused.to_string().contains("has format 99"), "{refused}");
}
