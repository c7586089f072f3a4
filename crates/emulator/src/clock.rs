//! Virtual time, and the one place that reads the real one.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::config::ClockMode;

/// A clock that never goes backwards.
#[derive(Debug)]
pub(crate) struct Clock {
    mode: ClockMode,
    base: Mutex<Base>,
}

#[derive(Debug)]
struct Base {
    /// Virtual time at `since`.
    virtual_time: Duration,
    since: Instant,
}

impl Clock {
    /// A clock that shows `virtual_time` now.
    pub(crate) fn new(mode: ClockMode, virtual_time: Duration) -> Self {
        Clock { mode, base: Mutex::new(Base { virtual_time, since: Instant::now() }) }
    }

    /// Virtual time since the Unix epoch.
    pub(crate) fn now(&self) -> Duration {
        let base = self.base.lock().unwrap_or_else(PoisonError::into_inner);
        match self.mode {
            ClockMode::Scaled(factor) => base.virtual_time + scaled(base.since.elapsed(), factor),
            ClockMode::Manual => base.virtual_time,
        }
    }

    /// Moves the clock.
    pub(crate) fn advance(&self, by: Duration) {
        self.base.lock().unwrap_or_else(PoisonError::into_inner).virtual_time += by;
    }
}

/// A factor that is no sensible speed counts as standing still.
fn scaled(elapsed: Duration, factor: f64) -> Duration {
    Duration::try_from_secs_f64(elapsed.as_secs_f64() * factor).unwrap_or_default()
}

/// Real time since the Unix epoch.
#[expect(clippy::disallowed_methods, reason = "signatures are of real time, and virtual time starts at it")]
pub(crate) fn wall() -> Duration {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default()
}
