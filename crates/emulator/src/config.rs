//! The emulator's settings.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use crate::permissions::Permissions;

/// How an emulator behaves.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address to listen on. Port 0 takes any free one.
    pub bind: SocketAddr,
    /// Where state is kept across processes. None: in memory only.
    pub directory: Option<PathBuf>,
    /// The account of requests whose credentials name none, twelve digits.
    pub account_id: String,
    /// The region of requests whose credential scope names none.
    pub region: String,
    /// How virtual time moves.
    pub clock: ClockMode,
    /// With credentials, every signature is verified.
    pub credentials: Option<StaticCredentials>,
    /// How long a write to IAM stays invisible to reads and to DMS, in virtual time. Zero: consistent at once.
    pub iam_propagation: Duration,
    /// The rate limit of the DMS API, an account and region. None: no limit.
    pub throttle: Option<Throttle>,
    /// What callers are allowed. None: everything.
    pub permissions: Option<Permissions>,
    /// How many of each thing an account may have in a region.
    pub quotas: Quotas,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            directory: None,
            account_id: "123456789012".to_owned(),
            region: "us-east-1".to_owned(),
            clock: ClockMode::Scaled(1.0),
            credentials: None,
            iam_propagation: Duration::ZERO,
            throttle: None,
            permissions: None,
            quotas: Quotas::default(),
        }
    }
}

/// How virtual time moves. Statuses, dates and the rate limit follow it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ClockMode {
    /// So many virtual seconds in a real second.
    Scaled(f64),
    /// Only by [`Emulator::advance`](crate::Emulator::advance).
    Manual,
}

/// A long-term access key.
#[derive(Clone, PartialEq, Eq)]
pub struct StaticCredentials {
    /// The access key id.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: String,
}

impl std::fmt::Debug for StaticCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StaticCredentials")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

/// A token bucket in virtual time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Throttle {
    /// The most requests at one instant.
    pub burst: f64,
    /// Requests a second after that.
    pub per_second: f64,
}

impl Throttle {
    /// The limit that AWS documents for the DMS API: 200 requests, refilled at 8 a second
    /// (<https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Limits.html>).
    pub fn dms() -> Self {
        Throttle { burst: 200.0, per_second: 8.0 }
    }
}

/// Quotas of DMS, an account and region
/// (<https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Limits.html>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quotas {
    /// Replication instances.
    pub instances: usize,
    /// Gigabytes of storage of all instances together.
    pub storage: i64,
    /// Subnet groups.
    pub subnet_groups: usize,
    /// Subnets in one subnet group.
    pub subnets_per_group: usize,
    /// Endpoints.
    pub endpoints: usize,
    /// Endpoints that one instance is connected to.
    pub endpoints_per_instance: usize,
    /// Tasks.
    pub tasks: usize,
    /// Tasks on one instance.
    pub tasks_per_instance: usize,
    /// Certificates.
    pub certificates: usize,
    /// Event subscriptions.
    pub event_subscriptions: usize,
    /// Serverless replication configurations.
    pub replication_configs: usize,
}

impl Default for Quotas {
    fn default() -> Self {
        Quotas {
            instances: 60,
            storage: 30_000,
            subnet_groups: 60,
            subnets_per_group: 60,
            endpoints: 1000,
            endpoints_per_instance: 100,
            tasks: 600,
            tasks_per_instance: 200,
            certificates: 100,
            event_subscriptions: 60,
            replication_configs: 100,
        }
    }
}
