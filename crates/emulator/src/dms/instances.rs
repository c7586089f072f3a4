//! Replication instances.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::events::Source;
use super::listing::Listing;
use super::record::{CONNECTION, INSTANCE, Object, SUBNET_GROUP, TASK};
use super::settings::Window;
use super::{
    Dms, Input, Output, boolean, catalog, errors, integer, maintenance, names, optional_text, tags, text,
    texts, timestamp,
};
use crate::api::AwsError;
use crate::durations;

/// AWS says that an instance takes minutes; about ten is usual.
const CREATING: Duration = durations::CREATE_INSTANCE;
/// An instance in two zones passes through `modifying` before it is available.
const ADDING_STANDBY: Duration = Duration::from_mins(1);
const MODIFYING: Duration = Duration::from_mins(5);
const DELETING: Duration = Duration::from_mins(5);

/// What may wait for the maintenance window; other members change at once.
const DEFERRABLE: [&str; 5] =
    ["ReplicationInstanceClass", "AllocatedStorage", "MultiAZ", "EngineVersion", "NetworkType"];

pub(super) fn create(input: &Input, dms: &mut Dms<'_>) -> Output {
    let resource_identifier = names::resource_identifier(input)?;
    let mut requested = requested(input, dms)?;
    let arn = dms.new_arn(INSTANCE, resource_identifier);
    dms.require_vpc_role(&arn)?;
    let group = match optional_text(input, "ReplicationSubnetGroupIdentifier") {
        Some(identifier) if !identifier.eq_ignore_ascii_case("default") => dms.subnet_group(identifier)?,
        _ => dms.default_subnet_group(),
    };
    let identifier = text(&requested, "ReplicationInstanceIdentifier");
    let existing = dms.all(INSTANCE);
    if let Some(same) =
        existing.iter().find(|instance| instance.text("ReplicationInstanceIdentifier") == identifier)
    {
        return Err(errors::already_exists("ReplicationInstance", identifier, &same.key));
    }
    let storage = integer(&requested, "AllocatedStorage").unwrap_or_default();
    check_quotas(dms, &existing, storage)?;
    if existing.iter().any(|instance| instance.key == arn) {
        return Err(errors::already_exists("ReplicationInstance", &arn, &arn));
    }
    requested.entry("PreferredMaintenanceWindow").or_insert_with(|| json!(Window::picked(&arn).to_string()));

    let mut instance = Object::new(arn.clone(), requested);
    instance.set("ReplicationInstanceArn", arn);
    instance.set("ReplicationInstanceStatus", "creating");
    instance.set("PendingModifiedValues", json!({}));
    instance.hidden.insert("subnetGroup".to_owned(), json!(group.text("ReplicationSubnetGroupIdentifier")));
    instance.tags = tags::from_input(input)?;
    let public = boolean(&instance.shown, "PubliclyAccessible") == Some(true);
    let mut available = addresses(dms, &instance.key, public);
    available["ReplicationInstanceStatus"] = json!("available");
    available["InstanceCreateTime"] = timestamp(dms.now + CREATING);
    if boolean(&instance.shown, "MultiAZ") == Some(true) {
        available["SecondaryAvailabilityZone"] = json!(dms.zones()[1]);
    }
    let mut ready = dms.now + CREATING;
    if boolean(&instance.shown, "MultiAZ") == Some(true) {
        // The standby is made once the instance is there.
        instance.then(ready, json!({"ReplicationInstanceStatus": "modifying"}));
        ready += ADDING_STANDBY;
    }
    instance.then(ready, available);
    maintenance::plan_upgrade(&mut instance, dms.now)?;
    let instance = dms.add(INSTANCE, instance);
    let source = Source::Instance(instance.text("ReplicationInstanceIdentifier"));
    dms.note(source, "creation", "Replication instance is being created", dms.now);
    dms.note(source, "creation", "Replication instance has been created", ready);
    Ok(json!({"ReplicationInstance": shown(dms, &instance)}))
}

