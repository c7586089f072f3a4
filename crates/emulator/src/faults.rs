//! Faults on demand: the n-th call of an operation goes wrong in a chosen way.

use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use tokio::sync::Semaphore;

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
    /// The call has no effect and is never answered.
    HoldBefore,
    /// The call takes effect and is never answered.
    HoldAfter,
    /// The call takes effect, and the connection breaks in the middle of the answer.
    DropConnectionAfter,
    /// The emulator's process aborts when the call's effect is durable, before the answer.
    AbortProcessAfter,
    /// The emulator's process aborts when the call arrives.
    AbortProcessBefore,
}

#[derive(Debug)]
pub(crate) struct Faults {
    armed: Mutex<Vec<Fault>>,
    /// One permit for every call that a hold has caught.
    caught: Semaphore,
}

impl Default for Faults {
    fn default() -> Self {
        Faults {
            armed: Mutex::default(),
            caught: Semaphore::new(0),
        }
    }
}

impl Faults {
    pub(crate) fn inject(&self, fault: Fault) {
        self.armed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(fault);
    }

    pub(crate) fn clear(&self) {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Counts one call of this operation; the fault that it is the n-th call of is spent.
    pub(crate) fn strike(&self, operation: &str) -> Option<Effect> {
        let mut armed = self.armed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut struck = None;
        armed.retain_mut(|fault| {
            if fault.operation.as_deref().is_some_and(|name| name != operation) {
                return true;
            }
            fault.nth = fault.nth.saturating_sub(1);
            if fault.nth == 0 && struck.is_none() {
                struck = Some(fault.effect);
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
        Fault {
            operation: operation.map(str::to_owned),
            nth,
            effect,
        }
    }

    #[test]
    fn the_nth_matching_call_is_struck_once() {
        let faults = Faults::default();
        faults.inject(fault(Some("CreateEndpoint"), 2, Effect::InternalError));
        assert_eq!(faults.strike("CreateEndpoint"), None);
        assert_eq!(faults.strike("DescribeEndpoints"), None);
        assert_eq!(faults.strike("CreateEndpoint"), Some(Effect::InternalError));
        assert_eq!(faults.strike("CreateEndpoint"), None);
    }

    #[test]
    fn two_faults_of_one_call_strike_one_after_the_other() {
        let faults = Faults::default();
        faults.inject(fault(None, 1, Effect::Throttle));
        faults.inject(fault(None, 1, Effect::HoldAfter));
        assert_eq!(faults.strike("TagRole"), Some(Effect::Throttle));
        assert_eq!(faults.strike("TagRole"), Some(Effect::HoldAfter));
        assert_eq!(faults.strike("TagRole"), None);
    }
}
