//! The handle on a running emulator.

use std::collections::BTreeSet;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::calls::{Call, Calls};
use crate::clock::{self, Clock};
use crate::config::{ClockMode, Config};
use crate::dispatch::request_id;
use crate::disturb;
use crate::dms::{self, Migrations};
use crate::faults::{Effect, Fault, Faults, Snapshot};
use crate::script::{Disturbance, Interruption, Script, ScriptError};
use crate::server;
use crate::store::{Instants, StartError, Store, Transaction};
use crate::throttle::Buckets;

/// A running emulator. Clones are handles on the same one; it stops when the last is dropped.
#[derive(Debug, Clone)]
pub struct Emulator {
    shared: Arc<Shared>,
    address: SocketAddr,
    serving: Arc<Mutex<Option<JoinHandle<()>>>>,
    _stop: Arc<DropGuard>,
}

/// What the handle and the server have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    pub config: Config,
    pub clock: Clock,
    pub calls: Calls,
    pub faults: Faults,
    /// Actions of IAM that the calls needed.
    pub actions: Mutex<BTreeSet<String>>,
    pub requests: AtomicU64,
    pub stop: CancellationToken,
    state: Mutex<State>,
}

/// What one request at a time may touch.
#[derive(Debug)]
pub(crate) struct State {
    pub store: Store,
    pub buckets: Buckets,
}

impl Emulator {
    /// Opens the directory, if any, and listens. Runs on the current Tokio runtime.
    pub async fn start(config: Config) -> Result<Emulator, StartError> {
        let (store, seen) = match &config.directory {
            Some(directory) => Store::open(directory)?,
            None => (Store::default(), None),
        };
        let now = resumed(config.clock, seen);
        Self::listen(config, store, now).await
    }

    /// Starts another emulator that has the same objects and the same virtual time, and keeps them in memory only.
    /// Calls, faults and throttling begin anew.
    pub async fn fork(&self) -> Result<Emulator, StartError> {
        let store = self.shared.state().store.snapshot();
        let config = Config { directory: None, ..self.shared.config.clone() };
        Self::listen(config, store, self.now()).await
    }

    async fn listen(config: Config, store: Store, now: Duration) -> Result<Emulator, StartError> {
        let listening = |source| StartError::Listen { bind: config.bind, source };
        let listener = TcpListener::bind(config.bind).await.map_err(listening)?;
        let address = listener.local_addr().map_err(listening)?;
        let stop = CancellationToken::new();
        let shared = Arc::new(Shared {
            clock: Clock::new(config.clock, now),
            calls: Calls::default(),
            faults: Faults::default(),
            actions: Mutex::default(),
            requests: AtomicU64::new(0),
            stop: stop.clone(),
            state: Mutex::new(State { store, buckets: Buckets::default() }),
            config,
        });
        let serving = tokio::spawn(server::serve(listener, Arc::clone(&shared)));
        Ok(Emulator {
            shared,
            address,
            serving: Arc::new(Mutex::new(Some(serving))),
            _stop: Arc::new(stop.drop_guard()),
        })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn endpoint_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Virtual time since the Unix epoch.
    pub fn now(&self) -> Duration {
        self.shared.clock.now()
    }

    /// Moves virtual time, whatever the clock mode.
    pub fn advance(&self, by: Duration) {
        self.shared.advance(by);
    }

    /// The calls since the start or the last reset, oldest first.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.calls.all()
    }

    /// Forgets the calls, and the actions that they needed.
    pub fn reset_calls(&self) {
        self.shared.reset_calls();
    }

    /// The actions of IAM that the calls needed, allowed or not, such as `dms:CreateEndpoint` and `iam:PassRole`.
    pub fn actions(&self) -> BTreeSet<String> {
        self.shared.actions()
    }

    /// What every task and serverless replication that ever started has loaded and captured, also of those that are gone.
    pub fn migrations(&self) -> Migrations {
        self.shared.migrations()
    }

    /// Arms a fault.
    pub fn inject(&self, fault: Fault) {
        self.shared.arm(fault);
    }

    /// Arms the faults of a script and makes its disturbances, in order.
    pub fn play(&self, script: Script) -> Result<(), ScriptError> {
        self.shared.play(script)
    }

    /// Makes something happen right before a call to come.
    pub fn interrupt(&self, interruption: Interruption) {
        self.shared.faults.interrupt(interruption);
    }

    /// Disarms all faults and interruptions that have not struck.
    pub fn clear_faults(&self) {
        self.shared.faults.clear();
    }

    /// Resolves when a hold fault has caught its call; once for every caught call, also one caught before.
    pub fn held(&self) -> impl Future<Output = ()> + Send + 'static {
        let shared = Arc::clone(&self.shared);
        async move { shared.faults.caught().await }
    }

    /// Stops serving, lets go of held calls and of the directory.
    pub async fn shutdown(self) {
        self.shared.stop.cancel();
        let serving = self.serving.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(serving) = serving {
            // A panic of the server has been reported by the panic hook; stopping goes on.
            let _ = serving.await;
        }
        self.shared.note_clock();
        self.shared.state().store.close();
    }
}

impl Shared {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn actions(&self) -> BTreeSet<String> {
        self.actions.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn migrations(&self) -> Migrations {
        dms::migrations(self.state().store.objects(), self.clock.now())
    }

    pub(crate) fn reset_calls(&self) {
        self.calls.reset();
        self.actions.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(crate) fn instants(&self) -> Instants {
        Instants { virtual_time: self.clock.now(), real: clock::wall() }
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.note_clock();
    }

    pub(crate) fn play(&self, script: Script) -> Result<(), ScriptError> {
        self.disturb(&script.disturbances)?;
        for fault in script.faults {
            self.arm(fault);
        }
        for interruption in script.interruptions {
            self.faults.interrupt(interruption);
        }
        Ok(())
    }

    /// All disturbances happen, or none does.
    pub(crate) fn disturb(&self, disturbances: &[Disturbance]) -> Result<(), ScriptError> {
        let mut state = self.state();
        let at = self.instants();
        let changes = {
            let transaction = Transaction::new(&state.store);
            for disturbance in disturbances {
                let request_id = request_id(self);
                disturb::disturb(disturbance, &self.config, (at.virtual_time, &request_id), &transaction)
                    .map_err(ScriptError::Refused)?;
            }
            transaction.into_changes()
        };
        if !changes.is_empty() {
            let stored = state.store.commit(changes, at);
            stored.map_err(|error| ScriptError::Store(Box::new(error)))?;
        }
        Ok(())
    }

    fn arm(&self, fault: Fault) {
        let snapshot = (fault.effect == Effect::Stale).then(|| {
            let state = self.state();
            Arc::new(Snapshot { store: state.store.snapshot(), at: self.clock.now() })
        });
        self.faults.inject(fault, snapshot);
    }

    fn note_clock(&self) {
        let at = self.instants();
        if let Err(error) = self.state().store.note_clock(at) {
            tracing::warn!(%error, "virtual time could not be noted");
        }
    }
}

/// Virtual time at the start: real time for a fresh emulator, else what was seen last plus the real time that passed.
fn resumed(mode: ClockMode, seen: Option<Instants>) -> Duration {
    let real = clock::wall();
    match (mode, seen) {
        (_, None) => real,
        (ClockMode::Manual, Some(seen)) => seen.virtual_time,
        (ClockMode::Scaled(_), Some(seen)) => seen.virtual_time + real.saturating_sub(seen.real),
    }
}
