//! Whole passes against moto, which nobody of this project wrote, over HTTP with signatures checked.
//!
//! Needs a Python environment with moto in it: `cargo xtask test` makes one and names its interpreter in
//! `PIPEWRIGHT_TEST_PYTHON`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use pipewright_aws::{Aws, AwsRead, AwsWrite, Options, StaticCredentials};
use pipewright_engine::{CallError, Clock, CloudRead, PassOptions, PassOutcome, Silent, run_pass};
use pipewright_model::kinds::Run;
use pipewright_model::tags;
use pipewright_model::{Body, Desired, Kind, LiveBody, Secret, Timestamp};
use pipewright_testkit::{REGION, desired, edit_task, id, outline};
use serde_json::json;
use tokio_util::sync::CancellationToken;

/// moto's account.
const ACCOUNT: &str = "123456789012";

/// A moto server that ends with the test.
struct Moto {
    process: Child,
    url: String,
    access_key_id: String,
    secret_access_key: String,
}

impl Moto {
    fn start() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the test runner says where Python is")]
        let python = std::env::var("PIPEWRIGHT_TEST_PYTHON")
            .expect("PIPEWRIGHT_TEST_PYTHON names a Python with moto; run `cargo xtask test`");
        let mut process = Command::new(python)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../testkit/moto/serve.py"))
            .args(["--sign", "--settle", "--until-eof"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // It logs every request.
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        let url = lines.next().expect("moto prints its URL");
        let key = lines.next().expect("moto prints a key");
        let (access_key_id, secret_access_key) = key.split_once(' ').unwrap();
        Self {
            process,
            url,
            access_key_id: access_key_id.to_owned(),
            secret_access_key: secret_access_key.to_owned(),
        }
    }

    async fn connect(&self, secret_access_key: &str) -> Aws {
        Aws::connect(Options {
            endpoint_url: Some(self.url.clone()),
            credentials: Some(StaticCredentials {
                access_key_id: self.access_key_id.clone(),
                secret_access_key: Secret::new(secret_access_key),
                session_token: None,
            }),
            rate_limit: None,
            ..Options::new(REGION)
        })
        .await
        .unwrap()
    }

    async fn controller(&self) -> Controller {
        let aws = self.connect(&self.secret_access_key).await;
        Controller {
            reader: Arc::new(aws.reader()),
            writer: Arc::new(aws.writer()),
            clock: SkippingClock::new(),
        }
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        // Closing its stdin ends it too; this is for one that hangs.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A clock that skips what is waited for: moto has no time of its own.
struct SkippingClock(AtomicU64);

impl SkippingClock {
    fn new() -> Self {
        Self(AtomicU64::new(1_800_000_000_000))
    }
}

impl Clock for SkippingClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }

    async fn sleep(&self, duration: Duration) {
        self.0.fetch_add(u64::try_from(duration.as_millis()).unwrap(), Ordering::Relaxed);
    }
}

struct Controller {
    reader: Arc<AwsRead>,
    writer: Arc<AwsWrite>,
    clock: SkippingClock,
}

impl Controller {
    async fn pass(&self, desired: &Desired) -> PassOutcome {
        let options = PassOptions { wait: true, ..PassOptions::default() };
        let stop = CancellationToken::new();
        run_pass(&self.reader, &self.writer, &self.clock, desired, &options, &Silent, &stop).await.unwrap()
    }

    async fn converge(&self, desired: &Desired) -> PassOutcome {
        let outcome = self.pass(desired).await;
        assert!(
            outcome.has_converged(),
            "not converged:\n{}\nfailed: {:#?}",
            outline(&outcome.remaining),
            outcome.failures()
        );
        outcome
    }

