//! The model: three controllers, one role, and everything that can happen between two calls.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use stateright::{Model, Property};

use crate::account;
use crate::decisions::{Decisions, Look, Program, RoleVersion, StepKind, View};
use crate::state::{
    Action, Answer, Bound, Broken, Budget, Controller, STRANGER, Scopes, Stale, State, Stranger,
};
use crate::weakened::Weakened;

/// What can be read of the account, and the specs of each scope.
pub(crate) type Situation = (View, u8, [u8; 3]);

#[derive(Clone)]
pub(crate) struct Protocol {
    pub(crate) bound: Bound,
    pub(crate) decisions: Arc<Decisions>,
    /// Whether the account converges from a situation in which nobody is at work.
    pub(crate) converges: Arc<Mutex<HashMap<Situation, bool>>>,
}

impl Protocol {
    pub(crate) fn new(bound: Bound, weakened: Option<Weakened>) -> Self {
        Self { bound, decisions: Arc::new(Decisions::new(weakened, bound.scopes)), converges: Arc::default() }
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

    pub(crate) fn view(role: Option<RoleVersion>, stranger: Stranger) -> View {
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

    pub(crate) fn owners(&self, role: Option<RoleVersion>) -> u8 {
        role.map_or(0, |role| self.decisions.facts(role).owners)
    }

    fn is_past_grace(&self, role: Option<RoleVersion>) -> bool {
        role.is_some_and(|role| self.decisions.facts(role).past_grace)
    }

    pub(crate) fn plan(&self, state: &mut State, by: u8, specs: u8, is_old: bool) -> Option<()> {
        let edited = specs != state.controllers[usize::from(by)].specs;
        state.left.edits = state.left.edits.checked_sub(edited.into())?;
        state.begun |= 1 << by;
        let view = Self::read(state, is_old)?;
        let pass = self.decisions.new_pass(usize::from(by), [state.role, state.before.flatten()]);
        let program = self.decisions.plan(usize::from(by), specs, view, pass);
        let mut controller =
            Controller { specs, at: program.map(|program| (program, 0)), looked: false, unseen: 0 };
        if self.goes_by_what_it_read(&controller) {
            controller.unseen = self.decisions.unseen(view.role, state.role);
        }
        state.controllers[usize::from(by)] = controller;
        (edited || program.is_some()).then_some(())
    }

    pub(crate) fn look(&self, state: &mut State, by: u8, is_old: bool) -> Option<()> {
        let view = Self::read(state, is_old)?;
        let controller = &mut state.controllers[usize::from(by)];
        let (program, at) = controller.at?;
        match self.decisions.look(program, at, view) {
            Look::Pending => return None,
            Look::Holds => {
                controller.looked = self.decisions.kind(program, at) == Some(StepKind::Check);
                self.go_to(controller, program, at + 1);
                if self.bound.scopes != Scopes::OneName && self.goes_by_what_it_read(controller) {
                    controller.unseen = self.decisions.unseen(view.role, state.role);
                }
            }
            Look::Refused(undo) => {
                // What is put back is put back at once, or not at all.
                controller.looked = undo.is_some();
                controller.at = undo.map(|undo| (undo, 0));
                if !self.goes_by_what_it_read(controller) {
                    controller.unseen = 0;
                }
            }
        }
        Some(())
    }

    fn go_to(&self, controller: &mut Controller, program: Program, at: u8) {
        controller.at = self.decisions.kind(program, at).map(|_| (program, at));
    }

    pub(crate) fn call(&self, state: &mut State, by: u8, answer: Answer) -> Option<()> {
        if answer != Answer::Heard {
            state.left.failures = state.left.failures.checked_sub(1)?;
        }
        let (program, at) = state.controllers[usize::from(by)].at?;
        let kind = self.decisions.kind(program, at)?;
        let StepKind::Call { rests_on_look, .. } = kind else {
            return None;
        };
        let refused = if answer == Answer::Failed {
            false
        } else {
            match self.decisions.call(program, at, state.role, state.next_id) {
                Ok(after) => {
                    self.take_effect(state, by, kind, after);
                    false
                }
                // A refusal that is lost is no different from one that is heard later.
                Err(_) if answer == Answer::Lost => return None,
                Err(_) => true,
            }
        };
        let controller = &mut state.controllers[usize::from(by)];
        let rests_on_look = rests_on_look || controller.looked;
        let again = !rests_on_look || self.decisions.weakens(Weakened::PlanAnew);
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
        if !self.goes_by_what_it_read(controller) {
            controller.unseen = 0;
        }
        Some(())
    }

    /// What a call does to the account, and whether it may.
    fn take_effect(&self, state: &mut State, by: u8, kind: StepKind, after: Option<RoleVersion>) {
        let before = state.role;
        if let Some(role) = before
            && matches!(kind, StepKind::Call { takes_away: true, .. })
            // What an owner takes off, it put there itself.
            && (after.is_none() || self.owners(before) & 1 << by == 0)
        {
            let lost = self.owners(before) & state.recorded;
            if lost != 0 {
                state.broken = Some(Broken::TakenFromOwner(lost));
            } else if state.stranger == Stranger::Settled {
                state.broken = Some(Broken::TakenFromUser);
            } else if !self.decisions.facts(role).made_by_pipewright {
                state.broken = Some(Broken::NotOurs);
            } else if state.statement == Stranger::Settled {
                state.broken = Some(Broken::StrangersStatement);
            }
        }
        if let (Some(before), Some(after)) = (before, after)
            && (self.bound.scopes == Scopes::PoliciesDiffer
                || matches!(kind, StepKind::Call { replaces_trust: true, .. }))
        {
            let unseen = state.controllers[usize::from(by)].unseen;
            let lost = self.decisions.lost(before, after) & !(1 << by);
            if lost & !unseen != 0 {
                state.broken = Some(Broken::ContentLost(lost & !unseen));
            }
            if lost & STRANGER != 0 {
                state.statement = Stranger::Absent;
            }
        }
        let untagged = self.owners(before) & !self.owners(after) & !(1 << by);
        let shown = untagged & !state.controllers[usize::from(by)].unseen;
        if after.is_some() && shown != 0 {
            state.broken = Some(Broken::TagTaken(shown));
        }
        self.becomes(state, Some(by), after);
    }

    /// The role is another from now on, by a call of a controller or of somebody else.
    fn becomes(&self, state: &mut State, by: Option<u8>, after: Option<RoleVersion>) {
        let before = state.role;
        if after == before {
            return;
        }
        for (n, controller) in (0..).zip(&mut state.controllers) {
            if Some(n) != by && self.goes_by_what_it_read(controller) {
                controller.unseen |= self.decisions.unseen(before, after);
            }
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
            state.statement = Stranger::Absent;
        }
    }

    /// Whether it is judged by what a controller read what it may take from others.
    fn goes_by_what_it_read(&self, controller: &Controller) -> bool {
        match self.bound.scopes {
            Scopes::OneName => controller.at.is_some(),
            Scopes::PoliciesDiffer => controller.looked,
            _ => controller.looked && self.replaces_trust(controller),
        }
    }

    /// Whether the next call of a controller replaces the trust policy.
    fn replaces_trust(&self, controller: &Controller) -> bool {
        let kind = controller.at.and_then(|(program, at)| self.decisions.kind(program, at));
        matches!(kind, Some(StepKind::Call { replaces_trust: true, .. }))
    }

    pub(crate) fn tick(&self, state: &mut State) -> Option<()> {
        let resting = |controller: &Controller| !controller.looked;
        if !self.decisions.weakens(Weakened::FreshLook) && !state.controllers.iter().all(resting) {
            return None;
        }
        let aged = state.role.map(|role| self.decisions.aged(role));
        let settles = [state.stranger, state.statement].contains(&Stranger::New);
        if aged == state.role && !settles && state.before.is_none_or(|before| before == state.role) {
            return None;
        }
        state.role = aged;
        state.before = None;
        for new in [&mut state.stranger, &mut state.statement] {
            if *new == Stranger::New {
                *new = Stranger::Settled;
            }
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

    fn statement(&self, state: &mut State) -> Option<()> {
        state.left.statements = state.left.statements.checked_sub(1)?;
        if state.statement != Stranger::Absent {
            return None;
        }
        let after = self.decisions.with_statement_of_a_stranger(state.role?);
        self.becomes(state, None, Some(after));
        state.statement = Stranger::New;
        Some(())
    }

    /// Whether this controller did nothing so far, and neither did the one before it, that began with
    /// the same: what it can do, the other can, so that only the other need be tried.
    fn is_like_the_one_before(&self, state: &State, by: u8) -> bool {
        let Some(other) = by.checked_sub(1) else { return false };
        // Trust that one wrote can serve others, and a name can be one's, who are then not alike.
        self.bound.scopes == Scopes::Alike
            && state.begun & (1 << by | 1 << other) == 0
            && self.bound.specs[usize::from(by)] == self.bound.specs[usize::from(other)]
    }
}

impl Model for Protocol {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let controllers =
            self.bound.specs.map(|specs| Controller { specs, at: None, looked: false, unseen: 0 });
        let mut state = State {
            role: None,
            before: None,
            next_id: 0,
            stranger: Stranger::Absent,
            statement: Stranger::Absent,
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
            for by in (0..3).filter(|by| self.bound.specs[usize::from(*by)] != 0) {
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
                        2 => &[2, 3],
                        // Whichever came first, what it needs of the trust policy may be the first to go.
                        _ if matches!(self.bound.scopes, Scopes::TrustDiffers | Scopes::PoliciesDiffer) => {
                            &[3, 1, 2]
                        }
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
        actions.extend([Action::Stranger, Action::Statement, Action::Tick]);
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
                *controller = Controller { at: None, looked: false, unseen: 0, ..*controller };
            }
            Action::Stranger => Self::stranger(&mut next)?,
            Action::Statement => self.statement(&mut next)?,
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
