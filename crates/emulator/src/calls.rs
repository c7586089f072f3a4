//! The record of calls, for tests that count them.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A server that runs for weeks forgets the oldest calls beyond this.
const KEPT: usize = 1_000_000;

/// One answered or swallowed request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// `dms`, `iam` or `sts`.
    pub service: &'static str,
    /// The operation, such as `CreateEndpoint`.
    pub operation: String,
    /// The ARN, identifier or name that the request is about.
    pub resource: Option<String>,
    /// Virtual time since the Unix epoch.
    pub at: Duration,
    /// Whether the operation is one that changes state.
    pub mutating: bool,
    /// The HTTP status of the answer; 0 where a fault swallowed it.
    pub status: u16,
    /// The error's code.
    pub error: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Calls(Mutex<VecDeque<Call>>);

impl Calls {
    pub(crate) fn record(&self, call: Call) {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if calls.len() == KEPT {
            calls.pop_front();
        }
        calls.push_back(call);
    }

    pub(crate) fn all(&self) -> Vec<Call> {
        let calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.iter().cloned().collect()
    }

    pub(crate) fn reset(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
