//! From a template's resources to documents: what one pipeline alone uses stands in it, what several share
//! has a document of its own.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::mappings::{self, Mappings};
use crate::properties::{Findings, Properties};
use crate::resolve::{Resolver, text};
use crate::template::{Resource, Template};
use crate::write::{self, Fields};
use crate::{
    Import, ImportError, Missing, Options, SecretVariable, certificate, endpoint, event_subscription, names,
    task_settings,
};

const TASK: &str = "AWS::DMS::ReplicationTask";
const CONFIG: &str = "AWS::DMS::ReplicationConfig";
const ENDPOINT: &str = "AWS::DMS::Endpoint";
const INSTANCE: &str = "AWS::DMS::ReplicationInstance";
const SUBNET_GROUP: &str = "AWS::DMS::ReplicationSubnetGroup";
const CERTIFICATE: &str = "AWS::DMS::Certificate";
const SUBSCRIPTION: &str = "AWS::DMS::EventSubscription";

const HEADER: &str = "yaml-language-server: $schema=../docs/schema/pipewright.schema.json\n\n\
    Written by `pipewright import cloudformation`. It takes over what a CloudFormation stack made:\n\
    give those resources `DeletionPolicy: Retain` and take them out of the stack once this is applied.";

/// Converts the resources of DMS; see [`crate::cloudformation`].
pub(crate) fn convert(template: &Template, options: &Options) -> Result<Import, ImportError> {
    let findings = RefCell::default();
    let resolver = Resolver { template, options };
    let mut conversion =
        Conversion { resolver, findings: &findings, live: BTreeMap::new(), uses: BTreeMap::new() };
    conversion.select();
    if conversion.live.is_empty() {
        return Err(ImportError::NothingOfDms);
    }
    let files = conversion.files()?;
    let Findings { missing, secrets, notes } = findings.into_inner();
    let secrets = secrets.into_iter().map(|(name, holds)| SecretVariable { name, holds }).collect();
    Ok(Import { files, missing: missing.into_iter().collect(), secrets, notes })
}

struct Conversion<'a> {
    resolver: Resolver<'a>,
    findings: &'a RefCell<Findings>,
    /// The resources of DMS that the stack makes, by logical id.
    live: BTreeMap<&'a str, &'a Resource>,
    /// How many others use each.
    uses: BTreeMap<&'a str, usize>,
}

impl<'a> Conversion<'a> {
    /// Finds what is converted, and who uses what.
    fn select(&mut self) {
        for (logical, resource) in &self.resolver.template.resources {
            if let Some(condition) = &resource.condition {
                match self.resolver.condition(condition) {
                    Ok(true) => {}
                    Ok(false) => continue,
                    Err(unknown) => {
                        let properties = Properties::of(self.resolver, logical, resource, self.findings);
                        for unknown in unknown {
                            properties.missing("Condition", &unknown.name, unknown.parameter);
                        }
                    }
                }
            }
            if [TASK, CONFIG, ENDPOINT, INSTANCE, SUBNET_GROUP, CERTIFICATE, SUBSCRIPTION]
                .contains(&resource.ty.as_str())
            {
                self.live.insert(logical, resource);
            } else if resource.ty.starts_with("AWS::DMS::") {
                let note = format!("{logical}: {} is left out: declare it by hand", resource.ty);
                self.findings.borrow_mut().notes.push(note);
            } else if resource.ty == "Custom::DmsVpcRole" || resource.ty == "Custom::DmsCloudWatchLogsRole" {
                let note = format!(
                    "{logical}: the service role that it makes is derived from the specs, and joined where it exists"
                );
                self.findings.borrow_mut().notes.push(note);
            }
        }
        let references = [
            "SourceEndpointArn",
            "TargetEndpointArn",
            "ReplicationInstanceArn",
            "ReplicationSubnetGroupIdentifier",
        ];
        for resource in self.live.values() {
            let direct = references.iter().filter_map(|name| resource.properties.get(*name));
            let nested = resource
                .properties
                .get("ComputeConfig")
                .and_then(|compute| compute.get("ReplicationSubnetGroupId"));
            for used in direct.chain(nested).filter_map(|value| self.resolver.resource(value)) {
                *self.uses.entry(used).or_default() += 1;
            }
        }
    }

