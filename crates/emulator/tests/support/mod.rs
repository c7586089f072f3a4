//! An emulator in its own runtime, and a client that speaks plain HTTP.

#![allow(dead_code, reason = "every test binary uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]
#![allow(clippy::needless_pass_by_value, reason = "tests write their requests in place")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;

use pipewright_emulator::{ClockMode, Config, Emulator};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// An emulator whose clock the test moves.
pub(crate) struct Sandbox {
    runtime: Runtime,
    pub(crate) emulator: Emulator,
    client: Client,
}

/// Sends requests to one address.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) address: String,
    pub(crate) region: &'static str,
    /// Twelve digits: the emulator takes them for the account.
    pub(crate) access_key: &'static str,
}

/// The refusal of a call.
#[derive(Debug, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) body: Value,
}

pub(crate) fn manual() -> Config {
    Config { clock: ClockMode::Manual, ..Config::default() }
}

/// A directory of this test alone, empty.
pub(crate) fn directory(test: &str) -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}-{}", std::process::id()));
    if directory.exists() {
        std::fs::remove_dir_all(&directory).unwrap();
    }
    directory
}

impl Sandbox {
    /// With a clock that stands still, and `dms-vpc-role` in place.
    pub(crate) fn new() -> Self {
        let sandbox = Self::with(manual());
        sandbox.client.create_vpc_role();
        sandbox
    }

    pub(crate) fn with(config: Config) -> Self {
        let runtime = Runtime::new().unwrap();
        let emulator = runtime.block_on(Emulator::start(config)).unwrap();
        let address = emulator.endpoint_url().replace("http://", "");
        Sandbox { runtime, emulator, client: Client::new(address) }
    }

    pub(crate) fn client(&self) -> Client {
        self.client.clone()
    }

    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    pub(crate) fn stop(self) {
        self.runtime.block_on(self.emulator.shutdown());
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.emulator.advance(Duration::from_secs(seconds));
    }

    pub(crate) fn ok(&self, operation: &str, input: Value) -> Value {
        self.client.ok(operation, input)
    }

    pub(crate) fn refused(&self, operation: &str, input: Value) -> Refusal {
        self.client.refused(operation, input)
    }

    /// An available instance; answers its ARN.
    pub(crate) fn instance(&self, name: &str) -> String {
        let made = self.ok(
            "CreateReplicationInstance",
            json!({"ReplicationInstanceIdentifier": name, "ReplicationInstanceClass": "dms.t3.medium"}),
        );
        self.advance(600);
        string(&made["ReplicationInstance"]["ReplicationInstanceArn"])
    }

    /// A MySQL endpoint; answers its ARN.
    pub(crate) fn endpoint(&self, name: &str, kind: &str) -> String {
        let made = self.ok(
            "CreateEndpoint",
            json!({"EndpointIdentifier": name, "EndpointType": kind, "EngineName": "mysql",
                "ServerName": "db.example.com", "Port": 3306, "Username": "u", "Password": "p"}),
        );
        string(&made["Endpoint"]["EndpointArn"])
    }

    /// Tests a connection until it has succeeded.
    pub(crate) fn connect(&self, instance: &str, endpoint: &str) {
        let pair = json!({"ReplicationInstanceArn": instance, "EndpointArn": endpoint});
        self.ok("TestConnection", pair);
        self.advance(60);
    }

    /// A ready task with its instance and endpoints, connected.
    pub(crate) fn task(&self, migration: &str) -> Task {
        let instance = self.instance("ri");
        let source = self.endpoint("source", "source");
        let target = self.endpoint("target", "target");
        self.connect(&instance, &source);
        self.connect(&instance, &target);
        let made = self.ok(
            "CreateReplicationTask",
            json!({"ReplicationTaskIdentifier": "task", "SourceEndpointArn": source, "TargetEndpointArn": target,
                "ReplicationInstanceArn": instance, "MigrationType": migration, "TableMappings": mappings()}),
        );
        self.advance(30);
        Task { arn: string(&made["ReplicationTask"]["ReplicationTaskArn"]), instance, source, target }
    }

