//! Who goes next: controllers that run at the same time, one call at a time, in an order that a seed
//! names.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// A small generator of random numbers (SplitMix64).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 up to and without `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
    }

    pub(crate) fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }
}

/// Lets one call at a time pass. It waits until every controller that is at work wants to make a call,
/// and then chooses one, so that the order does not depend on how fast anything is.
pub(crate) struct Schedule {
    inner: Mutex<Inner>,
}

struct Inner {
    random: Random,
    at_work: usize,
    is_taken: bool,
    waiting: Vec<(usize, oneshot::Sender<()>)>,
}

/// The right to make a call; the next is chosen when it is dropped.
pub(crate) struct Turn<'a>(&'a Schedule);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.lock().is_taken = false;
        self.0.choose();
    }
}

/// A call that waits for its turn. If its controller dies just when the turn comes, the next is chosen.
struct Waiting<'a> {
    schedule: &'a Schedule,
    comes: oneshot::Receiver<()>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.comes.try_recv().is_ok() {
            drop(Turn(self.schedule));
        }
    }
}

/// A controller at work, until dropped.
pub(crate) struct AtWork<'a>(&'a Schedule);

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.0.lock().at_work -= 1;
        self.0.choose();
    }
}

impl Schedule {
    pub(crate) fn new(seed: u64) -> Self {
        let inner = Inner { random: Random::new(seed), at_work: 0, is_taken: false, waiting: Vec::new() };
        Self { inner: Mutex::new(inner) }
    }

    pub(crate) fn begin(&self) -> AtWork<'_> {
        self.lock().at_work += 1;
        AtWork(self)
    }

    pub(crate) async fn turn(&self, who: usize) -> Turn<'_> {
        let (mine, comes) = oneshot::channel();
        self.lock().waiting.push((who, mine));
        let mut waiting = Waiting { schedule: self, comes };
        self.choose();
        (&mut waiting.comes).await.expect("the schedule outlives its controllers");
        Turn(self)
    }

    /// Decides by chance, in the order of the calls.
    pub(crate) fn percent(&self, chance: usize) -> bool {
        self.lock().random.percent(chance)
    }

    pub(crate) fn below(&self, bound: usize) -> usize {
        self.lock().random.below(bound)
    }

    fn choose(&self) {
        let mut inner = self.lock();
        inner.waiting.retain(|(_, sender)| !sender.is_closed());
        let mut who: Vec<usize> = inner.waiting.iter().map(|(who, _)| *who).collect();
        who.sort_unstable();
        who.dedup();
        if inner.is_taken || who.is_empty() || who.len() < inner.at_work {
            return;
        }
        let next = who[inner.random.below(who.len())];
        let at = inner.waiting.iter().position(|(who, _)| *who == next).expect("it waits");
        let (_, sender) = inner.waiting.remove(at);
        inner.is_taken = sender.send(()).is_ok();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
