//! Shared roles in whole passes, over the AWS SDK against the emulator.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod content;
mod laboratory;
mod lessons;
mod limits;
