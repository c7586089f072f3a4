//! The life of tasks and serverless replications: pausing them for changes, testing a task's
//! connections, starting and resuming them.

use std::collections::BTreeSet;

use pipewright_model::kinds::{MigrationObserved, Phase, Run};
use pipewright_model::tags::{PAUSED, Tags};
use pipewright_model::{Declared, Kind, Live, Ref, ResourceId};

use super::{Draft, change};
use crate::kinds;
use crate::kinds::migration::{self, MigrationDeclared};
use crate::{Action, Change, ChangeKey, Disruption, Mutation, Ownership, Part, StartType, Step, Wait};

/// What [`PAUSED`] says: how the task is to be started again.
const RESUME: &str = "resume-processing";

/// Plans for everything declared that moves data whether it is stopped, started or resumed.
pub(super) fn plan(draft: &mut Draft<'_>) {
    let desired = draft.desired;
    for (id, declared) in &desired.resources {
        let Some(body) = MigrationDeclared::of(&declared.body) else {
            continue;
        };
        if declared.suspended || draft.unread(id.kind).is_some() {
            continue;
        }
        let conflicted = draft.report.conflicts.iter().any(|finding| finding.resource.as_ref() == Some(id));
        if conflicted {
            continue;
        }
        let task = Task { id, declared, body };
        match draft.live(id) {
            Some(live) if live.body.status() != "deleting" => {
                if let Some(observed) = live.body.migration() {
                    live_task(draft, &task, live, observed);
                }
            }
            _ if body.run == Run::Running && draft.changes.contains_key(&ChangeKey::main(id)) => {
                run(draft, &task, Action::Start, "is to run", BTreeSet::new());
            }
            _ => {}
        }
    }
}

/// A declared task or serverless replication.
struct Task<'a> {
    id: &'a ResourceId,
    declared: &'a Declared,
    body: MigrationDeclared<'a>,
}

fn live_task(draft: &mut Draft<'_>, task: &Task<'_>, live: &Live, observed: MigrationObserved<'_>) {
    let was_paused = live.tags.contains_key(PAUSED);
    let paused_for = draft.pauses.remove(task.id).unwrap_or_default();
    if !paused_for.is_empty() {
        let resumes = task.body.run != Run::Stopped
            && (was_paused || matches!(observed.phase, Phase::Running | Phase::Starting));
        pause(draft, task, observed, resumes && !was_paused, &paused_for);
        if resumes {
            run(draft, task, Action::Resume, "was stopped to be changed", paused_for);
        }
        return;
    }
    match observed.phase {
        Phase::Running | Phase::Starting if task.body.run == Run::Stopped => stop(draft, task, observed),
        Phase::Running if was_paused => forget_pause(draft, task),
        Phase::Starting => awaited(draft, task, observed, Wait::Started(task.id.clone())),
        Phase::Stopping | Phase::Stopped if was_paused && task.body.run != Run::Stopped => {
            run(draft, task, Action::Resume, "was stopped by Pipewright for a change", BTreeSet::new());
        }
        Phase::Stopping => awaited(draft, task, observed, Wait::Stopped(task.id.clone())),
        Phase::Stopped if task.body.run == Run::Running => stopped(draft, task, observed),
        Phase::Ready if task.body.run == Run::Running => {
            run(draft, task, Action::Start, "has never run", BTreeSet::new());
        }
        // It is being made or changed; it is started when that is over.
        Phase::Making | Phase::Changing if task.body.run == Run::Running => {
            if observed.phase == Phase::Making || !observed.has_run {
                run(draft, task, Action::Start, "is to run", BTreeSet::new());
            } else if was_paused {
                run(draft, task, Action::Resume, "is to run", BTreeSet::new());
            }
        }
        // Nothing is lost yet: as with a connection test that failed, every pass tries again.
        Phase::Failed
            if task.id.kind == Kind::ReplicationConfig
                && !observed.has_run
                && task.body.run == Run::Running =>
        {
            run(draft, task, Action::Start, "failed before it ran", BTreeSet::new());
        }
        _ => {}
    }
}

