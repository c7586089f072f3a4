//! Replication subnet groups. They are there at once, and have no ARN in answers.

use serde_json::{Map, Value, json};

use super::listing::Listing;
use super::record::{INSTANCE, Object, REPLICATION_CONFIG, SUBNET_GROUP};
use super::{Dms, Input, Output, errors, optional_text, tags, text, texts};
use crate::api::AwsError;

pub(super) fn create(input: &Input, dms: &mut Dms<'_>) -> Output {
    let identifier = identifier(text(input, "ReplicationSubnetGroupIdentifier"))?;
    let arn = dms.arn(SUBNET_GROUP, &identifier);
    dms.require_vpc_role(&arn)?;
    let subnets = subnets(input, dms)?;
    if dms.load(SUBNET_GROUP, &arn).is_some() {
        return Err(errors::already_exists("ReplicationSubnetGroup", &identifier, &arn));
    }
    if dms.all(SUBNET_GROUP).len() >= dms.config.quotas.subnet_groups {
        return Err(errors::quota("subnet groups", dms.config.quotas.subnet_groups));
    }
    let mut group = Object::new(arn, Map::new());
    group.set("ReplicationSubnetGroupIdentifier", identifier);
    group.set("ReplicationSubnetGroupDescription", text(input, "ReplicationSubnetGroupDescription"));
    group.set("VpcId", dms.vpc());
    group.set("SubnetGroupStatus", "Complete");
    group.set("Subnets", subnets);
    group.set("SupportedNetworkTypes", json!(["IPV4"]));
    group.tags = tags::from_input(input)?;
    let group = dms.add(SUBNET_GROUP, group);
    Ok(json!({"ReplicationSubnetGroup": group.shown}))
}

pub(super) fn describe(input: &Input, dms: &mut Dms<'_>) -> Output {
    let filters: &[(&str, &[&str])] =
        &[("replication-subnet-group-id", &["ReplicationSubnetGroupIdentifier"])];
    let groups = dms.all(SUBNET_GROUP).into_iter().map(|group| group.shown);
    Listing::new("ReplicationSubnetGroups", "Replication Subnet Groups", filters)
        .page(input, groups.collect())
}

pub(super) fn modify(input: &Input, dms: &mut Dms<'_>) -> Output {
    let mut group = dms.subnet_group(text(input, "ReplicationSubnetGroupIdentifier"))?;
    dms.require_vpc_role(&group.key)?;
    let new = subnets(input, dms)?;
    group.set("Subnets", new);
    if let Some(description) = optional_text(input, "ReplicationSubnetGroupDescription") {
        group.set("ReplicationSubnetGroupDescription", description);
    }
    dms.save(SUBNET_GROUP, &group);
    Ok(json!({"ReplicationSubnetGroup": group.shown}))
}

pub(super) fn delete(input: &Input, dms: &mut Dms<'_>) -> Output {
    let group = dms.subnet_group(text(input, "ReplicationSubnetGroupIdentifier"))?;
    let identifier = group.text("ReplicationSubnetGroupIdentifier");
    let user = dms
        .all(INSTANCE)
        .into_iter()
        .find(|instance| instance.hidden.get("subnetGroup").and_then(Value::as_str) == Some(identifier));
    if let Some(instance) = user {
        let user = instance.text("ReplicationInstanceIdentifier");
        return Err(errors::invalid_state(format!(
            "Cannot delete the subnet group '{identifier}' because at least one database instance: {user} is still using it."
        )));
    }
    let in_group = |config: &Object| {
        config.shown["ComputeConfig"]["ReplicationSubnetGroupId"].as_str() == Some(identifier)
    };
    if let Some(config) = dms.all(REPLICATION_CONFIG).into_iter().find(in_group) {
        return Err(errors::invalid_state(format!(
            "Cannot delete the subnet group '{identifier}' because at least one replication config: {} is still using it.",
            config.text("ReplicationConfigIdentifier")
        )));
    }
    dms.drop_object(SUBNET_GROUP, &group.key);
    Ok(json!({}))
}

impl Dms<'_> {
    /// The subnet group of this identifier, in any case.
    pub(super) fn subnet_group(&self, identifier: &str) -> Result<Object, AwsError> {
        let arn = self.arn(SUBNET_GROUP, &identifier.to_ascii_lowercase());
        self.load(SUBNET_GROUP, &arn)
            .ok_or_else(|| errors::not_found(format!("Replication Subnet Group \"{identifier}\" not found.")))
    }

    /// The one VPC of the account and region.
    fn vpc(&self) -> String {
        hexadecimal("vpc-", &self.fixed_random("vpc", 17))
    }

    /// The security group of an instance that names none.
    pub(super) fn default_security_group(&self) -> String {
        hexadecimal("sg-", &self.fixed_random("sg", 17))
    }

    /// The availability zones of the region.
    pub(super) fn zones(&self) -> Vec<String> {
        ["a", "b", "c"].iter().map(|letter| format!("{}{letter}", self.region)).collect()
    }
}

fn hexadecimal(prefix: &str, random: &str) -> String {
    let digits = random.bytes().map(|b| char::from(b"0123456789abcdef"[usize::from(b % 16)]));
    prefix.chars().chain(digits).collect()
}

fn identifier(given: &str) -> Result<String, AwsError> {
    let characters = given.bytes().all(|b| b.is_ascii_alphanumeric() || b" ._-".contains(&b));
    if given.is_empty() || given.len() > 255 || !characters || given.eq_ignore_ascii_case("default") {
        return Err(errors::invalid_value(
            "The parameter ReplicationSubnetGroupIdentifier must contain no more than 255 alphanumeric characters, \
             periods, spaces, underscores, or hyphens. Must not be \"default\".",
        ));
    }
    Ok(given.to_ascii_lowercase())
}

/// There is no EC2 here, so the subnets of a request exist, and lie in the region's zones one after the other in the
/// order of the request.
fn subnets(input: &Input, dms: &Dms<'_>) -> Result<Value, AwsError> {
    let mut ids = texts(input, "SubnetIds");
    for id in &ids {
        let digits = id.strip_prefix("subnet-").unwrap_or_default();
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Err(errors::invalid_subnet(format!("The subnet ID '{id}' is not valid")));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    ids.retain(|id| seen.insert(id.clone()));
    if ids.len() < 2 {
        return Err(errors::too_few_zones());
    }
    if ids.len() > dms.config.quotas.subnets_per_group {
        return Err(errors::quota("subnets in a subnet group", dms.config.quotas.subnets_per_group));
    }
    let zones = dms.zones();
    let mut subnets: Vec<Value> = ids
        .iter()
        .zip(zones.iter().cycle())
        .map(|(id, zone)| {
            json!({
                "SubnetIdentifier": id,
                "SubnetAvailabilityZone": {"Name": zone},
                "SubnetStatus": "Active",
            })
        })
        .collect();
    // The order of the request is not kept.
    subnets.reverse();
    Ok(Value::Array(subnets))
}
