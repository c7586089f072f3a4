//! Connections: whether an instance reaches an endpoint. DMS makes one when it is tested.

use serde::Serialize;

use crate::Ref;

/// A connection that a task needs before it starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionDeclared {
    /// The instance that connects.
    pub instance: Ref,
    /// The endpoint it connects to.
    pub endpoint: Ref,
}

/// A connection as AWS describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionObserved {
    /// The instance's ARN.
    pub instance_arn: String,
    /// The endpoint's ARN.
    pub endpoint_arn: String,
    /// `testing`, `successful`, `failed` or `deleting`.
    pub status: String,
    /// Why the last test failed; empty if it did not.
    pub last_failure_message: String,
}
