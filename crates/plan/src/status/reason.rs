//! The reasons of conditions.

use std::fmt;

use serde::{Serialize, Serializer};

/// Declares the reasons, with their words and a list of all.
macro_rules! reasons {
    ($($(#[$meta:meta])* $reason:ident,)*) => {
        /// Why a condition holds or does not, as one word for machines.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Reason {
            $($(#[$meta])* $reason,)*
        }

        impl Reason {
            /// Every reason.
            pub const ALL: &[Self] = &[$(Self::$reason),*];

            /// The word.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$reason => stringify!($reason),)*
                }
            }
        }
    };
}

reasons! {
    /// Ready: its task or replication runs.
    Running,
    /// Ready: its full load is done, or it has come to its stop position.
    Finished,
    /// Ready: everything is as its spec says, which does not ask that it runs.
    AsSpecified,
    /// Ready: its spec says `suspend: true`.
    Suspended,
    /// Ready: a person holds it, and it is as its spec wants it all the same.
    OnHold,
    /// Not ready: a person holds it, and something is not done for that.
    Held,
    /// Ready: its spec leaves to others whether it runs.
    Unmanaged,
    /// Reconciling: there are changes to make.
    ChangesPending,
    /// Reconciling: AWS is at work, or something else has to come first.
    Waiting,
    /// Reconciling: it failed, and is resumed when its backoff is over.
    BackingOff,
    /// Reconciling: the spec names a time for the first start, and it has not come.
    WaitingForDate,
    /// Reconciling: the spec names other pipelines for the first start, and one has not come so far.
    WaitingForPipeline,
    /// Reconciling: DMS assesses the task before its first start.
    Assessing,
    /// Reconciling: the spec wants the first start approved, and nobody has.
    WaitingForApproval,
    /// Reconciling: tables that DMS has given up are loaded again when their backoff is over.
    ReloadingTables,
    /// Reconciling: something could not be read.
    Unknown,
    /// Not reconciling.
    NothingToDo,
    /// Stalled: somebody else's, or nobody's, is in the way.
    OwnershipConflict,
    /// Stalled: a safety guard stopped a change.
    Blocked,
    /// Stalled: its premigration assessment did not go as its spec wants it, and it is not started.
    AssessmentFailed,
    /// Stalled: its task failed, and is not resumed.
    TaskFailed,
    /// Stalled: its task stopped for a reason that resuming does not cure.
    TaskStopped,
    /// Stalled: its serverless replication failed, and is not resumed.
    ReplicationFailed,
    /// Stalled: its serverless replication stopped for a reason that resuming does not cure.
    ReplicationStopped,
    /// Stalled: it ran out of storage.
    LowStorage,
    /// Stalled: it ran out of memory.
    LowMemory,
    /// Stalled: it was resumed as often as its spec allows, and failed again.
    RecoveryExhausted,
    /// Stalled: DMS has given up some of its tables, which are not loaded again.
    TablesInError,
    /// Stalled: something else of it is broken.
    ResourceFailed,
    /// Stalled: the last test of one of its connections failed.
    ConnectionFailed,
    /// Not stalled.
    NothingInTheWay,
}

impl Reason {
    /// Whether somebody put it on hold.
    pub fn is_hold(self) -> bool {
        matches!(self, Self::Held | Self::OnHold)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl PartialEq<&str> for Reason {
    fn eq(&self, word: &&str) -> bool {
        self.as_str() == *word
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
