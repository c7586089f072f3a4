//! The resource kinds: for each, what can be declared and what can be observed.

mod assessment;
mod cause;
mod certificate;
mod connection;
mod endpoint;
mod event_subscription;
mod instance;
mod latency;
mod migration;
mod recovery;
mod replication_config;
mod role;
mod start_gates;
mod subnet_group;
mod table_statistics;
mod task;

pub use assessment::{AssessmentGate, AssessmentRun, Assessments, Chosen};
pub use cause::Cause;
pub(crate) use certificate::hex;
pub use certificate::{
    CertificateContent, CertificateDeclared, CertificateObserved, Fingerprint, pem_certificates,
};
pub use connection::{ConnectionDeclared, ConnectionObserved};
pub use endpoint::{EndpointDeclared, EndpointObserved, EndpointType};
pub use event_subscription::{EventSourceType, EventSubscriptionDeclared, EventSubscriptionObserved};
pub use instance::{InstanceDeclared, InstanceObserved};
pub use latency::{Datapoint, Latency, Measured};
pub use migration::{MigrationObserved, Phase};
pub use recovery::{Recovery, RecoveryMark};
pub use replication_config::{
    ComputeDeclared, ComputeObserved, ReplicationConfigDeclared, ReplicationConfigObserved, logging_is_off,
};
pub use role::{
    CalledFrom, FixedRole, ROLE_PATH, RoleDeclared, RoleObserved, dms_principals, is_arn_of_role,
    partition_of,
};
pub use start_gates::{PipelineGate, StartGates, Until};
pub use subnet_group::{SubnetGroupDeclared, SubnetGroupObserved};
pub use table_statistics::{RowChanges, TableName, TableStatistics};
pub use task::{CdcStart, MigrationType, Run, TaskDeclared, TaskObserved};