/// What a request asks for, checked, with AWS's values for what it leaves out.
fn requested(input: &Input, dms: &Dms<'_>) -> Result<Map<String, Value>, AwsError> {
    let identifier =
        names::identifier("ReplicationInstanceIdentifier", text(input, "ReplicationInstanceIdentifier"), 63)?;
    let class = catalog::class(text(input, "ReplicationInstanceClass"))?;
    let storage = integer(input, "AllocatedStorage").unwrap_or(class.default_storage);
    check_storage(storage)?;
    let version = match optional_text(input, "EngineVersion") {
        Some(version) => catalog::engine_version(version)?,
        None => catalog::DEFAULT_ENGINE_VERSION,
    };
    let multi_az = boolean(input, "MultiAZ").unwrap_or(false);
    let zone = optional_text(input, "AvailabilityZone").filter(|zone| !zone.is_empty());
    if multi_az && zone.is_some() {
        return Err(errors::invalid_combination(
            "AvailabilityZone cannot be specified when MultiAZ is set to true.",
        ));
    }
    let zones = dms.zones();
    if let Some(zone) = zone.filter(|zone| !zones.iter().any(|known| known == zone)) {
        return Err(errors::invalid_value(format!("Invalid availability zone: {zone}")));
    }
    let mut groups = texts(input, "VpcSecurityGroupIds");
    if groups.is_empty() {
        groups.push(dms.default_security_group());
    }
    let mut requested = Map::from_iter([
        ("ReplicationInstanceIdentifier".to_owned(), json!(identifier)),
        ("ReplicationInstanceClass".to_owned(), json!(class.name)),
        ("AllocatedStorage".to_owned(), json!(storage)),
        ("VpcSecurityGroups".to_owned(), security_groups(&groups)),
        ("AvailabilityZone".to_owned(), json!(zone.unwrap_or(&zones[0]))),
        ("MultiAZ".to_owned(), json!(multi_az)),
        ("EngineVersion".to_owned(), json!(version)),
        ("KmsKeyId".to_owned(), json!(dms.key_arn(optional_text(input, "KmsKeyId"))?)),
        (
            "NetworkType".to_owned(),
            json!(network_type(optional_text(input, "NetworkType").unwrap_or("IPV4"))?),
        ),
    ]);
    for name in ["AutoMinorVersionUpgrade", "PubliclyAccessible"] {
        requested.insert(name.to_owned(), json!(boolean(input, name).unwrap_or(true)));
    }
    for name in ["DnsNameServers", "KerberosAuthenticationSettings"] {
        if let Some(value) = input.get(name) {
            requested.insert(name.to_owned(), value.clone());
        }
    }
    if let Some(window) = optional_text(input, "PreferredMaintenanceWindow") {
        let window = Window::parse(window)?.to_string();
        requested.insert("PreferredMaintenanceWindow".to_owned(), json!(window));
    }
    Ok(requested)
}

pub(super) fn describe(input: &Input, dms: &mut Dms<'_>) -> Output {
    let filters: &[(&str, &[&str])] = &[
        ("replication-instance-arn", &["ReplicationInstanceArn"]),
        ("replication-instance-id", &["ReplicationInstanceIdentifier"]),
        ("replication-instance-class", &["ReplicationInstanceClass"]),
        ("engine-version", &["EngineVersion"]),
    ];
    let all = dms.all(INSTANCE);
    let instances = all.iter().map(|instance| shown(dms, instance)).collect();
    Listing::new("ReplicationInstances", "Replication Instances", filters).page(input, instances)
}

pub(super) fn modify(input: &Input, dms: &mut Dms<'_>) -> Output {
    let mut instance = dms.instance(text(input, "ReplicationInstanceArn"))?;
    let status = instance.text("ReplicationInstanceStatus");
    if !matches!(status, "available" | "storage-full") {
        return Err(not_available(&instance));
    }
    let now = at_once(input, &instance)?;
    let pending = deferrable(input, &instance)?;
    if now.is_empty() && pending.is_empty() {
        return Err(errors::invalid_combination("No modifications were requested"));
    }
    if let Some(group) = now.get("ReplicationInstanceIdentifier").and_then(Value::as_str) {
        let same =
            dms.all(INSTANCE).into_iter().find(|other| other.text("ReplicationInstanceIdentifier") == group);
        if let Some(same) = same {
            return Err(errors::already_exists("ReplicationInstance", group, &same.key));
        }
    }
    instance.shown.extend(now);
    let mut waiting = instance.shown["PendingModifiedValues"].as_object().cloned().unwrap_or_default();
    waiting.extend(pending);
    if !waiting.is_empty() {
        let start = if boolean(input, "ApplyImmediately") == Some(true) {
            instance.set("ReplicationInstanceStatus", "modifying");
            dms.now
        } else {
            Window::parse(instance.text("PreferredMaintenanceWindow"))?.next(dms.now)
        };
        instance.ahead.clear();
        if start > dms.now {
            instance.then(start, json!({"ReplicationInstanceStatus": "modifying"}));
        }
        let mut done = waiting.clone();
        done.insert("ReplicationInstanceStatus".to_owned(), json!("available"));
        done.insert("PendingModifiedValues".to_owned(), json!({}));
        if let Some(multi_az) = boolean(&waiting, "MultiAZ") {
            let second = if multi_az { json!(dms.zones()[1]) } else { Value::Null };
            done.insert("SecondaryAvailabilityZone".to_owned(), second);
        }
        instance.then(start + MODIFYING, Value::Object(done));
        instance.set("PendingModifiedValues", waiting);
    }
    maintenance::plan_upgrade(&mut instance, dms.now)?;
    dms.save(INSTANCE, &instance);
    Ok(json!({"ReplicationInstance": shown(dms, &instance)}))
}

