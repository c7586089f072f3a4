//! The model: three controllers, one role, and everything that can happen between two calls.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use stateright::{Model, Property};

use crate::account;
use crate::decisions::{Decisions, Look, Program, RoleVersion, SCOPES, StepKind, View, Weakened};

/// How often what may go wrong does, at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Budget {
    /// Specs that come or go.
    pub(crate) edits: u8,
    /// Reads that answer what was before some change of this tick.
    pub(crate) stale_reads: u8,
    /// Controllers that die and start again.
    pub(crate) crashes: u8,
    /// Calls that take effect and whose answer is lost, or that have no effect and fail.
    pub(crate) failures: u8,
    /// Comings and goings of a user of the role that has nothing to do with Pipewright.
    pub(crate) strangers: u8,
}

/// What a stale read answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stale {
    /// What was before the last change.
    LastChange,
    /// What was before the first change of this tick.
    Tick,
}

/// What a run explores.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bound {
    pub(crate) controllers: usize,
    /// The specs that each controller has, and has applied, in the beginning.
    pub(crate) specs: [u8; 3],
    /// Whether the role was there before Pipewright, and nobody owns it.
    pub(crate) found: bool,
    pub(crate) stale: Stale,
    pub(crate) budget: Budget,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Controller {
    specs: u8,
    /// The plan it is at, and the next step.
    at: Option<(Program, u8)>,
    /// Whether its last step was a look, on which its next call rests.
    looked: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Stranger {
    Absent,
    /// Came in this tick.
    New,
    Settled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct State {
    role: Option<RoleVersion>,
    /// What a stale read still answers, if anything else than what is so.
    #[allow(clippy::option_option, reason = "that there was no role is an answer too")]
    before: Option<Option<RoleVersion>>,
    next_id: u8,
    stranger: Stranger,
    controllers: [Controller; 3],
    left: Budget,
    /// Whether the role was at some time of this tick past the grace of its drain.
    past_grace: bool,
    /// The scopes whose owner tag every look that a call rests on could see: those that recorded
    /// themselves before the grace was over, or before this tick.
    recorded: u8,
    /// The controllers that did something so far.
    begun: u8,
    broken: Option<Broken>,
}

/// What must not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Broken {
    /// The role, or what it grants, was taken from this scope, which had recorded itself in time.
    TakenFromOwner(u8),
    /// It was deleted under a user that was there when it was last looked at.
    TakenFromUser,
    /// It was deleted although Pipewright did not make it.
    NotOurs,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    /// The controller reads its specs and the account, and plans. That specs change shows only here.
    Plan {
        by: u8,
        specs: u8,
        stale: bool,
    },
    Look {
        by: u8,
        stale: bool,
    },
    Call {
        by: u8,
        answer: Answer,
    },
    Crash {
        by: u8,
    },
    Stranger,
    Tick,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Answer {
    Heard,
    /// The call takes effect; the controller sees an error.
    Lost,
    /// The call has no effect; the controller sees an error.
    Failed,
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |by: &u8| SCOPES[usize::from(*by)];
        let age = |stale: &bool| if *stale { " (stale)" } else { "" };
        match self {
            Self::Plan { by, specs, stale } => {
                write!(f, "{}: plan for {} specs{}", name(by), specs.count_ones(), age(stale))
            }
            Self::Look { by, stale } => write!(f, "{}: look{}", name(by), age(stale)),
            Self::Call { by, answer } => write!(f, "{}: call, {answer:?}", name(by)),
            Self::Crash { by } => write!(f, "{}: crash", name(by)),
            Self::Stranger => f.write_str("a stranger comes or goes"),
            Self::Tick => f.write_str("time passes"),
        }
    }
}

/// What can be read of the account, and the specs of each scope.
type Situation = (View, u8, [u8; 3]);

#[derive(Clone)]
pub(crate) struct Protocol {
    bound: Bound,
    decisions: Arc<Decisions>,
    /// Whether the account converges from a situation in which nobody is at work.
    converges: Arc<Mutex<HashMap<Situation, bool>>>,
}

impl Protocol {
    pub(crate) fn new(bound: Bound, weakened: Option<Weakened>) -> Self {
        Self { bound, decisions: Arc::new(Decisions::new(weakened)), converges: Arc::default() }
    }

    /// How an action reads in a trace.
    pub(crate) fn describe(&self, state: &State, action: Action) -> String {
        let (Action::Look { by, .. } | Action::Call { by, .. }) = action else {
            return format!("{action:?}");
        };
        let step = state.controllers[usize::from(by)]
            .at
            .and_then(|(program, at)| self.decisions.step(program, at))
            .map_or_else(String::new, |step| step.to_string());
        format!("{action:?}: {step}")
    }

    fn view(role: Option<RoleVersion>, stranger: Stranger) -> View {
        View { role, stranger: stranger != Stranger::Absent }
    }

    /// What a read answers.
    fn read(state: &mut State, is_old: bool) -> Option<View> {
        let role = if is_old {
            state.left.stale_reads = state.left.stale_reads.checked_sub(1)?;
            state.before.filter(|before| *before != state.role)?
        } else {
            state.role
        };
        Some(Self::view(role, state.stranger))
    }

    fn owners(&self, role: Option<RoleVersion>) -> u8 {
        role.map_or(0, |role| self.decisions.facts(role).owners)
    }

    fn is_past_grace(&self, role: Option<RoleVersion>) -> bool {
        role.is_some_and(|role| self.decisions.facts(role).past_grace)
    }

    fn plan(&self, state: &mut State, by: u8, specs: u8, is_old: bool) -> Option<()> {
        let edited = specs != state.controllers[usize::from(by)].specs;
        state.left.edits = state.left.edits.checked_sub(edited.into())?;
        state.begun |= 1 << by;
        let view = Self::read(state, is_old)?;
        let pass = self.decisions.new_pass(usize::from(by), [state.role, state.before.flatten()]);
        let program = self.decisions.plan(usize::from(by), specs, view, pass);
        state.controllers[usize::from(by)] =
            Controller { specs, at: program.map(|program| (program, 0)), looked: false };
        (edited || program.is_some()).then_some(())
    }

    fn look(&self, state: &mut State, by: u8, is_old: bool) -> Option<()> {
        let view = Self::read(state, is_old)?;
        let controller = &mut state.controllers[usize::from(by)];
        let (program, at) = controller.at?;
        match self.decisions.look(program, at, view) {
            Look::Pending => return None,
            Look::Holds => {
                controller.looked = self.decisions.kind(program, at) == Some(StepKind::Check);
                self.go_to(controller, program, at + 1);
            }
            Look::Refused(undo) => {
                controller.looked = false;
                controller.at = undo.map(|undo| (undo, 0));
            }
        }
        Some(())
    }

    fn go_to(&self, controller: &mut Controller, program: Program, at: u8) {
        controller.at = self.decisions.kind(program, at).map(|_| (program, at));
    }

    fn call(&self, state: &mut State, by: u8, answer: Answer) -> Option<()> {
        if answer != Answer::Heard {
            state.left.failures = state.left.failures.checked_sub(1)?;
        }
        let (program, at) = state.controllers[usize::from(by)].at?;
        let StepKind::Call { takes_away, rests_on_look } = self.decisions.kind(program, at)? else {
            return None;
        };
        let refused = if answer == Answer::Failed {
            false
        } else {
            match self.decisions.call(program, at, state.role, state.next_id) {
                Ok(after) => {
                    self.take_effect(state, takes_away, after);
                    false
                }
                // A refusal that is lost is no different from one that is heard later.
                Err(_) if answer == Answer::Lost => return None,
                Err(_) => true,
            }
        };
        let again = !rests_on_look || self.decisions.weakens(Weakened::PlanAnew);
        let controller = &mut state.controllers[usize::from(by)];
        match answer {
            // What is not as planned is planned anew.
            _ if refused => controller.at = None,
            Answer::Heard => self.go_to(controller, program, at + 1),
            Answer::Lost | Answer::Failed => controller.at = again.then_some((program, at)),
        }
        // Several calls may rest on one look.
        controller.looked &= controller.at.is_some_and(|(program, at)| {
            matches!(self.decisions.kind(program, at), Some(StepKind::Call { .. }))
        });
        Some(())
    }

    /// What a call does to the account, and whether it may.
    fn take_effect(&self, state: &mut State, takes_away: bool, after: Option<RoleVersion>) {
        let before = state.role;
        if let Some(role) = before
            && takes_away
        {
            let lost = self.owners(before) & state.recorded;
            if lost != 0 {
                state.broken = Some(Broken::TakenFromOwner(lost));
            } else if state.stranger == Stranger::Settled {
                state.broken = Some(Broken::TakenFromUser);
            } else if !self.decisions.facts(role).made_by_pipewright {
                state.broken = Some(Broken::NotOurs);
            }
        }
        if after == before {
            return;
        }
        if before.is_none() {
            state.next_id += 1;
            state.past_grace = false;
        }
        // Forgotten where nobody can read it any more, so that states are the same.
        if state.left.stale_reads == 0 {
            state.before = None;
        } else if self.bound.stale == Stale::LastChange || state.before.is_none() {
            state.before = Some(before);
        }
        state.role = after;
        let (had, has) = (self.owners(before), self.owners(after));
        let new = if state.past_grace { 0 } else { has & !had };
        state.recorded = (state.recorded & has) | new;
        state.past_grace |= self.is_past_grace(after);
        if after.is_none() {
            state.past_grace = false;
            // DMS can do nothing with what needs a role that is gone; its user makes all of it again.
            state.stranger = Stranger::Absent;
        }
    }

    fn tick(&self, state: &mut State) -> Option<()> {
        let resting = |controller: &Controller| !controller.looked;
        if !self.decisions.weakens(Weakened::FreshLook) && !state.controllers.iter().all(resting) {
            return None;
        }
        let aged = state.role.map(|role| self.decisions.aged(role));
        let settles = state.stranger == Stranger::New;
        if aged == state.role && !settles && state.before.is_none_or(|before| before == state.role) {
            return None;
        }
        state.role = aged;
        state.before = None;
        if settles {
            state.stranger = Stranger::Settled;
        }
        state.recorded = self.owners(aged);
        state.past_grace = self.is_past_grace(aged);
        Some(())
    }

    fn stranger(state: &mut State) -> Option<()> {
        state.left.strangers = state.left.strangers.checked_sub(1)?;
        state.stranger = match state.stranger {
            Stranger::Absent if state.role.is_some() => Stranger::New,
            Stranger::Absent => return None,
            Stranger::New | Stranger::Settled => Stranger::Absent,
        };
        Some(())
    }

    /// Whether this controller did nothing so far, and neither did the one before it, that began with
    /// the same: what it can do, the other can, so that only the other need be tried.
    fn is_like_the_one_before(&self, state: &State, by: u8) -> bool {
        let Some(other) = by.checked_sub(1) else { return false };
        state.begun & (1 << by | 1 << other) == 0
            && self.bound.specs[usize::from(by)] == self.bound.specs[usize::from(other)]
    }

    /// Whether the account gets where it should when nothing goes wrong any more and specs stay as they
    /// are: each controller's plan is empty, the owners are those that need the role, and a role that
    /// Pipewright made and nobody needs is gone.
    fn converges(&self, state: &State) -> bool {
        let specs = state.controllers.map(|controller| controller.specs);
        let situation = (Self::view(state.role, state.stranger), state.next_id, specs);
        if let Some(known) = self.converges.lock().unwrap().get(&situation) {
            return *known;
        }
        let converges = self.goes_on(*state);
        self.converges.lock().unwrap().insert(situation, converges);
        converges
    }

    fn goes_on(&self, mut state: State) -> bool {
        let specs = state.controllers.map(|controller| controller.specs);
        state.left = Budget::default();
        // Many more rounds than any way to the end has.
        for _ in 0..200 {
            let mut moved = false;
            for by in (0..3).take(self.bound.controllers) {
                let _ = state.controllers[usize::from(by)].at.is_some()
                    || self.plan(&mut state, by, specs[usize::from(by)], false).is_some();
                while let Some(next) = self.own_move(&state, by) {
                    state = next;
                    moved = true;
                }
            }
            moved |= self.tick(&mut state).is_some();
            if !moved {
                if state.controllers.iter().all(|controller| controller.at.is_none()) {
                    return self.is_settled(&state);
                }
                // A wait ends when its patience does; then the account is looked at again.
                for controller in &mut state.controllers {
                    controller.at = None;
                }
            }
        }
        false
    }

    /// The next step of a controller's plan, if it is not waiting.
    fn own_move(&self, state: &State, by: u8) -> Option<State> {
        let (program, at) = state.controllers[usize::from(by)].at?;
        let mut next = *state;
        match self.decisions.kind(program, at)? {
            StepKind::Call { .. } => self.call(&mut next, by, Answer::Heard)?,
            StepKind::Wait | StepKind::Check => self.look(&mut next, by, false)?,
        }
        Some(next)
    }

    fn is_settled(&self, state: &State) -> bool {
        let needing: u8 = (0..3).filter(|n| state.controllers[*n].specs != 0).map(|n| 1 << n).sum();
        let gone_if_unneeded = state.role.is_none_or(|role| {
            needing != 0
                || state.stranger != Stranger::Absent
                || !self.decisions.facts(role).made_by_pipewright
        });
        (needing == 0 || state.role.is_some()) && self.owners(state.role) == needing && gone_if_unneeded
    }
}

impl Model for Protocol {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let controllers = self.bound.specs.map(|specs| Controller { specs, at: None, looked: false });
        let mut state = State {
            role: None,
            before: None,
            next_id: 0,
            stranger: Stranger::Absent,
            controllers,
            left: Budget::default(),
            past_grace: false,
            recorded: 0,
            begun: 0,
            broken: None,
        };
        if self.bound.found {
            state.role = Some(self.decisions.intern(account::found_role()));
        } else {
            for by in 0..3 {
                let _ = self.plan(&mut state, by, self.bound.specs[usize::from(by)], false);
                while let Some(next) = self.own_move(&state, by) {
                    state = next;
                }
            }
        }
        state.before = None;
        state.begun = 0;
        state.recorded = self.owners(state.role);
        state.left = self.bound.budget;
        vec![state]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.broken.is_some() {
            return;
        }
        for by in (0..3).take(self.bound.controllers) {
            let controller = &state.controllers[usize::from(by)];
            let step = controller.at.and_then(|(program, at)| self.decisions.kind(program, at));
            match step {
                None if self.is_like_the_one_before(state, by) => {}
                None => {
                    // One pipeline comes first and goes last; the other comes and goes in between.
                    let specs: &[u8] = match controller.specs {
                        0 => &[0, 1],
                        1 => &[1, 0, 3],
                        _ => &[3, 1],
                    };
                    for &specs in specs {
                        actions.extend([false, true].map(|stale| Action::Plan { by, specs, stale }));
                    }
                }
                Some(StepKind::Call { .. }) => actions.extend(
                    [Answer::Heard, Answer::Lost, Answer::Failed].map(|answer| Action::Call { by, answer }),
                ),
                Some(StepKind::Wait | StepKind::Check) => {
                    actions.extend([false, true].map(|stale| Action::Look { by, stale }));
                }
            }
            if controller.at.is_some() && state.left.crashes > 0 {
                actions.push(Action::Crash { by });
            }
        }
        actions.extend([Action::Stranger, Action::Tick]);
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = *state;
        match action {
            Action::Plan { by, specs, stale } => self.plan(&mut next, by, specs, stale)?,
            Action::Look { by, stale } => self.look(&mut next, by, stale)?,
            Action::Call { by, answer } => self.call(&mut next, by, answer)?,
            Action::Crash { by } => {
                next.left.crashes -= 1;
                let controller = &mut next.controllers[usize::from(by)];
                *controller = Controller { at: None, looked: false, ..*controller };
            }
            Action::Stranger => Self::stranger(&mut next)?,
            Action::Tick => self.tick(&mut next)?,
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("what is owned or used is not taken away", |_, state: &State| {
                state.broken.is_none()
            }),
            Property::always("the account converges", |model: &Self, state: &State| {
                state.broken.is_some()
                    || state.controllers.iter().any(|controller| controller.at.is_some())
                    || model.converges(state)
            }),
            Property::sometimes("a role is deleted", |_, state: &State| {
                state.next_id > 0 && state.role.is_none()
            }),
        ]
    }
}
