//! Regional resources that specs declare: subnet groups, instances, certificates, endpoints, tasks, serverless
//! replication configs, event subscriptions.

use std::collections::BTreeSet;

use pipewright_model::kinds::Phase;
use pipewright_model::tags::{APPROVED, IMPORTED_FROM, PROTECT, REPLACED_BY, RETAIN, SECRETS, SPEC, Tags};
use pipewright_model::{Adopt, Body, Declared, FormerOwner, Kind, Live, LiveBody, Mode, ResourceId};
use serde_json::{Value, json};

use super::lifecycle::hold;
use super::{Draft, change, replacement};
use crate::diff::declared_fields;
use crate::kinds::migration::MigrationDeclared;
use crate::kinds::{self, Changes};
use crate::wait::Settling;
use crate::{Action, Change, ChangeKey, Disruption, FieldDiff, Mutation, Ownership, Reason, Step, Wait};

/// Plans every declared regional resource, in creation order.
pub(super) fn plan(draft: &mut Draft<'_>) {
    let desired = draft.desired;
    for (id, declared) in &desired.resources {
        if matches!(id.kind, Kind::ServiceRole | Kind::Connection) {
            continue;
        }
        if let Some(reason) = draft.unread(id.kind) {
            draft.unreadable(id, reason);
            continue;
        }
        if !declared.suspended && !super::outside::is_usable(draft, id, declared) {
            continue;
        }
        match draft.live(id) {
            None if declared.suspended => {
                draft.make_unavailable(id);
                draft.waiting(id, "suspended: not made".to_owned());
            }
            None if declared.import.is_some() && replacement::predecessor(draft, id).is_none() => {
                nothing_to_import(draft, id);
            }
            None => create(draft, id, declared, None),
            Some(live) if live.body.status() == "deleting" && declared.import.is_some() => {
                nothing_to_import(draft, id);
            }
            Some(live) if live.body.status() == "deleting" => create(draft, id, declared, Some(live)),
            Some(live) => existing(draft, id, declared, live),
        }
    }
}

fn create(draft: &mut Draft<'_>, id: &ResourceId, declared: &Declared, going: Option<&Live>) {
    if moves_between_computes(draft, id, declared) {
        return;
    }
    let needed = needed(draft, &declared.body);
    if let Some(cause) = draft.first_unavailable(&needed) {
        draft.waiting(id, format!("not made until {cause} is settled"));
        draft.unavailable.insert(id.clone(), cause);
        return;
    }
    if replacement::create(draft, id, declared) {
        return;
    }
    let mut steps = Vec::new();
    if going.is_some() {
        steps.push(Step::Wait(Wait::Gone(id.clone())));
    }
    let mut tags = kinds::tags(id, declared, draft.desired);
    tags.extend(super::rotation::version(draft, &declared.body));
    steps.extend(kinds::create(id, &declared.body, tags));
    let reason = match going {
        Some(_) => "is being deleted, and is declared".to_owned(),
        None => "does not exist".to_owned(),
    };
    let needs = draft.planned(&needed);
    draft.add(Change {
        reason,
        fields: declared_fields(&declared.body),
        steps,
        needs,
        ..change(id, Action::Create, Ownership::Absent, Some(declared))
    });
}

