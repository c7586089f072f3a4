//! Logs to stderr.

use std::io;

use indicatif::MultiProgress;
use tracing::Level;
use tracing_subscriber::filter::{FilterExt as _, LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt};

use crate::args::{Global, LogFormat};
use crate::printer::Printer;

/// Installs the log writer. What runs for long says what it does without being asked.
pub(crate) fn install(global: &Global, printer: &Printer, is_loop: bool) {
    let level = match (global.quiet, global.verbose, is_loop) {
        (true, ..) => "error",
        (false, 0, false) => "warn",
        (false, 0, true) | (false, 1, _) => "info",
        (false, 2, _) => "debug",
        (false, ..) => "trace",
    };
    let filter = match &global.log_filter {
        None => EnvFilter::new(level),
        Some(text) => EnvFilter::try_new(text).unwrap_or_else(|error| {
            printer.progress(&format!("warning: the log filter `{text}` is ignored: {error}"));
            EnvFilter::new(level)
        }),
    };
    // The AWS SDK and the HTTP client log whole requests below `info`, passwords included.
    let without_payloads =
        filter_fn(|metadata| metadata.level() <= &Level::INFO || metadata.target().starts_with("pipewright"))
            .with_max_level_hint(LevelFilter::TRACE);
    let writer = Writer { bars: printer.bars().cloned() };
    let layer = match global.log_format {
        LogFormat::Human => {
            fmt::layer().with_writer(writer).with_ansi(printer.err_style().is_color()).boxed()
        }
        LogFormat::Json => fmt::layer().json().with_writer(writer).boxed(),
    };
    tracing_subscriber::registry().with(layer.with_filter(filter.and(without_payloads))).init();
}

/// Writes log lines between the progress bars.
#[derive(Clone)]
struct Writer {
    bars: Option<MultiProgress>,
}

impl io::Write for Writer {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match &self.bars {
            Some(bars) => bars.suspend(|| io::stderr().write(line)),
            None => io::stderr().write(line),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

impl<'a> fmt::MakeWriter<'a> for Writer {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
