//! Faults on demand, the limit of the rate, and the record of calls.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use pipewright_emulator::{Config, Effect, Fault, Throttle};
use serde_json::{Value, json};
use support::{Sandbox, manual};

fn fault(operation: &str, nth: u64, effect: Effect) -> Fault {
    Fault { operation: Some(operation.to_owned()), nth, effect }
}

fn create(name: &str) -> Value {
    json!({"EndpointIdentifier": name, "EndpointType": "source", "EngineName": "mysql", "ServerName": "h"})
}

fn count(sandbox: &Sandbox) -> usize {
    let listed = sandbox.ok("DescribeEndpoints", json!({}));
    listed["Endpoints"].as_array().unwrap().len()
}

#[test]
fn refusals_have_no_effect_and_come_once() {
    let sandbox = Sandbox::new();
    sandbox.emulator.inject(fault("CreateEndpoint", 2, Effect::Throttle));
    sandbox.emulator.inject(fault("CreateEndpoint", 3, Effect::InternalError));
    sandbox.ok("CreateEndpoint", create("a"));
    let throttled = sandbox.refused("CreateEndpoint", create("b"));
    assert_eq!((throttled.status, throttled.code.as_str()), (400, "ThrottlingException"));
    let broken = sandbox.refused("CreateEndpoint", create("b"));
    assert_eq!((broken.status, broken.code.as_str()), (500, "InternalFailure"));
    assert_eq!(count(&sandbox), 1);
    sandbox.ok("CreateEndpoint", create("b"));
}

#[test]
fn a_dropped_answer_leaves_the_effect() {
    let sandbox = Sandbox::new();
    sandbox.emulator.inject(fault("CreateEndpoint", 1, Effect::DropConnectionAfter));
    let dropped = sandbox.client().dms("CreateEndpoint", &create("a"));
    assert!(dropped.is_err(), "{dropped:?}");
    assert_eq!(count(&sandbox), 1);
}

#[test]
fn held_calls_are_never_answered() {
    let sandbox = Sandbox::new();
    for (effect, endpoints) in [(Effect::HoldBefore, 0), (Effect::HoldAfter, 1)] {
        sandbox.emulator.inject(fault("CreateEndpoint", 1, effect));
        let client = sandbox.client();
        // The thread ends when the emulator stops and lets go of the connection.
        std::thread::spawn(move || client.dms("CreateEndpoint", &create("a")));
        sandbox.block_on(sandbox.emulator.held());
        assert_eq!(count(&sandbox), endpoints, "{effect:?}");
    }
    let calls = sandbox.emulator.calls();
    let held: Vec<u16> =
        calls.iter().filter(|call| call.operation == "CreateEndpoint").map(|call| call.status).collect();
    assert_eq!(held, [0, 0]);
    sandbox.stop();
}

#[test]
fn a_stale_read_sees_what_was_true_when_the_fault_was_armed() {
    let sandbox = Sandbox::new();
    sandbox.ok("CreateEndpoint", create("a"));
    let now = sandbox.emulator.now();
    for operation in ["DescribeEndpoints", "CreateEndpoint"] {
        sandbox.emulator.inject(fault(operation, 1, Effect::Stale));
    }
    sandbox.ok("CreateEndpoint", create("b"));
    sandbox.advance(10);
    assert_eq!(count(&sandbox), 1);
    assert_eq!(count(&sandbox), 2);
    assert!(sandbox.emulator.now() > now);
}

#[test]
fn cleared_faults_do_not_strike() {
    let sandbox = Sandbox::new();
    sandbox.emulator.inject(fault("CreateEndpoint", 1, Effect::InternalError));
    sandbox.emulator.clear_faults();
    sandbox.ok("CreateEndpoint", create("a"));
}

#[test]
fn the_rate_is_limited_in_virtual_time() {
    let sandbox =
        Sandbox::with(Config { throttle: Some(Throttle { burst: 3.0, per_second: 1.0 }), ..manual() });
    for _ in 0..3 {
        sandbox.ok("DescribeEndpoints", json!({}));
    }
    let refusal = sandbox.refused("DescribeEndpoints", json!({}));
    assert_eq!(
        (refusal.status, refusal.code.as_str(), refusal.message.as_str()),
        (400, "ThrottlingException", "Rate exceeded")
    );
    sandbox.advance(1);
    sandbox.ok("DescribeEndpoints", json!({}));
    assert_eq!(sandbox.refused("DescribeEndpoints", json!({})).code, "ThrottlingException");
}

#[test]
fn calls_are_recorded() {
    let sandbox = Sandbox::new();
    sandbox.emulator.reset_calls();
    sandbox.ok("CreateEndpoint", create("a"));
    sandbox.refused("CreateEndpoint", create("a"));
    sandbox.client().iam("GetRole", &[("RoleName", "dms-vpc-role")]);
    let calls = sandbox.emulator.calls();
    let seen: Vec<_> = calls
        .iter()
        .map(|call| {
            (
                call.service,
                call.operation.as_str(),
                call.resource.as_deref().unwrap(),
                call.mutating,
                call.status,
                call.error.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("dms", "CreateEndpoint", "a", true, 200, None),
            ("dms", "CreateEndpoint", "a", true, 400, Some("ResourceAlreadyExistsFault")),
            ("iam", "GetRole", "dms-vpc-role", false, 200, None),
        ]
    );
    assert!(calls.iter().all(|call| call.at == sandbox.emulator.now()));
}

#[test]
fn whatever_comes_is_answered_well_formed() {
    let sandbox = Sandbox::new();
    let client = sandbox.client();
    for (target, body) in [
        ("", ""),
        ("X-Amz-Target: AmazonDMSv20160101.\r\n", "{}"),
        ("X-Amz-Target: AmazonDMSv20160101.NoSuch\r\n", "{}"),
        ("X-Amz-Target: Other.DescribeEndpoints\r\n", "{}"),
        ("X-Amz-Target: AmazonDMSv20160101.DescribeEndpoints\r\n", "{"),
        ("X-Amz-Target: AmazonDMSv20160101.DescribeEndpoints\r\n", "[]"),
        ("X-Amz-Target: AmazonDMSv20160101.DescribeEndpoints\r\n", "{\"Filters\": {}}"),
        ("X-Amz-Target: AmazonDMSv20160101.DescribeEndpoints\r\nAuthorization: AWS4\r\n", "{}"),
        ("", "Action=GetRole"),
        ("", "Action=GetRole&Version=1999-01-01"),
        ("", "%%%"),
    ] {
        let request = format!(
            "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{target}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let (status, answer) = client.raw(&request).unwrap();
        assert!((400..500).contains(&status), "{target}{body}: {answer}");
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert!(answer["__type"].is_string() && answer["message"].is_string(), "{answer}");
    }
}
