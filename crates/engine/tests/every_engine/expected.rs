//! What the plan of a change must hold, worked out from the change and the account and not from the
//! planner.

use std::collections::{BTreeMap, BTreeSet};

use pipewright_model::{Body, Desired, Kind, LiveBody, Observed, Ref, ResourceId, task_settings};
use pipewright_plan::{Action, Plan};
use pipewright_testkit::outline;
use pipewright_testkit::specs::{Part, Sample, Touched};
use serde_json::{Value, json};

/// The fields of a change with their new values. Where a value is null, the field alone counts.
type Fields = BTreeMap<String, Value>;

/// What the plan of a change must hold.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    /// By the change's key: the possible actions, and the fields where they are told.
    changes: BTreeMap<String, (Vec<Action>, Option<Fields>)>,
    /// Resources that cannot be changed, since a task must not be stopped.
    pub(crate) blocked: BTreeSet<String>,
}

/// A hash of what was sent, which changes with it.
const APPLIED: &str = "tags.pipewright:applied";

impl Expected {
    pub(crate) fn of(samples: &[Sample], before: &Desired, after: &Desired, observed: &Observed) -> Self {
        let mut expected = Self::default();
        for sample in samples {
            let pipeline = Pipeline::new(sample, before, observed);
            match &sample.change.touched {
                Touched::Fields(parts) => {
                    for (part, fields) in parts {
                        expected.fields(&pipeline, *part, fields);
                    }
                }
                Touched::AllTags(tags) => {
                    let fields: Fields =
                        tags.iter().map(|(key, value)| (format!("tags.{key}"), json!(value))).collect();
                    for id in pipeline.parts.values().filter(|id| before.resources[*id].spec == sample.name())
                    {
                        expected.change(id.to_string(), &[Action::Update], Some(fields.clone()));
                    }
                }
                Touched::Certificate => expected.certificate(&pipeline, after),
                Touched::Run => expected.run(&pipeline),
                Touched::Everything => {
                    for id in pipeline.parts.values().chain(&pipeline.certificate) {
                        expected.change(id.to_string(), &[pipeline.removal()], None);
                    }
                }
            }
        }
        expected.roles(before, after);
        expected
    }

    fn change(&mut self, key: String, actions: &[Action], fields: Option<Fields>) {
        self.changes.insert(key, (actions.to_vec(), fields));
    }

    fn fields(&mut self, pipeline: &Pipeline<'_>, part: Part, fields: &Fields) {
        let id = &pipeline.parts[&part];
        let mut fields = fields.clone();
        // Nothing is left of a setting that is taken out of the spec but the mark of what was sent.
        let resends = fields.is_empty()
            || fields.keys().any(|field| {
                matches!(part, Part::Source | Part::Target | Part::Task) && field.starts_with("settings.")
                    || field == "extraConnectionAttributes"
            });
        // AWS may have filled in already what is now declared.
        fields.retain(|field, value| !pipeline.has(part, field, value));
        let changes_body = fields.keys().any(|field| !field.starts_with("tags."));
        let must_stop = matches!(part, Part::Source | Part::Target | Part::Task);
        if changes_body && must_stop && pipeline.is_running() && !self.pauses(pipeline, part) {
            return;
        }
        if resends {
            fields.insert(APPLIED.to_owned(), Value::Null);
        }
        if !fields.is_empty() {
            self.change(id.to_string(), &[Action::Update], Some(fields));
        }
    }

    /// What is around a change of a part that needs a stop; whether the change is made.
    fn pauses(&mut self, pipeline: &Pipeline<'_>, part: Part) -> bool {
        if pipeline.sample.documents[0]["spec"]["run"]["onChange"] == "report" {
            self.blocked.insert(pipeline.parts[&part].to_string());
            return false;
        }
        let task = &pipeline.parts[&Part::Task];
        self.change(format!("{task} (pause)"), &[Action::Pause], None);
        self.change(format!("{task} (run)"), &[Action::Resume], None);
        if part != Part::Task {
            self.tests(pipeline, part);
        }
        true
    }

    /// A serverless replication tests its connections itself.
    fn tests(&mut self, pipeline: &Pipeline<'_>, endpoint: Part) {
        if let Some(instance) = &pipeline.instance {
            let connection = ResourceId::connection(instance, &pipeline.ends[&endpoint]);
            self.change(connection.to_string(), &[Action::Test], None);
        }
    }

