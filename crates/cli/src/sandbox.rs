//! The emulator inside this process, reached over real HTTP on loopback.

use std::path::Path;

use pipewright_emulator::{ClockMode, Config, Effect, Emulator, Fault};

use crate::args::Where;
use crate::clock::{AnyClock, SandboxClock};
use crate::failure::Failure;

/// A running emulator and its clock.
pub(crate) struct Embedded {
    emulator: Emulator,
    clock: SandboxClock,
}

impl Embedded {
    /// Starts it on what the directory holds.
    pub(crate) async fn start(directory: &Path, place: &Where) -> Result<Self, Failure> {
        let config =
            Config { directory: Some(directory.to_owned()), clock: ClockMode::Manual, ..Config::default() };
        let emulator = Emulator::start(config).await.map_err(Failure::Sandbox)?;
        if let Some(nth) = place.sandbox_abort_after_call {
            emulator.inject(Fault { operation: None, nth, effect: Effect::AbortProcessAfter });
        }
        let clock = SandboxClock::new(emulator.clone(), place.sandbox_speed);
        Ok(Self { emulator, clock })
    }

    /// Where it listens.
    pub(crate) fn endpoint_url(&self) -> String {
        self.emulator.endpoint_url()
    }

    /// Its virtual time.
    pub(crate) fn clock(&self) -> AnyClock {
        AnyClock::Sandbox(self.clock.clone())
    }

    /// Stops it.
    pub(crate) async fn shutdown(self) {
        self.emulator.shutdown().await;
    }
}
