//! Secrets Manager: secrets that are made, given new values, read and deleted.
//!
//! Error texts are those that AWS answers, as the documentation and reports show them.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::api::{AwsError, Context};
use crate::dms::{check_output, validate, without_nulls};
use crate::iam;
use crate::query::SECRETS_MANAGER;

/// The kind under which secrets are stored; the key is the name.
const KIND: &str = "secret";

const DAY: Duration = Duration::from_hours(24);

/// A secret with its last two versions.
#[derive(Debug, Serialize, Deserialize)]
struct Stored {
    name: String,
    arn: String,
    current: Option<Version>,
    previous: Option<Version>,
    /// When it will be gone, where it is marked for deletion.
    deleted: Option<Duration>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Version {
    id: String,
    /// `SecretString` or `SecretBinary`.
    member: String,
    value: String,
    created: Duration,
}

/// Answers one operation of Secrets Manager.
pub(crate) fn handle(
    operation: &str,
    input: &Map<String, Value>,
    cx: &mut Context<'_>,
) -> Result<Value, AwsError> {
    let input = &without_nulls(input);
    validate(&SECRETS_MANAGER, operation, input)?;
    let output = match operation {
        "CreateSecret" => create(input, cx)?,
        "PutSecretValue" => put_value(input, cx)?,
        "GetSecretValue" => value(input, cx)?,
        "ListSecrets" => list(input, cx)?,
        _ => delete(input, cx)?,
    };
    check_output(&SECRETS_MANAGER, operation, &output);
    Ok(output)
}

/// The ARN of the secret that a request names, for permissions: of one that is not there, as it would be.
pub(crate) fn arn(input: &Map<String, Value>, cx: &Context<'_>) -> String {
    let named = text(input, "SecretId").or_else(|| text(input, "Name")).unwrap_or_default();
    match find(named, cx) {
        Some(secret) => secret.arn,
        None if named.starts_with("arn:") => named.to_owned(),
        None => prefix(cx) + named,
    }
}

fn create(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    for member in ["AddReplicaRegions", "ForceOverwriteReplicaSecret", "Type", "CrossAccountPrimaryARN"] {
        if input.contains_key(member) {
            return Err(invalid(format!("The emulator has no {member}")));
        }
    }
    let name = text(input, "Name").unwrap_or_default();
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c)) {
        return Err(AwsError::new(
            400,
            "ValidationException",
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
        ));
    }
    if find(name, cx).is_some() {
        return Err(exists(format!("The operation failed because the secret {name} already exists.")));
    }
    // Six characters follow the name, so that a secret that is made again has another ARN.
    let seed = format!("{name} {}", cx.request_id);
    let arn = format!("{}{name}-{}", prefix(cx), iam::base32(&Sha256::digest(seed), 6));
    let current = version(input, cx)?;
    let secret = Stored { name: name.to_owned(), arn, current, previous: None, deleted: None };
    let mut answer = json!({"ARN": secret.arn, "Name": secret.name});
    if let Some(version) = &secret.current {
        answer["VersionId"] = json!(version.id);
    }
    save(&secret, cx);
    Ok(answer)
}

fn put_value(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    for member in ["VersionStages", "RotationToken"] {
        if input.contains_key(member) {
            return Err(invalid(format!("The emulator has no {member}")));
        }
    }
    let mut secret = usable(input, cx)?;
    let given = version(input, cx)?
        .ok_or_else(|| invalid("You must provide either SecretString or SecretBinary."))?;
    let known = [&secret.current, &secret.previous].into_iter().flatten().find(|known| known.id == given.id);
    match known {
        // The same request again.
        Some(known) if known.value == given.value && known.member == given.member => {}
        Some(_) => {
            return Err(exists(
                "You can't use ClientRequestToken because that value is already in use for a version of secret.",
            ));
        }
        None => {
            secret.previous = secret.current.replace(given.clone());
            save(&secret, cx);
        }
    }
    Ok(json!({
        "ARN": secret.arn, "Name": secret.name, "VersionId": given.id, "VersionStages": ["AWSCURRENT"],
    }))
}

fn value(input: &Map<String, Value>, cx: &Context<'_>) -> Result<Value, AwsError> {
    let secret = usable(input, cx)?;
    let staged = BTreeMap::from([("AWSCURRENT", &secret.current), ("AWSPREVIOUS", &secret.previous)]);
    let (id, stage) = (text(input, "VersionId"), text(input, "VersionStage"));
    let wanted = stage.or(id.is_none().then_some("AWSCURRENT"));
    let found = staged.iter().find_map(|(stage, version)| {
        let version = version.as_ref()?;
        let is_it = wanted.is_none_or(|wanted| wanted == *stage) && id.is_none_or(|id| id == version.id);
        is_it.then_some((*stage, version))
    });
    let Some((stage, version)) = found else {
        let which = match (wanted, id) {
            (Some(stage), _) => format!("staging label: {stage}"),
            (None, id) => format!("VersionId: {}", id.unwrap_or_default()),
        };
        let message = format!("Secrets Manager can't find the specified secret value for {which}");
        return Err(AwsError::new(400, "ResourceNotFoundException", message));
    };
    let mut answer = json!({
        "ARN": secret.arn,
        "Name": secret.name,
        "VersionId": version.id,
        "VersionStages": [stage],
        "CreatedDate": version.created.as_secs(),
    });
    answer[&version.member] = json!(version.value);
    Ok(answer)
}

