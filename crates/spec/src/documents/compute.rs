//! What a migration runs on: `compute` of a pipeline, and the kinds that pipelines share.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::scalars::{
    DeletionPolicyWord, InstanceClass, KmsKey, Line, MaintenanceWindow, SecurityGroupId, SubnetId, Whole,
};
use super::{EnvironmentSpec, NameOf, ServiceRolesSpec, Tags, Target};
use crate::read::{Checks, Located, Read, Reader, choice, exactly_one, record, shared};
use crate::tree::{Node, Value};

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
        class: InstanceClass,
        /// Storage in GiB, 5 to 6144. AWS chooses by class unless given.
        allocated_storage: Option<Whole<5, 6144>>,
        /// Whether a standby runs in another availability zone.
        multi_az: Option<bool>,
        /// The engine version, in quotes, for example `"3.5.4"`. AWS chooses the newest unless given.
        engine_version: Option<String>,
        /// Whether AWS applies minor upgrades in the maintenance window. AWS's default is true.
        auto_minor_version_upgrade: Option<bool>,
        /// Whether the instance has a public address. AWS's default is true. Cannot be changed later.
        publicly_accessible: Option<bool>,
        /// The weekly maintenance window in UTC, at least 30 minutes, for example `sun:04:00-sun:04:30`.
        preferred_maintenance_window: Option<MaintenanceWindow>,
        /// The availability zone, for example `us-east-1a`. Not with `multiAz: true`. Cannot be changed
        /// later.
        availability_zone: Option<Line>,
        /// The KMS key (id, alias or ARN) that encrypts its storage. Cannot be changed later.
        kms_key_id: Option<KmsKey>,
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
        if let (Some(Value::Bool(true)), Some(at)) =
            (node.get("multiAz").map(|multi_az| &multi_az.value), node.key_at("availabilityZone"))
        {
            reader.error_with_hint(
                at,
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
}

impl Target for ReplicationInstanceSpec {
    const KIND: &'static str = "ReplicationInstance";
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
        subnet_ids: Vec<SubnetId>,
        /// The description; one that names the document unless given.
        description: Option<Line>,
        /// The AWS identifier, if not the one made of prefix and name.
        identifier: Option<Located<String>>,
        /// Tags of this subnet group, which win over the document's `labels`.
        tags: Option<Tags>,
    }
}

impl Checks for SubnetGroupSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        let Some(subnets) = node.get("subnetIds") else { return };
        let Value::List(items) = &subnets.value else { return };
        let distinct: std::collections::BTreeSet<_> = items.iter().filter_map(Node::as_str).collect();
        if distinct.len() < 2 {
            reader.error_with_hint(
                subnets.at,
                "a replication subnet group needs at least two subnets",
                "name subnets of at least two availability zones",
            );
        }
    }
}

impl Checks for ReplicationSubnetGroupSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        SubnetGroupSpec::check_fields(node, reader);
    }
}

impl Target for ReplicationSubnetGroupSpec {
    const KIND: &'static str = "ReplicationSubnetGroup";
}