    async fn owners(&self, role: &str) -> Option<Vec<String>> {
        let live = self.reader.role(role).await.unwrap()?;
        Some(tags::owners(&live.tags).into_keys().collect())
    }
}

fn wanted(scope: &str, pipelines: &[&str]) -> Desired {
    let mut desired = desired(scope, pipelines);
    ACCOUNT.clone_into(&mut desired.environment.account_id);
    for declared in desired.resources.values_mut() {
        if let Body::SubnetGroup(group) = &mut declared.body {
            // moto answers this one, whatever a subnet group was made of.
            group.subnet_ids = BTreeSet::from(["subnet-12345".to_owned()]);
        }
    }
    desired
}

/// Only the shared roles that these pipelines need.
fn only_roles(scope: &str, pipelines: &[&str]) -> Desired {
    let mut desired = wanted(scope, pipelines);
    desired.resources.retain(|id, _| id.kind == Kind::ServiceRole);
    desired
}

#[tokio::test]
async fn roles_are_created_joined_left_and_deleted() {
    let moto = Moto::start();
    let (a, b) = (moto.controller().await, moto.controller().await);
    a.converge(&only_roles("a", &["orders"])).await;
    assert_eq!(a.owners("dms-vpc-role").await, Some(vec!["a".to_owned()]));

    b.converge(&only_roles("b", &["users"])).await;
    assert_eq!(a.owners("dms-vpc-role").await, Some(vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(a.owners("dms-cloudwatch-logs-role").await, Some(vec!["a".to_owned(), "b".to_owned()]));

    a.converge(&only_roles("a", &[])).await;
    assert_eq!(b.owners("dms-vpc-role").await, Some(vec!["b".to_owned()]));

    b.converge(&only_roles("b", &[])).await;
    assert_eq!(b.owners("dms-vpc-role").await, None);
    assert_eq!(b.owners("dms-cloudwatch-logs-role").await, None);
}

/// The same roles, where DMS of this region must be able to assume them too, each with a policy of the scope.
fn with_content(scope: &str, pipelines: &[&str], region: &str) -> Desired {
    let mut desired = only_roles(scope, pipelines);
    for declared in desired.resources.values_mut() {
        let Body::ServiceRole(role) = &mut declared.body else { panic!("not a role: {declared:?}") };
        role.trusted_services.insert(format!("dms.{region}.amazonaws.com"));
        let allow = json!({"Effect": "Allow", "Action": "s3:PutObject", "Resource": format!("arn:aws:s3:::{scope}/*")});
        role.inline_policies
            .insert("write".to_owned(), json!({"Version": "2012-10-17", "Statement": [allow]}));
    }
    desired
}

/// Both controllers work at once, and neither takes from the other what that wrote.
#[tokio::test]
async fn two_controllers_share_the_content_of_a_role() {
    let moto = Moto::start();
    let (a, b) = (moto.controller().await, moto.controller().await);
    let (of_a, of_b) =
        (with_content("a", &["orders"], "us-east-1"), with_content("b", &["users"], "eu-west-1"));
    // Whoever finds the other's change in the way plans again.
    tokio::join!(a.pass(&of_a), b.pass(&of_b));
    a.converge(&of_a).await;
    b.converge(&of_b).await;
    a.converge(&of_a).await;
    assert_eq!(a.owners("dms-vpc-role").await, Some(vec!["a".to_owned(), "b".to_owned()]));
    let content = async || {
        let live = a.reader.role("dms-vpc-role").await.unwrap().unwrap();
        let LiveBody::ServiceRole(role) = live.body else { panic!("not a role") };
        let lets_in = |region: &str| role.trust.to_string().contains(&format!("dms.{region}.amazonaws.com"));
        let regions = ["us-east-1", "eu-west-1"].map(lets_in);
        (regions, role.inline_policies.into_keys().collect::<Vec<_>>())
    };
    let both = ["pipewright.a.write", "pipewright.b.write"].map(str::to_owned).to_vec();
    assert_eq!(content().await, ([true, true], both));

    // What others wrote stays while they own the role: also what the one that leaves wrote into its trust.
    a.converge(&only_roles("a", &[])).await;
    assert_eq!(content().await, ([true, true], vec!["pipewright.b.write".to_owned()]));
    b.converge(&only_roles("b", &[])).await;
    assert_eq!(b.owners("dms-vpc-role").await, None);
}

#[tokio::test]
async fn a_pipeline_is_made_started_stopped_and_deleted() {
    let moto = Moto::start();
    let controller = moto.controller().await;
    let mut specs = wanted("a", &["orders"]);
    let task = id(&specs, Kind::Task, "orders");
    controller.converge(&specs).await;
    let status = async || controller.reader.list(Kind::Task).await.unwrap()[&task].body.status().to_owned();
    assert_eq!(status().await, "running");

    edit_task(&mut specs, "orders", |task| task.run = Run::Stopped);
    controller.converge(&specs).await;
    assert_eq!(status().await, "stopped");

    let outcome = controller.converge(&wanted("a", &[])).await;
    assert_eq!(outcome.first.changes.len(), 7, "{}", outline(&outcome.first));
    for kind in [Kind::SubnetGroup, Kind::Instance, Kind::Endpoint, Kind::Task] {
        assert_eq!(controller.reader.list(kind).await.unwrap().len(), 0, "{kind}");
    }
    assert_eq!(controller.owners("dms-vpc-role").await, None);
}

#[tokio::test]
async fn a_wrong_secret_is_refused() {
    let moto = Moto::start();
    let aws = moto.connect("not the secret").await;
    let error: CallError = aws.reader().identity().await.unwrap_err();
    assert!(error.to_string().contains("SignatureDoesNotMatch"), "{error}");
}