    /// The task as it is described.
    pub(crate) fn described(&self, task: &Task) -> Value {
        let listed = self.ok("DescribeReplicationTasks", filter("replication-task-arn", &task.arn));
        listed["ReplicationTasks"][0].clone()
    }
}

pub(crate) struct Task {
    pub(crate) arn: String,
    pub(crate) instance: String,
    pub(crate) source: String,
    pub(crate) target: String,
}

pub(crate) fn mappings() -> String {
    json!({"rules": [{"rule-type": "selection", "rule-id": "1", "rule-name": "1", "rule-action": "include",
        "object-locator": {"schema-name": "shop", "table-name": "%"}}]})
    .to_string()
}

pub(crate) fn filter(name: &str, value: &str) -> Value {
    json!({"Filters": [{"Name": name, "Values": [value]}]})
}

pub(crate) fn string(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

impl Client {
    pub(crate) fn new(address: String) -> Self {
        Client { address, region: "us-east-1", access_key: "sandbox" }
    }

    /// A DMS call that succeeds.
    pub(crate) fn ok(&self, operation: &str, input: Value) -> Value {
        let (status, body) = self.dms(operation, &input).unwrap();
        assert_eq!(status, 200, "{operation} {input}: {body}");
        body
    }

    /// A DMS call that is refused.
    pub(crate) fn refused(&self, operation: &str, input: Value) -> Refusal {
        let (status, body) = self.dms(operation, &input).unwrap();
        assert_ne!(status, 200, "{operation} {input}: {body}");
        Refusal { status, code: string(&body["__type"]), message: string(&body["message"]), body }
    }

    pub(crate) fn dms(&self, operation: &str, input: &Value) -> std::io::Result<(u16, Value)> {
        let target = format!("X-Amz-Target: AmazonDMSv20160101.{operation}\r\n");
        let (status, body) = self.send("dms", "application/x-amz-json-1.1", &target, &input.to_string())?;
        Ok((status, serde_json::from_str(&body).unwrap_or(Value::Null)))
    }

    /// An IAM call that succeeds; `form` has the parameters after `Version`.
    pub(crate) fn iam(&self, operation: &str, form: &[(&str, &str)]) -> String {
        let mut body = format!("Action={operation}&Version=2010-05-08");
        for (name, value) in form {
            let value = percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
            body.push('&');
            body.push_str(name);
            body.push('=');
            body.push_str(&value.to_string());
        }
        let (status, answer) = self.send("iam", "application/x-www-form-urlencoded", "", &body).unwrap();
        assert_eq!(status, 200, "{answer}");
        answer
    }

    pub(crate) fn create_vpc_role(&self) {
        let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Principal": {"Service": "dms.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
        self.iam(
            "CreateRole",
            &[("RoleName", "dms-vpc-role"), ("AssumeRolePolicyDocument", &trust.to_string())],
        );
        let policy = "arn:aws:iam::aws:policy/service-role/AmazonDMSVPCManagementRole";
        self.iam("AttachRolePolicy", &[("RoleName", "dms-vpc-role"), ("PolicyArn", policy)]);
    }

    fn send(&self, service: &str, kind: &str, more: &str, body: &str) -> std::io::Result<(u16, String)> {
        let (key, region) = (self.access_key, self.region);
        self.raw(format!(
            "POST / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: {kind}\r\n{more}\
             X-Amz-Date: 20260101T000000Z\r\nAuthorization: AWS4-HMAC-SHA256 Credential={key}/20260101/{region}/{service}/aws4_request, \
             SignedHeaders=host, Signature=00\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        ))
    }

    /// Sends bytes and reads until the connection ends. A body that is shorter than announced is an error.
    pub(crate) fn raw(&self, request: impl AsRef<[u8]>) -> std::io::Result<(u16, String)> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.write_all(request.as_ref())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let broken = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
        let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(broken)?;
        let announced = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            (name.eq_ignore_ascii_case("content-length")).then(|| value.trim().parse::<usize>().ok())?
        });
        if announced != Some(body.len()) {
            return Err(broken());
        }
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Ok((status.ok_or_else(broken)?, body.to_owned()))
    }
}
