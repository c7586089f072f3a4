//! What a migration runs on: `compute` of a pipeline, and the kinds that pipelines share.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::scalars::{DeletionPolicyWord, NameOf, SecurityGroupId, SubnetId, Tags, Target};
use super::{EnvironmentSpec, ServiceRolesSpec};
use crate::read::{Checks, Located, Read, Reader, choice, exactly_one, record, shared};
use crate::tree::Node;

record! {
    /// What the migration runs on: exactly one of `instance`, `instanceRef`.
    #[schemars(extend("oneOf" = [{"required": ["instance"]}, {"required": ["instanceRef"]}]))]
    pub(crate) struct ComputeSpec {
        /// A replication instance of this pipeline's own.
        instance: Option<InstanceSpec>,
        /// The name of a `ReplicationInstance` document, which several pipelines can share.
        instance_ref: Option<NameOf<ReplicationInstanceSpec>>,
        /// Not supported yet.
        serverless: Option<Serverless>,
    }
}

impl Checks for ComputeSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        if node.get("serverless").is_none() {
            exactly_one(node, &["instance", "instanceRef"], reader);
        }
    }
}

/// The place of DMS Serverless in the format. There are no values of it, since this version cannot
/// read any.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Serverless {}

impl Read for Serverless {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        reader.error_with_hint(
            node.at,
            "DMS Serverless is not supported by this version",
            "use `instance` or `instanceRef`",
        );
        None
    }
}

impl JsonSchema for Serverless {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Serverless".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"not": {}})
    }
}

shared! {
    /// A replication instance of one pipeline. What is not given is left to AWS, and is not compared.
    inline InstanceSpec;
    /// A replication instance that pipelines share by `compute.instanceRef`. What is not given is left to
    /// AWS, and is not compared.
    document ReplicationInstanceSpec {
        /// The environment that it is in; needed where the Controller has several.
        environment: Option<NameOf<EnvironmentSpec>>,
        /// What happens to it when this document goes: `delete` unless given.
        deletion_policy: Option<DeletionPolicyWord>,
        /// The service role that it needs.
        service_roles: Option<ServiceRolesSpec>,
    }
    fields {
        /// The class, for example `dms.t3.medium`.
        #[schemars(regex(pattern = r"^dms\."))]
        class: Located<String>,
        /// Storage in GiB, 5 to 6144. AWS chooses by class unless given.
        #[schemars(range(min = 5, max = 6144))]
        allocated_storage: Option<Located<i32>>,
        /// Whether a standby runs in another availability zone.
        multi_az: Option<bool>,
        /// The engine version, in quotes, for example `"3.5.4"`. AWS chooses the newest unless given.
        engine_version: Option<String>,
        /// Whether AWS applies minor upgrades in the maintenance window. AWS's default is true.
        auto_minor_version_upgrade: Option<bool>,
        /// Whether the instance has a public address. AWS's default is true. Cannot be changed later.
        publicly_accessible: Option<bool>,
        /// The weekly maintenance window in UTC, at least 30 minutes, for example `sun:04:00-sun:04:30`.
        preferred_maintenance_window: Option<Located<String>>,
        /// The availability zone, for example `us-east-1a`. Not with `multiAz: true`. Cannot be changed
        /// later.
        availability_zone: Option<Located<String>>,
        /// The KMS key (id, alias or ARN) that encrypts its storage. Cannot be changed later.
        kms_key_id: Option<String>,
        /// The kind of IP addresses.
        network_type: Option<NetworkType>,
        /// The VPC security groups.
        vpc_security_group_ids: Option<Vec<SecurityGroupId>>,
        /// The subnets, as a subnet group of this instance's own. Not with `subnetGroupRef`.
        subnet_group: Option<SubnetGroupSpec>,
        /// The name of a `ReplicationSubnetGroup` document. Without it or `subnetGroup`, AWS places the
        /// instance in the default VPC.
        subnet_group_ref: Option<NameOf<ReplicationSubnetGroupSpec>>,
        /// The AWS identifier, if not the one made of prefix and name.
        identifier: Option<Located<String>>,
        /// Tags of this instance, which win over the document's `labels`.
        tags: Option<Tags>,
    }
}

