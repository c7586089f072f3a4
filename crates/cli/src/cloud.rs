//! Where the calls go: AWS, an endpoint that stands in for it, or the sandbox in this process.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pipewright_aws::{Aws, AwsRead, AwsWrite, Options, RateLimit, StaticCredentials};
use pipewright_engine::{CallError, Clock as _, observe, read_secrets};
use pipewright_model::{Desired, Environment, Observed, Secret, SecretValue};
use pipewright_spec::SpecTree;
use tokio::sync::Mutex;

use crate::args::Where;
use crate::clock::AnyClock;
use crate::failure::Failure;
use crate::sandbox;

/// One environment's account and region.
#[derive(Clone)]
pub(crate) struct Connection {
    /// Reads it.
    pub(crate) reader: Arc<AwsRead>,
    /// Changes it.
    pub(crate) writer: Arc<AwsWrite>,
}

/// An environment, with the other regions of its account.
type Place = (Environment, BTreeSet<String>);

/// All accounts and regions, as this command line reaches them.
pub(crate) struct Cloud {
    place: Where,
    sandbox: Option<sandbox::Embedded>,
    /// The ways that were found, so that credentials are asked for once and the rate limit goes on from
    /// pass to pass.
    found: Mutex<Vec<(Place, Connection)>>,
}

impl Cloud {
    /// Starts the sandbox if one is asked for; otherwise calls nothing yet.
    pub(crate) async fn open(place: &Where) -> Result<Self, Failure> {
        let sandbox = match &place.sandbox {
            Some(directory) => Some(sandbox::Embedded::start(directory, place).await?),
            None => None,
        };
        Ok(Self { place: place.clone(), sandbox, found: Mutex::default() })
    }

    /// The clock that passes go by.
    pub(crate) fn clock(&self) -> AnyClock {
        self.sandbox.as_ref().map_or(AnyClock::Real, sandbox::Embedded::clock)
    }

    /// Whether it is the sandbox.
    pub(crate) fn is_sandbox(&self) -> bool {
        self.sandbox.is_some()
    }

    /// The way to one environment.
    pub(crate) async fn connect(&self, desired: &Desired) -> Result<Connection, Failure> {
        self.way((desired.environment.clone(), desired.other_regions.clone())).await
    }

    /// The secrets of AWS Secrets Manager that specs name in one environment, as they are now.
    pub(crate) async fn secrets(
        &self,
        tree: &SpecTree,
        environment: &Environment,
    ) -> Result<BTreeMap<String, Result<SecretValue, CallError>>, Failure> {
        let ids = tree.stored_secrets(environment);
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let connection = self.way((environment.clone(), tree.other_regions(environment))).await?;
        Box::pin(read_secrets(connection.reader.as_ref(), environment, ids))
            .await
            .map_err(|source| Failure::observe(&environment.name, source))
    }

    /// The way to one environment, and what is there now.
    pub(crate) async fn observe(&self, desired: &Desired) -> Result<(Connection, Observed), Failure> {
        let connection = self.connect(desired).await?;
        let observed = Box::pin(observe(connection.reader.as_ref(), desired, self.clock().now()))
            .await
            .map_err(|source| Failure::observe(&desired.environment.name, source))?;
        Ok((connection, observed))
    }

    async fn way(&self, place: Place) -> Result<Connection, Failure> {
        let mut found = self.found.lock().await;
        if let Some((_, connection)) = found.iter().find(|(known, _)| *known == place) {
            return Ok(connection.clone());
        }
        let connection = self.find(&place).await?;
        found.push((place, connection.clone()));
        Ok(connection)
    }

    async fn find(&self, (environment, other_regions): &Place) -> Result<Connection, Failure> {
        let options = match &self.sandbox {
            // The sandbox takes an access key that is an account id as a key of that account, so that
            // every environment has an account of its own there, without roles to assume.
            Some(sandbox) => Options {
                endpoint_url: Some(sandbox.endpoint_url()),
                credentials: Some(StaticCredentials {
                    access_key_id: environment.account_id.clone(),
                    secret_access_key: Secret::new("sandbox"),
                    session_token: None,
                }),
                rate_limit: None,
                ..Options::new(&environment.region)
            },
            None => Options {
                endpoint_url: self.place.endpoint_url.clone(),
                profile: self.place.profile.clone(),
                assume_role_arn: environment.assume_role_arn.clone(),
                rate_limit: Some(RateLimit::DMS),
                ..Options::new(&environment.region)
            },
        };
        let options = Options { other_regions: other_regions.clone(), ..options };
        let connected = Aws::connect(options).await;
        let aws =
            connected.map_err(|source| Failure::Connect { environment: environment.name.clone(), source })?;
        Ok(Connection { reader: Arc::new(aws.reader()), writer: Arc::new(aws.writer()) })
    }

    /// Stops the sandbox, so that its content is whole on disk.
    pub(crate) async fn close(self) {
        if let Some(sandbox) = self.sandbox {
            sandbox.shutdown().await;
        }
    }
}
