//! What a migration runs on: `compute` of a pipeline, and the kinds that pipelines share.

use super::import::identifier_or_import;
use super::scalars::{
    DeletionPolicyWord, InstanceClass, KmsKey, Line, MaintenanceWindow, SecurityGroupId, SubnetId, Whole,
};
use super::serverless::{NameServer, ServerlessSpec, one_to_four_name_servers};
use super::{EnvironmentSpec, ImportSpec, NameOf, RefTo, ServiceRolesSpec, Tags, Target};
use crate::read::{Checks, Located, Reader, choice, exactly_one, record, shared};
use crate::tree::{Node, Value};

record! {
    /// What the migration runs on: exactly one of `instance`, `instanceRef`, `serverless`.
    #[schemars(extend("oneOf" = [
        {"required": ["instance"]}, {"required": ["instanceRef"]}, {"required": ["serverless"]},
    ]))]
    pub(crate) struct ComputeSpec {
        /// A replication instance of this pipeline's own.
        instance: Option<InstanceSpec>,
        /// The name of a `ReplicationInstance` document, which several pipelines can share; or an instance
        /// that somebody else keeps, as `{arn: …}` or `{identifier: …}`.
        instance_ref: Option<RefTo<ReplicationInstanceSpec>>,
        /// DMS Serverless, which finds the capacity itself.
        serverless: Option<ServerlessSpec>,
    }
}

impl Checks for ComputeSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        exactly_one(node, &["instance", "instanceRef", "serverless"], reader);
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
        /// When changes of class, storage, standby, engine version and network type are made: `immediately` unless
        /// given.
        apply_changes: Option<ApplyChanges>,
        /// The availability zone, for example `us-east-1a`. Not with `multiAz: true`. Cannot be changed
        /// later.
        availability_zone: Option<Line>,
        /// The KMS key (id, alias or ARN) that encrypts its storage. Cannot be changed later.
        kms_key_id: Option<KmsKey>,
        /// The kind of IP addresses.
        network_type: Option<NetworkType>,
        /// The IP addresses of one to four name servers that find the endpoints' servers, instead of the VPC's. Cannot be changed
        /// later.
        #[schemars(length(min = 1, max = 4))]
        dns_name_servers: Option<Vec<NameServer>>,
        /// The VPC security groups.
        vpc_security_group_ids: Option<Vec<SecurityGroupId>>,
        /// The subnets, as a subnet group of this instance's own. Not with `subnetGroupRef`.
        subnet_group: Option<SubnetGroupSpec>,
        /// The name of a `ReplicationSubnetGroup` document; or a subnet group that somebody else keeps, as
        /// `{arn: …}` or `{identifier: …}`. Without it or `subnetGroup`, AWS places the instance in the
        /// default VPC.
        subnet_group_ref: Option<RefTo<ReplicationSubnetGroupSpec>>,
        /// The AWS identifier, if not the one made of prefix and name.
        identifier: Option<Located<String>>,
        /// An existing AWS resource to take over, instead of `identifier`.
        import: Option<ImportSpec>,
        /// Whether it must not be deleted, also when this spec goes: false unless given.
        protect: Option<bool>,
        /// Tags of this instance, which win over the document's `labels`.
        tags: Option<Tags>,
    }
}

impl Checks for InstanceSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        identifier_or_import(node, reader);
        if node.get("subnetGroup").is_some() && node.get("subnetGroupRef").is_some() {
            exactly_one(node, &["subnetGroup", "subnetGroupRef"], reader);
        }
        one_zone_or_several(node, "an instance", reader);
        one_to_four_name_servers(node, reader);
    }
}

/// Records an error where something is to be in several availability zones and in a given one.
pub(super) fn one_zone_or_several(node: &Node, what: &str, reader: &mut Reader<'_>) {
    if let (Some(Value::Bool(true)), Some(at)) =
        (node.get("multiAz").map(|multi_az| &multi_az.value), node.key_at("availabilityZone"))
    {
        reader.error_with_hint(
            at,
            format!("{what} in several availability zones cannot be placed in one"),
            "remove `availabilityZone`, or set `multiAz: false`",
        );
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
    /// When changes that need downtime are made.
    pub(crate) enum ApplyChanges {
        /// At once, together with all that waits for the maintenance window.
        Immediately = "immediately",
        /// In the next maintenance window.
        InMaintenanceWindow = "inMaintenanceWindow",
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
        subnet_ids: Vec<SubnetId>,
        /// The description; one that names the document unless given.
        description: Option<Line>,
        /// The AWS identifier, if not the one made of prefix and name.
        identifier: Option<Located<String>>,
        /// An existing AWS resource to take over, instead of `identifier`.
        import: Option<ImportSpec>,
        /// Whether it must not be deleted, also when this spec goes: false unless given.
        protect: Option<bool>,
        /// Tags of this subnet group, which win over the document's `labels`.
        tags: Option<Tags>,
    }
}

impl Checks for SubnetGroupSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        identifier_or_import(node, reader);
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