/// Holds back what would move a pipeline between an instance and DMS Serverless: nothing carries its
/// position over, and for a time both would write to the target. Tells whether it did.
fn moves_between_computes(draft: &mut Draft<'_>, id: &ResourceId, declared: &Declared) -> bool {
    let other = match id.kind {
        Kind::Task => Kind::ReplicationConfig,
        Kind::ReplicationConfig => Kind::Task,
        // Not made for a task that is held back.
        Kind::Instance => {
            let Some(before) = moves_off(draft, Kind::ReplicationConfig, &declared.spec) else {
                return false;
            };
            draft.make_unavailable(id);
            draft.waiting(id, format!("not made while {before} of the same pipeline exists"));
            return true;
        }
        _ => return false,
    };
    if let Some(reason) = draft.unread(other) {
        let message = format!("not made, since {other}s could not be read: {reason}");
        draft.make_unavailable(id);
        draft.waiting(id, message);
        return true;
    }
    let Some(before) = moves_off(draft, other, &declared.spec) else {
        return false;
    };
    let spec = &declared.spec;
    let message = format!(
        "is not made while {before} of the same pipeline exists: {spec} moves to another kind of compute, \
         which would load everything again"
    );
    let hint = format!(
        "take the change of `compute` back; declare a pipeline of another name, and remove {spec} when that \
         has taken over; or remove {spec} first, and declare it anew in a later pass"
    );
    draft.held.insert(before, format!("{spec} has not moved off it"));
    draft.make_unavailable(id);
    draft.block(id, message, hint);
    true
}

/// What of this kind an own pipeline still has and no longer declares.
fn moves_off(draft: &Draft<'_>, kind: Kind, spec: &str) -> Option<ResourceId> {
    let (before, _) = draft.observed.resources.iter().find(|(before, live)| {
        before.kind == kind
            && live.tags.get(SPEC).is_some_and(|owner| owner == spec)
            && !draft.desired.resources.contains_key(*before)
            && Ownership::is_own(&live.tags, &draft.desired.scope)
    })?;
    Some(before.clone())
}

fn nothing_to_import(draft: &mut Draft<'_>, id: &ResourceId) {
    draft.make_unavailable(id);
    draft.block(
        id,
        "is to be imported, and does not exist".to_owned(),
        format!("correct the `import`, or write `identifier: {}` to have it made", id.name),
    );
}

/// Whether a spec takes over a resource that is not this scope's: it says so, and of whom it takes it.
fn takes_over(declared: &Declared, ownership: &Ownership, tags: &Tags) -> bool {
    match ownership {
        Ownership::Unowned => declared.adopt == Adopt::Always,
        Ownership::Foreign { .. } => {
            let from = declared.import.as_ref().and_then(|import| import.from.as_ref());
            from.zip(FormerOwner::of(tags)).is_some_and(|(from, actual)| from.covers(&actual))
        }
        _ => false,
    }
}

/// The record of whose a resource was, which lets the marks of a stack count as released.
pub(super) fn imported_from(tags: &Tags) -> Option<String> {
    let mut owners: BTreeSet<String> =
        tags.get(IMPORTED_FROM).into_iter().flat_map(|from| from.split(' ')).map(str::to_owned).collect();
    owners.extend(FormerOwner::of(tags).map(|owner| owner.to_string()));
    owners.extend(FormerOwner::of_tool(tags).map(|owner| owner.to_string()));
    (!owners.is_empty()).then(|| owners.into_iter().collect::<Vec<_>>().join(" "))
}