    /// Another content is another certificate.
    fn certificate(&mut self, pipeline: &Pipeline<'_>, after: &Desired) {
        let old = pipeline.certificate.as_ref().expect("a certificate changes");
        let new = certificate_of(pipeline.sample, after).expect("there is one still");
        let part = [Part::Source, Part::Target].into_iter().find(|part| {
            let end = pipeline.parts.get(part).map(|id| &after.resources[id].body);
            matches!(end, Some(Body::Endpoint(endpoint)) if endpoint.certificate.is_some())
        });
        self.change(new.to_string(), &[Action::Create], None);
        let fields = Fields::from([("certificate".to_owned(), json!(new.to_string()))]);
        self.fields(pipeline, part.expect("an endpoint has it"), &fields);
        // What an endpoint that is not changed for now still has is not deleted.
        let retained = pipeline.removal() == Action::Release;
        if retained || self.blocked.is_disjoint(&pipeline.parts.values().map(ToString::to_string).collect()) {
            self.change(old.to_string(), &[pipeline.removal()], None);
        }
    }

    fn run(&mut self, pipeline: &Pipeline<'_>) {
        let key = format!("{} (run)", pipeline.parts[&Part::Task]);
        if pipeline.sample.documents[0]["spec"]["run"]["desired"] != "stopped" {
            if pipeline.is_running() {
                self.change(key, &[Action::Stop], None);
            }
            return;
        }
        self.change(key, &[Action::Start], None);
        for endpoint in [Part::Source, Part::Target] {
            self.tests(pipeline, endpoint);
        }
    }

    /// A shared role says for which specs its scope needs it.
    fn roles(&mut self, before: &Desired, after: &Desired) {
        let needs = |desired: &Desired| -> BTreeMap<String, BTreeSet<String>> {
            desired
                .resources
                .iter()
                .filter_map(|(id, declared)| match &declared.body {
                    Body::ServiceRole(role) => Some((id.to_string(), role.needed_by.clone())),
                    _ => None,
                })
                .collect()
        };
        let (before, after) = (needs(before), needs(after));
        for role in before.keys().chain(after.keys()) {
            let actions: &[Action] = match (before.get(role), after.get(role)) {
                (Some(before), Some(after)) if before == after => continue,
                (Some(_), Some(_)) => &[Action::Update],
                (None, _) => &[Action::Create],
                (_, None) => &[Action::Leave, Action::Delete],
            };
            self.change(role.clone(), actions, None);
        }
    }

    /// Compares with a plan; what differs, in words.
    pub(crate) fn compare(&self, plan: &Plan) -> Result<(), String> {
        let mut wrong = Vec::new();
        for change in &plan.changes {
            let key = change.key.to_string();
            let Some((actions, fields)) = self.changes.get(&key) else {
                wrong.push(format!(
                    "{} {key} is not of the change: {:?}",
                    change.action.as_str(),
                    change.fields
                ));
                continue;
            };
            if !actions.contains(&change.action) {
                wrong.push(format!("{} {key} should be one of {actions:?}", change.action.as_str()));
            }
            let Some(fields) = fields else { continue };
            let same = change.fields.len() == fields.len()
                && change.fields.iter().all(|field| {
                    fields.get(&field.path).is_some_and(|value| value.is_null() || *value == field.after)
                });
            if !same {
                wrong.push(format!("{key} should change {fields:?} and changes {:?}", change.fields));
            }
        }
        let planned: BTreeSet<String> = plan.changes.iter().map(|change| change.key.to_string()).collect();
        wrong.extend(
            self.changes.keys().filter(|key| !planned.contains(*key)).map(|key| format!("{key} is missing")),
        );
        if wrong.is_empty() {
            return Ok(());
        }
        Err(format!("{}\nin the plan:\n{}", wrong.join("\n"), outline(plan)))
    }
}

/// One pipeline before its change.
struct Pipeline<'a> {
    sample: &'a Sample,
    /// What its scope declares of it.
    parts: BTreeMap<Part, ResourceId>,
    /// Its endpoints, whoever declares them.
    ends: BTreeMap<Part, ResourceId>,
    /// Its instance, whoever declares it.
    instance: Option<ResourceId>,
    /// The certificate that its scope declares for an endpoint of it.
    certificate: Option<ResourceId>,
    observed: &'a Observed,
}