    fn of_type(&self, ty: &str) -> Vec<&'a str> {
        self.live.iter().filter(|(_, resource)| resource.ty == ty).map(|(logical, _)| *logical).collect()
    }

    fn properties(&self, logical: &'a str) -> Option<Properties<'a>> {
        let resource = self.live.get(logical)?;
        Some(Properties::of(self.resolver, logical, resource, self.findings))
    }

    fn files(&self) -> Result<BTreeMap<String, String>, ImportError> {
        let mut files = BTreeMap::new();
        files.insert("controller.yaml".to_owned(), write::file(HEADER, &[self.controller()])?);
        // What is shared is named first: pipelines refer to it, and event subscriptions to both.
        let mut shared = BTreeMap::new();
        let mut taken = BTreeSet::from(["controller".to_owned(), "shared".to_owned()]);
        for (ty, words) in [
            (SUBNET_GROUP, &["replication-subnet-group", "subnet-group", "group"][..]),
            (INSTANCE, &["replication-instance", "instance"]),
            (ENDPOINT, &["endpoint"]),
        ] {
            for logical in self.of_type(ty).into_iter().filter(|logical| self.uses.get(logical) != Some(&1)) {
                shared.insert(logical, names::document_name(logical, words, &mut taken));
            }
        }
        for logical in self.of_type(CERTIFICATE) {
            let Some(properties) = self.properties(logical) else { continue };
            if certificate::has_content(&properties) {
                shared.insert(logical, names::document_name(logical, &["certificate"], &mut taken));
            } else {
                properties.note("it is left out: the template does not have its content");
            }
        }
        let mut pipelines = BTreeMap::new();
        for (ty, words) in
            [(TASK, &["replication-task", "task"][..]), (CONFIG, &["replication-config", "config"])]
        {
            for logical in self.of_type(ty) {
                pipelines.insert(logical, (ty, names::document_name(logical, words, &mut taken)));
            }
        }
        let mut documents = Vec::new();
        for (&logical, name) in &shared {
            let Some(resource) = self.live.get(logical) else { continue };
            let Some(properties) = self.properties(logical) else { continue };
            let (kind, mut spec) = match resource.ty.as_str() {
                SUBNET_GROUP => {
                    let tags = tags(&properties, &BTreeMap::new());
                    ("ReplicationSubnetGroup", self.subnet_group(&properties).with("tags", tags))
                }
                INSTANCE => ("ReplicationInstance", self.instance(&properties, &shared, &BTreeMap::new())),
                CERTIFICATE => ("Certificate", certificate::fields(&properties, name)),
                _ => {
                    let side = properties.text("EndpointType").map(|side| side.to_ascii_lowercase());
                    let mut spec = Fields::default().with("type", side);
                    spec.extend(self.endpoint(&properties, &[name], &shared, &BTreeMap::new()));
                    ("Endpoint", spec)
                }
            };
            spec.add("deletionPolicy", resource.retain.then_some("retain"));
            documents.push(document(kind, name, BTreeMap::new(), spec));
        }
        documents.extend(self.event_subscriptions(&shared, &pipelines, &mut taken));
        if !documents.is_empty() {
            files.insert("shared.yaml".to_owned(), write::file(HEADER, &documents)?);
        }
        for (&logical, (ty, name)) in &pipelines {
            let Some(properties) = self.properties(logical) else { continue };
            let mappings = mappings::of(&properties);
            let why = mappings.as_ref().and_then(|mappings| mappings.why_kept.as_deref());
            let header = why.map_or_else(
                || HEADER.to_owned(),
                |why| format!("{HEADER}\n\nIts table mappings are DMS's own JSON: {why}."),
            );
            let document = self.pipeline(&properties, ty, name, mappings, &shared);
            files.insert(format!("{name}.yaml"), write::file(&header, &[document])?);
        }
        Ok(files)
    }

    fn event_subscriptions(
        &self,
        shared: &BTreeMap<&'a str, String>,
        pipelines: &BTreeMap<&'a str, (&str, String)>,
        taken: &mut BTreeSet<String>,
    ) -> Vec<Fields> {
        let mut declared = shared.clone();
        for (&logical, (_, name)) in pipelines {
            declared.insert(logical, name.clone());
            // The instance that a pipeline alone uses is named by the pipeline.
            let raw = self.live.get(logical).and_then(|task| task.properties.get("ReplicationInstanceArn"));
            if let Some(instance) = raw.and_then(|raw| self.resolver.resource(raw)) {
                declared.entry(instance).or_insert_with(|| name.clone());
            }
        }
        let mut documents = Vec::new();
        for logical in self.of_type(SUBSCRIPTION) {
            let (Some(properties), Some(resource)) = (self.properties(logical), self.live.get(logical))
            else {
                continue;
            };
            let Some(spec) = event_subscription::fields(&properties, &declared) else { continue };
            let name = names::document_name(logical, &["event-subscription", "subscription"], taken);
            let spec = spec
                .with("import", self.import(&properties, "SubscriptionName"))
                .with("deletionPolicy", resource.retain.then_some("retain"))
                .with("tags", tags(&properties, &BTreeMap::new()));
            documents.push(document("EventSubscription", &name, BTreeMap::new(), spec));
        }
        documents
    }

    fn controller(&self) -> Fields {
        let options = self.resolver.options;
        let place = options.place();
        for (value, property, name) in
            [(&place.account, "AccountId", "AWS::AccountId"), (&place.region, "Region", "AWS::Region")]
        {
            if value.is_none() {
                self.findings.borrow_mut().missing.insert(Missing {
                    resource: String::new(),
                    property: property.to_owned(),
                    name: name.to_owned(),
                    parameter: false,
                });
            }
        }
        let scope = options.scope.clone().or_else(|| options.stack_name().map(|stack| names::kebab(&stack)));
        let environment = Fields::default()
            .with("name", "default")
            .with("accountId", place.account)
            .with("region", place.region);
        let mut scope = scope.unwrap_or_else(|| "imported".to_owned());
        scope.truncate(40);
        let spec = Fields::default().with("environments", vec![environment]);
        document("Controller", scope.trim_end_matches('-'), BTreeMap::new(), spec)
    }

    fn pipeline(
        &self,
        task: &Properties<'a>,
        ty: &str,
        name: &str,
        mappings: Option<Mappings>,
        shared: &BTreeMap<&str, String>,
    ) -> Fields {
        let labels = task.tags();
        let mut spec = Fields::default();
        let (compute, kind, settings, identifier) = if ty == CONFIG {
            ("serverless", "ReplicationType", "ReplicationSettings", "ReplicationConfigIdentifier")
        } else {
            ("instance", "MigrationType", "ReplicationTaskSettings", "ReplicationTaskIdentifier")
        };
        if ty == CONFIG {
            let mut fields = self.serverless(task, shared, &labels);
            fields.add("import", self.import(task, identifier));
            spec.add("compute", Fields::default().with(compute, fields));
        } else {
            spec.add("compute", self.compute(task, shared, &labels));
        }
        for (side, property) in [("source", "SourceEndpointArn"), ("target", "TargetEndpointArn")] {
            let Some(raw) = task.raw(property) else { continue };
            match self.live_resource(raw) {
                Some(endpoint) => match shared.get(endpoint.logical) {
                    Some(document) => spec.add(&format!("{side}Ref"), document.as_str()),
                    None => spec.add(side, self.endpoint(&endpoint, &[name, side], shared, &labels)),
                },
                None => spec.add(&format!("{side}Ref"), outside(task, property)),
            }
        }
        let mut migration = Fields::default().with("type", task.text(kind));
        if let Some(Mappings { field, value, why_kept: _ }) = mappings {
            migration.add(field, value);
        }
        let settings = task.document(settings);
        migration.add("settings", settings.map(|document| task_settings::known(task, &document)));
        migration.add("cdc", cdc(task));
        spec.add("migration", migration);
        // CloudFormation starts and stops no task, so neither does what comes out of it.
        spec.add("run", Fields::default().with("desired", "unmanaged"));
        let parts = [
            task.raw("SourceEndpointArn"),
            task.raw("TargetEndpointArn"),
            task.raw("ReplicationInstanceArn"),
        ];
        let retained = parts.into_iter().flatten().filter_map(|raw| self.resolver.resource(raw));
        let is_retained =
            retained.chain([task.logical]).any(|part| self.live.get(part).is_some_and(|part| part.retain));
        spec.add("deletionPolicy", is_retained.then_some("retain"));
        if ty == TASK {
            spec.add("import", self.import(task, identifier));
        }
        task.leave_out(&[("TaskData", "no spec has it")]);
        document("Pipeline", name, labels, spec)
    }

    /// The resource of this stack that an expression refers to.
    fn live_resource(&self, value: &Json) -> Option<Properties<'a>> {
        self.resolver.resource(value).and_then(|logical| self.properties(logical))
    }

    fn compute(
        &self,
        task: &Properties<'a>,
        shared: &BTreeMap<&str, String>,
        labels: &BTreeMap<String, String>,
    ) -> Fields {
        let Some(raw) = task.raw("ReplicationInstanceArn") else { return Fields::default() };
        let compute = Fields::default();
        match self.live_resource(raw) {
            Some(instance) => match shared.get(instance.logical) {
                Some(document) => compute.with("instanceRef", document.as_str()),
                None => compute.with("instance", self.instance(&instance, shared, labels)),
            },
            None => compute.with("instanceRef", outside(task, "ReplicationInstanceArn")),
        }
    }

    fn instance(
        &self,
        instance: &Properties<'a>,
        shared: &BTreeMap<&str, String>,
        labels: &BTreeMap<String, String>,
    ) -> Fields {
        let mut fields = Fields::default();
        fields.add("class", instance.text("ReplicationInstanceClass"));
        fields.add("allocatedStorage", instance.integer("AllocatedStorage"));
        fields.add("multiAz", instance.boolean("MultiAZ"));
        fields.add("engineVersion", instance.text("EngineVersion"));
        fields.add("autoMinorVersionUpgrade", instance.boolean("AutoMinorVersionUpgrade"));
        fields.add("publiclyAccessible", instance.boolean("PubliclyAccessible"));
        fields.add("preferredMaintenanceWindow", instance.text("PreferredMaintenanceWindow"));
        fields.add("availabilityZone", instance.text("AvailabilityZone"));
        fields.add("kmsKeyId", instance.text("KmsKeyId"));
        fields.add("networkType", instance.text("NetworkType"));
        fields.add("dnsNameServers", instance.texts("DnsNameServers"));
        fields.add("vpcSecurityGroupIds", instance.texts("VpcSecurityGroupIds"));
        self.placed(&mut fields, instance, "ReplicationSubnetGroupIdentifier", shared, labels);
        fields.add("import", self.import(instance, "ReplicationInstanceIdentifier"));
        fields.add("tags", tags(instance, labels));
        fields
    }

    fn serverless(
        &self,
        config: &Properties<'a>,
        shared: &BTreeMap<&str, String>,
        labels: &BTreeMap<String, String>,
    ) -> Fields {
        let Some(entries) = config.raw("ComputeConfig").and_then(Json::as_object) else {
            return Fields::default();
        };
        let compute = Properties { entries, ..*config };
        let mut fields = Fields::default();
        fields.add("minCapacityUnits", compute.integer("MinCapacityUnits"));
        fields.add("maxCapacityUnits", compute.integer("MaxCapacityUnits"));
        fields.add("multiAz", compute.boolean("MultiAZ"));
        fields.add("availabilityZone", compute.text("AvailabilityZone"));
        fields.add("dnsNameServers", compute.texts("DnsNameServers"));
        fields.add("kmsKeyId", compute.text("KmsKeyId"));
        fields.add("preferredMaintenanceWindow", compute.text("PreferredMaintenanceWindow"));
        fields.add("vpcSecurityGroupIds", compute.texts("VpcSecurityGroupIds"));
        self.placed(&mut fields, &compute, "ReplicationSubnetGroupId", shared, labels);
        fields.add("supplementalSettings", config.document("SupplementalSettings"));
        fields
    }

    /// Where an instance or a configuration is placed: its own subnet group, a shared one or one outside.
    fn placed(
        &self,
        fields: &mut Fields,
        compute: &Properties<'a>,
        property: &str,
        shared: &BTreeMap<&str, String>,
        labels: &BTreeMap<String, String>,
    ) {
        let Some(raw) = compute.raw(property) else { return };
        let Some(group) = self.live_resource(raw) else {
            let identifier = compute.text(property);
            let outside = identifier.map(|identifier| Fields::default().with("identifier", identifier));
            fields.add("subnetGroupRef", outside);
            return;
        };
        if let Some(document) = shared.get(group.logical) {
            fields.add("subnetGroupRef", document.as_str());
        } else {
            let tags = tags(&group, labels);
            fields.add("subnetGroup", self.subnet_group(&group).with("tags", tags));
        }
    }

    fn subnet_group(&self, group: &Properties<'a>) -> Fields {
        Fields::default()
            .with("subnetIds", group.texts("SubnetIds"))
            .with("description", group.text("ReplicationSubnetGroupDescription"))
            .with("import", self.import(group, "ReplicationSubnetGroupIdentifier"))
    }

    fn endpoint(
        &self,
        properties: &Properties<'a>,
        name: &[&str],
        shared: &BTreeMap<&str, String>,
        labels: &BTreeMap<String, String>,
    ) -> Fields {
        let certificate = properties.raw("CertificateArn").and_then(|raw| self.resolver.resource(raw));
        let certificate = certificate.and_then(|logical| shared.get(logical)).map(String::as_str);
        endpoint::fields(properties, name, certificate)
            .with("import", self.import(properties, "EndpointIdentifier"))
            .with("tags", tags(properties, labels))
    }

    /// The statement that a resource of the stack is to be taken over.
    fn import(&self, properties: &Properties<'a>, property: &str) -> Fields {
        let stack = self.resolver.options.stack_name();
        let from =
            stack.map_or_else(|| "cloudformation".to_owned(), |stack| format!("cloudformation/{stack}"));
        Fields::default().with("identifier", properties.identifier(property)).with("from", from)
    }
}

