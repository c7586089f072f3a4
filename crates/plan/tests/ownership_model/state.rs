//! What the model remembers between two calls, and what can happen next.

use std::fmt;

use crate::decisions::{Program, RoleVersion, SCOPES};

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
    /// Statements that a stranger writes into the trust policy.
    pub(crate) statements: u8,
}

/// What a stale read answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stale {
    /// What was before the last change.
    LastChange,
    /// What was before the first change of this tick.
    Tick,
}

/// What the scopes are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scopes {
    /// Each has a name of its own, and needs what the others need.
    Alike,
    /// They need different trust.
    TrustDiffers,
    /// They need different policies: each an inline policy of its own, and all the same managed one.
    PoliciesDiffer,
    /// The first two have one name, and are told apart by their uids.
    OneName,
}

/// What a run explores.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bound {
    pub(crate) controllers: usize,
    /// The specs that each controller has, and has applied, in the beginning.
    pub(crate) specs: [u8; 3],
    /// Whether the role was there before Pipewright, and nobody owns it.
    pub(crate) found: bool,
    pub(crate) scopes: Scopes,
    pub(crate) stale: Stale,
    pub(crate) budget: Budget,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Controller {
    pub(crate) specs: u8,
    /// The plan it is at, and the next step.
    pub(crate) at: Option<(Program, u8)>,
    /// Whether its last step was a look, on which its next call rests.
    pub(crate) looked: bool,
    /// Those of whom what it read last did not show everything: the look before a call that replaces the
    /// trust policy; where two have one name, what the plan was made of.
    pub(crate) unseen: Authors,
}

/// Who writes into a role: each scope by its bit, and [`STRANGER`].
pub(crate) type Authors = u8;

pub(crate) const STRANGER: Authors = 1 << 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Stranger {
    Absent,
    /// Came in this tick.
    New,
    Settled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct State {
    pub(crate) role: Option<RoleVersion>,
    /// What a stale read still answers, if anything else than what is so.
    #[allow(clippy::option_option, reason = "that there was no role is an answer too")]
    pub(crate) before: Option<Option<RoleVersion>>,
    pub(crate) next_id: u8,
    pub(crate) stranger: Stranger,
    /// A stranger's statement in the trust policy.
    pub(crate) statement: Stranger,
    pub(crate) controllers: [Controller; 3],
    pub(crate) left: Budget,
    /// Whether the role was at some time of this tick past the grace of its drain.
    pub(crate) past_grace: bool,
    /// The scopes whose owner tag every look that a call rests on could see: those that recorded
    /// themselves before the grace was over, or before this tick.
    pub(crate) recorded: u8,
    /// The controllers that did something so far.
    pub(crate) begun: u8,
    pub(crate) broken: Option<Broken>,
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
    /// It was deleted, though a stranger wrote into its trust policy in an earlier tick.
    StrangersStatement,
    /// The owner tag of these was taken away or written over by another, whose plan was made of it.
    TagTaken(u8),
    /// By a call of another these lost a statement, a policy or what they need, which the look before it had
    /// shown.
    ContentLost(Authors),
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
    /// A stranger writes a statement into the trust policy.
    Statement,
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
            Self::Statement => f.write_str("a stranger writes into the trust policy"),
            Self::Tick => f.write_str("time passes"),
        }
    }
}
