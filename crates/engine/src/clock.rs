//! Time, as the engine sees it.

use std::future::Future;
use std::time::Duration;

use pipewright_model::Timestamp;

/// A clock that can be waited on. The engine takes the time from nothing else, so that a sandbox or a
/// test can let it pass as fast as it likes.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Waits for this long.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send;
}
