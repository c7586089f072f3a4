//! The code's own decisions, asked and remembered: the same question is asked in very many states.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use pipewright_model::{Kind, Live, Observed, ResourceId};
use pipewright_plan::{Mutation, Step, rests_on_look};

use crate::account::{self, Refused, now};
use crate::facts::{self, Facts};
use crate::specs::{ROLE, scope_named};
use crate::state::{Authors, Scopes};
use crate::weakened::Weakened;

/// The grace that the protocol is judged by.
pub(crate) const GRACE: u32 = 2;
/// When a drain that another scope began is begun anew.
pub(crate) const TAKEOVER: u32 = 3;
pub(crate) const SCOPES: [&str; 3] = ["a", "b", "c"];

/// A version of the role, by its place in the list of all that were seen so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RoleVersion(u16);

/// What kind of step is at a place of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StepKind {
    Call {
        /// Whether it takes the role, or what it grants, from its owners.
        takes_away: bool,
        /// Whether it replaces the trust policy.
        replaces_trust: bool,
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
    unseen: HashMap<[Option<RoleVersion>; 2], Authors>,
    lost: HashMap<[RoleVersion; 2], Authors>,
    kinds: HashMap<(Program, u8), Option<StepKind>>,
}

/// The decisions of one protocol: the one that ships, or one with a guard weakened.
pub(crate) struct Decisions {
    weakened: Option<Weakened>,
    pub(crate) scopes: Scopes,
    known: Mutex<Known>,
}

impl Decisions {
    pub(crate) fn new(weakened: Option<Weakened>, scopes: Scopes) -> Self {
        Self { weakened, scopes, known: Mutex::default() }
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
        *known.facts.entry(version).or_insert_with(|| Facts::of(&known.roles.get(version.0), self.scopes))
    }

    /// Those of whom `seen` does not show what they have in `role`.
    pub(crate) fn unseen(&self, seen: Option<RoleVersion>, role: Option<RoleVersion>) -> Authors {
        let known = &mut *self.known.lock().unwrap();
        *known.unseen.entry([seen, role]).or_insert_with(|| {
            let [seen, role] = [seen, role].map(|version| version.map(|version| known.roles.get(version.0)));
            facts::unseen(seen.as_ref(), role.as_ref(), self.scopes)
        })
    }

    /// Those who lose by a call that leaves the role there.
    pub(crate) fn lost(&self, before: RoleVersion, after: RoleVersion) -> Authors {
        let known = &mut *self.known.lock().unwrap();
        *known.lost.entry([before, after]).or_insert_with(|| {
            facts::lost(&known.roles.get(before.0), &known.roles.get(after.0), self.scopes)
        })
    }

    /// The role after a stranger wrote into its trust policy.
    pub(crate) fn with_statement_of_a_stranger(&self, role: RoleVersion) -> RoleVersion {
        self.intern(account::with_statement_of_a_stranger(&self.live(role)))
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
                        Mutation::DeleteRole { .. }
                            | Mutation::DetachRolePolicy { .. }
                            | Mutation::DeleteRolePolicy { .. }
                    ),
                    replaces_trust: matches!(call, Mutation::UpdateTrust { .. }),
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
        let name = scope_named(scope, self.scopes).root_name();
        let used = roles.map(|role| {
            let mark = account::mark(&self.live(role?).tags)?;
            (mark.scope == name).then_some(mark.pass)
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