fn existing(draft: &mut Draft<'_>, id: &ResourceId, declared: &Declared, live: &Live) {
    let ownership = Ownership::of_regional(&live.tags, &draft.desired.scope);
    let adopted = match &ownership {
        Ownership::Owned => false,
        ownership if takes_over(declared, ownership, &live.tags) => true,
        Ownership::Foreign { by } => {
            let message = format!("exists and is owned by {by}");
            let from =
                FormerOwner::of(&live.tags).map(|owner| format!(", from: {owner}")).unwrap_or_default();
            let hint = format!(
                "give this one another `identifier`, ask the owner to release it, or take it over: `import: \
                 {{identifier: {}{from}}}`",
                id.name
            );
            return draft.conflict(id, ownership, message, hint);
        }
        _ => {
            let message = "exists but not owned".to_owned();
            let hint = format!(
                "give this one another `identifier`, delete the existing one, or take it over: `import: \
                 {{identifier: {}}}`",
                id.name
            );
            return draft.conflict(id, ownership, message, hint);
        }
    };
    if declared.suspended {
        draft.waiting(id, "suspended: left as it is".to_owned());
        return;
    }
    let settling = Settling::of(&live.body);
    if let Settling::Broken(why) = &settling {
        draft.make_unavailable(id);
        draft.warn(id, why.clone());
        // A task or replication that failed can still be changed, so can a subscription without a topic and an
        // instance without storage; nothing else that is broken can.
        if !id.kind.moves_data() && id.kind != Kind::EventSubscription && live.body.status() != "storage-full"
        {
            return;
        }
    }
    let refers_to_unread =
        kinds::needs(&declared.body).into_iter().find(|id| draft.unread(id.kind).is_some());
    if let Some(other) = refers_to_unread {
        draft.waiting(id, format!("not compared, since {other}, which it refers to, could not be read"));
        return;
    }
    let Some(changes) = kinds::difference(id, &declared.body, live, draft.desired, draft.observed) else {
        return;
    };
    let is_full = live.body.status() == "storage-full";
    if is_full && !changes.fields.iter().any(|field| field.path == "allocatedStorage") {
        return;
    }
    for note in &changes.notes {
        draft.warn(id, note.clone());
    }
    if let Some(what) = kinds::waits_for_window(&declared.body, &live.body, !changes.fields.is_empty()) {
        draft.waiting(id, what);
    }
    if !changes.forcing.is_empty() {
        return if changes.replaceable && !adopted && draft.desired.policy.mode == Mode::Sync {
            replace(draft, id, declared, live, changes);
        } else if changes.replaceable_with_approval && !adopted {
            replacement::plan(draft, id, declared, live, changes);
        } else {
            refuse_replacement(draft, id, &changes.forcing);
        };
    }
    let mut tags = kinds::tags(id, declared, draft.desired);
    if adopted {
        tags.extend(imported_from(&live.tags).map(|from| (IMPORTED_FROM.to_owned(), from)));
    }
    let retag = Retag::new(id, &tags, &live.tags);
    let differs = !changes.fields.is_empty();
    // A task that starts or stops is waited for where its running is planned.
    let is_changing = settling == Settling::Moving && !is_active(&live.body);
    if is_changing {
        // What it will be when AWS is done cannot be told yet.
        if differs {
            draft.deferred.insert(id.clone());
        }
        await_settled(draft, id, declared, live, ownership);
    } else if draft.may_update() && (differs || !retag.is_empty()) {
        update(draft, id, declared, live, Update { ownership, adopted, changes, retag });
    }
}

/// What an update is made of.
struct Update {
    ownership: Ownership,
    adopted: bool,
    changes: Changes,
    retag: Retag,
}

