//! How long DMS takes, in virtual time, for what brings a migration to run.

use std::time::Duration;

/// From CreateReplicationInstance to `available`.
pub const CREATE_INSTANCE: Duration = Duration::from_mins(10);
/// From TestConnection to `successful`.
pub const TEST_CONNECTION: Duration = Duration::from_mins(1);
/// From CreateReplicationTask to `ready`.
pub const CREATE_TASK: Duration = Duration::from_secs(30);
/// From StartReplicationTask to `running`.
pub const START_TASK: Duration = Duration::from_mins(1);
