//! Whole passes over the real AWS SDK against the emulator, in virtual time.

use std::sync::Arc;
use std::time::Duration;

use pipewright_aws::{Aws, AwsRead, AwsWrite, Options, StaticCredentials};
use pipewright_emulator::{ClockMode, Config, Emulator};
use pipewright_engine::{Clock, CloudRead, CloudWrite, PassOptions, PassOutcome, Silent, observe, run_pass};
use pipewright_model::{Desired, Observed, Secret, Timestamp};
use pipewright_plan::{Handover, HandoverVerb, Plan, PlanOptions};
use tokio_util::sync::CancellationToken;

use crate::desired::{ACCOUNT, REGION};

const ACCESS_KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET_ACCESS_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// An emulator that starts empty, keeps nothing, verifies signatures, and whose time passes only when a
/// controller waits.
#[derive(Clone)]
pub struct Lab {
    emulator: Emulator,
}

impl Lab {
    /// Starts one.
    ///
    /// # Panics
    /// If the emulator cannot listen on the loopback interface.
    pub async fn start() -> Self {
        Self::with(Config::default()).await
    }

    /// Starts one with this configuration; account, clock and credentials are the lab's.
    ///
    /// # Panics
    /// If the emulator cannot listen on the loopback interface.
    pub async fn with(config: Config) -> Self {
        let config = Config {
            account_id: ACCOUNT.to_owned(),
            region: REGION.to_owned(),
            clock: ClockMode::Manual,
            credentials: Some(pipewright_emulator::StaticCredentials {
                access_key_id: ACCESS_KEY_ID.to_owned(),
                secret_access_key: SECRET_ACCESS_KEY.to_owned(),
            }),
            ..config
        };
        Self { emulator: Emulator::start(config).await.expect("the emulator starts") }
    }

    /// Another lab whose account and clock are as they are in this one now.
    ///
    /// # Panics
    /// If the emulator cannot listen on the loopback interface.
    pub async fn fork(&self) -> Self {
        Self { emulator: self.emulator.fork().await.expect("the emulator starts") }
    }

    /// The emulator.
    pub fn emulator(&self) -> &Emulator {
        &self.emulator
    }

    /// A controller that reaches the emulator through the AWS SDK.
    ///
    /// # Panics
    /// If the SDK cannot be set up.
    pub async fn controller(&self) -> Controller<AwsRead, AwsWrite> {
        self.controller_in(REGION, &[]).await
    }

    /// The same for another region, which also looks into these regions of the account.
    ///
    /// # Panics
    /// If the SDK cannot be set up.
    pub async fn controller_in(&self, region: &str, others: &[&str]) -> Controller<AwsRead, AwsWrite> {
        let options = Options {
            endpoint_url: Some(self.emulator.endpoint_url()),
            credentials: Some(StaticCredentials {
                access_key_id: ACCESS_KEY_ID.to_owned(),
                secret_access_key: Secret::new(SECRET_ACCESS_KEY),
                session_token: None,
            }),
            rate_limit: None,
            other_regions: others.iter().map(|&region| region.to_owned()).collect(),
            ..Options::new(region)
        };
        let aws = Aws::connect(options).await.expect("the SDK is set up");
        Controller {
            reader: Arc::new(aws.reader()),
            writer: Arc::new(aws.writer()),
            clock: LabClock(self.emulator.clone()),
            options: PassOptions { wait: true, ..PassOptions::default() },
        }
    }
}

/// One controller: what it reads and writes with, and how it works.
#[derive(Clone)]
pub struct Controller<R, W> {
    /// What it reads with.
    pub reader: Arc<R>,
    /// What it writes with.
    pub writer: Arc<W>,
    /// Its clock.
    pub clock: LabClock,
    /// How it works. It waits, unless a test says otherwise.
    pub options: PassOptions,
}

impl<R: CloudRead, W: CloudWrite> Controller<R, W> {
    /// Runs one pass.
    ///
    /// # Panics
    /// If the account cannot be observed.
    pub async fn pass(&self, desired: &Desired) -> PassOutcome {
        run_pass(
            &self.reader,
            &self.writer,
            &self.clock,
            desired,
            &self.options,
            &Silent,
            &CancellationToken::new(),
        )
        .await
        .expect("the account is observed")
    }

    /// Runs one pass, which must leave nothing to do.
    ///
    /// # Panics
    /// If it does.
    pub async fn converge(&self, desired: &Desired) -> PassOutcome {
        let outcome = self.pass(desired).await;
        assert!(
            outcome.has_converged(),
            "not converged:\n{}\nfailed: {:#?}",
            crate::outline(&outcome.remaining),
            outcome.failures()
        );
        outcome
    }

    /// Runs a change of owner of what these names stand for.
    ///
    /// # Panics
    /// If a name stands for nothing, or the account cannot be observed.
    pub async fn hand_over(&self, verb: HandoverVerb, names: &[&str], desired: &Desired) -> PassOutcome {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let (handover, unknown) = Handover::named(verb, &names, desired, &self.observe(desired).await);
        assert!(unknown.is_empty(), "{unknown:?} stand for nothing");
        run_pass(
            &self.reader,
            &self.writer,
            &self.clock,
            desired,
            &PassOptions { handover: Some(handover), ..self.options.clone() },
            &Silent,
            &CancellationToken::new(),
        )
        .await
        .expect("the account is observed")
    }

    /// The account as it is.
    ///
    /// # Panics
    /// If it cannot be observed.
    pub async fn observe(&self, desired: &Desired) -> Observed {
        observe(self.reader.as_ref(), desired, self.clock.now()).await.expect("the account is observed")
    }

    /// A plan.
    ///
    /// # Panics
    /// If the account cannot be observed.
    pub async fn plan(&self, desired: &Desired) -> Plan {
        pipewright_plan::plan(desired, &self.observe(desired).await, &PlanOptions::default())
    }
}

/// The emulator's virtual clock: waiting on it lets its time pass at once.
#[derive(Clone)]
pub struct LabClock(Emulator);

impl Clock for LabClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(u64::try_from(self.0.now().as_millis()).unwrap_or(u64::MAX))
    }

    async fn sleep(&self, duration: Duration) {
        self.0.advance(duration);
        // Others get their turn.
        tokio::task::yield_now().await;
    }
}
