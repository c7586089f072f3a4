//! Clocks: the real one, and the sandbox's, which can run as fast as one likes.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pipewright_emulator::Emulator;
use pipewright_engine::Clock;
use pipewright_model::Timestamp;

/// The clock that a pass goes by.
#[derive(Debug, Clone)]
pub(crate) enum AnyClock {
    /// Real time.
    Real,
    /// The sandbox's virtual time.
    Sandbox(SandboxClock),
}

impl AnyClock {
    /// Whether its time is not the real one.
    pub(crate) fn is_virtual(&self) -> bool {
        matches!(self, Self::Sandbox(_))
    }
}

impl Clock for AnyClock {
    fn now(&self) -> Timestamp {
        match self {
            Self::Real => real_now(),
            Self::Sandbox(clock) => clock.now(),
        }
    }

    async fn sleep(&self, duration: Duration) {
        match self {
            Self::Real => tokio::time::sleep(duration).await,
            Self::Sandbox(clock) => clock.sleep(duration).await,
        }
    }
}

/// The virtual time of an emulator, which moves only while somebody waits on this clock.
#[derive(Debug, Clone)]
pub(crate) struct SandboxClock {
    emulator: Emulator,
    speed: Speed,
}

/// How fast the sandbox's time runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Speed {
    /// So many virtual seconds in a real second; above zero.
    Times(f64),
    /// No real time passes at all.
    Max,
}

impl SandboxClock {
    /// The clock of this emulator.
    pub(crate) fn new(emulator: Emulator, speed: Speed) -> Self {
        Self { emulator, speed }
    }

    fn now(&self) -> Timestamp {
        let millis = u64::try_from(self.emulator.now().as_millis()).unwrap_or(u64::MAX);
        Timestamp::from_millis(millis)
    }

    async fn sleep(&self, duration: Duration) {
        if let Speed::Times(speed) = self.speed {
            tokio::time::sleep(duration.div_f64(speed)).await;
        }
        self.emulator.advance(duration);
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock that everything else is given")]
fn real_now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

impl std::str::FromStr for Speed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "max" {
            return Ok(Self::Max);
        }
        match text.parse::<f64>() {
            // Slower than this, a wait would not fit in a duration.
            Ok(speed) if speed.is_finite() && speed >= 0.001 => Ok(Self::Times(speed)),
            _ => Err("use a number of at least 0.001, such as 300, or `max`".to_owned()),
        }
    }
}
