//! The long-running reconcile loop.
