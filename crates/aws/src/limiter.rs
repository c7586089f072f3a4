//! A token bucket that keeps calls within AWS's budget.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// A token bucket: so many calls at once, then so many a second. Callers are served in the order in
/// which they asked.
#[derive(Debug)]
pub(crate) struct Limiter {
    burst: f64,
    per_second: f64,
    bucket: Mutex<Bucket>,
}

#[derive(Debug)]
struct Bucket {
    /// May be negative: then so many callers wait for tokens that are theirs already.
    tokens: f64,
    filled_at: Instant,
}

impl Limiter {
    /// A full bucket of `burst` tokens, refilled by `per_second` tokens each second.
    pub(crate) fn new(burst: u32, per_second: f64) -> Self {
        Self {
            burst: f64::from(burst),
            per_second,
            bucket: Mutex::new(Bucket { tokens: f64::from(burst), filled_at: Instant::now() }),
        }
    }

    /// Takes a token, and waits for it if there is none.
    pub(crate) async fn acquire(&self) {
        let wait = self.take(Instant::now());
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }

    /// Takes a token at `now`; how long it takes until that token is there.
    fn take(&self, now: Instant) -> Duration {
        // A bucket is whole after every statement, so one left by a panic is as good as any.
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = now.saturating_duration_since(bucket.filled_at).as_secs_f64();
        bucket.tokens = (bucket.tokens + passed * self.per_second).min(self.burst) - 1.0;
        bucket.filled_at = now;
        Duration::try_from_secs_f64(-bucket.tokens / self.per_second).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    #[test]
    fn the_burst_is_free_and_then_each_call_waits_its_turn() {
        let limiter = Limiter::new(3, 8.0);
        let start = Instant::now();
        let waits: Vec<Duration> = (0..5).map(|_| limiter.take(start)).collect();
        let free = Duration::ZERO;
        assert_eq!(waits, [free, free, free, seconds(0.125), seconds(0.25)]);
    }

    #[test]
    fn the_bucket_refills_and_never_beyond_the_burst() {
        let limiter = Limiter::new(2, 8.0);
        let start = Instant::now();
        limiter.take(start);
        limiter.take(start);
        let later = start + seconds(60.0);
        assert_eq!(limiter.take(later), Duration::ZERO);
        assert_eq!(limiter.take(later), Duration::ZERO);
        assert_eq!(limiter.take(later), seconds(0.125));
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_waits_as_long_as_its_token_takes() {
        let limiter = Limiter::new(1, 2.0);
        let start = Instant::now();
        limiter.acquire().await;
        limiter.acquire().await;
        limiter.acquire().await;
        assert_eq!(start.elapsed(), seconds(1.0));
    }
}
