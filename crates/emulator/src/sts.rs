//! STS: who am I, and sessions of roles, which is how one emulator holds several accounts.

use std::time::Duration;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::api::{AwsError, Context};
use crate::iam::{self, LastUse, Trust};
use crate::query::{self, STS};
use crate::sessions::Session;

/// The role by which AWS Organizations lets the management account into every member account it made. Here every
/// account is such a member, so this role can be assumed in any account, whether or not it was created.
const ORGANIZATION_ROLE: &str = "OrganizationAccountAccessRole";

/// Seconds of a session where the request names none, and the most where a session assumes a further role.
const HOUR: i64 = 3600;

/// Answers one STS operation. For AssumeRole, `cx.records` must be those of [`target_account`].
pub(crate) fn handle(
    operation: &str,
    input: &Map<String, Value>,
    cx: &mut Context<'_>,
) -> Result<Value, AwsError> {
    query::validate(&STS, operation, input)?;
    match operation {
        "GetCallerIdentity" => {
            Ok(json!({"UserId": cx.caller.user_id, "Account": cx.account, "Arn": cx.caller.arn}))
        }
        "AssumeRole" => assume_role(input, cx),
        _ => Err(query::no_such_operation(&STS, operation)),
    }
}

/// The account whose IAM records the operation needs, where it is not the caller's.
pub(crate) fn target_account<'a>(operation: &str, input: &'a Map<String, Value>) -> Option<&'a str> {
    if operation != "AssumeRole" {
        return None;
    }
    RoleArn::parse(input.get("RoleArn")?.as_str()?).map(|arn| arn.account)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct RoleArn<'a> {
    partition: &'a str,
    account: &'a str,
    name: &'a str,
}

impl<'a> RoleArn<'a> {
    fn parse(arn: &'a str) -> Option<Self> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", partition, "iam", "", account, resource] = parts.as_slice() else {
            return None;
        };
        let name = resource.strip_prefix("role/")?.rsplit('/').next()?;
        let digits = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
        (digits && !name.is_empty()).then_some(RoleArn { partition, account, name })
    }
}

fn assume_role(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    let text = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default();
    let (arn, session_name) = (text("RoleArn"), text("RoleSessionName"));
    let target = RoleArn::parse(arn).filter(|target| target.partition == cx.partition);
    let target = target.ok_or_else(|| AwsError::new(400, "ValidationError", format!("{arn} is invalid")))?;
    let seconds = input.get("DurationSeconds").and_then(Value::as_i64).unwrap_or(HOUR);
    if cx.caller.arn.contains(":assumed-role/") && seconds > HOUR {
        let message = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining";
        return Err(AwsError::new(400, "ValidationError", message));
    }
    let role_id = match iam::role_seen(cx.records, target.name, cx.now, cx.config.iam_propagation) {
        Some(role) => {
            let keys = [
                ("sts:externalid", input.get("ExternalId").and_then(Value::as_str)),
                ("sts:sourceidentity", input.get("SourceIdentity").and_then(Value::as_str)),
                ("sts:rolesessionname", Some(session_name)),
                ("aws:principalaccount", Some(cx.account)),
            ];
            let keys =
                keys.into_iter().filter_map(|(key, value)| Some((key.to_owned(), vec![value?.to_owned()])));
            let allowed =
                Trust::parse(&role.trust).allows_caller(cx.account, &cx.caller.arn, &keys.collect());
            if role.arn != arn || !allowed {
                return Err(denied(cx, arn));
            }
            if seconds > role.max_session_duration.unwrap_or(HOUR) {
                let message =
                    "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
                return Err(AwsError::new(400, "ValidationError", message));
            }
            let used = LastUse { at: cx.now, region: cx.region.to_owned() };
            iam::note_use(cx.records, target.name, &used);
            role.id
        }
        None if target.name == ORGANIZATION_ROLE => {
            format!("AROA{}", iam::base32(&Sha256::digest(target.account), 17))
        }
        None => return Err(denied(cx, arn)),
    };
    // Sessions live in the client's time; an unsigned request leaves only virtual time to go by.
    let issued = cx.caller.signed_at.unwrap_or(cx.now);
    let session = Session {
        account: target.account.to_owned(),
        partition: target.partition.to_owned(),
        role_name: target.name.to_owned(),
        role_id,
        name: session_name.to_owned(),
        expires: (issued + Duration::from_secs(seconds.unsigned_abs())).as_secs(),
        nonce: cx.request_id.to_owned(),
    };
    let credentials = session.credentials(cx.config);
    let mut answer = json!({
        "Credentials": {
            "AccessKeyId": credentials.access_key_id,
            "SecretAccessKey": credentials.secret_access_key,
            "SessionToken": credentials.session_token,
            "Expiration": session.expires,
        },
        "AssumedRoleUser": {"AssumedRoleId": session.user_id(), "Arn": session.arn()},
    });
    if let Some(identity) = input.get("SourceIdentity") {
        answer["SourceIdentity"] = identity.clone();
    }
    Ok(answer)
}