pub(super) fn delete(input: &Input, dms: &mut Dms<'_>) -> Output {
    let mut instance = dms.instance(text(input, "ReplicationInstanceArn"))?;
    if matches!(
        instance.text("ReplicationInstanceStatus"),
        "creating" | "modifying" | "deleting" | "rebooting" | "upgrading"
    ) {
        return Err(not_available(&instance));
    }
    let used = |task: &Object| {
        task.text("ReplicationInstanceArn") == instance.key
            || task.text("TargetReplicationInstanceArn") == instance.key
    };
    if dms.all(TASK).iter().any(used) {
        return Err(errors::invalid_state(format!(
            "Replication Instance \"{}\" has one or more replication tasks",
            instance.key
        )));
    }
    for connection in dms.all(CONNECTION) {
        if connection.text("ReplicationInstanceArn") == instance.key {
            dms.drop_object(CONNECTION, &connection.key);
        }
    }
    instance.set("ReplicationInstanceStatus", "deleting");
    instance.ahead.clear();
    instance.then_gone(dms.now + DELETING);
    dms.save(INSTANCE, &instance);
    let source = Source::Instance(instance.text("ReplicationInstanceIdentifier"));
    dms.note(source, "deletion", "Replication instance is being deleted", dms.now);
    dms.note(source, "deletion", "Replication instance has been deleted", dms.now + DELETING);
    Ok(json!({"ReplicationInstance": shown(dms, &instance)}))
}

impl Dms<'_> {
    /// The instance of this ARN.
    pub(super) fn instance(&self, arn: &str) -> Result<Object, AwsError> {
        self.load(INSTANCE, arn)
            .ok_or_else(|| errors::not_found(format!("Replication Instance \"{arn}\" not found.")))
    }

    /// The subnet group of instances that name none. DMS makes it of the default VPC's subnets when it is needed.
    pub(super) fn default_subnet_group(&mut self) -> Object {
        let arn = self.arn(SUBNET_GROUP, "default");
        if let Some(group) = self.load(SUBNET_GROUP, &arn) {
            return group;
        }
        let subnets: Vec<Value> = self
            .zones()
            .iter()
            .map(|zone| {
                let id = self.fixed_random(zone, 17).to_lowercase();
                json!({"SubnetIdentifier": format!("subnet-{id}"), "SubnetAvailabilityZone": {"Name": zone}, "SubnetStatus": "Active"})
            })
            .collect();
        let mut group = Object::new(arn, Map::new());
        group.set("ReplicationSubnetGroupIdentifier", "default");
        group.set("ReplicationSubnetGroupDescription", "default");
        group.set("SubnetGroupStatus", "Complete");
        group.set("Subnets", subnets);
        group.set("SupportedNetworkTypes", json!(["IPV4"]));
        self.add(SUBNET_GROUP, group)
    }
}

/// `Replication Instance is not in available state`, whatever hinders it.
pub(super) fn not_available(instance: &Object) -> AwsError {
    errors::invalid_state(format!(
        "Replication Instance {} is in {} state and cannot be used for this operation. It should be in available state.",
        instance.text("ReplicationInstanceIdentifier"),
        instance.text("ReplicationInstanceStatus")
    ))
}

/// The instance with its subnet group as it is now.
pub(super) fn shown(dms: &Dms<'_>, instance: &Object) -> Map<String, Value> {
    let mut shown = instance.shown.clone();
    let group = instance.hidden.get("subnetGroup").and_then(Value::as_str);
    if let Some(group) = group.and_then(|group| dms.subnet_group(group).ok()) {
        shown.insert("ReplicationSubnetGroup".to_owned(), Value::Object(group.shown));
    }
    shown
}

