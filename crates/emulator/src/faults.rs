//! Faults on demand: the n-th call of an operation goes wrong in a chosen way.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::Semaphore;

use crate::script::{Disturbance, Interruption};
use crate::store::Store;

/// One fault. It strikes once.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    /// The operation, such as `CreateEndpoint`. None: any.
    #[serde(default)]
    pub operation: Option<String>,
    /// Which of the matching calls from now on, 1 for the next.
    #[serde(default = "first")]
    pub nth: u64,
    /// What goes wrong.
    pub effect: Effect,
}

fn first() -> u64 {
    1
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Effect {
    /// The call is throttled, without effect.
    Throttle,
    /// The call fails with HTTP status 500, without effect.
    InternalError,
    /// A call that changes something in IAM fails with `ConcurrentModification`, without effect; another call is not
    /// affected.
    ConcurrentModification,
    /// The call has no effect and is never answered.
    HoldBefore,
    /// The call takes effect and is never answered.
    HoldAfter,
    /// The call takes effect, and the connection breaks in the middle of the answer.
    DropConnectionAfter,
    /// A call that reads answers what was true when the fault was armed; one that writes is not affected.
    Stale,
    /// The emulator's process aborts when the call's effect is durable, before the answer.
    AbortProcessAfter,
    /// The emulator's process aborts when the call arrives.
    AbortProcessBefore,
}

#[derive(Debug)]
pub(crate) struct Faults {
    armed: Mutex<Vec<Armed>>,
    interruptions: Mutex<Vec<Interruption>>,
    /// One permit for every call that a hold has caught.
    caught: Semaphore,
}

#[derive(Debug)]
struct Armed {
    fault: Fault,
    /// What a stale read sees.
    snapshot: Option<Arc<Snapshot>>,
}

/// The state of an instant.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub store: Store,
    pub at: Duration,
}

/// A fault that has struck.
#[derive(Debug, Clone)]
pub(crate) struct Struck {
    pub effect: Effect,
    pub snapshot: Option<Arc<Snapshot>>,
}

impl Default for Faults {
    fn default() -> Self {
        Faults { armed: Mutex::default(), interruptions: Mutex::default(), caught: Semaphore::new(0) }
    }
}

impl Faults {
    /// Arms a fault; one that makes a read stale comes with what the read sees.
    pub(crate) fn inject(&self, fault: Fault, snapshot: Option<Arc<Snapshot>>) {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner).push(Armed { fault, snapshot });
    }

    pub(crate) fn clear(&self) {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let mut waiting = self.interruptions.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.clear();
    }

    pub(crate) fn interrupt(&self, interruption: Interruption) {
        self.interruptions.lock().unwrap_or_else(PoisonError::into_inner).push(interruption);
    }

    /// Counts one call of this operation; answers what happens right before it.
    pub(crate) fn interruptions(&self, operation: &str) -> Vec<Vec<Disturbance>> {
        let mut waiting = self.interruptions.lock().unwrap_or_else(PoisonError::into_inner);
        let mut due = Vec::new();
        waiting.retain_mut(|interruption| {
            if interruption.operation.as_deref().is_some_and(|name| name != operation) {
                return true;
            }
            interruption.nth = interruption.nth.saturating_sub(1);
            if interruption.nth == 0 {
                due.push(std::mem::take(&mut interruption.disturbances));
            }
            interruption.nth > 0
        });
        due
    }

    /// Counts one call of this operation; the fault that it is the n-th call of is spent.
    pub(crate) fn strike(&self, operation: &str) -> Option<Struck> {
        let mut armed = self.armed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut struck = None;
        armed.retain_mut(|Armed { fault, snapshot }| {
            if fault.operation.as_deref().is_some_and(|name| name != operation) {
                return true;
            }
            fault.nth = fault.nth.saturating_sub(1);
            if fault.nth == 0 && struck.is_none() {
                struck = Some(Struck { effect: fault.effect, snapshot: snapshot.take() });
                return false;
            }
            true
        });
        struck
    }

    /// Notes that a hold has caught its call.
    pub(crate) fn note_caught(&self) {
        self.caught.add_permits(1);
    }

    /// Resolves once for every caught call.
    pub(crate) async fn caught(&self) {
        if let Ok(permit) = self.caught.acquire().await {
            permit.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(operation: Option<&str>, nth: u64, effect: Effect) -> Fault {
        Fault { operation: operation.map(str::to_owned), nth, effect }
    }

    fn struck(faults: &Faults, operation: &str) -> Option<Effect> {
        faults.strike(operation).map(|struck| struck.effect)
    }

    #[test]
    fn the_nth_matching_call_is_struck_once() {
        let faults = Faults::default();
        faults.inject(fault(Some("CreateEndpoint"), 2, Effect::InternalError), None);
        assert_eq!(struck(&faults, "CreateEndpoint"), None);
        assert_eq!(struck(&faults, "DescribeEndpoints"), None);
        assert_eq!(struck(&faults, "CreateEndpoint"), Some(Effect::InternalError));
        assert_eq!(struck(&faults, "CreateEndpoint"), None);
    }

    #[test]
    fn two_faults_of_one_call_strike_one_after_the_other() {
        let faults = Faults::default();
        faults.inject(fault(None, 1, Effect::Throttle), None);
        faults.inject(fault(None, 1, Effect::HoldAfter), None);
        assert_eq!(struck(&faults, "TagRole"), Some(Effect::Throttle));
        assert_eq!(struck(&faults, "TagRole"), Some(Effect::HoldAfter));
        assert_eq!(struck(&faults, "TagRole"), None);
    }
}
