//! The code's own decisions, asked and remembered: the same question is asked in very many states.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::time::Duration;

use pipewright_model::tags::{self, DrainMark};
use pipewright_model::{Desired, Kind, Live, LiveBody, Observed, ResourceId};
use pipewright_plan::{Guard, Mutation, PlanOptions, Refusal, Step, Verdict, Wait, plan, rests_on_look};
use pipewright_testkit::desired;

use crate::account::{self, Refused, TICK, now};

/// The grace that the protocol is judged by.
pub(crate) const GRACE: u32 = 2;
/// When a drain that another scope began is begun anew.
pub(crate) const TAKEOVER: u32 = 3;
pub(crate) const SCOPES: [&str; 3] = ["a", "b", "c"];
const ROLE: &str = "dms-vpc-role";

/// A guard of the protocol that is weakened on purpose, to see that the model needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weakened {
    /// The drain has no grace time.
    Grace,
    /// Another role of the same name is taken for the one that was looked at.
    RoleId,
    /// Nobody looks whether something uses the role.
    LiveUse,
    /// Nothing is read again before a call that cannot be undone.
    LookAgain,
    /// A role without owners is deleted whether or not a drain mark is still there.
    DrainMark,
    /// A call that rests on a look and failed is made again.
    PlanAnew,
    /// Any scope deletes a drained role, not only the one whose mark it bears.
    MarkOfOneScope,
    /// A look need not show what the pass itself wrote.
    OwnWrite,
    /// A role that was there before is taken for one that Pipewright made.
    Origin,
    /// A look may be as old as it likes when the call is made that rests on it.
    FreshLook,
}

/// A version of the role, by its place in the list of all that were seen so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RoleVersion(u16);

/// What the model wants to know of a version of the role.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    /// The owners by their tags, as bits.
    pub(crate) owners: u8,
    /// Whether the drain of this very role has lasted for the grace time.
    pub(crate) past_grace: bool,
    pub(crate) made_by_pipewright: bool,
}

/// What kind of step is at a place of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StepKind {
    Call {
        /// Whether it takes the role, or what it grants, from its owners.
        takes_away: bool,
        /// Whether it is made again if it fails.
        rests_on_look: bool,
    },
    Wait,
    Check,
}

/// A list of steps, likewise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Program(u16);

/// What can be read of the account at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct View {
    pub(crate) role: Option<RoleVersion>,
    pub(crate) stranger: bool,
}

/// What a look says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    Holds,
    Pending,
    /// The change ends; this is put back first.
    Refused(Option<Program>),
}

/// The role after a call.
type After = Result<Option<RoleVersion>, Refused>;

#[derive(Default)]
struct Known {
    roles: Interned<Live>,
    programs: Interned<Vec<Step>>,
    plans: HashMap<(usize, u8, View, u8), Option<Program>>,
    looks: HashMap<(Program, u8, View), Look>,
    calls: HashMap<(Program, u8, Option<RoleVersion>, u8), After>,
    aged: HashMap<RoleVersion, RoleVersion>,
    facts: HashMap<RoleVersion, Facts>,
    kinds: HashMap<(Program, u8), Option<StepKind>>,
}

/// The decisions of one protocol: the one that ships, or one with a guard weakened.
pub(crate) struct Decisions {
    weakened: Option<Weakened>,
    known: Mutex<Known>,
}

impl Decisions {
    pub(crate) fn new(weakened: Option<Weakened>) -> Self {
        Self { weakened, known: Mutex::default() }
    }

    pub(crate) fn weakens(&self, guard: Weakened) -> bool {
        self.weakened == Some(guard)
    }

    /// A role to begin with.
    pub(crate) fn intern(&self, live: Live) -> RoleVersion {
        RoleVersion(self.known.lock().unwrap().roles.intern(live))
    }

    fn live(&self, version: RoleVersion) -> Live {
        self.known.lock().unwrap().roles.get(version.0)
    }

    pub(crate) fn facts(&self, version: RoleVersion) -> Facts {
        let known = &mut *self.known.lock().unwrap();
        *known.facts.entry(version).or_insert_with(|| Facts::of(&known.roles.get(version.0)))
    }

    /// What is at this place; `None` after the end.
    pub(crate) fn kind(&self, program: Program, at: u8) -> Option<StepKind> {
        let known = &mut *self.known.lock().unwrap();
        *known.kinds.entry((program, at)).or_insert_with(|| {
            let steps = &known.programs.all[usize::from(program.0)];
            Some(match steps.get(usize::from(at))? {
                Step::Call(call) => StepKind::Call {
                    takes_away: matches!(
                        call,
                        Mutation::DeleteRole { .. } | Mutation::DetachRolePolicy { .. }
                    ),
                    rests_on_look: rests_on_look(steps, usize::from(at)),
                },
                Step::Wait(_) => StepKind::Wait,
                Step::Check { .. } => StepKind::Check,
            })
        })
    }

