//! All output goes through here: results to stdout, everything else to stderr.
//!
//! A reader that goes away (`| head`) is no error and stops nothing: what is under way in AWS goes on,
//! only unheard.

use std::error::Error;
use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::sync::{Mutex, PoisonError};

use indicatif::MultiProgress;
use pipewright_plan::render::Style;
use pipewright_spec::Diagnostics;

use crate::args::{Global, LogFormat, When};
use crate::exit::Exit;
use crate::failure::Failure;

/// Writes results, messages and progress.
#[derive(Debug)]
pub(crate) struct Printer {
    out: Style,
    err: Style,
    quiet: bool,
    /// Whether what goes on is told as logs, so that stderr is JSON throughout.
    as_logs: bool,
    bars: Option<MultiProgress>,
    /// Why stdout could not be written, other than that its reader went away.
    broken: Mutex<Option<String>>,
}

impl Printer {
    /// The printer that these options ask for.
    pub(crate) fn new(global: &Global) -> Self {
        let colors = |is_terminal: bool| match global.color {
            When::Always => true,
            When::Never => false,
            When::Auto => is_terminal && !no_color(),
        };
        let err_is_terminal = io::stderr().is_terminal();
        Self {
            out: Style::new(colors(io::stdout().is_terminal())),
            err: Style::new(colors(err_is_terminal)),
            quiet: global.quiet,
            as_logs: global.log_format == LogFormat::Json,
            bars: (err_is_terminal && !global.quiet && global.log_format == LogFormat::Human)
                .then(MultiProgress::new),
            broken: Mutex::new(None),
        }
    }

    /// The style of results.
    pub(crate) fn style(&self) -> Style {
        self.out
    }

    /// The style of messages.
    pub(crate) fn err_style(&self) -> Style {
        self.err
    }

    /// The progress bars, on a terminal.
    pub(crate) fn bars(&self) -> Option<&MultiProgress> {
        self.bars.as_ref()
    }

    /// Prints a result.
    pub(crate) fn result(&self, text: &str) {
        self.with_bars_hidden(|| {
            let mut out = io::stdout().lock();
            let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
            if let Err(error) = written
                && error.kind() != ErrorKind::BrokenPipe
            {
                let mut broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
                broken.get_or_insert_with(|| error.to_string());
            }
        });
    }

    /// Prints a line about what goes on, unless told to be quiet.
    pub(crate) fn progress(&self, line: &str) {
        if self.as_logs {
            tracing::info!("{line}");
        } else if !self.quiet {
            self.err_line(line);
        }
    }

    /// Prints what specs are warned of, unless told to be quiet.
    pub(crate) fn warnings(&self, warnings: &Diagnostics) {
        if warnings.0.is_empty() {
            return;
        }
        if self.as_logs {
            tracing::warn!("{}", warnings.render(false).trim_end());
        } else if !self.quiet {
            self.err_line(warnings.render(self.err.is_color()).trim_end());
        }
    }

    /// Prints a failure: its chain of causes once, and what the reader can do.
    pub(crate) fn failure(&self, failure: &Failure) {
        let mut causes = Vec::new();
        let mut source = failure.source();
        while let Some(cause) = source {
            causes.push(cause.to_string());
            source = cause.source();
        }
        if self.as_logs {
            let hint = failure.hint().unwrap_or_default();
            tracing::error!(causes = causes.join(": "), hint, "{failure}");
            return;
        }
        if let Failure::Specs(diagnostics) | Failure::Tables(diagnostics) = failure {
            self.err_line(diagnostics.render(self.err.is_color()).trim_end());
            return;
        }
        self.err_line(&format!("{} {failure}", self.err.red("error:")));
        for cause in causes {
            self.err_line(&format!("  caused by: {cause}"));
        }
        if let Some(hint) = failure.hint() {
            self.err_line(&format!("{} {hint}", self.err.cyan("hint:")));
        }
    }

    /// The exit code in the end: an error if a result could not be written.
    pub(crate) fn close(&self, exit: Exit) -> Exit {
        let broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner).take();
        match broken {
            None => exit,
            Some(error) => {
                self.err_line(&format!("{} cannot write to stdout: {error}", self.err.red("error:")));
                exit.max(Exit::Error)
            }
        }
    }

    fn err_line(&self, line: &str) {
        self.with_bars_hidden(|| {
            // There is nowhere left to say that stderr cannot be written.
            let _ = writeln!(io::stderr(), "{line}");
        });
    }

    fn with_bars_hidden(&self, write: impl FnOnce()) {
        match &self.bars {
            Some(bars) => bars.suspend(write),
            None => write(),
        }
    }
}

/// Whether NO_COLOR is set to something (<https://no-color.org>).
fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}
