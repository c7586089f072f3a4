//! Whole specs: what is wrong with them, each error at its place, and what those without errors ask for.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::too_many_lines, reason = "what is shown makes tests long, not what they do")]

mod approvals;
mod certificates;
mod common;
mod decompile;
mod desired;
mod documents;
mod endpoints;
mod examples;
mod files;
mod mappings;
mod migrations;
mod outside;
mod properties;
mod serverless;
mod service_roles;
mod start_after;
mod task_settings;
mod tree;
mod yaml;
