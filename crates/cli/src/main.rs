//! The `pipewright` binary: arguments in, exit code out.

mod args;
mod clock;
mod cloud;
mod commands;
mod exit;
mod failure;
mod logging;
mod panic;
mod printer;
mod progress;
mod reviewed;
mod sandbox;
mod secrets;

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;

use crate::args::Cli;
use crate::exit::Exit;
use crate::printer::Printer;

fn main() -> ExitCode {
    panic::install();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let printer = Arc::new(Printer::new(&cli.global));
    logging::install(&cli.global, &printer, cli.command.is_loop());
    let exit = commands::run(cli.command, &printer).unwrap_or_else(|failure| {
        printer.failure(&failure);
        Exit::Error
    });
    printer.close(exit).into()
}

/// Wrong usage is an error like any other, not clap's exit code 2, which means changes here; help and
/// version are none.
fn usage(error: &clap::Error) -> ExitCode {
    // If not even this can be written, the exit code still tells.
    let _ = error.print();
    if error.use_stderr() { Exit::Error.into() } else { Exit::Done.into() }
}