impl<'a> Pipeline<'a> {
    fn new(sample: &'a Sample, desired: &Desired, observed: &'a Observed) -> Self {
        let declared = &desired.pipelines[sample.name()];
        let id = |reference: &Ref| match reference {
            Ref::Managed(id) | Ref::ExternalId(id) => id.clone(),
            Ref::External(arn) => observed.by_arn(arn).expect("it is there").0.clone(),
        };
        let (source, target, instance) = match &desired.resources[&declared.task].body {
            Body::Task(task) => (&task.source, &task.target, Some(id(&task.instance))),
            Body::ReplicationConfig(config) => (&config.source, &config.target, None),
            other => panic!("not what moves data: {other:?}"),
        };
        let ends = BTreeMap::from([(Part::Source, id(source)), (Part::Target, id(target))]);
        let group = declared.resources.iter().find(|id| id.kind == Kind::SubnetGroup).cloned();
        let events =
            ResourceId::new(Kind::EventSubscription, format!("{}-{}-events", desired.scope, sample.name()));
        let all =
            ends.clone().into_iter().chain([(Part::Task, declared.task.clone()), (Part::Events, events)]);
        let parts = all
            .chain(instance.clone().map(|id| (Part::Instance, id)))
            .chain(group.map(|id| (Part::SubnetGroup, id)))
            .filter(|(_, id)| desired.resources.contains_key(id))
            .collect();
        let certificate = certificate_of(sample, desired);
        Self { sample, parts, ends, instance, certificate, observed }
    }

    /// What becomes of what its documents no longer declare.
    fn removal(&self) -> Action {
        let retained = self.sample.documents[0]["spec"]["deletionPolicy"] == "retain";
        if retained { Action::Release } else { Action::Delete }
    }

    fn live(&self, part: Part) -> &LiveBody {
        &self.observed.resources[&self.parts[&part]].body
    }

    fn is_running(&self) -> bool {
        self.live(Part::Task).status() == "running"
    }

    /// Whether a resource has this value already, however AWS spells it.
    fn has(&self, part: Part, field: &str, value: &Value) -> bool {
        let spelled = |value: &Value| value.to_string().to_lowercase().replace('_', "-");
        let live = match (self.live(part), field.strip_prefix("settings.")) {
            (LiveBody::Endpoint(endpoint), Some(setting)) => endpoint.settings.get(setting).cloned(),
            (LiveBody::Task(task), Some(setting)) => task_setting(&task.settings, setting),
            (LiveBody::ReplicationConfig(config), Some(setting)) => task_setting(&config.settings, setting),
            (LiveBody::Instance(instance), _) => match field {
                "autoMinorVersionUpgrade" => Some(json!(instance.auto_minor_version_upgrade)),
                "multiAz" => Some(json!(instance.multi_az)),
                "networkType" => Some(json!(instance.network_type)),
                // AWS may have gone further by itself.
                "engineVersion" if instance.auto_minor_version_upgrade => {
                    let is_newer = Some(instance.engine_version.as_str()) > value.as_str();
                    is_newer.then(|| value.clone())
                }
                _ => None,
            },
            (LiveBody::ReplicationConfig(config), None) if field == "compute.multiAz" => {
                Some(json!(config.compute.multi_az))
            }
            // A start takes it with it.
            (LiveBody::ReplicationConfig(_), None) if field == "cdc.stopPosition" => {
                (!self.is_running()).then(|| value.clone())
            }
            (LiveBody::Endpoint(endpoint), _) if field == "sslMode" => {
                endpoint.ssl_mode.as_ref().map(|mode| json!(mode))
            }
            _ => None,
        };
        let exact = matches!(
            field,
            "settings.TargetMetadata.TargetSchema" | "settings.ControlTablesSettings.ControlSchema"
        );
        live.is_some_and(|live| if exact { live == *value } else { spelled(&live) == spelled(value) })
    }
}

/// What a task settings document says of a setting, or DMS takes where it says nothing.
fn task_setting(settings: &Value, path: &str) -> Option<Value> {
    if let Some((list, _)) = path.split_once('[') {
        let list = settings.pointer(&format!("/{}", list.replace('.', "/")))?.as_array()?;
        return Some(list.iter().find(|item| item["Id"] == "SORTER")?["Severity"].clone());
    }
    let default = || serde_json::from_str(task_settings::find(path)?.default?).ok();
    settings.pointer(&format!("/{}", path.replace('.', "/"))).cloned().or_else(default)
}

/// The certificate that the documents of a sample declare.
fn certificate_of(sample: &Sample, desired: &Desired) -> Option<ResourceId> {
    let spec = format!("Certificate/{}-ca", sample.name());
    let of_sample = desired.resources.iter().find(|(_, declared)| declared.spec == spec);
    of_sample.map(|(id, _)| id.clone())
}
