//! Service-linked roles, made from the template that a service has for them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::record::{Role, remove, role_by_name, role_now, save, unique_id};
use super::{errors, managed, optional_text, text};
use crate::api::{AwsError, Context};

/// Service, role name, managed policy. Of these only RDS is not DMS's own.
const TEMPLATES: [(&str, &str, &str); 3] = [
    ("dms.amazonaws.com", "AWSServiceRoleForDMSServerless", "AWSDMSServerlessServiceRolePolicy"),
    (
        "dms-fleet-advisor.amazonaws.com",
        "AWSServiceRoleForDMSFleetAdvisor",
        "AWSDMSFleetAdvisorServiceRolePolicy",
    ),
    ("rds.amazonaws.com", "AWSServiceRoleForRDS", "AmazonRDSServiceRolePolicy"),
];

/// The kind under which deletion tasks are stored.
const DELETION: &str = "service-linked-role-deletion";

pub(super) fn create(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    let service = text(input, "AWSServiceName");
    let Some((_, name, policy)) = TEMPLATES.iter().find(|template| template.0 == service) else {
        return Err(errors::invalid_input(format!("Cannot find Service Linked Role template for {service}")));
    };
    if input.contains_key("CustomSuffix") {
        return Err(errors::invalid_input(format!("Custom suffix is not allowed for {service}")));
    }
    if role_by_name(cx.records, name).is_some() {
        let message = format!(
            "Service role name {name} has been taken in this account, please try a different suffix."
        );
        return Err(errors::invalid_input(message));
    }
    let path = format!("/aws-service-role/{service}/");
    let policy_arn = format!("arn:{}:iam::aws:policy/aws-service-role/{policy}", cx.partition);
    debug_assert!(managed::by_arn(&policy_arn, cx.partition).is_some(), "{policy_arn} is in the catalogue");
    let trust = json!({"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": {"Service": [service]}}]});
    let role = Role {
        name: (*name).to_owned(),
        id: unique_id(cx, "AROA"),
        arn: format!("arn:{}:iam::{}:role{path}{name}", cx.partition, cx.account),
        path,
        created: cx.now,
        trust: trust.to_string(),
        description: optional_text(input, "Description").map(str::to_owned),
        max_session_duration: None,
        max_signin_session_duration: None,
        permissions_boundary: None,
        tags: Vec::new(),
        attached: vec![policy_arn],
        inline: BTreeMap::new(),
        last_used: None,
    };
    save(cx, &role);
    Ok(json!({"Role": role.core()}))
}

/// Deletes the role at once and answers a task that has succeeded: here no service still uses it.
pub(super) fn delete(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    let role = role_now(cx, text(input, "RoleName"))?;
    if !role.is_service_linked() {
        return Err(errors::no_such_role(&role.name));
    }
    let service = role.path.trim_start_matches("/aws-service-role/");
    let task = format!("task/aws-service-role/{service}{}/{}", role.name, unique_id(cx, "").to_lowercase());
    cx.records.put(DELETION, &task, json!({"Status": "SUCCEEDED"}));
    remove(cx, &role.name);
    Ok(json!({"DeletionTaskId": task}))
}

pub(super) fn deletion_status(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    let task = text(input, "DeletionTaskId");
    let status = cx.records.get(DELETION, task);
    status.ok_or_else(|| errors::no_such_entity(format!("Deletion task {task} cannot be found.")))
}
