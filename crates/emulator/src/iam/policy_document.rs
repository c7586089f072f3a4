//! Policy documents: what IAM refuses in them, and what a trust document allows.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::errors::malformed;
use super::{errors, principals, record};
use crate::api::{AwsError, Context};

/// The default quota `ACLSizePerRole`: characters of a trust document, white space left out.
const TRUST_SIZE: usize = 2048;

const VERSIONS: [&str; 2] = ["2008-10-17", "2012-10-17"];

/// The actions that a trust document may name.
const TRUST_ACTIONS: [&str; 7] = [
    "sts:assumerole",
    "sts:assumerole*",
    "sts:assumerolewithsaml",
    "sts:assumerolewithwebidentity",
    "sts:setcontext",
    "sts:setsourceidentity",
    "sts:tagsession",
];

/// Condition operators without `IfExists` and the `ForAnyValue:` prefixes.
const OPERATORS: [&str; 27] = [
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "BinaryEquals",
    "Bool",
    "DateEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateNotEquals",
    "IpAddress",
    "NotIpAddress",
    "Null",
    "NumericEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericNotEquals",
    "StringEquals",
    "StringEqualsIgnoreCase",
    "StringLike",
    "StringNotEquals",
    "StringNotEqualsIgnoreCase",
    "StringNotLike",
];

/// Checks the trust document of a role.
pub(super) fn check_trust(text: &str, cx: &Context<'_>) -> Result<(), AwsError> {
    let document = parse(text)?;
    only_fields(&document, &["Version", "Id", "Statement"])?;
    if document.get("Version").is_some_and(|version| !VERSIONS.iter().any(|known| version == known)) {
        return Err(malformed("The policy must contain a valid version string"));
    }
    let statements = statements(&document).ok_or_else(|| malformed("Missing required field Statement"))?;
    if statements.is_empty() {
        return Err(malformed("Statement is empty!"));
    }
    unique_sids(&statements)?;
    for statement in statements {
        let statement = statement.as_object().ok_or_else(|| malformed("Syntax errors in policy."))?;
        for prohibited in ["Resource", "NotResource"] {
            if statement.contains_key(prohibited) {
                return Err(malformed(format!("Has prohibited field {prohibited}")));
            }
        }
        only_fields(
            statement,
            &["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Condition"],
        )?;
        check_effect(statement)?;
        check_condition(statement)?;
        if statement.contains_key("NotAction") {
            return Err(malformed("AssumeRole policy may only specify STS AssumeRole actions."));
        }
        let actions = strings(statement.get("Action")).filter(|actions| !actions.is_empty());
        let actions = actions.ok_or_else(|| malformed("Missing required field Action"))?;
        if actions.iter().any(|action| !TRUST_ACTIONS.contains(&action.to_lowercase().as_str())) {
            return Err(malformed("AssumeRole policy may only specify STS AssumeRole actions."));
        }
        let principal = statement.get("Principal").or_else(|| statement.get("NotPrincipal"));
        check_principal(principal.ok_or_else(|| malformed("Missing required field Principal"))?, cx)?;
    }
    if size(text) > TRUST_SIZE {
        return Err(errors::quota("ACLSizePerRole", TRUST_SIZE));
    }
    Ok(())
}

/// Checks an inline policy.
pub(super) fn check_permissions(text: &str) -> Result<(), AwsError> {
    let syntax = || malformed("Syntax errors in policy.");
    let document: Map<String, Value> = serde_json::from_str(text).map_err(|_| syntax())?;
    only_fields(&document, &["Version", "Id", "Statement"]).map_err(|_| syntax())?;
    let statements = statements(&document).filter(|statements| !statements.is_empty()).ok_or_else(syntax)?;
    if document.get("Version").is_some_and(|version| !VERSIONS.iter().any(|known| version == known)) {
        return Err(syntax());
    }
    let fields = [
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    ];
    let mut objects = Vec::new();
    for statement in &statements {
        let statement = statement.as_object().ok_or_else(syntax)?;
        only_fields(statement, &fields).and_then(|()| check_effect(statement)).map_err(|_| syntax())?;
        check_condition(statement).map_err(|_| syntax())?;
        for (one, other) in [("Action", "NotAction"), ("Resource", "NotResource")] {
            let both = statement.contains_key(one) && statement.contains_key(other);
            let readable = [one, other]
                .iter()
                .all(|name| !statement.contains_key(*name) || strings(statement.get(*name)).is_some());
            if both || !readable {
                return Err(syntax());
            }
        }
        objects.push(statement);
    }
    if document.get("Version") != Some(&Value::from("2012-10-17")) {
        return Err(malformed("Policy document must be version 2012-10-17 or greater."));
    }
    unique_sids(&statements)?;
    for statement in objects {
        check_permission_statement(statement)?;
    }
    Ok(())
}

