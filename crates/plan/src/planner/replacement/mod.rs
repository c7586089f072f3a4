//! Replacement of a task whose ends cannot be changed: another one takes its place under the same identifier, and
//! goes on from its position where DMS can.
//!
//! The old task is stopped and renamed, the new one is made and started, and only when that runs is the old one
//! deleted. At every moment the old task, with its checkpoint, or one that runs in its place is there, and two never
//! write to one target. What was begun is told by tags alone: [`REPLACED_BY`] on the old task, [`CONTINUES`] on the
//! new one, so that any later pass goes on.

mod losses;
mod renamed;

use pipewright_model::kinds::{Phase, Run};
use pipewright_model::tags::{APPROVED, CONTINUES, PAUSED, PROTECT, REPLACED_BY, Tags};
use pipewright_model::{Approval, Body, Declared, Kind, Live, Mode, ResourceId};

use self::losses::Losses;
use super::lifecycle::hold;
use super::regional::{self, in_words, is_active, needed};
use super::{Draft, approval, change, prune};
use crate::kinds::migration::{self, MigrationDeclared};
use crate::kinds::{self, Changes};
use crate::{Action, Change, ChangeKey, Disruption, Mutation, Ownership, Part, Step, Wait};

/// The longest identifier of a task (DMS API reference, `CreateReplicationTask`).
const MAX_IDENTIFIER: usize = 255;

/// A task that another one takes the place of.
#[derive(Debug)]
pub(super) struct Replacement {
    /// The identifier that the old one has, or is given.
    old: ResourceId,
    /// Whether the new one goes on from its position.
    continues: bool,
}

/// Replaces a task whose fields cannot be changed, if what that loses is approved.
pub(super) fn plan(
    draft: &mut Draft<'_>,
    id: &ResourceId,
    declared: &Declared,
    live: &Live,
    changes: Changes,
) {
    let Some(migration) = live.body.migration() else { return };
    let words = in_words(&changes.forcing);
    if let Some((message, hint)) = obstacle(draft, declared, live) {
        return draft.block(id, format!("cannot be changed in place ({words}), and {message}"), hint);
    }
    if !migration.has_run && migration.phase == Phase::Ready {
        return regional::replace(draft, id, declared, live, changes);
    }
    if matches!(migration.phase, Phase::Making | Phase::Changing | Phase::Deleting | Phase::Unknown) {
        // It is not started as what it is not to be.
        draft.deferred.insert(id.clone());
        return regional::await_settled(draft, id, declared, live, Ownership::Owned);
    }
    let needs = needed(draft, &declared.body);
    if let Some(cause) = draft.first_unavailable(&needs) {
        return draft.waiting(id, format!("not replaced until {cause} is settled"));
    }
    // It is stopped for them, and resumed; one thing after the other.
    if let Some(others) = draft.pauses.get(id) {
        let others = others.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        return draft.waiting(id, format!("is replaced ({words}) once {others} has changed"));
    }
    let losses = Losses::of(draft, declared, live, &words);
    if !are_approved(draft, declared, &losses, &Tags::new()) {
        return hold_back(draft, id, declared, "cannot be changed in place", TAKE_BACK, &losses);
    }
    let old = free_name(draft, id);
    let mut tags = marks(id, &losses);
    // If the change is taken back before the task has its other name, it runs again.
    if matches!(migration.phase, Phase::Running | Phase::Starting) {
        tags.insert(PAUSED.to_owned(), super::lifecycle::RESUME.to_owned());
    }
    let mut steps = vec![Step::Call(Mutation::AddTags { id: id.clone(), tags })];
    steps.extend(migration::stop(id, migration));
    steps.push(Step::Call(Mutation::RenameTask { id: id.clone(), to: old.clone() }));
    steps.push(Step::Wait(Wait::Settled(old.clone())));
    let mut fields = changes.forcing;
    fields.extend(changes.fields);
    let replacement = Replacement { old, continues: losses.continues };
    steps.extend(creation(draft, id, declared, &replacement));
    draft.add(Change {
        disruption: worst(&losses),
        reason: "cannot be changed in place: another one takes its place, and it is deleted when that runs"
            .to_owned(),
        forces: losses.forces,
        fields,
        steps,
        needs: draft.planned(&needs),
        ..change(id, Action::Replace, Ownership::Owned, Some(declared))
    });
    draft.replacements.insert(id.clone(), replacement);
}

