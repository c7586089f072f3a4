//! A process that aborts at any call leaves the state of before or after it.
//!
//! The test runs itself as the server: `crash --serve DIRECTORY OPERATION EFFECT`.

#![allow(clippy::unwrap_used, reason = "a test without harness is no #[test] to clippy")]
#![allow(clippy::print_stdout, reason = "nextest and the test itself read what is printed")]

mod support;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use pipewright_emulator::{Config, Effect, Emulator, Fault};
use serde_json::json;
use support::{Client, Sandbox, manual};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let ["--serve", directory, operation, effect] =
        arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice()
    {
        serve(directory, operation, effect);
    } else if arguments.iter().any(|argument| argument == "--list") {
        // The protocol of cargo-nextest: the one test is listed, and not again among the ignored ones.
        if !arguments.iter().any(|argument| argument == "--ignored") {
            println!("an_abort_leaves_before_or_after: test");
        }
    } else {
        an_abort_leaves_before_or_after();
    }
}

fn serve(directory: &str, operation: &str, effect: &str) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let emulator = Emulator::start(Config { directory: Some(directory.into()), ..manual() });
        let emulator = emulator.await.unwrap();
        emulator.inject(Fault {
            operation: Some(operation.to_owned()),
            nth: 1,
            effect: match effect {
                "before" => Effect::AbortProcessBefore,
                _ => Effect::AbortProcessAfter,
            },
        });
        println!("{}", emulator.endpoint_url());
        std::future::pending::<()>().await;
    });
}

fn an_abort_leaves_before_or_after() {
    for (effect, survives) in [("before", false), ("after", true)] {
        let directory = format!("{}/crash-{effect}-{}", env!("CARGO_TARGET_TMPDIR"), std::process::id());
        let _ = std::fs::remove_dir_all(&directory);
        let mut server = Command::new(std::env::current_exe().unwrap())
            .args(["--serve", &directory, "CreateEndpoint", effect])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut url).unwrap();
        let client = Client::new(url.trim().replace("http://", ""));
        client.create_vpc_role();
        let input = json!({"EndpointIdentifier": "e", "EndpointType": "source", "EngineName": "mysql", "ServerName": "h"});
        assert!(client.dms("CreateEndpoint", &input).is_err());
        assert!(!server.wait().unwrap().success());

        let sandbox = Sandbox::with(Config { directory: Some(directory.into()), ..manual() });
        let listed = sandbox.ok("DescribeEndpoints", json!({}));
        assert_eq!(listed["Endpoints"].as_array().unwrap().len() == 1, survives, "{effect}");
        let role = sandbox.client().iam("GetRole", &[("RoleName", "dms-vpc-role")]);
        assert!(role.contains("dms-vpc-role"));
    }
}
