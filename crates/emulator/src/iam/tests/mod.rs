//! An account of IAM in memory, and what it answers.

mod policies;
mod propagation;
mod roles;
mod tags;

use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::Config;
use crate::api::{Caller, Memory};

const VPC_POLICY: &str = "arn:aws:iam::aws:policy/service-role/AmazonDMSVPCManagementRole";

/// An account of IAM whose every answer is also rendered, so that members outside the model fail the test.
struct Account {
    records: Memory,
    config: Config,
    now: Duration,
}

impl Account {
    fn new() -> Self {
        Account {
            records: Memory::default(),
            config: Config::default(),
            now: Duration::from_secs(1_800_000_001),
        }
    }

    fn call(&mut self, operation: &str, input: Value) -> Result<Value, AwsError> {
        let Value::Object(input) = input else { panic!("an input is an object") };
        let mut cx = Context {
            account: "123456789012",
            region: "us-east-1",
            partition: "aws",
            caller: Caller {
                arn: "arn:aws:iam::123456789012:user/sandbox".to_owned(),
                user_id: "AIDASANDBOX".to_owned(),
                access_key_id: String::new(),
                signed_at: None,
            },
            now: self.now,
            request_id: "id",
            config: &self.config,
            records: &mut self.records,
        };
        let output = handle(operation, &input, &mut cx)?;
        query::response_document(&IAM, operation, &output, "id");
        Ok(output)
    }

    fn ok(&mut self, operation: &str, input: Value) -> Value {
        self.call(operation, input).unwrap_or_else(|error| panic!("{operation}: {error:?}"))
    }

    fn refused(&mut self, operation: &str, input: Value) -> (u16, &'static str, String) {
        let error = self.call(operation, input).expect_err(operation);
        (error.status, error.code, error.message)
    }

    fn create(&mut self, name: &str) -> Value {
        self.ok(
            "CreateRole",
            json!({"RoleName": name, "AssumeRolePolicyDocument": trust("dms.amazonaws.com")}),
        )["Role"]
            .take()
    }
}

fn trust(service: &str) -> String {
    json!({"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]})
    .to_string()
}

fn no_such_role(name: &str) -> (u16, &'static str, String) {
    (404, "NoSuchEntity", format!("The role with name {name} cannot be found."))
}