/// AWS does not tell a role that is not there from one that does not trust the caller.
fn denied(cx: &Context<'_>, role: &str) -> AwsError {
    let message =
        format!("User: {} is not authorized to perform: sts:AssumeRole on resource: {role}", cx.caller.arn);
    AwsError::new(403, "AccessDenied", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;
    use crate::api::{Caller, Memory, Records};

    const ROLE: &str = "arn:aws:iam::210987654321:role/deploy";

    fn trusting(principal: &str) -> String {
        json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}]})
        .to_string()
    }

    fn call(
        records: &mut dyn Records,
        account: &str,
        operation: &str,
        input: &Value,
    ) -> Result<Value, AwsError> {
        let config = Config::default();
        let mut cx = Context {
            account,
            region: "us-east-1",
            partition: "aws",
            caller: Caller {
                arn: format!("arn:aws:iam::{account}:user/sandbox"),
                user_id: "AIDASANDBOX".to_owned(),
                access_key_id: String::new(),
                signed_at: Some(Duration::from_secs(1_800_000_001)),
            },
            now: Duration::from_secs(1_900_000_001),
            request_id: "id",
            config: &config,
            records,
        };
        let input = input.as_object().unwrap();
        let service =
            if operation == "AssumeRole" || operation == "GetCallerIdentity" { &STS } else { &query::IAM };
        let output = if operation == "AssumeRole" || operation == "GetCallerIdentity" {
            handle(operation, input, &mut cx)?
        } else {
            iam::handle(operation, input, &mut cx)?
        };
        query::response_document(service, operation, &output, "id");
        Ok(output)
    }

    fn assume(records: &mut dyn Records, role: &str, seconds: i64) -> Result<Value, AwsError> {
        let input = json!({"RoleArn": role, "RoleSessionName": "ci", "DurationSeconds": seconds});
        assert_eq!(target_account("AssumeRole", input.as_object().unwrap()), Some("210987654321"));
        call(records, "123456789012", "AssumeRole", &input)
    }

    #[test]
    fn a_trusted_caller_gets_a_session_in_the_other_account() {
        let mut other = Memory::default();
        let create = json!({"RoleName": "deploy", "AssumeRolePolicyDocument": trusting("123456789012")});
        call(&mut other, "210987654321", "CreateRole", &create).unwrap();
        let answer = assume(&mut other, ROLE, 900).unwrap();
        assert_eq!(answer["AssumedRoleUser"]["Arn"], "arn:aws:sts::210987654321:assumed-role/deploy/ci");
        assert_eq!(answer["Credentials"]["Expiration"], 1_800_000_901);
        let token = answer["Credentials"]["SessionToken"].as_str().unwrap();
        assert_eq!(Session::open(&Config::default(), token).unwrap().account, "210987654321");
        let role = call(&mut other, "210987654321", "GetRole", &json!({"RoleName": "deploy"})).unwrap();
        assert_eq!(
            role["Role"]["RoleLastUsed"],
            json!({"LastUsedDate": 1_900_000_001, "Region": "us-east-1"})
        );
        let long = assume(&mut other, ROLE, 7200).unwrap_err();
        assert_eq!(
            long.message,
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        );
    }

    #[test]
    fn strangers_and_missing_roles_are_denied_alike() {
        let mut other = Memory::default();
        let denied = format!(
            "User: arn:aws:iam::123456789012:user/sandbox is not authorized to perform: sts:AssumeRole on resource: {ROLE}"
        );
        let error = assume(&mut other, ROLE, 900).unwrap_err();
        assert_eq!(
            (error.status, error.code, error.message.as_str()),
            (403, "AccessDenied", denied.as_str())
        );
        let create = json!({"RoleName": "deploy", "AssumeRolePolicyDocument": trusting("999999999999")});
        call(&mut other, "210987654321", "CreateRole", &create).unwrap();
        assert_eq!(assume(&mut other, ROLE, 900).unwrap_err().message, denied);
    }

    #[test]
    fn the_role_of_organizations_is_everywhere() {
        let role = "arn:aws:iam::210987654321:role/OrganizationAccountAccessRole";
        let answer = assume(&mut Memory::default(), role, 900).unwrap();
        assert_eq!(
            answer["AssumedRoleUser"]["Arn"],
            "arn:aws:sts::210987654321:assumed-role/OrganizationAccountAccessRole/ci"
        );
    }

    #[test]
    fn identity_and_unknown_operations() {
        let mut records = Memory::default();
        let identity = call(&mut records, "123456789012", "GetCallerIdentity", &json!({})).unwrap();
        assert_eq!(identity["Account"], "123456789012");
        let refused = handle_unknown(&mut records);
        assert_eq!((refused.code, refused.status), ("InvalidAction", 400));
        assert_eq!(RoleArn::parse("arn:aws:iam::1:role/r"), None);
        assert_eq!(RoleArn::parse("arn:aws:iam::210987654321:user/r"), None);
    }

    fn handle_unknown(records: &mut dyn Records) -> AwsError {
        let config = Config::default();
        let caller = Caller {
            arn: String::new(),
            user_id: String::new(),
            access_key_id: String::new(),
            signed_at: None,
        };
        let mut cx = Context {
            account: "123456789012",
            region: "us-east-1",
            partition: "aws",
            caller,
            now: Duration::ZERO,
            request_id: "id",
            config: &config,
            records,
        };
        handle("GetSessionToken", &Map::new(), &mut cx).unwrap_err()
    }
}
