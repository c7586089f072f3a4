//! The eventual property: where the account gets when specs stay as they are and nothing goes wrong any more.

use crate::decisions::StepKind;
use crate::protocol::Protocol;
use crate::state::{Answer, Budget, Scopes, State, Stranger};

impl Protocol {
    /// Whether the account gets where it should when nothing goes wrong any more and specs stay as they
    /// are: each controller's plan is empty, the owners are those that need the role, it lets in whom each
    /// of them needs, what a stranger wrote is still there, and a role that Pipewright made and nobody needs
    /// is gone.
    pub(crate) fn converges(&self, state: &State) -> bool {
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
    pub(crate) fn own_move(&self, state: &State, by: u8) -> Option<State> {
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
                || state.statement != Stranger::Absent
                || !self.decisions.facts(role).made_by_pipewright
        });
        let serves = |role| {
            let served = self.decisions.facts(role).serves;
            (0..3).all(|n| served[n] & 1 << state.controllers[n].specs != 0)
        };
        let keeps_statement = state.statement == Stranger::Absent
            || state.role.is_some_and(|role| self.decisions.facts(role).strangers_statement);
        // Of two roots with one name that both need the role, one owns it; the other has a conflict.
        let owners = self.owners(state.role);
        let is_owned = match self.bound.scopes {
            Scopes::OneName if needing & 0b11 == 0b11 => {
                owners | 0b11 == needing | 0b11 && (owners & 0b11).is_power_of_two()
            }
            _ => owners == needing,
        };
        (needing == 0 || state.role.is_some_and(serves)) && is_owned && gone_if_unneeded && keeps_statement
    }
}
