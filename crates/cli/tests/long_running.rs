//! What runs until it is told to stop: the loop, and the sandbox as a server.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

#[allow(dead_code, unreachable_pub, reason = "shared by several test programs")]
mod common;

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};

use common::Workplace;
use pipewright_emulator::{Config, Effect, Emulator, Fault};

/// A process whose output is read while it runs.
struct Running {
    child: Child,
    lines: Receiver<String>,
    seen: String,
}

impl Running {
    fn start(place: &Workplace, arguments: &str) -> Self {
        Self::spawn(place.command(arguments))
    }

    fn spawn(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (send, lines) = mpsc::channel();
        let outputs: [Box<dyn Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        for output in outputs {
            let send = send.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    if send.send(line).is_err() {
                        return;
                    }
                }
            });
        }
        Self { child, lines, seen: String::new() }
    }

    /// Reads on until a line holds this, and returns the line. A process that ends before fails the test.
    fn until(&mut self, text: &str) -> String {
        while let Ok(line) = self.lines.recv() {
            self.seen += &line;
            self.seen.push('\n');
            if line.contains(text) {
                return line;
            }
        }
        panic!("it ended before it said {text:?}:\n{}", self.seen);
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// The exit code and everything it said.
    fn end(mut self) -> (Option<i32>, String) {
        let status = self.child.wait().unwrap();
        while let Ok(line) = self.lines.recv() {
            self.seen += &line;
            self.seen.push('\n');
        }
        (status.code(), std::mem::take(&mut self.seen))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already unless the test fails.
        let _ = self.child.kill();
    }
}

#[test]
fn the_loop_reads_the_specs_anew_and_outlives_bad_ones() {
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    let mut running =
        Running::start(&place, "reconcile specs --interval 100ms --sandbox --sandbox-speed max");
    running.until("Converged: nothing left to do.");
    running.until("everything is as specified");
    place.edit("specs/orders.yaml", "class: dms.t3.medium", "klass: dms.t3.medium");
    running.until("unknown field");
    running.until("the pass failed, and nothing was deleted for that");
    place.edit("specs/orders.yaml", "klass: dms.t3.medium", "class: dms.t3.large");
    running.until("Converged: nothing left to do.");
    running.signal("TERM");
    let (code, seen) = running.end();
    assert_eq!(code, Some(0), "{seen}");
    assert!(!seen.contains("- delete"), "{seen}");
    place.run("plan specs --sandbox --detailed-exitcode").expect(0);
}

#[test]
fn the_loop_over_a_part_deletes_nothing() {
    for part in ["specs --only orders", "specs/orders.yaml"] {
        let place = Workplace::with_pipelines("data-platform", &["billing", "orders"]);
        place.run("reconcile specs --once --sandbox --sandbox-speed max").expect(0);
        place.remove("specs/billing.yaml");
        place.edit("specs/orders.yaml", "allocatedStorage: 50", "allocatedStorage: 60");
        let mut running = Running::start(
            &place,
            &format!("reconcile {part} --interval 100ms --sandbox --sandbox-speed max"),
        );
        running.until("Partial view: only orders and what they need; nothing is deleted or left.");
        running.until("Converged: nothing left to do.");
        running.until("everything is as specified");
        running.until("everything is as specified");
        running.signal("TERM");
        assert_eq!(running.end().0, Some(0));
        let whole = place.run("plan specs --sandbox").expect(0).stdout;
        assert!(whole.contains("delete  task/data-platform-billing"), "{whole}");
        assert!(!whole.contains("update  instance/data-platform-orders"), "{whole}");
    }
}

#[test]
fn signals_stop_a_pass_between_two_calls() {
    for signal in ["TERM", "INT"] {
        let place = Workplace::with_pipelines("data-platform", &["orders"]);
        // So slow that the instance would take real minutes.
        let mut running = Running::start(&place, "reconcile specs --sandbox --sandbox-speed 1");
        running.until("instance/data-platform-orders: waiting (creating)");
        running.signal(signal);
        let (code, seen) = running.end();
        assert_eq!(code, Some(0), "{seen}");
        assert!(seen.contains("Stopped before the end"), "{seen}");
        // Nothing is lost, and nothing is made twice.
        place.run("reconcile specs --once --sandbox --sandbox-speed max").expect(0);
        place.run("plan specs --sandbox --detailed-exitcode").expect(0);
    }
}

#[test]
fn with_json_logs_every_line_on_stderr_is_json() {
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    let ran =
        place.run("reconcile specs --once --sandbox --sandbox-speed max --log-format json -v").expect(0);
    let lines: Vec<serde_json::Value> =
        ran.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let done = "instance/data-platform-orders: create done in 10 min (virtual)";
    assert!(lines.iter().any(|line| line["fields"]["message"] == done), "{}", ran.stderr);
    place.edit("specs/orders.yaml", "class:", "klass:");
    let ran = place.run("plan specs --sandbox --log-format json").expect(1);
    let line: serde_json::Value = serde_json::from_str(ran.stderr.trim_end()).unwrap();
    assert!(line["fields"]["causes"].as_str().unwrap().contains("unknown field `klass`"), "{line}");
}

