//! Serverless replication configurations.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::listing::Listing;
use super::record::{Object, REPLICATION, REPLICATION_CONFIG};
use super::settings::Window;
use super::tasks::endpoint_of;
use super::{
    Dms, Input, Output, boolean, errors, integer, names, optional_text, tables, tags, task_settings, text,
    timestamp,
};
use crate::api::AwsError;

const MODIFYING: Duration = Duration::from_secs(30);
const DELETING: Duration = Duration::from_mins(1);

/// Capacity units on offer
/// (<https://docs.aws.amazon.com/dms/latest/APIReference/API_ComputeConfig.html>).
const CAPACITY_UNITS: [i64; 11] = [1, 2, 4, 8, 16, 32, 64, 128, 192, 256, 384];

pub(super) fn create(input: &Input, dms: &mut Dms<'_>) -> Output {
    let identifier =
        names::identifier("ReplicationConfigIdentifier", text(input, "ReplicationConfigIdentifier"), 255)?;
    let resource_identifier = names::resource_identifier(input)?;
    tables::check(text(input, "TableMappings"))?;
    let settings = task_settings::expand(optional_text(input, "ReplicationSettings"))?;
    check_supplemental(input)?;
    let arn = dms.new_arn(REPLICATION_CONFIG, resource_identifier);
    dms.require_vpc_role(&arn)?;
    let source = endpoint_of(input, "SourceEndpointArn", "SOURCE", dms)?;
    let target = endpoint_of(input, "TargetEndpointArn", "TARGET", dms)?;
    let existing = dms.all(REPLICATION_CONFIG);
    if let Some(same) =
        existing.iter().find(|config| config.text("ReplicationConfigIdentifier") == identifier)
    {
        return Err(errors::already_exists("ReplicationConfig", &identifier, &same.key));
    }
    if existing.len() >= dms.config.quotas.replication_configs {
        return Err(errors::quota("replication configurations", dms.config.quotas.replication_configs));
    }
    if existing.iter().any(|config| config.key == arn) {
        return Err(errors::already_exists("ReplicationConfig", &arn, &arn));
    }
    let compute = compute(input, &Map::new(), &arn, dms)?;
    let kind = text(input, "ReplicationType").to_ascii_lowercase();
    let mut config = Object::new(arn.clone(), Map::new());
    config.set("ReplicationConfigIdentifier", identifier.as_str());
    config.set("ReplicationConfigArn", arn.as_str());
    config.set("SourceEndpointArn", source.key.as_str());
    config.set("TargetEndpointArn", target.key.as_str());
    config.set("ReplicationType", kind.as_str());
    config.set("ComputeConfig", compute);
    config.set("ReplicationSettings", settings.to_string());
    config.set("TableMappings", text(input, "TableMappings"));
    if let Some(supplemental) = optional_text(input, "SupplementalSettings") {
        config.set("SupplementalSettings", supplemental);
    }
    config.set("ReplicationConfigCreateTime", timestamp(dms.now));
    config.set("ReplicationConfigUpdateTime", timestamp(dms.now));
    config.set("IsReadOnly", false);
    config.tags = tags::from_input(input)?;
    let config = dms.add(REPLICATION_CONFIG, config);

    let mut replication = Object::new(arn.clone(), Map::new());
    copy_to_replication(&config, &mut replication);
    replication.set("Status", "created");
    replication.set("ReplicationCreateTime", timestamp(dms.now));
    replication.set("ReplicationUpdateTime", timestamp(dms.now));
    replication.set("IsReadOnly", false);
    dms.add(REPLICATION, replication);
    Ok(json!({"ReplicationConfig": config.shown}))
}

pub(super) fn describe(input: &Input, dms: &mut Dms<'_>) -> Output {
    let filters: &[(&str, &[&str])] = &[
        ("replication-config-arn", &["ReplicationConfigArn"]),
        ("replication-config-id", &["ReplicationConfigIdentifier"]),
        ("replication-type", &["ReplicationType"]),
        ("endpoint-arn", &["SourceEndpointArn", "TargetEndpointArn"]),
    ];
    let configs = dms.all(REPLICATION_CONFIG).into_iter().map(|config| config.shown);
    Listing::new("ReplicationConfigs", "Replication Configs", filters).page(input, configs.collect())
}