/// Changes that need no downtime: they hold at once.
fn at_once(input: &Input, instance: &Object) -> Result<Map<String, Value>, AwsError> {
    let mut changes = Map::new();
    if let Some(given) = optional_text(input, "ReplicationInstanceIdentifier") {
        let identifier = names::identifier("ReplicationInstanceIdentifier", given, 63)?;
        changes.insert("ReplicationInstanceIdentifier".to_owned(), json!(identifier));
    }
    if let Some(given) = optional_text(input, "PreferredMaintenanceWindow") {
        let window = Window::parse(given)?.to_string();
        changes.insert("PreferredMaintenanceWindow".to_owned(), json!(window));
    }
    if let Some(given) = boolean(input, "AutoMinorVersionUpgrade") {
        changes.insert("AutoMinorVersionUpgrade".to_owned(), json!(given));
    }
    let groups = texts(input, "VpcSecurityGroupIds");
    if !groups.is_empty() {
        changes.insert("VpcSecurityGroups".to_owned(), security_groups(&groups));
    }
    if let Some(given) = input.get("KerberosAuthenticationSettings") {
        changes.insert("KerberosAuthenticationSettings".to_owned(), given.clone());
    }
    changes.retain(|name, value| instance.shown.get(name) != Some(value));
    Ok(changes)
}

/// Changes that need downtime.
fn deferrable(input: &Input, instance: &Object) -> Result<Map<String, Value>, AwsError> {
    let mut changes: Map<String, Value> =
        DEFERRABLE.iter().filter_map(|name| Some(((*name).to_owned(), input.get(*name)?.clone()))).collect();
    if let Some(class) = optional_text(&changes, "ReplicationInstanceClass") {
        let class = catalog::class(class)?.name;
        changes.insert("ReplicationInstanceClass".to_owned(), json!(class));
    }
    if let Some(storage) = integer(&changes, "AllocatedStorage") {
        check_storage(storage)?;
        let now = integer(&instance.shown, "AllocatedStorage").unwrap_or_default();
        if storage < now {
            return Err(errors::invalid_value(format!(
                "Invalid storage size: {storage} GB is less than the current {now} GB. Storage cannot be decreased."
            )));
        }
    }
    if let Some(network) = optional_text(&changes, "NetworkType") {
        let network = network_type(network)?;
        changes.insert("NetworkType".to_owned(), json!(network));
    }
    if let Some(version) = optional_text(&changes, "EngineVersion") {
        let version = catalog::engine_version(version)?;
        let now = instance.text("EngineVersion");
        if catalog::release(version) < catalog::release(now) {
            return Err(errors::invalid_combination(format!(
                "Cannot upgrade replication instance from {now} to {version}"
            )));
        }
        let major = |version: &str| catalog::release(version).into_iter().take(2).collect::<Vec<_>>();
        if major(version) != major(now) && boolean(input, "AllowMajorVersionUpgrade") != Some(true) {
            return Err(errors::invalid_combination(
                "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.",
            ));
        }
        changes.insert("EngineVersion".to_owned(), json!(version));
    }
    changes.retain(|name, value| instance.shown.get(name) != Some(value));
    Ok(changes)
}

fn check_storage(gigabytes: i64) -> Result<(), AwsError> {
    if (5..=6144).contains(&gigabytes) {
        Ok(())
    } else {
        Err(errors::invalid_value(format!(
            "Invalid storage size: {gigabytes}. It must be between 5 GB and 6144 GB."
        )))
    }
}

fn check_quotas(dms: &Dms<'_>, existing: &[Object], storage: i64) -> Result<(), AwsError> {
    let quotas = &dms.config.quotas;
    if existing.len() >= quotas.instances {
        return Err(errors::quota("replication instances", quotas.instances));
    }
    let used: i64 = existing.iter().filter_map(|instance| integer(&instance.shown, "AllocatedStorage")).sum();
    if used + storage > quotas.storage {
        return Err(errors::storage_quota(quotas.storage));
    }
    Ok(())
}

fn network_type(given: &str) -> Result<String, AwsError> {
    let upper = given.to_ascii_uppercase();
    if matches!(upper.as_str(), "IPV4" | "DUAL") {
        Ok(upper)
    } else {
        Err(errors::invalid_value(format!("Invalid network type: {given}. It must be IPV4 or DUAL.")))
    }
}

fn security_groups(ids: &[String]) -> Value {
    ids.iter().map(|id| json!({"VpcSecurityGroupId": id, "Status": "active"})).collect()
}

/// Addresses that follow from the ARN, of ranges that lead nowhere: RFC 1918 and RFC 5737.
fn addresses(dms: &Dms<'_>, arn: &str, public: bool) -> Value {
    let digits = dms.fixed_random(arn, 3).into_bytes();
    let private = format!("10.{}.{}.{}", digits[0], digits[1], digits[2]);
    let mut members = json!({
        "ReplicationInstancePrivateIpAddress": private,
        "ReplicationInstancePrivateIpAddresses": [private],
    });
    if public {
        let outside = format!("203.0.113.{}", digits[0]);
        members["ReplicationInstancePublicIpAddress"] = json!(outside);
        members["ReplicationInstancePublicIpAddresses"] = json!([outside]);
    }
    members
}