    /// The step at this place, for people.
    pub(crate) fn step(&self, program: Program, at: u8) -> Option<Step> {
        self.known.lock().unwrap().programs.all[usize::from(program.0)].get(usize::from(at)).cloned()
    }

    /// What the scope's planner wants done, given what it read. `pass` tells passes apart.
    pub(crate) fn plan(&self, scope: usize, specs: u8, view: View, pass: u8) -> Option<Program> {
        let known = &mut *self.known.lock().unwrap();
        if let Some(planned) = known.plans.get(&(scope, specs, view, pass)) {
            return *planned;
        }
        let mut observed = known.view(view);
        observed.at = now() + Duration::from_millis(pass.into());
        let steps = self.ask_planner(scope, specs, &observed);
        let planned = (!steps.is_empty()).then(|| Program(known.programs.intern(steps)));
        known.plans.insert((scope, specs, view, pass), planned);
        planned
    }

    /// What a look, which is the step at `at`, says of what was read.
    pub(crate) fn look(&self, program: Program, at: u8, view: View) -> Look {
        let known = &mut *self.known.lock().unwrap();
        if let Some(look) = known.looks.get(&(program, at, view)) {
            return *look;
        }
        let observed = known.view(view);
        let look = match &known.programs.all[usize::from(program.0)][usize::from(at)] {
            Step::Wait(wait) => self.ask_wait(wait, &observed),
            Step::Check { guard, undo } => {
                let undo: Vec<Step> = undo.iter().cloned().map(Step::Call).collect();
                match self.ask_guard(guard, &observed) {
                    _ if self.weakens(Weakened::LookAgain) => Look::Holds,
                    Ok(()) => Look::Holds,
                    Err(refusal) if refusal.same_role && !undo.is_empty() => {
                        Look::Refused(Some(Program(known.programs.intern(undo))))
                    }
                    Err(_) => Look::Refused(None),
                }
            }
            Step::Call(call) => panic!("not a look: {call:?}"),
        };
        known.looks.insert((program, at, view), look);
        look
    }

    /// The role after the call at `at`.
    pub(crate) fn call(
        &self,
        program: Program,
        at: u8,
        role: Option<RoleVersion>,
        next_id: u8,
    ) -> Result<Option<RoleVersion>, Refused> {
        let known = &mut *self.known.lock().unwrap();
        let key = (program, at, role, next_id);
        if let Some(after) = known.calls.get(&key) {
            return *after;
        }
        let before = role.map(|role| known.roles.get(role.0));
        let Step::Call(call) = &known.programs.all[usize::from(program.0)][usize::from(at)] else {
            panic!("not a call");
        };
        let after = account::after(before.as_ref(), call, next_id)
            .map(|after| after.map(|live| RoleVersion(known.roles.intern(live))));
        known.calls.insert(key, after);
        after
    }

    /// A number for a pass of this scope that no mark on these versions of the role bears.
    pub(crate) fn new_pass(&self, scope: usize, roles: [Option<RoleVersion>; 2]) -> u8 {
        let used = roles.map(|role| {
            let mark = account::mark(&self.live(role?).tags)?;
            (mark.scope == SCOPES[scope]).then_some(mark.pass)
        });
        let passes = (0..).map(|pass: u8| (pass, now() + Duration::from_millis(pass.into())));
        let mut unused = passes.filter(|(_, at)| !used.contains(&Some(*at)));
        unused.next().expect("there are more numbers than marks").0
    }

    /// The role one tick later.
    pub(crate) fn aged(&self, role: RoleVersion) -> RoleVersion {
        let known = &mut *self.known.lock().unwrap();
        if let Some(aged) = known.aged.get(&role) {
            return *aged;
        }
        let aged = account::aged(&known.roles.get(role.0), TAKEOVER);
        let aged = RoleVersion(known.roles.intern(aged));
        known.aged.insert(role, aged);
        aged
    }

    fn ask_planner(&self, scope: usize, specs: u8, observed: &Observed) -> Vec<Step> {
        let mut observed = observed.clone();
        self.blind(&mut observed, SCOPES[scope]);
        let grace = if self.weakens(Weakened::Grace) { 0 } else { GRACE };
        let options = PlanOptions { drain_grace: TICK * grace, drain_takeover: TICK * TAKEOVER };
        let plan = plan(&specs_of(SCOPES[scope], specs), &observed, &options);
        assert!(plan.changes.len() <= 1, "one role, one change: {:?}", plan.changes);
        assert!(plan.report.conflicts.is_empty(), "the role serves: {:?}", plan.report.conflicts);
        plan.changes.into_iter().flat_map(|change| change.steps).collect()
    }

    fn ask_wait(&self, wait: &Wait, observed: &Observed) -> Look {
        if self.weakens(Weakened::OwnWrite) && wait.is_brief() {
            return Look::Holds;
        }
        let mut observed = observed.clone();
        if let Wait::Drained { scope, .. } = wait {
            self.blind(&mut observed, scope);
        }
        match wait.verdict(observed.resources.get(&wait.resource()), now()) {
            Verdict::Done => Look::Holds,
            Verdict::Pending(_) => Look::Pending,
            Verdict::Failed(_) => Look::Refused(None),
        }
    }

