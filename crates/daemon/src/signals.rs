//! Stopping on signals.

use std::io;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// What a second signal does: leave at once.
pub type Leave = fn() -> !;

/// The listener for signals. Dropping it ends the listening.
#[derive(Debug)]
pub struct Stopping(tokio::task::JoinHandle<()>);

impl Drop for Stopping {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Cancels `stop` on the first SIGTERM or SIGINT, and calls `leave` on the second.
///
/// Must be called within a Tokio runtime.
pub fn stop_on_signals(stop: CancellationToken, leave: Leave) -> io::Result<Stopping> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(Stopping(tokio::spawn(async move {
        let mut next = async || {
            tokio::select! {
                _ = terminate.recv() => "SIGTERM",
                _ = interrupt.recv() => "SIGINT",
            }
        };
        let name = next().await;
        info!("{name}: stopping; what is under way ends, nothing new begins. Once more to leave at once");
        stop.cancel();
        let name = next().await;
        warn!("{name} again: leaving at once");
        leave();
    })))
}
