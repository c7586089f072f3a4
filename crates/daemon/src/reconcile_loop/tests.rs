use std::sync::Mutex;

use super::*;

/// A pass whose runs take a given time each, and that notes when each began.
struct Scripted {
    durations: Vec<Duration>,
    results: Vec<PassResult>,
    started: Instant,
    begun: Mutex<Vec<u64>>,
    stop_after: u64,
    stop: CancellationToken,
}

impl Scripted {
    fn new(durations: &[u64], results: Vec<PassResult>) -> Arc<Self> {
        Arc::new(Self {
            durations: durations.iter().copied().map(Duration::from_secs).collect(),
            results,
            started: Instant::now(),
            begun: Mutex::new(Vec::new()),
            stop_after: durations.len() as u64,
            stop: CancellationToken::new(),
        })
    }

    async fn play(self: &Arc<Self>, interval: u64) -> (LoopSummary, Vec<u64>) {
        let options = LoopOptions { interval: Duration::from_secs(interval) };
        let summary = run(Arc::clone(self), options, self.stop.clone()).await;
        (summary, self.begun.lock().unwrap().clone())
    }
}

impl Pass for Scripted {
    async fn run(&self, number: u64, stop: CancellationToken) -> PassResult {
        self.begun.lock().unwrap().push(self.started.elapsed().as_secs());
        let index = usize::try_from(number - 1).unwrap();
        tokio::time::sleep(self.durations[index]).await;
        if number == self.stop_after {
            self.stop.cancel();
        }
        assert!(!matches!(self.results.get(index), Some(PassResult::Stopped)) || stop.is_cancelled());
        self.results.get(index).cloned().unwrap_or(PassResult::Converged)
    }
}

#[tokio::test(start_paused = true)]
async fn passes_begin_at_whole_multiples_of_the_interval() {
    let pass = Scripted::new(&[1, 7, 0, 3], Vec::new());
    let (summary, begun) = pass.play(60).await;
    assert_eq!(begun, [0, 60, 120, 180]);
    assert_eq!(summary, LoopSummary { passes: 4, failures: 0 });
}

#[tokio::test(start_paused = true)]
async fn a_long_pass_is_followed_by_one_at_the_next_multiple() {
    let pass = Scripted::new(&[130, 5, 1], Vec::new());
    let (_, begun) = pass.play(60).await;
    assert_eq!(begun, [0, 180, 240]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_pass_does_not_end_the_loop() {
    let failed = PassResult::Failed("the specs cannot be read".to_owned());
    let pass = Scripted::new(&[1, 1, 1], vec![failed, PassResult::NotConverged, PassResult::Converged]);
    let (summary, begun) = pass.play(60).await;
    assert_eq!(begun, [0, 60, 120]);
    assert_eq!(summary, LoopSummary { passes: 3, failures: 1 });
}

/// A pass that panics the first time and stops the loop the second.
struct Panicking(CancellationToken);

impl Pass for Panicking {
    async fn run(&self, number: u64, _: CancellationToken) -> PassResult {
        assert!(number > 1, "the first pass breaks");
        self.0.cancel();
        PassResult::Converged
    }
}

#[tokio::test(start_paused = true)]
async fn a_pass_that_panics_counts_as_failed() {
    let stop = CancellationToken::new();
    let options = LoopOptions { interval: Duration::from_mins(1) };
    let summary = run(Arc::new(Panicking(stop.clone())), options, stop).await;
    assert_eq!(summary, LoopSummary { passes: 2, failures: 1 });
}

/// A pass that works until it is told to stop, and then for one more second.
struct Endless(Mutex<bool>);

impl Pass for Endless {
    async fn run(&self, _: u64, stop: CancellationToken) -> PassResult {
        stop.cancelled().await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        *self.0.lock().unwrap() = true;
        PassResult::Stopped
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_waits_for_what_is_under_way() {
    let pass = Arc::new(Endless(Mutex::new(false)));
    let stop = CancellationToken::new();
    let options = LoopOptions { interval: Duration::from_mins(1) };
    let running = tokio::spawn(run(Arc::clone(&pass), options, stop.clone()));
    tokio::time::sleep(Duration::from_secs(500)).await;
    stop.cancel();
    let summary = running.await.unwrap();
    assert_eq!(summary, LoopSummary { passes: 1, failures: 0 });
    assert!(*pass.0.lock().unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_stop_between_passes_ends_the_loop_at_once() {
    let pass = Scripted::new(&[0, 0], Vec::new());
    let stop = pass.stop.clone();
    let options = LoopOptions { interval: Duration::from_hours(1) };
    let running = tokio::spawn(run(Arc::clone(&pass), options, stop.clone()));
    tokio::time::sleep(Duration::from_secs(10)).await;
    let before = Instant::now();
    stop.cancel();
    assert_eq!(running.await.unwrap().passes, 1);
    assert_eq!(before.elapsed(), Duration::ZERO);
}