/// A task that has stopped: resumed if somebody or something stopped it in its course, left if it is
/// done or failed.
fn stopped(draft: &mut Draft<'_>, task: &Task<'_>, observed: MigrationObserved<'_>) {
    if observed.stopped_by_itself() {
        return;
    }
    let reason = observed.stop_reason;
    if reason.is_empty() || reason.contains("NORMAL") {
        run(draft, task, Action::Resume, "was stopped, and is to run", BTreeSet::new());
    } else {
        draft.warn(task.id, format!("has stopped and is not resumed: {reason}"));
    }
}

fn pause(
    draft: &mut Draft<'_>,
    task: &Task<'_>,
    observed: MigrationObserved<'_>,
    mark: bool,
    paused_for: &BTreeSet<ChangeKey>,
) {
    let mut steps = Vec::new();
    if mark {
        let tags = Tags::from([(PAUSED.to_owned(), RESUME.to_owned())]);
        steps.push(Step::Call(Mutation::AddTags { id: task.id.clone(), tags }));
    }
    steps.extend(migration::stop(task.id, observed));
    // A certificate is there before a task stops for the endpoint that is to check with it.
    let needs = paused_for
        .iter()
        .filter_map(|key| draft.changes.get(key))
        .flat_map(|change| &change.needs)
        .filter(|need| need.resource.kind == Kind::Certificate)
        .cloned()
        .collect();
    let names = paused_for.iter().map(|key| key.resource.to_string()).collect::<Vec<_>>().join(", ");
    draft.add(Change {
        key: ChangeKey::new(task.id, Part::Pause),
        disruption: Disruption::StopsTask,
        reason: format!("{names} can only be changed while it is stopped"),
        steps,
        needs,
        ..change(task.id, Action::Pause, Ownership::Owned, Some(task.declared))
    });
}

/// Starts or resumes a task once what it needs is done.
fn run(draft: &mut Draft<'_>, task: &Task<'_>, action: Action, reason: &str, after: BTreeSet<ChangeKey>) {
    let uses = kinds::needs(&task.declared.body);
    if uses.iter().copied().chain([task.id]).any(|id| draft.deferred.contains(id)) {
        // It would only have to be stopped again.
        return;
    }
    let mut needs = after;
    needs.extend(draft.planned([task.id]));
    needs.extend(draft.planned(uses.iter().copied()));
    let pause = ChangeKey::new(task.id, Part::Pause);
    let is_paused = draft.changes.contains_key(&pause);
    if is_paused {
        needs.insert(pause);
    }
    if let Some(cause) = draft.first_unavailable(uses) {
        draft.waiting(task.id, format!("not started until {cause} is settled"));
        return;
    }
    if let Some(instance) = task.body.tested_from {
        for endpoint in [task.body.source, task.body.target] {
            needs.extend(test(draft, task, instance, endpoint));
        }
    }
    let id = task.id.clone();
    let observed = draft.live(task.id).and_then(|live| live.body.migration());
    let mut steps = Vec::new();
    if observed.is_some_and(|observed| observed.phase == Phase::Stopping) && !is_paused {
        steps.push(Step::Wait(Wait::Stopped(id.clone())));
    }
    // What starts when it is paused will have run by then.
    let is_first = observed.is_none_or(|observed| {
        let will_have_run = is_paused && observed.phase == Phase::Starting;
        !(observed.has_run || will_have_run)
    });
    let start = if action == Action::Start || is_first {
        StartType::StartReplication
    } else {
        StartType::ResumeProcessing
    };
    steps.push(migration::start(task.id, &task.body, start));
    steps.push(Step::Wait(Wait::Started(id)));
    let is_marked = draft.live(task.id).is_some_and(|live| live.tags.contains_key(PAUSED));
    if action == Action::Resume && (is_marked || is_paused) {
        steps.push(unmark(task.id));
    }
    draft.add(Change {
        key: ChangeKey::new(task.id, Part::Run),
        reason: reason.to_owned(),
        steps,
        needs,
        ..change(task.id, action, owned(draft, task.id), Some(task.declared))
    });
}