/// Those that are not marked for deletion, in the order of their names; the token is the last name of a page.
fn list(input: &Map<String, Value>, cx: &Context<'_>) -> Result<Value, AwsError> {
    for member in ["Filters", "IncludePlannedDeletion", "SortBy", "SortOrder"] {
        if input.contains_key(member) {
            return Err(invalid(format!("The emulator has no {member}")));
        }
    }
    let mut secrets: Vec<Stored> = stored(cx).filter(|secret| secret.deleted.is_none()).collect();
    secrets.sort_by(|a, b| a.name.cmp(&b.name));
    if let Some(token) = text(input, "NextToken") {
        let last = STANDARD.decode(token).ok().and_then(|name| String::from_utf8(name).ok());
        let last = last.ok_or_else(|| AwsError::new(400, "InvalidNextTokenException", "Invalid token"))?;
        secrets.retain(|secret| secret.name > last);
    }
    let size = input.get("MaxResults").and_then(Value::as_u64).unwrap_or(100);
    let size = usize::try_from(size).unwrap_or(100);
    let is_last = secrets.len() <= size;
    secrets.truncate(size);
    let next = secrets.last().filter(|_| !is_last).map(|secret| STANDARD.encode(&secret.name));
    let entries: Vec<Value> = secrets.iter().map(entry).collect();
    let mut answer = json!({"SecretList": entries});
    if let Some(next) = next {
        answer["NextToken"] = json!(next);
    }
    Ok(answer)
}

fn entry(secret: &Stored) -> Value {
    let labels = [("AWSCURRENT", &secret.current), ("AWSPREVIOUS", &secret.previous)];
    let labels = labels.into_iter().filter_map(|(stage, version)| Some((stage, version.as_ref()?)));
    let stages: Map<String, Value> =
        labels.map(|(stage, version)| (version.id.clone(), json!([stage]))).collect();
    let mut entry = json!({"ARN": secret.arn, "Name": secret.name});
    if !stages.is_empty() {
        entry["SecretVersionsToStages"] = Value::Object(stages);
    }
    entry
}

fn delete(input: &Map<String, Value>, cx: &mut Context<'_>) -> Result<Value, AwsError> {
    let now = input.get("ForceDeleteWithoutRecovery").and_then(Value::as_bool) == Some(true);
    let window = input.get("RecoveryWindowInDays").and_then(Value::as_u64);
    if now && window.is_some() {
        return Err(invalid(
            "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
        ));
    }
    let days = window.unwrap_or(30);
    if !(7..=30).contains(&days) {
        return Err(invalid("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive)."));
    }
    let mut secret = usable(input, cx)?;
    let date = if now { cx.now } else { cx.now + DAY * u32::try_from(days).unwrap_or(30) };
    secret.deleted = Some(date);
    if now {
        cx.records.delete(KIND, &secret.name);
    } else {
        save(&secret, cx);
    }
    Ok(json!({"ARN": secret.arn, "Name": secret.name, "DeletionDate": date.as_secs()}))
}

fn text<'a>(input: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    input.get(name).and_then(Value::as_str)
}

fn prefix(cx: &Context<'_>) -> String {
    format!("arn:{}:secretsmanager:{}:{}:secret:", cx.partition, cx.region, cx.account)
}

/// The secret of this name or ARN, with or without the six characters at its end.
fn find(id: &str, cx: &Context<'_>) -> Option<Stored> {
    stored(cx).find(|secret| {
        let partial = secret.arn.rsplit_once('-').map(|(partial, _)| partial);
        secret.name == id || secret.arn == id || partial == Some(id)
    })
}

/// The secrets that are not gone.
fn stored(cx: &Context<'_>) -> impl Iterator<Item = Stored> {
    let now = cx.now;
    let secrets = cx.records.list(KIND).into_iter();
    secrets
        .filter_map(|(_, secret)| serde_json::from_value::<Stored>(secret).ok())
        .filter(move |secret| secret.deleted.is_none_or(|date| date > now))
}

/// The secret that a request names, unless it is marked for deletion.
fn usable(input: &Map<String, Value>, cx: &Context<'_>) -> Result<Stored, AwsError> {
    let secret = find(text(input, "SecretId").unwrap_or_default(), cx);
    let secret = secret.ok_or_else(|| {
        let message = "Secrets Manager can't find the specified secret.";
        AwsError::new(400, "ResourceNotFoundException", message)
    })?;
    if secret.deleted.is_some() {
        let message = "You can't perform this operation on the secret because it was marked for deletion.";
        return Err(AwsError::new(400, "InvalidRequestException", message));
    }
    Ok(secret)
}

fn save(secret: &Stored, cx: &mut Context<'_>) {
    cx.records.put(KIND, &secret.name, json!(secret));
}

/// The value that a request gives, if any.
fn version(input: &Map<String, Value>, cx: &Context<'_>) -> Result<Option<Version>, AwsError> {
    let (member, value) = match (text(input, "SecretString"), text(input, "SecretBinary")) {
        (Some(_), Some(_)) => {
            return Err(invalid(
                "You can't specify both a binary secret value and a string secret value in the same secret.",
            ));
        }
        (Some(value), None) => ("SecretString", value),
        (None, Some(value)) => ("SecretBinary", value),
        (None, None) => return Ok(None),
    };
    let id = text(input, "ClientRequestToken").unwrap_or(cx.request_id);
    Ok(Some(Version {
        id: id.to_owned(),
        member: member.to_owned(),
        value: value.to_owned(),
        created: cx.now,
    }))
}

fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new(400, "InvalidParameterException", message)
}

fn exists(message: impl Into<String>) -> AwsError {
    AwsError::new(400, "ResourceExistsException", message)
}