    fn ask_guard(&self, guard: &Guard, observed: &Observed) -> Result<(), Refusal> {
        let mut observed = observed.clone();
        let mut guard = guard.clone();
        if let Guard::RoleDeletable { scope, pass, role_id, .. } = &mut guard {
            if self.weakens(Weakened::OwnWrite) {
                *pass = None;
            }
            self.blind(&mut observed, scope);
            if self.weakens(Weakened::DrainMark)
                && let Some(live) = observed.resources.get_mut(&ResourceId::role(ROLE))
            {
                let mark = DrainMark {
                    scope: scope.clone(),
                    role_id: role_id.clone(),
                    since: account::long_ago(),
                    pass: pass.unwrap_or_default(),
                };
                live.tags.insert(tags::DRAIN.to_owned(), mark.to_string());
            }
        }
        if self.weakens(Weakened::RoleId)
            && let Some(Live { body: LiveBody::ServiceRole(body), .. }) =
                observed.resources.get(&ResourceId::role(ROLE))
        {
            let (Guard::RoleOwnerless { role_id, .. }
            | Guard::RoleAsRead { role_id, .. }
            | Guard::RoleDeletable { role_id, .. }) = &mut guard;
            role_id.clone_from(&body.role_id);
        }
        let live = observed.resources.get(&ResourceId::role(guard.role())).cloned();
        let kinds = guard.user_kinds();
        observed.resources.retain(|id, _| kinds.contains(&id.kind));
        guard.holds(live.as_ref(), &observed.resources, now())
    }

    /// Takes from what `scope` read what a weakened protocol does not look at.
    fn blind(&self, observed: &mut Observed, scope: &str) {
        if self.weakens(Weakened::LiveUse) {
            observed.resources.retain(|id, _| id.kind == Kind::ServiceRole);
        }
        let Some(live) = observed.resources.get_mut(&ResourceId::role(ROLE)) else { return };
        if self.weakens(Weakened::Origin) {
            live.tags.insert(tags::ORIGIN.to_owned(), tags::CREATED.to_owned());
        }
        let Some(mut mark) = account::mark(&live.tags) else { return };
        if self.weakens(Weakened::RoleId)
            && let LiveBody::ServiceRole(body) = &live.body
        {
            mark.role_id.clone_from(&body.role_id);
        }
        if self.weakens(Weakened::MarkOfOneScope) {
            scope.clone_into(&mut mark.scope);
        }
        live.tags.insert(tags::DRAIN.to_owned(), mark.to_string());
    }
}

impl Facts {
    fn of(live: &Live) -> Self {
        let owners = tags::owners(&live.tags);
        let LiveBody::ServiceRole(body) = &live.body else { panic!("not a role: {live:?}") };
        Self {
            owners: (0..).zip(SCOPES).filter(|(_, s)| owners.contains_key(*s)).map(|(n, _)| 1 << n).sum(),
            past_grace: account::drained_for(live).is_some_and(|ticks| ticks >= GRACE),
            made_by_pipewright: body.role_id != account::FOUND,
        }
    }
}

impl Known {
    fn view(&self, view: View) -> Observed {
        let mut observed = Observed { at: now(), ..Observed::default() };
        if let Some(role) = view.role {
            observed.resources.insert(ResourceId::role(ROLE), self.roles.get(role.0));
        }
        if view.stranger {
            let id = ResourceId::new(Kind::SubnetGroup, "strangers");
            observed.resources.insert(id, account::subnet_group_of_a_stranger());
        }
        observed
    }
}

/// What the specs of one scope ask for: each bit is a pipeline, and each pipeline needs the role.
fn specs_of(scope: &str, specs: u8) -> Desired {
    let pipelines: Vec<&str> = ["orders", "users"]
        .into_iter()
        .enumerate()
        .filter(|(n, _)| specs & (1 << n) != 0)
        .map(|(_, p)| p)
        .collect();
    let mut desired = desired(scope, &pipelines);
    desired.resources.retain(|id, _| *id == ResourceId::role(ROLE));
    desired.pipelines = BTreeMap::new();
    desired
}

/// Values by number; equal ones have one number.
struct Interned<T> {
    all: Vec<T>,
    numbers: HashMap<String, u16>,
}

impl<T> Default for Interned<T> {
    fn default() -> Self {
        Self { all: Vec::new(), numbers: HashMap::new() }
    }
}

impl<T: std::fmt::Debug + Clone> Interned<T> {
    fn intern(&mut self, value: T) -> u16 {
        let next = u16::try_from(self.all.len()).expect("few different values");
        let number = *self.numbers.entry(format!("{value:?}")).or_insert(next);
        if number == next {
            self.all.push(value);
        }
        number
    }

    fn get(&self, number: u16) -> T {
        self.all[usize::from(number)].clone()
    }
}
