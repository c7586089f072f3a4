//! The process is killed after its k-th AWS call, for every k of the first example; running it again
//! always ends in an empty plan, with nothing twice and nothing left over.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use pipewright_aws::{Aws, Options, StaticCredentials};
use pipewright_emulator::{ClockMode, Config, Effect, Emulator, Fault};
use pipewright_engine::CloudRead;
use pipewright_model::kinds::FixedRole;
use pipewright_model::tags;
use pipewright_model::{Kind, Secret};

const ACCOUNT: &str = "111122223333";
/// How many kills are tried at the same time: they mostly wait.
const AT_ONCE: usize = 12;
const SIGKILL: i32 = 9;

/// The first example alone, with its Controller.
fn specs() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for name in ["controller.yaml", "mysql-to-aurora-postgresql.yaml"] {
        let from = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../specs")).join(name);
        std::fs::copy(from, directory.path().join(name)).unwrap();
    }
    directory
}

/// The binary, with nothing of the outer environment.
fn pipewright(verb: &str, specs: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pipewright"));
    command.arg(verb).arg(specs).env_clear().env("AWS_EC2_METADATA_DISABLED", "true").stdin(Stdio::null());
    command
}

fn text(output: &Output) -> String {
    format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The names and statuses of everything in the account, and the roles with their owners.
async fn inventory(emulator: &Emulator) -> BTreeSet<String> {
    let options = Options {
        endpoint_url: Some(emulator.endpoint_url()),
        credentials: Some(StaticCredentials {
            access_key_id: ACCOUNT.to_owned(),
            secret_access_key: Secret::new("test"),
            session_token: None,
        }),
        rate_limit: None,
        ..Options::new("us-east-1")
    };
    let reader = Aws::connect(options).await.unwrap().reader();
    let mut found = BTreeSet::new();
    for kind in [Kind::SubnetGroup, Kind::Instance, Kind::Endpoint, Kind::Task] {
        for (id, live) in reader.list(kind).await.unwrap() {
            found.insert(format!("{id} {}", live.body.status()));
        }
    }
    for role in FixedRole::ALL {
        if let Some(live) = reader.role(role.name).await.unwrap() {
            found.insert(format!("{} {:?}", role.name, tags::owners(&live.tags)));
        }
    }
    found
}

fn expected() -> BTreeSet<String> {
    [
        "dms-cloudwatch-logs-role {\"data-platform\": \"orders\"}",
        "dms-vpc-role {\"data-platform\": \"orders\"}",
        "endpoint/data-platform-orders-source active",
        "endpoint/data-platform-orders-target active",
        "instance/data-platform-orders available",
        "subnet-group/data-platform-orders Complete",
        "task/data-platform-orders running",
    ]
    .map(str::to_owned)
    .into()
}

/// One command against the emulator, at whose address AWS is for it.
fn on(emulator: &Emulator, verb: &str, arguments: &[&str], specs: &Path) -> Command {
    let mut command = pipewright(verb, specs);
    command
        .args(arguments)
        .args(["--endpoint-url", &emulator.endpoint_url()])
        .env("AWS_ACCESS_KEY_ID", ACCOUNT)
        .env("AWS_SECRET_ACCESS_KEY", "test");
    command
}

/// Runs a command to its end without blocking the emulator.
async fn run(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

/// Kills the process when its `nth` call has taken effect and before it sees the answer. Tells whether
/// there was such a call.
async fn kill_at(nth: u64, specs: &Path) -> bool {
    let config = Config {
        account_id: ACCOUNT.to_owned(),
        // An instance takes ten minutes, and the process waits in real time.
        clock: ClockMode::Scaled(3000.0),
        ..Config::default()
    };
    let emulator = Emulator::start(config).await.unwrap();
    emulator.inject(Fault { operation: None, nth, effect: Effect::HoldAfter });
    let mut held = std::pin::pin!(emulator.held());
    let mut child = on(&emulator, "reconcile", &["--once", "--wait"], specs)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let was_held = loop {
        tokio::select! {
            () = &mut held => break true,
            () = tokio::time::sleep(Duration::from_millis(20)) => {
                if child.try_wait().unwrap().is_some() {
                    break false;
                }
            }
        }
    };
    if was_held {
        child.kill().unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(SIGKILL));
    }
    emulator.clear_faults();

    let again = run(on(&emulator, "reconcile", &["--once", "--wait"], specs)).await;
    assert_eq!(again.status.code(), Some(0), "killed at call {nth}:\n{}", text(&again));
    let plan = run(on(&emulator, "plan", &["--detailed-exitcode"], specs)).await;
    assert_eq!(plan.status.code(), Some(0), "killed at call {nth}:\n{}", text(&plan));
    assert_eq!(inventory(&emulator).await, expected(), "killed at call {nth}");
    was_held
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_every_call_it_finishes_when_run_again() {
    let specs = specs();
    let mut killed = 0_u64;
    for first in (1_u64..).step_by(AT_ONCE) {
        let mut runs = tokio::task::JoinSet::new();
        for nth in (first..).take(AT_ONCE) {
            let path = specs.path().to_owned();
            runs.spawn(async move { kill_at(nth, &path).await });
        }
        let mut past_the_end = false;
        while let Some(was_held) = runs.join_next().await {
            if was_held.unwrap() {
                killed += 1;
            } else {
                past_the_end = true;
            }
        }
        if past_the_end {
            break;
        }
    }
    assert!(killed > 30, "the first example takes more calls than {killed}");
}

/// Ends the process, its embedded sandbox with it, at its `nth` call. Tells whether there was such a
/// call.
fn end_at(nth: u64, specs: &Path) -> bool {
    let sandbox = tempfile::tempdir().unwrap();
    let on_sandbox = |command: &mut Command| {
        command
            .arg(format!("--sandbox={}", sandbox.path().display()))
            .args(["--sandbox-speed", "max"])
            .output()
            .unwrap()
    };
    let nth = nth.to_string();
    let first =
        on_sandbox(pipewright("reconcile", specs).args(["--once", "--sandbox-abort-after-call", &nth]));
    let again = on_sandbox(pipewright("reconcile", specs).arg("--once"));
    assert_eq!(again.status.code(), Some(0), "ended at call {nth}:\n{}", text(&again));
    let plan = on_sandbox(pipewright("plan", specs).arg("--detailed-exitcode"));
    assert_eq!(plan.status.code(), Some(0), "ended at call {nth}:\n{}", text(&plan));
    let was_ended = first.status.signal().is_some();
    assert!(was_ended || first.status.success(), "{}", text(&first));
    was_ended
}

#[test]
fn the_embedded_sandbox_survives_with_the_process_at_every_call() {
    let specs = specs();
    let specs = &specs;
    let mut ended = 0;
    for first in (1_u64..).step_by(AT_ONCE) {
        let were_ended: Vec<bool> = std::thread::scope(|scope| {
            let runs: Vec<_> =
                (first..).take(AT_ONCE).map(|nth| scope.spawn(move || end_at(nth, specs.path()))).collect();
            runs.into_iter().map(|run| run.join().unwrap()).collect()
        });
        ended += were_ended.iter().filter(|was_ended| **was_ended).count();
        if were_ended.contains(&false) {
            break;
        }
    }
    assert!(ended > 30, "the first example takes more calls than {ended}");
}