/// Plans the test of one of a task's connections, unless the last one succeeded and still counts.
fn test(draft: &mut Draft<'_>, task: &Task<'_>, instance: &Ref, endpoint: &Ref) -> Option<ChangeKey> {
    let id = connection_id(draft, instance, endpoint)?;
    let key = ChangeKey::main(&id);
    if draft.changes.contains_key(&key) {
        return Some(key);
    }
    let refs = [instance, endpoint];
    let mut needs = draft.planned(refs.into_iter().filter_map(Ref::managed));
    if let Some(declared) = endpoint.managed().and_then(|id| draft.desired.resources.get(id)) {
        let needed = super::regional::needed(draft, &declared.body);
        needs.extend(draft.planned(needed.iter().filter(|id| id.kind == Kind::ServiceRole)));
    }
    let live = draft.live(&id);
    let status = live.map_or("", |live| live.body.status());
    // A new tag, or a new owner of a role, makes no connection another one.
    let is_another = needs.iter().any(|key| {
        let change = &draft.changes[key];
        change.disruption != Disruption::None || !matches!(change.action, Action::Update | Action::Join)
    });
    if status == "successful" && !is_another {
        return None;
    }
    let mut steps = Vec::new();
    if status != "testing" || is_another {
        steps.push(Step::Call(Mutation::TestConnection {
            instance: instance.clone(),
            endpoint: endpoint.clone(),
        }));
    }
    steps.push(Step::Wait(Wait::Connected(id.clone())));
    let reason = match status {
        "" => "was never tested",
        "failed" => "the last test failed",
        "testing" => "is being tested",
        _ => "what it connects changes",
    };
    let ownership = if live.is_some() { Ownership::Owned } else { Ownership::Absent };
    draft.add(Change {
        reason: reason.to_owned(),
        steps,
        needs,
        ..change(&id, Action::Test, ownership, draft.desired.resources.get(&id).or(Some(task.declared)))
    });
    Some(key)
}

/// The identity of the connection between two resources; none if an outside one cannot be seen.
fn connection_id(draft: &Draft<'_>, instance: &Ref, endpoint: &Ref) -> Option<ResourceId> {
    let resolve = |reference: &Ref| match reference {
        Ref::Managed(id) | Ref::ExternalId(id) => Some(id.clone()),
        Ref::External(arn) => draft.observed.by_arn(arn).map(|(id, _)| id.clone()),
    };
    Some(ResourceId::connection(&resolve(instance)?, &resolve(endpoint)?))
}

fn stop(draft: &mut Draft<'_>, task: &Task<'_>, observed: MigrationObserved<'_>) {
    draft.add(Change {
        key: ChangeKey::new(task.id, Part::Run),
        disruption: Disruption::StopsTask,
        reason: "runs, and the spec says `run: {desired: stopped}`".to_owned(),
        steps: migration::stop(task.id, observed),
        ..change(task.id, Action::Stop, Ownership::Owned, Some(task.declared))
    });
}

/// A mark is left over from a pass that ended before it could remove it.
fn forget_pause(draft: &mut Draft<'_>, task: &Task<'_>) {
    draft.add(Change {
        key: ChangeKey::new(task.id, Part::Run),
        reason: "runs again after a change".to_owned(),
        steps: vec![unmark(task.id)],
        ..change(task.id, Action::Update, Ownership::Owned, Some(task.declared))
    });
}

fn awaited(draft: &mut Draft<'_>, task: &Task<'_>, observed: MigrationObserved<'_>, wait: Wait) {
    draft.add(Change {
        key: ChangeKey::new(task.id, Part::Run),
        reason: format!("is {}", observed.status),
        steps: vec![Step::Wait(wait)],
        ..change(task.id, Action::Await, Ownership::Owned, Some(task.declared))
    });
}

fn unmark(id: &ResourceId) -> Step {
    Step::Call(Mutation::RemoveTags { id: id.clone(), keys: BTreeSet::from([PAUSED.to_owned()]) })
}

fn owned(draft: &Draft<'_>, id: &ResourceId) -> Ownership {
    if draft.live(id).is_some() { Ownership::Owned } else { Ownership::Absent }
}
