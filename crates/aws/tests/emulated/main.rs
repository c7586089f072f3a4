//! The adapter over real HTTP against the emulator, whose clock stands still unless a test moves it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod accounts;
mod errors;
mod pipeline;
mod roles;
mod serverless;
mod tables;
mod tags;

use std::collections::BTreeMap;
use std::time::Duration;

use pipewright_aws::{Aws, AwsRead, AwsWrite, Options, StaticCredentials};
use pipewright_emulator::{ClockMode, Config, Emulator};
use pipewright_engine::{CallError, CloudRead, CloudWrite};
use pipewright_model::kinds::{
    EndpointDeclared, EndpointType, FixedRole, InstanceDeclared, SubnetGroupDeclared,
};
use pipewright_model::tags::Tags;
use pipewright_model::{Kind, Live, Ref, ResourceId, Secret, Timestamp, policy};
use pipewright_plan::Mutation;

/// An emulator and the adapter connected to it.
struct Account {
    emulator: Emulator,
    reader: AwsRead,
    writer: AwsWrite,
    arns: BTreeMap<ResourceId, String>,
}

impl Account {
    async fn new() -> Self {
        Self::with(Config { clock: ClockMode::Manual, ..Config::default() }).await
    }

    async fn with(config: Config) -> Self {
        let emulator = Emulator::start(config).await.unwrap();
        let aws = connect(&emulator, "secret").await;
        Self { emulator, reader: aws.reader(), writer: aws.writer(), arns: BTreeMap::new() }
    }

    /// Makes a call that must succeed, and remembers the ARN of what was made.
    async fn call(&mut self, mutation: Mutation) {
        let made = self.attempt(&mutation).await.unwrap_or_else(|error| panic!("{mutation}: {error}"));
        if let Some(arn) = made {
            self.arns.insert(made_by(&mutation), arn);
        }
    }

    async fn attempt(&self, mutation: &Mutation) -> Result<Option<String>, CallError> {
        self.writer.call(mutation, &self.arns, now()).await
    }

    /// Lets virtual time pass until everything that was asked for is done.
    fn settle(&self) {
        self.emulator.advance(Duration::from_hours(1));
    }

    async fn live(&self, id: &ResourceId) -> Option<Live> {
        self.reader.list(id.kind).await.unwrap().remove(id)
    }

    /// The names of the operations called since the last reset, in order.
    fn operations(&self) -> Vec<String> {
        self.emulator.calls().into_iter().map(|call| call.operation).collect()
    }

    /// Makes the role without which DMS makes no instance, and a subnet group.
    async fn prepare(&mut self) {
        let role = FixedRole::VPC;
        let services = role.declared("aws", [].into(), true).trusted_services;
        self.call(Mutation::CreateRole {
            role: role.name.to_owned(),
            path: "/".to_owned(),
            description: "for tests".to_owned(),
            trust: policy::trust_for(&services),
            permissions_boundary: None,
            tags: Tags::new(),
        })
        .await;
        self.call(Mutation::AttachRolePolicy {
            role: role.name.to_owned(),
            policy_arn: role.managed_policy_arn("aws"),
        })
        .await;
        self.call(Mutation::CreateSubnetGroup {
            id: subnet_group(),
            declared: subnet_group_declared(),
            tags: owned(),
        })
        .await;
    }
}

/// The way to an emulator with the access key that the tests use.
fn options(emulator: &Emulator, secret: &str) -> Options {
    Options {
        endpoint_url: Some(emulator.endpoint_url()),
        credentials: Some(StaticCredentials {
            access_key_id: "AKIAEXAMPLE".to_owned(),
            secret_access_key: Secret::new(secret),
            session_token: None,
        }),
        ..Options::new("us-east-1")
    }
}

async fn connect(emulator: &Emulator, secret: &str) -> Aws {
    Aws::connect(options(emulator, secret)).await.unwrap()
}

/// The resource that a create call makes.
fn made_by(mutation: &Mutation) -> ResourceId {
    match mutation {
        Mutation::CreateRole { role, .. } => ResourceId::role(role),
        Mutation::CreateSubnetGroup { id, .. }
        | Mutation::CreateInstance { id, .. }
        | Mutation::CreateEndpoint { id, .. }
        | Mutation::CreateTask { id, .. }
        | Mutation::CreateReplicationConfig { id, .. }
        | Mutation::ImportCertificate { id, .. }
        | Mutation::CreateEventSubscription { id, .. } => id.clone(),
        other => panic!("{other} makes nothing"),
    }
}

fn now() -> Timestamp {
    Timestamp::from_secs(1_700_000_000)
}

fn subnet_group() -> ResourceId {
    ResourceId::new(Kind::SubnetGroup, "Net")
}

fn instance() -> ResourceId {
    ResourceId::new(Kind::Instance, "Compute")
}

fn endpoint(name: &str) -> ResourceId {
    ResourceId::new(Kind::Endpoint, name)
}

fn owned() -> Tags {
    Tags::from([("pipewright:scope".to_owned(), "tests".to_owned())])
}

fn subnet_group_declared() -> SubnetGroupDeclared {
    SubnetGroupDeclared {
        description: "for tests".to_owned(),
        subnet_ids: ["subnet-0a1b2c3d".to_owned(), "subnet-4e5f6a7b".to_owned()].into(),
    }
}

fn instance_declared() -> InstanceDeclared {
    InstanceDeclared {
        class: "dms.t3.medium".to_owned(),
        allocated_storage: Some(50),
        multi_az: Some(false),
        engine_version: None,
        auto_minor_version_upgrade: None,
        publicly_accessible: Some(false),
        preferred_maintenance_window: None,
        availability_zone: None,
        kms_key_id: None,
        network_type: None,
        dns_name_servers: Some(vec!["10.0.0.2".to_owned(), "10.0.0.3".to_owned()]),
        subnet_group: Some(Ref::Managed(subnet_group())),
        vpc_security_group_ids: Some(["sg-0123456789abcdef0".to_owned()].into()),
        apply_immediately: true,
    }
}

fn endpoint_declared(endpoint_type: EndpointType, engine: &str) -> EndpointDeclared {
    EndpointDeclared {
        server_name: Some("db.example.com".to_owned()),
        port: Some(3306),
        database_name: Some("orders".to_owned()),
        username: Some("admin".to_owned()),
        password: Some(Secret::new("hunter2-and-more")),
        ..EndpointDeclared::new(endpoint_type, engine)
    }
}
