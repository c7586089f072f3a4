//! The long runs: too slow for every change, and each finds what the short ones may miss.

use std::process::Command;

use crate::test::{root, say, step};

/// How long the runs are, unless the caller's environment says otherwise.
const LENGTHS: [(&str, &str); 3] = [
    // Pipelines of each engine and on DMS Serverless, each with a change.
    ("PIPEWRIGHT_CASES", "1000"),
    // Schedules of two and three controllers with faults.
    ("PIPEWRIGHT_SCHEDULES", "10000"),
    // The bounds of the model of shared roles.
    ("PIPEWRIGHT_MODEL", "nightly"),
];

/// Runs everything long, and tells of all that failed. `--seed N` tries other specs and schedules than
/// the last time.
pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    let seed = match arguments {
        [] => 1,
        [name, seed] if name == "--seed" => {
            seed.parse::<u64>().map_err(|_| format!("`{seed}`: a seed is a whole number"))?
        }
        _ => return Err("usage: cargo xtask nightly [--seed N]".to_owned()),
    };
    let root = root()?;
    let tests = |package: &str, test: &str| {
        let mut command = Command::new(env!("CARGO"));
        command
            .args(["test", "--locked", "--profile", "nightly", "--package", package, "--test", test])
            .args(["--", "--show-output"])
            .env("PIPEWRIGHT_SEED", seed.to_string())
            .current_dir(&root);
        for (name, length) in LENGTHS {
            if std::env::var_os(name).is_none() {
                command.env(name, length);
            }
        }
        command
    };
    say(&format!("seed {seed}"));
    let failed: Vec<String> = [
        ("model of shared roles", tests("pipewright-plan", "ownership_model")),
        ("deaths at every call", tests("pipewright-engine", "crash")),
        ("random schedules with faults", tests("pipewright-engine", "faults")),
        ("random specs of every engine", tests("pipewright-engine", "every_engine")),
    ]
    .into_iter()
    .filter_map(|(name, command)| step(name, command).err())
    .collect();
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}