pub(super) fn modify(input: &Input, dms: &mut Dms<'_>) -> Output {
    let mut config = dms.replication_config(text(input, "ReplicationConfigArn"))?;
    let mut replication = dms.replication(&config.key)?;
    let status = replication.text("Status").to_owned();
    if !is_idle(&status) {
        return Err(refused(&config, &status, "be modified"));
    }
    if let Some(given) = optional_text(input, "ReplicationConfigIdentifier") {
        let identifier = names::identifier("ReplicationConfigIdentifier", given, 255)?;
        let same = dms
            .all(REPLICATION_CONFIG)
            .into_iter()
            .find(|other| other.text("ReplicationConfigIdentifier") == identifier && other.key != config.key);
        if let Some(same) = same {
            return Err(errors::already_exists("ReplicationConfig", &identifier, &same.key));
        }
        config.set("ReplicationConfigIdentifier", identifier);
    }
    for (member, kind) in [("SourceEndpointArn", "SOURCE"), ("TargetEndpointArn", "TARGET")] {
        if input.contains_key(member) {
            let endpoint = endpoint_of(input, member, kind, dms)?;
            config.set(member, endpoint.key);
        }
    }
    if let Some(kind) = optional_text(input, "ReplicationType") {
        config.set("ReplicationType", kind.to_ascii_lowercase());
    }
    if let Some(mappings) = optional_text(input, "TableMappings") {
        tables::check(mappings)?;
        config.set("TableMappings", mappings);
    }
    let settings = optional_text(input, "ReplicationSettings");
    if settings.is_some() {
        let now = serde_json::from_str(config.text("ReplicationSettings")).unwrap_or_default();
        let new = task_settings::overlay(now, settings, "modify")?;
        config.set("ReplicationSettings", new.to_string());
    }
    check_supplemental(input)?;
    if let Some(supplemental) = optional_text(input, "SupplementalSettings") {
        config.set("SupplementalSettings", supplemental);
    }
    if input.contains_key("ComputeConfig") {
        let now = config.shown["ComputeConfig"].as_object().cloned().unwrap_or_default();
        let new = compute(input, &now, &config.key, dms)?;
        config.set("ComputeConfig", new);
    }
    config.set("ReplicationConfigUpdateTime", timestamp(dms.now));
    dms.save(REPLICATION_CONFIG, &config);
    copy_to_replication(&config, &mut replication);
    replication.set("Status", "modifying");
    replication.set("ReplicationUpdateTime", timestamp(dms.now));
    replication.ahead.clear();
    replication.then(dms.now + MODIFYING, json!({"Status": status}));
    dms.save(REPLICATION, &replication);
    Ok(json!({"ReplicationConfig": config.shown}))
}

pub(super) fn delete(input: &Input, dms: &mut Dms<'_>) -> Output {
    let mut config = dms.replication_config(text(input, "ReplicationConfigArn"))?;
    let mut replication = dms.replication(&config.key)?;
    let status = replication.text("Status").to_owned();
    if !is_idle(&status) {
        return Err(refused(&config, &status, "be deleted"));
    }
    dms.note_end(&replication);
    replication.set("Status", "deleting");
    replication.ahead.clear();
    replication.then_gone(dms.now + DELETING);
    config.ahead.clear();
    config.then_gone(dms.now + DELETING);
    dms.save(REPLICATION, &replication);
    dms.save(REPLICATION_CONFIG, &config);
    Ok(json!({"ReplicationConfig": config.shown}))
}

impl Dms<'_> {
    /// The configuration of this ARN.
    pub(super) fn replication_config(&self, arn: &str) -> Result<Object, AwsError> {
        self.load(REPLICATION_CONFIG, arn)
            .ok_or_else(|| errors::not_found(format!("Replication Config \"{arn}\" not found.")))
    }

    /// The replication of the configuration of this ARN.
    pub(super) fn replication(&self, arn: &str) -> Result<Object, AwsError> {
        self.load(REPLICATION, arn)
            .ok_or_else(|| errors::not_found(format!("Replication of \"{arn}\" not found.")))
    }
}