fn update(draft: &mut Draft<'_>, id: &ResourceId, declared: &Declared, live: &Live, update: Update) {
    let Update { ownership, adopted, changes, retag } = update;
    let changes_body = !changes.fields.is_empty();
    let key = ChangeKey::main(id);
    let mut needs = draft.planned(&needed(draft, &declared.body));
    // A task leaves an instance only while that is available.
    if let LiveBody::Task(task) = &live.body {
        let leaves = draft.observed.by_arn(&task.instance_arn).map(|(instance, _)| instance);
        needs.extend(draft.planned(leaves));
    }
    if changes_body {
        if let Some(held) =
            moves_off_broken(draft, live, &changes).or_else(|| stays_after_failed_move(live, &changes))
        {
            return draft.block(id, held.0, held.1);
        }
        match pauses(draft, id, live, &changes) {
            Ok(tasks) => {
                for task in tasks {
                    needs.insert(ChangeKey::new(&task, crate::Part::Pause));
                    draft.pauses.entry(task).or_default().insert(key.clone());
                }
            }
            Err(Runs::Held(message)) => return draft.waiting_for(id, Reason::Held, message),
            Err(Runs::Blocked { message, hint }) => return draft.block(id, message, hint),
        }
    }
    let mut steps = Vec::new();
    // Ownership first, so that a pass that ends here finds the resource its own.
    if adopted {
        steps.extend(retag.steps(id));
    }
    let disruption = changes.disruption();
    if changes_body {
        if changes.stops_users() {
            steps.extend(users_at_rest(draft, id));
        }
        steps.extend(changes.steps);
    }
    // What is remembered of secrets does not wait until AWS is done: a pass that does not wait would send them
    // again and again.
    if let Some(remember) = retag.remember(id) {
        let sent = steps.iter().rposition(|step| matches!(step, Step::Call(_))).map_or(0, |at| at + 1);
        steps.insert(sent, remember);
    }
    // The tags tell what was sent, and so come after it.
    if !adopted {
        steps.extend(retag.steps(id));
    }
    let mut fields = changes.fields;
    fields.extend(retag.fields);
    let (action, reason) = match (adopted, changes_body) {
        (true, _) => (Action::Adopt, adopts(&ownership)),
        (false, true) => (Action::Update, "differs from its spec".to_owned()),
        (false, false) => (Action::Update, "its tags differ".to_owned()),
    };
    draft.add(Change {
        disruption,
        reason,
        fields,
        steps,
        needs,
        ..change(id, action, ownership, Some(declared))
    });
}

fn adopts(ownership: &Ownership) -> String {
    match ownership {
        Ownership::Foreign { by } => format!("is owned by {by}; the spec says to take it over from there"),
        _ => "exists but not owned; the spec says to adopt it".to_owned(),
    }
}

/// The waits for users that AWS is making, changing or deleting: an endpoint is changed only while all that use it are
/// at rest.
fn users_at_rest(draft: &Draft<'_>, id: &ResourceId) -> Vec<Step> {
    let rest = |user: &ResourceId| match draft.live(user)?.body.migration()?.phase {
        Phase::Making | Phase::Changing => Some(Step::Wait(Wait::Settled(user.clone()))),
        Phase::Deleting => Some(Step::Wait(Wait::Gone(user.clone()))),
        _ => None,
    };
    kinds::live_users(id, draft.observed).into_iter().filter_map(rest).collect()
}

/// Why a task cannot be moved: DMS moves it only off an instance that is available.
fn moves_off_broken(draft: &Draft<'_>, live: &Live, changes: &Changes) -> Option<(String, String)> {
    let (instance, why) = broken_instance(draft, &live.body).filter(|_| moves(changes))?;
    Some((
        format!("cannot be moved off {instance}: {why}"),
        format!("mend {instance}, or leave the task on it until AWS has"),
    ))
}

/// Why a task whose move failed cannot be changed: DMS takes only another move.
fn stays_after_failed_move(live: &Live, changes: &Changes) -> Option<(String, String)> {
    (live.body.status() == "failed-move" && !moves(changes)).then(|| {
        (
            "cannot be changed, since its move to another instance failed".to_owned(),
            "move it first, by naming another `instance` in its spec".to_owned(),
        )
    })
}

fn moves(changes: &Changes) -> bool {
    changes.steps.iter().any(|step| matches!(step, Step::Call(Mutation::MoveTask { .. })))
}

/// The instance of a task, and what is wrong with it, if it cannot be used.
fn broken_instance(draft: &Draft<'_>, body: &LiveBody) -> Option<(ResourceId, String)> {
    let LiveBody::Task(task) = body else { return None };
    let (id, instance) = draft.observed.by_arn(&task.instance_arn)?;
    match Settling::of(&instance.body) {
        Settling::Broken(why) => Some((id.clone(), why)),
        _ => None,
    }
}

/// Why what runs is not stopped for a change.
enum Runs {
    /// A person holds it.
    Held(String),
    /// Its spec does not allow it, or it is not in these specs.
    Blocked { message: String, hint: String },
}