impl Checks for InstanceSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        if node.get("subnetGroup").is_some() && node.get("subnetGroupRef").is_some() {
            exactly_one(node, &["subnetGroup", "subnetGroupRef"], reader);
        }
    }

    fn check(&self, _: &Node, reader: &mut Reader<'_>) {
        if !self.class.starts_with("dms.") || self.class.len() > 30 {
            reader.error_with_hint(
                self.class.at,
                format!(
                    "`{}` is not a replication instance class",
                    self.class.chars().take(60).collect::<String>()
                ),
                "classes start with `dms.`, for example dms.t3.medium",
            );
        }
        if let Some(storage) = &self.allocated_storage
            && !(5..=6144).contains(&storage.value)
        {
            let message = format!("expected 5 to 6144 GiB, found {}", storage.value);
            reader.error(storage.at, message);
        }
        if let Some(window) = &self.preferred_maintenance_window
            && !is_maintenance_window(window)
        {
            reader.error_with_hint(
                window.at,
                "this is not a maintenance window",
                "write day and time of begin and end in UTC, at least 30 minutes apart: sun:04:00-sun:04:30",
            );
        }
        if let (Some(true), Some(zone)) = (self.multi_az, &self.availability_zone) {
            reader.error_with_hint(
                zone.at,
                "an instance in several availability zones cannot be placed in one",
                "remove `availabilityZone`, or set `multiAz: false`",
            );
        }
    }
}

impl Checks for ReplicationInstanceSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        InstanceSpec::check_fields(node, reader);
    }

    fn check(&self, node: &Node, reader: &mut Reader<'_>) {
        self.inline().check(node, reader);
    }
}

impl Target for ReplicationInstanceSpec {
    const KIND: &'static str = "ReplicationInstance";
}

/// Whether a text is `ddd:hh:mm-ddd:hh:mm` and at least 30 minutes long.
fn is_maintenance_window(text: &str) -> bool {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let minutes = |text: &str| -> Option<usize> {
        let parts: Vec<&str> = text.split(':').collect();
        let [day, hour, minute] = parts.as_slice() else { return None };
        let day = DAYS.iter().position(|name| name.eq_ignore_ascii_case(day))?;
        let number = |text: &str, below: usize| -> Option<usize> {
            let digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| text.parse().ok()).flatten().filter(|n| *n < below)
        };
        Some((day * 24 + number(hour, 24)?) * 60 + number(minute, 60)?)
    };
    let week = 7 * 24 * 60;
    let Some((from, to)) = text.split_once('-') else { return false };
    match (minutes(from), minutes(to)) {
        (Some(from), Some(to)) => (to + week - from) % week >= 30,
        _ => false,
    }
}

choice! {
    /// The kind of IP addresses.
    pub(crate) enum NetworkType {
        /// IPv4 only.
        Ipv4 = "IPV4",
        /// IPv4 and IPv6.
        Dual = "DUAL",
    }
}

impl NetworkType {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Ipv4 => "IPV4",
            Self::Dual => "DUAL",
        }
    }
}

shared! {
    /// The subnets of one instance.
    inline SubnetGroupSpec;
    /// A replication subnet group that instances share by `subnetGroupRef`.
    document ReplicationSubnetGroupSpec {
        /// The environment that it is in; needed where the Controller has several.
        environment: Option<NameOf<EnvironmentSpec>>,
        /// What happens to it when this document goes: `delete` unless given.
        deletion_policy: Option<DeletionPolicyWord>,
        /// The service role that it needs.
        service_roles: Option<ServiceRolesSpec>,
    }
    fields {
        /// The subnets: at least two, in at least two availability zones of one VPC.
        #[schemars(length(min = 2))]
        subnet_ids: Located<Vec<SubnetId>>,
        /// The description; one that names the document unless given.
        description: Option<Located<String>>,
        /// The AWS identifier, if not the one made of prefix and name.
        identifier: Option<Located<String>>,
        /// Tags of this subnet group, which win over the document's `labels`.
        tags: Option<Tags>,
    }
}

impl Checks for SubnetGroupSpec {
    fn check(&self, _: &Node, reader: &mut Reader<'_>) {
        let distinct: std::collections::BTreeSet<_> = self.subnet_ids.iter().collect();
        if distinct.len() < 2 {
            reader.error_with_hint(
                self.subnet_ids.at,
                "a replication subnet group needs at least two subnets",
                "name subnets of at least two availability zones",
            );
        }
        if let Some(description) = &self.description
            && (description.is_empty() || description.chars().any(char::is_control))
        {
            reader.error(description.at, "a description is not empty and has no control characters");
        }
    }
}

impl Checks for ReplicationSubnetGroupSpec {
    fn check(&self, node: &Node, reader: &mut Reader<'_>) {
        self.inline().check(node, reader);
    }
}

impl Target for ReplicationSubnetGroupSpec {
    const KIND: &'static str = "ReplicationSubnetGroup";
}