/// Whether nothing goes on in this status.
pub(super) fn is_idle(status: &str) -> bool {
    matches!(status, "created" | "ready" | "stopped" | "failed" | "failed-move")
}

/// `Replication for Replication Config: x is in MODIFYING state and cannot start`
/// (<https://github.com/hashicorp/terraform-provider-aws/issues/35650>).
pub(super) fn refused(config: &Object, status: &str, what: &str) -> AwsError {
    errors::invalid_state(format!(
        "Replication for Replication Config: {} is in {} state and cannot {what}",
        config.text("ReplicationConfigIdentifier"),
        status.to_uppercase()
    ))
}

fn copy_to_replication(config: &Object, replication: &mut Object) {
    for name in [
        "ReplicationConfigIdentifier",
        "ReplicationConfigArn",
        "SourceEndpointArn",
        "TargetEndpointArn",
        "ReplicationType",
    ] {
        replication.set(name, config.text(name));
    }
}

fn check_supplemental(input: &Input) -> Result<(), AwsError> {
    match optional_text(input, "SupplementalSettings") {
        Some(text) if serde_json::from_str::<Map<String, Value>>(text).is_err() => {
            Err(errors::invalid_value("Invalid supplemental settings JSON"))
        }
        _ => Ok(()),
    }
}

/// The compute configuration of a request over the present one, with what AWS fills in.
fn compute(input: &Input, now: &Map<String, Value>, arn: &str, dms: &mut Dms<'_>) -> Result<Value, AwsError> {
    let mut compute = now.clone();
    let given = input.get("ComputeConfig").and_then(Value::as_object);
    compute.extend(given.cloned().unwrap_or_default());
    for name in ["MinCapacityUnits", "MaxCapacityUnits"] {
        if let Some(units) = integer(&compute, name).filter(|units| !CAPACITY_UNITS.contains(units)) {
            return Err(errors::invalid_value(format!(
                "Invalid {name} value {units}. Valid values: 1, 2, 4, 8, 16, 32, 64, 128, 192, 256, 384"
            )));
        }
    }
    let Some(most) = integer(&compute, "MaxCapacityUnits") else {
        return Err(errors::invalid_value("The parameter ComputeConfig.MaxCapacityUnits must be provided"));
    };
    if integer(&compute, "MinCapacityUnits").is_some_and(|least| least > most) {
        return Err(errors::invalid_combination("MinCapacityUnits cannot be greater than MaxCapacityUnits"));
    }
    let multi_az = boolean(&compute, "MultiAZ").unwrap_or(false);
    if multi_az && compute.contains_key("AvailabilityZone") {
        return Err(errors::invalid_combination(
            "AvailabilityZone cannot be specified when MultiAZ is set to true.",
        ));
    }
    compute.insert("MultiAZ".to_owned(), json!(multi_az));
    let key = dms.key_arn(optional_text(&compute, "KmsKeyId"))?;
    compute.insert("KmsKeyId".to_owned(), json!(key));
    let group = match optional_text(&compute, "ReplicationSubnetGroupId") {
        Some(identifier) if !identifier.eq_ignore_ascii_case("default") => dms.subnet_group(identifier)?,
        _ => dms.default_subnet_group(),
    };
    compute
        .insert("ReplicationSubnetGroupId".to_owned(), json!(group.text("ReplicationSubnetGroupIdentifier")));
    let groups = compute.get("VpcSecurityGroupIds").and_then(Value::as_array);
    if groups.is_none_or(Vec::is_empty) {
        compute.insert("VpcSecurityGroupIds".to_owned(), json!([dms.default_security_group()]));
    }
    let window = match optional_text(&compute, "PreferredMaintenanceWindow") {
        Some(window) => Window::parse(window)?,
        None => Window::picked(arn),
    };
    compute.insert("PreferredMaintenanceWindow".to_owned(), json!(window.to_string()));
    Ok(Value::Object(compute))
}
