//! IAM: roles, their tags and policies, as far as a controller of DMS needs them.
//!
//! Writes act on the newest state; reads answer the state of `Config::iam_propagation` ago, as IAM's replicas may.

mod account;
mod errors;
mod instance_profiles;
mod managed;
mod paging;
mod policies;
mod policy_document;
mod principals;
mod record;
mod roles;
mod service_linked;
mod tags;
mod trust;

#[cfg(test)]
mod tests;

use std::time::Duration;

use serde_json::{Map, Value};

pub(crate) use record::{LastUse, base32, newest, note_use, role_by_name, role_seen};
pub(crate) use trust::{ServiceCall, Trust};

use crate::api::{AwsError, Context, Records};
use crate::query::{self, IAM};

/// Answers one IAM operation with an already nested input.
pub(crate) fn handle(
    operation: &str,
    input: &Map<String, Value>,
    cx: &mut Context<'_>,
) -> Result<Value, AwsError> {
    query::validate(&IAM, operation, input)?;
    match operation {
        "CreateRole" => roles::create(input, cx),
        "GetRole" => roles::get(input, cx),
        "ListRoles" => roles::list(input, cx),
        "DeleteRole" => roles::delete(input, cx),
        "UpdateAssumeRolePolicy" => roles::update_trust(input, cx),
        "UpdateRole" => roles::update(input, cx),
        "AttachRolePolicy" => policies::attach(input, cx),
        "DetachRolePolicy" => policies::detach(input, cx),
        "ListAttachedRolePolicies" => policies::list_attached(input, cx),
        "PutRolePolicy" => policies::put(input, cx),
        "GetRolePolicy" => policies::get(input, cx),
        "DeleteRolePolicy" => policies::delete(input, cx),
        "ListRolePolicies" => policies::list(input, cx),
        "TagRole" => tags::tag(input, cx),
        "UntagRole" => tags::untag(input, cx),
        "ListRoleTags" => tags::list(input, cx),
        "GetPolicy" => managed::get(input, cx),
        "GetPolicyVersion" => managed::get_version(input, cx),
        "CreateInstanceProfile" => instance_profiles::create(input, cx),
        "GetInstanceProfile" => instance_profiles::get(input, cx),
        "DeleteInstanceProfile" => instance_profiles::delete(input, cx),
        "AddRoleToInstanceProfile" => instance_profiles::add_role(input, cx),
        "RemoveRoleFromInstanceProfile" => instance_profiles::remove_role(input, cx),
        "ListInstanceProfiles" => instance_profiles::list(input, cx),
        "ListInstanceProfilesForRole" => instance_profiles::list_for_role(input, cx),
        "GetAccountAuthorizationDetails" => account::authorization_details(input, cx),
        "CreateServiceLinkedRole" => service_linked::create(input, cx),
        "DeleteServiceLinkedRole" => service_linked::delete(input, cx),
        "GetServiceLinkedRoleDeletionStatus" => service_linked::deletion_status(input, cx),
        _ => Err(query::no_such_operation(&IAM, operation)),
    }
}

/// Whether a role serves a service at `now`, where IAM lags by `window`: it is there, its trust document lets the
/// service assume it, and the managed policy is attached. DMS asks this of `dms-vpc-role`.
pub(crate) fn is_usable(
    records: &dyn Records,
    name: &str,
    call: &ServiceCall<'_>,
    policy_arn: &str,
    now: Duration,
    window: Duration,
) -> bool {
    role_seen(records, name, now, window).is_some_and(|role| {
        Trust::parse(&role.trust).allows_service(call) && role.attached.iter().any(|arn| arn == policy_arn)
    })
}

/// The service-linked role of DMS Serverless.
pub(crate) const SERVERLESS_ROLE: &str = "AWSServiceRoleForDMSServerless";

/// Makes the service-linked role of DMS Serverless where the account has none: DMS does so by itself.
pub(crate) fn ensure_serverless_role(cx: &mut Context<'_>) -> Result<(), AwsError> {
    if role_by_name(cx.records, SERVERLESS_ROLE).is_some() {
        return Ok(());
    }
    let input = Map::from_iter([("AWSServiceName".to_owned(), Value::from("dms.amazonaws.com"))]);
    service_linked::create(&input, cx).map(drop)
}

/// Whether a write changes state; reads are the operations that `iam_propagation` makes stale.
pub(crate) fn is_mutating(operation: &str) -> bool {
    !(operation.starts_with("Get") || operation.starts_with("List"))
}

/// A member that is a string; empty where it is absent. Required members have been checked before.
fn text<'a>(input: &'a Map<String, Value>, name: &str) -> &'a str {
    optional_text(input, name).unwrap_or_default()
}

fn optional_text<'a>(input: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    input.get(name).and_then(Value::as_str)
}

/// A path prefix, `/` where none is given.
fn path_prefix(input: &Map<String, Value>) -> &str {
    optional_text(input, "PathPrefix").unwrap_or("/")
}