fn check_permission_statement(statement: &Map<String, Value>) -> Result<(), AwsError> {
    if statement.contains_key("Principal") || statement.contains_key("NotPrincipal") {
        return Err(malformed("Policy document should not specify a principal."));
    }
    let either = |one: &str, other: &str| strings(statement.get(one).or_else(|| statement.get(other)));
    let actions = either("Action", "NotAction").filter(|actions| !actions.is_empty());
    for action in actions.ok_or_else(|| malformed("Policy statement must contain actions."))? {
        let vendor = match action.split_once(':') {
            Some((_, name)) if name.contains(':') => {
                return Err(malformed("Actions/Condition can contain only one colon."));
            }
            Some((vendor, _)) => vendor,
            None if action == "*" => continue,
            None => {
                let message = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
                return Err(malformed(message));
            }
        };
        if vendor != "*" && !vendor.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.') {
            return Err(malformed(format!("Vendor {vendor} is not valid")));
        }
    }
    let resources = either("Resource", "NotResource").filter(|resources| !resources.is_empty());
    for resource in resources.ok_or_else(|| malformed("Policy statement must contain resources."))? {
        if resource != "*" && !(resource.starts_with("arn:") && resource.split(':').count() >= 6) {
            return Err(malformed(format!("Resource {resource} must be in ARN format or \"*\".")));
        }
    }
    Ok(())
}

/// The characters that count against quotas: all but white space.
pub(super) fn size(document: &str) -> usize {
    document.chars().filter(|c| !c.is_whitespace()).count()
}

fn parse(text: &str) -> Result<Map<String, Value>, AwsError> {
    if text.starts_with(char::is_whitespace) {
        return Err(malformed("JSON strings must not have leading spaces"));
    }
    serde_json::from_str(text).map_err(|_| malformed("This policy contains invalid Json"))
}

fn only_fields(object: &Map<String, Value>, known: &[&str]) -> Result<(), AwsError> {
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        Some(unknown) => Err(malformed(format!("Unknown field {unknown}"))),
        None => Ok(()),
    }
}

pub(super) fn statements(document: &Map<String, Value>) -> Option<Vec<&Value>> {
    match document.get("Statement")? {
        Value::Array(statements) => Some(statements.iter().collect()),
        one @ Value::Object(_) => Some(vec![one]),
        _ => None,
    }
}

fn unique_sids(statements: &[&Value]) -> Result<(), AwsError> {
    let mut seen = BTreeSet::new();
    for sid in statements.iter().filter_map(|statement| statement.get("Sid")) {
        let sid = sid.as_str().ok_or_else(|| malformed("Syntax errors in policy."))?;
        if !sid.bytes().all(|b| b.is_ascii_alphanumeric()) {
            let message = "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*";
            return Err(malformed(message));
        }
        if !sid.is_empty() && !seen.insert(sid) {
            return Err(malformed("Statement IDs (SID) in a single policy must be unique."));
        }
    }
    Ok(())
}

fn check_effect(statement: &Map<String, Value>) -> Result<(), AwsError> {
    match statement.get("Effect") {
        None => Err(malformed("Missing required field Effect")),
        Some(Value::String(effect)) if effect == "Allow" || effect == "Deny" => Ok(()),
        Some(Value::String(effect)) => Err(malformed(format!("Invalid effect: {effect}"))),
        Some(_) => Err(malformed("Syntax errors in policy.")),
    }
}

