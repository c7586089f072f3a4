//! `cutover`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{Format, Where, duration, positive_duration};

/// `cutover`.
#[derive(Debug, Args)]
pub(crate) struct Cutover {
    /// The pipeline.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Files and directories of specs that declare it.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,
    /// The most that the source and the target may be behind.
    #[arg(long, value_name = "DURATION", env = "PIPEWRIGHT_MAX_LATENCY", default_value = "10s", value_parser = duration)]
    pub(crate) max_latency: Duration,
    /// Look again until it is ready, until something has failed that does not settle by itself, or until the timeout.
    #[arg(long, env = "PIPEWRIGHT_CUTOVER_WAIT", value_parser = clap::builder::FalseyValueParser::new())]
    pub(crate) wait: bool,
    /// How long to wait at most.
    #[arg(long, value_name = "DURATION", env = "PIPEWRIGHT_TIMEOUT", default_value = "1h", value_parser = positive_duration, requires = "wait")]
    pub(crate) timeout: Duration,
    /// How the report is printed.
    #[arg(long, value_name = "FORMAT", env = "PIPEWRIGHT_FORMAT", default_value = "text")]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) place: Where,
}
