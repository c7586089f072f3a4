//! Token buckets in virtual time.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::config::Throttle;

/// One bucket for every account and region.
#[derive(Debug, Default)]
pub(crate) struct Buckets(BTreeMap<String, Bucket>);

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at: Duration,
}

impl Buckets {
    /// Takes a token at `now`; false where there is none.
    pub(crate) fn take(&mut self, scope: &str, limit: Throttle, now: Duration) -> bool {
        let bucket = self.0.entry(scope.to_owned()).or_insert(Bucket { tokens: limit.burst, at: now });
        let refill = now.saturating_sub(bucket.at).as_secs_f64() * limit.per_second;
        bucket.tokens = (bucket.tokens + refill).min(limit.burst);
        bucket.at = now;
        let granted = bucket.tokens >= 1.0;
        if granted {
            bucket.tokens -= 1.0;
        }
        granted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_and_then_the_rate() {
        let mut buckets = Buckets::default();
        let start = Duration::from_secs(1000);
        let granted = |buckets: &mut Buckets, at: Duration| {
            (0..300).filter(|_| buckets.take("a", Throttle::dms(), at)).count()
        };
        assert_eq!(granted(&mut buckets, start), 200);
        assert_eq!(granted(&mut buckets, start + Duration::from_secs(2)), 16);
        assert_eq!(granted(&mut buckets, start + Duration::from_hours(1)), 200);
        assert!(buckets.take("b", Throttle::dms(), start));
    }
}