/// Makes the task that takes the place of one that is out of the way already. Tells whether there is such a one.
pub(super) fn create(draft: &mut Draft<'_>, id: &ResourceId, declared: &Declared) -> bool {
    let Some((old, live)) = predecessor(draft, id) else { return renamed::create(draft, id, declared) };
    let old = old.clone();
    let losses = Losses::of(draft, declared, live, &format!("it is to take the place of {old}"));
    if !are_approved(draft, declared, &losses, &live.tags) {
        draft.make_unavailable(id);
        hold_back(draft, id, declared, "is not made", TAKE_BACK, &losses);
        return true;
    }
    // Somebody may have started it meanwhile.
    let steps = live.body.migration().map(|found| migration::stop(&old, found)).unwrap_or_default();
    take_place(draft, id, declared, old, losses, steps);
    true
}

/// Makes a task that takes the place of another one, which these steps bring to rest.
fn take_place(
    draft: &mut Draft<'_>,
    id: &ResourceId,
    declared: &Declared,
    old: ResourceId,
    losses: Losses,
    mut steps: Vec<Step>,
) {
    let needs = needed(draft, &declared.body);
    let reason = format!("takes the place of {old}");
    let replacement = Replacement { old, continues: losses.continues };
    steps.extend(creation(draft, id, declared, &replacement));
    draft.add(Change {
        disruption: worst(&losses),
        reason,
        forces: losses.forces,
        fields: crate::diff::declared_fields(&declared.body),
        steps,
        needs: draft.planned(&needs),
        ..change(id, Action::Create, Ownership::Absent, Some(declared))
    });
    draft.replacements.insert(id.clone(), replacement);
}

/// The record on a task that another one takes its place, and what was approved for that.
fn marks(successor: &ResourceId, losses: &Losses) -> Tags {
    let approved = losses.classes().map(Approval::as_str).collect::<Vec<_>>().join(" ");
    Tags::from([(REPLACED_BY.to_owned(), successor.name.clone()), (APPROVED.to_owned(), approved)])
}

/// The steps that make a declared resource, of a task that takes another one's place from that one's position.
pub(super) fn steps_to_create(draft: &Draft<'_>, id: &ResourceId, declared: &Declared) -> Vec<Step> {
    let found = predecessor(draft, id).map(|(old, live)| Replacement {
        old: old.clone(),
        continues: Losses::of(draft, declared, live, "").continues,
    });
    match found {
        Some(replacement) => creation(draft, id, declared, &replacement),
        None => kinds::create(id, &declared.body, kinds::tags(id, declared, draft.desired)),
    }
}

fn creation(draft: &Draft<'_>, id: &ResourceId, declared: &Declared, replacement: &Replacement) -> Vec<Step> {
    let mut tags = kinds::tags(id, declared, draft.desired);
    let Body::Task(task) = &declared.body else { return Vec::new() };
    if !replacement.continues {
        return kinds::create(id, &declared.body, tags);
    }
    tags.insert(CONTINUES.to_owned(), task.migration_type.as_str().to_owned());
    let create = Mutation::CreateTask {
        id: id.clone(),
        declared: Box::new(migration::continued(task)),
        tags,
        continues: Some(replacement.old.clone()),
    };
    vec![Step::Call(create), Step::Wait(Wait::Settled(id.clone()))]
}

/// Whether a task goes on, or went on, from the position of another one.
pub(super) fn goes_on(draft: &Draft<'_>, id: &ResourceId, declared: &Body) -> bool {
    let Body::Task(task) = declared else { return false };
    match draft.replacements.get(id) {
        Some(replacement) => replacement.continues,
        None => draft.live(id).is_some_and(|live| migration::is_continued(task, &live.tags)),
    }
}

/// Whether a task is to run in the place of one that has run.
pub(super) fn takes_over(draft: &Draft<'_>, id: &ResourceId) -> bool {
    draft.replacements.contains_key(id) || predecessor(draft, id).is_some()
}