fn check_condition(statement: &Map<String, Value>) -> Result<(), AwsError> {
    let Some(condition) = statement.get("Condition") else {
        return Ok(());
    };
    let operators = condition.as_object().ok_or_else(|| malformed("Syntax errors in policy."))?;
    for (operator, keys) in operators {
        let plain = operator.strip_prefix("ForAnyValue:").or_else(|| operator.strip_prefix("ForAllValues:"));
        let plain = plain.unwrap_or(operator);
        if !OPERATORS.contains(&plain.strip_suffix("IfExists").unwrap_or(plain)) {
            return Err(malformed(format!("Invalid Condition type : {operator}.")));
        }
        let keys = keys.as_object().ok_or_else(|| malformed("Syntax errors in policy."))?;
        for (key, values) in keys {
            if !key.contains(':') {
                return Err(malformed("Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."));
            }
            let scalars = match values {
                Value::Array(values) => values.iter().all(|value| !value.is_object() && !value.is_array()),
                value => !value.is_object() && !value.is_null(),
            };
            if !scalars {
                return Err(malformed("Syntax errors in policy."));
            }
        }
    }
    Ok(())
}

fn check_principal(principal: &Value, cx: &Context<'_>) -> Result<(), AwsError> {
    let kinds = match principal {
        Value::String(all) if all == "*" => return Ok(()),
        Value::Object(kinds) if !kinds.is_empty() => kinds,
        _ => return Err(malformed("Invalid principal in policy.")),
    };
    for (kind, named) in kinds {
        let names = strings(Some(named)).filter(|names| !names.is_empty());
        let names = names.ok_or_else(|| malformed("Invalid principal in policy."))?;
        let valid: &dyn Fn(&str) -> bool = match kind.as_str() {
            "Service" => &principals::is_known_service,
            "AWS" => &|name| is_valid_aws_principal(name, cx),
            "Federated" => {
                &|name| name.starts_with("arn:") || name.contains('.') && !name.contains(char::is_whitespace)
            }
            _ => return Err(malformed("Invalid principal in policy.")),
        };
        if let Some(wrong) = names.into_iter().find(|name| !valid(name)) {
            // AWS writes the kind in capitals: https://github.com/hashicorp/terraform/issues/35086.
            let kind = kind.to_uppercase();
            return Err(malformed(format!("Invalid principal in policy: \"{kind}\":\"{wrong}\"")));
        }
    }
    Ok(())
}

/// IAM resolves the principals of trust documents: a role of this account must exist
/// (<https://github.com/hashicorp/terraform-provider-aws/issues/8905>). Those of other accounts are taken on trust.
fn is_valid_aws_principal(name: &str, cx: &Context<'_>) -> bool {
    let account = |text: &str| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    if name == "*" || account(name) {
        return true;
    }
    let parts: Vec<&str> = name.splitn(6, ':').collect();
    let ["arn", partition, service @ ("iam" | "sts"), "", owner, resource] = parts.as_slice() else {
        return false;
    };
    if *partition != cx.partition || !account(owner) {
        return false;
    }
    let (kind, rest) = resource.split_once('/').unwrap_or((resource, ""));
    match (*service, kind) {
        ("iam", "root") => rest.is_empty(),
        ("iam", "role") => {
            let role = rest.rsplit('/').next().unwrap_or_default();
            *owner != cx.account
                || record::role_by_name(cx.records, role).is_some_and(|role| role.arn == name)
        }
        ("iam", "user") => *owner != cx.account || cx.caller.arn == name,
        ("sts", "assumed-role" | "federated-user") => rest.contains('/') || kind == "federated-user",
        _ => false,
    }
}

/// A string or an array of strings.
pub(super) fn strings(value: Option<&Value>) -> Option<Vec<&str>> {
    match value? {
        Value::String(text) => Some(vec![text]),
        Value::Array(items) => items.iter().map(Value::as_str).collect(),
        _ => None,
    }
}
