//! The project's own tasks: `cargo xtask <command> …`. The generators say in the head of what they write
//! how it was made.

mod endpoint_settings;
mod nightly;
mod reference;
mod test;

use std::io::Write;
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask test
           runs every check and test; needs Rust and python3
       cargo xtask nightly [--seed N]
           runs the long tests: the model's wide bounds, deaths at every call, 10,000 schedules with
           faults, 1,000 specs of each engine; hours
       cargo xtask endpoint-settings --model FILE [--check]
           writes the tables of endpoint settings and their mapping to the AWS SDK; FILE is
           botocore/data/dms/2016-01-01/service-2.json of the Python package botocore, unpacked.
           With --check nothing is written; it fails if a committed file differs.
       cargo xtask reference [--check]
           writes docs/reference/ from the committed JSON Schema; --check as above.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.split_first() {
        Some((command, rest)) if command == "endpoint-settings" => endpoint_settings::run(rest),
        Some((command, rest)) if command == "nightly" => nightly::run(rest),
        Some((command, rest)) if command == "reference" => reference::run(rest),
        Some((command, rest)) if command == "test" => test::run(rest),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            // There is nowhere to report that stderr is closed.
            let _ = writeln!(std::io::stderr(), "{message}");
            ExitCode::FAILURE
        }
    }
}