fn document(kind: &str, name: &str, labels: BTreeMap<String, String>, spec: Fields) -> Fields {
    Fields::default()
        .with("apiVersion", "pipewright.dev/v1")
        .with("kind", kind)
        .with("metadata", Fields::default().with("name", name).with("labels", mapping(labels)))
        .with("spec", spec)
}

fn mapping(tags: BTreeMap<String, String>) -> Fields {
    let mut fields = Fields::default();
    for (key, value) in tags {
        fields.add(&key, value);
    }
    fields
}

/// The tags of a resource that its document's labels do not give it.
fn tags(properties: &Properties<'_>, labels: &BTreeMap<String, String>) -> Fields {
    mapping(properties.tags().into_iter().filter(|(key, value)| labels.get(key) != Some(value)).collect())
}

/// A reference to what somebody else keeps.
fn outside(properties: &Properties<'_>, property: &str) -> Option<Fields> {
    properties.text(property).map(|arn| Fields::default().with("arn", arn))
}

fn cdc(task: &Properties<'_>) -> Fields {
    let time = task.json("CdcStartTime").and_then(|time| {
        let time = text(&time);
        let at = time.parse::<f64>().ok().and_then(|seconds| {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a time in seconds; what is out of range is none"
            )]
            jiff::Timestamp::from_second(seconds as i64).ok()
        });
        at.map_or(Some(time), |at| Some(at.to_string()))
    });
    Fields::default()
        .with("startPosition", task.text("CdcStartPosition"))
        .with("startTime", time)
        .with("stopPosition", task.text("CdcStopPosition"))
}