/// The running tasks that must be stopped for this resource to change, or why it cannot be.
fn pauses(
    draft: &Draft<'_>,
    id: &ResourceId,
    live: &Live,
    changes: &Changes,
) -> Result<BTreeSet<ResourceId>, Runs> {
    let mut tasks = BTreeSet::new();
    let mut candidates = if changes.stops_itself() { vec![id] } else { Vec::new() };
    if changes.stops_users() {
        candidates.extend(kinds::live_users(id, draft.observed));
    }
    for task in candidates {
        let user = if task == id { Some(live) } else { draft.live(task) };
        let Some(user) = user.filter(|user| is_active(&user.body)) else {
            continue;
        };
        if let Some(why) = hold::of(user) {
            let message = format!("not changed while {task} runs, which is on hold: {why}");
            return Err(Runs::Held(message));
        }
        // It could not be resumed.
        if let Some((instance, why)) = broken_instance(draft, &user.body) {
            return Err(Runs::Blocked {
                message: format!(
                    "can only be changed while {task} is stopped, which could not be resumed: {why}"
                ),
                hint: format!("mend {instance}, or stop {task} first"),
            });
        }
        let ownership = Ownership::of_regional(&user.tags, &draft.desired.scope);
        let is_taken_over = |declared| takes_over(declared, &ownership, &user.tags);
        let stays_ours =
            ownership == Ownership::Owned || draft.desired.resources.get(task).is_some_and(is_taken_over);
        match draft.desired.resources.get(task) {
            Some(declared) if stays_ours && !declared.suspended && stops_to_change(&declared.body) => {
                tasks.insert(task.clone());
            }
            // It is deleted in this plan, so that it will not run any more.
            None if stays_ours
                && draft.may_delete()
                && !user.tags.contains_key(RETAIN)
                && !user.tags.contains_key(PROTECT) => {}
            _ => {
                return Err(Runs::Blocked {
                    message: format!("can only be changed while {task} is stopped"),
                    hint: format!(
                        "stop {task}, or let its spec allow it: `run: {{onChange: stop-and-resume}}`"
                    ),
                });
            }
        }
    }
    Ok(tasks)
}

pub(super) fn stops_to_change(body: &Body) -> bool {
    MigrationDeclared::of(body).is_some_and(|declared| declared.stop_to_change)
}

/// Whether a task or replication does something that a change must not cut into.
pub(super) fn is_active(body: &LiveBody) -> bool {
    body.migration().is_some_and(|migration| migration.phase.is_active())
}

/// Deletes and makes again what holds nothing that could be lost.
pub(super) fn replace(
    draft: &mut Draft<'_>,
    id: &ResourceId,
    declared: &Declared,
    live: &Live,
    changes: Changes,
) {
    let needs = needed(draft, &declared.body);
    if let Some(cause) = draft.first_unavailable(&needs) {
        return draft.waiting(id, format!("not changed until {cause} is settled"));
    }
    let mut steps = kinds::delete(id, &live.body);
    steps.extend(replacement::steps_to_create(draft, id, declared));
    let mut fields = changes.forcing;
    fields.extend(changes.fields);
    draft.add(Change {
        disruption: Disruption::InPlace,
        reason: "cannot be changed in place: deleted and made again, and what happens in between is not told"
            .to_owned(),
        fields,
        steps,
        needs: draft.planned(&needs),
        ..change(id, Action::Update, Ownership::Owned, Some(declared))
    });
}

/// Fields that differ, for a sentence.
pub(super) fn in_words(fields: &[FieldDiff]) -> String {
    let field =
        |field: &FieldDiff| format!("{}: {} → {}", field.path, plain(&field.before), plain(&field.after));
    fields.iter().map(field).collect::<Vec<_>>().join(", ")
}

