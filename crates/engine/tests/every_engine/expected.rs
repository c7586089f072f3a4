//! What the plan of a change must hold, worked out from the change and the account and not from the
//! planner.

use std::collections::{BTreeMap, BTreeSet};

use pipewright_model::kinds::EndpointType;
use pipewright_model::{Body, Desired, Kind, LiveBody, Observed, ResourceId};
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
                    for id in pipeline.parts.values() {
                        expected.change(id.to_string(), &[Action::Update], Some(fields.clone()));
                    }
                }
                Touched::Run => expected.run(&pipeline),
                Touched::Everything => {
                    let retained = sample.document["spec"]["deletionPolicy"] == "retain";
                    let action = if retained { Action::Release } else { Action::Delete };
                    for id in pipeline.parts.values() {
                        expected.change(id.to_string(), &[action], None);
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
        if changes_body && must_stop && pipeline.is_running() {
            if pipeline.sample.document["spec"]["run"]["onChange"] == "report" {
                self.blocked.insert(id.to_string());
                return;
            }
            let task = &pipeline.parts[&Part::Task];
            self.change(format!("{task} (pause)"), &[Action::Pause], None);
            self.change(format!("{task} (run)"), &[Action::Resume], None);
            if part != Part::Task {
                self.change(pipeline.connection(id), &[Action::Test], None);
            }
        }
        if resends {
            fields.insert(APPLIED.to_owned(), Value::Null);
        }
        if !fields.is_empty() {
            self.change(id.to_string(), &[Action::Update], Some(fields));
        }
    }

    fn run(&mut self, pipeline: &Pipeline<'_>) {
        let key = format!("{} (run)", pipeline.parts[&Part::Task]);
        if pipeline.sample.document["spec"]["run"]["desired"] != "stopped" {
            if pipeline.is_running() {
                self.change(key, &[Action::Stop], None);
            }
            return;
        }
        self.change(key, &[Action::Start], None);
        for endpoint in [Part::Source, Part::Target] {
            self.change(pipeline.connection(&pipeline.parts[&endpoint]), &[Action::Test], None);
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
    parts: BTreeMap<Part, ResourceId>,
    observed: &'a Observed,
}

impl<'a> Pipeline<'a> {
    fn new(sample: &'a Sample, desired: &Desired, observed: &'a Observed) -> Self {
        let resources = &desired.pipelines[sample.name()].resources;
        let part = |id: &ResourceId| match (&desired.resources[id].body, id.kind) {
            (Body::Endpoint(endpoint), _) if endpoint.endpoint_type == EndpointType::Source => {
                Some(Part::Source)
            }
            (Body::Endpoint(_), _) => Some(Part::Target),
            (_, Kind::SubnetGroup) => Some(Part::SubnetGroup),
            (_, Kind::Instance) => Some(Part::Instance),
            (_, Kind::Task) => Some(Part::Task),
            _ => None,
        };
        let parts = resources.iter().filter_map(|id| Some((part(id)?, id.clone()))).collect();
        Self { sample, parts, observed }
    }

    fn live(&self, part: Part) -> &LiveBody {
        &self.observed.resources[&self.parts[&part]].body
    }

    fn is_running(&self) -> bool {
        self.live(Part::Task).status() == "running"
    }

    fn connection(&self, endpoint: &ResourceId) -> String {
        ResourceId::connection(&self.parts[&Part::Instance], endpoint).to_string()
    }

    /// Whether a resource has this value already, however AWS spells it.
    fn has(&self, part: Part, field: &str, value: &Value) -> bool {
        let spelled = |value: &Value| value.to_string().to_lowercase().replace('_', "-");
        let live = match (self.live(part), field.strip_prefix("settings.")) {
            (LiveBody::Endpoint(endpoint), Some(setting)) => endpoint.settings.get(setting).cloned(),
            (LiveBody::Task(task), Some(setting)) => match setting.split_once('[') {
                Some((list, _)) => {
                    let list = task.settings.pointer(&format!("/{}", list.replace('.', "/")));
                    list.and_then(Value::as_array)
                        .and_then(|list| list.iter().find(|item| item["Id"] == "SORTER"))
                        .map(|item| item["Severity"].clone())
                }
                None => task.settings.pointer(&format!("/{}", setting.replace('.', "/"))).cloned(),
            },
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