/// The own task that was renamed so that the one of this identity can take its place.
pub(super) fn predecessor<'a>(draft: &Draft<'a>, id: &ResourceId) -> Option<(&'a ResourceId, &'a Live)> {
    draft.observed.resources.iter().find(|(old, live)| {
        successor(old, live).as_ref() == Some(id)
            && live.body.status() != "deleting"
            && Ownership::of_regional(&live.tags, &draft.desired.scope) == Ownership::Owned
    })
}

/// What takes the place of this task, if it was renamed for that.
fn successor(id: &ResourceId, live: &Live) -> Option<ResourceId> {
    let name = live.tags.get(REPLACED_BY).filter(|name| id.kind == Kind::Task && **name != id.name)?;
    Some(ResourceId::new(Kind::Task, name))
}

/// The deletion of the task that this one takes the place of, if this plan has it.
pub(super) fn end_of(draft: &Draft<'_>, id: &ResourceId) -> Option<ChangeKey> {
    let replacement = draft.replacements.get(id)?;
    let key = ChangeKey::main(&replacement.old);
    draft.changes.contains_key(&key).then_some(key)
}

/// Tasks go that others take the place of in this plan: when those run.
pub(super) fn plan_ends(draft: &mut Draft<'_>) {
    let started: Vec<(ResourceId, ResourceId)> = draft
        .replacements
        .iter()
        .filter(|(_, replacement)| draft.live(&replacement.old).is_none())
        .map(|(id, replacement)| (id.clone(), replacement.old.clone()))
        .collect();
    // A test of what is new comes before the old task stops.
    for id in draft.replacements.keys() {
        let Some(run) = draft.changes.get(&ChangeKey::new(id, Part::Run)) else { continue };
        let tests: Vec<ChangeKey> =
            run.needs.iter().filter(|need| need.resource.kind == Kind::Connection).cloned().collect();
        if let Some(main) = draft.changes.get_mut(&ChangeKey::main(id)) {
            main.needs.extend(tests);
        }
    }
    for (id, old) in started {
        if let Some(needs) = runs_by(draft, &id) {
            let steps = vec![
                Step::Call(Mutation::DeleteTask { id: old.clone() }),
                Step::Wait(Wait::Gone(old.clone())),
            ];
            delete(draft, &id, &old, steps, Some(needs));
        }
    }
}

/// Plans the deletion of a task that was renamed so that another one can take its place, or says why it stays.
/// Tells whether it is such a task.
pub(super) fn plan_deletion(draft: &mut Draft<'_>, old: &ResourceId, live: &Live) -> bool {
    let planned = || {
        draft.replacements.iter().find(|(_, replacement)| replacement.old == *old).map(|(id, _)| id.clone())
    };
    let Some(id) =
        successor(old, live).or_else(planned).filter(|id| draft.desired.resources.contains_key(id))
    else {
        return false;
    };
    if !draft.may_delete() {
        draft.waiting(old, prune::keeps(draft));
        return true;
    }
    if let Some(why) = hold::of(live) {
        draft.waiting(old, format!("{id} takes its place, and it is kept: it is on hold: {why}"));
        return true;
    }
    let runs = draft.live(&id).and_then(|live| live.body.migration()).map(|found| found.phase);
    let needs = match runs {
        Some(Phase::Running) => Some(draft.planned([&id]).into_iter().next()),
        // It is not to run, and holds the position all the same.
        Some(Phase::Ready | Phase::Stopped) if !is_to_run(draft, &id) => {
            Some(draft.planned([&id]).into_iter().next())
        }
        _ => runs_by(draft, &id).map(Some),
    };
    match needs {
        Some(needs) => {
            delete(draft, &id, old, kinds::delete(old, &live.body), needs);
        }
        None => draft.waiting(old, format!("is kept until {id} runs in its place")),
    }
    true
}

/// The change after which a task does what its spec asks for, if there is one.
fn runs_by(draft: &Draft<'_>, id: &ResourceId) -> Option<ChangeKey> {
    let key = if is_to_run(draft, id) { ChangeKey::new(id, Part::Run) } else { ChangeKey::main(id) };
    draft.changes.contains_key(&key).then_some(key)
}

