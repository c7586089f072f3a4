//! What keeps a task or serverless replication from being started or stopped: whole passes over the real
//! AWS SDK against the emulator.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod assessments;
mod gates;
mod holds;
mod laboratory;
