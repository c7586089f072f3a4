//! DMS Serverless: `compute.serverless` of a pipeline.

use std::borrow::Cow;
use std::net::IpAddr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::compute::{ReplicationSubnetGroupSpec, SubnetGroupSpec, one_zone_or_several};
use super::import::identifier_or_import;
use super::migration::JsonDocument;
use super::scalars::{Line, MaintenanceWindow, SecurityGroupId};
use super::{ImportSpec, RefTo, Tags};
use crate::read::{Checks, Located, Read, Reader, exactly_one, integer, record};
use crate::tree::{Node, Value};

record! {
    /// DMS Serverless: DMS finds and provides the capacity, between two limits. What is not given is left
    /// to AWS, and is not compared.
    pub(crate) struct ServerlessSpec {
        /// The most capacity, in DMS capacity units of 2 GB of memory.
        max_capacity_units: CapacityUnits,
        /// The least capacity, in DMS capacity units. AWS's default is 1.
        min_capacity_units: Option<Located<CapacityUnits>>,
        /// Whether a standby runs in another availability zone.
        multi_az: Option<bool>,
        /// The availability zone, for example `us-east-1a`. Not with `multiAz: true`. Cannot be changed once
        /// it has run.
        availability_zone: Option<Line>,
        /// At most four name servers, by IP address, that are asked instead of AWS's.
        #[schemars(length(min = 1, max = 4))]
        dns_name_servers: Option<Vec<NameServer>>,
        /// The KMS key (id, alias or ARN) that encrypts its storage. Cannot be changed once it has run.
        kms_key_id: Option<String>,
        /// The weekly maintenance window in UTC, at least 30 minutes, for example `sun:04:00-sun:04:30`.
        preferred_maintenance_window: Option<MaintenanceWindow>,
        /// The VPC security groups.
        vpc_security_group_ids: Option<Vec<SecurityGroupId>>,
        /// The subnets, as a subnet group of this pipeline's own. Not with `subnetGroupRef`. Cannot be
        /// changed to another group once it has run.
        subnet_group: Option<SubnetGroupSpec>,
        /// The name of a `ReplicationSubnetGroup` document. Without it or `subnetGroup`, AWS uses the default
        /// VPC.
        subnet_group_ref: Option<RefTo<ReplicationSubnetGroupSpec>>,
        /// The DMS document of supplemental settings, in DMS's own names.
        supplemental_settings: Option<JsonDocument>,
        /// The AWS identifier of the replication config, if not the one made of prefix and name.
        identifier: Option<Located<String>>,
        /// An existing AWS resource to take over, instead of `identifier`.
        import: Option<ImportSpec>,
        /// Whether it must not be deleted, also when this spec goes: false unless given.
        protect: Option<bool>,
        /// Tags of the replication config, which win over the document's `labels`.
        tags: Option<Tags>,
    }
}

impl Checks for ServerlessSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        identifier_or_import(node, reader);
        if node.get("subnetGroup").is_some() && node.get("subnetGroupRef").is_some() {
            exactly_one(node, &["subnetGroup", "subnetGroupRef"], reader);
        }
        one_zone_or_several(node, "a serverless replication", reader);
        one_to_four_name_servers(node, reader);
    }

    fn check(&self, _: &Node, reader: &mut Reader<'_>) {
        if let Some(min) = &self.min_capacity_units
            && min.0 > self.max_capacity_units.0
        {
            let message = format!(
                "the least capacity, {}, is more than the most, {}",
                min.0, self.max_capacity_units.0
            );
            reader.error_with_hint(min.at, message, "lower it, or raise `maxCapacityUnits`");
        }
    }
}

/// How much capacity DMS provides: its capacity units come in steps (DMS API reference, ComputeConfig).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CapacityUnits(pub(crate) i32);

impl CapacityUnits {
    const STEPS: [i32; 11] = [1, 2, 4, 8, 16, 32, 64, 128, 192, 256, 384];
}

impl Read for CapacityUnits {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let units = integer(node, 1, 384, reader)?;
        if !Self::STEPS.contains(&units) {
            let steps = Self::STEPS.map(|step| step.to_string()).join(", ");
            let message = format!("DMS does not offer {units} capacity units");
            reader.error_with_hint(node.at, message, format!("use one of {steps}"));
            return None;
        }
        Some(Self(units))
    }
}

impl JsonSchema for CapacityUnits {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "CapacityUnits".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"enum": Self::STEPS})
    }
}

/// Records an error where `dnsNameServers` has more than DMS takes, or none.
pub(super) fn one_to_four_name_servers(node: &Node, reader: &mut Reader<'_>) {
    if let Some(servers) = node.get("dnsNameServers")
        && let Value::List(items) = &servers.value
        && !(1..=4).contains(&items.len())
    {
        let message = format!("expected one to four name servers, found {}", items.len());
        reader.error(servers.at, message);
    }
}

/// The IP address of a name server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NameServer(pub(crate) String);

impl Read for NameServer {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let text = String::read(node, reader)?;
        if text.parse::<IpAddr>().is_ok() {
            return Some(Self(text));
        }
        let shown: String = text.chars().take(80).collect();
        reader.error_with_hint(node.at, format!("`{shown}` is not an IP address"), "write it as 10.0.0.2");
        None
    }
}

impl JsonSchema for NameServer {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "NameServer".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]})
    }
}