fn is_to_run(draft: &Draft<'_>, id: &ResourceId) -> bool {
    let declared = draft.desired.resources.get(id).and_then(|declared| MigrationDeclared::of(&declared.body));
    declared.is_some_and(|declared| declared.run == Run::Running)
}

fn delete(
    draft: &mut Draft<'_>,
    id: &ResourceId,
    old: &ResourceId,
    steps: Vec<Step>,
    after: Option<ChangeKey>,
) {
    let declared = draft.desired.resources.get(id);
    draft.add(Change {
        disruption: Disruption::Destroys,
        reason: format!("{id} has taken its place"),
        steps,
        needs: after.into_iter().collect(),
        ..change(old, Action::Delete, Ownership::Owned, declared)
    });
}

/// Why a task is not replaced whatever is approved, and what to do.
fn obstacle(draft: &Draft<'_>, declared: &Declared, live: &Live) -> Option<(String, String)> {
    if draft.desired.policy.mode != Mode::Sync {
        return Some((
            "is not replaced: the policy's mode does not allow deletes".to_owned(),
            "take the change back, or set `policy: {mode: sync}` in the Controller".to_owned(),
        ));
    }
    if declared.protected || live.tags.contains_key(PROTECT) {
        return Some((
            "is not replaced: it is protected".to_owned(),
            "take the change back, or reconcile with `protect: false` first".to_owned(),
        ));
    }
    if let Some(why) = hold::of(live) {
        return Some((
            format!("is not replaced: it is on hold: {why}"),
            "take the change back, or the tag pipewright:hold off the task".to_owned(),
        ));
    }
    if is_active(&live.body) && !regional::stops_to_change(&declared.body) {
        return Some((
            "can only be replaced while it is stopped".to_owned(),
            "stop it, or let its spec allow it: `run: {onChange: stop-and-resume}`".to_owned(),
        ));
    }
    None
}

/// Whether everything that cannot be taken back is approved: by specs or command line, or when the task that these
/// tags are of was renamed.
fn are_approved(draft: &mut Draft<'_>, declared: &Declared, losses: &Losses, old: &Tags) -> bool {
    let before = old.get(APPROVED).map(String::as_str).unwrap_or_default();
    let mut all = true;
    for class in losses.classes() {
        let was = before.split(' ').any(|word| word == class.as_str());
        all &= was || approval::is_given(draft, &declared.spec, class);
    }
    all
}

/// The way out of a replacement that nobody approves.
const TAKE_BACK: &str = "take the change back";

fn hold_back(
    draft: &mut Draft<'_>,
    id: &ResourceId,
    declared: &Declared,
    what: &str,
    way_out: &str,
    losses: &Losses,
) {
    let because = losses.forces.first().map(|forced| forced.because.as_str()).unwrap_or_default();
    let classes: Vec<Approval> = losses.classes().collect();
    let hint = format!("{way_out}, or approve it: {}", approval::hint(draft, &declared.spec, &classes));
    let classes: Vec<String> = classes.iter().map(|class| format!("`{class}`")).collect();
    let message = format!("{what} ({because}); to replace it needs an approval of {}", classes.join(" and "));
    draft.block(id, message, hint);
}

fn worst(losses: &Losses) -> Disruption {
    losses.classes().map(Disruption::from).max().unwrap_or(Disruption::Destroys)
}

/// An identifier that no task has and no spec declares, made of this one.
fn free_name(draft: &Draft<'_>, id: &ResourceId) -> ResourceId {
    let name = |n: u32| {
        let suffix = if n == 1 { "-replaced".to_owned() } else { format!("-replaced-{n}") };
        let room = MAX_IDENTIFIER - suffix.len();
        let start: String = id.name.chars().take(room).collect();
        ResourceId::new(id.kind, format!("{}{suffix}", start.trim_end_matches('-')))
    };
    let taken = |id: &ResourceId| draft.live(id).is_some() || draft.desired.resources.contains_key(id);
    // One of so many names is free of so many resources.
    let most =
        u32::try_from(draft.observed.resources.len() + draft.desired.resources.len()).unwrap_or(u32::MAX);
    (1..=most.saturating_add(1)).map(name).find(|id| !taken(id)).unwrap_or_else(|| name(0))
}