fn refuse_replacement(draft: &mut Draft<'_>, id: &ResourceId, forcing: &[FieldDiff]) {
    let fields = in_words(forcing);
    draft.block(
        id,
        format!("cannot be changed in place ({fields}), and is not replaced, since that would destroy it"),
        "take the change back, or declare a new one beside it under another `identifier` and remove this one \
         when it has taken over"
            .to_owned(),
    );
}

pub(super) fn await_settled(
    draft: &mut Draft<'_>,
    id: &ResourceId,
    declared: &Declared,
    live: &Live,
    ownership: Ownership,
) {
    draft.add(Change {
        reason: format!("is {}", live.body.status()),
        steps: vec![Step::Wait(Wait::Settled(id.clone()))],
        ..change(id, Action::Await, ownership, Some(declared))
    });
}

/// The declared resources and roles that a resource cannot be made without.
pub(super) fn needed(draft: &Draft<'_>, body: &Body) -> Vec<ResourceId> {
    let roles = kinds::needed_roles(body)
        .into_iter()
        .map(|role| ResourceId::role(role.name))
        .filter(|role| draft.desired.resources.contains_key(role));
    kinds::needs(body).into_iter().cloned().chain(roles).collect()
}

/// Which tags a live resource lacks.
pub(super) struct Retag {
    add: Tags,
    /// What [`SECRETS`] is to say, if that is something else than it does.
    secrets: Option<String>,
    remove: BTreeSet<String>,
    pub(super) fields: Vec<FieldDiff>,
}

impl Retag {
    pub(super) fn new(id: &ResourceId, declared: &Tags, live: &Tags) -> Self {
        let mut retag = Self { add: Tags::new(), secrets: None, remove: BTreeSet::new(), fields: Vec::new() };
        if id.kind == Kind::Connection {
            return retag;
        }
        for (key, value) in declared {
            let have = live.get(key);
            if have != Some(value) && key == SECRETS {
                retag.secrets = Some(value.clone());
                let before = have.map_or(Value::Null, |_| json!("recorded"));
                retag.fields.push(FieldDiff {
                    path: format!("tags.{key}"),
                    before,
                    after: json!("recorded anew"),
                });
            } else if have != Some(value) {
                retag.add.insert(key.clone(), value.clone());
                retag.fields.push(FieldDiff {
                    path: format!("tags.{key}"),
                    before: have.map_or(Value::Null, |have| json!(have)),
                    after: json!(value),
                });
            }
        }
        // What the specs no longer say of keeping it, or no longer of its secrets, and a replacement that was taken back.
        for key in [RETAIN, PROTECT, SECRETS, REPLACED_BY, APPROVED]
            .into_iter()
            .filter(|&key| !declared.contains_key(key))
        {
            let Some(before) = live.get(key) else { continue };
            let before = if key == SECRETS { "recorded" } else { before.as_str() };
            retag.remove.insert(key.to_owned());
            retag.fields.push(FieldDiff {
                path: format!("tags.{key}"),
                before: json!(before),
                after: Value::Null,
            });
        }
        retag
    }

    fn is_empty(&self) -> bool {
        self.add.is_empty() && self.remove.is_empty() && self.secrets.is_none()
    }

    /// The step that remembers which secrets were sent.
    fn remember(&self, id: &ResourceId) -> Option<Step> {
        let tags = Tags::from([(SECRETS.to_owned(), self.secrets.clone()?)]);
        Some(Step::Call(Mutation::AddTags { id: id.clone(), tags }))
    }

    pub(super) fn steps(&self, id: &ResourceId) -> Vec<Step> {
        let mut steps = Vec::new();
        if !self.add.is_empty() {
            steps.push(Step::Call(Mutation::AddTags { id: id.clone(), tags: self.add.clone() }));
        }
        if !self.remove.is_empty() {
            steps.push(Step::Call(Mutation::RemoveTags { id: id.clone(), keys: self.remove.clone() }));
        }
        steps
    }
}

/// A value for a sentence: text without quotes.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