#[test]
fn one_pass_that_is_stopped_has_not_converged() {
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    let mut running = Running::start(&place, "reconcile specs --once --sandbox --sandbox-speed 1");
    running.until("instance/data-platform-orders: waiting (creating)");
    running.signal("INT");
    let (code, seen) = running.end();
    assert_eq!(code, Some(2), "{seen}");
}

#[test]
fn a_loop_on_specs_that_are_wrong_from_the_start_does_not_start() {
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    place.edit("specs/orders.yaml", "class:", "klass:");
    place.run("reconcile specs --sandbox").expect(1);
}

/// The URL in the first line of a serving sandbox.
fn serving(place: &Workplace, arguments: &str) -> (Running, String) {
    let mut running = Running::start(place, &format!("sandbox --listen 127.0.0.1:0 {arguments}"));
    let line = running.until("Serving DMS, IAM and STS at");
    let url = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
    let url = url.trim_end_matches(':').to_owned();
    (running, url)
}

#[test]
fn the_sandbox_serves_other_processes() {
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    let (running, url) = serving(&place, "--account-id 111122223333 --speed 1000000");
    let command = format!("reconcile specs --once --wait --endpoint-url {url}");
    let keys = [("AWS_ACCESS_KEY_ID", "111122223333"), ("AWS_SECRET_ACCESS_KEY", "x")];
    let ran = common::Ran::of(place.command(&command).envs(keys).output().unwrap()).expect(0);
    assert!(ran.stdout.contains("Converged: nothing left to do."), "{}", ran.stdout);

    // The credentials of another account are refused before anything is read.
    let keys = [("AWS_ACCESS_KEY_ID", "444455556666"), ("AWS_SECRET_ACCESS_KEY", "x")];
    let plan = format!("plan specs --endpoint-url {url}");
    let ran = common::Ran::of(place.command(&plan).envs(keys).output().unwrap()).expect(1);
    assert!(
        ran.stderr.contains("is account 111122223333, and the credentials belong to account 444455556666"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("hint: use credentials of account 111122223333"), "{}", ran.stderr);

    running.signal("TERM");
    let (code, seen) = running.end();
    assert_eq!(code, Some(0), "{seen}");
}

#[test]
fn the_sandbox_checks_signatures_when_it_has_a_secret() {
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    let (running, url) =
        serving(&place, "--account-id 111122223333 --access-key AKIAEXAMPLE --secret canary-secret");
    let plan = format!("plan specs --endpoint-url {url}");
    let with = |secret: &str| {
        let keys = [("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", secret)];
        common::Ran::of(place.command(&plan).envs(keys).output().unwrap())
    };
    with("canary-secret").expect(0);
    let refused = with("canary-wrong").expect(1);
    assert!(refused.stderr.contains("SignatureDoesNotMatch"), "{}", refused.stderr);
    assert!(!refused.all().contains("canary"), "{}", refused.all());
    running.signal("INT");
    let (code, seen) = running.end();
    assert_eq!(code, Some(0), "{seen}");
    assert!(!seen.contains("canary"), "{seen}");
}

#[test]
fn a_sandbox_directory_is_not_shared_between_processes() {
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    let (running, _) = serving(&place, "--directory kept");
    let ran = place.run("plan specs --sandbox=kept").expect(1);
    assert!(ran.stderr.contains("in use by another process"), "{}", ran.stderr);
    running.signal("TERM");
    assert_eq!(running.end().0, Some(0));
    place.run("plan specs --sandbox=kept").expect(0);
}

#[test]
fn nowhere_to_connect() {
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    let keys = [("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "x")];
    // Nothing listens on port 1.
    let output = place.command("plan specs --endpoint-url http://127.0.0.1:1").envs(keys).output().unwrap();
    let ran = common::Ran::of(output).expect(1);
    assert!(ran.stderr.contains("error: cannot observe environment `prod`\n  caused by: "), "{}", ran.stderr);
    assert!(ran.stderr.contains("\nhint: "), "{}", ran.stderr);
}

#[test]
fn a_second_signal_leaves_at_once() {
    // A call that changes something is never answered; it is not cut off by the first signal.
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let emulator = runtime.block_on(Emulator::start(Config::default())).unwrap();
    let create = Some("CreateRole".to_owned());
    emulator.inject(Fault { operation: create, nth: 1, effect: Effect::HoldBefore });
    let held = emulator.held();
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    let mut running = Running::spawn(against(&place, &emulator.endpoint_url()));
    runtime.block_on(held);
    running.signal("TERM");
    running.until("SIGTERM: stopping");
    running.signal("INT");
    let (code, seen) = running.end();
    assert_eq!(code, Some(130), "{seen}");
}

#[test]
fn reading_is_left_at_the_first_signal() {
    // It takes connections and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let place = Workplace::with_pipelines("data-platform", &["orders"]);
    let running = Running::spawn(against(&place, &url));
    let (connection, _) = silent.accept().unwrap();
    running.signal("TERM");
    let (code, seen) = running.end();
    assert_eq!(code, Some(1), "{seen}");
    assert!(seen.contains("stopped before the account was read"), "{seen}");
    drop(connection);
}

/// One pass of one pipeline against this endpoint.
fn against(place: &Workplace, url: &str) -> Command {
    let mut command = place.command(&format!("reconcile specs --once -v --endpoint-url {url}"));
    command.env("AWS_ACCESS_KEY_ID", "111122223333").env("AWS_SECRET_ACCESS_KEY", "x");
    command
}
